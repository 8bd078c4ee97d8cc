"""From small areas to integrated care systems: which LSOA belongs to which area, in which vintage."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from compendium.errors import CompendiumError

LAST_CODE = {"2001": 32482, "2011": 33768, "2021": 35762}
"""The number in the last English LSOA code of each census (E01032482, E01033768, E01035762)."""


def looks_like(codes: Iterable[str]) -> str:
    """Return the census whose LSOA codes these look like ("2001", "2011", "2021"), or "" if they are no LSOA codes.

    New LSOAs get new numbers at each census, so the highest English number tells the vintage.
    """
    series = pd.Series(list(codes), dtype=object).astype(str)
    numbers = pd.to_numeric(series.where(series.str.fullmatch(r"E01\d{6}")).str[3:], errors="coerce").dropna()
    if len(numbers) < len(series) / 2:
        return ""
    return next((vintage for vintage, last in LAST_CODE.items() if numbers.max() <= last), "")


def check_unique(frame: pd.DataFrame, column: str, what: str) -> None:
    """Raise `CompendiumError` naming the rows if a key is empty or stands in more than one row."""
    file = frame.attrs.get("file")
    empty = frame.index[frame[column].isna()]
    if len(empty):
        raise CompendiumError(f"{len(empty)} rows have no {what}", file=file, row=_rows(empty), column=column)
    twice = frame[column].duplicated(keep=False)
    if twice.any():
        code = frame.loc[twice, column].iloc[0]
        raise CompendiumError(
            f"{what} {code} stands in more than one row",
            file=file,
            row=_rows(frame.index[frame[column] == code]),
            column=column,
            found=f"{int(frame[column].duplicated().sum())} repeated rows",
            expected="one row each",
        )


def check_same_lsoas(left: pd.DataFrame, right: pd.DataFrame) -> None:
    """Raise `CompendiumError` unless two frames hold the same LSOAs; the message says which vintage each looks like."""
    lost = ~left["lsoa"].isin(right["lsoa"])
    extra = ~right["lsoa"].isin(left["lsoa"])
    if not lost.any() and not extra.any():
        return
    files = [str(frame.attrs.get("file", "a table")) for frame in (left, right)]
    vintages = [looks_like(frame["lsoa"]) for frame in (left, right)]
    described = [
        f"{file} looks like LSOA {vintage}" if vintage else f"{file} holds no LSOA codes of a known census"
        for file, vintage in zip(files, vintages, strict=True)
    ]
    frame, unmatched = (left, lost) if lost.any() else (right, extra)
    where = files[0] if lost.any() else files[1]
    raise CompendiumError(
        f"{int(unmatched.sum())} of {len(frame)} LSOAs are not in {files[1] if lost.any() else files[0]} "
        f"({'; '.join(described)})",
        file=where,
        row=_rows(frame.index[unmatched]),
        column="lsoa",
        found=f"{frame.loc[unmatched, 'lsoa'].iloc[0]} and others"
        if unmatched.sum() > 1
        else frame.loc[unmatched, "lsoa"].iloc[0],
        expected="two files of one vintage" if vintages[0] != vintages[1] else "the same LSOAs in both",
    )


def lsoa_areas(
    lookup: pd.DataFrame, members: pd.DataFrame | None = None, via: Sequence[Sequence[str]] = (), areas: int = 42
) -> pd.DataFrame:
    """Give each LSOA its area.

    Parameters
    ----------
    lookup : one row per LSOA with ``lsoa`` and either ``area`` or the columns that ``via`` names.
    members : practices with ``area`` and the columns of ``via``; needed where ``lookup`` has no ``area``.
    via : sets of columns, tried in turn: the area of most practices that share these columns; a combination
        without practices, or whose first two areas have equally many, falls to the next set.
    areas : how many areas there must be.

    Returns
    -------
    ``lookup`` with ``area``, its rows and row numbers kept.

    Raises
    ------
    CompendiumError : an LSOA twice or without an area, an area without LSOAs, or another number of areas.
    """
    check_unique(lookup, "lsoa", "LSOA")
    file = lookup.attrs.get("file")
    result = lookup.copy()
    if "area" not in lookup.columns:
        if members is None:
            raise CompendiumError("the lookup does not name the areas and no practices were given", file=file)
        area = pd.Series(np.nan, index=lookup.index, dtype=object)
        for columns in via:
            found = _majority(members, list(columns))
            keys = pd.MultiIndex.from_frame(lookup[list(columns)])
            area = area.combine_first(pd.Series(found.reindex(keys).to_numpy(), index=lookup.index))
        result["area"] = area
        without = sorted(set(members["area"].dropna()) - set(area.dropna()))
        _check_codes(lookup, members, via[-1][0])
        if without:
            raise CompendiumError(
                "an area has no LSOAs", file=file, found=without, expected="at least one LSOA for each area"
            )
    unplaced = result["area"].isna()
    if unplaced.any():
        raise CompendiumError(
            f"{int(unplaced.sum())} LSOAs have no area",
            file=file,
            row=_rows(result.index[unplaced]),
            column="area",
            found=result.loc[unplaced, "lsoa"].iloc[0],
        )
    if result["area"].nunique() != areas:
        raise CompendiumError(
            "the number of areas is not as expected", file=file, found=result["area"].nunique(), expected=areas
        )
    return result


def _check_codes(lookup: pd.DataFrame, members: pd.DataFrame, column: str) -> None:
    """Raise `CompendiumError` if fewer than half of the lookup's codes are known to the practices."""
    matched = lookup[column].isin(members[column]).mean()
    if matched < 0.5:
        raise CompendiumError(
            f"only {matched:.0%} of the LSOAs find an area in {members.attrs.get('file')}, so the two files are of "
            "different vintages",
            file=lookup.attrs.get("file"),
            column=column,
            found=sorted(lookup[column].dropna().unique())[:3],
            expected=f"codes such as {', '.join(sorted(members[column].dropna().unique())[:3])}",
        )


def _majority(members: pd.DataFrame, columns: list[str]) -> pd.Series:
    """Return the area of most members for each combination of columns; a tie for the first place gives none."""
    counts = members.groupby([*columns, "area"]).size().rename("n").reset_index().sort_values("n", ascending=False)
    best = counts.groupby(columns)["n"].transform("max")
    first = counts[counts["n"] == best]
    sole = first[~first.duplicated(columns, keep=False)].set_index(columns)["area"]
    sole.index = pd.MultiIndex.from_arrays([sole.index.get_level_values(name) for name in columns], names=columns)
    return sole


def _rows(index: pd.Index) -> str:
    """Return up to five row numbers as they stand in the file ("12, 13, 14, 15, 16 and 3 more")."""
    shown = ", ".join(str(row) for row in index[:5])
    return shown if len(index) <= 5 else f"{shown} and {len(index) - 5} more"
