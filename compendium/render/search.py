"""The search index of a website: every section of every page with its words, as a script that works from a disk."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

from compendium.project import write_text

HEADINGS = {"h1", "h2", "h3", "h4"}
ASIDE = {"nav", "script", "style", "math", "pre"}  # not the text of the page
VOID = {"img", "br", "hr", "input", "meta", "link", "col", "wbr"}
LONGEST = 1500  # characters kept of one section: enough to find it, small enough to load at once


@dataclass
class _Section:
    anchor: str
    heading: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)


class _Sections(HTMLParser):
    """Collect a page's main text by section."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.sections: list[_Section] = [_Section("")]
        self.title: list[str] = []
        self._main = self._skip = 0
        self._heading = False
        self._in_title = False
        self._anchors: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "title":
            self._in_title = True
        if tag == "main":
            self._main += 1
        elif (
            (self._main and tag in ASIDE | {"header"})
            or (tag == "details" and "page-toc-small" in (given.get("class") or ""))
            or (tag == "dd" and "unsearched" in (given.get("class") or ""))
        ) or (self._skip and tag == "details"):
            self._skip += 1
        if not self._main or self._skip:
            return
        if tag == "section":
            self._anchors.append(given.get("id") or "")
        if tag in HEADINGS:
            anchor = given.get("id") or (self._anchors[-1] if self._anchors else "")
            self.sections.append(_Section(anchor))
            self._heading = True
        if tag == "tr" and given.get("id"):
            self.sections.append(_Section(given["id"] or ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self._in_title = False
        elif tag == "main":
            self._main -= 1
        elif self._skip and tag in ASIDE | {"header", "details", "dd"}:
            self._skip -= 1
        elif tag == "section" and self._main and self._anchors:
            self._anchors.pop()
        elif tag in HEADINGS:
            self._heading = False

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title.append(data)
        elif self._main and not self._skip:
            section = self.sections[-1]
            (section.heading if self._heading else section.text).append(data)


def page_sections(markup: str) -> tuple[str, list[tuple[str, str, str]]]:
    """Return a page's title, and its sections as (anchor, heading, text); empty ones are left out."""
    parser = _Sections()
    parser.feed(markup)
    parser.close()
    title = " ".join("".join(parser.title).split()).rpartition(" – ")
    found = []
    for section in parser.sections:
        words = " ".join(" ".join(section.text).split())[:LONGEST]
        name = " ".join("".join(section.heading).split())
        if name or words:
            found.append((section.anchor, name, words))
    return title[0] or title[2], found


def write_index(folder: Path, pages: Iterable[Path]) -> Path:
    """Write ``search-index.js`` for the HTML pages below ``folder``; return the file."""
    entries = []
    for path in sorted(pages):
        title, sections = page_sections(path.read_text(encoding="utf-8"))
        address = path.relative_to(folder).as_posix()
        for anchor, heading, text in sections:
            entries.append(
                {
                    "address": f"{address}#{anchor}" if anchor else address,
                    "title": title,
                    "heading": heading,
                    "text": text,
                }
            )
    content = json.dumps(entries, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return write_text(folder / "search-index.js", f"window.compendiumSearch = {content};\n")
