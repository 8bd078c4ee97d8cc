"""Where the paper reports each item of a checklist: tables for the paper and the website, filled from the rendered PDF.

Nothing here is typed: the items name section labels (``data/srqr.csv``), the labels' places are read back from the PDF,
and the tables are written to ``build/places/`` for the sources to include. A table without places is a draft.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from compendium.errors import CompendiumError
from compendium.figures.tables import escaped
from compendium.project import write_text
from compendium.render.sources import (
    INCLUDE,
    VARIABLES,
    Source,
    as_list,
    expand,
    front_matter,
    include_target,
    load_project,
    read_lines,
)
from compendium.render.unplaced import DRAFTS, PLACES
from compendium.texts import parse_yaml, read_text
from compendium.writing import authors, positions, titlepage, wordcounts
from compendium.writing.positions import Heading

PAPER = "manuscript/paper/paper.qmd"
FOLDER = PLACES.as_posix()
CHECKLISTS = {
    "srqr": "Standards for Reporting Qualitative Research (SRQR)", "coreq": "COREQ", "gramms": "GRAMMS",
    "entreq": "ENTREQ", "prisma-2020": "PRISMA 2020", "prisma-s": "PRISMA-S", "prisma-scr": "PRISMA-ScR",
}  # fmt: skip
NOT_APPLICABLE = "not applicable"
PASSAGES = {"title": "Title", "abstract": "Abstract"}
REPORTED = {"reported": "yes", "partly": "partly", "not reported": "no", NOT_APPLICABLE: "not applicable"}
WEB = "../../paper/paper.html"  # the paper seen from a page of the website


@dataclass(frozen=True)
class Item:
    """One item of a checklist: whether and why it counts as reported, and the labels of the sections that report it.

    ``line`` is its line in the file; ``reason`` is blank where the checklist gives none.
    """

    number: str
    name: str
    group: str
    topic: str
    reporting: str
    sections: tuple[str, ...]
    line: int
    reason: str = ""


def items(root: Path, name: str) -> list[Item]:
    """Return a checklist's items; empty where the project has no such checklist.

    Raises CompendiumError where a column is missing or the file is not UTF-8.
    """
    path = root / f"data/{name}.csv"
    if not path.is_file():
        return []
    rows = list(csv.DictReader(read_text(path, f"data/{name}.csv").splitlines(keepends=True)))
    for line, row in enumerate(rows, start=2):
        if "reporting" in row and row["reporting"] not in REPORTED:
            raise CompendiumError(
                "the checklist knows no such state", file=f"data/{name}.csv", row=line, column="reporting",
                found=row["reporting"], expected=list(REPORTED),
            )  # fmt: skip
    try:
        return [
            Item(
                row["number"].strip(),
                row["item"],
                row["group"],
                row["topic"],
                row["reporting"],
                tuple(row["sections"].split()),
                line,
                row.get("reason") or "",
            )
            for line, row in enumerate(rows, start=2)
        ]
    except (KeyError, ValueError) as error:
        raise CompendiumError("the checklist cannot be read", file=f"data/{name}.csv", found=str(error)) from error


def declared(root: Path) -> list[str]:
    """Return the checklists that the paper's front matter names as ``checklist:``, one or several; else all it has.

    Raises CompendiumError where it names one that the tool does not know or the project does not have.
    """
    path = root / PAPER
    _, text = front_matter(read_text(path, PAPER).split("\n")) if path.is_file() else (0, "")
    named = [
        str(name) for name in as_list((parse_yaml(text, PAPER, 2) if "checklist:" in text else {}).get("checklist"))
    ]
    for name in named:
        if name not in CHECKLISTS:
            raise CompendiumError("there is no such checklist", file=PAPER, found=name, expected=list(CHECKLISTS))
        if not (root / f"data/{name}.csv").is_file():
            raise CompendiumError("the checklist has no items", file=PAPER, found=name, expected=f"data/{name}.csv")
    return named or list(CHECKLISTS)


def headings(source: Source) -> list[Heading]:
    """Return the labelled headings of a source, in reading order."""
    found = wordcounts.sections(line.text for line in source.lines[source.body_start :])
    return [Heading(section.label, section.level, section.title) for section in found if section.label]


def unplaced(checklist: list[Item], labels: Iterable[str]) -> dict[Item, list[str]]:
    """Return the items without a place: item -> labels that the document lacks (none where it names no section)."""
    known = {*labels, *PASSAGES}
    lacking = {item: [label for label in item.sections if label not in known] for item in checklist}
    placeless = {item for item in checklist if not item.sections and item.reporting != NOT_APPLICABLE}
    return {item: labels for item, labels in lacking.items() if labels or item in placeless}


def draft(root: Path) -> None:
    """Write the title page and the tables: with the places read back from the PDF of this very text, else without.

    Raises CompendiumError where an item names a section that the paper has not.
    """
    if not (root / PAPER).is_file():
        return
    source = _paper(root)
    titlepage.write(root, source, root / FOLDER)
    if not any(items(root, name) for name in declared(root)):
        return
    _refuse_holes(root, {heading.label for heading in headings(source)})
    kept = _kept(root)
    _write(root, source, kept["places"] if kept["source"] == _digest(source) else {})


def rests_on(root: Path) -> list[Path]:
    """Return the files of the project that the drafts are made from, those that are not there included.

    Raises CompendiumError where the profile ``paper`` cannot be read.
    """
    if not (root / PAPER).is_file():
        return [root / PAPER]
    described = as_list(load_project(root, "paper").config.get("metadata-files"))
    own = (f"data/{name}.csv" for name in CHECKLISTS)
    read = ["_quarto.yml", "_quarto-paper.yml", *map(str, described), authors.FILE, *VARIABLES, *own]
    included = [file for file in _included(root, PAPER) if not file.startswith(FOLDER)]
    return [root / file for file in dict.fromkeys([*read, *included])]


def refresh(root: Path, pdf: Path) -> bool:
    """Read the places back from the paper's PDF and write the tables; return whether anything changed.

    Raises CompendiumError where an item has no place in the document: a checklist with a hole is not written.
    """
    if not any(items(root, name) for name in declared(root)):
        return False
    source = _paper(root)
    passages = {name: _plain(str(source.meta[name])) for name in PASSAGES if source.meta.get(name)}
    found = positions.of_sections(pdf, headings(source), passages)
    _refuse_holes(root, set(found))
    return _write(root, source, {label: position.words() for label, position in found.items()})


def _refuse_holes(root: Path, labels: set[str]) -> None:
    for name in declared(root):
        for item, lacking in unplaced(items(root, name), labels).items():
            raise CompendiumError(
                "an item of the checklist has no place in the paper",
                file=f"data/{name}.csv",
                row=item.line,
                column="sections",
                found=lacking or "no section label",
                expected="labels of headings of the paper",
            )


def stale(root: Path) -> bool:
    """Return whether the tables are drafts, or older than the paper's text."""
    kept = _kept(root)
    return not kept["places"] or kept["source"] != _digest(_paper(root))


def word_places(source: Source) -> dict[str, str]:
    """Return where each labelled section stands in the Word file, whose pages depend on who opens it.

    A section with a number is called by it, another one by its heading; then follow the paragraphs of its own prose.
    """
    places = {name: title.lower() for name, title in PASSAGES.items()}
    numbers: list[int] = []
    for section in wordcounts.sections(line.text for line in source.lines[source.body_start :]):
        if section.numbered:
            numbers = [*numbers[: section.level], *[0] * (section.level - len(numbers))]
            numbers[section.level - 1] += 1
            place = "section " + ".".join(map(str, numbers))
        else:
            place = f"“{section.title}”"
        text = "\n".join(wordcounts.counted_lines(section.lines))
        paragraphs = sum(bool(wordcounts.count(block)) for block in re.split(r"\n\s*\n", text))
        if paragraphs:
            place += ", paragraph 1" if paragraphs == 1 else f", paragraphs 1–{paragraphs}"
        if section.label:
            places[section.label] = place
    return places


def table(
    name: str,
    checklist: list[Item],
    titles: Mapping[str, str],
    places: Mapping[str, str],
    *,
    web: bool,
    word: Mapping[str, str] | None = None,
) -> str:
    """Return a checklist as an includable block: a table with its label, caption and notes.

    Parameters
    ----------
    name : one of `CHECKLISTS`.
    checklist : its items.
    titles : title of each section by label.
    places : place of each section in the PDF, in words; a section without one is shown by its title alone.
    web : for the website: links lead to the paper's page, and a column shows the groups.
    word : place of each section in the Word file, as `word_places` returns them; without it there is no such column.
    """

    def where(label: str) -> str:
        title = escaped(PASSAGES.get(label) or titles[label])
        target = WEB if web else ""
        linked = f"[{title}]({target}#{label})" if label not in PASSAGES else title
        return f"{linked}, {places[label]}" if label in places else linked

    columns = {"Item": 10, "Group": 24, "Topic": 44, "Reported": 14, "Why": 44, "Where": 52, "In the Word file": 40}
    reasons = any(item.reason for item in checklist)
    shown = {"Group": web, "Why": reasons, "In the Word file": bool(word)}
    head = [column for column in columns if shown.get(column, True)]
    rows = [
        [
            item.number,
            *([escaped(item.group[0].upper() + item.group[1:].replace("-", " and "))] if web else []),
            (f"[{_name(name, item)}]{{#{item.name} .named}}: " if web else "")
            + escaped(item.topic[0].upper() + item.topic[1:]),
            REPORTED[item.reporting],
            *([escaped(item.reason[:1].upper() + item.reason[1:])] if reasons else []),
            "; ".join(map(where, item.sections)),
            *(["; ".join(word[label] for label in item.sections)] if word else []),
        ]
        for item in checklist
    ]
    rule = ["-" * 9 + ":", *(":" + "-" * (columns[column] - 1) for column in head[1:])]
    lines = [" | ".join(row) for row in (head, rule, *rows)]
    caption = f"{CHECKLISTS[name]}: where the paper reports each of its {len(checklist)} items"
    printed = "Pages and lines are those of the PDF with line numbers and were read back from it when it was rendered."
    omitted = "Pages and lines are left out; `compendium render paper` reads them back from the PDF that it makes."
    notes = (
        f"Topics are in our words. {printed if places else omitted} “Partly” and “no” mark what is not reported, or "
        "not in full."
    )
    if word:
        notes += " In the Word file, paragraphs are counted from the heading; its pages depend on who opens it."
    body = "".join(f"| {line} |\n" for line in lines)
    return f"::: {{#tbl-{name}}}\n\n{body}\n{caption}\n:::\n\n::: {{.table-notes}}\n{notes}\n:::\n"


def _name(checklist: str, item: Item) -> str:
    """Return the name by which readers look for an item, from its id: ``srqr-reflexivity`` -> ``Reflexivity``."""
    return escaped(item.name.removeprefix(f"{checklist}-").replace("-", " ").capitalize())


def _write(root: Path, source: Source, places: Mapping[str, str]) -> bool:
    drafts = _texts(root, source, {})
    files = {f"{DRAFTS.name}/{file}": text for file, text in drafts.items()} | _texts(root, source, places)
    changed = False
    for file, text in files.items():
        path = root / FOLDER / file
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            changed = changed or (file.endswith(".md") and "/" not in file)
            path.parent.mkdir(parents=True, exist_ok=True)
            write_text(path, text)
    return changed


def _texts(root: Path, source: Source, places: Mapping[str, str]) -> dict[str, str]:
    """Return the files of `FOLDER` with these places, by name."""
    titles = {heading.label: heading.title for heading in headings(source)}
    word = word_places(source)
    texts = {}
    for name in declared(root):
        if checklist := items(root, name):
            complete = {label: titles.get(label, label) for item in checklist for label in item.sections}
            for file, web in ((f"{name}.md", False), (f"{name}-site.md", True)):
                texts[file] = table(name, checklist, complete, places, web=web, word=None if web else word)
    texts["places.json"] = json.dumps({"source": _digest(source), "places": places}, indent=1, ensure_ascii=False)
    return texts


def _included(root: Path, file: str) -> list[str]:
    """Return ``file`` and all that it includes, directly or through one another; those that are not there as well."""
    found: dict[str, None] = {}
    queue = [file]
    while queue:
        if (name := queue.pop()) not in found:
            found[name] = None
            lines = read_lines(root, name) if (root / name).is_file() else ()
            paths = [match["path"] for line in lines if (match := INCLUDE.match(line))]
            queue += [target for path in paths if (target := include_target(root, file, path))]
    return list(found)


def _kept(root: Path) -> dict[str, Any]:
    """Return the places read back last, and the digest of the text that they are those of; none where they are lost."""
    try:
        kept = json.loads((root / FOLDER / "places.json").read_text(encoding="utf-8"))
        whole = isinstance(kept["source"], str) and isinstance(kept["places"], dict)
    except (OSError, ValueError, KeyError, TypeError):
        whole = False
    return kept if whole else {"source": "", "places": {}}


def _paper(root: Path) -> Source:
    """Return the paper without what this module writes into it, which must not depend on itself."""
    source = expand(load_project(root, "paper"), PAPER, [])
    return replace(source, lines=tuple(line for line in source.lines if not line.file.startswith(FOLDER)))


def _digest(source: Source) -> str:
    return hashlib.sha256("\n".join(line.text for line in source.lines).encode("utf-8")).hexdigest()


def _plain(markdown: str) -> str:
    return " ".join(wordcounts.LINK.sub(r"\1", markdown.replace("*", "")).split())
