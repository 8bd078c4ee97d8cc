"""The structure of the English NHS after the Act of 2022: which body oversees, assesses, funds or guides which.

The thesis's own figure is a caption only in our copy; this drawing follows its text, relation by relation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from compendium.errors import CompendiumError
from compendium.figures import style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SYSTEM = "Integrated care system"
BOXES: dict[str, tuple[float, float, float, float]] = {
    "Department of Health and Social Care": (13, 4, 44, 11),
    "NHS England": (75, 4, 32, 11),
    "Care Quality Commission": (115, 4, 44, 11),
    "Integrated care board": (17, 43, 60, 20),
    "Integrated care partnership": (101, 43, 54, 20),
    "NHS trusts": (13, 88, 24, 21),
    "Provider collaboratives": (41, 88, 32, 21),
    "Place partnerships": (77, 88, 40, 21),
    "Health and wellbeing boards": (121, 88, 38, 21),
}
"""Left, top, width and height of each body's box in millimetres."""
FRAME = (13.0, 33.0, 146.0, 34.0)
LEVELS = {"National": 9.5, "System": 50.0, "Local": 98.5}
ARROWS = {
    "oversees": ("oversees", style.HIGH, "-"),
    "assesses": ("assesses", style.MEDIUM, "-"),
    "delegates": ("may delegate to", style.HIGH, (0, (5, 2))),
    "guides": ("guides by a strategy", style.QUIET, (0, (1.5, 1.5))),
    "unclear": ("left open in policy", style.ACCENT, (0, (3, 1.5, 1, 1.5))),
}
"""Words, colour and line of each kind of relation that is drawn as an arrow."""
MEMBERSHIP = "belongs"
WAYS: dict[tuple[str, str], tuple[tuple[float, float], tuple[float, float]]] = {
    ("Department of Health and Social Care", "NHS England"): ((57, 9.5), (75, 9.5)),
    ("NHS England", "Integrated care board"): ((85, 15), (61, 43)),
    ("Care Quality Commission", SYSTEM): ((137, 15), (137, 33)),
    ("Integrated care board", "Place partnerships"): ((71, 63), (89, 88)),
    ("Integrated care partnership", "Integrated care board"): ((101, 49), (77, 49)),
    ("Health and wellbeing boards", "Integrated care board"): ((135, 88), (77, 60)),
    ("Integrated care board", "Provider collaboratives"): ((55, 63), (57, 88)),
    ("Integrated care board", "NHS trusts"): ((27, 63), (25, 88)),
}
"""Where each arrow begins and ends, in millimetres."""


def structure_data(relations: pd.DataFrame) -> pd.DataFrame:
    """Return what `structure` draws: ``from_body``, ``to_body``, ``relation``, ``meaning``, arrows before memberships.

    Parameters
    ----------
    relations : the table ``accountability``.

    Raises CompendiumError for a body without a box, or a relation without a way or a line.
    """
    style.required(relations, ["from_body", "to_body", "relation", "meaning"], "structure of the NHS")
    member = relations["relation"] == MEMBERSHIP
    for row in relations[~member].to_dict("records"):
        if row["relation"] not in ARROWS or (row["from_body"], row["to_body"]) not in WAYS:
            raise CompendiumError(
                "the drawing has no arrow for a relation", row=f"{row['from_body']} to {row['to_body']}",
                column="relation", found=row["relation"], expected=list(ARROWS),
            )  # fmt: skip
    strange = [body for body in relations.loc[member, "to_body"] if body not in BOXES]
    if strange:
        raise CompendiumError("the drawing has no box for a body", column="to_body", found=strange[0])
    data = relations.assign(_member=member).sort_values("_member", kind="stable")
    return data[["from_body", "to_body", "relation", "meaning"]].reset_index(drop=True)


@style.styled
def structure(relations: pd.DataFrame) -> Figure:
    """Draw the bodies as boxes on three levels, the relations between them as arrows, and members inside the boxes.

    Parameters
    ----------
    relations : as in `structure_data`.

    Returns a figure 160 mm wide.
    """
    from matplotlib.patches import FancyArrowPatch, Rectangle

    data = structure_data(relations)
    figure = style.blank(style.PAGE_MM, 121.0)
    sheet = style.page(figure)
    for word, y in LEVELS.items():
        sheet.text(0.5, y, word, fontsize=7, fontweight="bold", va="center", color=style.QUIET)
    left, top, width, height = FRAME
    frame = Rectangle((left, top), width, height, facecolor=style.TINT, edgecolor=style.RULE, linewidth=0.8)
    sheet.add_artist(frame)
    sheet.text(left + 2, top + 4.6, SYSTEM, fontsize=7.5, fontweight="bold", va="center")
    members = data[data["relation"] == MEMBERSHIP].groupby("to_body")["from_body"].agg(list)
    for body, (x, y, across, down) in BOXES.items():
        box = Rectangle((x, y), across, down, facecolor=style.PAPER, edgecolor=style.INK, linewidth=0.7, zorder=2)
        sheet.add_artist(box)
        _words(sheet, body, members.get(body, []), (x, y, across, down))
    for row in data[data["relation"] != MEMBERSHIP].to_dict("records"):
        _, colour, line = ARROWS[row["relation"]]
        start, end = WAYS[row["from_body"], row["to_body"]]
        arrow = FancyArrowPatch(
            start, end, arrowstyle="-|>", mutation_scale=8, color=colour, linewidth=1.3, linestyle=line,
            shrinkA=0, shrinkB=0, zorder=3,
        )  # fmt: skip
        sheet.add_artist(arrow)
    x = 1.0
    for words, colour, line in ARROWS.values():
        sheet.plot([x, x + 9], [117, 117], color=colour, linewidth=1.3, linestyle=line, solid_capstyle="butt")
        sheet.text(x + 10.5, 117, words, fontsize=7, va="center")
        x += 14.0 + 1.28 * len(words)
    return figure


def _words(sheet: Axes, body: str, members: list[str], place: tuple[float, float, float, float]) -> None:
    """Write the name of a body into its box, and below it who belongs to it."""
    x, y, across, down = place
    name = style.wrapped(body, int(across / 1.62))
    below = style.wrapped("members: " + _listed(members), int(across / 1.36)) if members else []
    middle = y + down / 2 - 1.55 * len(below)
    sheet.text(
        x + across / 2, middle, "\n".join(name), fontsize=7.2, fontweight="bold", ha="center", va="center",
        linespacing=1.15, zorder=4,
    )  # fmt: skip
    if below:
        sheet.text(
            x + across / 2, middle + 1.65 * len(name) + 1.0, "\n".join(below), fontsize=7, ha="center", va="top",
            linespacing=1.15, zorder=4, color=style.QUIET,
        )  # fmt: skip


def _listed(members: list[str]) -> str:
    """Return the members in one phrase; a body that stands for several keeps its comma."""
    short = ["others" if name.startswith("Primary care") else name for name in members]
    lowered = [name if name.startswith("NHS") else name[:1].lower() + name[1:] for name in short]
    return ", ".join(lowered)
