"""Every CSV file of the project is described by a data package, and fulfils its description."""

from pathlib import Path

import pytest

from compendium.data import frames, loading, packages

DATA = Path(__file__).resolve().parent.parent / "data"
PACKAGES = sorted(path for path in DATA.rglob("*datapackage.json") if "raw" not in path.parts)
TABLES = [(path, name) for path in PACKAGES for name in packages.table_schemas(path)]


def test_no_csv_file_is_without_description() -> None:
    described = {packages.table_schema(name, path).path.resolve() for path, name in TABLES}
    files = {path.resolve() for path in DATA.rglob("*.csv") if "raw" not in path.relative_to(DATA).parts}
    assert files == described


@pytest.mark.parametrize(("package", "name"), TABLES, ids=[f"{path.parent.name}-{name}" for path, name in TABLES])
def test_a_table_fulfils_its_description_and_its_keys(package: Path, name: str) -> None:
    schema = packages.table_schema(name, package)
    frame = loading.read_table(schema.path, schema)
    assert list(frame.columns) == list(schema.columns)
    assert len(frame) > 0
    frames.validate(frame, schema)
