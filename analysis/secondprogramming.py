"""Independent second programming: the key results of this package beside those of `R/second_programming.R`.

Two programs that share no code and read the same files are the standard check of clinical statistics against errors of
programming. R's results are kept in `data/derived/second_programming.csv`, so that the comparison can be shown where
there is no R; a test runs the script and holds the kept file to what it prints.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis import audit, deprivation, participants, quantiles, robustness, selection
from analysis.characteristics import CLASSED, class_cuts, classify, complexity_correlations
from analysis.snapshot import Snapshot
from compendium.errors import CompendiumError

KEY = ["result", "variable", "item"]
TOLERANCE = 1e-12
"""Relative difference at which two numbers still count as equal."""
SEED = 14_580
SAMPLED = 1000
"""How many of the sweep's specifications both programs evaluate, and where the generator that draws them starts."""
AUDITED = ("most_deprived_fifth_percent", "urban_percent", "population")


def results(printed: pd.DataFrame, people: pd.DataFrame, snapshot: Snapshot) -> pd.DataFrame:
    """Return this package's results, keyed as the R script keys its own.

    Parameters
    ----------
    printed : one row per ICS, as `analysis.characteristics.join` returns it from the three printed tables.
    people : the table ``interviewees``.
    snapshot : the counts of raw open data.

    Returns
    -------
    ``result``, ``variable``, ``item`` (text, together unique) and ``value`` (text or float).
    """
    cells: list[tuple[str, str, str, object]] = []
    codes = list(printed["stp21_code"])
    for item in CLASSED:
        values = printed[item.column]
        for number in quantiles.TYPES:
            cuts = zip(("lower", "upper"), class_cuts(values, 3, number), strict=True)
            cells += [(f"cut, type {number}", item.column, place, float(cut)) for place, cut in cuts]
        labels = classify(values, class_cuts(values), item.labels)
        cells += [("class", item.column, code, label) for code, label in zip(codes, labels, strict=True)]
    for groups in range(2, 7):
        drawn = set(selection.select(printed, selection.Specification(groups=groups)).members["stp21_code"])
        cells += [("subgroup", f"top of {groups}", code, "in" if code in drawn else "out") for code in codes]
    for row in complexity_correlations(printed).itertuples():
        cells += [("correlation", f"{row.x} and {row.y}", name, getattr(row, name)) for name in ("pearson", "spearman")]
    cells += [("total", name, "all", float(printed[name].sum())) for name in ("vanguards", "pioneers")]

    wide = participants.by_site_and_sector(people).set_index("site")
    by_margin = {
        "site": wide["Total"].drop("Total"),
        "sector": wide.loc["Total"].drop("Total"),
        "sector_group": participants.by_group(people).set_index("sector_group")["interviewees"],
    }
    for margin, sums in by_margin.items():
        cells += [("interviewees", margin, str(name), float(count)) for name, count in sums.items()]
    cells.append(("interviewees", "total", "all", float(participants.sample_size(people))))

    counts = snapshot.ics_counts
    swept = [f"{imd} {boundary}" for imd, boundary in robustness.Grid().data]
    counts = counts[(counts["imd"].astype(str) + " " + counts["boundaries"]).isin(swept)]
    names = counts["imd"].astype(str) + " " + counts["boundaries"] + " " + counts["area"]
    for variable, values in deprivation.area_shares(counts).items():
        cells += [("recomputed", str(variable), name, value) for name, value in zip(names, values, strict=True)]
    agreed = audit.cells(audit.comparisons(printed, snapshot)).groupby("variable")["agrees"].sum()
    cells += [("printed values that agree", variable, "all", float(agreed[variable])) for variable in AUDITED]
    cells += specifications(printed, snapshot)
    return pd.DataFrame(cells, columns=[*KEY, "value"])


def specifications(printed: pd.DataFrame, snapshot: Snapshot) -> list[tuple[str, str, str, object]]:
    """Return the subgroups of a random thousand of the published sweep's specifications.

    Returns
    -------
    ("specification", the systems left out, the other choices, ODS codes of the subgroup in order); parameters as in
    `results`.
    """
    grid = robustness.Grid(exclusions=robustness.exclusions(printed))
    areas = sorted(printed["ods_code"])
    drawn = robustness.members(robustness.measured(snapshot, grid, areas), grid, areas).reshape(grid.size, -1)
    found: list[tuple[str, str, str, object]] = []
    for number in sample(grid.size, SAMPLED):
        exclusion, data, measure, rounding, groups, kind, tie = map(int, np.unravel_index(number, grid.shape))
        family = grid.exclusions[exclusion].family.replace("none", "without nobody")
        choices = (" ".join(grid.data[data]), grid.measures[measure], grid.roundings[rounding], grid.groups[groups],
                   grid.quantile_types[kind], grid.ties[tie])  # fmt: skip
        members = " ".join(area for area, chosen in zip(areas, drawn[number], strict=True) if chosen)
        found.append(("specification", family, ", ".join(map(str, choices)), members))
    return found


def sample(of: int, size: int, seed: int = SEED) -> list[int]:
    """Return ``size`` different numbers below ``of``, the same in any language.

    Drawn by the minimal standard generator of Park and Miller (Commun ACM 1988;31:1192-201).
    """
    state, chosen = seed, dict[int, None]()
    while len(chosen) < size:
        state = 16807 * state % 2147483647
        chosen[state % of] = None
    return list(chosen)


def compared(ours: pd.DataFrame, theirs: pd.DataFrame) -> pd.DataFrame:
    """Compare two programs' results cell by cell.

    Parameters
    ----------
    ours, theirs : the columns of `results`; numbers may stand as text.

    Returns
    -------
    The key columns, ``ours``, ``theirs`` and ``agrees``: texts equal, numbers within `TOLERANCE`. A cell that only one
    program has does not agree.

    Raises
    ------
    CompendiumError : a cell stands twice.
    """
    for frame in (ours, theirs):
        twice = frame.duplicated(KEY)
        if twice.any():
            found = ", ".join(map(str, frame[twice].iloc[0][KEY]))
            raise CompendiumError("a result of the second programming stands twice", found=found)
    both = ours.rename(columns={"value": "ours"}).merge(
        theirs.rename(columns={"value": "theirs"}), on=KEY, how="outer", sort=True
    )
    return both.assign(agrees=[_agree(a, b) for a, b in zip(both["ours"], both["theirs"], strict=True)])


def by_result(both: pd.DataFrame) -> pd.DataFrame:
    """Count what `compared` found: ``result``, ``cells``, ``agree``; one row per kind of result, cuts together."""
    kind = both["result"].str.replace(r", type \d$", "", regex=True).rename("result")
    counted = both.groupby(kind, sort=True)["agrees"].agg(cells="size", agree="sum")
    return counted.astype(int).reset_index()


def _agree(ours: object, theirs: object) -> bool:
    try:
        first, second = float(ours), float(theirs)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return isinstance(ours, str) and ours == theirs
    return abs(first - second) <= TOLERANCE * max(abs(first), abs(second))
