"""No output of the project names, lists or marks systems that one of the anonymous case-study sites could be.

The sets that must not appear are computed here and never shown: a failing test names the file, not the systems.
"""

from __future__ import annotations

import csv
import io
import json
import re
from itertools import combinations
from pathlib import Path

import pytest

from analysis import areas, characteristics
from compendium.data import loading

SITE = re.compile(r"\b(?:ICS|[Ss]ite|[Ss]ystem) [ABC]\b(?! Board)")
WORDS = {"deprivation": "deprivation_class", "geography": "urban_class", "population_size": "population_class"}


@pytest.fixture(scope="module")
def printed():
    names = ("ics_geography", "ics_organisation", "ics_deprivation")
    return characteristics.join(areas.read_areas(), *map(loading.read, names))


@pytest.fixture(scope="module")
def names(printed) -> list[set[str]]:
    """Return the ways to name each system: printed name, ONS code, ODS code, tile label."""
    tiles = loading.read("ics_tiles").set_index("stp21_code")["label"]
    columns = zip(printed["stp21_code"], printed["ods_code"], printed["ics_name"], strict=True)
    return [{stp, ods, name, tiles[stp]} for stp, ods, name in columns]


@pytest.fixture(scope="module")
def withheld(printed) -> list[frozenset[int]]:
    """Return every set of systems that two or more descriptors of one printed profile pick out."""
    profiles = loading.read("case_profiles").replace({"geography": {"urban": "more urban"}})
    found = set()
    for _, profile in profiles.iterrows():
        for size in (2, 3):
            for chosen in combinations(WORDS, size):
                fits = printed.index[
                    [all(row[WORDS[name]] == profile[name] for name in chosen) for _, row in printed.iterrows()]
                ]
                if 0 < len(fits) < 14:
                    found.add(frozenset(fits))
    return sorted(found, key=sorted)


@pytest.fixture(scope="module")
def outputs(project: Path) -> dict[str, str]:
    """Return the text of everything that is committed or built: data, notebooks with outputs, results, pages."""
    found = {}
    for folder in ("data", "notebooks", "manuscript", "build/results", "build/pages", "build/notebooks"):
        for path in sorted((project / folder).rglob("*")):
            kept = path.suffix in {".csv", ".md", ".qmd", ".json", ".js", ".ipynb", ".py"} and "raw" not in path.parts
            if kept and path.is_file():
                found[path.relative_to(project).as_posix()] = path.read_text("utf-8")
    assert any(name.endswith(".csv") for name in found)
    return found


def named(text: str, names: list[set[str]]) -> frozenset[int]:
    return frozenset(i for i, ways in enumerate(names) if any(way in text for way in ways))


def tables(name: str, text: str) -> list[str]:
    """Return the parts of an output that a reader takes in as one list: a CSV file, a table, a paragraph, a cell."""
    if name.endswith(".csv"):
        return [text]
    if name.endswith(".ipynb"):
        parts = []
        for cell in json.loads(text)["cells"]:
            parts.append("".join(cell["source"]))
            for output in cell.get("outputs", []):
                parts += ["".join(value) for kind, value in output.get("data", {}).items() if kind.startswith("text/")]
        return parts
    return re.split(r"\n\s*\n", text)


def test_no_output_lists_exactly_the_systems_that_a_profile_picks_out(outputs, names, withheld) -> None:
    assert withheld
    wrong = {
        name for name, text in outputs.items() for part in tables(name, text) if named(part, names) in set(withheld)
    }
    assert sorted(wrong) == []


def test_no_result_tells_how_many_systems_fit_a_profile(outputs) -> None:
    values = json.loads(outputs["build/results/values.json"])
    assert {key for key in values if key.startswith("disclosure.")} == {"disclosure.cells", "disclosure.small-cells"}
    for name, text in outputs.items():
        if name.startswith(("notebooks/", "build/")):
            assert not re.search(r"disclosure\.(set_sizes|narrowing|coarser_descriptions|report)\(", text), name
            assert "anonymity set" not in text, name


def test_no_line_names_a_site_and_a_system_together(outputs, names) -> None:
    wrong = []
    for name, text in outputs.items():
        for part in tables(name, text):
            for line in part.splitlines():
                if SITE.search(line) and named(SITE.sub("", line), names):
                    wrong.append(name)
    assert sorted(set(wrong)) == []


def test_no_table_has_a_column_of_sites_beside_systems(outputs, names) -> None:
    wrong = []
    for name, text in outputs.items():
        if not name.endswith(".csv"):
            continue
        rows = list(csv.reader(io.StringIO(text)))
        headed = [i for i, title in enumerate(rows[0]) if title.strip().lower() in {"site", "case", "sites"}]
        lettered = [i for i in headed if {row[i] for row in rows[1:] if len(row) > i} & {"A", "B", "C"}]
        if lettered and named(text, names):
            wrong.append(name)
    assert wrong == []


def test_the_guard_sees_what_it_should(names, withheld) -> None:
    listed = "\n".join(min(names[i]) for i in withheld[0])
    assert named(listed, names) == withheld[0]
    assert SITE.search("a leader in ICS B said")
    assert SITE.search("Site C")
