"""Gathers rows while a project is read, and resolves what refers to what once everything is there."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd

from compendium.evidence.segments import joined_by
from compendium.refiqda import positions
from compendium.refiqda.elements import unknown
from compendium.refiqda.model import TABLES, ImportReport, Project, canonical_guid, tabulated

_COUNTED = {
    "users": "users",
    "codebook": "codes",
    "codings": "codings",
    "cases": "cases",
    "variables": "variables",
    "variable_values": "variable values",
    "sets": "sets",
    "notes": "notes",
    "links": "links",
    "sync_points": "sync points",
    "attachments": "attachments",
}


class Rows:
    """Rows of every table, with GUIDs where the tables will have readable ids."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.about: dict[str, str] = {}
        self.tables: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}
        self.texts: dict[str, positions.Body] = {}
        self.counting: positions.Counting | None = None  # where the tool leaves no doubt
        self._used: set[tuple[str, str]] = set()
        self._source_of: dict[str, str] = {}
        self._children: Counter[str] = Counter()
        self._whole: dict[str, dict[str, Any]] = {}
        self._number = 0

    def add(self, table: str, **values: Any) -> dict[str, Any]:
        """Add a row and return it."""
        self.tables[table].append(values)
        return values

    def next_number(self) -> int:
        """Return a number not given before."""
        self._number += 1
        return self._number

    def first_use(self, kind: str, guid: str) -> bool:
        """Return whether a GUID is new among things of a kind; all kinds of source are one."""
        key = ("source" if kind in ("text", "pdf", "picture", "audio", "video") else kind, guid)
        if key in self._used:
            return False
        self._used.add(key)
        return True

    def source_id(self, table: str, parent: str) -> str:
        """Return the next id of a source (d0001), a note (n0001) or a text inside one (d0001.1)."""
        stem = parent or ("d" if table == "sources" else "n")
        self._children[stem] += 1
        return f"{parent}.{self._children[stem]}" if parent else f"{stem}{self._children[stem]:04d}"

    def locate(self, guid: str, source_id: str) -> None:
        """Remember which source or note a GUID names."""
        self._source_of[guid] = source_id

    def segment(self, source_id: str, **values: Any) -> dict[str, Any]:
        """Add a selection of a source."""
        self._children[f"{source_id}-"] += 1
        number = self._children[f"{source_id}-"]
        return self.add("segments", segment_id=f"{source_id}-{number:04d}", source_id=source_id, **values)

    def whole(self, source_id: str, kind: str) -> dict[str, Any]:
        """Return the segment that stands for a whole source; it carries the codings of the source itself."""
        if source_id not in self._whole:
            self._whole[source_id] = self.add(
                "segments", segment_id=f"{source_id}-all", source_id=source_id, kind=f"whole {kind}", guid=""
            )
        return self._whole[source_id]

    def text(self, row: dict[str, Any], body: positions.Body) -> None:
        """Attach a plain text to a source; its path becomes the one it has in a project of ours."""
        row["text_file"] = f"texts/{row['source_id']}.txt"
        row["characters"] = len(body.text)
        if not row["inline"]:
            own = self.first_use("text file", row["guid"])
            name = row["guid"] if own else canonical_guid(f"text {row['source_id']}")
            row["path"] = f"internal://{name}.txt"
        self.texts[row["source_id"]] = body

    def project(self, report: ImportReport, study: str) -> Project:
        """Resolve all references and positions and return the project."""
        self._resolve_positions(report)
        ids = self._readable_ids()
        self._resolve_cases_coded(ids, report)
        self._resolve_twins(report)
        self._resolve_references(ids, report)
        coded = {coding["segment_id"] for coding in self.tables["codings"]}
        self.tables["segments"] = [
            row for row in self.tables["segments"] if row["segment_id"] in coded or not row["kind"].startswith("whole")
        ]
        tables = {name: tabulated(name, rows) for name, rows in self.tables.items()}
        project = Project(tables, {key: body.text for key, body in self.texts.items()}, self._about(ids, study))
        tables["segments"] = describe_segments(project, study)
        self._count(project, report)
        return project

    def _resolve_positions(self, report: ImportReport) -> None:
        """Turn the tool's positions into code points, by the counting that fits the words."""
        placed: dict[str, list[dict[str, Any]]] = {}
        for segment in self.tables["segments"]:
            if segment["kind"] == "text":
                body = self.texts.get(segment["source_id"])
                if body is None:
                    if segment["start"] < 0 or segment["end"] < segment["start"]:
                        self._misplaced(segment, None, report)
                    continue
                placed.setdefault(segment["source_id"], []).append(segment)
                body.starts.append(segment["start"])
                body.ends.append(segment["end"])
        choice = positions.choose([self.texts[source] for source in placed], report.origin, self.counting)
        report.counting = choice.counting.describe()
        report.counting_expected = choice.counting == choice.expected
        report.aligned, report.selections = choice.aligned, choice.total
        for source, segments in placed.items():
            body = self.texts[source]
            starts, ends, inside = positions.resolve(body, choice.counting)
            for place, segment in enumerate(segments):
                if inside[place]:
                    segment["start"], segment["end"] = int(starts[place]), int(ends[place])
                else:
                    self._misplaced(segment, len(body.text), report)
        self._resolve_sync_points(choice.counting)

    def _misplaced(self, segment: dict[str, Any], size: int | None, report: ImportReport) -> None:
        found = f"{_shown(segment['start'])} to {_shown(segment['end'])}"
        report.problem(
            "selections without a place in their text",
            f"Selection {segment['guid']} has no place in its text: it runs from {found}"
            + (f", and the text has {size:,} characters" if size is not None else "")
            + "; it is kept without positions.",
        )
        segment["start"] = segment["end"] = None

    def _resolve_sync_points(self, counting: positions.Counting) -> None:
        place: dict[str, int] = {}
        for point in self.tables["sync_points"]:
            body, value = self.texts.get(point["source_id"]), point["position"]
            if body is None or not value.isdigit() or len(value) > 15:
                continue
            probe = positions.Body(body.text, body.bom, [0], [max(int(value), 1)])
            _, ends, inside = positions.resolve(probe, positions.Counting(counting.unit, counting.crlf, counting.bom))
            if inside[0]:
                place[point["guid"]] = 0 if int(value) == 0 else int(ends[0])
                point["position"] = str(place[point["guid"]])
        for segment in self.tables["segments"]:
            if segment["kind"] == "transcript":
                bounds = dict(part.split("=", 1) for part in segment["region"].split())
                start = place.get(bounds.get("fromSyncPoint", ""))
                end = place.get(bounds.get("toSyncPoint", ""))
                if start is not None and end is not None and start < end:
                    segment["start"], segment["end"] = start, end

    def _readable_ids(self) -> dict[str, dict[str, str]]:
        """Give users, codes, cases, variables and sets ids made of their names, which survive a new export."""
        ids: dict[str, dict[str, str]] = {}
        for kind, table, key in (
            ("user", "users", "user_id"),
            ("case", "cases", "case_id"),
            ("variable", "variables", "variable_id"),
            ("set", "sets", "set_id"),
        ):
            taken: set[str] = set()
            ids[kind] = {}
            for row in self.tables[table]:
                row[key] = _unused(row["name"] if kind == "user" else _slug(row["name"]), kind, taken)
                ids[kind][row["guid"]] = row[key]
        ids["code"] = self._code_ids()
        ids["source"] = {guid: source for guid, source in self._source_of.items() if source.startswith("d")}
        ids["note"] = {guid: source for guid, source in self._source_of.items() if source.startswith("n")}
        ids["segment"] = {}
        for segment in self.tables["segments"]:
            ids["segment"].setdefault(segment["guid"], segment["segment_id"])
        return ids

    def _code_ids(self) -> dict[str, str]:
        taken: set[str] = set()
        found: dict[str, str] = {}
        for row in self.tables["codebook"]:
            above = found.get(row["parent"], "")
            row["code_id"] = _unused((above + "/" if above else "") + _slug(row["code"]), "code", taken)
            if not row["code"]:
                row["code"] = row["code_id"].rpartition("/")[2]
            found[row["guid"]] = row["code_id"]
            row["parent"] = above
        return found

    def _resolve_cases_coded(self, ids: dict[str, dict[str, str]], report: ImportReport) -> None:
        """Read codings whose code is a case as membership of that case, as NVivo means them."""
        kept = []
        for coding in self.tables["codings"]:
            if coding["code_id"] not in ids["code"] and coding["code_id"] in ids["case"]:
                segment = coding["segment_id"]
                kind, member = ("source", segment[:-4]) if segment.endswith("-all") else ("segment", segment)
                self.add("case_members", case_id=coding["code_id"], kind=kind, member=member, resolved=True)
                report.not_represented["coders of passages coded at a case (the passages are in the case)"] += 1
            else:
                kept.append(coding)
        self.tables["codings"] = kept

    def _resolve_twins(self, report: ImportReport) -> None:
        """Where a selection is given both as an area and as text, let the text carry the codings, once."""
        by_guid: dict[str, list[dict[str, Any]]] = {}
        for segment in self.tables["segments"]:
            if segment["guid"]:
                by_guid.setdefault(segment["guid"], []).append(segment)
        shared = {guid: group for guid, group in by_guid.items() if len(group) > 1}
        twin: dict[str, str] = {}
        for guid, group in shared.items():
            texts = [segment for segment in group if segment["kind"] == "text"]
            areas = [segment for segment in group if segment["kind"] != "text"]
            if len(texts) == 1 and len(areas) == 1:
                areas[0]["twin"] = texts[0]["segment_id"]
                twin[areas[0]["segment_id"]] = texts[0]["segment_id"]
            else:
                report.problem(
                    "selections that share a GUID",
                    f"{len(group)} selections share the GUID {guid}; a link to it goes to the first.",
                )
        if not twin:
            return
        seen: set[tuple[str, str, str]] = set()
        kept = []
        for coding in sorted(self.tables["codings"], key=lambda row: row["segment_id"] in twin):
            at = twin.get(coding["segment_id"], coding["segment_id"])
            key = (at, coding["code_id"], coding["coder"])
            if coding["segment_id"] in twin and key in seen:
                report.not_represented["codings given a second time, on the area of a text selection"] += 1
                continue
            seen.add(key)
            kept.append({**coding, "segment_id": at})
        self.tables["codings"] = kept

    def _resolve_references(self, ids: dict[str, dict[str, str]], report: ImportReport) -> None:
        """Put readable ids in place of GUIDs; a reference to nothing is reported and left out."""
        owners: dict[str, set[str]] = {"link": {row["guid"] for row in self.tables["links"]}}

        def keep(table: str, wanted: Any, what: str) -> None:
            rows = []
            for row in self.tables[table]:
                missing = wanted(row)
                if missing is None:
                    rows.append(row)
                else:
                    sentence = f"A {what} points to nothing, at {missing}; it is left out."
                    report.problem(f"{what}s that point to nothing", sentence)
            self.tables[table] = rows

        def coding(row: dict[str, Any]) -> str | None:
            guid = row["code_id"]
            row["code_id"] = ids["code"].get(guid, "")
            row["coder"] = ids["user"].get(row["coder"], row["coder"])
            return None if row["code_id"] else f"segment {row['segment_id']}: {unknown('code', guid)}"

        def member(row: dict[str, Any], group: str, key: str) -> str | None:
            row[key] = ids[group].get(row[key], row[key])
            if row.pop("resolved", False):
                return None
            guid = row["member"]
            row["member"] = ids[row["kind"]].get(guid, "")
            return None if row["member"] else f"'{row[key]}': {unknown(row['kind'], guid)}"

        def value(row: dict[str, Any]) -> str | None:
            if row["kind"] == "case":
                row["owner"] = ids["case"].get(row["owner"], row["owner"])
            guid = row["variable_id"]
            row["variable_id"] = ids["variable"].get(guid, "")
            return None if row["variable_id"] else f"'{row['owner']}': {unknown('variable', guid)}"

        def note(row: dict[str, Any]) -> str | None:
            if row["kind"] == "code":
                row["owner"] = ids["code"].get(row["owner"], "")
            elif row["kind"] in owners:
                row["owner"] = row["owner"] if row["owner"] in owners[row["kind"]] else ""
            guid = row["note_id"]
            row["note_id"] = ids["note"].get(guid, "")
            if row["note_id"] and (row["owner"] or row["kind"] == "project"):
                return None
            return f"'{row['owner']}': {unknown('note', guid)}"

        keep("codings", coding, "code reference")
        owners["coding"] = {row["guid"] for row in self.tables["codings"]}
        keep("case_members", lambda row: member(row, "case", "case_id"), "case member")
        keep("set_members", lambda row: member(row, "set", "set_id"), "set member")
        keep("variable_values", value, "variable value")
        keep("note_refs", note, "note reference")
        for table in ("sources", "notes", "segments"):
            for row in self.tables[table]:
                for key in ("created_by", "modified_by"):
                    row[key] = ids["user"].get(row.get(key, ""), row.get(key, ""))

    def _about(self, ids: dict[str, dict[str, str]], study: str) -> dict[str, str]:
        about = {key: value for key, value in self.about.items() if value}
        for key in ("created_by", "modified_by"):
            if key in about:
                about[key] = ids["user"].get(about[key], about[key])
        return {**about, "study": study}

    def _count(self, project: Project, report: ImportReport) -> None:
        kinds = project.sources.loc[project.sources["role"] == "source", "kind"].value_counts()
        selections = project.segments.loc[~project.segments["kind"].str.startswith("whole"), "kind"].value_counts()
        report.counts = {
            **{name: len(self.tables[table]) for table, name in _COUNTED.items() if table in ("users", "codebook")},
            **{f"{kind} sources": int(number) for kind, number in kinds.items()},
            **{f"{kind} selections": int(number) for kind, number in selections.items()},
            **{name: len(self.tables[table]) for table, name in _COUNTED.items() if table not in ("users", "codebook")},
        }


def describe_segments(project: Project, study: str) -> pd.DataFrame:
    """Fill the columns of the segments that follow from other tables.

    study, document, section, site (the cases), speaker and sector (variables of these names), words, codes, coder.
    """
    frame = project.segments.copy()
    bodies = pd.concat([project.sources, project.notes])
    title, role = (dict(zip(bodies["source_id"], bodies[column], strict=True)) for column in ("name", "role"))
    frame["study"] = study
    home = [_top(source) for source in frame["source_id"]]
    frame["document"] = [title[source] for source in home]
    frame["section"] = [
        "" if source == top else role[source] for source, top in zip(frame["source_id"], home, strict=True)
    ]
    for column, key in (("codes", "code_id"), ("coder", "coder")):
        joined = joined_by(project.codings["segment_id"], project.codings[key])
        frame[column] = frame["segment_id"].map(joined).fillna("")
    cases_of: dict[tuple[str, str], list[str]] = {}
    members = project.case_members
    for case, kind, member in zip(members["case_id"], members["kind"], members["member"], strict=True):
        cases_of.setdefault((kind, member), []).append(case)
    name = dict(zip(project.cases["case_id"], project.cases["name"], strict=True))
    cases = [
        list(dict.fromkeys(cases_of.get(("segment", segment), []) + cases_of.get(("source", source), [])))
        for segment, source in zip(frame["segment_id"], home, strict=True)
    ]
    frame["site"] = [";".join((name[case] or case).replace(";", ",") for case in group) for group in cases]
    for column in ("speaker", "sector"):
        values = _named_variable(project, column)
        owners = (
            [("source", source), *(("case", case) for case in group)] for source, group in zip(home, cases, strict=True)
        )
        frame[column] = [next((values[owner] for owner in group if owner in values), "") for group in owners]
    places = zip(frame["source_id"], frame["start"].tolist(), frame["end"].tolist(), strict=True)
    frame["words"] = pd.array(
        [
            pd.NA if start is pd.NA or source not in project.texts else len(project.texts[source][start:end].split())
            for source, start, end in places
        ],
        dtype="Int64",
    )
    return frame


def _named_variable(project: Project, name: str) -> dict[tuple[str, str], str]:
    wanted = project.variables.loc[project.variables["name"].str.casefold() == name, "variable_id"]
    rows = project.variable_values[project.variable_values["variable_id"].isin(wanted)]
    owners = zip(rows["kind"], rows["owner"], rows["value"], strict=True)
    return {(kind, owner): value for kind, owner, value in owners if value}


def _top(source: str) -> str:
    """Return the source or note that a text inside it belongs to: d0001 for d0001.1 and for d0001-0002.1."""
    return re.split(r"[.-]", source, maxsplit=1)[0]


def _slug(name: str) -> str:
    return re.sub(r"[^\w]+", "-", name.casefold()).strip("-")


def _unused(wanted: str, kind: str, taken: set[str]) -> str:
    stem = wanted.replace(";", ",") or kind
    stem = stem + kind if stem.endswith("/") else stem
    name, number = stem, 1
    while name in taken:
        number += 1
        name = f"{stem}-{number}"
    taken.add(name)
    return name


def _shown(position: int) -> str:
    return f"{position:,}" if position >= 0 else "no whole number"
