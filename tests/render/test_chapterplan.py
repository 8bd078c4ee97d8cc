"""The plan of a book: shares of words by chapter, and the words of a page as it is rendered."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest

from compendium.errors import CompendiumError
from compendium.render.sources import expand, load_project
from compendium.writing import chapterplan, checks, wordcounts
from tests.render.conftest import fixture_project

FOLDER = "manuscript/thesis"


def test_the_projects_plan_has_a_share_for_each_chapter_after_the_original(project: Path) -> None:
    plan = chapterplan.read(project / FOLDER / chapterplan.NAME)
    assert [name[:2] for name in plan] == ["03", "04", "05", "06", "07", "08"]
    assert all((project / FOLDER / name).is_file() for name in plan)


@pytest.mark.parametrize(
    "text", ["chapters:\n", "chapters: [a.qmd]\n", "chapters: {a.qmd: many}\n", "chapters: {a.qmd: 0}\n"]
)
def test_a_plan_without_words_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / chapterplan.NAME
    path.write_text(text, "utf-8")
    with pytest.raises(CompendiumError, match="_plan.yml"):
        chapterplan.read(path)


def test_no_plan_asks_nothing(tmp_path: Path) -> None:
    assert chapterplan.read(tmp_path / chapterplan.NAME) == {}


def test_marks_citations_and_alternative_texts_are_no_words() -> None:
    lines = [
        "# One two {#sec-a}",
        "Three four [@knuth1984literate; @kluyver2016jupyter].",
        '![Five six](/a/b){#fig-a fig-alt="Not counted at all"}',
        "::: {#tbl-a}",
        "| Seven | eight |",
        "|:------|------:|",
        "+-------+-------+",
        ":::",
    ]
    assert chapterplan.shown_words(lines) == 8


def test_the_words_are_those_of_the_rendered_page(rendered: Path) -> None:
    """Citations and the numbers of headings, figures and tables are the renderer's; all else must be met."""
    for page in sorted(rendered.glob("_output/thesis/**/*.html")):
        source = page.relative_to(rendered / "_output/thesis").with_suffix(".qmd").as_posix()
        if not (rendered / source).is_file() or "references" in source:
            continue
        body = re.search(r"<main.*?</main>", page.read_text("utf-8"), re.S)
        assert body
        text = re.sub(r'<details class="page-toc-small">.*?</details>|<nav.*?</nav>', " ", body[0], flags=re.S)
        text = re.sub(
            r'<span class="citation.*?</span>|<span class="header-section-number.*?</span>', " ", text, flags=re.S
        )
        shown = len(wordcounts.WORD.findall(html.unescape(re.sub(r"<[^>]+>", " ", text))))
        expanded = expand(load_project(rendered, "thesis"), source, [])
        counted = chapterplan.shown_words(line.text for line in expanded.lines[expanded.body_start :])
        assert counted == pytest.approx(shown, rel=0.05, abs=8), source


def test_a_chapter_under_its_share_is_found_and_fails_a_release(tmp_path: Path, project: Path) -> None:
    root = fixture_project(tmp_path, project)
    chapter = next(path for path in load_project(root, "thesis").documents() if path.startswith("manuscript/"))
    plan = (root / chapter).parent / chapterplan.NAME
    plan.write_text(f"chapters:\n  {Path(chapter).name}: 100000\n  nowhere.qmd: 10\n", "utf-8")
    found = [item for item in checks.findings(root, release=True) if item.code == "chapter-share"]
    assert [item.severity for item in found] == ["error", "error"]
    assert {item.file for item in found} == {chapter, plan.relative_to(root).as_posix()}
    plan.write_text(f"chapters:\n  {Path(chapter).name}: 1\n", "utf-8")
    assert not [item for item in checks.findings(root) if item.code == "chapter-share"]
