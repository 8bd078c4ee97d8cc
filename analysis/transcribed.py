"""The tables transcribed from the documents beside the ICS tables: reviews, policies, ledger and checklists."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from analysis import project
from analysis.loading import read_table
from analysis.schemas import table_schema

if TYPE_CHECKING:
    import pandas as pd


def package_path() -> Path:
    """Return the path of the data package that describes these tables."""
    return project.root() / "data" / "ledger.datapackage.json"


def read(name: str) -> pd.DataFrame:
    """Read one of these tables by name, checked against its schema; see ``analysis.loading.read_table``."""
    schema = table_schema(name, package_path())
    return read_table(schema.path, schema)
