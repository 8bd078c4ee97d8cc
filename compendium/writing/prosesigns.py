"""Signs of clipped prose: paragraphs whose sentences are short and stand side by side without a connective.

The measure follows readability research, where short sentences are easy only while the links between them are
expressed: McNamara DS, Kintsch E, Songer NB, Kintsch W. Are good texts always better? Cogn Instr 1996;14:1-43.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from compendium.render.sources import Line
from compendium.writing import wordcounts

SHORT = 19.0  # words a sentence, on average over the paragraph
LINKED = 0.25  # connectives a sentence
FEWEST = 3  # sentences: two short ones in a row are no rhythm yet

CONNECTIVES = (
    "because", "although", "though", "however", "whereas", "while", "when", "if", "unless", "therefore", "thus",
    "hence", "but", "instead", "nevertheless", "nonetheless", "moreover", "furthermore", "for example",
    "for instance", "in contrast", "by contrast", "on the other hand", "as a result", "consequently", "accordingly",
    "in turn", "rather than", "indeed", "despite", "in spite of", "so that", "even so", "otherwise", "similarly",
    "likewise", "in other words", "in particular", "in addition", "provided that", "given that", "as long as",
)  # fmt: skip
"""Words that say how a clause bears on another: cause, concession, contrast, condition, consequence, example."""
LEADING = ("so", "yet", "since")
"""Words that do so only where a clause begins: after a comma, a semicolon or nothing."""

_CONNECTIVE = re.compile(
    rf"\b(?:{'|'.join(sorted(CONNECTIVES, key=len, reverse=True))})\b|(?:^|[,;:]\s)(?:{'|'.join(LEADING)})\b", re.I
)
_ABBREVIATION = re.compile(r"\b(et al|e\.g|i\.e|cf|vs|no|Dr|Prof)\.", re.I)
_RUN_IN = re.compile(r"^\*\*[^*]+\*\*\s*")
_END = re.compile(r"(?<=[.?!])[\"'’”)\]*]*\s+(?=[\"'‘“(\[*]*[A-Z0-9@])")
_NO_PROSE = re.compile(r"^\s*(?:#|>|\||\+[-=]|!\[|:{3,}|[-*+]\s|\d+[.)]\s|\$\$|<|\{\{<\s*include|: )")


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of prose: where it begins, and its words as one line."""

    start: Line
    text: str

    @property
    def sentences(self) -> list[str]:
        """Return its sentences; a run-in heading in bold and citations are no part of them."""
        plain = wordcounts.CITATIONS.sub("", _RUN_IN.sub("", self.text))
        plain = _ABBREVIATION.sub(lambda found: found[1], plain)
        return [part for part in _END.split(plain) if wordcounts.count(part)]

    @property
    def mean_words(self) -> float:
        """Return the words of a sentence on average."""
        counts = [wordcounts.count(sentence) for sentence in self.sentences]
        return sum(counts) / len(counts) if counts else 0.0

    @property
    def connectives(self) -> int:
        """Return how many connectives it has."""
        return sum(len(_CONNECTIVE.findall(sentence)) for sentence in self.sentences)

    @property
    def clipped(self) -> bool:
        """Return whether its sentences are short and fewer than one in four is joined to another."""
        number = len(self.sentences)
        return number >= FEWEST and self.mean_words < SHORT and self.connectives / number < LINKED


def paragraphs(lines: Sequence[Line], texts: Sequence[str]) -> Iterator[Paragraph]:
    """Yield the paragraphs of prose among these lines; headings, lists, tables, figures and divs are left out.

    Parameters
    ----------
    lines, texts : the lines of a document and what is visible of each, as `compendium.writing.prose.Text` holds them.
    """
    block: list[tuple[Line, str]] = []
    depth = 0
    for line, text in [*zip(lines, texts, strict=True), (Line("", "", 0), "")]:
        if fence := wordcounts.FENCE.match(text):
            depth += 1 if fence["attributes"] else -1
        elif text.strip():
            if depth <= 0:
                block.append((line, text))
            continue
        if block and not _NO_PROSE.match(block[0][1]):
            yield Paragraph(block[0][0], " ".join(" ".join(text for _, text in block).split()))
        block = []
