"""The audit: every printed characteristic of the 42 ICSs against a recomputation from raw open data.

A definition says how a variable could have been computed. The audit tries all of them, counts how many of the 42
printed values each gives back, and never changes a printed value. Reasons are worded from these comparisons alone.
A variable whose source is not open is compared with a surrogate; that tests nothing, and its verdict says so.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.characteristics import CLASSED, class_cuts, classify
from analysis.definitions import AUDITED, DEFINITIONS, SURROGATES, Definition
from analysis.snapshot import Snapshot
from compendium.errors import CompendiumError

PERCENTAGES = ("urban_percent", "most_deprived_fifth_percent")
HIGH = "high"
AGREES, DIFFERS, NOT_TESTABLE = "agrees", "differs", "not testable with these data"
VERDICTS = (AGREES, DIFFERS, NOT_TESTABLE)


def rounded(variable: str, values: pd.Series) -> pd.Series:
    """Return values as the thesis prints them: percentages to whole numbers, halves up; all else as it is."""
    return np.floor(values + 0.5).astype(int) if variable in PERCENTAGES else values


def comparisons(
    printed: pd.DataFrame, snapshot: Snapshot, definitions: Sequence[Definition] = DEFINITIONS
) -> pd.DataFrame:
    """Compare every printed value with every definition.

    Parameters
    ----------
    printed : one row per ICS: ``ods_code``, ``ics_name``, ``deprivation_class`` and the variables of `AUDITED`.
    snapshot : counts of raw open data.

    Returns
    -------
    One row per definition and ICS: ``definition``, ``variable``, ``ods_code``, ``ics_name``, ``printed``,
    ``unrounded``, ``rounded``, ``agrees``, ``high_deprivation`` (the printed subgroup).

    Raises
    ------
    CompendiumError : the snapshot lacks an area of the printed tables.
    """
    base = printed.set_index("ods_code")
    parts = []
    for definition in definitions:
        values = definition.values(snapshot)
        lacking = sorted(set(base.index) - set(values.index))
        if lacking:
            raise CompendiumError(
                f"the snapshot has no value of {definition.variable} for some areas", file="data/derived", found=lacking
            )
        values = values.reindex(base.index)
        shown = rounded(definition.variable, values)
        parts.append(
            pd.DataFrame(
                {
                    "definition": definition.id,
                    "variable": definition.variable,
                    "ods_code": base.index,
                    "ics_name": base["ics_name"].to_numpy(),
                    "printed": base[definition.variable].astype(object).to_numpy(),
                    "unrounded": values.astype(object).to_numpy(),
                    "rounded": shown.astype(object).to_numpy(),
                    "agrees": (shown == base[definition.variable]).to_numpy(),
                    "high_deprivation": (base["deprivation_class"] == HIGH).to_numpy(),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def agreement(compared: pd.DataFrame, definitions: Sequence[Definition] = DEFINITIONS) -> pd.DataFrame:
    """Count agreement per definition.

    Returns
    -------
    One row per definition: ``variable``, ``definition``, ``label``, ``stated``, ``after_seeing``, ``main``, ``agree``,
    ``of``, ``disagree_high_deprivation`` (disagreements within the printed high-deprivation subgroup).
    """
    rows = []
    for definition in definitions:
        part = compared[compared["definition"] == definition.id]
        rows.append(
            {
                "variable": definition.variable,
                "definition": definition.id,
                "label": definition.label,
                "stated": definition.stated,
                "after_seeing": definition.after_seeing,
                "main": definition.main,
                "agree": int(part["agrees"].sum()),
                "of": len(part),
                "disagree_high_deprivation": int((~part["agrees"] & part["high_deprivation"]).sum()),
            }
        )
    return pd.DataFrame(rows)


def cells(compared: pd.DataFrame, definitions: Sequence[Definition] = DEFINITIONS) -> pd.DataFrame:
    """Audit each printed cell under the main definition of its variable.

    Returns
    -------
    One row per ICS and variable: the columns of `comparisons`, ``verdict`` (one of `VERDICTS`) and ``reason``: empty
    where the values are equal, else which definitions give the printed value, or that none does and what they give.
    """
    labels = {definition.id: definition.label for definition in definitions}
    main = [definition.id for definition in definitions if definition.main]
    audited = compared[compared["definition"].isin(main)].reset_index(drop=True)
    by_cell = dict(iter(compared.groupby(["variable", "ods_code"])))
    audited["reason"] = [
        "" if row.agrees else _reason(by_cell[row.variable, row.ods_code], labels) for row in audited.itertuples()
    ]
    verdict = np.where(audited["agrees"], AGREES, DIFFERS)
    audited["verdict"] = np.where(audited["variable"].isin(list(SURROGATES)), NOT_TESTABLE, verdict)
    return audited


def testable(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows, of `cells` or `classes`, whose ``variable`` the open data can test."""
    return rows[~rows["variable"].isin(list(SURROGATES))].reset_index(drop=True)


def verdicts(audited: pd.DataFrame) -> pd.DataFrame:
    """Count the verdicts of `cells` by variable.

    Returns
    -------
    One row per variable in printed order: ``variable``, one column per verdict, and ``surrogate_same``: how many of
    the values that are not testable the surrogate happens to give.
    """
    counts = pd.crosstab(audited["variable"], audited["verdict"]).reindex(list(AUDITED))
    counts = counts.reindex(columns=list(VERDICTS), fill_value=0)
    same = audited[(audited["verdict"] == NOT_TESTABLE) & audited["agrees"]]["variable"].value_counts()
    counts["surrogate_same"] = same.reindex(counts.index, fill_value=0).astype(int)
    return counts.rename_axis(index="variable", columns=None).reset_index()


def _reason(tried: pd.DataFrame, labels: dict[str, str]) -> str:
    giving = [labels[name] for name in tried.loc[tried["agrees"], "definition"]]
    if giving:
        return "the printed value is that of: " + "; ".join(giving)
    given = sorted(set(tried["rounded"]))
    spread = str(given[0]) if len(given) == 1 else f"{given[0]} to {given[-1]}"
    return f"no definition tried gives the printed value; tried {len(tried)}, giving {spread}"


def classes(printed: pd.DataFrame, audited: pd.DataFrame) -> pd.DataFrame:
    """Recompute the printed class labels from the recomputed values.

    Parameters
    ----------
    printed : as for `comparisons`, with the class columns.
    audited : the result of `cells`.

    Returns
    -------
    One row per classed variable and ICS: ``variable``, ``ods_code``, ``ics_name``, ``printed_value``,
    ``printed_class``, ``class_rounded``, ``class_unrounded`` (by tercile cuts of the recomputed values,
    rounded as printed or not), ``agrees_rounded``, ``agrees_unrounded``, ``high_deprivation``, ``reason`` (empty
    where both agree).
    """
    base = printed.set_index("ods_code")
    parts = []
    for item in CLASSED:
        part = audited[audited["variable"] == item.column].set_index("ods_code").reindex(base.index)
        exact, shown = part["unrounded"].astype(float), part["rounded"].astype(float)
        on_paper = base[item.column].astype(float)
        cuts = {
            name: class_cuts(values, 3)
            for name, values in {"printed": on_paper, "rounded": shown, "unrounded": exact}.items()
        }
        frame = pd.DataFrame(
            {
                "variable": item.column,
                "ods_code": base.index,
                "ics_name": base["ics_name"].to_numpy(),
                "printed_value": on_paper.to_numpy(),
                "printed_class": base[item.class_column].astype(object).to_numpy(),
                "class_rounded": classify(shown, cuts["rounded"], item.labels).to_numpy(),
                "class_unrounded": classify(exact, cuts["unrounded"], item.labels).to_numpy(),
                "high_deprivation": (base["deprivation_class"] == HIGH).to_numpy(),
            }
        )
        frame["agrees_rounded"] = frame["printed_class"] == frame["class_rounded"]
        frame["agrees_unrounded"] = frame["printed_class"] == frame["class_unrounded"]
        frame["reason"] = [
            _class_reason(on_paper[code], shown[code], exact[code], agrees, cuts) if not (agrees and exactly) else ""
            for code, agrees, exactly in zip(
                base.index, frame["agrees_rounded"], frame["agrees_unrounded"], strict=True
            )
        ]
        parts.append(frame)
    return pd.concat(parts, ignore_index=True)


def _class_reason(printed: float, shown: float, exact: float, agrees_rounded: bool, cuts: dict[str, np.ndarray]) -> str:
    if not agrees_rounded and printed != shown:
        return f"its printed value {printed:g} is recomputed as {shown:g}"
    if not agrees_rounded:
        moved = ", ".join(
            f"{old:g} to {new:g}" for old, new in zip(cuts["printed"], cuts["rounded"], strict=True) if old != new
        )
        return f"its value {printed:g} agrees, but the recomputed values of others move a cut from {moved}"
    nearest = int(np.abs(cuts["unrounded"] - exact).argmin())
    paper, raw = cuts["rounded"][nearest], cuts["unrounded"][nearest]
    tie = "equals" if shown == paper else "lies beside"
    return (
        f"a matter of rounding: the printed value {shown:g} {tie} the cut {paper:g}, "
        f"the unrounded {exact:.2f} lies {'below' if exact < raw else 'above'} the unrounded cut {raw:.2f}"
    )


def knock_on(printed: pd.DataFrame, audited: pd.DataFrame) -> pd.DataFrame:
    """Say what each disagreement alone would change: put one recomputed value in place, and classify again.

    Returns
    -------
    One row per class label that changes: ``variable``, ``value_of`` (the ICS whose value is replaced), ``printed``,
    ``rounded``, ``label_of`` (the ICS whose label changes), ``printed_class``, ``new_class``, ``high_deprivation``
    (of ``label_of``).
    """
    base = printed.set_index("ods_code")
    rows = []
    for item in CLASSED:
        before = base[item.class_column].astype(object)
        wrong = audited[(audited["variable"] == item.column) & ~audited["agrees"]]
        for cell in wrong.itertuples():
            replaced = {str(cell.ods_code): float(str(cell.rounded))}
            values = base[item.column].astype(float)
            values.update(pd.Series(replaced))
            after = classify(values, class_cuts(values, 3), item.labels)
            for code in base.index[(before != after).to_numpy()]:
                rows.append(
                    (
                        item.column,
                        cell.ics_name,
                        cell.printed,
                        cell.rounded,
                        base.loc[code, "ics_name"],
                        before[code],
                        after[code],
                        base.loc[code, "deprivation_class"] == HIGH,
                    )
                )
    columns = [
        "variable",
        "value_of",
        "printed",
        "rounded",
        "label_of",
        "printed_class",
        "new_class",
        "high_deprivation",
    ]
    return pd.DataFrame(rows, columns=columns)


def subgroup_unchanged(classed: pd.DataFrame) -> bool:
    """Return whether the recomputed deprivation values, rounded or not, give the printed high-deprivation subgroup."""
    part = classed[classed["variable"] == "most_deprived_fifth_percent"]
    printed = part["printed_class"] == HIGH
    return all(((part[column] == HIGH) == printed).all() for column in ("class_rounded", "class_unrounded"))


def vintage_differences(printed: pd.DataFrame, recomputed: pd.DataFrame) -> pd.DataFrame:
    """Set the printed deprivation of each ICS beside that of other data.

    Parameters
    ----------
    printed : as for `comparisons`.
    recomputed : as `analysis.snapshot.ics_table` returns it, for any vintages.

    Returns
    -------
    One row per ICS in printed order: ``ods_code``, ``ics_name``, ``printed`` and ``recomputed`` (% of LSOAs in the most
    deprived fifth, rounded as printed), ``change`` (percentage points), ``printed_class``, ``recomputed_class`` (by
    terciles of the rounded values), ``agrees``, whether the class is the same.
    """
    item = next(item for item in CLASSED if item.column == "most_deprived_fifth_percent")
    shares = recomputed.set_index("area")[item.column].reindex(printed["ods_code"])
    if shares.isna().any():
        raise CompendiumError("the recomputed table lacks some areas", found=sorted(shares.index[shares.isna()]))
    shown = rounded(item.column, shares)
    result = printed[["ods_code", "ics_name"]].assign(
        printed=printed[item.column].to_numpy(),
        recomputed=shown.to_numpy(),
        change=(shown.to_numpy() - printed[item.column].to_numpy()),
        printed_class=printed[item.class_column].astype(object).to_numpy(),
        recomputed_class=classify(shown, class_cuts(shown, 3), item.labels).to_numpy(),
    )
    return result.assign(agrees=result["printed_class"] == result["recomputed_class"])
