"""Files are written whole or not at all, folders replaced only where nothing else can be lost."""

import errno
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from compendium import folders, project
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
    with pytest.raises(CompendiumError, match=r"lies in no project; .*_quarto.yml and notebooks/"):
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
    with pytest.raises(
        CompendiumError, match=r"a.txt: the file could not be written \(disk full\); the old one stands"
    ):
        project.write_text(path, "new")
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_files_have_the_permissions_that_the_umask_leaves_and_keep_those_they_have(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        path = project.write_text(tmp_path / "shared.txt", "a")
        private = project.write_text(tmp_path / "private.txt", "a", 0o600)
        assert [one.stat().st_mode & 0o777 for one in (path, private)] == [0o640, 0o600]
        path.chmod(0o604)
        project.write_text(path, "b")
        assert path.stat().st_mode & 0o777 == 0o604
        with project.replaced_folder(tmp_path / "made"):
            pass
        assert (tmp_path / "made").stat().st_mode & 0o777 == 0o750
    finally:
        os.umask(before)


def test_a_folder_is_replaced_only_when_the_block_succeeds(tmp_path: Path) -> None:
    target = tmp_path / "out"
    with project.replaced_folder(target) as staging:
        (staging / "first").write_text("1")
    with pytest.raises(RuntimeError), project.replaced_folder(target) as staging:  # noqa: PT012
        (staging / "second").write_text("2")
        raise RuntimeError
    assert names(target) == [project.MARK, "first"]
    with project.replaced_folder(target) as staging:
        (staging / "third").write_text("3")
    assert names(target) == [project.MARK, "third"]
    assert names(tmp_path) == ["out"]


def test_a_folder_that_holds_anything_else_is_never_replaced(small_project: Path) -> None:
    mine = small_project / "mine"
    mine.mkdir()
    (mine / "thoughts.txt").write_text("mine")
    link = small_project / "link"
    link.symlink_to(mine)
    for target in (mine, link, small_project / "data" / ".." / "mine", small_project, small_project.parent):
        before = sorted(small_project.rglob("*"))
        with (
            pytest.raises(CompendiumError, match=r"not written|never replaced"),
            project.replaced_folder(target) as staging,
        ):
            (staging / "new").write_text("new")
        assert sorted(small_project.rglob("*")) == before
    with project.replaced_folder(mine, "thoughts.txt") as staging:
        (staging / "thoughts.txt").write_text("the mark of another kind of folder")
    assert names(mine) == ["thoughts.txt"]


@pytest.mark.parametrize("configured", [
    ".", "..", "../elsewhere", "data/../..", "notebooks", "data", "data/new", "Manuscript", "manuscript/paper/out",
    ".git", "build", "build/results", "build/pages/x", "_output", "_output/../data", "to_data", "to_data/x", "outside",
    "tracked", "mine", "deep/er",
])  # fmt: skip
def test_an_output_folder_that_could_cost_anything_is_refused(small_project: Path, configured: str) -> None:
    (small_project / "to_data").symlink_to("data")
    (small_project / "outside").symlink_to(tempfile.gettempdir())
    for name in ("mine/a.txt", "deep/er/a/b.txt", "tracked/paper.html"):
        (small_project / name).parent.mkdir(parents=True)
        (small_project / name).write_text("a")
    (small_project / "tracked" / project.MARK).touch()
    subprocess.run(["git", "init", "-q"], cwd=small_project, check=True)
    subprocess.run(["git", "add", "tracked/paper.html"], cwd=small_project, check=True)
    before = sorted(small_project.rglob("*"))
    with pytest.raises(CompendiumError, match=r"replaced whole"):
        folders.output_folder(small_project, configured)
    assert sorted(small_project.rglob("*")) == before


@pytest.mark.parametrize(
    "configured", ["_output/paper", "_output/deep/er", "build/preview", "public", "empty", "marked"]
)
def test_an_output_folder_of_its_own_is_accepted(small_project: Path, configured: str) -> None:
    (small_project / "_output" / "paper").mkdir(parents=True)
    (small_project / "_output" / "paper" / "paper.html").touch()
    (small_project / "empty").mkdir()
    with project.replaced_folder(small_project / "marked"):
        pass
    assert folders.output_folder(small_project, configured) == (small_project / configured).resolve()


def test_a_full_disk_is_told_of_the_folder_that_was_written(tmp_path: Path) -> None:
    target = tmp_path / "out"
    with project.replaced_folder(target) as staging:
        (staging / "first").touch()
    for number, told in ((errno.ENOSPC, CompendiumError), (errno.EPIPE, OSError)):
        with pytest.raises(told) as caught, project.replaced_folder(target):
            raise OSError(number, os.strerror(number), "some/source.svg")
        if told is CompendiumError:
            assert "source.svg" not in str(caught.value)
            assert str(caught.value).endswith("out: the folder could not be written (No space left on device); "
                                              "the old one stands.")  # fmt: skip
    assert names(target) == [project.MARK, "first"]
    with pytest.raises(CompendiumError) as caught, project.replaced_folder(target) as staging:  # noqa: PT012
        project.write_bytes(staging / "directory", b"")
        (staging / "d").mkdir()
        project.write_bytes(staging / "d", b"")
    assert "/out/d: the file could not be written" in str(caught.value)


DYING = """
import os, pathlib, sys
from compendium import folders, project
place = pathlib.Path(sys.argv[1])
with project.alone(place / "build"), project.scratch_folder("test") as scratch:
    (scratch / "big").write_text("x")
    real = os.replace
    def replace(a, b):
        real(a, b)
        if ".old" in str(b) or sys.argv[2] == "file":
            os.kill(os.getpid(), 9)
    if sys.argv[2] == "file":
        os.replace = lambda a, b: os.kill(os.getpid(), 9)
        project.write_text(place / "notebooks" / "a.txt", "new")
    with project.replaced_folder(place / "build" / "results") as staging:
        (staging / "new").touch()
        if sys.argv[2] == "block":
            os.kill(os.getpid(), 9)
        os.replace = replace
"""


@pytest.mark.parametrize("moment", ["block", "moves", "file"])
def test_the_next_holder_of_the_lock_clears_what_a_dead_process_left_and_nothing_else(
    small_project: Path, monkeypatch, tmp_path_factory: pytest.TempPathFactory, moment: str
) -> None:
    scratch = tmp_path_factory.mktemp("scratch")
    monkeypatch.setenv("TMPDIR", str(scratch))
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    build = small_project / "build"
    with project.replaced_folder(build / "results") as staging:
        (staging / "old").touch()
    project.write_text(small_project / "notebooks" / "a.txt", "old")
    (build / ".notes.12345678.part.txt").touch()  # of somebody else
    standing = {path for folder in (small_project, scratch) for path in folder.rglob("*")}
    done = subprocess.run([sys.executable, "-c", DYING, str(small_project), moment], check=False)
    assert done.returncode == -9
    assert {path for folder in (small_project, scratch) for path in folder.rglob("*")} - standing - {build / ".lock"}
    with project.scratch_folder("living"), project.replaced_folder(build / "pages") as other:
        living = {path for folder in (small_project, scratch) for path in folder.glob("**/*living*")} | {other}
        with project.alone(build):
            pass
        left = {path for folder in (small_project, scratch) for path in folder.rglob("*")}
        assert left == standing | living | {build / ".lock"}
    assert names(build / "results") == [project.MARK, "old"]
    assert names(scratch) == []


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


@pytest.mark.parametrize(
    ("named", "problem"),
    [
        (".", "is the project's folder or holds it"),
        ("..", "is the project's folder or holds it"),
        ("notebooks", "is one of the project's sources"),
        ("data/raw", "is one of the project's sources"),
        (".git", "is one of the project's sources"),
        ("kept", "holds files that git tracks"),
        ("own", "holds files that this tool has not written"),
        ("params.yml", "is a file"),
        ("link", "is the project's folder or holds it"),
    ],
)
def test_a_build_folder_that_could_cost_anything_is_refused(
    named: str, problem: str, small_project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("kept/a.txt", "own/b.txt", "params.yml", ".git/x"):
        (small_project / name).parent.mkdir(exist_ok=True)
        (small_project / name).write_text("", "utf-8")
    (small_project / "link").symlink_to(small_project)
    if named == "kept":
        subprocess.run("rm -r .git; git init -q . && git add kept", shell=True, cwd=small_project, check=True)
    before = sorted(small_project.rglob("*"))
    monkeypatch.setenv("COMPENDIUM_BUILD", str(small_project / named))
    with pytest.raises(CompendiumError, match=f"COMPENDIUM_BUILD.*{problem}"):
        project.build_folder()
    assert sorted(small_project.rglob("*")) == before


@pytest.mark.parametrize("named", ["build", "build/other", "elsewhere", "used"])
def test_a_build_folder_of_its_own_is_accepted(named: str, small_project: Path, monkeypatch) -> None:
    (small_project / "used" / "parts").mkdir(parents=True)
    monkeypatch.setenv("COMPENDIUM_BUILD", str(small_project / named))
    assert project.build_folder() == small_project / named
