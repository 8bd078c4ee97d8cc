"""Distributions of the characteristics: one strip of dots each, the cuts between classes marked."""

from __future__ import annotations

import math
import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from compendium.errors import CompendiumError
from compendium.figures import style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from analysis.characteristics import ClassedVariable

STRIP_LEFT, STRIP_RIGHT, STRIP_ABOVE, STRIP_BELOW = 35.0, 5.0, 5.0, 10.5  # millimetres
DOT_MM = style.DOT_MM


def distributions_data(
    frame: pd.DataFrame, cuts: pd.DataFrame, variables: Sequence[ClassedVariable] | None = None
) -> pd.DataFrame:
    """Return what `distributions` plots: one row per characteristic and ICS.

    Parameters
    ----------
    frame : one row per ICS with ``stp21_code``, ``ics_name`` and each variable's column.
    cuts : columns ``variable``, ``cut`` (1 = lowest) and ``value``, as `characteristics.cut_points` returns them.
    variables : by default the five classed characteristics.

    Returns columns ``variable``, ``title``, ``stp21_code``, ``ics_name``, ``value`` and ``class``.
    """
    import pandas as pd

    from analysis import characteristics

    chosen = characteristics.CLASSED if variables is None else variables
    style.required(frame, ["stp21_code", "ics_name", *(v.column for v in chosen)], "distributions")
    parts = []
    for variable in chosen:
        edges = _edges(cuts, variable.column)
        labels = variable.labels if len(variable.labels) == len(edges) + 1 else None
        labels = labels or characteristics.class_labels(len(edges) + 1)
        part = frame[["stp21_code", "ics_name"]].assign(
            variable=variable.column, title=variable.title, value=frame[variable.column].astype(float)
        )
        part["class"] = pd.Categorical(
            characteristics.classify(part["value"], edges, labels), categories=labels, ordered=True
        )
        part = part.sort_values(["value", "stp21_code"])
        parts.append(part.astype({"class": object}))
    columns = ["variable", "title", "stp21_code", "ics_name", "value", "class"]
    return pd.concat(parts, ignore_index=True)[columns]


@style.styled
def distributions(
    frame: pd.DataFrame,
    cuts: pd.DataFrame,
    variables: Sequence[ClassedVariable] | None = None,
    *,
    labels: Mapping[str, str] | None = None,
) -> Figure:
    """Draw each characteristic as a strip of dots, one per ICS, shaded by class, with the cuts marked.

    Parameters
    ----------
    frame, cuts, variables : as in `distributions_data`.
    labels : short names by ``stp21_code`` for the lowest and highest ICS; without one, its ``ics_name``.

    Dots that would overlap move up or down by the same rule every time; along the axis they stay true, except that
    equal counts stand side by side above their number. A value on a cut belongs to the
    class between the cuts; among counts the line stands between the classes, so that no dot lies on it.

    Returns a figure 160 mm wide.
    """
    data = distributions_data(frame, cuts, variables)
    strips = [
        _Strip(part, _edges(cuts, str(name)), style.PAGE_MM - STRIP_LEFT - STRIP_RIGHT, labels or {})
        for name, part in data.groupby("variable", sort=False)
    ]
    figure = style.blank(style.PAGE_MM, sum(strip.height + STRIP_BELOW for strip in strips) + STRIP_ABOVE)
    sheet, top = style.page(figure), STRIP_ABOVE
    for strip in strips:
        axes = style.panel(figure, STRIP_LEFT, top, strip.width, strip.height)
        strip.draw(axes)
        title = "\n".join(textwrap.wrap(strip.title, 20))
        sheet.text(1, top + strip.height / 2 + 2, title, va="center", fontsize=7.5, fontweight="bold")
        top += strip.height + STRIP_BELOW
    return figure


class _Strip:
    """One characteristic as dots on an axis of ``width`` mm: where they lie, and how high the strip grows."""

    def __init__(self, part: pd.DataFrame, edges: list[float], width: float, labels: Mapping[str, str]) -> None:
        self.part, self.edges, self.width = part, edges, width
        self.names = [labels.get(code, name) for code, name in zip(part["stp21_code"], part["ics_name"], strict=True)]
        title, values = str(part["title"].iloc[0]), part["value"].tolist()
        self.title = title.replace(" (%)", "")
        self.millions = max(values) >= 100_000
        self.scale, self.unit = (1e6, "m") if self.millions else (1.0, "%" if "(%)" in title else "")
        shown = [value / self.scale for value in values]
        span = (max(shown) - min(shown)) or 1.0
        self.whole = not self.unit and span < 30
        pad = 0.6 if self.whole else 0.02 * span
        self.low, self.high = min(shown) - pad, max(shown) + pad
        self.mm = width / (self.high - self.low)  # per unit of the axis
        across = [(value - self.low) * self.mm for value in shown]
        self.dots = blocks(across, DOT_MM, int(0.85 * self.mm / DOT_MM)) if self.whole else swarm(across, DOT_MM)
        heights = [y for _, y in self.dots]
        self.lift = 1.2 + DOT_MM / 2 - min(heights)  # from the axis to the middle of the dots
        self.lines = [(edge - self.low) * self.mm for edge in self._drawn_at()]
        ends = (min(values), self.lines[0]), (max(values), width - self.lines[-1])
        self.names_at = [self._named(extreme, room) for extreme, room in ends]
        tops = [y + 3.1 * (name.count("\n") + 1) for _, y, name, _ in filter(None, self.names_at)]
        self.height = self.lift + max([max(heights) + DOT_MM / 2, *tops]) + 7.4  # two lines of class labels

    def _drawn_at(self) -> list[float]:
        """Return where the cuts are drawn: between counts of two classes, where no dot can lie; shares as they are."""
        cuts = [edge / self.scale for edge in self.edges]
        ends = [part["value"] for _, part in self.part.groupby("class", sort=False)]
        if not self.whole or len(ends) != len(cuts) + 1:
            return cuts
        return [(below.max() + above.min()) / 2 for below, above in pairwise(ends)]

    def draw(self, axes: Axes) -> None:
        axes.set(xlim=(0, self.width), ylim=(0, self.height), yticks=[])
        axes.spines["left"].set_visible(False)
        self._ticks(axes)
        classes = list(dict.fromkeys(self.part["class"]))
        colours = dict(zip(classes, style.shades(len(classes)), strict=True))
        for place, (start, end) in enumerate(pairwise([0.0, *self.lines, self.width])):
            if place % 2:
                axes.axvspan(start, end, color=style.TINT, linewidth=0, zorder=0)
            if place < len(classes):
                words = f"{classes[place]}\nn = {(self.part['class'] == classes[place]).sum()}"
                axes.text(
                    (start + end) / 2, self.height - 0.4, words, ha="center", va="top", fontsize=7, linespacing=1.2
                )
        for edge, x in zip(self.edges, self.lines, strict=True):
            axes.axvline(x, color=style.INK, linewidth=0.7, zorder=1)
            words = f"{edge / self.scale:.2f}" if self.millions else f"{edge:.1f}".removesuffix(".0")
            axes.text(x, self.height + 0.5, words + self.unit, ha="center", va="bottom", fontsize=7, fontweight="bold")
        from matplotlib.patches import Circle

        for (x, y), label in zip(self.dots, self.part["class"], strict=True):
            circle = Circle(
                (x, y + self.lift), DOT_MM / 2 - 0.09, facecolor=colours[label], edgecolor=style.HIGH, linewidth=0.5
            )
            axes.add_artist(circle)
        for x, y, name, side in filter(None, self.names_at):
            axes.text(x, y + self.lift, name, ha=side, va="bottom", fontsize=7, color=style.QUIET)

    def _ticks(self, axes: Axes) -> None:
        from matplotlib.ticker import MaxNLocator

        wanted = MaxNLocator(nbins=15 if self.whole else 7, integer=self.whole, steps=[1, 2, 5, 10]).tick_values(
            self.low, self.high
        )
        ticks = [tick for tick in wanted if self.low <= tick <= self.high]
        axes.set_xticks([(tick - self.low) * self.mm for tick in ticks], [f"{tick:g}{self.unit}" for tick in ticks])

    def _named(self, extreme: float, room: float) -> tuple[float, float, str, str] | None:
        """Return (x, y, name, alignment) of the label over an extreme that one ICS alone holds."""
        found = [i for i, value in enumerate(self.part["value"]) if value == extreme]
        if len(found) != 1:
            return None
        wide = 1.35  # millimetres a letter takes at seven points, generously
        lines = style.wrapped(self.names[found[0]], max(1, int(room / wide)))
        x, reach = self.dots[found[0]][0], DOT_MM + wide * max(map(len, lines))
        y = max(dot for at, dot in self.dots if abs(at - x) < reach) + DOT_MM / 2 + 0.5
        first = extreme == self.part["value"].min()
        return x + (-1 if first else 1) * DOT_MM / 2, y, "\n".join(lines), "left" if first else "right"


def _edges(cuts: pd.DataFrame, variable: str) -> list[float]:
    style.required(cuts, ["variable", "cut", "value"], "cuts")
    edges = cuts[cuts["variable"] == variable].sort_values("cut")["value"].astype(float).tolist()
    if not edges:
        raise CompendiumError("a characteristic has no cuts", column=variable, expected=sorted(set(cuts["variable"])))
    return edges


def swarm(positions: Sequence[float], diameter: float) -> list[tuple[float, float]]:
    """Return (x, y) of dots that keep their x, never overlap and stay as near to y = 0 as their order allows.

    Parameters
    ----------
    positions : x of each dot, in the unit of ``diameter``; dots are placed in ascending order of x.
    """
    placed: list[tuple[float, float]] = []
    order = sorted(range(len(positions)), key=lambda i: (positions[i], i))
    result: dict[int, tuple[float, float]] = {}
    for i in order:
        x = positions[i]
        near = [(px, py) for px, py in placed if x - px < diameter]
        reach = [(py, math.sqrt(max(0.0, diameter**2 - (x - px) ** 2))) for px, py in near]
        candidates = [0.0, *(py + sign * step for py, step in reach for sign in (1, -1))]
        free = [y for y in candidates if all(abs(y - py) >= step - 1e-9 for py, step in reach)]
        y = min(free, key=lambda y: (round(abs(y), 9), -y))
        placed.append((x, y))
        result[i] = (x, y)
    return [result[i] for i in range(len(positions))]


def blocks(positions: Sequence[float], diameter: float, most: int) -> list[tuple[float, float]]:
    """Return (x, y) of dots in rows centred on their common x: as narrow as keeps them five high, if that fits.

    Parameters
    ----------
    positions : x of each dot, in the unit of ``diameter``; equal positions share a block.
    most : how many dots side by side there is room for.
    """
    totals, ranks, places = Counter(positions), Counter[float](), []
    for x in positions:
        total, rank = totals[x], ranks[x]
        ranks[x] += 1
        across = max(1, min(most, math.ceil(total / 5)))
        row, column = divmod(rank, across)
        in_row, rows = min(across, total - row * across), math.ceil(total / across)
        places.append((x + (column - (in_row - 1) / 2) * diameter, (row - (rows - 1) / 2) * diameter))
    return places
