"""Files are written whole or not at all."""

import subprocess
import sys
from pathlib import Path

import pytest

from compendium import project
from compendium.errors import CompendiumError


def test_root_is_the_nearest_project_upwards_unless_told_otherwise(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.delenv("COMPENDIUM_ROOT", raising=False)
    outer, inner = tmp_path / "outer", tmp_path / "outer" / "copies" / "inner"
    for folder in (outer, inner):
        (folder / "notebooks" / "deep").mkdir(parents=True)
        (folder / "_quarto.yml").touch()
    for stand, expected in ((outer, outer), (outer / "copies", outer), (inner / "notebooks" / "deep", inner)):
        monkeypatch.chdir(stand)
        assert project.root() == expected.resolve()
    monkeypatch.setenv("COMPENDIUM_ROOT", str(outer))
    assert project.root() == outer.resolve()


def test_outside_of_a_project_its_absence_is_told(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.delenv("COMPENDIUM_ROOT", raising=False)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CompendiumError, match=r"lies in no project; .*compendium new FOLDER"):
        project.root()
    assert project.relative("x.csv") == (tmp_path / "x.csv").resolve().as_posix()


def test_paths_inside_the_project_are_relative_others_absolute(small_project: Path, tmp_path_factory) -> None:
    assert project.relative(small_project / "data" / "x.csv") == "data/x.csv"
    outside = tmp_path_factory.mktemp("outside") / "y.csv"
    assert project.relative(outside) == outside.resolve().as_posix()


def test_written_text_has_unix_line_ends_and_leaves_no_neighbour(tmp_path: Path) -> None:
    path = project.write_text(tmp_path / "new" / "a.txt", "one\ntwö\n")
    assert path.read_bytes() == "one\ntwö\n".encode()
    assert [p.name for p in path.parent.iterdir()] == ["a.txt"]


def test_a_failed_write_leaves_the_old_file_and_no_temporary(tmp_path: Path, monkeypatch) -> None:
    path = project.write_text(tmp_path / "a.txt", "old")
    monkeypatch.setattr(project.os, "replace", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        project.write_text(path, "new")
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_a_folder_is_replaced_only_when_the_block_succeeds(tmp_path: Path) -> None:
    target = tmp_path / "out"
    with project.replaced_folder(target) as staging:
        (staging / "first").write_text("1")
    with pytest.raises(RuntimeError), project.replaced_folder(target) as staging:  # noqa: PT012
        (staging / "second").write_text("2")
        raise RuntimeError
    assert [p.name for p in target.iterdir()] == ["first"]
    with project.replaced_folder(target) as staging:
        (staging / "third").write_text("3")
    assert [p.name for p in target.iterdir()] == ["third"]
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_sha256_is_that_of_the_bytes(tmp_path: Path) -> None:
    path = tmp_path / "abc"
    path.write_bytes(b"abc")
    assert project.sha256(path) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_only_one_process_works_in_a_folder_at_a_time(tmp_path: Path) -> None:
    code = (
        "import sys, time; from compendium import project\n"
        "with project.alone(sys.argv[1]):\n"
        "    open(sys.argv[1] + '/log', 'a').write('in ')\n"
        "    time.sleep(0.3)\n"
        "    open(sys.argv[1] + '/log', 'a').write('out ')\n"
    )
    both = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path)]) for _ in range(3)]
    assert [one.wait() for one in both] == [0, 0, 0]
    assert (tmp_path / "log").read_text() == "in out " * 3
