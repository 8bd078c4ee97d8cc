"""Title blocks: authors, affiliations, dates and keywords in the shape each format's template expects."""

from __future__ import annotations

import datetime
from typing import Any

from compendium.render import nodes
from compendium.render.nodes import Node
from compendium.render.sources import as_list


def authors(meta: dict[str, Any]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return authors and affiliations from Quarto's ``author`` schema, affiliations numbered in order of use.

    An author is a string or a mapping with ``name`` (a string, or ``given`` and ``family``), ``email``,
    ``orcid``, ``corresponding`` and ``affiliations`` (strings, mappings, or ``ref`` to the document's own).
    """
    declared = {str(item.get("id")): item for item in as_list(meta.get("affiliations")) if isinstance(item, dict)}
    places: list[dict[str, Any]] = []
    people = []
    for entry in as_list(meta.get("author") or meta.get("authors")):
        person = entry if isinstance(entry, dict) else {"name": str(entry)}
        name = person.get("name", "")
        if isinstance(name, dict):
            given, family = str(name.get("given", "")), str(name.get("family", ""))
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
                "email": person.get("email"),
                "orcid": str(person["orcid"]).rsplit("/", 1)[-1] if person.get("orcid") else None,
                "corresponding": bool(person.get("corresponding")),
                "marks": marks,
            }
        )
    return people, places


def printed_date(value: Any) -> tuple[str, dict[str, str]]:
    """Return a date as prose ("21 November 2025") and as JATS fields; a text that is no ISO date stays itself."""
    try:
        day = value if isinstance(value, datetime.date) else datetime.date.fromisoformat(str(value))
    except ValueError:
        return str(value), {}
    fields = {"day": f"{day:%d}", "month": f"{day:%m}", "year": f"{day:%Y}", "iso-8601": f"{day:%Y-%m-%d}"}
    return f"{day.day} {day:%B %Y}", fields


def title_block(parsed: dict[str, Node], meta: dict[str, Any], output: str) -> tuple[dict[str, Node], list[Node]]:
    """Return the metadata a writer's template needs, and blocks that Word needs at the head of the body.

    ``parsed`` is Pandoc's reading of the metadata (title and abstract keep their markup), ``meta`` the YAML.
    """
    people, places = authors(meta)
    keywords = [str(word) for word in as_list(meta.get("keywords"))]
    result: dict[str, Node] = {
        key: parsed[key]
        for key in ("title", "subtitle", "abstract", "short-title", "description", "description-meta")
        if key in parsed
    }
    result["lang"] = nodes.meta(str(meta.get("lang", "en-GB")))
    if "title" in parsed:
        result["pagetitle"] = nodes.meta(nodes.plain(parsed["title"]["c"]).strip())
    date, fields = printed_date(meta["date"]) if meta.get("date") else ("", {})
    if output == "jats":
        return result | _jats(meta, people, places, keywords, fields), []
    if output == "docx":
        result |= {"author": nodes.meta([person["name"] for person in people])}
        if keywords:
            result["keywords"] = nodes.meta(list(keywords))
        abstract = result.pop("abstract", None)
        return result, word_front(people, places, date, abstract, keywords)
    if date:
        result["date"] = nodes.meta(date)
    result["abstract-title"] = nodes.meta("Abstract")
    if keywords:
        result["keywords"] = nodes.meta(list(keywords))
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


def _jats(
    meta: dict[str, Any], people: list[dict], places: list[dict], keywords: list[str], fields: dict[str, str]
) -> dict[str, Node]:
    journal: dict[str, Any] = meta["journal"] if isinstance(meta.get("journal"), dict) else {}
    article: dict[str, Any] = {"type": "research-article"}
    authors_meta = []
    for person in people:
        # A team has one name and no surname.
        named = {"surname": person["family"], "given-names": person["given"]} if person["given"] else {}
        item: dict[str, Any] = {
            **(named or {"name": person["name"]}),
            "orcid": person["orcid"],
            "affiliation": [str(mark) for mark in person["marks"]],
        }
        if person["corresponding"] and person["email"]:
            item["cor-id"] = "1"
            article["author-notes"] = {"corresp": [{"id": "1", "email": person["email"]}]}
        authors_meta.append(item)
    result = {
        "journal": nodes.meta(
            {
                "title": str(journal.get("title", "BMJ Open")),
                "publisher-name": str(journal.get("publisher-name", "BMJ Publishing Group")),
                "eissn": str(journal.get("eissn", "2044-6055")),
                "publisher-id": str(journal.get("publisher-id", "bmjopen")),
            }
        ),
        "article": nodes.meta(article),
        "author": nodes.meta(authors_meta),
        "affiliation": nodes.meta([{"id": item["id"], "name": item["shown"]} for item in places]),
        "tags": nodes.meta(list(keywords)),
    }
    if fields:
        result["date"] = nodes.meta(fields)
    return result
