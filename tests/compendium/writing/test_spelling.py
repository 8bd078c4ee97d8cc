"""British spelling: right words pass, American ones are turned British, and slips are found."""

from __future__ import annotations

from pathlib import Path

import pytest

from compendium.writing import spelling

pytestmark = pytest.mark.skipif(
    bool(spelling.missing_packages()), reason=f"not installed: {', '.join(spelling.missing_packages())}"
)


@pytest.mark.parametrize(
    "word",
    [
        *("colour", "organisation", "organisations", "recognised", "prioritise", "centre", "centred", "labelled"),
        *("modelling", "programme", "programmes", "behaviour", "analyse", "analysed", "judgement", "whilst", "licence"),
        *("practice", "practise", "size", "sized", "prize", "seize", "defence", "paediatric", "ageing", "enrolment"),
        *("focused", "draft", "England", "Monday", "can't"),
    ],
)
def test_british_words_are_right(word: str) -> None:
    assert spelling.misspelt([word]) == {}


@pytest.mark.parametrize(
    ("word", "british"),
    [
        *(("color", "colour"), ("organization", "organisation"), ("recognized", "recognised"), ("center", "centre")),
        *(("behavior", "behaviour"), ("labeled", "labelled"), ("analyze", "analyse"), ("prioritizing", "prioritising")),
    ],
)
def test_american_words_are_turned_british(word: str, british: str) -> None:
    assert spelling.misspelt([word]) == {word: british}


@pytest.mark.parametrize("word", ["inequalites", "organistion", "leadrs", "comissioning", "teh", "behavoiur"])
def test_slips_are_found(word: str) -> None:
    assert spelling.misspelt([word]) == {word: ""}


def test_the_projects_own_words_are_right() -> None:
    assert spelling.misspelt(["Alderwick", "tercile"], {"alderwick", "tercile"}) == {}
    assert set(spelling.misspelt(["Alderwick", "tercile"])) == {"Alderwick", "tercile"}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("See @tbl-kolour and [@smyth2020; @jonez1999, p 3].", ["See", "and"]),
        ("A [link](pagge.qmd#herre) to `kode` {#sec-lable}", ["link", "kode"]),
        ("{{< var colur.x >}} ICSs and NHS's Core20PLUS5 https://exampel.org/paj", ["and"]),
        ("title: Leaders’ views of a system’s aims", ["Leaders", "views", "system", "aims"]),
        ("10.1136/bmjopen-2023-x data/publishd/tabel.csv don't", ["don't"]),
    ],
)
def test_only_prose_is_read(line: str, words: list[str]) -> None:
    assert list(spelling.tokens(line)) == words


def test_the_word_list_keeps_lines_and_ignores_remarks(tmp_path: Path) -> None:
    (tmp_path / "manuscript").mkdir()
    (tmp_path / spelling.WORDS).write_text("# names\nAlderwick\n\ntercile # a third\n", "utf-8")
    assert spelling.listed_words(tmp_path) == {"alderwick": 2, "tercile": 4}
    assert spelling.listed_words(tmp_path / "nowhere") == {}
