"""Sources counted by case, and held against the project."""

import pandas as pd
import pytest
from compendium.errors import CompendiumError

from analysis import sample

SOURCES = pd.DataFrame(
    [("d1", "North", "nurse"), ("d2", "South", None), ("d3", "North", "nurse"), ("d4", None, "driver")],
    columns=["source_id", "case", "role"],
)


def test_cases_are_counted_in_their_order_with_a_last_row_for_all():
    assert sample.by_case(SOURCES).to_numpy().tolist() == [
        ["North", 2, "nurse"],
        ["South", 1, ""],
        ["no case", 1, "driver"],
        ["all", 4, "nurse, driver"],
    ]


def test_what_prose_says_fits_the_number():
    assert [value for _, value, *_ in sample.told(SOURCES)] == [4, "sources", 2, "from 2 cases"]
    assert [value for _, value, *_ in sample.told(SOURCES[3:])] == [1, "source", 0, "with no case named"]


def test_the_sample_and_the_project_name_the_same_sources():
    imported = pd.DataFrame({"source_id": ["d1", "d2", "d3", "d4", "t1"], "role": ["source"] * 4 + ["Transcript"]})
    sample.check(SOURCES, imported)
    with pytest.raises(CompendiumError, match="the sample lacks a source of the project; found d1"):
        sample.check(SOURCES[1:], imported)
    with pytest.raises(CompendiumError, match="names a source that the project has not; found d4"):
        sample.check(SOURCES, imported[:3])
