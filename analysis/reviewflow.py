"""The flow of the umbrella review from its search to its reviews, as far as our copy of the thesis gives it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compendium.errors import CompendiumError
from compendium.figures import style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

UNKNOWN = "not in our copy"
BOXES: dict[str, tuple[float, float, float]] = {
    "Collaboration": (1, 1, 34),
    "Health or quality": (38, 1, 34),
    "Reviews": (75, 1, 34),
    "All three concepts": (1, 21, 108),
    "In English, from 1999": (1, 38, 108),
    "Other databases and sources": (115, 38, 44),
    "Titles and abstracts screened, a share of them by co-authors": (1, 55, 158),
    "Full texts read": (1, 72, 158),
    "Reviews included": (1, 89, 158),
    "Impact only": (1, 109, 50),
    "Impact and factors": (55, 109, 50),
    "Factors only": (109, 109, 50),
}
"""Left, top and width of each stage's box in millimetres; all boxes are equally high, for they are no scale."""
HEIGHT = 11.5
STEPS = (
    ("Collaboration", "All three concepts"),
    ("Health or quality", "All three concepts"),
    ("Reviews", "All three concepts"),
    ("All three concepts", "In English, from 1999"),
    ("In English, from 1999", "Titles and abstracts screened, a share of them by co-authors"),
    ("Other databases and sources", "Titles and abstracts screened, a share of them by co-authors"),
    ("Titles and abstracts screened, a share of them by co-authors", "Full texts read"),
    ("Full texts read", "Reviews included"),
    ("Reviews included", "Impact only"),
    ("Reviews included", "Impact and factors"),
    ("Reviews included", "Factors only"),
)
UNITS = {"appendix 1": "records in Ovid MEDLINE"}


def flow_data(frame: pd.DataFrame, outcomes: pd.DataFrame, factors: pd.DataFrame, search: pd.DataFrame) -> pd.DataFrame:
    """Return what `flow` draws: ``stage``, ``number`` (missing where unknown), ``place`` in the thesis.

    Parameters
    ----------
    frame : the reviews, one row each.
    outcomes, factors : with ``review_id``, a row for each group of outcomes and each factor of a review.
    search : the table ``search_strategy``, whose lines 10 to 14 combine others; all its records are of one database.

    Raises CompendiumError where the search widens, or where a review has neither outcomes nor factors.
    """
    import pandas as pd

    hits = dict(zip(search["line"], search["hits"], strict=True))
    if not min(hits[10], hits[11], hits[12]) >= hits[13] >= hits[14]:
        raise CompendiumError("the steps of a search do not narrow", found=[hits[line] for line in range(10, 15)])
    impact, reasons = set(outcomes["review_id"]), set(factors["review_id"])
    if lost := sorted(set(frame["review_id"]) - impact - reasons):
        raise CompendiumError("a review has neither outcomes nor factors", column="review_id", found=lost[0])
    numbers = [hits[10], hits[11], hits[12], hits[13], hits[14], None, None, None, len(frame)]
    numbers += [len(impact - reasons), len(impact & reasons), len(reasons - impact)]
    places = ["appendix 1"] * 5 + ["", "chapter 8, reflexivity", "", "chapter 3, Table 2"]
    places += ["chapter 3, Tables 3 and 4"] * 3
    stages = {"stage": list(BOXES), "number": pd.array(numbers, dtype="Int64"), "place": places}
    return pd.DataFrame(stages)


@style.styled
def flow(frame: pd.DataFrame, outcomes: pd.DataFrame, factors: pd.DataFrame, search: pd.DataFrame) -> Figure:
    """Draw the stages as boxes joined by arrows, dashed where our copy gives no number.

    Parameters
    ----------
    frame, outcomes, factors, search : as in `flow_data`.

    Returns a figure 160 mm wide.
    """
    from matplotlib.patches import FancyArrowPatch

    data = flow_data(frame, outcomes, factors, search)
    figure = style.blank(style.PAGE_MM, max(top for _, top, _ in BOXES.values()) + HEIGHT + 1)
    sheet = style.page(figure)
    for start, end in STEPS:
        x = _middle(start) if BOXES[start][2] <= BOXES[end][2] else _middle(end)
        arrow = FancyArrowPatch(
            (x, BOXES[start][1] + HEIGHT), (x, BOXES[end][1]), arrowstyle="-|>", mutation_scale=8, color=style.QUIET,
            linewidth=1.0, shrinkA=0, shrinkB=0,
        )  # fmt: skip
        sheet.add_artist(arrow)
    for stage, number, place in data.itertuples(index=False):
        _box(sheet, stage, number, place)
    return figure


def _middle(stage: str) -> float:
    left, _, width = BOXES[stage]
    return left + width / 2


def _box(sheet: Axes, stage: str, number: int | None, place: str) -> None:
    import pandas as pd
    from matplotlib.patches import Rectangle

    left, top, width = BOXES[stage]
    known = not pd.isna(number)
    shade, line = (style.TINT, "-") if known else (style.PAPER, (0, (3, 2)))
    box = Rectangle(
        (left, top), width, HEIGHT, facecolor=shade, edgecolor=style.INK, linewidth=0.7, linestyle=line, zorder=2
    )
    sheet.add_artist(box)
    words = f"{number:,} {UNITS.get(place, 'reviews')}" if known else UNKNOWN
    if width < 40:
        words = f"{number:,} records"
    sheet.text(_middle(stage), top + 3.9, stage, fontsize=7.2, fontweight="bold", ha="center", va="center", zorder=3)
    colour = style.INK if known else style.QUIET
    sheet.text(_middle(stage), top + 8.0, words, fontsize=7.2, color=colour, ha="center", va="center", zorder=3)
