"""Disclosure audit: how large the anonymity sets behind published descriptions are. Sizes only, never members.

A case profile is published as a few descriptors (quasi-identifiers). Its anonymity set is every area that fits them
all; its size is the k of k-anonymity (Sweeney, Int J Uncertain Fuzz 2002;10:557-70). Nothing here returns, prints or
raises the name of an area that fits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np
import pandas as pd

from compendium.errors import CompendiumError

EXACT, COARSER, WITHHELD = "as published", "coarser", "withheld"
MOST_DESCRIPTORS = 12  # every choice of them is tried


def set_sizes(population: pd.DataFrame, profiles: pd.DataFrame, descriptors: Sequence[str], key: str) -> pd.DataFrame:
    """Return the size of each profile's anonymity set.

    Parameters
    ----------
    population : one row per area that the profile might describe, with the columns ``descriptors``.
    profiles : one row per published profile, with ``key`` and ``descriptors`` in the same labels; a missing value is a
        descriptor that is not published.
    key : column that names the profile.

    Returns
    -------
    ``key`` and ``set_size``. 0 means that a descriptor was not measured as assumed.

    Raises
    ------
    CompendiumError : a descriptor is missing, or a profile uses a label that the population does not know.
    """
    _check(population, profiles, descriptors, key)
    fits = _fits(population, profiles, descriptors)
    return pd.DataFrame({key: profiles[key].to_numpy(), "set_size": fits.all(axis=0).sum(axis=1)})


def narrowing(population: pd.DataFrame, profiles: pd.DataFrame, descriptors: Sequence[str], key: str) -> pd.DataFrame:
    """Return how much each descriptor narrows each anonymity set; parameters as in `set_sizes`.

    Returns
    -------
    One row per profile and descriptor: ``key``, ``descriptor``, ``set_size`` (all descriptors), ``set_size_without``
    (all but this one), ``narrows_most`` (no other descriptor's removal leaves a larger set, and removal helps at all).
    """
    _check(population, profiles, descriptors, key)
    fits = _fits(population, profiles, descriptors)
    size = fits.all(axis=0).sum(axis=1)
    without = np.stack([np.delete(fits, number, axis=0).all(axis=0).sum(axis=1) for number in range(len(descriptors))])
    most = (without == without.max(axis=0)) & (without > size)
    rows = [
        (profile, descriptor, int(size[i]), int(without[j, i]), bool(most[j, i]))
        for i, profile in enumerate(profiles[key])
        for j, descriptor in enumerate(descriptors)
    ]
    return pd.DataFrame(rows, columns=[key, "descriptor", "set_size", "set_size_without", "narrows_most"])


def coarser_descriptions(
    population: pd.DataFrame,
    profiles: pd.DataFrame,
    descriptors: Sequence[str],
    key: str,
    floor: int,
    coarser: Mapping[str, Mapping[str, str]] | None = None,
) -> pd.DataFrame:
    """Return the least change of each description that lifts its anonymity set to a floor.

    Parameters
    ----------
    population, profiles, descriptors, key : as in `set_sizes`.
    floor : the wanted size.
    coarser : for some descriptors, a coarser label for each label. Using it costs 1, withholding a descriptor 2; the
        cheapest descriptions that reach the floor are returned, all of equal cost.

    Returns
    -------
    ``key``, ``cost`` (0: nothing to change), one column per descriptor ("as published", "coarser", "withheld"),
    ``set_size``.

    Raises
    ------
    CompendiumError : the floor exceeds the population, or a coarser label is missing.
    """
    _check(population, profiles, descriptors, key)
    if not 1 <= floor <= len(population):
        raise CompendiumError("the floor is out of range", found=floor, expected=f"1 to {len(population)}")
    maps = coarser or {}
    exact = _fits(population, profiles, descriptors)
    merged = exact.copy()
    for number, descriptor in enumerate(descriptors):
        if descriptor in maps:
            merged[number] = _fits(
                _relabelled(population, descriptor, maps), _relabelled(profiles, descriptor, maps), [descriptor]
            )[0]
    options = [
        [(EXACT, 0, exact[number]), *([(COARSER, 1, merged[number])] if descriptor in maps else []),
         (WITHHELD, 2, np.ones_like(exact[number]))]
        for number, descriptor in enumerate(descriptors)
    ]  # fmt: skip
    tried = []
    for combination in product(*options):
        sizes = np.logical_and.reduce([fits for _, _, fits in combination]).sum(axis=1)
        tried.append((sum(cost for _, cost, _ in combination), [name for name, _, _ in combination], sizes))
    rows = []
    for position, profile in enumerate(profiles[key]):
        reached = [(cost, names, int(sizes[position])) for cost, names, sizes in tried if sizes[position] >= floor]
        cheapest = min(cost for cost, _, _ in reached)
        rows += [(profile, cost, *names, size) for cost, names, size in reached if cost == cheapest]
    return pd.DataFrame(rows, columns=[key, "cost", *descriptors, "set_size"])


def report(population: pd.DataFrame, profiles: pd.DataFrame, key: str, floor: int) -> list[str]:
    """Return one sentence per profile: its set size, what narrows it most, and what would lift it to the floor.

    Parameters as in `coarser_descriptions`; the descriptors are all columns of the profiles but ``key``.

    Raises
    ------
    CompendiumError : the areas lack a descriptor, a profile has no name of its own, a table has no rows, there are
        more than `MOST_DESCRIPTORS`, or as in `coarser_descriptions`.
    """
    descriptors = [name for name in profiles.columns if name != key]
    lacking = [name for name in descriptors if name not in population.columns]
    if lacking or not descriptors:  # a set counted without a published descriptor would look larger than it is
        raise CompendiumError(
            "the areas lack descriptors of the profiles",
            found=list(population.columns),
            expected=lacking or "at least one descriptor beside the names",
        )
    if profiles.empty or population.empty:
        raise CompendiumError("there is no profile or no area to compare", found="a table without rows")
    names = profiles[key] if key in profiles.columns else None
    if names is None or names.isna().any() or names.duplicated().any():
        raise CompendiumError("every profile needs a name of its own", column=key, found=list(profiles.columns))
    if len(descriptors) > MOST_DESCRIPTORS:
        raise CompendiumError(
            "so many descriptors cannot all be tried", found=len(descriptors), expected=f"at most {MOST_DESCRIPTORS}"
        )
    lifted = coarser_descriptions(population, profiles, descriptors, key, floor)
    lines = []
    for name, part in narrowing(population, profiles, descriptors, key).groupby(key, sort=False):
        size = int(part["set_size"].iloc[0])
        line = f"{name}: {size} of {len(population)} fit"
        most = part[part["narrows_most"]]
        if len(most):
            line += f"; {' and '.join(most['descriptor'])} narrows most ({most['set_size_without'].iloc[0]} without it)"
        if size < floor:
            ways = [
                " and ".join(d for d in descriptors if row[d] == WITHHELD) + f" ({row['set_size']})"
                for _, row in lifted[lifted[key] == name].iterrows()
            ]
            line += f"; to reach {floor}, withhold {', or '.join(ways)}"
        lines.append(line)
    return lines


def small_cells(people: pd.DataFrame, count: str, most: int = 1) -> dict[str, int]:
    """Count the cells of a published table, such as site by role, that hold few people.

    Parameters
    ----------
    people : one row per cell, with the number of people in column ``count``.
    most : the largest number that counts as few.

    Returns
    -------
    ``cells`` (that hold anybody), ``small_cells``, ``people_in_small_cells``.
    """
    numbers = people[count]
    small = numbers.between(1, most)
    return {
        "cells": int((numbers > 0).sum()),
        "small_cells": int(small.sum()),
        "people_in_small_cells": int(numbers[small].sum()),
    }


def quotations_in_small_cells(
    quotations: pd.DataFrame, people: pd.DataFrame, by: Sequence[str], count: str, most: int = 1
) -> dict[str, int]:
    """Count quotations whose published label points into a cell with few people.

    Parameters
    ----------
    quotations : one row per quotation, with the columns ``by``; a missing value is not published.
    people, count, most : as in `small_cells`; ``people`` has the columns ``by``.

    Returns
    -------
    ``quotations``, ``fully_labelled`` (carry all of ``by``), ``in_small_cells``.

    Raises
    ------
    CompendiumError : a label points to a cell that the table does not have, or that holds nobody.
    """
    columns = list(by)
    labelled = quotations.dropna(subset=columns)
    cells = people.set_index(columns)[count]
    numbers = cells.reindex(pd.MultiIndex.from_frame(labelled[columns]) if len(columns) > 1 else labelled[columns[0]])
    empty = ~(numbers > 0).to_numpy()
    if empty.any():
        raise CompendiumError(
            "a quotation is labelled with a cell that holds nobody",
            row=labelled.index[empty][0],
            column=", ".join(columns),
            found=", ".join(str(part) for part in labelled.loc[labelled.index[empty][0], columns]),
        )
    return {
        "quotations": len(quotations),
        "fully_labelled": len(labelled),
        "in_small_cells": int((numbers <= most).sum()),
    }


def _fits(population: pd.DataFrame, profiles: pd.DataFrame, descriptors: Sequence[str]) -> np.ndarray:
    """Return which area fits which profile by which descriptor: booleans of (descriptor, profile, area)."""
    return np.stack(
        [
            (profiles[name].to_numpy()[:, None] == population[name].to_numpy()[None, :])
            | profiles[name].isna().to_numpy()[:, None]
            for name in descriptors
        ]
    )


def _relabelled(frame: pd.DataFrame, descriptor: str, maps: Mapping[str, Mapping[str, str]]) -> pd.DataFrame:
    labels = frame[descriptor]
    lacking = sorted(set(labels.dropna()) - set(maps[descriptor]))
    if lacking:
        raise CompendiumError("a label has no coarser label", column=descriptor, found=lacking)
    return frame.assign(**{descriptor: labels.map(maps[descriptor])})


def _check(population: pd.DataFrame, profiles: pd.DataFrame, descriptors: Sequence[str], key: str) -> None:
    for frame, names, what in (
        (population, descriptors, "the areas"),
        (profiles, [key, *descriptors], "the profiles"),
    ):
        missing = [name for name in names if name not in frame.columns]
        if missing or not descriptors:
            raise CompendiumError(f"{what} lack descriptors", found=missing or "no descriptor", expected=list(names))
    for name in descriptors:
        unknown = sorted(set(profiles[name].dropna()) - set(population[name].dropna()))
        if unknown:
            raise CompendiumError(
                "a profile uses a label that no area has",
                column=name,
                found=unknown,
                expected=sorted(set(population[name].dropna())),
            )
