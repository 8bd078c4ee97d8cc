"""The specification curve: how like the study's subgroup every other one is, and which choices matter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compendium.errors import CompendiumError
from compendium.figures import style

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy as np
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from analysis.robustness import Grid

BINS = 90
LEFT_MM, RIGHT_MM, CURVE_MM, LEVEL_MM, GAP_MM, TOP_MM, FOOT_MM = 59.0, 4.0, 42.0, 3.3, 2.2, 3.0, 9.0


def jaccard_of_each(drawn: np.ndarray, grid: Grid, areas: Sequence[str], study: Iterable[str]) -> np.ndarray:
    """Return the Jaccard similarity of each specification's subgroup with the study's, in the shape of the grid.

    Systems that a specification leaves out count in neither subgroup; two empty subgroups are alike.
    """
    import numpy as np

    from analysis.robustness import eligibility

    chosen = set(study)
    marks = np.array([area in chosen for area in areas])
    kept = eligibility(grid.exclusions, areas) & marks
    reference = kept[(slice(None), *[None] * (drawn.ndim - 2))]
    both = (drawn & reference).sum(axis=-1)
    either = (drawn | reference).sum(axis=-1)
    return np.divide(both, either, out=np.ones(both.shape), where=either > 0)


def specification_curve_data(jaccard: np.ndarray, grid: Grid, bins: int = BINS) -> pd.DataFrame:
    """Return what `specification_curve` plots: specifications in order of similarity, in bins of equal size.

    Specifications of the same similarity are averaged.

    Parameters
    ----------
    jaccard : as `jaccard_of_each` returns it.

    Returns
    -------
    One row per bin and level: ``bin`` (1 = least similar), ``lowest``, ``median`` and ``highest`` similarity of the
    bin, ``choice``, ``level``, ``share`` (of the bin's specifications that take this level).
    """
    import numpy as np
    import pandas as pd

    if jaccard.shape != grid.shape:
        raise CompendiumError(
            "similarities and specifications differ in number", found=jaccard.shape, expected=grid.shape
        )
    # Specifications of equal similarity have no order among themselves, so each bin takes their average.
    similar, group = np.unique(jaccard.ravel().round(12), return_inverse=True)
    sizes = np.bincount(group)
    ends = np.cumsum(sizes)
    edges = np.linspace(0, ends[-1], min(bins, ends[-1]) + 1)
    overlap = np.minimum(edges[1:, None], ends) - np.maximum(edges[:-1, None], ends - sizes)
    weights = np.clip(overlap, 0, None) / np.diff(edges)[:, None]  # bin, similarity
    places = np.unravel_index(np.arange(jaccard.size), grid.shape)
    rows = []
    for (choice, levels), place in zip(grid.levels().items(), places, strict=True):
        names = np.array(levels)[place]
        for level in dict.fromkeys(levels):
            shares = weights @ (np.bincount(group, weights=names == level) / sizes)
            for number, share in enumerate(shares):
                inside = similar[weights[number] > 0]
                middle = similar[np.searchsorted(np.cumsum(weights[number]), 0.5)]
                rows.append((number + 1, inside[0], middle, inside[-1], choice, level, share))
    return pd.DataFrame(rows, columns=["bin", "lowest", "median", "highest", "choice", "level", "share"])


@style.styled
def specification_curve(data: pd.DataFrame, specifications: int) -> Figure:
    """Draw the curve above, and below it, for each level, where along the curve it is frequent.

    ``data`` is as `specification_curve_data` returns it. Choices of a single level are left out.
    """
    choices = {
        str(choice): list(dict.fromkeys(part["level"]))
        for choice, part in data.groupby("choice", sort=False)
        if part["level"].nunique() > 1
    }
    below = sum(len(levels) * LEVEL_MM + GAP_MM for levels in choices.values())
    figure = style.blank(style.PAGE_MM, TOP_MM + CURVE_MM + GAP_MM + below + FOOT_MM)
    page = style.page(figure)
    width = style.PAGE_MM - LEFT_MM - RIGHT_MM
    _curve(style.panel(figure, LEFT_MM, TOP_MM, width, CURVE_MM), data)
    top = TOP_MM + CURVE_MM + GAP_MM
    for choice, levels in choices.items():
        height = len(levels) * LEVEL_MM
        _levels(style.panel(figure, LEFT_MM, top, width, height), data[data["choice"] == choice], levels)
        name = choice.capitalize().replace(" ", "\n", 1)
        page.text(2, top + height / 2, name, ha="left", va="center", fontsize=7, fontweight="bold", linespacing=1.1)
        top += height + GAP_MM
    order = f"{specifications:,} specifications, from the least to the most like the study's subgroup"
    page.text(LEFT_MM + width / 2, top + 2.5, order, ha="center", va="center")
    shade = "Darker: more of these specifications take this level"
    page.text(LEFT_MM + width / 2, top + 6.5, shade, ha="center", va="center", fontsize=7, color=style.QUIET)
    return figure


def _curve(axes: Axes, data: pd.DataFrame) -> None:
    bins = data.drop_duplicates("bin")
    axes.fill_between(bins["bin"], bins["lowest"], bins["highest"], step="mid", color=style.LOW, linewidth=0)
    axes.step(bins["bin"], bins["median"], where="mid", color=style.HIGH, linewidth=1.2)
    axes.set(xlim=(0.5, bins["bin"].max() + 0.5), ylim=(0, 1.02), xticks=[], yticks=[0, 0.25, 0.5, 0.75, 1])
    axes.set_ylabel("Similarity to the study's\nsubgroup (Jaccard)")
    axes.grid(axis="y")
    axes.spines["bottom"].set_visible(False)


def _levels(axes: Axes, data: pd.DataFrame, levels: list[str]) -> None:
    from matplotlib.colors import LinearSegmentedColormap

    table = data.pivot(index="level", columns="bin", values="share").loc[levels].to_numpy()
    shades = LinearSegmentedColormap.from_list("house", [style.PAPER, style.LOW, style.MEDIUM, style.HIGH])
    # 0 is white; twice a level's fair share or more is darkest, so levels of different choices can be compared.
    axes.imshow(table, aspect="auto", cmap=shades, vmin=0, vmax=2 / len(levels), interpolation="nearest")
    axes.set_xticks([])
    axes.set_yticks(range(len(levels)), levels, fontsize=7)
    axes.tick_params(axis="y", length=0, pad=2)
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)
