"""The gate: each defect is found at its file and line, a sound project passes, a release forgives nothing."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest

from compendium.writing import checks, reporting, spelling, typednumbers
from compendium.writing.manuscript import Finding
from tests.render.conftest import fixture_project

PAPER = reporting.PAPER
spells = pytest.mark.skipif(
    bool(spelling.missing_packages()), reason=f"not installed: {', '.join(spelling.missing_packages())}"
)


@pytest.fixture
def sources(tmp_path: Path, project: Path) -> Path:
    root = fixture_project(tmp_path, project)
    record = {"kind": "table", "caption": "The first table", "notes": "", "notebook": "01_first"}
    (root / "build/results/results.json").write_text(json.dumps({"first": record}), "utf-8")
    return root


def insert(root: Path, text: str, file: str = PAPER) -> int:
    """Insert ``text`` before the paper's methods; return its line."""
    path = root / file
    lines = path.read_text("utf-8").split("\n")
    at = lines.index("# Methods {#sec-methods}")
    path.write_text("\n".join([*lines[:at], text, "", *lines[at:]]), "utf-8")
    return at + 1


def found(root: Path, code: str) -> list[Finding]:
    return [item for item in checks.findings(root) if item.code == code]


def test_a_sound_project_passes_but_for_its_unwritten_part_and_its_words(sources: Path) -> None:
    codes = {item.code for item in checks.findings(sources)}
    assert codes <= {"to-be-written", "spelling", "no-notes", "clipped-prose"}


def test_a_release_makes_every_warning_an_error(sources: Path) -> None:
    insert(sources, "TODO")
    assert {item.severity for item in checks.findings(sources)} == {"error", "warning"} or found(sources, "placeholder")
    assert {item.severity for item in checks.findings(sources, release=True)} == {"error"}


@pytest.mark.parametrize(
    "target", ["#sec-nowhere", "nowhere.qmd", "/data/nowhere.csv", "../site/data.qmd", "paper.qmd#sec-nowhere"]
)
def test_a_link_that_leads_nowhere(sources: Path, target: str) -> None:
    line = insert(sources, f"A [link]({target}) to follow.")
    assert [(item.file, item.line, item.severity) for item in found(sources, "broken-link")] == [(PAPER, line, "error")]


@pytest.mark.parametrize(
    "target", ["#sec-methods", "paper.qmd#sec-methods", "https://example.org", "#the-abstract", "/_quarto.yml"]
)
def test_a_link_that_leads_somewhere(sources: Path, target: str) -> None:
    insert(sources, f"# The abstract\n\nA [link]({target}) to follow.")
    assert found(sources, "broken-link") == []


@pytest.mark.parametrize(("profile", "broken"), [("site", []), ("paper", [PAPER])])
def test_a_link_counts_where_its_profile_shows_it(sources: Path, profile: str, broken: list[str]) -> None:
    insert(sources, f'See [[it](/manuscript/site/gone.qmd)]{{.content-visible when-profile="{profile}"}}.')
    assert [item.file for item in found(sources, "broken-link")] == broken


def test_a_page_may_link_to_the_rendered_paper_and_its_labels(sources: Path) -> None:
    page = sources / "manuscript/site/data.qmd"
    page.write_text(
        page.read_text("utf-8") + "\n[a](../../paper/paper.html#sec-methods) [b](../../paper/paper.html#sec-no)\n"
    )
    assert [item.message for item in found(sources, "broken-link")] == [
        "the link '../../paper/paper.html#sec-no' names no heading or label of paper/paper.html"
    ]


def test_a_typed_number_is_found_unless_it_is_allowed(sources: Path) -> None:
    values = {"made.up": {"value": 4321, "display": "4,321"}}
    (sources / "build/results/values.json").write_text(json.dumps(values), "utf-8")
    line = insert(sources, "There are 4,321 of them.")
    assert [(item.file, item.line, item.severity) for item in found(sources, "typed-number")] == [
        (PAPER, line, "warning")
    ]
    allowed = sources / typednumbers.ALLOWED
    allowed.write_text(f"{PAPER} | 4,321 | because\nindex.qmd | 4,321 | no longer there\n", "utf-8")
    assert found(sources, "typed-number") == []
    assert [(item.file, item.line) for item in found(sources, "idle-allowance")] == [(typednumbers.ALLOWED, 2)]


@pytest.mark.parametrize("text", ["TODO: more.", "The share is ??? here.", "Numbers to be added.", "To be written."])
def test_a_placeholder_is_found(sources: Path, text: str) -> None:
    line = insert(sources, text)
    assert [(item.file, item.line, item.severity) for item in found(sources, "placeholder")] == [
        (PAPER, line, "warning")
    ]


def test_a_clipped_paragraph_is_found_and_a_joined_one_is_not(sources: Path) -> None:
    line = insert(sources, "Aims were shared. Manners were not. The way was long.")
    mine = [item for item in found(sources, "clipped-prose") if (item.file, item.line) == (PAPER, line)]
    assert [item.severity for item in mine] == ["warning"]
    assert "3 sentences of 3 words on average with 0 connectives" in mine[0].message
    again = insert(sources, "Aims were shared, although manners were not. The way was long. It led nowhere.")
    assert (PAPER, again) not in [(item.file, item.line) for item in found(sources, "clipped-prose")]


def limit(sources: Path) -> None:
    (sources / "compendium.toml").write_text("[limits]\nmain-text = 4000\nabstract = 300\nstrengths = 5\n")


def test_a_paper_that_is_too_long(sources: Path) -> None:
    limit(sources)
    insert(sources, "# Padding\n\n" + "word " * 4001)
    (finding,) = found(sources, "too-long")
    assert finding.file == PAPER
    assert finding.severity == "error"
    assert "main text has 4" in finding.message


def test_an_abstract_that_is_too_long(sources: Path) -> None:
    limit(sources)
    path = sources / PAPER
    text = path.read_text("utf-8")
    head, _, body = text.partition("\n---\n")
    words = "\n".join(line for line in head.splitlines() if not line.startswith("abstract"))
    kept = words.split("\n")
    kept = [line for line in kept if not line.startswith("  ")] if "abstract: |" in head else kept
    path.write_text("\n".join(kept) + f"\nabstract: {'word ' * 301}\n---\n{body}", "utf-8")
    assert [item.message for item in found(sources, "too-long")] == ["the abstract has 301 words; expected at most 300"]


def test_a_study_without_limits_has_none(sources: Path) -> None:
    insert(sources, "# Padding\n\n" + "word " * 9999)
    assert found(sources, "too-long") == []


def test_a_sixth_point_is_too_many(sources: Path) -> None:
    limit(sources)
    points = "\n".join(f"- Point {number} is short." for number in range(6))
    line = insert(sources, f"# Strengths {{.unnumbered #{checks.STRENGTHS}}}\n\n{points}")
    assert [(item.file, item.line) for item in found(sources, "too-long")] == [(PAPER, line)]


def test_a_checklist_item_without_a_place_and_a_stale_checklist(sources: Path) -> None:
    (sources / "data").mkdir(exist_ok=True)
    (sources / "data/srqr.csv").write_text(
        "number,item,group,topic,reporting,sections\n1,a,b,c,reported,sec-methods\n2,a,b,c,reported,sec-gone\n", "utf-8"
    )
    (place,) = found(sources, "checklist-place")
    assert (place.file, place.line, place.severity) == ("data/srqr.csv", 3, "error")
    assert "sec-gone" in place.message
    assert [item.severity for item in found(sources, "checklist-stale")] == ["warning"]


def test_a_statement_whose_result_vanished(sources: Path, project: Path) -> None:
    (sources / "data").mkdir(exist_ok=True)
    with (project / "data/claims.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    keys = {row["result_key"] for row in rows if row["basis"] == "computed"}
    first = next(row["result_key"] for row in rows if row["basis"] == "computed")
    values = {key: {"value": "x", "display": "x"} for key in keys - {first}}
    (sources / "build/results/values.json").write_text(json.dumps(values), "utf-8")
    (sources / "data/claims.csv").write_bytes((project / "data/claims.csv").read_bytes())
    expected = [row["claim_id"] for row in rows if row["result_key"] == first]
    vanished = found(sources, "vanished-result")
    assert len(vanished) == len(expected) >= 1
    lines = (sources / "data/claims.csv").read_text("utf-8").splitlines()
    assert all(first in lines[item.line - 1] for item in vanished)


def test_results_of_different_parameters_are_seen(sources: Path) -> None:
    values = {
        "a.one": {"value": 1, "display": "1", "notebook": "01_one", "parameters": {"imd": 2019, "own": 1}},
        "b.two": {"value": 2, "display": "2", "notebook": "02_two", "parameters": {"imd": 2025}},
    }
    (sources / "build/results/values.json").write_text(json.dumps(values), "utf-8")
    [mixed] = found(sources, "mixed-parameters")
    assert "different values of 'imd' (2019 in 01_one; 2025 in 02_two)" in mixed.message
    values["b.two"]["parameters"]["imd"] = 2019
    (sources / "build/results/values.json").write_text(json.dumps(values), "utf-8")
    assert found(sources, "mixed-parameters") == []


@spells
def test_a_misspelt_word_and_an_idle_word(sources: Path) -> None:
    line = insert(sources, "Organizational inequalites persist.")
    (sources / spelling.WORDS).write_text("Qwertyish\n", "utf-8")
    messages = {(item.file, item.line, item.message) for item in found(sources, "spelling") if item.line == line}
    assert messages == {
        (PAPER, line, "'Organizational' is not in the British dictionary; expected 'organisational'"),
        (PAPER, line, "'inequalites' is not in the British dictionary"),
    }
    assert [(item.file, item.line) for item in found(sources, "idle-word")] == [(spelling.WORDS, 1)]


def test_spelling_that_cannot_be_checked_says_so(sources: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spelling, "missing_packages", lambda: ["hunspell"])
    (finding,) = found(sources, "spelling")
    assert finding.message == "spelling was not checked: hunspell not installed"


def test_a_damaged_or_undescribed_file_of_data_is_found(project: Path, tmp_path: Path, monkeypatch) -> None:
    shutil.copytree(project / "data", tmp_path / "data")
    shutil.copy(project / "compendium.toml", tmp_path)
    monkeypatch.setenv("COMPENDIUM_ROOT", str(tmp_path))
    assert list(checks.data_files(tmp_path, {})) == []
    damaged = tmp_path / "data" / "coding" / "speakers.csv"
    damaged.write_text(damaged.read_text("utf-8").rstrip("\n")[:-3], "utf-8")
    (tmp_path / "data" / "stray.csv").write_text("a\n1\n", "utf-8")
    (tmp_path / "data" / "coding" / "imported").mkdir()
    for name in ("project.json", "segments.csv"):
        (tmp_path / "data" / "coding" / "imported" / name).write_text("a\n1\n", "utf-8")
    found = {item.file: item.message for item in checks.data_files(tmp_path, {})}
    assert {"data/coding/speakers.csv", "data/stray.csv"} <= found.keys()
    assert "no data package describes" in found.pop("data/stray.csv")
    assert all("data/coding/speakers.csv" in message for message in found.values()), (
        "its own, and those that refer to it"
    )


def test_an_author_field_that_is_not_filled_in_fails_a_release(sources: Path, project: Path) -> None:
    assert found(sources, "author-field") == []
    path = sources / "manuscript/paper/_authors.yml"
    text = (project / "manuscript/paper/_authors.yml").read_text("utf-8")
    path.write_text(text, "utf-8")
    line = text.split("\n").index("  guarantor:") + 1
    (gap,) = [item for item in checks.findings(sources, release=True) if "the guarantor" in item.message]
    assert (gap.file, gap.line, gap.code, gap.severity) == (
        "manuscript/paper/_authors.yml",
        line,
        "author-field",
        "error",
    )
    path.write_text(text.replace("guarantor:", "guarantee:"), "utf-8")
    assert [item.severity for item in found(sources, "authors-file")] == ["error"]


def test_a_head_that_would_hyphenate(sources: Path) -> None:
    heads = [f"Incomprehensibilities{n}" for n in range(12)]
    rows = [heads, ["---"] * 12, ["1"] * 12]
    line = insert(sources, "\n".join(f"| {' | '.join(row)} |" for row in rows))
    (item,) = found(sources, "crowded-table")
    assert (item.file, item.line, item.severity) == (PAPER, line, "warning")
    assert heads[0] in item.message
    released = [item for item in checks.findings(sources, release=True) if item.code == "crowded-table"]
    assert [item.severity for item in released] == ["error"]


def test_a_figure_in_small_type(sources: Path) -> None:
    from compendium.figures import style

    figure = style.blank(style.PAGE_MM, 20)
    style.page(figure).text(5, 5, "small", fontsize=6.5)
    style.save(figure, sources / "build/results/figures/tiny", alt="A word")
    line = insert(sources, '![A word](/build/results/figures/tiny){#fig-tiny fig-alt="A word"}')
    (item,) = found(sources, "small-type")
    assert (item.line, item.severity) == (line, "warning")
    assert "6.5 pt in print" in item.message


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("An [odd](javascript:alert(1)) link.", "unsafe-link", "'javascript:'"),
        ("An [odd](JavaScript:x) link.", "unsafe-link", "'JavaScript:'"),
        ("An [odd](java&#115;cript:x) link.", "unsafe-link", "'javascript:'"),
        ("A [file](file:///home/me/x.csv).", "unsafe-link", "'file:'"),
        ("A [file][f].\n\n[f]: file:///home/me/x.csv", "unsafe-link", "'file:'"),
        ("Go to <data:text/html,x>.", "unsafe-link", "'data:'"),
        ("A <b onclick='x()'>word</b>.", "raw-html", "<b>"),
        ('```{=html}\n<script src="https://example.org/x.js"></script>\n```', "raw-html", "<script>"),
    ],
)
def test_links_that_run_or_open_and_raw_html_are_named(sources: Path, text: str, code: str, said: str) -> None:
    line = insert(sources, text)
    (item,) = found(sources, code)
    assert said in item.message
    assert item.line in range(line, line + text.count("\n") + 1)


def test_links_to_the_web_code_and_scripts_of_the_project_are_not(sources: Path) -> None:
    (sources / "manuscript/paper/own.js").write_text("", "utf-8")
    insert(
        sources,
        "See <https://example.org>, [me](mailto:me@example.org), `<b>`, <!-- <i> --> and [doi](https://doi.org/10/x).\n\n"
        '```{=html}\n<script src="own.js"></script>\n```\n\n```\n<table> [a](javascript:x)\n```',
    )
    assert found(sources, "unsafe-link") == found(sources, "raw-html") == []
