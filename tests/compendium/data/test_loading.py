"""Every defect of a file becomes one sentence with file, row, column, what was found and what was expected."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compendium.data import loading, packages
from compendium.data.schemas import TableSchema
from compendium.errors import CompendiumError


@pytest.fixture
def copy(project, tmp_path):
    """Return a function that writes a changed copy of a published table and returns its path."""

    def change(name: str, old: str = "", new: str = "") -> Path:
        text = (project / f"data/published/{name}.csv").read_text(encoding="utf-8")
        assert old in text
        path = tmp_path / f"{name}.csv"
        path.write_bytes(text.replace(old, new, 1).encode("utf-8"))
        return path

    return change


def refused(path: Path, schema: TableSchema | str) -> CompendiumError:
    with pytest.raises(CompendiumError) as caught:
        loading.read_table(path, schema)
    assert str(caught.value).startswith(f"{path.as_posix()}")
    assert str(caught.value).count("\n") == 0
    return caught.value


SOMERSET = 'E54000038,Somerset,9,low,alderwick-2024-thesis,"chapter 4, Table 4, row 30"\n'
DEFECTS = {
    "missing column": (",deprivation_class", "", "a column is missing", 1, "deprivation_class", "deprivation_class"),
    "misspelt column": ("deprivation_class", "deprivaton_class", "misspelt", 1, "deprivaton_class",
                        "deprivation_class"),
    "extra column": ("source,place", "source,place,notes", "a column too many", 1, "notes", None),
    "doubled column": ("source,place", "source,place,place", "stands twice", 1, "place", None),
    "reordered columns": ("source,place", "place,source", "another order", 1, None, None),
    "wrong type": ("Greater Manchester,38", "Greater Manchester,38%", "wrong type", 2, "most_deprived_fifth_percent",
                   "a whole number, digits only"),
    "decimal for integer": ("Greater Manchester,38", "Greater Manchester,38.0", "wrong type", 2,
                            "most_deprived_fifth_percent", "a whole number, digits only"),
    "percentage too high": ("Greater Manchester,38", "Greater Manchester,138", "a percentage lies outside 0-100", 2,
                            "most_deprived_fifth_percent", "0 to 100"),
    "percentage negative": ("Greater Manchester,38", "Greater Manchester,-3", "a percentage lies outside 0-100", 2,
                            "most_deprived_fifth_percent", "0 to 100"),
    "empty cell": ("Greater Manchester,38", "Greater Manchester,", "a value is missing", 2,
                   "most_deprived_fifth_percent", "0 to 100"),
    "misspelt class": ("35,high", "35,hihg", "not one of those allowed", 3, "deprivation_class", "high"),
    "contradicting class": ("35,high", "35,medium", "the class contradicts its value", 3, "deprivation_class",
                            "high, by the terciles of the column"),
    "malformed code": ("E54000008", "E5400008", "right form", 3, "stp21_code", "the pattern E54[0-9]{6}"),
    "duplicate ICS": (SOMERSET, SOMERSET * 2, "a row stands twice", 32, "stp21_code",
                      "each value once (row 31 has it already)"),
    "missing ICS": (SOMERSET, "", "a row of table 'areas' has no row here", None, "stp21_code, ics_name",
                    "one row for each"),
    "unknown ICS": ("E54000038,Somerset", "E54000999,Avalon", "belongs to no row of table 'areas'", 31,
                    "stp21_code, ics_name", None),
    "misspelt ICS": ("E54000038,Somerset", "E54000038,Somerst", "belongs to no row of table 'areas'", 31,
                     "stp21_code, ics_name", "E54000038, Somerset"),
    "cell too few": ("low,alderwick-2024-thesis,\"chapter 4, Table 4, row 30\"", "low,alderwick-2024-thesis",
                     "wrong number of cells", 31, None, "6 cells"),
    "cell too many": ("Somerset,9", "Somerset,9,9", "wrong number of cells", 31, None, "6 cells"),
    "empty line": (SOMERSET, SOMERSET + "\n", "wrong number of cells", 32, None, "6 cells"),
    "text after a closed quote": ("\"chapter 4, Table 4, row 30\"", "\"chapter 4, Table 4, row 30\" and on",
                                  "not well-formed CSV", 31, None, None),
    "NUL": ("Somerset", "Some\0rset", "NUL", 31, None, None),
}  # fmt: skip


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_defect_is_named_with_its_place(copy, defect):
    old, new, problem, row, column, expected = DEFECTS[defect]
    error = refused(copy("ics_deprivation", old, new), "ics_deprivation")
    assert problem in error.problem
    assert (error.row, error.column) == (row, column)
    if expected is not None:
        assert error.expected == expected


def test_the_sentence_a_researcher_reads(copy):
    path = copy("ics_geography", "Sussex,80", "Sussex,180")
    assert str(refused(path, "ics_geography")) == (
        f"{path.as_posix()}, row 42, column 'urban_percent': "
        "a percentage lies outside 0-100; found 180, expected 0 to 100."
    )


def test_a_missing_ics_is_named(copy):
    assert "none for E54000038, Somerset" in refused(copy("ics_deprivation", SOMERSET), "ics_deprivation").found


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_refused(tmp_path, content):
    path = tmp_path / "ics_deprivation.csv"
    path.write_bytes(content)
    error = refused(path, "ics_deprivation")
    assert error.problem == "the file is empty"


def test_a_header_alone_is_refused(copy, project):
    header = (project / "data/published/ics_deprivation.csv").read_text(encoding="utf-8").splitlines()[0]
    path = copy("ics_deprivation")
    path.write_text(header + "\n", encoding="utf-8")
    assert "no row below its header" in refused(path, "ics_deprivation").problem


def test_other_encodings_are_refused_with_the_line_and_the_byte(copy):
    path = copy("areas", "Sussex", "Süssex")
    path.write_bytes(path.read_text(encoding="utf-8").encode("latin-1"))
    error = refused(path, "areas")
    assert (error.row, error.found) == (42, "byte 0xfc")
    path.write_bytes("stp21_code\nE54000007\n".encode("utf-16"))
    assert refused(path, "areas").problem == "the file is not UTF-8"


def test_missing_files_and_folders_are_refused(tmp_path):
    for path in (tmp_path / "none.csv", tmp_path):
        assert "cannot be read" in refused(path, "areas").problem


@given(data=st.data())
def test_a_file_cut_anywhere_is_refused(data, project, tmp_path_factory):
    content = (project / "data/published/ics_deprivation.csv").read_bytes()
    length = data.draw(st.integers(0, len(content) - 1))
    path = tmp_path_factory.getbasetemp() / "cut.csv"
    path.write_bytes(content[:length])
    refused(path, "ics_deprivation")


@given(content=st.binary(max_size=200))
def test_any_bytes_are_either_refused_in_words_or_read(content, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "noise.csv"
    path.write_bytes(content)
    refused(path, "areas")


def test_an_open_quotation_mark_is_refused(copy):
    path = copy("ics_deprivation", 'Table 4, row 42"', "Table 4, row 42")
    error = refused(path, "ics_deprivation")
    assert error.row == 43
    assert "cut short" in error.problem


def test_byte_order_mark_windows_line_ends_and_quoted_cells_are_read_alike(copy, project):
    path = copy("ics_deprivation")
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(rows)
    path.write_bytes(b"\xef\xbb\xbf" + out.getvalue().encode("utf-8"))
    pd.testing.assert_frame_equal(loading.read_table(path, "ics_deprivation"), loading.read("ics_deprivation"))


def test_rows_are_counted_in_lines_even_after_a_cell_with_line_ends(tmp_path):
    schema = small(tmp_path, [{"name": "s", "type": "string"}, {"name": "n", "type": "integer"}])
    path = tmp_path / "t.csv"
    path.write_text('s,n\n"two\nlines",1\nx,y\n', encoding="utf-8")
    assert refused(path, schema).row == 4


def small(folder: Path, fields: list[dict], **extra) -> TableSchema:
    descriptor = {"resources": [{"name": "t", "path": "t.csv", "schema": {"fields": fields, **extra}}]}
    (folder / "datapackage.json").write_text(json.dumps(descriptor), encoding="utf-8")
    return packages.table_schema("t", folder / "datapackage.json")


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("integer", "1,000"),
        ("integer", " 1"),
        ("integer", "1e3"),
        ("integer", "٣"),
        ("integer", "9" * 19),
        ("integer", "9" * 5000),
        ("number", "nan"),
        ("number", "inf"),
        ("number", "1e999"),
        ("number", "0,5"),
        ("number", "."),
        ("boolean", "True"),
        ("boolean", "1"),
        ("date", "2022-02-30"),
        ("date", "1 July 2022"),
        ("date", "20220701"),
    ],
)
def test_values_of_the_wrong_type_are_refused(tmp_path, kind, text):
    schema = small(tmp_path, [{"name": "x", "type": kind}])
    path = tmp_path / "t.csv"
    with open(path, "w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows([["x"], [text]])
    error = refused(path, schema)
    assert (error.problem, error.row, error.column) == ("the value is of the wrong type", 2, "x")


@given(
    integers=st.lists(st.integers(-(2**63) + 1, 2**63 - 1), min_size=1),
    number=st.floats(allow_nan=False, allow_infinity=False),
)
def test_numbers_survive_the_round_trip(tmp_path_factory, integers, number):
    folder = tmp_path_factory.mktemp("numbers")
    schema = small(folder, [{"name": "n", "type": "integer"}, {"name": "v", "type": "number"}])
    path = folder / "t.csv"
    pd.DataFrame({"n": integers, "v": number}).to_csv(path, index=False, lineterminator="\n")
    frame = loading.read_table(path, schema)
    assert frame["n"].tolist() == integers
    assert set(frame["v"]) == {number}


def test_a_table_may_refer_to_itself(tmp_path):
    fields = [{"name": "code", "type": "string"}, {"name": "parent", "type": "string"}]
    key = {"fields": "parent", "reference": {"resource": "", "fields": "code"}}
    schema = small(tmp_path, fields, primaryKey="code", foreignKeys=[key])
    path = tmp_path / "t.csv"
    path.write_text("code,parent\na,\nb,a\n", encoding="utf-8")
    assert loading.read_table(path, schema)["parent"].tolist() == [None, "a"]
    path.write_text("code,parent\na,\nb,z\n", encoding="utf-8")
    error = refused(path, schema)
    assert (error.row, error.column, error.found) == (3, "parent", "z")


def test_the_wrong_number_of_rows_is_refused(copy):
    last = '42,alderwick-2024-thesis,"chapter 4, Table 2, row 42"\n'
    path = copy("areas", last, last)
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:-1]), encoding="utf-8")
    assert (error := refused(path, "areas")).found == "41 rows", error


def test_a_broken_table_that_is_referred_to_is_named_itself(copy, project, tmp_path, monkeypatch):
    data = tmp_path / "data"
    (data / "published").mkdir(parents=True)
    (data / "datapackage.json").write_bytes((project / "data/datapackage.json").read_bytes())
    (data / "published/areas.csv").write_text("nothing\n", encoding="utf-8")
    monkeypatch.setenv("COMPENDIUM_ROOT", str(tmp_path))
    with pytest.raises(CompendiumError, match=r"^data/published/areas\.csv, row 1"):
        loading.read_table(project / "data/published/ics_deprivation.csv", "ics_deprivation")


def test_a_text_too_short_or_a_number_out_of_range_is_refused(tmp_path):
    fields = [
        {"name": "s", "type": "string", "constraints": {"minLength": 3}},
        {"name": "n", "type": "number", "constraints": {"maximum": 5}},
    ]
    schema = small(tmp_path, fields)
    path = tmp_path / "t.csv"
    path.write_text("s,n\nabc,1\nab,1\n", encoding="utf-8")
    error = refused(path, schema)
    assert (error.row, error.column, error.found, error.expected) == (3, "s", "ab", "3 characters")
    path.write_text("s,n\nabc,5.5\n", encoding="utf-8")
    error = refused(path, schema)
    assert (error.problem, error.found, error.expected) == ("the number is out of range", "5.5", "at most 5")
