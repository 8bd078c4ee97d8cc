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
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

if __package__:
    from compendium.render.wordtables import landscape, put, room_of, rows_kept, sized, style_of, w, words_of
else:  # Quarto runs this file, and its Python need not know the package
    sys.path.insert(0, str(Path(__file__).parent))
    from wordtables import (  # type: ignore[no-redef]
        landscape,
        put,
        room_of,
        rows_kept,
        sized,
        style_of,
        w,
        words_of,
    )  # fmt: skip

if TYPE_CHECKING:
    from compendium.render.marks import Memory

Element = ElementTree.Element
MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
IGNORABLE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Ignorable"
CAPTIONS = ("ImageCaption", "TableCaption")
CAPTION = re.compile(r"^(?P<name>[^\W\d]+)(?P<gap>[\u00a0 ])(?P<number>[A-Z]?[\d.]*\d)(?P<end>[:.]?)")
NUMBERED = re.compile(r"^([A-Z]?[\d.]*\d)(?=[\u00a0 \t]|$)")
LABEL = re.compile(r"^(fig|tbl|sec)-")
EQUATION = re.compile(r"\(([A-Z]?[\d.]*\d)\)$")
COMPATIBLE = (
    '<w:compat><w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" '
    'w:val="15"/></w:compat>'
)


def finished(content: bytes, banner: str = "", memory: Memory | None = None) -> bytes:
    """Return a Word file by Pandoc with fields, sections and a running title; what is done already stays as it is.

    Parameters
    ----------
    content : the .docx file. The running title is its property ``short-title``, else its title.
    banner : words that stand below the running title.
    memory : what the file keeps of its sources, where it is to come back.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as old:
        parts = {item.filename: old.read(item) for item in old.infolist()}
        items = old.infolist()
    parts["word/document.xml"] = _rewritten(
        parts["word/document.xml"], lambda root: _document(root, memory.mark if memory else None)
    )
    if memory and "word/footnotes.xml" in parts:
        parts["word/footnotes.xml"] = _rewritten(parts["word/footnotes.xml"], memory.mark)
    settings = parts["word/settings.xml"].decode("utf-8")
    if "compatibilityMode" not in settings:  # else Word opens the file as one of Word 2007
        after = re.search(r"<w:(?:rsids|themeFontLang|clrSchemeMapping)\b", settings)
        settings = settings[: after.start()] + COMPATIBLE + settings[after.start() :] if after else settings
    parts["word/settings.xml"] = re.sub(r'(<w:themeFontLang w:val=")[^"]*', r"\1en-GB", settings).encode("utf-8")
    running, field = _running_title(parts)
    for name in parts:
        if re.fullmatch(r"word/header\d*\.xml", name):
            parts[name] = _rewritten(parts[name], lambda root: _run_head(root, running, field, banner))
    if memory:
        memory.keep(parts)
    items += [
        zipfile.ZipInfo(name, items[0].date_time) for name in sorted({*parts} - {item.filename for item in items})
    ]
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


def _rewritten(data: bytes, change: Callable[[Element], None]) -> bytes:
    """Return an XML part after ``change``, with the prefixes that it came with."""
    for _, (prefix, uri) in ElementTree.iterparse(io.BytesIO(data), ["start-ns"]):
        ElementTree.register_namespace(prefix, uri)
    root = ElementTree.fromstring(data)
    root.attrib.pop(IGNORABLE, None)  # it names prefixes that need not be declared any more
    change(root)
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


def _document(root: Element, mark: Callable[[Element], None] | None = None) -> None:
    body = next(root.iter(w("body")))
    used = [int(item.get(w("id"), 0)) for item in root.iter(w("bookmarkStart"))]
    numbers = itertools.count(1 + max(used, default=0))
    named = _captioned(root, numbers) | _headed(root, numbers) | _equated(body, numbers)
    _referred(root, named)
    rows_kept(body)
    landscape(body)
    sized(body)
    if mark:
        mark(root)


def _run(text: str, look: Element | None = None) -> Element:
    run = ElementTree.Element(w("r"))
    if look is not None:
        run.append(copy.deepcopy(look))
    words = ElementTree.SubElement(run, w("t"), {"{http://www.w3.org/XML/1998/namespace}space": "preserve"})
    words.text = text
    return run


def _field(code: str, shown: str, look: Element | None = None) -> list[Element]:
    """Return the runs of a field that shows these words until it is updated."""

    def mark(kind: str) -> Element:
        run = ElementTree.Element(w("r"))
        if look is not None:
            run.append(copy.deepcopy(look))
        ElementTree.SubElement(run, w("fldChar"), {w("fldCharType"): kind})
        return run

    told = _run("", look)
    words = told.find(w("t"))
    assert words is not None
    words.tag, words.text = w("instrText"), f" {code} "
    return [mark("begin"), told, mark("separate"), _run(shown, look), mark("end")]


def _bookmarked(name: str, number: int, content: list[Element]) -> list[Element]:
    start = ElementTree.Element(w("bookmarkStart"), {w("id"): str(number), w("name"): name})
    return [start, *content, ElementTree.Element(w("bookmarkEnd"), {w("id"): str(number)})]


def _taken(paragraph: Element, length: int) -> int:
    """Take the first ``length`` letters out of a paragraph's runs; return the place where they stood."""
    place = next(index for index, child in enumerate(paragraph) if child.tag == w("r"))
    while length:
        run = paragraph[place]
        text = run.find(w("t"))
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
        if element.tag == w("bookmarkStart") and LABEL.match(element.get(w("name"), "")):
            label = element.get(w("name"), "")
        elif element.tag == w("p"):
            yield label, element


def _plain_start(paragraph: Element) -> str:
    """Return the words of the runs that stand directly in a paragraph, up to the first other thing."""
    words = ""
    for child in paragraph:
        if child.tag == w("r"):
            if any(part.tag not in (w("rPr"), w("t")) for part in child):
                break
            words += words_of(child)
        elif child.tag not in (w("pPr"), w("bookmarkStart"), w("bookmarkEnd")):
            break
    return words


def _captioned(root: Element, numbers: Iterator[int]) -> dict[str, str]:
    """Make the numbers of captions fields between bookmarks; return what each label is called, as "Figure 1"."""
    named: dict[str, str] = {}
    for label, paragraph in list(_labelled(root)):
        match = CAPTION.match(_plain_start(paragraph)) if style_of(paragraph) in CAPTIONS else None
        if match is None or label in named:
            continue
        look = ElementTree.Element(w("rPr"))
        ElementTree.SubElement(look, w("rStyle"), {w("val"): "Captionlabel"})
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
    for table in root.iter(w("tbl")):
        title = table.find(f"{w('tblPr')}/{w('tblCaption')}")
        if title is not None:
            title.set(w("val"), CAPTION.sub("", title.get(w("val"), "")).strip())
    return named


def _headed(root: Element, numbers: Iterator[int]) -> dict[str, str]:
    """Put bookmarks around the numbers of headings; return the number of each label."""
    named: dict[str, str] = {}
    for label, paragraph in list(_labelled(root)):
        if not label.startswith("sec-") or label in named or not style_of(paragraph).startswith("Heading"):
            continue
        done = any(item.get(w("name")) == reference_name(label, "number") for item in paragraph)
        match = None if done else NUMBERED.match(_plain_start(paragraph))
        if match is None:
            named[label] = ""
            continue
        first = next(child for child in paragraph if child.tag == w("r"))
        look = first.find(w("rPr"))
        place = _taken(paragraph, match.end())
        number = [_run(match[1], look)]
        paragraph[place:place] = _bookmarked(reference_name(label, "number"), next(numbers), number)
        named[label] = match[1]
    return {label: number for label, number in named.items() if number}


def _equated(body: Element, numbers: Iterator[int]) -> dict[str, str]:
    """Set numbered equations between tabs, with a field for the number; return the number of each label.

    Pandoc and Quarto write the number into the formula, where no reference can point at it.
    """
    named: dict[str, str] = {}
    section = body.find(w("sectPr"))
    room = room_of(section) if section is not None else 0
    for paragraph in list(body.iter(w("p"))):
        marks = [item.get(w("name"), "") for item in paragraph.findall(w("bookmarkStart"))]
        label = next((name for name in marks if name.startswith("eq-")), "")
        whole = paragraph.find(f"{MATH}oMathPara")
        formula = whole.find(f"{MATH}oMath") if whole is not None else None
        if not label or not room or whole is None or formula is None or paragraph.find(w("r")) is not None:
            continue
        match = EQUATION.search("".join(item.text or "" for item in formula.iter(f"{MATH}t")))
        if match is None:
            continue
        left = len(match[0])
        while left > 0 or not _math_words(formula[-1]).strip():
            left -= len(_math_words(formula[-1]))
            formula.remove(formula[-1])
        number = _field(r"SEQ Equation \* ARABIC", match[1]) if match[1].isdigit() else [_run(match[1])]
        shown = _bookmarked(reference_name(label, "number"), next(numbers), number)
        place = list(paragraph).index(whole)
        paragraph[place : place + 1] = [_tab(), formula, _tab(), _run("("), *shown, _run(")")]
        tabs = ElementTree.Element(w("tabs"))
        for kind, stop in (("center", room // 2), ("right", room)):
            ElementTree.SubElement(tabs, w("tab"), {w("val"): kind, w("pos"): str(stop)})
        put(paragraph, tabs)
        named[label] = match[1]
    return named


def _math_words(element: Element) -> str:
    return "".join(item.text or "" for item in element.iter(f"{MATH}t"))


def _tab() -> Element:
    run = ElementTree.Element(w("r"))
    ElementTree.SubElement(run, w("tab"))
    return run


def _referred(root: Element, named: dict[str, str]) -> None:
    """Make links to labels, where they say a label's name or number, REF fields."""
    for parent in list(root.iter()):
        for place in reversed(range(len(parent))):
            link = parent[place]
            label = link.get(w("anchor"), "") if link.tag == w("hyperlink") else ""
            name = named.get(label)
            if name is None:
                continue
            words, first = words_of(link), link.find(w("r"))
            look = first.find(w("rPr")) if first is not None else None
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
        for simple in parent.findall(w("fldSimple")):
            if re.search("short-title|TITLE", simple.get(w("instr"), "")):
                place = list(parent).index(simple)
                parent[place : place + 1] = _field(field, running)
    if banner and banner not in words_of(root):
        last = copy.deepcopy(next(root.iter(w("p"))))
        last[:] = [*last.findall(w("pPr")), _run(banner)]
        root.append(last)


def main() -> None:
    """Finish the Word files that Quarto has just written."""
    for name in os.environ.get("QUARTO_PROJECT_OUTPUT_FILES", "").splitlines():
        path = Path(name)
        if path.suffix == ".docx" and path.is_file():
            path.write_bytes(finished(path.read_bytes()))


if __name__ == "__main__":
    main()
