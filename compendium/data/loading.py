"""Reading CSV files against their schema: any defect becomes one error that says where it is and what was expected."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from compendium import project
from compendium.data.schemas import (
    TYPES,
    Field,
    Reference,
    TableSchema,
    described,
    nearest,
    table_schema,
    tercile_classes,
)
from compendium.errors import CompendiumError

if TYPE_CHECKING:
    import pandas as pd

INTEGER = re.compile(r"[+-]?[0-9]+")
NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
LARGEST = 2**63 - 1


@dataclass(frozen=True)
class Cells:
    """A file's typed cells: one list of values per column (``None`` is missing), and the line of each row."""

    file: str
    columns: dict[str, list[Any]]
    lines: list[int]

    def keys(self, names: Sequence[str]) -> list[tuple[Any, ...]]:
        """Return one tuple of the named columns' values per row."""
        return list(zip(*(self.columns[name] for name in names), strict=True))


def read_table(path: str | Path, schema: TableSchema | str) -> pd.DataFrame:
    """Read a CSV file and check it against its schema, keys and classes included.

    Parameters
    ----------
    path : UTF-8 CSV, comma separated, with a header and a line end after the last row (a leading byte order
        mark and Windows line ends are accepted).
    schema : a schema, or the name of a table of the data package.

    Returns
    -------
    One row per line, columns in the schema's order. Integers are int64 (Int64 where cells may be empty),
    numbers float64, booleans bool (boolean), dates datetime64[ns], text object with ``None`` for missing.

    Raises
    ------
    CompendiumError : the first defect, with file, row (line number, header = 1), column, found and expected.
    """
    import pandas as pd

    if isinstance(schema, str):
        schema = table_schema(schema)
    cells = _read_cells(Path(path), schema)
    _check_keys(cells, schema)
    _check_references(cells, schema)
    frame = pd.DataFrame(
        {field.name: pd.Series(cells.columns[field.name], dtype=_dtype(field)) for field in schema.fields}
    )
    _check_classes(frame, cells, schema)
    return frame


def read(name: str) -> pd.DataFrame:
    """Read a table of any of the project's data packages from its own place; see ``read_table``."""
    schema = table_schema(name)
    return read_table(schema.path, schema)


def read_file(path: str | Path) -> pd.DataFrame:
    """Read a file that one of the project's data packages describes, against its description; see ``read_table``.

    Raises
    ------
    CompendiumError : no data package describes the file, or it does not fulfil its description.
    """
    schema = described(path)
    if schema is None:
        raise CompendiumError(
            "no data package describes the file", file=path, expected="a resource of a datapackage.json beside it"
        )
    return read_table(path, schema)


def read_text(path: str | Path, absent: str = "there is no such table", subject: str = "the table is") -> pd.DataFrame:
    """Read a CSV file as strings, blank cells as empty strings; one that is described fulfils its description.

    Parameters
    ----------
    absent : the problem to name when there is no such file.
    subject : how a sentence about a damaged file begins, such as "the codebook is".

    Raises
    ------
    CompendiumError : no such file, it is not CSV in UTF-8, or it does not fulfil its description.
    """
    import pandas as pd

    if Path(path).is_file() and (schema := described(path)) is not None:
        read_table(path, schema)
    try:
        return pd.read_csv(path, dtype=str, keep_default_na=False)
    except (FileNotFoundError, IsADirectoryError) as error:
        raise CompendiumError(absent, file=path) from error
    except (ValueError, UnicodeDecodeError) as error:
        raise CompendiumError(f"{subject} not a CSV file in UTF-8", file=path) from error


def _read_cells(path: Path, schema: TableSchema) -> Cells:
    file = project.relative(path)
    rows = _rows(_text(path, file), file)
    header_line, header = rows[0]
    _check_header(header, header_line, schema, file)
    if len(rows) == 1:
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
    return Cells(file, columns, [line for line, _ in rows[1:]])


def _text(path: Path, file: str) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CompendiumError(
            "the file cannot be read", file=file, found=error.strerror, expected="a CSV file"
        ) from error
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


def _check_keys(cells: Cells, schema: TableSchema) -> None:
    unique = [(field.name,) for field in schema.fields if field.unique and (field.name,) != schema.primary_key]
    for names in filter(None, [schema.primary_key, *unique]):
        first: dict[tuple[Any, ...], int] = {}
        for line, key in zip(cells.lines, cells.keys(names), strict=True):
            if key in first and None not in key:
                raise CompendiumError(
                    "a row stands twice",
                    file=cells.file,
                    row=line,
                    column=", ".join(names),
                    found=_shown(key),
                    expected=f"each value once (row {first[key]} has it already)",
                )
            first.setdefault(key, line)
    if schema.rows is not None and len(cells.lines) != schema.rows:
        raise CompendiumError(
            "the table has the wrong number of rows",
            file=cells.file,
            found=f"{len(cells.lines)} rows",
            expected=f"{schema.rows} rows",
        )


def _check_references(cells: Cells, schema: TableSchema) -> None:
    for reference in schema.foreign_keys:
        known = _referred(reference, cells, schema)
        target = reference.resource or schema.name
        for line, key in zip(cells.lines, cells.keys(reference.fields), strict=True):
            if None in key or key in known:
                continue
            close = nearest(_shown(key), [_shown(option) for option in known])
            raise CompendiumError(
                f"the row belongs to no row of table '{target}'",
                file=cells.file,
                row=line,
                column=", ".join(reference.fields),
                found=_shown(key),
                expected=close,
            )
    if schema.covers:
        present = set(cells.keys(schema.covers.fields))
        for key in _referred(schema.covers, cells, schema):
            if key not in present:
                raise CompendiumError(
                    f"a row of table '{schema.covers.resource}' has no row here",
                    file=cells.file,
                    column=", ".join(schema.covers.fields),
                    found=f"{len(cells.lines)} rows, none for {_shown(key)}",
                    expected="one row for each",
                )


def _referred(reference: Reference, cells: Cells, schema: TableSchema) -> dict[tuple[Any, ...], None]:
    """Return the keys of the table referred to, in its order."""
    if not reference.resource:
        return dict.fromkeys(cells.keys(reference.reference_fields))
    target = table_schema(reference.resource, schema.package)
    return dict.fromkeys(_read_cells(target.path, target).keys(reference.reference_fields))


def _check_classes(frame: pd.DataFrame, cells: Cells, schema: TableSchema) -> None:
    if not schema.tercile_classes:
        return
    for rule in schema.tercile_classes:
        values = frame[rule.value]
        recomputed = tercile_classes(values, rule.labels)
        for line, value, found, expected in zip(cells.lines, values, frame[rule.class_column], recomputed, strict=True):
            if found != expected:
                raise CompendiumError(
                    "the class contradicts its value",
                    file=cells.file,
                    row=line,
                    column=rule.class_column,
                    found=f"{found} for {rule.value} {value}",
                    expected=f"{expected}, by the terciles of the column",
                )


def _dtype(field: Field) -> Any:
    return {
        "string": object,
        "integer": "int64" if field.required else "Int64",
        "number": "float64",
        "boolean": "bool" if field.required else "boolean",
        "date": "datetime64[ns]",
    }[field.type]


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


def _shown(key: Sequence[Any]) -> str:
    return ", ".join(str(part) for part in key)
