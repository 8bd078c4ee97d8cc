"""A project made of the manuscript fixtures, and its paper, thesis and website rendered once."""

from __future__ import annotations

import base64
import re
import shutil
from pathlib import Path

import pytest

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures/manuscript"
DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def fixture_project(folder: Path, project: Path) -> Path:
    """Return a copy of the fixtures laid out as a built project, with the project's own styles and settings."""
    root = folder / "project"
    shutil.copytree(FIXTURES, root)
    (root / "build").mkdir()
    shutil.move(root / "results", root / "build/results")
    shutil.move(root / "notebooks", root / "build/notebooks")
    shutil.move(root / "variables.yml", root / "_variables.yml")
    for drawing in (root / "build/results/figures").glob("*.svg"):
        drawing.with_suffix(".png").write_bytes(DOT)
    for name in ("_quarto.yml", "_quarto-paper.yml"):
        settings = (project / name).read_text(encoding="utf-8")
        settings = re.sub(
            r"^metadata-files:.*\n(?:  - .*\n)+", "", settings, flags=re.M
        )  # the fixtures name their authors
        (root / name).write_text(settings, encoding="utf-8")
    for name in ("csl", "templates"):
        shutil.copytree(project / "manuscript" / name, root / "manuscript" / name)
    return root


@pytest.fixture
def sources(tmp_path: Path, project: Path) -> Path:
    """Return a project of one's own to break."""
    return fixture_project(tmp_path, project)


@pytest.fixture(scope="session")
def rendered(tmp_path_factory: pytest.TempPathFactory, project: Path) -> Path:
    """Return a project whose paper, thesis and website have been rendered by the embedded engine."""
    from compendium.render import render

    root = fixture_project(tmp_path_factory.mktemp("rendered"), project)
    for profile in ("paper", "thesis", "site"):
        render(profile, engine="pandoc", root=root)
    return root
