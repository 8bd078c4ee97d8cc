"""Tables as files: the cells come out as they went in, in every format, and none of them acts."""

from __future__ import annotations

import docx
import pandas as pd
import pypandoc
import pytest
from openpyxl import load_workbook

from compendium.errors import CompendiumError
from compendium.evidence.tablefiles import write_table

TABLE = pd.DataFrame({"Code": ["Money", "Time"], "Words": [3, 2], "Quotation": ["Not | paid.", "No “time” 🚲"]})


def test_tables_are_written_as_csv_markdown_and_docx(tmp_path) -> None:
    table = TABLE
    write_table(table, tmp_path / "t.csv")
    again = pd.read_csv(tmp_path / "t.csv", keep_default_na=False)
    assert again["Quotation"].tolist() == table["Quotation"].tolist()

    write_table(table, tmp_path / "t.md", caption="Quotations by code")
    read = pypandoc.convert_file(str(tmp_path / "t.md"), "html", format="markdown")
    assert read.count("<tr") == 3
    assert "Not | paid." in read
    assert "Quotations by code</caption>" in read

    write_table(table, tmp_path / "t.docx", caption="Quotations by code")
    document = docx.Document(str(tmp_path / "t.docx"))
    cells = [[cell.text for cell in row.cells] for row in document.tables[0].rows]
    assert cells[0] == list(table.columns)
    assert [row[-1] for row in cells[1:]] == table["Quotation"].tolist()
    with pytest.raises(CompendiumError, match=r"expected \.csv, \.md, \.html, \.docx or \.xlsx"):
        write_table(table, tmp_path / "t.xls")


def test_markup_in_cells_stays_text(tmp_path) -> None:
    table = pd.DataFrame({"Code": ["*not* `code` <b> $x$ [a](b) @key #1 ~~x~~", "two\nlines | and a pipe"]})
    write_table(table, tmp_path / "t.docx")
    document = docx.Document(str(tmp_path / "t.docx"))
    assert [row.cells[0].text for row in document.tables[0].rows] == [
        "Code",
        "*not* `code` <b> $x$ [a](b) @key #1 ~~x~~",
        "two lines | and a pipe",
    ]


def test_an_empty_table_is_written(tmp_path) -> None:
    empty = TABLE.iloc[:0]
    for name in ("t.csv", "t.md", "t.html", "t.docx", "t.xlsx"):
        assert write_table(empty, tmp_path / name).stat().st_size > 0


def test_no_cell_becomes_a_formula(tmp_path) -> None:
    table = pd.DataFrame({"=Code": ["=cmd|' /C calc'!A0", "@SUM(1)", "-1"], "Number": [-1, 2, 3]})
    write_table(table, tmp_path / "t.csv")
    again = pd.read_csv(tmp_path / "t.csv")
    assert again["'=Code"].tolist() == ["'=cmd|' /C calc'!A0", "'@SUM(1)", "-1"]  # a number is none
    assert again["Number"].tolist() == [-1, 2, 3]
    sheet = load_workbook(write_table(table, tmp_path / "t.xlsx")).active
    assert [[cell.value for cell in row] for row in sheet] == [list(table.columns), *table.to_numpy().tolist()]
    assert {cell.data_type for row in sheet for cell in row} == {"s", "n"}


def test_a_page_says_what_it_holds_and_keeps_out_of_searches(tmp_path) -> None:
    text = write_table(TABLE, tmp_path / "t.html", "Quotations <b>", "Notes.").read_text("utf-8")
    assert "<title>Quotations &lt;b&gt;</title>" in text
    assert 'content="noindex"' in text
    assert "Not | paid." in text
    assert "Notes." in text
