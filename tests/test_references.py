"""The bibliography: it parses, holds every reference of the paper once, and its DOIs are the printed ones."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pypandoc
import pytest

REQUIRED = {
    "article-journal": {"title", "container-title"},
    "book": {"title", "publisher"},
    "chapter": {"title", "container-title"},
    "report": {"title", "publisher"},
    "thesis": {"title", "publisher"},
    "webpage": {"title"},
}
DOI = re.compile(r"10\.\d{4,9}/\S+")


def plain(text: str) -> str:
    """Return the text in lower case with every run of other characters than letters and digits as one space."""
    text = re.sub(r"<[^>]+>", "", text)
    return re.sub(r"[^a-z0-9]+", " ", text.lower()).strip()


def prefix(title: str, text: str) -> int:
    """Return how many of the title's first characters stand in the text in one piece."""
    return max(length for length in range(len(title) + 1) if title[:length] in text)


@pytest.fixture(scope="module")
def entries(project: Path) -> list[dict[str, Any]]:
    text = pypandoc.convert_file(str(project / "manuscript/references.bib"), "csljson", format="biblatex")
    return json.loads(text)


@pytest.fixture(scope="module")
def printed(seeds: Path) -> list[str]:
    """Return the 77 references as the paper prints them, in order."""
    text = next(seeds.glob("000_*")).read_text(encoding="utf-8")
    return re.findall(r"^- \d+\. (.+)$", text, flags=re.MULTILINE)


def test_no_entry_is_lost_in_parsing(project: Path, entries: list[dict[str, Any]]) -> None:
    source = (project / "manuscript/references.bib").read_text(encoding="utf-8")
    keys = re.findall(r"^@\w+\{([^,]+),", source, flags=re.MULTILINE)
    assert len(keys) == len(set(keys)) == len(entries)
    assert {entry["id"] for entry in entries} == set(keys)
    assert all(re.fullmatch(r"[a-z]+(?:\d{4})?[a-z0-9]+", key) for key in keys)


def test_each_work_stands_once(entries: list[dict[str, Any]]) -> None:
    titles = [plain(entry["title"]) for entry in entries]
    dois = [entry["DOI"].lower() for entry in entries if "DOI" in entry]
    assert sorted({title for title in titles if titles.count(title) > 1}) == []
    assert len(dois) == len(set(dois))


def test_each_entry_has_what_its_type_needs(entries: list[dict[str, Any]]) -> None:
    for entry in entries:
        missing = REQUIRED[entry["type"]] - set(entry)
        assert not missing, f"{entry['id']} lacks {missing}"
        assert entry.get("author") or entry.get("editor"), entry["id"]
        dated = "issued" in entry or "ndated" in entry.get("note", "")
        assert dated, f"{entry['id']} has neither a year nor a note that it is undated"


def test_dois_are_bare_and_well_formed(entries: list[dict[str, Any]]) -> None:
    for entry in entries:
        if "DOI" in entry:
            assert DOI.fullmatch(entry["DOI"]), f"{entry['id']}: {entry['DOI']}"
            assert not entry["DOI"].endswith((".", ",", ")"))


def test_group_authors_are_not_split_at_the_word_and(entries: list[dict[str, Any]]) -> None:
    for entry in entries:
        assert ";" not in entry.get("publisher", ""), entry["id"]
        for name in entry.get("author", []):
            assert "literal" in name or "given" in name, f"{entry['id']}: {name}"


def test_every_printed_reference_has_an_entry(entries: list[dict[str, Any]], printed: list[str]) -> None:
    assert len(printed) == 77
    found: dict[int, str] = {}
    for number, text in enumerate(printed, start=1):
        scores = {entry["id"]: prefix(plain(entry["title"]), plain(text)) for entry in entries}
        best = max(scores.values())
        hits = [key for key, score in scores.items() if score == best]
        assert best >= 15, f"reference {number} has no entry"
        assert len(hits) == 1, f"reference {number} matches {hits}"
        found[number] = hits[0]
    assert len(set(found.values())) == 75
    assert found[11] == found[70] == "fisher2022tackling"
    assert found[38] == found[76] == "lewis2021integrated"


def test_dois_are_those_the_paper_prints(entries: list[dict[str, Any]], printed: list[str]) -> None:
    dois = {entry["DOI"].lower() for entry in entries if "DOI" in entry}
    for text in printed:
        for doi in DOI.findall(text):
            assert doi.lower() in dois, doi
