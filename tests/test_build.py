"""The whole compendium in a folder of its own: one command makes all, twice the same bytes, and errors lose nothing."""

import shutil
from pathlib import Path

import pytest
from whole_projects import built_copy, compendium

pytestmark = pytest.mark.slow


def contents(*folders: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder.parent).as_posix(): path.read_bytes()
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def whole(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the project's sources, built from nothing and rendered with the embedded engine."""
    return built_copy(project, tmp_path_factory.mktemp("whole") / "compendium")


def test_one_command_makes_results_paper_thesis_and_site(whole: Path) -> None:
    names = {path.relative_to(whole / "_output").as_posix() for path in (whole / "_output").rglob("*")}
    assert {f"paper/paper.{kind}" for kind in ("html", "docx", "xml", "pdf")} <= names
    assert {"thesis/index.html", "thesis/thesis.pdf", "site/index.html"} <= names
    assert (whole / "build" / "results" / "values.json").is_file()
    assert (whole / "_variables.yml").is_file()
    notebooks = {path.stem for path in (whole / "notebooks").glob("*.py")}
    assert {path.stem for path in (whole / "build" / "notebooks").glob("*.ipynb")} == notebooks


def test_a_second_build_runs_nothing_and_one_elsewhere_gives_the_same_bytes(whole: Path, built: Path) -> None:
    again = compendium(whole, "build")
    assert again.stdout.startswith("0 notebooks ran")
    made = ("build/results", "build/notebooks", "build/pages", "_output")
    first, second = (contents(*(root / name for name in made)) for root in (whole, built))
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
    refused = compendium(whole, "render", "paper", "--engine", "pandoc")
    assert (refused.returncode, "run 'compendium build'" in refused.stderr) == (1, True), "a failed build is no build"
    assert compendium(whole, "build").returncode == 0
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
