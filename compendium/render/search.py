"""The search of a website: which words stand in which section of which page, as scripts that work from a disk.

Two kinds of file, both loaded on demand: ``search-index.js`` says where each word stands, small enough to come at
once; ``search/N.js`` holds the texts of page N, for the excerpts of the results that are shown. A page may say in its
head what it is of (``<meta name="facet">``) and that its title alone is searched (``<meta name="search">``: false).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

from compendium.project import write_text

HEADINGS = {"h1", "h2", "h3", "h4"}
ASIDE = {"nav", "script", "style", "math", "pre", "button", "svg"}  # not the text of the page
VOID = {"img", "br", "hr", "input", "meta", "link", "col", "wbr"}
LONGEST = 4000  # characters kept of one section, for its excerpt; the index holds the words of all of it
OTHER = "Other pages"
WORD = re.compile(r"\d{1,3}(?:,\d{3})+|[^\W_]+")
UNSEARCHED = {"unsearched", "cited", "cell-output"}  # classes of what stands on a page and is found elsewhere
SLIGHT = re.compile(r"\d{1,3}|\w|[0-9a-f]{8,}|\w{25,}")  # small numbers, letters, digests: found everywhere or nowhere
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
COMMON = (
    "a an and are as at be been but by can do for from had has have how i if in into is it its may more most no not of "
    "on one only or other our out so some such than that the their them then there these they this those to two under "
    "up was we were what when where which who whose will with would you"
)
STOP = frozenset(COMMON.split())


@dataclass
class _Section:
    anchor: str
    heading: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Section:
    """A part of a page that can be found: its anchor, the words that name it, its text."""

    anchor: str
    heading: str
    text: str


@dataclass(frozen=True)
class Page:
    """A page with its title, what it is of, and its sections."""

    title: str
    facet: str
    sections: tuple[Section, ...]


class _Sections(HTMLParser):
    """Collect a page's main text by section: below each heading, in each row or mark that has an address."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.sections: list[_Section] = [_Section("")]
        self.title: list[str] = []
        self.facet, self.whole = "", True
        self._main = self._skip = 0
        self._heading = self._in_title = False
        self._named = ""  # the tag within which the words name a row
        self._anchors: list[str] = []
        self._row = False
        self._left_out, self._depth = "", 0  # the tag of `UNSEARCHED` that we are in, and how often it is open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        classes = (given.get("class") or "").split()
        if self._left_out:
            self._depth += tag == self._left_out
            return
        if UNSEARCHED.intersection(classes):
            self._left_out, self._depth = tag, 1
            return
        if tag == "title" and not self._main:
            self._in_title = True
        if tag == "meta" and given.get("name") == "facet":
            self.facet = given.get("content") or ""
        if tag == "meta" and given.get("name") == "search":
            self.whole = given.get("content") != "false"
        if tag == "main":
            self._main += 1
        elif ((self._main and tag in ASIDE | {"header"}) or (tag == "details" and "page-toc-small" in classes)) or (
            self._skip and tag == "details"
        ):
            self._skip += 1
        if not self._main or self._skip:
            return
        if tag == "section":
            self._anchors.append(given.get("id") or "")
        if tag in HEADINGS:
            anchor = given.get("id") or (self._anchors[-1] if self._anchors else "")
            self.sections.append(_Section(anchor))
            self._heading = True
        if tag == "tr":
            self._row = bool(given.get("id"))
            if self._row:
                self.sections.append(_Section(given["id"] or ""))
        if "named" in classes and not self._named:
            self._named = tag
            if given.get("id") and not self._row:
                self.sections.append(_Section(given["id"] or ""))

    def handle_endtag(self, tag: str) -> None:
        if self._left_out:
            self._depth -= tag == self._left_out
            self._left_out = self._left_out if self._depth else ""
            return
        if tag == "title":
            self._in_title = False
        elif tag == "main":
            self._main -= 1
        elif self._skip and tag in ASIDE | {"header", "details"}:
            self._skip -= 1
        elif tag == "section" and self._main and self._anchors:
            self._anchors.pop()
        elif tag in HEADINGS:
            self._heading = False
        if tag == self._named:
            self._named = ""

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title.append(data)
        elif self._main and not self._skip and not self._left_out:
            section = self.sections[-1]
            if self._heading or self._named:
                section.heading.append(data)
            else:
                section.text.append(data)


def page_of(markup: str) -> Page:
    """Return a page's title, what it is of and its sections without empty ones; a page may give its title alone."""
    parser = _Sections()
    parser.feed(markup)
    parser.close()
    words = " ".join("".join(parser.title).split()).rpartition(" – ")
    title = words[0] or words[2]
    found = []
    for section in parser.sections if parser.whole else []:
        text, heading = " ".join(" ".join(section.text).split()), " ".join("".join(section.heading).split())
        if heading or text:
            found.append(Section(section.anchor, heading, text))
    return Page(title, parser.facet or OTHER, tuple(found) if parser.whole else (Section("", title, ""),))


def words_of(text: str) -> set[str]:
    """Return the words of a text that the index holds: lower case, without the commonest and the slightest."""
    return {word for word in WORD.findall(text.lower()) if word not in STOP and not SLIGHT.fullmatch(word)}


def packed(places: Iterable[int]) -> str:
    """Return ascending numbers as their differences in base 36, between commas."""
    last, found = 0, []
    for place in places:
        found.append(_base36(place - last))
        last = place
    return ",".join(found)


def write_index(folder: Path, pages: Iterable[Path] | None = None, facets: dict[str, str] | None = None) -> Path:
    """Write ``search-index.js`` and the texts of its pages; return the index.

    Parameters
    ----------
    folder : the website.
    pages : its pages; by default all HTML files below it.
    facets : first folder of a page's address -> what pages there are of, where they do not say.
    """
    listed: list[list[str | int]] = []
    entries: list[list[int | str]] = []
    where: dict[str, list[int]] = {}
    for path in sorted(pages if pages is not None else folder.rglob("*.html")):
        page = page_of(path.read_text(encoding="utf-8"))
        address = path.relative_to(folder).as_posix()
        facet = page.facet if page.facet != OTHER else (facets or {}).get(address.partition("/")[0], OTHER)
        number = len(listed)
        for section in page.sections:
            for word in words_of(section.text):
                where.setdefault(word, []).append(len(entries))
            entries.append([number, section.anchor, "" if section.heading == page.title else section.heading])
        texts = [section.text[:LONGEST] for section in page.sections]
        listed.append([address, page.title, facet, int(any(texts))])
        if any(texts):
            added = f"(window.compendiumTexts ??= {{}})[{number}] = {_script(texts)};\n"
            write_text(folder / f"search/{number}.js", added)
    content = {
        "pages": listed,
        "entries": entries,
        "words": " ".join(sorted(where)),
        "places": " ".join(packed(where[word]) for word in sorted(where)),
        "stop": COMMON,
    }
    return write_text(folder / "search-index.js", f"window.compendiumSearch = {_script(content)};\n")


def _base36(number: int) -> str:
    found = ""
    while True:
        number, digit = divmod(number, 36)
        found = DIGITS[digit] + found
        if not number:
            return found


def _script(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
