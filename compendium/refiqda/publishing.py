"""Writes what is public of an import, as its ``publish.toml`` says, and beside the results what is for its researcher.

Whoever and whatever is not named goes out under a label that says nothing: Case 1, Coder 1, Speaker 1, Code 1.
``labels.csv`` keeps them, so that they stay with a case through later exports; a label changed there is printed.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from compendium.data.loading import read_text
from compendium.errors import CompendiumError
from compendium.evidence import coders, publication
from compendium.evidence import quotations as quoted
from compendium.evidence import segments as coded_segments
from compendium.evidence.publication import Rules
from compendium.evidence.tablefiles import harmless
from compendium.project import MARK, replaced_folder, write_text
from compendium.refiqda.model import PRIVATE, Project

KINDS = {"case": "Case", "coder": "Coder", "speaker": "Speaker", "code": "Code"}
LABEL_COLUMNS = ("kind", "id", "label")
SOURCE_COLUMNS = ("source_id", "role", "kind", "characters")
CHOSEN = ("passage", "code", "quotation")


@dataclass(frozen=True)
class Labels:
    """Labels by kind and by what stands in the project's tables (id of a case, coder or code; name of a speaker)."""

    of: Mapping[str, Mapping[str, str]]
    rows: tuple[tuple[str, str, str], ...]


def refresh(folder: Path, private: Path) -> bool:
    """Write ``public/`` and the private results of an import anew where they are not of the tables and rules at hand.

    Parameters
    ----------
    folder : the import.
    private : where tables with names and words go, which nothing renders, packs or commits.

    Returns whether anything was written.

    Raises
    ------
    CompendiumError : the rules are faulty or name what the project has not; the import cannot be read.
    """
    stale = not publication.current(folder)
    if not stale and (private / MARK).is_file():
        return False
    project = Project.load(folder)
    labels = labelled(project, folder / publication.LABELS)
    if stale:
        rules = publication.read(folder)
        labels = _with_passages(project, rules, labels, folder / publication.LABELS)
        _write_labels(labels, folder / publication.LABELS)
        tables = public(project, rules, labels, folder)
        with replaced_folder(folder / publication.PUBLIC, publication.RECORD) as staging:
            for name, table in tables.items():
                write_text(staging / f"{name}.csv", _csv(table))
            if not rules.rows:
                write_text(staging / ".gitignore", "*\n")
            record = {"digest": publication.digest(folder), "counts": rules.counts, "rows": rules.rows}
            write_text(staging / publication.RECORD, json.dumps(record, indent=2, sort_keys=True) + "\n")
    with replaced_folder(private) as staging:
        for name, table in own(project, labels).items():
            write_text(staging / f"{name}.csv", _csv(table), PRIVATE)
    return stale


def public(project: Project, rules: Rules, labels: Labels, folder: Path | None = None) -> dict[str, pd.DataFrame]:
    """Return the tables of ``public/``: codebook, sources, segments, codings, coders, variables, quotations.

    Parameters
    ----------
    folder : holds the researcher's own tables, ``coders.csv`` and ``quotations.csv``.

    Raises
    ------
    CompendiumError : a rule names a code, passage or variable that the project has not.
    """
    code = _codes(project.codebook, rules, labels)
    shown = set(code) if rules.codebook is True else {name for name, label in code.items() if name == label}
    segments = project.segments
    place = segments[["segment_id", "source_id", "start", "end", "words", "kind"]].assign(
        study="", document=[source.split(".")[0].split("-")[0] for source in segments["source_id"]], section="",
        codes=[_mapped(cell, code) for cell in segments["codes"]], label="", summary="",
        coder=[_mapped(cell, labels.of["coder"]) for cell in segments["coder"]],
        site=_case_labels(project, labels), speaker=_unless_named("speaker", project, rules, labels),
        sector=segments["sector"] if "sector" in rules.variables else "",
    )  # fmt: skip
    codings = pd.DataFrame(
        {
            "segment_id": project.codings["segment_id"],
            "code_id": project.codings["code_id"].map(code),
            "coder": project.codings["coder"].map(labels.of["coder"]).fillna(""),
        }
    )
    if not rules.counts:
        place, codings = place.iloc[:0], codings.iloc[:0]
    return {
        "codebook": _book(project.codebook, code, shown, labels.of["code"]),
        "sources": project.sources[list(SOURCE_COLUMNS)],
        "segments": place[[*coded_segments.COLUMNS, "source_id"]],
        "codings": codings,
        "coders": _coders(project, labels, folder),
        "variables": _variables(project, rules, labels),
        "quotations": _chosen(project, rules, code, folder),
    }


def own(project: Project, labels: Labels) -> dict[str, pd.DataFrame]:
    """Return the results that hold names and words, for the researcher alone.

    ``key`` (what each label stands for), ``quotations`` (every coded passage with its words), ``codes-by-case`` and
    ``memos`` (notes with what they belong to).
    """
    names = {
        "case": dict(zip(project.cases["case_id"], project.cases["name"], strict=True)),
        "code": dict(zip(project.codebook["code_id"], project.codebook["code"], strict=True)),
    }
    key = [
        (kind, label, names.get(kind, {}).get(identifier, identifier))
        for kind in KINDS
        for identifier, label in labels.of[kind].items()
    ]
    tops = project.sources[project.sources["role"] == "source"]
    key += [("source", source, name) for source, name in zip(tops["source_id"], tops["name"], strict=True)]
    notes = project.note_refs.merge(project.notes, left_on="note_id", right_on="source_id", suffixes=("_of", ""))
    memos = pd.DataFrame(
        {
            "belongs_to": notes["kind_of"], "id": notes["owner"], "title": notes["name"],
            "text": notes["note_id"].map(project.texts).fillna(""), "created": notes["created"],
            "by": notes["created_by"],
        }
    )  # fmt: skip
    tables = {"key": pd.DataFrame(key, columns=["kind", "label", "name"]), "memos": memos}
    if len(project.codings):
        tables["quotations"] = coded_segments.quotations(
            project.segments, project.codebook, project.texts, coded=project.codings
        )
        if (project.segments["site"] != "").any():
            crossed = coded_segments.code_counts(project.segments, project.codebook, "site", project.codings)
            tables["codes-by-case"] = crossed.reset_index()
    return tables


def labelled(project: Project, path: Path) -> Labels:
    """Return the label of every case, coder, speaker and code: as ``labels.csv`` has them, and new ones for the rest.

    A case, coder or code is known again by its GUID, a speaker by name.

    Raises
    ------
    CompendiumError : ``labels.csv`` is not one, or gives two things of a kind one label.
    """
    standing: dict[tuple[str, str], str] = {}
    if path.is_file():
        told = read_text(path)
        if lacking := [name for name in LABEL_COLUMNS if name not in told]:
            raise CompendiumError("a column is missing", file=path, column=lacking[0], found=list(told.columns))
        twice = told.duplicated(["kind", "label"])
        if twice.any():
            row = int(twice.to_numpy().argmax())
            raise CompendiumError(
                "two have one label", file=path, row=row + 2, column="label", found=told["label"].iloc[row]
            )
        standing = dict(zip(zip(told["kind"], told["id"], strict=True), told["label"], strict=True))
    ids = {
        "case": list(zip(project.cases["case_id"], project.cases["guid"], strict=True)),
        "coder": _coder_ids(project),
        "speaker": [(name, name) for name in dict.fromkeys(project.segments["speaker"]) if name],
        "code": list(zip(project.codebook["code_id"], project.codebook["guid"], strict=True)),
    }
    of: dict[str, dict[str, str]] = {}
    rows = dict(standing)
    for kind, word in KINDS.items():
        of[kind], taken = {}, {label for (other, _), label in rows.items() if other == kind}
        number = 0
        for here, lasting in ids[kind]:
            label = rows.get((kind, lasting), "")
            while not label or (label in taken and (kind, lasting) not in rows):
                number += 1
                label = f"{word} {number}"
            taken.add(label)
            rows[kind, lasting] = of[kind][here] = label
    return Labels(of, tuple((kind, one, label) for (kind, one), label in rows.items()))


def _with_passages(project: Project, rules: Rules, labels: Labels, path: Path) -> Labels:
    """Return labels that also keep which passage each published id stands for; a later export may number them anew.

    Raises
    ------
    CompendiumError : an id now stands for another passage than the one that was chosen.
    """
    place = dict(zip(project.segments["guid"], project.segments["segment_id"], strict=True))
    guid = {segment: one for one, segment in place.items()}
    rows = [row for row in labels.rows if row[0] != "passage"]
    chosen = {label: one for kind, one, label in labels.rows if kind == "passage"}
    for passage in rules.quotations:
        before, now = chosen.get(passage, ""), guid.get(passage, "")
        if before and before != now and before not in {guid.get(other) for other in rules.quotations}:
            raise CompendiumError(
                "the passage that was chosen has another id in this export", file=path.with_name(publication.FILE),
                column="quotations", found=passage, expected=place.get(before, "another: the chosen one is gone"),
            )  # fmt: skip
        rows.append(("passage", now, passage))
    return Labels(labels.of, tuple(rows))


def case_of_sources(folder: Path) -> dict[str, str]:
    """Return the label of the (first) case of every source of an import, by source_id."""
    project = Project.load(folder)
    labels = labelled(project, folder / publication.LABELS).of["case"]
    members = project.case_members[project.case_members["kind"] == "source"]
    found: dict[str, str] = {}
    for case, source in zip(members["case_id"], members["member"], strict=True):
        found.setdefault(source, labels.get(case, ""))
    return found


def _coder_ids(project: Project) -> list[tuple[str, str]]:
    """Return coders as the codings name them, with the GUID of the user where the project lists one."""
    guid = dict(zip(project.users["user_id"], project.users["guid"], strict=True))
    return [(name, guid.get(name, name)) for name in sorted(set(project.codings["coder"]) - {""})]


def _write_labels(labels: Labels, path: Path) -> None:
    text = pd.DataFrame(labels.rows, columns=list(LABEL_COLUMNS)).to_csv(index=False, lineterminator="\n")
    if not path.is_file() or path.read_text("utf-8") != text:
        write_text(path, text, PRIVATE)


def _codes(book: pd.DataFrame, rules: Rules, labels: Labels) -> dict[str, str]:
    """Return the id under which each code goes out: its own where it is named, or stands above one that is."""
    own_ids = book["code_id"].tolist()
    if rules.codebook is True:
        return {code: code for code in own_ids}
    above = dict(zip(book["code_id"], book["parent"], strict=True))
    named: set[str] = set()
    for code in rules.codebook or ():
        if code not in above:
            raise CompendiumError(
                "there is no such code to publish", file=publication.FILE, column="codebook", found=code
            )
        while code and code not in named:
            named.add(code)
            code = above[code]
    found: dict[str, str] = {}
    for code in own_ids:
        plain = code if code in named else labels.of["code"][code].lower().replace(" ", "-").replace(";", ",")
        while code not in named and (plain in named or plain in found.values()):
            plain += "-"
        found[code] = plain
    return found


def _book(book: pd.DataFrame, code: Mapping[str, str], shown: set[str], title: Mapping[str, str]) -> pd.DataFrame:
    known = book["code_id"].isin(shown)
    table = book.drop(columns=["guid"]).copy()
    for name in ("definition", "use", "not_use", "typical", "place"):
        table[name] = table[name].where(known, "")
    table["code"] = table["code"].where(known, table["code_id"].map(title))
    table["code_id"] = table["code_id"].map(code)
    table["parent"] = table["parent"].map(code).fillna("")
    return table


def _mapped(cell: str, names: Mapping[str, str]) -> str:
    return ";".join(dict.fromkeys(names.get(part, "") for part in cell.split(";") if part))


def _case_labels(project: Project, labels: Labels) -> list[str]:
    """Return the labels of the cases of every segment, which itself names them as print does."""
    of: dict[str, str] = {}
    for case, name in zip(project.cases["case_id"], project.cases["name"], strict=True):
        of.setdefault((name or case).replace(";", ","), labels.of["case"][case].replace(";", ","))
    return [_mapped(cell, of) for cell in project.segments["site"]]


def _unless_named(column: str, project: Project, rules: Rules, labels: Labels) -> Sequence[str]:
    cells: list[str] = project.segments[column].tolist()
    return cells if column in rules.variables else [labels.of[column].get(cell, "") for cell in cells]


def _coders(project: Project, labels: Labels, folder: Path | None) -> pd.DataFrame:
    if folder is None:
        return pd.DataFrame(columns=list(coders.COLUMNS))
    told = coders.read(folder, list(labels.of["coder"]))
    return told.assign(coder=told["coder"].map(labels.of["coder"]))[list(coders.COLUMNS)]


def _variables(project: Project, rules: Rules, labels: Labels) -> pd.DataFrame:
    """Return values of the variables that are named: ``kind``, ``owner`` (label or source), ``variable``, ``value``."""
    title = dict(zip(project.variables["variable_id"], project.variables["name"], strict=True))
    known = {name.casefold() for name in title.values()} | {"speaker", "sector"}
    for name in rules.variables:
        if name.casefold() not in known:
            raise CompendiumError(
                "there is no such variable to publish", file=publication.FILE, column="variables", found=name
            )
    values = project.variable_values
    titles = values["variable_id"].map(title).fillna("").astype(str)
    named = titles.str.casefold().isin([one.casefold() for one in rules.variables])
    table = values.assign(variable=titles)[named]
    owners = zip(table["kind"], table["owner"], strict=True)
    owner = [labels.of["case"].get(one, "") if kind == "case" else one for kind, one in owners]
    return table.assign(owner=owner)[["kind", "owner", "variable", "value"]]


def _chosen(project: Project, rules: Rules, code: Mapping[str, str], folder: Path | None) -> pd.DataFrame:
    """Return the passages that are named, with their words, shortened as the researcher's ``quotations.csv`` says.

    Raises CompendiumError where a passage is not there, or its shortened form has words that it has not.
    """
    short: dict[tuple[str, str], tuple[int, str]] = {}
    ids = dict(zip(project.codebook["code"], project.codebook["code_id"], strict=True))
    path = folder / "quotations.csv" if folder else Path()
    if rules.quotations and path.is_file():
        told = read_text(path)
        if {"passage", "shortened"} <= set(told.columns):
            given = told["code"] if "code" in told else [""] * len(told)
            lines = enumerate(zip(told["passage"], given, told["shortened"], strict=True), start=2)
            short = {(passage, ids.get(one, one)): (row, text) for row, (passage, one, text) in lines}
    place = {row["segment_id"]: row for row in project.segments.to_dict("records")}
    rows = []
    for passage in rules.quotations:
        found = place.get(passage)
        if found is None or found["start"] is pd.NA or found["source_id"] not in project.texts:
            raise CompendiumError(
                "there is no such passage to publish", file=publication.FILE, column="quotations", found=passage
            )
        words = project.texts[found["source_id"]][found["start"] : found["end"]]
        mine = [(key[1], told) for key, told in short.items() if key[0] == passage and told[1]]
        for chosen, (row, text) in mine or [("", (0, words))]:
            printed = quoted.shortened(words, text, path, row) if row else text
            rows.append((passage, code.get(chosen, "") or _mapped(found["codes"], code), printed))
    return pd.DataFrame(rows, columns=list(CHOSEN))


def _csv(table: pd.DataFrame) -> str:
    return harmless(table).to_csv(index=False, lineterminator="\n", quoting=csv.QUOTE_ALL)
