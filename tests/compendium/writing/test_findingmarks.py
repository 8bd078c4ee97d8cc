"""What a paper must show of its original and its findings: each lack is named at its place and stops a release."""

from pathlib import Path

import pytest

from compendium.writing import checks, findingmarks, reporting
from compendium.writing.manuscript import Finding
from tests.render.conftest import fixture_project

TOML = """[paper]
original = "Journal 2024;1:1"
findings = "one"
words = [10, 60]
speaker = "leader"
"""
SEGMENTS = "segment_id\ns-1\ns-2\n"
FINDINGS = """finding_id,theme,section,finding,quantifier,segments,quoted,fragment,reported
f1,t,sec-results-one,Many things,several,s-1;s-2,,,
f2,t,sec-results-one,One thing,one,,,,A:nhs
"""
BODY = """# Results {#sec-results}

## One {#sec-results-one}

Several people said so[^Q1^](#Q1)[^Q2^](#Q2), although nobody asked them. A local leader did not[^P1^](#P1).
"""
PAPER = f"""---
title: A paper
abstract: We verify a study (Journal 2024;1:1) by reading it.
---

{BODY}
"""


@pytest.fixture
def study(tmp_path: Path, project: Path) -> Path:
    root = fixture_project(tmp_path, project)
    (root / "compendium.toml").write_text(TOML, "utf-8")
    folder = root / "data/coding/one"
    folder.mkdir(parents=True)
    (folder / "segments.csv").write_text(SEGMENTS, "utf-8")
    (folder / "findings.csv").write_text(FINDINGS, "utf-8")
    (root / reporting.PAPER).write_text(PAPER, "utf-8")
    return root


def problems(root: Path, old: str = "", new: str = "") -> list[Finding]:
    from compendium.render.sources import expand, load_project

    path = root / reporting.PAPER
    path.write_text(PAPER.replace(old, new) if old else PAPER, "utf-8")
    return list(findingmarks.problems(root, expand(load_project(root, "paper"), reporting.PAPER, [])))


def test_a_paper_that_shows_all_has_no_problem(study: Path) -> None:
    assert problems(study) == []


@pytest.mark.parametrize(
    ("old", "new", "code", "words"),
    [
        ("(Journal 2024;1:1)", "(Journal)", "abstract-original", "expected 'Journal 2024;1:1'"),
        ("[^P1^](#P1)", "", "finding-marker", "bears P1, the markers of 'One thing'"),
        ("[^Q2^](#Q2)", "", "finding-marker", "bears Q1, Q2"),
        ("Several people", "People", "finding-quantifier", "expected 'several'"),
        ("A local leader", "Leaders", "finding-quantifier", "expected 'one'"),
        ("[^P1^](#P1)", "[^P1^](#P1)[^Q3^](#Q3)", "finding-marker", "the marker Q3"),
        ("[^P1^](#P1)", "[^P1^](#P2)", "finding-marker", "link to 'P2' belongs to no finding"),
        (", although nobody asked them", " word" * 60, "findings-words", "expected 10 to 60"),
        ("Several people said so", "Several", "findings-words", ""),
    ],
)
def test_each_lack_is_named_and_stops_a_release(study: Path, old: str, new: str, code: str, words: str) -> None:
    if code == "findings-words" and not words:
        (study / "compendium.toml").write_text(TOML.replace("[10, 60]", "[20, 60]"), "utf-8")
    (problem,) = problems(study, old, new)
    assert problem.code == code
    assert words in problem.message
    (stopped,) = [item for item in checks.findings(study, release=True) if item.code == code]
    assert (stopped.severity, stopped.message) == ("error", problem.message)


def test_a_broken_register_is_named_at_its_row(study: Path) -> None:
    path = study / "data/coding/one/findings.csv"
    path.write_text(FINDINGS.replace("One thing,one", "One thing,"), "utf-8")
    (problem,) = problems(study)
    assert (problem.file, problem.line) == ("data/coding/one/findings.csv", 3)
    assert "a finding has no quantifier" in problem.message


def test_a_project_that_asks_nothing_is_asked_nothing(study: Path) -> None:
    (study / "compendium.toml").unlink()
    assert problems(study, "Several", "Some") == []
