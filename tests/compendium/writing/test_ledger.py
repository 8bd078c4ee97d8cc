"""The ledger as readers see it: tables that keep every row, counts that add up, a chart that shows them."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis import consistency
from compendium.writing import claims, ledger


@pytest.fixture(scope="module")
def judged() -> pd.DataFrame:
    return claims.judge(claims.claims(), consistency.figures())


@pytest.fixture(scope="module")
def found() -> pd.DataFrame:
    return claims.inconsistencies()


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        (42, "count", "42"),
        (521391, "count", "521,391"),
        (2012, "date", "2012"),
        (9846.153846, "average", "9,846.15"),
        (-0.5, "average", "−0.5"),
        (100, "share", "100"),
        ("July 2022", "text", "July 2022"),
        (None, "count", "–"),
        (float("nan"), "count", "–"),
    ],
)
def test_shown_prints_a_value_as_a_reader_expects(value: object, kind: str, expected: str) -> None:
    assert ledger.shown(value, kind) == expected


def test_statements_keep_order_and_every_row(judged: pd.DataFrame) -> None:
    table = ledger.statements_table(judged)
    assert table["No."].tolist() == judged["claim_id"].tolist()
    assert not table.isna().any().any()
    differing = table[table["Verdict"] == claims.DIFFERS]
    assert len(differing) > 0
    assert (differing["Reason"] != "").all()


def test_totals_add_up_by_row_and_by_column(judged: pd.DataFrame) -> None:
    table = ledger.totals_table(judged).set_index("Document")
    verdicts = table.drop(columns="All")
    assert (verdicts.sum(axis=1) == table["All"]).all()
    assert table.loc["All documents", "All"] == len(judged)
    assert (table.drop(index="All documents").sum() == table.loc["All documents"]).all()


def test_a_verdict_that_never_occurs_has_no_column(judged: pd.DataFrame) -> None:
    without = judged[judged["verdict"] != claims.CITED]
    assert "Cited only" in ledger.totals_table(judged).columns
    assert "Cited only" not in ledger.totals_table(without.assign()).columns


def test_verdict_counts_cover_all_statements(judged: pd.DataFrame) -> None:
    counts = ledger.verdict_counts(judged)
    assert counts["claims"] == len(judged)
    assert counts["recomputed"] == counts["reproduced"] + counts["differs"]
    parts = ("reproduced", "differs", "not-reproducible", "cited", "no-result")
    assert sum(counts[name] for name in parts) == counts["claims"]


def test_inconsistency_counts_add_up(found: pd.DataFrame) -> None:
    counts = ledger.inconsistency_counts(found)
    assert counts["inconsistencies"] == len(found)
    assert counts["inconsistencies-within"] + counts["inconsistencies-between"] == len(found)
    assert sum(counts[f"inconsistencies-{name}"] for name in ledger.CERTAINTIES) == len(found)


def test_inconsistencies_put_the_surest_first_and_keep_their_order(found: pd.DataFrame) -> None:
    table = ledger.inconsistencies_table(found)
    assert sorted(table["No."]) == sorted(found["inconsistency_id"])
    ranks = table["Certainty"].map(list(ledger.CERTAINTIES).index)
    assert ranks.is_monotonic_increasing
    assert all(group["No."].is_monotonic_increasing for _, group in table.groupby("Certainty"))
    assert table["First place"].str.contains(": ").all()


def test_kinds_are_counted_by_certainty(found: pd.DataFrame) -> None:
    table = ledger.inconsistency_kinds(found).set_index("Kind")
    assert table.loc["All kinds", "All"] == len(found)
    assert table.loc["Sum", "All"] == (found["kind"] == "sum").sum()
    assert table["All"].iloc[:-1].is_monotonic_decreasing


def test_the_chart_draws_every_count(judged: pd.DataFrame) -> None:
    data = ledger.verdicts_data(judged)
    assert data["statements"].sum() == len(judged)
    figure = ledger.verdicts_chart(judged)
    (axes,) = figure.axes
    bars = [patch for patch in axes.patches if patch.get_height() > 5]
    assert len(bars) == (data["statements"] > 0).sum()
    shown = {text.get_text() for text in axes.texts}
    assert {str(count) for count in data.groupby("document")["statements"].sum()} <= shown
    unit = sum(bar.get_width() for bar in bars) / len(judged)
    widths = [bar.get_width() / unit for bar in bars]
    assert widths == pytest.approx(data.loc[data["statements"] > 0, "statements"].tolist())
