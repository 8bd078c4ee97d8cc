"""The interview sample: who took part, by site and sector, and whether the printed margins add up."""

from __future__ import annotations

import pandas as pd

from compendium.errors import CompendiumError

NHS = "NHS"
OTHER = "Other sectors"
SECTORS = {"ICB": NHS, "Provider": NHS, "Public health": OTHER, "Social care": OTHER, "Community": OTHER}
"""Each sector with the group the thesis prints it under, in printed order."""


def sample_size(interviewees: pd.DataFrame) -> int:
    """Return the number of people interviewed; ``interviewees`` has one row per site and sector."""
    return int(interviewees["interviewees"].sum())


def by_site_and_sector(interviewees: pd.DataFrame) -> pd.DataFrame:
    """Return the sample as the thesis lays it out: sites down, sectors across, totals last.

    Parameters
    ----------
    interviewees : ``site``, ``sector``, ``interviewees``; each site and sector once.

    Returns
    -------
    Columns ``site``, the five sectors in printed order and ``Total``; the last row is ``Total``.

    Raises
    ------
    CompendiumError : a combination of site and sector is missing, doubled or unknown.
    """
    _complete(interviewees)
    wide = interviewees.pivot(index="site", columns="sector", values="interviewees")[list(SECTORS)].sort_index()
    wide["Total"] = wide.sum(axis=1)
    wide.loc["Total"] = wide.sum(axis=0)
    wide.columns.name = None
    return wide.astype(int).reset_index()


def by_group(interviewees: pd.DataFrame) -> pd.DataFrame:
    """Count interviewees in and outside the NHS: ``sector_group``, ``interviewees``, ``percent`` (of all)."""
    counts = interviewees.groupby("sector_group")["interviewees"].sum()
    total = int(counts.sum())
    return pd.DataFrame(
        {
            "sector_group": group,
            "interviewees": int(counts.get(group, 0)),
            "percent": 100 * int(counts.get(group, 0)) / total if total else float("nan"),
        }
        for group in (NHS, OTHER)
    )


def margin_checks(interviewees: pd.DataFrame, margins: pd.DataFrame) -> pd.DataFrame:
    """Compare every printed total with the sum of the printed cells.

    Parameters
    ----------
    interviewees : ``site``, ``sector_group``, ``sector``, ``interviewees``.
    margins : ``margin`` (site, sector, sector_group or overall), ``category``, ``interviewees``, ``place``.

    Returns
    -------
    ``margin``, ``category``, ``place``, ``printed``, ``computed``, ``agrees``; one row per printed total.

    Raises
    ------
    CompendiumError : a kind of margin is unknown.
    """
    computed = []
    for margin, category in zip(margins["margin"], margins["category"], strict=True):
        if margin == "overall":
            cells = interviewees
        elif margin in ("site", "sector", "sector_group"):
            cells = interviewees[interviewees[margin] == category]
        else:
            raise CompendiumError(
                "the kind of margin is unknown",
                column="margin",
                found=margin,
                expected=["site", "sector", "sector_group", "overall"],
            )
        computed.append(int(cells["interviewees"].sum()))
    result = margins[["margin", "category", "place"]].assign(
        printed=margins["interviewees"].astype(int), computed=computed
    )
    return result.assign(agrees=result["printed"] == result["computed"])


def _complete(interviewees: pd.DataFrame) -> None:
    found = list(zip(interviewees["site"], interviewees["sector"], strict=True))
    expected = [(site, sector) for site in dict.fromkeys(interviewees["site"]) for sector in SECTORS]
    wrong = sorted(set(found) ^ set(expected)) or sorted({pair for pair in found if found.count(pair) > 1})
    if wrong:
        raise CompendiumError(
            "the sample does not hold each site and sector exactly once",
            column="sector",
            found=[f"{site}: {sector}" for site, sector in wrong],
            expected="every sector once for every site",
        )
