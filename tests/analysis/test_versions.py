"""The three versions: line numbers, sections, sentences, references, and the counts recomputed from the texts."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pypandoc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import versions
from compendium.data import loading
from compendium.errors import CompendiumError

SENTENCE = st.lists(st.sampled_from(["care", "board", "place", "plan", "leader", "health"]), min_size=1, max_size=6)


@pytest.fixture(scope="module")
def documents(seeds: Path) -> dict[str, str]:
    return {file.name[:3]: file.read_text(encoding="utf-8") for file in seeds.glob("00*.txt")}


def test_words_know_one_spelling() -> None:
    assert versions.words("Organizations analyzed health care") == ["organisations", "analysed", "healthcare"]
    assert versions.words("policy-makers' COVID-19") == ["policymakers", "covid", "19"]


def test_sentences_split_at_stops_and_before_quotations() -> None:
    text = "One leader said: ‘No clarity.’—NHS leader. It was 1.3 million. Done?"
    assert [" ".join(sentence) for sentence in versions.sentences(text)] == [
        "one leader said",
        "no clarity",
        "nhs leader",
        "it was 1 3 million",
        "done",
    ]


def test_lines_take_the_manuscripts_number_not_the_pages() -> None:
    manuscript = (
        "Word count\n\n1\n2\n3 **1 TITLE**\n4 **2** *A title*\n9 **3 METHODS**\n10 4 First words\nlost number\n"
        "12 6 after it\n\nREFERENCES\n- 1 A reference\n"
    )
    found = versions.lines(manuscript)
    assert [(line.number, line.text) for line in found] == [
        (1, "TITLE."),
        (2, "A title"),
        (3, "METHODS."),
        (4, "First words"),
        (5, "lost number"),
        (6, "after it"),
    ]


def test_sections_follow_their_order_and_none_is_empty() -> None:
    text = ["Abstract", "Results", "in the abstract", "STRENGTHS AND LIMITATIONS OF THIS STUDY."]
    text += ["a bullet", "Introduction", "why", "Methods", "how", "Results", "what", "Discussion", "so"]
    text += ["Limitations", "but", "Conclusion", "end", "References", "not this"]
    found = versions.sections(text)
    assert found["abstract"] == "Results in the abstract"
    assert found["results"] == "what"
    assert found["conclusion"] == "end"
    with pytest.raises(CompendiumError, match="no text"):
        versions.sections(text[:-4])


@given(st.lists(SENTENCE, max_size=8), st.lists(SENTENCE, max_size=8))
def test_every_sentence_counts_once(before: list[list[str]], after: list[list[str]]) -> None:
    found = versions.compared(before, after)
    assert found["unchanged"] + found["modified"] + found["removed"] == len(before)
    assert found["unchanged"] + found["modified"] + found["added"] == len(after)
    same = versions.compared(before, before)
    assert same == {"unchanged": len(before), "modified": 0, "added": 0, "removed": 0}


def test_compared_tells_a_changed_sentence_from_a_new_one() -> None:
    before = [["a", "b", "c", "d", "e"], ["x", "y"]]
    after = [["a", "b", "c", "d", "f"], ["p", "q", "r"]]
    assert versions.compared(before, after) == {"unchanged": 0, "modified": 1, "added": 1, "removed": 1}


def test_references_run_over_lines_and_margins() -> None:
    text = "- 1 First A. One. 1999;5:1-\n4 One more line.\n- 2. van Second B. Two.\n3\n5 3 Third C. Three.\n"
    assert versions.references(text) == [
        "First A. One. 1999;5:1- One more line.",
        "van Second B. Two.",
        "Third C. Three.",
    ]


def test_repeated_works_are_found_by_title() -> None:
    entries = ["A B. One fine title. 2001", "C D. Another. 2002", "B A. One Fine Title! 2001;1"]
    titles = {"ab2001one": "One fine title", "cd2002another": "Another"}
    assert versions.repeated(entries, titles) == {"ab2001one": [1, 3]}


def test_counts_are_those_of_the_texts(documents: dict[str, str]) -> None:
    found = versions.comparison(documents["001"], documents["000"])
    pd.testing.assert_frame_equal(found, loading.read("versions"), check_dtype=False)
    whole = found[found["section"] == "whole text"].set_index("version")
    assert whole.loc["R1", "added"] == 6
    assert whole.loc["published", "modified"] == 24


def test_no_citation_mark_is_left_in_the_texts(documents: dict[str, str]) -> None:
    for version, sections in versions.texts(documents["001"], documents["000"]).items():
        for section, text in sections.items():
            marks = re.findall(r"[⁰¹²³⁴⁵⁶⁷⁸⁹]|\^|\[\d|[a-z][.,)]\d", text)
            assert not marks, f"{version}, {section}: {marks}"


def test_reference_lists_are_those_of_the_texts(documents: dict[str, str], project: Path) -> None:
    bibliography = json.loads(
        pypandoc.convert_file(str(project / "manuscript/references.bib"), "csljson", format="biblatex")
    )
    titles = {entry["id"]: re.sub(r"<[^>]+>", "", entry["title"]) for entry in bibliography}
    found = versions.reference_lists(documents["001"], documents["000"], documents["003"], titles)
    kept = loading.read("reference_lists")
    assert found["list"].tolist() == kept["list"].tolist()
    assert found["entries"].tolist() == kept["entries"].tolist() == [78, 77, 77, 193, 228, 118, 79, 82, 135]
    assert (found["works_repeated"] >= kept["works_repeated"]).all()  # a work new to the bibliography may add one
