"""The three versions of the paper (first submission, revision R1, published): words, sentences and references.

The versions come as text: one file with both manuscripts as the journal's peer review file gives them, with line
numbers in the margin, and one with the published article. Only counts leave this module, never a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

import pandas as pd

from compendium.errors import CompendiumError

VERSIONS = ("submission", "R1", "published")
SECTIONS = (
    "abstract",
    "strengths and limitations",
    "introduction",
    "methods",
    "results",
    "discussion",
    "limitations",
    "conclusion",
)
MODIFIED = 0.6
"""Two sentences are one sentence modified if this share of their words stands in both, in the same order."""

NEAR, FAR, LOST = 8, 80, 5
"""How far the next line number may lie ahead: a few lines, or many after `LOST` lines without a number."""

HEADINGS = {
    "abstract": "abstract",
    "strengths and limitations of this study": "strengths and limitations",
    "introduction": "introduction",
    "methods": "methods",
    "results": "results",
    "discussion": "discussion",
    "limitations": "limitations",
    "conclusion": "conclusion",
}
ENDINGS = ("funding statement", "supplementary material", "references")
MARGIN = re.compile(r"^[\s*>-]*((?:\**\d{1,3}\**\s+){1,3})(?=\S)")
CITATION = re.compile(r"\^\{[\d,\s⁻–-]*\}|\[\d[\d,–-]*\]|[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+(?:\d{1,2}\b)?")
LIST = r"\d{1,2}(?:[–-]\d{1,2})?(?: \d{1,2}(?:[–-]\d{1,2})?)*"
RAISED = re.compile(
    rf"(?<=[^\W\d_])(?<!PLUS)([.,;:)’']{{0,2}}){LIST}(?![.,]\d)(?=[\s—.,;)]|$)"
    rf"|(?<=\d{{4}},){LIST}(?= [a-z])|(?<=PLUS5\)\.){LIST}|(?<=COVID-19)\d\d"
)
SPELLING = (
    (r"(?<=[a-z]{3})iz(?=e|ing|ation|ed)", "is"),
    ("analyz", "analys"),
    ("health ?care", "healthcare"),
    ("policy ?maker", "policymaker"),
)


@dataclass(frozen=True)
class Line:
    """One line of a manuscript: its printed number (``None`` where the copy has lost it) and its text."""

    number: int | None
    text: str


def manuscripts(review_file: str) -> dict[str, str]:
    """Return the texts of the first submission and of R1, each from its title page to the end of its checklist."""
    starts = [match.start() for match in re.finditer(r"^Manuscript ID\s", review_file, flags=re.MULTILINE)]
    if len(starts) != 2:
        raise CompendiumError("the peer review file should hold two manuscripts", found=len(starts), expected=2)
    return {"submission": review_file[starts[0] : starts[1]], "R1": review_file[starts[1] :]}


def lines(manuscript: str) -> list[Line]:
    """Return the lines of a manuscript from its title to its references, with their numbers.

    The margin holds up to two running numbers (of the page and of the manuscript). The manuscript's number is the
    one that goes on from the line before; a line without one gets its number where the gap leaves no choice.
    """
    body = manuscript[manuscript.index("1 TITLE") - 2 :]
    body = re.split(r"^REFERENCES$", body, maxsplit=1, flags=re.MULTILINE)[0]
    found: list[Line] = []
    last = 0
    waiting: list[str] = []
    for raw in body.splitlines():
        if not re.search(r"[^\W\d_]", raw):
            continue
        number, text = _numbered(raw, last, len(waiting) >= LOST)
        if number is None:
            waiting.append(text)
            continue
        gap = number - last - 1
        fits = gap == len(waiting)
        found += [Line(last + 1 + at if fits else None, words) for at, words in enumerate(waiting)]
        found.append(Line(number, text))
        last, waiting = number, []
    return found + [Line(None, text) for text in waiting]


def _numbered(raw: str, last: int, lost: bool) -> tuple[int | None, str]:
    margin = MARGIN.match(raw)
    text = raw
    if margin:
        numbers = [int(number) for number in re.findall(r"\d+", margin.group(1))]
        reach = FAR if lost else NEAR
        following = [number for number in numbers if last < number <= last + reach]
        if following:
            number = min(following)
            after = raw[raw.index(str(number)) + len(str(number)) :]
            others = [str(other) for other in numbers if other > number]
            after = re.sub(rf"^[\s*]*(?:{'|'.join(others)})\b", "", after) if others else after
            return number, _unmarked(after)
        text = re.sub(r"^[\s*>-]*\d{1,2}\s+(?=[-*\s]*[A-Za-z‘'—])", "", raw)
    return None, _unmarked(text)


def _unmarked(text: str) -> str:
    """Return a line without marks; a line that is bold throughout is a heading and ends like a sentence."""
    text = text.strip()
    heading = re.fullmatch(r"\**[^*.]+\*\*", text) is not None
    return text.replace("**", "").strip(" *").removeprefix("- ") + ("." if heading else "")


def sections(text: Sequence[str]) -> dict[str, str]:
    """Return the text of each section of `SECTIONS`, citations removed; what lies outside them is left out.

    A heading counts only in the order of `SECTIONS`: an abstract has a part called Results of its own.
    """
    found: dict[str, list[str]] = {name: [] for name in SECTIONS}
    current: str | None = None
    later = iter(SECTIONS)
    following = next(later, None)
    for line in text:
        heading = re.sub(r"[^a-z ]", "", line.lower()).strip()
        if following and HEADINGS.get(heading) == following:
            current, following = following, next(later, None)
        elif heading in ENDINGS or heading.startswith("keywords"):
            current = None
        elif current:
            found[current].append(line)
    empty = [name for name, content in found.items() if not content]
    if empty:
        raise CompendiumError("a section has no text", found=empty, expected=SECTIONS)
    return {name: " ".join(" ".join(content).split()) for name, content in found.items()}


def texts(review_file: str, published: str) -> dict[str, dict[str, str]]:
    """Return the sections of the three versions, citations removed."""
    result = {}
    for name, manuscript in manuscripts(review_file).items():
        result[name] = sections([CITATION.sub("", line.text) for line in lines(manuscript)])
    body = published.split("\nReferences\n", maxsplit=1)[0]
    article = [line for line in body.splitlines() if not line.endswith("pdf)")]
    result["published"] = sections([_ended(RAISED.sub(r"\1", line)) for line in article])
    return result


def _ended(line: str) -> str:
    """Return a line of the article with a full stop if it is a heading."""
    return f"{line}." if len(line.split()) <= 7 and line[-1:].isalpha() else line


def words(text: str) -> list[str]:
    """Return the words of a text in lower case, with one spelling for -ise and -ize, letters and digits only."""
    plain = re.sub(r"[-‐–/]", " ", text.lower().replace("’", "'"))
    for pattern, spelling in SPELLING:
        plain = re.sub(pattern, spelling, plain)
    return re.findall(r"[a-z0-9%£]+(?:'[a-z]+)?", plain)


def sentences(text: str) -> list[list[str]]:
    """Return the sentences of a text, each as its words; a colon before a quotation ends one too."""
    text = re.sub(r"(?<=[.!?][’'])\s*(?=[—-])", " ", text)
    parts = re.split(r"(?<=[.!?])[’'”\"]?\s+(?=[‘'“\"—–-]?[A-Z])|(?<=:)\s+(?=[‘'“\"])", text)
    return [found for part in parts if (found := words(part))]


def compared(before: Sequence[list[str]], after: Sequence[list[str]]) -> dict[str, int]:
    """Return how many sentences are unchanged, modified, added and removed; each sentence counts once.

    Equal sentences pair first. Of the rest, the most alike pair next, while they share at least `MODIFIED` of
    their words in order.
    """
    left, right = list(map(tuple, before)), list(map(tuple, after))
    same = 0
    for sentence in list(left):
        if sentence in right:
            left.remove(sentence)
            right.remove(sentence)
            same += 1
    scores = sorted(
        (-SequenceMatcher(None, one, two, autojunk=False).ratio(), at, to)
        for at, one in enumerate(left)
        for to, two in enumerate(right)
    )
    used_left: set[int] = set()
    used_right: set[int] = set()
    for score, at, to in scores:
        if -score >= MODIFIED and at not in used_left and to not in used_right:
            used_left.add(at)
            used_right.add(to)
    return {
        "unchanged": same,
        "modified": len(used_left),
        "added": len(right) - len(used_right),
        "removed": len(left) - len(used_left),
    }


def comparison(review_file: str, published: str) -> pd.DataFrame:
    """Compare the versions, each with the one before, section by section and as a whole.

    Returns
    -------
    One row per version and section: ``version``, ``section`` ("whole text" last), ``words``, ``sentences``, and
    against the version before ``unchanged``, ``modified``, ``added``, ``removed`` (missing for the first).
    """
    versions = texts(review_file, published)
    rows, previous = [], None
    for version in VERSIONS:
        total: dict[str, int] = {}
        for section in SECTIONS:
            text = versions[version][section]
            row = {"words": len(words(text)), "sentences": len(sentences(text))}
            if previous is not None:
                row |= compared(sentences(previous[section]), sentences(text))
            for key, value in row.items():
                total[key] = total.get(key, 0) + value
            rows.append({"version": version, "section": section, **row})
        rows.append({"version": version, "section": "whole text", **total})
        previous = versions[version]
    frame = pd.DataFrame(rows)
    counts = [name for name in frame.columns if name not in ("version", "section")]
    return frame.astype(dict.fromkeys(counts, "Int64"))


def references(text: str) -> list[str]:
    """Return the entries of a numbered reference list, in order; an entry that runs over several lines is one."""
    entries: dict[int, str] = {}
    number = 0
    for raw in text.splitlines():
        stripped = re.sub(r"^-\s+", "", raw.strip())
        starts = re.finditer(r"(?:^|(?<=\s))(\d{1,3})\.?\s+(?=[A-Za-z\[‘“'\"<])", stripped[:14])
        follow = [start for start in starts if int(start.group(1)) == number + 1]
        if follow:
            number += 1
            entries[number] = stripped[follow[-1].end() :]
        elif number and re.search(r"[^\W\d_]", stripped):
            entries[number] += " " + re.sub(r"^\d{1,2}\s+", "", stripped)
    return [entries[at] for at in sorted(entries)]


def repeated(entries: Sequence[str], titles: Mapping[str, str]) -> dict[str, list[int]]:
    """Return the works that a reference list holds more than once: key -> numbers of the entries.

    Parameters
    ----------
    entries : the entries of one list, in order.
    titles : title of each known work by key, for instance from the bibliography.
    """
    plain = [" " + " ".join(words(entry)) + " " for entry in entries]
    found: dict[str, list[int]] = {}
    for key, title in titles.items():
        start = " ".join(words(title)[:14])
        numbers = [at for at, entry in enumerate(plain, start=1) if f" {start} " in entry]
        if len(numbers) > 1:
            found[key] = numbers
    return found


def reference_lists(review_file: str, published: str, thesis: str, titles: Mapping[str, str]) -> pd.DataFrame:
    """Count the entries of the documents' numbered reference lists, and the works that stand there more than once.

    Returns
    -------
    ``list``, ``entries``, ``works_repeated``, ``entries_too_many``, ``repeated`` (key: numbers; ...). Works are known
    by the titles of the bibliography, so the counts are lower bounds.
    """
    after = {name: text.split("\nREFERENCES\n", 1)[1] for name, text in manuscripts(review_file).items()}
    parts = {
        "paper, submission": after["submission"].split("\nStandards for Reporting", 1)[0],
        "paper, R1": after["R1"].split("\nINTERVIEW GUIDE\n", 1)[0],
        "paper, published": published.split("\nReferences\n", 1)[1].split("\nAssociated Data\n", 1)[0],
    }
    for chapter in range(3, 9):
        text = thesis.split(f"\nCHAPTER {chapter} REFERENCES\n", 1)[1]
        parts[f"thesis, chapter {chapter}"] = re.split(r"\n(?:CHAPTER \d|APPENDICES)\n", text, maxsplit=1)[0]
    rows = []
    for name, text in parts.items():
        entries = references(text)
        twice = repeated(entries, titles)
        shown = "; ".join(f"{key}: {' '.join(map(str, numbers))}" for key, numbers in sorted(twice.items()))
        rows.append((name, len(entries), len(twice), sum(len(numbers) - 1 for numbers in twice.values()), shown))
    return pd.DataFrame(rows, columns=["list", "entries", "works_repeated", "entries_too_many", "repeated"])
