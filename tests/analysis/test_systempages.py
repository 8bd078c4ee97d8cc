"""Pages of single systems: values and places, and none of the labels that the profiles of anonymous sites print."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from analysis import explorers, systempages
from compendium.website.markup import read_csv


@pytest.fixture(scope="module")
def pages(project: Path) -> dict[str, str]:
    """Return the pages of all systems, without the results of a build."""
    made = explorers.files(project / "data", project / "data/none")
    return {name: text for name, text in made.items() if name.startswith("systems/")}


def test_every_system_has_a_page_with_its_printed_values(pages: dict[str, str], project: Path) -> None:
    printed = {row["ics_name"]: row for row in read_csv(project / "data/published/ics_geography.csv")}
    assert len(pages) == len(printed) == 42
    text = pages["systems/devon.qmd"]
    assert f"{int(printed['Devon']['population']):,}" in text
    assert f'data-label="Printed">{printed["Devon"]["urban_percent"]}%</td>' in text
    assert "Cornwall and the Isles of Scilly](/build/pages/systems/cornwall-and-the-isles-of-scilly.qmd)" in text


def test_no_page_shows_a_class_a_wave_or_a_programme(pages: dict[str, str], project: Path) -> None:
    rows = explorers.ics_rows(project / "data", {})
    labels = {label for row in rows for label in row["classes"].values()}
    assert len(labels) >= 5
    shown = re.compile(rf"\b(?:{'|'.join(map(re.escape, labels))})\b(?!-)|\bwaves?\b|vanguard|pioneer", re.IGNORECASE)
    assert shown.search(explorers.ics_table(rows)), "the printed table shows what is looked for"
    assert {name: found[0] for name, text in pages.items() if (found := shown.search(text))} == {}


def test_no_page_names_a_site(pages: dict[str, str]) -> None:
    assert [name for name, text in pages.items() if re.search(r"\b(?:ICS|[Ss]ite|[Ss]ystem) [ABC]\b", text)] == []


@pytest.mark.parametrize(("value", "place"), [(9, "1st of 5"), (7, "joint 2nd of 5"), (3, "4th of 5"), (1, "5th of 5")])
def test_a_place_is_counted_from_the_highest(value: int, place: str) -> None:
    assert systempages.position(value, [1, 3, 7, 7, 9]) == place


def test_the_teens_end_in_th() -> None:
    assert [systempages.position(30 - n, range(30))[:4] for n in (11, 12, 13, 21)] == ["11th", "12th", "13th", "21st"]


def test_neighbours_are_told_both_ways_the_longest_border_first() -> None:
    rows = [
        {"stp21_code_a": "a", "stp21_code_b": "b", "edge_km": "2"},
        {"stp21_code_a": "a", "stp21_code_b": "c", "edge_km": "30.5"},
    ]
    assert systempages.neighbours(rows) == {"a": ["c", "b"], "b": ["a"], "c": ["a"]}


def test_other_vintages_are_shares_of_their_counts(project: Path) -> None:
    found = systempages.other_vintages(project / "data")
    assert len({vintage for _, _, vintage, _ in found}) > 3
    assert all(len(values) == 42 for *_, values in found)
    counts = read_csv(project / "data/derived/ics_counts.csv")
    row = next(row for row in counts if row["imd"] == "2025" and row["area"] == "QJK")
    shares = next(values for title, _, vintage, values in found if vintage.startswith("IMD 2025"))
    assert shares["QJK"] == 100 * int(row["fifth"]) / int(row["lsoas"])


def test_a_strip_marks_one_dot_and_stacks_equal_values() -> None:
    drawn = systempages.strip([1, 1, 2, 5], 1, "words")
    assert drawn.count("<circle") == 4
    assert drawn.count("marked") == 1
    assert len({*re.findall(r'cx="8" cy="(\d+)"', drawn)}) == 2
