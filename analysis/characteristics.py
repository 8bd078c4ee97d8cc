"""Characteristics of the integrated care systems: quantile cuts, classes, printed labels recovered, correlations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import ceil, floor

import numpy as np
import pandas as pd

from analysis.quantiles import LINEAR, TYPES, place
from compendium.errors import CompendiumError

KEYS = ["stp21_code", "ics_name"]


@dataclass(frozen=True)
class ClassedVariable:
    """A characteristic printed with its tercile class: its column, the class column, labels from low to high."""

    column: str
    class_column: str
    labels: tuple[str, ...]
    title: str


CLASSED = (
    ClassedVariable(
        "urban_percent", "urban_class", ("more rural", "mixed", "more urban"), "LSOAs classed as urban (%)"
    ),
    ClassedVariable("population", "population_class", ("small", "medium", "large"), "Population"),
    ClassedVariable("utla_count", "utla_class", ("low", "medium", "high"), "Upper tier local authorities"),
    ClassedVariable("trust_count", "trust_class", ("low", "medium", "high"), "NHS trusts"),
    ClassedVariable(
        "most_deprived_fifth_percent",
        "deprivation_class",
        ("low", "medium", "high"),
        "LSOAs in the most deprived fifth (%)",
    ),
)


@dataclass(frozen=True)
class Correlation:
    """Pearson's r and Spearman's rho (ranks averaged over ties) of two columns over ``n`` complete pairs."""

    x: str
    y: str
    pearson: float
    spearman: float
    n: int


def join(areas: pd.DataFrame, *tables: pd.DataFrame) -> pd.DataFrame:
    """Join tables of one row per ICS to the areas, in the order the areas are printed.

    Parameters
    ----------
    areas : columns ``stp21_code``, ``ics_name``, ``nhs_region``, ``printed_order`` and others.
    tables : each with ``stp21_code`` and columns of its own; ``ics_name``, ``source`` and ``place`` are taken
        from ``areas`` alone.

    Returns
    -------
    One row per area: ``stp21_code``, ``ods_code``, ``ics_name``, ``nhs_region``, then every table's columns.

    Raises
    ------
    CompendiumError : a table has an area too few, too many or twice.
    """
    kept = ["stp21_code", "ods_code", "ics_name", "nhs_region"]
    joined = areas.sort_values("printed_order")[kept].reset_index(drop=True)
    expected = set(joined["stp21_code"])
    for table in tables:
        codes = table["stp21_code"]
        wrong = sorted(set(codes) ^ expected) or sorted(codes[codes.duplicated()])
        if wrong:
            raise CompendiumError(
                "the tables to join do not hold each ICS exactly once",
                column="stp21_code",
                found=wrong,
                expected=f"{len(expected)} ICSs, each once",
            )
        own = table.drop(columns=["ics_name", "source", "place"], errors="ignore")
        joined = joined.merge(own, on="stp21_code", how="left", validate="one_to_one")
    return joined


def class_cuts(values: Sequence[float] | pd.Series, groups: int = 3, quantile_type: int = LINEAR) -> np.ndarray:
    """Return the ``groups - 1`` cut points that divide ``values`` into equal groups.

    Parameters
    ----------
    values : numbers; missing values are left out.
    groups : 3 for terciles.
    quantile_type : Hyndman and Fan's type, 1-9; 7 interpolates linearly and is the default of R, NumPy and Excel.

    Raises
    ------
    CompendiumError : fewer than two groups, an unknown type, an infinite value, or no value at all.
    """
    if isinstance(groups, bool) or not isinstance(groups, int | np.integer) or groups < 2:
        raise CompendiumError("the number of groups is not usable", found=groups, expected="an integer of at least 2")
    if quantile_type not in TYPES:
        raise CompendiumError("the quantile type is unknown", found=quantile_type, expected="1 to 9 (Hyndman-Fan)")
    known = _numbers(values)
    known = known[~np.isnan(known)]
    if known.size == 0:
        raise CompendiumError("no value is left to cut into groups", found="no number", expected="at least one")
    if not np.isfinite(known).all():
        raise CompendiumError("a value to cut into groups is infinite", expected="finite numbers")
    ordered = np.sort(known)
    places = [place(known.size, part, groups, quantile_type) for part in range(1, groups)]
    lower, upper = (ordered[[towards(found) - 1 for found in places]] for towards in (floor, ceil))
    # Equal neighbours and whole places give a value itself, so a cut that is a value equals it to the last bit.
    return lower + np.array([float(found % 1) for found in places]) * (upper - lower)


def classify(
    values: Sequence[float] | pd.Series, cuts: Sequence[float] | np.ndarray, labels: Sequence[str]
) -> pd.Series:
    """Return the class of each value; a value that equals a cut falls towards the middle group.

    With two cuts: below the lower cut is low, from cut to cut inclusive is medium, above the upper cut is
    high. That rule gives every class printed in the thesis. With more cuts, those below the middle send
    their ties up and those above it send them down; an exactly central cut sends them down, so that the
    highest group always lies strictly above its cut.

    Parameters
    ----------
    values : numbers; a missing value has a missing class. The index is kept.
    cuts : ascending (equal neighbours allowed), as ``class_cuts`` returns them.
    labels : one more than the cuts, from low to high.

    Raises
    ------
    CompendiumError : the cuts descend, or cuts and labels do not fit.
    """
    edges = np.asarray(cuts, dtype=float)
    if len(labels) != edges.size + 1:
        raise CompendiumError("labels and cuts do not fit", found=f"{len(labels)} labels", expected=f"{edges.size + 1}")
    if np.isnan(edges).any() or (np.diff(edges) < 0).any():
        raise CompendiumError("the cuts are not in ascending order", found=edges.tolist())
    numbers = _numbers(values)
    lower = np.arange(edges.size) < (edges.size - 1) / 2
    reached = np.where(lower, numbers[:, None] >= edges, numbers[:, None] > edges)
    # A cut equal to a later one must not be skipped: a value passes a cut only if it passes all before it.
    group = np.logical_and.accumulate(reached, axis=1).sum(axis=1)
    classes = np.where(np.isnan(numbers), None, np.asarray(list(labels), dtype=object)[group])
    index = values.index if isinstance(values, pd.Series) else None
    return pd.Series(classes, index=index, dtype=object)


def class_labels(groups: int) -> tuple[str, ...]:
    """Return labels from low to high for any number of groups ("low", "medium", "high" for three)."""
    if groups == 2:
        return ("low", "high")
    if groups == 3:
        return ("low", "medium", "high")
    return tuple(f"group {number} of {groups}" for number in range(1, groups + 1))


def recovered_classes(frame: pd.DataFrame, quantile_type: int = LINEAR) -> pd.DataFrame:
    """Recompute every printed tercile label from the printed values.

    Parameters
    ----------
    frame : one row per ICS with the columns of ``CLASSED`` and the keys, as ``join`` returns it.

    Returns
    -------
    One row per variable and ICS: ``variable``, ``stp21_code``, ``ics_name``, ``value``, ``lower_cut``,
    ``upper_cut``, ``printed``, ``recovered``, ``agrees``.
    """
    parts = []
    for variable in CLASSED:
        values = frame[variable.column]
        cuts = class_cuts(values, 3, quantile_type)
        part = frame[KEYS].assign(
            variable=variable.column,
            value=values.astype(float),
            lower_cut=cuts[0],
            upper_cut=cuts[1],
            printed=frame[variable.class_column].astype(object),
            recovered=classify(values, cuts, variable.labels),
        )
        parts.append(part.assign(agrees=part["printed"] == part["recovered"]))
    columns = ["variable", *KEYS, "value", "lower_cut", "upper_cut", "printed", "recovered", "agrees"]
    return pd.concat(parts, ignore_index=True)[columns]


def agreement_by_quantile_type(frame: pd.DataFrame) -> pd.DataFrame:
    """Return, for each of the nine quantile types, how many printed labels it recovers.

    Columns: ``quantile_type``, ``method``, ``labels``, ``agree``, and one count per classed variable.
    """
    rows = []
    for number, method in TYPES.items():
        recovered = recovered_classes(frame, number)
        by_variable = recovered.groupby("variable", sort=False)["agrees"].sum().astype(int)
        rows.append(
            {
                "quantile_type": number,
                "method": method,
                "labels": len(recovered),
                "agree": int(recovered["agrees"].sum()),
                **by_variable.to_dict(),
            }
        )
    return pd.DataFrame(rows)


def cut_points(frame: pd.DataFrame, groups: int = 3, quantile_type: int = LINEAR) -> pd.DataFrame:
    """Return the cuts of every classed variable: ``variable``, ``title``, ``cut`` (1 = lowest), ``value``."""
    return pd.DataFrame(
        {"variable": variable.column, "title": variable.title, "cut": number, "value": float(value)}
        for variable in CLASSED
        for number, value in enumerate(class_cuts(frame[variable.column], groups, quantile_type), start=1)
    )


def bounds_check(frame: pd.DataFrame, bounds: pd.DataFrame, quantile_type: int = LINEAR) -> pd.DataFrame:
    """Compare the printed class bounds with the bounds computed from the printed values.

    The computed bounds of a class run from cut to cut, with the highest value as the last upper bound.
    They are rounded as the bound is printed: to whole per cent, or to 0.1 million people.

    Parameters
    ----------
    frame : as ``join`` returns it.
    bounds : ``variable``, ``class_label``, ``lower``, ``upper``, ``place``, as in ``class_bounds.csv``.

    Returns
    -------
    ``bounds`` with ``computed_lower``, ``computed_upper`` (unrounded) and ``agrees``.
    """
    computed = []
    for row in bounds.itertuples():
        variable = next((v for v in CLASSED if v.column == row.variable), None)
        if variable is None or row.class_label not in variable.labels[1:]:
            raise CompendiumError(
                "no bounds can be computed for this class", found=f"{row.variable}: {row.class_label}"
            )
        values = frame[variable.column]
        edges = [*class_cuts(values, len(variable.labels), quantile_type), float(values.max())]
        position = variable.labels.index(str(row.class_label)) - 1
        computed.append((float(edges[position]), float(edges[position + 1])))
    result = bounds.copy()
    result["computed_lower"] = [low for low, _ in computed]
    result["computed_upper"] = [high for _, high in computed]
    step = np.where(bounds["variable"] == "population", 100_000, 1)
    result["agrees"] = np.isclose(_rounded(result["computed_lower"], step), bounds["lower"]) & np.isclose(
        _rounded(result["computed_upper"], step), bounds["upper"]
    )
    return result


def summary(frame: pd.DataFrame) -> pd.DataFrame:
    """Describe the classed variables: n, minimum, quartiles, median, maximum and mean over the ICSs."""
    quartiles = ("lower_quartile", "median", "upper_quartile")
    return pd.DataFrame(
        {
            "variable": variable.column,
            "title": variable.title,
            "n": int(frame[variable.column].count()),
            "minimum": float(frame[variable.column].min()),
            **dict(zip(quartiles, map(float, class_cuts(frame[variable.column], 4)), strict=True)),
            "maximum": float(frame[variable.column].max()),
            "mean": float(frame[variable.column].mean()),
        }
        for variable in CLASSED
    )


def correlation(frame: pd.DataFrame, x: str, y: str) -> Correlation:
    """Correlate two columns over the rows where both are known.

    Spearman's rho is Pearson's r of the ranks, ties given their mean rank, so SciPy need not be imported.

    Raises
    ------
    CompendiumError : a column is missing, fewer than three pairs are complete, or a column is constant.
    """
    for column in (x, y):
        if column not in frame.columns:
            raise CompendiumError("the column to correlate is missing", column=column, expected=list(frame.columns))
    pairs = frame[[x, y]].astype(float).dropna()
    if len(pairs) < 3 or (pairs.nunique() < 2).any():
        raise CompendiumError(
            "a correlation needs three complete pairs and two different values in each column",
            column=f"{x}, {y}",
            found=f"{len(pairs)} complete pairs",
        )
    ranks = pairs.rank(method="average")
    return Correlation(x, y, _pearson(pairs[x], pairs[y]), _pearson(ranks[x], ranks[y]), len(pairs))


def complexity_correlations(frame: pd.DataFrame) -> pd.DataFrame:
    """Correlate population with the counts of authorities and trusts.

    Columns: ``x``, ``y``, ``pearson``, ``spearman``, ``n``; one row per count.
    """
    return pd.DataFrame([asdict(correlation(frame, "population", y)) for y in ("utla_count", "trust_count")])


def _pearson(x: pd.Series, y: pd.Series) -> float:
    return float(np.corrcoef(x.to_numpy(), y.to_numpy())[0, 1])


def _numbers(values: Sequence[float] | pd.Series) -> np.ndarray:
    return pd.to_numeric(pd.Series(values), errors="raise").to_numpy(dtype=float, na_value=np.nan)


def _rounded(values: pd.Series, step: np.ndarray) -> np.ndarray:
    return np.floor(values.to_numpy() / step + 0.5) * step


def tercile_classes(values: pd.Series, labels: Sequence[str]) -> pd.Series:
    """Return the tercile class of each value, as the data packages declare it with ``tercileClasses``."""
    return classify(values, class_cuts(values, len(labels)), labels)


RULES = {"tercileClasses": tercile_classes}
"""How the rules that the data packages declare are checked: property of a table's schema -> its function."""
