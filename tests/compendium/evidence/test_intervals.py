"""Intervals: what the arrays say is what counting place by place says."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from compendium.evidence.intervals import covered, intervals, meeting, pieces, union

SPAN = st.tuples(st.integers(0, 3), st.integers(0, 25), st.integers(0, 7))
SPANS = st.lists(SPAN, max_size=14)


def arrays(spans: list[tuple[int, int, int]]):
    return intervals([g for g, _, _ in spans], [s for _, s, _ in spans], [s + n for _, s, n in spans])


def places(spans) -> set[tuple[int, int]]:
    return {(group, place) for group, start, size in spans for place in range(start, start + size)}


@settings(max_examples=60)
@given(SPANS)
def test_a_union_covers_the_same_places_in_stretches_that_do_not_touch(spans) -> None:
    found = union(arrays(spans))
    rows = list(zip(found.group.tolist(), found.start.tolist(), found.end.tolist(), strict=True))
    assert {(g, place) for g, a, b in rows for place in range(a, b)} == places(spans)
    assert rows == sorted(rows)
    assert all(one[0] != other[0] or one[2] < other[1] for one, other in pairwise(rows))
    assert covered(arrays(spans), 4).tolist() == [sum(g == group for g, _ in places(spans)) for group in range(4)]


@settings(max_examples=60)
@given(SPANS)
def test_pairs_that_meet_are_those_that_share_a_place(spans) -> None:
    one, other = meeting(arrays(spans))
    found = [tuple(sorted(pair)) for pair in zip(one.tolist(), other.tolist(), strict=True)]
    expected = [
        (i, j) for (i, a), (j, b) in combinations(enumerate(spans), 2) if places([a]) & places([b])
    ]  # fmt: skip
    assert sorted(found) == expected


@settings(max_examples=60)
@given(st.lists(st.tuples(SPAN, st.integers(0, 61)), max_size=14))
def test_pieces_say_for_every_place_who_covers_it(spans) -> None:
    readers = {place: set() for span, _ in spans for place in places([span])}
    for span, reader in spans:
        for place in places([span]):
            readers[place].add(reader)
    found, who = pieces(arrays([span for span, _ in spans]), np.array([r for _, r in spans], dtype=np.int64))
    rows = list(zip(found.group.tolist(), found.start.tolist(), found.end.tolist(), who.tolist(), strict=True))
    told = {(g, place): bits for g, a, b, bits in rows for place in range(a, b)}
    assert told == {place: sum(1 << reader for reader in group) for place, group in readers.items()}
    assert len(told) == sum(b - a for _, a, b, _ in rows), "no place stands in two pieces"
    neighbours = pairwise(rows)
    assert not [1 for one, other in neighbours if (one[0], one[2], one[3]) == (other[0], other[1], other[3])]
