"""Words of a manuscript by a journal's rules: what counts as main text, the abstract, and listed points.

Numbered sections are main text. Front matter, unnumbered sections, callouts, figures, tables with their captions and
notes, displayed quotations and citation marks are not counted, as medical journals ask.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

HEADING = re.compile(r"^(?P<marks>#{1,6})\s+(?P<title>.*?)\s*(?:\{(?P<attributes>[^}]*)\})?\s*$")
LABEL = re.compile(r"#([\w-]+)")
FENCE = re.compile(r"^(?P<colons>:{3,})\s*(?P<attributes>\S.*)?$")
LISTED = re.compile(r"^(?:[-*+]|\d+[.)])\s+")
UNCOUNTED = re.compile(r"^\s*(?:\||\+[-=]|!\[|>|\[[^\]]+\]:\s)")
CITATIONS = re.compile(r"\[-?@[^\]]*\]|\[[^\][]*[^\w\]]-?@[^\][]*\]|\[\^[^\s^\]]+\^\]\([^)]*\)")
REFERENCE = re.compile(r"-?@[\w:.-]*\w")
LINK = re.compile(r"\[([^\]]*)\](?:\([^)]*\)|\{[^}]*\})?")
WORD = re.compile(r"[^\W_]+(?:[^\w\s—/]?[^\W_]+)*", re.UNICODE)


@dataclass(frozen=True)
class Section:
    """A heading and the lines below it, up to the next heading."""

    title: str
    label: str
    level: int
    numbered: bool
    lines: tuple[str, ...]

    @property
    def words(self) -> int:
        """Return the number of words of the heading and of what counts below it."""
        return count(self.title) + count("\n".join(counted_lines(self.lines)))

    @property
    def points(self) -> list[str]:
        """Return the items of the section's lists, each as one line."""
        found: list[str] = []
        for line in counted_lines(self.lines):
            if LISTED.match(line):
                found.append(LISTED.sub("", line).strip())
            elif found and line.startswith(" "):
                found[-1] += " " + line.strip()
        return found


def count(text: str) -> int:
    """Return the number of words.

    Citations and raised markers such as [^Q1^](#Q1) count nothing, a reference to a figure or section two ("Figure 1").
    """
    plain = LINK.sub(r"\1", REFERENCE.sub("Figure 1", CITATIONS.sub(" ", text)))
    return len(WORD.findall(plain))


def counted_lines(lines: Iterable[str]) -> Iterator[str]:
    """Yield the lines of prose and lists: no div of a callout, table, figure or notes, no table row, no quotation."""
    depth = 0
    for line in lines:
        if fence := FENCE.match(line):
            depth += 1 if fence["attributes"] else -1
        elif depth == 0 and not UNCOUNTED.match(line):
            yield line


def sections(lines: Iterable[str]) -> list[Section]:
    """Return the sections of a source's body in order; a subsection of an unnumbered section is unnumbered too."""
    found: list[Section] = []
    title, label, level, numbered, below = "", "", 0, False, []
    whole_numbered = False
    for line in lines:
        heading = HEADING.match(line)
        if heading is None:
            below.append(line)
            continue
        found.append(Section(title, label, level, numbered, tuple(below)))
        attributes = heading["attributes"] or ""
        labelled = LABEL.search(attributes)
        title, label, level, below = heading["title"], labelled[1] if labelled else "", len(heading["marks"]), []
        numbered = ".unnumbered" not in attributes
        if level == 1:
            whole_numbered = numbered
        numbered = numbered and whole_numbered
    found.append(Section(title, label, level, numbered, tuple(below)))
    return [section for section in found if section.level]


def main_text(found: Iterable[Section]) -> int:
    """Return the number of words of the numbered sections, headings included."""
    return sum(section.words for section in found if section.numbered)
