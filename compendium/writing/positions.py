"""Where sections stand in a rendered PDF: pages, and the numbers that the margin gives to their lines.

Sections are found by the named destinations that Typst writes for labelled headings, the title and the abstract by
their words. Nothing but the PDF and the headings' order is needed, so any engine's PDF will do.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from compendium.errors import CompendiumError

DASH = "–"
TOLERANCE = 3.0  # points by which a number may stand higher than the text of its line
FEW = 5  # words that tell where a passage begins or ends


@dataclass(frozen=True)
class Heading:
    """A labelled heading of the source, in reading order."""

    label: str
    level: int
    title: str


@dataclass(frozen=True)
class Position:
    """A stretch of a PDF: pages, and line numbers where its lines are numbered."""

    page_from: int
    page_to: int
    line_from: int | None = None
    line_to: int | None = None

    def words(self) -> str:
        """Return the position in words, such as "pages 2–3, lines 40–71"."""
        pages = _range("page", self.page_from, self.page_to)
        if self.line_from is None or self.line_to is None:
            return pages
        return f"{pages}, {_range('line', self.line_from, self.line_to)}"


def _range(word: str, first: int, last: int) -> str:
    return f"{word} {first}" if first == last else f"{word}s {first}{DASH}{last}"


@dataclass
class Page:
    """What one page holds: line numbers by height, and the heights of its text."""

    numbers: list[tuple[float, int]] = field(default_factory=list)  # (top, number), from the top down
    tops: list[float] = field(default_factory=list)


Point = tuple[int, float]  # page from 0, height above the foot in points


def of_sections(pdf: Path, headings: Sequence[Heading], passages: dict[str, str] | None = None) -> dict[str, Position]:
    """Return where each section stands that the PDF has a destination for.

    Parameters
    ----------
    pdf : a PDF whose labelled headings have named destinations.
    headings : all headings in reading order; a section ends where the next of its level or higher begins.
    passages : further texts to find by their first and last words: name -> text. Numbers stand to the left of the
        text; a passage without numbered lines has pages only.

    Raises
    ------
    CompendiumError : the PDF cannot be read, or a passage is not in it.
    """
    import pypdfium2 as pdfium

    try:
        document = pdfium.PdfDocument(pdf)
    except pdfium.PdfiumError as error:
        raise CompendiumError("the PDF cannot be read", file=pdf.name, found=str(error)) from error
    try:
        targets = _destinations(document)
        margin = min((left for _, _, left in targets.values()), default=0.0)
        pages = [_page(page, margin) for page in document]
        ends = {name: _ends(document, margin, name, text, pdf.name) for name, text in (passages or {}).items()}
    finally:
        document.close()
    points = {label: (page, top) for label, (page, top, _) in targets.items()}
    end: Point = (len(pages) - 1, 0.0)
    found = {}
    for at, heading in enumerate(headings):
        if heading.label in points:
            later = (points.get(other.label) for other in headings[at + 1 :] if other.level <= heading.level)
            found[heading.label] = _between(pages, points[heading.label], next(filter(None, later), end))
    return found | {name: _lines(pages, begin, stop) for name, (begin, stop) in ends.items()}


def _destinations(document: Any) -> dict[str, tuple[int, float, float]]:
    """Return the named destinations: name -> page from 0, top, left."""
    import pypdfium2.raw as raw

    found = {}
    for index in range(raw.FPDF_CountNamedDests(document.raw)):
        size = ctypes.c_long(0)
        raw.FPDF_GetNamedDest(document.raw, index, None, size)
        name = ctypes.create_string_buffer(size.value)
        target = raw.FPDF_GetNamedDest(document.raw, index, name, size)
        known = [raw.FPDF_BOOL() for _ in range(3)]
        left, top, zoom = (raw.FS_FLOAT() for _ in range(3))
        raw.FPDFDest_GetLocationInPage(target, *known, left, top, zoom)
        page = raw.FPDFDest_GetDestPageIndex(document.raw, target)
        found[name.raw[: size.value].decode("utf-16-le").rstrip("\0")] = (page, top.value, left.value)
    return found


def _page(page: Any, margin: float) -> Page:
    text = page.get_textpage()
    result = Page()
    for index in range(text.count_rects()):
        left, bottom, right, top = text.get_rect(index)
        if right < margin:
            digits = text.get_text_bounded(left, bottom, right, top).strip()
            if digits.isdigit():
                result.numbers.append((top, int(digits)))
        else:
            result.tops.append(top)
    result.numbers.sort(reverse=True)
    return result


def _characters(page: Any, margin: float) -> list[tuple[str, float]]:
    """Return the letters and digits of a page, in the order in which they are read, with their heights."""
    text = page.get_textpage()
    found = []
    for index, sign in enumerate(text.get_text_range()):
        if sign.isalnum():
            _, _, right, top = text.get_charbox(index)
            if right >= margin:
                found.append((sign.lower(), top))
    return found


def _between(pages: Sequence[Page], start: Point, end: Point) -> Position:
    """Return the pages and line numbers from one point of the document up to another."""
    first, last = start[0], end[0]
    if last > first and not any(top > end[1] + TOLERANCE for top in pages[last].tops):
        last -= 1  # the next section begins its page
    numbers = [
        number
        for index in range(start[0], end[0] + 1)
        for top, number in pages[index].numbers
        if (index > start[0] or top <= start[1] + TOLERANCE) and (index < end[0] or top > end[1] + TOLERANCE)
    ]
    return Position(first + 1, last + 1, min(numbers), max(numbers)) if numbers else Position(first + 1, last + 1)


def _ends(document: Any, margin: float, name: str, text: str, file: str) -> tuple[Point, Point]:
    """Return where a passage begins and ends, found by its first and last words."""
    words = re.findall(r"[^\W_]+", text.lower())
    starts, stops = "".join(words[:FEW]), "".join(words[-FEW:])
    begin: Point | None = None
    for index, page in enumerate(document):
        characters = _characters(page, margin)
        letters = "".join(sign for sign, _ in characters)
        at = letters.find(starts) if begin is None else 0
        if begin is None and at >= 0:
            begin = (index, characters[at][1])
        if begin is not None and (stop := letters.find(stops, at)) >= 0:
            return begin, (index, characters[stop + len(stops) - 1][1])
    raise CompendiumError(f"the PDF does not hold the {name}", file=file, expected=" ".join(words[:FEW]))


def _lines(pages: Sequence[Page], begin: Point, end: Point) -> Position:
    """Return the position of the lines whose text lies between two heights, both included."""
    numbers = [
        number
        for index in range(begin[0], end[0] + 1)
        for top, number in pages[index].numbers
        if (index > begin[0] or top <= begin[1] + 2 * TOLERANCE) and (index < end[0] or top >= end[1] - 2 * TOLERANCE)
    ]
    where = (begin[0] + 1, end[0] + 1)
    return Position(*where, min(numbers), max(numbers)) if numbers else Position(*where)
