"""The audit grid: one row per ICS, one cell per printed value with its verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analysis.audit import AGREES, DIFFERS, NOT_TESTABLE
from compendium.figures import style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLUMNS = {
    "nhs_region": "NHS\nregion",
    "urban_percent": "Urban\nLSOAs (%)",
    "population": "Population",
    "utla_count": "Upper tier\nLAs",
    "tier_arrangement": "LA\ntiers",
    "trust_count": "NHS\ntrusts",
    "most_deprived_fifth_percent": "Most\ndeprived\nfifth (%)",
}
WIDTHS_MM = (16.0, 17.5, 14.5, 12.0, 11.0, 11.0, 11.5)
NAME_MM, ROW_MM, HEAD_MM, FOOT_MM, GAP_MM = 66.0, 4.0, 12.0, 18.0, 0.7
LONG = 47  # letters of a name that has room as it stands
SAME, WRONG = style.TINT, "#fbe3d6"
SHORT = {"North East and Yorkshire": "NE and Yorks", "East of England": "East"}


def audit_grid_data(cells: pd.DataFrame, classes: pd.DataFrame) -> pd.DataFrame:
    """Return what `audit_grid` plots: one row per printed value.

    Parameters
    ----------
    cells, classes : as `analysis.audit.cells` and `analysis.audit.classes` return them, the classes of testable values.

    Returns columns ``variable``, ``ods_code``, ``ics_name``, ``printed``, ``recomputed``, ``verdict``,
    ``high_deprivation`` and ``label``: "same", or "" where no class is given, "changes" where the recomputed values
    give another class, "tie" where only the unrounded ones do.
    """
    kept = ["variable", "ods_code", "ics_name", "printed", "recomputed", "verdict", "high_deprivation"]
    style.required(cells, [name.replace("recomputed", "rounded") for name in kept], "audit grid")
    style.required(classes, ["variable", "ods_code", "agrees_rounded", "agrees_unrounded"], "audit grid")
    keys = ["variable", "ods_code"]
    marks = classes[[*keys, "agrees_rounded", "agrees_unrounded"]].copy()
    marks["label"] = "same"
    marks.loc[~marks["agrees_unrounded"], "label"] = "tie"
    marks.loc[~marks["agrees_rounded"], "label"] = "changes"
    data = cells.rename(columns={"rounded": "recomputed"}).merge(marks[[*keys, "label"]], on=keys, how="left")
    data["label"] = data["label"].fillna("")
    return data[[*kept, "label"]]


@style.styled
def audit_grid(cells: pd.DataFrame, classes: pd.DataFrame) -> Figure:
    """Draw the audit grid; parameters as in `audit_grid_data`. Returns a figure 160 mm wide."""
    data = audit_grid_data(cells, classes)
    systems = data.drop_duplicates("ics_name")
    height = HEAD_MM + len(systems) * ROW_MM + FOOT_MM
    figure = style.blank(style.PAGE_MM, height)
    axes = style.page(figure)
    widths = dict(zip(COLUMNS, WIDTHS_MM, strict=True))
    lefts = {variable: NAME_MM + sum(WIDTHS_MM[:number]) for number, variable in enumerate(COLUMNS)}
    tops = {name: HEAD_MM + number * ROW_MM for number, name in enumerate(systems["ics_name"])}
    head: dict[str, Any] = {"ha": "center", "va": "bottom", "fontsize": 7, "fontweight": "bold", "linespacing": 1.1}
    for variable, title in COLUMNS.items():
        axes.text(lefts[variable] + widths[variable] / 2, HEAD_MM - 1.5, title, **head)
    for name, high in zip(systems["ics_name"], systems["high_deprivation"], strict=True):
        weight = "bold" if high else "normal"
        middle = tops[name] + ROW_MM / 2
        words = name.replace(" and ", " & ") if len(name) > LONG else name
        axes.text(NAME_MM - 2, middle, words, ha="right", va="center_baseline", fontsize=7, fontweight=weight)
    for cell in data.itertuples():
        _cell(axes, lefts[str(cell.variable)], tops[cell.ics_name], widths[str(cell.variable)], cell)
    _key(axes, height - FOOT_MM + 3)
    return figure


def _cell(axes: Axes, x: float, y: float, width: float, cell: Any) -> None:
    _box(axes, x + GAP_MM / 2, y + GAP_MM / 2, width - GAP_MM, ROW_MM - GAP_MM, cell.verdict)
    printed, middle = _shown(cell.printed), y + ROW_MM / 2
    _mark(axes, x + width - 1.9, middle, cell.label)
    place: dict[str, Any] = {"ha": "center", "va": "center_baseline"}
    text = printed if cell.printed == cell.recomputed else f"{printed} → {_shown(cell.recomputed)}"
    if cell.verdict == DIFFERS:
        room = 2.6 if cell.label not in ("", "same") else 0.0
        axes.text(x + (width - room) / 2, middle, text, fontsize=7, fontweight="bold", **place)
    else:
        axes.text(x + width / 2, middle, text, fontsize=7, color=style.QUIET, **place)


def _box(axes: Axes, x: float, y: float, width: float, height: float, verdict: str) -> None:
    from matplotlib.patches import Rectangle

    looks: dict[str, dict[str, Any]] = {
        AGREES: {"facecolor": SAME, "linewidth": 0},
        DIFFERS: {"facecolor": WRONG, "linewidth": 0.7, "edgecolor": style.ACCENT},
        NOT_TESTABLE: {"facecolor": style.PAPER, "linewidth": 0.5, "linestyle": ":", "edgecolor": style.QUIET},
    }
    axes.add_patch(Rectangle((x, y), width, height, **looks[verdict]))


def _mark(axes: Axes, x: float, y: float, label: str) -> None:
    if label in ("changes", "tie"):
        fill = style.ACCENT if label == "changes" else style.PAPER
        axes.plot(x, y, "D", markersize=3.2, markeredgewidth=0.8, color=style.ACCENT, markerfacecolor=fill)


def _key(axes: Axes, y: float) -> None:
    boxes = {
        AGREES: "agrees",
        DIFFERS: "differs: printed → recomputed",
        NOT_TESTABLE: "not testable with these data: printed (→ surrogate, where another value)",
    }
    for (x, down), (verdict, text) in zip(((4.0, 0.0), (24.0, 0.0), (4.0, 5.0)), boxes.items(), strict=True):
        _box(axes, x, y + down, 4.5, 3.2, verdict)
        axes.text(x + 6, y + down + 1.6, text, va="center_baseline", fontsize=7)
    marks = {"changes": "another class label", "tie": "another label only if unrounded"}
    for x, (label, text) in zip((4.0, 38.0), marks.items(), strict=True):
        _mark(axes, x + 2.2, y + 11.6, label)
        axes.text(x + 6, y + 11.6, text, va="center_baseline", fontsize=7)
    axes.text(72, y + 1.6, "Bold names: the printed high-deprivation subgroup", va="center_baseline", fontsize=7)
    axes.text(88, y + 11.6, "LA: local authority", va="center_baseline", fontsize=7)


def _shown(value: Any) -> str:
    return f"{value:,}" if not isinstance(value, str) else SHORT.get(value, value)
