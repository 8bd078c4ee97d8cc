"""One block's edits: the words that came back, put into its source along the map of its letters."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from compendium.coauthors.sourcetext import NOTE, SAME, Unit, pairs
from compendium.coauthors.tokens import BREAK, Token

SIGNS = {"b": "**", "i": "*", "x": "~~", "^": "^", "~": "~"}
SPECIAL = re.compile(r"([\\`*_\[\]<>$^~|@]|\{\{)")


@dataclass
class Refused:
    """What of an edit is not applied, and why: ``kind`` is value (it lies in a computed stretch), place or look."""

    kind: str
    key: str
    was: str
    now: str
    author: str


@dataclass
class Context:
    """What an edit knows beyond its block: the source of a content control, of a citation in words, and who edits."""

    source_of: Callable[[str], str]
    cited: Callable[[str], str]
    author: str = ""
    refused: list[Refused] = field(default_factory=list)


def edited(
    text: str, source: Sequence[Unit], before: Sequence[Token], after: Sequence[Token], between: str, context: Context
) -> str:
    """Return a block's source with what changed from ``before`` (exported) to ``after`` (returned).

    ``between`` is what parts two paragraphs in this source. What cannot be applied goes to ``context.refused``.
    """
    controls = any(token.tag for token in after)
    left = [_compared(token, controls and bool(token.tag)) for token in before]
    right = [_compared(token, bool(token.tag)) for token in after]
    marked = pairs(text, source)
    changes: list[tuple[int, int, str]] = []
    looks: list[tuple[int, int, int, int]] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if tag == "equal":
            looks.append((i1, i2, j1, j2))
            continue
        old, new = before[i1:i2], after[j1:j2]
        if (refused := _refused(before, i1, i2, new, context)) is not None:
            context.refused.append(refused)
            continue
        if old:
            start, stop = min(token.start for token in old), max(token.stop for token in old)
            look, tail = old[0].look, _left_over(text, source, marked, start, stop)
        else:
            neighbour = _neighbour(before, i1, new)
            if neighbour is None:
                words = "".join(token.text for token in new)
                context.refused.append(Refused("place", "", "", words, _author(new, context)))
                continue
            start, look, tail = neighbour[0], neighbour[1], ("", "")
            stop = start
        words = markdown(new, look, between, context)
        if not words.strip() and any(token.text == BREAK for token in old):
            words = "\n" + " " * len(between.rpartition("\n")[2])  # two paragraphs are one: on a line of its own
        changes.append((start, stop, tail[0] + words + tail[1]))
    for span in looks:
        changes += _looks(text, marked, before, after, span, context)
    for start, stop, words in sorted(changes, key=lambda change: (change[0], change[1]), reverse=True):
        text = text[:start] + words + text[stop:]
    return text


def _compared(token: Token, inside: bool) -> str:
    """Return what a token is compared by: no typed word is one that stands in a content control."""
    return ("\0" if inside else "") + token.text.translate(SAME)


def _author(tokens: Sequence[Token], context: Context) -> str:
    return next((token.author for token in tokens if token.author), context.author)


def _refused(before: Sequence[Token], i1: int, i2: int, new: Sequence[Token], context: Context) -> Refused | None:
    """Return why a change is not applied, or None: it touches a computed stretch, or its place is not known."""
    old = before[i1:i2]
    words, came = "".join(token.text for token in old), "".join(token.text for token in new)
    inside = {token.atom for token in old if token.atom >= 0}
    if not old and 0 < i1 < len(before) and before[i1 - 1].atom == before[i1].atom >= 0:
        inside = {before[i1].atom}
    whole = all(
        (i1 == 0 or before[i1 - 1].atom != atom) and (i2 == len(before) or before[i2].atom != atom) for atom in inside
    )
    others = any(token.atom < 0 and token.text.strip() for token in old)
    if inside and (new or not whole or not others) and not _moved(before, old, new):
        key = next((token.tag.split(":", 2)[-1] for token in (*old, *before) if token.atom in inside and token.tag), "")
        if all(token.text in (NOTE, " ") for token in old) and old:
            key = "footnote"
        return Refused("value", key, words, came, _author(new, context))
    if any(token.start < 0 for token in old):
        return Refused("place", "", words, came, _author(new, context))
    return None


def _moved(before: Sequence[Token], old: Sequence[Token], new: Sequence[Token]) -> bool:
    """Return whether every control that a change takes away stands, as it was, in what the change brings."""
    gone = {token.tag for token in old if token.atom >= 0}

    def words(tokens: Sequence[Token], tag: str) -> str:
        return "".join(token.text for token in tokens if token.tag == tag)

    return bool(gone) and "" not in gone and all(words(before, tag) == words(new, tag) for tag in gone)


def _neighbour(before: Sequence[Token], place: int, new: Sequence[Token]) -> tuple[int, str] | None:
    """Return where an insertion goes in the source, and the look of what is there: of the side that it looks like."""
    left = before[place - 1] if place else None
    right = before[place] if place < len(before) else None
    sides = [side for side in (left, right) if side is not None and side.start >= 0]
    if not sides:
        return None
    wanted = new[0].look if new else ""
    if left is not None and left.start >= 0 and (left.look == wanted or left.atom >= 0 or right not in sides):
        return left.stop, left.look if left.atom < 0 else ""
    if right is not None and right.start >= 0 and (right.look == wanted or left not in sides):
        return right.start, right.look if right.atom < 0 else ""
    assert left is not None
    return left.stop, left.look


def _left_over(text: str, source: Sequence[Unit], marked: dict[int, int], start: int, stop: int) -> tuple[str, str]:
    """Return the markup inside a stretch whose other half stands outside: what closes before, what opens behind."""
    closing, opening = "", ""
    for unit in source:
        if unit.kind != "markup" or unit.start < start or unit.stop > stop:
            continue
        other = marked.get(unit.start)
        if other is None:
            opening += text[unit.start : unit.stop]
        elif other < start:
            closing += text[unit.start : unit.stop]
        elif other >= stop:
            opening += text[unit.start : unit.stop]
    return closing, opening


def markdown(tokens: Sequence[Token], look: str, between: str, context: Context) -> str:
    """Return tokens as source, where text already looks as ``look`` says."""
    parts: list[tuple[str, str]] = []
    done = set()
    for token in tokens:
        if token.text == BREAK:
            parts.append((between, look))
        elif token.text == NOTE:
            parts.append((f"^[{escaped(token.note)}]" if token.note else "", look))
        elif token.tag and (known := context.source_of(token.tag)):
            parts += [] if token.tag in done else [(known, look)]
            done.add(token.tag)
        else:
            if token.tag and token.text.strip():
                context.refused.append(Refused("typed", "", token.text, token.text, token.author or context.author))
            parts.append((token.text, token.look + "\0"))
    words = ""
    while parts:
        kind = parts[0][1]
        count = next((place for place, part in enumerate(parts) if part[1] != kind), len(parts))
        stretch = "".join(text for text, _ in parts[:count])
        parts = parts[count:]
        if kind.endswith("\0"):
            stretch = context.cited(stretch)
            extra = "".join(SIGNS[letter] for letter in kind[:-1] if letter not in look)
            if extra and stretch.strip():
                head, tail = len(stretch) - len(stretch.lstrip()), len(stretch.rstrip())
                inner = stretch[head:tail].replace(" ", "\\ ") if set(extra) & set("^~") else stretch[head:tail]
                back = "".join(SIGNS[letter] for letter in reversed(kind[:-1]) if letter not in look)
                stretch = stretch[:head] + extra + inner + back + stretch[tail:]
        words += stretch
    return words


def escaped(words: str) -> str:
    """Return words in which nothing is markup."""
    return SPECIAL.sub(r"\\\1", words)


def _looks(
    text: str, marked: dict[int, int], before: Sequence[Token], after: Sequence[Token],
    span: tuple[int, int, int, int], context: Context,
) -> list[tuple[int, int, str]]:  # fmt: skip
    """Return the changes for words that stayed but look another way."""
    i1, i2, j1, _ = span
    changes: list[tuple[int, int, str]] = []
    place = i1
    while place < i2:
        old, new = before[place], after[j1 + place - i1]
        if set(old.look) == set(new.look) or old.atom >= 0 or not old.text.strip():
            place += 1
            continue
        end = place + 1
        while end < i2 and before[end].atom < 0 and (
            before[end].text == " " or (before[end].look, after[j1 + end - i1].look) == (old.look, new.look)
        ):  # fmt: skip
            end += 1
        while before[end - 1].text == " ":
            end -= 1
        start, stop = before[place].start, before[end - 1].stop
        words = "".join(token.text for token in before[place:end])
        added, gone = set(new.look) - set(old.look), set(old.look) - set(new.look)
        made = None if start < 0 or stop < 0 else _signed(text, marked, start, stop, added, gone)
        if made is None:
            context.refused.append(
                Refused("look", "", words, f"{words} ({new.look or 'plain'})", _author([new], context))
            )
        else:
            changes += made
        place = end
    return changes


def _signed(
    text: str, marked: dict[int, int], start: int, stop: int, added: set[str], gone: set[str]
) -> list[tuple[int, int, str]] | None:
    """Return the changes that give a stretch a look, or take it; None where its markup does not allow that."""
    if any(start <= one < stop and not start <= other < stop for one, other in marked.items()):
        return None
    signs = "".join(SIGNS[letter] for letter in sorted(added))
    changes = [(start, start, signs), (stop, stop, "".join(SIGNS[letter] for letter in sorted(added, reverse=True)))]
    changes = [change for change in changes if change[2]]
    for letter in gone:
        sign = SIGNS[letter]
        around = [
            (one, other) for one, other in marked.items()
            if one < start and other >= stop and text.startswith(sign, one) and text.startswith(sign, other)
        ]  # fmt: skip
        if not around:
            return None
        one, other = max(around)
        head, tail = text[one + len(sign) : start], text[stop:other]
        if head.strip():  # close before, but not behind a blank
            blank = start - (len(head) - len(head.rstrip()))
            changes.append((blank, blank, sign))
        else:
            changes.append((one, one + len(sign), ""))
        if tail.strip():
            blank = stop + len(tail) - len(tail.lstrip())
            changes.append((blank, blank, sign))
        else:
            changes.append((other, other + len(sign), ""))
    return changes
