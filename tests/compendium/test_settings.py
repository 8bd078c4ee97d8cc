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
