"""Where codes meet: on one passage, on passages that overlap, or on passages that stand near each other.

Ways to meet, from the strictest to the loosest:

``passage``
    Both codes on one passage (the same edges).
``overlap``
    Passages that share characters: at least a share of the shorter one.
``near``
    Passages with at most so many characters between them.
``paragraph``, ``turn``
    Passages that touch one paragraph (between line breaks), or one turn of a speaker (from one name with a colon at the
    beginning of a line to the next). Both need the texts.

Each way includes ``passage``. Codes count with the codes below them; a code and one above it make no pair.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Literal, get_args

import numpy as np
import pandas as pd

from compendium.errors import CompendiumError
from compendium.evidence import codebook as codebooks
from compendium.evidence.evidence import ancestors, rolled_up
from compendium.evidence.intervals import Intervals, intervals, meeting
from compendium.evidence.passages import merged

Way = Literal["passage", "overlap", "near", "paragraph", "turn"]
WAYS: tuple[Way, ...] = get_args(Way)
COLUMNS = ("code_a", "code_b", "passage_a", "passage_b", "source_id", "between")
PAIRS = ("code_a", "code_b", "meetings", "passages_a", "passages_b", "documents", "share")

_LINE = re.compile(r"\r\n|\r|\n|\u2028|\u2029")
_TURN = re.compile(r"(?:^|(?<=[\n\r]))[ \t]*(?:\[?\d{1,2}:\d\d(?::\d\d)?\]?[ \t]*)?[^\W\d_][\w.’' -]{0,29}:(?=\s)")


def meetings(
    segments: pd.DataFrame,
    codings: pd.DataFrame,
    codebook: pd.DataFrame,
    way: Way = "passage",
    *,
    share: float = 0.0,
    within: int = 0,
    texts: Mapping[str, str] | None = None,
    codes: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Return every meeting of two codes with the passages that meet.

    Parameters
    ----------
    share : by overlap, the least part of the shorter passage that both must share (0-1; at 0, one character).
    within : by nearness, the most characters between two passages.
    texts : plain text by ``source_id``; needed for paragraphs and turns.
    codes : only pairs of these; all by default.

    Returns
    -------
    `COLUMNS`: two codes in the order of the codebook, the passage of each (the same for both where both stand on it),
    their source, and the characters between them (negative: shared by both; missing without positions).

    Raises
    ------
    CompendiumError : there is no such way, the share is none, or texts are wanted and not there.
    """
    if way not in WAYS:
        raise CompendiumError("codes cannot meet in this way", found=way, expected=list(WAYS))
    if not 0 <= share <= 1 or within < 0:
        raise CompendiumError("a share or distance is out of range", found=share if within >= 0 else within)
    segments, codings = merged(segments, codings)
    held = rolled_up(codings[["segment_id", "code_id"]], codebook)
    if codes is not None:
        held = held[held["code_id"].isin(codes)]
    home = "source_id" if "source_id" in segments.columns else "document"
    place = segments[segments["segment_id"].isin(held["segment_id"])].reset_index(drop=True)
    one, other = _passages(place, home, way, share, within, texts)
    rank = {code: number for number, code in enumerate(codebooks.ordered(codebook)["code_id"])}
    number = dict(zip(place["segment_id"], range(len(place)), strict=True))
    given = pd.DataFrame({"at": held["segment_id"].map(number), "code": held["code_id"].map(rank)}).dropna()
    met = pd.DataFrame({"one": one, "other": other})
    met = met.merge(given.rename(columns={"at": "one", "code": "a"}), on="one")
    met = met.merge(given.rename(columns={"at": "other", "code": "b"}), on="other")
    turned = np.asarray(met["a"]) > np.asarray(met["b"])
    a, b = np.minimum(met["a"], met["b"]), np.maximum(met["a"], met["b"])
    p, q = np.where(turned, met["other"], met["one"]), np.where(turned, met["one"], met["other"])
    kept = ~_related(codebook, rank)[a, b]
    table = pd.DataFrame({"a": a, "b": b, "p": p, "q": q})[kept].drop_duplicates().sort_values(["a", "b", "p", "q"])
    names = np.array(list(rank), dtype=object)
    ids, source = place["segment_id"].to_numpy(), place[home].to_numpy()
    p, q = table["p"].to_numpy(), table["q"].to_numpy()
    start, end = place["start"].astype("Int64"), place["end"].astype("Int64")
    gap = pd.concat([start.iloc[p].reset_index(drop=True), start.iloc[q].reset_index(drop=True)], axis=1).max(axis=1)
    gap -= pd.concat([end.iloc[p].reset_index(drop=True), end.iloc[q].reset_index(drop=True)], axis=1).min(axis=1)
    found = {"code_a": names[table["a"]], "code_b": names[table["b"]], "passage_a": ids[p], "passage_b": ids[q]}
    return pd.DataFrame({**found, "source_id": source[p], "between": gap.astype("Int64").array})


def pairs(met: pd.DataFrame, codings: pd.DataFrame, segments: pd.DataFrame, codebook: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each pair of codes that meets, most meetings first.

    Parameters
    ----------
    met : as `meetings` returns it, of the same codings and segments.

    Returns
    -------
    `PAIRS`: the two codes, ``meetings`` (pairs of passages), ``passages_a`` and ``passages_b`` (of each code that meet
    the other), ``documents``, and ``share``: of the passages with either code, those that meet the other (0-1; on one
    passage, Jaccard's coefficient).
    """
    segments, codings = merged(segments, codings)
    held = rolled_up(codings[["segment_id", "code_id"]], codebook)
    keys = ["code_a", "code_b"]
    if met.empty:
        return pd.DataFrame(columns=list(PAIRS))
    grouped = met.groupby(keys, sort=False)
    table = grouped.agg(
        meetings=("passage_a", "size"), passages_a=("passage_a", "nunique"), passages_b=("passage_b", "nunique"),
        documents=("source_id", "nunique"),
    )  # fmt: skip
    sides = [met[[*keys, side]].set_axis([*keys, "passage"], axis=1) for side in ("passage_a", "passage_b")]
    meeting_ = pd.concat(sides).drop_duplicates().groupby(keys, sort=False).size()
    either = _either(held, table.index)
    table["share"] = (meeting_.reindex(table.index) / either).round(6)
    table = table.reset_index().sort_values(["meetings", "share"], ascending=False, kind="stable")
    return table[list(PAIRS)].reset_index(drop=True)


def matrix(
    met: pd.DataFrame, codings: pd.DataFrame, segments: pd.DataFrame, codebook: pd.DataFrame, codes: Sequence[str]
) -> pd.DataFrame:
    """Return meetings of codes by codes for a map; the diagonal holds the passages of each code."""
    _, codings = merged(segments, codings)
    held = rolled_up(codings[["segment_id", "code_id"]], codebook)["code_id"].value_counts()
    order = list(codes)
    size = (
        met.groupby(["code_a", "code_b"]).size().unstack(fill_value=0).reindex(index=order, columns=order, fill_value=0)
    )
    cells = (size + size.T).fillna(0).astype(int)
    np.fill_diagonal(values := cells.to_numpy().copy(), held.reindex(order, fill_value=0).to_numpy())
    return pd.DataFrame(values, index=order, columns=order)


def printed(table: pd.DataFrame, codebook: pd.DataFrame) -> pd.DataFrame:
    """Return what `pairs` returns for print: codes by title, the share rounded."""
    title = dict(zip(codebook["code_id"], codebook["code"], strict=True))
    shown = table.assign(
        code_a=table["code_a"].map(title),
        code_b=table["code_b"].map(title),
        share=table["share"].astype(float).round(2),
    )
    headings = ["Code", "Other code", "Meetings", "Passages of the first", "Of the other", "Documents", "Share"]
    return shown[list(PAIRS)].set_axis(headings, axis=1)


def told(way: Way, share: float = 0.0, within: int = 0) -> str:
    """Return in words when two codes meet."""
    return {
        "passage": "on one passage",
        "overlap": f"on passages that share at least {100 * share:.0f}% of the shorter one"
        if share
        else "on passages that overlap",
        "near": f"on passages with at most {within:,} characters between them",
        "paragraph": "in one paragraph",
        "turn": "in one turn of a speaker",
    }[way]


def paragraph_starts(text: str) -> np.ndarray:
    """Return where each paragraph of a text starts: the beginning, and behind each line break."""
    return np.array([0, *(match.end() for match in _LINE.finditer(text))], dtype=np.int64)


def turn_starts(text: str) -> np.ndarray:
    """Return where each turn of a speaker starts; a text in which nobody is named at a line's beginning is one turn."""
    return np.unique([0, *(match.start() for match in _TURN.finditer(text))]).astype(np.int64)


def _passages(
    place: pd.DataFrame, home: str, way: Way, share: float, within: int, texts: Mapping[str, str] | None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the pairs of passages that meet, by their rows, each passage with itself among them."""
    itself = np.arange(len(place))
    placed = np.flatnonzero((place["start"].notna() & place["end"].notna()).to_numpy(dtype=bool))
    if way == "passage" or not len(placed):
        return itself, itself
    source, names = pd.factorize(place[home].iloc[placed])
    parts = intervals(source, place["start"].iloc[placed].astype("int64"), place["end"].iloc[placed].astype("int64"))
    if way == "near":
        one, other = meeting(Intervals(parts.group, parts.start, parts.end + within + 1))
    elif way == "overlap":
        one, other = meeting(parts)
        both = np.minimum(parts.end[one], parts.end[other]) - np.maximum(parts.start[one], parts.start[other])
        enough = both >= share * np.minimum(parts.length[one], parts.length[other])
        one, other = one[enough], other[enough]
    else:
        if texts is None or not set(names) <= set(texts):
            raise CompendiumError(
                f"meetings in a {way} need the texts of all coded sources", found="texts that are absent"
            )
        one, other = meeting(_within(parts, [texts[name] for name in names], way))
    return np.concatenate((itself, placed[one])), np.concatenate((itself, placed[other]))


def _within(parts: Intervals, texts: list[str], way: Way) -> Intervals:
    """Return intervals of characters as intervals of the paragraphs, or turns, that they touch."""
    start, end = np.zeros_like(parts.start), np.zeros_like(parts.end)
    find = paragraph_starts if way == "paragraph" else turn_starts
    for number, text in enumerate(texts):
        mine, begins = np.flatnonzero(parts.group == number), find(text)
        start[mine] = np.searchsorted(begins, parts.start[mine], side="right") - 1
        end[mine] = np.searchsorted(begins, np.maximum(parts.end[mine] - 1, parts.start[mine]), side="right")
    return Intervals(parts.group, start, end)


def _related(codebook: pd.DataFrame, rank: Mapping[str, int]) -> np.ndarray:
    """Return for every two codes, by number, whether they are the same or one stands above the other."""
    above = codebooks.parents(codebook)
    found = np.eye(len(rank), dtype=bool)
    for code, number in rank.items():
        for step in ancestors(code, above):
            found[number, rank[step]] = found[rank[step], number] = True
    return found


def _either(held: pd.DataFrame, wanted: pd.Index) -> pd.Series:
    """Return how many passages hold either of two codes, for pairs of codes."""
    from scipy.sparse import csr_matrix

    passage, _ = pd.factorize(held["segment_id"])
    code, codes = pd.factorize(held["code_id"])
    number = {name: place for place, name in enumerate(codes)}
    cells = csr_matrix((np.ones(len(held), dtype=np.int64), (passage, code)))
    both = (cells.T @ cells).toarray()
    a, b = (np.array([number[name] for name in wanted.get_level_values(level)]) for level in (0, 1))
    return pd.Series(both[a, a] + both[b, b] - both[a, b], index=wanted)
