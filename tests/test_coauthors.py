"""The paper as a co-author's Word file: untouched it changes nothing, and edits of every kind come back exactly."""

from __future__ import annotations

import os
from pathlib import Path

import docx
import pytest
import wordclient

from compendium.coauthors import returning, wordfile
from compendium.render import documents
from compendium.render.sources import load_project

PAPER = "manuscript/paper/paper.qmd"
CITED = "anderson2022united"


@pytest.fixture(scope="module")
def exported(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    (path,) = documents.article(load_project(built, "paper"), PAPER, ["docx"], tmp_path_factory.mktemp("exported"))
    return path


def test_the_untouched_paper_changes_nothing(built: Path, exported: Path):
    found = returning.bring_back(built, [exported])
    assert (found.patch(), found.remarks) == ("", [])
    assert ", 0 by likeness" in found.told[0]


def test_edits_of_every_kind_come_back_exactly(built: Path, exported: Path, tmp_path: Path):
    document = docx.Document(os.fspath(exported))
    names = wordclient.editable(wordfile.read(exported).memory)
    edits = wordclient.edit(document, names, [*wordclient.KINDS] * 2, 1, CITED)
    assert len(edits) == 2 * len(wordclient.KINDS)
    document.save(os.fspath(tmp_path / "back.docx"))
    found = returning.bring_back(built, [tmp_path / "back.docx"])
    home = tmp_path / "home"
    home.mkdir()
    returning.overlaid(built, found.after, home)
    (back,) = documents.article(load_project(home, "paper"), PAPER, ["docx"], tmp_path / "again")
    sources = "\n".join(found.after.values())
    assert wordclient.unmet(edits, sources, found.remarks, found.comments, back) == []
    assert [remark.kind for remark in found.remarks] == ["value", "value"]
    assert all(one.detail not in sources for one in edits if one.kind == "value")
