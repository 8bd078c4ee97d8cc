"""Numbers about the documents that prose quotes: what only the ledger needs, what they print, and their verdicts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from analysis import relocation
from compendium.writing import ledger

if TYPE_CHECKING:
    import pandas as pd

    Rows = list[tuple[Any, ...]]

PRINTED = {
    "interview-minutes": "paper-014",
    "nvivo": "paper-019",
    "waiting-millions": "paper-023",
    "emergency-share": "paper-024",
    "targeted-funding-millions": "paper-007",
}
"""Figures that cannot be computed: the end of the key, and the statement of the ledger that gives the figure."""


def figures(computed: Mapping[str, float], recorded: Collection[str], statements: pd.DataFrame) -> Rows:
    """Return the figures that no notebook has recorded, each with the first statement of the ledger that it answers.

    Parameters
    ----------
    computed : as `analysis.consistency.figures` returns them.
    recorded : keys that are taken.
    statements : the ledger, with ``result_key`` and ``statement``.
    """
    about = statements.drop_duplicates("result_key").set_index("result_key")["statement"].to_dict()

    def display(key: str, value: float) -> str | None:
        if not float(value).is_integer():
            return "{:,.1f}"
        return "{}" if key.endswith("year") else None

    return [
        (key, value, "", about.get(key, ""), display(key, value))
        for key, value in computed.items()
        if key not in recorded
    ]


def printed(statements: pd.DataFrame) -> Rows:
    """Return the figures of `PRINTED` as the ledger gives them."""
    rows = statements.set_index("claim_id").loc[list(PRINTED.values())].fillna("").to_dict("records")
    return [
        (
            name,
            row["value"] if row["kind"] == "text" else int(row["value"]),
            row["unit"],
            f"{claim}: {row['statement']}",
        )
        for (name, claim), row in zip(PRINTED.items(), rows, strict=True)
    ]


def verdicts(judged: pd.DataFrame) -> Rows:
    """Return how many statements got which verdict; ``judged`` is that of `compendium.writing.claims.judge`."""
    return [
        (name, count, "statements", f"statements of the ledger: {name.replace('-', ' ')}")
        for name, count in ledger.verdict_counts(judged).items()
    ]


def inconsistencies(found: pd.DataFrame) -> Rows:
    """Return how many pairs of places are of which kind and certainty."""
    counts = ledger.inconsistency_counts(found)
    return [(name, count, "pairs of places", name.replace("-", ", ")) for name, count in counts.items()]


def checklist(relocated: pd.DataFrame) -> Rows:
    """Return what became of the locations that the printed checklist gives."""
    verdicts = {
        "locations-that-match": "matches",
        "locations-moved": "moved",
        "locations-elsewhere": "other section",
        "locations-not-checkable": relocation.NOT_CHECKABLE,
    }
    return [
        (name, (relocated["verdict"] == verdict).sum(), "items", f"locations: {verdict}")
        for name, verdict in verdicts.items()
    ]
