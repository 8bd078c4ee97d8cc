"""Whether the locations that a checklist printed for one version of the paper still hold in the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher

import pandas as pd

from analysis.versions import HEADINGS, Line, words

NOT_CHECKABLE = "not checkable"
SECTION_HEADINGS = (
    *HEADINGS,
    "funding statement",
    "author contributions",
    "competing interests",
    "data availability statement",
    "ethics approval",
)
VERDICTS = ("matches", "moved", "other section", NOT_CHECKABLE)


def relocated(printed: pd.DataFrame, first: Sequence[Line], revised: Sequence[Line]) -> pd.DataFrame:
    """Compare printed line ranges with the lines where the same passages stand in a revision.

    The passage of an item is the text between its printed lines in the first version. Both versions are aligned
    word by word; the passage's first and last aligned words give its lines in the revision. Pages are not compared:
    the text copy has no page breaks.

    Parameters
    ----------
    printed : ``item``, ``line_from``, ``line_to``, ``section_meant`` (the section that the item's lines belong to).
    first, revised : the numbered lines of the two versions; a line without a number cannot be compared.

    Returns
    -------
    ``item``, ``line_from``, ``line_to``, ``now_from``, ``now_to`` (missing where the copy lost the numbers) and
    ``verdict``: "matches" (both ends stand on the same lines), "moved" (an end stands on another line), "other
    section" (the passage's own lines have lost their numbers, but the printed lines lie in another section of the
    revision) or "not checkable".
    """
    old = [(word, line.number) for line in first for word in words(line.text)]
    new = [(word, line.number) for line in revised for word in words(line.text)]
    matcher = SequenceMatcher(None, [word for word, _ in old], [word for word, _ in new], autojunk=False)
    target: dict[int, int | None] = {}
    for block in matcher.get_matching_blocks():
        for step in range(block.size):
            target[block.a + step] = new[block.b + step][1]
    under = sections_by_line(revised)
    columns = (printed[name] for name in ("item", "line_from", "line_to", "section_meant"))
    rows = []
    for item, start, end, meant in zip(*columns, strict=True):
        passage = [at for at, (_, number) in enumerate(old) if number is not None and start <= number <= end]
        now_from = _line(passage, start, old, target)
        now_to = _line(passage[::-1], end, old, target)
        if passage:
            verdict = _verdict((start, end), (now_from, now_to))
        else:
            there = {under[line] for line in range(start, end + 1) if line in under}
            verdict = "other section" if there and meant not in there else NOT_CHECKABLE
        rows.append((item, start, end, now_from, now_to, verdict))
    frame = pd.DataFrame(rows, columns=["item", "line_from", "line_to", "now_from", "now_to", "verdict"])
    return frame.astype({"now_from": "Int64", "now_to": "Int64"})


def sections_by_line(manuscript: Sequence[Line]) -> dict[int, str]:
    """Return the section heading under which each numbered line of a manuscript stands."""
    found: dict[int, str] = {}
    current = "title"
    for line in manuscript:
        heading = " ".join(words(line.text))
        current = heading if heading in SECTION_HEADINGS else current
        if line.number is not None:
            found[line.number] = current
    return found


def _line(
    passage: Sequence[int], edge: int, old: Sequence[tuple[str, int | None]], target: Mapping[int, int | None]
) -> int | None:
    """Return the line where the passage's outermost aligned word of its edge line stands in the revision."""
    for at in passage:
        if old[at][1] != edge:
            return None
        if at in target:
            return target[at]
    return None


def _verdict(before: tuple[int, int], now: tuple[int | None, int | None]) -> str:
    if any(there is not None and there != line for line, there in zip(before, now, strict=True)):
        return "moved"
    return NOT_CHECKABLE if None in now else "matches"
