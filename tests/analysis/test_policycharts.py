"""The charts of the policies: bars as long as their years, shades as their coverage, aims as in the table."""

from __future__ import annotations

from itertools import combinations

import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import FancyArrowPatch, Rectangle

from analysis import policies, policycharts
from compendium.data import loading
from compendium.errors import CompendiumError
from compendium.figures import style


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return policies.policies()


@pytest.fixture(scope="module")
def aims() -> pd.DataFrame:
    return loading.read("policy_aims")


def bars(figure) -> list[Rectangle]:
    """Return the bars of the timeline: three millimetres high, which nothing else is."""
    return [p for p in figure.axes[0].patches if isinstance(p, Rectangle) and p.get_height() == pytest.approx(3.0)]


def test_a_policy_with_a_printed_start_alone_is_drawn_in_that_year_without_an_end(frame: pd.DataFrame) -> None:
    row = policies.timeline(frame).set_index("policy").loc["Health improvement programmes"]
    assert (row["from"], row["to"], row["open"]) == (1998, 1998, True)


def test_the_single_date_is_what_the_thesis_prints(seeds) -> None:
    text = next(seeds.glob("003_*")).read_text(encoding="utf-8")
    row = next(line for line in text.splitlines() if line.startswith("Health improvement programmes"))
    assert row.split("\t")[1] == "1998"


def test_bars_are_as_long_as_their_years_and_shaded_by_coverage(frame: pd.DataFrame) -> None:
    data = policycharts.timeline_data(frame)
    figure = policycharts.timeline(frame)
    drawn = bars(figure)
    assert len(drawn) == len(frame) == 19
    years = (data["to"] - data["from"] + 1).where(~data["open"], 1).tolist()  # beyond, nothing is printed
    scale = drawn[0].get_width() / years[0]
    assert [bar.get_width() / scale for bar in drawn] == pytest.approx(years)
    assert [to_hex(bar.get_facecolor()) for bar in drawn] == [policycharts.COVERAGE[c] for c in data["coverage"]]
    arrows = [patch for patch in figure.axes[0].patches if isinstance(patch, FancyArrowPatch)]
    assert len(arrows) == data["open"].sum() == 6


def test_the_strip_counts_the_policies_of_each_year(frame: pd.DataFrame) -> None:
    data = policycharts.timeline_data(frame)
    counts = [int(((data["from"] <= year) & (year <= data["to"])).sum()) for year in range(1997, 2023)]
    words = [text.get_text() for text in policycharts.timeline(frame).axes[0].texts]
    start = words.index("In force, or without an end") + 1
    assert [int(word) for word in words[start : start + len(counts)]] == counts


def test_an_earlier_last_year_shortens_open_bars_only(frame: pd.DataFrame) -> None:
    long, short = (policycharts.timeline_data(frame, until).set_index("policy") for until in (2022, 2021))
    shorter = (long["to"] - short["to"]).loc[long.index]
    ongoing = frame.set_index("policy")["date_printed"].str.endswith("-").loc[long.index]
    assert shorter.tolist() == ongoing.astype(int).tolist()
    words = [text.get_text() for text in policycharts.timeline(frame, 2021).axes[0].texts]
    assert len(words) == len(policycharts.timeline(frame).axes[0].texts) - 1


def test_a_coverage_without_a_colour_and_an_early_policy_are_refused(frame: pd.DataFrame) -> None:
    with pytest.raises(CompendiumError, match="no colour"):
        policycharts.timeline_data(frame.assign(coverage="the moon"))
    with pytest.raises(CompendiumError, match="before the period"):
        policycharts.timeline_data(frame.assign(start=1990))


def test_the_grid_of_aims_is_the_table(frame: pd.DataFrame, aims: pd.DataFrame) -> None:
    data = policycharts.aims_data(frame, aims).set_index("policy")
    assert data.to_numpy().sum() == len(aims)
    names = frame.set_index("policy_id")["policy"]
    assert all(data.loc[names[row.policy_id], row.aim] == 1 for row in aims.itertuples())
    figure = policycharts.aims_heatmap(frame, aims)
    mesh = figure.axes[0].collections[0]
    mesh.update_scalarmappable()
    shades = [to_hex(colour) for colour in mesh.get_facecolors()]
    assert shades.count(style.HIGH) == (aims["aim"] == "inequalities").sum()
    assert shades.count(style.MEDIUM) == (aims["aim"] != "inequalities").sum()


def test_no_words_cover_each_other(frame: pd.DataFrame, aims: pd.DataFrame) -> None:
    for figure in (policycharts.timeline(frame), policycharts.aims_heatmap(frame, aims)):
        with style.style():
            renderer = figure.canvas.get_renderer()
            texts = [text for axes in figure.axes for text in [*axes.texts, *axes.get_yticklabels()]]
            shown = [text for text in texts if text.get_text() and text.get_visible()]
            extents = [(text.get_text(), text.get_window_extent(renderer)) for text in shown]
        clashes = [(a[0], b[0]) for a, b in combinations(extents, 2) if a[1].overlaps(b[1])]
        hidden = {str(tick) for tick in range(0, 400, 10)}  # ticks of the invisible page axes
        assert [pair for pair in clashes if not set(pair) & hidden] == []
