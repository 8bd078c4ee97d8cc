"""For the coders' meeting: where they disagree, with the text and what each of them read there, side by side."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from compendium.evidence.decisions import Unit
from compendium.evidence.intervals import intervals, meeting
from compendium.evidence.passages import merged
from compendium.evidence.reliability import disagreements
from compendium.evidence.segments import joined_by

AROUND = 60  # characters of the text shown on either side
NOTHING = "(nothing)"


def readings(
    codings: pd.DataFrame,
    segments: pd.DataFrame,
    codebook: pd.DataFrame,
    unit: Unit = "character",
    lengths: Mapping[str, int] | None = None,
    coders: list[str] | None = None,
    texts: Mapping[str, str] | None = None,
    code: str | None = None,
) -> pd.DataFrame:
    """Return the list of disagreements with both readings side by side.

    Parameters
    ----------
    texts : plain text by document; without it the passages have no words.
    code : this code's alone.

    Returns
    -------
    ``Document``, ``Place`` (characters), ``Code``, ``Passage`` (its words, in square brackets within what stands
    around them), ``Yes``, ``No`` (names), and for each coder who is compared a column with the codes that they gave
    anywhere on the passage.
    """
    segments, codings = merged(segments, codings)
    found = disagreements(codings, segments, unit, lengths, coders)
    if code is not None:
        found = found[found["code_id"] == code].reset_index(drop=True)
    title = dict(zip(codebook["code_id"], codebook["code"], strict=True))
    home = "source_id" if "source_id" in segments.columns else "document"
    name = dict(zip(segments[home], segments["document"], strict=True))
    shown = pd.DataFrame(
        {
            "Document": found["document"].map(name),
            "Place": [_place(start, end) for start, end in zip(found["start"], found["end"], strict=True)],
            "Code": found["code_id"].map(title),
        }
    )
    if texts is not None and found["start"].notna().any():
        places = zip(found["document"], found["start"], found["end"], strict=True)
        shown["Passage"] = ["" if start is pd.NA else within(texts.get(d, ""), start, end) for d, start, end in places]
    shown["Yes"] = found["applied_by"].str.replace(";", ", ")
    shown["No"] = found["not_applied_by"].str.replace(";", ", ")
    people = sorted({one for cell in [*found["applied_by"], *found["not_applied_by"]] for one in cell.split(";")})
    if found["start"].notna().any():
        given = _given(found, codings, segments, home)
        codes = joined_by(zip(given["row"], given["coder"], strict=True), given["code_id"].map(title))
        for person in people:
            cells = [codes.get((row, person), NOTHING) for row in range(len(found))]
            shown[f"{person} read"] = [cell.replace(";", "; ") for cell in cells]
    return shown


def within(text: str, start: int, end: int, around: int = AROUND) -> str:
    """Return a passage in square brackets with what stands around it, cut at words."""
    before, after = text[max(0, start - around) : start], text[end : end + around]
    if start > around:
        before = "… " + before.partition(" ")[2]
    if end + around < len(text):
        after = after.rpartition(" ")[0] + " …"
    return " ".join(f"{before}[{text[start:end]}]{after}".split())


def _place(start: object, end: object) -> str:
    return "whole" if start is pd.NA else f"{start}–{end}"


def _given(found: pd.DataFrame, codings: pd.DataFrame, segments: pd.DataFrame, home: str) -> pd.DataFrame:
    """Return which codes each coder gave to passages that share a character with each disagreement."""
    placed = found[found["start"].notna()]
    given = codings.merge(segments.loc[segments["start"].notna(), ["segment_id", home, "start", "end"]])
    given = given[given[home].isin(set(placed["document"]))]
    group = pd.Categorical([*placed["document"], *given[home]]).codes
    parts = intervals(group, [*placed["start"], *given["start"]], [*placed["end"], *given["end"]])
    one, other = meeting(parts)
    first, second = np.minimum(one, other), np.maximum(one, other)
    across = (first < len(placed)) & (second >= len(placed))
    row, coding = placed.index.to_numpy()[first[across]], given.iloc[second[across] - len(placed)]
    told = pd.DataFrame({"row": row, "coder": coding["coder"].to_numpy(), "code_id": coding["code_id"].to_numpy()})
    return told.drop_duplicates().sort_values(["row", "code_id"])
