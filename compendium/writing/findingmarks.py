"""What a paper must show of its findings: their words in all, and for each its markers and its quantifier.

``compendium.toml`` names the study whose findings the paper reports (``[paper]``); its ``findings.csv`` says in which
section each stands, how common the document says that it is, and what stands behind it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from compendium import settings
from compendium.errors import CompendiumError
from compendium.render.sources import Source
from compendium.writing import wordcounts
from compendium.writing.manuscript import Finding

MARKER = re.compile(r"\[\^([QP]\d+)\^\]\(#([^)]*)\)")
_END = re.compile(r"(?<=[.?!])\s+(?=[A-Z‘“\[])")
ONE = "one"


def problems(root: Path, source: Source) -> Iterator[Finding]:
    """Yield what the paper lacks: the original in its abstract, words of the findings, markers and quantifiers."""
    paper = settings.read(root).paper
    abstract = " ".join(str(source.meta.get("abstract", "")).split())
    if (original := paper.get("original", "")) and original not in abstract:
        file, line = source.locate(r"^abstract:")
        message = f"the abstract does not name the original; expected '{original}'"
        yield Finding(file, line or 1, "abstract-original", message, "warning")
    if folder := paper.get("findings", ""):
        yield from _findings(root, source, f"data/coding/{folder}")


def _findings(root: Path, source: Source, folder: str) -> Iterator[Finding]:
    from compendium.evidence import findings, triangulation

    path = f"{folder}/findings.csv"
    try:
        segments = triangulation.read(root / folder / "segments.csv", ["segment_id"])
        found = findings.read(root / path, segments)
    except CompendiumError as error:
        yield Finding(path, error.row if isinstance(error.row, int) else 1, "findings", str(error))
        return
    parts = {
        section.label: section
        for section in wordcounts.sections(line.text for line in source.lines[source.body_start :])
        if section.label in set(found["section"])
    }
    yield from _words(root, source, sum(section.words for section in parts.values()))
    marked = findings.markers(found, segments["segment_id"].tolist())
    known = {marker for markers in marked.values() for marker in markers}
    sentences = {label: _sentences(section.lines) for label, section in parts.items()}
    for line, row in enumerate(found.to_dict("records"), start=2):
        wanted = marked[row["finding_id"]]
        bearing = [
            one for one in sentences.get(row["section"], []) if set(wanted) <= {m for m, _ in MARKER.findall(one)}
        ]
        if not bearing:
            message = f"no sentence of {row['section']} bears {', '.join(wanted)}, the markers of '{row['finding']}'"
            yield Finding(path, line, "finding-marker", message, "warning")
        elif not any(_quantifier(root, row["quantifier"]).search(MARKER.sub("", one)) for one in bearing):
            file, at = source.locate(rf"\[\^{wanted[-1]}\^\]")
            message = f"the sentence with {', '.join(wanted)} lacks the quantifier of '{row['finding']}'"
            yield Finding(file, at or 1, "finding-quantifier", f"{message}; expected '{row['quantifier']}'", "warning")
    for marker, target in dict.fromkeys(MARKER.findall(" ".join(one for part in sentences.values() for one in part))):
        if marker not in known or target != marker:
            file, at = source.locate(rf"\[\^{marker}\^\]\(#{re.escape(target)}\)")
            message = f"the marker {marker} with its link to '{target}' belongs to no finding of {path}"
            yield Finding(file, at or 1, "finding-marker", message, "warning")


def _words(root: Path, source: Source, words: int) -> Iterator[Finding]:
    limits = settings.read(root).paper.get("words")
    if limits and not limits[0] <= words <= limits[1]:
        message = f"the findings have {words:,} words; expected {limits[0]:,} to {limits[1]:,}"
        yield Finding(source.file, 1, "findings-words", message, "warning")


def _sentences(lines: tuple[str, ...]) -> list[str]:
    text = "\n".join(wordcounts.counted_lines(lines))
    paragraphs = [" ".join(block.split()) for block in re.split(r"\n\s*\n", text)]
    return [one for paragraph in paragraphs for one in _END.split(paragraph) if one]


def _quantifier(root: Path, word: str) -> re.Pattern[str]:
    """Return what a quantifier looks like in a sentence; one person may also be "another" or "a ... leader"."""
    speaker = settings.read(root).paper.get("speaker", "")
    if word == ONE and speaker:
        return re.compile(rf"\b(?:one|another|an?)\s(?:\S+\s){{0,3}}{re.escape(speaker)}\b", re.I)
    return re.compile(rf"\b{re.escape(word)}\b", re.I)
