"""Quantile cuts, classes with ties, the 210 printed labels and the correlations."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from exact_quantiles import quantile
from hypothesis import given
from hypothesis import strategies as st

from analysis import characteristics
from analysis.areas import read_areas
from analysis.characteristics import class_cuts, class_labels, classify
from compendium.data import loading
from compendium.errors import CompendiumError

LABELS = ("low", "medium", "high")
whole = st.integers(-1000, 1000)
columns = st.lists(st.one_of(whole, st.none()), min_size=1, max_size=60).filter(lambda v: any(x is not None for x in v))


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    tables = [loading.read(name) for name in ("ics_geography", "ics_organisation", "ics_deprivation")]
    return characteristics.join(read_areas(), *tables)


def exact_cuts(values: list[int], groups: int) -> list[Fraction]:
    """Hyndman and Fan's type 7 from its definition, in exact fractions."""
    return [quantile(values, Fraction(number, groups), 7) for number in range(1, groups)]


@given(columns, st.integers(2, 9))
def test_default_cuts_are_type_7_and_leave_missing_values_out(values, groups):
    known = [value for value in values if value is not None]
    expected = [float(cut) for cut in exact_cuts(known, groups)]
    assert class_cuts(values, groups) == pytest.approx(expected, abs=1e-9)


@given(columns)
def test_terciles_follow_the_exact_rule_with_ties_constants_and_missing_values(values):
    lower, upper = exact_cuts([value for value in values if value is not None], 3)
    expected = [
        None if value is None else "low" if value < lower else "high" if value > upper else "medium" for value in values
    ]
    assert classify(values, class_cuts(values), LABELS).tolist() == expected


@given(columns, st.integers(2, 9), st.integers(1, 9))
def test_classes_rise_with_values_and_equal_values_share_a_class(values, groups, quantile_type):
    labels = class_labels(groups)
    classes = classify(values, class_cuts(values, groups, quantile_type), labels)
    pairs = sorted((value, labels.index(label)) for value, label in zip(values, classes, strict=True) if label)
    ranks = [rank for _, rank in pairs]
    assert ranks == sorted(ranks)
    assert len(dict(pairs)) == len(set(pairs))


@given(st.integers(1, 80), st.integers(2, 9))
def test_the_highest_group_lies_strictly_above_its_cut_and_holds_no_more_than_its_share(n, groups):
    values = list(range(0, 3 * n, 3))
    classes = classify(values, class_cuts(values, groups), class_labels(groups))
    assert (classes == class_labels(groups)[-1]).sum() <= -(-n // groups)
    assert classes.iloc[0] != class_labels(groups)[-1]


@given(whole, st.integers(1, 20), st.integers(3, 9))
def test_a_constant_column_has_neither_a_lowest_nor_a_highest_class(value, n, groups):
    classes = set(classify([value] * n, class_cuts([value] * n, groups), class_labels(groups)))
    assert len(classes) == 1
    assert not classes & {class_labels(groups)[0], class_labels(groups)[-1]}


def test_ties_fall_towards_the_middle():
    assert classify([1, 2, 3, 4, 5], [2, 4], LABELS).tolist() == ["low", "medium", "medium", "medium", "high"]
    assert classify([1, 2, 3], [2], ("low", "high")).tolist() == ["low", "low", "high"]
    assert classify([2, 4, 6], [2, 4, 6], "abcd").tolist() == ["b", "b", "c"]


def test_classes_keep_the_index():
    values = pd.Series([1.0, np.nan, 9.0], index=["x", "y", "z"])
    classes = classify(values, [2, 4], LABELS)
    assert classes.to_dict() == {"x": "low", "y": None, "z": "high"}


def test_each_quantile_type_agrees_with_its_definition_on_a_small_sample():
    # Lower quartile of 1..10, by the formulas of Hyndman and Fan (1996), table of definitions.
    expected = {1: 3, 2: 3, 3: 2, 4: 2.5, 5: 3, 6: 2.75, 7: 3.25, 8: 2.9166666667, 9: 2.9375}
    found = {number: class_cuts(range(1, 11), 4, number)[0] for number in expected}
    assert found == pytest.approx(expected)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([1, 2], 1), "number of groups"),
        (([1, 2], True), "number of groups"),
        (([1, 2], 3, 10), "quantile type"),
        (([], 3), "no value"),
        (([float("nan")], 3), "no value"),
        (([1, float("inf")], 3), "infinite"),
    ],
)
def test_unusable_cuts_are_refused(arguments, words):
    with pytest.raises(CompendiumError, match=words):
        class_cuts(*arguments)


@pytest.mark.parametrize(("cuts", "words"), [([1], "do not fit"), ([2, 1], "ascending"), ([1, np.nan], "ascending")])
def test_unusable_classes_are_refused(cuts, words):
    with pytest.raises(CompendiumError, match=words):
        classify([1, 2], cuts, LABELS)


def test_every_printed_label_is_recovered(frame):
    recovered = characteristics.recovered_classes(frame)
    assert len(recovered) == 210
    assert recovered.groupby("variable")["stp21_code"].nunique().tolist() == [42] * 5
    assert recovered.loc[~recovered["agrees"], ["variable", "ics_name", "printed", "recovered"]].empty


def test_a_changed_label_is_noticed(frame):
    changed = frame.copy()
    changed.loc[changed["ics_name"] == "Dorset", "population_class"] = "large"
    wrong = characteristics.recovered_classes(changed).query("not agrees")
    assert wrong[["variable", "ics_name", "printed", "recovered"]].to_numpy().tolist() == [
        ["population", "Dorset", "large", "small"]
    ]


def test_quantile_types_that_do_not_interpolate_towards_the_next_value_miss_labels(frame):
    agreement = characteristics.agreement_by_quantile_type(frame).set_index("quantile_type")
    assert agreement["agree"].to_dict() == {1: 206, 2: 210, 3: 206, 4: 206, 5: 210, 6: 210, 7: 210, 8: 210, 9: 210}
    assert agreement.loc[1, ["urban_percent", "population", "utla_count"]].tolist() == [39, 41, 42]


def test_class_sizes(frame):
    sizes = characteristics.recovered_classes(frame).groupby(["variable", "recovered"]).size()
    assert sizes["most_deprived_fifth_percent"].to_dict() == {"high": 14, "low": 13, "medium": 15}
    assert sizes["utla_count"].to_dict() == {"high": 14, "low": 4, "medium": 24}
    assert sizes["trust_count"].to_dict() == {"high": 13, "low": 9, "medium": 20}


def test_cut_points(frame):
    cuts = characteristics.cut_points(frame).groupby("variable")["value"].apply(list)
    assert cuts["urban_percent"] == [74, 88]
    assert cuts["population"] == pytest.approx([1_057_832 + (1_070_212 - 1_057_832) * 2 / 3, 1_729_025])
    assert cuts["utla_count"] == pytest.approx([2, 4 + 1 / 3])
    assert cuts["trust_count"] == [3, 5]
    assert cuts["most_deprived_fifth_percent"] == pytest.approx([12, 17 + 1 / 3])


def test_printed_bounds_agree_but_for_the_urban_one(frame):
    checked = characteristics.bounds_check(frame, loading.read("class_bounds"))
    agrees = checked.set_index(["place", "variable", "class_label"])["agrees"]
    assert agrees.xs("population", level="variable").all()
    assert not agrees.xs("urban_percent", level="variable").any()
    mixed = checked.query("class_label == 'mixed'")
    assert mixed[["computed_lower", "computed_upper"]].to_numpy().tolist() == [[74, 88], [74, 88]]


def test_bounds_of_an_unknown_class_are_refused(frame):
    bounds = pd.DataFrame({"variable": ["population"], "class_label": ["small"], "lower": [0.0], "upper": [1.0]})
    with pytest.raises(CompendiumError, match="population: small"):
        characteristics.bounds_check(frame, bounds)


def test_population_goes_with_complexity(frame):
    table = characteristics.complexity_correlations(frame).set_index("y")
    assert table["n"].tolist() == [42, 42]
    assert table.loc["utla_count", ["pearson", "spearman"]].tolist() == pytest.approx([0.848, 0.75], abs=0.005)
    assert table.loc["trust_count", ["pearson", "spearman"]].tolist() == pytest.approx([0.800, 0.78], abs=0.005)


def test_correlations_agree_with_scipy_and_drop_incomplete_pairs(frame):
    from scipy import stats

    with_gap = frame.astype({"population": float})
    with_gap.loc[3, "population"] = np.nan
    complete = with_gap.dropna(subset=["population"])
    found = characteristics.correlation(with_gap, "population", "utla_count")
    assert found.n == 41
    assert found.pearson == pytest.approx(stats.pearsonr(complete["population"], complete["utla_count"]).statistic)
    assert found.spearman == pytest.approx(stats.spearmanr(complete["population"], complete["utla_count"]).statistic)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"x": [1, 2, 3]}, "missing"),
        ({"x": [1, 2], "y": [1, 2]}, "three complete pairs"),
        ({"x": [1, 1, 1], "y": [1, 2, 3]}, "two different values"),
    ],
)
def test_meaningless_correlations_are_refused(data, words):
    with pytest.raises(CompendiumError, match=words):
        characteristics.correlation(pd.DataFrame(data), "x", "y")


def test_join_keeps_the_printed_order_and_refuses_a_missing_or_doubled_ics(frame):
    assert frame["ics_name"].iloc[[0, 41]].tolist() == ["Greater Manchester", "West Yorkshire and Harrogate"]
    areas, table = read_areas(), loading.read("ics_deprivation")
    shuffled = characteristics.join(areas.sample(frac=1, random_state=1), table.sample(frac=1, random_state=2))
    assert shuffled["most_deprived_fifth_percent"].tolist() == frame["most_deprived_fifth_percent"].tolist()
    for wrong in (table.iloc[1:], pd.concat([table, table.iloc[[0]]])):
        with pytest.raises(CompendiumError, match="E54000007"):
            characteristics.join(areas, wrong)


def test_summary_describes_each_variable(frame):
    described = characteristics.summary(frame).set_index("variable")
    assert described.loc["population", ["minimum", "maximum"]].tolist() == [521391, 3146943]
    assert described.loc["population", "mean"] == pytest.approx(61498824 / 42)
    assert described.loc["most_deprived_fifth_percent", ["n", "median"]].tolist() == [42, 13]
