"""The other charts: what they draw is what their data say, no label covers another, and no case is named."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis import charts
from analysis.characteristics import complexity_correlations, join
from compendium.errors import CompendiumError
from compendium.figures import style


@pytest.fixture(scope="module")
def ics(project: Path) -> pd.DataFrame:
    folder = project / "data/published"
    return join(*(pd.read_csv(folder / f"{name}.csv") for name in ("areas", "ics_geography", "ics_organisation")))


# --- size against complexity ---------------------------------------------------------------------------------


def test_both_correlations_are_named_and_every_ics_is_drawn(ics: pd.DataFrame) -> None:
    figure = charts.complexity_scatter(ics, complexity_correlations(ics))
    sheet, authorities, trusts = figure.axes
    words = [text.get_text() for text in sheet.texts]
    assert "Pearson r = 0.85, Spearman ρ = 0.75, n = 42" in words
    assert "Pearson r = 0.80, Spearman ρ = 0.78, n = 42" in words
    for axes, column in ((authorities, "utla_count"), (trusts, "trust_count")):
        drawn = axes.collections[0].get_offsets()
        np.testing.assert_allclose(drawn, np.column_stack([ics["population"] / 1e6, ics[column]]))


def test_the_fit_and_the_named_systems_are_in_the_data(ics: pd.DataFrame) -> None:
    data = charts.complexity_data(ics)
    assert len(data) == 84
    part = data[data["measure"] == "utla_count"]
    assert (part["count"] - part["expected"]).mean() == pytest.approx(0, abs=0.001)
    off = (part["count"] - part["expected"]).abs()
    assert part.loc[off.idxmax(), "labelled"]
    assert part.loc[part["population"].idxmax(), "labelled"]
    assert charts.LABELLED <= part["labelled"].sum() <= charts.LABELLED + 1


def test_labels_are_clear_of_points_and_of_each_other(ics: pd.DataFrame, project: Path) -> None:
    tiles = pd.read_csv(project / "data/published/ics_tiles.csv")
    short = dict(zip(tiles["stp21_code"], tiles["label"], strict=True))
    with style.style():
        figure = charts.complexity_scatter(ics, complexity_correlations(ics), labels=short)
        renderer = figure.canvas.get_renderer()
        for axes in figure.axes[1:]:
            boxes = {text.get_text(): text.get_window_extent(renderer) for text in axes.texts if text.get_text()}
            assert len(boxes) >= charts.LABELLED
            for one, other in combinations(boxes, 2):
                assert not boxes[one].overlaps(boxes[other]), (one, other)
            for x, y in axes.transData.transform(axes.collections[0].get_offsets()):
                assert not any(box.contains(x, y) for box in boxes.values())
            assert all(figure.bbox.x1 >= box.x1 for box in boxes.values())


def test_crowded_labels_spread_out() -> None:
    with style.style():
        figure = style.blank(85, 60)
        axes = style.panel(figure, 5, 5, 75, 50)
        axes.set(xlim=(0, 1), ylim=(0, 1))
        points = [(0.5, 0.5), (0.52, 0.5), (0.5, 0.53)]
        charts.place_labels(axes, points, {0: "first place", 1: "second place", 2: "third place"})
        renderer = figure.canvas.get_renderer()
        boxes = [text.get_window_extent(renderer) for text in axes.texts if text.get_text()]
    assert [text.get_text() for text in axes.texts if text.get_text()] == ["first place", "second place", "third place"]
    assert not any(a.overlaps(b) for a, b in combinations(boxes, 2))


def test_a_measure_without_its_correlation_is_refused(ics: pd.DataFrame) -> None:
    with pytest.raises(CompendiumError, match="a measure has no correlation; found trust_count"):
        charts.complexity_scatter(ics, complexity_correlations(ics).head(1))
