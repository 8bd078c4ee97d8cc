"""Charts of coded evidence: codes by group, codes that meet, codes as they appear, and verdicts by study.

Each chart has a companion ``..._data`` that returns the plotted data as a tidy frame, to be recorded with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from compendium.errors import CompendiumError
from compendium.evidence.codebook import ordered
from compendium.evidence.evidence import Evidence, counts, name, roots
from compendium.evidence.publication import cells_held_back
from compendium.figures import style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure

WIDEST = 12  # columns of one block of the heat map
LABEL_MM = 41.0  # room for the title of a code
FEW = 10  # segments: shares of a smaller group are drawn in grey, for each segment would move them by a tenth or more
TITLE_MM = 1.55  # room for a letter of the title of a block
BLOCKS = {"study": "Study", "site": "Site, by document", "sector": "Sector of the speaker"}


def ramp() -> Colormap:
    """Return the house ramp from paper to its darkest blue."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("evidence", ["#f4f8fb", *style.RAMP])


def _grey() -> Colormap:
    from matplotlib.colors import ListedColormap

    return ListedColormap(["#e3e6e9"])


# --- codes by study, site and sector -------------------------------------------------------------------------


def code_heat_data(
    evidence: Evidence, codes: Sequence[str], by: Sequence[str] = tuple(BLOCKS), floor: int = 1
) -> pd.DataFrame:
    """Return what `code_heat_map` plots: one row per code and group.

    Parameters
    ----------
    codes : rows of the map (code_id), in order.
    by : blocks, out of ``study``, ``site`` and ``sector``; one with a single group, or none, says nothing and is left
        out where there is another. A block of more than twelve groups shows the twelve with most segments.

    floor : cells of fewer segments are held back, and what would tell them: their numbers are missing.

    Returns
    -------
    ``block``, ``group``, ``group_segments``, ``branch`` (title of the topmost code), ``code_id``, ``code``,
    ``segments`` and ``percent`` (of the group's segments).
    """
    import pandas as pd

    if not len(codes):
        raise CompendiumError("a heat map of codes needs codes")
    title = dict(zip(evidence.codebook["code_id"], evidence.codebook["code"], strict=True))
    top = roots(evidence.codebook)
    tables = {block: counts(evidence, block, codes) for block in by}
    telling = {block: table for block, table in tables.items() if table.shape[1] > 1}
    rows: list[dict[str, Any]] = []
    for block, table in (telling or {"study": counts(evidence, "study", codes)}).items():
        sizes: dict[str, int] = table.attrs["segments"]
        largest = sorted(sizes, key=lambda label: -sizes[label])[:WIDEST]
        shown = table.astype("Int64").mask(cells_held_back(table, floor)) if floor > 1 else table
        for label in (label for label in table.columns if label in largest):
            for code, held in zip(codes, shown[label].tolist(), strict=True):
                rows.append(
                    {
                        "block": block, "group": label, "group_segments": sizes[label], "branch": title[top[code]],
                        "code_id": code, "code": title[code], "segments": held, "percent": 100 * held / sizes[label],
                    }
                )  # fmt: skip
    data = pd.DataFrame(rows)
    if floor > 1 and len(data):
        data = data.astype({"segments": "Int64", "percent": "Float64"})
    return data


@style.styled
def code_heat_map(
    evidence: Evidence, codes: Sequence[str], by: Sequence[str] = tuple(BLOCKS), floor: int = 1
) -> Figure:
    """Draw codes down and groups across: shade is the share of a group's segments, the number counts them.

    Parameters as in `code_heat_data`. Returns a figure 160 mm wide.
    """
    data = code_heat_data(evidence, codes, by, floor)
    lines: list[tuple[str, str]] = []
    for branch, code, own in data[["branch", "code_id", "code"]].drop_duplicates().itertuples(index=False):
        if branch not in [head for head, _ in lines] and branch != own:
            lines.append((branch, ""))
        lines.append((branch, code))
    title = dict(zip(data["code_id"], data["code"], strict=True))
    blocks = list(dict.fromkeys(data["block"]))
    heads = BLOCKS if len(evidence.studies) > 1 else {**BLOCKS, "site": "Case"}
    columns = {block: list(dict.fromkeys(data.loc[data["block"] == block, "group"])) for block in blocks}
    gap, row, head = 4.0, 4.2, 38.0
    across = sum(map(len, columns.values()))
    cell = min(12.0, (style.PAGE_MM - LABEL_MM - 1 - gap * len(blocks)) / across)
    figure = style.blank(style.PAGE_MM, head + row * len(lines) + 13)
    sheet = style.page(figure)
    highest = min(50.0, max(25.0, data["percent"].max()))
    x = LABEL_MM + gap
    for block in blocks:
        part = data[data["block"] == block]
        shares = part.pivot(index="code_id", columns="group", values="percent")[columns[block]]
        shares = shares.reindex([code or f"({branch})" for branch, code in lines])
        width = cell * len(columns[block])
        axes = style.panel(figure, x, head, width, row * len(lines))
        size = dict(zip(part["group"], part["group_segments"], strict=True))
        few = [group for group in columns[block] if size[group] < FEW]
        for drawn, colours in ((shares.drop(columns=few), ramp()), (shares[few], _grey())):
            held = drawn.reindex(columns=columns[block]).where(lambda cells: cells > 0)
            style.heat_map(axes, held.to_numpy(dtype=float), colours, 0, highest, gap=0.6)
        _write_counts(axes, part, [code for _, code in lines], columns[block], highest)
        sheet.text(x, 2.6, heads[block], fontsize=7, fontweight="bold", va="center")
        sheet.plot([x, x + width - 0.4], [5.0, 5.0], color=style.HIGH, linewidth=1.2, solid_capstyle="butt")
        for place, group in enumerate(columns[block]):
            words = "\n".join(style.wrapped(f"{group} ({size[group]})", 25))
            sheet.text(
                x + (place + 0.5) * cell, head - 1.2, words, rotation=90, ha="center", va="bottom", fontsize=7,
                linespacing=1.15, multialignment="left",
            )  # fmt: skip
        x += max(width, TITLE_MM * len(heads[block])) + gap
    for place, (branch, code) in enumerate(lines):
        y = head + (place + 0.5) * row
        if code and title[code] != branch:
            sheet.text(LABEL_MM + gap - 1.5, y, title[code], ha="right", va="center", fontsize=7)
        else:
            sheet.text(1, y + 0.3, branch, fontsize=7, fontweight="bold", va="center")
            sheet.plot([1, LABEL_MM + gap - 1.5], [y - row / 2 + 0.3] * 2, color=style.RULE, linewidth=0.5)
    _shade_key(sheet, LABEL_MM + gap, head + row * len(lines) + 5.5, highest, "share of the group's segments")
    return figure


def _write_counts(axes: Axes, part: pd.DataFrame, codes: list[str], groups: list[str], highest: float) -> None:
    import pandas as pd
    from matplotlib.colors import to_hex

    cells = part[["code_id", "group", "group_segments", "segments", "percent"]].itertuples(index=False, name=None)
    for code, group, size, segments, percent in cells:
        if pd.isna(segments):
            place = (groups.index(group) + 0.5, codes.index(code) + 0.5)
            axes.text(*place, "few", ha="center", va="center", fontsize=7, color=style.HIGH)
        elif segments:
            shade = ramp() if size >= FEW else _grey()
            ink = style.ink_on(to_hex(shade(min(1.0, percent / highest))))
            place = (groups.index(group) + 0.5, codes.index(code) + 0.5)
            axes.text(*place, str(segments), ha="center", va="center", fontsize=7, color=ink)


def _shade_key(sheet: Axes, x: float, y: float, highest: float, what: str) -> None:
    from matplotlib.patches import Rectangle

    steps, width = 5, 11.0
    for step in range(steps):
        upper = highest * (step + 1) / steps
        colour = ramp()((step + 0.5) / steps)
        sheet.add_artist(Rectangle((x + step * width, y), width - 0.4, 2.6, facecolor=colour, linewidth=0))
        words = f"{highest * step / steps:.0f}–{upper:.0f}%" if step + 1 < steps else f"{highest * step / steps:.0f}% +"
        sheet.text(x + (step + 0.5) * width, y + 4.6, words, ha="center", va="center", fontsize=7)
    sheet.text(x + steps * width + 2, y + 1.3, what, va="center", fontsize=7)
    note = f"number: segments; grey: of under {FEW}"
    sheet.text(x + steps * width + 2, y + 4.6, note, va="center", fontsize=7)


# --- codes that meet -----------------------------------------------------------------------------------------


def cooccurrence_data(matrix: pd.DataFrame, codebook: pd.DataFrame) -> pd.DataFrame:
    """Return what `cooccurrence_map` plots: ``code_a``, ``code_b`` (titles, a before b), ``segments`` of both.

    Parameters
    ----------
    matrix : as `cooccurrence.cooccurrence` returns it; a pair of the same code holds all its segments.
    """
    import pandas as pd

    title = dict(zip(codebook["code_id"], codebook["code"], strict=True))
    cells = matrix.to_numpy(dtype=int)
    rows = [
        {"code_a": title[one], "code_b": title[other], "segments": int(cells[j, i])}
        for j, other in enumerate(matrix.index)
        for i, one in enumerate(matrix.columns[: j + 1])
    ]
    return pd.DataFrame(rows, columns=["code_a", "code_b", "segments"])


@style.styled
def cooccurrence_map(
    matrix: pd.DataFrame,
    codebook: pd.DataFrame,
    key: Sequence[str] = ("in a frame: all segments with the code", "elsewhere: segments with both codes, dot: none"),
) -> Figure:
    """Draw how many segments hold two codes at once: a lower triangle, each code named at the end of its row.

    Parameters as in `cooccurrence_data`, for at most forty codes; ``key`` says what the numbers count. Returns a figure
    160 mm wide.
    """
    import numpy as np
    from matplotlib.colors import to_hex
    from matplotlib.patches import Rectangle

    codes = list(matrix.index)
    if not 2 <= len(codes) <= 40:
        raise CompendiumError("a map of codes that meet shows two to forty codes", found=len(codes))
    title = dict(zip(codebook["code_id"], codebook["code"], strict=True))
    label = 46.0
    cell = min(8.0, (style.PAGE_MM - label - 1) / len(codes))
    side = cell * len(codes)
    figure = style.blank(style.PAGE_MM, side + 2)
    sheet = style.page(figure)
    axes = style.panel(figure, 1, 1, side, side)
    values = matrix.to_numpy(dtype=float)
    shown = np.tril(np.ones(values.shape, dtype=bool), -1) & (values > 0)
    highest = max(5.0, values[shown].max(initial=0))
    style.heat_map(axes, np.where(shown, values, np.nan), ramp(), 0, highest, gap=0.6)
    axes.set(facecolor="none")
    for i, code in enumerate(codes):
        for j in range(i):
            if values[i, j]:
                ink = style.ink_on(to_hex(ramp()(values[i, j] / highest)))
                axes.text(j + 0.5, i + 0.5, f"{values[i, j]:.0f}", ha="center", va="center", fontsize=7, color=ink)
            else:
                axes.plot(j + 0.5, i + 0.5, marker=".", markersize=1.2, color=style.RULE)
        axes.add_artist(
            Rectangle((i + 0.06, i + 0.06), 0.88, 0.88, facecolor=style.PAPER, edgecolor=style.QUIET, linewidth=0.6)
        )
        axes.text(i + 0.5, i + 0.5, f"{values[i, i]:.0f}", ha="center", va="center", fontsize=7, fontweight="bold")
        axes.text(i + 1.25, i + 0.5, title[code], va="center", fontsize=7)
    lines = [*key, "a code's pairs stand along its row, then down its column"]
    axes.text(
        style.PAGE_MM - 1, 2, "\n".join(lines), transform=sheet.transData, ha="right", va="top", fontsize=7,
        linespacing=1.5,
    )  # fmt: skip
    return figure


# --- codes as they appear ------------------------------------------------------------------------------------


@style.styled
def saturation_curves(curves: pd.DataFrame, unit: str = "segment", order: str = "of the document") -> Figure:
    """Plot codes seen against segments read, one panel per study, with the expectation under random order.

    Parameters
    ----------
    curves : ``study``, ``order``, ``new``, ``seen`` and ``expected``, as `saturation.curve` returns them for
        each study.
    unit, order : what is read, and in whose order, in words.

    Returns a figure 160 mm wide; ticks under a curve are the segments that brought a code.
    """
    from matplotlib.ticker import MaxNLocator

    style.required(curves, ["study", "order", "new", "seen", "expected"], "saturation curves")
    studies = list(dict.fromkeys(curves["study"]))
    across = min(2, len(studies))
    left, gap, height, top = 11.0, 13.0, 42.0, 9.0
    width = (style.PAGE_MM - left - 3 - gap * (across - 1)) / across
    down = -(-len(studies) // across)
    block = height + top + 11
    figure = style.blank(style.PAGE_MM, block * down + 6)
    sheet = style.page(figure)
    ceiling = curves["seen"].max() * 1.1
    for number, study in enumerate(studies):
        part = curves[curves["study"] == study]
        x, y = left + (number % across) * (width + gap), (number // across) * block
        axes = style.panel(figure, x, y + top, width, height)
        segments, codes = int(part["order"].iloc[-1]), int(part["seen"].iloc[-1])
        axes.set(xlim=(0, segments * 1.02), ylim=(-0.07 * ceiling, ceiling))
        axes.grid(axis="y")
        axes.plot([0, *part["order"]], [0, *part["expected"]], color=style.QUIET, linewidth=0.9, dashes=(4, 2))
        axes.step([0, *part["order"]], [0, *part["seen"]], where="post", color=style.HIGH, linewidth=1.4)
        fresh = part[part["new"] > 0]
        axes.vlines(fresh["order"], -0.065 * ceiling, -0.02 * ceiling, color=style.MEDIUM, linewidth=0.7)
        last = fresh.iloc[-1]
        axes.plot(last["order"], last["seen"], "o", markersize=3.2, color=style.ACCENT)
        axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
        axes.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
        axes.set_yticks([tick for tick in axes.get_yticks() if 0 <= tick <= ceiling])
        axes.set_xlabel(f"{unit.capitalize()}s read, in the order {order}")
        if not number % across:
            axes.set_ylabel("Codes seen")
        head = name(study)
        sheet.text(x, y + 3.2, head, fontsize=7.5, fontweight="bold", va="center")
        words = f"{codes} codes in {segments} {unit}s; last new one at {unit} {last['order']:.0f}"
        sheet.text(x, y + 6.8, words, fontsize=7, va="center")
    _line_key(sheet, left, block * down + 3.0, order)
    return figure


def _line_key(sheet: Axes, x: float, y: float, order: str) -> None:
    for look, words in (
        ({"color": style.HIGH, "linewidth": 1.4}, f"order {order}"),
        ({"color": style.QUIET, "linewidth": 0.9, "dashes": (4, 2)}, "expected in random order"),
        (
            {"color": style.ACCENT, "marker": "o", "markersize": 3.2, "linestyle": "", "markevery": [1]},
            "last new code",
        ),
        ({"color": style.MEDIUM, "marker": "|", "markersize": 5, "linestyle": "", "markevery": [1]}, "new code"),
    ):
        sheet.plot([x, x + 5], [y, y], **look)  # type: ignore[arg-type]
        sheet.text(x + 7, y, words, va="center", fontsize=7)
        x += 12 + 1.25 * len(words)


# --- verdicts by study ---------------------------------------------------------------------------------------


@style.styled
def triangulation_grid(cells: pd.DataFrame) -> Figure:
    """Draw statements down and studies across: verdict in words and shade, with the number of segments behind it.

    Parameters
    ----------
    cells : ``theme_id``, ``statement``, ``study``, ``verdict`` and ``segments``, as `triangulation.matrix`
        returns them.

    Returns a figure 160 mm wide.
    """
    from matplotlib.patches import Rectangle

    style.required(cells, ["theme_id", "statement", "study", "verdict", "segments"], "triangulation grid")
    shade: Mapping[str, str] = {
        "agree": style.HIGH, "partial": style.MEDIUM, "contradict": style.ACCENT,
        "silent": style.PAPER, "not judged": style.PAPER,
    }  # fmt: skip
    statements = cells.drop_duplicates("theme_id")[["theme_id", "statement"]]
    studies = list(dict.fromkeys(cells["study"]))
    left, head, row = 84.0, 9.0, 7.3
    step = (style.PAGE_MM - left - 1) / len(studies)
    figure = style.blank(style.PAGE_MM, head + row * len(statements) + 1)
    sheet = style.page(figure)
    for place, study in enumerate(studies):
        words = "\n".join(style.wrapped(name(study), max(8, int(step / 1.6))))
        sheet.text(left + (place + 0.5) * step, 4.2, words, ha="center", va="center", fontsize=7, fontweight="bold")
    for line, (theme, statement) in enumerate(statements.itertuples(index=False)):
        y = head + line * row
        sheet.plot([1, style.PAGE_MM - 1], [y, y], color=style.RULE, linewidth=0.4)
        words = "\n".join(style.wrapped(statement, 66))
        sheet.text(1, y + row / 2, words, va="center", fontsize=7, linespacing=1.15)
        for cell in cells[cells["theme_id"] == theme].itertuples():
            x = left + studies.index(str(cell.study)) * step
            colour = shade.get(str(cell.verdict), style.PAPER)
            box = Rectangle((x + 0.6, y + 0.7), step - 1.2, row - 1.4, facecolor=colour, linewidth=0)
            sheet.add_artist(box)
            quiet = colour == style.PAPER
            ink = style.QUIET if quiet else style.ink_on(colour)
            text = f"{cell.verdict} · {cell.segments}" if cell.segments else str(cell.verdict)
            sheet.text(x + step / 2, y + row / 2, text, ha="center", va="center", fontsize=7, color=ink)
    return figure


def branches(evidence: Evidence, codes: Sequence[str]) -> list[str]:
    """Return the topmost codes above these codes, in the order of the tree."""
    top = roots(evidence.codebook)
    found = {top[code] for code in codes}
    return [code for code in ordered(evidence.codebook)["code_id"] if code in found]
