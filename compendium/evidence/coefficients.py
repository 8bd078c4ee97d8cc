"""Coefficients of agreement on nominal data, from how many coders put each unit into each category.

``ratings`` is units x categories: how many coders put the unit there (a coder who did not read it counts nowhere);
``weight`` says how many units of text each row stands for. Only units that two or more coders rated count, except for
the chance agreement of Gwet's AC1, to which every rated unit contributes, as its author has it.

Sources: Cohen (1960, Educ Psychol Meas 20:37-46) for kappa; Krippendorff (2019, Content Analysis, 4th ed., chapter 12)
for alpha; Gwet (2008, Br J Math Stat Psychol 61:29-48) for AC1 and, for several raters with gaps, Gwet (2014, Handbook
of Inter-Rater Reliability, 4th ed.).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

Array = np.ndarray


def percent_agreement(ratings: Array, weight: ArrayLike | None = None) -> float:
    """Return the share of pairs of ratings of a unit that agree, averaged over units (0-100)."""
    shared, weight = _shared(ratings, weight)
    return 100 * _mean(_agreeing(shared), weight)


def krippendorff_alpha(ratings: Array, weight: ArrayLike | None = None) -> float:
    """Return Krippendorff's alpha for nominal data; missing where there is nothing to disagree about."""
    shared, weight = _shared(ratings, weight)
    totals = (shared * weight[:, None]).sum(axis=0)
    return float(alphas(totals[None], np.array([(disagreement(shared) * weight).sum()]))[0])


def disagreement(ratings: Array) -> Array:
    """Return each unit's part of the observed disagreement: its ratings in coincidences of unlike values."""
    size = ratings.sum(axis=1)
    unlike = size**2 - (ratings**2).sum(axis=1)
    return np.divide(unlike, size - 1, out=np.zeros(len(ratings)), where=size > 1)


def alphas(totals: Array, unlike: Array) -> Array:
    """Return Krippendorff's alpha from sums over units.

    Parameters
    ----------
    totals : n x categories, ratings in each category.
    unlike : n, observed disagreement (the sum of `disagreement`).
    """
    size = totals.sum(axis=-1)
    expected = size**2 - (totals**2).sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = 1 - (size - 1) * unlike / expected
    # What chance alone leaves is a rounding error where every rating is in one category.
    return np.where(expected > 1e-9 * np.maximum(size, 1) ** 2, found, np.nan)


def gwet_ac1(ratings: Array, weight: ArrayLike | None = None) -> float:
    """Return Gwet's AC1; missing where nobody rated a unit that another rated, or there is one category."""
    rated, heavy = _rated(ratings, weight)
    shared, weight = _shared(ratings, weight)
    if not weight.sum() or ratings.shape[1] < 2:
        return float("nan")
    share = (rated / rated.sum(axis=1)[:, None] * heavy[:, None]).sum(axis=0) / heavy.sum()
    chance = float((share * (1 - share)).sum()) / (ratings.shape[1] - 1)
    observed = _mean(_agreeing(shared), weight)
    return (observed - chance) / (1 - chance)


def kappas(tables: Array) -> Array:
    """Return Cohen's kappa of each cross table (n x 2 x 2); missing where chance alone explains all.

    Chance explains all where the table is empty, or where both coders always say the same.
    """
    total = tables.sum(axis=(1, 2)).astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        observed = np.trace(tables, axis1=1, axis2=2) / total
        expected = (tables.sum(axis=1) * tables.sum(axis=2)).sum(axis=1) / total**2
        found = (observed - expected) / (1 - expected)
    return np.where((total > 0) & (expected < 1 - 1e-12), found, np.nan)


def _agreeing(ratings: Array) -> Array:
    size = ratings.sum(axis=1)
    return (ratings * (ratings - 1)).sum(axis=1) / (size * (size - 1))


def _rated(ratings: Array, weight: ArrayLike | None, least: int = 1) -> tuple[Array, Array]:
    weight = np.ones(len(ratings)) if weight is None else np.asarray(weight, dtype=float)
    kept = ratings.sum(axis=1) >= least
    return ratings[kept].astype(float), weight[kept]


def _shared(ratings: Array, weight: ArrayLike | None) -> tuple[Array, Array]:
    return _rated(ratings, weight, 2)


def _mean(values: Array, weight: Array) -> float:
    return float((values * weight).sum() / weight.sum()) if weight.sum() else float("nan")
