"""Files of sources travel in and out whole, are listed with their hashes, and no reference leads nowhere."""

from __future__ import annotations

import hashlib
import re
import zipfile
from pathlib import Path

import pytest
from refiqda_projects import one_source

from compendium.errors import CompendiumError
from compendium.refiqda import export_project, import_project, read_project
from compendium.refiqda.model import Project

WORD = b"PK a Word file " * 20_000


def attached(folder: Path, content: bytes | None) -> Path:
    """Return a project of one text that names a Word file, which the archive holds or lacks."""
    with zipfile.ZipFile(one_source(folder / "bare.qdpx", b"Some text", [(0, 4)])) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    xml = parts["project.qde"].replace(b"<TextSource ", b'<TextSource richTextPath="internal://Anna Smith.docx" ')
    with zipfile.ZipFile(folder / "a.qdpx", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in {**parts, "project.qde": xml}.items():
            archive.writestr(name, part)
        if content is not None:
            archive.writestr("sources/Anna Smith.docx", content, zipfile.ZIP_STORED)
    return folder / "a.qdpx"


def test_an_attachment_travels_in_and_out(tmp_path: Path) -> None:
    report = import_project(attached(tmp_path, WORD), folder := tmp_path / "p")
    assert report.counts["attachments"] == 1
    row = Project.load(folder).attachments.iloc[0]
    assert row[["file", "bytes", "sha256"]].tolist() == [
        "attachments/d0001.docx", str(len(WORD)), hashlib.sha256(WORD).hexdigest()
    ]  # fmt: skip
    assert (folder / row["file"]).read_bytes() == WORD
    assert (folder / row["file"]).stat().st_mode & 0o077 == 0
    export_project(folder, tmp_path / "b.qdpx")
    with zipfile.ZipFile(tmp_path / "b.qdpx") as archive:
        assert archive.read("sources/Anna Smith.docx") == WORD
    again = read_project(tmp_path / "b.qdpx")[0]
    assert again.attachments.to_dict() == Project.load(folder).attachments.to_dict()


def test_a_reference_to_nothing_does_not_travel_on(tmp_path: Path) -> None:
    report = import_project(attached(tmp_path, None), folder := tmp_path / "p")
    assert report.not_represented["attachments that are not in the file"] == 1
    export_project(folder, tmp_path / "b.qdpx")
    with zipfile.ZipFile(tmp_path / "b.qdpx") as archive:
        assert not re.search(b"richTextPath", archive.read("project.qde"))


def test_an_attachment_that_was_changed_is_not_exported(tmp_path: Path) -> None:
    import_project(attached(tmp_path, WORD), folder := tmp_path / "p")
    (folder / "attachments/d0001.docx").write_bytes(b"other")
    with pytest.raises(CompendiumError, match="not the one that was listed"):
        export_project(folder, tmp_path / "b.qdpx")
    assert not (tmp_path / "b.qdpx").exists()
