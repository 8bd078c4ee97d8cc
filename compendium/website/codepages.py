"""A page for each code: what it means, the findings that rest on it, the codes it meets, its segments.

A code counts for a segment when the segment carries it or one below it. Sites of different studies share letters and
nothing else; a speaker is named as printed, with the study.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from compendium.errors import CompendiumError
from compendium.website import codedevidence
from compendium.website.markup import plain, raw, read_csv

EVIDENCE = "manuscript/site/evidence"
MEETINGS = 12  # codes shown that occur with a code, the most frequent first
OWN = "inductive"
NAME = re.compile(r"[\w-]+")


@dataclass(frozen=True)
class Code:
    """A code with what every study's codebook says of it."""

    id: str
    title: str
    parent: str
    origin: str
    studies: list[str] = field(default_factory=list)
    entries: list[dict[str, str]] = field(default_factory=list)


def files(coding: Path) -> dict[str, str]:
    """Return the pages as Quarto sources, ``codes/ID.qmd`` -> content, and ``codes.md``, the list that leads to them.

    Parameters
    ----------
    coding : the folder ``data/coding/``; without coded studies there is no page and the list is empty.
    """
    evidence = codedevidence.content(coding)
    codes = codebook(coding, [study["id"] for study in evidence["studies"]])
    segments = evidence["segments"]
    carried = {
        segment["id"]: {name for code in segment["codes"] for name in lineage(code, codes)} for segment in segments
    }
    findings = read_csv(path) if (path := coding / "triangulation.csv").is_file() else []
    made = {f"codes/{code.id}.qmd": page(code, codes, segments, carried, findings, evidence) for code in codes.values()}
    return {**made, "codes.md": listed(codes, carried, evidence)}


def codebook(coding: Path, studies: list[str]) -> dict[str, Code]:
    """Return the codes of all studies by id; one that several studies share is one code.

    Raises CompendiumError where an id cannot be the name of a page.
    """
    found: dict[str, Code] = {}
    for study in studies:
        path = coding / study / "codebook.csv"
        for number, row in enumerate(read_csv(path), start=2):
            if not NAME.fullmatch(row["code_id"]):
                expected = "letters, digits, hyphens and underscores, for the code has a page of this name"
                raise CompendiumError(
                    "a code's id cannot name a page",
                    file=path, row=number, column="code_id", found=row["code_id"], expected=expected,
                )  # fmt: skip
            code = found.setdefault(row["code_id"], Code(row["code_id"], row["code"], row["parent"], row["origin"]))
            code.studies.append(study)
            if row not in code.entries:
                code.entries.append(row)
    return found


def lineage(code: str, codes: dict[str, Code]) -> Iterator[str]:
    """Return a code and those above it, from the narrowest to the broadest."""
    seen: set[str] = set()
    while code in codes and code not in seen:
        seen.add(code)
        yield code
        code = codes[code].parent


def page(
    code: Code,
    codes: dict[str, Code],
    segments: list[dict[str, Any]],
    carried: dict[str, set[str]],
    findings: list[dict[str, str]],
    evidence: dict[str, Any],
) -> str:
    """Return the page of one code.

    Parameters
    ----------
    code, codes : the code, and all of them by id.
    segments : all segments.
    carried : segment -> the codes that count for it.
    findings : rows of the triangulation.
    evidence : names of studies and sectors, as `codedevidence.content` returns them.
    """
    own = [segment for segment in segments if code.id in carried[segment["id"]]]
    names = {study["id"]: study["title"] for study in evidence["studies"]}
    parts = [
        f"---\ntitle: {json.dumps(code.title, ensure_ascii=False)}\n"
        f"description-meta: {json.dumps(f'The code {code.title}: meaning, segments, findings.', ensure_ascii=False)}\n"
        "body-classes: wide\npage-layout: full\ntoc: false\nfacet: Evidence\n---\n",
        _place(code, codes, names),
        _meaning(code, names),
        f"{_counted(len(own), 'segment')} {'carries' if len(own) == 1 else 'carry'} this code or one below it. "
        f"[Filter them](/{EVIDENCE}.qmd#code={code.id}) by document, site or sector.\n",
        _findings({segment["id"] for segment in own}, findings, names),
        "::::: {.unsearched}\n",  # what it meets and its segments are found under their own names
        _meetings(code, codes, own, carried),
        _segments(own, names, evidence),
        ":::::\n",
    ]
    return "\n".join(filter(None, parts))


def listed(codes: dict[str, Code], carried: dict[str, set[str]], evidence: dict[str, Any]) -> str:
    """Return the codebook as a nested list of links, our own codes first, with the number of segments of each."""

    def branch(parent: str, tops: list[Code], depth: int) -> Iterator[str]:
        for code in tops if depth == 0 else [item for item in codes.values() if item.parent == parent]:
            count = sum(code.id in names for names in carried.values())
            yield f"{'  ' * depth}- {_link(code)} ({count})"
            yield from branch(code.id, [], depth + 1)

    tops = [code for code in codes.values() if code.parent not in codes]
    shared = [
        code
        for code in tops
        if any(item.origin == OWN for item in codes.values() if code.id in lineage(item.id, codes))
    ]
    parts = ["### Our codes, shared by all studies\n", *branch("", shared, 0), ""] if shared else []
    for study in evidence["studies"]:
        themes = [code for code in tops if code not in shared and study["id"] in code.studies]
        if themes:
            parts += [f"### Themes of {plain(study['title'])}\n", *branch("", themes, 0), ""]
    return "\n".join(parts) + "\n"


def _place(code: Code, codes: dict[str, Code], names: dict[str, str]) -> str:
    above = list(lineage(code.parent, codes))[::-1]
    below = [item for item in codes.values() if item.parent == code.id]
    whose = ", ".join(plain(names[study]) for study in code.studies)
    kind = "A code of ours" if code.origin == OWN else f"A theme of {whose}"
    told = [f"{kind}."]
    if above:
        told.append(f"It belongs to {' › '.join(_link(codes[name]) for name in above)}.")
    if below:
        told.append(f"Below it: {', '.join(map(_link, below))}.")
    return " ".join(told) + "\n"


def _meaning(code: Code, names: dict[str, str]) -> str:
    """Return what the codebooks say: once where all say the same."""
    told: dict[tuple[str, str, str], list[str]] = {}
    for entry in code.entries:
        told.setdefault((entry["definition"], entry["use"], entry["not_use"]), []).append(entry["study"])
    parts = []
    for (definition, use, other), studies in told.items():
        if len(told) > 1:
            parts.append(
                f"## In the codebook of {plain(', '.join(names[study] for study in studies))} {{.unnumbered}}\n"
            )
        lines = [("Definition", definition), ("Used for", use), ("Not used for", other)]
        rows = "".join(f"<dt>{word}</dt><dd>{html.escape(text)}</dd>" for word, text in lines if text)
        parts.append(raw(f'<dl class="meaning">{rows}</dl>'))
    return "\n".join(parts)


def _findings(own: set[str], findings: list[dict[str, str]], names: dict[str, str]) -> str:
    lines = []
    for theme in dict.fromkeys(row["theme_id"] for row in findings):
        rows = [row for row in findings if row["theme_id"] == theme]
        resting = [row for row in rows if own & set(row["segments"].split(";"))]
        if resting:
            said = ", ".join(f"{names.get(row['study'], row['study'])}: {row['verdict']}" for row in resting)
            lines.append(
                f"- [{plain(rows[0]['statement'].rstrip('.'))}](/manuscript/site/findings.qmd#finding-{theme}) ({said})"
            )
    return "\n".join(["## Findings that rest on it {#findings .unnumbered}\n", *lines, ""]) if lines else ""


def _meetings(code: Code, codes: dict[str, Code], own: list[dict[str, Any]], carried: dict[str, set[str]]) -> str:
    family = {name for item in codes for name in [item] if code.id in lineage(item, codes)} | set(
        lineage(code.id, codes)
    )
    counts = {
        other.id: sum(other.id in carried[segment["id"]] for segment in own)
        for other in codes.values()
        if other.id not in family
    }
    met = sorted((name for name, count in counts.items() if count), key=lambda name: (-counts[name], codes[name].title))
    if not met:
        return ""
    lines = [
        f"- {_link(codes[name])}: [{_counted(counts[name], 'segment')}](/{EVIDENCE}.qmd#code={code.id}&with={name})"
        for name in met[:MEETINGS]
    ]
    more = f"The {MEETINGS} it meets most often, of {len(met)}.\n\n" if len(met) > MEETINGS else ""
    return "\n".join([f"## Codes it meets {{#meets .unnumbered}}\n\n{more}{lines[0]}", *lines[1:], ""])


def _segments(own: list[dict[str, Any]], names: dict[str, str], evidence: dict[str, Any]) -> str:
    if not own:
        return ""
    sectors = {sector["id"]: sector["title"] for sector in evidence["sectors"]}
    rows = []
    for item in own:
        label = f"<br><small>“{html.escape(item['label'])}”</small>" if item["label"] else ""
        rows.append(
            f'<tr><td><a href="../../../{EVIDENCE}.html#segment-{item["id"]}">{item["id"]}</a></td>'
            f"<td>{html.escape(item['summary'])}{label}</td><td>{html.escape(item['speaker'])}<br>"
            f"<small>{html.escape(sectors.get(item['sector'], item['sector']))}</small></td>"
            f"<td>{html.escape(names[item['study']])}<br><small>{html.escape(item['place'])}</small></td></tr>"
        )
    heads = ("Segment", "In our words", "Speaker", "Place in the document")
    head = "".join(f'<th scope="col">{word}</th>' for word in heads)
    body = "\n".join(rows)
    return "## Segments {#segments .unnumbered}\n\n" + raw(
        '<div class="table-scroll"><table class="records segments" aria-label="Segments with this code">'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>"
    )


def _link(code: Code) -> str:
    return f"[{plain(code.title)}](/build/pages/codes/{code.id}.qmd)"


def _counted(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"
