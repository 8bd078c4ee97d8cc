"""The definitions that the audit tries: ways in which each printed characteristic could have been computed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from analysis.deprivation import area_shares
from analysis.organisations import MINIMUM_SHARE, authority_counts, included_authorities, tier_arrangements
from analysis.snapshot import Snapshot, rows_of

AUDITED = (
    "nhs_region",
    "urban_percent",
    "population",
    "utla_count",
    "tier_arrangement",
    "trust_count",
    "most_deprived_fifth_percent",
)
"""The printed variables that open data can speak to, in printed order."""

NOT_AUDITED = ("ics_wave", "vanguards", "pioneers")
"""Printed variables that come from policy documents: no raw data of the registry hold them."""

SURROGATES = {
    "utla_count": "partners named in plans; here authorities whose small areas overlap the system",
    "tier_arrangement": "partners named in plans; here authorities whose small areas overlap the system",
    "trust_count": "postcodes of sites, so a trust may count in several systems; here each trust's one parent system",
}
"""Variables whose source the study names and the registry lacks: that source, and what stands in for it here.

A surrogate measures something close, so neither its agreement nor its disagreement tests the print."""


@dataclass(frozen=True)
class Definition:
    """One way to compute a variable.

    stated : the study's notes describe it so. after_seeing : we chose it after seeing the printed values. main : the
    one definition per variable that the cell by cell audit uses.
    """

    id: str
    variable: str
    label: str
    values: Callable[[Snapshot], pd.Series]
    stated: bool = False
    after_seeing: bool = True
    main: bool = False


def _counts(snapshot: Snapshot, imd: str, boundary: str) -> pd.DataFrame:
    return rows_of(snapshot.ics_counts, "ics_counts", imd=imd, boundaries=boundary)


def _share(column: str, imd: str, boundary: str) -> Callable[[Snapshot], pd.Series]:
    return lambda snapshot: area_shares(_counts(snapshot, imd, boundary))[column]


def _urban_with_fringe(snapshot: Snapshot) -> pd.Series:
    counts = _counts(snapshot, "2019", "stp21")
    return 100 * (counts["urban"] + counts["town_and_fringe"]) / counts["classified"]


def _population(column: str, boundary: str) -> Callable[[Snapshot], pd.Series]:
    return lambda snapshot: rows_of(snapshot.populations, "populations", boundaries=boundary)[column]


def _authorities(
    measure: Callable[[pd.DataFrame], pd.Series], boundary: str, minimum_share: float
) -> Callable[[Snapshot], pd.Series]:
    def values(snapshot: Snapshot) -> pd.Series:
        overlaps = rows_of(snapshot.authorities, "authorities", boundaries=boundary).reset_index()
        return measure(included_authorities(overlaps, minimum_share))

    return values


def _trusts(on: str, ambulance: bool = True) -> Callable[[Snapshot], pd.Series]:
    def values(snapshot: Snapshot) -> pd.Series:
        table = rows_of(snapshot.trusts, "trusts", open_on=on)
        return table["trusts"] if ambulance else table["trusts"] - table["ambulance_trusts"]

    return values


def _authority_definitions(variable: str, measure: Callable[[pd.DataFrame], pd.Series]) -> list[Definition]:
    found = []
    for boundary, when in (("stp21", "April 2021"), ("icb22", "July 2022")):
        for share in (0.0, 0.01, MINIMUM_SHARE, 0.10, 0.25, 0.50):
            rule = f"at least {share:.0%} of the authority's LSOAs" if share else "any LSOA of the authority"
            found.append(
                Definition(
                    f"{variable.replace('_', '-')}-{round(100 * share)}-{boundary}",
                    variable,
                    f"{rule} in the area, {when} boundaries",
                    _authorities(measure, boundary, share),
                    after_seeing=(boundary, share) != ("stp21", 0.0),
                    main=(boundary, share) == ("stp21", MINIMUM_SHARE),
                )
            )
    return found


DEFINITIONS: tuple[Definition, ...] = (
    Definition(
        "region-practices",
        "nhs_region",
        "NHS region of the area's GP practices, January 2022",
        lambda snapshot: snapshot.regions.set_index("area")["region"],
        stated=True,
        after_seeing=False,
        main=True,
    ),
    Definition(
        "urban-stp21",
        "urban_percent",
        "rural-urban classes A to C, April 2021 boundaries",
        _share("urban_percent", "2019", "stp21"),
        stated=True,
        after_seeing=False,
        main=True,
    ),
    Definition(
        "urban-icb22",
        "urban_percent",
        "rural-urban classes A to C, July 2022 boundaries",
        _share("urban_percent", "2019", "icb22"),
    ),
    Definition(
        "urban-fringe-stp21",
        "urban_percent",
        "rural-urban classes A to D, April 2021 boundaries",
        _urban_with_fringe,
    ),
    Definition(
        "registered-stp21",
        "population",
        "registered patients, April 2021 boundaries",
        _population("registered", "stp21"),
        stated=True,
        after_seeing=False,
    ),
    Definition(
        "registered-icb22",
        "population",
        "registered patients, July 2022 boundaries",
        _population("registered", "icb22"),
        stated=True,
        after_seeing=False,
    ),
    Definition(
        "projected-stp21",
        "population",
        "projected 2022/23 population, April 2021 boundaries",
        _population("projected", "stp21"),
    ),
    Definition(
        "projected-icb22",
        "population",
        "projected 2022/23 population, July 2022 boundaries",
        _population("projected", "icb22"),
        main=True,
    ),
    *_authority_definitions("utla_count", authority_counts),
    *_authority_definitions("tier_arrangement", tier_arrangements),
    Definition(
        "trusts-2022-03-31",
        "trust_count",
        "trusts open on 31 March 2022 by parent ICS",
        _trusts("2022-03-31"),
        after_seeing=False,
        main=True,
    ),
    Definition(
        "trusts-2022-01-01",
        "trust_count",
        "trusts open on 1 January 2022 by parent ICS",
        _trusts("2022-01-01"),
    ),
    Definition(
        "trusts-2021-07-01",
        "trust_count",
        "trusts open on 1 July 2021 by parent ICS",
        _trusts("2021-07-01"),
    ),
    Definition(
        "trusts-2021-04-01",
        "trust_count",
        "trusts open on 1 April 2021 by parent ICS",
        _trusts("2021-04-01"),
    ),
    Definition(
        "trusts-2021-01-01",
        "trust_count",
        "trusts open on 1 January 2021 by parent ICS",
        _trusts("2021-01-01"),
    ),
    Definition(
        "trusts-2022-03-31-no-ambulance",
        "trust_count",
        "trusts open on 31 March 2022 by parent ICS, without ambulance trusts",
        _trusts("2022-03-31", ambulance=False),
    ),
    Definition(
        "deprivation-stp21",
        "most_deprived_fifth_percent",
        "IMD 2019 rank within the first 20%, April 2021 boundaries",
        _share("most_deprived_fifth_percent", "2019", "stp21"),
        stated=True,
        after_seeing=False,
        main=True,
    ),
    Definition(
        "deprivation-icb22",
        "most_deprived_fifth_percent",
        "IMD 2019 rank within the first 20%, July 2022 boundaries",
        _share("most_deprived_fifth_percent", "2019", "icb22"),
    ),
    Definition(
        "deprivation-2025-icb24",
        "most_deprived_fifth_percent",
        "IMD 2025 rank within the first 20%, 2024 boundaries",
        _share("most_deprived_fifth_percent", "2025", "icb24"),
    ),
)
"""Every definition tried. None for the variables of `SURROGATES` is `stated`. For populations the notes name the
registered population, but no boundaries."""
