"""Where a selection's quote starts and ends: how each tool counts characters, and how the count is verified.

The standard says only "position". Tools disagree on what one character is: NVivo counts UTF-16 code units, keeps
the carriage return of a Windows line end and leaves the byte-order mark out; ATLAS.ti counts a Windows line end
once; most others count code points. The origin of a project decides which reading to try first; the share of
selections that start and end on a word boundary tells whether it was right.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

ALIGNED_ENOUGH = 0.95
"""Below this share of selections with both edges on word boundaries, positions are doubtful."""

_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


@dataclass(frozen=True)
class Counting:
    """How a tool counts characters.

    Parameters
    ----------
    unit : "code points" or "UTF-16 code units".
    crlf : how many characters a carriage return with line feed is (2 or 1).
    bom : whether a byte-order mark at the start of the file counts as a character.
    inclusive : whether the end position is the last character's rather than the one after it.
    """

    unit: str = "code points"
    crlf: int = 2
    bom: bool = False
    inclusive: bool = False

    def describe(self) -> str:
        """Return the counting in words."""
        parts = [self.unit, "Windows line ends kept" if self.crlf == 2 else "a Windows line end counted once"]
        parts.append("byte-order mark counted" if self.bom else "byte-order mark left out")
        if self.inclusive:
            parts.append("end position included")
        return ", ".join(parts)


@dataclass
class Body:
    """One plain text with the selections a project makes in it, in the project's own positions."""

    text: str
    bom: bool = False
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Choice:
    """The counting chosen for a project, and how well it fits: ``aligned`` of ``total`` selections."""

    counting: Counting
    aligned: int
    total: int
    expected: Counting

    @property
    def share(self) -> float | None:
        """Share of selections whose both edges fall on word boundaries (0-1); None without selections."""
        return self.aligned / self.total if self.total else None


def stated_counting(origin: str) -> Counting | None:
    """Return the counting that a project states in its ``origin`` attribute, as `write_project` does; else None."""
    return Counting(unit="UTF-16 code units") if "utf-16 code units" in origin.casefold() else None


def expected_counting(origin: str) -> Counting:
    """Return the counting a tool is known to use, from the ``origin`` attribute of its project."""
    name = origin.casefold()
    if "nvivo" in name:
        return Counting(unit="UTF-16 code units")
    if "atlas" in name:
        return Counting(crlf=1)
    return Counting()


def resolve(body: Body, counting: Counting) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Turn a tool's positions into code-point positions in the text.

    Returns
    -------
    starts, ends, inside : integer arrays of code-point positions (end exclusive), and whether each selection lies
        inside the text with its start before its end. Positions of selections outside mean nothing.
    """
    starts = np.asarray(body.starts, dtype=np.int64)
    ends = np.asarray(body.ends, dtype=np.int64) + int(counting.inclusive)
    offsets = _offsets(body, counting)
    size = int(offsets[-1]) if offsets is not None else len(body.text)
    inside = (starts >= 0) & (starts < ends) & (ends <= size)
    if offsets is not None:
        starts = np.searchsorted(offsets, starts, side="right") - 1
        ends = np.searchsorted(offsets, ends, side="left")
        inside &= (starts >= 0) & (starts < ends)
    return starts, ends, inside


def aligned(body: Body, counting: Counting) -> int:
    """Count the selections whose both edges fall on word boundaries; one outside its text does not."""
    starts, ends, inside = resolve(body, counting)
    return sum(
        on_word_boundary(body.text, int(start)) and on_word_boundary(body.text, int(end))
        for start, end in zip(starts[inside], ends[inside], strict=True)
    )


def on_word_boundary(text: str, position: int) -> bool:
    """Return whether no word runs across ``position``: the characters at its sides do not belong together.

    Scripts written without spaces (Chinese, Japanese, Thai and their neighbours) have no such words, so every
    position between two of their characters passes.
    """
    if position <= 0 or position >= len(text):
        return True
    return not (_in_word(text[position - 1]) and _in_word(text[position]))


def choose(bodies: Sequence[Body], origin: str, known: Counting | None = None) -> Choice:
    """Decide how a project counts: the way its origin is known to, unless the words say otherwise.

    Another counting is taken only where the expected one leaves fewer than 95% of the selections on word boundaries
    and the other at least 95%; never where the counting is known or stated.
    """
    known = known or stated_counting(origin)
    expected = known or expected_counting(origin)
    total = sum(len(body.starts) for body in bodies)
    first = Choice(expected, sum(aligned(body, expected) for body in bodies), total, expected)
    if known or first.share is None or first.share >= ALIGNED_ENOUGH:
        return first
    others = [
        Counting(unit, crlf, bom, inclusive)
        for inclusive, bom, crlf, unit in itertools.product(
            (False, True), (False, True), (2, 1), ("code points", "UTF-16 code units")
        )
    ]
    fits = [Choice(other, sum(aligned(body, other) for body in bodies), total, expected) for other in others]
    best = max(fits, key=lambda fit: fit.aligned)
    return best if best.share is not None and best.share >= ALIGNED_ENOUGH else first


def _in_word(character: str) -> bool:
    if _UNSPACED.match(character):
        return False
    return character.isalnum() or character == "_" or unicodedata.category(character).startswith("M")


def _offsets(body: Body, counting: Counting) -> np.ndarray | None:
    """Return the tool's position of every code point and of the end of the text; None where the two agree."""
    text = body.text
    wide = counting.unit != "code points" and not text.isascii() and max(text) > "\uffff"
    narrow = counting.crlf == 1 and "\r\n" in text
    marked = counting.bom and body.bom
    if not (wide or narrow or marked):
        return None
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    widths = np.ones(len(points), dtype=np.int64)
    if wide:
        widths[points > 0xFFFF] = 2
    if narrow:
        widths[:-1][(points[:-1] == 13) & (points[1:] == 10)] = 0
    return np.concatenate(([0], np.cumsum(widths))) + int(marked)
