"""What coders decided: for every unit of the text and every code, who of those who read it gave the code.

A coder has read a document if they coded anything in it; only documents that two or more coders have read count.

Units, and what each is good for:

``character``
    One character of the text, coded or not. Edges that differ by a word cost a word. The many characters that nobody
    coded raise percent agreement, so read it with a coefficient.
``overlap``
    A coding, of any code and coder, that stands for one unit whatever its length and is spread evenly over its
    characters: half of it is half a unit. A short passage counts as much as a long one, and edges that differ by a
    tenth of a passage cost a tenth of it.
``document``
    A document: whether the code was given in it at all.
``segment``
    A passage that at least one coder marked. Only equal edges are one unit, so coders who draw edges differently
    disagree; it is meant for segments that were set before coding, and for those without positions.

Who gave a code to a unit is kept in the bits of one number, so that a project of a hundred thousand codings is a few
arrays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd

from compendium.errors import CompendiumError
from compendium.evidence import intervals

Unit = Literal["character", "overlap", "document", "segment"]
UNITS: tuple[Unit, ...] = get_args(Unit)


@dataclass(frozen=True)
class Decisions:
    """Decisions of coders, units of one document and code on which the same coders said yes taken together.

    Parameters
    ----------
    unit : one of `UNITS`.
    coders, codes, documents : names, to which the numbers of the frame point.
    readers : for each document, the bits of those who read it.
    frame : ``code``, ``document``, ``yes`` (bits of those who gave the code), ``weight`` (units), ``start``, ``end``
        (missing where nobody gave the code, or the unit has no place in a text) and ``segment`` (an id, or blank).
    """

    unit: Unit
    coders: list[str]
    codes: list[str]
    documents: list[str]
    readers: np.ndarray
    frame: pd.DataFrame

    @property
    def read(self) -> np.ndarray:
        """Return, for each row of the frame, the bits of those who read its document."""
        return self.readers[self.frame["document"].to_numpy()]

    def only(self, coders: tuple[int, ...]) -> np.ndarray:
        """Return which rows all of these coders (by number) have read."""
        bits = sum(1 << one for one in coders)
        return (self.read & bits) == bits


def decide(
    codings: pd.DataFrame,
    segments: pd.DataFrame,
    unit: Unit = "segment",
    lengths: Mapping[str, int] | None = None,
    coders: list[str] | None = None,
) -> Decisions:
    """Return the decisions that coders can be compared on; parameters as `compendium.evidence.reliability.agreement`.

    Raises
    ------
    CompendiumError : fewer than two coders or more than 62, no document that two of them coded, no such unit, or no
        positions for a unit that needs them.
    """
    return decided(marks(codings, segments, coders), unit, lengths)


def decided(marked: pd.DataFrame, unit: Unit, lengths: Mapping[str, int] | None = None) -> Decisions:
    """Return the decisions behind marks, as `marks` returns them, or those of some of the coders."""
    if unit not in UNITS:
        raise CompendiumError("there is no such unit of agreement", found=unit, expected=list(UNITS))
    if unit in ("character", "overlap"):
        marked = marked[marked["placed"] & (marked["end"] > marked["start"])]
        if marked.empty or (unit == "character" and lengths is None):
            raise CompendiumError(
                f"agreement by {unit} needs passages with positions"
                + " and the lengths of their texts" * (not lengths),
                expected="an imported project with texts, or unit 'segment'",
            )
    names = sorted(marked["coder"].unique())
    read = marked[["document", "coder"]].drop_duplicates()
    shared = read["document"].value_counts()
    shared = shared[shared > 1]
    if len(names) < 2 or shared.empty:
        raise CompendiumError(
            "agreement needs a document that two or more coders coded",
            found=f"{len(names)} coder{'s' if len(names) != 1 else ''} and no document in common",
        )
    marked = marked[marked["document"].isin(shared.index)]
    names = sorted(marked["coder"].unique())
    if len(names) > intervals.MOST_READERS:
        raise CompendiumError("so many coders cannot be compared", found=len(names), expected="at most 62, or --coders")
    documents, codes = sorted(shared.index), sorted(marked["code_id"].unique())
    numbered = pd.DataFrame(
        {
            "code": pd.Categorical(marked["code_id"], codes).codes.astype(np.int64),
            "document": pd.Categorical(marked["document"], documents).codes.astype(np.int64),
            "coder": pd.Categorical(marked["coder"], names).codes.astype(np.int64),
            "start": marked["start"].to_numpy(),
            "end": marked["end"].to_numpy(),
            "key": marked["key"].to_numpy(),
            "segment": marked["segment_id"].to_numpy(),
        }
    )
    readers = np.zeros(len(documents), dtype=np.int64)
    once = numbered.drop_duplicates(["document", "coder"])
    np.bitwise_or.at(readers, once["document"].to_numpy(), np.left_shift(np.int64(1), once["coder"].to_numpy()))
    if unit in ("character", "overlap"):
        said, whole = _by_place(numbered, documents, unit, lengths or {})
    else:
        said, whole = _by_unit(numbered, unit)
    frame = _with_the_rest(said, whole, len(codes))
    return Decisions(unit, names, codes, documents, readers, frame)


def marks(codings: pd.DataFrame, segments: pd.DataFrame, coders: list[str] | None) -> pd.DataFrame:
    """Return one row per passage, code and named coder with document, start, end and a key for the passage's edges."""
    home = "source_id" if "source_id" in segments.columns else "document"
    places = segments[["segment_id", home, "start", "end"]].rename(columns={home: "document"})
    given = codings.loc[codings["coder"] != "", ["segment_id", "code_id", "coder"]].drop_duplicates()
    marked = given.merge(places, on="segment_id")
    if coders is not None:
        if unknown := [name for name in coders if name not in set(given["coder"])]:
            raise CompendiumError(
                "no coding is by this coder", found=unknown[0], expected=sorted(given["coder"].unique())
            )
        marked = marked[marked["coder"].isin(coders)]
    placed = (marked["start"].notna() & marked["end"].notna()).to_numpy(dtype=bool)
    start, end = (marked[name].astype("Int64").fillna(-1).astype(np.int64) for name in ("start", "end"))
    # Edges as one number; passages without any are numbered below zero.
    alone = -1 - pd.factorize(marked["segment_id"])[0]
    key = np.where(placed, start * (int(end.max()) + 2 if len(end) else 1) + end, alone)
    return marked.assign(key=key, placed=placed, start=start, end=end)


def _by_place(
    marked: pd.DataFrame, documents: list[str], unit: Unit, lengths: Mapping[str, int]
) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the pieces of text to which anybody gave a code, and how many units each document has."""
    group = (marked["code"] * len(documents) + marked["document"]).to_numpy()
    parts = intervals.intervals(group, marked["start"], marked["end"])
    found, yes = intervals.pieces(parts, marked["coder"].to_numpy())
    code, document = found.group // len(documents), found.group % len(documents)
    if unit == "character":
        longest = marked.groupby("document")["end"].max().reindex(range(len(documents))).to_numpy()
        weight = found.length.astype(float)
        whole = np.maximum([float(lengths.get(name, 0)) for name in documents], longest)
    else:
        weight, whole = _spread(marked, found, document, len(documents))
    said = {"code": code, "document": document, "yes": yes, "weight": weight, "start": found.start, "end": found.end}
    return pd.DataFrame(said).assign(segment=""), whole


def _spread(
    marked: pd.DataFrame, found: intervals.Intervals, document: np.ndarray, documents: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return how many codings stand on each piece, every coding spread evenly over its characters, and all of each
    document."""
    both = np.int64(marked["code"].max() + 1) * (marked["coder"].max() + 1)
    group = (marked["document"] * both + marked["code"] * (marked["coder"].max() + 1) + marked["coder"]).to_numpy()
    given = intervals.union(intervals.intervals(group, marked["start"], marked["end"]))
    home = given.group // both
    width = max(int(given.end.max()), int(found.end.max(initial=0))) + 1
    place = np.concatenate((home * width + given.start, home * width + given.end))
    slope = np.concatenate((1 / given.length, -1 / given.length))
    order = np.argsort(place, kind="stable")
    place, rise = place[order], np.cumsum(slope[order])
    # Codings up to each edge; between edges they grow evenly.
    upto = np.concatenate(([0.0], np.cumsum(rise[:-1] * np.diff(place))))
    begin, stop = (np.interp(document * width + edge, place, upto) for edge in (found.start, found.end))
    return stop - begin, np.bincount(home, minlength=documents).astype(float)


def _by_unit(marked: pd.DataFrame, unit: Unit) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the passages, or documents, to which anybody gave a code, and how many units each document has."""
    if unit == "document":
        marked = marked.assign(key=0, start=-1, end=-1, segment="")
    keys = ["code", "document", "key"]
    said = marked.assign(yes=np.left_shift(np.int64(1), marked["coder"].to_numpy()))
    said = said.drop_duplicates([*keys, "coder"])
    found = said.groupby(keys, sort=False, as_index=False).agg(
        yes=("yes", "sum"), start=("start", "first"), end=("end", "first"), segment=("segment", "first")
    )
    whole = marked.drop_duplicates(["document", "key"])["document"].value_counts().sort_index().to_numpy(dtype=float)
    return found.drop(columns="key").assign(weight=1.0), whole


def _with_the_rest(said: pd.DataFrame, whole: np.ndarray, codes: int) -> pd.DataFrame:
    """Add, for each code and document, the units to which nobody gave the code."""
    held = np.zeros((codes, len(whole)))
    np.add.at(held, (said["code"].to_numpy(), said["document"].to_numpy()), said["weight"].to_numpy())
    rest = np.maximum(whole[None, :] - held, 0)
    rest[rest < 1e-6] = 0  # what adding fractions leaves
    code, document = np.nonzero(rest)
    none = {"code": code, "document": document, "yes": np.int64(0), "weight": rest[code, document]}
    frame = pd.concat([said, pd.DataFrame(none).assign(start=-1, end=-1, segment="")], ignore_index=True)
    for name in ("start", "end"):
        frame[name] = frame[name].astype("Int64").where(frame[name] >= 0)
    return frame
