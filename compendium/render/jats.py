"""JATS: what an article says of itself, the sections that belong behind its body, and labels where readers seek them.

Journal Publishing 1.3 (ANSI/NISO Z39.96-2021). Nothing here names a journal: title, publisher and ISSN come from the
document's ``citation``, and where it has none they stay empty, as the DTD allows.
"""

from __future__ import annotations

import datetime
import re
from typing import Any

from compendium.render import nodes
from compendium.render.nodes import Node
from compendium.render.references import Label
from compendium.render.sources import as_list

BACK = "back-matter"
"""The class of first-level headings whose sections go behind the body."""

# NISO's Contributor Role Taxonomy: https://credit.niso.org
CREDIT = (
    "Conceptualization", "Data curation", "Formal analysis", "Funding acquisition", "Investigation", "Methodology",
    "Project administration", "Resources", "Software", "Supervision", "Validation", "Visualization",
    "Writing – original draft", "Writing – review & editing",
)  # fmt: skip
COMMONS = re.compile(r"CC[ -]?(BY(?:-NC)?(?:-SA|-ND)?|0)(?: (\d\.\d))?", re.IGNORECASE)


def front(
    parsed: dict[str, Node], meta: dict[str, Any], people: list[dict], places: list[dict], edition: int
) -> dict[str, Node]:
    """Return what the template of JATS needs beside titles and keywords.

    Parameters
    ----------
    parsed : Pandoc's reading of the metadata.
    meta : the document's metadata: ``citation`` (``container-id``, ``container-title``, ``publisher``, ``issn``,
        ``doi``), ``related-articles`` (``type`` and ``doi`` of each), ``copyright``, ``license``, ``funding``,
        ``date``.
    people, places : authors and affiliations, from ``metadata.authors``.
    edition : time of the edition in seconds since 1970, which is its date where ``date`` gives none.
    """
    citation = meta["citation"] if isinstance(meta.get("citation"), dict) else {}
    journal = {
        "id": citation.get("container-id"),
        "title": citation.get("container-title"),
        "issn": citation.get("issn"),
        "publisher": citation.get("publisher"),
    }
    related = [item for item in as_list(meta.get("related-articles")) if isinstance(item, dict) and item.get("doi")]
    statements = [item.get("statement") if isinstance(item, dict) else item for item in as_list(meta.get("funding"))]
    result = {
        "journal": _texts(journal),
        "doi": nodes.meta(str(citation.get("doi", ""))),
        "author": nodes.meta([_contributor(person) for person in people]),
        "affiliation": nodes.meta([_affiliation(place) for place in places]),
        "corresponding": nodes.meta(
            [person["email"] for person in people if person["corresponding"] and person["email"]]
        ),
        "date": nodes.meta(_date(meta.get("date"), edition)),
        "copyright": _texts(rights(meta)),
        "related": nodes.meta(
            [{"type": str(item.get("type", "companion")), "doi": str(item["doi"])} for item in related]
        ),
        "funding": nodes.meta([str(statement) for statement in statements if statement]),
    }
    if "abstract" in parsed:
        result["abstract"] = {"t": "MetaBlocks", "c": structured(_blocks(parsed["abstract"]))}
    return result


def rights(meta: dict[str, Any]) -> dict[str, str]:
    """Return holder, year and statement of the copyright, and text and address of the licence, where they are given.

    ``license`` is a text, such as "CC BY", or a mapping with ``text`` and ``url``, as in Quarto.
    """
    held = meta.get("copyright")
    held = held if isinstance(held, dict) else {"statement": held} if held else {}
    result = {key: str(held[key]) for key in ("statement", "year", "holder") if held.get(key)}
    licence = meta.get("license")
    given = licence if isinstance(licence, dict) else {"text": licence} if licence else {}
    text, url = str(given.get("text") or given.get("type") or ""), str(given.get("url") or "")
    commons = COMMONS.fullmatch(text)
    if commons and not url:
        kind, public = commons[1].lower(), commons[1] == "0"
        version = commons[2] or ("1.0" if public else "4.0")
        text = f"CC {commons[1].upper()} {version}"
        url = f"https://creativecommons.org/{'publicdomain/zero' if public else f'licenses/{kind}'}/{version}/"
    return result | {key: value for key, value in (("licence", text), ("licence-url", url)) if value}


def structured(blocks: list[Node]) -> list[Node]:
    """Return an abstract whose paragraphs all begin with a bold word as sections with these words as titles."""

    def led(block: Node) -> bool:
        return block["t"] == "Para" and len(block["c"]) > 1 and block["c"][0]["t"] == "Strong"

    if not all(led(block) for block in blocks):
        return blocks
    sections = []
    for block in blocks:
        title, *rest = block["c"]
        while rest and rest[0]["t"] in ("Space", "SoftBreak"):
            rest = rest[1:]
        sections += [{"t": "Header", "c": [1, nodes.attr(""), title["c"]]}, nodes.para(rest)]
    return sections


def parted(blocks: list[Node]) -> tuple[list[Node], list[Node]]:
    """Return the blocks of the body, and those of the first-level sections marked ``.back-matter``."""
    body: list[Node] = []
    back: list[Node] = []
    behind = False
    for block in blocks:
        if block["t"] == "Header" and block["c"][0] == 1:
            behind = BACK in block["c"][1][1]
        elif block["t"] == "Div" and block["c"][0][0] == "refs":
            behind = False
        (back if behind else body).append(block)
    return body, back


def labelled(text: str, labels: dict[str, Label]) -> str:
    """Return JATS with the numbers of figures, tables, sections and equations in ``<label>`` elements."""
    named = r'<(?:named-content|styled-content)[^>]*"{}"[^>]*>(.*?)</(?:named-content|styled-content)>\s*'
    text = re.sub(
        r"<caption>\s*<p>\s*" + named.format("caption-label"),
        lambda match: f"<label>{match[1].removesuffix(':')}</label><caption><p>",
        text,
        flags=re.DOTALL,
    )
    text = re.sub(
        r"<title>\s*" + named.format("header-section-number"), r"<label>\1</label><title>", text, flags=re.DOTALL
    )
    text = re.sub(
        r'<(styled-content|named-content)[^>]*id="(eq-[^"]+)"[^>]*>\s*<disp-formula>(.*?)</disp-formula>\s*</\1>',
        lambda match: (
            f'<disp-formula id="{match[2]}"><label>({labels[match[2]].number})</label>{match[3]}</disp-formula>'
        ),
        text,
        flags=re.DOTALL,
    )
    text = re.sub(
        r"</table-wrap>\s*(<table-wrap-foot>.*?</table-wrap-foot>)", r"\1</table-wrap>", text, flags=re.DOTALL
    )
    return re.sub(
        r'<table-wrap>(\s*(?:<label>.*?</label>)?\s*<caption>.*?</caption>\s*)<table id="([^"]+)"',
        r'<table-wrap id="\2">\1<table',
        text,
        flags=re.DOTALL,
    )


def _blocks(node: Node) -> list[Node]:
    return node["c"] if node["t"] == "MetaBlocks" else [nodes.para(node["c"])]


def _texts(values: dict[str, Any]) -> Node:
    return nodes.meta({key: str(value) for key, value in values.items() if value})


def _contributor(person: dict[str, Any]) -> dict[str, Any]:
    """Return an author for the template: a person has a surname, a group is a collaboration."""
    named = {"collab": person["name"]} if person["group"] else {}
    if not named:
        named = {"surname": person["family"] or person["name"], "given-names": person["given"]}
    return {
        **{key: value for key, value in named.items() if value},
        "orcid": person["orcid"],
        "email": person["email"] if not person["corresponding"] else None,
        "corresponding": person["corresponding"] and bool(person["email"]),
        "affiliation": [str(mark) for mark in person["marks"]],
        "role": [_role(role) for role in person["roles"]],
    }


def _role(role: dict[str, str]) -> dict[str, str]:
    slug = _slug(role["role"])
    term = next((term for term in CREDIT if _slug(term) == slug), None)
    credit = {"credit": term, "identifier": slug} if term else {}
    return {"name": term or role["role"], **credit, **({"degree": role["degree"]} if role.get("degree") else {})}


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _affiliation(place: dict[str, Any]) -> dict[str, str]:
    shown = {key: str(place[key]) for key in ("department", "name", "city", "country", "ror") if place.get(key)}
    return {"id": place["id"], **shown}


def _date(given: Any, edition: int) -> dict[str, str]:
    try:
        day = given if isinstance(given, datetime.date) else datetime.date.fromisoformat(str(given))
        kind = "pub"
    except ValueError:
        day, kind = datetime.datetime.fromtimestamp(edition, datetime.UTC).date(), "edition"
    return {"type": kind, "day": f"{day:%d}", "month": f"{day:%m}", "year": f"{day:%Y}", "iso": f"{day:%Y-%m-%d}"}
