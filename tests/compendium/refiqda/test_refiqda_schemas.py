"""Exports against the official schemas of REFI-QDA 1.0: every study, every real export, every codebook."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from conftest import PROJECT
from refiqda_projects import walks

from compendium import refiqda

STUDIES = sorted(path.parent for path in (PROJECT / "data/coding").glob("*/segments.csv"))


def exported(folder: Path, to: Path) -> list[bytes]:
    """Return the project and the codebook that a folder exports, as XML."""
    file = refiqda.export_project(folder, to / "exported.qdpx")
    codebook = refiqda.export_codebook(folder, to / "exported.qdc")
    with zipfile.ZipFile(file) as packed:
        return [packed.read("project.qde"), codebook.read_bytes()]


@pytest.mark.parametrize("folder", STUDIES, ids=lambda folder: folder.name)
def test_every_study_exports_what_the_schemas_accept(folder: Path, refiqda_faults, tmp_path: Path) -> None:
    assert [refiqda_faults(content) for content in exported(folder, tmp_path)] == [[], []]


def test_every_real_export_comes_back_as_the_schemas_accept(qdpx: Path, refiqda_faults, tmp_path: Path) -> None:
    files = sorted(qdpx.glob("*.qdpx"))
    assert files
    for file in [*files, walks(tmp_path)]:
        folder = tmp_path / file.stem
        refiqda.import_project(file, folder)
        assert [refiqda_faults(content) for content in exported(folder, tmp_path)] == [[], []], file.name


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"<User ", b'<User age="1" '), (b' isCodable="', b' isCoded="'), (b"<CodeBook>", b"<CodeBook><Set/>")],
)
def test_the_schema_refuses_what_is_wrong(refiqda_faults, tmp_path: Path, old: bytes, new: bytes) -> None:
    refiqda.import_project(walks(tmp_path), tmp_path / "walks")
    project, _ = exported(tmp_path / "walks", tmp_path)
    assert old in project
    assert refiqda_faults(project.replace(old, new, 1))
