"""QualCoder's projects: a folder NAME.qda with the SQLite database data.qda and the files that were coded."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from compendium.errors import CompendiumError
from compendium.evidence.codebook import guided
from compendium.refiqda import positions
from compendium.refiqda.databases import Database, date, opened
from compendium.refiqda.elements import COLOUR
from compendium.refiqda.model import ImportReport, Project, canonical_guid
from compendium.refiqda.tables import Rows

ORIGIN, DATABASE = "QualCoder", "data.qda"
_MEDIA = {"/images/": "picture", "images:": "picture", "/audio/": "audio", "audio:": "audio", "/video/": "video",
          "video:": "video"}  # fmt: skip


def is_project(path: Path) -> bool:
    """Return whether a folder is a project of QualCoder."""
    return path.is_dir() and (path / DATABASE).is_file()


def read(path: Path, study: str = "") -> tuple[Project, ImportReport]:
    """Read a project's folder.

    Raises
    ------
    CompendiumError : its database is damaged or lacks the tables of a project.
    """
    report = ImportReport(file=path.name, origin=ORIGIN, name=path.stem)
    with opened(path / DATABASE) as database:
        if lacking := {"project", "source", "code_name", "code_text"} - database.tables:
            raise CompendiumError("the database is not one of QualCoder", file=path, found=f"no table {min(lacking)}")
        reader = _Reader(database, path.stem, report)
        reader.read()
    return reader.rows.project(report, study or path.stem), report


class _Reader:
    """Turns the rows of the database into rows of ours."""

    def __init__(self, database: Database, name: str, report: ImportReport) -> None:
        self.database, self.report = database, report
        self.rows = Rows(database.path)
        self.rows.counting = positions.Counting()
        about = (database.rows("project") or [{}])[0]
        self.stem = f"qualcoder {name} {about.get('date', '')}"
        self.rows.about = {"name": name, "description": about.get("memo", ""), "created": date(about.get("date", ""))}
        self.source: dict[int, str] = {}
        self.length: dict[int, int] = {}
        self.media: dict[int, str] = {}
        self.users: dict[str, str] = {}

    def guid(self, kind: str, number: Any) -> str:
        return canonical_guid(f"{self.stem} {kind} {number}")

    def user(self, name: str) -> str:
        if name and name not in self.users:
            self.users[name] = self.guid("user", name)
            self.rows.add("users", guid=self.users[name], name=name, initials="")
        return self.users.get(name, "")

    def read(self) -> None:
        self._codes()
        self._sources()
        self._selections()
        self._cases()
        self._attributes()
        for row in self.database.rows("journal", "jid"):
            self._note("journal", row["jid"], row["name"], row["jentry"], row, "project", "")
        for table, what in (("graph", "graphs"), ("stored_sql", "stored queries")):
            if number := len(self.database.rows(table)):
                self.report.not_represented[what] += number

    def _codes(self) -> None:
        categories, codes = self.database.rows("code_cat", "catid"), self.database.rows("code_name", "cid")
        known = {row["catid"] for row in categories}
        waiting = [("cat", row["catid"], ("cat", row["supercatid"]) if row["supercatid"] in known else None, row)
                   for row in categories]  # fmt: skip
        held = {row["cid"] for row in codes}
        for row in codes:
            above = ("code", row["supercid"]) if row.get("supercid") in held else None
            waiting.append(
                ("code", row["cid"], above or (("cat", row["catid"]) if row["catid"] in known else None), row)
            )
        done: set[tuple[str, int]] = set()
        while waiting:
            ready = [item for item in waiting if item[2] is None or item[2] in done]
            if not ready:
                raise CompendiumError("a category stands below itself", file=self.database.path)
            for kind, number, above, row in ready:
                colour = str(row.get("color", ""))
                self.rows.add(
                    "codebook", guid=self.guid(kind, number), code=row["name"],
                    parent=self.guid(*above) if above else "", colour=colour if COLOUR.fullmatch(colour) else "",
                    codable="false" if kind == "cat" else "true", **guided(row["memo"]),
                )  # fmt: skip
                done.add((kind, number))
            waiting = [item for item in waiting if (item[0], item[1]) not in done]

    def _sources(self) -> None:
        for row in self.database.rows("source", "id"):
            media = str(row["mediapath"])
            kind = next((kind for begin, kind in _MEDIA.items() if media.startswith(begin)), "text")
            source = self.source[row["id"]] = self.rows.source_id("sources", "")
            file = media.replace("\\", "/").rpartition("/")[2].rpartition(":")[2]
            entry = self.rows.add(
                "sources", source_id=source, guid=self.guid("source", row["id"]), name=row["name"], kind=kind,
                role="source", parent="", description=row["memo"], path=f"internal://{file}" if file else "",
                rich_text_path="", current_path="", inline="", text_file="", **self._audit(row),
            )  # fmt: skip
            self.rows.locate(entry["guid"], source)
            self.media[row["id"]] = kind
            if kind == "text":
                self.rows.text(entry, positions.Body(row["fulltext"]))
                self.length[row["id"]] = len(row["fulltext"])

    def _selections(self) -> None:
        made: dict[tuple, dict[str, Any]] = {}
        texts = {row["id"]: row["fulltext"] for row in self.database.rows("source")}
        for row in self.database.rows("code_text", "fid, pos0, pos1, cid"):
            if row["fid"] not in self.source:
                continue
            if texts[row["fid"]][row["pos0"] : row["pos1"]] != row["seltext"]:
                self.report.problem(
                    "codings whose words differ",
                    f"Coding {row.get('ctid', '')} does not hold the words that QualCoder kept of it.",
                )
            self._coded("text", row["fid"], (row["pos0"], row["pos1"]), row, row.get("ctid", ""), made)
        for row in self.database.rows("code_image", "id, imid"):
            area = f"firstX={_whole(row['x1'])} firstY={_whole(row['y1'])} secondX="
            area += f"{_whole(row['x1']) + _whole(row['width'])} secondY={_whole(row['y1']) + _whole(row['height'])}"
            self._coded("picture area", row["id"], area, row, f"image {row['imid']}", made)
        for row in self.database.rows("code_av", "id, pos0, avid"):
            span = f"begin={_whole(row['pos0'])} end={_whole(row['pos1'])}"
            self._coded(self.media.get(row["id"], "audio"), row["id"], span, row, f"av {row['avid']}", made)
        for row in self.database.rows("annotation", "fid, pos0, anid"):
            if row["fid"] in self.source:
                segment = self._segment("text", row["fid"], (row["pos0"], row["pos1"]), row, made)
                self._note("annotation", row["anid"], "", row["memo"], row, "segment", segment["segment_id"])

    def _segment(self, kind: str, file: int, place: Any, row: Mapping[str, Any], made: dict) -> dict[str, Any]:
        key = (kind, file, place)
        if key not in made:
            where = {"start": place[0], "end": place[1], "region": ""} if kind == "text" else {"region": place}
            made[key] = self.rows.segment(
                self.source[file], guid=self.guid(kind, f"{file} {place}"), kind=kind, label="", **where,
                **self._audit(row),
            )  # fmt: skip
        return made[key]

    def _coded(self, kind: str, file: int, place: Any, row: Mapping[str, Any], number: Any, made: dict) -> None:
        if file not in self.source:
            return
        segment = self._segment(kind, file, place, row, made)
        guid = self.guid("coding", number)
        self.rows.add(
            "codings", segment_id=segment["segment_id"], code_id=self.guid("code", row["cid"]),
            coder=self.user(row["owner"]), created=date(row["date"]), guid=guid,
        )  # fmt: skip
        if row["memo"]:
            self._note("coding", number, "", row["memo"], row, "coding", guid)
        if row.get("important"):
            self.report.not_represented["marks of importance"] += 1

    def _cases(self) -> None:
        for row in self.database.rows("cases", "caseid"):
            guid = self.guid("case", row["caseid"])
            self.rows.add("cases", guid=guid, name=row["name"], description=row["memo"])
        made: dict[tuple, dict[str, Any]] = {}
        for row in self.database.rows("case_text", "caseid, fid, pos0"):
            if row["fid"] not in self.source:
                continue
            member = {"case_id": self.guid("case", row["caseid"])}
            whole = row["pos0"] == 0 and row["pos1"] >= self.length.get(row["fid"], 0) - 1
            if whole or row["fid"] not in self.length:
                self.rows.add("case_members", **member, kind="source", member=self.guid("source", row["fid"]))
            else:
                segment = self._segment("text", row["fid"], (row["pos0"], row["pos1"]), row, made)
                self.rows.add("case_members", **member, kind="segment", member=segment["segment_id"], resolved=True)

    def _attributes(self) -> None:
        types = {row["name"]: row for row in self.database.rows("attribute_type")}
        for name, row in types.items():
            kind = "Float" if row["valuetype"] == "numeric" else "Text"
            self.rows.add("variables", guid=self.guid("variable", name), name=name, type=kind, description=row["memo"])
        for row in self.database.rows("attribute", "attrid"):
            if row["value"] == "" or row["name"] not in types:
                continue
            case = row["attr_type"] == "case"
            if not case and row["id"] not in self.source:
                continue
            self.rows.add(
                "variable_values", kind="case" if case else "source", variable_id=self.guid("variable", row["name"]),
                owner=self.guid("case", row["id"]) if case else self.source[row["id"]],
                type="Float" if types[row["name"]]["valuetype"] == "numeric" else "Text", value=str(row["value"]),
            )  # fmt: skip

    def _note(self, kind: str, number: Any, name: str, text: str, row: Mapping[str, Any], of: str, owner: str) -> None:
        note, guid = self.rows.source_id("notes", ""), self.guid(f"{kind} note", number)
        entry = self.rows.add(
            "notes", source_id=note, guid=guid, name=name, kind="note", role="note", parent="", description="", path="",
            rich_text_path="", current_path="", inline="", text_file="", **self._audit(row),
        )  # fmt: skip
        self.rows.locate(guid, note)
        self.rows.text(entry, positions.Body(text))
        self.rows.add("note_refs", kind=of, owner=owner, note_id=guid)

    def _audit(self, row: Mapping[str, Any]) -> dict[str, str]:
        made = {"created": date(row.get("date", "")), "created_by": self.user(row.get("owner", ""))}
        return {**made, "modified": "", "modified_by": ""}


def _whole(value: Any) -> int:
    return round(float(value or 0))
