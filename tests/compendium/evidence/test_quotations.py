"""Quotations: who said what under which code, and shortened forms that have no word the passage has not."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compendium import cli
from compendium.errors import CompendiumError
from compendium.evidence import quotations as quoted
from compendium.refiqda import Project, read_project
from compendium.refiqda.writing import write_project
from compendium.scaffold import example

WORDS = "We walk,\r\nand it 🚲 rains. So we don’t stay long"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    file = write_project(example.project(), tmp_path_factory.mktemp("quoted") / "example.qdpx")
    return read_project(file)[0]


def listed(project, **options) -> pd.DataFrame:
    return quoted.quotations(project.segments, project.codings, project.codebook, project.texts, **options)


def test_a_quotation_has_code_document_case_coders_and_words(project: Project) -> None:
    found = listed(project, codes=["what-follows/worry"])
    assert found[["code", "document", "case", "coders", "words"]].to_numpy().tolist() == [
        ["What follows / Worry", "hall-2", "Village hall", "Coder A; Coder B", 10],
        ["What follows / Worry", "pharmacy-2", "Pharmacy", "Coder A; Coder B", 17],
    ]
    spoken = {row["passage"] for row in example.rows_of("codings") if row["code_id"] == "worry"}
    assert set(found["quotation"]) == spoken


def test_quotations_are_chosen_and_ordered(project: Project) -> None:
    found = listed(project, cases=["Library", "Pharmacy"], order=["case", "words"])
    assert found["case"].tolist() == sorted(found["case"])
    assert set(found["case"]) == {"Library", "Pharmacy"}
    assert found[found["case"] == "Library"]["words"].is_monotonic_increasing
    assert listed(project, codes=["what-follows"])["code_id"].nunique() == 3
    assert "[" in listed(project, codes=["what-follows/worry"], context=20)["quotation"][0]
    for options, problem in (
        ({"order": ["colour"]}, "ordered by this"),
        ({"where": {"role": "x"}}, "no such attribute"),
    ):
        with pytest.raises(CompendiumError, match=problem):
            listed(project, **options)


def test_who_speaks_is_read_from_the_turn_where_the_project_does_not_say() -> None:
    text = "Int: why?\nAnn B: I walk there\n"
    segments = pd.DataFrame(
        {"segment_id": ["s1", "s2"], "source_id": "d", "document": "Talk", "site": "", "speaker": ["", "Known"],
         "start": [17, 0], "end": [23, 3]}
    )  # fmt: skip
    codings = pd.DataFrame({"segment_id": ["s1", "s2"], "code_id": "x", "coder": ""})
    book = pd.DataFrame({"code_id": ["x"], "code": ["X"], "parent": [""]})
    told = pd.DataFrame({"segment_id": ["s1"], "owner": "case:c", "variable": "role", "value": "nurse"})
    given_ = (segments, codings, book, {"d": text}, told)
    found = quoted.quotations(*given_, order=["place"])
    assert found[["speaker", "role", "quotation"]].to_numpy().tolist() == [
        ["Known", "", "Int"], ["Ann B", "nurse", "I walk"]
    ]  # fmt: skip
    assert quoted.quotations(*given_, where={"role": "nurse"})["passage"].tolist() == ["s1"]


@pytest.mark.parametrize(
    "form",
    [
        "We walk … it 🚲 rains.",
        "[...] we don't stay",
        "[They] walk, and it […] rains. So we",
        "walk, and",
        "… long …",
        "",
    ],
)
def test_a_shortened_form_may_leave_out_and_put_in(form: str) -> None:
    printed = quoted.shortened(WORDS, form)
    assert printed == (" ".join(form.split()) or "We walk, and it 🚲 rains. So we don’t stay long")


@pytest.mark.parametrize(
    ("form", "found"),
    [("We run", "We run"), ("We walk … it snows", "it snows"), ("rains. … We walk", "stands before what precedes it")],
)
def test_a_shortened_form_may_not_change_words_or_their_order(form: str, found: str) -> None:
    with pytest.raises(CompendiumError, match=found):
        quoted.shortened(WORDS, form, "quotations.csv", 2)


@settings(max_examples=50)
@given(st.lists(st.text("abc ", min_size=1, max_size=6), min_size=1, max_size=5), st.data())
def test_any_words_left_out_are_accepted_and_any_word_put_in_refused(parts: list[str], data) -> None:
    words = " ".join(" ".join(parts).split())
    pieces = words.split(" ")
    kept = [data.draw(st.booleans()) for _ in pieces]
    form = " ".join(word if keep else "…" for word, keep in zip(pieces, kept, strict=True))
    if words:
        assert quoted.shortened(words, form) == form
        with pytest.raises(CompendiumError):
            quoted.shortened(words, form + " … d")


def test_chosen_quotations_are_checked_row_by_row(project: Project, tmp_path: Path) -> None:
    table = listed(project)
    passage = table.loc[table["code_id"] == "what-follows/worry", "passage"].iloc[0]
    file = tmp_path / "quotations.csv"

    def choose(row: str) -> pd.DataFrame:
        file.write_text("passage,code,why,shortened\n" + row, "utf-8")
        return quoted.chosen(file, table, project.codebook)

    found = choose(f"{passage},What follows,Typical,One evening … I lay awake\n")
    assert found[["why", "printed"]].to_numpy().tolist() == [["Typical", "One evening … I lay awake"]]
    assert quoted.for_paper(found, ["case"])["Who"].tolist() == ["Village hall"]
    for row, problem in (
        (f"{passage},Worry,x,I slept\n", r"row 2, column 'shortened'.*found I slept"),
        (f"{passage},Relief,x,\n", r"row 2, column 'code'.*does not carry the code"),
        ("s999,Worry,x,\n", r"row 2, column 'passage'.*no coded passage"),
    ):
        with pytest.raises(CompendiumError, match=problem):
            choose(row)


def test_the_command_lists_chooses_and_writes(project: Project, tmp_path: Path, capsys) -> None:
    project.save(tmp_path / "p")
    at = ["quotes", "--project", str(tmp_path / "p")]
    assert cli.main([*at, "--code", "Worry", "--paper", "--format", "csv"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("Theme,Quotation,Who\nWhat follows / Worry,")
    assert cli.main([*at, "--code", "Relief", "--with", "Making it a habit", "--format", "csv"]) == 0
    assert capsys.readouterr().out.count("\n") == 2
    assert cli.main([*at, "--format", "xlsx", "--out", str(tmp_path / "q.xlsx")]) == 0
    assert "it holds what people said" in capsys.readouterr().out
    assert cli.main([*at, "--where", "role"]) == 1
    assert cli.main([*at, "--chosen"]) == 1
    assert "no quotation is chosen yet" in capsys.readouterr().err
