"""The ledger: the documents' quantitative statements held against recorded results, and their inconsistencies.

``data/claims.csv`` transcribes the statements and names the result that would reproduce each; it holds no verdict.
Verdicts are computed here from the printed value, the rule and the recorded result.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pandas as pd

from compendium.data import loading
from compendium.errors import CompendiumError

REPRODUCED = "reproduced"
DIFFERS = "differs"
NO_RESULT = "no result yet"
NOT_PUBLIC = "not reproducible from public data"
CITED = "cited only"
VERDICTS = (REPRODUCED, DIFFERS, NO_RESULT, NOT_PUBLIC, CITED)
BASES = {"not public": NOT_PUBLIC, "cited": CITED}
NO_FAIR_READING = "none found"
NEAR: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "about": lambda found, stated: True,
    "almost": lambda found, stated: found < stated,
    "just-over": lambda found, stated: found > stated,
}
"""Rules that allow a distance, and on which side of the printed value the result must lie."""


def claims() -> pd.DataFrame:
    """Return the statements of the ledger, checked against their schema.

    Raises
    ------
    CompendiumError : a statement marked as computed names no result, or one that is not names a result or gives
        no reason.
    """
    frame = loading.read("claims")
    for at, row in enumerate(_rows(frame), start=2):
        place: dict[str, Any] = {"file": "data/claims.csv", "row": at}
        if (row["basis"] == "computed") != isinstance(row["result_key"], str):
            raise CompendiumError(
                "a statement has a result key exactly if it is computed",
                **place,
                column="result_key",
                found=row["result_key"] or "an empty cell",
                expected="a key" if row["basis"] == "computed" else "an empty cell",
            )
        if row["basis"] != "computed" and not isinstance(row["reason"], str):
            raise CompendiumError("a statement that is not computed needs a reason", **place, column="reason")
        if row["rule"] != "text" and number(row["value"]) is None:
            raise CompendiumError("a rule for numbers needs a number", **place, column="value", found=row["value"])
    return frame


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def inconsistencies() -> pd.DataFrame:
    """Return the inconsistencies inside and between the documents, each with both places and a fair reading.

    Raises
    ------
    CompendiumError : a row is certain although a fair reading is given, or is not and none is given.
    """
    frame = loading.read("inconsistencies")
    for at, row in enumerate(_rows(frame), start=2):
        if (row["certainty"] == "certain") != (row["fair_reading"] == NO_FAIR_READING):
            raise CompendiumError(
                "an inconsistency is certain exactly if no fair reading reconciles its places",
                file="data/inconsistencies.csv",
                row=at,
                column="fair_reading",
                found=row["fair_reading"],
                expected=NO_FAIR_READING if row["certainty"] == "certain" else "what could reconcile them",
            )
    return frame


def number(text: str) -> Decimal | None:
    """Return the number that a text writes in digits, or ``None``."""
    return Decimal(text) if re.fullmatch(r"-?\d+(\.\d+)?", text) else None


def agrees(value: Any, printed: str, rule: str) -> bool:
    """Return whether a recorded value agrees with a printed one under a rule.

    Parameters
    ----------
    value : the recorded result.
    printed : the printed value as a plain number, or as text where the rule is "text".
    rule : "exact"; "round:N" (the value rounded half up to N decimals, N below 0 for tens, is the printed one);
        "about:R" (within R of the printed value, as a part of it); "almost:R", "just-over:R" (the same, and below it or
        above it); "over", "under", "at-least", "at-most" (the value lies there); "text" (the same words, whatever the
        case).

    Raises
    ------
    CompendiumError : an unknown rule, or a value that the rule cannot compare.
    """
    name, _, argument = rule.partition(":")
    if name == "text":
        return " ".join(str(value).lower().split()) == " ".join(printed.lower().split())
    stated = number(printed)
    found = None if isinstance(value, bool) else number(str(value)) or _decimal(value)
    if stated is None or found is None:
        raise CompendiumError("the rule compares numbers", found=f"{value} and {printed}", expected="two numbers")
    if name == "exact":
        return found == stated
    if name == "round":
        unit = Decimal(1).scaleb(-int(argument))
        return (found / unit).quantize(Decimal(1), rounding=ROUND_HALF_UP) * unit == stated
    if name in NEAR:
        near = abs(found - stated) <= Decimal(argument) * abs(stated)
        return near and NEAR[name](found, stated)
    comparisons = {
        "over": found > stated,
        "under": found < stated,
        "at-least": found >= stated,
        "at-most": found <= stated,
    }
    if name not in comparisons:
        raise CompendiumError("the rule is not known", column="rule", found=rule, expected=[*NEAR, *comparisons])
    return comparisons[name]


def _decimal(value: Any) -> Decimal | None:
    try:
        found = Decimal(str(value))
    except ArithmeticError:
        return None
    return found if found.is_finite() else None


def judge(statements: pd.DataFrame, values: Mapping[str, Any]) -> pd.DataFrame:
    """Hold each statement against its recorded result.

    Parameters
    ----------
    statements : rows as `claims` returns them.
    values : recorded results by key: plain values, or the entries of ``build/results/values.json``.

    Returns
    -------
    The statements with ``recorded`` (the result, or ``None``) and ``verdict`` (one of `VERDICTS`).

    Raises
    ------
    CompendiumError : a statement differs and gives no reason, or agrees although a reason says that it differs.
    """
    recorded, verdicts = [], []
    for row in _rows(statements):
        entry = values.get(row["result_key"]) if row["basis"] == "computed" else None
        value = entry["value"] if isinstance(entry, Mapping) else entry
        recorded.append(value)
        if row["basis"] != "computed":
            verdicts.append(BASES[row["basis"]])
        elif value is None:
            verdicts.append(NO_RESULT)
        else:
            verdicts.append(REPRODUCED if agrees(value, row["value"], row["rule"]) else DIFFERS)
            if verdicts[-1] == DIFFERS and not isinstance(row["reason"], str):
                raise CompendiumError(
                    "a printed value differs from the result and the ledger gives no reason",
                    file="data/claims.csv",
                    row=row["claim_id"],
                    column="reason",
                    found=f"{row['printed']} printed, {value} recorded",
                    expected="a reason in our words",
                )
    return statements.assign(recorded=pd.Series(recorded, dtype=object, index=statements.index), verdict=verdicts)


def totals(judged: pd.DataFrame) -> pd.DataFrame:
    """Count verdicts by document: one row per document and one for all, one column per verdict and ``all``."""
    counts = pd.crosstab(judged["document"], judged["verdict"]).reindex(columns=list(VERDICTS), fill_value=0)
    counts.loc["all documents"] = counts.sum()
    counts["all"] = counts.sum(axis=1)
    return counts.rename_axis(index="document", columns=None)
