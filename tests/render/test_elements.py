"""Small decisions of shape: which tables lie on their side, how captions shorten, who the authors are."""

from __future__ import annotations

import datetime
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compendium.render import nodes
from compendium.render.columns import table_size
from compendium.render.elements import TABLE_END, notes_beside_tables, shortened, typst_string
from compendium.render.metadata import authors, printed_date


def table(columns: int, words: str, rows: int = 3) -> dict:
    cell = [nodes.attr(), {"t": "AlignDefault"}, 1, 1, [{"t": "Plain", "c": nodes.text(words)}]]
    row = [nodes.attr(), [cell] * columns]
    specification = [[{"t": "AlignDefault"}, {"t": "ColWidthDefault"}]] * columns
    head, body = [nodes.attr(), [row]], [nodes.attr(), 0, [], [row] * rows]
    return {"t": "Table", "c": [nodes.attr(), [None, []], specification, head, [body], [nodes.attr(), []]]}


@pytest.mark.parametrize(
    ("columns", "words", "rows", "size"),
    [
        (2, "short", 3, "normal"),
        (6, "12", 3, "small"),
        (3, "words " * 5, 3, "small"),
        (12, "twelve", 3, "wide"),
        (5, "x" * 28, 42, "wide"),
        (5, "x" * 28, 8, "small"),
        (9, "twelve", 42, "small"),
    ],
)
def test_table_size(columns: int, words: str, rows: int, size: str) -> None:
    assert table_size(table(columns, words, rows)) == size


def test_the_notes_of_a_table_stay_with_it() -> None:
    markup = f"#wide-table[#tall-table[\nT\n{TABLE_END}\n\n#table-notes[\nNotes [1].\n\nMore.\n]\n\nText.\n"
    joined = notes_beside_tables(markup)
    assert joined.endswith("T\n#table-notes[\nNotes [1].\n\nMore.\n]]]\n\nText.\n")
    alone = f"#wide-table[#tall-table[\nT\n{TABLE_END}\n\nText.\n"
    assert notes_beside_tables(alone) == alone


def test_a_heading_goes_with_the_tall_table_that_follows_it() -> None:
    markup = "Text.\n\n= Checklist\n<sec-x>\n#small-table[#tall-table[\nT\n"
    assert notes_beside_tables(markup) == (
        "Text.\n\n#pagebreak(weak: true)\n#small-table[#filled-table[\n= Checklist\n<sec-x>\n\nT\n"
    )
    wide = "Text.\n\n#heading(level: 1, numbering: none)[List]\n<sec-x>\n#wide-table[#filled-table[\nT\n"
    assert notes_beside_tables(wide) == (
        "Text.\n\n#wide-table[#filled-table[\n#heading(level: 1, numbering: none)[List]\n<sec-x>\n\nT\n"
    )
    apart = markup.replace("#small", "Words between.\n\n#small")
    assert notes_beside_tables(apart) == apart


@given(st.integers(1, 14), st.integers(1, 40))
def test_a_table_with_more_columns_is_never_smaller(columns: int, letters: int) -> None:
    order = ["normal", "small", "wide"]
    words = "x" * letters
    assert order.index(table_size(table(columns + 1, words))) >= order.index(table_size(table(columns, words)))


def test_a_caption_shortens_to_its_first_sentence() -> None:
    note = {"t": "Note", "c": []}
    caption = [*nodes.text("A caption of five words. And more."), note]
    assert nodes.plain(shortened(caption)) == "A caption of five words"
    assert nodes.plain(shortened(nodes.text("No stop"))) == "No stop"


@given(st.text())
def test_typst_strings_keep_quotes_inside(value: str) -> None:
    literal = typst_string(value)
    assert literal[0] == literal[-1] == '"'
    inner = literal[1:-1].replace("\\\\", "").replace('\\"', "")
    assert '"' not in inner


def test_authors_share_affiliations() -> None:
    people, places = authors(
        {
            "affiliations": [{"id": "lab", "name": "Lab", "city": "Leeds"}],
            "author": [
                "Ann Onym",
                {"name": "Bo Two", "affiliations": [{"ref": "lab"}, "Office"], "orcid": "https://orcid.org/0000-0001"},
                {"name": {"given": "C", "family": "van Three"}, "affiliations": ["Office"]},
            ],
        }
    )
    assert [(person["given"], person["family"], person["marks"]) for person in people] == [
        ("Ann", "Onym", []),
        ("Bo", "Two", [1, 2]),
        ("C", "van Three", [2]),
    ]
    assert [place["shown"] for place in places] == ["Lab, Leeds", "Office"]
    assert people[1]["orcid"] == "0000-0001"


def test_dates_are_printed_in_british_order() -> None:
    assert printed_date("2024-05-06") == printed_date(datetime.date(2024, 5, 6)) == "6 May 2024"
    assert printed_date("in press") == "in press"


def test_no_short_table_floats_above_the_heading_of_its_chapter() -> None:
    chapter = "= One\n\nText.\n\n#small-table[#kept-table[\nA\n" + "Words.\n" * 300 + "#normal-table[#kept-table[\nB\n"
    placed = re.findall(r"#(standing|kept)-table\[\n(\w)", notes_beside_tables(chapter + chapter))
    assert placed == [("standing", "A"), ("kept", "B")] * 2
