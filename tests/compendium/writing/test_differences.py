"""Differences between two commits: of recorded values, of tables cell by cell, of prose sentence by sentence."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from compendium.errors import CompendiumError
from compendium.writing import differences
from compendium.writing.differences import Results, State

git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def cell(source: str, plain: str, markdown: str = "") -> dict:
    data = {"text/plain": plain.splitlines(keepends=True)}
    if markdown:
        data["text/markdown"] = markdown.splitlines(keepends=True)
    return {"cell_type": "code", "source": [source], "outputs": [{"output_type": "execute_result", "data": data}]}


def notebook(*cells: dict) -> str:
    return json.dumps({"cells": list(cells)})


VALUES = "[ics.count = 42 ICSs,\n ics.population.largest = 3,146,943 people,\n a.share = 12.5%]"
TABLE = "| Site | NHS |\n| ---- | --: |\n| A | 3 |\n| B \\| C | 4 |\n\n*People*"


def test_values_are_read_from_lists_and_alone() -> None:
    found = differences.of_notebooks(
        [notebook(cell("[store.record_value()]", VALUES), cell("store.record_value()", "one.two = July 2022"))]
    )
    assert found.values == {
        "ics.count": "42 ICSs",
        "ics.population.largest": "3,146,943 people",
        "a.share": "12.5%",
        "one.two": "July 2022",
    }


def test_what_no_cell_records_is_no_result() -> None:
    assert differences.of_notebooks([notebook(cell("print()", "x.y = 3"))]) == Results()


def test_tables_and_figures_are_read_with_their_digests() -> None:
    found = differences.of_notebooks(
        [
            notebook(
                cell("store.record_table()", "table people: 2 rows, 2 columns, sha256 abc123", TABLE),
                cell("store.record_figure()", "figure map: 42 rows plotted, sha256 def456"),
            )
        ]
    )
    assert found.tables == {"people": ["Site | NHS", "A | 3", "B \\| C | 4"]}
    assert found.digests == {"table people": "abc123", "figure map": "def456"}


def test_what_a_build_shows_is_what_a_notebook_shows(small_project: Path) -> None:
    from compendium.chain import graph

    graph.build(jobs=1)
    built = differences.of_build(small_project / "build")
    executed = [path.read_text("utf-8") for path in sorted((small_project / "build/notebooks").glob("*.ipynb"))]
    shown = differences.of_notebooks(executed)
    assert shown.values == built.values == {"numbers.sum": "6 points", "numbers.twice": "12", "alone.share": "12.5%"}
    assert shown.digests == built.digests
    assert shown.tables == built.tables


def report(before: Results, after: Results) -> list[str]:
    return differences.report(State("one", before, {}), State("two", after, {}))


def test_no_change_says_so() -> None:
    same = Results({"a.b": "1"}, {"t": ["x"]}, {"table t": "1"})
    assert report(same, same) == [
        *("From one to two", ""),
        *("Values: no change", "", "Tables: no change", "", "Figures: no change", "", "Prose: no change"),
    ]


def test_values_added_removed_and_changed() -> None:
    lines = report(Results({"a.a": "1", "b.b": "2 x"}), Results({"b.b": "3 x", "c.c": "4"}))
    assert lines[2:6] == ["Values", "  - a.a = 1", "  ~ b.b: 2 x → 3 x", "  + c.c = 4"]


def test_tables_show_the_rows_that_changed() -> None:
    before = Results(tables={"t": ["Site | N", "A | 3", "B | 4"], "gone": ["x", "1"]})
    after = Results(tables={"t": ["Site | N", "A | 3", "B | 5"], "new": ["x", "1", "2"]})
    lines = report(before, after)
    at = lines.index("Tables")
    assert lines[at + 1 : at + 6] == [
        "  - gone (1 rows)",
        "  + new (2 rows)",
        "  ~ t",
        "      - B | 4",
        "      + B | 5",
    ]


def test_a_table_that_changed_out_of_sight_is_named() -> None:
    rows = {"t": ["Site | N", "A | 3"]}
    lines = report(Results(tables=rows, digests={"table t": "1"}), Results(tables=rows, digests={"table t": "2"}))
    assert "  ~ t: rows that the notebook does not show (see them with --build)" in lines


def test_many_changed_rows_are_cut_short() -> None:
    lines = report(Results(tables={"t": [f"a{n}" for n in range(30)]}), Results(tables={"t": ["b"]}))
    assert sum(line.startswith("      ") for line in lines) == differences.MOST + 1
    assert "      and 23 more lines" in lines


OLD = "# Methods\n\nWe asked ten people. They answered\nevery question. Then we left.\n\n## Data\n\nNothing else.\n"
NEW = "# Methods\n\nWe asked twelve people. They answered every\nquestion.\n\n## Data\n\nSomething new. Nothing else.\n"


def test_sentences_that_changed_stand_below_their_heading() -> None:
    assert list(differences.changed_sentences(OLD, NEW)) == [
        "[Methods]",
        "~ We asked [-ten-] {+twelve+} people.",
        "- Then we left.",
        "[Data]",
        "+ Something new.",
    ]


def test_another_line_break_is_no_change() -> None:
    assert list(differences.changed_sentences(OLD, OLD.replace("answered\nevery", "answered every"))) == []


def run(folder: Path, *arguments: str) -> None:
    names = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *names, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def history(small_project: Path) -> Path:
    """Return a small project with two commits: a number in its data and a sentence changed."""
    (small_project / "index.qmd").write_text("# Home\n\nThere are six.\n", "utf-8")
    run(small_project, "init", "-q")
    for message, numbers, words in (("first", "1\n2\n3", "six"), ("second", "1\n2\n4", "seven")):
        (small_project / "data/numbers.csv").write_text(f"n\n{numbers}\n", "utf-8")
        (small_project / "index.qmd").write_text(f"# Home\n\nThere are {words}.\n", "utf-8")
        run(small_project, "add", "-A", "data", "index.qmd", "notebooks")
        run(small_project, "commit", "-q", "-m", message)
    return small_project


@git
def test_commits_are_compared_by_what_they_hold(history: Path) -> None:
    lines = differences.compare("HEAD~1", "HEAD")
    assert lines[-3:] == ["  ~ index.qmd", "      [Home]", "      ~ There are [-six.-] {+seven.+}"]
    (history / "index.qmd").write_text("# Home\n\nThere are eight.\n", "utf-8")
    assert differences.compare("HEAD")[-1] == "      ~ There are [-seven.-] {+eight.+}"


@git
def test_building_both_shows_what_no_notebook_holds(history: Path) -> None:
    lines = differences.compare("HEAD~1", "HEAD", build=True)
    assert "  ~ numbers.sum: 6 points → 7 points" in lines
    assert "  ~ numbers.twice: 12 → 14" in lines
    at = lines.index("  ~ numbers")
    assert lines[at + 1 : at + 3] == ["      - 3", "      + 4"]
    assert not (history / "build").exists()


@git
def test_a_commit_that_is_not_there(history: Path) -> None:
    with pytest.raises(CompendiumError, match="no such commit"):
        differences.compare("nowhere")
    with pytest.raises(CompendiumError, match="no such commit"):
        differences.compare("--all")
