"""Passages: however a tool exports its selections, the same text is counted the same, and every character once."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compendium.evidence import cooccurrence, evidence, passages

BOOK = pd.DataFrame(
    {
        "code_id": ["a", "a/b", "a/c", "d", "unused"],
        "code": ["A", "B", "C", "D", "Unused"],
        "parent": ["", "a", "a", "", ""],
    }
)
TEXTS = {"d1": "We walk.\r\nIt 🚲 rains a lot, na\u00efve \U0001f469\u200d\U0001f52c says\r\n", "d2": "One two  three"}
CODING = st.tuples(
    st.sampled_from(sorted(TEXTS)),
    st.integers(0, 30),
    st.integers(0, 12),
    st.sampled_from(["a", "a/b", "a/c", "d"]),
    st.sampled_from(["Ann", "Ben", "Cas"]),
)


def project(codings: list[tuple[str, int, int, str, str]], *, each: bool) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return segments and codings, with a selection for each coding or for each passage."""
    rows, given_ = [], []
    for source, start, size, code, coder in codings:
        end = min(start + size, len(TEXTS[source]))
        start = min(start, end)
        key = (source, start, end)
        if each or key not in rows:
            rows.append(key)
        given_.append((len(rows) - 1 if each else rows.index(key), code, coder))
    segments = pd.DataFrame(
        [
            (f"s{n}", source, source, start, end, f"case {source};all", f"speaker {source}")
            for n, (source, start, end) in enumerate(rows)
        ],
        columns=["segment_id", "source_id", "document", "start", "end", "site", "speaker"],
    ).astype({"start": "Int64", "end": "Int64"})
    long = pd.DataFrame(
        [(f"s{n}", code, coder) for n, code, coder in given_], columns=["segment_id", "code_id", "coder"]
    )
    return segments, long


@settings(max_examples=40)
@given(st.lists(CODING, max_size=12))
def test_one_selection_for_each_coding_or_for_each_passage_counts_alike(codings) -> None:
    one = passages.counts(*project(codings, each=True), BOOK, TEXTS)
    other = passages.counts(*project(codings, each=False), BOOK, TEXTS)
    pd.testing.assert_frame_equal(one, other)


@settings(max_examples=40)
@given(st.lists(CODING, max_size=12))
def test_counts_are_those_made_place_by_place(codings) -> None:
    segments, long = project(codings, each=True)
    found = passages.counts(segments, long, BOOK, TEXTS).set_index("code_id")
    edges = {row.segment_id: (row.source_id, row.start, row.end) for row in segments.itertuples()}
    for code, below in {
        "a": ("a", "a/b", "a/c"),
        "a/b": ("a/b",),
        "d": ("d",),
        "unused": (),
        "": BOOK["code_id"],
    }.items():
        mine = long[long["code_id"].isin(below)]
        marked = {edges[segment] for segment in mine["segment_id"]}
        places = {(source, at) for source, start, end in marked for at in range(start, end)}
        words = {
            (source, span)
            for source, text in TEXTS.items()
            for span in zip(*(edge.tolist() for edge in passages.word_edges(text)), strict=True)
            if any((source, at) in places for at in range(*span))
        }
        given_ = {(edges[row.segment_id], row.code_id, row.coder) for row in mine.itertuples()}
        documents = {source for source, _, _ in marked}
        expected = [len(marked), len(given_), len(words), len(places), len(documents)]
        expected += [len(documents) + bool(documents), len(documents)]
        assert found.loc[code].tolist() == expected, code


def test_a_selection_for_each_coding_is_not_taken_for_passages_of_its_own() -> None:
    """97 codings over 20 passages, a selection each: 20 passages, their words once, and the pairs of codes found."""
    text = " ".join(f"word{number}" for number in range(2000))
    book = pd.DataFrame({"code_id": [f"c{n}" for n in range(19)], "code": [f"C{n}" for n in range(19)], "parent": ""})
    rows = [(place % 20, f"c{place * 7 % 19}") for place in range(97)]
    starts = [place * 90 for place in range(20)]
    segments = pd.DataFrame(
        {
            "segment_id": [f"s{n}" for n in range(97)], "source_id": "d", "document": "d", "site": "", "speaker": "",
            "start": [starts[place] for place, _ in rows], "end": [starts[place] + 80 for place, _ in rows],
            "study": "s", "codes": [code for _, code in rows], "coder": "Ann",
        }
    )  # fmt: skip
    codings = pd.DataFrame({"segment_id": segments["segment_id"], "code_id": segments["codes"], "coder": "Ann"})
    apart = evidence.Evidence(book, segments, codings, {"s": book})
    assert cooccurrence.pairs(cooccurrence.cooccurrence(apart, book["code_id"].tolist()), book).empty
    together = evidence.Evidence(book, *passages.merged(segments, codings), {"s": book})
    assert len(together.segments) == 20
    assert together.segments["codes"].iloc[0] == ";".join(code for place, code in rows if place == 0)
    distinct = {frozenset((one, other)) for p, one in rows for q, other in rows if p == q and one != other}
    assert len(cooccurrence.pairs(cooccurrence.cooccurrence(together, book["code_id"].tolist()), book)) == len(distinct)
    total = passages.counts(segments, codings, book, {"d": text}).iloc[-1]
    once = sum(len(text[start : start + 80].split()) for start in starts)
    thrice = sum(len(text[start : start + 80].split()) for start in segments["start"])
    assert (total["passages"], total["codings"], total["words"]) == (20, 97, once)
    assert thrice > 4 * once


def test_without_positions_every_segment_is_a_passage() -> None:
    segments = pd.DataFrame({"segment_id": ["s1", "s2"], "document": "d", "site": "", "speaker": "", "codes": "a"})
    codings = pd.DataFrame({"segment_id": ["s1", "s2"], "code_id": "a", "coder": ""})
    found = passages.counts(segments, codings, BOOK)
    assert found["passages"].tolist() == [2, 0, 0, 0, 0, 2]
    assert found["words"].isna().all()


def test_a_word_that_two_passages_share_counts_once() -> None:
    segments, codings = project([("d2", 0, 5, "a", "Ann"), ("d2", 5, 3, "a", "Ann")], each=True)
    assert passages.counts(segments, codings, BOOK, TEXTS).set_index("code_id").loc["a", "words"] == 2


def test_stretches_are_what_is_coded_at_all() -> None:
    found = passages.stretches(["x", "w", "x"], [0, 3, 4], [5, 4, 9])
    assert found.to_numpy().tolist() == [["w", 3, 4], ["x", 0, 9]]


@pytest.mark.parametrize("name", ["nvivo15-mac", "atlasti8-mac", "atlasti23-win"])
def test_real_exports_count_every_coding(name: str) -> None:
    from conftest import PROJECT

    from compendium.refiqda import read_project

    file = PROJECT.parent / "shared" / "qdpx" / f"{name}.qdpx"
    if not file.is_file():
        pytest.skip("the real exports lie beside the project")
    project, _ = read_project(file)
    found = passages.counts(project.segments, project.codings, project.codebook, project.texts, below=False)
    once = project.codings.drop_duplicates(["segment_id", "code_id", "coder"])
    assert found["codings"].iloc[:-1].sum() == found["codings"].iloc[-1] <= len(once)
    coded = project.segments[project.segments["segment_id"].isin(project.codings["segment_id"])]
    assert found["passages"].iloc[-1] == passages.ids(coded).nunique()
