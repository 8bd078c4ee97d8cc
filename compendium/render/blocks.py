"""The blocks of a source that a person may edit: headings, paragraphs, list items and captions, each with its place.

A block is a stretch of whole lines of one file. Code, tables, equations, raw HTML and the fences of divs are none, and
what an include brings from the build folder is a block that nobody edits (``computed``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from compendium.render.sources import DIV, DIV_END, FENCE, Source

HEADING = re.compile(r"(#{1,6}\s+)\S")
ITEM = re.compile(r"(\s*(?:[-*+]|\(?(?:\d{1,3}|[a-zA-Z]|[ivx]{1,5})[.)]|\(@\w*\))\s+)\S")
CAPTION = re.compile(r"((?:Table)?:\s+)\S")
NOTE = re.compile(r"(\[\^[^\]\s]+\]:\s+)\S")
QUOTE = re.compile(r"((?:>\s*)+)\S")
IMAGE = re.compile(r"(!\[)[^\]]*")
SKIPPED = re.compile(r"\s*(?:\||\+[-=:+]+|<|\$\$|\[[^\]^]+\]:\s|\\begin|(?:[-*_]\s*){3,}$|={3,}$)")
META = re.compile(r"""((?:title|subtitle):\s+")[^"\\]+("\s*)$""")
VERBATIM = re.compile(r"(abstract):\s*\|[-+]?\s*$")
BUILT = "build/"


@dataclass(frozen=True)
class Block:
    """One block: its kind, file and lines (from 1), where its text begins, and its places among the source's lines."""

    kind: str
    file: str
    first: int
    last: int
    lead: str
    """What stands before the text on the first line: ``## ``, ``- ``, the indentation."""
    start: int
    stop: int
    """The block is ``source.lines[start:stop]``."""

    @property
    def computed(self) -> bool:
        """Return whether the chain writes the block's file."""
        return self.file.startswith(BUILT)


def blocks(source: Source) -> list[Block]:
    """Return the blocks of a source in order, front matter (title, subtitle, abstract) first."""
    return [*_front(source), *_body(source)]


def _front(source: Source) -> Iterator[Block]:
    lines, place = source.lines, 1
    while place < source.body_start - 1:
        line = lines[place]
        if match := META.match(line.text):
            yield Block("title", line.file, line.number, line.number, match[1], place, place + 1)
        elif VERBATIM.match(line.text):
            place += 1
            while place < source.body_start - 1 and (not lines[place].text.strip() or lines[place].text[0] == " "):
                start = place
                while lines[place].text.startswith(" ") and lines[place].text.strip():
                    place += 1
                if place == start:
                    place += 1
                    continue
                head, end = lines[start], lines[place - 1]
                indent = head.text[: len(head.text) - len(head.text.lstrip())]
                yield Block("abstract", head.file, head.number, end.number, indent, start, place)
            continue
        place += 1


def _body(source: Source) -> Iterator[Block]:
    lines = source.lines
    place, fence, comment = source.body_start, "", False
    while place < len(lines):
        text = lines[place].text
        match = FENCE.match(text)
        if fence or match:
            if match and not fence:
                fence = match[1]
            elif match and match[1].startswith(fence) and not text.strip().strip("`~"):
                fence = ""
            place += 1
            continue
        if comment or "<!--" in text:
            comment = text.rfind("<!--") > text.rfind("-->") or (comment and "-->" not in text)
            place += 1
            continue
        if not text.strip() or DIV.match(text) or DIV_END.match(text):
            place += 1
            continue
        kind, lead = _beginning(text)
        start, place = place, place + 1
        if kind == "heading":
            yield Block(kind, lines[start].file, lines[start].number, lines[start].number, lead, start, place)
            continue
        while place < len(lines) and not _ends(lines[place].text, kind) and lines[place].file == lines[start].file:
            place += 1
        if kind:
            yield Block(kind, lines[start].file, lines[start].number, lines[place - 1].number, lead, start, place)


def _beginning(text: str) -> tuple[str, str]:
    """Return the kind of the block that begins with this line, and what stands before its text; "" where it is none."""
    if match := HEADING.match(text):
        return "heading", match[1]
    if match := NOTE.match(text):
        return "note", match[1]
    if SKIPPED.match(text):
        return "", ""
    for kind, pattern in (("item", ITEM), ("caption", CAPTION), ("quote", QUOTE), ("caption", IMAGE)):
        if match := pattern.match(text):
            return kind, match[1]
    return "paragraph", text[: len(text) - len(text.lstrip())]


def _ends(text: str, kind: str) -> bool:
    if not text.strip() or DIV.match(text) or DIV_END.match(text) or FENCE.match(text) or "<!--" in text:
        return True
    return kind == "item" and ITEM.match(text) is not None
