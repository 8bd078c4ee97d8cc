"""Charts of the qualitative studies: domains and how the text links them, codes by theme, studies beside each other.

Each chart has a companion ``..._data`` that returns the plotted data as a tidy frame, to be recorded with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from analysis import figures
from analysis.errors import CompendiumError
from analysis.reviewcharts import shade_counts

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

# Centres of the five domains in millimetres, the most linked one in the middle of the top.
PLACES = {
    "external-factors": (85.0, 14.0),
    "motivation-purpose": (29.0, 45.0),
    "relationships-cultures": (141.0, 45.0),
    "governance-leadership": (46.0, 92.0),
    "resources-capabilities": (124.0, 92.0),
}
BOX_MM = (46.0, 13.0)
BEND = 0.13  # of a cross-reference; two that run to and fro part to either side
TABLE_BEND = {"motivation-purpose": -0.34, "relationships-cultures": 0.34}  # clear of the cross-references there
VERDICTS = {
    "agree": figures.HIGH,
    "partial": figures.MEDIUM,
    "contradict": figures.ACCENT,
    "silent": figures.PAPER,
}
"""Colour of a study's verdict on a statement."""


# --- domains and their links ---------------------------------------------------------------------------------


def links_data(links: pd.DataFrame) -> pd.DataFrame:
    """Return what `domain_links` plots: ``kind``, ``from_domain``, ``to_domain``, ``links`` (how many are printed).

    Parameters
    ----------
    links : one row per printed link, with ``kind`` ("cross-reference" or "table-3") and the two domains.

    Raises CompendiumError for a domain without a place on the chart.
    """
    strange = (set(links["from_domain"]) | set(links["to_domain"])) - set(PLACES)
    if strange:
        raise CompendiumError("a domain has no place on the chart", found=min(strange), expected=list(PLACES))
    counts = links.groupby(["kind", "from_domain", "to_domain"], sort=True).size()
    return counts.rename("links").reset_index()


@figures.styled
def domain_links(links: pd.DataFrame, names: Mapping[str, str]) -> Figure:
    """Draw the five domains and an arrow for each pair that the text links, as thick as the links are many.

    Parameters
    ----------
    links : as in `links_data`. A cross-reference runs from the section that prints it to the one it names; a link of
        Table 3 says that national policy shapes the domain.
    names : the name of each domain by its id.

    Returns a figure 170 mm wide.
    """
    from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

    data = links_data(links)
    figure = figures.blank(figures.PAGE_MM, 112)
    sheet = figures.page(figure)
    wide, high = BOX_MM
    boxes: dict[str, FancyBboxPatch] = {}
    for domain, (x, y) in PLACES.items():
        outer = domain == "external-factors"
        box = FancyBboxPatch(
            (x - wide / 2, y - high / 2), wide, high, boxstyle="round,pad=0,rounding_size=2",
            facecolor=figures.HIGH if outer else figures.TINT, edgecolor=figures.HIGH, linewidth=0.8, zorder=3,
        )  # fmt: skip
        boxes[domain] = box
        sheet.add_artist(box)
        ink = figures.PAPER if outer else figures.INK
        words = "\n".join(figures.wrapped(names[domain], 20))
        sheet.text(x, y, words, fontsize=7.5, fontweight="bold", ha="center", va="center", color=ink, zorder=4)
    for link in data.to_dict("records"):
        table = link["kind"] == "table-3"
        start, end = PLACES[link["from_domain"]], PLACES[link["to_domain"]]
        bend = TABLE_BEND.get(link["to_domain"], BEND) if table else BEND
        colour = figures.ACCENT if table else figures.MEDIUM
        arrow = FancyArrowPatch(
            start, end, connectionstyle=f"arc3,rad={bend}", arrowstyle="-|>,head_length=3.2,head_width=1.8",
            patchA=boxes[link["from_domain"]], patchB=boxes[link["to_domain"]], shrinkA=1, shrinkB=1,
            color=colour, linewidth=0.9 if table else 0.8 + 0.8 * (link["links"] - 1), zorder=2,
            linestyle=(0, (3, 2)) if table else "-",
        )  # fmt: skip
        sheet.add_artist(arrow)
        if not table:
            x, y = _on_arc(start, end, bend)
            sheet.text(
                x, y, str(link["links"]), fontsize=6.5, ha="center", va="center", zorder=5,
                bbox={"boxstyle": "circle,pad=0.18", "facecolor": figures.PAPER, "edgecolor": colour, "linewidth": 0.6},
            )  # fmt: skip
    y = 108.5
    sheet.plot([1, 9], [y, y], color=figures.MEDIUM, linewidth=1.6)
    sheet.text(11, y, "cross-references in the text, with their number", fontsize=6.8, va="center")
    sheet.plot([80, 88], [y, y], color=figures.ACCENT, linewidth=0.9, linestyle=(0, (3, 2)))
    sheet.text(90, y, "influence of national policy (Table 3)", fontsize=6.8, va="center")
    return figure


def _on_arc(start: tuple[float, float], end: tuple[float, float], bend: float) -> tuple[float, float]:
    """Return a point of matplotlib's quadratic ``arc3`` a little before its middle, as it looks with y downwards."""
    (x0, y0), (x1, y1) = start, end
    # arc3 bends in display space, where y grows upwards, so its sign turns over here.
    cx, cy = (x0 + x1) / 2 - bend * (y1 - y0), (y0 + y1) / 2 + bend * (x1 - x0)
    t = 0.5
    x = (1 - t) ** 2 * x0 + 2 * t * (1 - t) * cx + t**2 * x1
    y = (1 - t) ** 2 * y0 + 2 * t * (1 - t) * cy + t**2 * y1
    return x, y


# --- codes by theme ------------------------------------------------------------------------------------------


def codes_data(counts: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Return what `codes_heatmap` plots: codes by name (rows, most segments first) and groups (columns), counts.

    Parameters
    ----------
    counts : segments by code_id (rows) and group (columns).
    names : the name of each code by its id; codes without a name are left out, as are those without segments.
    """
    table = counts[counts.index.isin(list(names)) & (counts.sum(axis=1) > 0)]
    if table.empty:
        raise CompendiumError("no code has a segment")
    table = table.set_axis([names[str(code)] for code in table.index], axis=0)
    order = table.sum(axis=1).sort_values(ascending=False, kind="stable").index
    return table.loc[order].rename_axis(index="code", columns=None).reset_index()


@figures.styled
def codes_heatmap(counts: pd.DataFrame, names: Mapping[str, str]) -> Figure:
    """Draw the heat map of segments by code and group.

    Parameters
    ----------
    counts, names : as in `codes_data`.

    Returns a figure 130 mm wide.
    """
    data = codes_data(counts, names).set_index("code")
    row, left, top, width = 4.6, 44.0, 11.0, 84.0
    figure = figures.blank(130, top + row * len(data) + 1.0)
    axes = figures.panel(figure, left, top, width, row * len(data))
    shade_counts(axes, data, most=max(2, int(data.to_numpy().max())))
    axes.set_xticks([])
    sheet = figures.page(figure)
    for line in range(len(data) + 1):
        y = top + row * line
        sheet.plot([left, left + width], [y, y], color=figures.RULE, linewidth=0.3)
    step = width / len(data.columns)
    for place, group in enumerate(data.columns):
        words = "\n".join(figures.wrapped(str(group), 20))
        sheet.text(left + (place + 0.5) * step, top - 1.6, words, fontsize=6.8, ha="center", va="bottom")
    return figure


# --- studies beside each other -------------------------------------------------------------------------------


def triangulation_data(matrix: pd.DataFrame, studies: Mapping[str, str]) -> pd.DataFrame:
    """Return what `triangulation_grid` plots: one row per statement and study, most agreed statements first.

    Parameters
    ----------
    matrix : ``theme_id``, ``statement``, ``study``, ``verdict`` and ``segments`` (ids with semicolons, or missing).
    studies : title of each study by its name, in the order of the columns.

    Returns columns ``theme_id``, ``statement``, ``study``, ``verdict``, ``segments`` (how many). Raises CompendiumError
    for an unknown verdict or a statement that not every study has.
    """
    data = matrix[matrix["study"].isin(list(studies))].copy()
    strange = [verdict for verdict in data["verdict"] if verdict not in VERDICTS]
    if strange:
        raise CompendiumError("a verdict is not known", column="verdict", found=strange[0], expected=list(VERDICTS))
    if (data.groupby("theme_id")["study"].nunique() != len(studies)).any() or data.duplicated(
        ["theme_id", "study"]
    ).any():
        raise CompendiumError("a statement needs one verdict of each study", expected=list(studies))
    data["segments"] = [len(cell.split(";")) if isinstance(cell, str) and cell else 0 for cell in data["segments"]]
    weight = {"agree": 1.0, "partial": 0.5, "contradict": -1.0, "silent": 0.0}
    score = data["verdict"].map(weight).groupby(data["theme_id"]).sum()
    rank = {study: place for place, study in enumerate(studies)}
    data = data.assign(score=data["theme_id"].map(score), place=data["study"].map(rank))
    data = data.sort_values(["score", "theme_id", "place"], ascending=[False, True, True], kind="stable")
    return data[["theme_id", "statement", "study", "verdict", "segments"]].reset_index(drop=True)


@figures.styled
def triangulation_grid(matrix: pd.DataFrame, studies: Mapping[str, str]) -> Figure:
    """Draw the triangulation matrix: statements down, studies across, the verdict in colour and word.

    Parameters
    ----------
    matrix, studies : as in `triangulation_data`.

    Returns a figure 170 mm wide.
    """
    from matplotlib.patches import Rectangle

    data = triangulation_data(matrix, studies)
    statements = data.drop_duplicates("theme_id")["statement"].tolist()
    left, top, row, cell = 89.0, 11.0, 7.0, 20.0
    figure = figures.blank(figures.PAGE_MM, top + row * len(statements) + 1.0)
    sheet = figures.page(figure)
    for place, title in enumerate(studies.values()):
        words = "\n".join(figures.wrapped(title, 10))
        x = left + (place + 0.5) * cell
        sheet.text(x, top - 1.6, words, fontsize=6.8, fontweight="bold", ha="center", va="bottom")
    rows = data.groupby("theme_id", sort=False)
    for line, (statement, (_, part)) in enumerate(zip(statements, rows, strict=True)):
        y = top + line * row
        sheet.text(1.0, y + row / 2, "\n".join(figures.wrapped(statement, 64)), fontsize=6.6, va="center")
        sheet.plot([1, left + 4 * cell], [y, y], color=figures.RULE, linewidth=0.3)
        for place, (verdict, segments) in enumerate(zip(part["verdict"], part["segments"], strict=True)):
            colour = VERDICTS[verdict]
            x = left + place * cell
            sheet.add_artist(Rectangle((x + 0.5, y + 0.5), cell - 1, row - 1, facecolor=colour, linewidth=0))
            words = verdict + (f" ({segments})" if segments else "")
            ink = figures.QUIET if verdict == "silent" else figures.ink_on(colour)
            sheet.text(x + cell / 2, y + row / 2, words, fontsize=6.3, ha="center", va="center", color=ink)
    return figure
