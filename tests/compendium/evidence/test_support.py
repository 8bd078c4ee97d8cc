"""What stands behind a finding."""

from __future__ import annotations

import pandas as pd
import pytest

from compendium.errors import CompendiumError
from compendium.evidence import codebook, segments
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


def test_an_unknown_code_is_named():
    stated = pd.DataFrame({"finding_id": ["x"], "statement": ["X."], "codes": ["a;z"]})
    with pytest.raises(CompendiumError, match="row 'x', column 'codes': a finding names a code .* has not; found z"):
        behind(stated, CODED)
    with pytest.raises(CompendiumError, match="a column is missing"):
        behind(stated.drop(columns="codes"), CODED)
