"""The audit finds what the raw data say about the printed tables, and nothing that it was told to find."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from analysis import audit, explorers, snapshot
from analysis.areas import read_areas
from analysis.characteristics import join
from analysis.definitions import AUDITED, DEFINITIONS, SURROGATES
from compendium.data import loading
from compendium.errors import CompendiumError


@pytest.fixture(scope="module")
def printed() -> pd.DataFrame:
    return join(read_areas(), *(loading.read(f"ics_{part}") for part in ("geography", "organisation", "deprivation")))


@pytest.fixture(scope="module")
def kept(project: Path) -> snapshot.Snapshot:
    return snapshot.read(project / snapshot.FOLDER)


@pytest.fixture(scope="module")
def compared(printed: pd.DataFrame, kept: snapshot.Snapshot) -> pd.DataFrame:
    return audit.comparisons(printed, kept)


@pytest.fixture(scope="module")
def cells(compared: pd.DataFrame) -> pd.DataFrame:
    return audit.cells(compared)


@pytest.fixture(scope="module")
def classed(printed: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    return audit.classes(printed, cells)


def agree(compared: pd.DataFrame) -> dict[str, int]:
    return audit.agreement(compared).set_index("definition")["agree"].to_dict()


def test_every_definition_meets_every_area(compared: pd.DataFrame) -> None:
    assert len(compared) == 42 * len(DEFINITIONS)
    assert {item.variable for item in DEFINITIONS} == set(AUDITED)
    main = [item.variable for item in DEFINITIONS if item.main]
    assert sorted(main) == sorted(AUDITED)
    assert len({item.id for item in DEFINITIONS}) == len(DEFINITIONS)
    assert not [item.id for item in DEFINITIONS if item.stated and item.after_seeing]


def test_deprivation_shares_all_agree_after_rounding_on_april_2021_boundaries_only(compared: pd.DataFrame) -> None:
    found = agree(compared)
    assert found["deprivation-stp21"] == 42
    assert found["deprivation-icb22"] == 38


def test_one_urban_share_is_contradicted_by_the_raw_data(cells: pd.DataFrame) -> None:
    wrong = cells[(cells["variable"] == "urban_percent") & ~cells["agrees"]]
    assert wrong[["ics_name", "printed", "rounded"]].to_numpy().tolist() == [["Mid and South Essex", 100, 84]]
    assert wrong["unrounded"].iloc[0] == pytest.approx(84.255, abs=0.001)
    assert wrong["reason"].iloc[0].startswith("no definition tried gives the printed value; tried 3, giving 84 to 93")


def test_the_wrong_urban_share_changes_two_labels(
    printed: pd.DataFrame, cells: pd.DataFrame, classed: pd.DataFrame
) -> None:
    effects = audit.knock_on(printed, cells)
    urban = effects[effects["variable"] == "urban_percent"]
    assert urban[["value_of", "label_of", "printed_class", "new_class"]].to_numpy().tolist() == [
        ["Mid and South Essex", "Mid and South Essex", "more urban", "mixed"],
        ["Mid and South Essex", "Surrey Heartlands", "mixed", "more urban"],
    ]
    assert not urban["high_deprivation"].any()
    labels = classed[(classed["variable"] == "urban_percent") & ~classed["agrees_rounded"]]
    assert set(labels["ics_name"]) == {"Mid and South Essex", "Surrey Heartlands"}
    reason = labels.set_index("ics_name")["reason"]["Surrey Heartlands"]
    assert reason == "its value 87 agrees, but the recomputed values of others move a cut from 88 to 85"


def test_populations_are_projected_and_need_july_2022_boundaries(compared: pd.DataFrame) -> None:
    found = agree(compared)
    assert found["projected-icb22"] == 42
    assert found["projected-stp21"] == 32
    assert found["registered-stp21"] == found["registered-icb22"] == 0


def test_one_deprivation_label_is_decided_by_a_rounding_tie(classed: pd.DataFrame) -> None:
    part = classed[classed["variable"] == "most_deprived_fifth_percent"]
    assert part["agrees_rounded"].all()
    tied = part[~part["agrees_unrounded"]]
    assert tied[["ics_name", "printed_class", "class_unrounded"]].to_numpy().tolist() == [
        ["Cambridgeshire and Peterborough", "medium", "low"]
    ]
    assert "the printed value 12 equals the cut 12, the unrounded 12.23 lies below" in tied["reason"].iloc[0]


def test_what_rests_on_a_surrogate_is_neither_agreement_nor_disagreement(cells: pd.DataFrame) -> None:
    counted = audit.verdicts(cells).set_index("variable")
    assert counted.index.tolist() == list(AUDITED)
    assert counted.sum().to_dict() == {
        "agrees": 167,
        "differs": 1,
        "not testable with these data": 126,
        "surrogate_same": 115,
    }
    assert counted["not testable with these data"].loc[list(SURROGATES)].tolist() == [42, 42, 42]
    assert counted["surrogate_same"].loc[list(SURROGATES)].tolist() == [41, 42, 32]
    tested = audit.testable(cells)
    assert set(AUDITED) - set(tested["variable"]) == set(SURROGATES)
    assert (tested["agrees"] == (tested["verdict"] == audit.AGREES)).all()
    assert audit.VERDICTS[:2] == explorers.TESTED


def test_the_only_tested_value_that_differs_is_an_urban_share(cells: pd.DataFrame, classed: pd.DataFrame) -> None:
    differing = cells[cells["verdict"] == audit.DIFFERS]
    assert differing[["variable", "ics_name"]].to_numpy().tolist() == [["urban_percent", "Mid and South Essex"]]
    assert (~audit.testable(classed)["agrees_rounded"]).sum() == 2
    assert len(audit.testable(classed)) == 126


def test_no_definition_of_a_surrogate_claims_to_be_the_studys() -> None:
    assert not [item.id for item in DEFINITIONS if item.variable in SURROGATES and item.stated]
    stated = {item.variable for item in DEFINITIONS if item.stated}
    assert stated == set(AUDITED) - set(SURROGATES)


def test_no_disagreement_changes_the_high_deprivation_subgroup(classed: pd.DataFrame) -> None:
    assert classed[classed["variable"] == "population"]["high_deprivation"].sum() == 14
    assert audit.subgroup_unchanged(classed)


def test_an_altered_printed_value_is_found_with_its_reason(printed: pd.DataFrame, kept: snapshot.Snapshot) -> None:
    altered = printed.copy()
    altered.loc[altered["ods_code"] == "QOP", "population"] += 1
    altered.loc[altered["ods_code"] == "QMF", "nhs_region"] = "South West"
    altered.loc[altered["ods_code"] == "QF7", "most_deprived_fifth_percent"] = 37
    cells = audit.cells(audit.comparisons(altered, kept))
    found = cells[~cells["agrees"]].set_index(["variable", "ods_code"])["reason"]
    assert found["population", "QOP"].startswith("no definition tried gives the printed value; tried 4, giving ")
    assert found["nhs_region", "QMF"] == "no definition tried gives the printed value; tried 1, giving London"
    assert found["most_deprived_fifth_percent", "QF7"] == (
        "the printed value is that of: IMD 2019 rank within the first 20%, July 2022 boundaries; "
        "IMD 2025 rank within the first 20%, 2024 boundaries"
    )


def test_a_change_of_the_subgroup_would_be_seen(printed: pd.DataFrame, kept: snapshot.Snapshot) -> None:
    altered = printed.copy()
    high = altered.index[altered["deprivation_class"] == "high"]
    altered.loc[high[0], "deprivation_class"] = "low"
    cells = audit.cells(audit.comparisons(altered, kept))
    assert not audit.subgroup_unchanged(audit.classes(altered, cells))


def test_percentages_round_half_up() -> None:
    values = pd.Series([12.5, 13.5, 12.49])
    assert audit.rounded("urban_percent", values).tolist() == [13, 14, 12]
    assert audit.rounded("population", values).tolist() == values.tolist()


def test_a_snapshot_without_an_area_is_refused(printed: pd.DataFrame, kept: snapshot.Snapshot) -> None:
    short = snapshot.Snapshot(**{**vars(kept), "regions": kept.regions.iloc[1:]})
    with pytest.raises(CompendiumError, match="no value of nhs_region for some areas; found QE1"):
        audit.comparisons(printed, short)
    empty = snapshot.Snapshot(**{**vars(kept), "ics_counts": kept.ics_counts.iloc[:0]})
    with pytest.raises(CompendiumError, match="does not hold this; found 2019, stp21"):
        audit.comparisons(printed, empty)


def test_other_vintages_are_set_beside_the_printed_values(printed: pd.DataFrame, kept: snapshot.Snapshot) -> None:
    same = audit.vintage_differences(printed, snapshot.ics_table(kept))
    assert same["agrees"].all()
    assert (same["change"] == 0).all()
    newer = audit.vintage_differences(printed, snapshot.ics_table(kept, "2025", "icb24"))
    assert newer["ics_name"].tolist() == printed["ics_name"].tolist()
    assert (newer["change"] != 0).sum() == 32
    assert (newer["recomputed_class"] == "high").sum() == 14
    with pytest.raises(CompendiumError, match="lacks some areas; found QE1"):
        audit.vintage_differences(printed, snapshot.ics_table(kept).query("area != 'QE1'"))
