"""Pseudonyms: no name is left, selections keep their passages, nothing leads back, and what may be left is listed."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from refiqda_projects import walks, zipped

from compendium import cli
from compendium.errors import CompendiumError
from compendium.refiqda import anonymising, read_project
from compendium.refiqda.anonymising import Names
from compendium.scaffold import example

NAMES = {"Anna Kirsch": "P1", "Anna": "P1", "Kirsch": "P1 surname", "Ørsted": "a town far away", "Al": "P2"}


@given(
    st.lists(st.sampled_from([*NAMES, "a", "walk", "Annabel", "🙂", "\r\n", ". ", "Anna's"]), min_size=1, max_size=12),
    st.data(),
)
def test_a_selection_holds_the_same_words_with_names_replaced(words: list[str], data: st.DataObject) -> None:
    edges, text = [0], ""
    for word in words:
        text += word
        edges.append(len(text))
        text += " "
    first, last = sorted(data.draw(st.lists(st.sampled_from(range(len(edges))), min_size=2, max_size=2, unique=True)))
    names = Names.of(NAMES)
    begin = edges[first] + (first > 0)
    new, start, stop = anonymising.replaced(text, spans := names.spans(text))
    assert new == names.replaced(text)
    taken = new[start(begin) : stop(edges[last])]
    cut = [span for span in spans if span[0] < begin < span[1] or span[0] < edges[last] < span[1]]
    if not cut:  # an edge within a name takes the whole replacement in
        assert taken == names.replaced(text[begin : edges[last]])
    for _, _, replacement in cut:
        assert replacement in taken
    assert not names.pattern.search(new)


def coded_example():
    """Return the example with names in its texts, cases, coders, labels and memos, and the table that replaces them."""
    project = example.project()
    names = {word: f"N{place}" for place, word in enumerate(("Library", "Pharmacy", "monitor", "Coder A"))}
    return project, Names.of(names), names


def test_a_whole_project_keeps_its_passages_and_no_name(tmp_path: Path) -> None:
    project, names, words = coded_example()
    made = anonymising.anonymised(project, names)
    before, after = (
        [
            one.texts[source][start:end]
            for source, start, end in zip(
                one.segments["source_id"], one.segments["start"], one.segments["end"], strict=True
            )
        ]
        for one in (project, made.project)
    )
    assert after == [names.replaced(passage) for passage in before]
    assert any(one != other for one, other in zip(before, after, strict=True))
    assert made.project.cases["name"].tolist()[:2] == ["N0", "N1"]
    file = anonymising_file(made, tmp_path)
    again, report = read_project(file)
    assert report.counts["codings"] == len(project.codings)
    held = " ".join([*again.texts.values(), *(frame.to_csv() for frame in again.tables.values())])
    assert len(words) == 4
    assert not names.pattern.search(held)
    assert not set(project.users["guid"]) & set(again.users["guid"])  # made of the names, so drawn anew


def anonymising_file(made: anonymising.Anonymised, folder: Path) -> Path:
    from compendium.refiqda.writing import write_project

    return write_project(made.project, folder / "without.qdpx")


def test_what_still_looks_like_a_name_is_listed() -> None:
    project = example.project()
    text = (
        "Then we asked Jorinde about it. Jorinde wrote to jo.r@example.org on 3/4/2021 from 12 Mill Road, CV4 7AL. "
        "Ring 024 7652 3523. Walking helps. AnnaBell came."
    )
    project = dataclasses.replace(project, texts={"library-1": text})
    left = anonymising.left(project, Names.of({"Anna": "P1"}))
    found = {(row.kind, row.found) for row in left.itertuples()}
    assert {
        ("name", "Jorinde"), ("email", "jo.r@example.org"), ("date", "3/4/2021"), ("address", "12 Mill Road"),
        ("postcode", "CV4 7AL"), ("number", "024 7652 3523"), ("name of the table in a longer word", "Anna"),
    } <= found  # fmt: skip
    assert not {"Then", "Walking", "Ring"} & {name for _, name in found}


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ("name,new\nAnna,P1\n", "a column is missing"),
        ("name,replacement\nAnna,\n", "a name needs a replacement"),
        ("name,replacement\nAnna,P1\nAnna,P2\n", "a name stands twice"),
        ("name,replacement\n", "the table holds no name"),
    ],
)
def test_a_faulty_table_is_one_sentence(table: str, problem: str, tmp_path: Path) -> None:
    (tmp_path / "names.csv").write_text(table, "utf-8")
    with pytest.raises(CompendiumError, match=problem):
        Names.read(tmp_path / "names.csv")


def test_the_table_may_not_lie_in_a_repository(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "names.csv").write_text("name,replacement\nAnna,P1\n", "utf-8")
    with pytest.raises(CompendiumError, match="lies in a repository"):
        Names.read(tmp_path / "names.csv")


def test_the_command_writes_a_project_and_a_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("COMPENDIUM_ROOT", raising=False)
    monkeypatch.chdir(tmp_path)
    walks(tmp_path)
    name = read_project(tmp_path / "walks.qdpx")[0].users["name"].iloc[0]
    (tmp_path / "names.csv").write_text(f"name,replacement\n{name},Coder one\n", "utf-8")
    assert cli.main(["anonymise", "walks.qdpx", "--names", "names.csv", "--out", "without.qdpx"]) == 0
    assert "Rules find much and never all" in capsys.readouterr().out
    assert read_project(tmp_path / "without.qdpx")[0].users["name"].iloc[0] == "Coder one"
    assert name.encode() not in (tmp_path / "without.qdpx").read_bytes()
    assert list(pd.read_csv(tmp_path / "left.csv").columns) == list(anonymising.LEFT)
    assert (tmp_path / "left.csv").stat().st_mode & 0o077 == 0
    zipped(tmp_path / "x.qdpx", {})
    assert cli.main(["anonymise", "walks.qdpx", "--names", "names.csv", "--out", "without.zip"]) == 1
