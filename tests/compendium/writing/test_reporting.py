"""Filled-in checklists: tables that name what the PDF shows, drafts that say so, holes that are refused."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from compendium.errors import CompendiumError
from compendium.writing import reporting

PAPER = """---
title: A small study
abstract: The abstract of a study that is small indeed.
---

# Methods {#sec-methods}

Who, *where* and how.

## Sample {#sec-sample}

Three people.

# SRQR checklist {.unnumbered #sec-srqr}

{{< include /build/places/srqr.md >}}
"""
ITEMS = """number,item,group,topic,reporting,sections
1,srqr-title,title-abstract,the title,reported,title
2,srqr-abstract,title-abstract,the abstract,reported,abstract
3,srqr-sample,methods,"who took part, and why",partly,sec-sample sec-methods
"""


@pytest.fixture
def study(tmp_path: Path, project: Path) -> Path:
    """Return a project that holds one short paper and a checklist of three items."""
    (tmp_path / "data").mkdir()
    (tmp_path / "manuscript/paper").mkdir(parents=True)
    for name in ("_quarto.yml", "_quarto-paper.yml", "manuscript/paper/_authors.yml"):
        shutil.copy(project / name, tmp_path / name)
    for name in ("csl", "templates"):
        shutil.copytree(project / "manuscript" / name, tmp_path / "manuscript" / name)
    (tmp_path / "manuscript/references.bib").write_text("", "utf-8")
    (tmp_path / reporting.PAPER).write_text(PAPER, "utf-8")
    (tmp_path / "data/srqr.csv").write_text(ITEMS, "utf-8")
    return tmp_path


def srqr(root: Path) -> str:
    return (root / "build/places/srqr.md").read_text("utf-8")


def render(root: Path, formats: list[str] | None = None) -> list[Path]:
    from compendium import render

    return render.render(
        "paper", engine="pandoc", root=root, formats=formats, prepare=reporting.draft, settle=reporting.refresh
    )


def test_a_project_without_checklists_gets_none(study: Path) -> None:
    (study / "data/srqr.csv").unlink()
    reporting.draft(study)
    assert not list((study / "build").rglob("srqr*"))
    assert not reporting.refresh(study, study / "no.pdf")


def test_a_draft_names_sections_but_no_places(study: Path) -> None:
    reporting.draft(study)
    assert "[Sample](#sec-sample); [Methods](#sec-methods) |" in srqr(study)
    assert "page" not in srqr(study).split("Pages and lines")[0]
    assert reporting.stale(study)


def test_rendering_fills_in_the_places_of_its_own_pdf(study: Path) -> None:
    from compendium.writing.positions import of_sections

    pdf = next(path for path in render(study) if path.suffix == ".pdf")
    source = reporting._paper(study)
    found = of_sections(pdf, reporting.headings(source), {"abstract": source.meta["abstract"]})
    sample, methods = found["sec-sample"].words(), found["sec-methods"].words()
    assert f"[Sample](#sec-sample), {sample}; [Methods](#sec-methods), {methods} |" in srqr(study)
    assert f"Abstract, {found['abstract'].words()} |" in srqr(study)
    assert methods != sample
    assert not reporting.stale(study)


def test_all_formats_of_one_rendering_print_the_same_places(study: Path) -> None:
    paths = {path.suffix: path for path in render(study)}
    sample = json.loads((study / "build/places/places.json").read_text("utf-8"))["places"]["sec-sample"]
    for suffix in (".html", ".xml"):
        assert ">Sample</" in paths[suffix].read_text("utf-8")
        assert sample in paths[suffix].read_text("utf-8")


def test_a_second_rendering_changes_nothing(study: Path) -> None:
    first = {path.name: path.read_bytes() for path in render(study)}
    assert {path.name: path.read_bytes() for path in render(study)} == first


def test_text_that_moves_a_section_moves_its_place(study: Path) -> None:
    render(study, ["pdf"])
    before = srqr(study)
    path = study / reporting.PAPER
    path.write_text(PAPER.replace("Who, *where*", "An added line.\n\nWho, *where*"), "utf-8")
    assert reporting.stale(study)
    render(study, ["pdf"])
    assert srqr(study) != before
    assert not reporting.stale(study)


def test_an_item_whose_section_is_gone_stops_the_rendering(study: Path) -> None:
    path = study / reporting.PAPER
    path.write_text(PAPER.replace(" {#sec-sample}", ""), "utf-8")
    with pytest.raises(CompendiumError, match="no place in the paper") as caught:
        render(study, ["pdf"])
    assert (caught.value.file, caught.value.row) == ("data/srqr.csv", 4)
    assert "sec-sample" in str(caught.value)


def test_the_website_links_to_the_paper_and_shows_the_groups(study: Path) -> None:
    reporting.draft(study)
    text = (study / "build/places/srqr-site.md").read_text("utf-8")
    assert "[Sample](../../paper/paper.html#sec-sample)" in text
    assert re.search(r"\| Methods \| \[[A-Z]\w*\]\{#srqr-\w+ \.named\}: Who took part, and why \| partly \|", text)


def test_a_checklist_with_other_columns_is_refused(study: Path) -> None:
    (study / "data/srqr.csv").write_text("number,item\n1,a\n", "utf-8")
    with pytest.raises(CompendiumError, match="cannot be read"):
        reporting.draft(study)


def test_unplaced_names_the_labels_that_are_lacking(study: Path) -> None:
    checklist = reporting.items(study, "srqr")
    assert reporting.unplaced(checklist, {"sec-sample": 1, "sec-methods": 1}) == {}
    assert reporting.unplaced(checklist, {"sec-sample": 1}) == {checklist[2]: ["sec-methods"]}


@pytest.mark.parametrize("name", ["srqr", "coreq"])
def test_every_item_of_our_checklists_has_a_section_in_our_paper(project: Path, name: str) -> None:
    labels = {heading.label: heading for heading in reporting.headings(reporting._paper(project))}
    checklist = reporting.items(project, name)
    assert len(checklist) > 20
    assert reporting.unplaced(checklist, labels) == {}


def test_a_reason_stands_beside_each_state_and_not_applicable_needs_no_place(study: Path) -> None:
    path = study / "data/srqr.csv"
    rows = ITEMS.replace("reporting,sections", "reporting,sections,reason").strip().split("\n")
    rows = [rows[0], *(f"{row},because {number}" for number, row in enumerate(rows[1:], start=1))]
    path.write_text("\n".join([*rows, "4,srqr-none,other,nothing to say,not applicable,,no funder"]) + "\n", "utf-8")
    reporting.draft(study)
    text = (study / "build/places/srqr.md").read_text("utf-8")
    assert "| Item | Topic | Reported | Why | Where | In the Word file |" in text
    assert "| 4 | Nothing to say | not applicable | No funder |  |  |" in text
    assert "| Because 3 | [Sample](#sec-sample); [Methods](#sec-methods) | " in text
    path.write_text(path.read_text("utf-8").replace(",partly,", ",perhaps,"), "utf-8")
    with pytest.raises(CompendiumError, match="the checklist knows no such state") as caught:
        reporting.items(study, "srqr")
    assert caught.value.row == 4


def test_places_in_word_are_the_numbers_and_headings_that_it_prints(study: Path, project: Path) -> None:
    import docx

    from compendium.render import render
    from compendium.render.sources import expand, load_project

    places = reporting.word_places(expand(load_project(study, "paper"), reporting.PAPER, []))
    (path,) = render("paper", engine="pandoc", root=study, formats=["docx"], prepare=reporting.draft)
    printed = [item.text for item in docx.Document(str(path)).paragraphs if item.style.name.startswith("Heading")]
    called = [place.partition(",")[0] for label, place in places.items() if label.startswith("sec-")]
    assert called
    for place in called:
        number = place.removeprefix("section ")
        assert any(text.split()[0] == number or f"“{text}”" == place for text in printed), place
    assert places["sec-sample"].endswith("paragraph 1")


def test_a_checklist_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/coreq.csv").write_bytes(b"number,item\n1,\xff\n")
    with pytest.raises(CompendiumError, match=r"data/coreq.csv"):
        reporting.items(tmp_path, "coreq")


def test_the_front_matter_may_name_one_checklist_or_several(study: Path) -> None:
    paper = study / reporting.PAPER
    text = paper.read_text("utf-8")
    assert reporting.declared(study) == list(reporting.CHECKLISTS)
    for written, names in (("srqr", ["srqr"]), ("[srqr]", ["srqr"])):
        paper.write_text(text.replace("---\n", f"---\nchecklist: {written}\n", 1), "utf-8")
        assert reporting.declared(study) == names
    for name, problem in (("gramms", "has no items"), ("nonsense", "no such checklist")):
        paper.write_text(text.replace("---\n", f"---\nchecklist: [srqr, {name}]\n", 1), "utf-8")
        with pytest.raises(CompendiumError, match=problem):
            reporting.declared(study)
