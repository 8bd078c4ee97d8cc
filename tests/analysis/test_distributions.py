"""Distributions: every dot true to its value, none hidden behind another, classes and cuts as given."""

from __future__ import annotations

import math
from itertools import combinations
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.colors import to_rgba
from matplotlib.patches import Circle

from analysis.characteristics import CLASSED, cut_points, join
from analysis.distributions import blocks, distributions, distributions_data, swarm
from compendium.errors import CompendiumError
from compendium.figures import style


@pytest.fixture(scope="module")
def ics(project: Path) -> pd.DataFrame:
    folder = project / "data/published"
    names = ("areas", "ics_geography", "ics_organisation", "ics_deprivation")
    return join(*(pd.read_csv(folder / f"{name}.csv") for name in names))


POSITIONS = st.lists(st.floats(0, 60) | st.integers(0, 20).map(float), max_size=45)


@given(POSITIONS)
def test_dots_of_a_swarm_keep_their_value_and_never_overlap(positions: list[float]) -> None:
    dots = swarm(positions, 2.0)
    assert [x for x, _ in dots] == positions
    assert all(math.dist(a, b) >= 2.0 - 1e-6 for a, b in combinations(dots, 2))
    assert dots == swarm(positions, 2.0)


@given(st.lists(st.integers(0, 9).map(lambda n: 10.0 * n), max_size=45), st.integers(1, 4))
def test_dots_of_a_block_stay_over_their_count_and_never_overlap(positions: list[float], most: int) -> None:
    dots = blocks(positions, 2.0, most)
    assert all(abs(x - at) <= most - 1 + 1e-9 for (x, _), at in zip(dots, positions, strict=True))
    assert all(math.dist(a, b) >= 2.0 - 1e-6 for a, b in combinations(dots, 2))


def test_a_swarm_opens_evenly_around_its_axis() -> None:
    assert swarm([1.0, 1.0, 1.0], 2.0) == [(1.0, 0.0), (1.0, 2.0), (1.0, -2.0)]
    assert swarm([0.0, 5.0], 2.0) == [(0.0, 0.0), (5.0, 0.0)]


def test_the_data_hold_every_value_with_its_printed_class(ics: pd.DataFrame) -> None:
    data = distributions_data(ics, cut_points(ics))
    assert list(data) == ["variable", "title", "stp21_code", "ics_name", "value", "class"]
    assert len(data) == 210
    for variable in CLASSED:
        part = data[data["variable"] == variable.column].set_index("stp21_code")
        printed = ics.set_index("stp21_code")
        assert part["value"].sort_index().tolist() == printed[variable.column].astype(float).sort_index().tolist()
        assert part["class"].sort_index().tolist() == printed[variable.class_column].sort_index().tolist()
        assert part["value"].is_monotonic_increasing


def test_other_numbers_of_groups_get_labels_of_their_own(ics: pd.DataFrame) -> None:
    data = distributions_data(ics, cut_points(ics, groups=4))
    assert set(data["class"]) == {f"group {n} of 4" for n in range(1, 5)}
    assert len(distributions(ics, cut_points(ics, groups=4)).axes) == 6


def test_every_ics_is_a_dot_of_its_class_and_no_dots_overlap(ics: pd.DataFrame) -> None:
    data = distributions_data(ics, cut_points(ics))
    figure = distributions(ics, cut_points(ics))
    assert len(figure.axes) == 6  # the page, and a panel for each characteristic
    for axes, variable in zip(figure.axes[1:], CLASSED, strict=True):
        dots = [patch for patch in axes.patches if isinstance(patch, Circle)]
        part = data[data["variable"] == variable.column]
        shade = dict(zip(variable.labels, map(to_rgba, style.RAMP), strict=True))
        assert [dot.get_facecolor() for dot in dots] == [shade[label] for label in part["class"]]
        assert all(math.dist(a.center, b.center) >= 2.0 - 1e-6 for a, b in combinations(dots, 2))
        for dot in dots:
            assert axes.get_ylim()[0] < dot.center[1] - 1 < dot.center[1] + 1 < axes.get_ylim()[1]
        for label in variable.labels:
            n = (part["class"] == label).sum()
            assert f"{label}\nn = {n}" in [text.get_text() for text in axes.texts]


def test_the_cuts_are_printed_and_stand_at_their_value(ics: pd.DataFrame) -> None:
    figure = distributions(ics, cut_points(ics))
    panels = {v.column: axes for v, axes in zip(CLASSED, figure.axes[1:], strict=True)}
    printed = {name: [text.get_text() for text in axes.texts] for name, axes in panels.items()}
    assert {"74%", "88%"} <= set(printed["urban_percent"])
    assert {"1.07m", "1.73m"} <= set(printed["population"])
    assert {"2", "4.3"} <= set(printed["utla_count"])
    axes = panels["population"]
    ticks = dict(zip((label.get_text() for label in axes.get_xticklabels()), axes.get_xticks(), strict=True))
    per_million = ticks["2m"] - ticks["1m"]
    cuts = cut_points(ics).set_index(["variable", "cut"])["value"]
    assert axes.lines[0].get_xdata()[0] == pytest.approx(ticks["1m"] + (cuts["population", 1] / 1e6 - 1) * per_million)


def test_no_dot_of_a_count_lies_on_a_cut(ics: pd.DataFrame) -> None:
    figure = distributions(ics, cut_points(ics))
    for axes, variable in zip(figure.axes[1:], CLASSED, strict=True):
        if variable.column not in ("utla_count", "trust_count"):
            continue
        lines = [line.get_xdata()[0] for line in axes.lines]
        classes = {dot.get_facecolor(): [] for dot in axes.patches if isinstance(dot, Circle)}
        for dot in axes.patches:
            if isinstance(dot, Circle):
                classes[dot.get_facecolor()].append(dot.center[0])
        low, middle, high = classes.values()
        assert max(low) < lines[0] < min(middle)
        assert max(middle) < lines[1] < min(high)


def test_texts_do_not_overlap(ics: pd.DataFrame, project: Path) -> None:
    tiles = pd.read_csv(project / "data/published/ics_tiles.csv")
    with style.style():
        figure = distributions(ics, cut_points(ics), labels=dict(zip(tiles["stp21_code"], tiles["label"], strict=True)))
        renderer = figure.canvas.get_renderer()
        boxes = [
            (text.get_text(), text.get_window_extent(renderer))
            for axes in figure.axes
            for text in [*axes.texts, *(axes.get_xticklabels() if axes.axison else [])]
        ]
    for (one, first), (other, second) in combinations(boxes, 2):
        assert not first.overlaps(second), (one, other)
    for text, box in boxes:
        assert figure.bbox.x0 <= box.x0 < box.x1 <= figure.bbox.x1, text
        assert figure.bbox.y0 <= box.y0 < box.y1 <= figure.bbox.y1, text


def test_a_characteristic_without_cuts_is_refused(ics: pd.DataFrame) -> None:
    cuts = cut_points(ics)
    with pytest.raises(CompendiumError, match="column 'population': a characteristic has no cuts"):
        distributions(ics, cuts[cuts["variable"] != "population"])
    with pytest.raises(CompendiumError, match="lack a column"):
        distributions(ics.drop(columns="utla_count"), cuts)
