"""The house: the tool imports nothing of the study, and no wing of it imports one that stands higher."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from conftest import PROJECT

# Wings of one floor may import each other; `__init__` holds the version alone, the command line stands on top.
FLOORS = (
    ("__init__",), ("project", "errors", "settings", "texts", "folders"), ("arguments",), ("data", "figures"),
    ("render",),
    ("evidence",), ("refiqda",), ("chain", "website"), ("writing",), ("scaffold",), ("cli", "doctor"), ("__main__",),
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


LONGEST_NOTEBOOK = 350


@pytest.mark.parametrize("path", sorted(PROJECT.glob("notebooks/*.py")), ids=lambda path: path.stem)
def test_a_notebook_is_one_argument(path: Path):
    assert len(path.read_text("utf-8").splitlines()) <= LONGEST_NOTEBOOK, "two concepts share a room: part them"
