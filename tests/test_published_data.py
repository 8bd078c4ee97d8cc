"""Double entry: a second reading of the thesis must agree with the transcribed tables, cell by cell.

This reader shares nothing with the package: it finds each table by its caption, matches every printed row with a
pattern of its own and compares printed forms (38%, 3,146,943, blank) with the forms rebuilt from the CSV.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

TEXT = "003_f1ac5b0042208932.txt"
PERCENT = r"\d{1,3}%"
NAME = r"[A-Z][A-Za-z, \-]+"
LEVEL = r"low|medium|high"
GEOGRAPHY = re.compile(
    rf"^({NAME})\t({NAME})\t({PERCENT})\t(more rural|mixed|more urban)\t([\d,]{{7,9}})\t(small|medium|large)$", re.M
)
ORGANISATION = re.compile(
    rf"^({NAME})\t(\d+)\t({LEVEL})\t(Single|Mixed|Two-tier)\t(\d+)\t({LEVEL})\t([1-6])\t(\d?)\t(\d?)$", re.M
)
DEPRIVATION = re.compile(rf"^({NAME})\t({PERCENT})\t({LEVEL})$", re.M)
PROFILE = re.compile(
    r"^ICS ([ABC])\t(High)\t(Mixed|Urban)\t(Medium|Large)\t"
    r"(Earlier|Later) ICS wave, (moderate|high) involvement[^\t\n]*$",
    re.M,
)
INTERVIEWEES = re.compile(r"^(?:ICS ([ABC])|<i>Total</i>)\t(\d+)\t(\d+)\t(\d+)\t(\d+)\t(\d+)\t(\d+)$", re.M)


def between(text: str, start: str, end: str) -> str:
    assert text.count(start) == 1, f"{start!r} must stand once"
    return text.split(start)[1].split(end)[0]


@pytest.fixture(scope="module")
def thesis(seeds: Path) -> str:
    return (seeds / TEXT).read_text(encoding="utf-8")


def rows(project: Path, name: str) -> list[dict[str, str]]:
    with open(project / "data" / "published" / f"{name}.csv", encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def test_geography_and_regions(thesis, project):
    table = between(
        thesis, "Table 2. Integrated care system characteristics: geography and size", "Table 2 notes and sources"
    )
    regions = {row["stp21_code"]: row["nhs_region"] for row in rows(project, "areas")}
    rebuilt = [
        (
            row["ics_name"],
            regions[row["stp21_code"]],
            f"{row['urban_percent']}%",
            row["urban_class"],
            f"{int(row['population']):,}",
            row["population_class"],
        )
        for row in rows(project, "ics_geography")
    ]
    assert rebuilt == GEOGRAPHY.findall(table)
    assert len(rebuilt) == 42


def test_organisation_and_policy_context(thesis, project):
    table = between(
        thesis,
        "Table 3. Integrated care system characteristics: organizational complexity and policy context",
        "Table 3 notes and sources",
    )
    columns = ["ics_name", "utla_count", "utla_class", "tier_arrangement", "trust_count", "trust_class", "ics_wave"]
    rebuilt = [
        (*(row[column] for column in columns), *(row[c] if row[c] != "0" else "" for c in ("vanguards", "pioneers")))
        for row in rows(project, "ics_organisation")
    ]
    assert rebuilt == ORGANISATION.findall(table)
    assert len(rebuilt) == 42


def test_the_printed_table_never_writes_a_zero_for_policy_sites(thesis):
    table = between(thesis, "organizational complexity and policy context", "Table 3 notes and sources")
    cells = [cell for row in ORGANISATION.findall(table) for cell in row[-2:]]
    assert len(cells) == 84
    assert "0" not in cells
    assert cells.count("") == 46


def test_blanks_as_zero_add_up_to_29_vanguards_and_25_pioneers(project):
    table = rows(project, "ics_organisation")
    assert sum(int(row["vanguards"]) for row in table) == 29
    assert sum(int(row["pioneers"]) for row in table) == 25


def test_deprivation(thesis, project):
    table = between(thesis, "Table 4. Integrated care system characteristics: deprivation", "Table 4 notes and sources")
    rebuilt = [
        (row["ics_name"], f"{row['most_deprived_fifth_percent']}%", row["deprivation_class"])
        for row in rows(project, "ics_deprivation")
    ]
    assert rebuilt == DEPRIVATION.findall(table)
    assert len(rebuilt) == 42


@pytest.mark.parametrize(
    ("place", "start", "end"),
    [
        ("chapter 4, Table 2, notes", "\nTable 2 notes and sources\n", "\nTable 3. Integrated"),
        ("chapter 7, Table 1, notes", "\nTable 1. Selected case study characteristics", "\nTable 2. Interviewee"),
    ],
)
def test_class_bounds(thesis, project, place, start, end):
    notes = between(thesis, start, end)
    printed = re.findall(r"[‘'](?:more )?(mixed|urban|medium|large)[’'] \(([^)]*\d%|[^)]*m)(?: urban areas)?\)", notes)
    bounds = [row for row in rows(project, "class_bounds") if row["place"] == place]
    stripped = [(row["class_label"].removeprefix("more "), row["printed"]) for row in bounds]
    assert stripped == [(label, text.removesuffix(" urban areas")) for label, text in printed]
    for row in bounds:
        low, high = (float(number) for number in re.findall(r"[\d.]+", row["printed"]))
        scale = 1_000_000 if "m" in row["printed"] else 1
        assert (float(row["lower"]), float(row["upper"])) == (low * scale, high * scale)


def test_case_profiles(thesis, project):
    table = between(thesis, "Table 1. Selected case study characteristics compared to all ICSs", "\nNotes. For")
    columns = ["site", "deprivation", "geography", "population_size", "ics_wave", "policy_involvement"]
    rebuilt = [tuple(row[column].lower() for column in columns) for row in rows(project, "case_profiles")]
    assert rebuilt == [tuple(cell.lower() for cell in row) for row in PROFILE.findall(table)]
    assert len(rebuilt) == 3


def test_interviewees_and_their_totals(thesis, project):
    table = between(thesis, "\nTable 2. Interviewee sectors\n", "\nData collection and analysis\n")
    sectors = ["ICB", "Provider", "Public health", "Social care", "Community"]
    assert [cell for cell in table.strip().splitlines()[1].split("\t") if cell] == sectors
    cells = {(row["site"], row["sector"]): row["interviewees"] for row in rows(project, "interviewees")}
    totals = {(row["margin"], row["category"]): row["interviewees"] for row in rows(project, "interviewee_margins")}
    rebuilt = [(site, *(cells[site, sector] for sector in sectors), totals["site", site]) for site in ("A", "B", "C")]
    rebuilt.append(("", *(totals["sector", sector] for sector in sectors), totals["overall", "Total"]))
    assert rebuilt == INTERVIEWEES.findall(table)
    assert len(cells) == 15


def test_totals_of_the_methods(thesis, project):
    sample = re.findall(r"[Oo]ur sample included (\d+) leaders", thesis.split("\nCHAPTER 7\n")[1], re.I)
    others = re.findall(r"included (\d+) leaders from the NHS [^.]* and (\d+) from public health", thesis)
    totals = {(row["margin"], row["category"]): row["interviewees"] for row in rows(project, "interviewee_margins")}
    assert totals["overall", "Sample"] in sample
    assert others == [(totals["sector_group", "NHS"], totals["sector_group", "Other sectors"])]


@pytest.mark.parametrize(
    ("name", "table"), [("areas", 2), ("ics_geography", 2), ("ics_organisation", 3), ("ics_deprivation", 4)]
)
def test_every_row_says_where_it_stands(project, name, table):
    places = [row["place"] for row in rows(project, name)]
    assert places == [f"chapter 4, Table {table}, row {number}" for number in range(1, 43)]
    assert {row["source"] for row in rows(project, name)} == {"alderwick-2024-thesis"}
