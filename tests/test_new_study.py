"""A new study from end to end: `compendium new --from`, then its own `make` and `make test`, in its own environment.

The environment holds what the lock of the study names, so the tool there is the wheel that the study carries, alone.
"""

from __future__ import annotations

import dataclasses
import os
import re
import resource
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from refiqda_projects import CANARY, canaried, sightings

from compendium.refiqda.model import Project
from compendium.refiqda.writing import write_project
from compendium.scaffold import creation, example

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Made:
    """A study after `make` and `make test`: its folder, what each printed, and the processor's seconds of each."""

    folder: Path
    built: str
    tested: str
    seconds: tuple[float, float]


def run(folder: Path, *command: str) -> tuple[str, float]:
    """Run a command as a stranger would, without this project's environment; return its output and seconds of work."""
    alien = ("COMPENDIUM_", "PYTEST", "PYTHON", "VIRTUAL_ENV", "COV_", "MPL")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(alien)}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, cwd=folder, env=clean, capture_output=True, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def uncoded() -> Project:
    """Return the example with its codes and sources, before anybody has coded it."""
    project = example.project()
    none = {name: project.tables[name].iloc[:0] for name in ("segments", "codings")}
    return dataclasses.replace(project, tables={**project.tables, **none})


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    home = tmp_path_factory.mktemp("stranger")
    write_project(canaried(example.project(), codes=False), home / "a.qdpx")
    folder = creation.create(home / "x", home / "a.qdpx", title="Borrowed monitors").folder
    run(folder, "git", "init", "-q")
    rules = folder / "data/coding/project/publish.toml"
    told = (
        rules.read_text("utf-8").replace("codebook = false", "codebook = true").replace("rows = false", "rows = true")
    )
    rules.write_text(told.replace("rows = false", "rows = true").replace("counts = 5", "counts = 1"), "utf-8")
    built, building = run(folder, "make")
    tested, testing = run(folder, "make", "test")
    return Made(folder, built, tested, (building, testing))


def test_one_command_gives_the_paper_in_four_formats_and_a_website(made: Made):
    assert "7 notebooks ran" in made.built
    for name in ("paper/paper.html", "paper/paper.docx", "paper/paper.xml", "paper/paper.pdf", "site/index.html"):
        assert (made.folder / "_output" / name).stat().st_size > 1000
    pages = {path.name for path in (made.folder / "_output/site/manuscript/site").glob("*.html")}
    assert pages == {"evidence.html", "checklist.html", "data.html"}
    assert (made.folder / "_output/site/paper/paper.pdf").is_file()


def test_the_paper_is_of_prompts_and_of_values_from_the_project(made: Made):
    text = (made.folder / "_output/paper/paper.html").read_text("utf-8")
    assert "State the research question." in text
    assert "32 passages of 6 sources carry 9 of the 12 codes." in text
    assert "2 coders; agreement is by character" in text
    assert "after 4+2 interviews (base 4, run 2, threshold 5%)" in text
    assert "State what the study found." in text
    assert "Making it a habit" in text
    assert 'invented"' not in text
    assert "This study is invented" not in text


def published(folder: Path) -> list[Path]:
    """Return every file that rendering wrote or git would take."""
    taken, _ = run(folder, "git", "ls-files", "--cached", "--others", "--exclude-standard", "-z")
    rendered = [path for path in (folder / "_output").rglob("*") if path.is_file()]
    return [*rendered, *(folder / name for name in taken.split("\0") if name and not name.endswith(".whl"))]


def test_nothing_of_the_project_is_published_but_what_its_rules_name(made: Made):
    spoken = [row["passage"] for row in example.rows_of("codings")]
    files = published(made.folder)
    assert {"paper.pdf", "paper.docx", "search-index.js", "02_codes.ipynb", "segments.csv"} <= {
        path.name for path in files
    }
    assert sightings(files, *spoken) == []
    private = list((made.folder / "build/private/project").glob("*.csv"))
    assert {line.rpartition(": ")[2] for line in sightings(private, *spoken)} == {CANARY, *spoken}


def test_a_clone_has_all_that_the_build_reads(made: Made):
    ignored, _ = run(made.folder, "git", "ls-files", "--others", "--ignored", "--exclude-standard", "data", "-z")
    kept = {name: (made.folder / name).read_bytes() for name in ignored.split("\0") if name}
    assert "data/coding/project/texts/d0001.txt" in kept
    for name in kept:
        (made.folder / name).unlink()
    built, _ = run(made.folder, str(made.folder / ".venv/bin/compendium"), "build")
    assert "0 notebooks ran, 7 unchanged" in built
    for name, content in kept.items():
        (made.folder / name).write_bytes(content)


def test_its_own_tests_pass_on_the_notebooks_that_it_refreshed(made: Made):
    assert re.search(r"\d+ passed in", made.tested), made.tested
    assert not re.search(r"skipped|failed|warning", made.tested)


def test_its_checks_pass(made: Made):
    checked, _ = run(made.folder, "make", "check")
    assert "every .py and .ipynb agree" in checked
    assert "0 errors" in checked
    kinds = set(re.findall(r"warning \(([\w-]+)\)", checked))
    assert kinds == {"to-be-written", "author-field"}


def test_the_tool_that_it_carries_gives_the_next_study(made: Made):
    run(made.folder.parent, str(made.folder / ".venv/bin/compendium"), "new", "y", "--checklist", "coreq")
    (first,), (second,) = ((made.folder.parent / name / "vendor").iterdir() for name in ("x", "y"))
    assert first.read_bytes() == second.read_bytes()


def test_a_study_in_which_nothing_is_coded_still_builds(made: Made):
    home = made.folder.parent
    tool = str(made.folder / ".venv/bin/compendium")
    write_project(canaried(uncoded(), codes=True), home / "b.qdpx")
    run(home, tool, "new", "z", "--from", "b.qdpx", "--title", "Nothing coded")
    run(home / "z", tool, "build")
    run(home / "z", tool, "render", "--format", "html")
    page = re.sub(r"<[^>]+>", "", (home / "z/_output/paper/paper.html").read_text("utf-8"))
    assert "The project holds 12 codes and no coded passage yet." in page
    assert "The study has 6 sources, from 3 cases" in page
    assert "Code 12" in page
    run(home / "z", "git", "init", "-q")
    assert sightings(published(home / "z")) == []
    checked, _ = run(home / "z", tool, "check")
    assert "\n0 errors, " in checked


def test_it_is_quick(made: Made):
    building, testing = made.seconds
    assert building < 90, "seconds of processor time, environment included"
    assert testing < 60
