"""The paper's title page as Markdown, from its authors file: what is not filled in shows as a gap.

The page is written to ``build/places/`` for the paper to include. Its numbers of words, tables and figures are counted
in the paper's source, by the rules of `compendium.writing.wordcounts`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from compendium.figures.tables import escaped
from compendium.project import write_text
from compendium.render.sources import Source
from compendium.writing import authors, wordcounts

FILE = "title-page.md"
STATEMENTS = {
    "funding": "Funding",
    "competing-interests": "Competing interests",
    "ai-use": "Use of AI in writing",
    "patient-involvement": "Patient and public involvement",
    "ethics": "Ethics approval",
    "data-availability": "Data availability",
    "code-availability": "Code availability",
}
PLACED = ("data", "code")  # statements that a repository and an identifier follow


def write(root: Path, source: Source, folder: Path) -> bool:
    """Write the title page where the project has an authors file; return whether it changed.

    Raises CompendiumError as `authors.read` does.
    """
    content = authors.read(root)
    if content is None:
        return False
    text = markdown(content, {gap.field: gap.what for gap in authors.gaps(root)}, source)
    path = folder / FILE
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return False
    folder.mkdir(parents=True, exist_ok=True)
    write_text(path, text)
    return True


def markdown(content: dict[str, Any], gaps: dict[str, str], source: Source) -> str:
    """Return the title page as a list, one item for each thing that a journal asks for.

    Parameters
    ----------
    content : the authors file, as `authors.read` returns it.
    gaps : what is missing, by field, as `authors.gaps` names it.
    source : the paper, for its keywords and its numbers of words, tables and figures.
    """
    page = content["title-page"]

    def shown(field: str) -> str:
        value = page[field.removeprefix("title-page.")] if field.startswith("title-page.") else None
        return escaped(" ".join(str(value).split())) if value else gap(gaps[field])

    items = [("Authors", "; ".join(_author(number, person, gaps) for number, person in enumerate(content["author"])))]
    items.append(
        ("Affiliations", "; ".join(_place(at, place, gaps) for at, place in enumerate(content["affiliations"])))
    )
    items.append(("Corresponding author", _corresponding(content, gaps)))
    items.append(
        ("Contributors (CRediT)", "; ".join(_roles(at, person, gaps) for at, person in enumerate(content["author"])))
    )
    items.append(("Guarantor", shown("title-page.guarantor")))
    if words := source.meta.get("keywords"):
        items.append(("Keywords", "; ".join(escaped(str(word)) for word in words)))
    items.append(("Word counts", counts(source)))
    for field, title in STATEMENTS.items():
        text = shown(f"title-page.{field}")
        what = field.partition("-")[0]
        if what in PLACED:
            repository, identifier = shown(f"title-page.{what}-repository"), shown(f"title-page.{what}-identifier")
            text += f" Repository: {repository}. Identifier: {identifier}."
        items.append((title, text))
    return "".join(f"- **{title}.** {text}\n" for title, text in items)


def gap(what: str) -> str:
    """Return how the draft shows a field that is not filled in."""
    return f"**\\[not filled in: {what}\\]**"


def counts(source: Source) -> str:
    """Return in words how long abstract and main text are, and how many tables and figures the main text has."""
    body = [line.text for line in source.lines[source.body_start :]]
    found = wordcounts.sections(body)
    main = [line for section in found if section.numbered for line in section.lines]
    tables = sum(bool(re.match(r":{3,}\s*\{#tbl-", line)) for line in main)
    figures = sum(bool(re.match(r"!\[.*\{#fig-", line)) for line in main)
    abstract = wordcounts.count(str(source.meta.get("abstract", "")))
    return (
        f"abstract {abstract:,}, main text {wordcounts.main_text(found):,}; "
        f"{_number(tables, 'table')} and {_number(figures, 'figure')} in the main text"
    )


def _number(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}"


def _filled(parts: Iterable[str]) -> str:
    return ", ".join(part for part in parts if part)


def _name(person: dict[str, Any]) -> str:
    return escaped(" ".join(part for part in (person["name"].get("given"), person["name"]["family"]) if part))


def _author(number: int, person: dict[str, Any], gaps: dict[str, str]) -> str:
    missing = [gap(what) for field, what in gaps.items() if field.startswith(f"author.{number + 1}.name.")]
    lacking = gaps.get(f"author.{number + 1}.orcid")
    orcid = f"ORCID {person['orcid']}" if person.get("orcid") else gap(lacking) if lacking else ""
    return _filled([_name(person), *missing, orcid])


def _place(number: int, place: dict[str, Any], gaps: dict[str, str]) -> str:
    named = [escaped(str(place[part])) for part in ("department", "name", "city", "country") if place.get(part)]
    missing = [gap(what) for field, what in gaps.items() if field.startswith(f"affiliations.{number + 1}.")]
    return _filled([*named, *missing])


def _corresponding(content: dict[str, Any], gaps: dict[str, str]) -> str:
    address = content["title-page"]["correspondence-address"]
    where = escaped(" ".join(str(address).split())) if address else gap(gaps["title-page.correspondence-address"])
    if "author" in gaps:
        return _filled([gap(gaps["author"]), where])
    number, person = next((at, one) for at, one in enumerate(content["author"], start=1) if one.get("corresponding"))
    email = person.get("email")
    return _filled(
        [
            _name(person),
            where,
            escaped(str(email)) if email else gap(gaps[f"author.{number}.email"]),
        ]
    )


def _roles(number: int, person: dict[str, Any], gaps: dict[str, str]) -> str:
    roles = ", ".join(person["roles"] or []) or gap(gaps[f"author.{number + 1}.roles"])
    return f"{_name(person)}: {roles}"
