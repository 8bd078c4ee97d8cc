"""Who coded: people, and software with its name, version and instruction.

A project may have ``coders.csv`` beside its tables (``coder``, ``kind``, ``software``, ``version``, ``instruction``):
which of the names in its codings is a person and which a program that suggests codes. Names that it does not list are
people. ``suggestions.csv`` (``segment_id``, ``code_id``, ``coder``, ``decision``, ``decided_by``) keeps what a program
suggested and what a person made of it, where the source of the project tells.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from compendium.data.loading import read_text
from compendium.errors import CompendiumError

if TYPE_CHECKING:
    import pandas as pd

FILE, SUGGESTED = "coders.csv", "suggestions.csv"
COLUMNS = ("coder", "kind", "software", "version", "instruction")
KINDS = ("person", "software")
DECISIONS = ("accepted", "rejected", "open")
PEOPLE, MIXED, PROGRAMS = "two people", "a person and software", "two programs"


def read(folder: str | Path, names: Iterable[str]) -> pd.DataFrame:
    """Return one row for each of the coders, in the order of the names.

    Returns
    -------
    `COLUMNS` and ``label``: a name that points to nobody, "Person 1", or the program with its version.

    Raises
    ------
    CompendiumError : ``coders.csv`` lacks a column, names somebody twice, has an unknown kind, or a program without
        name, version or instruction.
    """
    import pandas as pd

    path = Path(folder) / FILE
    listed = read_text(path) if path.is_file() else pd.DataFrame(columns=list(COLUMNS), dtype=str)
    if lacking := [name for name in COLUMNS if name not in listed]:
        raise CompendiumError("a column is missing", file=path, column=lacking[0], found=list(listed.columns))
    for row, line in enumerate(listed.to_dict("records"), start=2):
        if line["kind"] not in KINDS:
            raise CompendiumError(
                "a coder is of an unknown kind", file=path, row=row, column="kind", found=line["kind"] or "a blank",
                expected=list(KINDS),
            )  # fmt: skip
        for name in ("software", "version", "instruction") if line["kind"] == "software" else ():
            if not line[name]:
                raise CompendiumError(
                    "software that codes needs its name, version and instruction", file=path, row=row, column=name,
                    found="a blank",
                )  # fmt: skip
    twice = listed["coder"].duplicated()
    if twice.any():
        row = int(twice.to_numpy().argmax())
        raise CompendiumError(
            "a coder is listed twice", file=path, row=row + 2, column="coder", found=listed["coder"].iloc[row]
        )
    told = (
        pd.DataFrame({"coder": list(names)}, dtype=str).merge(listed[list(COLUMNS)], on="coder", how="left").fillna("")
    )
    told["kind"] = told["kind"].replace("", "person")
    people = (told["kind"] == "person").cumsum()
    program = (told["software"] + " " + told["version"]).str.strip()
    told["label"] = program.where(told["kind"] == "software", "Person " + people.astype(str))
    same = told["label"].duplicated(keep=False)
    rank = told.groupby("label").cumcount() + 1
    told.loc[same, "label"] = told["label"] + ", run " + rank.astype(str)
    return told


def labelled(pairs: pd.DataFrame, coders: pd.DataFrame) -> pd.DataFrame:
    """Return pairs of coders (``coder_a``, ``coder_b``) under labels that point to nobody, with their ``kind``."""
    label = dict(zip(coders["coder"], coders["label"], strict=True))
    software = set(coders.loc[coders["kind"] == "software", "coder"])
    both = zip(pairs["coder_a"], pairs["coder_b"], strict=True)
    kinds = [(PEOPLE, MIXED, PROGRAMS)[(one in software) + (other in software)] for one, other in both]
    return pairs.assign(coder_a=pairs["coder_a"].map(label), coder_b=pairs["coder_b"].map(label), kind=kinds)


def statement(coders: pd.DataFrame) -> str:
    """Return what a reader must know of the coders: how many people, which programs, and what their agreement means."""
    people, programs = (coders[coders["kind"] == kind] for kind in KINDS)
    said = f"{len(people)} {'person' if len(people) == 1 else 'people'} coded."
    if programs.empty:
        return said
    named = "; ".join(f"{row.software} {row.version}, told “{row.instruction}”" for row in programs.itertuples())
    return (
        f"{said} So did software: {named}. Agreement with software says how far it repeats what a person did, not that "
        "either is right; where the person saw its suggestions first, the two did not code independently, and the "
        "figure is too high. Another version or instruction may code otherwise."
    )


def suggestions(folder: str | Path, codebook: pd.DataFrame) -> pd.DataFrame:
    """Return what became of a program's suggestions, by code: suggested, accepted, rejected, open; empty without any.

    Raises
    ------
    CompendiumError : a column is missing, or a code or decision is unknown.
    """
    import pandas as pd

    path = Path(folder) / SUGGESTED
    columns = ["code_id", "suggested", *DECISIONS]
    if not path.is_file():
        return pd.DataFrame(columns=columns)
    told = read_text(path)
    if lacking := [name for name in ("segment_id", "code_id", "coder", "decision") if name not in told]:
        raise CompendiumError("a column is missing", file=path, column=lacking[0], found=list(told.columns))
    for column, known in (("decision", DECISIONS), ("code_id", codebook["code_id"].tolist())):
        odd = ~told[column].isin(known)
        if odd.any():
            row = int(odd.to_numpy().argmax())
            raise CompendiumError(
                "a suggestion names what is not there", file=path, row=row + 2, column=column,
                found=told[column].iloc[row] or "a blank",
            )  # fmt: skip
    table = pd.crosstab(told["code_id"], told["decision"]).reindex(columns=list(DECISIONS), fill_value=0)
    order = [code for code in codebook["code_id"] if code in table.index]
    table = table.loc[order].assign(suggested=lambda frame: frame.sum(axis=1)).reset_index()
    return table[columns].rename_axis(columns=None)


def chosen(names: Sequence[str] | None, standing: Sequence[str]) -> list[str] | None:
    """Return the coders asked for, by their full name or a beginning that only one has; all where none is asked for.

    Raises
    ------
    CompendiumError : a name fits nobody, or several.
    """
    if not names:
        return None
    found = []
    for name in names:
        fits = [one for one in standing if one == name] or [
            one for one in standing if one.casefold().startswith(name.casefold())
        ]
        if len(fits) != 1:
            raise CompendiumError("no single coder has this name", found=name, expected=fits or list(standing))
        found += fits
    return found
