"""Charts of coded evidence: they draw what their data say, and no word covers another or leaves the page."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from compendium import settings
from compendium.errors import CompendiumError
from compendium.evidence import charts, cooccurrence, evidence, linkcharts, saturation, triangulation
from compendium.figures import style


@pytest.fixture(scope="module")
def coded(project: Path) -> evidence.Evidence:
    folder = project / "data/coding"
    parts = [
        evidence.read(n, folder / n / "codebook.csv", folder / n / "segments.csv") for n in settings.read().studies
    ]
    return evidence.joined(parts)


def clear(figure: Figure) -> None:
    """Assert that all words of a figure lie on the page and none covers another."""
    figure.canvas.draw()
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    page = figure.bbox
    boxes = []
    for axes in figure.axes:
        labels = [axes.xaxis.label, axes.yaxis.label] if axes.axison else []
        for text in [*axes.texts, *labels]:
            if text.get_text().strip():
                boxes.append((text.get_text(), text.get_window_extent(renderer)))
    assert boxes
    for words, box in boxes:
        assert box.x0 >= -1, words
        assert box.y0 >= -1, words
        assert box.x1 <= page.x1 + 1, words
        assert box.y1 <= page.y1 + 1, words
    for (one, a), (other, b) in combinations(boxes, 2):
        width = min(a.x1, b.x1) - max(a.x0, b.x0)
        height = min(a.y1, b.y1) - max(a.y0, b.y0)
        assert width < 1 or height < 1, f"'{one}' covers '{other}'"


def words_of(figure: Figure) -> list[str]:
    return [" ".join(text.get_text().split()) for axes in figure.axes for text in axes.texts]


# --- heat map of codes ---------------------------------------------------------------------------------------


def test_the_heat_map_counts_what_the_data_say(coded: evidence.Evidence) -> None:
    codes = ["wider-determinants", "crowding-out"]
    data = charts.code_heat_data(coded, codes)
    assert dict.fromkeys(data["block"]) == dict.fromkeys(["study", "site", "sector"])
    row = data.set_index(["group", "code_id"]).loc[("BMJ Open paper", "wider-determinants")]
    assert (row["segments"], row["group_segments"], row["percent"]) == (8, 25, 32.0)
    held = data[data["block"] == "study"].groupby("code_id")["segments"].sum()
    assert held.to_dict() == {code: evidence.totals(coded)[code] for code in codes}


def test_the_heat_map_prints_every_count_and_no_zero(coded: evidence.Evidence) -> None:
    codes = evidence.most_used(coded, evidence.compared(coded), 28)
    data = charts.code_heat_data(coded, codes)
    with style.style():
        figure = charts.code_heat_map(coded, codes)
        clear(figure)
    drawn = sorted(int(text.get_text()) for axes in figure.axes[1:] for text in axes.texts)
    assert drawn == sorted(data.loc[data["segments"] > 0, "segments"])
    assert figure.get_size_inches()[0] * 25.4 == pytest.approx(160)


def test_a_single_study_without_sites_still_has_a_map(coded: evidence.Evidence) -> None:
    goddard = evidence.of_study(coded, "goddard")
    figure = charts.code_heat_map(goddard, evidence.compared(goddard))
    assert "Study" in words_of(figure)
    with pytest.raises(CompendiumError, match="needs codes"):
        charts.code_heat_map(goddard, [])


def test_more_groups_than_fit_leave_the_smallest_out(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("code_id,code\na,A\n", "utf-8")
    rows = [f"s{n},site {n % 20:02d},a" for n in range(40)] + ["x,site 19,a"]
    (tmp_path / "s.csv").write_text("segment_id,site,codes\n" + "\n".join(rows) + "\n", "utf-8")
    data = charts.code_heat_data(evidence.read("many", tmp_path / "c.csv", tmp_path / "s.csv"), ["a"])
    assert len(data) == charts.WIDEST
    assert data["group"].iloc[-1] == "site 19"


# --- codes that meet -----------------------------------------------------------------------------------------


def test_the_map_of_pairs_prints_each_pair_once(coded: evidence.Evidence) -> None:
    codes = evidence.most_used(coded, evidence.compared(coded), 24)
    matrix = cooccurrence.cooccurrence(coded, codes)
    data = charts.cooccurrence_data(matrix, coded.codebook)
    assert len(data) == 24 * 25 / 2
    with style.style():
        figure = charts.cooccurrence_map(matrix, coded.codebook)
        clear(figure)
    drawn = sorted(int(word) for word in words_of(figure) if word.isdigit())
    assert drawn == sorted(data.loc[data["segments"] > 0, "segments"])
    with pytest.raises(CompendiumError, match="two to forty codes; found 1"):
        charts.cooccurrence_map(matrix.iloc[:1, :1], coded.codebook)


# --- saturation ----------------------------------------------------------------------------------------------


def test_curves_end_where_the_codes_end(coded: evidence.Evidence) -> None:
    parts = [evidence.of_study(coded, name) for name in coded.studies]
    curves = pd.concat(
        saturation.curve(part.segments, part.codings, evidence.compared(part)).assign(study=part.studies[0])
        for part in parts
    )
    with style.style():
        figure = charts.saturation_curves(curves)
        clear(figure)
    for axes, part in zip(figure.axes[1:], parts, strict=True):
        line = axes.lines[1]
        assert line.get_xdata()[-1] == len(part.segments)
        assert line.get_ydata()[-1] == len(evidence.compared(part))
    with pytest.raises(CompendiumError, match="lack a column"):
        charts.saturation_curves(curves.drop(columns="expected"))


# --- verdicts ------------------------------------------------------------------------------------------------


def test_each_verdict_has_its_word_and_shade(coded: evidence.Evidence, project: Path) -> None:
    judged = triangulation.read(project / "data/coding/triangulation.csv", triangulation.COLUMNS)
    cells = triangulation.matrix(judged, coded.studies)
    with style.style():
        figure = charts.triangulation_grid(cells)
        clear(figure)
    words = words_of(figure)
    assert sum(word.startswith("agree") for word in words) == (cells["verdict"] == "agree").sum()
    assert "contradict · 3" in words
    tiles = [to_hex(p.get_facecolor()) for axes in figure.axes for p in axes.patches if isinstance(p, Rectangle)]
    assert tiles.count(style.ACCENT) == 1
    assert tiles.count(style.HIGH) == (cells["verdict"] == "agree").sum()


# --- network of domains --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def domains(project: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    folder = project / "data/coding/frameworks"
    return pd.read_csv(folder / "ch7-domain-links.csv"), pd.read_csv(folder / "umbrella-domains.csv")


def test_the_network_draws_every_link_once(domains: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    links, names = domains
    sizes = dict.fromkeys(names["domain_id"], 10)
    data = linkcharts.domain_data(links, names, sizes)
    assert data.groupby("kind")["links"].sum().to_dict() == {"cross-reference": 19, "table-3": 4}
    with style.style():
        figure = linkcharts.domain_network(links, names, sizes)
        clear(figure)
    drawn = [int(word) for word in words_of(figure) if word.isdigit()]
    key = [10, 5]  # discs of the key to their sizes: the most segments, and half of them
    assert sorted(drawn) == sorted([*data.loc[data["kind"] == "cross-reference", "links"], *key])
    assert len(figure.axes[0].patches) == len(data) + len(names) + 3, "arrows, discs, and the key to their sizes"


def test_domains_stand_so_that_no_links_cross(domains: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    links, names = domains
    data = linkcharts.domain_data(links, names, {})
    places = linkcharts._places(data, names["domain"].tolist(), (0, 0), (10, 10))
    assert places["External factors"] == (0, 0)
    around = {frozenset(pair) for pair in zip(data["from"], data["to"], strict=True) if "External factors" not in pair}
    for one, other in around:
        (x0, y0), (x1, y1) = places[one], places[other]
        assert x0 == pytest.approx(x1) or y0 == pytest.approx(y1), f"{one} and {other} stand across the middle"


def test_a_link_to_nowhere_is_refused(domains: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    links, names = domains
    with pytest.raises(CompendiumError, match=r"row 2: a link names no known domain; found mars"):
        linkcharts.domain_data(links.assign(from_domain="mars"), names, {})
    with pytest.raises(CompendiumError, match="refers to itself"):
        linkcharts.domain_data(links.assign(from_domain=links["to_domain"]), names, {})


def test_the_same_figure_has_the_same_bytes(coded: evidence.Evidence, tmp_path: Path) -> None:
    codes = evidence.compared(coded)[:5]
    for name in ("one", "two"):
        style.save(charts.code_heat_map(coded, codes), tmp_path / name, alt="Codes", title="t")
    for suffix in ("svg", "png"):
        assert (tmp_path / f"one.{suffix}").read_bytes() == (tmp_path / f"two.{suffix}").read_bytes()
