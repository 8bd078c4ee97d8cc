"""Passages, the unit in which coded text is counted: a stretch of one source, however many selections mark it.

Some tools export a selection for every coding, others one for every passage. Selections of one source with the same
edges are therefore one passage here. Selections without positions in a text (areas of pictures, or segments of which
only the place in print is known) are passages of their own. Words and characters are those of the union: a word or
character that several passages cover counts once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from compendium.evidence.codebook import ordered
from compendium.evidence.evidence import rolled_up
from compendium.evidence.intervals import Intervals, covered, intervals, union
from compendium.evidence.segments import joined_by

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

_WORD = re.compile(r"\S+")
UNITS = ("passages", "codings", "words", "characters", "documents", "cases", "speakers")


def merged(segments: pd.DataFrame, codings: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return segments and codings with selections of the same edges made one passage.

    A passage has the id and the words of its first selection, and every code, coder, case and label of all of them.

    Parameters
    ----------
    segments : as `compendium.evidence.segments.check` returns them; without ``source_id`` every one is a passage.
    codings : ``segment_id``, ``code_id``, ``coder``, and whatever else.

    Returns
    -------
    Both tables in their order; who gave a code to a passage stands once.
    """
    first = ids(segments)
    if (first == segments["segment_id"]).all():
        return segments, _given(codings)
    frame = segments.assign(segment_id=first)
    kept = frame.drop_duplicates("segment_id").copy()
    several = frame[frame["segment_id"].duplicated(keep=False)]
    for column in ("codes", "coder", "site", "label", "summary", "speaker", "sector"):
        if column not in frame:
            continue
        cells = several[column].astype(str)
        if column in ("codes", "coder", "site"):
            cells = cells.str.split(";").explode().str.strip()
        found = joined_by(several["segment_id"].loc[cells.index], cells)
        kept[column] = kept["segment_id"].map(found).fillna(kept[column])
    passage = dict(zip(segments["segment_id"], first, strict=True))
    moved = codings.assign(segment_id=codings["segment_id"].map(passage))
    return kept.reset_index(drop=True), _given(moved)


def _given(codings: pd.DataFrame) -> pd.DataFrame:
    return codings.drop_duplicates(["segment_id", "code_id", "coder"]).reset_index(drop=True)


def ids(segments: pd.DataFrame) -> pd.Series:
    """Return for each segment the id of its passage: that of the first segment with the same source and edges."""
    own = segments["segment_id"]
    if "source_id" not in segments.columns:
        return own
    placed = (segments["start"].notna() & segments["end"].notna()).to_numpy(dtype=bool)
    edges = segments.loc[placed, ["source_id", "start", "end"]]
    first = own[placed].groupby([edges[name] for name in edges], sort=False, observed=True).transform("first")
    return own.where(~placed, first.reindex(own.index))


def counts(
    segments: pd.DataFrame,
    codings: pd.DataFrame,
    codebook: pd.DataFrame,
    texts: Mapping[str, str] | None = None,
    *,
    below: bool = True,
) -> pd.DataFrame:
    """Return what stands under each code, in each of `UNITS`.

    Parameters
    ----------
    texts : plain text by ``source_id``; without them no words are counted (missing).
    below : a code also holds what the codes below it hold, each passage, coding and character once.

    Returns
    -------
    One row per code in the order of the codebook, and a last one (``code_id`` blank) for all codes together. A coding
    is a coder's giving of one code to a passage. Characters and words need positions.
    """
    segments, codings = merged(segments, codings)
    long = codings[["segment_id", "code_id", "coder"]]
    rolled = rolled_up(long, codebook) if below else long.drop_duplicates()
    if below:  # two codes of one branch on one passage are two codings of the branch, but one passage
        tree = rolled_up(long.assign(given=np.arange(len(long))), codebook)
        given = tree.groupby("code_id")["given"].nunique()
    else:
        given = rolled.groupby("code_id").size()
    everything = long.assign(code_id="")
    place = segments.set_index("segment_id")
    rows = pd.concat([rolled, everything.drop_duplicates()], ignore_index=True)
    rows = rows.drop_duplicates(["segment_id", "code_id"])
    order = [*codebook["code_id"], ""]
    home = "source_id" if "source_id" in segments.columns else "document"
    rows = rows.assign(document=rows["segment_id"].map(place[home]))
    by_code = rows.groupby("code_id")
    table = pd.DataFrame({"code_id": order})
    table["passages"] = table["code_id"].map(by_code["segment_id"].nunique())
    table["codings"] = table["code_id"].map(given)
    table.loc[table["code_id"] == "", "codings"] = len(long)
    text = covered_text(rows, segments, texts)
    for name in ("words", "characters"):
        table[name] = table["code_id"].map(text[name])
    table["documents"] = table["code_id"].map(by_code["document"].nunique())
    for name, column in (("cases", "site"), ("speakers", "speaker")):
        table[name] = table["code_id"].map(_distinct(rows, place[column]))
    measured = "source_id" in segments.columns and (rows.empty or bool(text["characters"].notna().any()))
    for name in UNITS:
        table[name] = table[name].astype("Int64")
        if name not in ("words", "characters") or (measured and (name == "characters" or texts is not None)):
            table[name] = table[name].fillna(0)
    return table[["code_id", *UNITS]]


def printed(table: pd.DataFrame, codebook: pd.DataFrame) -> pd.DataFrame:
    """Return `counts` for print: codes in the order of their tree with dashes for their level, without empty ones.

    Units that the project does not have (no cases, no speakers, no texts) are left out.
    """
    book = ordered(codebook)
    shown = table.set_index("code_id").loc[[*book["code_id"], ""]].reset_index()
    marks = ["– " * (level - 1) + title for level, title in zip(book["level"], book["code"], strict=True)]
    shown.insert(0, "code", [*marks, "All codes"])
    shown = shown[(shown["passages"] > 0) | (shown["code_id"] == "")].drop(columns="code_id")
    optional = [name for name in ("words", "characters", "cases", "speakers") if not shown[name].fillna(0).any()]
    shown = shown.drop(columns=optional).reset_index(drop=True)
    return shown.rename(columns=lambda name: str(name).capitalize())


def covered_text(rows: pd.DataFrame, segments: pd.DataFrame, texts: Mapping[str, str] | None) -> pd.DataFrame:
    """Return the characters and words that the passages of each code cover, each once.

    Parameters
    ----------
    rows : ``segment_id`` and ``code_id``.

    Returns
    -------
    ``characters`` and ``words`` (missing where nothing can be measured), indexed by code_id.
    """
    if "source_id" not in segments.columns:
        return pd.DataFrame(columns=["characters", "words"], dtype="Int64")
    joined = rows[["segment_id", "code_id"]].merge(segments[["segment_id", "source_id", "start", "end"]])
    joined = joined[joined["start"].notna() & joined["end"].notna()]
    code, codes = pd.factorize(joined["code_id"])
    source, sources = pd.factorize(joined["source_id"])
    group = code.astype(np.int64) * max(1, len(sources)) + source
    table = pd.DataFrame(index=pd.Index(codes, name="code_id"))
    marked = intervals(group, joined["start"].astype("int64"), joined["end"].astype("int64"))

    def by_code(parts: Intervals) -> np.ndarray:
        size = covered(parts, len(codes) * len(sources))
        return size.reshape(len(codes), -1).sum(axis=1) if len(codes) else size

    table["characters"] = pd.array(by_code(marked), dtype="Int64")
    if texts is None:
        return table.assign(words=pd.array([pd.NA] * len(table), dtype="Int64"))
    table["words"] = pd.array(by_code(as_words(marked, source, list(sources), texts)), dtype="Int64")
    return table


def as_words(marked: Intervals, source: np.ndarray, names: list[str], texts: Mapping[str, str]) -> Intervals:
    """Return intervals of characters as intervals of words: the words of the text that each touches.

    Parameters
    ----------
    source : position in ``names`` of each interval's text. A text that is not there has no words.
    """
    start, end = np.zeros_like(marked.start), np.zeros_like(marked.end)
    order = np.argsort(source, kind="stable")
    edges = np.searchsorted(source[order], np.arange(len(names) + 1))
    for number, name in enumerate(names):
        mine = order[edges[number] : edges[number + 1]]
        begins, ends = word_edges(texts.get(name, ""))
        start[mine] = np.searchsorted(ends, marked.start[mine], side="right")
        end[mine] = np.maximum(np.searchsorted(begins, marked.end[mine], side="left"), start[mine])
        end[mine] = np.where(marked.length[mine] > 0, end[mine], start[mine])
    return Intervals(marked.group, start, end)


def word_edges(text: str) -> tuple[np.ndarray, np.ndarray]:
    """Return where the words of a text start and end (stretches between white space)."""
    spans = np.array([match.span() for match in _WORD.finditer(text)], dtype=np.int64).reshape(-1, 2)
    return spans[:, 0], spans[:, 1]


def stretches(source: ArrayLike, start: ArrayLike, end: ArrayLike) -> pd.DataFrame:
    """Return the union of passages as ``source_id``, ``start``, ``end``: what is coded at all, in order."""
    code, names = pd.factorize(pd.Series(source), sort=True)
    joined = union(intervals(code, start, end))
    return pd.DataFrame({"source_id": np.asarray(names)[joined.group], "start": joined.start, "end": joined.end})


def _distinct(rows: pd.DataFrame, cells: pd.Series) -> pd.Series:
    """Return how many different names of a column (several with semicolons) the passages of each code have."""
    named: pd.Series = rows["segment_id"].map(cells).fillna("").astype(str)
    if named.str.contains(";", regex=False).any():
        named = named.str.split(";").explode()
    named = named.str.strip()
    frame = pd.DataFrame({"code_id": rows["code_id"].loc[named.index].to_numpy(), "name": named.to_numpy()})
    return frame[frame["name"] != ""].groupby("code_id")["name"].nunique()
