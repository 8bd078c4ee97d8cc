"""Codes as they appear: the curve is counted by hand and the expectation checked against every order."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compendium.errors import CompendiumError
from compendium.evidence import saturation

HELD = [{"a"}, set(), {"a", "b"}, {"c"}]


def tables(held: list[set[str]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    ids = [f"s{place}" for place in range(len(held))]
    rows = [(segment, code) for segment, codes in zip(ids, held, strict=True) for code in sorted(codes)]
    return pd.DataFrame({"segment_id": ids}), pd.DataFrame(rows, columns=["segment_id", "code_id"])


def test_new_codes_are_counted_in_order() -> None:
    curve = saturation.accumulation(*tables(HELD), ["a", "b", "c"])
    assert curve["new"].tolist() == [1, 0, 1, 1]
    assert curve["seen"].tolist() == [1, 1, 2, 3]
    assert saturation.accumulation(*tables(HELD), ["b"])["seen"].tolist() == [0, 0, 1, 1]


def test_the_expectation_is_the_mean_over_all_orders() -> None:
    orders = [
        [len(set().union(*(HELD[place] for place in order[:n]))) for n in range(1, 5)]
        for order in permutations(range(4))
    ]
    found = saturation.expected([2, 1, 1], 4, [1, 2, 3, 4])
    np.testing.assert_allclose(found, np.mean(orders, axis=0))
    curve = saturation.curve(*tables(HELD), ["a", "b", "c"])
    np.testing.assert_allclose(curve["expected"], np.mean(orders, axis=0), atol=0.001)


@given(st.lists(st.sets(st.sampled_from("abcde")), min_size=1, max_size=15).filter(any))
def test_the_curve_ends_with_every_code_and_never_falls(held: list[set[str]]) -> None:
    curve = saturation.curve(*tables(held), list("abcde"))
    assert curve["seen"].iloc[-1] == len(set().union(*held)) == curve["new"].sum()
    assert curve["seen"].is_monotonic_increasing
    assert curve["expected"].iloc[-1] == pytest.approx(curve["seen"].iloc[-1], abs=0.001)
    assert (curve["expected"].diff().dropna() >= -0.001).all()
    numbers = saturation.summary(curve)
    assert 1 <= numbers["half_after"] <= numbers["most_after"] <= numbers["segments"] == len(held)
    assert 0 <= numbers["new_in_last"] <= numbers["codes"]


def test_the_summary_follows_by_hand() -> None:
    curve = saturation.accumulation(*tables(HELD), ["a", "b", "c"])
    expected = {"segments": 4, "codes": 3, "half_after": 3, "most_after": 4, "new_in_last": 1}
    assert saturation.summary(curve) == expected
    assert saturation.summary(curve, last=0.5)["new_in_last"] == 2


def test_a_long_study_is_interpolated_closely() -> None:
    held = [{"abcde"[n % 5]} if n % 7 else set() for n in range(1500)]
    curve = saturation.curve(*tables(held), list("abcde"))
    counts = pd.Series([code for codes in held for code in codes]).value_counts().tolist()
    exact = saturation.expected(counts, 1500, range(1, 1501))
    assert np.abs(curve["expected"] - exact).max() < 0.35  # early segments lie between two places of the grid
    assert np.abs(curve["expected"] - exact)[30:].max() < 0.01


def test_nothing_to_count_is_refused() -> None:
    with pytest.raises(CompendiumError, match="no segment holds any"):
        saturation.accumulation(*tables(HELD), ["z"])
    with pytest.raises(CompendiumError, match=r"out of range; found 5, expected 0 to 4"):
        saturation.expected([5], 4, [1])
    with pytest.raises(CompendiumError, match="closing share"):
        saturation.summary(saturation.accumulation(*tables(HELD), ["a"]), last=0)
