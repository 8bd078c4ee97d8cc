"""The coded evidence agrees with the documents.

Parsers that know nothing of the segments find the quotations in the documents again; number, order, section, speaker,
length and label are compared.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from test_coding_data import COUNTS, STUDIES, longest_run, plain, segments, table, words


class Quotation(NamedTuple):
    """A quotation as a parser finds it; ``around`` is the paragraph that holds it."""

    kind: str
    section: str
    speaker: str
    text: str
    around: str


def single_quoted(paragraph: str) -> Iterator[tuple[int, str]]:
    """Yield position and text of everything in single quotation marks, straight or curly, without nesting."""
    text = paragraph.replace("””", "”’")
    opened = None
    for place, mark in enumerate(text):
        if mark not in "'‘’":
            continue
        before, after = text[place - 1 : place], text[place + 1 : place + 2]
        if opened is None and mark != "’" and not before.isalnum() and not after.isspace():
            opened = place
        elif opened is not None and mark != "‘" and not after.isalnum():
            yield opened, text[opened + 1 : place]
            opened = None


def unquoted(text: str) -> str:
    """Return a displayed quotation without its outer marks."""
    return re.sub(r"^['‘]|['’]\.?$", "", text.strip().replace("*", ""))


def alderwick(lines: list[str], headings: dict[str, str]) -> list[Quotation]:
    """Return the quotations of the paper's or the chapter's results, in order."""
    label = re.compile(r"^(?:(?P<text>['‘].*['’])\s*)?—?(?P<label>[A-Z][\w -]*?leader(?:, |—)ICS [ABC])\.?$")
    found: list[Quotation] = []
    section, open_text, prose = "", "", ""
    for line in lines:
        heading = headings.get(plain(line).strip("'"))
        closing = re.match(r"^(['‘].*['’])\s*—(.+)$", line)
        match = label.match(line) or (closing and label.match(f"—{closing.group(2).strip()}"))
        if heading:
            section = heading
        elif match:
            text = closing.group(1) if closing else open_text
            found.append(Quotation("displayed", section, plain(match["label"]), plain(unquoted(text)), line))
            open_text = ""
        elif "<ul" in line or line.startswith(("Table ", "Figure ", "Focus")):
            continue
        elif open_text and not re.search(r"['’]\.?$", open_text):
            open_text += " " + line
        elif re.match(r"^['‘]", line) and not prose:
            open_text = line
        else:
            prose = f"{prose} {line}".strip()
            if not re.search(r"[.:)?!]['’]?$|\.$", line):
                continue
            for _, quoted in single_quoted(prose):
                if len(words(quoted)) >= 5:
                    found.append(Quotation("inline", section, "", plain(quoted), plain(prose)))
            prose = ""
    assert not open_text
    return found


def paper(seeds: Path) -> list[Quotation]:
    """Return the quotations of the BMJ Open paper."""
    headings = {plain(path.rsplit(" > ", 1)[-1]): path for path in table("paper-themes")["place"]}
    text = next(seeds.glob("000_*")).read_text(encoding="utf-8")
    results = text[text.rindex("\nResults\n") : text.index("\nDiscussion\n")]
    lines = [line.strip() for line in results.split("\n") if line.strip() not in {"", "Results"}]
    return alderwick(lines, headings)


def chapter(seeds: Path) -> list[Quotation]:
    """Return the quotations of chapter 7."""
    book = table("alderwick-ch7-codebook")
    headings = {path.rsplit(" > ", 1)[-1].strip("'"): path for path in book[book["origin"] == "deductive"]["place"]}
    headings = {heading.replace("'", ""): path for heading, path in headings.items()} | headings
    text = next(seeds.glob("003_*")).read_text(encoding="utf-8")
    body = text[text.index("\nCHAPTER 7\n") : text.index("\nCHAPTER 8\n")]
    results = body[body.index("\nRESULTS\n") : body.index("\nDISCUSSION\n")]
    lines = [line.strip() for line in results.split("\n") if line.strip() not in {"", "RESULTS"}]
    return alderwick(lines, headings)


_CODE = r"[(\[]?(?:P\d{3,4}|N(?:o\d\d|\d{2,3}))[A-Za-z]{2}(?:_\w+)?[)\]]?"


def prucomm(seeds: Path) -> list[Quotation]:
    """Return the quotations of the findings of the PRUComm report."""
    text = next(seeds.glob("002_*")).read_text(encoding="utf-8")
    body = text[text.rindex("\n3 Findings\n") : text.rindex("\n6 Discussion\n")]
    found: list[Quotation] = []
    section, held = "", ""
    for line in filter(None, (line.strip() for line in body.split("\n"))):
        heading = re.match(r"^(\d(?:\.\d){1,3}) ", line.replace("*", ""))
        if heading and len(line) < 110:
            section, held = heading.group(1), ""
            continue
        goes_on = bool(held) and (
            bool(re.fullmatch(_CODE, line)) or (line[:1].islower() and not re.search(r"[.?!:;)\]]['*]*$", held))
        )
        held = f"{held} {line}" if goes_on else line
        tagged = re.match(rf"^(?P<text>.+?)\s*(?P<code>{_CODE})$", held)
        inside = tagged and re.match(r"^(?P<prose>[^*'].*;) \*'(?P<quoted>.+)'\*$", tagged["text"])
        if inside:
            found.append(Quotation("inline", section, tagged["code"], plain(inside["quoted"]), held))  # type: ignore[index]
        elif tagged:
            found.append(Quotation("displayed", section, tagged["code"], plain(unquoted(tagged["text"])), held))
        elif "\t" not in held:
            for place, quoted in single_quoted(held):
                cited = held[place + len(quoted) + 2 :].startswith("(p")
                if place and len(words(quoted)) >= 5 and not cited and "respondents" in held:
                    found.append(Quotation("inline", section, "respondents", plain(quoted), held))
        if tagged:
            held = ""
    return found


def goddard(seeds: Path) -> list[Quotation]:
    """Return the quotations of Goddard that carry the number of a plan."""
    text = next(seeds.glob("004_*")).read_text(encoding="utf-8")
    body = text[text.index("\nFindings\n") : text.index("\nReferences\n")]
    found: list[Quotation] = []
    section = "Findings"
    joined = " ".join(line.strip() or "\n" for line in body.split("\n"))
    joined = re.sub(r"\s+\n\s+(?=[a-z])", " ", re.sub(r"(?:\s*\n\s*)+", " \n ", joined))
    for line in joined.split("\n"):
        line = line.strip()
        if len(line) < 60:
            section = line if line == "Discussion" else f"Findings > {line}"
            continue
        for quoted in re.finditer(r"“([^“”]+)”", line):
            after = line[quoted.end() :]
            tag = re.match(r"(?:(?!\. [A-Z]|; |e\.g\.).)*?(\[ICS ?\d+\])", after)
            if tag:
                found.append(Quotation("inline", section, tag.group(1), plain(quoted.group(1)), plain(line)))
    return found


PARSERS = {"alderwick-paper": paper, "alderwick-ch7": chapter, "prucomm": prucomm, "goddard": goddard}


@pytest.fixture(scope="module")
def quotations(seeds: Path) -> dict[str, list[Quotation]]:
    """Return the quotations of every document."""
    return {study: parser(seeds) for study, parser in PARSERS.items()}


@pytest.mark.parametrize("study", STUDIES)
def test_every_quotation_of_the_document_is_a_segment(study: str, quotations: dict[str, list[Quotation]]) -> None:
    coded = segments(study)
    found = quotations[study]
    assert Counter(quotation.kind for quotation in found) == COUNTS[study]
    assert [quotation.kind for quotation in found] == list(coded["kind"])
    assert [len(words(quotation.text)) for quotation in found] == list(coded["words"].astype(int))


def test_inline_quotations_reach_five_words_outside_goddard(quotations: dict[str, list[Quotation]]) -> None:
    lengths = [len(words(quotation.text)) for quotation in quotations["goddard"]]
    assert sum(length < 5 for length in lengths) == 10
    for study in ("alderwick-paper", "alderwick-ch7", "prucomm"):
        assert segments(study)["words"].astype(int).min() >= 5


@pytest.mark.parametrize("study", STUDIES)
def test_label_stands_in_its_quotation(study: str, quotations: dict[str, list[Quotation]]) -> None:
    for row, quotation in zip(segments(study).itertuples(), quotations[study], strict=True):
        assert plain(row.label) in quotation.text, row.segment_id


@pytest.mark.parametrize("study", STUDIES)
def test_section_and_speaker_are_as_printed(study: str, quotations: dict[str, list[Quotation]]) -> None:
    for row, quotation in zip(segments(study).itertuples(), quotations[study], strict=True):
        leaf = row.section.rsplit(" > ", 1)[-1]
        printed = leaf.split(" ", 1)[0] if study == "prucomm" else row.section
        assert printed == quotation.section, row.segment_id
        if quotation.speaker:
            assert row.speaker == quotation.speaker, row.segment_id
        else:
            assert row.speaker in quotation.around, row.segment_id


def test_antecedents_stand_before_their_pronoun(seeds: Path, quotations: dict[str, list[Quotation]]) -> None:
    for study, number in (("alderwick-paper", "000"), ("alderwick-ch7", "003")):
        text = plain(next(seeds.glob(f"{number}_*")).read_text(encoding="utf-8"))
        spoken = dict(zip(segments(study)["segment_id"], quotations[study], strict=True))
        for row in table("antecedents").itertuples():
            if row.segment_id in spoken:
                place = text.rindex(spoken[row.segment_id].text)
                before = text[place - 800 : place]
                assert before.rindex(row.printed) > before.rindex(row.antecedent), row.segment_id


def test_overlaps_are_complete_and_measured(quotations: dict[str, list[Quotation]]) -> None:
    spoken = {
        row.segment_id: [word.lower() for word in words(quotation.text)]
        for study in STUDIES
        for row, quotation in zip(segments(study).itertuples(), quotations[study], strict=True)
    }
    listed = {frozenset(row.segments.split(";")): int(row.shared_words) for row in table("overlaps").itertuples()}
    for pair, length in listed.items():
        first, second = pair
        assert longest_run(spoken[first], spoken[second]) == length, pair
    runs: dict[tuple[str, ...], set[str]] = {}
    for segment, said in spoken.items():
        for start in range(len(said) - 9):
            runs.setdefault(tuple(said[start : start + 10]), set()).add(segment)
    repeated = {frozenset(holders) for holders in runs.values() if len(holders) > 1}
    assert repeated <= set(listed)


def test_earlier_versions_print_the_same_quotations(seeds: Path, quotations: dict[str, list[Quotation]]) -> None:
    review = next(seeds.glob("001_*")).read_text(encoding="utf-8")
    review = re.sub(r"(?m)^\s*(?:\d{1,3}\s+){1,2}", " ", review)
    thesis = next(seeds.glob("003_*")).read_text(encoding="utf-8")
    versions = {
        "first submission and revision": (review, 2),
        "chapter 6": (thesis[thesis.index("\nCHAPTER 6\n") : thesis.index("\nCHAPTER 7\n")], 1),
    }
    for version, (text, times) in versions.items():
        said = " ".join(word.lower() for word in words(text) if not word.isdigit())
        for quotation in quotations["alderwick-paper"]:
            wanted = " ".join(word.lower() for word in words(quotation.text) if not word.isdigit())
            assert said.count(wanted) == times, (version, quotation.text[:30])
        for quotation in quotations["alderwick-paper"]:
            if quotation.kind == "displayed":
                tail = [word.lower() for word in words(f"{quotation.text} {quotation.speaker}") if not word.isdigit()][
                    -9:
                ]
                assert said.count(" ".join(tail)) == times, (version, quotation.speaker)


def test_domain_links_are_those_the_chapter_prints(seeds: Path) -> None:
    text = next(seeds.glob("003_*")).read_text(encoding="utf-8")
    body = text[text.index("\nCHAPTER 7\n") : text.index("\nCHAPTER 8\n")]
    results = body[body.index("\nRESULTS\n") : body.index("\nDISCUSSION\n")]
    printed = re.findall(r"\*?see\*? ([a-z ]+)\*?\)", results)
    links = table("ch7-domain-links")
    assert list(links[links["kind"] == "cross-reference"]["printed"]) == printed


def test_speaker_spellings_are_all_the_report_prints(seeds: Path) -> None:
    text = next(seeds.glob("002_*")).read_text(encoding="utf-8")
    body = text[text.rindex("\n3 Findings\n") : text.rindex("\n6 Discussion\n")]
    printed = re.findall(r"\b(?:P\d{3,4}|N(?:o\d\d|\d{2,3}))[A-Za-z]{2}(?:_\w+)?\b", body)
    assert len(printed) == 122
    speakers = table("speakers")
    listed = speakers[(speakers["study"] == "prucomm") & (speakers["speaker_id"] != "")]["printed"].str.strip("()[]")
    assert set(printed) - set(listed) <= {"N033il"}  # printed bare once, in a list of interviewees
    assert set(listed) <= set(printed)
