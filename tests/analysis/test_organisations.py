"""Populations, authorities, tiers and trusts of an area."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis import organisations
from compendium.errors import CompendiumError

TIERS = pd.DataFrame(
    {
        "lad": ["E06000001", "E07000001", "E07000002", "E09000001"],
        "lad_name": ["Bristol, City of", "Ash", "Elm", "City of London"],
        "utla": ["E06000001", "E10000001", "E10000001", "E09000001"],
        "utla_name": ["Bristol, City of", "Treeshire", "Treeshire", "City of London"],
    }
)
LSOAS = pd.DataFrame(
    {
        "area": ["QAA"] * 3 + ["QBB"] * 9 + ["QAA"],
        "lad": ["E06000001", "E06000001", "E07000001", *["E07000002"] * 9, "E09000001"],
        "lsoa_name": ["Bristol 001A", "Bristol 001B", "Ash 001A", *["Elm 001A"] * 9, "City of London 001A"],
    }
)


def test_overlaps_by_code_and_by_name_are_the_same() -> None:
    by_code = organisations.authority_overlaps(LSOAS.drop(columns="lsoa_name"), TIERS)
    by_name = organisations.authority_overlaps(LSOAS.drop(columns="lad"), TIERS)
    pd.testing.assert_frame_equal(by_code, by_name)
    rows = by_code.set_index(["area", "utla_name"])
    assert rows.loc[("QAA", "Treeshire"), ["lsoas", "utla_lsoas"]].tolist() == [1, 10]
    assert rows.loc[("QBB", "Treeshire"), ["lsoas", "utla_lsoas"]].tolist() == [9, 10]


@pytest.mark.parametrize(
    ("share", "counts", "tiers"),
    [
        (0.0, {"QAA": 2, "QBB": 1}, {"QAA": "Mixed", "QBB": "Two-tier"}),
        (0.1, {"QAA": 2, "QBB": 1}, {"QAA": "Mixed", "QBB": "Two-tier"}),
        (0.11, {"QAA": 1, "QBB": 1}, {"QAA": "Single", "QBB": "Two-tier"}),
    ],
)
def test_the_inclusion_rule_sets_counts_and_tiers(share: float, counts: dict, tiers: dict) -> None:
    included = organisations.included_authorities(organisations.authority_overlaps(LSOAS, TIERS), share)
    assert "City of London" not in set(included["utla_name"])
    assert organisations.authority_counts(included).to_dict() == counts
    assert organisations.tier_arrangements(included).to_dict() == tiers


def test_a_share_outside_0_to_1_and_an_unknown_district_are_refused() -> None:
    overlaps = organisations.authority_overlaps(LSOAS, TIERS)
    with pytest.raises(CompendiumError, match="out of range; found 5"):
        organisations.included_authorities(overlaps, 5)
    with pytest.raises(CompendiumError, match="9 LSOAs lie in districts"):
        organisations.authority_overlaps(LSOAS, TIERS.drop(index=2))


def test_populations_are_summed_before_they_are_rounded() -> None:
    practices = pd.DataFrame(
        {"area": ["Q1", "Q1", "Q2"], "registered": [10.0, 5.0, 7.0], "projected": [10.25, 5.25, 7.49]}
    )
    sums = organisations.populations(practices)
    assert sums.to_dict("index") == {
        "Q1": {"registered": 15, "projected": 16},
        "Q2": {"registered": 7, "projected": 7},
    }
    practices.loc[2, "area"] = None
    with pytest.raises(CompendiumError, match="row 2, column 'area': 1 practices have no area"):
        organisations.populations(practices)


def test_a_ccg_or_an_area_in_two_places_is_refused() -> None:
    members = pd.DataFrame({"ccg": ["a", "a"], "area": ["Q1", "Q2"], "region": ["North", "South"]})
    with pytest.raises(CompendiumError, match="a CCG belongs to two areas; found a"):
        organisations.ccg_areas(members)
    members["area"] = "Q1"
    with pytest.raises(CompendiumError, match="two NHS regions; found Q1"):
        organisations.area_regions(members)


def test_trusts_are_counted_on_a_day() -> None:
    trusts = pd.DataFrame(
        {
            "trust": list("abcde"),
            "name": ["A TRUST", "B AMBULANCE SERVICE", "CLOSED TRUST", "WELSH TRUST", "NEW TRUST"],
            "area": ["Q1", "Q1", "Q1", "Q99", "Q2"],
            "opened": ["19990401"] * 4 + ["20211001"],
            "closed": [None, None, "20210930", None, None],
        }
    )
    before = organisations.trusts_open(trusts, "2021-09-29", ["Q1", "Q2"])
    on_the_day = organisations.trusts_open(trusts, "2021-09-30", ["Q1", "Q2"])
    after = organisations.trusts_open(trusts, "2021-10-01", ["Q1", "Q2"])
    assert before["trusts"].to_dict() == {"Q1": 3, "Q2": 0}
    assert on_the_day["trusts"].to_dict() == {"Q1": 2, "Q2": 0}
    assert after["trusts"].to_dict() == {"Q1": 2, "Q2": 1}
    assert after["ambulance_trusts"].to_dict() == {"Q1": 1, "Q2": 0}
    with pytest.raises(CompendiumError, match="date is not usable; found 31 March 2022"):
        organisations.trusts_open(trusts, "31 March 2022", ["Q1"])
