"""What was reproduced and what was not: statements of the study by kind, under the three verdicts of the audit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from compendium.errors import CompendiumError
from compendium.evidence import findings
from compendium.writing import claims

COLUMNS = ["Kind of statement", "Statements", "Agree", "Differ", "Not testable", "Held against"]


def by_kind(
    audited: pd.DataFrame, ledger: pd.DataFrame, values: Mapping[str, Any], kinds: pd.DataFrame, document: str
) -> pd.DataFrame:
    """Return `COLUMNS`: one row per kind of statement, with counts of printed statements.

    Parameters
    ----------
    audited : the audit's verdicts by variable, as recorded: ``Variable``, ``Agrees``, ``Differs`` and ``Not testable
        with these data``, with a last row ``All``.
    ledger : the recorded ledger: ``Document`` and ``Verdict``; statements that it only cites are left out.
    values : recorded values: those of the class rule and of the totals of the sample.
    kinds : ``finding_id`` and ``evidence``, as `compendium.evidence.findings.kinds` returns them.
    document : name of the paper in the ledger.

    Raises CompendiumError where the ledger has no statement of the document.
    """
    labels, recovered = int(values["classes.printed"]), int(values["classes.recovered"])
    totals, agreeing = int(values["sample.totals"]), int(values["sample.totals-that-agree"])
    rows: list[tuple[Any, ...]] = [
        ("Class labels of five characteristics", recovered, labels - recovered, 0, "the class rule, printed values")
    ]
    rows += [
        (f"{name} of each ICS", agrees, differs, rest, "raw public data")
        for name, agrees, differs, rest in audited.iloc[:, :4].itertuples(index=False)
        if name != "All"
    ]
    rows.append(("Totals of the table of interviews", agreeing, totals - agreeing, 0, "the cells of the table"))
    own = ledger.loc[ledger["Document"] == document, "Verdict"].value_counts()
    if own.empty:
        raise CompendiumError("the ledger holds no statement of the document", found=document)
    verdicts = [int(own.get(name, 0)) for name in (claims.REPRODUCED, claims.DIFFERS, claims.NOT_PUBLIC)]
    rows.append(("Quantitative statements of the paper", *verdicts, "recorded results"))
    rows += [
        (
            f"Findings with {name}" if name != findings.PROSE else "Findings in prose alone",
            0,
            0,
            number,
            "no transcript",
        )
        for name in findings.EVIDENCE
        if (number := int((kinds["evidence"] == name).sum()))
    ]
    return pd.DataFrame([(name, sum(counts), *counts, against) for name, *counts, against in rows], columns=COLUMNS)
