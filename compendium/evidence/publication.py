"""What of an imported project may leave the researcher's computer: nothing but what ``publish.toml`` names.

Notebooks read an import through its folder ``public/``, which holds what may go out and no more: no name of a person,
case, source, passage or coder, no memo, no words. `compendium.refiqda.publishing` writes it.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from compendium.errors import CompendiumError

if TYPE_CHECKING:
    import pandas as pd

FILE, LABELS, PUBLIC, RECORD = "publish.toml", "labels.csv", "public", "public.json"
IMPORT = "project.json"  # stands in every folder of an import
VERSION = "1"  # of what stands in public/
KEYS = ("codebook", "counts", "rows", "quotations", "variables")


@dataclass(frozen=True)
class Rules:
    """What ``publish.toml`` names.

    Parameters
    ----------
    codebook : true for every code with its definition, or ids of codes; others go out as "Code 1".
    counts : fewest passages that a printed number may count (1: every number); 0 publishes no counts.
    rows : whether the passages without any name or word go into the repository, so that others can rebuild.
    quotations : ids of the passages whose words go out.
    variables : names of the variables whose values go out; speaker and sector are such variables.
    """

    codebook: bool | tuple[str, ...] = False
    counts: int = 0
    rows: bool = False
    quotations: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()


def read(folder: Path) -> Rules:
    """Return what an import's ``publish.toml`` names; without one, nothing.

    Raises
    ------
    CompendiumError : the file is no TOML, names something unknown, or gives an item another type than it has.
    """
    path = folder / FILE
    if not path.is_file():
        return Rules()
    try:
        told: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CompendiumError(f"the file is no TOML: {error}", file=path) from error
    for name in told:
        if name not in KEYS:
            raise CompendiumError("there is no such item to publish", file=path, found=name, expected=list(KEYS))

    def texts(name: str) -> tuple[str, ...]:
        value = told.get(name, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise CompendiumError("an item is of another type", file=path, column=name, found=value, expected="a list")
        return tuple(value)

    def flag(name: str) -> bool:
        value = told.get(name, False)
        if not isinstance(value, bool):
            raise CompendiumError(
                "an item is of another type", file=path, column=name, found=value, expected="true or false"
            )
        return value

    counts = told.get("counts", False)
    if counts is True or (counts is not False and not (isinstance(counts, int) and counts >= 1)):
        raise CompendiumError(
            "counts need a floor", file=path, column="counts", found=counts,
            expected="false, or the fewest passages that a printed number may count (1 or more)",
        )  # fmt: skip
    listed = isinstance(told.get("codebook"), list)
    rules = Rules(
        texts("codebook") if listed else flag("codebook"), int(counts), flag("rows"), texts("quotations"),
        texts("variables"),
    )  # fmt: skip
    if rules.rows and not rules.counts:
        raise CompendiumError(
            "rows tell the counts, which are not published", file=path, column="rows", expected="counts = 1, or no rows"
        )
    return rules


def digest(folder: Path) -> str:
    """Return the digest of what ``public/`` is made of: tables of the import and of its researcher, and the rules."""
    told = hashlib.sha256(VERSION.encode())
    for path in sorted([*folder.glob("*.csv"), folder / IMPORT, folder / FILE]):
        if path.is_file() and path.name != LABELS:
            told.update(f"\n{path.name}\n".encode() + hashlib.sha256(path.read_bytes()).digest())
    labels = folder / LABELS
    return told.hexdigest() + (hashlib.sha256(labels.read_bytes()).hexdigest()[:16] if labels.is_file() else "")


def imports(root: Path) -> list[Path]:
    """Return the folders of a project's imports."""
    return sorted(path.parent for path in (root / "data/coding").glob(f"*/{IMPORT}"))


def is_import(folder: Path) -> bool:
    """Return whether a folder of ``data/coding/`` is an import or what is public of one."""
    return (folder / IMPORT).is_file() or (folder / PUBLIC / RECORD).is_file()


def current(folder: Path) -> bool:
    """Return whether ``public/`` is that of the import and the rules as they stand; without the import it is."""
    if not (folder / IMPORT).is_file():
        return (folder / PUBLIC / RECORD).is_file()
    try:
        return bool(json.loads((folder / PUBLIC / RECORD).read_text("utf-8"))["digest"] == digest(folder))
    except (OSError, ValueError, KeyError, TypeError):
        return False


def record(path: Path) -> dict[str, Any]:
    """Return what ``public/public.json`` says: the digest, and ``counts`` (the floor, 0 where none are published)."""
    try:
        return dict(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError) as error:
        raise CompendiumError("what is public of the import cannot be read", file=path) from error


def rows_held_back(
    table: pd.DataFrame, floor: int, by: str, columns: Sequence[str], unless: int | None = None
) -> pd.DataFrame:
    """Return a table with the numbers of each row held back that counts fewer passages than the floor.

    Parameters
    ----------
    by : the column with the passages.
    columns : what is held back, ``by`` included.
    unless : the place of a row that is shown in any case, such as the last one of all passages (-1).

    Returns
    -------
    The table; in place of what is held back "<5" under ``by`` and a dash elsewhere. Zero passages are shown.
    """
    few = ((table[by] > 0) & (table[by] < floor)).fillna(False).to_numpy(dtype=bool)
    if unless is not None and len(few):
        few[unless] = False
    if not few.any():
        return table
    shown = table.copy()
    for name in columns:
        shown[name] = shown[name].astype(object)
        shown.loc[few, name] = f"<{floor}" if name == by else "–"
    return shown


def cells_held_back(table: pd.DataFrame, floor: int) -> pd.DataFrame:
    """Return which cells of counts are held back, as booleans: those below the floor, and what would tell them.

    Where a row or column holds a single such cell, its smallest other cell above zero is held back too, so that no
    total tells it.
    """
    import numpy as np
    import pandas as pd

    values = table.fillna(0).to_numpy(dtype=float)
    held = (values > 0) & (values < floor)
    changed = True
    while changed:
        changed = False
        for lines, hidden in ((values, held), (values.T, held.T)):
            for line in np.flatnonzero(hidden.sum(axis=1) == 1):
                free = np.flatnonzero(~hidden[line] & (lines[line] > 0))
                if len(free):
                    hidden[line, free[np.argmin(lines[line, free])]] = True
                    changed = True
    return pd.DataFrame(held, index=table.index, columns=table.columns)


def crossed_held_back(table: pd.DataFrame, floor: int) -> pd.DataFrame:
    """Return a printed cross table with small cells held back: a first column of names, last column and row of all."""
    if floor <= 1 or table.shape[1] < 2 or table.empty:
        return table
    counted = table.iloc[:-1, 1:].astype(int)
    held = cells_held_back(counted.iloc[:, :-1], floor).to_numpy()
    shown = table.astype(object)
    for row, cells in enumerate(counted.to_numpy().tolist()):
        for column, count in enumerate(cells, start=1):
            if 0 < count < floor:
                shown.iat[row, column] = f"<{floor}"
            elif column < len(cells) and held[row, column - 1]:
                shown.iat[row, column] = "–"
    return shown
