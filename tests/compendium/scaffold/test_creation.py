"""A new study: its files as what they become, its data, and what is refused."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml
from refiqda_projects import walks, zipped

import compendium
from compendium import cli, refiqda, settings
from compendium.chain import notebooks, pairs, products
from compendium.data import dictionary, loading, packages
from compendium.errors import CompendiumError
from compendium.evidence import evidence, support
from compendium.render import sources
from compendium.scaffold import creation, example, wheel
from compendium.writing import reporting

AWKWARD = 'Care: "what’s #1?" & \\ the {rest}'


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return creation.create(tmp_path_factory.mktemp("new") / "study").folder


@pytest.fixture
def here(study: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COMPENDIUM_ROOT", str(study))
    monkeypatch.delenv("COMPENDIUM_BUILD", raising=False)
    return study


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_invented_study_is_six_texts_of_three_cases_with_twelve_codes_by_two_coders(here: Path):
    project = here / "data/coding/project"
    assert len(list((project / "texts").glob("*.txt"))) == 6
    assert all("This interview is invented." in path.read_text("utf-8") for path in (project / "texts").glob("*.txt"))
    assert "invented" in settings.read().title
    coded = evidence.read("project", *(project / f"{name}.csv" for name in ("codebook", "segments", "codings")))
    assert len(coded.codebook) == 12
    assert evidence.named_coders(coded.codings) == ["Coder A", "Coder B"]
    assert sorted({row["case"] for row in rows(here / "data/sample.csv")}) == ["Library", "Pharmacy", "Village hall"]


def test_the_invented_study_says_in_its_documents_that_it_is(here: Path, tmp_path: Path):
    imported = creation.create(tmp_path / "study", walks(tmp_path)).folder
    for profile, file in (("paper", "manuscript/paper/paper.qmd"), ("site", "index.qmd")):
        invented, others = (sources.expand(sources.load_project(home, profile), file, []) for home in (here, imported))
        assert "This study is invented" in invented.text
        assert "invented" not in others.text
    assert not (imported / "manuscript/_invented.qmd").exists()


def test_every_passage_of_the_example_is_imported_as_it_is_written(study: Path):
    project = study / "data/coding/project"
    texts = {row["source_id"]: (project / row["text_file"]).read_text("utf-8") for row in rows(project / "sources.csv")}
    imported = [texts[row["source_id"]][int(row["start"]) : int(row["end"])] for row in rows(project / "segments.csv")]
    written = dict.fromkeys(row["passage"] for row in example.rows_of("codings"))
    assert sorted(imported) == sorted(written)


def test_settings_and_profiles_are_those_of_any_project(here: Path):
    assert settings.read().studies["project"].name == settings.read().title == example.TITLE
    for profile in ("paper", "site"):
        assert sources.load_project(here, profile).config["bibliography"] == "manuscript/references.bib"
    config = sources.load_project(here, "site").config
    named = [*config["filters"], *config["project"]["post-render"]]
    named += sources.load_project(here, "paper").config["project"]["pre-render"]
    assert all((here / (name["path"] if isinstance(name, dict) else name)).is_file() for name in named)
    assert config["website"]["title"] == example.TITLE


def test_what_quarto_runs_needs_no_installed_tool(study: Path):
    code = "import attach, furnish, lift, unplaced, word, sys; print('compendium' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, 'manuscript/quarto'); {code}"],
        cwd=study, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "False"


def test_the_notebooks_are_a_chain_in_pairs(here: Path):
    chain = notebooks.discover(here / "notebooks")
    assert [notebook.name[:2] for notebook in chain] == ["01", "02", "03", "04", "05", "06", "07"]
    pairs.check(here / "notebooks")
    read = {pattern for notebook in chain for pattern in notebook.inputs}
    assert all(list(here.glob(pattern)) for pattern in read)
    given = yaml.safe_load((here / "params.yml").read_text("utf-8"))
    notebooks.check_parameters(chain, given, "params.yml")


def test_no_notebook_reads_what_git_ignores(here: Path):
    subprocess.run(["git", "init", "-q"], cwd=here, check=True)
    chain = notebooks.discover(here / "notebooks")
    read = [os.fspath(path) for one in chain for pattern in one.inputs for path in products.files(here, pattern)]
    assert f"{here}/data/coding/project/public/segments.csv" in read
    private = sorted(path for path in (here / "data/coding/project").rglob("*") if path.is_file())
    kept_out = [path.relative_to(here).as_posix() for path in private if "public" not in path.as_posix()]
    for name in (".gitignore", "publish.toml"):
        kept_out.remove(f"data/coding/project/{name}")
    assert {"texts/d0001.txt", "labels.csv"} < {name.removeprefix("data/coding/project/") for name in kept_out}
    ignored = subprocess.run(
        ["git", "check-ignore", *read, *kept_out, "a.qdpx", ".venv/x", "build/x"],
        cwd=here, capture_output=True, text=True, check=False,
    ).stdout.split()  # fmt: skip
    assert ignored == [*kept_out, "a.qdpx", ".venv/x", "build/x"]


def test_every_table_fulfils_its_description(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    names = creation.checklists()
    folder = creation.create(tmp_path / "study", checklist=names).folder
    monkeypatch.setenv("COMPENDIUM_ROOT", str(folder))
    tables = [schema for package in packages.package_paths() for schema in packages.table_schemas(package).values()]
    assert {schema.path for schema in tables} == set((folder / "data").glob("*.csv"))
    for schema in tables:
        assert len(loading.read_table(schema.path, schema)) or schema.path.name == "relations.csv"
    listed = (folder / "data/README.md").read_text("utf-8")
    for package in packages.package_paths():
        assert dictionary.data_dictionary(package) in listed
    for name in names:
        assert {row["reporting"] for row in rows(folder / f"data/{name}.csv")} == {"not reported"}
        page = (folder / "manuscript/site/checklist.qmd").read_text("utf-8")
        assert f"/build/places/{name}-site.md" in page
        assert page.count("\n---\n") == 1
    labels = {heading.label for heading in reporting.headings(reporting._paper(folder))}
    assert all(reporting.unplaced(reporting.items(folder, name), labels) == {} for name in names)


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("srqr", range(1, 22)), ("coreq", range(1, 33)), ("gramms", range(1, 7)), ("entreq", range(1, 22)),
        ("prisma-s", range(1, 17)), ("prisma-scr", range(1, 23)),
        ("prisma-2020", [
            *range(1, 10), "10a", "10b", 11, 12, "13a", "13b", "13c", "13d", "13e", "13f", 14, 15, "16a", "16b", 17, 18,
            19, "20a", "20b", "20c", "20d", 21, 22, "23a", "23b", "23c", "23d", "24a", "24b", "24c", 25, 26, 27,
        ]),
    ],
)  # fmt: skip
def test_checklists_are_numbered_as_published(name: str, numbers):
    found = rows(creation.HOME / "checklists" / name / f"data/{name}.csv")
    assert [row["number"] for row in found] == [str(number) for number in numbers]
    assert len({row["item"] for row in found}) == len(found)


def test_the_other_files_are_what_their_names_say(study: Path):
    for file in ("environment.yml", "CITATION.cff", ".github/workflows/ci.yml", "_quarto.yml"):
        assert isinstance(yaml.safe_load((study / file).read_text("utf-8")), dict)
    assert json.loads((study / ".devcontainer/devcontainer.json").read_text("utf-8"))["postCreateCommand"] == "make"
    assert tomllib.loads((study / "pyproject.toml").read_text("utf-8"))["tool"]["ruff"]["line-length"] == 120
    assert os.access(study / ".ci/run", os.X_OK)
    subprocess.run(["bash", "-n", ".ci/run"], cwd=study, check=True)
    subprocess.run(["make", "-n", "test", "check", "locks"], cwd=study, check=True, capture_output=True)
    subprocess.run([sys.executable, "-m", "ruff", "check", "--no-cache", "."], cwd=study, check=True)
    subprocess.run([sys.executable, "-m", "ruff", "format", "--no-cache", "--check", "."], cwd=study, check=True)


def test_the_tool_travels_as_a_wheel_named_with_its_hash(study: Path):
    (carried,) = (study / "vendor").iterdir()
    assert carried.name == wheel.name()
    lock = (study / "requirements.lock").read_text("utf-8")
    line = f"./vendor/{carried.name} \\\n    --hash=sha256:{hashlib.sha256(carried.read_bytes()).hexdigest()}\n"
    assert lock.startswith(line)
    for name in ("requirements.in", "environment.yml"):
        assert f"./vendor/{carried.name}" in (study / name).read_text("utf-8")
    with zipfile.ZipFile(carried) as archive:
        assert archive.testzip() is None
        metadata = next(name for name in archive.namelist() if name.endswith("/METADATA"))
        assert f"Version: {compendium.__version__}" in archive.read(metadata).decode()
        assert wheel.content() == carried.read_bytes(), "the same installation gives the same bytes"


def test_a_title_stands_wherever_one_is_wanted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder = creation.create(tmp_path / "study", title=AWKWARD).folder
    monkeypatch.setenv("COMPENDIUM_ROOT", str(folder))
    assert settings.read().title == AWKWARD
    assert yaml.safe_load((folder / "CITATION.cff").read_text("utf-8"))["title"] == AWKWARD
    assert sources.load_project(folder, "site").config["website"]["title"] == AWKWARD
    paper = (folder / "manuscript/paper/paper.qmd").read_text("utf-8")
    assert yaml.safe_load(paper.split("---")[1])["title"] == AWKWARD
    left = [path for path in folder.rglob("*") if path.is_file() and path.suffix not in (".whl", ".docx")]
    assert not [path for path in left if creation.TITLE in path.read_text("utf-8")]


def test_an_imported_project_stands_in_the_place_of_the_example(tmp_path: Path):
    folder = tmp_path / "study"
    made = creation.create(folder, walks(tmp_path))
    assert made.title == json.loads((folder / "data/coding/project/project.json").read_text("utf-8"))["project"]["name"]
    assert any("codes" in line for line in made.report)
    imported = rows(folder / "data/coding/project/sources.csv")
    held = [row["source_id"] for row in imported if row["role"] == "source"]
    assert [row["source_id"] for row in rows(folder / "data/sample.csv")] == held
    assert {row["case"] for row in rows(folder / "data/sample.csv")} <= {"Case 1", "Case 2", ""}
    assert [row["codes"] for row in rows(folder / "data/findings.csv")] == [""]
    assert not [path for path in folder.rglob("*.csv") if "Pharmacy" in path.read_text("utf-8")]


@pytest.mark.parametrize(
    ("file", "sources_held"),
    [("nvivo15-mac", 2), ("atlasti8-mac", 12), ("atlasti23-win", 0)],
)
def test_real_exports_make_studies(
    file: str, sources_held: int, qdpx: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    folder = creation.create(tmp_path / "study", qdpx / f"{file}.qdpx").folder
    monkeypatch.setenv("COMPENDIUM_ROOT", str(folder))
    assert len(loading.read("sample")) == sources_held
    project = folder / "data/coding/project/public"
    coded = evidence.read(
        "project", *(project / f"{name}.csv" for name in ("codebook", "segments", "codings")), uncoded=True
    )
    assert support.behind(loading.read("findings"), coded)["passages"].ge(0).all()


def test_a_codebook_alone_makes_a_study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    refiqda.export_codebook(example.project().codebook, tmp_path / "codes.qdc")
    folder = creation.create(tmp_path / "study", tmp_path / "codes.qdc", title="Codes").folder
    monkeypatch.setenv("COMPENDIUM_ROOT", str(folder))
    assert loading.read("sample").empty
    assert len(rows(folder / "data/coding/project/codebook.csv")) == 12


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["full"], "full: the folder is not empty; expected a new or empty folder."),
        (["file"], "file: the folder is not empty; expected a new or empty folder."),
        (["."], "the folder is not empty"),
        (["new", "--checklist", "prisma"], "there is no such checklist; found prisma, expected coreq, entreq, gramms,"),
        (["new", "--title", "two\nlines"], "the title is not a line of text; found 'two\\nlines'."),
        (["new", "--title", "{{< var x >}}"], "the title is not a line of text; found '{{< var x >}}'."),
        (["new", "--from", "none.qdpx"], "none.qdpx"),
        (["new", "--from", "text.qdpx"], "text.qdpx"),
        (["new", "--from", "empty.qdpx"], "empty.qdpx"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_leaves_nothing(
    arguments: list[str],
    problem: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    monkeypatch.delenv("COMPENDIUM_ROOT", raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "notes.txt").write_text("mine", "utf-8")
    (tmp_path / "file").write_text("mine", "utf-8")
    (tmp_path / "text.qdpx").write_text("no archive", "utf-8")
    zipped(tmp_path / "empty.qdpx", {"readme.txt": "nothing"})
    before = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*"))
    assert cli.main(["new", *arguments]) == 1
    said = capsys.readouterr().err
    assert problem in said.replace(f"{tmp_path.as_posix()}/", "")
    assert said.count("\n") == 1
    assert sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*")) == before


def study_words(project: Path) -> set[str]:
    """Return the words of this project's own study: of its settings, its areas and its raw data."""
    own = settings.read(project)
    ids = [part for name in (*own.documents, *own.studies) for part in name.split("-")]
    named = [row["ics_name"] for row in rows(project / "data/published/areas.csv")]
    common = {"paper", "review", "file", "thesis", "2023", "2024", "giles"}
    return {word for word in ids if word not in common} | {*named, "ICS", "ICB", "LSOA", "IMD", "integrated care"}


def test_nothing_of_our_own_study_is_in_it(project: Path, study: Path):
    words = study_words(project)
    assert {"alderwick", "goddard", "prucomm"} <= words
    assert len(words) > 40
    pattern = re.compile(r"\b(" + "|".join(map(re.escape, sorted(words))) + r")\b", re.IGNORECASE)
    for path in study.rglob("*"):
        if path.is_file() and path.suffix not in (".whl", ".docx", ".lock", ".pyc") and ".git" not in path.parts:
            assert pattern.findall(path.read_text("utf-8")) == [], path


def test_an_empty_folder_is_filled_unless_one_stands_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "empty").mkdir()
    assert (creation.create(tmp_path / "empty").folder / "Makefile").is_file()
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    with pytest.raises(CompendiumError, match="this is the folder you stand in"):
        creation.create(Path())


def test_a_passage_that_is_not_in_its_text_is_refused(monkeypatch: pytest.MonkeyPatch):
    real = example.rows_of
    faulty = [{"source": "hall-1", "passage": "nobody wrote this", "code_id": "near", "coders": "Coder A"}]
    monkeypatch.setattr(example, "rows_of", lambda name: faulty if name == "codings" else real(name))
    with pytest.raises(CompendiumError, match="a passage does not stand in its text once; found nobody wrote this"):
        example.project()


def test_quarto_runs_the_same_for_a_new_study(project: Path, study: Path):
    for profile in ("site", "paper"):
        runs = []
        for home in (project, study):
            config = sources.load_project(home, profile).config
            named = [*config["filters"], *(config["project"].get(when, []) for when in ("pre-render", "post-render"))]
            runs.append([Path(name).name for group in named for name in ([group] if isinstance(group, str) else group)])
        assert runs[0] == runs[1]
    template = "manuscript/templates/reference.docx"
    assert (study / template).read_bytes() == (project / template).read_bytes()


def test_the_lock_of_a_new_study_agrees_with_that_of_the_tool(project: Path):
    def pinned(path: Path) -> set[str]:
        return {line.split(" ")[0] for line in path.read_text("utf-8").splitlines() if "==" in line.split(" ")[0]}

    assert pinned(creation.HOME / "study/requirements.lock") <= pinned(project / "requirements-dev.lock")
    assert pinned(project / "requirements.lock") <= pinned(creation.HOME / "study/requirements.lock")


@pytest.mark.parametrize("file", ["manuscript/csl/bmj-numeric.csl", "manuscript/templates/reference.docx"])
def test_styles_of_citations_and_of_word_are_those_of_this_project(file: str, project: Path, study: Path):
    assert (study / file).read_bytes() == (project / file).read_bytes()
