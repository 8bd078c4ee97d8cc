"""New information by interview: the measure of Guest, Namey and Chen on orders known by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compendium.errors import CompendiumError
from compendium.evidence import information
from compendium.evidence.information import Measure


def coded(*interviews: str) -> tuple[pd.DataFrame, pd.DataFrame, list[str], list[str]]:
    """Return segments, codings, codes and order of interviews, each given by the letters of its codes."""
    rows = [(f"d{n}", code) for n, codes in enumerate(interviews) for code in codes]
    segments = pd.DataFrame({"segment_id": [f"s{n}" for n in range(len(rows))], "source_id": [d for d, _ in rows]})
    codings = pd.DataFrame({"segment_id": segments["segment_id"], "code_id": [code for _, code in rows]})
    return segments, codings, sorted({code for _, code in rows}), [f"d{n}" for n in range(len(interviews))]


def test_runs_are_measured_by_the_codes_of_the_base() -> None:
    """Base of four: ten codes; then 1 new in 5-6 (10%), 2 in 6-7 (20%), 1 in 7-8 (10%), none in 8-9."""
    interviews = information.by_interview(*coded("abc", "abde", "fgh", "ij", "ab", "ka", "l", "ab", "a"))
    assert interviews["new"].tolist() == [3, 2, 3, 2, 0, 1, 1, 0, 0]
    assert interviews["codes"].tolist() == [3, 4, 3, 2, 2, 2, 1, 2, 1]
    assert interviews["seen"].iloc[-1] == pytest.approx(interviews["expected"].iloc[-1]) == 12
    found = information.runs(interviews)
    assert found[["after", "run", "new"]].to_numpy().tolist() == [
        [4, "5–6", 1], [5, "6–7", 2], [6, "7–8", 1], [7, "8–9", 0]
    ]  # fmt: skip
    assert found["ratio"].tolist() == [10, 20, 10, 0]
    assert information.reached(found) == 7
    assert information.reached(found, Measure(threshold=10)) == 4
    assert information.reached(information.runs(interviews, Measure(run=3)), Measure(run=3)) is None


def test_what_is_said_names_the_measure_and_its_limits() -> None:
    made = coded("ab", "ac", "b", "a", "b", "c")
    table = information.runs(information.by_interview(*made))
    orders = information.random_orders(*made, draws=200)
    said = information.statement(table, orders)
    assert "after 4+2 interviews (base 4, run 2, threshold 5%)" in said
    assert "not of what others would have told" in said
    assert information.random_orders(*made, draws=200) == orders
    assert "too few interviews" in information.statement(
        information.runs(information.by_interview(*coded("ab", "c"))), orders
    )
    never = coded("a", "b", "c", "d", "e", "f", "g")
    told = information.statement(
        information.runs(information.by_interview(*never)), information.random_orders(*never, draws=50)
    )
    assert "did not fall to the threshold" in told
    assert "no random order" in told


def test_interviews_stand_in_the_order_of_their_dates() -> None:
    dates = {"b": "2024-01-02", "a": "2024-01-03", "c": pd.NaT}
    assert information.ordered(["c", "a", "b", "d"], dates) == ["b", "a", "c", "d"]
    assert information.ordered(["c", "a"]) == ["c", "a"]
    with pytest.raises(CompendiumError, match="out of range"):
        Measure(base=0)
    segments, codings, codes, order = coded("a", "b")
    with pytest.raises(CompendiumError, match="stands twice"):
        information.by_interview(segments, codings, codes, [*order, "d0"])


@settings(max_examples=40)
@given(
    st.lists(st.sets(st.sampled_from("abcdef")), min_size=3, max_size=8), st.integers(1, 3), st.integers(1, 3),
    st.sampled_from([0, 20, 50]),
)  # fmt: skip
def test_runs_and_random_orders_are_those_counted_one_by_one(codes, base: int, run: int, threshold: float) -> None:
    interviews = ["".join(sorted(group)) for group in codes]
    if not any(interviews):
        return
    measure = Measure(base, run, threshold)

    def needed(order: list[str]) -> int | None:
        yardstick = set("".join(order[:base]))
        for after in range(base, len(order) - run + 1):
            new = set("".join(order[after : after + run])) - set("".join(order[:after]))
            if yardstick and 100 * len(new) / len(yardstick) <= threshold:
                return after
        return None

    made = coded(*interviews)
    table = information.runs(information.by_interview(*made), measure)
    assert information.reached(table, measure) == needed(interviews)
    rng = np.random.default_rng(3)
    expected = []
    for _ in range(20):
        rank = rng.permutation(len(interviews))
        expected.append(needed([interviews[at] for at in np.argsort(rank)]))
    orders = information.random_orders(*made, measure, draws=20, seed=3)
    assert orders["reached"] == pytest.approx(5 * sum(one is not None for one in expected))
    if orders["reached"]:
        assert orders["median"] == np.median([one for one in expected if one is not None])
