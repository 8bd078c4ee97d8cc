"""Charts of the umbrella review: how good the reviews are, what they find and what they name.

Each chart has a companion ``..._data`` that returns the plotted data as a tidy frame, to be recorded with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis import reviews
from compendium.errors import CompendiumError
from compendium.figures import style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHADES = {"high": style.HIGH, "medium": style.HIGH, "low": style.MEDIUM, "critically low": style.LOW}
"""Colour of a review by its AMSTAR 2 rating; no review was rated medium."""
DOT = 3.0  # mm, diameter of the dot that stands for one review
CASP_WORDS = (
    "focused question",
    "right kind of papers",
    "important papers found",
    "quality assessed",
    "fair to combine",
)
EDGE = style.QUIET
DARKEST = 8  # factors from which on the heat map has its darkest shade


# --- quality -------------------------------------------------------------------------------------------------


def quality_data(frame: pd.DataFrame) -> pd.DataFrame:
    """Return what `quality_dots` plots: ``instrument``, ``rating``, ``reviews``; CASP by number of items, then by item.

    Parameters
    ----------
    frame : the reviews as `analysis.reviews.reviews` returns them.
    """
    import pandas as pd

    profile = reviews.quality_profile(frame)
    rated = frame["casp"].dropna()
    items = [("CASP item", word, sum(n in met for met in rated)) for n, word in enumerate(CASP_WORDS, start=1)]
    return pd.concat([profile, pd.DataFrame(items, columns=profile.columns)], ignore_index=True)


@style.styled
def quality_dots(frame: pd.DataFrame) -> Figure:
    """Draw one dot per review: by AMSTAR 2 rating, by number of CASP items met, and by CASP item.

    Parameters
    ----------
    frame : as in `quality_data`.

    Returns a figure 160 mm wide.
    """
    from matplotlib.patches import Circle

    data = quality_data(frame)
    titles = {
        "AMSTAR 2": ("Reviews of impact", "AMSTAR 2 rating"),
        "CASP": ("Reviews of factors only", "CASP items met, of 5"),
        "CASP item": ("Reviews of factors only", "each CASP item"),
    }
    figure = style.blank(style.PAGE_MM, 46)
    sheet = style.page(figure)
    lefts, heads = (1.0, 58.0, 97.0), (19.0, 7.0, 34.0)
    for left, head, (instrument, (title, scale)) in zip(lefts, heads, titles.items(), strict=True):
        part = data[data["instrument"] == instrument]
        sheet.text(left, 2.8, title, fontsize=7, fontweight="bold", va="center")
        sheet.text(left, 7.0, scale, fontsize=7, va="center", color=style.QUIET)
        for line, (rating, count) in enumerate(zip(part["rating"], part["reviews"], strict=True)):
            y = 13.5 + line * 5.6
            sheet.text(left, y, str(rating).removesuffix(" of 5 items"), fontsize=7, va="center")
            colour = SHADES.get(str(rating), style.MEDIUM)
            for place in range(count):
                spot = (left + head + place * 1.9, y)
                sheet.add_artist(Circle(spot, 0.85, facecolor=colour, edgecolor=EDGE, linewidth=0.4))
            sheet.text(left + head + max(count * 1.9, 0.0), y, str(count), fontsize=7, va="center")
    return figure


# --- what the evidence says ----------------------------------------------------------------------------------


def evidence_data(outcomes: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    """Return what `evidence_dots` plots: one row per review and outcome group, best rated reviews first.

    Parameters
    ----------
    outcomes : the table ``review_outcomes``.
    frame : the reviews, with ``review_id``, ``review``, ``year`` and ``amstar2``.

    Returns columns ``outcome_group``, ``direction``, ``review``, ``year``, ``amstar2``; groups not studied are left
    out. Raises CompendiumError for a direction or rating that the map has no place for.
    """
    data = reviews.evidence_by_quality(outcomes, frame.drop(columns=[c for c in ("casp",) if c in frame]))
    for column, known in (("direction", reviews.DIRECTIONS), ("amstar2", reviews.AMSTAR2)):
        strange = [value for value in data[column] if value not in known]
        if strange:
            raise CompendiumError(
                "the evidence map has no place for it", column=column, found=strange[0], expected=list(known)
            )
    data = data.merge(frame[["review_id", "year"]], on="review_id", validate="many_to_one")
    order = {group: place for place, group in enumerate(reviews.OUTCOME_GROUPS)}
    data = data.sort_values("outcome_group", key=lambda column: column.map(order), kind="stable")
    return data[["outcome_group", "direction", "review", "year", "amstar2"]].reset_index(drop=True)


@style.styled
def evidence_dots(outcomes: pd.DataFrame, frame: pd.DataFrame) -> Figure:
    """Draw the evidence map: outcome group (down) by direction (across), one dot per review, shaded by its rating.

    Parameters
    ----------
    outcomes, frame : as in `evidence_data`.

    Returns a figure 160 mm wide.
    """
    from matplotlib.patches import Circle, Rectangle

    data = evidence_data(outcomes, frame)
    directions, groups = reviews.DIRECTIONS, reviews.OUTCOME_GROUPS
    left, top, width, height = 28.0, 9.0, 19.6, 15.0
    figure = style.blank(style.PAGE_MM, top + height * len(groups) + 9.0)
    sheet = style.page(figure)
    for column, direction in enumerate(directions):
        sheet.text(left + (column + 0.5) * width, 4.2, direction, fontsize=7, ha="center", va="center")
    sheet.text(left + len(directions) * width + 8.0, 4.2, "reviews", fontsize=7, ha="center", va="center")
    for row, group in enumerate(groups):
        y = top + row * height
        words = "\n".join(style.wrapped(group[0].upper() + group[1:], 18))
        sheet.text(1.0, y + height / 2, words, fontsize=7, va="center", fontweight="bold")
        for column, direction in enumerate(directions):
            x = left + column * width
            box = Rectangle((x + 0.4, y + 0.4), width - 0.8, height - 0.8, facecolor=style.TINT, linewidth=0)
            sheet.add_artist(box)
            here = data[(data["outcome_group"] == group) & (data["direction"] == direction)]
            across = 4
            lines = -(-len(here) // across)
            for place, rating in enumerate(here["amstar2"]):
                down, along = divmod(place, across)
                in_line = min(across, len(here) - down * across)
                spot = (
                    x + width / 2 + (along - (in_line - 1) / 2) * (DOT + 1.1),
                    y + height / 2 + (down - (lines - 1) / 2) * (DOT + 1.1),
                )
                sheet.add_artist(Circle(spot, DOT / 2, facecolor=SHADES[rating], edgecolor=EDGE, linewidth=0.4))
        total = int((data["outcome_group"] == group).sum())
        sheet.text(left + len(directions) * width + 8.0, y + height / 2, str(total), ha="center", va="center")
    y, x = top + height * len(groups) + 5.2, left + 0.4
    sheet.text(1.0, y, "AMSTAR 2 rating", fontsize=7, va="center", color=style.QUIET)
    for rating in dict.fromkeys(data["amstar2"].sort_values(key=lambda c: c.map(reviews.AMSTAR2.index))):
        sheet.add_artist(Circle((x + DOT / 2, y), DOT / 2, facecolor=SHADES[rating], edgecolor=EDGE, linewidth=0.4))
        sheet.text(x + DOT + 1.2, y, rating, fontsize=7, va="center")
        x += DOT + 8.0 + 1.5 * len(rating)
    return figure


# --- factors -------------------------------------------------------------------------------------------------


def domain_data(factors: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    """Return what `domain_heatmap` plots: factors counted by review (rows, most factors first) and domain (columns).

    Parameters
    ----------
    factors : the table ``review_factors``; factors outside the five domains are left out.
    frame : the reviews, with ``review_id``, ``review`` and ``year``.
    """
    import pandas as pd

    known = factors[factors["domain"].isin(reviews.DOMAINS)]
    names = frame.set_index("review_id").apply(lambda row: f"{row['review']} {row['year']}", axis=1)
    table = pd.crosstab(known["review_id"].map(names), known["domain"]).reindex(
        columns=list(reviews.DOMAINS), fill_value=0
    )
    totals = table.sum(axis=1)
    order = sorted(table.index, key=lambda name: (-int(totals[name]), str(name)))
    return table.loc[order].rename_axis(index="review", columns=None).reset_index()


@style.styled
def domain_heatmap(factors: pd.DataFrame, frame: pd.DataFrame) -> Figure:
    """Draw the heat map of factors by review and domain, with the totals of the domains below.

    Parameters
    ----------
    factors, frame : as in `domain_data`.

    Returns a figure 130 mm wide.
    """
    data = domain_data(factors, frame).set_index("review")
    row, left, top = 4.1, 36.0, 12.0
    figure = style.blank(130, top + row * (len(data) + 1.6))
    axes = style.panel(figure, left, top, 92.0, row * len(data))
    shade_counts(axes, data, most=DARKEST)
    axes.set_xticks([])
    sheet = style.page(figure)
    step = 92.0 / len(data.columns)
    for place, (domain, total) in enumerate(data.sum().items()):
        words = "\n".join(style.wrapped(str(domain), 15))
        sheet.text(left + (place + 0.5) * step, top - 1.6, words, fontsize=7, ha="center", va="bottom")
        y = top + row * (len(data) + 0.9)
        sheet.text(left + (place + 0.5) * step, y, str(total), fontsize=7, fontweight="bold", ha="center", va="center")
    sheet.text(left - 1.6, top + row * (len(data) + 0.9), "All factors", fontsize=7, ha="right", va="center")
    return figure


def shade_counts(axes: Axes, data: pd.DataFrame, most: int) -> None:
    """Draw a frame of counts as a heat map on these axes: zero stays blank, the shade grows up to ``most`` or more."""
    import numpy as np
    from matplotlib.colors import LinearSegmentedColormap

    ramp = LinearSegmentedColormap.from_list("house", list(style.RAMP))
    values = data.to_numpy(dtype=float)
    style.heat_map(axes, np.where(values == 0, np.nan, values), ramp, 1, most, gap=0.8)
    axes.set_yticks([line + 0.5 for line in range(len(data))], [str(name) for name in data.index], va="center")
    axes.set(facecolor=style.PAPER)
    axes.tick_params(length=0)
    for (line, column), count in zip(
        ((r, c) for r in range(data.shape[0]) for c in range(data.shape[1])), data.to_numpy().ravel(), strict=True
    ):
        if count:
            ink = style.ink_on(_hex(ramp(min(1.0, (count - 1) / (most - 1)))))
            axes.text(column + 0.5, line + 0.52, str(int(count)), fontsize=7, ha="center", va="center", color=ink)


def _hex(colour: tuple[float, float, float, float]) -> str:
    from matplotlib.colors import to_hex

    return to_hex(colour)
