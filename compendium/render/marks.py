"""What a Word file remembers of its sources, so that it can come back: blocks, computed values, what was written.

Marks travel through Pandoc as characters for private use: one before a block's text, two around each computed value,
cross-reference and citation. In the Word file they become a bookmark for each block and a locked content control for
each value, titled with its key; the other formats lose the marks before they are shaped. What was exported (the
blocks' own text, the words and look of every paragraph) goes into a part of its own, ``customXml/``, which Word and
LibreOffice keep. LibreOffice 7.4 loses title, tag and lock of a control, but no bookmark.
Content controls: ECMA-376 part 1, 17.5.2; custom XML parts: 15.2.5 and 22.5.
"""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import re
import zlib
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, SubElement
from xml.sax.saxutils import escape

from compendium.render import blocks, commit, nodes, valuemarks
from compendium.render.sources import Line, Project, Source, read_lines
from compendium.render.wordruns import LINK, P, R, T, W, runs

OPEN, CLOSE, START = "\ue004", "\ue005", "\ue006"  # beside those of `valuemarks`
FIRST = 0xF0000  # characters that count marks
COUNTED = "[\U000f0000-\U000ffffd]"
MARK = re.compile(f"{OPEN}(?P<value>{COUNTED})|(?P<close>{CLOSE})|{START}{COUNTED} ?")
LONGEST = 64  # letters of a content control's title and tag in Word
SHADE = "E3ECF7"
LATER = [
    W + tag for tag in ("fitText", "vertAlign", "rtl", "cs", "em", "lang", "eastAsianLayout", "specVanish", "oMath")
]
XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
NAMESPACE = "urn:compendium:memory"
PART = "customXml/item{number}.xml"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PROPERTIES = ("compendium-source", "compendium-commit", "compendium-results")


class Memory:
    """The marks of one document, and what its Word file takes along.

    Attributes: ``atoms``, rows of kind (var, ref, cite), key and printed form of each computed stretch; ``blocks`` of
    the source; ``shown``, the paragraphs of the Word file as ``[block or -1, [[text, look, tag], ...]]``.
    """

    def __init__(self, project: Project, source: Source, shaded: bool = False) -> None:
        self.root, self.file, self.shaded = project.root, source.file, shaded
        self.atoms: list[tuple[str, str]] = []
        self.blocks: list[blocks.Block] = []
        self.shown: list[list[Any]] = []
        self._numbers = {"bookmark": 0, "control": 0}

    def cited(self, tree: Any) -> Any:
        """Return a tree with marks around its values, citations and cross-references, those in cells left out."""

        def visit(node: nodes.Node) -> nodes.Node | list[nodes.Node] | None:
            kind = node["t"]
            if kind == "Table":
                return {"t": "Table", "c": [*node["c"][:3], *_plain(node["c"][3:])]}
            if kind == "Cite" and node["c"][0]:
                return self._around(node, "cite", "; ".join("@" + item["citationId"] for item in node["c"][0]))
            if kind == "Link" and "quarto-xref" in node["c"][0][1]:
                return self._around(node, "ref", "@" + node["c"][2][0].lstrip("#"))
            if kind == "Span" and valuemarks.CLASS in node["c"][0][1]:
                return self._around(node, "var", nodes.pair(node["c"][0], "data-value") or "")
            return None

        return nodes.walk(tree, visit)

    def _around(self, node: nodes.Node, kind: str, key: str) -> list[nodes.Node]:
        self.atoms.append((kind, key))
        opened = OPEN + chr(FIRST + len(self.atoms) - 1)
        return [{"t": "Str", "c": opened}, node, {"t": "Str", "c": CLOSE}]

    # --- in the Word file

    def mark(self, root: Element) -> None:
        """Make the marks of a part bookmarks and content controls; remember what each paragraph shows."""
        used = [int(item.get(W + "id", 0)) for item in root.iter(W + "bookmarkStart")]
        self._numbers["bookmark"] = max([self._numbers["bookmark"], *used])
        for paragraph in root.iter(P):
            block = -1
            if any(OPEN in (text.text or "") or START in (text.text or "") for text in paragraph.iter(T)):
                block = self._block(paragraph)
                for parent in (paragraph, *paragraph.iter(LINK)):
                    self._controls(parent)
            words = [[run.text, run.look, run.tag] for run in runs(paragraph)]
            if words:
                self.shown.append([block, words])

    def _block(self, paragraph: Element) -> int:
        """Put a bookmark around what a paragraph holds, if a block begins in it; return the block's number, or -1."""
        texts = list(paragraph.iter(T))
        place = next((place for place, text in enumerate(texts) if START in (text.text or "")), -1)
        if place < 0:
            return -1
        before, _, after = (texts[place].text or "").partition(START)
        number = ord(after[0]) - FIRST
        texts[place].text = before + after[1:].removeprefix(" ")
        if not after[1:] and place + 1 < len(texts):  # Pandoc puts the blank into a run of its own
            texts[place + 1].text = (texts[place + 1].text or "").removeprefix(" ")
        begin = 1 if len(paragraph) and paragraph[0].tag == W + "pPr" else 0
        self._numbers["bookmark"] += 1
        about = {W + "id": str(self._numbers["bookmark"])}
        named = about | {W + "name": self._bookmark(number)}
        paragraph.insert(begin, paragraph.makeelement(W + "bookmarkStart", named))
        paragraph.append(paragraph.makeelement(W + "bookmarkEnd", about))
        return number

    def _bookmark(self, number: int) -> str:
        block = self.blocks[number]
        return bookmark(number, block.file, self.text(block))

    def text(self, block: blocks.Block) -> str:
        """Return the lines of a block as its file has them."""
        return "\n".join(read_lines(self.root, block.file)[block.first - 1 : block.last])

    def _controls(self, parent: Element) -> None:
        """Wrap what stands between marks, among a parent's children, into content controls."""
        stack: list[tuple[list[Element], int]] = [([], -1)]
        for child in list(parent):
            text = child.find(T) if child.tag == R else None
            for piece in _pieces(child, text) if text is not None and MARK.search(text.text or "") else [child]:
                if isinstance(piece, Element):
                    stack[-1][0].append(piece)
                elif piece >= 0:
                    stack.append(([], piece))
                elif len(stack) > 1:
                    content, number = stack.pop()
                    stack[-1][0].append(self._control(content, number))
        while len(stack) > 1:  # closed elsewhere: no control
            content, _ = stack.pop()
            stack[-1][0].extend(content)
        parent[:] = stack[0][0]

    def _control(self, content: list[Element], number: int) -> Element:
        kind, key = self.atoms[number]
        self._numbers["control"] += 1
        control = content[0].makeelement(W + "sdt", {}) if content else Element(W + "sdt")
        about = SubElement(control, W + "sdtPr")
        for name, value in (
            ("alias", key), ("tag", f"{number}:{kind}:{key}"), ("id", str(self._numbers["control"])),
            ("lock", "contentLocked"),
        ):  # fmt: skip
            SubElement(about, W + name, {W + "val": value[:LONGEST]})
        if self.shaded:
            for run in (one for item in content for one in item.iter(R)):
                _shade(run)
        SubElement(control, W + "sdtContent").extend(content)
        return control

    def keep(self, parts: dict[str, bytes]) -> None:
        """Write into a Word file's parts what it remembers, and take every mark that is left out of them."""
        for name, data in parts.items():
            if name.endswith((".xml", ".rels")) and any(mark.encode() in data for mark in (OPEN, CLOSE, START)):
                parts[name] = MARK.sub("", data.decode("utf-8")).encode("utf-8")
        values = (self.file, commit.name(self.root), results_digest(self.root))
        told = parts["docProps/custom.xml"].decode("utf-8")
        pid = max([1, *(int(found) for found in re.findall(r'pid="(\d+)"', told))])
        added = "".join(
            f'<property fmtid="{{D5CDD505-2E9C-101B-9397-08002B2CF9AE}}" pid="{pid + place}" name="{name}">'
            f"<vt:lpwstr>{escape(value)}</vt:lpwstr></property>"
            for place, (name, value) in enumerate(zip(PROPERTIES, values, strict=True), start=1)
        )
        told = re.sub(r"<Properties([^>]*)/>", r"<Properties\1></Properties>", told)
        parts["docProps/custom.xml"] = told.replace("</Properties>", added + "</Properties>").encode("utf-8")
        number = next(count for count in range(1, 99) if PART.format(number=count) not in parts)
        content = json.dumps(self._content(values), ensure_ascii=False, separators=(",", ":")).encode("utf-8")
        packed = base64.b64encode(zlib.compress(content, 9)).decode("ascii")
        head = '<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n'
        parts[PART.format(number=number)] = f'{head}<memory xmlns="{NAMESPACE}">{packed}</memory>'.encode()
        parts[f"customXml/itemProps{number}.xml"] = (
            f'{head}<ds:datastoreItem ds:itemID="{{6F1C1E5A-3B0E-4C57-9D0B-5A6C0D2E9F{number:02d}}}" '
            'xmlns:ds="http://schemas.openxmlformats.org/officeDocument/2006/customXml"><ds:schemaRefs>'
            f'<ds:schemaRef ds:uri="{NAMESPACE}"/></ds:schemaRefs></ds:datastoreItem>'
        ).encode()
        related = f'<Relationship Id="{{id}}" Type="{RELATIONS}/{{kind}}" Target="{{target}}"/>'
        props = related.format(id="rId1", kind="customXmlProps", target=f"itemProps{number}.xml")
        package = "http://schemas.openxmlformats.org/package/2006/relationships"
        parts[f"customXml/_rels/item{number}.xml.rels"] = (
            f'{head}<Relationships xmlns="{package}">{props}</Relationships>'.encode()
        )
        item = related.format(id=f"rIdMemory{number}", kind="customXml", target=f"../customXml/item{number}.xml")
        _inserted(parts, "word/_rels/document.xml.rels", item, "</Relationships>")
        kind = "application/vnd.openxmlformats-officedocument.customXmlProperties+xml"
        override = f'<Override PartName="/customXml/itemProps{number}.xml" ContentType="{kind}"/>'
        _inserted(parts, "[Content_Types].xml", override, "</Types>")

    def _content(self, values: tuple[str, str, str]) -> dict[str, Any]:
        kept = [
            [block.kind, block.file, block.first, block.last, block.lead, self.text(block)] for block in self.blocks
        ]
        return {
            "version": 1, "source": values[0], "commit": values[1], "results": values[2],
            "blocks": kept, "shown": self.shown,
            "atoms": {tag: self.atoms[int(tag.split(":")[0])] for _, words in self.shown for _, _, tag in words if tag},
        }  # fmt: skip


def bookmark(number: int, file: str, text: str) -> str:
    """Return the bookmark of a block: its number and a digest of its file and text."""
    return f"_qmd{number:04d}_{hashlib.sha256(f'{file}{chr(10)}{text}'.encode()).hexdigest()[:10]}"


def _pieces(run: Element, text: Element) -> list[Element | int]:
    """Return a run cut at its marks: runs, the number of each value that begins, and -1 where one ends."""
    words, place = text.text or "", 0
    found: list[Element | int] = []
    for match in [*MARK.finditer(words), None]:
        if part := words[place : match.start() if match else None]:
            piece = run.makeelement(R, {})
            piece.extend([item for item in run if item.tag == W + "rPr"])
            SubElement(piece, T, {XML_SPACE: "preserve"}).text = part
            found.append(piece)
        if match is not None:
            place = match.end()
            if match["value"]:
                found.append(ord(match["value"]) - FIRST)
            elif match["close"]:
                found.append(-1)
    return found


def _shade(run: Element) -> None:
    about = run.find(W + "rPr")
    if about is None:
        about = run.makeelement(W + "rPr", {})
        run.insert(0, about)
    else:  # pieces of one run share theirs
        run.remove(about)
        about = _copied(about)
        run.insert(0, about)
    place = next((index for index, item in enumerate(about) if item.tag in LATER), len(about))
    if about.find(W + "shd") is None:
        about.insert(place, about.makeelement(W + "shd", {W + "val": "clear", W + "color": "auto", W + "fill": SHADE}))


def _copied(about: Element) -> Element:
    new = about.makeelement(about.tag, dict(about.attrib))
    new.extend(list(about))
    return new


def _inserted(parts: dict[str, bytes], name: str, piece: str, before: str) -> None:
    parts[name] = parts[name].decode("utf-8").replace(before, piece + before).encode("utf-8")


def results_digest(root: Path) -> str:
    """Return a digest of the results that a document shows, or "" where there are none."""
    path = root / "build/results/results.json"
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16] if path.is_file() else ""


def marked(project: Project, source: Source, shaded: bool = False) -> tuple[Source, Memory]:
    """Return a source with a mark before each of its blocks, and the memory that reads the marks."""
    memory = Memory(project, source, shaded)
    memory.blocks = blocks.blocks(source)
    lines = list(source.lines)
    for number, block in enumerate(memory.blocks):
        line = lines[block.start]
        mark = f"{START}{chr(FIRST + number)} "
        lines[block.start] = Line(block.lead + mark + line.text[len(block.lead) :], line.file, line.number)
    return dataclasses.replace(source, lines=tuple(lines)), memory


def unmarked(tree: Any) -> Any:
    """Return Pandoc's tree without the marks of blocks."""
    if isinstance(tree, dict):
        return {key: unmarked(value) for key, value in tree.items()}
    if not isinstance(tree, list):
        return MARK.sub("", tree) if isinstance(tree, str) and START in tree else tree
    if tree and isinstance(tree[0], dict) and tree[0].get("t") == "Str" and tree[0]["c"].startswith(START):
        tree = tree[2:]  # the mark and the blank after it
    return [unmarked(item) for item in tree]


def _plain(tree: Any) -> Any:
    """Return cells without the marks around values."""
    only = (OPEN, CLOSE)
    return nodes.walk(tree, lambda node: [] if node["t"] == "Str" and node["c"].startswith(only) else None)
