"""Verdicts, agreement between studies and the joint display."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from compendium import settings
from compendium.errors import CompendiumError
from compendium.evidence import evidence, triangulation

ROWS = [
    ("t1", "One", "x", "agree", "x1;x2"),
    ("t1", "One", "y", "partial", "y1"),
    ("t1", "One", "z", "silent", ""),
    ("t2", "Two", "x", "agree", "x1"),
    ("t2", "Two", "y", "contradict", "y1"),
    ("t2", "Two", "z", "agree", ""),
]
KNOWN = {"x": {"x1", "x2"}, "y": {"y1"}}


def judged(rows: list[tuple[str, str, str, str, str]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["theme_id", "statement", "study", "verdict", "segments"])
    return frame.assign(reason="because", place="")


def test_the_matrix_holds_every_statement_and_study() -> None:
    cells = triangulation.matrix(triangulation.check(judged(ROWS), KNOWN), ["y", "x", "new"])
    assert cells["verdict"].tolist() == ["partial", "agree", "not judged", "contradict", "agree", "not judged"]
    assert cells["segments"].tolist() == [1, 2, 0, 1, 1, 0]
    table = triangulation.wide(cells)
    assert table.columns.tolist() == ["Statement", "y", "x", "new"]
    assert table.iloc[0].tolist() == ["One", "partial (1)", "agree (2)", "not judged"]


def test_pairs_of_studies_meet_only_where_both_speak() -> None:
    met = triangulation.accord(triangulation.matrix(judged(ROWS), ["x", "y", "z"]))
    rows = met.set_index(["study_a", "study_b"])
    assert rows.loc[("x", "y")].tolist() == [2, 0, 1, 1]
    assert rows.loc[("x", "z")].tolist() == [1, 1, 0, 0]
    assert rows.loc[("y", "z")].tolist() == [1, 0, 0, 1]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (("t1", "One", "x", "perhaps", ""), r"row 8, column 'verdict'.*found perhaps"),
        (("t1", "One", "x", "agree", ""), "judged twice for one study; found t1, x"),
        (("t1", "Uno", "w", "agree", ""), "one id has two statements"),
        (("t3", "Three", "x", "silent", "x1"), "a silent study has segments"),
        (("t3", "Three", "x", "agree", "y1"), r"not one of x; found y1"),
    ],
)
def test_a_wrong_verdict_is_named(row: tuple[str, str, str, str, str], problem: str) -> None:
    with pytest.raises(CompendiumError, match=problem):
        triangulation.check(judged([*ROWS, row]), KNOWN)


def test_a_missing_table_or_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(CompendiumError, match="no such table"):
        triangulation.read(tmp_path / "none.csv", [])
    (tmp_path / "t.csv").write_text("a,b\n1,2\n", "utf-8")
    with pytest.raises(CompendiumError, match="column 'c': a column is missing"):
        triangulation.read(tmp_path / "t.csv", ["a", "c"])
    (tmp_path / "bad.csv").write_bytes(b"a\n\xff\n")
    with pytest.raises(CompendiumError, match="no CSV|not a CSV"):
        triangulation.read(tmp_path / "bad.csv", ["a"])


# --- the transcribed evidence --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def transcribed(project: Path) -> evidence.Evidence:
    folder = project / "data/coding"
    parts = [
        evidence.read(n, folder / n / "codebook.csv", folder / n / "segments.csv") for n in settings.read().studies
    ]
    return evidence.joined(parts)


def test_every_verdict_rests_on_segments_of_its_study(transcribed: evidence.Evidence, project: Path) -> None:
    table = triangulation.read(project / "data/coding/triangulation.csv", triangulation.COLUMNS)
    known = transcribed.segments.groupby("study")["segment_id"].agg(set).to_dict()
    cells = triangulation.matrix(triangulation.check(table, known), transcribed.studies)
    assert len(cells) == 18 * 4
    assert triangulation.NOT_JUDGED not in set(cells["verdict"])


@pytest.fixture(scope="module")
def display(transcribed: evidence.Evidence, project: Path) -> pd.DataFrame:
    profiles = pd.read_csv(project / "data/published/case_profiles.csv")
    people = pd.read_csv(project / "data/published/interviewees.csv").groupby("site")["interviewees"].sum()
    return triangulation.joint_display(profiles, {"geography": "Geography"}, transcribed, people.to_dict())


def test_the_display_sets_profiles_beside_counted_segments(display: pd.DataFrame) -> None:
    rows = display.set_index(["Part", "Row"])
    assert rows.loc[("Profile", "Geography")].tolist() == ["mixed", "urban", "urban"]
    assert sum(rows.loc[("Sample", "Interviewees")]) == 32
    # by hand, from the sites printed in the paper
    assert rows.loc[("BMJ Open paper", "Threaded throughout or crowded out?")].tolist() == [3, 4, 4]


def test_the_display_adds_only_published_facts_and_counts(display: pd.DataFrame) -> None:
    """Nothing but the profile as printed may describe a site; studies of other sites stay out."""
    assert set(display["Part"]) == {"Profile", "Sample", "BMJ Open paper", "Thesis, chapter 7"}
    counts = display[display["Part"] != "Profile"]
    assert all(isinstance(value, int) for site in "ABC" for value in counts[site])
