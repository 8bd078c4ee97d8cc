"""The codebook: its checks, its hierarchy and its appendix table."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compendium.errors import CompendiumError
from compendium.evidence import codebook


def frame(**columns: list[str]) -> pd.DataFrame:
    base = {"code_id": ["time", "money", "late"], "code": ["Time", "Money", "Late"], "parent": ["", "", "time"]}
    return pd.DataFrame({**base, **columns})


def test_a_codebook_gets_every_column() -> None:
    checked = codebook.check(frame())
    assert set(codebook.COLUMNS) <= set(checked.columns)
    assert checked["definition"].tolist() == ["", "", ""]


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"code_id": ["time", "money", "time"]}, "row 4, column 'code_id': a code id stands twice; found time"),
        ({"code_id": ["time", "", "late"]}, "row 3, column 'code_id': a code needs an id without semicolons"),
        ({"code_id": ["time", "a;b", "late"]}, "a code needs an id without semicolons; found a;b"),
        ({"code": ["Time", "", "Late"]}, "row 3, column 'code': a code has no name"),
        ({"parent": ["", "", "tme"]}, "row 4, column 'parent': the parent is not in the codebook; found tme"),
        ({"parent": ["late", "", "time"]}, "a code stands above itself"),
        ({"parent": ["time", "", ""]}, "a code stands above itself"),
        ({"colour": ["", "red", ""]}, "row 3, column 'colour': a colour is wrong; found red, expected #RRGGBB"),
        ({"origin": ["deduced", "", ""]}, "an origin is wrong; found deduced"),
    ],
)
def test_faults_are_found_with_their_row(columns: dict, says: str) -> None:
    with pytest.raises(CompendiumError) as refused:
        codebook.check(frame(**columns), file="codes.csv")
    assert says in str(refused.value)
    assert str(refused.value).startswith("codes.csv")


def test_a_missing_column_is_named() -> None:
    with pytest.raises(CompendiumError, match="column 'code': a column is missing"):
        codebook.check(frame().drop(columns="code"))


def test_load_keeps_a_code_called_na(tmp_path) -> None:
    file = tmp_path / "codebook.csv"
    file.write_text("code_id,code,parent\nna,NA,\n", encoding="utf-8")
    assert codebook.load(file)["code"].tolist() == ["NA"]
    with pytest.raises(CompendiumError, match="there is no codebook here"):
        codebook.load(tmp_path / "none.csv")
    file.write_bytes(b"code_id,code\na,caf\xe9\n")
    with pytest.raises(CompendiumError, match="not a CSV file in UTF-8"):
        codebook.load(file)


def test_hierarchy() -> None:
    codes = codebook.check(frame())
    assert codebook.paths(codes).to_dict() == {"time": "Time", "money": "Money", "late": "Time / Late"}
    assert codebook.descendants(codes, "time") == ["time", "late"]
    assert codebook.ordered(codes)[["code_id", "level"]].to_numpy().tolist() == [
        ["time", 1],
        ["late", 2],
        ["money", 1],
    ]


def test_the_appendix_counts_segments_once_and_leaves_blank_columns_out() -> None:
    codes = codebook.check(frame(definition=["", "Funds.", ""]))
    codings = pd.DataFrame(
        {
            "segment_id": ["s1", "s1", "s2"],
            "code_id": ["late", "late", "late"],
            "coder": ["A", "B", "A"],
        }
    )
    table = codebook.appendix(codes, codings)
    assert table.columns.tolist() == ["Code", "Definition", "Segments"]
    assert table.to_numpy().tolist() == [["Time", "", 0], ["– Late", "", 2], ["Money", "Funds.", 0]]


def test_the_appendix_shows_guidance_readably() -> None:
    codes = codebook.check(frame(use=["On time.", "", ""], not_use=["Cost: “Money”.", "", ""], typical=["s1", "", ""]))
    table = codebook.appendix(codes)
    assert table.columns.tolist() == ["Code", "Use", "Do not use", "Typical segment"]
    assert table.iloc[0].tolist() == ["Time", "On time.", "Cost: “Money”.", "s1"]


def test_a_description_holds_the_guidance_and_gives_it_back() -> None:
    row = {"definition": "Hours.", "use": "On time.", "not_use": "Cost: “Money”.", "typical": "s1"}
    text = codebook.description(row)
    assert text == "Hours.\n\nUse: On time.\nDo not use: Cost: “Money”.\nTypical segment: s1"
    assert codebook.guided(text) == row


@pytest.mark.parametrize(
    "text",
    ["", "Hours.", "Use: \nOn time.", "Hours.\nUse: on time", "Hours.\n\nUse: a\n\nMore.", "Hours.\r\n\r\nUse: a"],
)
def test_a_description_of_another_form_is_all_definition(text: str) -> None:
    assert codebook.guided(text) == {"definition": text, "use": "", "not_use": "", "typical": ""}


LINES = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]) | st.just(" "), max_size=20)


@settings(max_examples=80, deadline=None)
@given(st.fixed_dictionaries(dict.fromkeys(("definition", "use", "not_use", "typical"), LINES)))
def test_any_guidance_comes_back_from_its_description(row: dict[str, str]) -> None:
    row = {column: " ".join(value.split()) for column, value in row.items()}
    assert codebook.guided(codebook.description(row)) == row


@settings(max_examples=80, deadline=None)
@given(st.lists(st.sampled_from(["Use: ", "Do not use: ", "Typical segment: ", "a", "\n", "\n\n", " "]), max_size=9))
def test_no_description_loses_a_sign(parts: list[str]) -> None:
    text = "".join(parts)
    assert codebook.description(codebook.guided(text)) == text


def test_codes_that_studies_share_stand_once_with_the_fullest_guidance() -> None:
    origin = ["inductive", "deductive", "inductive"]
    one = codebook.check(frame(origin=origin, not_use=["Cost.", "", ""], typical=["a1", "", ""]))
    two = codebook.check(frame(origin=origin, not_use=["Cost; delay.", "", ""], typical=["b1", "b2", "b3"]))
    found = codebook.shared({"a": one, "b": two})
    assert found[["code_id", "not_use", "typical"]].to_numpy().tolist() == [
        ["time", "Cost; delay.", "a1; b1"],
        ["late", "", "b3"],
    ]
    assert codebook.shared({"a": one}).empty
