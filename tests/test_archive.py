"""The release archive holds every committed file, no history, and the same bytes every time."""

from __future__ import annotations

import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

ARCHIVE = "_output/archive/ics-compendium.tar.gz"


def run(folder: Path, *command: str) -> str:
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def repository(project: Path, tmp_path: Path) -> Path:
    """Return a repository of two commits, of which the first holds a file that the second takes out."""
    for tool in ("git", "make", "gzip"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed")
    shutil.copyfile(project / "Makefile", tmp_path / "Makefile")
    author = ("git", "-c", "user.name=Somebody", "-c", "user.email=somebody@example.org", "-c", "commit.gpgsign=false")
    run(tmp_path, "git", "init", "-q")
    (tmp_path / "early.txt").write_text("withdrawn")
    run(tmp_path, "git", "add", ".")
    run(tmp_path, *author, "commit", "-q", "-m", "First")
    (tmp_path / "early.txt").unlink()
    (tmp_path / "kept.txt").write_text("kept")
    run(tmp_path, "git", "add", "-A")
    run(tmp_path, *author, "commit", "-q", "-m", "Second")
    (tmp_path / "local.txt").write_text("never committed")
    return tmp_path


def test_it_is_whole_without_history_and_reproducible(repository: Path) -> None:
    run(repository, "make", "archive")
    first = (repository / ARCHIVE).read_bytes()
    with tarfile.open(repository / ARCHIVE) as archive:
        files = {item.name: archive.extractfile(item).read() for item in archive if item.isfile()}
    assert set(files) == {"ics-compendium/Makefile", "ics-compendium/kept.txt"}
    assert files["ics-compendium/kept.txt"] == b"kept"
    (repository / ARCHIVE).unlink()
    run(repository, "make", "archive")
    assert (repository / ARCHIVE).read_bytes() == first
