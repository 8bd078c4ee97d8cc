"""Charts of links: segments that flow from studies to branches of codes, and domains that refer to one another.

Each chart has a companion ``..._data`` that returns the plotted data as a tidy frame, to be recorded with it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations, permutations
from typing import TYPE_CHECKING

from compendium.errors import CompendiumError
from compendium.evidence.evidence import Evidence, counts, name
from compendium.figures import style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Point = tuple[float, float]

OPACITY = 0.72  # of the ribbons, so that those below show through
LANE_MM = 4.4  # between arrows that link the same two discs
LARGEST_MM = 16.0  # radius of the disc with most segments


# --- from study to branch ------------------------------------------------------------------------------------


def flow_data(evidence: Evidence, branches: Sequence[str]) -> pd.DataFrame:
    """Return what `flow` plots: ``study``, ``branch`` (title), ``segments`` of the study in the branch.

    Parameters
    ----------
    branches : topmost codes (code_id). A segment in several branches counts in each.
    """
    import pandas as pd

    title = dict(zip(evidence.codebook["code_id"], evidence.codebook["code"], strict=True))
    table = counts(evidence, "study", branches)
    by_name = {name(study): study for study in evidence.studies}
    rows = [
        {"study": by_name[label], "branch": title[branch], "segments": held}
        for label in table.columns
        for branch, held in zip(branches, table[label].tolist(), strict=True)
    ]
    data = pd.DataFrame(rows, columns=["study", "branch", "segments"])
    if not data["segments"].sum():
        raise CompendiumError("no segment stands in any of these branches", found=list(branches))
    return data


@style.styled
def flow(evidence: Evidence, branches: Sequence[str]) -> Figure:
    """Draw how the segments of each study spread over branches of codes; ribbons are as wide as segments are many.

    Parameters as in `flow_data`. Returns a figure 170 mm wide.
    """
    from matplotlib.patches import Rectangle

    data = flow_data(evidence, branches)
    studies = [study for study in evidence.studies if data.loc[data["study"] == study, "segments"].sum()]
    sums = data.groupby("branch", sort=False)["segments"].sum()
    titles = [branch for branch in dict.fromkeys(data["branch"]) if sums[branch]]
    left, right, bar, gap, height = 36.0, style.PAGE_MM - 46.0, 3.2, 3.0, 84.0
    room = height - gap * (max(len(studies), len(titles)) - 1)
    scale = room / data["segments"].sum()
    figure = style.blank(style.PAGE_MM, height + 9)
    sheet = style.page(figure)
    colours = dict(zip(studies, _ribbons(len(studies)), strict=True))
    size = evidence.segments["study"].value_counts()
    sheet.text(left - 2, 3, "Study (segments)", ha="right", va="center", fontsize=7, fontweight="bold")
    sheet.text(right + bar + 2, 3, "Branch of codes (segments)", va="center", fontsize=7, fontweight="bold")
    start = _stacked({s: data.loc[data["study"] == s, "segments"].sum() for s in studies}, scale, gap, height)
    end = _stacked({t: sums[t] for t in titles}, scale, gap, height)
    used = dict(end)
    for study in studies:
        y, total = start[study] + 7, data.loc[data["study"] == study, "segments"].sum()
        sheet.add_artist(Rectangle((left, y), bar, total * scale, facecolor=colours[study], linewidth=0))
        words = "\n".join([*style.wrapped(name(study), 18), f"({size[study]})"])
        sheet.text(left - 2, y + total * scale / 2, words, ha="right", va="center", fontsize=6.8)
        for branch, segments in data.loc[data["study"] == study, ["branch", "segments"]].itertuples(index=False):
            if segments:
                thick = segments * scale
                _ribbon(sheet, (left + bar, y), (right, used[branch] + 7), thick, colours[study])
                if thick > 2.4:
                    ink = style.ink_on(_blended(colours[study]))
                    sheet.text(left + bar + 1.2, y + thick / 2, str(segments), va="center", fontsize=6, color=ink)
                y, used[branch] = y + thick, used[branch] + thick
    held = counts(evidence, "study", branches).sum(axis=1)
    code = dict(zip(evidence.codebook["code_id"], evidence.codebook["code"], strict=True))
    for branch in branches:
        if code[branch] in end:
            y, tall = end[code[branch]] + 7, sums[code[branch]] * scale
            sheet.add_artist(Rectangle((right, y), bar, tall, facecolor=style.INK, linewidth=0))
            words = "\n".join(style.wrapped(f"{code[branch]} ({held[branch]})", 27))
            sheet.text(right + bar + 2, y + tall / 2, words, va="center", fontsize=6.8)
    return figure


def _ribbons(number: int) -> list[str]:
    """Return one colour per study: lightness differs most between neighbours."""
    colours = [style.HIGH, style.MEDIUM, "#bcd3e5", style.QUIET, "#33566f", "#8fb4d0", "#9aa6b0"]
    return [colours[place % len(colours)] for place in range(number)]


def _blended(colour: str) -> str:
    from matplotlib.colors import to_hex, to_rgb

    red, green, blue = (OPACITY * part + 1 - OPACITY for part in to_rgb(colour))
    return to_hex((red, green, blue))


def _stacked(sizes: Mapping[str, float], scale: float, gap: float, height: float) -> dict[str, float]:
    """Return where each bar begins so that the column of bars stands in the middle of the height."""
    y = (height - sum(sizes.values()) * scale - gap * (len(sizes) - 1)) / 2
    places = {}
    for label, size in sizes.items():
        places[label] = y
        y += size * scale + gap
    return places


def _ribbon(sheet: Axes, start: Point, end: Point, thick: float, colour: str) -> None:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    (x0, y0), (x1, y1) = start, end
    middle = (x0 + x1) / 2
    points = [
        (x0, y0), (middle, y0), (middle, y1), (x1, y1),
        (x1, y1 + thick), (middle, y1 + thick), (middle, y0 + thick), (x0, y0 + thick), (x0, y0),
    ]  # fmt: skip
    curve = [Path.CURVE4] * 3
    path = Path(points, [Path.MOVETO, *curve, Path.LINETO, *curve, Path.CLOSEPOLY])
    sheet.add_artist(PathPatch(path, facecolor=colour, alpha=OPACITY, edgecolor=style.PAPER, linewidth=0.3))


# --- domains that refer to one another -----------------------------------------------------------------------


def domain_data(links: pd.DataFrame, domains: pd.DataFrame, segments: Mapping[str, int]) -> pd.DataFrame:
    """Return what `domain_network` plots: one row per pair of domains and kind of link.

    Parameters
    ----------
    links : ``kind``, ``from_domain`` and ``to_domain``; one row per printed link.
    domains : ``domain_id`` and ``domain`` (name).
    segments : segments of each domain_id.

    Returns
    -------
    ``kind``, ``from``, ``to`` (names), ``links`` (their number), ``from_segments`` and ``to_segments``.

    Raises
    ------
    CompendiumError : a link names a domain that is not listed, or itself.
    """
    import pandas as pd

    title = dict(zip(domains["domain_id"], domains["domain"], strict=True))
    for row, (one, other) in enumerate(zip(links["from_domain"], links["to_domain"], strict=True), start=2):
        for end in (one, other):
            if end not in title:
                raise CompendiumError("a link names no known domain", row=row, found=end, expected=list(title))
        if one == other:
            raise CompendiumError("a domain refers to itself", row=row, found=one)
    number = Counter(zip(links["kind"], links["from_domain"], links["to_domain"], strict=True))
    rows = [
        {
            "kind": kind, "from": title[one], "to": title[other], "links": count,
            "from_segments": segments.get(one, 0), "to_segments": segments.get(other, 0),
        }
        for (kind, one, other), count in number.items()
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["kind", "from", "to", "links", "from_segments", "to_segments"])


@style.styled
def domain_network(links: pd.DataFrame, domains: pd.DataFrame, segments: Mapping[str, int]) -> Figure:
    """Draw domains as discs and the links between them as arrows with their number.

    Parameters as in `domain_data`. A disc's area is in proportion to its segments,
    down to a least size that holds the name. The domain with most links stands in
    the middle where it is linked to all others; the rest stand around it in the order with fewest crossings. Links of
    the kind ``table-3`` are drawn as dashes. Returns a figure 170 mm wide.
    """
    from matplotlib.patches import Ellipse

    data = domain_data(links, domains, segments)
    title = dict(zip(domains["domain_id"], domains["domain"], strict=True))
    width, height = style.PAGE_MM, 108.0
    figure = style.blank(width, height + 9)
    sheet = style.page(figure)
    names = list(title.values())
    places = _places(data, names, (width / 2, height / 2), (58.0, 37.0))
    most = max([*segments.values(), 1])
    by_name = {title[domain]: count for domain, count in segments.items() if domain in title}
    radius = {one: max(9.5, LARGEST_MM * math.sqrt(by_name.get(one, 0) / most)) for one in names}
    pairs = {frozenset(pair) for pair in zip(data["from"], data["to"], strict=True)}
    for pair in sorted(pairs, key=sorted):
        one = min(pair, key=names.index)
        lanes = data[data["from"].isin(pair) & data["to"].isin(pair)].sort_values(["kind", "from"])
        arrows = zip(lanes["kind"], lanes["from"], lanes["to"], lanes["links"], strict=True)
        for lane, (kind, start, end, number) in enumerate(arrows):
            offset = (lane - (len(lanes) - 1) / 2) * LANE_MM
            side = offset if start == one else -offset
            _arrow(sheet, places[start], places[end], radius[start], radius[end], side, number, kind)
    for one in names:
        x, y = places[one]
        disc = Ellipse((x, y), 2 * radius[one], 2 * radius[one], facecolor=style.HIGH, linewidth=0, zorder=3)
        sheet.add_artist(disc)
        words = "\n".join([*style.wrapped(one, 14), str(by_name.get(one, 0))])
        sheet.text(
            x, y, words, ha="center", va="center", color=style.PAPER, fontsize=6.8, fontweight="bold", zorder=4,
            linespacing=1.25,
        )  # fmt: skip
    _key(sheet, height + 4.5, sorted(set(data["kind"])))
    return figure


def _places(data: pd.DataFrame, names: Sequence[str], centre: Point, reach: Point) -> dict[str, Point]:
    near: dict[str, set[str]] = {one: set() for one in names}
    for one, other in zip(data["from"], data["to"], strict=True):
        near[one].add(other)
        near[other].add(one)
    full = [one for one in names if len(names) > 2 and len(near[one]) == len(names) - 1]
    total = {one: data.loc[(data["from"] == one) | (data["to"] == one), "links"].sum() for one in full}
    hub = max(full, key=lambda one: total[one]) if full else None
    ring = [one for one in names if one != hub]
    if len(ring) <= 7:
        first, *others = ring
        ring = min(([first, *order] for order in permutations(others)), key=lambda order: _crossings(order, near))
    places = {hub: centre} if hub is not None else {}
    for step, one in enumerate(ring):
        angle = 2 * math.pi * (step + 0.5) / len(ring) + math.pi
        across, down = math.cos(angle), math.sin(angle)
        stretch = max(abs(across), abs(down)) if len(ring) == 4 else 1.0
        places[one] = (centre[0] + reach[0] * across / stretch, centre[1] + reach[1] * down / stretch)
    return places


def _crossings(order: Sequence[str], near: Mapping[str, set[str]]) -> int:
    """Return how many chords between places on a circle cross."""
    place = {one: step for step, one in enumerate(order)}
    chords = [(place[a], place[b]) for a, b in combinations(order, 2) if b in near[a]]
    return sum(a < c < b < d or c < a < d < b for (a, b), (c, d) in combinations(chords, 2))


def _arrow(
    sheet: Axes, start: Point, end: Point, away: float, short: float, side: float, links: int, kind: str
) -> None:
    from matplotlib.patches import FancyArrowPatch

    dx, dy = end[0] - start[0], end[1] - start[1]
    length = math.hypot(dx, dy)
    ux, uy = dx / length, dy / length
    px, py = -uy * side, ux * side
    leave, reach = (math.sqrt((radius + 1.0) ** 2 - side**2) for radius in (away, short))
    tail = (start[0] + px + ux * leave, start[1] + py + uy * leave)
    head = (end[0] + px - ux * reach, end[1] + py - uy * reach)
    printed = kind != "table-3"
    patch = FancyArrowPatch(
        tail, head, arrowstyle="-|>", mutation_scale=6 + 1.2 * links, shrinkA=0, shrinkB=0,
        color=style.MEDIUM if printed else style.ACCENT, linewidth=0.3 + 0.8 * links if printed else 1.0,
        linestyle="-" if printed else (0, (4, 2)), zorder=1,
    )  # fmt: skip
    sheet.add_artist(patch)
    if printed:
        spot = (tail[0] * 0.55 + head[0] * 0.45, tail[1] * 0.55 + head[1] * 0.45)
        sheet.text(
            *spot, str(links), ha="center", va="center", fontsize=6.5, zorder=2,
            bbox={
                "boxstyle": "circle,pad=0.25", "facecolor": style.PAPER, "edgecolor": style.MEDIUM, "linewidth": 0.6
            },
        )  # fmt: skip


def _key(sheet: Axes, y: float, kinds: Sequence[str]) -> None:
    x = 1.0
    words = {
        "cross-reference": (style.MEDIUM, "-", 2.0, "cross-references printed in the results, with their number"),
        "table-3": (style.ACCENT, (0, (4, 2)), 1.0, "influence of national policy"),
    }
    for kind in kinds:
        colour, dashes, thick, text = words.get(kind, (style.MEDIUM, "-", 2.0, kind))
        sheet.plot([x, x + 9], [y, y], color=colour, linewidth=thick, linestyle=dashes)
        sheet.text(x + 10.5, y, text, va="center", fontsize=6.5)
        x += 16 + len(text) * 1.18
    sheet.text(x, y, "disc: segments of the domain", va="center", fontsize=6.5)
