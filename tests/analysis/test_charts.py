"""The other charts: what they draw is what their data say, no label covers another, and no case is named."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.patches import Circle, Rectangle

from analysis import charts
from analysis.characteristics import complexity_correlations, join
from compendium.errors import CompendiumError
from compendium.figures import style


@pytest.fixture(scope="module")
def ics(project: Path) -> pd.DataFrame:
    folder = project / "data/published"
    return join(*(pd.read_csv(folder / f"{name}.csv") for name in ("areas", "ics_geography", "ics_organisation")))


@pytest.fixture(scope="module")
def people(project: Path) -> pd.DataFrame:
    return pd.read_csv(project / "data/published/interviewees.csv")


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
            boxes = {text.get_text(): text.get_window_extent(renderer) for text in axes.texts}
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
        boxes = [text.get_window_extent(renderer) for text in axes.texts]
    assert [text.get_text() for text in axes.texts] == ["first place", "second place", "third place"]
    assert not any(a.overlaps(b) for a, b in combinations(boxes, 2))


def test_a_measure_without_its_correlation_is_refused(ics: pd.DataFrame) -> None:
    with pytest.raises(CompendiumError, match="a measure has no correlation; found trust_count"):
        charts.complexity_scatter(ics, complexity_correlations(ics).head(1))


# --- who took part -------------------------------------------------------------------------------------------


def test_one_dot_stands_for_one_interviewee(people: pd.DataFrame) -> None:
    sheet = charts.interviewees(people).axes[0]
    dots = [patch for patch in sheet.patches if isinstance(patch, Circle)]
    assert len(dots) == people["interviewees"].sum() == 32
    words = [text.get_text() for text in sheet.texts]
    assert {"NHS (17)", "Other sectors (15)", "ICS A", "ICS B", "ICS C"} <= set(words)
    assert words[-6:] == ["10", "7", "7", "5", "3", "32"]
    assert words.count("none") == 1
    nhs = [dot for dot in dots if dot.get_facecolor() == dots[0].get_facecolor()]
    assert len(nhs) == 17


def test_a_crowded_cell_grows_downwards_not_into_its_neighbour(people: pd.DataFrame) -> None:
    more = people.assign(interviewees=7)
    dots = [patch.center for patch in charts.interviewees(more).axes[0].patches if isinstance(patch, Circle)]
    assert all(np.hypot(a[0] - b[0], a[1] - b[1]) >= style.DOT_MM for a, b in combinations(dots, 2))


def test_interviewees_that_are_no_counts_are_refused(people: pd.DataFrame) -> None:
    with pytest.raises(CompendiumError, match=r"a number of interviewees is not a count; found 1\.5"):
        charts.interviewees(people.assign(interviewees=1.5))
    with pytest.raises(CompendiumError, match="counted twice"):
        charts.interviewees(pd.concat([people, people.head(1)]))


# --- how the cases were chosen -------------------------------------------------------------------------------

STAGES = pd.DataFrame(
    {
        "ics_count": [42, 14, 3],
        "label": ["integrated care systems", "with high deprivation", "case studies"],
        "rule": ["", "Top tercile", "Chosen to differ"],
    }
)


def test_the_flow_shows_the_counts_and_only_the_words_given() -> None:
    sheet = charts.selection_flow(STAGES).axes[0]
    words = [text.get_text() for text in sheet.texts]
    assert sorted(words) == sorted(["42", "14", "3", *STAGES["label"], "Top tercile", "Chosen to differ"])
    bars = [patch for patch in sheet.patches if isinstance(patch, Rectangle)]
    white = [bar.get_facecolor() == (1.0, 1.0, 1.0, 1.0) for bar in bars]
    assert len(bars) == 3 * 42
    assert [42 - sum(white[start : start + 42]) for start in (0, 42, 84)] == [42, 14, 3]
    filled = [[not empty for empty in white[start : start + 42]] for start in (42, 84)]
    assert all(row == sorted(row, reverse=True) for row in filled), "a bar's place in the row must mean nothing"


def test_flow_data_are_numbered_stages() -> None:
    data = charts.selection_data(STAGES)
    assert list(data) == ["stage", "rule", "label", "ics_count"]
    assert data["stage"].tolist() == [1, 2, 3]
    pd.testing.assert_frame_equal(data[list(STAGES)], STAGES)


@pytest.mark.parametrize("counts", [[42, 14, 15], [42, 0, 0], [42, 1.5, 1]])
def test_counts_that_do_not_shrink_are_refused(counts: list[float]) -> None:
    with pytest.raises(CompendiumError, match="do not shrink stage by stage"):
        charts.selection_flow(STAGES.assign(ics_count=counts))
