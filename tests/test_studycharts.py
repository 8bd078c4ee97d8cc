"""The charts of the studies: links as the text prints them, codes as coded, verdicts as given."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import FancyArrowPatch, Rectangle
from matplotlib.path import Path as Outline

from analysis import codebook, figures, segments, studycharts
from analysis.errors import CompendiumError

STUDIES = {
    "alderwick-paper": "First interview study",
    "alderwick-ch7": "Second interview study",
    "prucomm": "PRUComm report",
    "goddard": "Plan analysis",
}


@pytest.fixture(scope="module")
def links(project: Path) -> pd.DataFrame:
    return pd.read_csv(project / "data/coding/frameworks/ch7-domain-links.csv")


@pytest.fixture(scope="module")
def names(project: Path) -> dict[str, str]:
    domains = pd.read_csv(project / "data/coding/frameworks/umbrella-domains.csv")
    return dict(zip(domains["domain_id"], domains["domain"], strict=True))


@pytest.fixture(scope="module")
def matrix(project: Path) -> pd.DataFrame:
    return pd.read_csv(project / "data/coding/triangulation.csv")


def test_every_printed_link_is_counted_once(links: pd.DataFrame) -> None:
    data = studycharts.links_data(links)
    assert data["links"].sum() == len(links)
    assert not data.duplicated(["kind", "from_domain", "to_domain"]).any()
    assert set(studycharts.PLACES) == set(data["from_domain"])


def test_an_arrow_for_each_linked_pair_as_thick_as_its_links(links: pd.DataFrame, names: dict[str, str]) -> None:
    data = studycharts.links_data(links)
    sheet = studycharts.domain_links(links, names).axes[0]
    arrows = [patch for patch in sheet.patches if isinstance(patch, FancyArrowPatch)]
    assert len(arrows) == len(data)
    crossed = data[data["kind"] == "cross-reference"]["links"].tolist()
    widths = [arrow.get_linewidth() for arrow in arrows][: len(crossed)]
    assert [a < b for a, b in combinations(widths, 2)] == [a < b for a, b in combinations(crossed, 2)]
    numbers = [text.get_text() for text in sheet.texts if text.get_text().isdigit()]
    assert numbers == [str(count) for count in crossed]
    for name in names.values():
        assert any(text.get_text().replace("\n", " ") == name for text in sheet.texts)


def test_a_number_sits_on_its_arrow(links: pd.DataFrame, names: dict[str, str]) -> None:
    with figures.style():
        figure = studycharts.domain_links(links, names)
        figure.canvas.draw()
        sheet = figure.axes[0]
        arrows = [p for p in sheet.patches if isinstance(p, FancyArrowPatch) and p.get_linestyle() == "-"]
        numbers = [text for text in sheet.texts if text.get_text().isdigit()]
        for arrow, number in zip(arrows, numbers, strict=True):
            lines = arrow.get_path().to_polygons(closed_only=False)
            spot = np.concatenate([Outline(line).interpolated(20).vertices for line in lines])
            gap = np.hypot(spot[:, 0] - number.get_position()[0], spot[:, 1] - number.get_position()[1]).min()
            assert gap < 2.5, number.get_text()


def test_an_unknown_domain_is_refused(links: pd.DataFrame) -> None:
    with pytest.raises(CompendiumError, match="no place on the chart; found weather"):
        studycharts.links_data(links.replace("external-factors", "weather"))


def test_the_heat_map_of_codes_shows_the_counts(project: Path) -> None:
    folder = project / "data/coding/alderwick-paper"
    coded, codes = segments.load(folder / "segments.csv"), codebook.load(folder / "codebook.csv")
    counts = segments.code_counts(coded, codes, by="site")
    inductive = codes[(codes["origin"] == "inductive") & (codes["parent"] != "")]
    named = dict(zip(inductive["code_id"], inductive["code"], strict=True))
    data = studycharts.codes_data(counts, named)
    assert data["code"].is_unique
    assert data.drop(columns="code").to_numpy().sum() == counts.loc[list(named)].to_numpy().sum()
    shown = [int(text.get_text()) for text in studycharts.codes_heatmap(counts, named).axes[0].texts]
    assert shown == [int(n) for n in data.drop(columns="code").to_numpy().ravel() if n]
    with pytest.raises(CompendiumError, match="no code has a segment"):
        studycharts.codes_data(counts, {})


def test_every_verdict_is_in_its_cell_and_colour(matrix: pd.DataFrame) -> None:
    data = studycharts.triangulation_data(matrix, STUDIES)
    assert len(data) == len(matrix) == 4 * matrix["theme_id"].nunique()
    sheet = studycharts.triangulation_grid(matrix, STUDIES).axes[0]
    tiles = [patch for patch in sheet.patches if isinstance(patch, Rectangle)]
    assert [to_hex(tile.get_facecolor()) for tile in tiles] == [studycharts.VERDICTS[v] for v in data["verdict"]]
    cells = [text.get_text() for text in sheet.texts if text.get_text().split(" (")[0] in studycharts.VERDICTS]
    assert cells == [
        verdict + (f" ({count})" if count else "")
        for verdict, count in zip(data["verdict"], data["segments"], strict=True)
    ]


def test_statements_on_which_more_studies_agree_come_first(matrix: pd.DataFrame) -> None:
    data = studycharts.triangulation_data(matrix, STUDIES)
    first, last = data["theme_id"].iloc[0], data["theme_id"].iloc[-1]
    agree = data[data["verdict"] == "agree"].groupby("theme_id").size()
    assert agree.get(first, 0) > agree.get(last, 0)


def test_a_missing_or_strange_verdict_is_refused(matrix: pd.DataFrame) -> None:
    with pytest.raises(CompendiumError, match="one verdict of each study"):
        studycharts.triangulation_data(matrix.iloc[1:], STUDIES)
    with pytest.raises(CompendiumError, match="a verdict is not known; found maybe"):
        studycharts.triangulation_data(matrix.replace("silent", "maybe"), STUDIES)


def test_the_words_of_a_tile_can_be_read() -> None:
    for colour in studycharts.VERDICTS.values():
        assert figures.contrast(figures.ink_on(colour), colour) >= 4.5
    assert figures.contrast(figures.QUIET, studycharts.VERDICTS["silent"]) >= 4.5
