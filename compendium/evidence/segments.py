"""Coded segments: the passages that carry codes, as every table of quotations or codes reads them."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from compendium.data.loading import read_text
from compendium.errors import CompendiumError
from compendium.evidence.codebook import ordered, paths

COLUMNS = (
    "segment_id",
    "study",
    "document",
    "section",
    "kind",
    "site",
    "speaker",
    "sector",
    "start",
    "end",
    "words",
    "codes",
    "coder",
    "summary",
    "label",
)
"""``document`` and ``section`` say where the segment stands; ``start`` and ``end`` are code points (end exclusive);
``codes`` and ``coder`` are lists with semicolons; ``site`` is the case, with semicolons where there are several."""

CODING_COLUMNS = ("segment_id", "code_id", "coder")

_NUMBERS = ("start", "end", "words")


def load(path: str | Path) -> pd.DataFrame:
    """Read coded segments from CSV and check them.

    Returns
    -------
    DataFrame with at least ``COLUMNS``; ``start``, ``end`` and ``words`` are Int64 (missing where blank), the rest
    strings.

    Raises
    ------
    CompendiumError : no such file, a column is missing, or ``check`` finds a fault.
    """
    frame = read_text(path, "there are no coded segments here", "the segments are")
    return check(frame, file=path)


def check(segments: pd.DataFrame, codebook: pd.DataFrame | None = None, file: str | Path | None = None) -> pd.DataFrame:
    """Return the segments with every column of ``COLUMNS`` and whole numbers as Int64, or say what is wrong.

    Raises
    ------
    CompendiumError : ``segment_id`` or ``codes`` is missing, an id is blank or stands twice, a position or word count
        is not a whole number, a segment ends before it starts, or a code is not in the codebook.
    """
    for column in ("segment_id", "codes"):
        if column not in segments.columns:
            raise CompendiumError(
                "a column is missing", file=file, column=column, found=list(segments.columns), expected=column
            )
    frame = segments.assign(**{name: "" for name in COLUMNS if name not in segments.columns})
    repeated = frame["segment_id"].duplicated() | (frame["segment_id"] == "")
    if repeated.any():
        row = int(repeated.to_numpy().argmax())
        found = frame["segment_id"].iloc[row] or "a blank"
        raise CompendiumError(
            "a segment needs an id of its own", file=file, row=row + 2, column="segment_id", found=found
        )
    for column in _NUMBERS:
        frame[column] = _whole_numbers(frame[column], column, file)
    backwards = (frame["end"] < frame["start"]).fillna(False).to_numpy(dtype=bool)
    if backwards.any():
        row = int(backwards.argmax())
        raise CompendiumError(
            "a segment ends before it starts", file=file, row=row + 2, found=frame["segment_id"].iloc[row]
        )
    if codebook is not None:
        unknown = codings(frame)
        unknown = unknown[~unknown["code_id"].isin(codebook["code_id"])]
        if len(unknown):
            raise CompendiumError(
                "a segment holds a code that is not in the codebook",
                file=file,
                row=unknown["segment_id"].iloc[0],
                column="codes",
                found=unknown["code_id"].iloc[0],
            )
    return frame


def codings(segments: pd.DataFrame) -> pd.DataFrame:
    """Return the segments in long form: one row per segment, code and coder (columns ``CODING_COLUMNS``)."""
    long = segments[["segment_id", "codes", "coder"]].copy()
    for source, target in (("codes", "code_id"), ("coder", "coder")):
        long[target] = long[source].str.split(";")
        long = long.explode(target)
        long[target] = long[target].str.strip()
    return long[long["code_id"] != ""][list(CODING_COLUMNS)].reset_index(drop=True)


def quotations(
    segments: pd.DataFrame,
    codebook: pd.DataFrame,
    texts: Mapping[str, str] | None = None,
    *,
    code: str | None = None,
    site: str | None = None,
    sector: str | None = None,
    below: bool = True,
    coded: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return the quotation table: one row per segment and code, in codebook order.

    Parameters
    ----------
    texts : plain text by ``source_id``; adds the column Quotation where a segment has positions.
    code, site, sector : keep only these (a code_id; a site or sector as printed).
    below : with ``code``, also take the codes under it.
    coded : the long table of codings, where it says more than the segments do (who applied which code).

    Returns
    -------
    DataFrame with Code (full path), Document, Section, Site, Speaker, Sector, Words, Coder, Summary and perhaps
    Quotation.

    Raises
    ------
    CompendiumError : ``code`` is not in the codebook.
    """
    order = ordered(codebook)["code_id"].tolist()
    wanted = _wanted_codes(codebook, code, below)
    long = codings(segments) if coded is None else coded
    long = long[long["code_id"].isin(wanted)]
    coders = joined_by(zip(long["segment_id"], long["code_id"], strict=True), long["coder"])
    pairs = pd.DataFrame(list(coders), columns=["segment_id", "code_id"]).assign(coder=list(coders.values()))
    table = pairs.merge(segments.drop(columns=["codes", "coder"]), on="segment_id", how="left")
    if site is not None:
        table = table[[site in _listed(cell) for cell in table["site"]]]
    if sector is not None:
        table = table[table["sector"] == sector]
    rank = {code_id: place for place, code_id in enumerate(order)}
    table = table.assign(rank=table["code_id"].map(rank)).sort_values("rank", kind="stable")
    path = paths(codebook)
    result = pd.DataFrame(
        {
            "Code": table["code_id"].map(path),
            **{
                name.capitalize(): table[name]
                for name in ("document", "section", "site", "speaker", "sector", "words", "coder", "summary")
            },
        }
    )
    if texts is not None:
        result["Quotation"] = quotes(table, texts)
    return result.reset_index(drop=True)


def quotes(segments: pd.DataFrame, texts: Mapping[str, str]) -> list[str]:
    """Return the words of each segment, or '' where it has no place in a text we hold (``source_id`` names it)."""
    if "source_id" not in segments.columns:
        return [""] * len(segments)
    places = zip(segments["source_id"], segments["start"].tolist(), segments["end"].tolist(), strict=True)
    return ["" if start is pd.NA or end is pd.NA else texts.get(source, "")[start:end] for source, start, end in places]


def joined_by(keys: Iterable[Hashable], values: Iterable[str]) -> dict[Any, str]:
    """Return the distinct values of each key, joined with semicolons in order of appearance."""
    found: dict[Hashable, dict[str, None]] = {}
    for key, value in zip(keys, values, strict=True):
        group = found.setdefault(key, {})
        if value:
            group[value] = None
    return {key: ";".join(group) for key, group in found.items()}


def code_by_case(
    segments: pd.DataFrame, codebook: pd.DataFrame, by: str = "site", coded: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return the 0/1 matrix of codes (rows, all of the codebook) by cases (columns, sorted).

    Parameters
    ----------
    by : the column that names the case: ``site``, ``speaker``, ``sector``, ``document``, ``study`` or ``coder``. A cell
        may name several with semicolons; segments that name none are left out.
    coded : as in ``quotations``.
    """
    return (code_counts(segments, codebook, by, coded) > 0).astype(int)


def code_counts(
    segments: pd.DataFrame, codebook: pd.DataFrame, by: str = "site", coded: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return how many segments hold each code (rows, all of the codebook) in each case (columns, sorted)."""
    long = codings(segments) if coded is None else coded
    if by != "coder":
        long = long[["segment_id", "code_id"]].merge(segments[["segment_id", by]], on="segment_id")
        if long[by].str.contains(";", regex=False).any():
            long[by] = long[by].str.split(";")
            long = long.explode(by)
        long[by] = long[by].str.strip()
    long = long[long[by] != ""].drop_duplicates(["segment_id", "code_id", by])
    counts = long.groupby(["code_id", by]).size().unstack(fill_value=0)
    counts = counts.reindex(ordered(codebook)["code_id"].tolist(), fill_value=0)
    counts.index.name, counts.columns.name = "code_id", by
    return counts


def _wanted_codes(codebook: pd.DataFrame, code: str | None, below: bool) -> list[str]:
    from compendium.evidence.codebook import descendants

    if code is None:
        return codebook["code_id"].tolist()
    if code not in set(codebook["code_id"]):
        raise CompendiumError("the code is not in the codebook", found=code)
    return descendants(codebook, code) if below else [code]


def _listed(cell: str) -> list[str]:
    return [part.strip() for part in cell.split(";")]


def _whole_numbers(column: pd.Series, name: str, file: str | Path | None) -> pd.Series:
    try:
        return pd.to_numeric(column.replace("", pd.NA)).astype("Int64")
    except (ValueError, TypeError) as error:
        for row, value in enumerate(column, start=2):
            if value and not str(value).lstrip("-").isdigit():
                raise CompendiumError(
                    "a whole number was expected", file=file, row=row, column=name, found=value
                ) from error
        raise CompendiumError("a whole number was expected", file=file, column=name) from error
