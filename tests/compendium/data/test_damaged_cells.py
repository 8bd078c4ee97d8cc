"""One damaged cell is refused, wherever a result rests on it: every column that a rule of its package can hold to."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from compendium.data import loading, packages
from compendium.errors import CompendiumError
from compendium.writing import checks

# (file, column, what the first filled cell becomes, what the sentence says)
DAMAGES = {
    "code of a segment": ("coding/prucomm/segments.csv", "codes", "{};odd-code", "odd-code"),
    "code of another study": ("coding/goddard/segments.csv", "codes", "{};pr-m1", "'goddard-codebook'"),
    "code twice": ("coding/goddard/segments.csv", "codes", "{0};{0}", "stands twice"),
    "blank code": ("coding/alderwick-ch7/segments.csv", "codes", "{};", "is blank"),
    "other separator": ("coding/alderwick-paper/segments.csv", "codes", "a,b", "a,b"),
    "code of the second coding": ("coding/recoding.csv", "codes", "odd-code", "alderwick-paper, odd-code"),
    "second coding of another study": ("coding/recoding.csv", "codes", "pr-m1", "alderwick-paper, pr-m1"),
    "segment of the second coding": ("coding/recoding.csv", "segment_id", "paper-99", "paper-99"),
    "segment of an antecedent": ("coding/antecedents.csv", "segment_id", "ch7-99", "ch7-99"),
    "segment of an overlap": ("coding/overlaps.csv", "segments", "{};ch7-99", "ch7-99"),
    "first segment of a conflict": ("coding/conflicts.csv", "segment_a", "paper-99", "paper-99"),
    "second segment of a conflict": ("coding/conflicts.csv", "segment_b", "ch7-99", "ch7-99"),
    "segment of a finding": ("coding/triangulation.csv", "segments", "{};paper-99", "paper-99"),
    "segment of another study": ("coding/triangulation.csv", "segments", "pru-001", "pru-001"),
    "sign of a spelling": ("coding/speakers.csv", "spelling", "{};odd", "not one of those allowed"),
    "code of a topic": ("comparison/guide_topics.csv", "codes", "{};odd-code", "odd-code"),
    "area": ("derived/ics_counts.csv", "area", "QQQ", "QQQ"),
    "area of a region": ("derived/regions.csv", "area", "QQQ", "'areas'"),
    "region": ("derived/regions.csv", "region", "Midland", "Midlands"),
    "vintage of the index": ("derived/ics_counts.csv", "imd", "2091", "2019"),
    "boundaries": ("derived/populations.csv", "boundaries", "stp12", "stp21"),
    "authority": ("derived/authorities.csv", "utla", "E0600008", "E[0-9]{8}"),
    "negative": ("derived/trusts.csv", "trusts", "-1", "at least 0"),
    "blank": ("derived/populations.csv", "projected", "", "a value is missing"),
    "no LSOA": ("derived/ics_counts.csv", "lsoas", "0", "at least 1"),
    "more than there are": ("derived/ics_counts.csv", "fifth", "99999", "greater than that of 'lsoas'"),
    "more of an authority": ("derived/authorities.csv", "lsoas", "999", "greater than that of 'utla_lsoas'"),
    "day": ("derived/trusts.csv", "open_on", "2021-02-30", "YYYY-MM-DD"),
    "review": ("published/review_factors.csv", "review_id", "odd2000one", "'reviews'"),
    "policy": ("published/policy_aims.csv", "policy_id", "odd", "'policies'"),
    "interval": ("published/review_pooled.csv", "lower", "99", "greater than that of 'estimate'"),
    "checklist item": ("published/srqr_original.csv", "item", "srqr-odd", "'srqr'"),
}


@pytest.fixture(scope="module")
def sound(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("damaged")
    shutil.copytree(project / "data", root / "data")
    shutil.copy(project / "compendium.toml", root)
    return root


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_cell_is_refused_by_every_reader(sound: Path, damage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPENDIUM_ROOT", str(sound))
    name, column, becomes, said = DAMAGES[damage]
    path = sound / "data" / name
    kept = path.read_bytes()
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    at = rows[0].index(column)
    number, row = next((number, row) for number, row in enumerate(rows[1:], start=2) if row[at])
    row[at] = becomes.format(row[at])
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)
        for read in (loading.read_file, loading.read_text):
            with pytest.raises(CompendiumError) as caught:
                read(path)
            assert caught.value.row == number
            assert column in str(caught.value.column)
            assert said in str(caught.value)
    finally:
        path.write_bytes(kept)


def test_check_names_the_cell_and_every_table_that_it_breaks(sound: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPENDIUM_ROOT", str(sound))
    assert list(checks.data_files(sound, {})) == []
    path = sound / "data/coding/goddard/codebook.csv"
    kept = path.read_text("utf-8")
    try:
        path.write_text(kept.replace("goddard,go-feature,", "goddard,go-featured,", 1), "utf-8")
        found = {finding.file: finding.message for finding in checks.data_files(sound, {})}
    finally:
        path.write_text(kept, "utf-8")
    assert {"data/coding/goddard/segments.csv", "data/coding/frameworks/goddard-themes.csv"} <= set(found)
    assert "found go-feature, expected go-featured" in found["data/coding/goddard/segments.csv"]


def test_a_description_is_read_again_when_its_content_changes_and_only_then(
    sound: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMPENDIUM_ROOT", str(sound))
    path = sound / "data/comparison/guide_topics.csv"
    schema = packages.described(path)
    assert schema is not None
    assert packages.described(path) is schema
    package = sound / "data/comparison/datapackage.json"
    kept = package.read_text("utf-8")
    try:
        package.write_text(kept.replace('"minimum": 1', '"minimum": 2'), "utf-8")
        with pytest.raises(CompendiumError, match="at least 2"):
            loading.read_file(path)
    finally:
        package.write_text(kept, "utf-8")
    assert packages.described(path) is schema
