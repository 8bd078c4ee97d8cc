"""Stretches of texts as sorted arrays: joined, cut where they meet, measured, without a loop over pairs.

An interval is ``start`` to ``end`` (end exclusive, whole numbers) within a ``group``, a whole number that stands for
whatever must not be mixed: a source, or a source and a code. All functions take three arrays of one length.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

MOST_READERS = 62  # who covers a piece is kept in the bits of one number


@dataclass(frozen=True)
class Intervals:
    """Intervals of groups.

    Parameters
    ----------
    group, start, end : int64 arrays of one length.
    """

    group: np.ndarray
    start: np.ndarray
    end: np.ndarray

    def __len__(self) -> int:
        return len(self.group)

    @property
    def length(self) -> np.ndarray:
        """Return how long each interval is."""
        return self.end - self.start


def intervals(group: object, start: object, end: object) -> Intervals:
    """Return intervals of anything that NumPy reads as whole numbers."""
    return Intervals(*(np.asarray(part, dtype=np.int64) for part in (group, start, end)))


def union(parts: Intervals) -> Intervals:
    """Return the intervals with those of one group that overlap or touch made one, in order; empty ones vanish."""
    kept = parts.length > 0
    group, start, end = parts.group[kept], parts.start[kept], parts.end[kept]
    order = np.lexsort((start, group))
    group, start, end = group[order], start[order], end[order]
    if not len(group):
        return Intervals(group, start, end)
    reach = _running_maximum(group, end)
    first = np.ones(len(group), dtype=bool)
    first[1:] = (group[1:] != group[:-1]) | (start[1:] > reach[:-1])
    last = np.append(np.flatnonzero(first)[1:] - 1, len(group) - 1)
    return Intervals(group[first], start[first], reach[last])


def covered(parts: Intervals, groups: int) -> np.ndarray:
    """Return how much of each of the groups 0 to ``groups`` - 1 is covered, every place once."""
    joined = union(parts)
    return np.bincount(joined.group, weights=joined.length, minlength=groups).astype(np.int64)


def meeting(parts: Intervals) -> tuple[np.ndarray, np.ndarray]:
    """Return the pairs of intervals of one group that share a place: positions in the arrays, each pair once.

    The first of a pair starts first, or stands first in the arrays where both start together. An interval without
    length meets nothing.
    """
    real = np.flatnonzero(parts.length > 0)
    order = real[np.lexsort((real, parts.start[real], parts.group[real]))]
    group, start, end = parts.group[order], parts.start[order], parts.end[order]
    if not len(order):
        return order, order
    # One axis for all groups: each begins behind the longest reach of the one before.
    lowest, width = start.min(), end.max() - start.min() + 1
    _, rank = np.unique(group, return_inverse=True)
    begin, stop = rank * width + start - lowest, rank * width + end - lowest
    behind = np.searchsorted(begin, stop, side="left")  # the first that starts where this one has ended
    many = behind - np.arange(len(order)) - 1
    one = np.repeat(np.arange(len(order)), many)
    other = one + 1 + np.arange(len(one)) - np.repeat(np.cumsum(many) - many, many)
    return order[one], order[other]


def pieces(parts: Intervals, reader: np.ndarray) -> tuple[Intervals, np.ndarray]:
    """Cut each group at every edge and say who covers each piece.

    Parameters
    ----------
    reader : a number from 0 to 61 for each interval.

    Returns
    -------
    The pieces that anybody covers, in order (neighbours that the same readers cover are one), and for each a number
    whose bit r is set where reader r covers it.
    """
    several = np.int64(MOST_READERS + 1)
    joined = union(Intervals(parts.group * several + reader, parts.start, parts.end))
    group, bit = joined.group // several, np.left_shift(np.int64(1), joined.group % several)
    place = np.concatenate((joined.start, joined.end))
    change = np.concatenate((bit, -bit))
    both = np.concatenate((group, group))
    order = np.lexsort((place, both))
    both, place, change = both[order], place[order], change[order]
    if not len(both):
        return Intervals(both, place, place), change
    last = np.ones(len(both), dtype=bool)  # of the changes at one place
    last[:-1] = (both[1:] != both[:-1]) | (place[1:] != place[:-1])
    state = np.cumsum(change)[last]
    both, place = both[last], place[last]
    turns = np.ones(len(both), dtype=bool)
    turns[1:] = (state[1:] != state[:-1]) | (both[1:] != both[:-1])
    both, place, state = both[turns], place[turns], state[turns]
    open_ = state[:-1] != 0
    return Intervals(both[:-1][open_], place[:-1][open_], place[1:][open_]), state[:-1][open_]


def _running_maximum(group: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return the largest value so far within each group; groups stand together."""
    _, rank = np.unique(group, return_inverse=True)
    lowest = values.min()
    width = values.max() - lowest + 1
    return np.maximum.accumulate(rank * width + (values - lowest)) - rank * width + lowest
