"""From LSOAs to areas, and what is said when the two do not fit."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis import boundaries
from compendium.errors import CompendiumError


def frame(file: str, **columns: list) -> pd.DataFrame:
    result = pd.DataFrame(columns)
    result.index = pd.RangeIndex(2, 2 + len(result))
    result.attrs["file"] = file
    return result


LOOKUP = {"lsoa": ["E01000001", "E01000002", "E01000003"], "ccg": ["01A", "01A", "02B"], "lad": ["E1", "E2", "E3"]}
MEMBERS = {
    "ccg": ["01A", "01A", "01A", "01A", "02B"],
    "lad": ["E1", "E1", "E2", "E2", "E3"],
    "area": ["QAA", "QAA", "QBB", "QBB", "QBB"],
}


def areas(lookup: dict, members: dict | None, via: list, count: int) -> list[str]:
    second = frame("members.csv", **members) if members else None
    return boundaries.lsoa_areas(frame("lookup.csv", **lookup), second, via, count)["area"].tolist()


def test_a_direct_lookup_is_taken_as_it_is() -> None:
    assert areas({"lsoa": ["a", "b"], "area": ["Q1", "Q2"]}, None, [], 2) == ["Q1", "Q2"]


def test_the_area_of_most_practices_wins_by_district_then_by_ccg() -> None:
    assert areas(LOOKUP, MEMBERS, [["ccg", "lad"], ["ccg"]], 2) == ["QAA", "QBB", "QBB"]


def test_a_tie_falls_to_the_next_set_of_columns() -> None:
    tied = {
        "ccg": ["01A", "01A", "01A", "02B"],
        "lad": ["E1", "E1", "E2", "E3"],
        "area": ["QAA", "QBB", "QBB", "QAA"],
    }
    assert areas(LOOKUP, tied, [["ccg", "lad"], ["ccg"]], 2) == ["QBB", "QBB", "QAA"]


def test_an_area_that_loses_every_tie_has_no_lsoas() -> None:
    tied = {"ccg": ["01A", "01A", "02B"], "lad": ["E1", "E2", "E3"], "area": ["QAA", "QBB", "QAA"]}
    with pytest.raises(CompendiumError, match="an area has no LSOAs; found QBB"):
        areas(LOOKUP, tied, [["ccg"]], 1)


def test_an_lsoa_that_no_practice_places_is_named() -> None:
    lookup = {name: [*values, value] for (name, values), value in zip(LOOKUP.items(), ["E01000009", "9Z", "E9"],
                                                                      strict=True)}  # fmt: skip
    with pytest.raises(CompendiumError, match="row 5, column 'area': 1 LSOAs have no area; found E01000009"):
        areas(lookup, MEMBERS, [["ccg", "lad"], ["ccg"]], 2)


def test_a_repeated_lsoa_names_its_rows() -> None:
    lookup = {**LOOKUP, "lsoa": ["E01000001", "E01000002", "E01000001"]}
    with pytest.raises(CompendiumError, match="row 2, 4, column 'lsoa': LSOA E01000001 stands in more than one row"):
        areas(lookup, MEMBERS, [["ccg"]], 2)


def test_an_empty_code_names_its_row() -> None:
    with pytest.raises(CompendiumError, match="row 3, column 'lsoa': 1 rows have no LSOA"):
        boundaries.check_unique(frame("x.csv", lsoa=["a", None]), "lsoa", "LSOA")


def test_another_number_of_areas_is_refused() -> None:
    with pytest.raises(CompendiumError, match="number of areas is not as expected; found 2, expected 42"):
        areas(LOOKUP, MEMBERS, [["ccg", "lad"], ["ccg"]], 42)


def test_files_of_different_vintages_are_told_by_their_codes() -> None:
    other = {**MEMBERS, "ccg": ["X1", "X1", "X1", "X1", "X2"]}
    with pytest.raises(
        CompendiumError, match=r"only 0% of the LSOAs find an area.*found 01A, 02B, expected codes such"
    ):
        areas(LOOKUP, other, [["ccg"]], 2)


def test_a_lookup_without_areas_needs_practices() -> None:
    with pytest.raises(CompendiumError, match="no practices were given"):
        areas(LOOKUP, None, [["ccg"]], 2)


@pytest.mark.parametrize(
    ("codes", "vintage"),
    [
        (["E01000001", "E01032482"], "2001"),
        (["E01000001", "E01033768"], "2011"),
        (["E01000001", "E01035762", "W01000001"], "2021"),
        (["E01999999"], ""),
        (["E02000001", "QOP"], ""),
        ([], ""),
    ],
)
def test_the_vintage_shows_in_the_highest_code(codes: list[str], vintage: str) -> None:
    assert boundaries.looks_like(codes) == vintage


def test_a_join_of_two_vintages_says_which_each_looks_like() -> None:
    left = frame("lookup.csv", lsoa=["E01000001", "E01035000"])
    right = frame("ranks.xlsx", lsoa=["E01000001", "E01033700"])
    with pytest.raises(CompendiumError) as error:
        boundaries.check_same_lsoas(left, right)
    text = str(error.value)
    assert "lookup.csv, row 3" in text
    assert "1 of 2 LSOAs are not in ranks.xlsx" in text
    assert "lookup.csv looks like LSOA 2021; ranks.xlsx looks like LSOA 2011" in text


def test_lsoas_missing_from_the_left_are_found_too() -> None:
    left = frame("lookup.csv", lsoa=["E01000001"])
    right = frame("ranks.xlsx", lsoa=["E01000001", "E01000002"])
    with pytest.raises(CompendiumError, match=r"ranks.xlsx, row 3.*1 of 2 LSOAs are not in lookup.csv"):
        boundaries.check_same_lsoas(left, right)
    boundaries.check_same_lsoas(right, right)
