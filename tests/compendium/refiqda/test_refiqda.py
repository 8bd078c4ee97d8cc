"""Import of projects: what comes over, what is counted, and which quirks of real exports are understood."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from refiqda_projects import guid, one_source, walks, walks_parts, zipped

from compendium import refiqda
from compendium.errors import CompendiumError
from compendium.evidence.segments import quotes
from compendium.refiqda.model import Project

TEXT = b"One two three four."


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, refiqda.ImportReport]:
    folder = tmp_path_factory.mktemp("walks")
    report = refiqda.import_project(walks(folder), folder / "out", study="walks")
    return refiqda.load_project(folder / "out"), report


def row(frame: pd.DataFrame, **where: str) -> dict:
    match = frame.loc[(frame[list(where)] == pd.Series(where)).all(axis=1)]
    assert len(match) == 1, f"{len(match)} rows for {where}"
    return match.iloc[0].to_dict()


def test_the_code_hierarchy_keeps_its_names_colours_and_order(imported) -> None:
    codebook = imported[0].codebook
    assert codebook["code_id"].tolist() == [
        "health",
        "health/pain",
        "health/sleep",
        "means",
        "means/transport-cost",
    ]
    assert codebook["parent"].tolist() == ["", "health", "health", "", "means"]
    assert codebook["colour"].tolist() == ["#2A7F62", "#ABC", "", "", ""]
    assert codebook["codable"].tolist() == ["true", "true", "true", "false", "true"]
    assert row(codebook, code_id="health")["definition"] == "Body and mind."
    assert row(codebook, code_id="means/transport-cost")["code"] == "Transport & cost"


def test_quotes_come_out_of_every_kind_of_text(imported) -> None:
    project = imported[0]
    said = dict(zip(project.segments["label"], quotes(project.segments, project.texts), strict=True))
    assert said["We share two cars"] == "We share two cars"
    assert said["the council always knows"] == "the council always knows"
    assert said["Early"] == "Early birds."
    by_section = project.segments.assign(quote=quotes(project.segments, project.texts))
    assert row(by_section, section="text description")["quote"] == "Water on the left"
    assert row(by_section, section="representation")["quote"] == "every Monday"


def test_areas_and_times_keep_their_extent(imported) -> None:
    segments = imported[0].segments
    assert row(segments, kind="picture area")["region"] == "firstX=10 firstY=20 secondX=110 secondY=220"
    assert row(segments, kind="pdf area")["region"] == "page=1 firstX=1 firstY=2 secondX=3 secondY=4"
    assert row(segments, kind="audio")["region"] == "begin=0 end=900"
    assert row(segments, kind="video")["region"] == "begin=10 end=20"


def test_several_coders_of_one_segment_keep_their_codings(imported) -> None:
    project = imported[0]
    segment = row(project.segments, label="My knees hurt less")
    assert (segment["codes"], segment["coder"], segment["words"]) == ("health/pain;health", "Robin;Sam", 4)
    codings = project.codings[project.codings["segment_id"] == segment["segment_id"]]
    assert codings[["code_id", "coder"]].to_numpy().tolist() == [
        ["health/pain", "Robin"],
        ["health/pain", "Sam"],
        ["health", "Sam"],
    ]


def test_cases_and_variables_fill_site_and_sector(imported) -> None:
    segments = imported[0].segments
    assert row(segments, label="I sleep")["site"] == "Northtown"
    assert row(segments, label="I sleep")["sector"] == "volunteer", "the source's own value"
    assert row(segments, label="It floods")["sector"] == "council", "the value of the case"
    assert row(segments, label="the council always knows")["site"] == ""


def test_sets_notes_and_links_are_represented(imported) -> None:
    project = imported[0]
    members = project.set_members[["set_id", "kind", "member"]].to_numpy().tolist()
    assert members == [
        ["first-round", "source", "d0001"],
        ["first-round", "note", "n0001"],
        ["body", "code", "health/pain"],
        ["body", "code", "health/sleep"],
    ]
    assert project.texts["n0002"] == "Two cars, one driver."
    link = project.links.iloc[0]
    assert (link["name"], link["origin"], link["target"]) == ("explains", guid(502), guid(403))
    assert project.note_refs["kind"].tolist() == ["code", "coding", "segment", "project"]


def test_what_is_not_represented_is_counted_and_named(imported) -> None:
    report = imported[1]
    assert report.not_represented == {"graphs": 1, "vertices": 2, "edges": 1, "attachments that are not in the file": 3}
    assert "  2 vertices" in report.lines()
    assert "  1 graph" in report.lines()


def test_unknown_elements_and_attributes_are_counted(tmp_path) -> None:
    parts = walks_parts()
    parts["project.qde"] = (
        parts["project.qde"]
        .replace(b'name="Pain"', b'name="Pain" weight="3"')
        .replace(b"<User guid", b"<Team/><User guid", 1)
        .replace(b"<Description>Said twice.</Description>", b"<Rating>5</Rating>")
    )
    report = refiqda.import_project(zipped(tmp_path / "x.qdpx", parts), tmp_path / "out")
    assert report.not_represented["attributes 'weight' of codes"] == 1
    assert report.not_represented["elements 'Rating'"] == 1
    assert report.not_represented["elements 'Team'"] == 1


def test_home_folders_are_removed_and_named(imported, tmp_path) -> None:
    project, report = imported
    assert report.stripped == [
        "the base path with a home folder",
        "the folders of 1 absolute paths (file names are kept)",
    ]
    kept = "".join(frame.to_csv() for frame in project.tables.values()) + json.dumps(project.about)
    assert "robin/" not in kept.casefold()
    assert row(project.sources, name="Path")["current_path"] == "absolute://path.jpg"


def test_the_report_prints_the_share_of_aligned_selections(imported) -> None:
    assert "edges on word boundaries: 100.0 % of 7 selections" in imported[1].lines()


@pytest.mark.parametrize("namespace", ["urn:QDA-XML:project:1.0", "urn:QDA-XML:project:1:0", "urn:QDA-XML:project:0:4"])
@pytest.mark.parametrize(("inner", "folder"), [("project.qde", "sources"), ("Study 1.QDE", "Sources")])
def test_names_and_namespaces_vary(tmp_path, namespace: str, inner: str, folder: str) -> None:
    file = one_source(tmp_path / "x.qdpx", TEXT, [(4, 7)], namespace=namespace, inner=inner, folder=folder)
    project, report = refiqda.read_project(file)
    assert quotes(project.segments, project.texts) == ["two"]
    assert report.warnings() == []


@pytest.mark.parametrize("reference", ["internal://{}.txt", "relative:///{}.txt", "{}.txt", "sources/{}.txt"])
def test_texts_are_found_by_any_spelling_of_their_path(tmp_path, reference: str) -> None:
    parts = {
        "project.qde": f'<Project xmlns="urn:QDA-XML:project:1.0" name="P"><Sources><TextSource guid="{guid(3)}" '
        f'plainTextPath="{reference.format(guid(3))}"/></Sources></Project>',
        f"sources/{guid(3)}.txt": TEXT,
    }
    project, _ = refiqda.read_project(zipped(tmp_path / "x.qdpx", parts))
    assert project.texts["d0001"] == TEXT.decode()


def test_absolute_paths_are_never_read(tmp_path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("private")
    for scheme in ("absolute://", "file://", "", "relative:///../"):
        xml = (
            f'<Project xmlns="urn:QDA-XML:project:1.0" name="P"><Sources><TextSource guid="{guid(3)}" '
            f'plainTextPath="{scheme}{secret if "relative" not in scheme else "secret.txt"}"/></Sources></Project>'
        )
        folder = tmp_path / "in"
        folder.mkdir(exist_ok=True)
        project, report = refiqda.read_project(zipped(folder / "x.qdpx", {"project.qde": xml}))
        assert project.texts == {}
        assert list(report.problems) == ["source texts that are missing"]


def test_an_unpacked_project_finds_its_sources_folder(tmp_path) -> None:
    for name, content in walks_parts().items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    project, _ = refiqda.read_project(tmp_path / "project.qde")
    whole, _ = refiqda.read_project(walks(tmp_path))
    assert project.texts == whole.texts
    pd.testing.assert_frame_equal(project.segments, whole.segments)


def test_nvivo_codes_passages_at_cases(tmp_path) -> None:
    sections = f'<Cases><Case guid="{guid(9)}" name="Ada"/></Cases>'
    file = one_source(tmp_path / "x.qdpx", TEXT, [(4, 7)], origin="NVivo for Mac 15.0.0", sections=sections)
    parts = {name: zipped_part(file, name) for name in ("project.qde", f"sources/{guid(3)}.txt")}
    parts["project.qde"] = parts["project.qde"].replace(
        f'<CodeRef targetGUID="{guid(2)}"/>'.encode(), f'<CodeRef targetGUID="{guid(9)}"/>'.encode()
    )
    project, report = refiqda.read_project(zipped(tmp_path / "y.qdpx", parts))
    assert project.segments["site"].tolist() == ["Ada"]
    assert project.codings.empty
    assert sum(report.not_represented.values()) == 1
    assert not report.problems


def zipped_part(file, name: str) -> bytes:
    import zipfile

    with zipfile.ZipFile(file) as archive:
        return archive.read(name)


def test_ids_survive_an_export_with_new_guids(tmp_path) -> None:
    """Tools give new GUIDs at each export; ids made of names keep two imports comparable."""
    parts = walks_parts()
    first, _ = refiqda.read_project(zipped(tmp_path / "a.qdpx", parts))
    renewed = {name.replace("-4000-", "-4999-"): data.replace(b"-4000-", b"-4999-") for name, data in parts.items()}
    second, _ = refiqda.read_project(zipped(tmp_path / "b.qdpx", renewed))
    for table in ("codebook", "segments", "codings", "cases", "case_members", "set_members"):
        a, b = (project.tables[table].drop(columns="guid", errors="ignore") for project in (first, second))
        if table == "segments":
            a, b = a.drop(columns="region"), b.drop(columns="region")
        pd.testing.assert_frame_equal(a, b)


def test_codes_of_one_name_get_ids_of_their_own(tmp_path) -> None:
    xml = (
        '<CodeBook xmlns="urn:QDA-XML:codebook:1.0"><Codes>'
        + "".join(
            f'<Code guid="{guid(n)}" name="{name}" isCodable="true"/>'
            for n, name in enumerate(["Trust", "trust!", "？"])
        )
        + "</Codes></CodeBook>"
    )
    file = tmp_path / "c.qdc"
    file.write_text(xml, encoding="utf-8")
    project, report = refiqda.read_project(file)
    assert project.codebook["code_id"].tolist() == ["trust", "trust-2", "code"]
    assert project.codebook["code"].tolist() == ["Trust", "trust!", "？"]
    assert report.counts["codes"] == 3


def test_a_codebook_file_brings_its_sets(tmp_path) -> None:
    file = tmp_path / "c.qdc"
    file.write_text(
        f'<CodeBook xmlns="urn:QDA-XML:codebook:1.0" origin="Tool"><Codes><Code guid="{guid(1)}" name="A" '
        f'isCodable="true"/></Codes><Sets><Set guid="{guid(2)}" name="S"><MemberCode guid="{guid(1)}"/></Set></Sets>'
        "</CodeBook>"
    )
    project, report = refiqda.read_project(file)
    assert project.set_members.to_numpy().tolist() == [["s", "code", "a"]]
    assert report.problems == {}


def test_a_selection_given_as_area_and_as_text_is_coded_once(tmp_path) -> None:
    coding = f'<Coding guid="{{}}" creatingUser="{guid(1)}"><CodeRef targetGUID="{guid(2)}"/></Coding>'
    xml = (
        f'<Project xmlns="urn:QDA-XML:project:1.0" name="P"><Users><User guid="{guid(1)}" name="R"/></Users><CodeBook>'
        f'<Codes><Code guid="{guid(2)}" name="A" isCodable="true"/></Codes></CodeBook><Sources>'
        f'<PDFSource guid="{guid(3)}">'
        f'<PDFSelection guid="{guid(4)}" page="0" firstX="0" firstY="0" secondX="1" secondY="1">'
        f"{coding.format(guid(5))}</PDFSelection>"
        f'<Representation guid="{guid(6)}"><PlainTextContent>One two</PlainTextContent>'
        f'<PlainTextSelection guid="{guid(4)}" startPosition="4" endPosition="7">{coding.format(guid(7))}'
        "</PlainTextSelection></Representation></PDFSource></Sources></Project>"
    )
    project, report = refiqda.read_project(zipped(tmp_path / "x.qdpx", {"project.qde": xml}))
    area, text = row(project.segments, kind="pdf area"), row(project.segments, kind="text")
    assert area["twin"] == text["segment_id"]
    assert (area["codes"], text["codes"]) == ("", "a")
    assert report.not_represented["codings given a second time, on the area of a text selection"] == 1


def test_strict_refuses_what_is_otherwise_a_warning(tmp_path) -> None:
    file = one_source(tmp_path / "x.qdpx", None, [(0, 3), (4, 7)])
    assert refiqda.import_project(file, tmp_path / "a").warnings() != []
    with pytest.raises(CompendiumError, match="is not in the file"):
        refiqda.import_project(file, tmp_path / "b", strict=True)
    assert not (tmp_path / "b").exists()


def test_a_folder_with_other_files_is_not_replaced(tmp_path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "thesis.docx").write_text("years of work")
    with pytest.raises(CompendiumError, match="holds other files"):
        refiqda.import_project(walks(tmp_path), out)
    assert (out / "thesis.docx").read_text() == "years of work"
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_an_earlier_import_is_replaced_whole(tmp_path) -> None:
    refiqda.import_project(walks(tmp_path), tmp_path / "out")
    refiqda.import_project(one_source(tmp_path / "x.qdpx", TEXT, [(4, 7)]), tmp_path / "out", replace=True)
    assert sorted(path.name for path in (tmp_path / "out" / "texts").iterdir()) == ["d0001.txt"]
    assert refiqda.load_project(tmp_path / "out").about["name"] == "One"


def test_two_imports_give_the_same_bytes(tmp_path) -> None:
    for name in ("a", "b"):
        refiqda.import_project(walks(tmp_path), tmp_path / name)
    first, second = (
        {
            path.relative_to(tmp_path / name): path.read_bytes()
            for path in (tmp_path / name).rglob("*")
            if path.is_file()
        }
        for name in ("a", "b")
    )
    assert first == second


def test_the_manifest_keeps_the_report(imported, tmp_path) -> None:
    refiqda.import_project(walks(tmp_path), tmp_path / "out")
    kept = json.loads((tmp_path / "out" / "project.json").read_text())["import"]
    assert kept["origin"] == "Hand-written"
    assert kept["not_represented"] == {
        "attachments that are not in the file": 3,
        "edges": 1,
        "graphs": 1,
        "vertices": 2,
    }
    assert kept["selections_on_word_boundaries"] == 7


def test_imported_tables_pass_the_checks_of_transcribed_evidence(imported) -> None:
    from compendium.evidence import codebook, segments

    project = imported[0]
    assert segments.check(project.segments.astype(object).fillna(""), codebook.check(project.codebook)) is not None
