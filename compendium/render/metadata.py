"""Title blocks: authors, affiliations, dates and keywords in the shape each format's template expects."""

from __future__ import annotations

import datetime
from typing import Any

from compendium.render import jats, nodes
from compendium.render.nodes import Node
from compendium.render.sources import as_list


def authors(meta: dict[str, Any]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return authors and affiliations from Quarto's ``author`` schema, affiliations numbered in order of use.

    An author is a string or a mapping with ``name`` (a string, or ``given`` and ``family``; a group has one of
    ``literal`` and ``family`` alone), ``email``, ``orcid``, ``corresponding``, ``roles`` (texts, or mappings of a role
    to its degree) and ``affiliations`` (strings, mappings, or ``ref`` to the document's own).
    """
    declared = {str(item.get("id")): item for item in as_list(meta.get("affiliations")) if isinstance(item, dict)}
    places: list[dict[str, Any]] = []
    people = []
    for entry in as_list(meta.get("author") or meta.get("authors")):
        person = entry if isinstance(entry, dict) else {"name": str(entry)}
        name = person.get("name", "")
        group = isinstance(name, dict) and not name.get("given")
        if isinstance(name, dict):
            given, family = str(name.get("given") or ""), str(name.get("family") or name.get("literal") or "")
        else:
            given, _, family = str(name).rpartition(" ")
        marks = []
        for item in as_list(person.get("affiliations") or person.get("affiliation")):
            if isinstance(item, dict) and "ref" in item:
                item = declared.get(str(item["ref"]), {"name": str(item["ref"])})
            place = item if isinstance(item, dict) else {"name": str(item)}
            shown = ", ".join(str(place[key]) for key in ("department", "name", "city", "country") if place.get(key))
            number = next((old["number"] for old in places if old["shown"] == shown), None)
            if number is None:
                number = len(places) + 1
                places.append({"number": number, "shown": shown, **place, "id": str(number)})
            marks.append(number)
        people.append(
            {
                "name": f"{given} {family}".strip(),
                "given": given,
                "family": family,
                "group": group,
                "roles": _roles(person),
                "email": person.get("email"),
                "orcid": str(person["orcid"]).rsplit("/", 1)[-1] if person.get("orcid") else None,
                "corresponding": bool(person.get("corresponding")),
                "marks": marks,
            }
        )
    return people, places


def _roles(person: dict[str, Any]) -> list[dict[str, str]]:
    """Return an author's roles, each with its degree where that is given."""
    found = []
    for item in as_list(person.get("roles") or person.get("role")):
        pairs = item.items() if isinstance(item, dict) else [(item, None)]
        found += [{"role": str(role), **({"degree": str(degree)} if degree else {})} for role, degree in pairs]
    return found


def printed_date(value: Any) -> str:
    """Return a date as prose ("21 November 2025"); a text that is no ISO date stays itself."""
    try:
        day = value if isinstance(value, datetime.date) else datetime.date.fromisoformat(str(value))
    except ValueError:
        return str(value)
    return f"{day.day} {day:%B %Y}"


def title_block(
    parsed: dict[str, Node], meta: dict[str, Any], output: str, edition: int = 0
) -> tuple[dict[str, Node], list[Node]]:
    """Return the metadata a writer's template needs, and blocks that Word needs at the head of the body.

    ``parsed`` is Pandoc's reading of the metadata (title and abstract keep their markup), ``meta`` the YAML,
    ``edition`` the time of this edition in seconds since 1970.
    """
    people, places = authors(meta)
    keywords = [str(word) for word in as_list(meta.get("keywords"))]
    result: dict[str, Node] = {
        key: parsed[key]
        for key in ("title", "subtitle", "abstract", "short-title", "description", "description-meta")
        if key in parsed
    }
    language = str(meta.get("lang", "en-GB"))
    result["lang"] = nodes.meta(language)
    if "title" in parsed:
        result["pagetitle"] = nodes.meta(nodes.plain(parsed["title"]["c"]).strip())
    if keywords:
        result["keywords"] = nodes.meta(list(keywords))
    if output == "jats":
        return result | jats.front(parsed, meta, people, places, edition), []
    date = printed_date(meta["date"]) if meta.get("date") else ""
    if output == "docx":
        result |= {"author": nodes.meta([person["name"] for person in people])}
        abstract = result.pop("abstract", None)
        return result, word_front(people, places, date, abstract, keywords)
    if date:
        result["date"] = nodes.meta(date)
    result["abstract-title"] = nodes.meta("Abstract")
    result["imprint"] = nodes.meta(imprint(meta))
    if "subtitle" in parsed:
        result["subject"] = nodes.meta(nodes.plain(parsed["subtitle"]["c"]).strip())
    for key, part in zip(("language", "region"), language.split("-", 1), strict=False):
        result[key] = nodes.meta(part)
    result["author-meta"] = nodes.meta([person["name"] for person in people])
    shown = []
    for person in people:
        item = nodes.meta({key: person[key] for key in ("name", "email", "orcid")})
        if person["marks"]:
            item["c"]["marks"] = nodes.meta(",".join(str(mark) for mark in person["marks"]))
        if person["corresponding"]:
            item["c"]["corresponding"] = nodes.meta(True)
        shown.append(item)
    result["by-author"] = {"t": "MetaList", "c": shown}
    result["by-affiliation"] = nodes.meta([{"number": item["number"], "name": item["shown"]} for item in places])
    return result, []


def imprint(meta: dict[str, Any]) -> dict[str, Any]:
    """Return a document's publisher, licence with its address, and the DOIs of the works that it is about."""
    citation = meta["citation"] if isinstance(meta.get("citation"), dict) else {}
    rights = jats.rights(meta)
    found = {
        "publisher": str(citation.get("publisher") or ""),
        **{key: rights.get(key, "") for key in ("licence", "licence-url")},
    }
    related = [str(item["doi"]) for item in as_list(meta.get("related-articles")) if isinstance(item, dict)]
    return {key: value for key, value in {**found, "related": related}.items() if value}


def _marks(person: dict[str, Any]) -> list[Node]:
    marks = ",".join(str(mark) for mark in person["marks"])
    return [{"t": "Superscript", "c": nodes.text(marks)}] if marks else []


def word_front(
    people: list[dict], places: list[dict], date: str, abstract: Node | None, keywords: list[str]
) -> list[Node]:
    """Return what Word shows under the title: authors, affiliations, correspondence, date, abstract and keywords."""
    blocks: list[Node] = []
    if people:
        names: list[Node] = []
        for person in people:
            names += [{"t": "Str", "c": ","}, {"t": "Space"}] if names else []
            names += [*nodes.text(person["name"]), *(_marks(person) if len(places) > 1 else [])]
        blocks.append(_styled("Author", [nodes.para(names)]))
    around: list[Node] = []
    for place in places:
        # A single affiliation needs no mark.
        mark: list[Node] = []
        if len(places) > 1:
            mark = [{"t": "Superscript", "c": nodes.text(str(place["number"]))}, {"t": "Space"}]
        around.append(nodes.para([*mark, *nodes.text(place["shown"])]))
    for person in people:
        if person["corresponding"] and person["email"]:
            around.append(nodes.para(nodes.text(f"Correspondence: {person['name']}, {person['email']}")))
    if date:
        around.append(nodes.para(nodes.text(date)))
    if around:
        blocks.append(_styled("Front matter", around))
    if abstract is not None:
        shown = abstract["c"] if abstract["t"] == "MetaBlocks" else [nodes.para(abstract["c"])]
        blocks += [_styled("Abstract Title", [nodes.para(nodes.text("Abstract"))]), _styled("Abstract", shown)]
    if keywords:
        label = {"t": "Strong", "c": nodes.text("Keywords:")}
        words: list[Node] = [label, {"t": "Space"}, *nodes.text("; ".join(keywords))]
        blocks.append(_styled("Front matter", [nodes.para(words)]))
    return blocks


def _styled(name: str, blocks: list[Node]) -> Node:
    return nodes.div(blocks, pairs=[["custom-style", name]])
