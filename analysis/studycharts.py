"""The chart of what an interview study's quotations speak of: codes by theme."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from analysis.reviewcharts import shade_counts
from compendium.errors import CompendiumError
from compendium.figures import style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


def codes_data(counts: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Return what `codes_heatmap` plots: codes by name (rows) and groups (columns), counts.

    Rows stand by the group that holds most of their segments, the first of equals, and within it most segments first.

    Parameters
    ----------
    counts : segments by code_id (rows) and group (columns).
    names : the name of each code by its id; codes without a name are left out, as are those without segments.
    """
    table = counts[counts.index.isin(list(names)) & (counts.sum(axis=1) > 0)]
    if table.empty:
        raise CompendiumError("no code has a segment")
    table = table.set_axis([names[str(code)] for code in table.index], axis=0)
    rows = table.to_numpy()
    order = sorted(range(len(rows)), key=lambda row: (int(rows[row].argmax()), -int(rows[row].sum())))
    return table.iloc[order].rename_axis(index="code", columns=None).reset_index()


@style.styled
def codes_heatmap(counts: pd.DataFrame, names: Mapping[str, str]) -> Figure:
    """Draw the heat map of segments by code and group.

    Parameters
    ----------
    counts, names : as in `codes_data`.

    Returns a figure 130 mm wide.
    """
    data = codes_data(counts, names).set_index("code")
    row, left, top, width = 4.6, 44.0, 11.0, 84.0
    figure = style.blank(130, top + row * len(data) + 1.0)
    axes = style.panel(figure, left, top, width, row * len(data))
    shade_counts(axes, data, most=max(2, int(data.to_numpy().max())))
    axes.set_xticks([])
    sheet = style.page(figure)
    for line in range(len(data) + 1):
        y = top + row * line
        sheet.plot([left, left + width], [y, y], color=style.RULE, linewidth=0.3)
    step = width / len(data.columns)
    for place, group in enumerate(data.columns):
        words = "\n".join(style.wrapped(str(group), 20))
        sheet.text(left + (place + 0.5) * step, top - 1.6, words, fontsize=7, ha="center", va="bottom")
    return figure
