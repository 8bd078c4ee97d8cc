"""Each check of the manuscripts' sources finds its defect at its file and line, and nothing in a sound project."""

from __future__ import annotations

from pathlib import Path

import pytest

from compendium.writing.manuscript import findings
from tests.render.conftest import fixture_project

PAPER = "manuscript/paper/paper.qmd"
DEFECTS = {
    "undefined-label": "See @tbl-nowhere.",
    "undefined-citation": "Said [@nobody1999].",
    "undefined-variable": "{{< var sample.none >}}",
    "undefined-metadata": "{{< meta none.such >}}",
    "shortcode": "{{< video x >}}",
    "missing-include": "{{< include /build/results/tables/no.md >}}",
    "missing-figure": '![Gone](/build/results/figures/gone){#fig-gone fig-alt="Gone"}',
    "no-alt-text": "![Mute](/build/results/figures/first){#fig-mute}",
    "duplicate-label": "## Again {#sec-aims}",
    "raw-html": "<table><tr><td>1</td></tr></table>",
    "swallowed-citation": "See @sec-aims [@beta2021].",
    "lost-words": "See [@fig-first, on the left].",
    "not-portable": "::: {.panel-tabset}\n:::",
    "code-cell": "```{python}\n1\n```",
    "heading-level": "#### Deep",
}


@pytest.fixture
def sources(tmp_path: Path, project: Path) -> Path:
    return fixture_project(tmp_path, project)


def insert(root: Path, text: str) -> int:
    """Insert ``text`` before the paper's methods; return its line."""
    path = root / PAPER
    lines = path.read_text().split("\n")
    at = lines.index("# Methods {#sec-methods}")
    path.write_text("\n".join([*lines[:at], text, "", *lines[at:]]))
    return at + 1


def test_a_sound_project_has_only_its_unwritten_part(sources: Path) -> None:
    found = findings(sources)
    line = (
        (sources / PAPER).read_text().split("\n").index('::: {.callout-important .to-be-written title="To be written"}')
    )
    assert [(item.file, item.line, item.code, item.severity) for item in found] == [
        (PAPER, line + 1, "to-be-written", "warning")
    ]
    assert [item.severity for item in findings(sources, release=True)] == ["error"]


@pytest.mark.parametrize("code", DEFECTS)
def test_a_defect_is_found_where_it_stands(sources: Path, code: str) -> None:
    before = set(findings(sources))
    line = insert(sources, DEFECTS[code])
    found = [item for item in findings(sources) if item.code == code]
    assert [(item.file, item.severity) for item in found] == [(PAPER, "error")]
    assert found[0].line == line
    others = {item.code for item in findings(sources)} - {item.code for item in before} - {code}
    assert others <= {"heading-level"}  # a heading put in for the test may jump a level


@pytest.mark.parametrize(
    "text", ["`@fig-none`", "<!-- @fig-none {{< var no.no >}} -->", "```\n@fig-none [@none]\n```", "a@b.org"]
)
def test_code_comments_and_addresses_are_not_references(sources: Path, text: str) -> None:
    before = {item.code for item in findings(sources)}
    insert(sources, text)
    assert {item.code for item in findings(sources)} == before


def test_bibliography_entries_unused_and_twice(sources: Path) -> None:
    path = sources / "manuscript/references.bib"
    lines = path.read_text().rstrip("\n").split("\n")
    path.write_text(
        "\n".join([*lines, "@book{idle1999,", " title = {Idle}}", "@book{beta2021,", " title = {Twice}}", ""])
    )
    found = {(item.code, item.line, item.severity) for item in findings(sources) if item.file.endswith(".bib")}
    assert found == {
        ("unused-entry", len(lines) + 1, "warning"),
        ("duplicate-entry", len(lines) + 3, "error"),
    }


def test_an_output_folder_without_an_underscore(sources: Path) -> None:
    path = sources / "_quarto-paper.yml"
    path.write_text(path.read_text().replace("_output/paper", "output/paper"))
    assert [(item.file, item.code) for item in findings(sources) if item.severity == "error"] == [
        ("_quarto-paper.yml", "output-folder")
    ]


def test_a_chapter_may_refer_to_another_but_a_page_may_not(sources: Path) -> None:
    path = sources / "manuscript/site/data.qmd"
    path.write_text(path.read_text() + "\nSee @fig-first.\n")
    found = [item for item in findings(sources) if item.code == "undefined-label"]
    assert [(item.file, item.message) for item in found] == [
        ("manuscript/site/data.qmd", "the cross-reference '@fig-first' is not defined")
    ]


def test_a_missing_document_is_a_finding(sources: Path) -> None:
    (sources / PAPER).unlink()
    assert (PAPER, "source") in [(item.file, item.code) for item in findings(sources)]
