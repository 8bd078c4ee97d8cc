"""What the outputs say of themselves: an edition of our own about an article of others, and nobody else's imprint."""

from __future__ import annotations

import re
from pathlib import Path

import pypdf
import pytest
import yaml
from lxml import etree

ORIGINAL = "10.1136/bmjopen-2023-081954"
THEIRS = re.compile(r"BMJ|2044-6055|bmjopen", re.IGNORECASE)


@pytest.fixture(scope="module")
def paper(website: Path) -> Path:
    return website.parent / "paper"


@pytest.fixture(scope="module")
def front(project: Path) -> dict:
    text = (project / "manuscript/paper/paper.qmd").read_text("utf-8")
    return yaml.safe_load(text.split("\n---\n", 1)[0].removeprefix("---\n"))


def test_the_jats_file_is_valid(paper: Path, jats_faults) -> None:
    assert jats_faults((paper / "paper.xml").read_bytes()) == []


def test_the_jats_file_bears_an_imprint_of_its_own(paper: Path, front: dict) -> None:
    tree = etree.parse(str(paper / "paper.xml")).getroot()
    journal = etree.tostring(tree.find("front/journal-meta"), encoding="unicode")
    assert not THEIRS.search(journal)
    assert front["citation"]["container-title"] in journal
    meta = tree.find("front/article-meta")
    related = meta.find("related-article")
    assert related.get("{http://www.w3.org/1999/xlink}href") == ORIGINAL == front["related-articles"][0]["doi"]
    assert meta.find("contrib-group/contrib") is not None
    assert {item.tag for item in meta.findall("contrib-group/contrib/*")} & {"collab", "name"}
    titles = [item.text for item in meta.findall("abstract/sec/title")]
    assert titles == ["Objectives", "Design", "Setting", "Participants", "Results", "Conclusions"]
    assert meta.find("permissions/license").get("{http://www.w3.org/1999/xlink}href") == (
        "https://creativecommons.org/licenses/by/4.0/"
    )
    assert tree.get("{http://www.w3.org/XML/1998/namespace}lang") == "en-GB"
    kinds = [section.get("sec-type") for section in tree.findall("back//sec") if section.get("sec-type")]
    assert {"funding-statement", "ethics-statement", "coi-statement", "data-availability"} <= set(kinds)


def test_the_funding_statement_stands_in_the_text_too(paper: Path) -> None:
    tree = etree.parse(str(paper / "paper.xml")).getroot()
    section = next(item for item in tree.findall("back//sec") if item.get("sec-type") == "funding-statement")
    said = " ".join("".join(section.itertext()).split())
    assert "the Health Foundation, where HA directs policy, funded his part of the research" in said
    assert said.endswith("The title page states the funding of this edition.")
    if (of_edition := tree.findtext("front//funding-statement")) is not None:  # none while its authors leave it blank
        assert of_edition in said


def test_the_pdf_says_whose_and_what_it_is(paper: Path, front: dict) -> None:
    about = pypdf.PdfReader(paper / "paper.pdf").metadata
    assert about.title == front["title"]
    assert about.subject == front["subtitle"]
    assert not THEIRS.search(" ".join(str(value) for value in about.values()))


def test_the_page_of_the_paper_names_publisher_licence_and_original(paper: Path, front: dict) -> None:
    head = (paper / "paper.html").read_text("utf-8").split("</head>")[0]
    assert f'<meta name="dcterms.publisher" content="{front["citation"]["publisher"]}">' in head
    assert f'<link rel="related" href="https://doi.org/{ORIGINAL}">' in head
    assert not THEIRS.search(head.replace(ORIGINAL, ""))


def test_the_website_cites_the_compendium_as_its_own_and_the_original_as_theirs(website: Path) -> None:
    page = (website / "manuscript/site/cite.html").read_text("utf-8")
    own, theirs = re.split(r"<h3[^>]*>What it builds on", page)
    entry = own[own.index("@software") : own.rindex("ER  -")]
    assert not THEIRS.search(entry)
    assert ORIGINAL in theirs
