"""British spelling: Hunspell's American dictionary, turned British by rules of spelling and Codespell's list of pairs.

A word is right if the dictionary knows it, or knows the American word that it is the British form of, or if it stands
in the project's list. A word that is the American form of a British one is wrong, even though the dictionary knows it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from compendium.texts import read_text

WORDS = "manuscript/words.txt"
PACKAGES = ("hunspell", "codespell_lib")
TOKEN = re.compile(r"[A-Za-zÀ-ÿ]+(?:['’][A-Za-z]+)*")
NOT_PROSE = (
    re.compile(r"\{\{<.*?>\}\}"),  # shortcodes
    re.compile(r"(?:https?://|www\.|doi:|10\.\d{4,}/)\S+"),
    re.compile(r"\]\([^)]*\)"),  # targets of links
    re.compile(r"^\s*\[[^\]]+\]:\s.*"),
    re.compile(r"^\s*(?:- )?[a-z-]+:(?=\s|$)"),  # keys of the front matter
    re.compile(r"\{[^{}]*\}"),  # attributes
    re.compile(r"-?@[\w:.#$%&+?<>~/-]*\w"),  # citations and cross-references
    re.compile(r"<[^<>]*>"),
    re.compile(r"\$[^$]*\$"),
    re.compile(r"\b\S*[\w]/\S*\.\w+\b"),  # paths
    re.compile(r"\b\w*(?:\d\w*[A-Za-z]|[A-Za-z]\w*\d)\w*\b"),  # names with figures, such as Core20PLUS5
)
AMERICAN = (
    (re.compile(r"is(e|ed|es|er|ers|ing|ation|ations|ational|able)$"), r"iz\1"),
    (re.compile(r"ys(e|ed|es|er|ers|ing)$"), r"yz\1"),
    (re.compile(r"our"), "or"),
    (re.compile(r"(?<=[^aeiou])re(s|d)?$"), r"er\1"),
    (re.compile(r"ll(ed|ing|er|ers|or|ors)$"), r"l\1"),
    (re.compile(r"ogue(s?)$"), r"og\1"),
    (re.compile(r"([ae])e(?=[a-z])"), r"e"),  # paediatric, anaesthetic
    (re.compile(r"oe(?=[a-z])"), "e"),
    (re.compile(r"(?<=[nl])ce(s|d)?$"), r"se\1"),
    (re.compile(r"gement(s?)$"), r"gment\1"),
    (re.compile(r"mme(s|d)?$"), r"m\1"),
    (re.compile(r"eing$"), "ing"),
    (re.compile(r"lment(s?)$"), r"llment\1"),
    (re.compile(r"lful"), "llful"),
)
"""What turns a British ending into the American one of the same word."""

BOTH = frozenset(
    [
        *("check", "checks", "curb", "disk", "draft", "focused", "focuses", "focusing", "inquiries", "inquiry"),
        *("license", "licensed", "licenses", "licensing", "meter", "meters", "practice", "practices"),
        *("program", "programs", "stories", "story", "tire"),
    ]
)
"""American forms that are good British too, if only as another word or part of speech."""

IZE = re.compile(r"iz(e|ed|es|er|ers|ing|ation|ations|ational|able)$")
NOT_ISE = re.compile(r"(?:^|re|over|down|out)siz|^priz|^seiz|^capsiz|^maiz")


def missing_packages() -> list[str]:
    """Return the packages that the check needs and that are not installed."""
    return [name for name in PACKAGES if find_spec(name) is None]


def listed_words(root: Path) -> dict[str, int]:
    """Return the project's own words in lower case, each with its line; ``#`` begins a comment."""
    path = root / WORDS
    if not path.is_file():
        return {}
    lines = read_text(path).splitlines()
    return {
        word.lower(): number for number, line in enumerate(lines, start=1) if (word := line.partition("#")[0].strip())
    }


def tokens(line: str) -> Iterator[str]:
    """Yield the words of a line of Markdown that are prose; abbreviations in capitals are none."""
    for pattern in NOT_PROSE:
        line = pattern.sub(" ", line)
    for match in TOKEN.finditer(line.replace("\\", "")):
        word = match[0].replace("’", "'").removesuffix("'s")
        if len(word) > 2 and not re.search(r"[A-Z].*[A-Z]", word):
            yield word


def misspelt(words: Iterable[str], allowed: Iterable[str] = ()) -> dict[str, str]:
    """Return the words that are wrong, each with what to write instead ("" where nothing comes to mind).

    Parameters
    ----------
    words : as `tokens` yields them; each is looked up once.
    allowed : the project's own words, in lower case.
    """
    known, wrong = set(allowed), {}
    for word in dict.fromkeys(words):
        lower = word.lower()
        if lower in known:
            continue
        if british := british_form(lower):
            wrong[word] = british
        elif not _right(word):
            wrong[word] = ""
    return wrong


def british_form(word: str) -> str:
    """Return the British form of an American word, or "" for a word that is British or both."""
    american = _pairs()[1]
    if word in american:
        return american[word]
    if IZE.search(word) and not NOT_ISE.search(word) and _dictionary().spell(word):
        return IZE.sub(r"is\1", word)
    return ""


def _right(word: str) -> bool:
    spell = _dictionary().spell
    if spell(word) or spell(word.lower()) or word.lower() in _pairs()[0]:
        return True
    return any(spell(american) for american in _american_forms(word.lower()))


def _american_forms(word: str) -> set[str]:
    """Return what the rules make of a word, one or two of them applied."""
    once = {pattern.sub(form, word) for pattern, form in AMERICAN}
    return {pattern.sub(form, changed) for changed in once for pattern, form in AMERICAN} | once


@cache
def _dictionary() -> Any:
    import hunspell

    return hunspell.Hunspell("en_US")


@cache
def _pairs() -> tuple[dict[str, str], dict[str, str]]:
    """Return Codespell's British words with their American forms, and the reverse where that is unambiguous."""
    import codespell_lib

    path = Path(codespell_lib.__file__).parent / "data/dictionary_en-GB_to_en-US.txt"
    lines = read_text(path).splitlines()
    british = dict(line.split("->")[:2] for line in lines if "->" in line)
    unmarked = {american.strip(" ,"): word for word, american in british.items()}
    return british, {american: word for american, word in unmarked.items() if american not in BOTH}
