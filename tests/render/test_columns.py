"""Widths of columns: every word has its room, rows stay low, and what cannot fit is named."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compendium.render import columns
from compendium.render.columns import SIZES, first_fit, fitted, pieces, width_of

WORDS = st.text(st.sampled_from("abcdefgimnrstuwW"), min_size=1, max_size=12)
CELLS = st.lists(WORDS, max_size=12).map(" ".join)


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 6).flatmap(lambda n: st.lists(st.lists(CELLS, min_size=n, max_size=n), min_size=2, max_size=6)))
def test_every_word_has_room_or_the_table_is_crowded(rows: list[list[str]]) -> None:
    size = SIZES["typst"][0]
    fit = fitted(rows[:1], rows[1:], size)
    assert len(fit.widths) == len(rows[0])
    assert sum(fit.shares) <= 1.0001
    assert fit.height > 0
    for number, row in enumerate(rows):
        for cell, width in zip(row, fit.widths, strict=True):
            for piece in pieces(cell):
                assert width_of(piece, number == 0) * size.letters + size.padding <= width + 0.01


def test_letters_are_measured_and_bold_ones_are_wider() -> None:
    assert 0.40 < width_of("a") / columns.SLACK < 0.55
    assert width_of("WWW") > 3 * width_of("l") > 0
    assert width_of("Population", bold=True) > width_of("Population")
    assert 0.1 < width_of(" ") < 0.4


def test_words_end_at_blanks_hyphens_and_slashes() -> None:
    assert pieces("Trust class/wave self-rated") == ["Trust", "class/", "wave", "self-", "rated"]
    assert pieces("2022–23") == ["2022–23"]


def test_a_long_text_takes_what_short_columns_leave() -> None:
    fit = fitted([["Site", "What is said", "N"]], [["A", "many words " * 30, "3"]], SIZES["typst"][0])
    assert fit.widths[1] > 0.8 * sum(fit.widths)
    assert not fit.crowded


@pytest.mark.parametrize(("columns_wanted", "size"), [(3, "normal"), (8, "small"), (12, "wide")])
def test_a_table_moves_to_the_size_in_which_its_heads_fit(columns_wanted: int, size: str) -> None:
    fit = first_fit([["Population"] * columns_wanted], [["12"] * columns_wanted], "typst", "normal")
    assert fit.size.name == size
    assert not fit.crowded


def test_heads_that_fit_nowhere_are_named() -> None:
    fit = first_fit([["Unbreakableness"] * 40], [["12"] * 40], "typst", "normal")
    assert fit.crowded
    assert sum(fit.shares) == pytest.approx(1)
