"""No output of the project names, lists or marks systems that one of the anonymous case-study sites could be.

The rule is tested on invented profiles and areas. The real profiles and the real areas are never joined, here or
anywhere: outputs and sources are searched for the shapes that such a join would take.
"""

from __future__ import annotations

import csv
import io
import json
import re
from itertools import combinations
from pathlib import Path

import pytest

from analysis import areas

SITE = re.compile(r"\b(?:ICS|[Ss]ite|[Ss]ystem) [ABC]\b(?! Board)")
DESCRIPTORS = ("deprivation_class", "urban_class", "population_class", "ics_wave", "vanguards", "pioneers")
COMPARED = re.compile(
    r"""\b(?:{0})["']?\]?\)?\s*(?:==|!=|\.eq\(|\.isin\()|==\s*\w+\[["'](?:{0})""".format("|".join(DESCRIPTORS))
)
LISTED = (  # what may list some systems and not all: each chosen by one measure, by the audit or by their printed order
    "| Variable | Integrated care system | Printed",
    "| Verdict | Variable | Integrated care system",
    "| Variable | Value of |",
    "| Integrated care system | Printed (%) | Recomputed (%)",
    "| Integrated care system | In the study's subgroup",
)
AUDITED = ("audit-", "ics-moved", "robust")


@pytest.fixture(scope="module")
def names() -> list[set[str]]:
    """Return the ways to name each system: printed name, ONS code, ODS code."""
    table = areas.read_areas()
    return [{*row} for row in zip(table["stp21_code"], table["ods_code"], table["ics_name"], strict=True)]


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


def some(text: str, names: list[set[str]]) -> bool:
    """Say whether a part lists several systems but not all."""
    return 1 < len(named(text, names)) < len(names)


def first_rows(part: str, names: list[set[str]]) -> bool:
    """Say whether the systems of a part are simply the first of the printed order, as ``head()`` shows them."""
    found = named(part, names)
    return found == frozenset(range(len(found)))


def test_only_known_tables_list_some_of_the_systems(outputs, names) -> None:
    wrong = []
    for name, text in outputs.items():
        if not name.endswith((".md", ".qmd", ".ipynb")):
            continue
        for part in tables(name, text):
            known = part.lstrip().startswith(LISTED) or first_rows(part, names)
            if some(part, names) and not known and not prose(part):
                wrong.append(name)
    assert sorted(set(wrong)) == []


def prose(part: str) -> bool:
    """Say whether a part is text or code without a table or a printed frame."""
    return not re.search(r"^\s*[|<+]|^\s*\d+\s{2,}\S", part, re.MULTILINE)


def test_no_file_of_results_lists_systems_by_two_descriptors(outputs, names) -> None:
    wrong = []
    for name, text in outputs.items():
        if name.startswith("build/") and name.endswith(".csv") and some(text, names):
            headings = set(next(csv.reader(io.StringIO(text))))
            if len(headings & set(DESCRIPTORS)) > 1 or not Path(name).name.startswith(AUDITED):
                wrong.append(name)
    assert wrong == []


def combined(text: str) -> bool:
    """Say whether a source compares two descriptors within one statement, as a choice by a whole profile would."""
    statements = re.split(r"\n(?=\S|\s{4}\S)|;", text)
    found = (set(re.findall("|".join(DESCRIPTORS), " ".join(COMPARED.findall(part)))) for part in statements)
    return any(len(descriptors) > 1 for descriptors in found)


def test_no_source_chooses_areas_by_two_descriptors(project: Path) -> None:
    wrong = []
    for folder in ("analysis", "compendium", "notebooks", "tests", "R", "manuscript", "benchmarks"):
        for path in sorted((project / folder).rglob("*")):
            if path.suffix in {".py", ".R", ".js"} and path != Path(__file__) and combined(path.read_text("utf-8")):
                wrong.append(path.relative_to(project).as_posix())
    assert wrong == []


def test_only_what_shows_the_profiles_as_printed_reads_them(project: Path) -> None:
    readers = {
        path.relative_to(project).as_posix()
        for folder in ("analysis", "compendium", "notebooks", "R", "manuscript", "benchmarks")
        for path in (project / folder).rglob("*")
        if path.suffix in {".py", ".R", ".js"} and re.search(r"case_profiles(?:\.csv)?[\"']", path.read_text("utf-8"))
    }
    assert readers == {"notebooks/02_case_selection.py", "notebooks/07_synthesis.py"}
    for name in readers:
        text = (project / name).read_text("utf-8")
        assert not re.search(r"merge\([^)]*profiles|profiles\.(?:merge|join)\(", text), name


def test_no_result_tells_how_many_systems_fit_a_profile(outputs) -> None:
    values = json.loads(outputs["build/results/values.json"])
    assert {key for key in values if key.startswith("disclosure.")} == {"disclosure.cells", "disclosure.small-cells"}
    for name, text in outputs.items():
        if name.startswith(("notebooks/", "build/")):
            assert not re.search(r"disclosure\.(set_sizes|narrowing|coarser_descriptions|report)\(", text), name
            if not name.startswith("build/pages/reference/"):  # what the tool's functions do, of no study
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


INVENTED = [(f"Place {a}{b}{c}", a, b, c) for a in "sml" for b in "ru" for c in "12"]
PROFILES = {"X": ("s", "r", "1"), "Y": ("m", "u", "2"), "Z": ("l", "u", "1")}


@pytest.mark.parametrize("profile", sorted(PROFILES))
@pytest.mark.parametrize("chosen", [(0, 1), (0, 2), (1, 2)])
def test_a_list_of_invented_places_that_fit_a_profile_is_seen(profile: str, chosen: tuple[int, ...]) -> None:
    known = [{place[0]} for place in INVENTED]
    fits = [place for place in INVENTED if all(place[1 + i] == PROFILES[profile][i] for i in chosen)]
    table = "| Place | Size |\n| --- | --- |\n" + "".join(f"| {place[0]} | {place[1]} |\n" for place in fits[::-1])
    assert len(fits) < len(INVENTED)
    assert some(table, known)
    assert not prose(table)
    assert not table.startswith(LISTED)
    assert not some("\n".join(place[0] for place in INVENTED), known)


@pytest.mark.parametrize(("one", "other"), list(combinations(DESCRIPTORS, 2)))
def test_a_source_that_chooses_by_two_descriptors_is_seen(one: str, other: str) -> None:
    assert combined(f"frame[(frame['{one}'] == a) & (frame['{other}'] == b)]")
    assert combined(f"rows.filter((row) => row.{one} === a && row.{other} === b)")
    assert not combined(f"frame[frame['{one}'] == a]\nframe[frame['{other}'] == b]")


def test_a_site_beside_a_system_is_seen() -> None:
    assert SITE.search("a leader in ICS B said")
    assert SITE.search("Site C")
