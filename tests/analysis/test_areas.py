"""The 42 ICSs: order, regions, and the codes against the published mapping."""

from __future__ import annotations

import csv

import pandas as pd
import pytest

from analysis.areas import REGIONS, read_areas
from compendium.errors import CompendiumError


def test_areas_come_in_printed_order_whatever_the_order_of_the_file(project, tmp_path):
    lines = (project / "data/published/areas.csv").read_text(encoding="utf-8").splitlines()
    shuffled = tmp_path / "areas.csv"
    shuffled.write_text("\n".join([lines[0], *reversed(lines[1:])]) + "\n", encoding="utf-8")
    areas = read_areas(shuffled)
    assert areas["printed_order"].tolist() == list(range(1, 43))
    pd.testing.assert_frame_equal(areas, read_areas())


def test_printed_order_is_the_order_of_the_ons_codes():
    assert read_areas()["stp21_code"].is_monotonic_increasing


def test_a_short_file_is_refused(project, tmp_path):
    lines = (project / "data/published/areas.csv").read_text(encoding="utf-8").splitlines()
    short = tmp_path / "areas.csv"
    short.write_text("\n".join(lines[:-1]) + "\n", encoding="utf-8")
    with pytest.raises(CompendiumError, match="found 41 rows, expected 42 rows"):
        read_areas(short)


def test_every_region_has_its_systems():
    counts = read_areas()["nhs_region"].value_counts()
    assert [counts[region] for region in REGIONS] == [4, 3, 11, 6, 5, 6, 7]
    assert counts.sum() == 42


def test_codes_names_and_regions_are_those_of_the_practice_mapping(raw_mirror):
    with open(raw_mirror / "gp-reg-pat-prac-map.csv", encoding="utf-8-sig", newline="") as handle:
        official = {
            (row["ONS_STP_CODE"], row["STP_CODE"], row["STP_NAME"], row["COMM_REGION_NAME"])
            for row in csv.DictReader(handle)
        }
    columns = ["stp21_code", "ods_code", "official_name", "nhs_region"]
    assert set(read_areas()[columns].itertuples(index=False, name=None)) == official


def test_printed_and_official_names_speak_of_the_same_places():
    areas = read_areas()
    joining = {"and", "the", "of", "health", "care", "partnership", "ics"}
    different = []
    for row in areas.itertuples():
        printed = set(row.ics_name.lower().replace("-", " ").replace(",", "").split()) - joining
        official = set(row.official_name.lower().replace("-", " ").replace(",", "").split()) - joining
        if not printed <= official:
            different.append((row.ods_code, row.ics_name))
    assert different == [("QMJ", "North Central London"), ("QMF", "North East London")]
