"""The paper: the journal's limits and order, and claims that are true to the coded evidence and in our own words."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from compendium.render.sources import Source, expand, load_project
from compendium.writing import wordcounts
from compendium.writing.wordcounts import Section

PAPER = "manuscript/paper/paper.qmd"
MAIN_TEXT, ABSTRACT, POINTS, DISPLAYS = 4000, 300, 5, 5
"""BMJ Open: words of main text and abstract, points on strengths and limitations, tables and figures."""

FRAGMENT = re.compile(r"‘([^‘’]+(?:’[a-z]+[^‘’]*)*)’")
SEGMENT = re.compile(r"\[\^(Q\d+)\^\]\(#\1\)")
SITE = re.compile(r"\bICS ([ABC])\b")
RUN = 9


@pytest.fixture(scope="module")
def source(project: Path) -> Source:
    """Return the paper with its includes; a number that is not built yet keeps its key."""
    return expand(load_project(project, "paper"), PAPER, [])


@pytest.fixture(scope="module")
def sections(source: Source) -> list[Section]:
    return wordcounts.sections(line.text for line in source.lines[source.body_start :])


@pytest.fixture(scope="module")
def segments(project: Path) -> dict[str, dict[str, str]]:
    path = project / "data/coding/alderwick-paper/segments.csv"
    if not path.is_file():
        pytest.skip(f"there are no coded segments of the paper yet: {path.name}")
    with path.open(encoding="utf-8", newline="") as file:
        return {f"Q{number}": row for number, row in enumerate(csv.DictReader(file), start=1)}


def sentences(text: str) -> list[str]:
    """Return the sentences of Markdown prose, paragraph by paragraph."""
    paragraphs = [" ".join(part.split()) for part in re.split(r"\n\s*\n", text)]
    return [one for part in paragraphs for one in re.split(r"(?<=[.?!])\s+(?=[A-Z‘])", part) if one]


def plain_words(text: str) -> list[str]:
    text = re.sub(r"\[-?@[^\]]*\]|\{\{<.*?>\}\}|\[\^\w+\^\]\(#\w+\)", " ", text)
    return re.findall(r"[a-z0-9]+(?:'[a-z]+)?", text.lower().replace("’", "'"))


def test_the_main_text_keeps_the_word_limit(sections: list[Section]) -> None:
    assert 3000 <= wordcounts.main_text(sections) <= MAIN_TEXT


def test_the_abstract_is_structured_and_short(source: Source) -> None:
    abstract = source.meta["abstract"]
    assert re.findall(r"\*\*(\w+)\*\*", abstract) == [
        "Objectives",
        "Design",
        "Setting",
        "Participants",
        "Results",
        "Conclusions",
    ]
    assert 200 <= wordcounts.count(abstract) <= ABSTRACT


def test_strengths_and_limitations_are_points_of_one_sentence(sections: list[Section]) -> None:
    points = next(section for section in sections if section.label == "sec-paper-strengths").points
    assert 3 <= len(points) <= POINTS
    assert [point for point in points if len(sentences(point)) != 1 or not point.endswith(".")] == []


def test_sections_follow_the_journal(sections: list[Section]) -> None:
    top = [section.label.removeprefix("sec-paper-") for section in sections if section.level == 1]
    assert top == [
        "title-page",
        "strengths",
        "introduction",
        "methods",
        "results",
        "discussion",
        "conclusion",
        "statements",
        "references",
        "interview-guide",
        "supplement-methods",
        "supplement-audit",
        "supplement-figures",
        "evidence",
        "sec-srqr",
    ]
    statements = [
        section.label.removeprefix("sec-paper-")
        for section in sections
        if section.level == 2 and not section.label.startswith(("sec-paper-detail-", "sec-paper-frame"))
    ]
    ends = ["contributors", "funding", "competing-interests", "ethics", "data", "acknowledgements"]
    assert statements[-len(ends) :] == ends
    assert "ppi" in statements


def test_every_heading_has_its_own_label(sections: list[Section]) -> None:
    labels = [section.label for section in sections]
    assert [section.title for section in sections if not section.label.startswith(("sec-paper-", "sec-srqr"))] == []
    assert len(labels) == len(set(labels))


def test_tables_and_figures_of_the_main_text_keep_the_limit_and_are_mentioned(project: Path) -> None:
    text = (project / PAPER).read_text(encoding="utf-8").split("# End statements")[0]
    shown = [
        ("tbl-" if kind == "tables" else "fig-") + name
        for kind, name in re.findall(r"include /build/results/(tables|figures)/([\w-]+)\.md", text)
    ]
    assert 0 < len(shown) <= DISPLAYS
    mentioned = re.findall(r"@((?:tbl|fig)-[\w-]+)", text)
    assert list(dict.fromkeys(mentioned)) == shown


def test_every_coded_segment_is_cited_and_nothing_else(sections: list[Section], segments: dict) -> None:
    results = "\n".join(
        "\n".join(section.lines) for section in sections if section.label.startswith("sec-paper-results-")
    )
    assert sorted(set(SEGMENT.findall(results))) == sorted(segments)


def test_a_claim_names_the_sites_of_its_segments(sections: list[Section], segments: dict) -> None:
    """A sentence that cites segments and names a site must name the site that the segment has, where it has one."""
    checked, wrong = 0, []
    for section in sections:
        for sentence in sentences("\n".join(section.lines)):
            cited, named = SEGMENT.findall(sentence), set(SITE.findall(sentence))
            if cited and named and section.label.startswith("sec-paper-results-"):
                checked += 1
                if {segments[name]["site"] for name in cited} - {""} != named:
                    wrong.append(sentence)
    assert wrong == []
    assert checked >= 10


def test_a_claim_names_the_sector_of_its_segments(sections: list[Section], segments: dict) -> None:
    named = {"nhs": r"\bNHS leader\b", "local-authority": r"\b[Ll]ocal\s+authority leader\b"}
    checked, wrong = 0, []
    for section in sections:
        for sentence in sentences("\n".join(section.lines)):
            cited = SEGMENT.findall(sentence)
            sectors = {name for name, pattern in named.items() if re.search(pattern, sentence)}
            if cited and sectors and section.label.startswith("sec-paper-results-"):
                checked += 1
                if {segments[name]["sector"] for name in cited} != sectors:
                    wrong.append(sentence)
    assert wrong == []
    assert checked >= 10


def test_quoted_fragments_are_short_and_exact(sections: list[Section], seeds: Path) -> None:
    published = " ".join(plain_words(next(seeds.glob("000_*")).read_text(encoding="utf-8")))
    results = [section for section in sections if section.label.startswith("sec-paper-results-")]
    fragments = [found for section in results for found in FRAGMENT.findall("\n".join(section.lines))]
    assert len(fragments) > 5
    assert [fragment for fragment in fragments if len(fragment.split()) > 8] == []
    assert [fragment for fragment in fragments if " ".join(plain_words(fragment)) not in published] == []


def test_no_run_of_nine_words_stands_in_a_source(project: Path, seeds: Path) -> None:
    known: set[tuple[str, ...]] = set()
    for seed in sorted(seeds.glob("00[0-4]_*")):
        words = plain_words(seed.read_text(encoding="utf-8"))
        known.update(zip(*(words[start:] for start in range(RUN)), strict=False))
    assert len(known) > 50_000
    copied = []
    for path in sorted((project / "manuscript/paper").glob("*.qmd")):
        words = plain_words(path.read_text(encoding="utf-8"))
        copied += [" ".join(run) for run in zip(*(words[start:] for start in range(RUN)), strict=False) if run in known]
    assert copied == []
