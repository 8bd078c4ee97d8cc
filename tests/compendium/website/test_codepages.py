"""A page for each code: its meaning, its segments, the codes it meets, the findings that rest on it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from compendium.errors import CompendiumError
from compendium.website import codedevidence, codepages
from compendium.website.markup import read_csv


@pytest.fixture(scope="module")
def coding(project: Path) -> Path:
    return project / "data/coding"


@pytest.fixture(scope="module")
def pages(coding: Path) -> dict[str, str]:
    return codepages.files(coding)


def test_every_code_of_the_explorer_has_a_page(pages: dict[str, str], coding: Path) -> None:
    codes = {code["id"] for code in codedevidence.content(coding)["codes"]}
    assert {f"codes/{code}.qmd" for code in codes} == set(pages) - {"codes.md"}
    assert set(re.findall(r"/build/pages/(codes/[\w-]+\.qmd)", pages["codes.md"])) == set(pages) - {"codes.md"}


def test_a_page_holds_the_segments_that_carry_the_code_and_no_other(pages: dict[str, str], coding: Path) -> None:
    segments = codedevidence.content(coding)["segments"]
    for code in ("crowding-out", "wider-determinants"):
        carrying = [item["id"] for item in segments if code in item["codes"]]
        assert len(carrying) > 10
        assert re.findall(r'html#segment-([^"]+)"', pages[f"codes/{code}.qmd"]) == carrying


def test_a_code_above_counts_the_segments_below_it(pages: dict[str, str], coding: Path) -> None:
    evidence = codedevidence.content(coding)
    below, segments = {code["id"] for code in evidence["codes"] if code["parent"] == "cat-aims"}, evidence["segments"]
    count = sum(bool(below & set(item["codes"])) for item in segments)
    assert len(below) > 3
    assert f"\n{count} segments carry this code or one below it." in pages["codes/cat-aims.qmd"]


def test_a_page_leads_to_the_findings_that_rest_on_its_segments(pages: dict[str, str], coding: Path) -> None:
    own = set(re.findall(r'html#segment-([^"]+)"', pages["codes/crowding-out.qmd"]))
    resting = {r["theme_id"] for r in read_csv(coding / "triangulation.csv") if own & set(r["segments"].split(";"))}
    assert set(re.findall(r"findings\.qmd#finding-(\w+)", pages["codes/crowding-out.qmd"])) == resting
    assert resting


def test_the_codes_it_meets_are_counted_by_segment(pages: dict[str, str], coding: Path) -> None:
    segments = codedevidence.content(coding)["segments"]
    both = sum({"crowding-out", "performance-focus"} <= set(item["codes"]) for item in segments)
    assert (
        f"[{both} segments](/manuscript/site/evidence.qmd#code=crowding-out&with=performance-focus)"
        in (pages["codes/crowding-out.qmd"])
    )


def test_without_coded_studies_there_is_no_page(tmp_path: Path) -> None:
    assert codepages.files(tmp_path) == {"codes.md": "\n"}


def test_an_id_that_leads_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one/codebook.csv").write_text("code_id,code,parent,origin\n../../x,X,,inductive\n", "utf-8")
    with pytest.raises(CompendiumError, match=r"row 2.*cannot name a page"):
        codepages.codebook(tmp_path, ["one"])
