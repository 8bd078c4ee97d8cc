"""The house: imports run one way, the tool names no study, and no room holds two concepts."""

from __future__ import annotations

import ast
import csv
import re
import tomllib
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from conftest import PROJECT

# Wings of one floor may import each other; `__init__` holds the version alone, the command line stands on top.
FLOORS = (
    ("__init__",), ("project", "errors", "settings", "texts", "folders"), ("arguments",), ("data", "figures"),
    ("render",),
    ("evidence",), ("refiqda",), ("chain", "website"), ("writing", "coauthors"), ("scaffold",),
    ("coding", "doctor"), ("cli",), ("__main__",),
)  # fmt: skip
FLOOR = {wing: number for number, wings in enumerate(FLOORS) for wing in wings}
STUDY = PROJECT / "compendium/scaffold/study"  # files of a new study, which imports the tool as any study does
MODULES = sorted(path for path in PROJECT.glob("compendium/**/*.py") if STUDY not in path.parents)


def imported(source: str, package: str) -> list[tuple[int, str]]:
    """Return line and full name of everything that a module of ``package`` imports, inside functions too."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            start = ".".join([*parts, *([node.module] if node.module else [])])
            found += [(node.lineno, f"{start}.{alias.name}") for alias in node.names]
    return found


def faults(source: str, package: str, wing: str) -> list[str]:
    """Return the imports of a module that break a rule of the house."""
    found = []
    for line, name in imported(source, package):
        first, _, rest = name.partition(".")
        target = rest.partition(".")[0]
        if first == "analysis":
            found.append(f"line {line}: the tool imports {name}")
        elif first == "compendium" and target in FLOOR and FLOOR[target] > FLOOR[wing]:
            found.append(f"line {line}: {wing} imports {name}, which stands higher")
        elif first == "compendium" and target not in FLOOR and target != "__version__":
            found.append(f"line {line}: {name} stands on no floor")
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PROJECT).as_posix())
def test_imports_run_one_way(path: Path):
    inside = path.relative_to(PROJECT).with_suffix("").parts
    wing = inside[1]
    assert wing in FLOOR, f"{wing} stands on no floor: name it in FLOORS"
    assert faults(path.read_text("utf-8"), ".".join(inside[:-1]), wing) == []


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("import analysis.areas", "line 1: the tool imports analysis.areas"),
        ("def f():\n    from analysis import areas", "line 2: the tool imports analysis.areas"),
        ("from compendium.chain import graph", "line 1: data imports compendium.chain.graph, which stands higher"),
        ("from ..writing import prose", "line 1: data imports compendium.writing.prose, which stands higher"),
        ("from compendium import attic", "line 1: compendium.attic stands on no floor"),
    ],
)
def test_a_wrong_import_is_seen(source: str, problem: str):
    assert faults(source, "compendium.data", "data") == [problem]


# --- no word of the study in the tool ---------------------------------------------------------------------------------

# Parts of the study's names that are words of the language or of any study.
ORDINARY = {
    "allocations", "care", "community", "file", "health", "local", "national", "not-stated", "open", "paper", "plan",
    "plans", "practices", "report", "review", "rural", "thesis", "trusts", "urban",
}  # fmt: skip
STYLE = re.compile(r"bmj[- ]numeric", re.IGNORECASE)  # the name of a style of citations


@cache
def study_words() -> dict[str, str]:
    """Return the words that tell this study from another, by its settings, registry and data: word -> whence."""
    settings = tomllib.loads((PROJECT / "compendium.toml").read_text("utf-8"))
    registry = tomllib.loads((PROJECT / "data/sources.toml").read_text("utf-8"))
    documents, sectors, studies = settings["documents"], settings["sectors"], settings["studies"]
    names = [*documents.values(), *sectors.values(), *(one["name"] for one in studies)]
    ids = [*documents, *(one["folder"] for one in studies)]
    title = pairwise(settings["title"].lower().split())
    found = {f"{one} {other}": "title" for one, other in title if "and" not in (one, other)}
    found |= {part: "id" for name in ids for part in name.split("-") if not re.search(r"\d", part)}
    found |= dict.fromkeys(sectors, "sector")
    found |= {word: "name" for name in names for word in re.findall(r"\b[A-Z]{2}\w+|\b[A-Z]\w*[a-z][A-Z]\w*", name)}
    registered = [*registry["sources"], *registry["boundaries"], "imd"]
    found |= {re.sub(r"\d", "", part): "registry" for name in registered for part in name.split("-")}
    for source in registry["sources"].values():
        found |= {column: "registry" for column in source["columns"] if column in ("lsoa", "lad", "utla", "ltla")}
    with (PROJECT / "data/published/areas.csv").open(encoding="utf-8") as table:
        for row in csv.DictReader(table):
            found |= {row[key]: "areas" for key in ("ics_name", "ods_code", "stp21_code", "nhs_region")}
    return {word: whence for word, whence in found.items() if len(word) > 2 and word.lower() not in ORDINARY}


@cache
def pattern() -> re.Pattern[str]:
    words = sorted(study_words(), key=len, reverse=True)
    return re.compile(rf"(?<![a-z])(?:{'|'.join(map(re.escape, words))})s?(?![a-z])", re.IGNORECASE)


def study_words_in(text: str) -> list[str]:
    """Return line and word for every word of the study in a text."""
    return [
        f"line {number}: {match[0]}"
        for number, line in enumerate(text.splitlines(), start=1)
        for match in pattern().finditer(STYLE.sub("", line))
    ]


@pytest.mark.parametrize("wing", sorted({path.relative_to(PROJECT / "compendium").parts[0] for path in MODULES}))
def test_the_tool_names_no_study(wing: str):
    folder = PROJECT / "compendium" / wing
    files = sorted(folder.rglob("*")) if folder.is_dir() else [folder]
    found = {}
    for path in files:
        if path.is_file() and path.suffix != ".pyc":
            try:
                words = study_words_in(path.read_text("utf-8"))
            except UnicodeDecodeError:  # a picture or an archive
                continue
            if words:
                found[path.relative_to(PROJECT).as_posix()] = words
    assert found == {}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("one\nan ICS or two ICSs", ["line 2: ICS", "line 2: ICSs"]),
        ("needed = imd_source(LSOA)", ["line 1: imd", "line 1: LSOA"]),
        (
            "as Goddard found in Greater Manchester (QOP)",
            ["line 1: Goddard", "line 1: Greater Manchester", "line 1: QOP"],
        ),
        ("of health inequalities in the NHS", ["line 1: health inequalities", "line 1: NHS"]),
        ("topics, basics, care systematically, bmj-numeric.csl, a thesis in practice", []),
    ],
)
def test_a_word_of_the_study_is_seen(text: str, words: list[str]):
    assert study_words_in(text) == words


# --- one room for one concept -----------------------------------------------------------------------------------------

MOST_LINES = {"notebooks": 350}  # else 400


@pytest.mark.parametrize(
    "path",
    [*MODULES, *sorted(PROJECT.glob("analysis/**/*.py")), *sorted(PROJECT.glob("notebooks/*.py"))],
    ids=lambda path: path.relative_to(PROJECT).as_posix(),
)
def test_no_module_or_notebook_holds_two_concepts(path: Path):
    lines = len(path.read_text("utf-8").splitlines())
    most = MOST_LINES.get(path.relative_to(PROJECT).parts[0], 400)
    assert lines <= most, f"{lines} lines, at most {most}: two concepts share a room"
