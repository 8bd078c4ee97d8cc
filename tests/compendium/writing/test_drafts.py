"""Checklists and title page are made again when, and only when, something that they rest on has changed."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from compendium import cli
from compendium.chain import graph
from compendium.chain.freshness import Records
from compendium.render import sources
from compendium.writing import drafts, reporting

PAPER = """---
title: A small study
abstract: The abstract of a study that is small indeed.
---

# Methods {#sec-methods}

Who and how, of {{< var sample.people >}} people.

{{< include _sample.qmd >}}

{{< include _later.qmd >}}

{{< include /build/places/title-page.md >}}

{{< include /build/places/srqr.md >}}
"""
ITEMS = """number,item,group,topic,reporting,sections
1,srqr-title,title-abstract,the title,reported,title
2,srqr-sample,methods,who took part,partly,sec-sample sec-methods
"""
FILES = {
    "_quarto.yml": "project:\n  type: default\n",
    "_quarto-paper.yml": "metadata-files: [manuscript/paper/_authors.yml]\nformat: typst\n",
    "build/results/_variables.yml": "sample:\n  people: '3'\n",
    "manuscript/paper/_sample.qmd": "## Sample {#sec-sample}\n\nThree people.\n",
    reporting.PAPER: PAPER,
    "data/srqr.csv": ITEMS,
}


@pytest.fixture
def study(small_project: Path, project: Path) -> Path:
    """Return a project whose paper includes its checklist and title page, drafted."""
    for name, text in FILES.items():
        (small_project / name).parent.mkdir(parents=True, exist_ok=True)
        (small_project / name).write_text(text, "utf-8")
    shutil.copy(project / "manuscript/paper/_authors.yml", small_project / "manuscript/paper/_authors.yml")
    assert refreshed(small_project)
    return small_project


def refreshed(root: Path) -> bool:
    """Draft as the next process would."""
    return drafts.refresh(Records(root, root / "build"), root, root / "build")


def drafted(root: Path, name: str = "srqr.md") -> str:
    return (root / "build/places" / name).read_text("utf-8")


def edit(path: Path, old: str, new: str) -> None:
    """Replace a text by one of the same length and time where it can be, which times and sizes would not show."""
    before, text = path.stat(), path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    sources._read.cache_clear()  # each command is a process of its own


def test_nothing_is_read_while_nothing_changed(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(root: Path) -> None:
        raise AssertionError("the paper was read")

    for name in ("draft", "rests_on"):
        monkeypatch.setattr(reporting, name, refuse)
    assert not refreshed(study)
    edit(study / reporting.PAPER, "Who and how", "How and who")
    with pytest.raises(AssertionError, match="the paper was read"):
        refreshed(study)


@pytest.mark.parametrize(
    ("file", "old", "new", "name", "shown"),
    [
        (reporting.PAPER, "# Methods", "# Designs", "srqr.md", "[Designs](#sec-methods)"),
        ("manuscript/paper/_sample.qmd", "## Sample", "## People", "srqr-site.md", "[People](../../paper/paper.html#"),
        ("manuscript/paper/_sample.qmd", "Three people.", "Three, all told.", "title-page.md", "main text 11;"),
        ("build/results/_variables.yml", "'3'", "twice three", "title-page.md", "main text 11;"),
        ("data/srqr.csv", "partly", "reported", "srqr.md", "| 2 | Who took part | yes |"),
        (
            "manuscript/paper/_authors.yml",
            "guarantor:",
            "guarantor: Somebody #",
            "title-page.md",
            "**Guarantor.** Somebody",
        ),
    ],
)
def test_what_changes_is_drafted_again(study: Path, file: str, old: str, new: str, name: str, shown: str) -> None:
    assert shown not in drafted(study, name)
    edit(study / file, old, new)
    assert refreshed(study)
    assert shown in drafted(study, name)
    assert not refreshed(study)


def test_a_section_that_is_gone_is_linked_no_more(study: Path) -> None:
    edit(study / "manuscript/paper/_sample.qmd", "#sec-sample", "#sec-others")
    edit(study / "data/srqr.csv", "sec-sample ", "")
    assert refreshed(study)
    for name in ("srqr.md", "srqr-site.md", "drafts/srqr.md", "drafts/srqr-site.md"):
        assert "sec-sample" not in drafted(study, name)
        assert "#sec-methods" in drafted(study, name)


def test_an_item_without_its_section_leaves_no_record_until_it_has_one(study: Path) -> None:
    edit(study / "manuscript/paper/_sample.qmd", "#sec-sample", "#sec-others")
    assert refreshed(study)
    assert refreshed(study)
    assert not (study / "build/made/drafts.json").exists()
    edit(study / "manuscript/paper/_sample.qmd", "#sec-others", "#sec-sample")
    assert refreshed(study)
    assert not refreshed(study)


def test_an_included_file_that_comes_later_counts(study: Path) -> None:
    later = study / "manuscript/paper/_later.qmd"
    words = drafted(study, "title-page.md")
    later.write_text("", "utf-8")
    assert refreshed(study)
    assert drafted(study, "title-page.md") == words
    later.write_text("Some more words.\n", "utf-8")
    assert refreshed(study)
    assert drafted(study, "title-page.md") != words


def test_another_tool_drafts_again(study: Path) -> None:
    path = study / "build/made/drafts.json"
    record = json.loads(path.read_text("utf-8"))
    code = [f"compendium/writing/{name}" for name in ("reporting.py", "titlepage.py", "authors.schema.json")]
    for name in [*code, "compendium/render/sources.py", "compendium/figures/tables.py"]:
        assert record["inputs"][name] != "not there"
        other = {**record, "inputs": {**record["inputs"], name: "0" * 64}}
        path.write_text(json.dumps(other), "utf-8")
        assert refreshed(study)
        assert not refreshed(study)


@pytest.mark.parametrize("damage", [Path.unlink, lambda path: path.write_text("mine\n", "utf-8")])
def test_a_draft_that_was_removed_or_edited_is_written_again(study: Path, damage: Callable[[Path], object]) -> None:
    for name in ("srqr.md", "srqr-site.md", "title-page.md", "places.json"):
        before = drafted(study, name)
        damage(study / "build/places" / name)
        assert refreshed(study)
        assert drafted(study, name) == before


def test_places_stay_with_the_text_that_they_are_those_of(study: Path) -> None:
    source = reporting._paper(study)
    reporting._write(study, source, {"sec-sample": "page 7, line 7", "sec-methods": "page 6, line 6"})
    edit(study / "data/srqr.csv", "partly", "reported")
    assert refreshed(study)
    assert "[Sample](#sec-sample), page 7, line 7" in drafted(study)
    assert "| 2 | Who took part | yes |" in drafted(study)
    assert not reporting.stale(study)
    edit(study / reporting.PAPER, "Who and how", "Many words more, who and how")
    assert refreshed(study)
    assert "page 7" not in drafted(study)
    assert "Pages and lines are left out" in drafted(study)
    assert reporting.stale(study)


def test_a_project_without_a_paper_is_asked_once(study: Path) -> None:
    (study / reporting.PAPER).unlink()
    assert refreshed(study)
    assert not refreshed(study)
    (study / reporting.PAPER).write_text(PAPER, "utf-8")
    assert refreshed(study)


def test_a_build_elsewhere_leaves_the_drafts_alone(study: Path) -> None:
    edit(study / "data/srqr.csv", "partly", "reported")
    other = study / "other"
    assert not drafts.refresh(Records(study, other), study, other)
    assert "partly" in drafted(study)


def test_build_and_check_draft(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from compendium.writing import checks

    def build(*args: object, then: Callable[[Records, Path, Path], object], **options: object) -> graph.Report:
        then(Records(study, study / "build"), study, study / "build")
        return graph.Report(counts=dict.fromkeys(("values", "tables", "figures"), 0))

    monkeypatch.setattr(graph, "build", build)
    monkeypatch.setattr(checks, "findings", lambda root, release: [])
    for command, old, new in (("build", "# Methods", "# Designs"), ("check", "# Designs", "# Weather")):
        edit(study / reporting.PAPER, old, new)
        assert cli.main([command]) == 0
        assert f"[{new[2:]}](#sec-methods)" in drafted(study)
