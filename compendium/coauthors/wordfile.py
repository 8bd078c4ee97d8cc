"""A Word file as it comes back: opened with care, its paragraphs, comments, notes and what it remembers."""

from __future__ import annotations

import base64
import json
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from compendium.errors import CompendiumError
from compendium.render.marks import NAMESPACE
from compendium.render.wordruns import P, Run, T, W, removed, runs

LARGEST = 64 * 2**20  # bytes of one part, and of what is remembered
RATIO = 200  # a part of more than 1 MiB that unpacks to more than this many times its packed size is a bomb
COMPOUND = b"\xd0\xcf\x11\xe0"  # Microsoft's older container, in which encrypted files travel as well
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError)
BOOKMARK = re.compile(r"_qmd\d{4}_[0-9a-f]{10}$")
LISTED = re.compile(r"List\s?(Bullet|Number|Paragraph)|Compact", re.IGNORECASE)


@dataclass
class Paragraph:
    """One paragraph: its runs, the blocks whose bookmarks begin in it, its style, and the table that it stands in."""

    runs: list[Run]
    marks: list[str]
    style: str = ""
    listed: bool = False
    cell: tuple[int, int, int] | None = None
    removed: list[tuple[str, str]] = field(default_factory=list)

    @property
    def text(self) -> str:
        return " ".join("".join(run.text for run in self.runs).split())


@dataclass(frozen=True)
class Comment:
    """A comment: who wrote it, when, what it says, the paragraph (by number) and the words that it hangs on."""

    author: str
    date: str
    text: str
    paragraph: int
    words: str


@dataclass
class WordFile:
    """What came back. ``memory`` is None where the file has lost it."""

    path: Path
    paragraphs: list[Paragraph]
    comments: list[Comment]
    notes: dict[str, str]
    memory: dict[str, Any] | None
    author: str
    """Who saved it last."""


def read(path: Path) -> WordFile:
    """Read a Word file.

    Raises
    ------
    CompendiumError : no such file, no Word file, encrypted, with macros, damaged, or a zip bomb.
    """
    from defusedxml import DefusedXmlException, ElementTree

    parts = _parts(path)

    def parsed(name: str) -> Element | None:
        if name not in parts:
            return None
        try:
            return ElementTree.fromstring(parts[name])
        except (DefusedXmlException, ElementTree.ParseError, ValueError) as error:
            raise CompendiumError(f"the Word file's {name} is no sound XML ({error})", file=path) from error

    document, footnotes, remarks = (
        parsed("word/document.xml"),
        parsed("word/footnotes.xml"),
        parsed("word/comments.xml"),
    )
    assert document is not None
    reader = _Reader()
    paragraphs = list(reader.paragraphs(document))
    notes = {}
    for note in footnotes if footnotes is not None else ():
        words = " ".join(" ".join("".join(run.text for run in runs(one)).split()) for one in note.iter(P))
        notes[note.get(W + "id", "")] = words.strip()
    comments = [
        Comment(
            item.get(W + "author", ""), item.get(W + "date", ""),
            " ".join("".join(text.text or "" for text in one.iter(T)) for one in item.iter(P)).strip(),
            *reader.anchors.get(item.get(W + "id", ""), (-1, "")),
        )
        for item in (remarks if remarks is not None else ())
    ]  # fmt: skip
    core = parts.get("docProps/core.xml", b"").decode("utf-8", "replace")
    saved = re.search(r"<cp:lastModifiedBy>([^<]*)<", core)
    return WordFile(path, paragraphs, comments, notes, _memory(path, parts), saved[1] if saved else "")


def _parts(path: Path) -> dict[str, bytes]:
    if not path.is_file():
        raise CompendiumError("the Word file is missing", file=path)
    with path.open("rb") as file:
        if file.read(4) == COMPOUND:
            raise CompendiumError(
                "the file is protected by a password, or of Word before 2007", file=path, expected="a .docx without one"
            )
    try:
        with zipfile.ZipFile(path) as archive:
            members = {item.filename: item for item in archive.infolist()}
            if "word/document.xml" not in members:
                raise CompendiumError("it is no Word file", file=path, expected="a .docx with word/document.xml")
            if any(name.lower().endswith("vbaproject.bin") for name in members):
                raise CompendiumError("the Word file has macros", file=path, expected="a .docx without any")
            wanted = re.compile(r"word/(?:document|footnotes|comments)\.xml|docProps/core\.xml|customXml/item\d+\.xml")
            found = {}
            for name, item in members.items():
                if not wanted.fullmatch(name):
                    continue
                packed = max(item.compress_size, 1)
                if item.file_size > LARGEST or (item.file_size > 2**20 and item.file_size > RATIO * packed):
                    size = f"{item.file_size:,} bytes from {packed:,}"
                    raise CompendiumError(
                        f"{name} unpacks to far more than text does (a zip bomb)", file=path, found=size
                    )
                found[name] = archive.read(item)
            return found
    except BROKEN as error:
        if isinstance(error, CompendiumError):
            raise
        raise CompendiumError(f"it is no Word file, or a damaged one ({error})", file=path) from error


def _memory(path: Path, parts: dict[str, bytes]) -> dict[str, Any] | None:
    for name in sorted(parts):
        found = re.search(rb">([A-Za-z0-9+/=\s]+)</(?:\w+:)?memory>", parts[name]) if "customXml/" in name else None
        if found is None or NAMESPACE.encode() not in parts[name]:
            continue
        try:
            unpacker = zlib.decompressobj()
            content = unpacker.decompress(base64.b64decode(found[1]), LARGEST)
            memory = json.loads(content)
            if unpacker.unconsumed_tail or memory["version"] != 1:
                raise ValueError("not of this version, or too large")
            return {key: memory[key] for key in ("source", "commit", "results", "blocks", "shown", "atoms")}
        except (ValueError, KeyError, TypeError, zlib.error) as error:
            raise CompendiumError(f"what the Word file remembers is damaged ({error})", file=path) from error
    return None


class _Reader:
    def __init__(self) -> None:
        self.anchors: dict[str, tuple[int, str]] = {}
        self._pending: list[str] = []
        self._count = 0

    def paragraphs(self, document: Element) -> Iterator[Paragraph]:
        """Yield the paragraphs that show something, in order; one whose end is deleted goes on in the next."""
        held: Paragraph | None = None
        tables = 0

        def inside(parent: Element, cell: tuple[int, int, int] | None) -> Iterator[tuple[Element, Any]]:
            nonlocal tables
            for child in parent:
                if child.tag == W + "bookmarkStart":
                    self._pending.append(child.get(W + "name", ""))
                elif child.tag == P:
                    yield child, cell
                elif child.tag == W + "tbl":
                    tables += 1
                    number = tables
                    for row, line in enumerate(child.iter(W + "tr")):
                        for column, one in enumerate(line.findall(W + "tc")):
                            yield from inside(one, (number, row, column))
                elif child.tag in (W + "sdt", W + "sdtContent", W + "body"):
                    yield from inside(child, cell)

        for element, cell in inside(document, None):
            made = self._paragraph(element, cell)
            if held is not None:
                made = Paragraph(
                    [*held.runs, *made.runs], [*held.marks, *made.marks], held.style or made.style,
                    held.listed or made.listed, held.cell, [*held.removed, *made.removed],
                )  # fmt: skip
                held = None
            if element.find(f"{W}pPr/{W}rPr/{W}del") is not None:
                held = made
            elif made.text or any(run.note for run in made.runs):
                self._count += 1
                yield made
        if held is not None and held.text:
            yield held

    def _paragraph(self, element: Element, cell: tuple[int, int, int] | None) -> Paragraph:
        marks, open_now = [*self._pending], {}
        self._pending = []
        comments: dict[str, str] = {}
        done: set[str] = set()
        for item in element.iter():
            if item.tag == W + "bookmarkStart":
                open_now[item.get(W + "id", "")] = item.get(W + "name", "")
            elif item.tag == W + "bookmarkEnd":
                open_now.pop(item.get(W + "id", ""), None)  # empty: what it stood around is gone
            elif item.tag == W + "commentRangeStart":
                comments[item.get(W + "id", "")] = ""
            elif item.tag == W + "commentRangeEnd":
                done.add(item.get(W + "id", ""))
            elif item.tag == W + "commentReference" and item.get(W + "id", "") not in comments:
                self.anchors.setdefault(item.get(W + "id", ""), (self._count, ""))
            elif item.tag == T and item.text:
                marks += open_now.values()
                open_now = {}
                for number in comments.keys() - done:
                    comments[number] += item.text
        for number, words in comments.items():
            self.anchors[number] = (self._count, words)
        style = element.find(f"{W}pPr/{W}pStyle")
        named = style.get(W + "val", "") if style is not None else ""
        listed = element.find(f"{W}pPr/{W}numPr") is not None or LISTED.match(named) is not None
        kept = [mark for mark in dict.fromkeys(marks) if BOOKMARK.match(mark)]
        return Paragraph(runs(element), kept, named, listed, cell, removed(element))
