"""Taguette's projects: documents, highlights and tags from its SQLite database.

Taguette counts bytes of UTF-8 in the text of a document without its HTML, and keeps the words of each highlight,
against which every position is checked.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from html.parser import HTMLParser
from pathlib import Path

from compendium.errors import CompendiumError
from compendium.evidence.codebook import guided
from compendium.refiqda import positions
from compendium.refiqda.databases import Database, date, opened
from compendium.refiqda.model import ImportReport, Project, canonical_guid
from compendium.refiqda.tables import Rows

ORIGIN = "Taguette"
_BLOCKS = frozenset(
    [
        *("address", "article", "aside", "blockquote", "br", "dd", "div", "dl", "dt", "figcaption", "figure", "footer"),
        *("h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section"),
        *("table", "td", "th", "tr", "ul"),
    ]
)
_HIDDEN = frozenset(("script", "style", "title"))


class Text(HTMLParser):
    """The text of a document: code points, with a line end after each block, and where Taguette's bytes lie in it."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.size = self.bytes = 0
        self.marks: list[tuple[int, int, str]] = []  # Taguette's byte, our code point, the words from there
        self._hidden = 0
        self.feed(markup.replace("\r\n", "\n").replace("\r", "\n"))
        self.close()
        self.text = "".join(self.parts)
        self._begins = [mark[0] for mark in self.marks]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in _HIDDEN
        if tag in _BLOCKS:
            self._end_line()

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in _HIDDEN and self._hidden > 0
        if tag in _BLOCKS:
            self._end_line()

    def handle_data(self, data: str) -> None:
        if self._hidden:
            return
        if not self.bytes:  # blanks before the first words do not count
            data = data.lstrip(" \t\n\f")
        if data:
            self.marks.append((self.bytes, self.size, data))
            self.parts.append(data)
            self.size += len(data)
            self.bytes += len(data.encode("utf-8", "surrogatepass"))

    def _end_line(self) -> None:
        if self.parts and not self.parts[-1].endswith("\n"):
            self.parts.append("\n")
            self.size += 1

    def place(self, offset: int, *, end: bool = False) -> int:
        """Return the code point at which a byte of Taguette's text begins; as an end, after the byte before it."""
        if not self.marks or not 0 <= offset <= self.bytes:
            return -1
        index = max(bisect_right(self._begins, offset - end) - 1, 0)
        begin, place, words = self.marks[index]
        inside = words.encode("utf-8", "surrogatepass")[: offset - begin]
        return place + len(inside.decode("utf-8", "ignore"))


def read(path: Path, study: str = "", wanted: str = "") -> tuple[Project, ImportReport]:
    """Read one project of a database.

    Parameters
    ----------
    wanted : its name or number, where the database holds several.

    Raises
    ------
    CompendiumError : the database is not Taguette's, or none or several of its projects are meant.
    """
    report = ImportReport(file=path.name, origin=ORIGIN)
    with opened(path) as database:
        if not {"projects", "documents", "highlights", "tags", "highlight_tags"} <= database.tables:
            raise CompendiumError("the database is not one of Taguette", file=path, found=sorted(database.tables))
        projects = database.rows("projects", "id")
        chosen = [one for one in projects if wanted in ("", str(one["id"]), one["name"])]
        if len(chosen) != 1:
            raise CompendiumError(
                "say which project of the database is meant", file=path, found=wanted or None,
                expected=[f"--project '{one['name']}'" for one in projects],
            )  # fmt: skip
        project = chosen[0]
        rows = Rows(path)
        rows.counting = positions.Counting()
        report.name = str(project["name"])
        _read(database, project["id"], f"taguette {project['name']} {project['created']}", rows, report)
        rows.about = {"name": report.name, "description": project["description"], "created": date(project["created"])}
    return rows.project(report, study or report.name), report


def _read(database: Database, number: int, stem: str, rows: Rows, report: ImportReport) -> None:
    tags = {row["id"]: row for row in database.rows("tags", "path") if row["project_id"] == number}
    by_path = {row["path"]: tag for tag, row in tags.items()}
    for tag, row in tags.items():  # health.pain stands below health where there is such a tag
        above, _, last = row["path"].rpartition(".")
        nested = above in by_path and bool(last)
        rows.add(
            "codebook", guid=canonical_guid(f"{stem} tag {tag}"), code=last if nested else row["path"],
            parent=canonical_guid(f"{stem} tag {by_path[above]}") if nested else "", colour="", codable="true",
            **guided(row["description"]),
        )  # fmt: skip
    who = _authors(database, number)
    for user in sorted({user for user in who.values() if user}):
        rows.add("users", guid=canonical_guid(f"{stem} user {user}"), name=user, initials="")
    given: dict[int, list[int]] = {}
    for row in database.rows("highlight_tags"):
        given.setdefault(row["highlight_id"], []).append(row["tag_id"])
    highlights: dict[int, list[dict]] = {}
    for row in database.rows("highlights", "start_offset, end_offset, id"):
        highlights.setdefault(row["document_id"], []).append(row)
    for document in database.rows("documents", "id"):
        if document["project_id"] != number:
            continue
        text = Text(document["contents"])
        source = rows.source_id("sources", "")
        guid = canonical_guid(f"{stem} document {document['id']}")
        row = rows.add(
            "sources", source_id=source, guid=guid, name=document["name"], kind="text", role="source", parent="",
            description=document["description"], path="", rich_text_path="", current_path="", inline="", text_file="",
            created=date(document["created"]), created_by="", modified="", modified_by="",
        )  # fmt: skip
        rows.locate(guid, source)
        rows.text(row, positions.Body(text.text))
        for one in highlights.get(document["id"], []):
            start, end = text.place(one["start_offset"]), text.place(one["end_offset"], end=True)
            if "".join(text.text[start:end].split()) != "".join(Text(one["snippet"]).text.split()):
                report.problem(
                    "highlights whose words differ",
                    f"Highlight {one['id']} of '{document['name']}' does not hold the words that Taguette kept of it.",
                )
            coder = who.get(one["id"], "")
            segment = rows.segment(
                source, guid=canonical_guid(f"{stem} highlight {one['id']}"), kind="text", label="", region="",
                start=start, end=end, created="", created_by="", modified="", modified_by="",
            )  # fmt: skip
            for tag in given.get(one["id"], []):
                rows.add(
                    "codings", segment_id=segment["segment_id"], code_id=canonical_guid(f"{stem} tag {tag}"),
                    coder=canonical_guid(f"{stem} user {coder}") if coder else "", created="",
                    guid=canonical_guid(f"{stem} highlight {one['id']} tag {tag}"),
                )  # fmt: skip


def _authors(database: Database, number: int) -> dict[int, str]:
    """Return who made each highlight, or changed it last, by the project's history."""
    found: dict[int, str] = {}
    for row in database.rows("commands", "id"):
        told = json.loads(row["payload"]) if row["project_id"] == number and row["payload"] else {}
        if isinstance(told, dict) and told.get("type") == "highlight_add":
            found[int(told.get("highlight_id") or 0)] = str(row["user_login"])
    return found
