"""The book: chapters share one count of chapters, one bibliography and their cross-references, on pages and in PDF.

Expected numbers are derived by hand from Quarto's rules for books: the preface and the references have no
number, floats count within a chapter, an appendix bears a letter.
"""

from __future__ import annotations

from pathlib import Path

import pypdf
import pytest

from tests.render.test_paper import Reader, squeezed

PAGES = {
    "index.html": ["Preface"],
    "manuscript/thesis/01-begin.html": ["1 Beginning", "1.1 Background"],
    "manuscript/thesis/02-middle.html": ["2 The middle", "2.1 Pictures"],
    "manuscript/thesis/references.html": ["References"],
    "manuscript/thesis/90-appendix.html": ["A Extra matter"],
}
CAPTIONS = {
    "manuscript/thesis/01-begin.html": ["Table 1.1: The first table, from [2]."],
    "manuscript/thesis/02-middle.html": [
        "Figure 2.1: The first figure, after [4]. It shows 42 places.",
        "Figure 2.2: The second figure.",
        "Table 2.1: The second table.",
        "Table 2.2: A wide table of 42 rows.",
    ],
}
SENTENCES = [
    "A fixture thesis; see Chapter 2.",
    "As Figure 2.2 shows, in Chapter 2. Then [1] and the next chapter.",
    "After Chapter 1, in Section 1.1, stands Table 1.1, then Table 2.2, from [1, 3].",
    "Equation 2.1 holds.",
    "See Figure 2.1 and Section 2.1.",
    "An appendix with Equation A.1; it is Appendix A.",
]
REFERENCES = ["1 Beta B.", "2 Delta D.", "3 Alpha A, Bee B, Cee C, et al.", "4 Institute of Gamma."]


@pytest.fixture(scope="module")
def thesis(rendered: Path) -> Path:
    return rendered / "_output/thesis"


@pytest.fixture(scope="module")
def pages(thesis: Path) -> dict[str, Reader]:
    return {name: Reader(thesis / name) for name in PAGES}


def test_pages_bear_their_numbers(pages: dict[str, Reader]) -> None:
    assert {name: page.parts["heading"] for name, page in pages.items()} == PAGES
    assert {name: page.parts["caption"] for name, page in pages.items() if page.parts["caption"]} == CAPTIONS
    whole = " ".join(page.text for page in pages.values())
    for sentence in SENTENCES:
        assert sentence in whole


def test_one_bibliography_in_order_of_the_whole_book(pages: dict[str, Reader]) -> None:
    listed = pages["manuscript/thesis/references.html"].text
    places = [listed.index(reference) for reference in REFERENCES]
    assert places == sorted(places)
    assert all("ref-beta2021" not in page.ids for name, page in pages.items() if "references" not in name)


def test_every_link_leads_to_a_page_and_a_place(pages: dict[str, Reader], thesis: Path) -> None:
    checked = 0
    for name, page in pages.items():
        for link in page.links:
            path, _, place = link.partition("#")
            if ":" in path:
                continue
            target = (thesis / name).parent / path if path else thesis / name
            assert target.resolve().is_file(), (name, link)
            if place:
                other = target.resolve().relative_to(thesis.resolve()).as_posix()
                assert place in pages[other].ids, (name, link)
                checked += 1
    assert checked > 20


def test_pdf_is_one_book(thesis: Path) -> None:
    pdf = pypdf.PdfReader(thesis / "thesis.pdf")
    pages = [squeezed(page.extract_text()) for page in pdf.pages]
    text = " ".join(pages)
    assert pdf.metadata.title == "A thesis of fixtures"
    assert pages[0].startswith("A thesis of fixtures")
    assert pages[1].startswith("Contents Preface")
    assert pages[2].startswith("List of figures Figure 2.1: The first figure")
    assert pages[3].startswith("List of tables Table 1.1: The first table")
    for sentence in [*SENTENCES, *(caption for captions in CAPTIONS.values() for caption in captions)]:
        assert sentence in text
    listed = next(page for page in pages if page.startswith("References"))
    places = [listed.index(reference) for reference in REFERENCES]
    assert places == sorted(places)


def test_a_wide_table_lies_on_its_side(thesis: Path) -> None:
    pdf = pypdf.PdfReader(thesis / "thesis.pdf")
    wide = [page for page in pdf.pages if "Table 2.2: A wide" in page.extract_text().replace("\u00a0", " ")]
    assert [page.mediabox.width > page.mediabox.height for page in wide][-1] is True
