"""Pseudonyms: names replaced throughout a project, with every selection kept on its passage.

The table of names stays with the researcher. Nothing that is written leads back from a replacement to a name:
identifiers made of names are drawn anew, and file names, attachments and initials are left out. What still looks like a
name is listed; rules find much and never all, so a person reads the texts before anybody else does.
"""

from __future__ import annotations

import re
import uuid
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pandas as pd

from compendium import project as home
from compendium.data.loading import read_text
from compendium.errors import CompendiumError
from compendium.refiqda.model import Project

COLUMNS = ("name", "replacement")
WORDED = (
    "name", "description", "label", "summary", "code", "definition", "use", "not_use", "typical", "place", "value",
    "document", "section", "site", "speaker", "sector",
)  # fmt: skip
LEFT = ("kind", "found", "times", "where")

_PATTERNS = {
    "email": re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    "web address": re.compile(r"(?:https?://|www\.)\S+"),
    "postcode": re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b"),
    "address": re.compile(
        r"\b\d+[A-Za-z]?,? (?:[A-Z][\w’'-]+ ){1,3}"
        r"(?:Street|St|Road|Rd|Avenue|Lane|Close|Drive|Way|Court|Place|Terrace)\b"
    ),
    "date": re.compile(r"\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b|\b\d{4}-\d{2}-\d{2}\b"),
    "number": re.compile(r"(?<![\w.])\+?\d(?:[ ()/-]?\d){4,}(?!\w)"),
}
_CAPITAL = re.compile(r"\b[A-ZÀ-ÖØ-Þ][^\W\d_]+(?:[’'-][^\W\d_]+)*(?:[ \t]+[A-ZÀ-ÖØ-Þ][^\W\d_]+(?:[’'-][^\W\d_]+)*)*")
_BEGINS = re.compile(r"(?:\A|[.!?:…\n\r“\"(\[])\s*\Z")
_FIRST = {"i", "i’m", "i'm", "i’ve", "i've", "i’d", "i'd", "i’ll", "i'll"}
_DAYS = {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}


@dataclass(frozen=True)
class Names:
    """A table of names and what stands for each, as one pattern: the longest first, whole words, any white space."""

    replacement: Mapping[str, str]
    pattern: re.Pattern[str]

    @classmethod
    def read(cls, path: Path) -> Names:
        """Read the table, a CSV file with ``name`` and ``replacement``.

        Raises
        ------
        CompendiumError : it lies in a repository or project, lacks a column or cell, or gives a name twice.
        """
        place = path.resolve()
        for folder in place.parents:
            if (folder / ".git").exists() or all((folder / mark).exists() for mark in home.MARKS):
                raise CompendiumError(
                    "the table of names lies in a repository, from which it could be published", file=path,
                    expected="a place outside of it",
                )  # fmt: skip
        table = read_text(path, "there is no table of names here", "the table is")
        if lacking := [name for name in COLUMNS if name not in table]:
            raise CompendiumError("a column is missing", file=path, column=lacking[0], found=list(table.columns))
        found: dict[str, str] = {}
        for row, line in enumerate(table.to_dict("records"), start=2):
            name = " ".join(str(line["name"]).split())
            if not name or not str(line["replacement"]).strip():
                raise CompendiumError("a name needs a replacement", file=path, row=row, found=name or "a blank")
            if name in found:
                raise CompendiumError("a name stands twice", file=path, row=row, column="name", found=name)
            found[name] = str(line["replacement"]).strip()
        return cls.of(found, path)

    @classmethod
    def of(cls, replacement: Mapping[str, str], file: Path | None = None) -> Names:
        """Return the names of a mapping; raises CompendiumError where there is none."""
        if not replacement:
            raise CompendiumError("the table holds no name", file=file)
        every = dict(replacement) | {name.upper(): new for name, new in replacement.items() if len(name) > 3}
        every |= replacement
        ranked = sorted(every, key=lambda name: (-len(name), name))
        words = (r"\s+".join(map(re.escape, name.split())) for name in ranked)
        return cls(every, re.compile(rf"(?<!\w)(?:{'|'.join(words)})(?!\w)"))

    def spans(self, text: str) -> list[tuple[int, int, str]]:
        """Return where names stand in a text, and what stands for each: start, end, replacement."""
        found = self.pattern.finditer(text)
        return [(one.start(), one.end(), self.replacement[" ".join(one.group().split())]) for one in found]

    def replaced(self, text: str) -> str:
        """Return a text with every name replaced."""
        return replaced(text, self.spans(text))[0]


@dataclass(frozen=True)
class Anonymised:
    """A project with names replaced, how often, and what still looks like one (`LEFT`)."""

    project: Project
    replacements: int
    left: pd.DataFrame


def anonymised(project: Project, names: Names) -> Anonymised:
    """Return a project in which every name is replaced: in texts, names, labels, memos, codes and values.

    A selection whose edge lay within a name takes the whole replacement in.
    """
    tables = {name: frame.copy() for name, frame in project.tables.items()}
    count = 0
    texts: dict[str, str] = {}
    moves: dict[str, tuple[Callable[[int], int], Callable[[int], int]]] = {}
    for source, text in project.texts.items():
        spans = names.spans(text)
        count += len(spans)
        texts[source], *edges = replaced(text, spans)
        moves[source] = (edges[0], edges[1])
    for frame in tables.values():
        for column in [column for column in WORDED if column in frame]:
            cells = frame[column].astype(str)
            new = cells.map(names.replaced)
            count += int((new != cells).sum())
            frame[column] = new.astype(object)
    for column, side in (("start", 0), ("end", 1)):
        placed = zip(tables["segments"]["source_id"], tables["segments"][column].tolist(), strict=True)
        moved = [pos if pos is pd.NA or source not in moves else moves[source][side](pos) for source, pos in placed]
        tables["segments"][column] = pd.array(moved, dtype="Int64")
    points = tables["sync_points"]
    points["position"] = [
        str(moves[source][0](int(place))) if source in moves and place.isdigit() else place
        for source, place in zip(points["source_id"], points["position"], strict=True)
    ]
    for table in ("sources", "notes"):
        frame = tables[table]
        frame["characters"] = pd.array(
            [len(texts[one]) if one in texts else pd.NA for one in frame["source_id"]], dtype="Int64"
        )
        frame["rich_text_path"] = frame["current_path"] = ""
        frame["path"] = frame["path"].where(frame["text_file"] != "", "")
    tables["users"]["initials"] = ""
    tables["attachments"] = tables["attachments"].iloc[:0]
    about = {key: names.replaced(value) for key, value in project.about.items()}
    without = _with_new_identifiers(Project(tables, texts, about))
    return Anonymised(without, count, left(without, names))


def replaced(
    text: str, spans: Iterable[tuple[int, int, str]]
) -> tuple[str, Callable[[int], int], Callable[[int], int]]:
    """Return a text with spans replaced, and where a start and an end in it lie afterwards.

    Parameters
    ----------
    spans : start, end and replacement, in order and apart. A start within a span goes to where its replacement starts,
        an end to where it ends.
    """
    parts: list[str] = []
    at = size = 0
    begins: list[int] = []
    places: list[tuple[int, int, int]] = []  # old end, new start, new end
    for first, end, new in spans:
        parts += [text[at:first], new]
        size += first - at
        begins.append(first)
        places.append((end, size, size + len(new)))
        size += len(new)
        at = end
    parts.append(text[at:])

    def start(position: int) -> int:
        index = bisect_right(begins, position) - 1
        if index < 0:
            return position
        end, begin_after, end_after = places[index]
        return begin_after if position < end else position - end + end_after

    def stop(position: int) -> int:
        index = bisect_left(begins, position) - 1
        if index < 0:
            return position
        end, _, end_after = places[index]
        return end_after if position <= end else position - end + end_after

    return "".join(parts), start, stop


def left(project: Project, names: Names) -> pd.DataFrame:
    """Return what still looks like a name, number, address or email: `LEFT`, the most frequent of a kind first.

    A capitalised word counts where it does not begin a sentence, or is no word that the project or the English word
    list (where Hunspell is installed) writes in small letters. So do names of the table within longer words.
    """
    known = _ordinary_words(project.texts.values())
    fields = [
        (f"{table}.csv", str(cell))
        for table, frame in project.tables.items()
        for column in WORDED
        if column in frame
        for cell in frame[column].unique()
        if cell
    ]
    found: Counter[tuple[str, str]] = Counter()
    where: dict[tuple[str, str], str] = {}
    inner = re.compile("|".join(re.escape(name) for name in names.replacement if len(name) > 3) or r"(?!)", re.I)
    given = {word.casefold() for new in names.replacement.values() for word in (new, *new.split())}

    def note(kind: str, words: str, place: str) -> None:
        found[kind, words] += 1
        where.setdefault((kind, words), place)

    for place, text in [*project.texts.items(), *fields]:
        for kind, pattern in _PATTERNS.items():
            for match in pattern.finditer(text):
                note(kind, match.group(), place)
        for match in inner.finditer(text):
            note("name of the table in a longer word", match.group(), place)
        for match in _CAPITAL.finditer(text):
            words = match.group()
            first, *rest = words.split()
            if _BEGINS.search(text[max(0, match.start() - 3) : match.start()]) and first.casefold() in known:
                words = " ".join(rest)
            if words and words.casefold() not in given | _FIRST | _DAYS:
                note("name", words, place)
    rows = [(kind, words, times, where[kind, words]) for (kind, words), times in found.items()]
    table = pd.DataFrame(rows, columns=list(LEFT))
    return table.sort_values(["kind", "times", "found"], ascending=[True, False, True], ignore_index=True)


def _ordinary_words(texts: Iterable[str]) -> Any:
    """Return what says whether a word is an ordinary one: those that the texts write small, and a word list's."""
    small = {word for text in texts for word in re.findall(r"(?<![^\W\d_])[a-zà-öø-ÿ][^\W\d_’']*", text)}
    if find_spec("hunspell") is None:
        return small

    from hunspell import Hunspell

    speller = Hunspell("en_US")

    class Words:
        def __contains__(self, word: str) -> bool:
            return word in small or word in _FIRST or bool(speller.spell(word))

    return Words()


def _with_new_identifiers(project: Project) -> Project:
    """Draw anew each identifier that was made of a name (version 5); random ones of a tool lead back to nobody."""
    drawn: dict[str, str] = {}
    made = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\b")

    def new(cell: str) -> str:
        return made.sub(lambda match: drawn.setdefault(match.group(), str(uuid.uuid4())), cell)

    holding = ("guid", "path", "origin", "target", "owner", "region", "created_by", "modified_by", "coder", "member")
    for frame in project.tables.values():
        for column in holding:
            if column in frame:
                frame[column] = frame[column].map(new)
    return Project(project.tables, project.texts, {key: new(value) for key, value in project.about.items()})
