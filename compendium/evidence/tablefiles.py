"""Tables of evidence as files of their own: CSV, Markdown, a web page, Word and Excel.

Cells hold what people said and typed, so nothing in them may act: a cell that a spreadsheet would take for a formula is
text in every format.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import pandas as pd

from compendium.errors import CompendiumError
from compendium.project import write_bytes, write_text

FORMATS = ("csv", "md", "html", "docx", "xlsx")
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet takes for the beginning of a formula
_FIRST = {*FORMULA, "'"}
_NUMBER = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)*(?:e[+-]?[0-9]+)?\s*%?|[+-]", re.IGNORECASE)
LONGEST = 32_767  # characters of a cell in Excel


def as_text(table: pd.DataFrame, kind: str) -> str:
    """Return a table as the text of a CSV or Markdown file."""
    return harmless(table).to_csv(index=False, lineterminator="\n") if kind == "csv" else markdown(table)


def write_table(
    table: pd.DataFrame, path: str | Path, caption: str = "", notes: str = "", *, kind: str | None = None
) -> Path:
    """Write a table as one of `FORMATS`, by the suffix of ``path``; caption and notes where the format has room.

    ``kind`` is the format of a path without a suffix of `FORMATS`.

    In CSV an apostrophe stands before what would begin a formula.

    Raises
    ------
    CompendiumError : another suffix.
    """
    suffix = Path(path).suffix.lower().lstrip(".")
    suffix = kind if kind and suffix not in FORMATS else suffix
    if suffix == "csv":
        return write_text(path, as_text(table, "csv"))
    if suffix == "md":
        return write_text(path, markdown(table, caption, notes))
    if suffix == "html":
        return write_bytes(path, _page(markdown(table, caption, notes), caption or "Table"))
    if suffix == "docx":
        return write_bytes(path, _word(markdown(table, caption, notes)))
    if suffix == "xlsx":
        return write_bytes(path, _workbook(table, caption, notes))
    raise CompendiumError(
        "this kind of table cannot be written",
        file=path,
        expected="." + ", .".join(FORMATS[:-1]) + f" or .{FORMATS[-1]}",
    )


def markdown(table: pd.DataFrame, caption: str = "", notes: str = "") -> str:
    """Return a pandoc pipe table; cells keep one line."""

    def line(cells: list[str]) -> str:
        return "| " + " | ".join(cells) + " |\n"

    columns = [escaped(column) for column in table.columns]
    widths = [
        min(60, max([len(column), *(len(escaped(value)) for value in table.iloc[:, place])]))
        for place, column in enumerate(columns)
    ]
    numeric = [pd.api.types.is_numeric_dtype(kind) for kind in table.dtypes]
    rule = [
        ("-" * max(2, width - 1) + ":") if number else ":" + "-" * max(2, width - 1)
        for width, number in zip(widths, numeric, strict=True)
    ]
    body = "".join(line([escaped(value) for value in row]) for row in table.itertuples(index=False, name=None))
    return (
        line(columns)
        + line(rule).replace("| ", "|").replace(" |", "|")
        + body
        + (f"\n: {escaped(caption)}\n" if caption else "")
        + (f"\n{escaped(notes)}\n" if notes else "")
    )


def escaped(value: object) -> str:
    """Return one line of text in which nothing is Markdown; what is missing is blank."""
    if value is None or value is pd.NA or value != value:
        return ""
    text = " ".join(str(value).split())
    for character in "\\|*_`<>[]$~^#@":
        text = text.replace(character, "\\" + character)
    return text


def harmless(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table in which no cell begins a formula: an apostrophe stands before those that would, numbers aside."""

    def safe(value: object) -> object:
        acts = isinstance(value, str) and value[:1] in _FIRST and value.lstrip("'").startswith(FORMULA)
        return f"'{value}" if acts and not _NUMBER.fullmatch(str(value)) else value

    shown = table.copy()
    for place in range(table.shape[1]):
        cells = table.iloc[:, place].tolist()
        if any(isinstance(value, str) and value[:1] in _FIRST for value in cells):
            shown.isetitem(place, [safe(value) for value in cells])
    return shown.rename(columns=safe)


def as_typed(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table of strings as it was before `harmless`."""
    shown = table.copy()
    for column in table.columns:
        cells = table[column].tolist()
        if any(value[:1] == "'" for value in cells):
            shown[column] = [
                value[1:] if value[:1] == "'" and value.lstrip("'").startswith(FORMULA) else value for value in cells
            ]
    return shown


def document(text: str, path: str | Path, title: str) -> bytes:
    """Return Markdown as Word or a web page, by the suffix of the path it will have.

    Raises
    ------
    CompendiumError : another suffix.
    """
    suffix = Path(path).suffix.lower()
    if suffix == ".docx":
        return _word(text)
    if suffix == ".html":
        return _page(text, title)
    raise CompendiumError("this kind of document cannot be written", file=path, expected=".md, .docx or .html")


def _page(text: str, title: str) -> bytes:
    import html

    import pypandoc

    body = pypandoc.convert_text(text, "html", format="markdown-smart")
    style = (
        "body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:90rem;padding:0 1rem;color:#1b2733}"
        "table{border-collapse:collapse;width:100%}th,td{border-bottom:1px solid #cfd8e0;padding:.45rem .6rem;"
        "text-align:left;vertical-align:top}thead th{position:sticky;top:0;background:#fff}"
        "caption{font-weight:600;text-align:left;padding:.5rem 0}"
    )
    title = html.escape(title)
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta name="robots" content="noindex">\n'
        f'<meta name="viewport" content="width=device-width">\n<title>{title}</title>\n<style>{style}</style>\n'
        f"</head>\n<body>\n<main>\n{body}</main>\n</body>\n</html>\n"
    ).encode()


def _word(text: str) -> bytes:
    import pypandoc

    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "table.docx"
        pypandoc.convert_text(text, "docx", format="markdown-smart", outputfile=str(made))
        return made.read_bytes()


def _workbook(table: pd.DataFrame, caption: str, notes: str) -> bytes:
    import io
    import re

    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet = book.active
    sheet.title = "Table"
    control = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # which the format does not hold
    for row, cells in enumerate([tuple(table.columns), *table.itertuples(index=False, name=None)], start=1):
        for column, value in enumerate(cells, start=1):
            cell = sheet.cell(row, column)
            if value is None or value is pd.NA or value != value:
                continue
            if isinstance(value, int | float) and not isinstance(value, bool):
                cell.value = value
            else:
                cell.value = control.sub("", str(getattr(value, "item", lambda value=value: value)()))[:LONGEST]
                cell.data_type = "s"  # never a formula
            cell.alignment = Alignment(vertical="top", wrap_text=True)
            cell.font = Font(bold=row == 1)
    for column, name in enumerate(table.columns, start=1):
        longest = max([len(str(name)), *(len(str(value)) for value in table.iloc[:, column - 1].head(200))])
        sheet.column_dimensions[get_column_letter(column)].width = min(60, longest + 2)
    sheet.freeze_panes = "A2"
    if caption or notes:
        about = book.create_sheet("About")
        for row, text in enumerate(filter(None, (caption, notes)), start=1):
            about.cell(row, 1).value = text
            about.cell(row, 1).data_type = "s"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
