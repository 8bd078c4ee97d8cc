"""Export: valid against the structure of REFI-QDA 1.0, and the same again after an import."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from refiqda_projects import NVIVO, WALKS, guid, one_source, schema_faults, walks

from compendium import refiqda
from compendium.errors import CompendiumError
from compendium.evidence import codebook as codebooks
from compendium.evidence.segments import quotes
from compendium.refiqda.model import canonical_guid, is_guid

EVIDENCE = pd.DataFrame(
    {
        "segment_id": ["s-1", "s-2", "s-3"],
        "study": ["talks", "talks", "talks"],
        "document": ["report", "report", "annex"],
        "section": ["Results > Money", "Results > Time", "Annex 1"],
        "kind": ["displayed", "inline", "inline"],
        "site": ["B", "A;B", ""],
        "speaker": ["Manager", "Nurse", ""],
        "sector": ["council", "nhs", ""],
        "words": ["12", "7", "5"],
        "codes": ["money;trust", "trust", ""],
        "coder": ["Robin", "Robin;Sam", ""],
        "summary": ["Says the fund is late.", "Says time is short.", "Names nobody."],
        "label": ["late fund", "", ""],
    }
)
CODES = pd.DataFrame(
    {"code_id": ["money", "trust"], "code": ["Money", "Trust"], "parent": ["", "money"], "definition": ["Funds.", ""]}
)


def qde(file: Path) -> bytes:
    with zipfile.ZipFile(file) as packed:
        return packed.read("project.qde")


def evidence(folder: Path) -> Path:
    folder.mkdir()
    EVIDENCE.to_csv(folder / "segments.csv", index=False)
    CODES.to_csv(folder / "codebook.csv", index=False)
    return folder


def assert_same(first: refiqda.Project, second: refiqda.Project) -> None:
    assert first.texts == second.texts
    assert first.about == second.about
    for name in refiqda.TABLES:
        pd.testing.assert_frame_equal(first.tables[name], second.tables[name], obj=name)


def round_trip(file: Path, tmp_path: Path) -> None:
    """Import, export, import: the same tables and texts, and a valid file; then the same bytes."""
    refiqda.import_project(file, tmp_path / "first")
    refiqda.export_project(tmp_path / "first", tmp_path / "exported.qdpx")
    assert schema_faults(qde(tmp_path / "exported.qdpx")) == []
    refiqda.import_project(tmp_path / "exported.qdpx", tmp_path / "second")
    assert_same(refiqda.load_project(tmp_path / "first"), refiqda.load_project(tmp_path / "second"))
    refiqda.export_project(tmp_path / "second", tmp_path / "again.qdpx")
    assert (tmp_path / "again.qdpx").read_bytes() == (tmp_path / "exported.qdpx").read_bytes()


def test_the_fixture_survives_the_round_trip(tmp_path) -> None:
    round_trip(walks(tmp_path), tmp_path)


def test_windows_line_ends_and_wide_characters_survive_the_round_trip(tmp_path) -> None:
    text = "Bo: 🚌 late\r\nAsh: yes\rno\n"
    place = text.index("Ash")
    units = len(text[:place].encode("utf-16-le")) // 2
    round_trip(one_source(tmp_path / "x.qdpx", text.encode(), [(units, units + 3)], origin=NVIVO), tmp_path)
    again = refiqda.load_project(tmp_path / "second")
    assert quotes(again.segments, again.texts) == ["Ash"]


def test_projects_with_gaps_survive_the_round_trip(tmp_path) -> None:
    """Texts that are missing, and selections without a place, stay what they are."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    round_trip(one_source(tmp_path / "x.qdpx", None, [(3, 9), (5, 2)]), tmp_path / "a")
    round_trip(one_source(tmp_path / "y.qdpx", b"One two", [(4, 7), (50, 60)]), tmp_path / "b")


def test_real_exports_survive_the_round_trip(qdpx, tmp_path) -> None:
    files = sorted(qdpx.glob("*.qdpx"))
    assert files
    for file in files:
        (tmp_path / file.stem).mkdir()
        round_trip(file, tmp_path / file.stem)


def test_the_validator_accepts_real_exports_and_our_fixture_but_for_graphs(qdpx) -> None:
    for file in sorted(qdpx.glob("*.qdpx")):
        with zipfile.ZipFile(file) as packed:
            name = next(name for name in packed.namelist() if name.lower().endswith(".qde"))
            assert [fault for fault in schema_faults(packed.read(name)) if "Graphs" not in fault] == [], file.name
    assert schema_faults((WALKS / "project.qde").read_bytes()) == ["Project/Graphs: unknown element"]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("<Users>", "<Users><Group/>", "children are Group User User"),
        (' isCodable="false"', "", "no attribute isCodable"),
        ('color="#2A7F62"', 'color="green"', "attribute color"),
        ('begin="10"', 'begin="ten"', "attribute begin"),
        (f'<User guid="{guid(1)}"', '<User guid="1"', "attribute guid"),
        ("<IntegerValue>61</IntegerValue>", "<IntegerValue>old</IntegerValue>", "not a plain integer"),
        ("<Notes>", "<Notes>memo", "stray text"),
        ("urn:QDA-XML:project:1.0", "urn:QDA-XML:project:0:4", "root is"),
        ("<Sources>", "<Sources/><Sources>", "children are"),
    ],
)
def test_the_validator_finds_faults(old: str, new: str, fault: str) -> None:
    xml = (WALKS / "project.qde").read_text("utf-8")
    assert old in xml
    faults = [found for found in schema_faults(xml.replace(old, new)) if "Graphs: unknown" not in found]
    assert any(fault in found for found in faults), faults


def test_exported_codebooks_are_valid_and_come_back_equal(tmp_path) -> None:
    refiqda.import_project(walks(tmp_path), tmp_path / "out")
    refiqda.export_codebook(tmp_path / "out", tmp_path / "codes.qdc")
    assert schema_faults((tmp_path / "codes.qdc").read_bytes()) == []
    again, _ = refiqda.read_project(tmp_path / "codes.qdc")
    pd.testing.assert_frame_equal(again.codebook, refiqda.load_project(tmp_path / "out").codebook)


def test_evidence_without_texts_becomes_a_project_tools_can_open(tmp_path) -> None:
    refiqda.export_project(evidence(tmp_path / "talks"), tmp_path / "talks.qdpx")
    assert schema_faults(qde(tmp_path / "talks.qdpx")) == []
    project, report = refiqda.read_project(tmp_path / "talks.qdpx")
    assert quotes(project.segments, project.texts) == [
        "s-1: Says the fund is late.",
        "s-2: Says time is short.",
        "s-3: Names nobody.",
    ]
    assert project.segments["codes"].tolist() == ["money;money/trust", "money/trust", ""]
    assert project.segments["site"].tolist() == ["B", "A;B", ""]
    assert project.segments["document"].tolist() == ["talks, report", "talks, report", "talks, annex"]
    assert sorted(project.codings["coder"]) == ["Robin", "Robin", "Robin", "Sam"]
    assert (report.aligned, report.selections) == (3, 3)


def test_transcribed_evidence_of_this_compendium_exports(project, tmp_path) -> None:
    folders = sorted(path.parent for path in (project / "data" / "coding").glob("*/segments.csv"))
    if not folders:
        pytest.skip("no coded evidence in data/coding yet")
    for folder in folders:
        file = refiqda.export_project(folder, tmp_path / f"{folder.name}.qdpx")
        assert schema_faults(qde(file)) == []
        again, _ = refiqda.read_project(file)
        assert len(again.segments) == len(pd.read_csv(folder / "segments.csv"))


def test_codes_travel_with_what_they_are_for_and_not_for(project, tmp_path) -> None:
    """Out as description of the code, as tools show it, and back into the columns: as project and as codebook."""
    folder = project / "data" / "coding" / "prucomm"
    guidance = ["code", "definition", "use", "not_use", "typical"]
    wanted = codebooks.ordered(codebooks.load(folder / "codebook.csv"))[guidance].to_numpy().tolist()
    for file in (
        refiqda.export_project(folder, tmp_path / "out.qdpx"),
        refiqda.export_codebook(folder, tmp_path / "out.qdc"),
    ):
        assert refiqda.read_project(file)[0].codebook[guidance].to_numpy().tolist() == wanted
    shown = (tmp_path / "out.qdc").read_text("utf-8")
    limits = next(row for row in wanted if row[0] == "Framework limits")
    assert (
        f"<Description>{limits[1]}\n\nUse: {limits[2]}\nDo not use: {limits[3]}\nTypical segment: {limits[4]}<" in shown
    )


def test_imports_from_before_the_guidance_are_still_read(tmp_path) -> None:
    refiqda.import_project(walks(tmp_path), tmp_path / "out")
    file = tmp_path / "out" / "codebook.csv"
    pd.read_csv(file, dtype=str).drop(columns=["use", "not_use", "typical"]).to_csv(file, index=False)
    assert set(refiqda.load_project(tmp_path / "out").codebook["use"]) == {""}


def test_codes_without_guids_get_the_same_ones_every_time() -> None:
    first, second = (refiqda.writing.code_guids(codebooks.check(CODES)) for _ in range(2))
    assert first == second
    assert all(is_guid(identifier) for identifier in first.values())
    assert len(set(first.values())) == 2


def test_guids_are_compared_without_braces_and_case() -> None:
    assert canonical_guid(f"{{{guid(10).upper()}}}") == guid(10)
    assert is_guid(canonical_guid("code 7"))
    assert canonical_guid("code 7") != canonical_guid("code 8")


def test_a_character_xml_cannot_hold_is_refused(tmp_path) -> None:
    codes = CODES.assign(definition=["bell \x07", ""])
    with pytest.raises(CompendiumError, match=r"U\+0007"):
        refiqda.export_codebook(codes, tmp_path / "codes.qdc")
    assert not (tmp_path / "codes.qdc").exists()


@pytest.mark.parametrize("name", ["codes.xml", "codes", "codes.qdpx"])
def test_an_export_of_an_unknown_kind_is_refused(tmp_path, name: str) -> None:
    with pytest.raises(CompendiumError, match="expected"):
        refiqda.export_codebook(CODES, tmp_path / name)
    with pytest.raises(CompendiumError, match="expected"):
        refiqda.export_project(evidence(tmp_path / "talks"), tmp_path / "project.zip")


def test_a_folder_that_is_no_project_is_refused(tmp_path) -> None:
    with pytest.raises(CompendiumError, match="neither an imported project nor coded evidence"):
        refiqda.load_project(tmp_path)
    refiqda.import_project(walks(tmp_path), tmp_path / "out")
    (tmp_path / "out" / "segments.csv").unlink()
    with pytest.raises(CompendiumError, match="not an imported project"):
        refiqda.load_project(tmp_path / "out")


NAMES = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"), max_size=12
)


@st.composite
def codebook_frames(draw: st.DrawFn) -> pd.DataFrame:
    size = draw(st.integers(1, 8))
    rows = []
    for number in range(size):
        rows.append(
            {
                "code_id": f"c{number}",
                "code": draw(NAMES) or "x",
                "parent": draw(st.sampled_from(["", *(f"c{above}" for above in range(number))])),
                "definition": draw(NAMES),
                "colour": draw(st.sampled_from(["", "#123", "#AbCdEf"])),
            }
        )
    return pd.DataFrame(rows)


@settings(suppress_health_check=list(HealthCheck), max_examples=40)
@given(frame=codebook_frames())
def test_any_codebook_is_valid_and_comes_back(tmp_path_factory, frame: pd.DataFrame) -> None:
    folder = tmp_path_factory.mktemp("codes")
    file = refiqda.export_codebook(frame, folder / "codes.qdc")
    assert schema_faults(file.read_bytes()) == []
    again = refiqda.read_project(file)[0].codebook
    wanted = codebooks.ordered(codebooks.check(frame))
    assert again["code"].tolist() == wanted["code"].tolist()
    assert again["definition"].tolist() == wanted["definition"].tolist()
    assert again["colour"].tolist() == wanted["colour"].tolist()
    assert codebooks.ordered(again)["level"].tolist() == wanted["level"].tolist()
    shutil.rmtree(folder)
