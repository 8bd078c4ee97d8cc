"""The schema of a table as a Frictionless Data Package describes it: fields, constraints, keys and rules.

The data package is the one description of every table. ``compendium.data.packages`` finds and reads the packages of
a project, ``compendium.data.loading`` reads files against a schema, ``compendium.data.frames`` derives the pandera
model of a table from the same description.

Beyond the standard's fields, keys and constraints a table's schema may state: ``rows`` (how many it has),
``covers`` (it has a row for each row of another table), ``tercileClasses`` (columns that hold the tercile class of
another column), ``ascending`` (columns whose numbers do not fall from the first to the last), ``mayBeEmpty`` (it may
hold no row) and ``references``
(foreign keys beyond the standard: to several tables at once, and to those of another data package). A field may state
its ``unit``, and that it holds a ``list``: its ``separator``, and the ``values`` that may stand in it; a key that names
a list field holds for each of its members.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from compendium.errors import CompendiumError

TYPES = {
    "string": "text",
    "integer": "a whole number, digits only",
    "number": "a number, with a point for decimals",
    "boolean": "true or false",
    "date": "a date as YYYY-MM-DD",
}


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
    separator: str | None = None
    members: tuple[str, ...] | None = None

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
            *_list(descriptor.get("list"), name, place),
        )

    def parts(self, value: Any) -> tuple[Any, ...]:
        """Return the members of a cell's value: those of its list, or the value itself; none where it is missing."""
        if value is None:
            return ()
        return tuple(value.split(self.separator)) if self.separator else (value,)

    def list_fault(self, text: str) -> str | None:
        """Return what is wrong with the list that a cell holds, or None."""
        parts = self.parts(text)
        if any(not part or part != part.strip() for part in parts):
            return "a member of the list is blank or has blanks around it"
        if len(set(parts)) < len(parts):
            return "a member of the list stands twice"
        if self.members is not None and not set(parts) <= set(self.members):
            return "a member of the list is not one of those allowed"
        return None


@dataclass(frozen=True)
class Reference:
    """Columns that point to columns of one of several tables; an empty name is the table itself.

    ``package`` is the descriptor of the data package that holds these tables; None is the table's own.
    """

    fields: tuple[str, ...]
    resources: tuple[str, ...]
    reference_fields: tuple[str, ...]
    package: Path | None = None

    @classmethod
    def build(cls, key: dict[str, Any], package: Path, place: str) -> Reference:
        """Return the reference that a foreign key of a table of ``package`` describes."""
        try:
            target = key["reference"]
            other = package.parent / target["package"] if "package" in target else None
            fields, told = _names(key["fields"]), _names(target["fields"])
            built = cls(fields, _names(target["resource"]), told, other)
        except (KeyError, TypeError) as error:
            raise CompendiumError(
                f"{place} has a key that is not whole",
                file=package,
                found=str(key),
                expected="fields, and a reference with resource and fields",
            ) from error
        if len(fields) != len(told):
            raise CompendiumError(f"a key of {place} has unlike sides", file=package, found=told, expected=fields)
        return built


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
    ascending: tuple[tuple[str, ...], ...] = ()
    may_be_empty: bool = False
    package: Path | None = None

    def field(self, name: str) -> Field:
        """Return the field of a column."""
        return next(field for field in self.fields if field.name == name)

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
                Reference.build(key, package, place)
                for key in [*schema.get("foreignKeys", []), *schema.get("references", [])]
            ),
            tuple(schema.get("missingValues", [""])),
            schema.get("rows"),
            _covers(schema.get("covers")),
            tuple(
                TercileClass(rule["value"], rule["class"], tuple(rule["labels"]))
                for rule in schema.get("tercileClasses", [])
            ),
            tuple(tuple(names) for names in schema.get("ascending", [])),
            bool(schema.get("mayBeEmpty", False)),
            package,
        )
        used = [*built.primary_key, *(name for key in built.foreign_keys for name in key.fields)]
        used += [name for rule in built.tercile_classes for name in (rule.value, rule.class_column)]
        used += [name for names in built.ascending for name in names]
        used += built.covers.fields if built.covers else ()
        for column in used:
            if column not in built.columns:
                raise CompendiumError(
                    f"a key or rule of {place} names no column", column=column, expected=built.columns
                )
        return built


def nearest(found: str, options: Sequence[str] | dict[str, Any]) -> str | list[str]:
    """Return the option most like ``found``, or all options where none is like it."""
    close = get_close_matches(found, list(options), n=1)
    return close[0] if close else list(options)


def _names(value: str | Sequence[str] | None) -> tuple[str, ...]:
    return () if value is None else (value,) if isinstance(value, str) else tuple(value)


def _covers(rule: dict[str, Any] | None) -> Reference | None:
    return None if rule is None else Reference(_names(rule["fields"]), _names(rule["resource"]), _names(rule["fields"]))


def _list(rule: dict[str, Any] | None, name: str, place: str) -> tuple[str | None, tuple[str, ...] | None]:
    if rule is None:
        return None, None
    if not isinstance(rule, dict) or not rule.get("separator") or set(rule) - {"separator", "values"}:
        raise CompendiumError(
            f"{place} has a list that is not described", column=name, found=str(rule), expected="separator, and values"
        )
    return rule["separator"], tuple(rule["values"]) if "values" in rule else None
