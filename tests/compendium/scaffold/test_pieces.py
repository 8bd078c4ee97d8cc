"""Each piece that is added works as it stands: the study builds, renders and tests with it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import FIRST

from compendium import cli
from compendium.chain import graph, pairs, published
from compendium.data import loading, packages
from compendium.errors import CompendiumError
from compendium.render import render
from compendium.scaffold import pieces
from compendium.writing import checks

THESIS = """project:
  type: book # a comment that stays
book:
  title: "Thesis"
  chapters:
    - index.qmd
    - manuscript/thesis/01-begin.qmd
    - manuscript/thesis/references.qmd
  appendices:
    - manuscript/thesis/02-guide.qmd
format:
  html:
    toc: true
"""
VISITS = "Site,Date,Visits made,Share,Remote\nA,2024-05-01,3,0.5,true\nB,2024-05-09,,1.25,false\n"
DICTIONARY = "<!-- dictionary: generated -->\n<!-- dictionary: end -->\n"
FILES = {
    "notebooks/01_sum.py": FIRST,
    "data/numbers.csv": "n\n1\n2\n3\n",
    "data/README.md": DICTIONARY,
    "analysis/__init__.py": "",
    "_quarto.yml": "project:\n  type: default\nlang: en-GB\n",
    "_quarto-thesis.yml": THESIS,
    "index.qmd": "# Preface {.unnumbered}\n\nBegin.\n",
    "manuscript/thesis/01-begin.qmd": "# Begin {#sec-begin}\n\nText.\n",
    "manuscript/thesis/02-guide.qmd": "# Guide {#sec-guide}\n\nText.\n",
    "manuscript/thesis/references.qmd": "# References {.unnumbered}\n",
    "manuscript/thesis/_plan.yml": "# The plan.\nchapters:\n  01-begin.qmd: 1\n",
}
PACKAGE = {
    "name": "small",
    "resources": [
        {
            "name": "numbers", "path": "numbers.csv", "title": "Numbers",
            "schema": {"fields": [{"name": "n", "type": "integer", "description": "A number."}]},
        }
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return a small study with one piece of each kind added by the command line."""
    root = tmp_path_factory.mktemp("study")
    for name, text in {**FILES, "data/datapackage.json": json.dumps(PACKAGE)}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    pairs.write_notebook(root / "notebooks/01_sum.py")
    outside = root.parent / "Site visits.csv"
    outside.write_text(VISITS, "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COMPENDIUM_ROOT", str(root))
        for name in ("COMPENDIUM_BUILD", "COMPENDIUM_CHAIN"):
            patch.delenv(name, raising=False)
        for words in (
            ["notebook", "site visits"], ["table", str(outside)], ["figure", "visit-counts", "--in", "01"],
            ["chapter", "What we saw", "--words", "20"],
        ):  # fmt: skip
            assert cli.main(["add", *words]) == 0
        yield root


@pytest.mark.slow
def test_the_chain_runs_with_the_new_notebook_table_and_figure(study: Path) -> None:
    pairs.check(study / "notebooks")
    report = graph.build()
    assert set(report.ran) == {"01_sum", "02_site_visits"}
    record = published.read_values()["site-visits.tables"]
    assert (record["value"], record["parameters"], list(record["inputs"])) == (
        2, {"least_columns": 1}, ["data/datapackage.json"]
    )  # fmt: skip
    objects = published.read_objects()
    assert {name: objects[name]["notebook"] for name in ("site-visits", "visit-counts")} == {
        "site-visits": "02_site_visits", "visit-counts": "01_sum"
    }  # fmt: skip
    plotted = (study / "build/results/figures/visit-counts.csv").read_text("utf-8")
    assert plotted == "Table,Columns\nsite_visits,5\nnumbers,1\n"
    assert (study / "build/results/figures/visit-counts.svg").is_file()
    assert graph.build({"least_columns": "2"}).ran.keys() == {"02_site_visits"}
    assert published.read_values()["site-visits.tables"]["value"] == 1


def test_the_table_reads_as_it_is_described(study: Path, project: Path) -> None:
    schema = packages.table_schema("site_visits")
    assert {field.name: (field.type, field.required, field.title) for field in schema.fields} == {
        "Site": ("string", True, "Site"), "Date": ("date", True, "Date"),
        "Visits made": ("integer", False, "Visits made"), "Share": ("number", True, "Share"),
        "Remote": ("boolean", True, "Remote"),
    }  # fmt: skip
    assert schema.primary_key == ("Site",)
    assert schema.path == study / "data/site_visits.csv"
    assert loading.read("site_visits")["Visits made"].tolist()[0] == 3
    assert "### `site_visits.csv`" in (study / "data/README.md").read_text("utf-8")
    unsaid = [found for found in checks.data_files(study, {}) if found.code == "undescribed"]
    assert [found.message for found in unsaid] == [
        "nothing says what these columns of 'site_visits' hold: Site, Date, Visits made, Share, Remote"
    ]
    assert [found for found in checks.data_files(project, {}) if found.code == "undescribed"] == []


@pytest.mark.slow
def test_the_figures_own_test_passes(study: Path) -> None:
    test = study / "tests" / "test_visit_counts.py"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--rootdir={study}", str(test)]
    environment = {**os.environ, "PYTHONPATH": str(study)}
    done = subprocess.run(command, cwd=study, env=environment, capture_output=True, text=True, check=False)
    assert "2 passed" in done.stdout, done.stdout + done.stderr


@pytest.mark.slow
def test_the_chapter_stands_in_its_place_in_the_book(study: Path) -> None:
    listed = (study / "_quarto-thesis.yml").read_text("utf-8")
    assert listed == THESIS.replace("01-begin.qmd\n", "01-begin.qmd\n    - manuscript/thesis/03-what-we-saw.qmd\n")
    plan = (study / "manuscript/thesis/_plan.yml").read_text("utf-8")
    assert plan == "# The plan.\nchapters:\n  01-begin.qmd: 1\n  03-what-we-saw.qmd: 20\n"
    render("thesis", engine="pandoc", root=study, formats=["html"])
    page = next(
        path for path in (study / "_output").rglob("*.html") if "sec-what-we-saw-results" in path.read_text("utf-8")
    )
    assert "What we saw" in page.read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["notebook", "site-visits"], "there is such a notebook already; found site-visits"),
        (["figure", "visit counts"], "the result is recorded already"),
        (["figure", "datapackage"], "the file is there already and is left as it is"),
        (["figure", "more", "--in", "77"], "there is no notebook '77'"),
        (["chapter", "what-we-saw"], "there is such a chapter already"),
        (["table", "gone.csv"], "there is no such table"),
        (["notebook", "2nd visit"], "this cannot be a name; found 2nd visit"),
        (["notebook", "../escape"], "this cannot be a name"),
        (["figure", "class"], "this cannot be a name"),
    ],
)
def test_nothing_is_overwritten(
    study: Path, words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    taken = study / "tests" / "test_datapackage.py"
    taken.write_text("", "utf-8")
    before = {path: path.read_bytes() for path in study.rglob("*") if path.is_file() and "build" not in path.parts}
    assert cli.main(["add", *words]) == 1
    assert message in capsys.readouterr().err
    assert before == {path: path.read_bytes() for path in before}
    now = {path for path in study.rglob("*") if path.is_file() and "build" not in path.parts}
    assert now == set(before)


def test_a_table_that_is_there_or_cannot_be_read_changes_nothing(study: Path, tmp_path: Path) -> None:
    package = study / "data/datapackage.json"
    before = package.read_bytes()
    with pytest.raises(CompendiumError, match="the data package has such a table already; found numbers"):
        pieces.table(study, study / "data/numbers.csv")
    ragged = tmp_path / "ragged.csv"
    ragged.write_text("a,b\n1,2\n3,4,5\n", "utf-8")
    with pytest.raises(CompendiumError):
        pieces.table(study, ragged)
    assert not (study / "data/ragged.csv").exists()
    assert package.read_bytes() == before


def test_a_column_whose_type_does_not_hold_for_every_row_is_text(study: Path, tmp_path: Path) -> None:
    odd = tmp_path / "odd.csv"
    odd.write_text("n\n" + "1\n" * 150 + "many\n", "utf-8")  # beyond the rows from which types are inferred
    pieces.table(study, odd)
    assert packages.table_schema("odd").fields[0].type == "string"
    assert len(loading.read("odd")) == 151


def test_a_project_without_a_book_says_so(small_project: Path) -> None:
    with pytest.raises(CompendiumError, match="no book to add a chapter to; expected _quarto-thesis.yml"):
        pieces.chapter(small_project, "one")
