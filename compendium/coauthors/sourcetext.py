"""Which letter of a source shows as which letter in print: the map along which an edit goes back."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

ATOM, NOTE = "\ufffc", "\ufff9"  # what stands for a computed stretch, and for a footnote
KEY = r"@[A-Za-z0-9_](?:[\w:.#$%&+?<>~/-]*[\w/])?"
PIECE = re.compile(
    rf"""(?P<short>\{{\{{<.*?>\}}\}})
    |(?P<note>\[\^[^\]\s^]+\](?![(:])|\^\[(?!\^)(?:[^\[\]]|\[[^\]]*\])*\])
    |(?P<cite>\[(?:[^\[\]]*[\s;\[-])?-?{KEY}[^\[\]]*\](?![({{])|(?<![\w]){KEY})
    |(?P<image>!\[[^\]]*\]\([^)]*\)(?:\{{[^}}]*\}})?)
    |(?P<math>\$\$?[^$\n]+\$\$?)
    |(?P<close>\]\([^)\s]*(?:\s"[^"]*")?\)(?:\{{[^}}]*\}})?|\]\{{[^}}]*\}})
    |(?P<gone><!--.*?-->|</?\w[^>]*>)
    |(?P<escape>\\.)
    |(?P<entity>&\#?\w+;)
    |(?P<open>\[(?!\s))
    |(?P<mark>\*{{1,3}}|~~|`+|\^|~|(?<!\w)_(?=\S)|(?<=\S)_(?!\w))
    |(?P<dash>---|--|\.\.\.)
    |(?P<space>\s+)""",
    re.VERBOSE | re.DOTALL,
)
TYPOGRAPHIC = {"---": "—", "--": "–", "...": "…"}
SAME = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "\u00a0": " ", "\u2011": "-"})
ATTRIBUTES = re.compile(r"\s*\{[^{}<>]*\}\s*$")


@dataclass(frozen=True)
class Unit:
    """One thing of a source: a letter that shows, a computed stretch, a note, or markup that does not show."""

    shown: str
    start: int
    stop: int
    kind: str = "letter"


def units(text: str, lead: str = "", kind: str = "paragraph") -> list[Unit]:
    """Return the units of a block's source; ``lead`` is what stands before its text, ``kind`` that of the block."""
    end = len(text)
    if kind in ("heading", "caption") and (tail := ATTRIBUTES.search(text)):
        end = tail.start()
    elif kind == "title":
        end = len(text.rstrip()) - 1
    if kind == "caption" and lead == "![" and (tail := re.search(r"\]\([^)]*\)\s*(?:\{[^{}]*\})?\s*$", text)):
        end = tail.start()
    found: list[Unit] = []
    place = len(lead)
    while place < end:
        match = PIECE.match(text, place, end)
        if match is None:
            found.append(Unit(text[place], place, place + 1))
            place += 1
            continue
        name, words, stop = match.lastgroup, match[0], match.end()
        if name in ("short", "cite"):
            found.append(Unit(ATOM, place, stop, "atom"))
        elif name in ("note", "image", "math"):
            found.append(Unit(NOTE if name == "note" else "", place, stop, "note" if name == "note" else "markup"))
        elif name == "escape":
            found.append(Unit(" " if words[1] in "\n " else words[1], place, stop))
        elif name == "entity":
            found.append(Unit(html.unescape(words), place, stop))
        elif name == "dash":
            found.append(Unit(TYPOGRAPHIC[words], place, stop))
        elif name == "space":
            found.append(Unit(" ", place, stop))
        elif name == "mark" and words == "*" and text[place - 1 : place].isspace() and text[stop : stop + 1].isspace():
            found.append(Unit("*", place, stop))
        else:
            found.append(Unit("", place, stop, "markup"))
        place = stop
    return found


def aligned(source: Sequence[Unit], printed: str) -> list[Unit | None]:
    """Return for each letter of a printed text (atoms and notes as one letter each) the unit that shows it, or None."""
    shown = [unit for unit in source if unit.shown]
    left, right = "".join(unit.shown[0] for unit in shown).translate(SAME), printed.translate(SAME)
    if left == right:
        return list(shown)
    places: list[Unit | None] = [None] * len(printed)
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if tag == "equal":
            places[j1:j2] = shown[i1:i2]
        elif tag == "replace" and any(unit.kind == "atom" for unit in shown[i1:i2]):  # a value without a mark
            atom = next(unit for unit in shown[i1:i2] if unit.kind == "atom")
            places[j1:j2] = [atom] * (j2 - j1)
    return places


def pairs(text: str, source: Sequence[Unit]) -> dict[int, int]:
    """Return the starts of markup that belongs together, each way: an opening star to its closing one."""
    stack: list[tuple[str, int]] = []
    found: dict[int, int] = {}
    for unit in source:
        if unit.kind != "markup":
            continue
        mark = text[unit.start : unit.stop]
        closing = "[" if mark.startswith("]") else mark
        place = next((at for at in reversed(range(len(stack))) if stack[at][0] == closing), None)
        if place is not None and (mark != "["):
            _, start = stack[place]
            del stack[place:]
            found[start], found[unit.start] = unit.start, start
        else:
            stack.append((mark, unit.start))
    return found
