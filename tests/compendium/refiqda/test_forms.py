"""Exports for tools that keep less: UTF-16 positions, a selection for each coder, names that differ, sets of codes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from refiqda_projects import one_source, walks

from compendium import cli, refiqda
from compendium.refiqda import forms, read_project
from compendium.refiqda.model import Project
from compendium.refiqda.writing import write_project
from compendium.scaffold import example


@given(st.text(alphabet="a🙂é\r\n ", min_size=2, max_size=30), st.data())
def test_positions_in_utf_16_are_those_of_nvivo(text: str, data: st.DataObject) -> None:
    import tempfile

    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    with tempfile.TemporaryDirectory() as scratch:
        file = one_source(Path(scratch) / "a.qdpx", text.encode(), [(start, end)])
        project = read_project(file)[0]
        project.segments.loc[0, ["start", "end"]] = start, end
        written = write_project(project, Path(scratch) / "b.qdpx", "UTF-16 code units")
        again, report = read_project(written)
        import zipfile

        with zipfile.ZipFile(written) as archive:
            xml = archive.read("project.qde").decode()
    first, last = (len(text[:place].encode("utf-16-le")) // 2 for place in (start, end))
    assert f'startPosition="{first}" endPosition="{last}"' in xml
    assert report.counting.startswith("UTF-16 code units") or again.segments["start"].tolist() == [start]
    if report.counting_expected:
        assert again.segments[["start", "end"]].to_numpy().tolist() == [[start, end]]


def test_each_coder_gets_a_selection_and_no_coding_is_lost(tmp_path: Path) -> None:
    project = example.project()
    apart, _ = read_project(write_project(forms.by_coder(project), tmp_path / "a.qdpx"))
    together, _ = read_project(write_project(project, tmp_path / "b.qdpx"))
    assert (apart.codings.groupby("segment_id")["coder"].nunique() == 1).all()

    def codings(one: Project) -> list[list]:
        merged = one.codings.merge(one.segments[["segment_id", "source_id", "start", "end"]], on="segment_id")
        return sorted(merged[["source_id", "start", "end", "code_id", "coder"]].to_numpy().tolist())

    assert codings(apart) == codings(together)
    maker = apart.segments.set_index("segment_id")["created_by"]
    assert (apart.codings["segment_id"].map(maker) == apart.codings["coder"]).all()


def test_the_export_says_what_is_lost_elsewhere_and_how_not_to(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    project = example.project()
    project.tables["codebook"].loc[1, "code"] = project.codebook["code"].iloc[0].upper()
    refiqda.import_project(write_project(project, tmp_path / "a.qdpx"), folder := tmp_path / "p")
    assert cli.main(["export-qda", str(folder), str(tmp_path / "b.qdpx")]) == 0
    said = capsys.readouterr().out
    assert "Selections that several coders coded: 32" in said or "Selections that several coders coded:" in said
    assert "Names that several codes have:" in said
    assert cli.main(
        ["export-qda", str(folder), str(tmp_path / "c.qdpx"), "--selections", "coder", "--names", "path"]
    ) == 0  # fmt: skip
    assert "several" not in capsys.readouterr().out
    names = read_project(tmp_path / "c.qdpx")[0].codebook["code"]
    assert names.str.casefold().is_unique


def test_sets_of_codes_travel_with_the_codebook(tmp_path: Path) -> None:
    refiqda.import_project(walks(tmp_path), folder := tmp_path / "p")
    project = Project.load(folder)
    wanted = project.set_members[project.set_members["kind"] == "code"]
    assert len(wanted)
    refiqda.export_codebook(folder, tmp_path / "codes.qdc")
    book, _ = read_project(tmp_path / "codes.qdc")
    assert sorted(book.set_members["member"]) == sorted(wanted["member"])
    assert set(book.sets["name"]) <= set(project.sets["name"])


def test_a_source_without_a_name_is_called_as_its_file(tmp_path: Path) -> None:
    text = one_source(tmp_path / "a.qdpx", b"Some text", [(0, 4)])
    import zipfile

    with zipfile.ZipFile(text) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    (name,) = (one for one in parts if one.endswith(".qde"))
    xml = parts[name].decode()
    begin = xml.index("<TextSource")
    tag = xml[begin : xml.index(">", begin) + 1]
    import re

    bare = re.sub(r' name="[^"]*"', "", tag).replace(
        "<TextSource", '<TextSource richTextPath="internal://Talk%20one.docx"'
    )
    parts[name] = xml.replace(tag, bare).encode()
    with zipfile.ZipFile(tmp_path / "b.qdpx", "w") as archive:
        for one, content in parts.items():
            archive.writestr(one, content)
    assert read_project(tmp_path / "b.qdpx")[0].sources["name"].tolist() == ["Talk one"]
