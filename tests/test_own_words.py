"""The project's words are its own: no run of nine words in its text also stands in a source document.

Left out: reference lists (``.bib`` files and sections headed "References"), because titles must be quoted, web
addresses, and runs of figures. Other shared runs (titles, names, headings, checklist item labels) stand in
``own_words_allowed.txt``, each with its reason.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

RUN = 9
LANGUAGE = 6  # of the nine, so many must not be numbers: a row of figures is a fact
FOLDERS = ("data", "manuscript", "notebooks", "analysis", "compendium", "tests", "R")
ROOT_FILES = ("*.md", "*.cff", "*.toml", "*.yml", "*.txt")
SUFFIXES = {".csv", ".json", ".md", ".qmd", ".txt", ".toml", ".yml", ".yaml", ".py", ".R", ".lua", ".typ", ".html"}
LEFT_OUT = {"raw", "__pycache__", "build", "_output"}
ALLOWED = Path(__file__).with_name("own_words_allowed.txt")
FEWEST_RUNS = 100_000  # the five documents hold some 160,000 words

_DASHES = str.maketrans({"’": "'", "‘": "'", "–": " ", "—": " ", "-": " ", "_": " ", "/": " "})
_ADDRESS = re.compile(r"https?://\S+")
_TAG = re.compile(r"</?[a-z][^<>\n]{0,80}>", re.I)
_REFERENCES = re.compile(r"^#+ (?:references|bibliography)\b.*?(?=^#+ |\Z)", re.I | re.M | re.S)


def words_of(text: str) -> list[str]:
    """Return the words of ``text`` in lower case, without punctuation; dashes and slashes part words."""
    lowered = text.lower().translate(_DASHES).replace("'", "")
    return re.findall(r"[^\W_]+", lowered)


def runs_of(words: list[str]) -> Iterator[tuple[str, ...]]:
    """Yield every run of ``RUN`` words that is language rather than a row of figures."""
    for run in zip(*(words[start:] for start in range(RUN)), strict=False):
        if sum(not word.isdigit() for word in run) >= LANGUAGE:
            yield run


def pieces_of(path: Path) -> list[str]:
    """Return the parts of a text file within which words follow one another: cells of a CSV, else the whole text."""
    text = _ADDRESS.sub(" ", path.read_text(encoding="utf-8", errors="replace"))
    if path.suffix == ".csv":
        return [cell for row in csv.reader(text.splitlines()) for cell in row]
    if path.suffix == ".cff":  # a title ends with its line
        return text.splitlines()
    if path.suffix in {".md", ".qmd"}:
        text = _REFERENCES.sub(" ", text)
    return [text]


def allowed_phrases(path: Path = ALLOWED) -> list[list[str]]:
    """Return the allowed phrases as words; a line holds ``phrase | reason``."""
    phrases = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        phrase, _, reason = line.partition(" | ")
        assert reason.strip(), f"{path.name}, line {number}: a phrase needs its reason"
        phrases.append(words_of(phrase))
    return phrases


def text_files(project: Path) -> list[Path]:
    """Return the text files under test."""
    found = {path for pattern in ROOT_FILES for path in project.glob(pattern)}
    for folder in FOLDERS:
        found.update(
            path
            for path in (project / folder).rglob("*")
            if path.suffix in SUFFIXES and not LEFT_OUT & set(path.relative_to(project).parts)
        )
    return sorted(path for path in found if path.is_file() and path != ALLOWED)


def shared_runs(text: str, seeds: set[int], allowed: set[tuple[str, ...]]) -> list[str]:
    """Return the runs of ``text`` that stand in the seeds and are not allowed."""
    return [" ".join(run) for run in runs_of(words_of(text)) if hash(run) in seeds and run not in allowed]


@pytest.fixture(scope="module")
def seed_runs(seeds: Path) -> set[int]:
    """Return the hashes of all runs in the source documents, with and without line numbers of manuscripts."""
    runs: set[int] = set()
    for path in sorted(seeds.glob("[0-9]*.txt")):
        text = path.read_text(encoding="utf-8")
        plain = _TAG.sub(" ", text)
        unnumbered = re.sub(r"(?m)^\s*(?:\d{1,3}\s+){1,2}", " ", plain)
        for version in (plain, unnumbered):
            runs.update(hash(run) for run in runs_of(words_of(version)))
    return runs


@pytest.fixture(scope="module")
def allowed_runs() -> set[tuple[str, ...]]:
    """Return all runs inside the allowed phrases."""
    return {run for phrase in allowed_phrases() for run in runs_of(phrase)}


def test_the_detector_finds_a_sentence_of_a_document(seeds: Path, seed_runs: set[int]) -> None:
    for path in sorted(seeds.glob("[0-9]*.txt")):
        sentences = [line for line in path.read_text(encoding="utf-8").splitlines() if len(line.split()) > 60]
        middle = sentences[len(sentences) // 2]
        changed = middle.upper().replace(",", " ;").replace("’", "'")
        assert shared_runs(changed, seed_runs, set()), path.name
        assert not shared_runs(" ".join(middle.split()[20:27]), seed_runs, set()), "seven words are no run"


def test_the_documents_were_read_whole(seed_runs: set[int]) -> None:
    assert len(seed_runs) > FEWEST_RUNS


def test_no_file_repeats_nine_words_of_a_document(
    project: Path, seed_runs: set[int], allowed_runs: set[tuple[str, ...]]
) -> None:
    found = []
    for path in text_files(project):
        for piece in pieces_of(path):
            for run in shared_runs(piece, seed_runs, allowed_runs):
                found.append(f"{path.relative_to(project)}: {run}")
    assert not found, "words taken over from a document:\n" + "\n".join(dict.fromkeys(found))


def test_every_allowed_phrase_is_long_enough_to_matter() -> None:
    short = [" ".join(phrase) for phrase in allowed_phrases() if len(phrase) < RUN]
    assert not short, f"shorter than {RUN} words, so never needed: {short}"


def test_every_allowed_phrase_stands_in_a_document(seed_runs: set[int]) -> None:
    idle = [" ".join(phrase) for phrase in allowed_phrases() if not any(hash(r) in seed_runs for r in runs_of(phrase))]
    assert not idle, f"not in any document: {idle}"
