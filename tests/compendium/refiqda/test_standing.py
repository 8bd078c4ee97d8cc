"""An import onto an earlier one: another project asks first, and nothing that the researcher added is lost."""

from __future__ import annotations

import dataclasses
import subprocess
from pathlib import Path

import pytest
from refiqda_projects import one_source, walks

from compendium import cli
from compendium.errors import CompendiumError
from compendium.refiqda import export_codebook, import_project, publishing, read_project
from compendium.refiqda.model import MANIFEST, Project

OWN = {"publish.toml": "counts = 1\n", "quotations.csv": "passage,code\n", "my/notes.txt": "mine", "texts/own.txt": "x"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    import_project(walks(tmp_path), folder := tmp_path / "project")
    for name, text in OWN.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder


def files(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes().decode("utf-8", "replace")
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_later_export_keeps_what_was_added_and_puts_aside_what_was_changed(folder: Path, tmp_path: Path) -> None:
    before = files(folder)
    report = import_project(tmp_path / "walks.qdpx", folder)
    assert files(folder) == before
    assert report.kept == []
    mine = before["codings.csv"] + '"d0001-0001","mine","me","",""\n'
    for expected in (["kept/codings.csv"], ["kept/codings-2.csv"]):
        (folder / "codings.csv").write_text(mine, "utf-8")
        report = import_project(tmp_path / "walks.qdpx", folder)
        assert report.kept == expected
        assert (folder / expected[0]).read_text("utf-8") == mine
        assert any(expected[0] in line for line in report.lines())
    assert files(folder).items() >= before.items()


def test_another_project_asks_and_then_keeps_all_that_was_added(folder: Path, tmp_path: Path) -> None:
    before = files(folder)
    other = one_source(tmp_path / "other.qdpx", b"Some text", [(0, 4)])
    with pytest.raises(CompendiumError, match=r"an import of another project stands here.*--replace"):
        import_project(other, folder)
    assert files(folder) == before
    assert cli.main(["import-qda", str(other), "--out", str(folder)]) == 1
    assert cli.main(["import-qda", str(other), "--out", str(folder), "--replace"]) == 0
    assert read_project(other)[0].about["name"] == Project.load(folder).about["name"]
    assert {name: text for name, text in files(folder).items() if name.startswith("kept/")} == {
        f"kept/{name}": text for name, text in OWN.items()
    }
    assert not (folder / "publish.toml").exists()  # what may go out of one project says nothing of another


def test_a_codebook_alone_does_not_take_the_place_of_its_project(folder: Path, tmp_path: Path) -> None:
    export_codebook(folder, tmp_path / "codes.qdc")
    with pytest.raises(CompendiumError, match="another project"):
        import_project(tmp_path / "codes.qdc", folder)


def test_an_earlier_import_that_says_nothing_of_its_files_loses_none(folder: Path, tmp_path: Path) -> None:
    (folder / MANIFEST).write_text('{"project": {}, "import": {}}', "utf-8")
    (folder / "cases.csv").write_text("mine", "utf-8")
    report = import_project(tmp_path / "walks.qdpx", folder)
    assert report.kept == ["kept/cases.csv"]
    assert OWN.items() <= files(folder).items()


def test_git_sees_what_is_published_alone(folder: Path) -> None:
    subprocess.run(["git", "init", "-q"], cwd=folder.parent, check=True)
    (folder / "publish.toml").write_text("counts = 1\nrows = true\n", "utf-8")
    for rows, seen in (("true", True), ("false", False)):
        (folder / "publish.toml").write_text(f"counts = 1\nrows = {rows}\n", "utf-8")
        publishing.refresh(folder, folder.parent / "private")
        done = subprocess.run(
            ["git", "ls-files", "--others", "--exclude-standard", "project"],
            cwd=folder.parent, capture_output=True, text=True, check=True,
        )  # fmt: skip
        listed = set(done.stdout.split())
        assert {"project/.gitignore", "project/publish.toml"} <= listed
        assert ("project/public/segments.csv" in listed) == seen
        assert all(name in ("project/.gitignore", "project/publish.toml") or "/public/" in name for name in listed)


def test_an_id_that_stands_for_another_passage_is_not_published(tmp_path: Path) -> None:
    file = one_source(tmp_path / "one.qdpx", b"Some text here", [(0, 4), (5, 9)])
    import_project(file, folder := tmp_path / "project")
    (folder / "publish.toml").write_text('quotations = ["d0001-0001"]\n', "utf-8")
    publishing.refresh(folder, tmp_path / "private")
    project = Project.load(folder)
    turned = project.segments.assign(guid=project.segments["guid"].iloc[::-1].to_numpy())
    dataclasses.replace(project, tables={**project.tables, "segments": turned}).save(folder)
    with pytest.raises(CompendiumError, match=r"another id in this export; found d0001-0001, expected d0001-0002"):
        publishing.refresh(folder, tmp_path / "private")
