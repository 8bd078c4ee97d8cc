"""Where a quantile lies among ordered values, exactly: no rounding of a probability moves a tie across a cut."""

from __future__ import annotations

from fractions import Fraction
from math import ceil

TYPES = {
    1: "inverted_cdf",
    2: "averaged_inverted_cdf",
    3: "closest_observation",
    4: "interpolated_inverted_cdf",
    5: "hazen",
    6: "weibull",
    7: "linear",
    8: "median_unbiased",
    9: "normal_unbiased",
}
"""Hyndman and Fan's nine sample quantiles (Am Stat 1996;50:361-5), by type number, in NumPy's words."""

LINEAR = 7
PLOTTING = {
    4: (Fraction(0), Fraction(1)),
    5: (Fraction(1, 2), Fraction(1, 2)),
    6: (Fraction(0), Fraction(0)),
    7: (Fraction(1), Fraction(1)),
    8: (Fraction(1, 3), Fraction(1, 3)),
    9: (Fraction(3, 8), Fraction(3, 8)),
}
"""Constants a and b of the types that interpolate: value k of n stands for the share (k - a) / (n + 1 - a - b)."""


def described(quantile_type: int) -> str:
    """Return what prose calls a type, after "by"."""
    if quantile_type == LINEAR:
        return "linear interpolation between ranks"
    return f"quantiles of type {quantile_type} ({TYPES[quantile_type].replace('_', ' ')})"


def place(n: int, part: int, groups: int, quantile_type: int = LINEAR) -> Fraction:
    """Return where among ``n`` ordered values the cut above ``part`` of ``groups`` equal groups lies.

    Returns
    -------
    From 1 (the lowest value) to ``n``; 4 1/3 is a third of the way from the fourth value to the fifth. So a value lies
    above the cut if it is above the value at the place rounded down, and at or above it if it is at least the value
    at the place rounded up: which group a value is in takes no arithmetic on the values.
    """
    below = Fraction(n * part, groups)
    if quantile_type == 1:
        found = Fraction(ceil(below))
    elif quantile_type == 2:
        found = below + Fraction(1, 2) if below.denominator == 1 else Fraction(ceil(below))
    elif quantile_type == 3:
        found = Fraction(round(below))  # halves to the even place
    else:
        a, b = PLOTTING[quantile_type]
        found = below + a + (1 - a - b) * Fraction(part, groups)
    return min(max(found, Fraction(1)), Fraction(n))
