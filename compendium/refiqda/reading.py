"""Reads a REFI-QDA project or codebook into tables, one source at a time."""

from __future__ import annotations

import re
from pathlib import Path
from typing import IO, Any
from xml.etree.ElementTree import Element

from compendium.errors import CompendiumError
from compendium.evidence.codebook import guided
from compendium.refiqda import databases, positions, qualcoder, taguette
from compendium.refiqda.archive import Archive, decoded
from compendium.refiqda.attributes import Attributes
from compendium.refiqda.elements import (
    BODIES,
    COLOUR,
    DIRECTIONS,
    HOME,
    KINDS,
    SOURCES,
    VALUES,
    boolean,
    local,
    optional_guid,
    plural,
    target,
    text_of,
)
from compendium.refiqda.model import ImportReport, Project
from compendium.refiqda.stream import sections

NAMESPACE = re.compile(r"urn:QDA-XML:(?:project|codebook):\d+[.:]\d+", re.IGNORECASE)


def read_project(file: str | Path, study: str = "", wanted: str = "") -> tuple[Project, ImportReport]:
    """Read a .qdpx, .qde or .qdc file, a database of Taguette, or a project's folder of QualCoder.

    Parameters
    ----------
    study : name of the study in the tables; by default the project's own name.
    wanted : name of the project, where a database holds several.

    Returns
    -------
    The project as tables and texts, and the report of what came over.

    Raises
    ------
    CompendiumError : the file is not a REFI-QDA project, is damaged or unsafe, or gives one GUID to two things of a
        kind. Faults of single sources and selections are problems in the report instead.
    """
    path = Path(file)
    if qualcoder.is_project(path):
        return qualcoder.read(path, study)
    if databases.is_database(path):
        if path.name == qualcoder.DATABASE:
            return qualcoder.read(path.parent, study)
        return taguette.read(path, study, wanted)
    report = ImportReport(file=path.name)
    with Archive(file) as archive:
        reader = _Reader(archive, report)
        with archive.xml() as stream:
            reader.read(stream)
    project = reader.rows.project(report, study or report.name)
    project.container = path
    return project, report


class _Reader(Attributes):
    """Turns elements into rows; ``rows`` resolves them into tables once all are read."""

    def read(self, stream: IO[bytes]) -> None:
        handlers = {
            ("Users", "User"): self._user,
            ("CodeBook", "Codes"): self._codes,
            ("Codes", "Code"): self._code_tree,
            ("Variables", "Variable"): self._variable,
            ("Cases", "Case"): self._case,
            ("Notes", "Note"): self._note,
            ("Links", "Link"): self._link,
            ("Sets", "Set"): self._set,
            **{("Sources", name): self._source for name in SOURCES},
        }
        for section, element in sections(stream, self.archive.path, self._root):
            handler = handlers.get((section, local(element)))
            if handler is not None:
                handler(element)
            elif section == "Project":
                self._about(element)
            elif section == "Graphs":
                self.unread[plural(local(element))] += 1
                self.unread.update(plural(local(inner)) for inner in element)
            else:
                self._unread(element)
        if self.absolute:
            self.report.stripped.append(f"the folders of {self.absolute:,} absolute paths (file names are kept)")

    def _root(self, root: Element) -> None:
        namespace, _, name = root.tag.rpartition("}")
        namespace = namespace.lstrip("{")
        if name not in ("Project", "CodeBook") or (namespace and not NAMESPACE.fullmatch(namespace)):
            raise CompendiumError(
                "the XML is not a REFI-QDA project or codebook",
                file=self.archive.path,
                found=f"<{name}> in namespace '{namespace}'",
                expected="<Project> in 'urn:QDA-XML:project:1.0' or <CodeBook> in 'urn:QDA-XML:codebook:1.0'",
            )
        if not namespace:
            self.report.problem("no namespace", "The XML states no namespace; it was read as REFI-QDA 1.0.")
        self.report.name = root.get("name", "")
        self.report.origin = root.get("origin", "")
        if root.get("basePath"):
            what = "with a home folder" if HOME.search(root.get("basePath", "")) else "of the machine that exported"
            self.report.stripped.append(f"the base path {what}")
        self.rows.about = {
            "name": root.get("name", ""),
            "created": self._date(root.get("creationDateTime")),
            "created_by": optional_guid(root.get("creatingUserGUID")),
            "modified": self._date(root.get("modifiedDateTime")),
            "modified_by": optional_guid(root.get("modifyingUserGUID")),
        }

    def _about(self, element: Element) -> None:
        if local(element) == "Description":
            self.rows.about["description"] = text_of(element)
        else:
            self._note_ref("project", "", element)

    def _user(self, element: Element) -> None:
        self._known(element)
        self.rows.add(
            "users", guid=self._guid(element, "user"), name=element.get("name", ""), initials=element.get("id", "")
        )

    def _codes(self, element: Element) -> None:
        for child in element:
            self._code_tree(child)

    def _code_tree(self, top: Element) -> None:
        stack: list[tuple[Element, str]] = [(top, "")]
        while stack:
            element, parent = stack.pop()
            if local(element) != "Code":
                self._unread(element)
                continue
            self._known(element)
            guid = self._guid(element, "code")
            colour = element.get("color", "").strip()
            if colour and not COLOUR.fullmatch(colour):
                self.unread["colours that are not #RRGGBB"] += 1
                colour = ""
            row = self.rows.add(
                "codebook",
                guid=guid,
                code=element.get("name", ""),
                parent=parent,
                colour=colour,
                codable=boolean(element.get("isCodable", "true")),
            )
            below: list[Element] = []
            for child in element:
                name = local(child)
                if name == "Code":
                    below.append(child)
                elif name == "Description":
                    row.update(guided(text_of(child)))
                elif name == "NoteRef":
                    self._note_ref("code", guid, child)
                else:
                    self._unread(child)
            stack.extend((child, guid) for child in reversed(below))

    def _variable(self, element: Element) -> None:
        self._known(element)
        row = self.rows.add(
            "variables",
            guid=self._guid(element, "variable"),
            name=element.get("name", ""),
            type=self._one_of(VALUES, element, "typeOfVariable", "Text"),
        )
        for child in element:
            if local(child) == "Description":
                row["description"] = text_of(child)
            else:
                self._unread(child)

    def _case(self, element: Element) -> None:
        self._known(element)
        guid = self._guid(element, "case")
        row = self.rows.add("cases", guid=guid, name=element.get("name", ""))
        members = {"CodeRef": "code", "SourceRef": "source", "SelectionRef": "segment"}
        for child in element:
            name = local(child)
            if name == "Description":
                row["description"] = text_of(child)
            elif name in members:
                self.rows.add("case_members", case_id=guid, kind=members[name], member=target(child))
            elif name == "VariableValue":
                self._variable_value("case", guid, child)
            else:
                self._unread(child)

    def _set(self, element: Element) -> None:
        self._known(element)
        guid = self._guid(element, "set")
        row = self.rows.add("sets", guid=guid, name=element.get("name", ""))
        members = {"MemberCode": "code", "MemberSource": "source", "MemberNote": "note"}
        for child in element:
            name = local(child)
            if name == "Description":
                row["description"] = text_of(child)
            elif name in members:
                self.rows.add("set_members", set_id=guid, kind=members[name], member=target(child))
            else:
                self._unread(child)

    def _link(self, element: Element) -> None:
        self._known(element)
        guid = self._guid(element, "link")
        colour = element.get("color", "")
        self.rows.add(
            "links",
            guid=guid,
            name=element.get("name", ""),
            direction=self._one_of(DIRECTIONS, element, "direction", ""),
            colour=colour if COLOUR.fullmatch(colour) else "",
            origin=optional_guid(element.get("originGUID")),
            target=optional_guid(element.get("targetGUID")),
        )
        for child in element:
            if local(child) == "NoteRef":
                self._note_ref("link", guid, child)
            else:
                self._unread(child)

    def _source(self, element: Element) -> None:
        self._body("sources", element, SOURCES[local(element)], "source", "")

    def _note(self, element: Element) -> None:
        self._body("notes", element, "note", "note", "")

    def _body(self, table: str, element: Element, kind: str, role: str, parent: str) -> None:
        """Read a source, a note or a text that stands for part of one, with everything inside it."""
        self._known(element)
        source_id = self.rows.source_id(table, parent)
        guid = self._guid(element, kind if role in ("source", "note") else "")
        row = self.rows.add(
            table,
            source_id=source_id,
            guid=guid,
            name=element.get("name", "") or self._file_name(element, role),
            kind=kind,
            role=role,
            parent=parent,
            path=self._path(element.get("path") or element.get("plainTextPath")),
            rich_text_path=self._path(element.get("richTextPath")),
            current_path=self._path(element.get("currentPath")),
            inline="",
            text_file="",
            **self._audit(element),
        )
        self._attachments(row, element, kind in ("text", "note") or role != "source")
        holds_text = kind in ("text", "note") or role != "source"
        if role in ("source", "note"):
            self.rows.locate(guid, source_id)
        body = positions.Body("")
        for child in element:
            name = local(child)
            if name == "Description":
                row["description"] = text_of(child)
            elif name == "PlainTextContent":
                row["inline"] = "true"
                body.text = text_of(child)
            elif name in BODIES:
                self._body("sources", child, "text", BODIES[name], source_id)
            elif name in KINDS:
                self._selection(child, source_id)
            elif name == "Coding":
                self._coding(child, self.rows.whole(source_id, kind))
            elif name == "NoteRef":
                self._note_ref("source", source_id, child)
            elif name == "VariableValue":
                self._variable_value("source", source_id, child)
            elif name == "SyncPoint":
                self._sync_point(child, source_id)
            else:
                self._unread(child)
        if holds_text:
            self._attach_text(row, element.get("plainTextPath"), body)

    def _attach_text(self, row: dict[str, Any], path: str | None, body: positions.Body) -> None:
        """Find the plain text of a source; without one its selections keep their positions and have no quotation."""
        if row["inline"]:
            self.rows.text(row, body)
            return
        if not path:
            return
        content = self.archive.text(path)
        label = f"'{row['name'] or row['source_id']}'"
        if content is None:
            self.report.problem(
                "source texts that are missing",
                f"The text of source {label} is not in the file: its selections keep their positions without words.",
            )
            return
        try:
            text, bom = decoded(content)
        except UnicodeDecodeError as error:
            self.report.problem(
                "source texts that are not UTF-8",
                f"The text of source {label} is not UTF-8 (byte {content[error.start]:#04x} at {error.start}): its "
                " selections keep their positions without words.",
            )
            return
        self.rows.text(row, positions.Body(text, bom))

    def _selection(self, element: Element, source_id: str) -> None:
        self._known(element)
        name = local(element)
        guid = self._guid(element, "")
        row = self.rows.segment(
            source_id,
            guid=guid,
            kind=KINDS[name],
            label=element.get("name", ""),
            region=self._region(element),
            **self._audit(element),
        )
        if name == "PlainTextSelection":
            row["start"] = self._position(element, "startPosition")
            row["end"] = self._position(element, "endPosition")
        for child in element:
            tag = local(child)
            if tag == "Description":
                row["summary"] = text_of(child)
            elif tag == "Coding":
                self._coding(child, row)
            elif tag == "NoteRef":
                self._note_ref("segment", row["segment_id"], child)
            elif tag in BODIES:
                self._body("sources", child, "text", BODIES[tag], row["segment_id"])
            else:
                self._unread(child)

    def _coding(self, element: Element, segment: dict[str, Any]) -> None:
        self._known(element)
        guid = self._guid(element, "")
        for child in element:
            tag = local(child)
            if tag == "CodeRef":
                self.rows.add(
                    "codings",
                    segment_id=segment["segment_id"],
                    code_id=target(child),
                    coder=optional_guid(element.get("creatingUser")),
                    created=self._date(element.get("creationDateTime")),
                    guid=guid,
                )
            elif tag == "NoteRef":
                self._note_ref("coding", guid, child)
            else:
                self._unread(child)

    def _sync_point(self, element: Element, source_id: str) -> None:
        self._known(element)
        self.rows.add(
            "sync_points",
            source_id=source_id,
            guid=self._guid(element, ""),
            milliseconds=self._whole(element, "timeStamp"),
            position=self._whole(element, "position"),
        )

    def _variable_value(self, kind: str, owner: str, element: Element) -> None:
        row = self.rows.add("variable_values", kind=kind, owner=owner, variable_id="", type="", value="")
        for child in element:
            tag = local(child)
            if tag == "VariableRef":
                row["variable_id"] = target(child)
            elif tag.endswith("Value"):
                row["type"], row["value"] = tag.removesuffix("Value"), text_of(child)
                if row["type"] not in VALUES or not VALUES[row["type"]].fullmatch(row["value"]):
                    self.unread["types of values that do not fit their type (kept as text)"] += 1
                    row["type"] = "Text"
            else:
                self._unread(child)

    def _note_ref(self, kind: str, owner: str, element: Element) -> None:
        self.rows.add("note_refs", kind=kind, owner=owner, note_id=target(element))
