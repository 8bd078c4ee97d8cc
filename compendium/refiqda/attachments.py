"""Files that belong to sources (Word, PDF, sound, pictures): carried with a project, listed with their hashes."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from compendium.errors import CompendiumError
from compendium.refiqda.archive import PIECE, Archive

FOLDER = "attachments"
PRIVATE = 0o600
MAX_BYTES = 64 * 2**30
"""Bytes of attachments that are carried at most."""
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,8}$")


def listed(archive: Archive, source_id: str, reference: str, number: int) -> dict[str, Any] | None:
    """Return the row of an attachment, None where the archive does not hold it.

    Its file is named by its source, so that no name of somebody's file reaches the disk.
    """
    pieces = archive.pieces(reference)
    if pieces is None:
        return None
    size, told = 0, hashlib.sha256()
    for piece in pieces:
        size += len(piece)
        told.update(piece)
    suffix = _SUFFIX.search(reference)
    file = f"{FOLDER}/{source_id}{f'-{number}' if number > 1 else ''}{suffix[0].lower() if suffix else ''}"
    return {
        "source_id": source_id, "reference": reference, "file": file, "bytes": str(size), "sha256": told.hexdigest(),
    }  # fmt: skip


def pieces(container: Path | None, row: Mapping[Any, Any]) -> Iterator[bytes]:
    """Yield the bytes of an attachment from the archive or folder that holds it, and check its hash at the end.

    Raises
    ------
    CompendiumError : it is not there, or is another file than the one that was listed.
    """
    told = hashlib.sha256()
    if container is not None and container.is_dir():
        path = container / row["file"]
        if path.is_symlink() or not path.is_file():
            raise CompendiumError("an attachment is missing", file=path)
        with path.open("rb") as handle:
            for piece in iter(lambda: handle.read(PIECE), b""):
                told.update(piece)
                yield piece
    elif container is not None:
        with Archive(container) as archive:
            for piece in archive.pieces(row["reference"]) or ():
                told.update(piece)
                yield piece
    if told.hexdigest() != row["sha256"]:
        raise CompendiumError("an attachment is not the one that was listed", file=row["file"], found=told.hexdigest())


def write(container: Path | None, row: Mapping[Any, Any], path: Path) -> None:
    """Write an attachment into a folder, for its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(
        os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), PRIVATE), "wb"
    ) as handle:
        for piece in pieces(container, row):
            handle.write(piece)
