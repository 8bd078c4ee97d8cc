"""Attributes: typed, grouped, counted by code, and silent about few people."""

from __future__ import annotations

import pandas as pd

from compendium.evidence import attributes

VARIABLES = pd.DataFrame(
    [("role", "Role", "Text"), ("age", "Age", "Integer"), ("paid", "Paid", "Boolean"), ("on", "Date", "Date")],
    columns=["variable_id", "name", "type"],
)


def test_attributes_are_typed_and_grouped() -> None:
    values = pd.DataFrame(
        [("case", f"c{n}", "age", str(20 + 5 * n)) for n in range(12)]
        + [("case", "c0", "paid", "true"), ("case", "c1", "paid", "0"), ("case", "c0", "on", "2024-03-01"),
           ("case", "c2", "age", "99"), ("case", "c12", "age", "young"), ("source", "d1", "role", "nurse")],
        columns=["kind", "owner", "variable_id", "value"],
    )  # fmt: skip
    wide = attributes.wide(VARIABLES, values, "case")
    assert {name: str(kind) for name, kind in wide.dtypes.items()} == {
        "Age": "Int64", "Paid": "boolean", "Date": "datetime64[ns]"
    }  # fmt: skip
    assert attributes.groups(wide["Paid"]).loc[["c0", "c1", "c2"]].tolist() == ["yes", "no", "not stated"]
    ages = attributes.groups(wide["Age"])
    assert ages.nunique() == 5
    assert (ages["c0"], ages["c12"]) == ("20–30", "not stated")
    assert attributes.wide(VARIABLES, values, "source").to_numpy().tolist() == [["nurse"]]


def test_small_cells_are_held_back_with_another_beside_them() -> None:
    table = pd.DataFrame(
        [("x", "Role", "nurse", 9, 6, 6), ("x", "Role", "driver", 1, 1, 1), ("x", "Role", "other", 5, 4, 4),
         ("y", "Role", "nurse", 3, 3, 3)],
        columns=["code_id", "variable", "value", "passages", "documents", "cases"],
    )  # fmt: skip
    found = attributes.held_back(table, 3)
    assert found["held"].tolist() == [False, True, True, False]
    assert found["passages"].isna().tolist() == [False, True, True, False]
    book = pd.DataFrame({"code_id": ["x", "y"], "code": ["Ex", "Why"], "parent": ""})
    assert attributes.crossed(found, book, "Role").to_numpy().tolist() == [
        ["Ex", "held", "9 (6)", "held"], ["Why", "0", "3 (3)", "0"]
    ]  # fmt: skip
    assert not attributes.held_back(table, 1)["held"].any()


def test_attributes_of_case_and_document_are_counted_by_code() -> None:
    segments = pd.DataFrame(
        {"segment_id": ["s1", "s2", "s3"], "source_id": ["d1", "d1", "d2"], "start": [0, 0, 4], "end": [3, 3, 9],
         "document": "", "site": "", "speaker": "", "codes": "", "coder": ""}
    )  # fmt: skip
    codings = pd.DataFrame({"segment_id": ["s1", "s2", "s3"], "code_id": ["x", "y", "x"], "coder": "A"})
    book = pd.DataFrame({"code_id": ["x", "y"], "code": ["X", "Y"], "parent": ["", "x"]})
    members = pd.DataFrame([("c1", "source", "d1"), ("c2", "segment", "s3")], columns=["case_id", "kind", "member"])
    of_cases = pd.DataFrame({"Role": ["nurse", "driver"]}, index=["c1", "c2"])
    of_sources = pd.DataFrame({"Mode": ["phone"]}, index=["d2"])
    told = attributes.of_passages(segments, members, of_cases, of_sources)
    none = attributes.held_back(attributes.by_code(segments, codings, book, told.iloc[:0]), 3)
    assert attributes.listed(none, book).empty
    assert attributes.crossed(none, book, "Role").empty
    found = attributes.by_code(segments, codings, book, told)
    assert found.to_numpy().tolist() == [
        ["x", "Role", "driver", 1, 1, 1], ["x", "Role", "nurse", 1, 1, 1], ["x", "Mode", "phone", 1, 1, 1],
        ["y", "Role", "nurse", 1, 1, 1],
        ["", "Role", "driver", 1, 1, 1], ["", "Role", "nurse", 1, 1, 1], ["", "Mode", "phone", 1, 1, 1],
    ]  # fmt: skip


def test_what_is_public_of_an_import_gives_attributes_by_label() -> None:
    segments = pd.DataFrame(
        {
            "segment_id": ["s1", "s2"],
            "source_id": ["d1", "d2.1"],
            "site": ["Case 1; Case 2", ""],
            "document": ["d1", "d2"],
        }
    )
    variables = pd.DataFrame(
        [("case", "Case 1", "Role", "nurse"), ("case", "Case 2", "Role", "driver"), ("source", "d2", "Minutes", "40")],
        columns=["kind", "owner", "variable", "value"],
    )
    found = attributes.of_labels(segments, variables)
    assert found.to_numpy().tolist() == [
        ["s1", "case:Case 1", "Role", "nurse"], ["s1", "case:Case 2", "Role", "driver"],
        ["s2", "source:d2", "Minutes", "40"],
    ]  # fmt: skip
    assert attributes.of_labels(segments, variables.iloc[:0]).empty
    assert attributes.documents(segments)["value"].tolist() == ["d1", "d2"]
