"""Who and what was studied: sources counted by case."""

from __future__ import annotations

import pandas as pd
from compendium.errors import CompendiumError


def by_case(sample: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each case, in the order of the table, and a last one for all.

    Parameters
    ----------
    sample : ``source_id``, ``case`` (missing where a source belongs to none) and ``role`` (missing where not stated).

    Returns
    -------
    ``case``, ``sources`` (their number) and ``roles`` (each role once, in order, joined by commas).
    """
    cases = sample.assign(case=sample["case"].fillna("no case"))
    rows = [(case, len(part), _listed(part["role"])) for case, part in cases.groupby("case", sort=False)]
    rows.append(("all", len(sample), _listed(sample["role"])))
    return pd.DataFrame(rows, columns=["case", "sources", "roles"])


def check(sample: pd.DataFrame, imported: pd.DataFrame) -> None:
    """Raise CompendiumError where the sample and the imported project name different sources.

    Parameters
    ----------
    imported : ``source_id`` and ``role`` (as the project has it: "source", or a part of one).
    """
    held = set(imported.loc[imported["role"] == "source", "source_id"])
    for source in sorted(held.symmetric_difference(sample["source_id"])):
        problem = "lacks a source of the project" if source in held else "names a source that the project has not"
        raise CompendiumError(f"the sample {problem}", file="data/sample.csv", column="source_id", found=source)


def told(sample: pd.DataFrame) -> list[tuple[str, object, str, str]]:
    """Return what prose says of the sample: rest of the key, value, unit, and what it is."""
    cases = sample["case"].nunique()
    from_cases = f"from {cases} case{'s' * (cases != 1)}" if cases else "with no case named"
    return [
        ("sources", len(sample), "sources", "sources of the coded project"),
        ("sources-unit", "source" if len(sample) == 1 else "sources", "", "word for them"),
        ("cases", cases, "cases", "cases that sources belong to"),
        ("cases-phrase", from_cases, "", "where the sources come from, after their number"),
    ]


def _listed(roles: pd.Series) -> str:
    return ", ".join(dict.fromkeys(roles.dropna()))
