"""How far coders agree: percent agreement, Cohen's kappa and Krippendorff's alpha, by segment and by character.

A coder has read a document if they coded anything in it; only documents that two or more coders have read count. For
each code, every unit of those documents is a yes or a no of each of their coders.

Units. By *segment*, a unit is a passage that at least one coder marked off: passages with the same edges are one unit,
others are units of their own, so coders who draw edges differently disagree. By *character*, a unit is one character
of the text, coded or not: edges that differ by a word cost a word, but the many characters nobody coded raise percent
agreement, so read it with kappa or alpha, which allow for chance.

Sources: Cohen (1960) for kappa; Light (1971) for its mean over pairs of coders; Krippendorff (2019) for alpha, which
the ``krippendorff`` library computes on nominal data.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import krippendorff
import numpy as np
import pandas as pd

from compendium.errors import CompendiumError

Unit = Literal["segment", "character"]

OVERALL = "(all codes)"
LIBRARY_UP_TO = 100_000


@dataclass(frozen=True)
class Units:
    """The units of a comparison and who has read them.

    Parameters
    ----------
    frame : one row per unit with document, start, end (code points, missing where unknown) and weight (its characters,
        or 1).
    coders : names, sorted.
    read : units x coders, whether the coder has read the unit's document.
    coded : units x coders for each code_id, whether the coder applied the code to the unit.
    """

    frame: pd.DataFrame
    coders: list[str]
    read: np.ndarray
    coded: dict[str, np.ndarray]


def agreement(
    codings: pd.DataFrame,
    segments: pd.DataFrame,
    unit: Unit = "segment",
    lengths: Mapping[str, int] | None = None,
    coders: list[str] | None = None,
) -> pd.DataFrame:
    """Return how far coders agree, for each code and overall.

    Parameters
    ----------
    codings : long table with ``segment_id``, ``code_id`` and ``coder``.
    segments : table with ``segment_id``, ``start``, ``end`` and ``source_id`` (or ``document``).
    lengths : characters of each source; needed by character.
    coders : compare only these; by default everyone who coded.

    Returns
    -------
    DataFrame with code_id (the last row is ``OVERALL``, every unit of every code pooled), unit, units (segments or
    characters that two or more coders have read), coders, applied (units to which at least one applied the code),
    percent_agreement (0-100, mean over pairs of coders weighted by their units), cohen_kappa (mean over pairs of
    coders; missing where no pair's is defined) and krippendorff_alpha (missing where every value is the same).

    Raises
    ------
    CompendiumError : fewer than two coders, no document that two of them coded, or no positions by character.
    """
    units = compared(codings, segments, unit, lengths, coders)
    weights = units.frame["weight"].to_numpy(dtype=np.int64)
    rows = [_row(code, unit, units, [coded], weights) for code, coded in units.coded.items()]
    rows.append(_row(OVERALL, unit, units, list(units.coded.values()), weights))
    return pd.DataFrame(rows)


def printed(table: pd.DataFrame, titles: Mapping[str, str]) -> pd.DataFrame:
    """Return what `agreement` returns for print: codes by title, coefficients rounded, one heading per column."""
    headings = {
        "code_id": "Code",
        "units": "Units",
        "coders": "Coders",
        "applied": "Applied",
        "percent_agreement": "Agreement (%)",
        "cohen_kappa": "Cohen's kappa",
        "krippendorff_alpha": "Krippendorff's alpha",
    }
    shown = table.assign(code_id=[titles.get(code, code) for code in table["code_id"]])
    rounded = shown.round({"percent_agreement": 1, "cohen_kappa": 2, "krippendorff_alpha": 2})
    return rounded[list(headings)].rename(columns=headings)


def disagreements(
    codings: pd.DataFrame, segments: pd.DataFrame, unit: Unit = "segment", lengths: Mapping[str, int] | None = None
) -> pd.DataFrame:
    """Return what coders should discuss: passages where one of those who read it applied a code and another did not.

    Returns
    -------
    DataFrame with document, start, end, code_id, applied_by and not_applied_by (names with semicolons), in order of
    place. By character, a passage is the longest stretch on which the same coders disagree.
    """
    units = compared(codings, segments, unit, lengths, None)
    names = np.array(units.coders, dtype=object)
    places = list(zip(*(units.frame[column].tolist() for column in ("document", "start", "end")), strict=True))
    rows: list[tuple] = []
    for code, coded in units.coded.items():
        against = units.read & ~coded
        for place in np.flatnonzero(coded.any(axis=1) & against.any(axis=1)):
            document, start, end = places[place]
            applied, not_applied = ";".join(names[coded[place]]), ";".join(names[against[place]])
            last = rows[-1] if rows else None
            if (
                unit == "character"
                and last is not None
                and (last[0], last[2], last[3:]) == (document, start, (code, applied, not_applied))
            ):
                rows[-1] = (document, last[1], end, code, applied, not_applied)
            else:
                rows.append((document, start, end, code, applied, not_applied))
    columns = ["document", "start", "end", "code_id", "applied_by", "not_applied_by"]
    table = pd.DataFrame(rows, columns=columns)
    return table.sort_values(["document", "start", "end", "code_id"], kind="stable").reset_index(drop=True)


def compared(
    codings: pd.DataFrame,
    segments: pd.DataFrame,
    unit: Unit,
    lengths: Mapping[str, int] | None,
    coders: list[str] | None,
) -> Units:
    """Return the units on which coders can be compared (see the module for what a unit is).

    Raises
    ------
    CompendiumError : as ``agreement``.
    """
    marked = _marked(codings, segments, coders)
    if unit == "character":
        marked = marked[marked["start"].notna() & marked["end"].notna()]
        if lengths is None or marked.empty:
            raise CompendiumError(
                "agreement by character needs passages with positions and the lengths of their texts",
                expected="an imported project with texts, or unit 'segment'",
            )
    names = sorted(marked["coder"].unique())
    readers: dict[str, set[str]] = {}
    for document, coder in zip(marked["document"], marked["coder"], strict=True):
        readers.setdefault(document, set()).add(coder)
    shared = [document for document, group in readers.items() if len(group) > 1]
    if len(names) < 2 or not shared:
        raise CompendiumError(
            "agreement needs a document that two or more coders coded",
            found=f"{len(names)} coder{'s' if len(names) != 1 else ''} and no document in common",
        )
    marked = marked[marked["document"].isin(shared)]
    frames = _by_segment(marked) if unit == "segment" else _by_character(marked, lengths or {})
    frame = pd.concat(frames, ignore_index=True)
    read = np.array([[name in readers[document] for name in names] for document in frame["document"]])
    coded = {code: np.zeros(read.shape, dtype=bool) for code in sorted(marked["code_id"].unique())}
    column = {name: place for place, name in enumerate(names)}
    first, last = _covered(marked, frame, unit)
    for code, coder, start, end in zip(marked["code_id"], marked["coder"], first, last, strict=True):
        coded[code][start:end, column[coder]] = True
    return Units(frame, names, read, coded)


def two_codings(first: np.ndarray, second: np.ndarray) -> dict[str, float]:
    """Return how far two codings of the same decisions agree.

    Parameters
    ----------
    first, second : truth values, one for each decision: whether a code was given to a unit.

    Returns
    -------
    units (decisions), first, second and both (how often given), percent_agreement (0-100), cohen_kappa and
    krippendorff_alpha (as in ``agreement``).
    """
    coded, read = np.column_stack((first, second)).astype(bool), np.ones((len(first), 2), dtype=bool)
    return {
        "units": len(coded),
        "first": int(coded[:, 0].sum()),
        "second": int(coded[:, 1].sum()),
        "both": int(coded.all(axis=1).sum()),
        "percent_agreement": 100 * float((coded[:, 0] == coded[:, 1]).mean()) if len(coded) else np.nan,
        "cohen_kappa": _kappa(_two_by_two(coded, read, 0, 1, np.ones(len(coded), dtype=np.int64))),
        "krippendorff_alpha": _alpha([coded], read, np.ones(len(coded), dtype=np.int64)),
    }


def kappas(tables: np.ndarray) -> np.ndarray:
    """Return Cohen's kappa of each cross table (n x 2 x 2); missing where chance alone explains all.

    Chance explains all where the table is empty, or where both coders always say the same.
    """
    total = tables.sum(axis=(1, 2)).astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        observed = np.trace(tables, axis1=1, axis2=2) / total
        expected = (tables.sum(axis=1) * tables.sum(axis=2)).sum(axis=1) / total**2
        found = (observed - expected) / (1 - expected)
    return np.where((total > 0) & (expected < 1), found, np.nan)


def _marked(codings: pd.DataFrame, segments: pd.DataFrame, coders: list[str] | None) -> pd.DataFrame:
    """Return one row per passage, code and coder with document, start, end and a key for the passage's edges."""
    home = "source_id" if "source_id" in segments.columns else "document"
    places = segments[["segment_id", home, "start", "end"]].rename(columns={home: "document"})
    marked = codings.loc[codings["coder"] != "", ["segment_id", "code_id", "coder"]].merge(places, on="segment_id")
    if coders is not None:
        marked = marked[marked["coder"].isin(coders)]
    placed = (marked["start"].notna() & marked["end"].notna()).to_numpy(dtype=bool)
    edges = marked["start"].astype("string") + "-" + marked["end"].astype("string")
    return marked.assign(key=np.where(placed, edges.fillna("").to_numpy(dtype=object), marked["segment_id"]))


def _by_segment(marked: pd.DataFrame) -> list[pd.DataFrame]:
    units = marked.drop_duplicates(["document", "key"])[["document", "key", "start", "end"]]
    return [units.assign(weight=1)]


def _by_character(marked: pd.DataFrame, lengths: Mapping[str, int]) -> list[pd.DataFrame]:
    """Cut each document at every edge: within a piece, all characters are coded alike."""
    frames = []
    for document, group in marked.groupby("document"):
        length = max(int(lengths.get(str(document), 0)), int(group["end"].max()))
        edges = np.unique(
            np.concatenate(([0, length], group["start"].to_numpy(np.int64), group["end"].to_numpy(np.int64)))
        )
        pieces = {"document": document, "start": edges[:-1], "end": edges[1:], "weight": np.diff(edges)}
        frames.append(pd.DataFrame(pieces))
    return frames


def _covered(marked: pd.DataFrame, frame: pd.DataFrame, unit: Unit) -> tuple[list[int], list[int]]:
    """Return the first row of units that each marked passage covers, and the row after the last."""
    edge = "key" if unit == "segment" else "start"
    row_of = {place: row for row, place in enumerate(zip(frame["document"], frame[edge], strict=True))}
    first = [row_of[place] for place in zip(marked["document"], marked[edge], strict=True)]
    if unit == "segment":
        return first, [row + 1 for row in first]
    row_of = {place: row + 1 for row, place in enumerate(zip(frame["document"], frame["end"], strict=True))}
    return first, [row_of[place] for place in zip(marked["document"], marked["end"], strict=True)]


def _row(code: str, unit: Unit, units: Units, coded: list[np.ndarray], weights: np.ndarray) -> dict[str, object]:
    compared_by = units.read.sum(axis=1) > 1
    applied = sum(int(weights[one.any(axis=1) & compared_by].sum()) for one in coded)
    agree = both = 0
    kappas = []
    for one, other in itertools.combinations(range(len(units.coders)), 2):
        table = sum((_two_by_two(matrix, units.read, one, other, weights) for matrix in coded), np.zeros((2, 2)))
        agree, both = agree + table.trace(), both + table.sum()
        kappas.append(_kappa(table))
    defined = [kappa for kappa in kappas if not np.isnan(kappa)]
    return {
        "code_id": code,
        "unit": unit,
        "units": int(weights[compared_by].sum()) * len(coded),
        "coders": len(units.coders),
        "applied": applied,
        "percent_agreement": 100 * agree / both if both else np.nan,
        "cohen_kappa": float(np.mean(defined)) if defined else np.nan,
        "krippendorff_alpha": _alpha(coded, units.read, weights),
    }


def _two_by_two(coded: np.ndarray, read: np.ndarray, one: int, other: int, weights: np.ndarray) -> np.ndarray:
    """Return the weighted cross table of two coders: rows no and yes of the first, columns of the second."""
    both = read[:, one] & read[:, other]
    cells = coded[both, one].astype(int) * 2 + coded[both, other]
    return np.bincount(cells, weights=weights[both], minlength=4).reshape(2, 2)


def _kappa(table: np.ndarray) -> float:
    return float(kappas(table[np.newaxis])[0])


def _alpha(coded: list[np.ndarray], read: np.ndarray, weights: np.ndarray) -> float:
    """Return Krippendorff's alpha for nominal data, each unit repeated by its weight.

    Units with the same numbers of yes and no are counted together; the library gets them repeated where they are not
    too many.
    """
    counts: dict[tuple[int, int], int] = {}
    readers = read.sum(axis=1)
    for matrix in coded:
        yes = (matrix & read).sum(axis=1)
        for pattern in np.unique(np.column_stack((readers - yes, yes)), axis=0):
            same = (readers - yes == pattern[0]) & (yes == pattern[1])
            key = (int(pattern[0]), int(pattern[1]))
            counts[key] = counts.get(key, 0) + int(weights[same].sum())
    patterns = {pattern: number for pattern, number in counts.items() if sum(pattern) > 1}
    if not any(no for no, _ in patterns) or not any(yes for _, yes in patterns):
        return np.nan
    if sum(patterns.values()) <= LIBRARY_UP_TO:
        table = np.repeat(np.array(list(patterns)), list(patterns.values()), axis=0)
        return float(krippendorff.alpha(value_counts=table, level_of_measurement="nominal"))
    return weighted_alpha(patterns)


def weighted_alpha(patterns: Mapping[tuple[int, int], int]) -> float:
    """Return Krippendorff's alpha for yes-or-no data from how many units have each (no, yes) count of coders.

    The same number as the library's, for texts of millions of characters, which the library would need one by one.
    """
    no = sum(number * pattern[0] for pattern, number in patterns.items())
    yes = sum(number * pattern[1] for pattern, number in patterns.items())
    observed = sum(number * a * b / (a + b - 1) for (a, b), number in patterns.items())
    return 1 - (no + yes - 1) * observed / (no * yes)
