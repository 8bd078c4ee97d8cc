"""First steps that fail say in one sentence what to install or to free, and leave no half environment in use."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(os.name == "nt" or shutil.which("make") is None, reason="make or a shell is missing")
FOLDERS = (".", "compendium/scaffold/study")
FIRST_STEPS = {
    "too old": ('case "$*" in *version_info*) exit 1;; esac', "Python 3.11 or later is needed"),
    "no venv": ('case "$*" in *ensurepip*) exit 1;; esac', "apt install python3-venv"),
    "no disk": ('case "$*" in *disk_usage*) exit 1;; esac', "fewer are free here; free some first"),
    "broken off": ('case "$*" in *"-m venv"*) exit 1;; esac', ".venv is not whole; see above"),
}


def made(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["make", *words], cwd=home, capture_output=True, text=True, check=False)


@pytest.fixture(params=FOLDERS)
def home(request: pytest.FixtureRequest, project: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "with a blank"
    folder.mkdir()
    for path in [*(project / request.param).glob("requirements*.lock"), project / "pyproject.toml"]:
        shutil.copyfile(path, folder / path.name)
    shutil.copyfile(project / request.param / "Makefile", folder / "Makefile")
    return folder


@pytest.mark.parametrize("name", FIRST_STEPS)
def test_a_python_that_will_not_do(name: str, home: Path) -> None:
    script, said = FIRST_STEPS[name]
    (home / "odd-python").write_text(f'#!/bin/sh\n{script}\nexec "{sys.executable}" "$@"\n')
    (home / "odd-python").chmod(0o755)
    done = made(home, "PYTHON=./odd-python", ".venv/.bootstrapped")
    assert done.returncode != 0
    assert [line for line in done.stderr.splitlines() if line.startswith("make: ") and said in line]
    assert "Traceback" not in done.stderr
    assert not (home / ".venv/.bootstrapped").exists()


def test_no_python_at_all(home: Path) -> None:
    assert (
        "there is no 'python9'; install Python 3.11 or later"
        in made(home, "PYTHON=python9", ".venv/.bootstrapped").stderr
    )


def test_jupyterlab_starts_as_root_where_one_is_root(home: Path) -> None:
    shown = made(home, "-n", "lab").stdout
    assert ("jupyter lab --allow-root notebooks" in shown) == (os.getuid() == 0)
    assert "notebooks" in shown
