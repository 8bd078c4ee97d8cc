"""The 42 integrated care systems (ICSs) of England: their codes, names, printed order and NHS regions."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from compendium.data import loading, packages

REGIONS = (
    "North East and Yorkshire",
    "North West",
    "Midlands",
    "East of England",
    "London",
    "South East",
    "South West",
)
"""The seven NHS regions, roughly from north to south: the order of tables and legends."""


def read_areas(path: str | Path | None = None) -> pd.DataFrame:
    """Return the 42 ICSs in the order the thesis prints them (the order of their ONS codes).

    Columns: ``stp21_code`` (ONS, E54...), ``ods_code`` (NHS, Q..), ``ics_name`` (as printed),
    ``official_name``, ``nhs_region``, ``printed_order`` (1-42), ``source``, ``place``.

    Raises
    ------
    CompendiumError : the file breaks its schema.
    """
    schema = packages.table_schema("areas")
    frame = loading.read_table(schema.path if path is None else path, schema)
    return frame.sort_values("printed_order", ignore_index=True)
