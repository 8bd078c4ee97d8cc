"""Deprivation and rurality counted from LSOAs: rules, refusals, and the real 32,844 LSOAs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import deprivation
from compendium.errors import CompendiumError


def tables(n: int = 10, seed: int = 0) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return areas, ranks and rural-urban classes of ``n`` LSOAs, in different orders."""
    order = np.random.default_rng(seed)
    codes = [f"E0100{number:04d}" for number in range(n)]
    areas = pd.DataFrame({"lsoa": codes, "area": [("QAA", "QBB", "QCC")[i % 3] for i in range(n)]})
    imd = pd.DataFrame({"lsoa": codes, "rank": np.arange(1.0, n + 1)}).sample(frac=1, random_state=seed)
    ruc = pd.DataFrame({"lsoa": codes, "ruc": order.choice(deprivation.URBAN + deprivation.RURAL, n)})
    frames = [areas, imd, ruc]
    for frame, name in zip(frames, ("areas.csv", "imd.csv", "ruc.csv"), strict=True):
        frame.index = pd.RangeIndex(2, 2 + n)
        frame.attrs.update(file=name, codes="2011")
    return areas, imd, ruc


def test_counts_by_hand() -> None:
    lsoas = pd.DataFrame(
        {
            "area": ["B", "A", "A", "B", "B", "A", "A", "A", "B", "A"],
            "rank": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
            "ruc": ["A1", "C2", "D1", "E2", None, "B1", "D2", "E1", "C1", "A1"],
        }
    )
    counts = deprivation.area_counts(lsoas)
    assert counts.loc["A"].to_dict() == {
        "lsoas": 6, "fifth": 1, "tenth": 0, "rank_sum": 36, "classified": 6, "urban": 3, "town_and_fringe": 2,
    }  # fmt: skip
    assert counts.loc["B"].to_dict() == {
        "lsoas": 4, "fifth": 1, "tenth": 1, "rank_sum": 19, "classified": 3, "urban": 2, "town_and_fringe": 0,
    }  # fmt: skip
    shares = deprivation.area_shares(counts)
    assert shares.loc["B", "most_deprived_fifth_percent"] == 25
    assert shares.loc["B", "urban_percent"] == pytest.approx(200 / 3)
    assert shares.loc["A", "mean_rank"] == 6


@settings(max_examples=40)
@given(st.integers(3, 400), st.integers(0, 5))
def test_counts_equal_a_plain_loop(n: int, seed: int) -> None:
    joined = deprivation.lsoa_ranks(*tables(n, seed))
    counts = deprivation.area_counts(joined)
    for area, group in joined.groupby("area"):
        ranks = list(group["rank"])
        assert counts.loc[area, "fifth"] == sum(rank * 5 <= n for rank in ranks)
        assert counts.loc[area, "tenth"] == sum(rank * 10 <= n for rank in ranks)
        assert counts.loc[area, "urban"] == sum(value[0] in "ABC" for value in group["ruc"])
        assert counts.loc[area, "rank_sum"] == sum(ranks)
    assert counts["lsoas"].sum() == n


def test_the_order_of_rows_does_not_matter() -> None:
    areas, imd, ruc = tables(60)
    straight = deprivation.area_counts(deprivation.lsoa_ranks(areas, imd, ruc))
    mixed = deprivation.area_counts(deprivation.lsoa_ranks(areas[::-1], imd, ruc[::-1]))
    pd.testing.assert_frame_equal(straight, mixed)


def test_an_lsoa_twice_names_file_and_rows() -> None:
    areas, imd, ruc = tables()
    areas.loc[5, "lsoa"] = areas.loc[2, "lsoa"]
    with pytest.raises(CompendiumError, match=r"areas.csv, row 2, 5, .*stands in more than one row"):
        deprivation.lsoa_ranks(areas, imd, ruc)


def test_an_lsoa_without_a_rank_names_file_and_rows() -> None:
    areas, imd, ruc = tables()
    with pytest.raises(CompendiumError, match=r"areas.csv, row .*2 of 10 LSOAs are not in imd.csv"):
        deprivation.lsoa_ranks(areas, imd.iloc[2:], ruc)


@pytest.mark.parametrize("wrong", [0.0, 11.0, 2.5, -3.0])
def test_a_rank_out_of_range_names_its_row(wrong: float) -> None:
    areas, imd, ruc = tables()
    imd.loc[7, "rank"] = wrong
    with pytest.raises(CompendiumError, match=f"imd.csv, row 7, .*1 ranks are out of range; found {wrong:g}, expected"):
        deprivation.lsoa_ranks(areas, imd, ruc)


def test_an_unknown_rural_urban_class_names_its_row() -> None:
    areas, imd, ruc = tables()
    ruc.loc[4, "ruc"] = "U1"
    with pytest.raises(CompendiumError, match=r"ruc.csv, row 4, column 'ruc'.*found U1"):
        deprivation.lsoa_ranks(areas, imd, ruc)


def test_a_missing_rural_urban_class_is_refused_within_one_vintage_and_counted_across_two() -> None:
    areas, imd, ruc = tables()
    with pytest.raises(CompendiumError, match=r"1 of 10 LSOAs are not in ruc.csv"):
        deprivation.lsoa_ranks(areas, imd, ruc.iloc[1:])
    short = ruc.iloc[1:].copy()
    short.attrs["codes"] = "2001"
    counts = deprivation.area_counts(deprivation.lsoa_ranks(areas, imd, short))
    assert counts["classified"].sum() == 9
    assert counts["lsoas"].sum() == 10
