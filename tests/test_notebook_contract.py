"""Every notebook keeps the contract: it says what it is, and runs alone by any of the usual ways."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from compendium.chain import notebooks

FOLDER = Path(__file__).resolve().parent.parent / "notebooks"
NAMES = sorted(path.stem for path in FOLDER.glob("[0-9]*.py"))


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_opens_with_title_question_inputs_and_outputs(name: str) -> None:
    text = (FOLDER / f"{name}.py").read_text("utf-8")
    first = notebooks.script_cells(text)[0]
    assert "[markdown]" in first[1]
    for word in ("# # ", "**Question.**", "**Inputs.**", "**Outputs.**"):
        assert word in first[2], f"{name} lacks {word}"


@pytest.mark.parametrize("name", NAMES)
def test_parameters_are_typed_explained_and_given_to_the_store(name: str) -> None:
    notebook = notebooks.read(FOLDER / f"{name}.py")
    text = notebook.path.read_text("utf-8")
    assert text.count('tags=["parameters"]') <= 1
    for parameter in notebook.parameters.values():
        assert parameter.type in notebooks.TYPES, parameter
        assert len(parameter.explanation.split()) >= 3, parameter
        assert re.search(rf'"{parameter.name}": {parameter.name}\b', text), f"{name} hides parameter {parameter.name}"


@pytest.mark.parametrize("name", NAMES)
def test_no_two_code_cells_are_the_same(name: str) -> None:
    sources = [
        source.strip()
        for _, marker, source in notebooks.script_cells((FOLDER / f"{name}.py").read_text("utf-8"))
        if "[markdown]" not in marker
    ]
    assert len(sources) == len(set(sources))


WAYS = {
    "script": lambda out: [sys.executable, str(FOLDER / "03_participants.py")],
    "nbconvert": lambda out: [
        *(sys.executable, "-m", "nbconvert", "--to", "notebook", "--execute"),
        *("--output-dir", str(out), str(FOLDER / "03_participants.ipynb")),
    ],
    "papermill": lambda out: [
        *(sys.executable, "-m", "papermill", str(FOLDER / "03_participants.ipynb")),
        *(str(out / "executed.ipynb"), "-p", "people", "interviewees"),
    ],
}


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
def test_a_notebook_runs_alone(way: str, tmp_path: Path) -> None:
    build = tmp_path / "build"
    environment = {**os.environ, "COMPENDIUM_BUILD": str(build)}
    environment.pop("COMPENDIUM_ROOT", None)
    done = subprocess.run(WAYS[way](tmp_path), capture_output=True, text=True, cwd=FOLDER, env=environment, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    values = json.loads((build / "results" / "values.json").read_text("utf-8"))
    assert values["sample.interviews"]["value"] == 32
    cells = {cell["id"] for cell in json.loads((FOLDER / "03_participants.ipynb").read_text("utf-8"))["cells"]}
    assert values["sample.interviews"]["cell"] in cells
