"""Who and what was studied: sources counted by case."""

from __future__ import annotations

import pandas as pd


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


def _listed(roles: pd.Series) -> str:
    return ", ".join(dict.fromkeys(roles.dropna()))
