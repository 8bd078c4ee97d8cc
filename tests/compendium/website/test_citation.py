"""Citations of the website: those of CITATION.cff, in BibTeX and RIS."""

from __future__ import annotations

from pathlib import Path

import pytest

from compendium.errors import CompendiumError
from compendium.website import citation

CFF = """title: Things
type: software
version: 1.2.3
date-released: 2031-05-06
authors: [{name: The Fixture Group}]
references:
  - type: article
    title: On things
    authors: [{family-names: Sample, given-names: Ben, name-particle: van}, {family-names: Solo}]
    journal: Letters
    year: 2029
    doi: 10.5555/other
"""


def test_each_work_is_shown_in_both_forms(tmp_path: Path) -> None:
    (tmp_path / citation.FILE).write_text(CFF)
    own, other = citation.body(tmp_path).split("### What it builds on")
    assert "@software{things2031,\n  author = {{The Fixture Group}},\n  title = {{Things}}," in own
    assert "TY  - COMP\nAU  - The Fixture Group\nTI  - Things\nPY  - 2031\nET  - 1.2.3\nER  - \n" in own
    assert "author = {van Sample, Ben and Solo}" in other
    assert (
        "AU  - van Sample, Ben\nAU  - Solo\nTI  - On things\nJO  - Letters\nPY  - 2029\nDO  - 10.5555/other\n" in other
    )


@pytest.mark.parametrize(("text", "problem"), [("title: x", "no authors"), ("title: [", "the YAML cannot be read")])
def test_what_cannot_be_cited_is_named(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / citation.FILE).write_text(text)
    with pytest.raises(CompendiumError, match=problem):
        citation.body(tmp_path)


def test_a_project_without_the_file_says_so(tmp_path: Path) -> None:
    assert citation.FILE in citation.body(tmp_path)
