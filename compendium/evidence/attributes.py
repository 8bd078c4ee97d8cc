"""Attributes of cases and documents, such as role or site: typed, and counted by code with small cells held back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from compendium.evidence.evidence import rolled_up
from compendium.evidence.passages import ids, merged

BANDS, SEVERAL = 4, 8  # numbers with more different values than SEVERAL are shown in so many groups of about equal size
NOT_STATED = "not stated"
HELD = "held"
DOCUMENT = "Document"
COUNTS = ("passages", "documents", "cases")


def typed(values: pd.Series, kind: str) -> pd.Series:
    """Return the values of a variable in its type: Integer, Float, Boolean, Date and DateTime, else text.

    A value that is not of its type stays missing.
    """
    blank = values.replace("", None)
    if kind == "Integer":
        numbers = pd.to_numeric(blank, errors="coerce")
        return numbers.where(numbers == numbers.round()).astype("Int64")
    if kind == "Float":
        return pd.to_numeric(blank, errors="coerce").astype(float)
    if kind == "Boolean":
        known = {"true": True, "1": True, "false": False, "0": False}
        return blank.astype("string").str.lower().map(known).astype("boolean")
    if kind in ("Date", "DateTime"):
        return pd.to_datetime(blank, errors="coerce", utc=True, format="ISO8601").dt.tz_localize(None)
    return blank.astype("string")


def wide(variables: pd.DataFrame, values: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Return the attributes of all cases, or of all sources, one typed column for each variable by its name.

    Parameters
    ----------
    variables : ``variable_id``, ``name``, ``type``.
    values : ``kind``, ``owner``, ``variable_id``, ``value``.
    kind : ``case`` or ``source``.

    Returns
    -------
    One row per owner that has a value. Of several values of one variable the first counts.
    """
    mine = values[values["kind"] == kind].drop_duplicates(["owner", "variable_id"])
    table = mine.pivot(index="owner", columns="variable_id", values="value").rename_axis(columns=None)
    names: dict[str, str] = {}
    for row in variables.itertuples():
        if row.variable_id in table:
            name = str(row.name) or str(row.variable_id)
            names[str(row.variable_id)] = name if name not in names.values() else f"{name} ({row.variable_id})"
            table[row.variable_id] = typed(table[row.variable_id].fillna(""), str(row.type))
    return table[list(names)].rename(columns=names)


def groups(values: pd.Series) -> pd.Series:
    """Return values as text for a table: numbers and dates of many values in groups named by their range."""
    numeric = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
    if pd.api.types.is_datetime64_any_dtype(values):
        return values.dt.strftime("%Y").fillna(NOT_STATED).astype(str)
    if numeric and values.nunique() > SEVERAL:
        cut = pd.qcut(values.astype(float), BANDS, duplicates="drop")
        ends = values.astype(float).groupby(cut, observed=True).agg(["min", "max"])
        label = {band: f"{low:g}–{high:g}" for band, (low, high) in zip(ends.index, ends.to_numpy(), strict=True)}
        return pd.Series([label.get(band, NOT_STATED) for band in cut], index=values.index)
    if pd.api.types.is_bool_dtype(values):
        values = values.map({True: "yes", False: "no"})
    return values.astype("string").fillna(NOT_STATED).astype(str)


def of_passages(
    segments: pd.DataFrame,
    members: pd.DataFrame,
    of_cases: pd.DataFrame,
    of_sources: pd.DataFrame,
) -> pd.DataFrame:
    """Return which value of which variable each passage has, by its source or by a case that it belongs to.

    Parameters
    ----------
    members : ``case_id``, ``kind`` (source or segment), ``member``.
    of_cases, of_sources : as `wide` returns them.

    Returns
    -------
    ``segment_id``, ``owner`` (kind and id of whoever has the value), ``variable``, ``value`` (as `groups` says).
    """
    home = segments[["segment_id", "source_id"]].assign(source=segments["source_id"].str.split(r"[.-]", n=1).str[0])
    by_segment = members[members["kind"] == "segment"].rename(columns={"member": "segment_id"})
    by_source = members[members["kind"] == "source"].rename(columns={"member": "source"})
    cases = pd.concat(
        [
            home.merge(by_segment[["segment_id", "case_id"]], on="segment_id"),
            home.merge(by_source[["source", "case_id"]], on="source"),
        ]
    ).drop_duplicates(["segment_id", "case_id"])
    parts = []
    for kind, table, owners in (
        ("case", of_cases, cases[["segment_id", "case_id"]].set_axis(["segment_id", "id"], axis=1)),
        ("source", of_sources, home[["segment_id", "source"]].set_axis(["segment_id", "id"], axis=1)),
    ):
        for name in table.columns:
            value = groups(table[name])
            held = owners[owners["id"].isin(value.index)]
            parts.append(
                pd.DataFrame(
                    {
                        "segment_id": held["segment_id"], "owner": kind + ":" + held["id"], "variable": name,
                        "value": held["id"].map(value),
                    }
                )
            )  # fmt: skip
    columns = ["segment_id", "owner", "variable", "value"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def of_labels(segments: pd.DataFrame, variables: pd.DataFrame) -> pd.DataFrame:
    """Return which value of which variable each passage has, from what is public of an import.

    Parameters
    ----------
    segments : ``segment_id``, ``source_id`` and ``site``, the labels of its cases with semicolons.
    variables : ``kind`` (case or source), ``owner`` (a case's label, or a source), ``variable``, ``value``. A variable
        of which every value is a number is one of numbers.

    Returns
    -------
    As `of_passages`.
    """
    columns = ["segment_id", "owner", "variable", "value"]
    cases = segments[["segment_id"]].assign(id=segments["site"].astype(str).str.split(";")).explode("id")
    cases = cases.assign(id=cases["id"].str.strip())
    source = segments["source_id"].astype(str).str.split(r"[.-]", n=1).str[0]
    owners = {"case": cases[cases["id"] != ""], "source": segments[["segment_id"]].assign(id=source)}
    parts = []
    for (kind, name), part in variables.groupby(["kind", "variable"], sort=False):
        values = part.drop_duplicates("owner").set_index("owner")["value"]
        numbers = pd.to_numeric(values.replace("", None), errors="coerce")
        shown = groups(
            numbers if numbers.notna().equals(values != "") and numbers.notna().any() else typed(values, "Text")
        )
        held = owners[str(kind)]
        held = held[held["id"].isin(shown.index)]
        value = held["id"].map(shown)
        parts.append(held[["segment_id"]].assign(owner=f"{kind}:" + held["id"], variable=str(name), value=value))
    return pd.concat(parts, ignore_index=True)[columns].drop_duplicates() if parts else pd.DataFrame(columns=columns)


def documents(segments: pd.DataFrame) -> pd.DataFrame:
    """Return the document of each passage as if it were a variable, for a matrix of codes by documents."""
    name = segments["document"].where(segments["document"] != "", segments["source_id"])
    return pd.DataFrame(
        {"segment_id": segments["segment_id"], "owner": "source:" + name, "variable": DOCUMENT, "value": name}
    )


def by_code(
    segments: pd.DataFrame,
    codings: pd.DataFrame,
    codebook: pd.DataFrame,
    attributes: pd.DataFrame,
    codes: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Return what stands under each code for each value of each variable.

    Parameters
    ----------
    attributes : as `of_passages` returns them, of the same segments.
    codes : rows; by default all that a passage holds.

    Returns
    -------
    ``code_id``, ``variable``, ``value``, ``passages``, ``documents`` and ``cases`` (owners of the value), in the order
    of the codebook, the variables and the values; the code "" stands for all codes together.
    """
    if codings.empty or attributes.empty:
        return pd.DataFrame(columns=["code_id", "variable", "value", *COUNTS]).astype(dict.fromkeys(COUNTS, int))
    first = dict(zip(segments["segment_id"], ids(segments), strict=True))
    kept, long = merged(segments, codings)
    rolled = rolled_up(long[["segment_id", "code_id"]], codebook)
    held = pd.concat([rolled, rolled.assign(code_id="")]).drop_duplicates()
    if codes is not None:
        held = held[held["code_id"].isin([*codes, ""])]
    told = attributes.assign(segment_id=attributes["segment_id"].map(first)).drop_duplicates()
    joined = held.merge(told, on="segment_id").merge(kept[["segment_id", "source_id"]], on="segment_id")
    table = joined.groupby(["code_id", "variable", "value"], as_index=False).agg(
        passages=("segment_id", "nunique"), documents=("source_id", "nunique"), cases=("owner", "nunique")
    )
    rank = {code: place for place, code in enumerate([*codebook["code_id"], ""])}
    order = {name: place for place, name in enumerate(dict.fromkeys(attributes["variable"]))}
    keys = [(rank[c], order[v], natural(x)) for c, v, x in table[["code_id", "variable", "value"]].to_numpy()]
    return table.iloc[sorted(range(len(keys)), key=keys.__getitem__)].reset_index(drop=True)


def natural(value: str) -> tuple[bool, float, str]:
    """Return a key that sorts ranges of numbers by their beginning, words by the alphabet, and what is missing last."""
    try:
        return value == NOT_STATED, float(value.split("–")[0]), value
    except ValueError:
        return value == NOT_STATED, np.inf, value


def held_back(table: pd.DataFrame, least: int, people: str = "cases", floor: int = 1) -> pd.DataFrame:
    """Return a table of counts with the cells of few people, or few passages, held back.

    Where one cell of a code and variable is held back, the next smallest is too, so that no total tells it.

    Parameters
    ----------
    table : as `by_code` returns it.
    least : the fewest people that a shown cell counts (1: show all).
    people : the column that counts people.
    floor : the fewest passages that a shown cell counts.

    Returns
    -------
    The table with missing numbers where ``held`` is true.
    """
    few = (table[people] > 0) & ((table[people] < least) | (table["passages"] < floor))
    keys = [table["code_id"], table["variable"]]
    alone = few.groupby(keys).transform("sum") == 1
    others = table[people].where(~few & (table[people] > 0))
    smallest = others.groupby(keys).rank(method="first") == 1
    held = few | (alone & smallest)
    shown = table.assign(held=held.astype(bool))
    for name in COUNTS:
        shown[name] = table[name].astype("Int64").mask(shown["held"])
    return shown


def listed(table: pd.DataFrame, codebook: pd.DataFrame) -> pd.DataFrame:
    """Return what `held_back` returns as a long table for print, a row for each code, variable and value."""
    title = {**dict(zip(codebook["code_id"], codebook["code"], strict=True)), "": "All codes"}
    shown = table.assign(code_id=table["code_id"].map(title))
    for name in COUNTS:
        shown[name] = [HELD if held else f"{n:,}" for n, held in zip(table[name], table["held"], strict=True)]
    headings = ["Code", "Attribute", "Value", "Passages", "Documents", "People"]
    return shown[["code_id", "variable", "value", *COUNTS]].set_axis(headings, axis=1)


def crossed(table: pd.DataFrame, codebook: pd.DataFrame, variable: str, *, people: bool = True) -> pd.DataFrame:
    """Return one variable for print: codes down, values across, each cell "passages (people)" or `HELD`."""
    mine = table[table["variable"] == variable]
    title: Mapping[str, str] = {**dict(zip(codebook["code_id"], codebook["code"], strict=True)), "": "All codes"}
    values = sorted(dict.fromkeys(mine["value"]), key=natural)
    cells = {
        (row.code_id, row.value): HELD if row.held else f"{row.passages:,}" + f" ({row.cases:,})" * people
        for row in mine.itertuples()
    }
    rows = [
        {"Code": title[code], **{value: cells.get((code, value), "0") for value in values}}
        for code in dict.fromkeys(mine["code_id"])
    ]
    return pd.DataFrame(rows, columns=["Code", *values])
