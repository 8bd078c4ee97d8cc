"""The words of a Word paragraph, with the look and the mark of each stretch, tracked changes taken as accepted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
W = f"{{{WORD}}}"
P, R, T, SDT, LINK = (W + tag for tag in ("p", "r", "t", "sdt", "hyperlink"))
LOOKS = {W + "b": "b", W + "i": "i", W + "strike": "x"}
HEIGHTS = {"superscript": "^", "subscript": "~"}
LOST = "?"  # the tag of a content control that has none any more
OFF = ("0", "false", "off", "none")
SHOWN = {W + "tab": " ", W + "br": " ", W + "cr": " ", W + "noBreakHyphen": "\u2011"}
INSIDE = {W + tag for tag in ("ins", "moveTo", "hyperlink", "sdtContent", "smartTag", "fldSimple", "dir", "bdo")}
GONE = {W + "del", W + "moveFrom"}


@dataclass(frozen=True)
class Run:
    """A stretch of one look: ``look`` is letters of b, i, x, ^ and ~; ``tag`` names the content control around it."""

    text: str
    look: str = ""
    tag: str = ""
    author: str = ""
    """Who inserted it, where the change is tracked."""
    note: str = ""
    """The number of a footnote that hangs here."""


def runs(paragraph: Element) -> list[Run]:
    """Return the runs of a paragraph, empty ones left out, neighbours of one kind joined."""
    found: list[Run] = []
    field = [0]  # depth of code of fields, which nobody sees
    for run in _runs(paragraph, "", "", field):
        last = found[-1] if found else None
        same = last is not None and not last.note and not run.note
        if last is not None and same and (last.look, last.tag, last.author) == (run.look, run.tag, run.author):
            found[-1] = Run(last.text + run.text, run.look, run.tag, run.author)
        else:
            found.append(run)
    return found


def removed(paragraph: Element) -> list[tuple[str, str]]:
    """Return author and words of the deletions that are tracked in a paragraph."""
    return [
        (item.get(W + "author", ""), "".join(text.text or "" for text in item.iter(W + "delText")))
        for item in paragraph
        if item.tag in GONE
    ]


def _runs(parent: Element, tag: str, author: str, field: list[int]) -> Iterator[Run]:
    for child in parent:
        if child.tag == R:
            yield from _run(child, tag, author, field)
        elif child.tag == SDT:
            named = child.find(f"{W}sdtPr/{W}tag")
            inner = child.find(W + "sdtContent")
            if inner is not None:
                yield from _runs(inner, named.get(W + "val", "") if named is not None else tag or LOST, author, field)
        elif child.tag in INSIDE:
            yield from _runs(child, tag, child.get(W + "author", "") or author, field)


def _run(run: Element, tag: str, author: str, field: list[int]) -> Iterator[Run]:
    text, note = "", ""
    for part in run:
        if part.tag == W + "fldChar":
            kind = part.get(W + "fldCharType")
            field[0] += {"begin": 1, "separate": -1}.get(kind or "", 0)
        elif field[0] > 0:
            continue
        elif part.tag == T:
            text += part.text or ""
        elif part.tag in SHOWN:
            text += SHOWN[part.tag]
        elif part.tag == W + "footnoteReference":
            note = part.get(W + "id", "")
    if text or note:
        yield Run(text, look(run.find(W + "rPr")), tag, author, note)


def look(properties: Element | None) -> str:
    """Return the letters of what makes a run look other than its paragraph."""
    if properties is None:
        return ""
    found = ""
    for part in properties:
        if part.tag in LOOKS and part.get(W + "val", "") not in OFF:
            found += LOOKS[part.tag]
        elif part.tag == W + "vertAlign":
            found += HEIGHTS.get(part.get(W + "val", ""), "")
    return "".join(sorted(found))
