"""Sectors in ``compendium.toml``: their names and order."""

from __future__ import annotations

import pytest

from compendium.errors import CompendiumError
from compendium.settings import Settings


def test_sectors_keep_their_order_and_names():
    made = Settings.build({"sectors": {"z-first": "Hospital", "a-second": "Council"}})
    assert list(made.sectors.items()) == [("z-first", "Hospital"), ("a-second", "Council")]


@pytest.mark.parametrize(
    ("given", "problem"),
    [(["nurse"], "of the wrong kind.*a table"), ({"nurse": 3}, "a sector's name is no text")],
)
def test_damaged_sectors_are_refused(given, problem):
    with pytest.raises(CompendiumError, match=problem):
        Settings.build({"sectors": given})


@pytest.mark.parametrize(
    ("paper", "sentence"),
    [
        ({"orignal": "x"}, "there is no such setting"),
        ({"words": [1, "2"]}, "the setting is of the wrong kind; found 1, 2, expected two whole numbers"),
        ({"original": 3}, "the setting is of the wrong kind; found 3, expected a text"),
    ],
)
def test_what_the_paper_must_show_is_checked(paper: dict, sentence: str) -> None:
    with pytest.raises(CompendiumError, match=sentence):
        Settings.build({"paper": paper})
    assert Settings.build({"paper": {"words": [1, 2]}}).paper == {"words": [1, 2]}
