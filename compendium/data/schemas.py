"""Table schemas of ``data/datapackage.json`` (Frictionless Data Package), and their data dictionary.

The data package is the one description of every table. ``compendium.data.loading`` reads files against it without
pandera, whose import costs about half as much again as that of pandas; ``model`` derives the pandera model of a
table from the same description, for checks of data frames and for the test that both give the same verdict.

Beyond the standard's fields, keys and constraints a table's schema may state: ``rows`` (how many it has),
``covers`` (it has a row for each row of another table) and ``tercileClasses`` (columns that hold the tercile class
of another column). A field may state its ``unit``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from compendium import project, settings
from compendium.errors import CompendiumError

if TYPE_CHECKING:
    import pandas as pd
    import pandera.pandas as pa

TYPES = {
    "string": "text",
    "integer": "a whole number, digits only",
    "number": "a number, with a point for decimals",
    "boolean": "true or false",
    "date": "a date as YYYY-MM-DD",
}
DICTIONARY_START, DICTIONARY_END = "<!-- dictionary: generated -->", "<!-- dictionary: end -->"


@dataclass(frozen=True)
class Field:
    """One column: its type (a key of ``TYPES``) and what its values must fulfil."""

    name: str
    type: str
    title: str
    description: str
    unit: str | None = None
    required: bool = False
    unique: bool = False
    minimum: float | None = None
    maximum: float | None = None
    enum: tuple[Any, ...] | None = None
    pattern: str | None = None
    min_length: int | None = None

    @classmethod
    def build(cls, descriptor: dict[str, Any], place: str) -> Field:
        """Return the field that a Table Schema descriptor describes."""
        name, kind = descriptor.get("name"), descriptor.get("type")
        constraints = descriptor.get("constraints", {})
        if not name or kind not in TYPES:
            raise CompendiumError(
                f"{place} has a field without a name or usable type", found=kind, expected=list(TYPES)
            )
        known = {"required", "unique", "minimum", "maximum", "enum", "pattern", "minLength"}
        if unknown := sorted(set(constraints) - known):
            raise CompendiumError(
                f"{place} has a constraint that is not checked here", column=name, found=unknown, expected=sorted(known)
            )
        return cls(
            name,
            kind,
            descriptor.get("title", name),
            descriptor.get("description", ""),
            descriptor.get("unit"),
            constraints.get("required", False),
            constraints.get("unique", False),
            constraints.get("minimum"),
            constraints.get("maximum"),
            tuple(constraints["enum"]) if "enum" in constraints else None,
            constraints.get("pattern"),
            constraints.get("minLength"),
        )


@dataclass(frozen=True)
class Reference:
    """Columns that point to columns of another table; an empty ``resource`` is the table itself."""

    fields: tuple[str, ...]
    resource: str
    reference_fields: tuple[str, ...]


@dataclass(frozen=True)
class TercileClass:
    """``class_column`` holds the tercile class of ``value``; ``labels`` run from low to high."""

    value: str
    class_column: str
    labels: tuple[str, ...]


@dataclass(frozen=True)
class TableSchema:
    """One table of the data package; ``path`` is absolute."""

    name: str
    path: Path
    title: str
    description: str
    fields: tuple[Field, ...]
    primary_key: tuple[str, ...] = ()
    foreign_keys: tuple[Reference, ...] = ()
    missing_values: tuple[str, ...] = ("",)
    rows: int | None = None
    covers: Reference | None = None
    tercile_classes: tuple[TercileClass, ...] = ()
    package: Path | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return tuple(field.name for field in self.fields)

    @classmethod
    def build(cls, resource: dict[str, Any], package: Path) -> TableSchema:
        """Return the schema that a resource of ``package`` (a descriptor) describes; its path starts there.

        Raises
        ------
        CompendiumError : the descriptor lacks a name, path or field, or a key names a column that is not there.
        """
        name = resource.get("name", "")
        place = f"table '{name}' of the data package"
        schema = resource.get("schema", {})
        if not name or not isinstance(resource.get("path"), str) or not schema.get("fields"):
            raise CompendiumError(f"{place} lacks a name, a path or fields", file=package)
        built = cls(
            name,
            package.parent / resource["path"],
            resource.get("title", name),
            resource.get("description", ""),
            tuple(Field.build(field, place) for field in schema["fields"]),
            _names(schema.get("primaryKey")),
            tuple(
                Reference(_names(key["fields"]), key["reference"]["resource"], _names(key["reference"]["fields"]))
                for key in schema.get("foreignKeys", [])
            ),
            tuple(schema.get("missingValues", [""])),
            schema.get("rows"),
            _covers(schema.get("covers")),
            tuple(
                TercileClass(rule["value"], rule["class"], tuple(rule["labels"]))
                for rule in schema.get("tercileClasses", [])
            ),
            package,
        )
        used = [*built.primary_key, *(name for key in built.foreign_keys for name in key.fields)]
        used += [name for rule in built.tercile_classes for name in (rule.value, rule.class_column)]
        used += built.covers.fields if built.covers else ()
        for column in used:
            if column not in built.columns:
                raise CompendiumError(
                    f"a key or rule of {place} names no column", column=column, expected=built.columns
                )
        return built


def package_path(name: str = "") -> Path:
    """Return the path of a data package's descriptor in ``data/``: the main one, or that of a name."""
    return project.root() / "data" / (f"{name}.datapackage.json" if name else "datapackage.json")


def package_paths() -> list[Path]:
    """Return the descriptors of all data packages of the project, the main one first."""
    data = project.root() / "data"
    return [package_path(), *sorted(data.glob("*.datapackage.json")), *sorted(data.glob("*/datapackage.json"))]


def load_package(path: str | Path | None = None) -> dict[str, Any]:
    """Return the data package's descriptor.

    Raises
    ------
    CompendiumError : the file is missing or is no JSON object with ``resources``.
    """
    file = Path(path or package_path())
    try:
        package = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise CompendiumError("the data package cannot be read", file=file, found=error.strerror) from error
    except UnicodeDecodeError as error:
        raise CompendiumError("the data package is not UTF-8", file=file, found=error.reason) from error
    except json.JSONDecodeError as error:
        raise CompendiumError("the data package is not JSON", file=file, row=error.lineno, found=error.msg) from error
    if not isinstance(package, dict) or not isinstance(package.get("resources"), list):
        raise CompendiumError("the data package lists no resources", file=file, expected="a list 'resources'")
    return package


def table_schemas(path: str | Path | None = None) -> dict[str, TableSchema]:
    """Return the schema of every table of the data package, by name, in order."""
    file = Path(path or package_path())
    tables = [entry for entry in load_package(file)["resources"] if "schema" in entry]
    return {entry["name"]: TableSchema.build(entry, file) for entry in tables}


def table_schema(name: str, path: str | Path | None = None) -> TableSchema:
    """Return the schema of one table: of the package at ``path``, else of the first of the project's that has it.

    Raises
    ------
    CompendiumError : no data package has such a table; the message offers the nearest name.
    """
    tables: dict[str, TableSchema] = {}
    for package in [Path(path)] if path else package_paths():
        if package.is_file() or path or package == package_path():
            tables = {**table_schemas(package), **tables}
        if name in tables:
            break
    if name not in tables:
        raise CompendiumError(
            "the data package has no such table",
            file=path or package_path(),
            found=name,
            expected=nearest(name, tables),
        )
    return tables[name]


def described(path: str | Path) -> TableSchema | None:
    """Return the schema of a file of the project, whichever of its data packages describes it; None if none does."""
    wanted = Path(path).resolve()
    for package in package_paths():
        if package.is_file() and wanted.is_relative_to(package.parent.resolve()):
            for schema in table_schemas(package).values():
                if schema.path.resolve() == wanted:
                    return schema
    return None


def undescribed_files(path: str | Path | None = None) -> list[Path]:
    """Return the CSV files beside the data package that it does not describe, the raw open data left out."""
    folder = Path(path or package_path()).parent
    described = {schema.path for schema in table_schemas(path).values()}
    files = (file for file in folder.rglob("*.csv") if "raw" not in file.relative_to(folder).parts[:-1])
    return sorted(set(files) - described)


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


def data_dictionary(path: str | Path | None = None) -> str:
    """Return the data dictionary of every table as Markdown, generated from the data package."""
    blocks = []
    for schema in table_schemas(path).values():
        lines = [f"### `{schema.path.relative_to(Path(path or package_path()).parent).as_posix()}`", ""]
        lines += [f"**{schema.title}.** {schema.description}", ""]
        lines += ["| column | type | unit | meaning | rules |", "|" + ":---|" * 5]
        for field in schema.fields:
            cells = [f"`{field.name}`", field.type, field.unit or "", field.description, _rules(field)]
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
        blocks.append("\n".join([*lines, "", *_keys(schema)]))
    return "\n\n".join(blocks)


def with_dictionary(readme: str, dictionary: str) -> str:
    """Return ``readme`` with the text between the two dictionary marks replaced by ``dictionary``."""
    before, start, rest = readme.partition(DICTIONARY_START)
    _, end, after = rest.partition(DICTIONARY_END)
    if not start or not end:
        raise CompendiumError(
            "the place of the data dictionary is not marked", expected=f"{DICTIONARY_START} and {DICTIONARY_END}"
        )
    return f"{before}{start}\n\n{dictionary}\n\n{end}{after}"


def update_readme() -> Path:
    """Write the data dictionary into ``data/README.md`` and return its path."""
    readme = package_path().with_name("README.md")
    return project.write_text(readme, with_dictionary(readme.read_text(encoding="utf-8"), data_dictionary()))


def nearest(found: str, options: Sequence[str] | dict[str, Any]) -> str | list[str]:
    """Return the option most like ``found``, or all options where none is like it."""
    close = get_close_matches(found, list(options), n=1)
    return close[0] if close else list(options)


def _names(value: str | Sequence[str] | None) -> tuple[str, ...]:
    return () if value is None else (value,) if isinstance(value, str) else tuple(value)


def _covers(rule: dict[str, Any] | None) -> Reference | None:
    return None if rule is None else Reference(_names(rule["fields"]), rule["resource"], _names(rule["fields"]))


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
    return pa.Column(dtypes[field.type], checks, nullable=not field.required, unique=field.unique)


def _classes_agree(frame: pd.DataFrame, rule: TercileClass) -> pd.Series:
    return frame[rule.class_column] == tercile_classes(frame[rule.value], rule.labels)


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


def _rules(field: Field) -> str:
    rules = ["required" if field.required else "may be empty"]
    if field.unique:
        rules.append("unique")
    if field.minimum is not None and field.maximum is not None:
        rules.append(f"{field.minimum} to {field.maximum}")
    elif field.minimum is not None:
        rules.append(f"at least {field.minimum}")
    elif field.maximum is not None:
        rules.append(f"at most {field.maximum}")
    if field.enum is not None:
        rules.append("one of: " + ", ".join(str(value) for value in field.enum))
    if field.pattern is not None:
        rules.append(f"pattern `{field.pattern}`")
    return "; ".join(rules)


def _keys(schema: TableSchema) -> list[str]:
    facts = []
    if schema.rows is not None:
        facts.append(f"Rows: {schema.rows}.")
    if schema.primary_key:
        facts.append(f"Primary key: {_quoted(schema.primary_key)}.")
    for key in schema.foreign_keys:
        target = f"`{key.resource}`" if key.resource else "the same table"
        facts.append(f"Foreign key: {_quoted(key.fields)} to {target}, {_quoted(key.reference_fields)}.")
    if schema.covers:
        facts.append(f"One row for each row of `{schema.covers.resource}`.")
    facts += [f"`{rule.class_column}` is the tercile class of `{rule.value}`." for rule in schema.tercile_classes]
    return [" ".join(facts)] if facts else []


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
