"""The notes under tables say whether values are printed, computed from printed ones, or computed from open data."""

from __future__ import annotations

from analysis import vintages


def test_a_table_of_summaries_is_computed_and_never_as_printed() -> None:
    own = vintages.computed(2019, "stp21", "chapter 4, Table 2")
    assert own == "Computed from the values that the thesis prints (chapter 4, Table 2)."
    other = vintages.computed(2025, "icb24", "chapter 4, Table 2")
    assert other.startswith("Computed from open data (IMD 2025")
    assert "as printed" not in own.lower() + other.lower()


def test_a_rebuilt_table_is_as_printed_with_the_studys_own_vintages_only() -> None:
    assert vintages.provenance(2019, "stp21", "Table 2") == "As printed in the thesis (Table 2)."
    assert vintages.provenance(2025, "icb24", "Table 2").startswith("Recomputed from open data")
