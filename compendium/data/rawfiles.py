"""One raw file as the registry describes it: where it comes from, its checksum, and what it must hold."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from compendium.errors import CompendiumError

REGISTRY = "data/sources.toml"
REQUIRED = ("title", "publisher", "licence", "page", "url", "file", "sha256", "format", "rows", "width", "columns")
FORMATS = ("csv", "rda", "xlsx")
FILE_NAME = re.compile(r"[\w(),+-][\w(),+. -]{0,199}(?<![. ])")
KINDS = (
    *((name, str, "a text") for name in ("title", "publisher", "licence", "page", "url", "file", "sha256")),
    *((name, int, "a whole number") for name in ("rows", "width", "limit")),
    ("columns", dict, "a table of our names and the file's"), ("numbers", list, "a list of columns"),
    ("header", bool, "true or false"),
)  # fmt: skip


@dataclass(frozen=True)
class Source:
    """One raw file: where it comes from, its checksum, and what it must hold (see `data/sources.toml`).

    A download of more than ``limit`` bytes is broken off.
    """

    id: str
    title: str
    publisher: str
    licence: str
    page: str
    url: str
    file: str
    sha256: str
    format: str
    rows: int
    width: int
    columns: Mapping[str, str | int]
    numbers: tuple[str, ...] = ()
    header: bool = True
    sheet: str | None = None
    object: str | None = None
    codes: str | None = None
    limit: int = 200_000_000

    @classmethod
    def build(cls, identifier: str, entry: Mapping[str, Any], file: str = REGISTRY) -> Source:
        """Return the source described by one table of the registry, or raise `CompendiumError`."""
        place = f"sources.{identifier}"
        missing = [name for name in REQUIRED if name not in entry]
        if missing:
            raise CompendiumError("a source lacks entries", file=file, row=place, expected=missing)
        known = {item.name for item in fields(cls)} - {"id"}
        unknown = sorted(set(entry) - known)
        if unknown:
            raise CompendiumError(
                "a source has unknown entries", file=file, row=place, found=unknown, expected=sorted(known)
            )
        if entry["format"] not in FORMATS:
            raise CompendiumError(
                "a source has an unknown format", file=file, row=place, found=entry["format"], expected=FORMATS
            )
        digest = str(entry["sha256"])
        if len(digest) != 64 or set(digest) - set("0123456789abcdef"):
            raise CompendiumError(
                "a checksum is not a SHA-256", file=file, row=place, found=digest, expected="64 hex digits"
            )
        if not str(entry["url"]).startswith(("https://", "http://")):
            raise CompendiumError(
                "an address is not usable",
                file=file,
                row=place,
                column="url",
                found=entry["url"],
                expected="https://...",
            )
        for name, kind, wanted in KINDS:
            if name in entry and (not isinstance(entry[name], kind) or isinstance(entry[name], bool) != (kind is bool)):
                raise CompendiumError(
                    "an entry is of the wrong kind",
                    file=file,
                    row=place,
                    column=name,
                    found=entry[name],
                    expected=wanted,
                )
        for name in ("rows", "width", "limit"):
            if entry.get(name, 1) < 1:
                raise CompendiumError(
                    "a number is too small", file=file, row=place, column=name, found=entry[name], expected="at least 1"
                )
        if not FILE_NAME.fullmatch(entry["file"]) or entry["file"].startswith(".") or ".." in entry["file"]:
            raise CompendiumError(
                "a file name must not hold folders, nor signs that a system reads otherwise",
                file=file, row=place, column="file", found=entry["file"], expected="letters, digits and _ - . ( )",
            )  # fmt: skip
        stray = sorted(set(entry.get("numbers", ())) - set(entry["columns"]))
        if stray:
            raise CompendiumError("'numbers' names columns that 'columns' lacks", file=file, row=place, found=stray)
        if entry["format"] == "xlsx" and "sheet" not in entry:
            raise CompendiumError("a workbook needs the name of its sheet", file=file, row=place, expected="sheet")
        return cls(id=identifier, **{**entry, "numbers": tuple(entry.get("numbers", ()))})
