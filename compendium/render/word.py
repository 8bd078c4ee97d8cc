"""Word files as co-authors and journals expect them: fields for numbers and references, sections for wide tables.

Pandoc writes "Table 2:" and "see Figure 1" as words. Here each number becomes a SEQ field, so that Word counts and
lists captions, and each reference a REF field to a bookmark around what it names. What the fields show is right, so
Word asks nothing at opening. Header, footer, numbers of lines and every style come from the reference document.
Field codes: ECMA-376 part 1, 17.16; sections: 17.6.

Quarto runs this file by itself after `quarto render --profile paper` (``project: post-render:``), with whatever Python
it finds, so it imports nothing but the standard library.
"""

from __future__ import annotations

import copy
import hashlib
import io
import itertools
import os
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree

Element = ElementTree.Element
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
IGNORABLE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Ignorable"
CAPTIONS = ("ImageCaption", "TableCaption")
WIDE, NOTES = "Tabletextwide", "Tablenotes"
CAPTION = re.compile(r"^(?P<name>[^\W\d]+)(?P<gap>[\u00a0 ])(?P<number>[A-Z]?[\d.]*\d)(?P<end>[:.]?)")
NUMBERED = re.compile(r"^([A-Z]?[\d.]*\d)(?=[\u00a0 \t]|$)")
LABEL = re.compile(r"^(fig|tbl|sec)-")
LANDSCAPE_MARGIN = 1134  # 2 cm in twentieths of a point
LEAD = 2  # paragraphs between a heading and the wide table that it announces, which go with it onto its page
COMPATIBLE = (
    '<w:compat><w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" '
    'w:val="15"/></w:compat>'
)


def finished(content: bytes, banner: str = "") -> bytes:
    """Return a Word file by Pandoc with fields, sections and a running title; what is done already stays as it is.

    Parameters
    ----------
    content : the .docx file. The running title is its property ``short-title``, else its title.
    banner : words that stand below the running title.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as old:
        parts = {item.filename: old.read(item) for item in old.infolist()}
        items = old.infolist()
    parts["word/document.xml"] = _rewritten(parts["word/document.xml"], _document)
    settings = parts["word/settings.xml"].decode("utf-8")
    if "compatibilityMode" not in settings:  # else Word opens the file as one of Word 2007
        after = re.search(r"<w:(?:rsids|themeFontLang|clrSchemeMapping)\b", settings)
        settings = settings[: after.start()] + COMPATIBLE + settings[after.start() :] if after else settings
    parts["word/settings.xml"] = re.sub(r'(<w:themeFontLang w:val=")[^"]*', r"\1en-GB", settings).encode("utf-8")
    running, field = _running_title(parts)
    for name in parts:
        if re.fullmatch(r"word/header\d*\.xml", name):
            parts[name] = _rewritten(parts[name], lambda root: _run_head(root, running, field, banner))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as new:
        for item in items:
            same = zipfile.ZipInfo(item.filename, item.date_time)
            same.compress_type, same.external_attr = zipfile.ZIP_DEFLATED, item.external_attr
            new.writestr(same, parts[item.filename])
    return out.getvalue()


def reference_name(identifier: str, part: str = "") -> str:
    """Return the bookmark that a reference to a label names, as Word makes them: ``_Ref`` and nine digits.

    ``part`` tells bookmarks of one label apart: "" for its name and number, "number" for the number alone.
    """
    digest = hashlib.sha256(f"{identifier} {part}".encode()).hexdigest()
    return f"_Ref{int(digest, 16) % 10**9:09d}"


def _w(tag: str) -> str:
    return f"{{{WORD}}}{tag}"


def _rewritten(data: bytes, change: Callable[[Element], None]) -> bytes:
    """Return an XML part after ``change``, with the prefixes that it came with."""
    for _, (prefix, uri) in ElementTree.iterparse(io.BytesIO(data), ["start-ns"]):
        ElementTree.register_namespace(prefix, uri)
    root = ElementTree.fromstring(data)
    root.attrib.pop(IGNORABLE, None)  # it names prefixes that need not be declared any more
    change(root)
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


def _document(root: Element) -> None:
    body = next(root.iter(_w("body")))
    used = [int(item.get(_w("id"), 0)) for item in root.iter(_w("bookmarkStart"))]
    numbers = itertools.count(1 + max(used, default=0))
    named = _captioned(root, numbers) | _headed(root, numbers)
    _referred(root, named)
    _landscape(body)
    _sized(body)


def _style(paragraph: Element) -> str:
    found = paragraph.find(f"{_w('pPr')}/{_w('pStyle')}")
    return found.get(_w("val"), "") if found is not None else ""


def _words(element: Element) -> str:
    return "".join(item.text or "" for item in element.iter(_w("t")))


def _run(text: str, look: Element | None = None) -> Element:
    run = ElementTree.Element(_w("r"))
    if look is not None:
        run.append(copy.deepcopy(look))
    words = ElementTree.SubElement(run, _w("t"), {"{http://www.w3.org/XML/1998/namespace}space": "preserve"})
    words.text = text
    return run


def _field(code: str, shown: str, look: Element | None = None) -> list[Element]:
    """Return the runs of a field that shows these words until it is updated."""

    def mark(kind: str) -> Element:
        run = ElementTree.Element(_w("r"))
        if look is not None:
            run.append(copy.deepcopy(look))
        ElementTree.SubElement(run, _w("fldChar"), {_w("fldCharType"): kind})
        return run

    told = _run("", look)
    words = told.find(_w("t"))
    assert words is not None
    words.tag, words.text = _w("instrText"), f" {code} "
    return [mark("begin"), told, mark("separate"), _run(shown, look), mark("end")]


def _bookmarked(name: str, number: int, content: list[Element]) -> list[Element]:
    start = ElementTree.Element(_w("bookmarkStart"), {_w("id"): str(number), _w("name"): name})
    return [start, *content, ElementTree.Element(_w("bookmarkEnd"), {_w("id"): str(number)})]


def _taken(paragraph: Element, length: int) -> int:
    """Take the first ``length`` letters out of a paragraph's runs; return the place where they stood."""
    place = next(index for index, child in enumerate(paragraph) if child.tag == _w("r"))
    while length:
        run = paragraph[place]
        text = run.find(_w("t"))
        have = len(text.text or "") if text is not None else 0
        if have > length:
            assert text is not None
            text.text = (text.text or "")[length:]
            break
        paragraph.remove(run)
        length -= have
    return place


def _labelled(root: Element) -> Iterator[tuple[str, Element]]:
    """Yield the paragraphs with the label that was opened last before them."""
    label = ""
    for element in root.iter():
        if element.tag == _w("bookmarkStart") and LABEL.match(element.get(_w("name"), "")):
            label = element.get(_w("name"), "")
        elif element.tag == _w("p"):
            yield label, element


def _plain_start(paragraph: Element) -> str:
    """Return the words of the runs that stand directly in a paragraph, up to the first other thing."""
    words = ""
    for child in paragraph:
        if child.tag == _w("r"):
            if any(part.tag not in (_w("rPr"), _w("t")) for part in child):
                break
            words += _words(child)
        elif child.tag not in (_w("pPr"), _w("bookmarkStart"), _w("bookmarkEnd")):
            break
    return words


def _captioned(root: Element, numbers: Iterator[int]) -> dict[str, str]:
    """Make the numbers of captions fields between bookmarks; return what each label is called, as "Figure 1"."""
    named: dict[str, str] = {}
    for label, paragraph in list(_labelled(root)):
        match = CAPTION.match(_plain_start(paragraph)) if _style(paragraph) in CAPTIONS else None
        if match is None or label in named:
            continue
        look = ElementTree.Element(_w("rPr"))
        ElementTree.SubElement(look, _w("rStyle"), {_w("val"): "Captionlabel"})
        place = _taken(paragraph, match.end())
        counted = match["number"].isdigit()  # a book's "4.1" is no count of Word's
        number = (
            _field(rf"SEQ {match['name']} \* ARABIC", match["number"], look)
            if counted
            else [_run(match["number"], look)]
        )
        inner = _bookmarked(reference_name(label, "number"), next(numbers), number)
        whole = _bookmarked(reference_name(label), next(numbers), [_run(match["name"] + match["gap"], look), *inner])
        paragraph[place:place] = [*whole, _run(match["end"], look)]
        named[label] = match["name"] + match["gap"] + match["number"]
    for table in root.iter(_w("tbl")):
        title = table.find(f"{_w('tblPr')}/{_w('tblCaption')}")
        if title is not None:
            title.set(_w("val"), CAPTION.sub("", title.get(_w("val"), "")).strip())
    return named


def _headed(root: Element, numbers: Iterator[int]) -> dict[str, str]:
    """Put bookmarks around the numbers of headings; return the number of each label."""
    named: dict[str, str] = {}
    for label, paragraph in list(_labelled(root)):
        if not label.startswith("sec-") or label in named or not _style(paragraph).startswith("Heading"):
            continue
        done = any(item.get(_w("name")) == reference_name(label, "number") for item in paragraph)
        match = None if done else NUMBERED.match(_plain_start(paragraph))
        if match is None:
            named[label] = ""
            continue
        first = next(child for child in paragraph if child.tag == _w("r"))
        look = first.find(_w("rPr"))
        place = _taken(paragraph, match.end())
        number = [_run(match[1], look)]
        paragraph[place:place] = _bookmarked(reference_name(label, "number"), next(numbers), number)
        named[label] = match[1]
    return {label: number for label, number in named.items() if number}


def _referred(root: Element, named: dict[str, str]) -> None:
    """Make links to labels, where they say a label's name or number, REF fields."""
    for parent in list(root.iter()):
        for place in reversed(range(len(parent))):
            link = parent[place]
            label = link.get(_w("anchor"), "") if link.tag == _w("hyperlink") else ""
            name = named.get(label)
            if name is None:
                continue
            words, first = _words(link), link.find(_w("r"))
            look = first.find(_w("rPr")) if first is not None else None
            number = re.split("[\u00a0 ]", name)[-1]
            if words == name and name != number:
                runs = _field(rf"REF {reference_name(label)} \h \* MERGEFORMAT", words, look)
            elif re.search(rf"(?:^|[\u00a0 ]){re.escape(number)}$", words):
                before = words[: len(words) - len(number)]
                runs = [_run(before, look)] if before else []
                runs += _field(rf"REF {reference_name(label, 'number')} \h \* MERGEFORMAT", number, look)
            else:
                continue
            parent[place : place + 1] = runs


def _spans(children: list[Element]) -> list[tuple[int, int]]:
    """Return the places of what goes onto landscape pages: a wide table, its caption, its notes, its heading."""
    marks = (_w("bookmarkStart"), _w("bookmarkEnd"))
    spans: list[tuple[int, int]] = []
    for place, child in enumerate(children):
        if child.tag != _w("tbl") or not any(_style(paragraph) == WIDE for paragraph in child.iter(_w("p"))):
            continue
        start, stop = place, place + 1
        while start and (children[start - 1].tag in marks or _style(children[start - 1]) == "TableCaption"):
            start -= 1
        while stop < len(children) and (children[stop].tag == marks[1] or _style(children[stop]) == NOTES):
            stop += 1
        paragraphs, back = 0, start
        while back and paragraphs <= LEAD and children[back - 1].tag in (*marks, _w("p")):
            back -= 1
            if _style(children[back]).startswith("Heading"):
                while back and children[back - 1].tag == marks[0]:
                    back -= 1
                start = back
                break
            paragraphs += children[back].tag == _w("p")
        if spans and all(item.tag in marks for item in children[spans[-1][1] : start]):
            start = spans.pop()[0]
        spans.append((start, stop))
    return spans


def _landscape(body: Element) -> None:
    """Give wide tables sections of their own on landscape pages."""
    final = body.find(_w("sectPr"))
    if final is None or len(list(body.iter(_w("sectPr")))) > 1:
        return
    children = [child for child in body if child is not final]
    lying = copy.deepcopy(final)
    size, margins = lying.find(_w("pgSz")), lying.find(_w("pgMar"))
    if size is None or margins is None:
        return
    high, across = size.get(_w("h"), ""), size.get(_w("w"), "")
    size.set(_w("w"), high)
    size.set(_w("h"), across)
    size.set(_w("orient"), "landscape")
    for side in ("top", "bottom", "left", "right"):
        margins.set(_w(side), str(LANDSCAPE_MARGIN))
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
    if last.tag != _w("p"):
        last = ElementTree.Element(_w("p"))
        body.insert(place + 1, last)
        ElementTree.SubElement(
            ElementTree.SubElement(last, _w("pPr")),
            _w("spacing"),
            {_w("before"): "0", _w("after"): "0", _w("line"): "20", _w("lineRule"): "exact"},
        )
    if last.find(_w("pPr")) is None:
        last.insert(0, ElementTree.Element(_w("pPr")))
    last[0].append(copy.deepcopy(section))


def _sized(body: Element) -> None:
    """Give every table the widths of its columns in the room of its section; Word widens a column for a long word."""
    room = 0
    for child in reversed(list(body)):
        section = child if child.tag == _w("sectPr") else child.find(f"{_w('pPr')}/{_w('sectPr')}")
        if section is not None:
            size, margins = section.find(_w("pgSz")), section.find(_w("pgMar"))
            if size is not None and margins is not None:
                room = int(size.get(_w("w"), 0)) - sum(int(margins.get(_w(side), 0)) for side in ("left", "right"))
        if child.tag == _w("tbl"):
            _size(child, room)


def _size(table: Element, room: int) -> None:
    look, grid = table.find(_w("tblPr")), table.find(_w("tblGrid"))
    if look is None or grid is None:
        return
    across = look.find(_w("tblW"))
    if across is None or across.get(_w("type")) != "pct":
        return
    share = float(across.get(_w("w"), "0")) / 5000
    widths = [int(column.get(_w("w"), 0)) for column in grid]
    if not share or not sum(widths):
        return
    widths = [round(width / sum(widths) * share * room) for width in widths]
    across.set(_w("type"), "dxa")
    across.set(_w("w"), str(sum(widths)))
    layout = look.find(_w("tblLayout"))
    if layout is not None:
        layout.set(_w("type"), "autofit")
    for column, width in zip(grid, widths, strict=True):
        column.set(_w("w"), str(width))
    for row in table.iter(_w("tr")):
        place = 0
        for cell in row.findall(_w("tc")):
            if cell.find(_w("tcPr")) is None:
                cell.insert(0, ElementTree.Element(_w("tcPr")))
            about = cell[0]
            spanned = about.find(_w("gridSpan"))
            columns = int(spanned.get(_w("val"), 1)) if spanned is not None else 1
            wide = str(sum(widths[place : place + columns]))
            about.insert(0, ElementTree.Element(_w("tcW"), {_w("w"): wide, _w("type"): "dxa"}))
            place += columns


def _running_title(parts: dict[str, bytes]) -> tuple[str, str]:
    """Return the running title, and the field that shows it: of the property ``short-title``, else of the title."""
    custom = parts.get("docProps/custom.xml", b"").decode("utf-8")
    short = re.search(r'name="short-title"[^>]*>\s*<vt:\w+>(.*?)</vt:', custom, re.DOTALL)
    title = re.search(r"<dc:title>(.*?)</dc:title>", parts.get("docProps/core.xml", b"").decode("utf-8"), re.DOTALL)
    found = short or title
    words = ElementTree.fromstring(f"<t>{found[1]}</t>").text if found else ""
    return words or "", 'DOCPROPERTY "short-title"' if short else "TITLE"


def _run_head(root: Element, running: str, field: str, banner: str) -> None:
    """Fill the fields of a header that show a title, and put the banner below."""
    for parent in root.iter():
        for simple in parent.findall(_w("fldSimple")):
            if re.search("short-title|TITLE", simple.get(_w("instr"), "")):
                place = list(parent).index(simple)
                parent[place : place + 1] = _field(field, running)
    if banner and banner not in _words(root):
        last = copy.deepcopy(next(root.iter(_w("p"))))
        last[:] = [*last.findall(_w("pPr")), _run(banner)]
        root.append(last)


def main() -> None:
    """Finish the Word files that Quarto has just written."""
    for name in os.environ.get("QUARTO_PROJECT_OUTPUT_FILES", "").splitlines():
        path = Path(name)
        if path.suffix == ".docx" and path.is_file():
            path.write_bytes(finished(path.read_bytes()))


if __name__ == "__main__":
    main()
