"""The study's other charts: size against complexity, who took part, how the cases were chosen.

Each chart has a companion ``..._data`` that returns the plotted data as a tidy frame, to be recorded with it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from compendium.errors import CompendiumError
from compendium.figures import style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.transforms import Bbox

MEASURES = {"utla_count": "Upper tier local authorities", "trust_count": "NHS trusts"}
NEAR = 8  # places tried beside a point, before those farther out
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

    The line in each panel is the least-squares fit. Returns a figure 160 mm wide.
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
        sheet.text(x, 7.3, words, fontsize=7, va="center")
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
        for far in (1.3, 3.4):
            for right, up in ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1)):
                offset = (right * far * 72 / 25.4, up * far * 72 / 25.4)
                text = axes.annotate(
                    name, points[i], offset, textcoords="offset points", fontsize=7, linespacing=1.15,
                    ha=("center", "left", "right")[right], va=("center", "bottom", "top")[up],
                    zorder=2.5, path_effects=halo,
                )  # fmt: skip
                box = text.get_window_extent(renderer)
                inside = Bbox.intersection(box, frame)
                outside = box.width * box.height - (inside.width * inside.height if inside else 0)
                covered = outside + sum(_shared(box, other) for other in [*dots, *taken])
                trials.append((max(0.0, covered - 1e-6), len(trials), text, box))
        best = min(trials, key=lambda trial: trial[:2])
        others = [_gap(best[3], dot) for place, dot in enumerate(dots[: len(points)]) if place != i]
        if best[1] >= NEAR or _gap(best[3], dots[i]) > min(others, default=math.inf):  # another point is nearer
            arrow = {"arrowstyle": "-", "color": style.QUIET, "linewidth": 0.5, "shrinkA": 0, "shrinkB": 1.5}
            axes.annotate("", points[i], best[2].xyann, textcoords="offset points", arrowprops=arrow, zorder=2.4)
        for trial in trials:
            if trial is not best:
                trial[2].remove()
        taken.append(best[3])


def _gap(one: Bbox, other: Bbox) -> float:
    """Return the distance between two boxes in pixels; 0 where they touch."""
    across = max(one.x0 - other.x1, other.x0 - one.x1, 0.0)
    return math.hypot(across, max(one.y0 - other.y1, other.y0 - one.y1, 0.0))


def _shared(one: Bbox, other: Bbox) -> float:
    """Return the area two boxes share, in square pixels."""
    width = min(one.x1, other.x1) - max(one.x0, other.x0)
    height = min(one.y1, other.y1) - max(one.y0, other.y0)
    return max(0.0, width) * max(0.0, height)
