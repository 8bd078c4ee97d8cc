"""The snapshot in `data/derived/` equals what the raw files give, and is described as it is."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from analysis import snapshot
from analysis.registry import read_registry
from compendium.data import sources
from compendium.errors import CompendiumError


@pytest.fixture(scope="module")
def raw(raw_mirror: Path, tmp_path_factory: pytest.TempPathFactory) -> snapshot.RawData:
    return snapshot.RawData(sources.fetch(mirror=raw_mirror, cache=tmp_path_factory.mktemp("cache")))


def test_the_snapshot_is_what_the_raw_files_give(raw: snapshot.RawData, project: Path, tmp_path: Path) -> None:
    kept = project / snapshot.FOLDER
    snapshot.write(snapshot.compute(raw), tmp_path)
    for name in (*(f"{table}.csv" for table in snapshot.TABLES), "datapackage.json"):
        assert (tmp_path / name).read_bytes() == (kept / name).read_bytes(), f"{name} has changed: write it again"


def test_every_row_of_england_is_counted_once(project: Path) -> None:
    kept = snapshot.read(project / snapshot.FOLDER)
    totals = kept.ics_counts.groupby(["imd", "boundaries"])[["lsoas", "fifth", "classified"]].sum()
    assert totals.loc[("2019", "stp21")].tolist() == [32844, 6568, 32844]
    assert totals.loc[("2019", "icb22")].tolist() == [32844, 6568, 32844]
    assert totals.loc[("2025", "icb24")].tolist() == [33755, 6751, 31810]
    assert set(kept.ics_counts.groupby(["imd", "boundaries"])["area"].nunique()) == {42}
    by_boundary = kept.authorities.groupby("boundaries")["lsoas"].sum()
    assert by_boundary[["stp21", "icb22", "icb24"]].tolist() == [32844, 32844, 33755]


def test_the_data_package_describes_the_tables(project: Path) -> None:
    folder = project / snapshot.FOLDER
    described = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    assert {item["path"] for item in described["resources"]} == {f"{name}.csv" for name in snapshot.TABLES}
    for item in described["resources"]:
        frame = pd.read_csv(folder / item["path"], dtype={"imd": str})
        assert [field["name"] for field in item["schema"]["fields"]] == list(frame.columns)
        assert len(frame) == item["schema"]["rows"]
        assert not frame.duplicated(item["schema"]["primaryKey"]).any()
        assert not frame.isna().any().any()
        for field in item["schema"]["fields"]:
            assert (frame[field["name"]].dtype == "int64") == (field["type"] == "integer")
    assert {item["sha256"] for item in described["sources"]} == {
        item.sha256 for item in read_registry().sources.values()
    }


@pytest.mark.parametrize(("imd", "boundary", "lsoas"), [("2019", "stp21", 32844), ("2025", "icb24", 33755)])
def test_vintages_are_parameters_and_raw_files_give_the_kept_rows(
    raw: snapshot.RawData, project: Path, imd: str, boundary: str, lsoas: int
) -> None:
    fresh = snapshot.compute(raw, [(imd, boundary)], ["2022-03-31"])
    table = snapshot.ics_table(fresh, imd, boundary)
    assert len(table) == 42
    assert not table.isna().any().any()
    assert table["lsoas"].sum() == lsoas
    assert int(table["population"].sum()) == pytest.approx(61_498_822, abs=42)
    kept = snapshot.ics_table(snapshot.read(project / snapshot.FOLDER), imd, boundary)
    pd.testing.assert_frame_equal(table, kept)
    assert set(snapshot.needed(imd, boundary)) <= set(raw.files)


def test_a_vintage_or_a_day_that_is_not_kept_is_named_with_those_that_are(project: Path) -> None:
    kept = snapshot.read(project / snapshot.FOLDER)
    with pytest.raises(
        CompendiumError, match=r"found 2025, stp21, expected 2019, stp21 or 2019, icb22 or .*'compendium snap"
    ):
        snapshot.ics_table(kept, "2025", "stp21")
    with pytest.raises(CompendiumError, match=r"trusts.csv, column 'open_on': .*found 2030-01-01, expected 2021-01-01"):
        snapshot.ics_table(kept, trusts_on="2030-01-01")


@pytest.mark.parametrize(("imd", "boundary"), [("2019", "icb24"), ("2025", "stp21")])
def test_vintages_that_do_not_fit_are_refused(raw: snapshot.RawData, imd: str, boundary: str) -> None:
    with pytest.raises(CompendiumError) as error:
        snapshot.compute(raw, [(imd, boundary)])
    assert "looks like LSOA 2011" in str(error.value)
    assert "looks like LSOA 2021" in str(error.value)


def test_populations_exist_on_two_boundaries_only(raw: snapshot.RawData) -> None:
    with pytest.raises(CompendiumError, match="found icb24, expected icb22, stp21"):
        snapshot.population_counts(raw, "icb24")


def test_a_file_that_was_not_fetched_and_a_missing_table_are_named(tmp_path: Path) -> None:
    with pytest.raises(CompendiumError, match="was not fetched; found imd2019"):
        snapshot.RawData({}).read("imd2019")
    with pytest.raises(CompendiumError, match="snapshot is missing"):
        snapshot.read(tmp_path)
