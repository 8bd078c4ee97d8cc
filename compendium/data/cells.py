"""The cells of a CSV file: its text parted into rows, its header and each cell held to the schema of the table."""

from __future__ import annotations

import csv
import functools
import io
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from compendium import project
from compendium.data.schemas import TYPES, Field, TableSchema, nearest
from compendium.errors import CompendiumError

INTEGER = re.compile(r"[+-]?[0-9]+")
NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
LARGEST = 2**63 - 1


@dataclass(frozen=True)
class Cells:
    """A file's cells: typed by column (``None`` is missing), as text by row, and the line of each row."""

    file: str
    columns: dict[str, list[Any]]
    rows: list[list[str]]
    lines: list[int]

    def keys(self, names: Sequence[str]) -> list[tuple[Any, ...]]:
        """Return one tuple of the named columns' values per row."""
        return list(zip(*(self.columns[name] for name in names), strict=True))


def read_cells(path: Path, schema: TableSchema) -> Cells:
    """Return a file's typed cells, each of which fulfils the constraints of its column.

    Raises
    ------
    CompendiumError : the first defect, with file, row, column, found and expected.
    """
    file = project.relative(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CompendiumError(
            "the file cannot be read", file=file, found=error.strerror, expected="a CSV file"
        ) from error
    return _cells(file, content, schema)


@functools.lru_cache(maxsize=64)
def _cells(file: str, content: bytes, schema: TableSchema) -> Cells:
    """Return the typed cells of a file's content, which many keys of other tables may ask for."""
    rows = _rows(_text(content, file), file)
    header_line, header = rows[0]
    _check_header(header, header_line, schema, file)
    if len(rows) == 1 and not schema.may_be_empty:
        raise CompendiumError("the table holds no row below its header", file=file, expected="at least one row")
    columns: dict[str, list[Any]] = {name: [] for name in schema.columns}
    for line, row in rows[1:]:
        if len(row) != len(header):
            raise CompendiumError(
                "the row has the wrong number of cells, so it may be cut short or lack quotation marks",
                file=file,
                row=line,
                found=f"{len(row)} cells",
                expected=f"{len(header)} cells",
            )
        for field, text in zip(schema.fields, row, strict=True):
            columns[field.name].append(_value(text, field, schema.missing_values, file, line))
    return Cells(file, columns, [row for _, row in rows[1:]], [line for line, _ in rows[1:]])


def _text(content: bytes, file: str) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CompendiumError(
            "the file is not UTF-8",
            file=file,
            row=content.count(b"\n", 0, error.start) + 1,
            found=f"byte 0x{content[error.start]:02x}",
            expected="UTF-8 text (save it again as 'CSV UTF-8')",
        ) from error
    if not text.strip():
        raise CompendiumError("the file is empty", file=file, expected="a header and rows")
    if "\0" in text:
        raise CompendiumError("the file holds NUL characters", file=file, row=text[: text.index("\0")].count("\n") + 1)
    if not text.endswith(("\n", "\r")):
        raise CompendiumError(
            "the last row has no line end, so the file may be cut short",
            file=file,
            row=text.count("\n") + 1,
            found=text.rpartition("\n")[2][-40:],
            expected="a line end after the last row",
        )
    return text


def _rows(text: str, file: str) -> list[tuple[int, list[str]]]:
    """Return each row with the number of the line on which it starts."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows, line = [], 1
    try:
        for row in reader:
            rows.append((line, row))
            line = reader.line_num + 1
    except csv.Error as error:
        raise CompendiumError(
            "the row is not well-formed CSV, so it may be cut short",
            file=file,
            row=line,
            found=str(error),
            expected="closed quotation marks and cells of at most 131,072 characters",
        ) from error
    return rows


def _check_header(header: list[str], line: int, schema: TableSchema, file: str) -> None:
    expected = schema.columns
    missing = [name for name in expected if name not in header]
    extra = [name for name in header if name not in expected]
    place: dict[str, Any] = {"file": file, "row": line}
    for name in extra:
        close = nearest(name, missing)
        if isinstance(close, str):
            raise CompendiumError("a column name is misspelt", **place, column=name, found=name, expected=close)
    if missing:
        raise CompendiumError("a column is missing", **place, column=missing[0], found=header, expected=missing[0])
    if extra:
        raise CompendiumError("there is a column too many", **place, column=extra[0], found=extra[0], expected=expected)
    if len(set(header)) != len(header):
        twice = next(name for name in header if header.count(name) > 1)
        raise CompendiumError("a column stands twice", **place, column=twice, found=header, expected=expected)
    if tuple(header) != expected:
        raise CompendiumError("the columns are in another order", **place, found=header, expected=expected)


def _value(text: str, field: Field, missing: Sequence[str], file: str, line: int) -> Any:
    place: dict[str, Any] = {"file": file, "row": line, "column": field.name}
    if text in missing:
        if field.required:
            raise CompendiumError("a value is missing", **place, found="an empty cell", expected=_wanted(field))
        return None
    value = _typed(text, field.type)
    if value is None:
        raise CompendiumError("the value is of the wrong type", **place, found=text, expected=TYPES[field.type])
    if field.enum is not None and value not in field.enum:
        close = nearest(text, [str(option) for option in field.enum])
        raise CompendiumError("the value is not one of those allowed", **place, found=text, expected=close)
    too_low = field.minimum is not None and value < field.minimum
    if too_low or (field.maximum is not None and value > field.maximum):
        percent = field.unit == "%" and (field.minimum, field.maximum) == (0, 100)
        problem = "a percentage lies outside 0-100" if percent else "the number is out of range"
        raise CompendiumError(problem, **place, found=text, expected=_wanted(field))
    if field.pattern is not None and not re.fullmatch(field.pattern, text):
        raise CompendiumError(
            "the value does not have the right form", **place, found=text, expected=f"the pattern {field.pattern}"
        )
    if field.min_length is not None and len(text) < field.min_length:
        raise CompendiumError("the text is too short", **place, found=text, expected=f"{field.min_length} characters")
    if field.separator is not None and (fault := field.list_fault(text)):
        raise CompendiumError(
            fault, **place, found=text, expected=list(field.members or [f"members separated by '{field.separator}'"])
        )
    return value


def _typed(text: str, kind: str) -> Any:
    """Return the value that the text writes, or None if it is not of that type."""
    if kind == "string":
        return text
    if kind == "boolean":
        return {"true": True, "false": False}.get(text)
    if kind == "integer" and INTEGER.fullmatch(text) and len(text) <= 20:
        return value if abs(value := int(text)) <= LARGEST else None
    if kind == "number" and NUMBER.fullmatch(text):
        return number if math.isfinite(number := float(text)) else None
    if kind == "date" and DATE.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            return None
    return None


def _wanted(field: Field) -> str:
    if field.enum is not None:
        return "one of " + ", ".join(str(option) for option in field.enum)
    low, high = field.minimum, field.maximum
    unit = f" {field.unit}" if field.unit and field.unit != "%" else ""
    if low is not None and high is not None:
        return f"{low} to {high}{unit}"
    if low is not None:
        return f"at least {low}{unit}"
    return f"at most {high}{unit}" if high is not None else TYPES[field.type]
