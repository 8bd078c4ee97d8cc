"""Which data the chain describes: the study's printed tables, or the same table from newer open data."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from compendium.errors import CompendiumError

if TYPE_CHECKING:
    import pandas as pd

    from analysis.snapshot import Snapshot

STUDY = ("2019", "stp21")
BOUNDARIES = {"stp21": "April 2021", "icb22": "July 2022", "icb24": "2024"}
"""Boundary vintages that the snapshot holds, and when they held."""


def boundary_id(name: str) -> str:
    """Return the id of a boundary vintage: "icb24" for "icb24", "ICB2024" or "icb-2024".

    Raises
    ------
    CompendiumError : there is no such vintage.
    """
    found = re.sub(r"(?:20)?(\d\d)$", r"\1", re.sub(r"[^a-z0-9]", "", str(name).lower()))
    if found not in BOUNDARIES:
        raise CompendiumError("unknown boundary vintage", found=name, expected=list(BOUNDARIES))
    return found


def is_study(imd: int | str, boundaries: str) -> bool:
    """Return whether these are the vintages that the study used."""
    return (str(imd), boundary_id(boundaries)) == STUDY


def label(imd: int | str, boundaries: str) -> str:
    """Return how tables name these vintages, such as "IMD 2025, boundaries of 2024"."""
    return f"IMD {imd}, boundaries of {BOUNDARIES[boundary_id(boundaries)]}"


def provenance(imd: int | str, boundaries: str, place: str) -> str:
    """Return the note that says where a table's values come from: ``place`` in the thesis, or open data."""
    if is_study(imd, boundaries):
        return f"As printed in the thesis ({place})."
    return f"Recomputed from open data ({label(imd, boundaries)}); what no open data hold is as printed ({place})."


def computed(imd: int | str, boundaries: str, place: str) -> str:
    """Return the note that says what a table of summaries is computed from: printed values, or open data."""
    if is_study(imd, boundaries):
        return f"Computed from the values that the thesis prints ({place})."
    return (
        f"Computed from open data ({label(imd, boundaries)}) and, where they hold none, from printed values ({place})."
    )


def described(printed: pd.DataFrame, snapshot: Snapshot, imd: int | str, boundaries: str) -> pd.DataFrame:
    """Return the ICS table for the chosen vintages, in the shape of the printed one.

    Parameters
    ----------
    printed : one row per ICS, as `analysis.characteristics.join` returns it.
    snapshot : counts of raw open data.
    imd, boundaries : vintages; the study's own give the printed table back unchanged.

    Returns
    -------
    The columns of ``printed``. For other vintages the values that open data hold are recomputed and rounded as
    printed, and their classes are terciles of the rounded values; the rest is as printed.

    Raises
    ------
    CompendiumError : the snapshot does not hold these vintages, or lacks an area.
    """
    if is_study(imd, boundaries):
        return printed
    from analysis.audit import rounded
    from analysis.characteristics import CLASSED, class_cuts, classify
    from analysis.snapshot import ics_table

    newer = ics_table(snapshot, str(imd), boundary_id(boundaries)).set_index("area").reindex(printed["ods_code"])
    if newer["lsoas"].isna().any():
        raise CompendiumError("the recomputed table lacks some areas", found=sorted(newer.index[newer["lsoas"].isna()]))
    table = printed.copy()
    for name in ("nhs_region", "tier_arrangement"):
        table[name] = newer[name].to_numpy()
    for item in CLASSED:
        values = rounded(item.column, newer[item.column])
        table[item.column] = values.astype("int64").to_numpy()
        table[item.class_column] = classify(values, class_cuts(values, 3), item.labels).to_numpy()
    return table
