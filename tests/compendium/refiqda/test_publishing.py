"""What is public of an import: nothing without rules, and with them what they name and no more."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from refiqda_projects import CANARY, canaried, sightings

from compendium.errors import CompendiumError
from compendium.evidence import publication, studies, support
from compendium.evidence.publication import Rules
from compendium.refiqda import publishing, read_project
from compendium.refiqda.writing import write_project
from compendium.scaffold import example


class Files:
    """A register that keeps the files asked for."""

    def __init__(self, root: Path) -> None:
        self.root, self.asked = root, set[str]()

    def input(self, path: str) -> Path:
        self.asked.add(path)
        return self.root / path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an import in a project, with a canary in every field."""
    monkeypatch.setenv("COMPENDIUM_ROOT", str(tmp_path))
    file = write_project(canaried(example.project(), codes=True), tmp_path / "a.qdpx")
    read_project(file)[0].save(folder := tmp_path / "data/coding/project")
    return folder


def written(folder: Path, rules: str | None) -> list[Path]:
    if rules is not None:
        (folder / publication.FILE).write_text(rules, "utf-8")
    publishing.refresh(folder, folder.parents[2] / "build/private/project")
    return sorted(path for path in (folder / "public").iterdir() if path.is_file())


def test_without_rules_nothing_is_public(folder: Path) -> None:
    files = written(folder, None)
    assert sightings(files) == []
    assert (folder / "public/.gitignore").read_text("utf-8") == "*\n"
    store = Files(folder.parents[2])
    coded = studies.coded(store, "project")
    assert coded.codings.empty
    assert coded.segments.empty
    assert support.held(coded)[-1][1] == "The counts of the coded project are not published."
    assert all("/public/" in name for name in store.asked)


@pytest.mark.parametrize("rules", ["counts = 1", "counts = 5\nrows = true", "counts = 1\nvariables = []"])
def test_counts_come_without_a_name_or_a_word(folder: Path, rules: str) -> None:
    assert sightings(written(folder, rules), *(row["passage"] for row in example.rows_of("codings"))) == []
    coded = studies.coded(Files(folder.parents[2]), "project")
    assert (len(coded.segments), len(coded.codings)) == (32, 68)
    assert sorted(coded.segments["site"].unique()) == ["Case 1", "Case 2", "Case 3"]
    assert sorted(coded.codings["coder"].unique()) == ["Coder 1", "Coder 2"]
    assert (folder / "public/.gitignore").exists() != ("rows" in rules)


def test_what_is_named_goes_out_and_no_more(folder: Path) -> None:
    segment = pd.read_csv(folder / "segments.csv").iloc[0]
    passage = next(row["passage"] for row in example.rows_of("codings"))
    book = pd.read_csv(folder / "codebook.csv", keep_default_na=False)
    code = book.loc[book["parent"] != ""].iloc[0]
    files = written(
        folder, f'codebook = ["{code["code_id"]}"]\nquotations = ["{segment["segment_id"]}"]\nvariables = ["role"]\n'
    )
    seen = {Path(line.rpartition(": ")[0]).name for line in sightings(files)}
    assert seen == {"codebook.csv", "variables.csv", "quotations.csv"}
    public = {path.stem: pd.read_csv(path, keep_default_na=False) for path in files if path.suffix == ".csv"}
    named = public["codebook"].loc[public["codebook"]["code"].str.contains(CANARY), "code_id"].tolist()
    assert named == [code["parent"], code["code_id"]]
    assert public["quotations"]["quotation"].tolist() == [passage]
    assert public["quotations"]["code"].tolist() == [code["code_id"]]
    assert set(public["variables"]["variable"]) == {"role"}
    assert set(public["variables"]["owner"]) == {"Case 1", "d0001"}


def test_a_published_quotation_is_shortened_in_the_passage_s_own_words(folder: Path) -> None:
    segment = pd.read_csv(folder / "segments.csv")["segment_id"].iloc[0]
    words = next(row["passage"] for row in example.rows_of("codings")).split()
    chosen = folder / "quotations.csv"
    head = f"passage,code,why,shortened\n{segment},,why,"
    try:
        chosen.write_text(head + f"{words[0]} … {words[-1]}\n", "utf-8")
        rules = f'quotations = ["{segment}"]'
        (file,) = [path for path in written(folder, rules) if path.name == "quotations.csv" and "public" in path.parts]
        assert pd.read_csv(file)["quotation"].tolist() == [f"{words[0]} … {words[-1]}"]
        chosen.write_text(head + "Never said\n", "utf-8")
        with pytest.raises(CompendiumError, match=r"row 2, column 'shortened'.*found Never said"):
            written(folder, rules)
    finally:
        chosen.unlink()


def test_labels_stay_with_their_case_when_others_come(folder: Path) -> None:
    written(folder, "counts = 1")
    labels = publishing.labelled(example.project(), folder / "labels.csv")
    project = example.project()
    turned = {**project.tables, "cases": project.cases.iloc[::-1].reset_index(drop=True)}
    again = publishing.labelled(dataclasses.replace(project, tables=turned), folder / "labels.csv")
    assert again.of["case"] == labels.of["case"]


def test_other_rules_or_tables_make_what_is_public_anew(folder: Path) -> None:
    written(folder, "counts = 1")
    private = folder.parents[2] / "build/private/project"
    assert not publishing.refresh(folder, private)
    (folder / publication.FILE).write_text("counts = 7", "utf-8")
    with pytest.raises(CompendiumError, match="what is public of the import is not up to date"):
        studies.coded(Files(folder.parents[2]), "project")
    assert publishing.refresh(folder, private)
    assert studies.floor(Files(folder.parents[2]), "project") == 7


@pytest.mark.parametrize(
    ("rules", "problem"),
    [
        ("names = true", "there is no such item to publish; found names"),
        ("counts = true", "counts need a floor"),
        ("counts = 0", "counts need a floor"),
        ("rows = true", "rows tell the counts"),
        ('quotations = "all"', "an item is of another type"),
        ("codebook = 1", "an item is of another type"),
        ('codebook = ["none"]', "there is no such code to publish; found none"),
        ('quotations = ["d0001-9999"]', "there is no such passage to publish"),
        ('variables = ["age"]', "there is no such variable to publish"),
        ("counts =", "the file is no TOML"),
    ],
)
def test_faulty_rules_are_one_sentence(folder: Path, rules: str, problem: str) -> None:
    with pytest.raises(CompendiumError, match=problem):
        written(folder, rules)
    assert not (folder / "public").exists()


@given(
    st.lists(st.lists(st.integers(0, 12), min_size=3, max_size=3), min_size=2, max_size=5),
    st.integers(2, 6),
)
def test_no_total_tells_a_cell_that_is_held_back(counts: list[list[int]], floor: int) -> None:
    table = pd.DataFrame(counts)
    held = publication.cells_held_back(table, floor)
    assert (held | (table == 0) | (table >= floor)).all(axis=None)
    for cells, hidden in ((table, held), (table.T, held.T)):
        for row in range(len(cells)):
            if hidden.iloc[row].sum() == 1:  # alone only where nothing else is left to hold back
                assert (cells.iloc[row][~hidden.iloc[row]] == 0).all()


def test_printed_tables_say_what_is_held_back() -> None:
    crossed = pd.DataFrame({"Code": ["a", "b", "All codes"], "One": [2, 9, 11], "Two": [7, 8, 15], "All": [9, 17, 26]})
    shown = publication.crossed_held_back(crossed, 5)
    assert shown.to_numpy().tolist() == [["a", "<5", "–", 9], ["b", "–", "–", 17], ["All codes", 11, 15, 26]]
    rows = publication.rows_held_back(crossed, 10, "All", ["One", "Two", "All"], unless=-1)
    assert rows.iloc[0].tolist() == ["a", "–", "–", "<10"]
    assert rows.iloc[2].tolist() == crossed.iloc[2].tolist()


def test_rules_are_read_as_written(tmp_path: Path) -> None:
    (tmp_path / publication.FILE).write_text('codebook = ["a"]\ncounts = 3\nrows = true\nquotations = ["p"]', "utf-8")
    assert publication.read(tmp_path) == Rules(("a",), 3, True, ("p",))
    assert publication.read(tmp_path / "none") == Rules()
