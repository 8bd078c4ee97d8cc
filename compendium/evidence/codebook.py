"""The codebook: what each code means, where it comes from, and which code stands above it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from compendium.data.loading import read_text
from compendium.errors import CompendiumError

COLUMNS = ("code_id", "code", "parent", "definition", "use", "not_use", "typical", "place", "origin", "colour")
"""``parent`` is a code_id or blank; ``use`` and ``not_use`` say when to give the code and when another instead;
``typical`` is the id of a typical segment; ``place`` is where the document states the code; ``colour`` is #RRGGBB or
blank."""

ORIGINS = ("inductive", "deductive", "")

GUIDANCE = {"use": "Use: ", "not_use": "Do not use: ", "typical": "Typical segment: "}
"""How each column of guidance begins its line in a description."""

_GUIDED = re.compile(
    r"(?P<definition>.*?)(?:\n\n|\A)(?=(?:Use|Do not use|Typical segment): )"
    r"(?:Use: (?P<use>[^\r\n]+)(?:\n|\Z))?(?:Do not use: (?P<not_use>[^\r\n]+)(?:\n|\Z))?"
    r"(?:Typical segment: (?P<typical>[^\r\n]+))?",
    re.DOTALL,
)
_COLOUR = re.compile(r"#([0-9A-Fa-f]{6}|[0-9A-Fa-f]{3})")


def load(path: str | Path) -> pd.DataFrame:
    """Read a codebook from CSV and check it.

    Returns
    -------
    DataFrame of strings with at least ``COLUMNS``; blank cells are empty strings.

    Raises
    ------
    CompendiumError : no such file, a column is missing, or ``check`` finds a fault.
    """
    return check(read_text(path, "there is no codebook here", "the codebook is"), file=path)


def check(codebook: pd.DataFrame, file: str | Path | None = None) -> pd.DataFrame:
    """Return the codebook with every column of ``COLUMNS``, or say what is wrong with it.

    Raises
    ------
    CompendiumError : ``code_id`` or ``code`` is missing or blank, an id stands twice or holds a semicolon, a parent
        is unknown or its own ancestor, a colour is not #RGB or #RRGGBB, an origin is neither inductive nor deductive.
    """
    for column in ("code_id", "code"):
        if column not in codebook.columns:
            raise CompendiumError(
                "a column is missing", file=file, column=column, found=list(codebook.columns), expected=column
            )
    frame = codebook.assign(**{name: "" for name in COLUMNS if name not in codebook.columns})
    known = set(frame["code_id"])
    seen: set[str] = set()
    for row, record in enumerate(frame.to_dict("records"), start=2):
        where: dict[str, Any] = {"file": file, "row": row}
        code_id = record["code_id"]
        if not code_id or ";" in code_id:
            raise CompendiumError(
                "a code needs an id without semicolons", **where, column="code_id", found=code_id or "a blank"
            )
        if not record["code"]:
            raise CompendiumError("a code has no name", **where, column="code", found="a blank")
        if code_id in seen:
            raise CompendiumError("a code id stands twice", **where, column="code_id", found=code_id)
        seen.add(code_id)
        if record["parent"] and record["parent"] not in known:
            raise CompendiumError("the parent is not in the codebook", **where, column="parent", found=record["parent"])
        if record["colour"] and not _COLOUR.fullmatch(record["colour"]):
            raise CompendiumError(
                "a colour is wrong", **where, column="colour", found=record["colour"], expected="#RRGGBB"
            )
        if record["origin"] not in ORIGINS:
            raise CompendiumError(
                "an origin is wrong",
                **where,
                column="origin",
                found=record["origin"],
                expected="inductive, deductive or blank",
            )
    _refuse_cycles(frame, file)
    return frame


def parents(codebook: pd.DataFrame) -> dict[str, str]:
    """Return each code's parent by code_id ('' at the top)."""
    return dict(zip(codebook["code_id"], codebook["parent"], strict=True))


def paths(codebook: pd.DataFrame, separator: str = " / ") -> pd.Series:
    """Return each code's full path of names from the top, indexed by code_id."""
    name = dict(zip(codebook["code_id"], codebook["code"], strict=True))
    above = parents(codebook)
    return pd.Series(
        {code: separator.join(name[step] for step in reversed(_line(code, above))) for code in name},
        dtype=object,
        name="path",
    )


def descendants(codebook: pd.DataFrame, code_id: str) -> list[str]:
    """Return a code and all codes below it, in codebook order."""
    above = parents(codebook)
    return [code for code in above if code_id in _line(code, above)]


def ordered(codebook: pd.DataFrame) -> pd.DataFrame:
    """Return the codebook with every code below its parent, siblings in their given order, and a ``level`` from 1."""
    children: dict[str, list[str]] = {}
    for code, parent in parents(codebook).items():
        children.setdefault(parent, []).append(code)
    order: list[tuple[str, int]] = []
    stack = [(code, 1) for code in reversed(children.get("", []))]
    while stack:
        code, level = stack.pop()
        order.append((code, level))
        stack.extend((child, level + 1) for child in reversed(children.get(code, [])))
    frame = codebook.set_index("code_id", drop=False).loc[[code for code, _ in order]]
    return frame.assign(level=[level for _, level in order]).reset_index(drop=True)


def description(row: Mapping[str, Any]) -> str:
    """Return what a qualitative tool shows as a code's description: the definition, then a line for each guidance.

    A line break within guidance becomes a blank. ``guided`` takes the text apart again.
    """
    lines = [label + " ".join(row[column].split()) for column, label in GUIDANCE.items() if row.get(column)]
    return "\n\n".join(part for part in (row["definition"], "\n".join(lines)) if part)


def guided(text: str) -> dict[str, str]:
    """Return definition, use, not_use and typical from a description; a text of another form is all definition."""
    found = _GUIDED.fullmatch(text)
    parts = {column: (found.group(column) or "" if found else "") for column in ("definition", *GUIDANCE)}
    return (
        parts if found and description(parts) == text else {**parts, **dict.fromkeys(GUIDANCE, ""), "definition": text}
    )


def shared(books: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the inductive codes of several codebooks, each once, with the fullest guidance and all typical segments.

    Codebooks that share codes name only neighbours that they hold, so the longest text of a code serves them all.
    A single codebook shares nothing: the table is empty then.
    """
    if len(books) < 2:
        return pd.concat(books.values()).iloc[:0]
    rows = pd.concat([book[book["origin"] == "inductive"] for book in books.values()], ignore_index=True)
    by_code = rows.groupby("code_id", sort=False)
    fullest = {column: by_code[column].agg(lambda texts: max(texts, key=len)) for column in ("use", "not_use")}
    typical = by_code["typical"].agg(lambda ids: "; ".join(filter(None, ids)))
    once = rows.drop_duplicates("code_id").set_index("code_id", drop=False).assign(**fullest, typical=typical)
    return once.reset_index(drop=True)


def appendix(codebook: pd.DataFrame, codings: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return the codebook as a table for an appendix.

    Parameters
    ----------
    codings : long table with ``segment_id`` and ``code_id``; adds how many segments hold each code.

    Returns
    -------
    DataFrame with Code (indented by level with en dashes), Definition, Use, Do not use, Typical segment, Stated in
    and, with codings, Segments; columns that are blank throughout are left out.
    """
    frame = ordered(codebook)
    table = pd.DataFrame(
        {
            "Code": ["– " * (level - 1) + code for level, code in zip(frame["level"], frame["code"], strict=True)],
            "Definition": frame["definition"],
            "Use": frame["use"],
            "Do not use": frame["not_use"],
            "Typical segment": frame["typical"],
            "Stated in": frame["place"],
        }
    )
    table = table.loc[:, [column == "Code" or bool((table[column] != "").any()) for column in table.columns]]
    if codings is not None:
        counts = codings.drop_duplicates(["segment_id", "code_id"])["code_id"].value_counts()
        table["Segments"] = [int(counts.get(code, 0)) for code in frame["code_id"]]
    return table


def _line(code: str, above: dict[str, str]) -> list[str]:
    """Return a code and its ancestors, the code first."""
    line = [code]
    while above.get(line[-1]):
        line.append(above[line[-1]])
    return line


def _refuse_cycles(codebook: pd.DataFrame, file: str | Path | None) -> None:
    above = parents(codebook)
    safe: set[str] = set()
    for code in above:
        line: list[str] = []
        step = code
        while step and step not in safe:
            if step in line:
                raise CompendiumError("a code stands above itself", file=file, column="parent", found=step)
            line.append(step)
            step = above[step]
        safe.update(line)
