"""The data dictionary of a data package as Markdown, and its place in a README."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from compendium import project
from compendium.data.packages import package_path, table_schemas
from compendium.data.schemas import Field, TableSchema
from compendium.errors import CompendiumError

DICTIONARY_START, DICTIONARY_END = "<!-- dictionary: generated -->", "<!-- dictionary: end -->"


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
    if field.separator is not None:
        held = "" if field.members is None else ": " + ", ".join(field.members)
        rules.append(f"a list separated by `{field.separator}`{held}")
    return "; ".join(rules)


def _keys(schema: TableSchema) -> list[str]:
    facts = []
    if schema.rows is not None:
        facts.append(f"Rows: {schema.rows}.")
    if schema.primary_key:
        facts.append(f"Primary key: {_quoted(schema.primary_key)}.")
    for key in schema.foreign_keys:
        target = " or ".join(f"`{name}`" if name else "the same table" for name in key.resources)
        facts.append(
            f"Foreign key: {_quoted(key.fields)} to {target}, {_quoted(key.reference_fields)}"
            + (f" (of `{key.package.parent.name}/{key.package.name}`)." if key.package else ".")
        )
    if schema.covers:
        facts.append(f"One row for each row of `{schema.covers.resources[0]}`.")
    facts += [f"`{rule.class_column}` is the tercile class of `{rule.value}`." for rule in schema.tercile_classes]
    facts += [f"{_quoted(names)} do not fall from left to right." for names in schema.ascending]
    facts += ["It may hold no row."] if schema.may_be_empty else []
    return [" ".join(facts)] if facts else []


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
