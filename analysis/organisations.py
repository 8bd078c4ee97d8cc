"""The organisations of an area: registered people, upper tier local authorities, tier arrangement, NHS trusts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from compendium.errors import CompendiumError

LEFT_OUT = ("E09000001",)
"""The City of London, which the study leaves out of its authorities; the Isles of Scilly are in."""

MINIMUM_SHARE = 0.05
"""Least share of an authority's LSOAs that an area must hold to count it. Chosen after seeing the printed counts."""


def populations(practices: pd.DataFrame, by: str = "area") -> pd.DataFrame:
    """Sum practice populations: ``registered`` (list sizes) and ``projected``, in whole people, indexed by area.

    ``by`` names the column to sum by: the practices' own area, or one mapped from their CCG.
    """
    missing = practices[by].isna()
    if missing.any():
        raise CompendiumError(
            f"{int(missing.sum())} practices have no area",
            file=practices.attrs.get("file"),
            row=practices.index[missing][0],
            column=by,
        )
    sums = practices.groupby(by)[["registered", "projected"]].sum().rename_axis("area")
    return (sums + 0.5).astype(int)  # whole people, halves up


def ccg_areas(members: pd.DataFrame) -> pd.Series:
    """Return the area of each CCG from its practices; a CCG in two areas raises `CompendiumError`."""
    return _one_for_each(members, "ccg", "area", "a CCG belongs to two areas")


def area_regions(members: pd.DataFrame) -> pd.Series:
    """Return the NHS region of each area from its practices; an area in two regions raises `CompendiumError`."""
    return _one_for_each(members, "area", "region", "an area belongs to two NHS regions").sort_index()


def _one_for_each(members: pd.DataFrame, key: str, wanted: str, problem: str) -> pd.Series:
    pairs = members[[key, wanted]].drop_duplicates()
    split = pairs[key].duplicated()
    if split.any():
        found, file = pairs.loc[split, key].iloc[0], members.attrs.get("file")
        raise CompendiumError(problem, file=file, column=key, found=found, expected="one for each")
    return pairs.set_index(key)[wanted]


def authority_overlaps(lsoas: pd.DataFrame, tiers: pd.DataFrame) -> pd.DataFrame:
    """Count the LSOAs that each area and each upper tier authority share.

    Parameters
    ----------
    lsoas : one row per LSOA: ``area`` and either ``lad`` (code) or ``lsoa_name`` (authority's name and a number).
    tiers : lower to upper tier authorities: ``lad``, ``lad_name``, ``utla``, ``utla_name``.

    Returns
    -------
    One row per pair that shares an LSOA: ``area``, ``utla``, ``utla_name``, ``lsoas``, ``utla_lsoas`` (all of the
    authority's), sorted by area and authority.

    Raises
    ------
    CompendiumError : a district is not in ``tiers``.
    """
    if "lad" in lsoas.columns:
        key, districts = tiers["lad"], lsoas["lad"]
    else:  # "Bristol 021A" and "Bristol, City of" both name Bristol
        key = tiers["lad_name"].str.split(", ").str[0]
        districts = lsoas["lsoa_name"].str.replace(r" \d{3}[A-Z]$", "", regex=True).str.split(", ").str[0]
    upper = tiers.assign(key=key).drop_duplicates("key").set_index("key")
    unknown = ~districts.isin(upper.index)
    if unknown.any():
        raise CompendiumError(
            f"{int(unknown.sum())} LSOAs lie in districts that {tiers.attrs.get('file')} lacks",
            file=lsoas.attrs.get("file"),
            row=districts.index[unknown][0],
            found=districts[unknown].iloc[0],
            expected="districts of 2021; where the registry has another lookup of the same LSOAs, leave 'lad' and "
            "'lsoa_name' out of this one's columns",
        )
    frame = pd.DataFrame({"area": lsoas["area"], "utla": upper["utla"].reindex(districts).to_numpy()})
    pairs = frame.groupby(["area", "utla"]).size().rename("lsoas").reset_index()
    pairs["utla_lsoas"] = pairs.groupby("utla")["lsoas"].transform("sum")
    names = tiers.drop_duplicates("utla").set_index("utla")["utla_name"]
    pairs.insert(2, "utla_name", pairs["utla"].map(names))
    return pairs


def included_authorities(
    overlaps: pd.DataFrame, minimum_share: float = MINIMUM_SHARE, left_out: Sequence[str] = LEFT_OUT
) -> pd.DataFrame:
    """Return the pairs in which the area holds at least ``minimum_share`` of the authority's LSOAs (0: any LSOA)."""
    if not 0 <= minimum_share <= 1:
        raise CompendiumError("the minimum share of an authority is out of range", found=minimum_share, expected="0-1")
    share = overlaps["lsoas"] / overlaps["utla_lsoas"]
    return overlaps[(share >= minimum_share) & ~overlaps["utla"].isin(left_out)]


def authority_counts(included: pd.DataFrame) -> pd.Series:
    """Return the number of included authorities of each area."""
    return included.groupby("area")["utla"].nunique()


def tier_arrangements(included: pd.DataFrame) -> pd.Series:
    """Return "Two-tier" where all included authorities are counties with districts (E10), "Single" where none is,
    else "Mixed"."""
    counties = included["utla"].str.startswith("E10").groupby(included["area"]).mean()
    labels = np.select([counties == 0, counties == 1], ["Single", "Two-tier"], "Mixed")
    return pd.Series(labels, index=counties.index, dtype=object)


def trusts_open(trusts: pd.DataFrame, on: str, areas: Sequence[str]) -> pd.DataFrame:
    """Count the trusts open on a date, by the parent ICS that the Organisation Data Service gives.

    Parameters
    ----------
    trusts : ``trust``, ``name``, ``area``, ``opened``, ``closed`` (YYYYMMDD or missing).
    on : date as YYYY-MM-DD; a trust that closes on this day is closed.
    areas : the areas to count; trusts of other areas (Wales) are left out.

    Returns
    -------
    Indexed by area: ``trusts`` and, of these, ``ambulance_trusts``.
    """
    day = on.replace("-", "")
    if len(day) != 8 or not day.isdigit():
        raise CompendiumError("a date is not usable", found=on, expected="YYYY-MM-DD")
    opened = (trusts["opened"] <= day) & (trusts["closed"].isna() | (trusts["closed"] > day))
    ambulance = trusts["name"].str.contains("AMBULANCE", case=False)
    counts = {
        "trusts": trusts[opened].groupby("area").size(),
        "ambulance_trusts": trusts[opened & ambulance].groupby("area").size(),
    }
    return pd.DataFrame(counts).reindex(pd.Index(areas, name="area")).fillna(0).astype(int)
