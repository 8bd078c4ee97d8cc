"""Tables and sections of a Word file: rows stay whole, wide tables lie on landscape pages, columns have their widths.

Sections: ECMA-376 part 1, 17.6; tables: 17.4. `compendium.render.word` uses this, with Quarto's Python too, so it
imports nothing but the standard library.
"""

from __future__ import annotations

import copy
from xml.etree import ElementTree

Element = ElementTree.Element
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
WIDE, NOTES = "Tabletextwide", "Tablenotes"
LANDSCAPE_MARGINS = {"top": 964, "bottom": 964, "left": 1134, "right": 1134}  # twentieths of a point: 1.7 and 2 cm
SHORT = 16  # rows of a table that stays on one page
LEAD = 2  # paragraphs between a heading and the wide table that it announces, which go with it onto its page


def w(tag: str) -> str:
    return f"{{{WORD}}}{tag}"


def style_of(paragraph: Element) -> str:
    found = paragraph.find(f"{w('pPr')}/{w('pStyle')}")
    return found.get(w("val"), "") if found is not None else ""


def words_of(element: Element) -> str:
    return "".join(item.text or "" for item in element.iter(w("t")))


def put(paragraph: Element, property_: Element) -> None:
    """Put a property of a paragraph right after its style, where tabs and what keeps lines together belong."""
    look = paragraph.find(w("pPr"))
    if look is None:
        look = ElementTree.Element(w("pPr"))
        paragraph.insert(0, look)
    look.insert(1 if look.find(w("pStyle")) is not None else 0, property_)


def room_of(section: Element) -> int:
    """Return the width between the margins of a section's pages, in twentieths of a point."""
    size, margins = section.find(w("pgSz")), section.find(w("pgMar"))
    if size is None or margins is None:
        return 0
    return int(size.get(w("w"), 0)) - sum(int(margins.get(w(side), 0)) for side in ("left", "right"))


def rows_kept(body: Element) -> None:
    """Let no row break over pages, keep short tables whole, and the notes of all with their last row.

    Empty cells, which Pandoc leaves in the style of the text, get the style of the others.
    """
    children = [child for child in body if child.tag != w("bookmarkEnd")]
    for place, table in enumerate(children):
        if table.tag != w("tbl"):
            continue
        paragraphs = list(table.iter(w("p")))
        style = next((style_of(paragraph) for paragraph in paragraphs if words_of(paragraph)), "")
        for paragraph in paragraphs:
            if style and len(paragraph) <= 1 and style_of(paragraph) != style:  # an empty cell
                paragraph[:] = []
                put(paragraph, ElementTree.Element(w("pStyle"), {w("val"): style}))
        rows = table.findall(w("tr"))
        for row in rows:
            about = row.find(w("trPr"))
            if about is None:
                about = ElementTree.Element(w("trPr"))
                row.insert(0, about)
            if about.find(w("cantSplit")) is None:
                about.insert(0, ElementTree.Element(w("cantSplit")))
        noted = place + 1 < len(children) and style_of(children[place + 1]) == NOTES
        last = len(rows) if noted else len(rows) - 1
        for row in rows[0 if len(rows) <= SHORT else len(rows) - 1 : last]:
            for paragraph in row.iter(w("p")):
                if paragraph.find(f"{w('pPr')}/{w('keepNext')}") is None:
                    put(paragraph, ElementTree.Element(w("keepNext")))


def _spans(children: list[Element]) -> list[tuple[int, int]]:
    """Return the places of what goes onto landscape pages: a wide table, its caption, its notes, its heading."""
    marks = (w("bookmarkStart"), w("bookmarkEnd"))
    spans: list[tuple[int, int]] = []
    for place, child in enumerate(children):
        if child.tag != w("tbl") or not any(style_of(paragraph) == WIDE for paragraph in child.iter(w("p"))):
            continue
        start, stop = place, place + 1
        while start and (children[start - 1].tag in marks or style_of(children[start - 1]) == "TableCaption"):
            start -= 1
        while stop < len(children) and (children[stop].tag == marks[1] or style_of(children[stop]) == NOTES):
            stop += 1
        paragraphs, back = 0, start
        while back and paragraphs <= LEAD and children[back - 1].tag in (*marks, w("p")):
            back -= 1
            if style_of(children[back]).startswith("Heading"):
                while back and children[back - 1].tag == marks[0]:
                    back -= 1
                start = back
                break
            paragraphs += children[back].tag == w("p")
        if spans and all(item.tag in marks for item in children[spans[-1][1] : start]):
            start = spans.pop()[0]
        spans.append((start, stop))
    return spans


def landscape(body: Element) -> None:
    """Give wide tables sections of their own on landscape pages."""
    final = body.find(w("sectPr"))
    if final is None or len(list(body.iter(w("sectPr")))) > 1:
        return
    children = [child for child in body if child is not final]
    lying = copy.deepcopy(final)
    size, margins = lying.find(w("pgSz")), lying.find(w("pgMar"))
    if size is None or margins is None:
        return
    high, across = size.get(w("h"), ""), size.get(w("w"), "")
    size.set(w("w"), high)
    size.set(w("h"), across)
    size.set(w("orient"), "landscape")
    for side, width in LANDSCAPE_MARGINS.items():
        margins.set(w(side), str(width))
    standing = copy.deepcopy(final)
    for start, stop in reversed(_spans(children)):
        if stop == len(children):
            body[list(body).index(final)] = lying
        else:
            _ended(body, children[stop - 1], lying)
        if start:
            _ended(body, children[start - 1], standing)


def _ended(body: Element, last: Element, section: Element) -> None:
    """End a section after ``last``: in this paragraph, or in an empty one after a table or a mark."""
    place = list(body).index(last)
    if last.tag != w("p"):
        last = ElementTree.Element(w("p"))
        body.insert(place + 1, last)
        ElementTree.SubElement(
            ElementTree.SubElement(last, w("pPr")),
            w("spacing"),
            {w("before"): "0", w("after"): "0", w("line"): "20", w("lineRule"): "exact"},
        )
    if last.find(w("pPr")) is None:
        last.insert(0, ElementTree.Element(w("pPr")))
    last[0].append(copy.deepcopy(section))


def sized(body: Element) -> None:
    """Give every table the widths of its columns in the room of its section; Word widens a column for a long word."""
    room = 0
    for child in reversed(list(body)):
        section = child if child.tag == w("sectPr") else child.find(f"{w('pPr')}/{w('sectPr')}")
        if section is not None:
            room = room_of(section) or room
        if child.tag == w("tbl"):
            _size(child, room)


def _size(table: Element, room: int) -> None:
    look, grid = table.find(w("tblPr")), table.find(w("tblGrid"))
    if look is None or grid is None:
        return
    across = look.find(w("tblW"))
    if across is None or across.get(w("type")) != "pct":
        return
    share = float(across.get(w("w"), "0")) / 5000
    widths = [int(column.get(w("w"), 0)) for column in grid]
    if not share or not sum(widths):
        return
    widths = [round(width / sum(widths) * share * room) for width in widths]
    across.set(w("type"), "dxa")
    across.set(w("w"), str(sum(widths)))
    layout = look.find(w("tblLayout"))
    if layout is not None:
        layout.set(w("type"), "autofit")
    for column, width in zip(grid, widths, strict=True):
        column.set(w("w"), str(width))
    for row in table.iter(w("tr")):
        place = 0
        for cell in row.findall(w("tc")):
            if cell.find(w("tcPr")) is None:
                cell.insert(0, ElementTree.Element(w("tcPr")))
            about = cell[0]
            spanned = about.find(w("gridSpan"))
            columns = int(spanned.get(w("val"), 1)) if spanned is not None else 1
            wide = str(sum(widths[place : place + columns]))
            about.insert(0, ElementTree.Element(w("tcW"), {w("w"): wide, w("type"): "dxa"}))
            place += columns
