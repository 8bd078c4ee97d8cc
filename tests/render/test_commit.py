"""Outputs name the project's own commit, an archive's record of it, or none, and never a surrounding repository's."""

from __future__ import annotations

import io
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

from compendium.render import commit

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def git(folder: Path, *words: str) -> bytes:
    person = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.org", "-c", "commit.gpgsign=false")
    return subprocess.run(["git", *person, *words], cwd=folder, check=True, capture_output=True).stdout


@pytest.fixture
def repository(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    folder = tmp_path / "outer"
    folder.mkdir()
    git(folder, "init", "-q")
    for name in (commit.ARCHIVE, ".gitattributes"):
        shutil.copyfile(project / name, folder / name)
    git(folder, "add", ".")
    monkeypatch.setenv("GIT_COMMITTER_DATE", "1700000000 +0000")
    git(folder, "commit", "-q", "-m", "First")
    return folder


def test_a_repository_names_its_commit_and_so_does_its_archive(repository: Path, tmp_path: Path) -> None:
    name = git(repository, "rev-parse", "HEAD").decode()[:10]
    assert (commit.name(repository), commit.epoch(repository)) == (name, 1700000000)
    with tarfile.open(fileobj=io.BytesIO(git(repository, "archive", "--prefix=study/", "HEAD"))) as archive:
        archive.extractall(tmp_path / "downloaded", filter="data")
    unpacked = tmp_path / "downloaded/study"
    assert (commit.name(unpacked), commit.epoch(unpacked)) == (name, 1700000000)


@pytest.mark.parametrize("record", [None, "unfilled", "damaged"])
def test_a_folder_in_another_repository_has_no_commit_and_says_so_once(
    record: str | None, repository: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = repository / "study"
    inner.mkdir()
    if record == "unfilled":
        shutil.copyfile(repository / commit.ARCHIVE, inner / commit.ARCHIVE)
    elif record == "damaged":
        (inner / commit.ARCHIVE).write_bytes(b"commit: \xff\n")
    assert (commit.name(inner), commit.epoch(inner), commit.name(inner)) == ("", commit.UNKNOWN, "")
    assert capsys.readouterr().err.count("the project's commit is unknown") == 1
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1234567890")
    assert commit.epoch(inner) == 1234567890
