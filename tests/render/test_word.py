"""Word files: fields that Word counts and renews, sections for wide tables, a title block, styles of a template."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import docx
import pytest
from docx.oxml.ns import qn
from lxml import etree

from compendium.render import word, wordtables
from tests.render.test_paper import CAPTIONS, TITLE, squeezed


@pytest.fixture(scope="module")
def file(rendered: Path) -> Path:
    return rendered / "_output/paper/paper.docx"


@pytest.fixture(scope="module")
def document(file: Path):
    return docx.Document(str(file))


def fields(element) -> list[tuple[str, str]]:
    """Return the fields of a part as (code, words shown), from the markers alone."""
    found, state = [], "outside"
    for run in element.iter(qn("w:r")):
        mark = run.find(qn("w:fldChar"))
        if mark is not None:
            state = mark.get(qn("w:fldCharType"))
            if state == "begin":
                found.append(["", ""])
        elif state in ("begin", "separate"):
            place = 0 if state == "begin" else 1
            tag = "w:instrText" if state == "begin" else "w:t"
            found[-1][place] += "".join(item.text or "" for item in run.iter(qn(tag)))
    return [(code.strip(), shown) for code, shown in found]


def bookmarks(body) -> dict[str, str]:
    """Return what each bookmark stands around, in words."""
    around: dict[str, str] = {}
    open_now: dict[str, str] = {}
    for item in body.iter():
        if item.tag == qn("w:bookmarkStart"):
            open_now[item.get(qn("w:id"))] = item.get(qn("w:name"))
            assert item.get(qn("w:name")) not in around, "a bookmark is defined twice"
            around[item.get(qn("w:name"))] = ""
        elif item.tag == qn("w:bookmarkEnd"):
            open_now.pop(item.get(qn("w:id")))
        elif item.tag == qn("w:t"):
            for name in open_now.values():
                around[name] += item.text or ""
    assert not open_now
    return around


def test_captions_count_by_fields_and_references_point_at_them(document) -> None:
    body = document.element.body
    found, around = fields(body), bookmarks(body)
    counted = [(code.split()[1], shown) for code, shown in found if code.startswith("SEQ ")]
    captions = [item for item in counted if item[0] != "Equation"]
    assert captions == [tuple(re.match(r"(\w+) (\d+)", caption).groups()) for caption in CAPTIONS]
    assert [shown for name, shown in counted if name == "Equation"] == ["1", "2"]
    references = [(code.split()[1], shown) for code, shown in found if code.startswith("REF ")]
    assert len(references) > 10
    for name, shown in references:
        assert around[name] == shown, "a field shows what its bookmark holds, so no update is needed"
    assert {"Figure\u00a01", "Table\u00a02", "2", "2.2"} <= {shown for _, shown in references}
    left = [
        link for link in body.iter(qn("w:hyperlink")) if re.match("(fig|tbl|sec|eq)-", link.get(qn("w:anchor"), ""))
    ]
    assert left == []


def test_a_numbered_equation_stands_between_tabs_and_holds_no_number_itself(document) -> None:
    numbered = [item for item in document.element.body.iter(qn("w:p")) if item.find(qn("m:oMath")) is not None]
    lined = [item for item in numbered if item.find(f"{qn('w:pPr')}/{qn('w:tabs')}") is not None]
    assert ["".join(word.text for word in item.iter(qn("w:t"))) for item in lined] == ["(1)", "(2)"]
    formulas = ["".join(word.text for word in item.iter(qn("m:t"))) for item in lined]
    assert formulas[1] == "p=a/b"
    assert not formulas[0].endswith(")")


def test_rows_stay_whole_with_their_notes_and_empty_cells_in_small_type() -> None:
    cell = "<w:tc><w:tcPr/><w:p>{}</w:p></w:tc>"
    look = '<w:pPr><w:pStyle w:val="Tabletext"/></w:pPr>'
    row = f"<w:tr>{cell.format(look + '<w:r><w:t>x</w:t></w:r>')}{cell.format('')}</w:tr>"
    notes = '<w:bookmarkEnd w:id="1"/><w:p><w:pPr><w:pStyle w:val="Tablenotes"/></w:pPr></w:p>'
    body = ElementTree.fromstring(f'<w:body xmlns:w="{wordtables.WORD}"><w:tbl>{row * 2}</w:tbl>{notes}</w:body>')
    wordtables.rows_kept(body)
    wordtables.rows_kept(body)  # what is done already stays
    assert len(list(body.iter(qn("w:cantSplit")))) == 2
    assert [wordtables.style_of(paragraph) for paragraph in body.find(qn("w:tbl")).iter(qn("w:p"))] == ["Tabletext"] * 4
    kept = [paragraph.find(f"{qn('w:pPr')}/{qn('w:keepNext')}") is not None for paragraph in body.iter(qn("w:p"))]
    assert kept == [True, True, True, True, False], "a short table stays on one page with its notes"
    long = ElementTree.fromstring(f'<w:body xmlns:w="{wordtables.WORD}"><w:tbl>{row * 20}</w:tbl>{notes}</w:body>')
    wordtables.rows_kept(long)
    assert [row.find(f".//{qn('w:keepNext')}") is not None for row in long.iter(qn("w:tr"))] == [False] * 19 + [True]


def test_nothing_asks_at_opening(file: Path) -> None:
    with zipfile.ZipFile(file) as archive:
        settings = archive.read("word/settings.xml").decode("utf-8")
        assert "updateFields" not in settings
        assert 'w:name="compatibilityMode"' in settings
        assert 'w:themeFontLang w:val="en-GB"' in settings
        assert not re.search(r"w:dirty=", archive.read("word/document.xml").decode("utf-8"))


def test_captions_of_tables_hold_no_stray_colon(document) -> None:
    titles = [item.get(qn("w:val")) for item in document.element.body.iter(qn("w:tblCaption"))]
    assert titles == [caption.partition(": ")[2] for caption in CAPTIONS if caption.startswith("Table")]
    captions = [item for item in document.paragraphs if item.style.name == "Table Caption"]
    for paragraph in captions:
        label = [run for run in paragraph.runs if run.style.name == "Caption label"]
        assert squeezed("".join(run.text for run in label)) == squeezed(paragraph.text.partition(":")[0] + ":")


def test_the_title_block_stands_before_the_abstract(document) -> None:
    shown = [(item.style.name, squeezed(item.text)) for item in document.paragraphs]
    names = [style for style, _ in shown]
    assert names[:3] == ["Title", "Subtitle", "Author"]
    assert shown[2][1] == "Ada Example1, Ben van Sample2,1"
    places = [shown.index(("Front matter", text)) for text in ("1 School of Fixtures, London, UK", "6 May 2024")]
    assert 2 < places[0] < places[1] < names.index("Abstract Title") < names.index("Abstract")
    assert document.core_properties.title == TITLE
    assert document.core_properties.author == "Ada Example; Ben van Sample"
    assert document.core_properties.language == "en-GB"


def test_a_wide_table_has_a_landscape_section_to_itself(document) -> None:
    across = [section.orientation for section in document.sections]
    assert across.count(1) == 1, "one wide table, one landscape section"
    assert across[0] == 0
    body = list(document.element.body)
    wide = document.tables[-1]._tbl
    ends = [
        place
        for place, item in enumerate(body)
        if item.tag == qn("w:sectPr") or item.find(f".//{qn('w:sectPr')}") is not None
    ]
    section = next(place for place in ends if place >= body.index(wide))
    before = max(place for place in ends if place < body.index(wide))
    inside = [item for item in body[before + 1 : section + 1] if item.tag == qn("w:tbl")]
    assert inside == [wide]
    size = body[section].find(f".//{qn('w:pgSz')}")
    assert int(size.get(qn("w:w"))) > int(size.get(qn("w:h")))


def test_columns_fill_the_room_of_their_section(document) -> None:
    for table in document.tables:
        widths = [int(item.get(qn("w:w"))) for item in table._tbl.tblGrid]
        assert sum(widths) <= 29.7 / 2.54 * 1440 - 2 * wordtables.LANDSCAPE_MARGINS["left"]
        for row in table.rows:
            assert [int(cell._tc.tcPr.find(qn("w:tcW")).get(qn("w:w"))) for cell in row.cells] == widths
        assert table.rows[0]._tr.find(f".//{qn('w:tblHeader')}") is not None, "its head is repeated"


def test_pages_and_lines_are_numbered_under_a_running_title(document) -> None:
    for section in document.sections:
        assert section._sectPr.find(qn("w:lnNumType")).get(qn("w:restart")) == "continuous"
        assert "PAGE" in section.footer._element.xml
        assert fields(section.header._element) == [("TITLE", TITLE)]


def test_a_short_title_runs_over_the_pages(file: Path) -> None:
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["docProps/custom.xml"] = b'<p><property name="short-title"><vt:lpwstr>A &amp; B</vt:lpwstr></property></p>'
    assert word._running_title(parts) == ("A & B", 'DOCPROPERTY "short-title"')


def test_finishing_twice_changes_nothing(file: Path) -> None:
    once = file.read_bytes()
    with zipfile.ZipFile(io.BytesIO(word.finished(once))) as again, zipfile.ZipFile(io.BytesIO(once)) as first:
        assert again.read("word/document.xml") == first.read("word/document.xml")


def test_every_part_is_sound_xml_that_ignores_no_unknown_prefix(file: Path) -> None:
    with zipfile.ZipFile(file) as archive:
        for name in archive.namelist():
            if name.endswith((".xml", ".rels")):
                root = etree.fromstring(archive.read(name))
                ignored = root.get("{http://schemas.openxmlformats.org/markup-compatibility/2006}Ignorable", "")
                assert set(ignored.split()) <= set(root.nsmap), name


def test_every_style_that_the_text_uses_is_the_templates(document, project: Path) -> None:
    template = docx.Document(str(project / "manuscript/templates/reference.docx"))
    known = {style.name for style in template.styles}
    used = {item.style.name for item in document.paragraphs}
    used |= {item.style.name for table in document.tables for cell in table._cells for item in cell.paragraphs}
    assert used <= known


def test_names_of_bookmarks_are_words_own() -> None:
    names = {word.reference_name(f"fig-{number}", part) for number in range(200) for part in ("", "number")}
    assert len(names) == 400
    assert all(re.fullmatch(r"_Ref\d{9}", name) for name in names)
