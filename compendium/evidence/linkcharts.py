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
from compendium.figures import style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Point = tuple[float, float]

LANE_MM = 4.4  # between arrows that link the same two discs
LARGEST_MM = 16.0  # radius of the disc with most segments
LEAST_MM = 9.5  # of the smallest that holds its name


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
def domain_network(
    links: pd.DataFrame, domains: pd.DataFrame, segments: Mapping[str, int], kinds: Mapping[str, str] | None = None
) -> Figure:
    """Draw domains as discs and the links between them as arrows with their number.

    Parameters as in `domain_data`, and ``kinds``: kind of link -> its words in the key, by default its own name. Links
    of the first kind bear their number, those of others are drawn as dashes. A disc's area is in proportion to
    its segments, down to a least size that holds the name. The domain with most links stands in the middle where it is
    linked to all others; the rest stand around it in the order with fewest crossings.
    Returns a figure 160 mm wide.
    """
    from matplotlib.patches import Ellipse

    data = domain_data(links, domains, segments)
    shown = dict(kinds) if kinds is not None else {kind: kind for kind in sorted(set(data["kind"]))}
    numbered = next(iter(shown), "")
    title = dict(zip(domains["domain_id"], domains["domain"], strict=True))
    width, height = style.PAGE_MM, 108.0
    figure = style.blank(width, height + 21)
    sheet = style.page(figure)
    names = list(title.values())
    places = _places(data, names, (width / 2, height / 2), (53.0, 37.0))
    most = max([*segments.values(), 1])
    by_name = {title[domain]: count for domain, count in segments.items() if domain in title}
    radius = {one: max(LEAST_MM, LARGEST_MM * math.sqrt(by_name.get(one, 0) / most)) for one in names}
    pairs = {frozenset(pair) for pair in zip(data["from"], data["to"], strict=True)}
    for pair in sorted(pairs, key=sorted):
        one = min(pair, key=names.index)
        lanes = data[data["from"].isin(pair) & data["to"].isin(pair)].sort_values(["kind", "from"])
        arrows = zip(lanes["kind"], lanes["from"], lanes["to"], lanes["links"], strict=True)
        for lane, (kind, start, end, number) in enumerate(arrows):
            offset = (lane - (len(lanes) - 1) / 2) * LANE_MM
            side = offset if start == one else -offset
            _arrow(sheet, places[start], places[end], radius[start], radius[end], side, number, kind == numbered)
    for one in names:
        x, y = places[one]
        disc = Ellipse((x, y), 2 * radius[one], 2 * radius[one], facecolor=style.HIGH, linewidth=0, zorder=3)
        sheet.add_artist(disc)
        words = "\n".join([*style.wrapped(one, 14), str(by_name.get(one, 0))])
        sheet.text(
            x, y, words, ha="center", va="center", color=style.PAPER, fontsize=7, fontweight="bold", zorder=4,
            linespacing=1.25,
        )  # fmt: skip
    _key(sheet, height + 4.5, [words for kind, words in shown.items() if kind in set(data["kind"])])
    _size_key(sheet, height + 13.5, most)
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
    sheet: Axes, start: Point, end: Point, away: float, short: float, side: float, links: int, printed: bool
) -> None:
    from matplotlib.patches import FancyArrowPatch

    dx, dy = end[0] - start[0], end[1] - start[1]
    length = math.hypot(dx, dy)
    ux, uy = dx / length, dy / length
    px, py = -uy * side, ux * side
    leave, reach = (math.sqrt((radius + 1.0) ** 2 - side**2) for radius in (away, short))
    tail = (start[0] + px + ux * leave, start[1] + py + uy * leave)
    head = (end[0] + px - ux * reach, end[1] + py - uy * reach)
    patch = FancyArrowPatch(
        tail, head, arrowstyle="-|>", mutation_scale=6 + 1.2 * links, shrinkA=0, shrinkB=0,
        color=style.MEDIUM if printed else style.ACCENT, linewidth=0.3 + 0.8 * links if printed else 1.0,
        linestyle="-" if printed else (0, (4, 2)), zorder=1,
    )  # fmt: skip
    sheet.add_artist(patch)
    if printed:
        spot = (tail[0] * 0.55 + head[0] * 0.45, tail[1] * 0.55 + head[1] * 0.45)
        sheet.text(
            *spot, str(links), ha="center", va="center", fontsize=7, zorder=2,
            bbox={
                "boxstyle": "circle,pad=0.25", "facecolor": style.PAPER, "edgecolor": style.MEDIUM, "linewidth": 0.6
            },
        )  # fmt: skip


def _key(sheet: Axes, y: float, kinds: Sequence[str]) -> None:
    x = 1.0
    for number, text in enumerate(kinds):
        colour, dashes, thick = (style.ACCENT, (0, (4, 2)), 1.0) if number else (style.MEDIUM, "-", 2.0)
        sheet.plot([x, x + 9], [y, y], color=colour, linewidth=thick, linestyle=dashes)
        sheet.text(x + 10.5, y, text, va="center", fontsize=7)
        x += 16 + len(text) * 1.18


def _size_key(sheet: Axes, y: float, most: int) -> None:
    """Draw what the area of a disc means: the largest number of segments, half of it, and the least disc."""
    from matplotlib.patches import Ellipse

    least = round(most * (LEAST_MM / LARGEST_MM) ** 2)
    x, scale = 1.0, 0.35  # discs of the key are drawn at about a third
    sheet.text(x, y, "Area of a disc: segments of the domain (drawn at a third of the scale)", va="center", fontsize=7)
    x += 100
    for number, words in ((most, str(most)), (most / 2, f"{most / 2:g}"), (least, f"{least} or fewer")):
        radius = scale * LARGEST_MM * math.sqrt(number / most)
        sheet.add_artist(Ellipse((x + radius, y), 2 * radius, 2 * radius, facecolor=style.HIGH, linewidth=0))
        sheet.text(x + 2 * radius + 1.5, y, words, va="center", fontsize=7)
        x += 2 * radius + 8
