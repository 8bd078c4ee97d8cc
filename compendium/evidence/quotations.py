"""Quotations: passages with their words, who said them and in which code, and those that were chosen for a paper.

``quotations.csv`` beside a project's tables lists what was chosen: ``passage`` (the id of its segment), ``code``,
``why`` and ``shortened``, the quotation as it will be printed. In that, "…" or "..." (in square brackets or not) stands
for what was left out, and square brackets hold what was put in; everything else must be the words of the passage, in
their order. Blank, the whole passage is printed.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from compendium.data.loading import read_text
from compendium.errors import CompendiumError
from compendium.evidence import codebook as codebooks
from compendium.evidence.evidence import ancestors
from compendium.evidence.meetings import turn_starts
from compendium.evidence.passages import ids, merged

FILE = "quotations.csv"
COLUMNS = ("passage", "code", "why", "shortened")
ORDERS = ("code", "document", "case", "speaker", "words", "place")

_LEFT_OUT = re.compile(r"\[[^\]]*\]|…|\.{3,}")
_SPEAKER = re.compile(r"[ \t]*(?:\[?\d{1,2}:\d\d(?::\d\d)?\]?[ \t]*)?([^\W\d_][\w.’' -]{0,29}):")


def quotations(
    segments: pd.DataFrame,
    codings: pd.DataFrame,
    codebook: pd.DataFrame,
    texts: Mapping[str, str],
    attributes: pd.DataFrame | None = None,
    *,
    codes: Sequence[str] | None = None,
    cases: Sequence[str] = (),
    speakers: Sequence[str] = (),
    where: Mapping[str, str] | None = None,
    context: int = 0,
    order: Sequence[str] = ("code", "place"),
) -> pd.DataFrame:
    """Return one row for each passage and code that it carries.

    Parameters
    ----------
    attributes : as `compendium.evidence.attributes.of_passages`; each variable becomes a column.
    codes : only these (code_id), the codes below them included.
    cases, speakers : only passages of one of these, as named in the project.
    where : only passages with these values, by variable.
    context : characters of the text on either side; the passage stands in square brackets then.
    order : columns of `ORDERS` or names of variables, the first counting most. ``place`` is where it stands in its
        document.

    Returns
    -------
    ``passage``, ``code_id``, ``code`` (path), ``document``, ``case``, ``speaker`` (of the project, else as the text
    names who speaks), the variables, ``place`` (first character), ``words``, ``coders``, ``quotation``.

    Raises
    ------
    CompendiumError : an order or a variable is unknown.
    """
    first = dict(zip(segments["segment_id"], ids(segments), strict=True))
    kept, long = merged(segments, codings)
    if codes is not None:
        wanted = {below for code in codes for below in codebooks.descendants(codebook, code)}
        long = long[long["code_id"].isin(wanted)]
    given = long.groupby(["segment_id", "code_id"], sort=False)["coder"].agg(_listed).reset_index()
    table = given.merge(kept.drop(columns=["codes", "coder"], errors="ignore"), on="segment_id")
    table = table[table["start"].notna() & table["source_id"].isin(list(texts))].reset_index(drop=True)
    found = pd.DataFrame(
        {
            "passage": table["segment_id"],
            "code_id": table["code_id"],
            "code": table["code_id"].map(codebooks.paths(codebook)),
            "document": table["document"],
            "case": table["site"].str.replace(";", "; "),
            "speaker": table["speaker"],
        }
    )
    found["speaker"] = _speakers(table, texts)
    names: list[str] = []
    if attributes is not None and len(attributes):
        told = attributes.assign(passage=attributes["segment_id"].map(first))
        cells = (
            told.drop_duplicates(["passage", "variable", "value"])
            .groupby(["passage", "variable"])["value"]
            .agg(_listed)
        )
        wide = cells.unstack().reindex(columns=list(dict.fromkeys(attributes["variable"])))
        names = [str(name) for name in wide.columns]
        for name in names:
            found[name if name not in found else f"{name} (attribute)"] = found["passage"].map(wide[name]).fillna("")
    places = list(zip(table["source_id"], table["start"].astype(int), table["end"].astype(int), strict=True))
    found["place"] = [start for _, start, _ in places]
    words = [texts[source][start:end] for source, start, end in places]
    found["words"] = [len(text.split()) for text in words]
    found["coders"] = table["coder"]
    found["quotation"] = words
    if context:
        from compendium.evidence.meetinglist import within

        found["quotation"] = [within(texts[source], start, end, context) for source, start, end in places]
    kept_rows = np.ones(len(found), dtype=bool)
    for column, asked in (("case", cases), ("speaker", speakers)):
        if asked:
            kept_rows &= [bool({*cell.split("; ")} & {*asked}) for cell in found[column]]
    for name, value in (where or {}).items():
        if name not in names:
            raise CompendiumError("the project has no such attribute", found=name, expected=names or "none")
        kept_rows &= [value in cell.split("; ") for cell in found[name]]
    return ordered(found[kept_rows], codebook, order)


def ordered(table: pd.DataFrame, codebook: pd.DataFrame, order: Sequence[str]) -> pd.DataFrame:
    """Return quotations in an order of columns; codes stand in the order of the codebook, a place in its document.

    Raises
    ------
    CompendiumError : a column is unknown.
    """
    rank = {code: place for place, code in enumerate(codebooks.ordered(codebook)["code_id"])}
    keys: list[pd.Series] = []
    for name in order:
        if name not in table:
            raise CompendiumError("quotations cannot be ordered by this", found=name, expected=list(table.columns))
        if name == "code":
            keys.append(table["code_id"].map(rank))
        else:
            keys += [table["document"], table["place"]] if name == "place" else [table[name]]
    if not keys:
        return table.reset_index(drop=True)
    columns = [f"key {number}" for number in range(len(keys))]
    sorted_ = pd.concat(keys, axis=1, keys=columns).sort_values(columns, kind="stable")
    return table.loc[sorted_.index].reset_index(drop=True)


def chosen(file: str | Path, table: pd.DataFrame, codebook: pd.DataFrame) -> pd.DataFrame:
    """Return the chosen quotations in the order of their file, checked against the text.

    Parameters
    ----------
    table : as `quotations` returns it, of all codes and without context.

    Returns
    -------
    The rows of the table with ``why``, and ``printed``: the quotation as it will be printed.

    Raises
    ------
    CompendiumError : no such file, a column is missing, a passage is not there or does not carry the code, or a
        shortened form has words that the passage has not.
    """
    listed = read_text(file, "no quotation is chosen yet", "the chosen quotations are")
    if lacking := [name for name in COLUMNS if name not in listed]:
        raise CompendiumError("a column is missing", file=file, column=lacking[0], found=list(listed.columns))
    above = codebooks.parents(codebook)
    title = dict(zip(codebook["code_id"], codebook["code"], strict=True))
    by_passage = dict(iter(table.groupby("passage", sort=False)))
    rows = []
    for number, line in enumerate(listed.to_dict("records"), start=2):
        group = by_passage.get(line["passage"])
        if group is None:
            raise CompendiumError(
                "a chosen quotation is no coded passage", file=file, row=number, column="passage", found=line["passage"]
            )
        fits = [
            row for row in group.to_dict("records")
            if any(line["code"] in (step, title[step]) for step in ancestors(row["code_id"], above))
        ]  # fmt: skip
        if not fits:
            raise CompendiumError(
                "the passage does not carry the code", file=file, row=number, column="code", found=line["code"],
                expected=list(group["code_id"]),
            )  # fmt: skip
        printed = shortened(fits[0]["quotation"], line["shortened"], file, number)
        rows.append({**fits[0], "why": line["why"], "printed": printed})
    return pd.DataFrame(rows, columns=[*table.columns, "why", "printed"])


def shortened(words: str, form: str, file: str | Path | None = None, row: int | None = None) -> str:
    """Return the quotation as printed, or say which words of the shortened form the passage has not.

    Raises
    ------
    CompendiumError : a stretch between two ellipses is not in the passage, or not in this order.
    """
    whole = _plain(words)
    if not form.strip():
        return " ".join(words.split())
    at = 0
    for piece in _LEFT_OUT.split(form):
        part = _plain(piece)
        if not part:
            continue
        found = whole.find(part, at)
        if found < 0:
            turned = " (it stands before what precedes it)" if part in whole else ""
            raise CompendiumError(
                f"the shortened quotation has words that the passage has not{turned}", file=file, row=row,
                column="shortened", found=part,
                expected="the words of the passage, … for what is left out, [] for what is put in",
            )  # fmt: skip
        at = found + len(part)
    return " ".join(form.split())


def for_paper(table: pd.DataFrame, label: Sequence[str] = ("document",)) -> pd.DataFrame:
    """Return chosen quotations for print: ``Theme``, ``Quotation`` and ``Who`` (the columns of ``label``)."""
    who = [", ".join(str(row[name]) for name in label if row[name]) for row in table.to_dict("records")]
    printed = [f"“{text}”" for text in table["printed" if "printed" in table else "quotation"]]
    return pd.DataFrame({"Theme": table["code"], "Quotation": printed, "Who": who})


def of_public(chosen_: pd.DataFrame, segments: pd.DataFrame, codebook: pd.DataFrame) -> pd.DataFrame:
    """Return quotations that are public of an import for print: ``Theme``, ``Quotation``, ``Who``.

    Parameters
    ----------
    chosen_ : ``passage``, ``code`` (several with semicolons), ``quotation``.
    """
    path = codebooks.paths(codebook)
    place = segments.drop_duplicates("segment_id").set_index("segment_id")
    rows = []
    for passage, cell, words in chosen_[["passage", "code", "quotation"]].itertuples(index=False, name=None):
        here = place.loc[passage] if passage in place.index else None
        parts = [] if here is None else [str(here["site"]).replace(";", ", "), str(here["source_id"])]
        titles = "; ".join(str(path.get(code, code)) for code in cell.split(";") if code)
        rows.append((titles, f"“{' '.join(words.split())}”", ", ".join(part for part in parts if part)))
    table = pd.DataFrame(rows, columns=["Theme", "Quotation", "Who"])
    rank = {title: number for number, title in enumerate(path)}
    return table.sort_values(
        "Theme", key=lambda titles: titles.map(lambda one: rank.get(one.split("; ")[0], -1)), kind="stable"
    )


def full(table: pd.DataFrame) -> pd.DataFrame:
    """Return quotations with all that is known of each, under headings; columns that are blank throughout left out."""
    shown = table.drop(columns=["code_id"]).rename(columns=lambda name: str(name)[:1].upper() + str(name)[1:])
    return shown.loc[
        :, [name in ("Passage", "Code", "Quotation") or (shown[name].astype(str) != "").any() for name in shown]
    ]


def _plain(text: str) -> str:
    """Return text with white space and the kinds of quotation marks made one, as an editor may have changed them."""
    one = text.replace("’", "'").replace("‘", "'").replace("“", '"').replace("”", '"')
    return " ".join(one.split())


def _listed(values: pd.Series) -> str:
    return "; ".join(dict.fromkeys(value for value in values if value))


def _speakers(table: pd.DataFrame, texts: Mapping[str, str]) -> list[str]:
    """Return who speaks at each passage: the project's own word, else the name at the beginning of the turn."""
    turns: dict[str, list[int]] = {}
    found = []
    for speaker, source, start in zip(table["speaker"], table["source_id"], table["start"], strict=True):
        if not speaker:
            if source not in turns:
                turns[source] = turn_starts(texts[source]).tolist()
            at = turns[source][bisect_right(turns[source], start) - 1]
            match = _SPEAKER.match(texts[source], at)
            speaker = match[1].strip() if match else ""
        found.append(speaker)
    return found
