"""Fixtures shared by all tests: where the materials lie that are never committed, and a project of one's own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings
from whole_projects import built_copy

# Tests share the machine with others: how long an example takes says nothing about the code.
settings.register_profile("patient", deadline=None, max_examples=50)
settings.load_profile("patient")

PROJECT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("COMPENDIUM_SHARED") or PROJECT.parent / "shared")


def _shared(name: str, what: str) -> Path:
    folder = SHARED / name
    if not folder.is_dir():
        pytest.skip(f"{what} not found: set COMPENDIUM_SHARED to the folder that holds '{name}/'")
    return folder


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, the whole build and the website, so that no process works alone at the end."""
    slow = ("test_build.py", "test_other_parameters.py", "test_new_study.py", "site", "chain", "render")
    order = {name: number for number, name in enumerate(slow)}

    def place(item: pytest.Item) -> int:
        parts = item.path.relative_to(PROJECT / "tests").parts
        return min(order.get(part, len(slow)) for part in parts)

    items.sort(key=place)


@pytest.fixture(scope="session")
def project() -> Path:
    """Return the project's folder."""
    return PROJECT


@pytest.fixture(scope="session")
def seeds() -> Path:
    """Return the folder of the five source documents, or skip."""
    return _shared("seeds", "the source documents are")


@pytest.fixture(scope="session")
def raw_mirror() -> Path:
    """Return the local mirror of the raw open data, or skip."""
    return _shared("raw", "the raw open data are")


@pytest.fixture(scope="session")
def qdpx() -> Path:
    """Return the folder of real REFI-QDA exports, or skip."""
    return _shared("qdpx", "the real REFI-QDA exports are")


@pytest.fixture(scope="session")
def standards() -> Path:
    """Return the folder of the official schemas and DTDs, or skip."""
    return _shared("standards", "the official schemas are")


@pytest.fixture(scope="session")
def jats_faults(standards: Path) -> Callable[[bytes], list[str]]:
    """Return what the DTD of JATS Journal Publishing 1.3 finds wrong in a file."""
    from lxml import etree

    dtd = etree.DTD(str(standards / "jats-1.3/JATS-journalpublishing1-3-mathml3.dtd"))

    def faults(content: bytes) -> list[str]:
        return [] if dtd.validate(etree.fromstring(content)) else [str(error) for error in dtd.error_log]

    return faults


@pytest.fixture(scope="session")
def refiqda_faults(standards: Path) -> Callable[[bytes], list[str]]:
    """Return what the schemas of REFI-QDA 1.0 find wrong in a project or a codebook, told apart by its root."""
    from lxml import etree

    schemas = {
        name: etree.XMLSchema(etree.parse(str(standards / f"refi-qda/{name.capitalize()}.xsd")))
        for name in ("project", "codebook")
    }

    def faults(content: bytes) -> list[str]:
        tree = etree.fromstring(content)
        schema = schemas[etree.QName(tree).localname.lower()]
        return [] if schema.validate(tree) else [str(error) for error in schema.error_log]

    return faults


@pytest.fixture(scope="session")
def built(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the project with everything built and rendered, once for all processes of a test run.

    It is only read. Results of a build that stands in the project are taken over where they are current.
    """
    from compendium.project import alone

    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:  # the processes of one test run share it
        shared = shared.parent
    home, made = shared / "built/compendium", shared / "built/made"
    with alone(shared / "built-lock"):
        if not made.is_file():
            shutil.rmtree(home, ignore_errors=True)  # of a process that failed
            built_copy(project, home, project / "build")
            made.touch()
    return home


FIRST = """# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
# ---

# %% [markdown]
# # Numbers and their sum
#
# Adds up the numbers of `data/numbers.csv`.

# %% tags=["parameters"]
factor: int = 1  # what every number is multiplied by
label: str = "plain"  # a word carried along

# %%
import pandas as pd

from compendium.chain import results

store = results.start({"factor": factor, "label": label})

# %%
numbers = pd.read_csv(store.input("data/numbers.csv"))
store.record_value("numbers.sum", numbers["n"].sum() * factor, "points", description="sum of the numbers")

# %%
store.record_table("numbers", numbers, "The numbers.", "Made up for a test.")

# %%
store.finish()
"""

SECOND = """# %% [markdown]
# # Twice the sum

# %%
from compendium.chain import results

store = results.start()

# %%
store.record_value("numbers.twice", 2 * store.result_value("numbers.sum"))

# %%
store.finish()
"""

THIRD = """# %% [markdown]
# # Something on its own

# %%
from compendium.chain import results

store = results.start()
store.record_value("alone.share", 0.125, "%", display="{:.1%}")

# %%
store.finish()
"""


def _small_sources(root: Path) -> Path:
    for name, text in (("01_sum", FIRST), ("02_twice", SECOND), ("03_alone", THIRD)):
        (root / "notebooks").mkdir(exist_ok=True)
        (root / "notebooks" / f"{name}.py").write_text(text, "utf-8")
    (root / "data").mkdir()
    (root / "data" / "numbers.csv").write_text("n\n1\n2\n3\n", "utf-8")
    return root


@pytest.fixture
def small_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a project of three tiny notebooks: 02 reads a result of 01, 03 stands alone."""
    monkeypatch.setenv("COMPENDIUM_ROOT", str(tmp_path))
    monkeypatch.delenv("COMPENDIUM_BUILD", raising=False)
    monkeypatch.delenv("COMPENDIUM_CHAIN", raising=False)
    return _small_sources(tmp_path)


@pytest.fixture(scope="session")
def _small_made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from compendium.chain import graph

    root = _small_sources(tmp_path_factory.mktemp("small"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COMPENDIUM_ROOT", str(root))
        patch.delenv("COMPENDIUM_BUILD", raising=False)
        patch.delenv("COMPENDIUM_CHAIN", raising=False)
        graph.build()
    return root


@pytest.fixture
def small_built(small_project: Path, _small_made: Path) -> Path:
    """Return the project of three tiny notebooks after a build."""
    shutil.copytree(_small_made, small_project, dirs_exist_ok=True)
    return small_project
