"""PDF files that screen readers can read and archives keep: what PDF/UA-1 and PDF/A-2a ask for, read back."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pypdf
import pytest

from compendium.errors import CompendiumError
from compendium.render import pandoc
from tests.render.test_paper import ALTS, TITLE


@pytest.fixture(scope="module")
def file(rendered: Path) -> Path:
    return rendered / "_output/paper/paper.pdf"


@pytest.fixture(scope="module")
def pdf(file: Path) -> pypdf.PdfReader:
    return pypdf.PdfReader(file)


def elements(pdf: pypdf.PdfReader) -> Iterator[dict]:
    """Yield the elements of the structure tree in reading order."""
    waiting = [pdf.trailer["/Root"]["/StructTreeRoot"]["/K"]]
    while waiting:
        item = waiting.pop(0).get_object()
        if isinstance(item, list):
            waiting[:0] = item
        elif isinstance(item, dict) and "/S" in item:
            yield item
            waiting[:0] = [item["/K"]] if "/K" in item else []


def test_the_file_says_which_standards_it_keeps(pdf: pypdf.PdfReader) -> None:
    about = pdf.trailer["/Root"]["/Metadata"].get_object().get_data().decode("utf-8")
    assert "<pdfuaid:part>1<" in about
    assert "<pdfaid:part>2<" in about
    assert "<pdfaid:conformance>A<" in about
    assert pdf.trailer["/Root"]["/OutputIntents"], "PDF/A names its colours"


def test_title_author_language_and_bookmarks(pdf: pypdf.PdfReader) -> None:
    root = pdf.trailer["/Root"]
    assert root["/Lang"] == "en-GB"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert pdf.metadata.title == TITLE
    assert "Ada Example" in pdf.metadata.author
    assert pdf.outline


def test_headings_tables_and_figures_are_tagged(pdf: pypdf.PdfReader) -> None:
    kinds = [item["/S"] for item in elements(pdf)]
    levels = [int(kind[2:]) for kind in kinds if re.fullmatch(r"/H\d", kind)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert kinds.count("/Table") == 3
    assert kinds.count("/TH") >= 3, "heads of tables are heads"
    assert [str(item["/Alt"]) for item in elements(pdf) if item["/S"] == "/Figure"] == ALTS


def test_every_font_is_inside(pdf: pypdf.PdfReader) -> None:
    fonts = [font.get_object() for page in pdf.pages for font in page["/Resources"].get("/Font", {}).values()]
    assert fonts
    for font in fonts:
        inner = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
        assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(inner["/FontDescriptor"])
        assert "/ToUnicode" in font


def test_a_picture_without_alt_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"></svg>')
    markup = '#set document(title: "T")\n#image("/a.svg")\n'
    assert pandoc.pdf(markup, tmp_path, "x").startswith(b"%PDF")
    with pytest.raises(CompendiumError, match="alt"):
        pandoc.pdf(markup, tmp_path, "x", ["ua-1"])
    with pytest.raises(CompendiumError, match="ua-9"):
        pandoc.pdf(markup, tmp_path, "x", ["ua-9"])


def test_a_checker_finds_nothing(file: Path) -> None:
    qpdf = shutil.which("qpdf")
    if qpdf is None:
        pytest.skip("qpdf is not installed: the structure of the PDF is not checked")
    done = subprocess.run([qpdf, "--check", file], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
