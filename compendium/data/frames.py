"""Data frames against the schema of their table: the pandera model that a data package describes.

pandera's import costs about half as much again as that of pandas, so ``compendium.data.loading`` reads files without
it; a test says that both give the same verdict.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from compendium import settings
from compendium.data.schemas import Field, TableSchema, TercileClass
from compendium.errors import CompendiumError

if TYPE_CHECKING:
    import pandas as pd
    import pandera.pandas as pa


def model(schema: TableSchema) -> pa.DataFrameSchema:
    """Return the pandera model of a table: columns in order, types, constraints, key, row count and classes.

    What needs other tables (foreign keys, coverage) is left to ``compendium.data.loading``.
    """
    import pandera.pandas as pa

    checks = []
    if schema.rows is not None:
        checks.append(pa.Check(lambda frame: len(frame) == schema.rows, error=f"{schema.rows} rows"))
    for rule in schema.tercile_classes:
        checks.append(pa.Check(lambda frame, rule=rule: _classes_agree(frame, rule), error=f"{rule.class_column}"))
    for names in schema.ascending:
        checks.append(pa.Check(lambda frame, names=names: _ascends(frame, names), error=" to ".join(names)))
    return pa.DataFrameSchema(
        {field.name: _column(field) for field in schema.fields},
        checks=checks,
        unique=list(schema.primary_key) or None,
        strict=True,
        ordered=True,
        name=schema.name,
    )


def validate(frame: pd.DataFrame, schema: TableSchema) -> pd.DataFrame:
    """Return ``frame`` unchanged if it fulfils the pandera model of ``schema``.

    Raises
    ------
    CompendiumError : the first failure, with the row's label, the column, what was found and what was expected.
    """
    import pandera.errors

    try:
        model(schema).validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as error:
        cases = error.failure_cases
        # A bad cell upsets rules of the whole table too, so the cell is the better message.
        in_column = cases["schema_context"] == "Column"
        first = cases[in_column].iloc[0] if in_column.any() else cases.iloc[0]
        column = first["column"] if in_column.any() else None
        raise CompendiumError(
            f"the data frame breaks the schema of table '{schema.name}'",
            row=None if first["index"] is None else str(first["index"]),
            column=column,
            found=str(first["failure_case"]),
            expected=str(first["check"]),
        ) from error
    return frame


def tercile_classes(values: pd.Series, labels: Sequence[str]) -> Sequence[str]:
    """Return the class of each value by the study's own rule, which its module of ``rules`` registers.

    Raises
    ------
    CompendiumError : a data package declares classes, and the study says nowhere how they are cut.
    """
    module = settings.module("rules")
    rule = getattr(module, "RULES", {}).get("tercileClasses")
    if rule is None:
        raise CompendiumError(
            "a data package declares classes that the study has no rule for",
            file=settings.FILE, column="rules", expected="a module with RULES['tercileClasses']",
        )  # fmt: skip
    return list(rule(values, labels))


def _column(field: Field) -> pa.Column:
    import pandera.pandas as pa

    dtypes = {
        "string": object,
        "integer": "int64" if field.required else "Int64",
        "number": "float64",
        "boolean": "bool" if field.required else "boolean",
        "date": "datetime64[ns]",
    }
    checks = []
    if field.minimum is not None:
        checks.append(pa.Check.ge(field.minimum))
    if field.maximum is not None:
        checks.append(pa.Check.le(field.maximum))
    if field.enum is not None:
        checks.append(pa.Check.isin(field.enum))
    if field.pattern is not None:
        checks.append(pa.Check.str_matches(f"^(?:{field.pattern})$"))
    if field.min_length is not None:
        checks.append(pa.Check.str_length(min_value=field.min_length))
    if field.separator is not None:
        checks.append(pa.Check(lambda text: field.list_fault(text) is None, element_wise=True, error="a list"))
    return pa.Column(dtypes[field.type], checks, nullable=not field.required, unique=field.unique)


def _classes_agree(frame: pd.DataFrame, rule: TercileClass) -> pd.Series:
    return frame[rule.class_column] == tercile_classes(frame[rule.value], rule.labels)


def _ascends(frame: pd.DataFrame, names: Sequence[str]) -> pd.Series:
    """Say of each row whether the numbers of these columns do not fall; blank cells are passed over."""
    numbers = frame[list(names)].astype("float64")
    highest = numbers.cummax(axis=1)
    return ((numbers == highest) | numbers.isna()).all(axis=1)
