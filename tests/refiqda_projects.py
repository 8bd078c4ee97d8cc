"""Small REFI-QDA projects for the tests, and the rules of the schema in our own words."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, fromstring
from xml.sax.saxutils import quoteattr

from compendium.refiqda.model import Project, tabulated

WALKS = Path(__file__).parent / "fixtures" / "refiqda" / "walks"

NVIVO = "NVivo 12 for Windows"


def guid(number: int) -> str:
    """Return a GUID that shows its number."""
    return f"00000000-0000-4000-8000-{number:012d}"


def zipped(path: Path, parts: dict[str, bytes | str]) -> Path:
    """Write an archive of the given parts."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def walks_parts() -> dict[str, bytes]:
    """Return the parts of the fixture project with every kind of source."""
    files = sorted(path for path in WALKS.rglob("*") if path.is_file())
    return {path.relative_to(WALKS).as_posix(): path.read_bytes() for path in files}


def walks(folder: Path) -> Path:
    """Write the fixture project as an archive."""
    return zipped(folder / "walks.qdpx", walks_parts())


def one_source(
    path: Path,
    text: bytes | None,
    places: list[tuple[int, int]],
    origin: str = "",
    namespace: str = "urn:QDA-XML:project:1.0",
    inner: str = "project.qde",
    folder: str = "sources",
    attributes: str = "",
    sections: str = "",
) -> Path:
    """Write a project of one text, one code, and a selection at each of the places."""
    selections = "".join(
        f'<PlainTextSelection guid="{guid(1000 + place)}" startPosition="{start}" endPosition="{end}">'
        f'<Coding guid="{guid(2000 + place)}" creatingUser="{guid(1)}"><CodeRef targetGUID="{guid(2)}"/></Coding>'
        "</PlainTextSelection>"
        for place, (start, end) in enumerate(places)
    )
    xml = (
        f'<?xml version="1.0" encoding="utf-8"?><Project xmlns="{namespace}" name="One" origin={quoteattr(origin)} '
        f'{attributes}><Users><User guid="{guid(1)}" name="Robin"/></Users>'
        f'<CodeBook><Codes><Code guid="{guid(2)}" name="Theme" isCodable="true"/></Codes></CodeBook>'
        f'<Sources><TextSource guid="{guid(3)}" name="Talk" plainTextPath="internal://{guid(3)}.txt">'
        f"{selections}</TextSource></Sources>{sections}</Project>"
    )
    parts: dict[str, bytes | str] = {inner: xml}
    if text is not None:
        parts[f"{folder}/{guid(3)}.txt"] = text
    return zipped(path, parts)


# ----- the rules of the schema ---------------------------------------------------------------------------------------

_TYPES = {
    "guid": r"\{%s\}|%s" % ((r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",) * 2),
    "string": r"(?s).*",
    "integer": r"[+-]?\d+",
    "boolean": r"true|false|0|1",
    "decimal": r"[+-]?(\d+(\.\d*)?|\.\d+)",
    "date": r"-?\d{4,}-\d\d-\d\d(Z|[+-]\d\d:\d\d)?",
    "dateTime": r"-?\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?",
    "colour": r"#([A-Fa-f0-9]{6}|[A-Fa-f0-9]{3})",
    "direction": r"Associative|OneWay|Bidirectional",
    "variable type": r"Text|Boolean|Integer|Float|Date|DateTime",
}
_AUDIT = {
    "creatingUser": "guid",
    "creationDateTime": "dateTime",
    "modifyingUser": "guid",
    "modifiedDateTime": "dateTime",
}
_NAMED = {"guid!": "guid", "name": "string"}
_MEDIA = _NAMED | _AUDIT | {"path": "string", "currentPath": "string"}
_TEXT = _NAMED | _AUDIT | {"richTextPath": "string", "plainTextPath": "string"}
_AREA = {"firstX!": "integer", "firstY!": "integer", "secondX!": "integer", "secondY!": "integer"}
_TIME = {"begin!": "integer", "end!": "integer"}
_CODED = ["Description?", "Coding*", "NoteRef*"]
_SOURCE_END = ["Coding*", "NoteRef*", "VariableValue*"]
_REFERENCE = ({"targetGUID!": "guid"}, [])
_TEXT_SOURCE = (_TEXT, ["Description?", "PlainTextContent?", "PlainTextSelection*", *_SOURCE_END])

# Element: its attributes with their types ("!" is required), and its children in order ("?" at most one, "*" any
# number, "+" one or more). An element spelt "Set@codebook" is the one of codebook files.
RULES: dict[str, tuple[dict[str, str], list[str]]] = {
    "Project": (
        {
            "name!": "string",
            "origin": "string",
            "creatingUserGUID": "guid",
            "creationDateTime": "dateTime",
            "modifyingUserGUID": "guid",
            "modifiedDateTime": "dateTime",
            "basePath": "string",
        },
        [
            *("Users?", "CodeBook?", "Variables?", "Cases?", "Sources?", "Notes?", "Links?", "Sets?", "Graphs?"),
            *("Description?", "NoteRef*"),
        ],
    ),
    "Users": ({}, ["User+"]),
    "User": ({"guid!": "guid", "name": "string", "id": "string"}, []),
    "CodeBook": ({}, ["Codes"]),
    "Codes": ({}, ["Code+"]),
    "Code": (
        {"guid!": "guid", "name!": "string", "isCodable!": "boolean", "color": "colour"},
        ["Description?", "NoteRef*", "Code*"],
    ),
    "Variables": ({}, ["Variable+"]),
    "Variable": ({"guid!": "guid", "name!": "string", "typeOfVariable!": "variable type"}, ["Description?"]),
    "Cases": ({}, ["Case+"]),
    "Case": (_NAMED, ["Description?", "CodeRef*", "VariableValue*", "SourceRef*", "SelectionRef*"]),
    "VariableValue": (
        {},
        ["VariableRef", "TextValue|BooleanValue|IntegerValue|FloatValue|DateValue|DateTimeValue?"],
    ),
    "Sources": ({}, ["TextSource|PictureSource|PDFSource|AudioSource|VideoSource+"]),
    "TextSource": _TEXT_SOURCE,
    "Note": _TEXT_SOURCE,
    "Representation": _TEXT_SOURCE,
    "TextDescription": _TEXT_SOURCE,
    "PictureSource": (_MEDIA, ["Description?", "TextDescription?", "PictureSelection*", *_SOURCE_END]),
    "PDFSource": (_MEDIA, ["Description?", "PDFSelection*", "Representation?", *_SOURCE_END]),
    "AudioSource": (_MEDIA, ["Description?", "Transcript*", "AudioSelection*", *_SOURCE_END]),
    "VideoSource": (_MEDIA, ["Description?", "Transcript*", "VideoSelection*", *_SOURCE_END]),
    "Transcript": (_TEXT, ["Description?", "PlainTextContent?", "SyncPoint*", "TranscriptSelection*", "NoteRef*"]),
    "PlainTextSelection": (_NAMED | _AUDIT | {"startPosition!": "integer", "endPosition!": "integer"}, _CODED),
    "PictureSelection": (_NAMED | _AUDIT | _AREA, _CODED),
    "PDFSelection": (
        _NAMED | _AUDIT | _AREA | {"page!": "integer"},
        ["Description?", "Representation?", "Coding*", "NoteRef*"],
    ),
    "AudioSelection": (_NAMED | _AUDIT | _TIME, _CODED),
    "VideoSelection": (_NAMED | _AUDIT | _TIME, _CODED),
    "TranscriptSelection": (_NAMED | _AUDIT | {"fromSyncPoint": "guid", "toSyncPoint": "guid"}, _CODED),
    "SyncPoint": ({"guid!": "guid", "timeStamp": "integer", "position": "integer"}, []),
    "Coding": (
        {"guid!": "guid", "creatingUser": "guid", "creationDateTime": "dateTime"},
        ["CodeRef", "NoteRef*"],
    ),
    "Notes": ({}, ["Note+"]),
    "Links": ({}, ["Link+"]),
    "Link": (
        _NAMED | {"direction": "direction", "color": "colour", "originGUID": "guid", "targetGUID": "guid"},
        ["NoteRef*"],
    ),
    "Sets": ({}, ["Set+"]),
    "Set": ({"guid!": "guid", "name!": "string"}, ["Description?", "MemberCode*", "MemberSource*", "MemberNote*"]),
    **dict.fromkeys(
        (
            *("NoteRef", "CodeRef", "SourceRef", "SelectionRef", "VariableRef"),
            *("MemberCode", "MemberSource", "MemberNote"),
        ),
        _REFERENCE,
    ),
    "CodeBook@codebook": ({"origin": "string"}, ["Codes", "Sets?"]),
    "Code@codebook": (
        {"guid!": "guid", "name!": "string", "isCodable!": "boolean", "color": "colour"},
        ["Description?", "Code*"],
    ),
    "Set@codebook": ({"guid!": "guid", "name!": "string"}, ["Description?", "MemberCode*"]),
    "MemberCode@codebook": ({"guid!": "guid"}, []),
}
_LEAVES = {
    "Description": "string",
    "PlainTextContent": "string",
    "TextValue": "string",
    "BooleanValue": "boolean",
    "IntegerValue": "integer",
    "FloatValue": "decimal",
    "DateValue": "date",
    "DateTimeValue": "dateTime",
}
_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"


def schema_faults(xml: bytes | str) -> list[str]:
    """Return where a document breaks the structure of REFI-QDA 1.0, empty where it does not.

    Checked: the root and its namespace, that every element and attribute is known where it stands, that children come
    in the order and number asked for, that required attributes are there, that values have their type, and that text
    stands only where it may. Graphs are not covered: we never write them.
    """
    root = fromstring(xml)
    namespace, _, name = root.tag.rpartition("}")
    flavour = "codebook" if "codebook" in namespace else "project"
    wanted = {"project": "Project", "codebook": "CodeBook"}[flavour]
    if namespace != f"{{urn:QDA-XML:{flavour}:1.0" or name != wanted:
        return [f"root is {root.tag}"]
    return list(_faults(root, namespace + "}", flavour, wanted))


def _faults(element: Element, namespace: str, flavour: str, path: str):
    name = element.tag.removeprefix(namespace)
    if name in _LEAVES:
        if len(element) or element.attrib or not re.fullmatch(_TYPES[_LEAVES[name]], element.text or ""):
            yield f"{path}: not a plain {_LEAVES[name]}"
        return
    rule = RULES.get(f"{name}@{flavour}", RULES.get(name))
    if rule is None:
        yield f"{path}: unknown element"
        return
    types = {key.rstrip("!"): kind for key, kind in rule[0].items()}
    for key in rule[0]:
        if key.endswith("!") and key[:-1] not in element.attrib:
            yield f"{path}: no attribute {key[:-1]}"
    for key, value in element.attrib.items():
        if not key.startswith(_XSI) and (key not in types or not re.fullmatch(_TYPES[types[key]], value)):
            yield f"{path}: attribute {key}={value!r}"
    if (element.text or "").strip() or any((child.tail or "").strip() for child in element):
        yield f"{path}: stray text"
    children = " ".join(child.tag.removeprefix(namespace) for child in element)
    order = "".join(f"(?:(?:{re.sub('[?*+]$', '', step)}) ){step[-1] if step[-1] in '?*+' else ''}" for step in rule[1])
    if not re.fullmatch(order, children + " " if children else ""):
        yield f"{path}: children are {children}"
    for child in element:
        yield from _faults(child, namespace, flavour, f"{path}/{child.tag.removeprefix(namespace)}")


CANARY = "qzcanary"


def canaried(project: Project, *, codes: bool) -> Project:
    """Return a project with a canary in every field of every table that can hold words, and in its texts.

    Parameters
    ----------
    codes : in the codebook too.
    """
    tables = {name: frame.copy() for name, frame in project.tables.items()}
    source, code = tables["sources"]["source_id"].iloc[0], tables["codebook"]["code_id"].iloc[0]
    case, user = tables["cases"]["case_id"].iloc[0], tables["users"]["user_id"].iloc[0]
    note, about = guid(71), {"note_id": "n0001", "owner": "", "kind": "project"}
    more: dict[str, list[dict[str, Any]]] = {
        "notes": [
            {
                "source_id": "n0001", "name": "memo", "kind": "note", "role": "note", "path": f"internal://{note}.txt",
                "text_file": "texts/n0001.txt", "characters": 15, "created_by": user, "guid": note,
            }
        ],
        "note_refs": [about, about | {"kind": "code", "owner": code}, about | {"kind": "source", "owner": source}],
        "variables": [
            {"variable_id": name, "name": name, "type": "Text", "guid": guid(72 + place)}
            for place, name in enumerate(("role", "speaker", "sector"))
        ],
        "variable_values": [
            {"kind": kind, "owner": owner, "variable_id": name, "type": "Text", "value": "value"}
            for kind, owner in (("case", case), ("source", source))
            for name in ("role", "speaker", "sector")
        ],
        "sets": [{"set_id": "set", "name": "set", "guid": guid(76)}],
        "set_members": [{"set_id": "set", "kind": "source", "member": source}],
    }  # fmt: skip
    selections = tables["segments"]["guid"].tolist() or [note, note]
    more["links"] = [
        {"name": "link", "direction": "OneWay", "origin": selections[0], "target": selections[-1], "guid": guid(77)}
    ]
    for name, rows in more.items():
        tables[name] = tabulated(name, rows)
    for name, columns in (
        ("users", ("name", "initials")), ("cases", ("name", "description")), ("sources", ("name", "description")),
        ("notes", ("name", "description")), ("segments", ("label", "summary")), ("links", ("name",)),
        ("sets", ("name", "description")), ("variables", ("description",)), ("variable_values", ("value",)),
        ("codebook", ("code", "definition") if codes else ()),
    ):  # fmt: skip
        for column in columns:
            tables[name][column] = [f"{CANARY} {name} {column} {row}" for row in range(len(tables[name]))]
    texts = {name: f"{text}\n{CANARY} words\n" for name, text in project.texts.items()} | {"n0001": f"{CANARY} memo"}
    told = {"name": f"{CANARY} title", "description": f"{CANARY} description"}
    return Project(tables, texts, told)


def sightings(paths: Iterable[Path], *words: str) -> list[str]:
    """Return which files hold a canary, or other words, in whatever letters; parts of zip files and text of PDF too."""
    import pypdfium2

    found = []
    for path in paths:
        content = path.read_bytes()
        parts = [content]
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                parts = [archive.read(name) for name in archive.namelist()]
        elif path.suffix == ".pdf":
            document = pypdfium2.PdfDocument(content)
            parts.append("".join(page.get_textpage().get_text_range() for page in document).encode())
        for part in parts:
            text = part.decode("utf-8", "ignore").casefold()
            found += [f"{path}: {word}" for word in (CANARY, *words) if word.casefold() in text]
    return found
