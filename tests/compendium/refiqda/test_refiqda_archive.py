"""Hostile and damaged files: one clear sentence each, nothing outside the target, nothing half written."""

from __future__ import annotations

import io
import stat
import struct
import subprocess
import sys
import tracemalloc
import zipfile
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from refiqda_projects import guid, one_source, schema_faults, walks_parts, zipped

from compendium import refiqda
from compendium.errors import CompendiumError
from compendium.refiqda import archive
from compendium.refiqda.writing import project_bytes

PROJECT = '<Project xmlns="urn:QDA-XML:project:1.0" name="P">{}</Project>'
CODE = f'<Code guid="{guid(1)}" name="A" isCodable="true"/>'


def refusal(file: Path, tmp_path: Path) -> str:
    """Import, expect a refusal, and see that nothing was written anywhere."""
    before = set(tmp_path.rglob("*"))
    with pytest.raises(CompendiumError) as refused:
        refiqda.import_project(file, tmp_path / "target" / "out")
    after = set(tmp_path.rglob("*")) - {tmp_path / "target"}
    assert after == before
    sentence = str(refused.value)
    assert sentence.startswith(str(file))
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert len(sentence) < 600
    return sentence


def written(path: Path, content: bytes | str) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_no_such_file(tmp_path) -> None:
    assert "there is no such file" in refusal(tmp_path / "x.qdpx", tmp_path)


def test_an_empty_file(tmp_path) -> None:
    assert "the file is empty (0 bytes)" in refusal(written(tmp_path / "x.qdpx", b""), tmp_path)


def test_not_a_zip_at_all(tmp_path) -> None:
    sentence = refusal(written(tmp_path / "x.qdpx", b"%PDF-1.7 thesis"), tmp_path)
    assert "neither a zip archive nor XML" in sentence
    assert "25 50 44 46" in sentence


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_a_truncated_zip(tmp_path, share: float) -> None:
    whole = zipped(tmp_path / "whole.qdpx", walks_parts()).read_bytes()
    cut = written(tmp_path / "x.qdpx", whole[: int(len(whole) * share)])
    assert "cut off or damaged" in refusal(cut, tmp_path)


@pytest.mark.parametrize(
    "name", ["../evil.txt", "sources/../../evil.txt", "/etc/evil.txt", "C:\\evil.txt", "..\\evil.txt"]
)
def test_zip_slip(tmp_path, name: str) -> None:
    file = zipped(tmp_path / "x.qdpx", {"project.qde": PROJECT.format(""), name: "evil"})
    assert "names a part outside itself" in refusal(file, tmp_path)


def test_a_symbolic_link(tmp_path) -> None:
    link = zipfile.ZipInfo("sources/link.txt")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "x.qdpx", "w") as file:
        file.writestr("project.qde", PROJECT.format(""))
        file.writestr(link, "/etc/passwd")
    assert "symbolic link" in refusal(tmp_path / "x.qdpx", tmp_path)


@pytest.mark.parametrize("name", ["project.qde", f"sources/{guid(3)}.txt", "sources/film.mp4"])
def test_a_zip_bomb_by_ratio(tmp_path, name: str) -> None:
    parts = {"project.qde": PROJECT.format(""), name: b" " * 20 * 2**20}
    sentence = refusal(zipped(tmp_path / "x.qdpx", parts), tmp_path)
    assert "a zip bomb" in sentence
    assert f"at most {archive.MAX_RATIO} times" in sentence


def test_a_zip_bomb_by_size(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(archive, "MAX_TEXTS", 1000)
    file = one_source(tmp_path / "x.qdpx", b"word " * 300, [])
    assert "the plain texts are too large" in refusal(file, tmp_path)
    monkeypatch.setattr(archive, "MAX_XML", 100)
    assert "the project XML 'project.qde' is too large" in refusal(file, tmp_path)


def test_a_zip_that_lies_about_its_size(tmp_path) -> None:
    """The size a part states is all that is ever unpacked, so a small lie cannot grow into a bomb."""
    parts = {"project.qde": PROJECT.format("<Description>" + "x" * 50_000_000 + "</Description>")}
    data = bytearray(zipped(tmp_path / "big.qdpx", parts).read_bytes())
    true_size = struct.pack("<I", len(parts["project.qde"]))
    while true_size in data:
        place = data.index(true_size)
        data[place : place + 4] = struct.pack("<I", 1000)
    tracemalloc.start()
    sentence = refusal(written(tmp_path / "x.qdpx", bytes(data)), tmp_path)
    assert tracemalloc.get_traced_memory()[1] < 20e6
    tracemalloc.stop()
    assert "damaged" in sentence or "well formed" in sentence


def test_too_many_parts(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(archive, "MAX_MEMBERS", 3)
    parts = {"project.qde": PROJECT.format("")} | {f"sources/{n}.txt": "x" for n in range(5)}
    assert "too many parts" in refusal(zipped(tmp_path / "x.qdpx", parts), tmp_path)


def test_one_part_twice(tmp_path) -> None:
    parts = {"project.qde": PROJECT.format(""), "PROJECT.qde": PROJECT.format("")}
    assert "one part twice" in refusal(zipped(tmp_path / "x.qdpx", parts), tmp_path)


def test_no_project_and_several(tmp_path) -> None:
    assert "holds no project" in refusal(zipped(tmp_path / "x.qdpx", {"a.txt": "x"}), tmp_path)
    parts = {"a.qde": PROJECT.format(""), "b.qde": PROJECT.format("")}
    assert "found a.qde, b.qde" in refusal(zipped(tmp_path / "x.qdpx", parts), tmp_path)


def test_an_encrypted_archive(tmp_path) -> None:
    data = bytearray(zipped(tmp_path / "plain.qdpx", {"project.qde": PROJECT.format("")}).read_bytes())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert "export it without a password" in refusal(written(tmp_path / "x.qdpx", bytes(data)), tmp_path)


@pytest.mark.parametrize(
    "xml",
    [
        '<!DOCTYPE p [<!ENTITY a "b">]>' + PROJECT.format("<Description>&a;</Description>"),
        '<!DOCTYPE p [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + PROJECT.format("<Description>&a;</Description>"),
        '<!DOCTYPE p SYSTEM "http://example.org/p.dtd">' + PROJECT.format(""),
        '<!DOCTYPE p [<!ENTITY % e SYSTEM "http://example.org/e.dtd"> %e;]>' + PROJECT.format(""),
        '<!DOCTYPE p [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'
        + PROJECT.format("<Description>&c;</Description>"),
    ],
)
def test_entities_and_outside_definitions(tmp_path, xml: str) -> None:
    assert "declares a document type" in refusal(zipped(tmp_path / "x.qdpx", {"project.qde": xml}), tmp_path)


@pytest.mark.parametrize(
    ("xml", "says"),
    [
        (PROJECT.format("<Users>"), "not well formed"),
        (PROJECT.format("&nothing;"), "not well formed"),
        ("", "not well formed"),
        ('<?xml version="1.0" encoding="klingon"?>' + PROJECT.format(""), "unknown encoding: klingon"),
        (PROJECT.format("caf\xe9").encode("latin-1"), "not well formed"),
        ("<Project xmlns='http://example.org' name='P'/>", "not a REFI-QDA project or codebook"),
        ("<html/>", "found <html> in namespace ''"),
        ("<Library xmlns='urn:QDA-XML:project:1.0'/>", "not a REFI-QDA project or codebook"),
        (PROJECT.format("<Sets>" * 1000 + "</Sets>" * 1000), "nested too deeply"),
        (PROJECT.format("<CodeBook><Codes>" + "<Code>" * 100_000), "nested too deeply"),
    ],
)
def test_xml_that_is_no_project(tmp_path, xml, says: str) -> None:
    assert says in refusal(zipped(tmp_path / "x.qdpx", {"project.qde": xml}), tmp_path)


@pytest.mark.parametrize(
    ("inside", "says"),
    [
        (f"<CodeBook><Codes>{CODE}{CODE.replace('A', 'B')}</Codes></CodeBook>", "two codes have one GUID"),
        (f"<Users><User guid='{guid(1)}'/><User guid='{{{guid(1)}}}'/></Users>", "two users have one GUID"),
        (f"<Sources><TextSource guid='{guid(1)}'/><PDFSource guid='{guid(1)}'/></Sources>", "have one GUID"),
        (f"<Cases><Case guid='{guid(1)}'/><Case guid='{guid(1).upper()}'/></Cases>", "two cases have one GUID"),
    ],
)
def test_duplicate_guids(tmp_path, inside: str, says: str) -> None:
    file = zipped(tmp_path / "x.qdpx", {"project.qde": PROJECT.format(inside)})
    assert says in refusal(file, tmp_path)


def warning(file: Path, tmp_path: Path) -> tuple[refiqda.Project, str]:
    """Import, expect exactly one warning, and see that strict refuses with the same sentence."""
    report = refiqda.import_project(file, tmp_path / "out")
    (sentence,) = report.warnings()
    with pytest.raises(CompendiumError, match="one|no|not|point"):
        refiqda.import_project(file, tmp_path / "strict", strict=True)
    assert not (tmp_path / "strict").exists()
    return refiqda.load_project(tmp_path / "out"), sentence


def test_a_missing_source_text(tmp_path) -> None:
    project, sentence = warning(one_source(tmp_path / "x.qdpx", None, [(0, 3)]), tmp_path)
    assert sentence.startswith("The text of source 'Talk' is not in the file")
    assert project.segments[["start", "end", "codes"]].to_numpy().tolist() == [[0, 3, "theme"]]


def test_a_text_that_is_not_utf_8(tmp_path) -> None:
    project, sentence = warning(one_source(tmp_path / "x.qdpx", b"caf\xe9 au lait", [(0, 4)]), tmp_path)
    assert "is not UTF-8 (byte 0xe9 at 3)" in sentence
    assert project.texts == {}


@pytest.mark.parametrize(("start", "end"), [(0, 99), (50, 60), (-5, 2), (3, 1), (2, 2), ("x", 3), (10**30, 10**31)])
def test_a_selection_outside_its_text(tmp_path, start, end) -> None:
    file = one_source(tmp_path / "x.qdpx", b"One two three", [(4, 7)] * 30 + [(start, end)])
    project, sentence = warning(file, tmp_path)
    assert f"Selection {guid(1030)} has no place in its text" in sentence
    assert "the text has 13 characters" in sentence
    assert project.segments["start"].isna().tolist() == [False] * 30 + [True]
    assert len(project.codings) == 31


def test_a_code_reference_to_nowhere(tmp_path) -> None:
    parts = walks_parts()
    parts["project.qde"] = parts["project.qde"].replace(
        f'<CodeRef targetGUID="{guid(103)}"/>'.encode(), f'<CodeRef targetGUID="{guid(999)}"/>'.encode(), 1
    )
    project, sentence = warning(zipped(tmp_path / "x.qdpx", parts), tmp_path)
    assert sentence == (
        f"A code reference points to nothing, at segment d0001-0002: no code has the GUID {guid(999)}; it is left out."
    )
    assert len(project.codings) == 14


def test_the_note_of_a_coding_that_is_left_out_is_left_out_too(tmp_path) -> None:
    parts = walks_parts()
    coding = f'<CodeRef targetGUID="{guid(105)}"/><NoteRef'
    assert coding.encode() in parts["project.qde"]
    parts["project.qde"] = parts["project.qde"].replace(coding.encode(), coding.replace("0105", "0999").encode())
    project, report = refiqda.read_project(zipped(tmp_path / "x.qdpx", parts))
    assert list(report.problems) == ["code references that point to nothing", "note references that point to nothing"]
    assert project.note_refs["kind"].tolist() == ["code", "segment", "project"]


def test_other_references_to_nowhere(tmp_path) -> None:
    parts = walks_parts()
    parts["project.qde"] = parts["project.qde"].replace(
        f'<MemberSource targetGUID="{guid(301)}"/>'.encode(), f'<MemberSource targetGUID="{guid(999)}"/>'.encode()
    )
    _, sentence = warning(zipped(tmp_path / "x.qdpx", parts), tmp_path)
    assert "no source has the GUID" in sentence


def test_many_problems_of_a_kind_are_summed_up(tmp_path) -> None:
    file = one_source(tmp_path / "x.qdpx", b"One two three", [(4, 7)] * 400 + [(90, 99)] * 12)
    lines = refiqda.import_project(file, tmp_path / "out").warnings()
    assert len(lines) == 4
    assert lines[-1] == "and 9 more: selections without a place in their text."


# ----- fuzzing -------------------------------------------------------------------------------------------------------


def survives(content: bytes, folder: Path) -> None:
    """Read a file: it is refused in a sentence, or what comes over is valid when exported and comes back the same."""
    file = written(folder / "fuzzed.qdpx", content)
    try:
        project, report = refiqda.read_project(file, study="fuzzed")
    except CompendiumError:
        return
    assert all(line for line in report.lines())
    exported = written(folder / "exported.qdpx", project_bytes(project))
    with zipfile.ZipFile(exported) as packed:
        assert schema_faults(packed.read("project.qde")) == []
    again, _ = refiqda.read_project(exported, study="fuzzed")
    assert again.texts == project.texts
    for name, table in project.tables.items():
        pd.testing.assert_frame_equal(again.tables[name], table, obj=name)


@st.composite
def mutated(draw: st.DrawFn, original: bytes) -> bytes:
    data = bytearray(original)
    for _ in range(draw(st.integers(1, 12))):
        place = draw(st.integers(0, max(len(data) - 1, 0)))
        kind = draw(st.sampled_from(["flip", "cut", "insert", "repeat"]))
        if kind == "flip" and data:
            data[place] = draw(st.integers(0, 255))
        elif kind == "cut":
            del data[place : place + draw(st.integers(1, 60))]
        elif kind == "insert":
            data[place:place] = draw(st.binary(max_size=20))
        else:
            data[place:place] = data[place : place + draw(st.integers(1, 200))]
    return bytes(data)


XML = walks_parts()["project.qde"]
TOKENS = ["999999999999999999", "-1", "", "&#0;", "<Code/>", "</Code>", guid(101), "NaN", "🚌", "urn:x", "\x0b", "1e9"]
FUZZ = settings(
    max_examples=50,
    deadline=timedelta(seconds=30),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=list(HealthCheck),
)


def archive_bytes(parts: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, part in parts.items():
            packed.writestr(name, part)
    return content.getvalue()


@FUZZ
@given(data=mutated(XML))
def test_fuzzed_xml_is_read_or_refused(tmp_path_factory, data: bytes) -> None:
    parts = {**walks_parts(), "project.qde": data}
    survives(archive_bytes(parts), tmp_path_factory.mktemp("fuzz"))


@FUZZ
@given(data=mutated(archive_bytes(walks_parts())))
def test_fuzzed_archives_are_read_or_refused(tmp_path_factory, data: bytes) -> None:
    survives(data, tmp_path_factory.mktemp("fuzz"))


@FUZZ
@given(
    edits=st.lists(st.tuples(st.integers(0, 400), st.sampled_from(TOKENS)), min_size=1, max_size=6),
)
def test_fuzzed_values_are_read_or_refused(tmp_path_factory, edits: list[tuple[int, str]]) -> None:
    """Put strange values into attributes, where the XML stays well formed and the reader has to cope."""
    pieces = XML.decode().split('"')
    for place, token in edits:
        pieces[(2 * place + 1) % (len(pieces) - 1)] = token
    parts = {**walks_parts(), "project.qde": '"'.join(pieces).encode()}
    survives(archive_bytes(parts), tmp_path_factory.mktemp("fuzz"))


@FUZZ
@given(data=st.data())
def test_fuzzed_real_exports_are_read_or_refused(qdpx, tmp_path_factory, data: st.DataObject) -> None:
    file = data.draw(st.sampled_from(sorted(qdpx.glob("*.qdpx"))))
    if data.draw(st.booleans()):
        content = data.draw(mutated(file.read_bytes()))
    else:
        with zipfile.ZipFile(file) as packed:
            parts = {name: packed.read(name) for name in packed.namelist() if not name.endswith("/")}
        inner = next(name for name in parts if name.endswith(".qde"))
        content = archive_bytes({**parts, inner: data.draw(mutated(parts[inner]))})
    survives(content, tmp_path_factory.mktemp("fuzz"))


def test_a_part_that_declares_less_than_it_holds_takes_no_memory(tmp_path: Path) -> None:
    """The sizes in an archive are claims: 64 MiB declared as 100 bytes are never unpacked."""
    text = b"A" * (64 * 2**20)
    project = one_source(tmp_path / "honest.qdpx", text, [(0, 4)]).read_bytes()
    size = len(text).to_bytes(4, "little")
    assert project.count(size) == 2
    (tmp_path / "lies.qdpx").write_bytes(project.replace(size, (100).to_bytes(4, "little")))
    code = (
        "import resource, sys\nfrom compendium.refiqda.archive import Archive\n"
        "archive = Archive(sys.argv[1])\nname = next(n for n in archive._members if n.endswith('.txt'))\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try:\n    archive.text('internal://' + name.rpartition('/')[2])\n"
        "except Exception as error:\n    print(error)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "lies.qdpx"], capture_output=True, text=True, check=True
    )
    said, grown = done.stdout.strip().rsplit("\n", 1)
    assert "damaged" in said
    assert int(grown) < 10_000, "kilobytes"


def test_parts_packed_in_ways_that_unpack_without_bound_are_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.qdpx", "w", zipfile.ZIP_LZMA) as packed:
        packed.writestr("project.qde", "<Project/>")
    with pytest.raises(CompendiumError, match="packed in a way that no export uses"):
        archive.Archive(tmp_path / "x.qdpx")


@pytest.mark.parametrize("page", ["<!DOCTYPE html>\n<html>", "\n <HTML lang='en'>", "\ufeff<!doctype HTML><p>"])
def test_a_saved_web_page_is_called_one(page: str, tmp_path: Path) -> None:
    (tmp_path / "x.qdpx").write_text(page, "utf-8")
    with pytest.raises(CompendiumError, match="a saved web page under another name"):
        archive.Archive(tmp_path / "x.qdpx")


@given(
    st.text(min_size=1).filter(lambda text: any(one in " \n.?" or (one.isascii() and one.isalpha()) for one in text))
)
def test_utf_16_needs_no_mark(text: str) -> None:
    text = text.replace("\0", "").lstrip("\ufeff\ufffe") + " and more words of it."
    for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
        try:
            content = text.encode(encoding)
        except UnicodeEncodeError:
            return
        if content[:2] not in (b"\xff\xfe", b"\xfe\xff") and content[:3] != b"\xef\xbb\xbf":
            assert archive.decoded(content) == (text, False)
