"""Every verb that reads results reads those of ``COMPENDIUM_BUILD``, and leaves those in ``build/`` alone."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from compendium import cli
from tests.render.conftest import fixture_project


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_rendering_and_checking_elsewhere_is_the_same_as_here(
    tmp_path: Path, project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = fixture_project(tmp_path, project)
    shutil.move(root / "_variables.yml", root / "build/results/_variables.yml")
    (root / "notebooks").mkdir()
    monkeypatch.setenv("COMPENDIUM_ROOT", str(root))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    monkeypatch.delenv("COMPENDIUM_BUILD", raising=False)
    render = ["render", "paper", "site", "--format", "html", "--engine", "pandoc"]
    assert cli.main(render) == 0
    said = capsys.readouterr().out.splitlines()
    assert cli.main(["check"]) == 0
    told, rendered = capsys.readouterr().out, files(root / "_output")
    shutil.rmtree(root / "_output")
    (root / "_variables.yml").unlink()
    shutil.copytree(root / "build", tmp_path / "elsewhere")
    (tmp_path / "elsewhere/.lock").touch()
    for path in (root / "build/results").rglob("*.md"):
        path.write_text("Not these.\n")
    (root / "build/results/_variables.yml").write_text("{}\n")
    before = files(root / "build")
    monkeypatch.setenv("COMPENDIUM_BUILD", str(tmp_path / "elsewhere"))
    assert cli.main(render) == 0
    assert [line.partition(" (")[0] for line in capsys.readouterr().out.splitlines()] == [
        line.partition(" (")[0] for line in said
    ]
    assert files(root / "_output") == rendered
    assert cli.main(["check"]) == 0
    assert capsys.readouterr().out == told
    assert files(root / "build") == before
    assert not (root / "_variables.yml").exists()
