"""The whole compendium in a folder of its own: one command makes all, twice the same bytes, and errors lose nothing."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

pytestmark = pytest.mark.slow


def compendium(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "COMPENDIUM_ROOT": str(root), "SOURCE_DATE_EPOCH": "1700000000"}
    for name in ("COMPENDIUM_BUILD", "COMPENDIUM_CHAIN", "QUARTO_PATH"):
        environment.pop(name, None)
    command = [sys.executable, "-m", "compendium", *words]
    return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=root.parent, check=False)


def contents(*folders: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder.parent).as_posix(): path.read_bytes()
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def whole(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the project's sources, built and rendered once with the embedded engine."""
    root = tmp_path_factory.mktemp("whole") / "compendium"
    leave = shutil.ignore_patterns("build", "_output", "_variables.yml", ".git", ".venv", "raw", "tests", "*cache*")
    shutil.copytree(project, root, ignore=leave)
    done = compendium(root, "all", "--engine", "pandoc")
    assert done.returncode == 0, done.stderr
    return root


def test_one_command_makes_results_paper_thesis_and_site(whole: Path) -> None:
    names = {path.relative_to(whole / "_output").as_posix() for path in (whole / "_output").rglob("*")}
    assert {f"paper/paper.{kind}" for kind in ("html", "docx", "xml", "pdf")} <= names
    assert {"thesis/index.html", "thesis/thesis.pdf", "site/index.html"} <= names
    assert (whole / "build" / "results" / "values.json").is_file()
    assert (whole / "_variables.yml").is_file()
    notebooks = {path.stem for path in (whole / "notebooks").glob("*.py")}
    assert {path.stem for path in (whole / "build" / "notebooks").glob("*.ipynb")} == notebooks


def test_a_second_build_runs_nothing_and_a_forced_one_gives_the_same_bytes(whole: Path) -> None:
    first = contents(
        whole / "build" / "results", whole / "build" / "notebooks", whole / "build" / "pages", whole / "_output"
    )
    again = compendium(whole, "build")
    assert again.stdout.startswith("0 notebooks ran")
    done = compendium(whole, "all", "--engine", "pandoc", "--force")
    assert done.returncode == 0, done.stderr
    second = contents(
        whole / "build" / "results", whole / "build" / "notebooks", whole / "build" / "pages", whole / "_output"
    )
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []


def test_a_broken_table_is_one_sentence_and_nothing_is_lost(whole: Path) -> None:
    table = whole / "data" / "published" / "ics_deprivation.csv"
    good = table.read_text("utf-8")
    before = contents(whole / "build" / "results", whole / "_output")
    table.write_text(good.replace(",38,high,", ",138,high,"), "utf-8")
    try:
        done = compendium(whole, "all", "--engine", "pandoc")
    finally:
        table.write_text(good, "utf-8")
    assert done.returncode == 1
    sentence = done.stderr.strip().splitlines()[-1]
    assert "data/published/ics_deprivation.csv, row 2, column 'most_deprived_fifth_percent'" in sentence
    assert "found 138" in sentence
    assert "Traceback" not in done.stderr
    assert contents(whole / "build" / "results", whole / "_output") == before


def test_a_broken_manuscript_is_named_and_the_rendered_paper_stays(whole: Path) -> None:
    source = whole / "manuscript" / "paper" / "paper.qmd"
    good = source.read_text("utf-8")
    before = contents(whole / "_output")
    source.write_text(good + "\n\nNothing is known of {{< var no.such.value >}}.\n", "utf-8")
    try:
        rendered, checked = compendium(whole, "render", "paper", "--engine", "pandoc"), compendium(whole, "check")
    finally:
        source.write_text(good, "utf-8")
    assert rendered.returncode == checked.returncode == 1
    assert "manuscript/paper/paper.qmd" in rendered.stderr
    assert "no.such.value" in rendered.stderr
    assert any("no.such.value" in line and "error" in line for line in checked.stdout.splitlines())
    assert contents(whole / "_output") == before


def test_quarto_is_asked_for_by_name_only_where_it_is(whole: Path) -> None:
    if shutil.which("quarto"):
        pytest.skip("Quarto is installed here, so its absence cannot be tested")
    done = compendium(whole, "render", "site", "--engine", "quarto")
    assert done.returncode == 1
    assert "quarto" in done.stderr.lower()
    assert "Traceback" not in done.stderr


def test_two_parameters_move_the_whole_chain_to_newer_data(whole: Path) -> None:
    # The last test of this file: it leaves the folder with the newer data.
    done = compendium(whole, "build", "-p", "imd=2025", "-p", "boundaries=icb2024")
    assert done.returncode == 0, done.stderr
    results = whole / "build" / "results"
    values = {key: item["value"] for key, item in json.loads((results / "values.json").read_text("utf-8")).items()}
    assert values["vintage.values"] == "recomputed from open data"
    assert values["vintage.boundaries"] == "IMD 2025, ICBs of 2024"
    assert values["classes.printed"] == 210, "the class rule is about the printed tables whatever is described"
    assert values["open-data.values-changed"] > 0
    printed = pd.read_csv(whole / "data" / "published" / "ics_deprivation.csv")["most_deprived_fifth_percent"]
    described = pd.read_csv(results / "tables" / "ics-deprivation.csv").iloc[:, 2]
    assert int((printed != described).sum()) == values["open-data.values-changed"]
    notes = (results / "tables" / "ics-deprivation.md").read_text("utf-8")
    assert "NHS region: of the area’s practices in January 2022. Deprivation: IMD 2025, ICBs of 2024." in notes
    assert compendium(whole, "check").returncode == 0
    assert compendium(whole, "build", "-p", "imd=2031").returncode == 1
