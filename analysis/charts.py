"""The study's other charts: size against complexity, who took part, how the cases were chosen.

Each chart has a companion ``..._data`` that returns the plotted data as a tidy frame, to be recorded with it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from compendium.errors import CompendiumError
from compendium.figures import style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.transforms import Bbox

MEASURES = {"utla_count": "Upper tier local authorities", "trust_count": "NHS trusts"}
LABELLED = 4  # how many ICSs each panel names for lying far off the line
DOT_MM = style.DOT_MM


# --- size against complexity ---------------------------------------------------------------------------------


def complexity_data(
    frame: pd.DataFrame, measures: Mapping[str, str] | None = None, population: str = "population"
) -> pd.DataFrame:
    """Return what `complexity_scatter` plots: one row per ICS and measure of complexity.

    Parameters
    ----------
    frame : one row per ICS with ``stp21_code``, ``ics_name``, the population (people) and the measures (counts).
    measures : column -> title; by default upper tier local authorities and NHS trusts.

    Returns columns ``measure``, ``title``, ``stp21_code``, ``ics_name``, ``population``, ``count``, ``expected``
    (the least-squares line) and ``labelled`` (whether the chart names the ICS: those farthest from the line and the
    most populous).
    """
    import numpy as np
    import pandas as pd

    chosen = dict(measures or MEASURES)
    style.required(frame, ["stp21_code", "ics_name", population, *chosen], "population and complexity")
    parts = []
    for column, title in chosen.items():
        part = frame[["stp21_code", "ics_name"]].assign(measure=column, title=title)
        part["population"], part["count"] = frame[population].astype(float), frame[column].astype(float)
        slope, start = np.polyfit(part["population"], part["count"], 1)
        part["expected"] = (start + slope * part["population"]).round(3)
        off = (part["count"] - part["expected"]).abs().rank(ascending=False, method="first") <= LABELLED
        part["labelled"] = off | (part["population"] == part["population"].max())
        parts.append(part)
    columns = ["measure", "title", "stp21_code", "ics_name", "population", "count", "expected", "labelled"]
    return pd.concat(parts, ignore_index=True)[columns]


@style.styled
def complexity_scatter(
    frame: pd.DataFrame,
    correlations: pd.DataFrame,
    *,
    labels: Mapping[str, str] | None = None,
    measures: Mapping[str, str] | None = None,
    population: str = "population",
) -> Figure:
    """Plot population against counts of organisations, one panel per count, the correlations named above.

    Parameters
    ----------
    frame, measures, population : as in `complexity_data`.
    correlations : columns ``y`` (the measure), ``pearson``, ``spearman`` and ``n``, as
        `characteristics.complexity_correlations` returns them.
    labels : short names by ``stp21_code``; without one an ICS goes by its ``ics_name``.

    The line in each panel is the least-squares fit. Returns a figure 170 mm wide.
    """
    data = complexity_data(frame, measures, population)
    style.required(correlations, ["y", "pearson", "spearman", "n"], "correlations")
    named = correlations.set_index("y")
    panels = list(data.groupby("measure", sort=False))
    width, height, left, top = 72.0, 62.0, 9.0, 11.0
    figure = style.blank(style.PAGE_MM, 85)
    step = (style.PAGE_MM - left - 3.0 - width) / max(1, len(panels) - 1)
    sheet = style.page(figure)
    for number, (measure, part) in enumerate(panels):
        if measure not in named.index:
            raise CompendiumError("a measure has no correlation", found=measure, expected=list(named.index))
        x = left + number * step
        axes = style.panel(figure, x, top, width, height)
        sheet.text(x, 3.2, part["title"].iloc[0], fontsize=7.5, fontweight="bold", va="center")
        row = named.loc[measure]
        words = f"Pearson r = {row['pearson']:.2f}, Spearman ρ = {row['spearman']:.2f}, n = {row['n']:.0f}"
        sheet.text(x, 7.3, words, fontsize=6.8, va="center")
        _scatter(axes, part, labels or {})
    return figure


def _scatter(axes: Axes, part: pd.DataFrame, labels: Mapping[str, str]) -> None:
    import numpy as np
    from matplotlib.ticker import MaxNLocator

    x, y = part["population"] / 1e6, part["count"]
    axes.set(xlim=(0, x.max() * 1.08), ylim=(0, y.max() * 1.08))
    axes.set_xlabel("Population (millions)")
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(axis="y")
    line = part.sort_values("population")
    axes.plot(line["population"] / 1e6, line["expected"], color=style.MEDIUM, linewidth=0.9, zorder=1)
    axes.scatter(x, y, s=14, color=style.HIGH, alpha=0.85, edgecolors=style.PAPER, linewidths=0.4, zorder=3)
    names = [labels.get(code, name) for code, name in zip(part["stp21_code"], part["ics_name"], strict=True)]
    wanted = [i for i, flag in enumerate(part["labelled"]) if flag]
    across = np.linspace(line["population"].iloc[0], line["population"].iloc[-1], 200)
    fitted = np.interp(across, line["population"], line["expected"])
    clear = list(zip(across / 1e6, fitted, strict=True))
    place_labels(axes, list(zip(x, y, strict=True)), {i: names[i] for i in wanted}, avoid=clear)


def place_labels(
    axes: Axes,
    points: Sequence[tuple[float, float]],
    names: Mapping[int, str],
    avoid: Sequence[tuple[float, float]] = (),
) -> None:
    """Name some points, each beside its own, clear of all points, of each other and of the panel's edge.

    Eight places around each point are tried in a fixed order, farther out in a second round; the first free one
    is taken, else the one that covers least. ``points`` and ``avoid`` (other places to
    keep clear) are in data units; ``names`` goes by position in ``points``.
    """
    import numpy as np
    from matplotlib.patheffects import withStroke
    from matplotlib.transforms import Bbox

    renderer = axes.figure.canvas.get_renderer()  # type: ignore[attr-defined]
    mm = axes.figure.dpi / 25.4
    dots = [
        Bbox.from_bounds(px - size / 2 * mm, py - size / 2 * mm, size * mm, size * mm)
        for size, places in ((1.8, points), (0.4, avoid))
        for px, py in axes.transData.transform(np.asarray(places).reshape(-1, 2))
    ]
    frame = axes.get_window_extent(renderer)
    taken: list[Bbox] = []
    halo = [withStroke(linewidth=2.2, foreground=style.PAPER)]
    for i, name in names.items():
        trials: list[tuple[float, int, Any, Bbox]] = []
        for far in (1.3, 2.6):
            for right, up in ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1)):
                offset = (right * far * 72 / 25.4, up * far * 72 / 25.4)
                text = axes.annotate(
                    name, points[i], offset, textcoords="offset points", fontsize=6.3, linespacing=1.15,
                    ha=("center", "left", "right")[right], va=("center", "bottom", "top")[up],
                    zorder=2.5, path_effects=halo,
                )  # fmt: skip
                box = text.get_window_extent(renderer)
                inside = Bbox.intersection(box, frame)
                outside = box.width * box.height - (inside.width * inside.height if inside else 0)
                covered = outside + sum(_shared(box, other) for other in [*dots, *taken])
                trials.append((max(0.0, covered - 1e-6), len(trials), text, box))
        best = min(trials, key=lambda trial: trial[:2])
        for trial in trials:
            if trial is not best:
                trial[2].remove()
        taken.append(best[3])


def _shared(one: Bbox, other: Bbox) -> float:
    """Return the area two boxes share, in square pixels."""
    width = min(one.x1, other.x1) - max(one.x0, other.x0)
    height = min(one.y1, other.y1) - max(one.y0, other.y0)
    return max(0.0, width) * max(0.0, height)


# --- who took part -------------------------------------------------------------------------------------------


def interviewees_data(frame: pd.DataFrame) -> pd.DataFrame:
    """Return what `interviewees` plots: ``site``, ``sector_group``, ``sector``, ``interviewees`` (a count).

    Raises CompendiumError for a column missing, a site and sector given twice, or a count that is no whole number.
    """
    columns = ["site", "sector_group", "sector", "interviewees"]
    style.required(frame, columns, "chart of interviewees")
    data = frame[columns].reset_index(drop=True)
    if data.duplicated(["site", "sector"]).any():
        raise CompendiumError("a site and sector are counted twice", column="site, sector")
    wrong = data[(data["interviewees"] < 0) | (data["interviewees"] % 1 != 0)]
    if len(wrong):
        raise CompendiumError("a number of interviewees is not a count", found=wrong["interviewees"].iloc[0])
    return data.astype({"interviewees": int})


@style.styled
def interviewees(frame: pd.DataFrame, prefix: str = "ICS ") -> Figure:
    """Draw one dot for each interviewee, by site (down) and sector (across), with totals.

    Parameters
    ----------
    frame : as in `interviewees_data`; sectors and sites are drawn in the order in which they stand.
    prefix : what stands before the letter of a site.

    Returns a figure 85 mm wide.
    """
    from matplotlib.patches import Circle

    data = interviewees_data(frame)
    sites, sectors = list(dict.fromkeys(data["site"])), list(dict.fromkeys(data["sector"]))
    groups = data.drop_duplicates("sector").set_index("sector")["sector_group"]
    shade = dict(zip(dict.fromkeys(groups), (style.HIGH, style.MEDIUM, style.LOW), strict=False))
    count = data.set_index(["site", "sector"])["interviewees"]
    left, row, head, size = 13.0, 8.6, 13.5, DOT_MM + 0.3
    step = (style.COLUMN_MM - left - 9.0) / len(sectors)
    across = max(1, int((step - 2.0) / size))
    figure = style.blank(style.COLUMN_MM, head + row * (len(sites) + 1))
    sheet, end = style.page(figure), style.COLUMN_MM - 1.0
    for name, members in groups.groupby(groups, sort=False):
        first, last = sectors.index(members.index[0]), sectors.index(members.index[-1])
        x0, x1 = left + first * step, left + (last + 1) * step + (0.4 if last + 1 == len(sectors) else -1.0)
        total = data.loc[data["sector_group"] == name, "interviewees"].sum()
        sheet.text(x0, 2.6, f"{name} ({total})", fontsize=7, fontweight="bold", va="center")
        sheet.plot([x0, x1], [5.2, 5.2], color=shade[name], linewidth=1.6, solid_capstyle="butt")
    for place, sector in enumerate(sectors):
        words = "\n".join(style.wrapped(str(sector), 9))
        sheet.text(left + place * step, 9.2, words, fontsize=6, va="center")
    sheet.text(end, 9.2, "All", fontsize=6.5, va="center", ha="right")
    for line, site in enumerate(sites):
        y = head + line * row + row / 2
        sheet.plot([1, end], [y - row / 2] * 2, color=style.RULE, linewidth=0.5)
        sheet.text(1, y, f"{prefix}{site}", fontsize=7, fontweight="bold", va="center")
        for place, sector in enumerate(sectors):
            people = int(count.get((site, sector), 0))
            rows = math.ceil(people / across)
            for person in range(people):
                down, right = divmod(person, across)
                spot = (left + place * step + size / 2 + right * size, y + (down - (rows - 1) / 2) * size)
                sheet.add_artist(Circle(spot, DOT_MM / 2, facecolor=shade[groups[sector]], linewidth=0))
            if not people:
                sheet.text(left + place * step, y, "none", fontsize=6.3, va="center", color=style.QUIET)
        sheet.text(end, y, str(data.loc[data["site"] == site, "interviewees"].sum()), va="center", ha="right")
    y = head + len(sites) * row + row / 2
    sheet.plot([1, end], [y - row / 2] * 2, color=style.INK, linewidth=0.6)
    sheet.text(1, y, "All", fontsize=7, va="center")
    for place, sector in enumerate(sectors):
        sheet.text(left + place * step, y, str(data.loc[data["sector"] == sector, "interviewees"].sum()), va="center")
    sheet.text(end, y, str(data["interviewees"].sum()), va="center", ha="right", fontweight="bold")
    return figure


# --- how the cases were chosen -------------------------------------------------------------------------------


def selection_data(stages: pd.DataFrame) -> pd.DataFrame:
    """Return what `selection_flow` plots: ``stage`` (from 1), ``rule``, ``label``, ``ics_count``.

    Raises CompendiumError when a count is no positive whole number or grows from one stage to the next.
    """
    style.required(stages, ["rule", "label", "ics_count"], "selection flow")
    counts = stages["ics_count"].tolist()
    if any(count < 1 or count % 1 for count in counts) or any(b > a for a, b in pairwise(counts)):
        raise CompendiumError("the counts of the selection flow do not shrink stage by stage", found=counts)
    data = stages[["rule", "label", "ics_count"]].reset_index(drop=True).astype({"ics_count": int})
    data.insert(0, "stage", range(1, len(data) + 1))
    return data


@style.styled
def selection_flow(stages: pd.DataFrame) -> Figure:
    """Draw how many ICSs are left at each stage of the selection: counts, never names.

    Parameters
    ----------
    stages : in order, ``ics_count``, ``label`` (what these ICSs are) and ``rule`` (how they came from the stage
        before; "" at the first). One bar stands for one ICS; its place in the row means nothing.

    Returns a figure 85 mm wide.
    """
    from matplotlib.patches import FancyArrowPatch, Rectangle

    data = selection_data(stages)
    everything, colours = data["ics_count"].iloc[0], style.shades(len(data))
    left, width, block, gap = 1.0, style.COLUMN_MM - 2.0, 12.5, 10.5
    cell = min(width / everything, 5.0)
    figure = style.blank(style.COLUMN_MM, len(data) * block + (len(data) - 1) * gap + 1.0)
    sheet, y = style.page(figure), 0.5
    for place, (rule, label, left_over) in enumerate(zip(data["rule"], data["label"], data["ics_count"], strict=True)):
        if place:
            arrow = FancyArrowPatch(
                (left + 3.2, y + 1.2), (left + 3.2, y + gap - 1.6), arrowstyle="-|>", mutation_scale=7,
                color=style.QUIET, linewidth=0.9, shrinkA=0, shrinkB=0,
            )  # fmt: skip
            sheet.add_artist(arrow)
            words = "\n".join(style.wrapped(str(rule), 60))
            sheet.text(left + 11, y + gap / 2 - 0.2, words, va="center", color=style.QUIET, fontsize=6.8)
            y += gap
        sheet.text(left, y + 3.8, str(left_over), fontsize=15, fontweight="bold", va="center")
        sheet.text(left + 11, y + 3.8, str(label), fontsize=7.5, va="center")
        for square in range(everything):
            inside = square < left_over
            box = Rectangle(
                (left + square * cell, y + 8.4), cell - 0.45, min(cell - 0.45, 3.4) * 1.6,
                facecolor=colours[place] if inside else style.PAPER,
                edgecolor=style.HIGH if inside else style.RULE, linewidth=0.4,
            )  # fmt: skip
            sheet.add_artist(box)
        y += block
    return figure
