"""The submission pack: title page, main document, figures at print resolution, valid JATS, the same bytes."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from pathlib import Path

import pytest

from compendium.errors import CompendiumError
from compendium.render.sources import Line, Source
from compendium.writing import submission
from tests.render.conftest import fixture_project

docx = pytest.importorskip("docx", reason="python-docx is not installed: Word files cannot be read back")
TEAM = "The invented team"
SECRET = "They wrote every word"


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory, project: Path) -> Path:
    """Return a project with a paper of one author group, a recorded figure and table, a checklist and a letter."""
    root = fixture_project(tmp_path_factory.mktemp("submission"), project)
    (root / "data").mkdir(exist_ok=True)
    (root / "data/srqr.csv").write_text(
        "number,item,group,topic,reporting,sections\n1,a,title-abstract,b,reported,title\n2,c,d,e,partly,sec-methods\n"
    )
    (root / "build/results/tables").mkdir(exist_ok=True)
    (root / "build/results/tables/small.csv").write_text("Site,N\nA,3\n")
    (root / "build/results/tables/small.md").write_text(
        "::: {#tbl-small}\n\n| Site | N |\n| --- | --: |\n| A | 3 |\n\nA small table\n:::\n"
    )
    draw(root / "build/results/figures/drawn")
    (root / submission.reporting.PAPER).write_text(f"""---
title: A study of something
author:
  - name:
      family: {TEAM}
    affiliations:
      - name: Institute of Invention
abstract: |
  An abstract of a study of something that ends here.
---

# Methods {{#sec-methods}}

We looked at @fig-drawn and @tbl-small.

![A drawn figure](/build/results/figures/drawn){{#fig-drawn fig-alt="A box in blue on white"}}

{{{{< include /build/results/tables/small.md >}}}}

# Statements {{.unnumbered #sec-paper-statements}}

## Contributors {{.unnumbered #sec-paper-contributors}}

{SECRET}, said {TEAM}.

## Funding {{.unnumbered #sec-paper-funding}}

None at all.

# SRQR checklist {{.unnumbered #sec-srqr}}

{{{{< include /build/places/srqr.md >}}}}
""")
    authors = (project / "manuscript/paper/_authors.yml").read_text("utf-8").replace("The ICS compendium team", TEAM)
    (root / "manuscript/paper/_authors.yml").write_text(authors, "utf-8")
    (root / submission.SUPPLEMENT).write_text("---\ntitle: More\n---\n\nMuch more to read.\n")
    (root / submission.COVER_LETTER).write_text("---\ntitle: Letter\n---\n\nDear editors.\n")
    return root


def draw(stem: Path) -> None:
    from compendium.figures import style

    figure = style.blank(85, 40)
    style.page(figure).plot([5, 80], [5, 35])
    style.save(figure, stem, alt="A line that rises from left to right", title="A drawn figure")


@pytest.fixture(scope="module")
def folder(sources: Path) -> Path:
    files = submission.pack(sources)
    assert files[0].name == submission.ARCHIVE
    return files[0].parent


def words(path: Path) -> str:
    return "\n".join(paragraph.text for paragraph in docx.Document(path).paragraphs)


def test_the_main_document_names_its_authors_for_reviews_are_open(folder: Path) -> None:
    text = words(folder / "main-document.docx")
    assert TEAM in text
    assert SECRET in text
    assert [path for path in folder.rglob("*") if "blind" in path.name] == []


def test_the_main_document_has_line_numbers_double_spacing_and_no_pictures(folder: Path) -> None:
    name = "main-document.docx"
    document = docx.Document(folder / name)
    assert document.styles["Body Text"].paragraph_format.line_spacing == 2.0
    assert document.styles["First Paragraph"].paragraph_format.line_spacing == 2.0
    with zipfile.ZipFile(folder / name) as archive:
        text = archive.read("word/document.xml").decode("utf-8")
        assert not [member for member in archive.namelist() if "media" in member]
        assert "media/" not in archive.read("word/_rels/document.xml.rels").decode("utf-8")
    assert text.count("<w:lnNumType") == text.count("<w:sectPr") == 1
    assert "<w:drawing" not in text
    assert "A drawn figure" in words(folder / name)
    assert [cell.text for cell in document.tables[0].rows[1].cells] == ["A", "3"]


def test_title_page_and_letter_stand_alone_without_numbered_lines(folder: Path) -> None:
    for name, said in (("title-page.docx", TEAM), ("cover-letter.docx", "Dear editors.")):
        assert said in words(folder / name)
        with zipfile.ZipFile(folder / name) as archive:
            assert "lnNumType" not in archive.read("word/document.xml").decode("utf-8")
    assert "Guarantor" in words(folder / "title-page.docx")


def test_figures_have_print_resolution_and_vectors(folder: Path) -> None:
    from PIL import Image

    with Image.open(folder / "figures/figure-1.tif") as picture:
        assert picture.info["dpi"] == (submission.DPI, submission.DPI)
        assert picture.width == pytest.approx(85 / 25.4 * submission.DPI, abs=2)
    assert "<svg" in (folder / "beside/figures/figure-1.svg").read_text("utf-8")
    pdfium = pytest.importorskip("pypdfium2", reason="pypdfium2 is not installed: no PDF can be read back")
    page = pdfium.PdfDocument(folder / "beside/figures/figure-1.pdf")[0]
    assert page.get_width() == pytest.approx(85 / 25.4 * 72, abs=1)


def test_tables_are_editable_and_come_with_their_data(folder: Path) -> None:
    (table,) = docx.Document(folder / "beside/tables.docx").tables
    assert [[cell.text for cell in row.cells] for row in table.rows] == [["Site", "N"], ["A", "3"]]
    assert (folder / "beside/tables/small.csv").read_text("utf-8") == "Site,N\nA,3\n"


def test_the_checklist_stands_alone(folder: Path) -> None:
    pdfium = pytest.importorskip("pypdfium2", reason="pypdfium2 is not installed: no PDF can be read back")
    text = pdfium.PdfDocument(folder / "srqr.pdf")[0].get_textpage().get_text_range()
    assert "SRQR checklist" in text
    assert "Methods" in text


def test_jats_names_the_packs_files_and_the_group_of_authors(folder: Path) -> None:
    text = (folder / "beside/main-document.xml").read_text("utf-8")
    assert 'xlink:href="../figures/figure-1.tif"' in text
    assert "build/results" not in text
    assert f"<collab>{TEAM}</collab>" in text


def test_jats_of_the_pack_is_valid(folder: Path, jats_faults) -> None:
    assert jats_faults((folder / "beside/main-document.xml").read_bytes()) == []


def test_the_manifest_lists_every_file_with_its_digest(folder: Path) -> None:
    listed = dict(re.findall(r"^\| (\S+) \| .* \| `([0-9a-f]{64})` \|$", (folder / "MANIFEST.md").read_text(), re.M))
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    assert set(listed) == set(files) - {"MANIFEST.md", submission.ARCHIVE}
    assert set(submission.PACKED) <= set(listed)
    assert {name: hashlib.sha256(files[name].read_bytes()).hexdigest() for name in listed} == listed


def test_the_archive_holds_every_file(folder: Path) -> None:
    with zipfile.ZipFile(folder / submission.ARCHIVE) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert held == {name: data for name, data in files.items() if name != submission.ARCHIVE}


def test_a_second_pack_has_identical_bytes(sources: Path, folder: Path) -> None:
    first = (folder / submission.ARCHIVE).read_bytes()
    submission.pack(sources)
    assert (folder / submission.ARCHIVE).read_bytes() == first


def test_what_the_supplement_holds_leaves_the_main_document() -> None:
    def source(*texts: str) -> Source:
        return Source("paper.qmd", {}, tuple(Line(text, "paper.qmd", at) for at, text in enumerate(texts, 1)))

    paper = source(
        "# Methods {#sec-methods}", "More in the [annex](#sec-annex), and [here](#sec-methods); see @tbl-x.",
        "# Annex {.unnumbered #sec-annex}", "## Part", "::: {#tbl-x}", "# Checklist {#sec-srqr}", "[Annex](#sec-annex)",
    )  # fmt: skip
    kept = submission.without_supplement(paper, source("# Annex {#sec-annex}", "Other words."))
    assert [line.text for line in kept.lines] == [
        "# Methods {#sec-methods}", f"More in the annex, and [here](#sec-methods); see {submission.SUPPLIED}.",
        "# Checklist {#sec-srqr}", "Annex",
    ]  # fmt: skip


def test_a_missing_figure_is_an_error(sources: Path) -> None:
    with pytest.raises(CompendiumError, match="the figure is missing"):
        submission._figure(sources, "nowhere", sources / "out", "figure-1")


def test_rezipping_changes_only_what_it_should() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in ("a.xml", "b.xml", "media/c.png"):
            archive.writestr(name, name)
    content = submission.rezipped(out.getvalue(), {"a.xml": str.upper}, lambda name: "media" not in name)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == {"a.xml": b"A.XML", "b.xml": b"b.xml"}
