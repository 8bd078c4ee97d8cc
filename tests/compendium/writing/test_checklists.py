"""Checklists: every item has a label, and a hole is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from compendium.errors import CompendiumError
from compendium.writing import checklists


@pytest.mark.parametrize(("name", "count"), [("srqr", 21), ("coreq", 32)])
def test_items_are_complete_and_labelled(name: str, count: int) -> None:
    frame = checklists.items(name)
    assert frame["number"].tolist() == list(range(1, count + 1))
    assert frame["item"].str.startswith(f"{name}-").all()
    assert frame["sections"].map(len).min() >= 1


@pytest.mark.parametrize("name", ["srqr", "coreq"])
def test_every_label_is_a_section_of_the_paper(name: str, project: Path) -> None:
    sources = sorted((project / "manuscript/paper").glob("*.qmd"))
    paper = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    labels = {label for found in checklists.items(name)["sections"] for label in found}
    headings = set(re.findall(r"^#+ .*\{[^}]*#(sec-[a-z-]+)[^}]*\}", paper, flags=re.MULTILINE))
    assert labels - {"title", "abstract"} <= headings


def test_an_unknown_checklist_is_refused() -> None:
    with pytest.raises(CompendiumError, match="no such checklist"):
        checklists.items("consort")
