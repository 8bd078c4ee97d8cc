"""Findings and what a document prints behind them, on a small study of our own."""

from pathlib import Path

import pandas as pd
import pytest

from compendium.errors import CompendiumError
from compendium.evidence import findings

SEGMENTS = pd.DataFrame(
    [
        ("s-1", "displayed", "A", "nhs", "Results > One, displayed 1", "NHS leader, A", "Says one.", "one word"),
        ("s-2", "inline", "", "nhs", "Results > One, inline 1", "Another", "Says two.", "two words"),
        ("s-3", "inline", "B", "local-authority", "Results > Two, inline 1", "Leader, B", "Says three.", "three"),
    ],
    columns=["segment_id", "kind", "site", "sector", "place", "speaker", "summary", "label"],
)
HEAD = "finding_id,theme,section,finding,quantifier,segments,quoted,fragment,reported"
ROWS = (
    "f1,t1,sec-1,First,some,s-1;s-2,,,",
    "f2,t1,sec-1,Second,one,,B:nhs,in brief,A:",
    "f3,t2,sec-2,Third,several,s-3,,,:",
    "f4,t2,sec-2,Fourth,every,,,,A:;B:",
)


def written(folder: Path, *rows: str) -> Path:
    path = folder / "findings.csv"
    path.write_text("\n".join([HEAD, *rows]) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def found(tmp_path: Path) -> pd.DataFrame:
    return findings.read(written(tmp_path, *ROWS), SEGMENTS)


def test_markers_number_segments_and_findings_without_one(found: pd.DataFrame) -> None:
    assert findings.markers(found, ["s-1", "s-2", "s-3"]) == {
        "f1": ["Q1", "Q2"],
        "f2": ["P1"],
        "f3": ["Q3"],
        "f4": ["P2"],
    }


def test_a_cell_holds_the_fullest_evidence_from_a_speaker(found: pd.DataFrame) -> None:
    cells = findings.cells(found, SEGMENTS)
    assert cells[["finding_id", "site", "sector", "evidence"]].values.tolist() == [
        ["f1", "A", "nhs", "displayed quotation"],
        ["f1", "", "nhs", "fragment"],
        ["f2", "B", "nhs", "fragment"],
        ["f2", "A", "not-stated", "prose alone"],
        ["f3", "B", "local-authority", "fragment"],
        ["f3", "", "not-stated", "prose alone"],
        ["f4", "A", "not-stated", "prose alone"],
        ["f4", "B", "not-stated", "prose alone"],
    ]
    assert findings.kinds(cells)["evidence"].tolist() == [
        "displayed quotation",
        "fragment",
        "fragment",
        "prose alone",
    ]
    assert findings.counts(cells) == {
        "all": 4,
        "displayed": 1,
        "fragment": 2,
        "prose": 1,
        "t1.all": 2,
        "t1.displayed": 1,
        "t1.fragment": 1,
        "t1.prose": 0,
        "t2.all": 2,
        "t2.displayed": 0,
        "t2.fragment": 1,
        "t2.prose": 1,
    }


def test_the_tables_name_speakers_as_printed(found: pd.DataFrame) -> None:
    table = findings.table(found, SEGMENTS, {"t1": "Theme one", "t2": "Theme two"})
    assert table["Marker"].tolist() == ["Q1, Q2", "P1", "Q3", "P2"]
    assert table["Words in print"].tolist() == ["", "in brief", "", ""]
    assert table["Speakers"].tolist()[1].endswith("site B; site A")
    quoted = findings.quotations(SEGMENTS)
    assert quoted["Segment"].tolist() == ["Q1", "Q2", "Q3"]
    assert quoted["Place"].tolist() == ["One, displayed 1", "One, fragment 1", "Two, fragment 1"]


def test_the_chart_draws_one_disc_for_each_cell(found: pd.DataFrame) -> None:
    cells = findings.cells(found, SEGMENTS)
    figure = findings.chart(cells, {"t1": "Theme one", "t2": "Theme two"})
    discs = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    assert len(discs) == len(cells) + len(findings.EVIDENCE)
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert {"Site A", "Site B", "Site not stated", "Theme one", "Fourth"} <= set(texts)
    assert min(text.get_fontsize() for text in figure.axes[0].texts) >= 7


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("f1,t1,sec-1,First,,s-1,,,", "a finding has no quantifier"),
        ("f1,t1,sec-1,First,some,s-9,,,", "the segment is not coded"),
        ("f1,t1,sec-1,First,some,,nhs,in brief,", "a speaker is of another form"),
        ("f1,t1,sec-1,First,some,,A:nhs,,", "a fragment stands without its speaker, or is too long"),
        ("f1,t1,sec-1,First,some,,A:nhs,a b c d e f g h i,", "a fragment stands without its speaker, or is too long"),
        ("f1,t1,sec-1,First,some,,,,", "nothing stands behind a finding"),
        ("f2,t1,sec-1,First,some,s-1,,,", "two findings share an id"),
    ],
)
def test_a_faulty_finding_is_named_with_its_row(tmp_path: Path, row: str, sentence: str) -> None:
    with pytest.raises(CompendiumError, match=sentence) as caught:
        findings.read(written(tmp_path, ROWS[1], row), SEGMENTS)
    assert caught.value.row == 3


def test_a_segment_behind_no_finding_is_named(tmp_path: Path) -> None:
    with pytest.raises(CompendiumError, match="no finding rests on a coded segment") as caught:
        findings.read(written(tmp_path, *ROWS[:2]), SEGMENTS)
    assert caught.value.found == "s-3"
