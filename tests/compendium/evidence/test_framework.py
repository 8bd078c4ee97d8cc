"""Framework analysis: the researcher's summaries beside the passages, who is behind a theme, what speaks against."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from compendium.errors import CompendiumError
from compendium.evidence import framework

BOOK = pd.DataFrame({"code_id": ["a", "a/b", "c"], "code": ["Access", "Cost", "Trust"], "parent": ["", "a", ""]})
SEGMENTS = pd.DataFrame(
    {
        "segment_id": ["s1", "s2", "s3", "s4"], "source_id": ["d1", "d1", "d2", "d2"],
        "document": ["d1", "d1", "d2", "d2"],
        "site": ["North", "North;South", "", "South"], "speaker": ["Ann", "Ben", "Ann", ""], "start": [0, 5, 0, 9],
        "end": [4, 8, 4, 12], "codes": "", "coder": "",
    }
)  # fmt: skip
CODINGS = pd.DataFrame({"segment_id": ["s1", "s2", "s3", "s4"], "code_id": ["a/b", "a", "a/b", "c"], "coder": "A"})


def test_a_cell_holds_the_summary_and_where_its_passages_are() -> None:
    own = pd.DataFrame({"case": ["North"], "theme": ["Access"], "summary": ["Far, but reached."]})
    found = framework.matrix(SEGMENTS, CODINGS, BOOK, ["a", "c"], summaries=own, most=1)
    assert found.to_numpy().tolist() == [
        ["North", "Far, but reached. [2 passages: s1, …]", ""],
        ["South", "[1 passage: s2]", "[1 passage: s4]"],
        ["no case", "[1 passage: s3]", ""],
    ]
    assert found.columns.tolist() == ["Case", "Access", "Trust"]
    for wrong in ({"case": ["East"]}, {"theme": ["Hope"]}):
        with pytest.raises(CompendiumError, match=r"row 2.*names what is not there"):
            framework.matrix(SEGMENTS, CODINGS, BOOK, ["a"], summaries=own.assign(**wrong))


def test_frequencies_say_who_stands_behind_a_theme_and_what_speaks_against_it(tmp_path: Path) -> None:
    file = tmp_path / "negative.csv"
    assert framework.negatives(file, SEGMENTS, BOOK).empty
    file.write_text("passage,code,why\ns3,Cost,It cost nothing\n", "utf-8")
    against = framework.negatives(file, SEGMENTS, BOOK)
    found = framework.frequencies(SEGMENTS, CODINGS, BOOK, against)
    assert found[["code_id", "level", *framework.COLUMNS[1:]]].to_numpy().tolist() == [
        ["a", 1, 3, 2, 2, 2, 1], ["a/b", 2, 2, 2, 1, 1, 1], ["c", 1, 1, 1, 1, 0, 0]
    ]  # fmt: skip
    shown = framework.printed(found)
    assert shown["Theme"].tolist() == ["Access", "– Cost", "Trust"]
    assert "Against it" not in framework.printed(framework.frequencies(SEGMENTS, CODINGS, BOOK))
    for row, column in (("s9,Cost,x", "passage"), ("s3,Hope,x", "code"), ("s3,Cost,", "why")):
        file.write_text(f"passage,code,why\n{row}\n", "utf-8")
        with pytest.raises(CompendiumError, match=rf"row 2, column '{column}'"):
            framework.negatives(file, SEGMENTS, BOOK)


def test_a_joint_display_waits_for_what_only_the_researcher_can_say() -> None:
    findings = pd.DataFrame({"finding_id": ["f1", "f2"], "statement": ["One.", "Two."]})
    behind = findings.assign(passages=[3, 0], sources=[2, 0], cases=[1, 0])
    own = pd.DataFrame({"finding_id": ["f1"], "numbers": ["40%"], "relation": ["expands"], "inference": ["So."]})
    assert framework.joint_display(findings, behind, own).to_numpy().tolist() == [
        ["One.", "3 in 2 sources, 1 cases", "40%", "expands", "So."], ["Two.", "0 in 0 sources, 0 cases", "", "", ""]
    ]  # fmt: skip
    assert (framework.joint_display(findings, behind)["Relation"] == "").all()
    for wrong in ({"relation": ["agrees"]}, {"finding_id": ["f9"]}):
        with pytest.raises(CompendiumError, match="row 2"):
            framework.joint_display(findings, behind, own.assign(**wrong))


def test_the_command_writes_the_matrix(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    from refiqda_projects import walks

    from compendium import cli

    file = walks(tmp_path)
    (tmp_path / "summaries.csv").write_text("case,theme,summary\nHouse 1,Health,Stairs hurt.\n", "utf-8")
    assert cli.main(["framework", str(file), "--by", "document", "--theme", "Health"]) == 1
    assert "found House 1" in capsys.readouterr().err
    (tmp_path / "summaries.csv").write_text("case,theme,summary\nRowan,Health,Stairs hurt.\n", "utf-8")
    out = tmp_path / "matrix.csv"
    assert cli.main(["framework", str(file), "--by", "document", "--theme", "Health", "--out", str(out)]) == 0
    table = pd.read_csv(out, keep_default_na=False).set_index("Case")["Health"]
    assert table["Rowan"].startswith("Stairs hurt.")
    assert "1 themes; it names cases" in capsys.readouterr().out
