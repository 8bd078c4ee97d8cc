"""What was reproduced: counts by kind of statement, from small verdicts of our own."""

import pandas as pd
import pytest

from analysis import reproduction
from compendium.errors import CompendiumError

AUDITED = pd.DataFrame(
    [("Population", 5, 1, 0, 0), ("NHS trusts", 0, 0, 6, 2), ("All", 5, 1, 6, 2)],
    columns=["Variable", "Agrees", "Differs", "Not testable with these data", "Surrogate gives the same"],
)
LEDGER = pd.DataFrame(
    [
        ("Paper", "reproduced"),
        ("Paper", "differs"),
        ("Paper", "not reproducible from public data"),
        ("Paper", "cited only"),
        ("Thesis", "reproduced"),
    ],
    columns=["Document", "Verdict"],
)
VALUES = {"classes.printed": 10, "classes.recovered": 9, "sample.totals": 4, "sample.totals-that-agree": 4}
KINDS = pd.DataFrame({"finding_id": ["f1", "f2", "f3"], "evidence": ["fragment", "prose alone", "prose alone"]})


def test_every_kind_of_statement_has_its_three_verdicts() -> None:
    table = reproduction.by_kind(AUDITED, LEDGER, VALUES, KINDS, "Paper")
    assert table.iloc[:, :5].values.tolist() == [
        ["Class labels of five characteristics", 10, 9, 1, 0],
        ["Population of each ICS", 6, 5, 1, 0],
        ["NHS trusts of each ICS", 6, 0, 0, 6],
        ["Totals of the table of interviews", 4, 4, 0, 0],
        ["Quantitative statements of the paper", 3, 1, 1, 1],
        ["Findings with fragment", 1, 0, 0, 1],
        ["Findings in prose alone", 2, 0, 0, 2],
    ]
    assert (table["Statements"] == table[["Agree", "Differ", "Not testable"]].sum(axis=1)).all()


def test_a_document_without_statements_is_named() -> None:
    with pytest.raises(CompendiumError, match="no statement of the document"):
        reproduction.by_kind(AUDITED, LEDGER, VALUES, KINDS, "Other")
