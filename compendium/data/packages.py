"""The data packages of a project: which there are, what they describe, and which of them describes a file.

What a descriptor says is kept by its content, so that many files are read against one reading of it.
"""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

from compendium import project
from compendium.data.schemas import TableSchema, nearest
from compendium.errors import CompendiumError


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
    return _descriptor(file, _content(file))


def table_schemas(path: str | Path | None = None) -> dict[str, TableSchema]:
    """Return the schema of every table of the data package, by name, in order."""
    file = Path(path or package_path())
    return dict(_schemas(file, _content(file)))


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
    """Return the schema of a file of the project, whichever of its data packages describes it; None if none does.

    Outside of any project nothing is described.
    """
    wanted = Path(path).resolve()
    try:
        packages = package_paths()
    except CompendiumError:
        return None
    for package in packages:
        if package.is_file() and wanted.is_relative_to(package.parent.resolve()):
            schema = _by_file(package, _content(package)).get(wanted)
            if schema is not None:
                return schema
    return None


def undescribed_files(path: str | Path | None = None) -> list[Path]:
    """Return the CSV files beside the data package that it does not describe, the raw open data left out."""
    folder = Path(path or package_path()).parent
    described = {schema.path for schema in table_schemas(path).values()}
    files = (file for file in folder.rglob("*.csv") if "raw" not in file.relative_to(folder).parts[:-1])
    return sorted(set(files) - described)


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise CompendiumError("the data package cannot be read", file=file, found=error.strerror) from error


def _descriptor(file: Path, content: bytes) -> dict[str, Any]:
    try:
        package = json.loads(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise CompendiumError("the data package is not UTF-8", file=file, found=error.reason) from error
    except json.JSONDecodeError as error:
        raise CompendiumError("the data package is not JSON", file=file, row=error.lineno, found=error.msg) from error
    if not isinstance(package, dict) or not isinstance(package.get("resources"), list):
        raise CompendiumError("the data package lists no resources", file=file, expected="a list 'resources'")
    return package


@functools.lru_cache(maxsize=32)
def _schemas(file: Path, content: bytes) -> dict[str, TableSchema]:
    resources = _descriptor(file, content)["resources"]
    tables = [TableSchema.build(entry, file) for entry in resources if isinstance(entry, dict) and "schema" in entry]
    return {table.name: table for table in tables}


@functools.lru_cache(maxsize=32)
def _by_file(file: Path, content: bytes) -> dict[Path, TableSchema]:
    return {schema.path.resolve(): schema for schema in _schemas(file, content).values()}
