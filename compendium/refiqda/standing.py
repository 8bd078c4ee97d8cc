"""An import onto an earlier one: whose project stands there, and what its researcher added, which is never lost."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from compendium.data.loading import read_text
from compendium.errors import CompendiumError
from compendium.project import sha256

KEPT = "kept"  # for what cannot stay where it was: tables that somebody edited, and what spoke of another project
IGNORE = ".gitignore"
IGNORED = "*\n!.gitignore\n!publish.toml\n!public/\n!public/**\n"


def refuse_another(folder: Path, manifest: str, guids: Iterable[str], sources: int) -> bool:
    """Return whether the import that stands in a folder is of another project than the one with these GUIDs.

    Parameters
    ----------
    guids : of the new project's codes and sources; projects that share none are different ones.
    sources : how many the new project has; a codebook alone is another thing than a project with sources.
    """
    if not (folder / manifest).is_file():
        return False
    held: set[str] = set()
    number = 0
    for name in ("codebook", "sources"):
        if (folder / f"{name}.csv").is_file():
            table = read_text(folder / f"{name}.csv")
            held |= set(table["guid"]) - {""} if "guid" in table else set()
            number = len(table)
    return bool(held) and (held.isdisjoint(guids) or (sources == 0 and number > 0))


def asked(folder: Path, standing: str, new: str) -> CompendiumError:
    """Return the question whether one project is to take another's place."""
    return CompendiumError(
        "an import of another project stands here", file=folder, found=f"'{standing}', and the new one is '{new}'",
        expected="another folder, or --replace; what you added beside it is kept either way",
    )  # fmt: skip


def manifest_of(folder: Path, name: str) -> dict[str, Any]:
    """Return what an import's manifest says; nothing where it cannot be read."""
    try:
        return dict(json.loads((folder / name).read_text("utf-8")))
    except (OSError, ValueError):
        return {}


def carry(folder: Path, staging: Path, manifest: str, tables: Iterable[str], *, another: bool) -> list[str]:
    """Copy what a researcher added to an import into the one that takes its place; return what was kept, by path.

    Files that the earlier import wrote and nobody changed are left behind. Tables that somebody changed, what would
    stand in the way of the new import, and, where the new project is another, everything, go to ``kept/``.
    """
    if not folder.is_dir():
        return []
    told = manifest_of(folder, manifest)
    written: dict[str, str] = told.get("files", {})
    own = {manifest, IGNORE, *(f"{name}.csv" for name in tables)}
    kept = []
    earlier = folder / KEPT
    for path in sorted(folder.rglob("*"), key=lambda path: (not path.is_relative_to(earlier), path)):
        name = path.relative_to(folder).as_posix()
        if not path.is_file() or path.is_symlink() or name in (manifest, IGNORE):
            continue
        if name in written and sha256(path) == written[name]:
            continue
        if not written and (name in own or name.startswith(("texts/", "attachments/"))) and _same(path, staging / name):
            continue
        public = name.startswith("public/")
        if public and another:
            continue
        away = not public and not name.startswith(f"{KEPT}/") and (
            another or name in written or name in own or (staging / name).exists()
        )  # fmt: skip
        place = _free(staging / KEPT / name) if away else staging / name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, place)
        if away:
            kept.append(place.relative_to(staging).as_posix())
    return kept


def _same(path: Path, new: Path) -> bool:
    return new.is_file() and sha256(path) == sha256(new)


def _free(place: Path) -> Path:
    number, wanted = 1, place
    while place.exists():
        number += 1
        place = wanted.with_stem(f"{wanted.stem}-{number}")
    return place
