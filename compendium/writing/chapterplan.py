"""The share of words that each chapter of a book must have: a plan beside its sources, held against what is shown."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from compendium.errors import CompendiumError
from compendium.texts import read_yaml
from compendium.writing import wordcounts

NAME = "_plan.yml"
"""The plan's file: it stands in the folder of the chapters and maps ``chapters`` to file names and words."""

IMAGE = re.compile(r"!\[(?P<caption>[^\]]*)\]\([^)]*\)(?:\{[^}]*\})?")
FENCE = re.compile(r"^:{3,}")
RULE = re.compile(r"^\s*[|+][\s|+:=-]*$")
ATTRIBUTES = re.compile(r"\{[#.][^}]*\}")
RAW = re.compile(r"<[^<>]*>|\\(?=\W)")


def read(path: Path) -> dict[str, int]:
    """Return the fewest words of each chapter, by file name; empty where there is no plan.

    Raises CompendiumError when the plan is no mapping of file names to positive whole numbers.
    """
    if not path.is_file():
        return {}
    chapters = read_yaml(path).get("chapters")
    if not isinstance(chapters, dict) or not chapters:
        raise CompendiumError("the plan names no chapters", file=path.name, expected="chapters: {NAME.qmd: WORDS}")
    for name, words in chapters.items():
        if not isinstance(words, int) or isinstance(words, bool) or words < 1:
            raise CompendiumError(
                "a chapter's share is no number of words", file=path.name, row=str(name), found=words,
                expected="a positive whole number",
            )  # fmt: skip
    return {str(name): words for name, words in chapters.items()}


def shown_words(lines: Iterable[str]) -> int:
    """Return the words that a reader of the rendered page meets in these lines of an expanded source.

    Prose, headings, lists, tables with their captions and notes, and captions of figures count. Citations, alternative
    texts, attributes and the marks that draw a table do not.
    """
    total = 0
    for line in lines:
        if FENCE.match(line) or RULE.match(line):
            continue
        plain = ATTRIBUTES.sub(" ", IMAGE.sub(lambda image: image["caption"], wordcounts.CITATIONS.sub(" ", line)))
        total += wordcounts.count(RAW.sub(" ", plain))
    return total
