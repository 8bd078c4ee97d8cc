"""Charts of the national policies on local health partnerships: when they ran, where, and for what.

Each chart has a companion ``..._data`` that returns the plotted data as a tidy frame, to be recorded with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis import policies
from compendium.errors import CompendiumError
from compendium.figures import style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COVERAGE = {
    "whole of England": style.HIGH,
    "most of England": style.MEDIUM,
    "selected areas": style.LOW,
    "not stated": style.PAPER,
}
"""Colour of a bar by the part of England that the policy covered."""


def timeline_data(frame: pd.DataFrame, until: int = policies.PERIOD[1]) -> pd.DataFrame:
    """Return what `timeline` plots: the bars of `analysis.policies.timeline`.

    Raises CompendiumError for a coverage without a colour or a policy that starts before the period.
    """
    bars = policies.timeline(frame, until)
    strange = [value for value in bars["coverage"] if value not in COVERAGE]
    if strange:
        raise CompendiumError("a coverage has no colour", column="coverage", found=strange[0], expected=list(COVERAGE))
    if (bars["from"] < policies.PERIOD[0]).any():
        raise CompendiumError("a policy starts before the period", column="start", found=int(bars["from"].min()))
    return bars


@style.styled
def timeline(frame: pd.DataFrame, until: int = policies.PERIOD[1]) -> Figure:
    """Draw one bar per policy over the years, shaded by coverage, with its unit of geography and the number in force.

    Parameters
    ----------
    frame : the policies as `analysis.policies.policies` returns them. A bar turns into a dashed arrow where no end is
        printed: the policy may have lapsed.
    until : the last year drawn.

    Returns a figure 160 mm wide.
    """
    from matplotlib.patches import FancyArrowPatch, Rectangle

    bars = timeline_data(frame, until)
    first, last = policies.PERIOD[0], until
    names, unit, left, top, row = 1.0, 61.5, 83.5, 7.0, 5.0
    step = (style.PAGE_MM - left - 4.0) / (last + 1 - first)
    bottom = top + row * len(bars)
    figure = style.blank(style.PAGE_MM, bottom + 16.0)
    sheet = style.page(figure)
    sheet.text(names, 3.4, "Policy", fontsize=7, fontweight="bold", va="center")
    sheet.text(unit, 3.4, "Unit", fontsize=7, fontweight="bold", va="center")
    for year in range(first, last + 2):
        strong = year % 5 == 0
        x = left + (year - first) * step
        sheet.plot([x, x], [top - 1, bottom], color=style.RULE, linewidth=0.5 if strong else 0.2, zorder=0)
        if strong:
            sheet.text(x, 3.4, str(year), fontsize=7, ha="center", va="center")
    for line, values in enumerate(bars.to_dict("records")):
        start, end = int(values["from"]), int(values["to"])
        y = top + (line + 0.5) * row
        sheet.text(names, y, _short(values["policy"]), fontsize=7, va="center")
        sheet.text(unit, y, values["unit"], fontsize=7, va="center", color=style.QUIET)
        x0, x1 = left + (start - first) * step, left + (end + 1 - first) * step
        colour = COVERAGE[values["coverage"]]
        sure = x0 + step if values["open"] else x1  # where no end is printed, the first year alone is sure
        box = Rectangle((x0, y - 1.5), sure - x0, 3.0, facecolor=colour, edgecolor=style.HIGH, linewidth=0.5)
        sheet.add_artist(box)
        if values["open"]:
            sheet.plot([sure, x1], [y, y], color=style.HIGH, linewidth=0.8, dashes=(3, 2))
            arrow = FancyArrowPatch(
                (x1 - 0.2, y), (x1 + 3.2, y), arrowstyle="-|>", mutation_scale=6, color=style.HIGH, linewidth=0.8,
                shrinkA=0, shrinkB=0,
            )  # fmt: skip
            sheet.add_artist(arrow)
    _in_force(sheet, policies.in_force(frame, until), left, step, bottom)
    x, y = names, bottom + 12.5
    for word, colour in COVERAGE.items():
        sheet.add_artist(Rectangle((x, y - 1.3), 5.0, 2.6, facecolor=colour, edgecolor=style.HIGH, linewidth=0.5))
        sheet.text(x + 6.4, y, word if word != "not stated" else "not stated", fontsize=7, va="center")
        x += 11.0 + 1.3 * len(word)
    sheet.text(x + 1, y, "dashes: no end printed", fontsize=7, va="center")
    return figure


def _in_force(sheet: Axes, counts: pd.DataFrame, left: float, step: float, y: float) -> None:
    """Write under each year how many policies were in force, over a tint that grows with the number."""
    from matplotlib.patches import Rectangle

    most = int(counts["policies"].max())
    shades = style.shades(min(most, 7))
    sheet.text(1.0, y + 4.3, "In force, or without an end", fontsize=7, va="center", fontweight="bold")
    for year, count in zip(counts["year"], counts["policies"], strict=True):
        x = left + (year - policies.PERIOD[0]) * step
        colour = shades[round((len(shades) - 1) * count / most)] if count else style.PAPER
        sheet.add_artist(Rectangle((x + 0.15, y + 2.0), step - 0.3, 4.6, facecolor=colour, linewidth=0))
        sheet.text(x + step / 2, y + 4.35, str(count), fontsize=7, ha="center", va="center", color=style.ink_on(colour))


def _short(name: str) -> str:
    """Return a policy's name without what repeats itself, so that it fits its column."""
    return name.replace("plans/partnerships", "partnerships").replace("Integrated care and support", "Integrated care")


def aims_data(frame: pd.DataFrame, aims: pd.DataFrame) -> pd.DataFrame:
    """Return what `aims_heatmap` plots: policies (rows, by first year) and aims (columns, most frequent first), 0 or 1.

    Parameters
    ----------
    frame, aims : the tables ``policies`` and ``policy_aims``.
    """
    table = policies.aims_by_policy(frame, aims).astype(int)
    order = policies.timeline(frame)["policy"]
    columns = table.sum().sort_values(ascending=False, kind="stable").index
    return table.loc[order, columns].rename_axis(index="policy", columns=None).reset_index()


@style.styled
def aims_heatmap(frame: pd.DataFrame, aims: pd.DataFrame) -> Figure:
    """Draw which policy had which intended impact; the aim on inequalities stands out.

    Parameters
    ----------
    frame, aims : as in `aims_data`.

    Returns a figure 160 mm wide.
    """
    import seaborn
    from matplotlib.colors import ListedColormap

    data = aims_data(frame, aims).set_index("policy")
    marked = data.copy()
    marked["inequalities"] *= 2
    row, left, top, width = 4.4, 62.0, 27.0, 97.0
    figure = style.blank(style.PAGE_MM, top + row * (len(data) + 1.8))
    axes = style.panel(figure, left, top, width, row * len(data))
    colours = ListedColormap([style.TINT, style.MEDIUM, style.HIGH])
    seaborn.heatmap(
        marked, ax=axes, cmap=colours, vmin=0, vmax=2, cbar=False, linewidths=1.0, linecolor=style.PAPER,
        yticklabels=[_short(str(name)) for name in data.index],
    )  # fmt: skip
    axes.set(xlabel="", ylabel="")
    axes.set_xticks([])
    axes.tick_params(length=0)
    sheet = style.page(figure)
    step = width / len(data.columns)
    for place, (aim, total) in enumerate(data.sum().items()):
        words = "\n".join(style.wrapped(str(aim), 18))
        x = left + (place + 0.5) * step
        sheet.text(x, top - 1.4, words, fontsize=7, ha="center", va="bottom", linespacing=1.1, rotation=90)
        y = top + row * (len(data) + 0.9)
        sheet.text(x, y, str(total), fontsize=7, fontweight="bold", ha="center", va="center")
    sheet.text(left - 1.6, top + row * (len(data) + 0.9), "Policies with the aim", fontsize=7, ha="right", va="center")
    return figure
