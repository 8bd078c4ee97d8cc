"""JATS: valid, an imprint that comes from the document alone, structured abstract, sections behind the body."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from compendium.render import jats, metadata, nodes
from compendium.render.documents import article
from compendium.render.sources import load_project

PEOPLE = """---
title: On things & others
subtitle: 'A study of "things"'
author:
  - name: Ada Example
    email: ada@example.org
    orcid: 0000-0002-1825-0097
    corresponding: true
    roles: [conceptualization, {Writing - review & editing: lead}, tea]
    affiliations: [{name: School of Fixtures, department: Beams, city: London, country: UK}]
  - name: {literal: The Fixture Group}
citation:
  container-id: fixtures
  container-title: Journal of Fixtures
  publisher: Fixture Press
  issn: 1234-5679
  doi: 10.5555/own
related-articles:
  - {type: commentary-article, doi: 10.5555/other}
copyright: {holder: Ada Example, year: 2031}
license: CC BY-SA
funding: {statement: Nobody paid.}
keywords: [one & two]
lang: en-GB
abstract: |
  **Aim** To fix.

  **Result** It is *fixed*.
---

# Methods

We looked.

# Statements {.unnumbered .back-matter}

## Ethics {.unnumbered sec-type="ethics-statement" #sec-ethics}

None was needed, says @sec-end.

# End {#sec-end}

The end.
"""


@pytest.fixture
def written(sources: Path) -> bytes:
    """Return the JATS of a paper with people, an imprint and statements."""
    (sources / "manuscript/paper/paper.qmd").write_text(PEOPLE, "utf-8")
    project = load_project(sources, "paper")
    (file,) = article(project, "manuscript/paper/paper.qmd", ["jats"], sources)
    return file.read_bytes()


def texts(tree: etree._Element, path: str) -> list[str]:
    return [" ".join("".join(item.itertext()).split()) for item in tree.findall(path)]


def test_the_fixture_and_the_paper_with_people_are_valid(rendered: Path, written: bytes, jats_faults) -> None:
    assert jats_faults((rendered / "_output/paper/paper.xml").read_bytes()) == []
    assert jats_faults(written) == []
    assert jats_faults(written.replace(b"<title-group>", b"<title-group><subtitle/>", 1))


def test_the_imprint_is_the_documents_own(written: bytes) -> None:
    tree = etree.fromstring(written)
    assert tree.get("{http://www.w3.org/XML/1998/namespace}lang") == "en-GB"
    meta = tree.find("front/journal-meta")
    assert [(item.tag, "".join(item.itertext()).strip()) for item in meta] == [
        ("journal-id", "fixtures"),
        ("journal-title-group", "Journal of Fixtures"),
        ("issn", "1234-5679"),
        ("publisher", "Fixture Press"),
    ]
    related = tree.find("front/article-meta/related-article")
    assert dict(related.attrib) == {
        "related-article-type": "commentary-article",
        "ext-link-type": "doi",
        "{http://www.w3.org/1999/xlink}href": "10.5555/other",
    }
    permissions = tree.find("front/article-meta/permissions")
    assert [child.tag for child in permissions] == ["copyright-year", "copyright-holder", "license"]
    assert texts(permissions, "license/*") == ["https://creativecommons.org/licenses/by-sa/4.0/", "CC BY-SA 4.0"]
    assert texts(tree, "front//funding-statement") == ["Nobody paid."]


def test_a_paper_without_an_imprint_names_no_journal(rendered: Path) -> None:
    tree = etree.parse(str(rendered / "_output/paper/paper.xml")).getroot()
    meta = tree.find("front/journal-meta")
    assert [(item.tag, item.text) for item in meta] == [("journal-id", None), ("issn", None)]
    assert tree.find("front//pub-date").get("iso-8601-date") == "2024-05-06"


def test_people_have_names_roles_and_places_and_a_group_is_a_collaboration(written: bytes) -> None:
    person, group = etree.fromstring(written).findall("front//contrib")
    assert texts(person, "name/*") == ["Example", "Ada"]
    assert texts(person, "contrib-id") == ["https://orcid.org/0000-0002-1825-0097"]
    assert texts(person, "role") == ["Conceptualization", "Writing – review & editing", "tea"]
    review = person.findall("role")[1]
    assert review.get("degree-contribution") == "lead"
    assert review.get("vocab-term-identifier").endswith("/writing-review-editing/")
    assert person.findall("role")[2].get("vocab") is None
    assert texts(group, "*") == ["The Fixture Group"]
    assert [item.tag for item in group] == ["collab"]
    places = etree.fromstring(written).find("front//aff")
    assert [(item.tag, "".join(item.itertext()).strip()) for item in places] == [
        ("institution", "Beams"), ("institution-wrap", "School of Fixtures"), ("city", "London"), ("country", "UK"),
    ]  # fmt: skip
    assert texts(etree.fromstring(written), "front//corresp/email") == ["ada@example.org"]


def test_the_abstract_has_sections(written: bytes) -> None:
    sections = etree.fromstring(written).findall("front//abstract/sec")
    assert [texts(section, "*") for section in sections] == [["Aim", "To fix."], ["Result", "It is fixed."]]
    assert sections[1].find("p/italic") is not None


def test_statements_stand_behind_the_body(written: bytes) -> None:
    tree = etree.fromstring(written)
    assert texts(tree, "body/sec/title") == ["Methods", "End"]
    assert [section.get("sec-type") for section in tree.findall("back/sec/sec")] == ["ethics-statement"]
    assert tree.find("back//xref").get("rid") == "sec-end"


def test_an_abstract_of_plain_paragraphs_stays_as_it_is() -> None:
    plain = [nodes.para(nodes.text("No bold word")), nodes.para([{"t": "Strong", "c": nodes.text("Bold")}])]
    assert jats.structured(plain) == plain


@pytest.mark.parametrize(
    ("licence", "expected"),
    [
        ("CC BY", {"licence": "CC BY 4.0", "licence-url": "https://creativecommons.org/licenses/by/4.0/"}),
        ("CC BY-NC 3.0", {"licence": "CC BY-NC 3.0", "licence-url": "https://creativecommons.org/licenses/by-nc/3.0/"}),
        ("CC0", {"licence": "CC 0 1.0", "licence-url": "https://creativecommons.org/publicdomain/zero/1.0/"}),
        ("All rights reserved", {"licence": "All rights reserved"}),
        ({"text": "Ours", "url": "https://example.org/l"}, {"licence": "Ours", "licence-url": "https://example.org/l"}),
        (None, {}),
    ],
)
def test_a_licence_is_a_text_and_its_address(licence, expected) -> None:
    assert jats.rights({"license": licence}) == expected


def test_a_name_of_one_text_is_a_person() -> None:
    people, _ = metadata.authors({"author": ["Ada Example", {"name": {"family": "Team Fixture"}}]})
    assert [(person["name"], person["group"]) for person in people] == [("Ada Example", False), ("Team Fixture", True)]
