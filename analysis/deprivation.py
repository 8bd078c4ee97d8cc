"""Deprivation and rurality of areas, counted from their lower layer super output areas (LSOAs)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from analysis.boundaries import check_same_lsoas, check_unique
from compendium.errors import CompendiumError

URBAN = ("A1", "B1", "C1", "C2")
TOWN_AND_FRINGE = ("D1", "D2")
RURAL = (*TOWN_AND_FRINGE, "E1", "E2")
COUNTS = ["lsoas", "fifth", "tenth", "rank_sum", "classified", "urban", "town_and_fringe"]


def lsoa_ranks(areas: pd.DataFrame, imd: pd.DataFrame, ruc: pd.DataFrame) -> pd.DataFrame:
    """Join each LSOA's area, deprivation rank and rural-urban class.

    Parameters
    ----------
    areas : one row per LSOA: ``lsoa``, ``area``.
    imd : one row per LSOA: ``lsoa``, ``rank`` (1 = most deprived of England).
    ruc : ``lsoa``, ``ruc`` (2011 rural-urban class, A1-E2), may hold further LSOAs. LSOAs of the same vintage must
        all be there; of a later vintage only those that kept their code (and with it their boundary) have a class.

    Returns
    -------
    One row per LSOA: ``lsoa``, ``area``, ``rank`` (int), ``ruc`` (missing if unclassified).

    Raises
    ------
    CompendiumError : an LSOA twice, LSOAs without a partner, ranks out of 1..n, or an unknown class.
    """
    for frame in (areas, imd, ruc):
        check_unique(frame, "lsoa", "LSOA")
    check_same_lsoas(areas, imd)
    _check_ranks(imd)
    unknown = ~ruc["ruc"].isin(URBAN + RURAL)
    if unknown.any():
        row = unknown.idxmax()
        raise CompendiumError(
            "a rural-urban class is unknown",
            file=ruc.attrs.get("file"),
            row=row,
            column="ruc",
            found=ruc.loc[row, "ruc"],
            expected=URBAN + RURAL,
        )
    if areas.attrs.get("codes") == ruc.attrs.get("codes"):
        known = areas["lsoa"].isin(ruc["lsoa"])
        if not known.all():
            check_same_lsoas(areas, ruc[ruc["lsoa"].isin(areas["lsoa"])])
    result = areas[["lsoa", "area"]].reset_index(drop=True)
    result["rank"] = imd.set_index("lsoa")["rank"].reindex(result["lsoa"]).to_numpy().astype(int)
    result["ruc"] = ruc.set_index("lsoa")["ruc"].reindex(result["lsoa"]).to_numpy()
    return result


def area_counts(lsoas: pd.DataFrame) -> pd.DataFrame:
    """Count each area's LSOAs by deprivation and rurality.

    Parameters
    ----------
    lsoas : one row per LSOA of England: ``area``, ``rank``, ``ruc``.

    Returns
    -------
    One row per area, indexed and sorted by ``area``, of integers: ``lsoas``; ``fifth`` and ``tenth``, LSOAs whose rank
    is within the first 20% or 10% of all ranks; ``rank_sum``; ``classified``, LSOAs with a rural-urban class; ``urban``
    (classes A-C); ``town_and_fringe`` (class D).
    """
    area, names = pd.factorize(lsoas["area"], sort=True)
    rank = lsoas["rank"].to_numpy()
    ruc = lsoas["ruc"]
    # Ranks against whole-number multiples: 5 * rank <= n is free of the rounding of 0.2 * n.
    marks: dict[str, Any] = {
        "lsoas": np.ones(len(lsoas)),
        "fifth": 5 * rank <= len(lsoas),
        "tenth": 10 * rank <= len(lsoas),
        "rank_sum": rank,
        "classified": ruc.notna(),
        "urban": ruc.isin(URBAN),
        "town_and_fringe": ruc.isin(TOWN_AND_FRINGE),
    }
    counts = {name: np.bincount(area, weights=marks[name], minlength=len(names)) for name in COUNTS}
    return pd.DataFrame(counts, index=pd.Index(names, name="area")).round().astype(int)


def area_shares(counts: pd.DataFrame) -> pd.DataFrame:
    """Turn counts into measures, unrounded.

    Returns
    -------
    ``most_deprived_fifth_percent``, ``most_deprived_tenth_percent``, ``mean_rank`` (low = deprived), ``urban_percent``
    (of the classified LSOAs), with the index of ``counts``.
    """
    return pd.DataFrame(
        {
            "most_deprived_fifth_percent": 100 * counts["fifth"] / counts["lsoas"],
            "most_deprived_tenth_percent": 100 * counts["tenth"] / counts["lsoas"],
            "mean_rank": counts["rank_sum"] / counts["lsoas"],
            "urban_percent": 100 * counts["urban"] / counts["classified"],
        }
    )


def _check_ranks(imd: pd.DataFrame) -> None:
    """Demand whole ranks within 1..n. Equal ranks are allowed: the index of 2019 ties 26 LSOAs with another."""
    rank, total, file = imd["rank"], len(imd), imd.attrs.get("file")
    wrong = ~rank.between(1, total) | (rank % 1 != 0)
    if wrong.any():
        row = wrong.idxmax()
        raise CompendiumError(
            f"{int(wrong.sum())} ranks are out of range",
            file=file,
            row=row,
            column="rank",
            found=f"{rank[row]:g}",
            expected=f"whole numbers from 1 to {total}",
        )
