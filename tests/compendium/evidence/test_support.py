"""What stands behind a finding."""

from __future__ import annotations

import pandas as pd
import pytest

from compendium.errors import CompendiumError
from compendium.evidence import codebook, segments, support
from compendium.evidence.evidence import Evidence
from compendium.evidence.support import behind

BOOK = codebook.check(
    pd.DataFrame({"code_id": ["a", "b", "c"], "code": ["A", "B", "C"], "parent": ["", "a", ""]}).assign(
        definition="", use="", not_use="", typical="", place="", origin="", colour=""
    )
)
SEGMENTS = segments.check(
    pd.DataFrame(
        [("1", "d1", "North", "b", "Ann"), ("2", "d1", "North", "c", "Ann;Ben"), ("3", "d2", "", "a;b", "")],
        columns=["segment_id", "document", "site", "codes", "coder"],
    )
)
CODED = Evidence(BOOK, SEGMENTS, segments.codings(SEGMENTS), {"s": BOOK})


def test_passages_of_the_codes_below_count_once():
    stated = pd.DataFrame({"finding_id": ["x", "y"], "statement": ["X.", "Y."], "codes": ["a", "a; c"]})
    found = behind(stated, CODED)
    assert found.to_numpy().tolist() == [["x", "X.", "A", 2, 2, 1, 1], ["y", "Y.", "A; C", 3, 2, 1, 2]]


def test_a_finding_without_codes_has_nothing_behind_it():
    stated = pd.DataFrame({"finding_id": ["x"], "statement": ["X."], "codes": [None]})
    assert behind(stated, CODED).iloc[0, 3:].tolist() == [0, 0, 0, 0]


def test_the_cases_with_most_passages_are_shown_in_their_order():
    frame = SEGMENTS.assign(site=["North", "South;North", "South"])
    coded = Evidence(BOOK, frame.assign(study="s"), segments.codings(frame).assign(study="s"), {"s": BOOK})
    table, left = support.by_case(coded, ["a", "c"], 5)
    assert (table.columns.tolist(), left) == (["Code", "North", "South", "All passages"], 0)
    assert table.to_numpy().tolist() == [["A", 1, 1, 2], ["C", 1, 1, 1], ["All codes", 2, 2, 3]]
    table, left = support.by_case(coded, ["a", "c"], 1)
    assert (table.columns.tolist(), left) == (["Code", "North", "All passages"], 1)


def test_without_cases_all_passages_are_counted():
    bare = SEGMENTS.assign(study="s", site="")
    table, left = support.by_case(Evidence(BOOK, bare, segments.codings(bare), {"s": BOOK}), ["a", "c"], 5)
    assert (table.to_numpy().tolist(), left) == ([["A", 2], ["C", 1], ["All codes", 3]], 0)


def test_without_cases_or_codings_the_last_row_stands_alone():
    none = Evidence(BOOK, SEGMENTS.assign(study="s", site=""), segments.codings(SEGMENTS).iloc[:0], {"s": BOOK})
    table, left = support.by_case(none, [], 5)
    assert (table.to_numpy().tolist(), left) == ([["All codes", 3]], 0)


def test_a_study_is_told_in_a_sentence():
    assert support.held(CODED)[-1][1] == "3 passages of 2 sources carry 3 of the 3 codes."
    none = Evidence(BOOK, SEGMENTS, segments.codings(SEGMENTS).iloc[:0], {"s": BOOK})
    assert support.held(none)[-1][1] == "The project holds 3 codes and no coded passage yet."
    one = Evidence(BOOK, SEGMENTS, segments.codings(SEGMENTS.iloc[:1]), {"s": BOOK})
    assert support.held(one)[-1][1] == "1 passage of 1 source carries 1 of the 3 codes."


def test_an_unknown_code_is_named():
    stated = pd.DataFrame({"finding_id": ["x"], "statement": ["X."], "codes": ["a;z"]})
    with pytest.raises(CompendiumError, match="row 'x', column 'codes': a finding names a code .* has not; found z"):
        behind(stated, CODED)
    with pytest.raises(CompendiumError, match="a column is missing"):
        behind(stated.drop(columns="codes"), CODED)
