"""Selection of the most deprived group, and how the chosen profiles differ; nothing here knows a site's ICS."""

from __future__ import annotations

import contextlib
import dataclasses
from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import characteristics, selection
from analysis.areas import read_areas
from analysis.selection import Specification, select
from compendium.data import loading
from compendium.errors import CompendiumError


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return characteristics.join(read_areas(), loading.read("ics_deprivation"))


@pytest.fixture(scope="module")
def profiles() -> pd.DataFrame:
    return loading.read("case_profiles")


def test_the_published_rule_gives_the_published_subgroup(frame):
    chosen = select(frame)
    assert chosen.size == 14
    assert chosen.drawn_from == 42
    assert chosen.cuts == pytest.approx((12, 17 + 1 / 3))
    printed = frame.loc[frame["deprivation_class"] == "high", "stp21_code"]
    assert chosen.members["stp21_code"].tolist() == printed.tolist()


def test_selection_leaves_its_input_alone_and_keeps_all_columns(frame):
    before = frame.copy(deep=True)
    chosen = select(frame)
    chosen.members.loc[:, "most_deprived_fifth_percent"] = 0
    pd.testing.assert_frame_equal(frame, before)
    assert chosen.members.columns.tolist() == frame.columns.tolist()


@given(
    st.lists(st.integers(0, 100), min_size=1, max_size=60),
    st.integers(2, 6),
    st.integers(1, 9),
)
def test_the_groups_part_the_areas_and_fall_with_deprivation(values, groups, quantile_type):
    data = pd.DataFrame({"share": values})
    parts = []
    for number in range(1, groups + 1):
        with contextlib.suppress(CompendiumError):  # an empty group; if it were not, the next line would miss its areas
            parts.append(select(data, Specification("share", groups, number, quantile_type)).members)
    assert sorted(index for part in parts for index in part.index) == data.index.tolist()
    for higher, lower in pairwise(parts):
        assert higher["share"].min() > lower["share"].max()


def test_any_numeric_measure_can_be_used(frame):
    reversed_share = frame.assign(affluence=100 - frame["most_deprived_fifth_percent"])
    chosen = select(reversed_share, Specification(measure="affluence"))
    lowest = select(frame, Specification(group_from_top=3))
    assert chosen.members["stp21_code"].tolist() == lowest.members["stp21_code"].tolist()
    assert chosen.size == 13


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"groups": 1}, "parameter groups is out of range; found 1, expected an integer from 2 to 6"),
        ({"groups": 7}, "found 7, expected an integer from 2 to 6"),
        ({"groups": 3.0}, r"found 3\.0"),
        ({"groups": "3"}, "found '3'"),
        ({"group_from_top": 4}, "group_from_top is out of range; found 4, expected an integer from 1 to 3"),
        ({"group_from_top": True}, "found True"),
        ({"quantile_type": 0}, "from 1 to 9"),
        ({"measure": ""}, "measure is not a column name"),
    ],
)
def test_parameters_out_of_range_are_refused(parameters, words):
    with pytest.raises(CompendiumError, match=words):
        Specification(**parameters)


def test_a_specification_is_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Specification().groups = 4  # type: ignore[misc]


def test_unusable_measures_are_refused(frame):
    with pytest.raises(CompendiumError, match=r"'imd'.*expected most_deprived_fifth_percent"):
        select(frame, Specification(measure="imd"))
    with pytest.raises(CompendiumError, match="not a number"):
        select(frame, Specification(measure="ics_name"))
    gap = frame.astype({"most_deprived_fifth_percent": float})
    gap.loc[0, "most_deprived_fifth_percent"] = None
    with pytest.raises(CompendiumError, match="1 missing values"):
        select(gap)


def test_a_specification_that_selects_nobody_is_refused(frame):
    constant = frame.assign(most_deprived_fifth_percent=20)
    with pytest.raises(CompendiumError, match=r"selects no ICS.*found group 1 of 3 from the top, with cuts at 20, 20"):
        select(constant)
    assert select(constant, Specification(group_from_top=2)).size == 42


def test_profiles_share_deprivation_and_differ_in_everything_else(profiles):
    table = selection.heterogeneity(profiles).set_index("characteristic")
    assert table["distinct_values"].to_dict() == {
        "deprivation": 1,
        "geography": 2,
        "population_size": 2,
        "ics_wave": 2,
        "policy_involvement": 2,
    }
    assert table["differing_pairs"].tolist() == [0, 2, 2, 2, 2]
    assert set(table["pairs"]) == {3}


def test_each_pair_of_profiles_differs(profiles):
    pairs = selection.differences(profiles)
    assert pairs[["first", "second", "differing"]].to_numpy().tolist() == [["A", "B", 4], ["A", "C", 2], ["B", "C", 2]]
    assert set(pairs["characteristics"]) == {5}


def test_what_is_said_of_profiles_names_no_area(profiles, frame):
    text = selection.heterogeneity(profiles).to_csv() + selection.differences(profiles).to_csv()
    areas = read_areas()
    for column in ("stp21_code", "ods_code", "ics_name", "official_name"):
        assert not [value for value in areas[column] if value in text]
    assert not set(profiles.columns) & {"stp21_code", "ods_code", "ics_name", "nhs_region"}


def test_the_subgroup_is_counted_by_region_alone(frame):
    counted = selection.by_region(frame, selection.select(frame))
    assert list(counted.columns) == ["nhs_region", "all", "subgroup"]
    assert (counted["all"].sum(), counted["subgroup"].sum()) == (42, 14)
    assert counted["nhs_region"].is_monotonic_increasing
    outside = counted.set_index("nhs_region")["subgroup"]
    assert outside["South East"] == outside["South West"] == 0
