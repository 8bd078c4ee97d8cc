"""The notes under tables say whether values are printed, computed from printed ones, or computed from open data."""

from __future__ import annotations

from analysis.vintages import STUDY, Vintages

OWN = Vintages(*STUDY, "index of the study", "areas of the study", 32844, 32844)
OTHER = Vintages("2025", "icb24", "index of 2025", "ICBs of 2024", 33755, 32844)


def test_a_table_of_summaries_is_computed_and_never_as_printed() -> None:
    own = OWN.provenance(["population"], "chapter 4, Table 2", computed=True)
    assert own == "Computed from the values that the thesis prints (chapter 4, Table 2)."
    other = OTHER.provenance(["most_deprived_fifth_percent"], "chapter 4, Table 2", computed=True)
    assert other == "Computed from open data. Deprivation: IMD 2025, ICBs of 2024."


def test_a_rebuilt_table_is_as_printed_with_the_studys_own_vintages_only() -> None:
    assert OWN.provenance(["population"], "Table 2") == "As printed in the thesis (Table 2)."
    other = OTHER.provenance(["most_deprived_fifth_percent", "ics_wave"], "Table 2")
    assert other.startswith("Recomputed from open data.")
    assert "Everything else: as printed (Table 2)" in other
