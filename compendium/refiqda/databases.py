"""Opens the SQLite databases of other tools without changing or trusting them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from compendium.errors import CompendiumError

HEAD = b"SQLite format 3\0"
MAX_BYTES = 2 * 2**30


def is_database(path: Path) -> bool:
    """Return whether a file is an SQLite database, by its content."""
    if not path.is_file():
        return False
    with path.open("rb") as handle:
        return handle.read(len(HEAD)) == HEAD


class Database:
    """Tables of a database as rows: name of the column -> value, '' where it is null."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path, self.connection = path, connection
        listed = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        self.tables = {str(name) for (name,) in listed}

    def rows(self, table: str, order: str = "rowid") -> list[dict[str, Any]]:
        """Return the rows of a table in an order; none where the database has no such table."""
        if table not in self.tables:
            return []
        found = self.connection.execute(f'SELECT * FROM "{table}" ORDER BY {order}')
        names = [column[0] for column in found.description]
        return [{name: "" if value is None else value for name, value in zip(names, row, strict=True)} for row in found]


@contextmanager
def opened(path: Path) -> Iterator[Database]:
    """Open a database to read it alone.

    Raises
    ------
    CompendiumError : it is too large, damaged, or holds something else than this tool reads.
    """
    if path.stat().st_size > MAX_BYTES:
        raise CompendiumError("the database is too large", file=path, expected=f"at most {MAX_BYTES:,} bytes")
    connection = None
    try:
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
        connection.execute("PRAGMA trusted_schema = OFF")
        yield Database(path, connection)
    except (sqlite3.Error, KeyError, ValueError, TypeError) as error:
        raise CompendiumError(f"the database cannot be read ({error})", file=path) from error
    finally:
        if connection is not None:
            connection.close()


def date(value: Any) -> str:
    """Return a date with time as the tables have it, '' where it is none: 2024-05-01T10:00:00."""
    text = str(value).strip().replace(" ", "T", 1)
    return text[:19] if len(text) >= 19 and text[4] == text[7] == "-" and text[10] == "T" else ""
