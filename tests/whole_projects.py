"""Copies of the whole project, built and rendered as a user would, for the tests that need all of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

LEFT_OUT = ("build", "_output", "_variables.yml", ".git", ".venv", "raw", "tests", "*cache*")


def compendium(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the tool on a project as another process does, at a date that stays the same."""
    environment = {**os.environ, "COMPENDIUM_ROOT": str(root), "SOURCE_DATE_EPOCH": "1700000000"}
    for name in ("COMPENDIUM_BUILD", "COMPENDIUM_CHAIN", "QUARTO_PATH"):
        environment.pop(name, None)
    command = [sys.executable, "-m", "compendium", *words]
    return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=root.parent, check=False)


def built_copy(project: Path, root: Path, build: Path | None = None) -> Path:
    """Return a copy of the project's sources in which everything was made with the embedded engine.

    With ``build``, notebooks whose results stand there are not run again.
    """
    shutil.copytree(project, root, ignore=shutil.ignore_patterns(*LEFT_OUT))
    if build is not None and build.is_dir():
        shutil.copytree(build, root / "build", ignore=shutil.ignore_patterns("nbval"))
    done = compendium(root, "all", "--engine", "pandoc")
    assert done.returncode == 0, done.stderr
    return root
