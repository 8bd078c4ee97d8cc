"""Codes that meet: every way to meet is what looking at every pair of passages says."""

from __future__ import annotations

from itertools import combinations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compendium.errors import CompendiumError
from compendium.evidence import meetings as where
from compendium.evidence.meetings import meetings, pairs

BOOK = pd.DataFrame({"code_id": ["a", "a/b", "c", "d"], "code": ["A", "B", "C", "D"], "parent": ["", "a", "", ""]})
TEXTS = {"1": "Int: why?\r\nAnn B: I 🚲 there\n\nand back.\nInt: so: fine\n", "2": "No one\nspeaks here, at all."}
CODING = st.tuples(
    st.sampled_from("12"), st.integers(0, 24), st.integers(1, 12), st.sampled_from(BOOK["code_id"].tolist())
)


def tables(codings) -> tuple[pd.DataFrame, pd.DataFrame]:
    segments = pd.DataFrame(
        [(f"s{n}", d, d, s, min(s + size, len(TEXTS[d]))) for n, (d, s, size, _) in enumerate(codings)],
        columns=["segment_id", "source_id", "document", "start", "end"],
    ).astype({"start": "Int64", "end": "Int64"})
    return segments, pd.DataFrame(
        [(f"s{n}", code, "Ann") for n, (*_, code) in enumerate(codings)], columns=["segment_id", "code_id", "coder"]
    )


def lines_of(text: str, start: int, end: int) -> set[int]:
    number, found = 0, set()
    for at, letter in enumerate(text):
        if start <= at < end:
            found.add(number)
        number += letter == "\n"
    return found


def meet(way: str, one, other, share: float, within: int) -> bool:
    (d, s, e), (f, t, g) = one, other
    if d != f:
        return False
    if (s, e) == (t, g):
        return True
    shared = len(set(range(s, e)) & set(range(t, g)))
    if way == "overlap":
        return shared > 0 and shared >= share * min(e - s, g - t)
    if way == "near":
        return max(s, t) - min(e, g) <= within
    return way == "paragraph" and bool(lines_of(TEXTS[d], s, e) & lines_of(TEXTS[d], t, g))


@settings(max_examples=60)
@given(
    st.lists(CODING, max_size=9), st.sampled_from(["passage", "overlap", "near", "paragraph"]),
    st.sampled_from([0, 0.5, 1]), st.integers(0, 5),
)  # fmt: skip
def test_meetings_are_those_of_every_pair_of_passages(codings, way: str, share: float, within: int) -> None:
    segments, long = tables(codings)
    held: dict[tuple, set[str]] = {}
    for (document, _, _, code), row in zip(codings, segments.itertuples(), strict=True):
        held.setdefault((document, row.start, row.end), set()).update({code, code.split("/")[0]})
    expected = set()
    order = BOOK["code_id"].tolist()
    for one, other in [*combinations(held, 2), *((place, place) for place in held)]:
        if meet(way, one, other, share, within):
            for p, q in ((one, other), (other, one)):
                expected |= {
                    (a, b, p, q) for a in held[p] for b in held[q]
                    if order.index(a) < order.index(b) and {a, b} != {"a", "a/b"}
                }  # fmt: skip
    found = meetings(segments, long, BOOK, way, share=share, within=within, texts=TEXTS)
    edges = {row.segment_id: (row.source_id, row.start, row.end) for row in segments.itertuples()}
    rows = list(
        zip(found["code_a"], found["code_b"], found["passage_a"].map(edges), found["passage_b"].map(edges), strict=True)
    )
    assert len(rows) == len(set(rows))
    assert set(rows) == expected
    for _, _, (_, s, e), (_, t, g), between in (
        zip(*zip(*rows, strict=True), found["between"], strict=True) if rows else ()
    ):
        assert between == max(s, t) - min(e, g)
    table = pairs(found, long, segments, BOOK).set_index(["code_a", "code_b"])
    for (a, b), row in table.iterrows():
        mine = [(p, q) for one, other, p, q in expected if (one, other) == (a, b)]
        assert row["meetings"] == len(mine)
        either = [place for place, codes in held.items() if codes & {a, b}]
        assert row["share"] == pytest.approx(len({p for pair in mine for p in pair}) / len(either), abs=1e-6)
        assert row[["passages_a", "passages_b"]].tolist() == [len({p for p, _ in mine}), len({q for _, q in mine})]
    cells = where.matrix(found, long, segments, BOOK, order)
    assert (cells.to_numpy() == cells.to_numpy().T).all()
    assert cells.loc["c", "c"] == sum("c" in codes for codes in held.values())


def test_turns_begin_where_somebody_is_named() -> None:
    text = TEXTS["1"]
    assert [text[start:][:4] for start in where.turn_starts(text)] == ["Int:", "Ann ", "Int:"]
    assert where.turn_starts(TEXTS["2"]).tolist() == [0]
    segments, codings = tables([("1", 15, 3, "c"), ("1", text.index("back"), 4, "d"), ("1", 0, 3, "d")])
    found = meetings(segments, codings, BOOK, "turn", texts=TEXTS)
    assert found[["passage_a", "passage_b"]].to_numpy().tolist() == [["s0", "s1"]]
    assert meetings(segments, codings, BOOK, "paragraph", texts=TEXTS).empty


def test_what_cannot_be_is_refused() -> None:
    segments, codings = tables([("1", 0, 3, "c"), ("1", 2, 3, "d")])
    for options, problem in (
        ({"way": "far"}, "cannot meet in this way"),
        ({"way": "overlap", "share": 2}, "out of range"),
        ({"way": "turn"}, "need the texts"),
    ):
        with pytest.raises(CompendiumError, match=problem):
            meetings(segments, codings, BOOK, **options)
    assert where.told("overlap", 0.5) == "on passages that share at least 50% of the shorter one"
