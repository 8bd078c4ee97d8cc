"""Typed numbers: those that equal a recorded value are found, those that mean something else are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from compendium.writing import typednumbers

VALUES = {
    "ics.count": {"value": 42, "display": "42"},
    "ics.largest": {"value": 3146943, "display": "3,146,943"},
    "share": {"value": 12.5, "display": "12.5%"},
    "small": {"value": 3, "display": "3"},
    "ratio": {"value": 6.0, "display": "6.0"},
    "year": {"value": 2019, "display": "2019"},
    "word": {"value": "no", "display": "no"},
    "yes": {"value": True, "display": "42"},
}
FORMS = typednumbers.telling(VALUES)


def test_small_numbers_years_and_words_tell_nothing() -> None:
    assert FORMS == {"42": ["ics.count"], "3,146,943": ["ics.largest"], "12.5": ["share"], "6.0": ["ratio"]}


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("England has 42 systems.", ["42"]),
        ("All 42, or 12.5%, of 3,146,943 people.", ["42", "12.5", "3,146,943"]),
        ("(42)", ["42"]),
        ("England has {{< var ics.count >}} systems.", []),
        ("See table 42, chapter 42 and pages 42–43 [@key42, 42].", []),
        ("On 42 and 142, 1.42, 42.7, 1,042, £42m, 2042, a42 and 42nd.", ["42"]),
        ("`42` and [here](x-42.qmd){width=42}", []),
        ("42. An item of a list", []),
    ],
)
def test_typed(line: str, found: list[str]) -> None:
    assert [number for number, _ in typednumbers.typed(line, FORMS)] == found


def test_an_allowance_needs_a_file_a_number_and_a_reason(tmp_path: Path) -> None:
    (tmp_path / "manuscript").mkdir()
    (tmp_path / typednumbers.ALLOWED).write_text("# note | 1 | x\na.qmd | 42 | a title\nb.qmd | 42 |\n", "utf-8")
    assert typednumbers.allowances(tmp_path) == [typednumbers.Allowance("a.qmd", "42", 2)]
