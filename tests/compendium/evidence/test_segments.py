"""Coded segments: checks, the tables people ask their tools for, and the files they go to."""

from __future__ import annotations

import pandas as pd
import pytest

from compendium.errors import CompendiumError
from compendium.evidence import codebook, segments

CODES = codebook.check(
    pd.DataFrame({"code_id": ["time", "money", "late"], "code": ["Time", "Money", "Late"], "parent": ["", "", "time"]})
)
TEXTS = {"d1": "They came late. Nobody paid."}


def frame(**columns: list) -> pd.DataFrame:
    base = {
        "segment_id": ["s1", "s2", "s3"],
        "source_id": ["d1", "d1", ""],
        "document": ["Talk", "Talk", "Report"],
        "site": ["A;B", "A", ""],
        "sector": ["nhs", "council", "nhs"],
        "start": ["0", "16", ""],
        "end": ["14", "27", ""],
        "codes": ["late", "money;time", "money"],
        "coder": ["Robin;Sam", "Sam", ""],
        "summary": ["Came late.", "Not | paid.", ""],
    }
    return segments.check(pd.DataFrame({**base, **columns}), CODES)


def test_segments_get_every_column_and_whole_numbers() -> None:
    checked = frame()
    assert set(segments.COLUMNS) <= set(checked.columns)
    assert checked["start"].tolist() == [0, 16, pd.NA]
    assert str(checked["words"].dtype) == "Int64"


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"segment_id": ["s1", "s1", "s3"]}, "row 3, column 'segment_id': a segment needs an id of its own; found s1"),
        ({"segment_id": ["", "s2", "s3"]}, "a segment needs an id of its own; found a blank"),
        ({"start": ["0", "x", ""]}, "row 3, column 'start': a whole number was expected; found x"),
        ({"start": ["20", "16", ""]}, "row 2: a segment ends before it starts; found s1"),
        (
            {"codes": ["late", "moeny", ""]},
            "row s2, column 'codes': a segment holds a code that is not in",
        ),
    ],
)
def test_faults_are_found_with_their_row(columns: dict, says: str) -> None:
    with pytest.raises(CompendiumError) as refused:
        frame(**columns)
    assert says in str(refused.value)


def test_codings_are_one_row_per_segment_code_and_coder() -> None:
    assert segments.codings(frame()).to_numpy().tolist() == [
        ["s1", "late", "Robin"],
        ["s1", "late", "Sam"],
        ["s2", "money", "Sam"],
        ["s2", "time", "Sam"],
        ["s3", "money", ""],
    ]


def test_the_quotation_table_follows_the_codebook_with_or_without_text() -> None:
    plain = segments.quotations(frame(), CODES)
    assert "Quotation" not in plain.columns
    assert plain["Code"].tolist() == ["Time", "Time / Late", "Money", "Money"]
    table = segments.quotations(frame(), CODES, TEXTS)
    assert table["Quotation"].tolist() == ["Nobody paid", "They came late", "Nobody paid", ""]
    assert table.loc[1, ["Coder", "Site"]].tolist() == ["Robin;Sam", "A;B"]


def test_the_quotation_table_can_be_narrowed() -> None:
    def summaries(**choice) -> list[str]:
        return segments.quotations(frame(), CODES, **choice)["Summary"].tolist()

    assert summaries(code="time") == ["Not | paid.", "Came late."]
    assert summaries(code="time", below=False) == ["Not | paid."]
    assert summaries(site="B") == ["Came late."]
    assert summaries(sector="nhs") == ["Came late.", ""]
    assert summaries(site="C") == []
    with pytest.raises(CompendiumError, match="the code is not in the codebook; found tme"):
        summaries(code="tme")


def test_the_matrix_has_every_code_and_splits_cases() -> None:
    matrix = segments.code_by_case(frame(), CODES)
    assert matrix.index.tolist() == ["time", "late", "money"]
    assert matrix.to_dict() == {"A": {"time": 1, "late": 1, "money": 1}, "B": {"time": 0, "late": 1, "money": 0}}
    counts = segments.code_counts(frame(), CODES, by="sector")
    assert counts.loc["money"].to_dict() == {"council": 1, "nhs": 1}
    assert segments.code_counts(frame(), CODES, by="coder").loc["late"].to_dict() == {"Robin": 1, "Sam": 1}


def test_codings_of_a_project_say_who_applied_which_code() -> None:
    """Segments list codes and coders side by side; the long table knows the pairs."""
    coded = pd.DataFrame({"segment_id": ["s2", "s2"], "code_id": ["money", "time"], "coder": ["Robin", "Sam"]})
    table = segments.quotations(frame(), CODES, coded=coded)
    assert table[["Code", "Coder"]].to_numpy().tolist() == [["Time", "Sam"], ["Money", "Robin"]]
    assert segments.code_counts(frame(), CODES, "coder", coded).loc["time"].to_dict() == {"Robin": 0, "Sam": 1}


def test_load_reads_what_was_written(tmp_path) -> None:
    frame().to_csv(tmp_path / "segments.csv", index=False)
    pd.testing.assert_frame_equal(segments.load(tmp_path / "segments.csv"), frame())
    with pytest.raises(CompendiumError, match="there are no coded segments here"):
        segments.load(tmp_path / "none.csv")
