"""Sources counted by case."""

import pandas as pd

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
