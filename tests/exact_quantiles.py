"""Sample quantiles in exact fractions, from the definitions by the distribution function: no positions, no floats.

Hyndman and Fan (Am Stat 1996;50:361-5) define types 1 to 3 by the steps of the empirical distribution function and
types 4 to 9 by straight lines through the points (plotting position, value). The program counts places instead; that
both agree is what the tests ask.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

THIRD = Fraction(1, 3)
POSITIONS = {
    4: lambda k, n: Fraction(k, n),
    5: lambda k, n: Fraction(2 * k - 1, 2 * n),
    6: lambda k, n: Fraction(k, n + 1),
    7: lambda k, n: Fraction(k - 1, n - 1) if n > 1 else Fraction(0),
    8: lambda k, n: (k - THIRD) / (n + THIRD),
    9: lambda k, n: (k - Fraction(3, 8)) / (n + Fraction(1, 4)),
}


def quantile(values: Sequence[Fraction | int], share: Fraction, kind: int) -> Fraction:
    """Return the quantile of type ``kind`` at ``share``, from 0 to 1."""
    ordered = [Fraction(value) for value in sorted(values)]
    n = len(ordered)
    if kind in POSITIONS:
        points = [(POSITIONS[kind](k, n), value) for k, value in enumerate(ordered, start=1)]
        if share <= points[0][0]:
            return ordered[0]
        for (left, low), (right, high) in pairwise(points):
            if left <= share <= right:
                return low + (share - left) / (right - left) * (high - low)
        return ordered[-1]
    reached = [Fraction(k, n) for k in range(1, n + 1)]  # the distribution function after each value
    first = next(k for k, height in enumerate(reached) if height >= share)
    if kind == 1:
        return ordered[first]
    if kind == 2:
        return (ordered[first] + ordered[min(first + 1, n - 1)]) / 2 if reached[first] == share else ordered[first]
    nearest = min(abs(height - share) for height in reached)
    close = [k for k, height in enumerate(reached) if abs(height - share) == nearest]
    return ordered[next((k for k in close if (k + 1) % 2 == 0), close[0]) if len(close) == 2 else close[0]]
