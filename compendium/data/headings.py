"""The dictionary of printed tables: which columns each has, in order, and the heading of each.

``data/tables.toml`` has one table per recorded table, in which each line is ``column = "Heading"``. It does for what
the chain computes what the data packages do for what it reads: a notebook names a table, not its headings.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from compendium import project
from compendium.data.packages import table_schema
from compendium.data.schemas import nearest
from compendium.errors import CompendiumError

if TYPE_CHECKING:
    import pandas as pd

FILE = "data/tables.toml"


def headings(table: str) -> dict[str, str]:
    """Return column -> heading of a printed table, in order; empty where the dictionary does not name the table.

    Raises
    ------
    CompendiumError : the dictionary is not TOML, or an entry is not a table of texts.
    """
    path = project.root() / FILE
    return _read(path, path.stat().st_mtime_ns).get(table, {}) if path.is_file() else {}


def tables() -> list[str]:
    """Return the ids of all tables that the dictionary names."""
    path = project.root() / FILE
    return list(_read(path, path.stat().st_mtime_ns)) if path.is_file() else []


def titles(*names: str) -> dict[str, str]:
    """Return column -> title of the fields of tables in the data packages; a percentage says so in brackets.

    Raises
    ------
    CompendiumError : no data package has such a table.
    """
    fields = [field for name in names for field in table_schema(name).fields]
    return {field.name: f"{field.title} (%)" if field.unit == "%" else field.title for field in fields}


def titled(frame: pd.DataFrame, table: str) -> pd.DataFrame:
    """Return the columns that the dictionary names for a table, under their headings; others are left out.

    A table that the dictionary does not name comes back as it is.

    Raises
    ------
    CompendiumError : the frame lacks a column that the dictionary names; the message offers the nearest.
    """
    known = headings(table)
    if not known:
        return frame
    for column in known:
        if column not in frame.columns:
            raise CompendiumError(
                f"table '{table}' lacks a column that the dictionary names",
                file=FILE,
                column=column,
                found=[str(name) for name in frame.columns],
                expected=nearest(column, [str(name) for name in frame.columns]),
            )
    return frame[list(known)].set_axis(list(known.values()), axis=1)


@cache
def _read(path: Path, _stamp: int) -> dict[str, dict[str, str]]:
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CompendiumError("the dictionary of tables is not TOML", file=FILE, found=str(error)) from error
    for table, columns in found.items():
        if (
            not isinstance(columns, dict)
            or not columns
            or not all(isinstance(title, str) for title in columns.values())
        ):
            raise CompendiumError(
                "an entry of the dictionary is not a list of headings",
                file=FILE,
                row=table,
                found=str(columns)[:60],
                expected='lines such as n = "Number"',
            )
    return found
