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
    ("website", "sentence"),
    [
        ({"adress": "https://example.org"}, "there is no such setting; found https://example.org, expected address"),
        ({"address": "example.org"}, "expected an address that begins with https://"),
        ({"binder": "mailto:a@example.org"}, "expected an address that begins with https://"),
        ({"report": 3}, "expected an address that begins with https:// or mailto:"),
    ],
)
def test_addresses_of_the_website_are_checked(website: dict, sentence: str) -> None:
    with pytest.raises(CompendiumError, match=sentence):
        Settings.build({"website": website})
    assert Settings.build({"website": {"report": "mailto:a@example.org"}}).website == {"report": "mailto:a@example.org"}


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


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"broad_sectors": {"all": ["nurse"]}, "sectors": {"nurse": "Nurse"}}, "not a list of sectors.*found nurse"),
        ({"broad_sectors": {"nurse": "nurse"}, "sectors": {"nurse": "Nurse"}}, "not a list of sectors"),
        ({"limits": {"tables": 5}}, "a limit of the paper is not one.*expected a number above 0 for main-text"),
        ({"limits": {"abstract": 0}}, "a limit of the paper is not one"),
        ({"limits": {"abstract": True}}, "a limit of the paper is not one"),
    ],
)
def test_damaged_tables_are_refused(given, problem):
    with pytest.raises(CompendiumError, match=problem):
        Settings.build(given)


def test_broad_sectors_and_limits_are_read():
    made = Settings.build({"sectors": {"a": "A", "b": "B"}, "broad_sectors": {"a": ["b"]}, "limits": {"abstract": 300}})
    assert (made.broad_sectors, made.limits) == ({"a": ["b"]}, {"abstract": 300})
