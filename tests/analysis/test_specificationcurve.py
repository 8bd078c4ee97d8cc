"""The specification curve's data: every specification counted once, and none put before its equal."""

from __future__ import annotations

import numpy as np
import pytest

from analysis import robustness, specificationcurve
from analysis.robustness import Exclusion, Grid
from compendium.errors import CompendiumError

GRID = Grid(
    data=(("2019", "stp21"),),
    measures=("fifth", "tenth"),
    roundings=("unrounded",),
    groups=(2, 3),
    quantile_types=(7,),
    ties=("above the cut",),
)
AREAS = ["a", "b", "c", "d", "e", "f"]


def test_similarity_leaves_out_what_a_specification_leaves_out() -> None:
    grid = Grid(**{**vars(GRID), "exclusions": (Exclusion("none"), Exclusion("x", ("a",)))})
    drawn = np.zeros((*grid.shape, 6), dtype=bool)
    drawn[..., :2] = True
    drawn[1, ..., 0] = False  # left out
    jaccard = specificationcurve.jaccard_of_each(drawn, grid, AREAS, {"a", "b", "c"})
    assert jaccard[0] == pytest.approx(2 / 3)
    assert jaccard[1] == pytest.approx(1 / 2)


def test_bins_hold_every_specification_once_and_equals_are_averaged() -> None:
    jaccard = np.array([0.5, 0.5, 1.0, 1.0]).reshape(GRID.shape)  # fifth: both 0.5; tenth: both 1
    data = specificationcurve.specification_curve_data(jaccard, GRID, bins=2)
    shares = data.set_index(["bin", "level"])["share"]
    assert shares[1, "fifth"] == 1
    assert shares[2, "fifth"] == 0
    assert shares[1, "2"] == shares[1, "3"] == pytest.approx(0.5)
    assert data.groupby(["bin", "choice"])["share"].sum().to_numpy() == pytest.approx(1)
    assert data.drop_duplicates("bin")["median"].tolist() == [0.5, 1.0]


def test_one_bin_is_the_whole_grid() -> None:
    jaccard = np.array([0.2, 0.4, 0.6, 0.8]).reshape(GRID.shape)
    data = specificationcurve.specification_curve_data(jaccard, GRID, bins=1)
    assert data.loc[data["choice"] == "measure", "share"].tolist() == pytest.approx([0.5, 0.5])
    assert (data["lowest"].iloc[0], data["highest"].iloc[0]) == (0.2, 0.8)


def test_another_shape_is_refused() -> None:
    with pytest.raises(CompendiumError, match="differ in number"):
        specificationcurve.specification_curve_data(np.ones(3), GRID)


def test_the_figure_names_every_level_of_every_choice_that_varies() -> None:
    values = np.arange(12.0).reshape(1, 2, 1, 6)
    drawn = robustness.members(values, GRID, AREAS)
    jaccard = specificationcurve.jaccard_of_each(drawn, GRID, AREAS, {"e", "f"})
    figure = specificationcurve.specification_curve(
        specificationcurve.specification_curve_data(jaccard, GRID), GRID.size
    )
    labels = [tick.get_text() for axes in figure.axes for tick in axes.get_yticklabels()]
    assert {"fifth", "tenth", "2", "3"} <= set(labels)
    assert "unrounded" not in labels
    texts = [text.get_text() for axes in figure.axes for text in axes.texts]
    assert any(text.startswith("4 specifications") for text in texts)
