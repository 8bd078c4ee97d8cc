"""Robustness of the case selection: the high-deprivation subgroup under every reasonable specification.

A specification curve (Simonsohn, Simmons & Nelson, Nat Hum Behav 2020;4:1208-14) for the rule that draws the subgroup:
which data, which measure, how many groups, which quantiles, which side ties fall on, which systems are left out. It
concerns the public rule that draws the subgroup and nothing else.
"""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from itertools import combinations
from math import ceil, floor
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.quantiles import TYPES, place
from compendium.errors import CompendiumError

if TYPE_CHECKING:
    from analysis.snapshot import Snapshot

MEASURES = ("fifth", "tenth", "mean rank")
ROUNDINGS = ("unrounded", "rounded")
TIES = ("above the cut", "at or above the cut")
HELD = {"stp21": "April 2021", "icb22": "July 2022", "icb24": "2024"}
"""When the areas of the published sweep held."""
CHUNK = 128
"""Exclusions evaluated in one piece of work."""
BATCH = 3
"""Pieces that a Dask worker adds up before it answers: every answer costs the scheduler time."""


@dataclass(frozen=True)
class Exclusion:
    """Systems left out before the groups are cut: a family for the tables, and their codes."""

    family: str
    areas: tuple[str, ...] = ()


@dataclass(frozen=True)
class Grid:
    """Levels of each choice; every combination is one specification."""

    data: tuple[tuple[str, str], ...] = (("2019", "stp21"), ("2019", "icb22"), ("2025", "icb24"))
    measures: tuple[str, ...] = MEASURES
    roundings: tuple[str, ...] = ROUNDINGS
    groups: tuple[int, ...] = (2, 3, 4, 5, 6)
    quantile_types: tuple[int, ...] = tuple(TYPES)
    ties: tuple[str, ...] = TIES
    exclusions: tuple[Exclusion, ...] = (Exclusion("none"),)

    def __post_init__(self) -> None:
        known = {"measures": MEASURES, "roundings": ROUNDINGS, "quantile_types": tuple(TYPES), "ties": TIES}
        for item in fields(self):
            levels = getattr(self, item.name)
            if not levels:
                raise CompendiumError("a choice of the sweep has no level", column=item.name)
            unknown = [level for level in levels if level not in known.get(item.name, levels)]
            if unknown:
                raise CompendiumError(
                    "a level of the sweep is unknown", column=item.name, found=unknown, expected=known[item.name]
                )
        if any(groups < 2 for groups in self.groups):
            raise CompendiumError("groups must number at least two", column="groups", found=self.groups)

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of levels: exclusions, data, measures, roundings, groups, quantile types, ties."""
        return tuple(len(levels) for levels in self.levels().values())

    @property
    def size(self) -> int:
        """Number of specifications."""
        return int(np.prod(self.shape))

    def levels(self) -> dict[str, Sequence[str]]:
        """Return the printed name of every level of every choice, in the order of `shape`."""
        return {
            "systems left out": [item.family for item in self.exclusions],
            "data": [f"IMD {imd}, {HELD.get(boundary, boundary)}" for imd, boundary in self.data],
            "measure": self.measures,
            "rounding": self.roundings,
            "groups": [str(groups) for groups in self.groups],
            "quantile type": [str(number) for number in self.quantile_types],
            "ties": self.ties,
        }


@dataclass
class Sweep:
    """What a sweep counted, exactly and in any order of the work.

    selected, eligible : specifications that selected, or could have selected, each area.
    overlaps : for each (choice, level), specifications by size of the intersection and of the union with the study's
        subgroup, an array of (areas + 1, areas + 1); areas left out count in neither.
    sizes : specifications by size of the subgroup.
    """

    areas: tuple[str, ...]
    selected: np.ndarray
    eligible: np.ndarray
    sizes: np.ndarray
    overlaps: dict[tuple[str, str], np.ndarray] = field(default_factory=dict)

    @property
    def specifications(self) -> int:
        """Number of specifications evaluated."""
        return int(self.sizes.sum())

    @property
    def empty(self) -> int:
        """Number of specifications that select nobody."""
        return int(self.sizes[0])

    def __add__(self, other: Sweep) -> Sweep:
        keys = [*self.overlaps, *(key for key in other.overlaps if key not in self.overlaps)]
        nothing = np.zeros_like(self.sizes, shape=(len(self.sizes),) * 2)
        return Sweep(
            self.areas,
            self.selected + other.selected,
            self.eligible + other.eligible,
            self.sizes + other.sizes,
            {key: self.overlaps.get(key, nothing) + other.overlaps.get(key, nothing) for key in keys},
        )


def exclusions(printed: pd.DataFrame) -> tuple[Exclusion, ...]:
    """Return the exclusion rules of the published sweep: nobody, each NHS region, the tercile of small systems.

    ``printed`` has ``ods_code``, ``nhs_region`` and ``population_class``.
    """
    regions = [
        Exclusion(f"without {region}", tuple(sorted(part["ods_code"])))
        for region, part in printed.groupby("nhs_region", sort=True)
    ]
    small = tuple(sorted(printed.loc[printed["population_class"] == "small", "ods_code"]))
    return (Exclusion("none"), *regions, Exclusion("without small systems", small))


def leave_out(areas: Sequence[str], most: int) -> tuple[Exclusion, ...]:
    """Return every way to leave out up to ``most`` systems, starting with none (a delete-d jackknife)."""
    return tuple(
        Exclusion("none" if number == 0 else f"without {number}", chosen)
        for number in range(most + 1)
        for chosen in combinations(areas, number)
    )


def measured(snapshot: Snapshot, grid: Grid, areas: Sequence[str]) -> np.ndarray:
    """Return the measures as an array of (data, measure, rounding, area); higher means more deprived.

    fifth, tenth : % of LSOAs. mean rank : 100 less the mean rank in % of all ranks. Rounded: to whole numbers,
    halves up. No population-weighted measure is here, because no source of the registry gives populations of LSOAs.
    """
    from analysis.deprivation import area_shares
    from analysis.snapshot import rows_of

    values = np.empty((len(grid.data), len(grid.measures), len(grid.roundings), len(areas)))
    for i, (imd, boundary) in enumerate(grid.data):
        counts = rows_of(snapshot.ics_counts, "ics_counts", imd=imd, boundaries=boundary).reindex(list(areas))
        if counts["lsoas"].isna().any():
            raise CompendiumError("the snapshot lacks some areas", found=list(counts.index[counts["lsoas"].isna()]))
        shares = area_shares(counts)
        columns = {
            "fifth": shares["most_deprived_fifth_percent"],
            "tenth": shares["most_deprived_tenth_percent"],
            "mean rank": 100 - 100 * shares["mean_rank"] / counts["lsoas"].sum(),
        }
        for j, measure in enumerate(grid.measures):
            for k, rounding in enumerate(grid.roundings):
                exact = columns[measure].to_numpy()
                values[i, j, k] = np.floor(exact + 0.5) if rounding == "rounded" else exact
    return values


def members(values: np.ndarray, grid: Grid, areas: Sequence[str]) -> np.ndarray:
    """Return who is selected: booleans of the shape `Grid.shape` and one axis of areas; parameters as in `sweep`.

    Above a cut is what is above the value just below the cut's place, and at or above it what is at least the value
    just above that place (`quantiles.place`), so no cut is computed and none is rounded.
    """
    kept = eligibility(grid.exclusions, areas)
    sizes = kept.sum(axis=1)
    if not sizes.all():
        raise CompendiumError(
            "an exclusion leaves no system to select from", found=grid.exclusions[int(sizes.argmin())].family
        )
    flat = values.reshape(-1, len(areas))
    rules = {TIES[0]: (floor, np.greater), TIES[1]: (ceil, np.greater_equal)}
    neighbours = np.empty((len(grid.ties), len(kept), len(flat), len(grid.groups), len(grid.quantile_types)))
    for size in map(int, np.unique(sizes)):  # exclusions that leave as many systems are ordered in one call
        alike = np.flatnonzero(sizes == size)
        ordered = np.sort(flat[:, np.nonzero(kept[alike])[1].reshape(len(alike), size)], axis=-1).swapaxes(0, 1)
        places = [[place(size, groups - 1, groups, kind) for kind in grid.quantile_types] for groups in grid.groups]
        for number, tie in enumerate(grid.ties):
            towards = rules[tie][0]
            neighbours[number, alike] = ordered[..., [[towards(found) - 1 for found in row] for row in places]]
    rows = flat[:, None, None]
    drawn = [rules[tie][1](rows, found[..., None]) for tie, found in zip(grid.ties, neighbours, strict=True)]
    selected = np.stack(drawn, axis=4) & kept[:, None, None, None, None]
    return selected.reshape(*grid.shape, len(areas))


def eligibility(chosen: Sequence[Exclusion], areas: Sequence[str]) -> np.ndarray:
    """Return which areas each exclusion leaves in, as booleans of (exclusion, area)."""
    position = {area: number for number, area in enumerate(areas)}
    kept = np.ones((len(chosen), len(areas)), dtype=bool)
    for row, exclusion in enumerate(chosen):
        unknown = sorted(set(exclusion.areas) - set(position))
        if unknown:
            raise CompendiumError("an exclusion names unknown systems", found=unknown)
        kept[row, [position[area] for area in exclusion.areas]] = False
    return kept


def evaluate(values: np.ndarray, grid: Grid, areas: Sequence[str], study: np.ndarray) -> Sweep:
    """Count one piece of a sweep; ``study`` marks the study's subgroup, other parameters as in `sweep`."""
    drawn = members(values, grid, areas)
    kept = eligibility(grid.exclusions, areas)
    count = len(areas)
    reference = (kept & study)[(slice(None), *[None] * (drawn.ndim - 2))]
    both = (drawn & reference).sum(axis=-1)
    either = (drawn | reference).sum(axis=-1)
    code = both * (count + 1) + either
    overlaps: dict[tuple[str, str], np.ndarray] = {}
    for axis, (choice, levels) in enumerate(grid.levels().items()):
        for position, level in enumerate(levels):
            cells = np.bincount(np.take(code, position, axis=axis).ravel(), minlength=(count + 1) ** 2)
            table = cells.reshape(count + 1, count + 1)
            overlaps[choice, level] = overlaps.get((choice, level), 0) + table
    per_exclusion = drawn[0, ..., 0].size
    return Sweep(
        tuple(areas),
        drawn.sum(axis=tuple(range(drawn.ndim - 1)), dtype=np.int64),
        kept.sum(axis=0, dtype=np.int64) * per_exclusion,
        np.bincount(drawn.sum(axis=-1).ravel(), minlength=count + 1),
        overlaps,
    )


def sweep(
    values: np.ndarray,
    grid: Grid,
    areas: Sequence[str],
    study: Iterable[str],
    *,
    workers: int = 1,
    scheduler: str | None = None,
) -> Sweep:
    """Evaluate every specification of the grid.

    Parameters
    ----------
    values : as `measured` returns them.
    areas : codes of the areas, the last axis of ``values``.
    study : codes of the study's subgroup, with which every other is compared.
    workers : processes on this machine; more than one pays off from some hundred thousand specifications.
    scheduler : address of a Dask scheduler that does the work instead, such as "tcp://127.0.0.1:8786".

    Returns
    -------
    The same counts whatever does the work: they are whole numbers, added up.

    Raises
    ------
    CompendiumError : the study's subgroup is not among the areas, or Dask is missing or does not answer.
    """
    chosen = set(study)
    if not chosen or chosen - set(areas):
        raise CompendiumError("the study's subgroup is empty or unknown", found=sorted(chosen - set(areas)))
    marks = np.array([area in chosen for area in areas])
    starts = range(0, len(grid.exclusions), CHUNK)
    pieces = [(values, _part(grid, start), tuple(areas), marks) for start in starts]
    if scheduler is not None:
        return _distributed(pieces, scheduler)
    if workers > 1 and len(pieces) > 1:
        from concurrent.futures import ProcessPoolExecutor

        with ProcessPoolExecutor(workers) as pool:
            return _sum(pool.map(_evaluate, pieces))
    return _sum(map(_evaluate, pieces))


def stability(counted: Sweep, study: Iterable[str]) -> pd.DataFrame:
    """Return how often each area is in the subgroup.

    Returns
    -------
    ``ods_code``, ``in_study``, ``selected``, ``eligible`` (specifications), ``share`` (of the eligible), ``verdict``
    ("always", "sometimes", "never"), most often selected first.
    """
    chosen = set(study)
    share = counted.selected / counted.eligible
    frame = pd.DataFrame(
        {
            "ods_code": counted.areas,
            "in_study": [area in chosen for area in counted.areas],
            "selected": counted.selected,
            "eligible": counted.eligible,
            "share": share,
            "verdict": np.select([counted.selected == counted.eligible, counted.selected == 0], ["always", "never"],
                                 "sometimes"),
        }
    )  # fmt: skip
    return frame.sort_values(["share", "ods_code"], ascending=[False, True], ignore_index=True)


def agreement_by_level(counted: Sweep) -> pd.DataFrame:
    """Return how each choice moves the subgroup away from the study's.

    Returns
    -------
    ``choice``, ``level``, ``specifications``, ``identical`` (specifications with the study's subgroup, less those left
    out), ``mean_jaccard``, ``lowest_jaccard``.
    """
    size = len(counted.sizes)
    both, either = np.indices((size, size))
    jaccard = np.divide(both, either, out=np.ones((size, size)), where=either > 0)
    rows = []
    for (choice, level), table in counted.overlaps.items():
        total = int(table.sum())
        rows.append((choice, level, total, int(np.trace(table)), float((table * jaccard).sum() / total),
                     float(jaccard[table > 0].min())))  # fmt: skip
    columns = ["choice", "level", "specifications", "identical", "mean_jaccard", "lowest_jaccard"]
    return pd.DataFrame(rows, columns=columns)


def jaccard_matrix(drawn: np.ndarray) -> np.ndarray:
    """Return the Jaccard similarity of every two rows of booleans (specification, area); 1 for two empty rows."""
    rows = drawn.astype(np.int64)
    both = rows @ rows.T
    sizes = np.diag(both)
    either = sizes[:, None] + sizes[None, :] - both
    return np.divide(both, either, out=np.ones(both.shape), where=either > 0)


def _part(grid: Grid, start: int) -> Grid:
    return Grid(**{**vars(grid), "exclusions": grid.exclusions[start : start + CHUNK]})


def _evaluate(piece: tuple[np.ndarray, Grid, tuple[str, ...], np.ndarray]) -> Sweep:
    return evaluate(*piece)


def _evaluate_all(pieces: Iterable[tuple[np.ndarray, Grid, tuple[str, ...], np.ndarray]]) -> Sweep:
    return _sum(map(_evaluate, pieces))


def _sum(parts: Iterable[Sweep]) -> Sweep:
    total: Sweep | None = None
    for part in parts:
        total = part if total is None else total + part
    assert total is not None  # a grid has at least one exclusion
    return total


def _distributed(pieces: list[tuple[np.ndarray, Grid, tuple[str, ...], np.ndarray]], scheduler: str) -> Sweep:
    """Let the workers of a Dask scheduler do the pieces; a piece lost with its worker is done again by another."""
    try:
        from distributed import Client, as_completed
    except ImportError as error:
        raise CompendiumError(
            "Dask is not installed", found="no module 'distributed'", expected="the extra 'distributed'"
        ) from error
    client = None
    with contextlib.suppress(OSError, ValueError):
        client = Client(scheduler, timeout=10)
    if client is None:
        gc.collect()  # the half-open client goes now: were it to go while another starts, that one would wait for ever
        raise CompendiumError("the Dask scheduler does not answer", found=scheduler)
    with client:
        # The results are added as they come: what is already added needs no worker's memory any more.
        batches = [pieces[start : start + BATCH] for start in range(0, len(pieces), BATCH)]
        futures = client.map(_evaluate_all, batches, pure=False)
        return _sum(future.result() for future in as_completed(futures))
