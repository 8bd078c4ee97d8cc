"""Writes projects and codebooks that are valid against the REFI-QDA 1.0 schema."""

from __future__ import annotations

import io
import re
import zipfile
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.sax.saxutils import escape, quoteattr

import pandas as pd

from compendium.errors import CompendiumError
from compendium.evidence.codebook import description, ordered, paths
from compendium.evidence.tablefiles import harmless
from compendium.project import write_bytes
from compendium.refiqda import attachments
from compendium.refiqda.elements import BODIES, KINDS, SOURCES
from compendium.refiqda.model import Project, canonical_guid, is_guid

PROJECT = "urn:QDA-XML:project:1.0"
CODEBOOK = "urn:QDA-XML:codebook:1.0"
ORIGIN = "mixed-methods-compendium"

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ELEMENTS = {kind: name for name, kind in SOURCES.items()}
_BODIES = {role: name for name, role in BODIES.items()}
_SELECTIONS = {kind: name for name, kind in KINDS.items()}
_MEMBERS = {
    "case": {"code": "CodeRef", "source": "SourceRef", "segment": "SelectionRef"},
    "set": {"code": "MemberCode", "source": "MemberSource", "note": "MemberNote"},
}


def project_bytes(project: Project, units: str = "code points") -> bytes:
    """Return a project as a .qdpx archive; the same project gives the same bytes.

    Parameters
    ----------
    units : what positions count, "code points" or "UTF-16 code units".

    Raises
    ------
    CompendiumError : a name or text holds a character that XML cannot.
    """
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        _put(archive, "project.qde", _Writer(project, units).project())
        for row in [*_records(project.sources), *_records(project.notes)]:
            if row["text_file"] and not row["inline"]:
                _put(archive, f"sources/{row['path'].rpartition('/')[2]}", project.texts[row["source_id"]])
        for row in _records(project.attachments):
            with archive.open(_entry(_member_name(row["reference"])), "w", force_zip64=True) as handle:
                for piece in attachments.pieces(project.container, row):
                    handle.write(piece)
    return content.getvalue()


def codebook_xml(codebook: pd.DataFrame, sets: Mapping[str, Iterable[str]] | None = None) -> str:
    """Return a codebook as a .qdc document.

    Parameters
    ----------
    sets : codes (code_id) of each set by the set's name.

    Raises
    ------
    CompendiumError : the codebook is empty, or a name holds a character that XML cannot.
    """
    if codebook.empty:
        raise CompendiumError("a codebook file needs at least one code")
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', _open("CodeBook", {"xmlns": CODEBOOK, "origin": ORIGIN})]
    lines += ["<Codes>", *_codes(codebook, {}), "</Codes>"]
    guid = code_guids(codebook)
    if sets:
        lines.append("<Sets>")
        for name, members in sets.items():
            lines.append(_open("Set", {"guid": canonical_guid(f"set {name}"), "name": name}))
            lines += [_empty("MemberCode", {"guid": guid[member]}) for member in members]
            lines.append("</Set>")
        lines.append("</Sets>")
    lines.append("</CodeBook>\n")
    return "\n".join(lines)


def codebook_csv(codebook: pd.DataFrame) -> str:
    """Return a codebook as the CSV that Taguette imports: ``path`` (names joined with dots) and ``description``."""
    frame = ordered(codebook)
    path = paths(codebook, separator=".")
    described = [description(row) for row in _records(frame)]
    table = pd.DataFrame({"path": frame["code_id"].map(path), "description": described})
    return harmless(table).to_csv(index=False, lineterminator="\n")


def code_guids(codebook: pd.DataFrame) -> dict[str, str]:
    """Return each code's GUID by code_id: its own where it has one, else one made from its id."""
    own = codebook["guid"] if "guid" in codebook.columns else pd.Series("", index=codebook.index)
    return {
        code: canonical_guid(guid) if is_guid(guid) else canonical_guid(f"code {code}")
        for code, guid in zip(codebook["code_id"], own, strict=True)
    }


def write_project(project: Project, file: str | Path, units: str = "code points") -> Path:
    """Write a .qdpx archive, atomically; ``units`` as in `project_bytes`."""
    return write_bytes(file, project_bytes(project, units))


class _Writer:
    """Writes the elements of a project in the order the schema asks for."""

    def __init__(self, project: Project, units: str = "code points") -> None:
        self.units = units
        self.counted: dict[str, Callable[[int], int]] = {}
        self.tables = {name: _records(frame) for name, frame in project.tables.items()}
        self.attached = {row["source_id"] for row in self.tables["attachments"]}
        self.codebook, self.about = project.codebook, project.about
        self.texts = project.texts
        self.users = {row["user_id"]: row["guid"] for row in self.tables["users"]}
        self.guids = {
            "code": code_guids(project.codebook),
            "segment": {row["segment_id"]: row["guid"] for row in self.tables["segments"]},
            "case": {row["case_id"]: row["guid"] for row in self.tables["cases"]},
            "variable": {row["variable_id"]: row["guid"] for row in self.tables["variables"]},
            "source": {row["source_id"]: row["guid"] for row in self.tables["sources"]},
            "note": {row["source_id"]: row["guid"] for row in self.tables["notes"]},
        }
        self.notes_of = _grouped(self.tables["note_refs"], "kind", "owner")
        self.codings_of = _grouped(self.tables["codings"], "segment_id")
        self.segments_of = _grouped(self.tables["segments"], "source_id")
        self.bodies_of = _grouped(self.tables["sources"], "parent")
        self.values_of = _grouped(self.tables["variable_values"], "kind", "owner")
        self.sync_points_of = _grouped(self.tables["sync_points"], "source_id")

    def project(self) -> str:
        about = self.about
        attributes = {
            "xmlns": PROJECT,
            "name": about.get("name") or about.get("study") or "project",
            "origin": ORIGIN if self.units == "code points" else f"{ORIGIN} ({self.units})",
            "creatingUserGUID": self._user(about.get("created_by", "")),
            "creationDateTime": about.get("created", ""),
            "modifyingUserGUID": self._user(about.get("modified_by", "")),
            "modifiedDateTime": about.get("modified", ""),
        }
        notes = {code: self._note_refs("code", code) for code in self.guids["code"]}
        lines = ['<?xml version="1.0" encoding="UTF-8"?>', _open("Project", attributes)]
        lines += _section(
            "Users",
            [_empty("User", _picked(row, guid="guid", name="name", id="initials")) for row in self.tables["users"]],
        )
        lines += _section("CodeBook", _section("Codes", _codes(self.codebook, notes)))
        lines += _section("Variables", [line for row in self.tables["variables"] for line in self._variable(row)])
        lines += _section("Cases", [line for row in self.tables["cases"] for line in self._case(row)])
        sources = [row for row in self.tables["sources"] if row["role"] == "source"]
        lines += _section("Sources", [line for row in sources for line in self._body(row, _ELEMENTS[row["kind"]])])
        lines += _section("Notes", [line for row in self.tables["notes"] for line in self._body(row, "Note")])
        lines += _section("Links", [line for row in self.tables["links"] for line in self._link(row)])
        lines += _section("Sets", [line for row in self.tables["sets"] for line in self._set(row)])
        lines += _description(about.get("description", ""))
        lines += self._note_refs("project", "")
        lines.append("</Project>\n")
        return "\n".join(lines)

    def _user(self, user: str) -> str:
        """Return a user's GUID; a user the project does not list is kept as the GUID it is."""
        return self.users.get(user) or (canonical_guid(user) if user else "")

    def _note_refs(self, kind: str, owner: str) -> list[str]:
        rows = self.notes_of.get((kind, owner), [])
        return [_empty("NoteRef", {"targetGUID": self.guids["note"][row["note_id"]]}) for row in rows]

    def _variable(self, row: dict[str, Any]) -> list[str]:
        return _element(
            "Variable",
            {**_picked(row, guid="guid", name="name"), "typeOfVariable": row["type"]},
            _description(row["description"]),
        )

    def _case(self, row: dict[str, Any]) -> list[str]:
        members = [member for member in self.tables["case_members"] if member["case_id"] == row["case_id"]]

        def refs(kind: str) -> list[str]:
            return self._members("case", kind, members)

        inside = _description(row["description"]) + refs("code") + self._variable_values("case", row["case_id"])
        return _element("Case", _picked(row, guid="guid", name="name"), inside + refs("source") + refs("segment"))

    def _set(self, row: dict[str, Any]) -> list[str]:
        members = [member for member in self.tables["set_members"] if member["set_id"] == row["set_id"]]
        inside = _description(row["description"])
        for kind in _MEMBERS["set"]:
            inside += self._members("set", kind, members)
        return _element("Set", {"guid": row["guid"], "name": row["name"]}, inside)

    def _members(self, group: str, kind: str, members: list[dict[str, Any]]) -> list[str]:
        rows = [row for row in members if row["kind"] == kind]
        return [_empty(_MEMBERS[group][kind], {"targetGUID": self._member_guid(kind, row["member"])}) for row in rows]

    def _member_guid(self, kind: str, member: str) -> str:
        return self.guids[kind].get(member) or self.guids["note"][member]

    def _variable_values(self, kind: str, owner: str) -> list[str]:
        lines = []
        for row in self.values_of.get((kind, owner), []):
            lines += [
                "<VariableValue>",
                _empty("VariableRef", {"targetGUID": self.guids["variable"][row["variable_id"]]}),
            ]
            if row["type"]:
                lines.append(_leaf(f"{row['type']}Value", row["value"]))
            lines.append("</VariableValue>")
        return lines

    def _link(self, row: dict[str, Any]) -> list[str]:
        attributes = {
            **_picked(row, guid="guid", name="name"),
            **_picked(row, direction="direction", color="colour", originGUID="origin", targetGUID="target"),
        }
        return _element("Link", attributes, self._note_refs("link", row["guid"]))

    def _body(self, row: dict[str, Any], tag: str) -> list[str]:
        """Write a source, a note, or a text that stands for part of a source."""
        source = row["source_id"]
        attributes = _picked(row, guid="guid", name="name")
        is_text = tag in ("TextSource", "Note", *_BODIES.values())
        if is_text:
            attributes["richTextPath"] = row["rich_text_path"] if source in self.attached else ""
            attributes["plainTextPath"] = row["path"]
        else:
            attributes |= {"path": row["path"], "currentPath": row["current_path"]}
        segments = self.segments_of.get((source,), [])
        inside = _description(row["description"])
        if is_text and row["inline"]:
            inside.append(_leaf("PlainTextContent", self.texts.get(source, "")))
        for name in ("TextDescription", "Transcript"):
            inside += self._bodies(source, name)
        inside += [_empty("SyncPoint", self._sync_point(point)) for point in self.sync_points_of.get((source,), [])]
        for segment in segments:
            if not segment["kind"].startswith("whole"):
                inside += self._selection(segment)
        inside += self._bodies(source, "Representation")
        for segment in segments:
            if segment["kind"].startswith("whole"):
                inside += self._codings(segment["segment_id"])
        inside += self._note_refs("source", source) + self._variable_values("source", source)
        return _element(tag, {**attributes, **self._audit(row)}, inside)

    def _bodies(self, parent: str, tag: str) -> list[str]:
        rows = [row for row in self.bodies_of.get((parent,), []) if _BODIES.get(row["role"]) == tag]
        return [line for row in rows for line in self._body(row, tag)]

    def _selection(self, row: dict[str, Any]) -> list[str]:
        attributes = {**_picked(row, guid="guid", name="label"), **self._audit(row)}
        tag = _SELECTIONS[row["kind"]]
        if tag == "PlainTextSelection":
            placed = row["start"] is not None
            count = self._count(row["source_id"])
            attributes["startPosition"] = str(count(row["start"])) if placed else "-1"
            attributes["endPosition"] = str(count(row["end"])) if placed else "-1"
        else:
            attributes |= dict(part.split("=", 1) for part in row["region"].split())
        inside = _description(row["summary"]) + self._bodies(row["segment_id"], "Representation")
        inside += self._codings(row["segment_id"]) + self._note_refs("segment", row["segment_id"])
        return _element(tag, attributes, inside)

    def _codings(self, segment: str) -> list[str]:
        lines = []
        for row in self.codings_of.get((segment,), []):
            attributes = {
                "guid": row["guid"],
                "creatingUser": self._user(row["coder"]),
                "creationDateTime": row["created"],
            }
            code = _empty("CodeRef", {"targetGUID": self.guids["code"][row["code_id"]]})
            lines += _element("Coding", attributes, [code, *self._note_refs("coding", row["guid"])])
        return lines

    def _sync_point(self, row: dict[str, Any]) -> dict[str, str]:
        point = _picked(row, guid="guid", timeStamp="milliseconds", position="position")
        place = point["position"]
        return {**point, "position": str(self._count(row["source_id"])(int(place)))} if place.isdigit() else point

    def _count(self, source: str) -> Callable[[int], int]:
        """Return what turns a position of ours into one of the units asked for."""
        if self.units == "code points" or source not in self.texts:
            return lambda place: place
        if source not in self.counted:
            wide = [place for place, character in enumerate(self.texts[source]) if character > "\uffff"]
            self.counted[source] = lambda place: place + bisect_left(wide, place)
        return self.counted[source]

    def _audit(self, row: dict[str, Any]) -> dict[str, str]:
        return {
            "creatingUser": self._user(row["created_by"]),
            "creationDateTime": row["created"],
            "modifyingUser": self._user(row["modified_by"]),
            "modifiedDateTime": row["modified"],
        }


def _codes(codebook: pd.DataFrame, notes: Mapping[str, list[str]]) -> list[str]:
    guid, lines, open_levels = code_guids(codebook), [], 0
    for row in _records(ordered(codebook)):
        lines += ["</Code>"] * (open_levels - row["level"] + 1)
        open_levels = row["level"]
        attributes = {
            "guid": guid[row["code_id"]],
            "name": row["code"],
            "isCodable": row.get("codable") or "true",
            "color": row["colour"],
        }
        lines.append(_open("Code", attributes))
        lines += _description(description(row)) + notes.get(row["code_id"], [])
    return lines + ["</Code>"] * open_levels


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    columns = [str(column) for column in frame.columns]
    values = [[None if value is pd.NA else value for value in frame[column].tolist()] for column in columns]
    return [dict(zip(columns, row, strict=True)) for row in zip(*values, strict=True)]


def _grouped(rows: list[dict[str, Any]], *keys: str) -> dict[tuple, list[dict[str, Any]]]:
    groups: dict[tuple, list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(tuple(row[key] for key in keys), []).append(row)
    return groups


def _picked(row: Mapping[str, Any], **columns: str) -> dict[str, str]:
    return {attribute: row[column] for attribute, column in columns.items()}


def _section(name: str, lines: list[str]) -> list[str]:
    return [f"<{name}>", *lines, f"</{name}>"] if lines else []


def _element(tag: str, attributes: Mapping[str, str], inside: list[str]) -> list[str]:
    return [_open(tag, attributes), *inside, f"</{tag}>"] if inside else [_empty(tag, attributes)]


def _open(tag: str, attributes: Mapping[str, str]) -> str:
    needed = ("name",) if tag in ("Project", "Code", "Variable", "Set") else ()
    pairs = [f" {key}={quoteattr(_legal(value))}" for key, value in attributes.items() if value or key in needed]
    return f"<{tag}{''.join(pairs)}>"


def _empty(tag: str, attributes: Mapping[str, str]) -> str:
    return _open(tag, attributes)[:-1] + "/>"


def _leaf(tag: str, text: str) -> str:
    return f"<{tag}>{escape(_legal(text), {chr(13): '&#13;'})}</{tag}>"


def _description(text: str) -> list[str]:
    return [_leaf("Description", text)] if text else []


def _legal(text: str) -> str:
    match = _ILLEGAL.search(text)
    if match:
        raise CompendiumError("XML cannot hold this character", found=f"U+{ord(match.group()):04X} in '{text[:40]!r}'")
    return text


def _put(archive: zipfile.ZipFile, name: str, text: str) -> None:
    archive.writestr(_entry(name), text.encode("utf-8"))


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
    return entry


def _member_name(reference: str) -> str:
    return f"sources/{unquote(reference).rpartition('://')[2].replace(chr(92), '/').rpartition('/')[2]}"
