"""A tile-grid map of England's integrated care systems: one equal tile each, neighbours kept together.

The places of the tiles are our own (``data/published/ics_tiles.csv``). How well they keep neighbours together is
measured against pairs of areas that border each other, computed from where general practices stand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from compendium.errors import CompendiumError
from compendium.figures import style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TILE_WIDTH, TILE_HEIGHT, GAP, MARGIN = 20.8, 15.4, 0.7, 1.0  # millimetres; the gap lies inside a tile's cell
EDGE_KM, APART_KM, NEAREST = 2.0, 30.0, 10


def tile_map_data(
    frame: pd.DataFrame, tiles: pd.DataFrame, *, share: str, group: str, region: str, key: str = "stp21_code"
) -> pd.DataFrame:
    """Return what `tile_map` plots: one row per area in map order (north to south, west to east).

    Parameters
    ----------
    frame : one row per area with the columns named by ``key``, ``share``, ``group`` and ``region``.
    tiles : columns ``key``, ``label``, ``column`` and ``row`` (whole numbers from 0, row 0 in the north).

    Returns columns key, label, region, column, row, share, group (under the names given). Raises CompendiumError
    when an area has no tile or a tile no area, when two areas share a tile, or when a column is missing.
    """
    style.required(frame, [key, share, group, region], "tile map")
    style.required(tiles, [key, "label", "column", "row"], "tile map")
    for name, codes in (("data", frame[key]), ("tiles", tiles[key])):
        if codes.duplicated().any():
            raise CompendiumError(
                f"an area stands twice in the {name} of the tile map", found=codes[codes.duplicated()].iloc[0]
            )
    odd = sorted(set(frame[key]) ^ set(tiles[key]))
    if odd:
        raise CompendiumError("the areas of the tile map and its tiles differ", column=key, found=odd)
    twice = tiles.duplicated(["column", "row"], keep=False)
    if twice.any():
        raise CompendiumError("two areas share a tile", found=list(tiles.loc[twice, "label"]))
    joined = tiles.merge(frame[[key, region, share, group]], on=key, validate="one_to_one")
    columns = [key, "label", region, "column", "row", share, group]
    return joined.sort_values(["row", "column"], ignore_index=True)[columns]


@style.styled
def tile_map(
    frame: pd.DataFrame,
    tiles: pd.DataFrame,
    *,
    share: str,
    group: str,
    region: str,
    legend: str,
    groups: Sequence[str] = ("low", "medium", "high"),
    ranges: Sequence[str] | None = None,
    key: str = "stp21_code",
) -> Figure:
    """Draw the tile-grid map, shaded by class, with the share printed in each tile and regions outlined.

    Parameters
    ----------
    frame, tiles, share, group, region, key : as in `tile_map_data`; ``share`` is in per cent.
    legend : what is shaded, over the key of the map; lines broken by ``\\n``.
    groups : the classes from low to high (at most seven).
    ranges : what each class spans, such as "17.9% or more", printed under its name in the key.

    Returns a figure 160 mm wide.
    """
    data = tile_map_data(frame, tiles, share=share, group=group, region=region, key=key)
    unknown = sorted(set(data[group]) - set(groups))
    if unknown:
        raise CompendiumError(
            "a class has no shade on the tile map", column=group, found=unknown, expected=list(groups)
        )
    colours = dict(zip(groups, style.shades(len(groups)), strict=True))
    figure = style.blank(style.PAGE_MM, (data["row"].max() + 1) * TILE_HEIGHT + 2 * MARGIN)
    axes = style.page(figure)
    for tile in data.to_dict("records"):
        x, y = _corner(tile["column"], tile["row"])
        _tile(axes, x, y, str(tile["label"]), f"{tile[share]:.0f}%", colours[tile[group]])
    _outlines(axes, data, region)
    for name, x, y, side in _region_places(data, region):
        axes.text(x, y, name, ha=side, va="center", color=style.QUIET, fontsize=7, fontweight="bold")
    _key(axes, data[group].value_counts().to_dict(), colours, legend, ranges)
    return figure


def _corner(column: int, row: int) -> tuple[float, float]:
    """Return where the top left corner of a cell lies on the page, in millimetres."""
    return MARGIN + column * TILE_WIDTH, MARGIN + row * TILE_HEIGHT


def _tile(axes: Axes, x: float, y: float, label: str, number: str, colour: str) -> None:
    from matplotlib.patches import Rectangle

    size = (TILE_WIDTH - GAP, TILE_HEIGHT - GAP)
    axes.add_artist(Rectangle((x + GAP / 2, y + GAP / 2), *size, facecolor=colour, linewidth=0))
    ink, middle = style.ink_on(colour), x + TILE_WIDTH / 2
    lines = style.wrapped(label)
    axes.text(middle, y + 5.5, "\n".join(lines), ha="center", va="center", color=ink, fontsize=7, linespacing=1.12)
    axes.text(middle, y + 12.4, number, ha="center", va="center", color=ink, fontsize=7, fontweight="bold")


def _outlines(axes: Axes, data: pd.DataFrame, region: str) -> None:
    """Draw the borders of regions: every tile edge with another region, or nothing, on its far side."""
    from matplotlib.collections import LineCollection

    where = {(c, r): name for c, r, name in zip(data["column"], data["row"], data[region], strict=True)}
    lines = []
    for (c, r), name in where.items():
        (x0, y0), (x1, y1) = _corner(c, r), _corner(c + 1, r + 1)
        sides = {
            (c - 1, r): [(x0, y0), (x0, y1)], (c + 1, r): [(x1, y0), (x1, y1)],
            (c, r - 1): [(x0, y0), (x1, y0)], (c, r + 1): [(x0, y1), (x1, y1)],
        }  # fmt: skip
        lines += [side for neighbour, side in sides.items() if where.get(neighbour) != name]
    axes.add_collection(LineCollection(lines, colors=style.INK, linewidths=0.9, capstyle="round"))


def _region_places(data: pd.DataFrame, region: str) -> list[tuple[str, float, float, str]]:
    """Return (name, x, y, alignment) of a label beside each region, in the free cell nearest its middle row.

    A region that other regions enclose on both sides has no free cell and stays unlabelled.
    """
    taken = set(zip(data["column"], data["row"], strict=True))
    last, places = data["column"].max(), []
    for name, tiles in data.groupby(region, sort=True):
        sides = [
            (abs(r - tiles["row"].mean()), r, c, step)
            for c, r in zip(tiles["column"], tiles["row"], strict=True)
            for step in (-1, 1)
            if (c + step, r) not in taken and 0 <= c + step <= last + 1
        ]
        if sides:
            _, r, c, step = min(sides)
            x, y = _corner(c + (step > 0), r)
            words = "\n".join(style.wrapped(str(name), 13))
            places.append((words, x + 1.2 * step, y + TILE_HEIGHT / 2, "left" if step > 0 else "right"))
    return places


def _key(
    axes: Axes, counts: Mapping[Any, int], colours: dict[str, str], legend: str, ranges: Sequence[str] | None
) -> None:
    """Draw the key in the empty sea of the top right corner, highest class first."""
    from matplotlib.patches import Rectangle

    left, right, y = 107.0, style.PAGE_MM - MARGIN, MARGIN + 1.0
    axes.text(left, y, legend, ha="left", va="top", fontsize=7, fontweight="bold", linespacing=1.25)
    y += 3.4 * (legend.count("\n") + 1) + 1.6
    second = left + 10 + 1.6 * max(map(len, colours))
    for (group, colour), span in reversed(list(zip(colours.items(), ranges or [""] * len(colours), strict=True))):
        axes.add_artist(Rectangle((left, y), 6.4, 4.6, facecolor=colour, linewidth=0))
        middle = y + 2.4
        axes.text(left + 8, middle, group.capitalize(), va="center", fontsize=7)
        axes.text(second, middle, span, va="center", fontsize=7)
        axes.text(right, middle, f"{counts.get(group, 0)} ICSs", ha="right", va="center", fontsize=7)
        y += 5.6


def neighbours_from_practices(practices: pd.DataFrame, key: str = "stp21_code") -> pd.DataFrame:
    """Return pairs of areas that border each other, from where their general practices stand.

    Each practice takes the ground nearest to it (its Voronoi cell, on a plane fitted to the latitude of England).
    Two areas are neighbours where their practices' cells share at least 2 km of edge; an edge counts up to 30 km
    and only between practices at most 30 km apart, which leaves out the sea. A practice with none of its own area
    among its 10 nearest others (an online practice, say) is left out first.

    Parameters
    ----------
    practices : one row per practice with ``Latitude``, ``Longitude`` (degrees) and the area code ``key``.

    Returns columns ``key_a``, ``key_b`` (a before b) and ``edge_km``, sorted.
    """
    import numpy as np
    import pandas as pd
    from scipy.spatial import KDTree, Voronoi

    style.required(practices, ["Latitude", "Longitude", key], "list of neighbours")
    # Practices under one roof are one place; it belongs to the area of most of them.
    places = practices.groupby(["Latitude", "Longitude"])[key].agg(lambda codes: codes.mode().iloc[0]).reset_index()
    km = 111.32  # per degree of latitude
    xy = np.column_stack([places["Longitude"] * km * np.cos(np.radians(52.8)), places["Latitude"] * km])
    area = places[key].to_numpy()
    nearest = KDTree(xy).query(xy, k=min(NEAREST + 1, len(xy)))[1][:, 1:]
    at_home = (area[nearest] == area[:, None]).any(axis=1)
    xy, area = xy[at_home], area[at_home]
    cells = Voronoi(xy)
    shared: dict[tuple[str, str], float] = {}
    for (one, other), (start, end) in zip(cells.ridge_points, cells.ridge_vertices, strict=True):
        if start < 0 or area[one] == area[other] or np.hypot(*(xy[one] - xy[other])) > APART_KM:
            continue
        first, second = sorted((str(area[one]), str(area[other])))
        edge = float(np.hypot(*(cells.vertices[start] - cells.vertices[end])))
        shared[first, second] = shared.get((first, second), 0.0) + min(edge, APART_KM)
    rows = [(*pair, round(edge, 1)) for pair, edge in sorted(shared.items()) if edge >= EDGE_KM]
    return pd.DataFrame(rows, columns=[f"{key}_a", f"{key}_b", "edge_km"])


def neighbour_distances(tiles: pd.DataFrame, neighbours: pd.DataFrame, key: str = "stp21_code") -> pd.Series:
    """Return how many tiles each pair of true neighbours lies apart (1 = touching, corners included).

    The result has the index of ``neighbours``. Raises CompendiumError when an area of a pair has no tile.
    """
    import pandas as pd

    places = tiles.set_index(key)[["column", "row"]]
    ends = []
    for side in (f"{key}_a", f"{key}_b"):
        missing = sorted(set(neighbours[side]) - set(places.index))
        if missing:
            raise CompendiumError("an area of the list of neighbours has no tile", column=side, found=missing)
        ends.append(places.loc[neighbours[side]].to_numpy())
    return pd.Series(abs(ends[0] - ends[1]).max(axis=1), index=neighbours.index, name="tiles_apart")


def region_parts(tiles: pd.DataFrame, region: str) -> dict[str, int]:
    """Return, for each region, into how many parts its tiles fall (1 = all joined edge to edge)."""
    parts = {}
    for name, group in tiles.groupby(region):
        left, count = set(zip(group["column"], group["row"], strict=True)), 0
        while left:
            count, reached = count + 1, [left.pop()]
            while reached:
                c, r = reached.pop()
                touching = {(c - 1, r), (c + 1, r), (c, r - 1), (c, r + 1)} & left
                left -= touching
                reached += touching
        parts[str(name)] = count
    return parts
