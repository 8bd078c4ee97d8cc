"""One parameter of a notebook: its type, its default, and what its comment allows."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from compendium.errors import CompendiumError

ALLOWED = re.compile(r"\[([^\[\]]+)\]\s*$")
SPAN = re.compile(r"(-?\d+(?:\.\d+)?)?\.\.(-?\d+(?:\.\d+)?)?")
NAMED = re.compile(r"(several )?in (?:(\S+\.toml): (\w+)|(\S*\*\S*))")


@dataclass(frozen=True)
class Parameter:
    """One parameter of a notebook: its declared type, default and the comment that explains it.

    The comment may end in what is allowed: ``[2..6]``, ``[a | b]``, ``[in FILE.toml: TABLE]``, the names of a table's
    entries and of their ``also`` lists, or ``[in FOLDER/*.csv]``, what ``*`` stands for in the files there are;
    ``[several in ...]``, names between commas.
    """

    name: str
    type: str
    default: Any
    explanation: str
    line: int

    def refuse(self, value: Any, file: str, root: Path) -> None:
        """Raise CompendiumError where the parameter does not allow the value; ``root`` is the project's folder."""
        if (match := ALLOWED.search(self.explanation)) is None:
            return
        said = match[1].strip()
        if span := SPAN.fullmatch(said):
            low, high = (float(bound) if bound else None for bound in span.groups())
            fine = (low is None or value >= low) and (high is None or value <= high)
            expected: str | list[str] = said.replace("..", " to ") if low is not None and high is not None else (
                f"at least {span[1]}" if low is not None else f"at most {span[2]}"
            )  # fmt: skip
        else:
            named = NAMED.fullmatch(said)
            names = _names(named, root) if named else [name.strip() for name in said.split("|")]
            given = [name.strip() for name in str(value).split(",")] if named and named[1] else [str(value)]
            unknown = [name for name in given if name not in names and (name or not named)]
            fine, expected, value = not unknown, names, ", ".join(unknown)
        if not fine:
            raise CompendiumError(
                f"parameter '{self.name}' lies outside of what is allowed", file=file, found=value, expected=expected
            )


def _names(told: re.Match[str], root: Path) -> list[str]:
    """Return the names that a parameter may take: of a TOML file's table, or of the files of a pattern."""
    if told[2]:
        return _table_names(root / told[2], told[3])
    before, _, after = told[4].partition("*")
    found = (path.relative_to(root).as_posix() for path in root.glob(told[4]))
    return sorted(path[len(before) : len(path) - len(after)] for path in found)


@cache
def _tables(text: str) -> dict[str, Any]:
    """Return what a TOML file's text holds; parameters of several notebooks ask about the same one."""
    return tomllib.loads(text)


def _table_names(path: Path, table: str) -> list[str]:
    """Return the names of the entries of a TOML file's table and those that an entry lists under ``also``."""
    try:
        entries = _tables(path.read_text("utf-8")).get(table, {})
        also = [entry.get("also", []) for entry in entries.values() if isinstance(entry, dict)]
        return [*entries, *(str(name) for names in also if isinstance(names, list) for name in names)]
    except (OSError, ValueError) as error:
        raise CompendiumError(
            "the names that a parameter allows cannot be read", file=path, found=str(error)
        ) from error
