"""What REFI-QDA calls things, and how single elements and attributes are read."""

from __future__ import annotations

import re
from functools import lru_cache
from xml.etree.ElementTree import Element

from compendium.refiqda.model import canonical_guid

SOURCES = {
    "TextSource": "text",
    "PDFSource": "pdf",
    "PictureSource": "picture",
    "AudioSource": "audio",
    "VideoSource": "video",
}
BODIES = {"Representation": "representation", "TextDescription": "text description", "Transcript": "transcript"}
REGIONS = {
    "PictureSelection": ("firstX", "firstY", "secondX", "secondY"),
    "PDFSelection": ("page", "firstX", "firstY", "secondX", "secondY"),
    "AudioSelection": ("begin", "end"),
    "VideoSelection": ("begin", "end"),
    "TranscriptSelection": ("fromSyncPoint", "toSyncPoint"),
}
KINDS = {
    "PlainTextSelection": "text",
    "PictureSelection": "picture area",
    "PDFSelection": "pdf area",
    "AudioSelection": "audio",
    "VideoSelection": "video",
    "TranscriptSelection": "transcript",
}

_AUDIT = {"creatingUser", "creationDateTime", "modifyingUser", "modifiedDateTime"}
_NAMED = {"guid", "name"}
_TEXT = _NAMED | _AUDIT | {"richTextPath", "plainTextPath"}
_MEDIA = _NAMED | _AUDIT | {"path", "currentPath"}
ATTRIBUTES: dict[str, set[str]] = {
    "User": {"guid", "name", "id"},
    "Code": _NAMED | {"isCodable", "color"},
    "Variable": _NAMED | {"typeOfVariable"},
    "Case": _NAMED,
    "Set": _NAMED,
    "Link": _NAMED | {"direction", "color", "originGUID", "targetGUID"},
    "Coding": {"guid", "creatingUser", "creationDateTime"},
    "SyncPoint": {"guid", "timeStamp", "position"},
    "PlainTextSelection": _NAMED | _AUDIT | {"startPosition", "endPosition"},
    **{name: _NAMED | _AUDIT | set(extent) for name, extent in REGIONS.items()},
    **dict.fromkeys(SOURCES, _MEDIA),
    **dict.fromkeys(("TextSource", "Note", *BODIES), _TEXT),
}
"""Attributes that are represented, by element; others are counted as not represented."""

VALUES = {
    "Text": re.compile(r"(?s).*"),
    "Boolean": re.compile(r"true|false|0|1"),
    "Integer": re.compile(r"[+-]?[0-9]+"),
    "Float": re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)"),
    "Date": re.compile(r"-?[0-9]{4,}-[0-9]{2}-[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})?"),
    "DateTime": re.compile(
        r"-?[0-9]{4,}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})?"
    ),
}
"""Types of variable, and how their values are spelt."""
DIRECTIONS = ("Associative", "OneWay", "Bidirectional")

DATE = VALUES["DateTime"]
COLOUR = re.compile(r"#(?:[0-9A-Fa-f]{6}|[0-9A-Fa-f]{3})")
HOME = re.compile(r"(?i)(?:^|[/\\])(?:users|home|documents and settings)[/\\]+[^/\\]+")
WHOLE = re.compile(r"-?[0-9]{1,15}")
DECIMAL = re.compile(r"-?[0-9]{1,15}\.[0-9]{1,15}")


def local(element: Element) -> str:
    return _local_name(element.tag)


@lru_cache(maxsize=1024)
def _local_name(tag: str) -> str:
    return tag.rpartition("}")[2]


def plural(name: str) -> str:
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    words = words if words.startswith(("PDF", "Plain")) else words[:1].lower() + words[1:]
    return {"vertex": "vertices"}.get(words, words + "s")


def text_of(element: Element) -> str:
    return element.text or ""


def boolean(value: str) -> str:
    return "false" if value.strip().casefold() in ("false", "0") else "true"


def target(element: Element) -> str:
    """Return what a reference points to; codebook files spell it ``guid``."""
    return optional_guid(element.get("targetGUID") or element.get("guid"))


def optional_guid(value: str | None) -> str:
    return canonical_guid(value) if value else ""


def unknown(kind: str, guid: str) -> str:
    return f"no {kind} has the GUID {guid}" if guid else f"it names no {kind}"
