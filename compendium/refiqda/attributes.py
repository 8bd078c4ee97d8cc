"""Attributes of REFI-QDA elements: identifiers, dates, positions, paths, and what cannot be taken over."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from typing import Any
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from compendium.errors import CompendiumError
from compendium.refiqda import attachments
from compendium.refiqda.archive import Archive
from compendium.refiqda.elements import (
    ATTRIBUTES,
    DATE,
    DECIMAL,
    HOME,
    REGIONS,
    WHOLE,
    local,
    optional_guid,
    plural,
)
from compendium.refiqda.model import ImportReport, canonical_guid, is_guid
from compendium.refiqda.tables import Rows


class Attributes:
    """What one element says in its attributes; whatever is odd goes to the import's report."""

    def __init__(self, archive: Archive, report: ImportReport) -> None:
        self.archive, self.report = archive, report
        self.rows = Rows(archive.path)
        self.unread: Counter[str] = report.not_represented
        self.absolute = 0

    def _guid(self, element: Element, kind: str) -> str:
        """Return the identifier of an element; two things of one kind may not share it."""
        raw = element.get("guid", "")
        if not raw:
            self.unread[f"{plural(local(element))} without a GUID (given one)"] += 1
            raw = f"{local(element)} {self.rows.next_number()}"
        elif not is_guid(raw):
            self.unread["identifiers that are not GUIDs (replaced by GUIDs made from them)"] += 1
        guid = canonical_guid(raw)
        if kind and not self.rows.first_use(kind, guid):
            raise CompendiumError(
                f"two {plural(local(element))} have one GUID, so references to it are ambiguous",
                file=self.archive.path,
                found=f"{raw} at '{element.get('name', '')}'",
            )
        return guid

    def _audit(self, element: Element) -> dict[str, str]:
        return {
            "created": self._date(element.get("creationDateTime")),
            "created_by": optional_guid(element.get("creatingUser")),
            "modified": self._date(element.get("modifiedDateTime")),
            "modified_by": optional_guid(element.get("modifyingUser")),
        }

    def _date(self, value: str | None) -> str:
        if not value:
            return ""
        if DATE.fullmatch(value.strip()):
            return value.strip()
        self.unread["dates that are not ISO 8601"] += 1
        return ""

    def _position(self, element: Element, name: str) -> int:
        """Return a position; one that is not a whole number becomes -1, outside every text."""
        value = element.get(name, "").strip()
        return int(value) if WHOLE.fullmatch(value) and int(value) >= 0 else -1

    def _one_of(self, allowed: Collection[str], element: Element, name: str, otherwise: str) -> str:
        """Return an attribute that has a fixed choice of values."""
        value = element.get(name, otherwise)
        if value in allowed or value == otherwise:
            return value
        self.unread[f"'{name}' of {plural(local(element))} that is not one of its values"] += 1
        return otherwise

    def _whole(self, element: Element, name: str) -> str:
        """Return a whole number as text, '' where there is none."""
        value = element.get(name, "").strip()
        if value and not WHOLE.fullmatch(value):
            self.unread[f"'{name}' of {plural(local(element))} that is not a whole number"] += 1
            return ""
        return value

    def _region(self, element: Element) -> str:
        """Return where an area or a stretch of time lies, as ``name=value`` pairs."""
        pairs = []
        for name in REGIONS.get(local(element), ()):
            value = element.get(name, "").strip()
            if name.endswith("SyncPoint"):
                value = optional_guid(value)
                if not value:
                    continue
            elif not WHOLE.fullmatch(value):
                self.unread["coordinates that are not whole numbers (rounded, or 0 where blank)"] += 1
                value = str(round(float(value))) if DECIMAL.fullmatch(value) else "0"
            pairs.append(f"{name}={value}")
        return " ".join(pairs)

    def _path(self, reference: str | None) -> str:
        """Return a path without folders of somebody's machine."""
        if not reference:
            return ""
        scheme, mark, rest = reference.rpartition("://")
        folders = re.split(r"[/\\]", rest)
        if scheme.casefold() in ("absolute", "file") or (not scheme and (rest.startswith("/") or ":" in folders[0])):
            self.absolute += len(folders) > 1
            return f"{scheme}{mark}{folders[-1]}"
        if HOME.search(rest):
            self.absolute += 1
            return f"{scheme}{mark}{folders[-1]}"
        return reference

    def _file_name(self, element: Element, role: str) -> str:
        """Return the name of a source's file, without folders and suffix, for a source without a name of its own."""
        if role != "source":
            return ""
        for attribute in ("currentPath", "path", "richTextPath", "plainTextPath"):
            name = re.split(r"[/\\]", unquote(element.get(attribute, "")).rpartition("://")[2])[-1]
            stem = name.rpartition(".")[0] or name
            if stem and not is_guid(stem):
                return stem
        return ""

    def _attachments(self, entry: dict[str, Any], element: Element, is_text: bool) -> None:
        """List the files of a source that the archive holds beside its plain text."""
        for number, name in enumerate(("richTextPath",) if is_text else ("path",), start=1):
            reference = element.get(name, "")
            row = attachments.listed(self.archive, entry["source_id"], reference, number) if reference else None
            if row is not None:
                self.rows.add("attachments", **row)
            elif reference.startswith("internal:"):
                self.unread["attachments that are not in the file"] += 1
                if is_text:
                    entry["rich_text_path"] = ""

    def _known(self, element: Element) -> None:
        name = local(element)
        known = ATTRIBUTES.get(name)
        if known is not None and not element.attrib.keys() <= known:
            for attribute in element.attrib.keys() - known:
                self.unread[f"attributes '{attribute.rpartition('}')[2]}' of {plural(name)}"] += 1

    def _unread(self, element: Element) -> None:
        self.unread[f"elements '{local(element)}'"] += 1
