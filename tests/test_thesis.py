"""The book: its chapters and lengths, claims that are true to the coded evidence, and the anonymity of the cases."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
import yaml

from compendium.render.sources import Source, expand, load_project
from compendium.writing import wordcounts

FOLDER = "manuscript/thesis"
CHAPTERS = {
    "sec-ch3": "03-umbrella-review",
    "sec-ch4": "04-development-and-characteristics",
    "sec-ch5": "05-policy-analysis",
    "sec-ch6": "06-interpretations",
    "sec-ch7": "07-collaboration",
    "sec-ch8": "08-discussion",
}
SHORTEST, LONGEST = 1200, 8000
SEGMENT = re.compile(r"\b((?:paper|ch7)-\d\d)\b")
SITE = re.compile(r"\bICS ([ABC])\b")
FRAGMENT = re.compile(r"‘([^‘’]+)’")
INCLUDE = re.compile(r"include /build/results/(tables|figures)/([\w-]+)\.md")


def text_of(project: Path, name: str) -> str:
    return (project / FOLDER / f"{name}.qmd").read_text(encoding="utf-8")


def words_of(text: str) -> int:
    """Count the words of a chapter's prose: a shortcode for a number is one word, one for a table is none."""
    text = re.sub(r"\{\{< include .*?>\}\}", " ", text)
    text = re.sub(r"\{\{< var .*?>\}\}", "1", text)
    return wordcounts.count(re.sub(r"\{#[^}]*\}|\[@[^\]]*\]", " ", text))


def sentences(text: str) -> list[str]:
    paragraphs = [" ".join(part.split()) for part in re.split(r"\n\s*\n", text)]
    return [one for part in paragraphs for one in re.split(r"(?<=[.?!])\s+(?=[A-Z‘])", part) if one]


@pytest.fixture(scope="module")
def chapters(project: Path) -> dict[str, str]:
    return {label: text_of(project, name) for label, name in CHAPTERS.items()}


@pytest.fixture(scope="module")
def whole(project: Path) -> dict[str, str]:
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted((project / FOLDER).glob("*.qmd"))}


@pytest.fixture(scope="module")
def coded(project: Path) -> dict[str, dict[str, str]]:
    rows: dict[str, dict[str, str]] = {}
    for study in ("alderwick-paper", "alderwick-ch7"):
        with (project / f"data/coding/{study}/segments.csv").open(encoding="utf-8", newline="") as file:
            rows |= {row["segment_id"]: row for row in csv.DictReader(file)}
    return rows


def test_chapters_three_to_eight_keep_the_numbers_of_the_original(project: Path) -> None:
    book = yaml.safe_load((project / "_quarto-thesis.yml").read_text(encoding="utf-8"))["book"]
    listed = [Path(chapter).stem for chapter in book["chapters"]]
    assert listed[0] == "index"
    assert [listed[number] for number in range(3, 9)] == list(CHAPTERS.values())
    files = {path.stem for path in (project / FOLDER).glob("[0-9]*.qmd")}
    assert files == {stem for stem in [*listed, *(Path(name).stem for name in book["appendices"])] if stem[0].isdigit()}


def test_each_chapter_has_a_label_limits_and_length(chapters: dict[str, str]) -> None:
    for label, text in chapters.items():
        assert f"{{#{label}}}" in text.splitlines()[0]
        assert f"{{#{label}-limitations}}" in text
        assert SHORTEST <= words_of(text) <= LONGEST, (label, words_of(text))


def test_every_heading_has_its_own_label(whole: dict[str, str], project: Path) -> None:
    headings = [line for text in whole.values() for line in text.splitlines() if re.match(r"#+ ", line)]
    labels = [match[1] for line in headings if (match := re.search(r"\{#([\w-]+)\}$", line))]
    assert len(labels) == len(set(labels))
    assert {line for line in headings if "{#" not in line} == {"# References {.unnumbered}"}
    # Quarto counts chapters from 2 unless the home page has the preface's heading itself.
    assert "# Preface {.unnumbered}" in (project / "index.qmd").read_text(encoding="utf-8").splitlines()


def test_every_table_and_figure_is_shown_once_and_mentioned(whole: dict[str, str]) -> None:
    text = "\n".join(whole.values())
    shown = [("tbl-" if kind == "tables" else "fig-") + name for kind, name in INCLUDE.findall(text)]
    assert len(shown) == len(set(shown))
    assert set(shown) == set(re.findall(r"@((?:tbl|fig)-[\w-]+)", text))
    assert len([name for name in shown if name.startswith("fig-")]) >= 12


def test_the_preface_says_what_is_missing(whole: dict[str, str]) -> None:
    assert "does not hold chapters 1 and 2" in " ".join(whole["_preface"].split())


def test_every_review_is_cited_in_the_chapter_on_reviews(chapters: dict[str, str], project: Path) -> None:
    with (project / "data/published/reviews.csv").open(encoding="utf-8", newline="") as file:
        keys = {row["review_id"] for row in csv.DictReader(file)}
    assert keys <= set(re.findall(r"@(\w+)", chapters["sec-ch3"]))
    assert len(keys) == 36


def test_every_segment_is_used(chapters: dict[str, str], coded: dict) -> None:
    cited = set(SEGMENT.findall(chapters["sec-ch6"] + chapters["sec-ch7"]))
    assert cited <= set(coded)
    for study, label in (("paper", "sec-ch6"), ("ch7", "sec-ch7")):
        wanted = {name for name in coded if name.startswith(study)}
        assert wanted - set(SEGMENT.findall(chapters[label])) <= {"ch7-03", "ch7-48"}  # two that repeat others


def test_a_claim_names_the_site_of_its_segments(chapters: dict[str, str], coded: dict) -> None:
    """A sentence that names one site must cite segments of that site, or of none."""
    checked, wrong = 0, []
    for label in ("sec-ch6", "sec-ch7"):
        for sentence in sentences(chapters[label]):
            cited, named = SEGMENT.findall(sentence), SITE.findall(sentence)
            if cited and len(set(named)) == 1:
                checked += 1
                if named[0] not in {coded[name]["site"] for name in cited}:
                    wrong.append(sentence)
    assert wrong == []
    assert checked >= 20


def test_quoted_fragments_are_short_and_exact(chapters: dict[str, str], seeds: Path) -> None:
    def plain(text: str) -> str:
        return " ".join(re.findall(r"[a-z0-9]+(?:'[a-z]+)?", text.lower().replace("’", "'")))

    printed = " ".join(plain(path.read_text(encoding="utf-8")) for path in sorted(seeds.glob("00[03]_*")))
    fragments = [found for label in ("sec-ch6", "sec-ch7") for found in FRAGMENT.findall(chapters[label])]
    assert len(fragments) > 12
    assert [fragment for fragment in fragments if len(fragment.split()) > 8] == []
    assert [fragment for fragment in fragments if plain(fragment) not in printed] == []


def test_chapters_on_the_cases_name_no_system(chapters: dict[str, str], whole: dict[str, str], project: Path) -> None:
    with (project / "data/published/areas.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = {row["ics_name"] for row in rows} | {row["official_name"] for row in rows}
    assert len(names) >= 42
    for text in (chapters["sec-ch6"], chapters["sec-ch7"], whole["09-sister-studies"], whole["11-interview-guide"]):
        assert [name for name in names if name in text] == []


def test_no_number_of_the_results_is_typed_where_it_has_a_key(project: Path) -> None:
    """Includes and variables are expanded: a number with a comma or a decimal point comes from a recorded value."""
    loaded = load_project(project, "thesis")
    for name in CHAPTERS.values():
        source: Source = expand(loaded, f"{FOLDER}/{name}.qmd", [])
        assert source.lines
        typed = re.findall(r"(?<![\w.,/-])\d+(?:,\d{3}|\.\d+)+(?![\w-])", text_of(project, name))
        assert typed == [], name
