"""Tables are read back by pandoc itself: what it finds in each cell must be what the frame holds."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pypandoc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compendium.errors import CompendiumError
from compendium.figures.tables import Markdown, column_text, escaped, markdown_table


def words(node: Any) -> str:
    """Return the plain text of a piece of pandoc's document tree."""
    if isinstance(node, list):
        return "".join(map(words, node))
    kind, content = node.get("t"), node.get("c")
    if kind == "Str":
        return content
    if kind in ("Space", "SoftBreak"):
        return " "
    if kind == "LineBreak":
        return "\n"
    if kind in ("Plain", "Para"):
        return words(content)
    raise AssertionError(f"pandoc read markup where there was none: {kind}")


def read_back(table: str, extensions: str = "-smart") -> dict[str, Any]:
    """Return header, rows, alignment letters and relative widths (None = natural) as pandoc reads them."""
    document = json.loads(pypandoc.convert_text(table, "json", format=f"markdown{extensions}"))
    assert [block["t"] for block in document["blocks"]] == ["Table"]
    _, _, columns, head, bodies, _ = document["blocks"][0]["c"]
    letter = {"AlignLeft": "l", "AlignDefault": "l", "AlignRight": "r", "AlignCenter": "c"}

    def rows(found: list[Any]) -> list[list[str]]:
        return [[words(cell[4]) for cell in row[1]] for row in found]

    return {
        "header": rows(head[1])[0],
        "rows": rows(bodies[0][3]) if bodies else [],
        "align": "".join(letter[column[0]["t"]] for column in columns),
        "widths": [column[1].get("c") for column in columns],
    }


def test_numbers_stand_right_with_separators_and_equal_decimals() -> None:
    frame = pd.DataFrame(
        {
            "ICS": ["A", "B"],
            "Population": [3146943, 521391],
            "Share": [0.5, 12.25],
            "Change": [-3, 0],
            "Cut": ["8%", "–"],
        }
    )
    table = read_back(markdown_table(frame))
    assert table["align"] == "lrrrr"
    assert table["rows"] == [["A", "3,146,943", "0.50", "−3", "8%"], ["B", "521,391", "12.25", "0", "–"]]
    assert table["widths"] == [None] * 5


def test_missing_values_are_an_en_dash_and_do_not_turn_counts_into_decimals() -> None:
    frame = pd.DataFrame({"n": [1200.0, None], "name": [None, "x"], "when": [pd.NaT, pd.Timestamp("2022-07-01")]})
    assert read_back(markdown_table(frame))["rows"] == [["1,200", "–", "–"], ["–", "x", "2022-07-01"]]


def test_years_have_no_separator_and_large_counts_stay_exact() -> None:
    assert column_text(pd.Series([2019, 2022], name="Year")) == ["2019", "2022"]
    assert column_text(pd.Series([2**60 + 1], name="n")) == ["1,152,921,504,606,846,977"]
    assert column_text(pd.Series([True, False], name="agrees")) == ["yes", "no"]
    assert column_text(pd.Series([-0.0001, 2.0], name="x")) == ["0", "2"]


def test_pipes_and_other_markup_print_as_they_stand() -> None:
    nasty = ["a|b", "*x*", "[@key]", "{{< var a.b >}}", "&amp; <b>", "$x$ and `y`", "p -- q...", "H~2~O^2^", "\\"]
    table = read_back(markdown_table(pd.DataFrame({"a|b": nasty})), extensions="")
    assert table["header"] == ["a|b"]
    assert [row[0] for row in table["rows"]] == nasty


def test_markdown_cells_are_left_alone() -> None:
    source = markdown_table(pd.DataFrame({"Source": [Markdown("[@alderwick2024]"), "[@alderwick2024]"]}))
    assert "| [@alderwick2024] " in source
    assert r"| \[\@alderwick2024\] |" in source


def test_given_widths_and_wide_tables_become_relative_widths() -> None:
    narrow = pd.DataFrame({"a": ["x"], "b": ["y"]})
    assert read_back(markdown_table(narrow))["widths"] == [None, None]
    one, three = read_back(markdown_table(narrow, widths=[1, 3]))["widths"]
    assert one == pytest.approx(0.25, abs=0.01)
    assert three == pytest.approx(0.75, abs=0.01)
    wide = pd.DataFrame({"n": [1], "name": ["many words " * 12]})
    small, large = read_back(markdown_table(wide))["widths"]
    assert large > 5 * small


def test_lines_in_a_cell_make_a_grid_table_that_keeps_them() -> None:
    frame = pd.DataFrame(
        {"n": [1, 12345], "text": ["first line\n- second", "1. third line that is long enough to wrap " * 3]}
    )
    for widths in (None, [1, 4]):
        source = markdown_table(frame, widths=widths)
        table = read_back(source)
        assert source.startswith("+-")
        assert table["align"] == "rl"
        assert [row[0] for row in table["rows"]] == ["1", "12,345"]
        assert [row[1] for row in table["rows"]] == ["first line\n- second", frame["text"][1].strip()]
    assert len({len(line) for line in markdown_table(frame).splitlines()}) == 1


def test_a_table_without_rows_keeps_its_header() -> None:
    assert read_back(markdown_table(pd.DataFrame({"a": [], "b": []})))["header"] == ["a", "b"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"align": "l"}, "2 letters out of l, r and c"),
        ({"align": "lx"}, "2 letters out of l, r and c"),
        ({"widths": [1]}, "2 positive numbers"),
        ({"widths": [1, 0]}, "2 positive numbers"),
        ({"widths": [1, float("nan")]}, "2 positive numbers"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(CompendiumError, match=message):
        markdown_table(pd.DataFrame({"a": [1], "b": [2]}), **arguments)


def test_impossible_tables_are_refused() -> None:
    with pytest.raises(CompendiumError, match="no columns"):
        markdown_table(pd.DataFrame())
    with pytest.raises(CompendiumError, match="column 'share': a table holds an infinite number"):
        markdown_table(pd.DataFrame({"share": [1.0, float("inf")]}))


CELL = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp")), max_size=25)


@settings(max_examples=40)
@given(st.lists(st.tuples(CELL, CELL), min_size=1, max_size=8), st.booleans())
def test_any_text_survives_pandoc(pairs: list[tuple[str, str]], lines: bool) -> None:
    frame = pd.DataFrame([(a, f"{b}\nx" if lines else b) for a, b in pairs], columns=["first", "second"])
    table = read_back(markdown_table(frame))

    found = [[" ".join(cell.split()) for cell in row] for row in table["rows"]]
    assert found == [[" ".join(cell.split()) for cell in row] for row in frame.to_numpy().tolist()]


@given(CELL)
def test_escaping_is_deterministic_and_leaves_plain_words_alone(text: str) -> None:
    assert escaped(text) == escaped(text)
    if text.isascii() and text.isalnum():
        assert escaped(text) == text
