"""Who coded: people keep their names to themselves, software says what it is, and the reader what to make of it."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from compendium.errors import CompendiumError
from compendium.evidence import coders, meetinglist
from compendium.refiqda import reports

HEAD = "coder,kind,software,version,instruction\n"
BOOK = pd.DataFrame({"code_id": ["x", "y"], "code": ["Ex", "Why"], "parent": ""})


def test_people_are_numbered_and_software_is_named(tmp_path: Path) -> None:
    (tmp_path / "coders.csv").write_text(HEAD + "Bot,software,Coder,2.1,Code as the codebook says\n", "utf-8")
    found = coders.read(tmp_path, ["Ann", "Bot", "Cas"])
    assert found["label"].tolist() == ["Person 1", "Coder 2.1", "Person 2"]
    said = coders.statement(found)
    assert said.startswith("2 people coded. So did software: Coder 2.1, told “Code as the codebook says”.")
    assert "did not code independently" in said
    pairs = pd.DataFrame({"coder_a": ["Ann", "Ann"], "coder_b": ["Bot", "Cas"]})
    assert coders.labelled(pairs, found).to_numpy().tolist() == [
        ["Person 1", "Coder 2.1", coders.MIXED],
        ["Person 1", "Person 2", coders.PEOPLE],
    ]
    assert coders.statement(coders.read(tmp_path / "none", ["Ann"])) == "1 person coded."


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ("Ann,robot,,,\n", r"row 2, column 'kind'.*found robot"),
        ("Bot,software,Coder,,go\n", r"column 'version': software.*needs its name"),
        ("Ann,person,,,\nAnn,person,,,\n", r"row 3.*a coder is listed twice"),
    ],
)
def test_what_cannot_be_a_coder_is_refused(rows: str, problem: str, tmp_path: Path) -> None:
    (tmp_path / "coders.csv").write_text(HEAD + rows, "utf-8")
    with pytest.raises(CompendiumError) as error:
        coders.read(tmp_path, ["Ann"])
    assert re.search(problem, str(error.value)), str(error.value)


def test_suggestions_are_counted_by_what_became_of_them(tmp_path: Path) -> None:
    assert coders.suggestions(tmp_path, BOOK).empty
    file = tmp_path / "suggestions.csv"
    file.write_text("segment_id,code_id,coder,decision\ns1,y,Bot,accepted\ns2,y,Bot,rejected\ns1,x,Bot,open\n", "utf-8")
    assert coders.suggestions(tmp_path, BOOK).to_numpy().tolist() == [["x", 1, 0, 0, 1], ["y", 2, 1, 1, 0]]
    file.write_text("segment_id,code_id,coder,decision\ns1,z,Bot,accepted\n", "utf-8")
    with pytest.raises(CompendiumError, match=r"row 2, column 'code_id'.*found z"):
        coders.suggestions(tmp_path, BOOK)


def test_a_beginning_names_a_coder_that_no_other_has() -> None:
    assert coders.chosen(["ann", "Ben"], ["Anna", "Ben", "Benno"]) == ["Anna", "Ben"]
    assert coders.chosen(None, ["Anna"]) is None
    with pytest.raises(CompendiumError, match="no single coder has this name; found B"):
        coders.chosen(["B"], ["Ben", "Benno"])


# --- the list for their meeting -------------------------------------------------------------------------------------


def test_both_readings_stand_side_by_side() -> None:
    text = "We walk there. " * 8
    segments = pd.DataFrame(
        {"segment_id": ["s1", "s2"], "source_id": "d", "document": "Talk", "start": [90, 93], "end": [104, 104],
         "codes": "", "coder": "", "site": ""}
    )  # fmt: skip
    codings = pd.DataFrame({"segment_id": ["s1", "s2"], "code_id": ["x", "y"], "coder": ["Ann", "Ben"]})
    found = meetinglist.readings(codings, segments, BOOK, "character", {"d": len(text)}, texts={"d": text})
    assert found[["Document", "Place", "Code", "Yes", "No", "Ann read", "Ben read"]].to_numpy().tolist() == [
        ["Talk", "90–104", "Ex", "Ann", "Ben", "Ex", "Why"],
        ["Talk", "93–104", "Why", "Ben", "Ann", "Ex", "Why"],
    ]
    assert "[We walk there.]" in found["Passage"][0]
    assert found["Passage"][0].startswith("… ")
    only = meetinglist.readings(codings, segments, BOOK, "document", code="y")
    assert only[["Place", "Code", "Yes"]].to_numpy().tolist() == [["whole", "Why", "Ben"]]


def test_the_command_prints_agreement_and_writes_the_list(tmp_path: Path, capsys) -> None:
    from docx import Document
    from refiqda_projects import walks

    from compendium import cli

    file, out = walks(tmp_path), tmp_path / "list.docx"
    assert cli.main(["agreement", str(file), "--out", str(out)]) == 0
    printed = capsys.readouterr().out
    assert "Unit: character" in printed
    assert "No interval: a bootstrap needs 5 documents." in printed
    rows = [[cell.text for cell in row.cells] for row in Document(str(out)).tables[0].rows]
    assert rows[0][:3] == ["Document", "Place", "Code"]
    assert f"{len(rows) - 1} disagreement" in printed
    assert cli.main(["agreement", str(file), "--coders", "nobody"]) == 1
    assert "no single coder has this name; found nobody" in capsys.readouterr().err
    assert cli.main(["agreement", "no-such-project"]) == 1
    assert reports.unit_of(reports.opened(file).project, "document") == "document"
