"""The study as it stands: its results are those of the committed notebooks, and its manuscript holds together."""

import json
from pathlib import Path

import pytest
from compendium import project
from compendium.chain import pairs, products
from compendium.writing import checks

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.fixture(autouse=True)
def _here(monkeypatch):
    monkeypatch.chdir(ROOT)
    assert project.root() == ROOT


def texts(path: Path) -> list[tuple[str, str]]:
    """Return the text of every output of a notebook, with the id of its cell; pictures depend on the machine."""
    found = []
    for cell in json.loads(path.read_text("utf-8"))["cells"]:
        for output in cell.get("outputs", []):
            data = output.get("data", {"text/plain": output.get("text", "")})
            found += [(cell["id"], "".join(data[kind])) for kind in ("text/plain", "text/markdown") if kind in data]
    return found


def test_the_halves_of_every_notebook_agree():
    pairs.check(ROOT / "notebooks")


def test_the_results_are_those_of_the_present_inputs():
    assert products.stale(ROOT, ROOT / "build") == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_run_gives_the_outputs_that_are_committed(path: Path):
    committed = texts(path)
    if not committed:
        pytest.skip("it holds no outputs yet: run 'make notebooks' and commit them")
    assert texts(ROOT / "build" / "notebooks" / path.name) == committed


def test_the_manuscript_has_no_errors():
    found = [finding.sentence() for finding in checks.findings(ROOT) if finding.severity == "error"]
    assert found == []
