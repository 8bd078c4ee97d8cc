"""A co-author: random edits of a Word file, made with python-docx, each with what must come back of it."""

from __future__ import annotations

import copy
import random
import re
from dataclasses import dataclass, field

import docx
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph

from compendium.render.marks import bookmark

KINDS = ("word", "sentence", "split", "join", "move", "delete", "insert", "bold", "cite", "comment", "value")
ADDED = ("quietly", "orchard", "lantern", "granite", "meadow", "harbour", "willow", "copper", "saffron", "pebble")


@dataclass
class Edit:
    """One edit: paragraphs that must stand afterwards, one after the other, and texts that must be gone."""

    kind: str
    stands: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    detail: str = ""


def shown(paragraph) -> str:
    """Return the words of a paragraph as a reader sees them."""
    return " ".join("".join(item.text or "" for item in paragraph.iter(qn("w:t"))).split())


def prose(document, names) -> list:
    """Return the paragraphs of prose that come from a source: long ones with such a bookmark, outside tables."""
    return [
        item
        for item in document.element.body.iterchildren(qn("w:p"))
        if len(shown(item).split()) > 12
        and any(mark.get(qn("w:name")) in names for mark in item.iter(qn("w:bookmarkStart")))
        and _runs(item)
    ]


def _runs(paragraph) -> list:
    """Return the runs that stand directly in a paragraph and hold several words."""
    return [
        run
        for run in paragraph.iterchildren(qn("w:r"))
        if run.find(qn("w:t")) is not None and len((run.find(qn("w:t")).text or "").split()) > 3
    ]


def editable(memory) -> set[str]:
    """Return the bookmarks of the blocks that a person wrote."""
    return {
        bookmark(number, file, text)
        for number, (_, file, _, _, _, text) in enumerate(memory["blocks"])
        if not file.startswith("build/") and "{{< meta" not in text
    }


def edit(document, names, kinds: list[str], seed: int, key: str) -> list[Edit]:
    """Make one edit of each kind, each in paragraphs of its own among those with these bookmarks; cite ``key``."""
    chance = random.Random(seed)
    free = prose(document, names)
    chance.shuffle(free)
    done = []
    for kind in kinds:
        for paragraph in list(free):
            made = _MAKERS[kind](document, paragraph, chance, free, key)
            if made is not None:
                done.append(made)
                if paragraph in free:
                    free.remove(paragraph)
                break
    return done


def _word(document, paragraph, chance, free, key):
    text = chance.choice(_runs(paragraph)).find(qn("w:t"))
    words = list(re.finditer(r"(?<![\w’'-])[a-z]{4,}(?![\w’'-])", text.text))
    if not words:
        return None
    match, was = chance.choice(words), shown(paragraph)
    text.text = text.text[: match.start()] + chance.choice(ADDED) + text.text[match.end() :]
    return Edit("word", [shown(paragraph)], [was])


def _sentence(document, paragraph, chance, free, key):
    text = _runs(paragraph)[-1].find(qn("w:t"))
    place = text.text.rfind(". ")
    if place < 0:
        return None
    was = shown(paragraph)
    words = " ".join(chance.sample(ADDED, 5))
    text.text = f"{text.text[: place + 1]} The {words} stand here.{text.text[place + 1 :]}"
    return Edit("sentence", [shown(paragraph)], [was])


def _split(document, paragraph, chance, free, key):
    for run in _runs(paragraph):
        text = run.find(qn("w:t"))
        place = text.text.find(". ")
        if place > 0 and len(text.text) - place > 20:
            was = shown(paragraph)
            new = copy.deepcopy(paragraph)
            for item in list(new):
                if item.tag != qn("w:pPr"):
                    new.remove(item)
            rest = copy.deepcopy(run)
            rest.find(qn("w:t")).text = text.text[place + 2 :]
            new.append(rest)
            for item in list(run.itersiblings()):
                if item.tag != qn("w:bookmarkEnd"):
                    new.append(item)
            text.text = text.text[: place + 1]
            paragraph.addnext(new)
            return Edit("split", [shown(paragraph), shown(new)], [was])
    return None


def _join(document, paragraph, chance, free, key):
    other = paragraph.getnext()
    if other is None or other not in free or _style(other) != _style(paragraph):
        return None
    was = [shown(paragraph), shown(other)]
    paragraph.append(_blank(paragraph))
    for item in list(other):
        if item.tag != qn("w:pPr"):
            paragraph.append(item)
    other.getparent().remove(other)
    free.remove(other)
    return Edit("join", [shown(paragraph)], was)


def _blank(paragraph):
    run = paragraph.makeelement(qn("w:r"), {})
    text = run.makeelement(qn("w:t"), {"{http://www.w3.org/XML/1998/namespace}space": "preserve"})
    text.text = " "
    run.append(text)
    return run


def _style(paragraph) -> str | None:
    about = paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
    return None if about is None else about.get(qn("w:val"))


def _move(document, paragraph, chance, free, key):
    if _style(paragraph) not in ("BodyText", "FirstParagraph"):
        return None
    targets = [
        item
        for item in free
        if item is not paragraph
        and item is not paragraph.getprevious()
        and _style(item) in ("BodyText", "FirstParagraph")
    ]
    if not targets:
        return None
    target = chance.choice(targets)
    free.remove(target)
    target.addnext(paragraph)
    return Edit("move", [shown(target), shown(paragraph)])


def _delete(document, paragraph, chance, free, key):
    was = shown(paragraph)
    paragraph.getparent().remove(paragraph)
    return Edit("delete", [], [was])


def _insert(document, paragraph, chance, free, key):
    if _style(paragraph) not in ("BodyText", "FirstParagraph"):
        return None
    new = copy.deepcopy(paragraph)
    for item in list(new):
        if item.tag != qn("w:pPr"):
            new.remove(item)
    run = _blank(paragraph)
    run[0].text = f"A new paragraph about a {' and a '.join(chance.sample(ADDED, 4))}, with 3 * 4 [brackets] and $5."
    new.append(run)
    paragraph.addnext(new)
    return Edit("insert", [shown(paragraph), shown(new)])


def _bold(document, paragraph, chance, free, key):
    run = chance.choice(_runs(paragraph))
    text = run.find(qn("w:t"))
    words = list(re.finditer(r"(?<![\w’'-])[a-z]{5,}(?![\w’'-])", text.text))
    if not words or run.find(qn("w:rPr")) is not None:
        return None
    match, whole = chance.choice(words), text.text
    rest, strong = copy.deepcopy(run), copy.deepcopy(run)
    for part, words_ in ((run, whole[: match.start()]), (strong, match[0]), (rest, whole[match.end() :])):
        part.find(qn("w:t")).text = words_
        part.find(qn("w:t")).set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    about = strong.makeelement(qn("w:rPr"), {})
    about.append(about.makeelement(qn("w:b"), {}))
    strong.insert(0, about)
    run.addnext(strong)
    strong.addnext(rest)
    return Edit("bold", [shown(paragraph)], detail=match[0])


def _cite(document, paragraph, chance, free, key):
    text = chance.choice(_runs(paragraph)).find(qn("w:t"))
    words = list(re.finditer(r"(?<![\w’'-])[a-z]{4,}(?= )", text.text))
    if not words:
        return None
    match, before = chance.choice(words), shown(paragraph)
    text.text = f"{text.text[: match.end()]} [@{key}]{text.text[match.end() :]}"
    return Edit("cite", [], [before], detail=f"{match[0]} [@{key}]")


def _comment(document, paragraph, chance, free, key):
    run = next(run for run in Paragraph(paragraph, document._body).runs if len(run.text.split()) > 3)
    words = f"Is the {chance.choice(ADDED)} meant here?"
    document.add_comment(run, text=words, author="Chris Coauthor", initials="CC")
    return Edit("comment", [shown(paragraph)], detail=words)


def _value(document, paragraph, chance, free, key):
    controls = [
        item
        for item in paragraph.iter(qn("w:sdt"))
        if ":var:" in item.find(f"{qn('w:sdtPr')}/{qn('w:tag')}").get(qn("w:val"))
    ]
    if not controls:
        return None
    was = shown(paragraph)
    control = chance.choice(controls)
    text = next(control.iter(qn("w:t")))
    text.text = f"{chance.randint(1000, 9999)}"
    return Edit("value", [was], [shown(paragraph)], detail=text.text)


_MAKERS = {
    "word": _word, "sentence": _sentence, "split": _split, "join": _join, "move": _move, "delete": _delete,
    "insert": _insert, "bold": _bold, "cite": _cite, "comment": _comment, "value": _value,
}  # fmt: skip


def paragraphs(path) -> list[str]:
    """Return the texts of a Word file's paragraphs outside tables, empty ones left out."""
    return [words for item in docx.Document(str(path)).element.body.iterchildren(qn("w:p")) if (words := shown(item))]


NUMBERS = re.compile(r"\[?\d[\d,–-]*(?: \d+)*\]?")  # a citation that moves changes the numbers of others
QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "\u00a0": " "})


def unmet(edits: list[Edit], sources: str, remarks, comments, back) -> list[Edit]:
    """Return the edits that did not come back exactly.

    Parameters
    ----------
    sources : all changed sources, one after another.
    remarks, comments : what the import reports.
    back : the Word file rendered anew from the changed sources.
    """

    def plain(text: str) -> str:
        return NUMBERS.sub("", text.translate(QUOTES))

    found = paragraphs(back)
    text, exact, flat = (
        "\n".join(map(plain, found)),
        {one.translate(QUOTES) for one in found},
        " ".join(sources.split()),
    )

    def met(one: Edit) -> bool:
        if plain("\n".join(one.stands)) not in text:
            return False
        if one.kind != "value" and any(gone.translate(QUOTES) in exact for gone in one.gone):
            return False
        if one.kind == "cite":
            return one.detail in flat
        if one.kind == "bold":
            return f"**{one.detail}**" in flat
        if one.kind == "comment":
            return any(row["comment"] == one.detail and row["line"] for row in comments)
        if one.kind == "value":
            return any(remark.kind == "value" and one.detail in remark.now for remark in remarks)
        return True

    return [one for one in edits if not met(one)]
