"""Reading CSV files against their schema: any defect becomes one error that says where it is and what was expected."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from compendium.data.cells import Cells, read_cells
from compendium.data.frames import tercile_classes
from compendium.data.packages import described, table_schema
from compendium.data.schemas import Field, Reference, TableSchema, nearest
from compendium.errors import CompendiumError

if TYPE_CHECKING:
    import pandas as pd


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
    cells = _checked_cells(Path(path), schema)
    return pd.DataFrame({field.name: _series(cells, field) for field in schema.fields})


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
        cells = _checked_cells(Path(path), schema)
        return pd.DataFrame(cells.rows, columns=list(schema.columns), dtype=object)
    try:
        return pd.read_csv(path, dtype=str, keep_default_na=False)
    except (FileNotFoundError, IsADirectoryError) as error:
        raise CompendiumError(absent, file=path) from error
    except (ValueError, UnicodeDecodeError) as error:
        raise CompendiumError(f"{subject} not a CSV file in UTF-8", file=path) from error


def _checked_cells(path: Path, schema: TableSchema) -> Cells:
    """Return a file's cells once all that other cells and tables tell of them holds."""
    cells = read_cells(path, schema)
    _check_keys(cells, schema)
    _check_order(cells, schema)
    _check_references(cells, schema)
    _check_rows(cells, schema)
    _check_classes(cells, schema)
    return cells


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


def _check_rows(cells: Cells, schema: TableSchema) -> None:
    if schema.rows is not None and len(cells.lines) != schema.rows:
        raise CompendiumError(
            "the table has the wrong number of rows",
            file=cells.file,
            found=f"{len(cells.lines)} rows",
            expected=f"{schema.rows} rows",
        )


def _check_order(cells: Cells, schema: TableSchema) -> None:
    for names in schema.ascending:
        for line, values in zip(cells.lines, cells.keys(names), strict=True):
            there = [(value, name) for value, name in zip(values, names, strict=True) if value is not None]
            for (low, left), (high, right) in itertools.pairwise(there):
                if low > high:
                    raise CompendiumError(
                        f"the number is greater than that of '{right}'",
                        file=cells.file,
                        row=line,
                        column=left,
                        found=str(low),
                        expected=f"at most {high}",
                    )


def _check_references(cells: Cells, schema: TableSchema) -> None:
    for reference in schema.foreign_keys:
        known = _referred(reference, cells, schema)
        fields = [schema.field(name) for name in reference.fields]
        for line, values in zip(cells.lines, cells.keys(reference.fields), strict=True):
            parts = (field.parts(value) for field, value in zip(fields, values, strict=True))
            for key in itertools.product(*parts):
                if key not in known:
                    _refuse_key(key, known, cells, line, reference, schema)
    if schema.covers:
        target = schema.covers.resources[0]
        present = set(cells.keys(schema.covers.fields))
        for key in _referred(schema.covers, cells, schema):
            if key not in present:
                raise CompendiumError(
                    f"a row of table '{target}' has no row here",
                    file=cells.file,
                    column=", ".join(schema.covers.fields),
                    found=f"{len(cells.lines)} rows, none for {_shown(key)}",
                    expected="one row for each",
                )


def _refuse_key(
    key: tuple[Any, ...],
    known: dict[tuple[Any, ...], None],
    cells: Cells,
    line: int,
    reference: Reference,
    schema: TableSchema,
) -> None:
    target = " or ".join(f"'{name or schema.name}'" for name in reference.resources)
    raise CompendiumError(
        f"the row belongs to no row of table {target}",
        file=cells.file,
        row=line,
        column=", ".join(reference.fields),
        found=_shown(key),
        expected=nearest(_shown(key), [_shown(option) for option in known]),
    )


def _referred(reference: Reference, cells: Cells, schema: TableSchema) -> dict[tuple[Any, ...], None]:
    """Return the keys of the tables referred to, in their order."""
    known: dict[tuple[Any, ...], None] = {}
    for name in reference.resources:
        target = table_schema(name, reference.package or schema.package) if name else None
        source = read_cells(target.path, target) if target else cells
        known.update(dict.fromkeys(source.keys(reference.reference_fields)))
    return known


def _check_classes(cells: Cells, schema: TableSchema) -> None:
    for rule in schema.tercile_classes:
        values = _series(cells, schema.field(rule.value))
        recomputed = tercile_classes(values, rule.labels)
        for line, value, found, expected in zip(
            cells.lines, values, cells.columns[rule.class_column], recomputed, strict=True
        ):
            if found != expected:
                raise CompendiumError(
                    "the class contradicts its value",
                    file=cells.file,
                    row=line,
                    column=rule.class_column,
                    found=f"{found} for {rule.value} {value}",
                    expected=f"{expected}, by the terciles of the column",
                )


def _series(cells: Cells, field: Field) -> pd.Series:
    import pandas as pd

    dtypes: dict[str, Any] = {
        "string": object,
        "integer": "int64" if field.required else "Int64",
        "number": "float64",
        "boolean": "bool" if field.required else "boolean",
        "date": "datetime64[ns]",
    }
    return pd.Series(cells.columns[field.name], dtype=dtypes[field.type])


def _shown(key: Sequence[Any]) -> str:
    return ", ".join(str(part) for part in key)
