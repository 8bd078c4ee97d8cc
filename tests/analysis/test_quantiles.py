"""Places of cuts against the definitions of the quantiles, in exact fractions."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor

import numpy as np
import pytest
from exact_quantiles import quantile
from hypothesis import given
from hypothesis import strategies as st

from analysis.characteristics import class_cuts, class_labels, classify
from analysis.quantiles import TYPES, place

shares = st.lists(st.fractions(0, 100, max_denominator=1500), min_size=1, max_size=60)
many_ties = st.lists(st.integers(0, 12).map(Fraction), min_size=1, max_size=60)
groups_of = st.integers(2, 9)
kinds = st.sampled_from(sorted(TYPES))


@given(shares | many_ties, groups_of, kinds, st.data())
def test_a_place_gives_the_quantile_of_the_definition(values, groups, kind, data) -> None:
    part = data.draw(st.integers(1, groups - 1))
    where = place(len(values), part, groups, kind)
    ordered = sorted(values)
    low, high = ordered[floor(where) - 1], ordered[ceil(where) - 1]
    assert low + (where % 1) * (high - low) == quantile(values, Fraction(part, groups), kind)


@given(shares | many_ties, groups_of, kinds)
def test_classes_are_those_of_exact_cuts(values, groups, kind) -> None:
    edges = [quantile(values, Fraction(part, groups), kind) for part in range(1, groups)]
    labels = class_labels(groups)
    expected = []
    for value in values:
        passed = 0
        for number, edge in enumerate(edges):
            upwards = 2 * number < len(edges) - 1
            if value < edge or (value == edge and not upwards):
                break
            passed += 1
        expected.append(labels[passed])
    decimals = [float(value) for value in values]
    cuts = class_cuts(decimals, groups, kind)
    assert classify(decimals, cuts, labels).tolist() == expected
    assert cuts.tolist() == pytest.approx([float(edge) for edge in edges], rel=1e-13)


@pytest.mark.parametrize("kind", sorted(TYPES))
def test_numpy_agrees_where_its_decimals_are_exact(kind: int) -> None:
    generator = np.random.default_rng(kind)
    for n in (1, 2, 3, 5, 8, 16, 42, 64):
        values = generator.integers(0, 50, n).astype(float)
        for groups in (2, 4, 8):
            found = class_cuts(values, groups, kind)
            theirs = np.quantile(values, np.arange(1, groups) / groups, method=TYPES[kind])  # type: ignore[call-overload]
            assert found.tolist() == pytest.approx(theirs.tolist(), rel=1e-12)


def test_a_third_of_42_is_a_place_and_no_decimal_near_it() -> None:
    assert [place(42, 2, 3, kind) for kind in (1, 2, 3, 4)] == [28, Fraction(57, 2), 28, 28]
    assert place(42, 2, 3, 7) == 28 + Fraction(1, 3)
    assert place(42, 5, 6, 5) == Fraction(71, 2)
