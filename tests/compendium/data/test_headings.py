"""Printed tables take their columns and headings from the dictionary of tables, and their names of variables too."""

from fnmatch import fnmatch
from pathlib import Path

import pandas as pd
import pytest
from conftest import PROJECT

from compendium.chain import notebooks
from compendium.data import headings
from compendium.errors import CompendiumError


def dictionary(project: Path, text: str) -> None:
    (project / headings.FILE).write_text(text, "utf-8")


def test_a_table_takes_the_columns_and_headings_that_the_dictionary_names(small_project: Path) -> None:
    dictionary(small_project, '[areas]\nname = "Area"\nn = "People"\n')
    frame = pd.DataFrame({"n": [1], "code": ["a"], "name": ["Ash"]})
    assert headings.titled(frame, "areas").to_dict("list") == {"Area": ["Ash"], "People": [1]}
    assert headings.titled(frame, "other") is frame


def test_a_project_without_dictionary_leaves_tables_alone(small_project: Path) -> None:
    frame = pd.DataFrame({"n": [1]})
    assert headings.titled(frame, "areas") is frame


def test_a_column_that_is_not_there_is_named_with_the_nearest(small_project: Path) -> None:
    dictionary(small_project, '[areas]\npopulaton = "People"\n')
    with pytest.raises(CompendiumError, match=r"data/tables.toml, column 'populaton'.*expected population"):
        headings.titled(pd.DataFrame({"population": [1]}), "areas")


@pytest.mark.parametrize("text", ['[areas\nn = "n"', 'areas = "n"', "[areas]\n", "[areas]\nn = 1\n"])
def test_a_faulty_dictionary_is_refused(small_project: Path, text: str) -> None:
    dictionary(small_project, text)
    with pytest.raises(CompendiumError, match="data/tables.toml"):
        headings.titled(pd.DataFrame({"n": [1]}), "areas")


def test_titles_of_fields_say_what_is_a_percentage() -> None:
    titles = headings.titles("ics_geography", "ics_organisation")
    assert titles["urban_percent"] == "LSOAs classed as urban (%)"
    assert titles["trust_count"] == "NHS trusts"


def test_every_entry_is_a_table_that_a_notebook_records() -> None:
    recorded = {name for each in notebooks.discover(PROJECT / "notebooks") for name in each.results_written}
    unknown = {name for name in headings.tables() if not any(fnmatch(name, pattern) for pattern in recorded)}
    assert unknown == set()
