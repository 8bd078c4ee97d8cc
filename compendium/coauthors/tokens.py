"""Words of a paragraph, as it was exported and as it came back, with what an edit of them needs to know."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from compendium.coauthors.sourcetext import ATOM, NOTE, Unit, aligned
from compendium.render.wordruns import Run

BREAK = "\u2029"
WORD = re.compile(r"\w+|\s+|[^\w\s]")


@dataclass(frozen=True)
class Token:
    """A word, a mark or a blank; ``start`` and ``stop`` are its place in the source, -1 where that is not known.

    ``atom`` tells the tokens of one computed stretch from others (-1: none); ``tag`` is its content control's.
    """

    text: str
    look: str = ""
    tag: str = ""
    author: str = ""
    atom: int = -1
    start: int = -1
    stop: int = -1
    note: str = ""


def exported(words: Sequence[Sequence[str]], source: Sequence[Unit]) -> list[Token]:
    """Return the tokens of a paragraph as exported (``[text, look, tag]`` each), placed in its source's units."""
    letters: list[tuple[str, str, str, int]] = []  # one letter, or the words of a computed stretch
    for number, (text, look, tag) in enumerate(words):
        if tag or not text:
            letters.append((text or NOTE, look, tag or NOTE, number))
        else:
            letters += [(letter, look, "", number) for letter in text]
    letters = _single_blanks(letters)
    printed = "".join(NOTE if tag == NOTE else ATOM if tag else text for text, _, tag, _ in letters)
    places = aligned(source, printed)
    found: list[Token] = []
    pending = ""
    at: list[int] = []

    def flush() -> None:
        nonlocal pending
        for match in WORD.finditer(pending):
            inside = [places[place] for place in at[match.start() : match.end()]]
            look = letters[at[match.start()]][1]
            sure = [unit for unit in inside if unit is not None]
            whole = len(sure) == len(inside)
            atom = next((unit.start for unit in sure if unit.kind == "atom"), -1)
            found.append(
                Token(
                    " " if match[0].isspace() else match[0], look, atom=atom,
                    start=sure[0].start if whole else -1, stop=sure[-1].stop if whole else -1,
                )
            )  # fmt: skip
        pending = ""
        at.clear()

    before = ""
    for place, (text, look, tag, number) in enumerate(letters):
        if tag:
            flush()
            unit = places[place]
            start, stop = (unit.start, unit.stop) if unit is not None else (-1, -1)
            if tag == NOTE:
                found.append(Token(NOTE, start=start, stop=stop, atom=start))
            else:
                atom = unit.start if unit is not None else 10**6 + number
                found += [
                    Token(" " if part.isspace() else part, look, tag, atom=atom, start=start, stop=stop)
                    for part in WORD.findall(text)
                ]
        else:
            if look != before:
                flush()
            before = look
            pending += text
            at.append(place)
    flush()
    return found


def _single_blanks(letters: list[tuple[str, str, str, int]]) -> list[tuple[str, str, str, int]]:
    kept: list[tuple[str, str, str, int]] = []
    for letter in letters:
        if letter[0].isspace() and not letter[2]:
            if not kept or (kept[-1][0] == " " and not kept[-1][2]):
                continue
            letter = (" " if letter[0] != "\u00a0" else letter[0], *letter[1:])
        kept.append(letter)
    while kept and kept[-1][0].isspace() and not kept[-1][2]:
        kept.pop()
    return kept


def returned(runs: Sequence[Run], notes: dict[str, str]) -> list[Token]:
    """Return the tokens of a paragraph that came back."""
    found: list[Token] = []
    for run in runs:
        if run.note:
            found.append(Token(NOTE, note=notes.get(run.note, ""), author=run.author))
        for part in WORD.findall(run.text):
            blank = part.isspace()
            if blank and (not found or found[-1].text == " ") and not run.tag:
                continue
            found.append(Token(" " if blank else part, run.look, run.tag, run.author))
    while found and found[-1].text == " " and not found[-1].tag:
        found.pop()
    return _joined(found)


def _joined(tokens: list[Token]) -> list[Token]:
    """Return tokens in which a word that several runs of one look spell is one."""
    found: list[Token] = []
    for token in tokens:
        last = found[-1] if found else None
        word = last is not None and last.text[-1:].isalnum() and token.text[:1].isalnum() and not last.note
        if last is not None and word and (last.look, last.tag) == (token.look, token.tag):
            found[-1] = replace(last, text=last.text + token.text, author=last.author or token.author)
        else:
            found.append(token)
    return found
