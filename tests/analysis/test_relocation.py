"""The locations that a checklist printed are checked against the text of the next version."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from analysis import relocation, versions
from analysis.versions import Line
from compendium.data import loading


@pytest.fixture(scope="module")
def manuscripts(seeds: Path) -> dict[str, str]:
    return versions.manuscripts(next(seeds.glob("001_*")).read_text(encoding="utf-8"))


def numbered(*texts: str | None, first: int = 1) -> list[Line]:
    return [Line(first + at, text) for at, text in enumerate(texts) if text is not None]


def test_relocation_of_a_moved_an_unmoved_and_a_lost_passage() -> None:
    first = numbered("introduction", "alpha beta gamma", "delta epsilon zeta", "eta theta iota")
    first.append(Line(None, "kappa lambda"))
    revised = numbered("introduction", "alpha beta gamma", "new words here", "delta epsilon zeta", "eta theta iota")
    revised += [Line(6, "conclusion"), Line(7, "kappa lambda")]
    printed = pd.DataFrame(
        {
            "item": ["stays", "moves", "grows", "elsewhere", "unknown"],
            "line_from": [1, 3, 2, 6, 90],
            "line_to": [2, 4, 3, 7, 91],
            "section_meant": ["introduction", "introduction", "introduction", "methods", "methods"],
        }
    )
    found = relocation.relocated(printed, first, revised).set_index("item")
    assert found["verdict"].to_dict() == {
        "stays": "matches",
        "moves": "moved",
        "grows": "moved",
        "elsewhere": "other section",
        "unknown": "not checkable",
    }
    assert found.loc["moves", ["now_from", "now_to"]].tolist() == [4, 5]
    assert found.loc["grows", ["now_from", "now_to"]].tolist() == [2, 4]


def test_printed_locations_against_the_review_file(manuscripts: dict[str, str]) -> None:
    original = loading.read("srqr_original")
    for version, text in manuscripts.items():
        checklist = text[text.index("Standards for Reporting Qualitative Research") :]
        printed = re.findall(r"Pages? \d+(?:-\d+)?, lines \d+-\d+", checklist)
        assert len(printed) == 21
        kept = original[original["version"] == version].sort_values("number")["printed"]
        assert [location.split(" (")[0] for location in kept] == printed


def test_relocation_recomputed_from_the_review_file(manuscripts: dict[str, str]) -> None:
    original = loading.read("srqr_original")
    printed = original[original["version"] == "R1"]
    first, revised = (versions.lines(manuscripts[name]) for name in ("submission", "R1"))
    found = relocation.relocated(printed, first, revised).reset_index(drop=True)
    kept = loading.read("srqr_relocation")
    pd.testing.assert_frame_equal(found, kept, check_dtype=False)
    assert found["verdict"].value_counts().to_dict() == {"moved": 15, "other section": 4, "matches": 2}


def test_the_submission_fits_its_own_locations_where_lines_are_numbered(manuscripts: dict[str, str]) -> None:
    original = loading.read("srqr_original")
    printed = original[original["version"] == "submission"]
    lines = versions.lines(manuscripts["submission"])
    verdicts = relocation.relocated(printed, lines, lines)["verdict"].value_counts().to_dict()
    assert verdicts == {"matches": 16, "not checkable": 5}
