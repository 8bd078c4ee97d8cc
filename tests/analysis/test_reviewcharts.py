"""The charts of the umbrella review: each dot and number is a review, a factor or a record of the tables."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.colors import to_hex
from matplotlib.patches import Circle

from analysis import reviewcharts, reviews
from compendium.data import loading
from compendium.errors import CompendiumError
from compendium.figures import style


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return reviews.reviews()


@pytest.fixture(scope="module")
def outcomes() -> pd.DataFrame:
    return loading.read("review_outcomes")


@pytest.fixture(scope="module")
def factors() -> pd.DataFrame:
    return loading.read("review_factors")


@pytest.fixture(scope="module")
def search() -> pd.DataFrame:
    return loading.read("search_strategy")


def dots(figure) -> list[Circle]:
    return [patch for patch in figure.axes[0].patches if isinstance(patch, Circle)]


def boxes(figure) -> dict[str, object]:
    """Return the extent of every text of a figure, by its place among the texts and its words."""
    with style.style():
        renderer = figure.canvas.get_renderer()
        texts = [text for axes in figure.axes for text in axes.texts if text.get_text()]
        return {f"{place} {text.get_text()}": text.get_window_extent(renderer) for place, text in enumerate(texts)}


def test_a_dot_stands_for_a_review_in_each_quality_panel(frame: pd.DataFrame) -> None:
    data = reviewcharts.quality_data(frame)
    sums = data.groupby("instrument")["reviews"].sum()
    assert sums["AMSTAR 2"] + sums["CASP"] == len(frame)
    items = [item for met in frame["casp"].dropna() for item in met]
    assert sums["CASP item"] == len(items)
    assert dict(zip(data["rating"], data["reviews"], strict=True))["important papers found"] == items.count(3)
    assert len(dots(reviewcharts.quality_dots(frame))) == data["reviews"].sum()


def test_a_dot_of_the_evidence_map_is_shaded_by_rating(outcomes: pd.DataFrame, frame: pd.DataFrame) -> None:
    data = reviewcharts.evidence_data(outcomes, frame)
    assert len(data) == (outcomes["direction"] != reviews.NOT_STUDIED).sum()
    drawn = pd.Series([to_hex(dot.get_facecolor()) for dot in dots(reviewcharts.evidence_dots(outcomes, frame))])
    legend = 3
    for rating in ("high", "low", "critically low"):
        wanted = (data["amstar2"] == rating).sum()
        assert (drawn == reviewcharts.SHADES[rating]).sum() == wanted + 1
    assert len(drawn) == len(data) + legend


def test_dots_of_the_evidence_map_do_not_touch(outcomes: pd.DataFrame, frame: pd.DataFrame) -> None:
    centres = [dot.center for dot in dots(reviewcharts.evidence_dots(outcomes, frame))]
    assert min(np.hypot(a[0] - b[0], a[1] - b[1]) for a, b in combinations(centres, 2)) > reviewcharts.DOT


def test_an_unknown_direction_is_refused(outcomes: pd.DataFrame, frame: pd.DataFrame) -> None:
    with pytest.raises(CompendiumError, match="'direction': the evidence map has no place for it; found sideways"):
        reviewcharts.evidence_data(outcomes.replace("favourable", "sideways"), frame)


def test_the_heat_map_counts_every_classified_factor(factors: pd.DataFrame, frame: pd.DataFrame) -> None:
    data = reviewcharts.domain_data(factors, frame)
    assert list(data.columns) == ["review", *reviews.DOMAINS]
    assert data[list(reviews.DOMAINS)].sum().sum() == factors["domain"].isin(reviews.DOMAINS).sum()
    totals = data[list(reviews.DOMAINS)].sum(axis=1).tolist()
    assert totals == sorted(totals, reverse=True)
    figure = reviewcharts.domain_heatmap(factors, frame)
    shown = [int(text.get_text()) for text in figure.axes[0].texts]
    assert shown == [int(n) for n in data[list(reviews.DOMAINS)].to_numpy().ravel() if n]


def test_numbers_in_the_heat_map_can_be_read(factors: pd.DataFrame, frame: pd.DataFrame) -> None:
    figure = reviewcharts.domain_heatmap(factors, frame)
    mesh = figure.axes[0].collections[0]
    mesh.update_scalarmappable()
    shades = [to_hex(colour) for colour in mesh.get_facecolors()]
    data = reviewcharts.domain_data(factors, frame)[list(reviews.DOMAINS)].to_numpy().ravel()
    inks = [text.get_color() for text in figure.axes[0].texts]
    filled = [shade for shade, count in zip(shades, data, strict=True) if count]
    assert all(style.contrast(ink, shade) >= 4.5 for ink, shade in zip(inks, filled, strict=True))


def test_no_words_cover_each_other(frame: pd.DataFrame, outcomes: pd.DataFrame, factors: pd.DataFrame) -> None:
    drawn = (
        reviewcharts.quality_dots(frame),
        reviewcharts.evidence_dots(outcomes, frame),
        reviewcharts.domain_heatmap(factors, frame),
    )
    for figure in drawn:
        extents = boxes(figure)
        assert len(extents) > 10
        clashes = [(one, other) for one, other in combinations(extents, 2) if extents[one].overlaps(extents[other])]
        assert clashes == []
        outside = [word for word, box in extents.items() if box.x1 > figure.bbox.x1 or box.x0 < 0]
        assert outside == []


@settings(max_examples=15)
@given(st.lists(st.sampled_from(["", "1", "1,2", "2,3,5", "1,2,3,4,5", "-"]), min_size=1, max_size=12))
def test_casp_items_add_up_whatever_the_reviews(cells: list[str]) -> None:
    printed = [cell or None for cell in cells]
    frame = pd.DataFrame({"amstar2": [None if cell else "low" for cell in printed], "casp_printed": printed})
    frame["casp"] = [reviews.casp_items(cell) for cell in printed]
    data = reviewcharts.quality_data(frame)
    by_number = data[data["instrument"] == "CASP"].reset_index(drop=True)
    by_item = data.loc[data["instrument"] == "CASP item", "reviews"].sum()
    assert (by_number.index * by_number["reviews"]).sum() == by_item
