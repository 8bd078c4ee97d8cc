"""Where a project lies, and the locale and permissions of who builds it, change no byte of what it makes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import THIRD

from tests.render.conftest import fixture_project

STRANGE = "per%20cent äöü ß 'q' (1) #2 & $y"
PLAINLY = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def made(folder: Path, project: Path, variables: dict[str, str], umask: int) -> dict[str, bytes]:
    """Build a notebook and render paper and website in a folder; return all files by name."""
    folder.mkdir()
    root = fixture_project(folder, project)
    (root / "notebooks").mkdir()
    study = folder / "study"
    (study / "notebooks").mkdir(parents=True)
    (study / "_quarto.yml").write_text("project: {}\n")
    (study / "notebooks/03_alone.py").write_text(THIRD)
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("COMPENDIUM", "LC_"))}
    for home, words in ((study, ["build"]), (root, ["render", "paper", "site", "--engine", "pandoc"])):
        done = subprocess.run(
            [sys.executable, "-m", "compendium", *words], cwd=home, umask=umask, capture_output=True, check=False,
            env={**clean, "PYTHONPATH": str(project), "SOURCE_DATE_EPOCH": "1700000000", **variables},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
    kept = [study / "build/results", study / "build/notebooks", root / "_output"]
    files = {path.relative_to(folder): path for top in kept for path in top.rglob("*") if path.is_file()}
    assert all(path.stat().st_mode & 0o777 == 0o666 & ~umask for path in files.values())
    return {name.as_posix(): path.read_bytes() for name, path in files.items()}


@pytest.mark.skipif(os.name == "nt", reason="Windows has neither a umask nor these names")
def test_bytes_are_the_same_in_every_folder(tmp_path: Path, project: Path) -> None:
    first = made(tmp_path / "plain", project, {}, 0o022)
    other = made(tmp_path / STRANGE, project, PLAINLY, 0o077)
    assert {Path(name).suffix for name in first} >= {".html", ".docx", ".pdf", ".xml", ".json", ".ipynb"}
    assert [name for name in {*first, *other} if first.get(name) != other.get(name)] == []
