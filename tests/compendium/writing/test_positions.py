"""Places read back from a PDF, against documents whose lines are known because every one of them is broken by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from compendium.errors import CompendiumError

pytest.importorskip("pypdfium2", reason="pypdfium2 is not installed: no PDF can be read back")
typst = pytest.importorskip("typst")

from compendium.writing.positions import Heading, Position, of_sections  # noqa: E402

HEAD = '#set page(paper: "a4", numbering: "1")\n#set par.line(numbering: "1")\n'
ONE = Heading("sec-one", 1, "One")
ONE_A = Heading("sec-one-a", 2, "One, a")
TWO = Heading("sec-two", 1, "Two")


def pdf(folder: Path, body: str, head: str = HEAD) -> Path:
    path = folder / "document.pdf"
    path.write_bytes(typst.compile((head + body).encode("utf-8"), ignore_system_fonts=True, format="pdf"))
    return path


def lines(count: int) -> str:
    return " \\\n".join(f"Text of line {number}" for number in range(count)) + "\n\n"


def test_a_section_runs_from_its_heading_to_the_next(tmp_path: Path) -> None:
    path = pdf(tmp_path, f"= One <sec-one>\n{lines(3)}= Two <sec-two>\n{lines(2)}")
    assert of_sections(path, [ONE, TWO]) == {"sec-one": Position(1, 1, 1, 4), "sec-two": Position(1, 1, 5, 7)}


def test_a_section_holds_its_subsections(tmp_path: Path) -> None:
    path = pdf(tmp_path, f"= One <sec-one>\n{lines(2)}== A <sec-one-a>\n{lines(2)}= Two <sec-two>\n{lines(1)}")
    found = of_sections(path, [ONE, ONE_A, TWO])
    assert found["sec-one"] == Position(1, 1, 1, 6)
    assert found["sec-one-a"] == Position(1, 1, 4, 6)


def test_a_section_crosses_pages(tmp_path: Path) -> None:
    path = pdf(tmp_path, f"= One <sec-one>\n{lines(2)}#pagebreak()\n{lines(3)}= Two <sec-two>\n{lines(1)}")
    assert of_sections(path, [ONE, TWO])["sec-one"] == Position(1, 2, 1, 6)


def test_a_section_that_begins_a_page_leaves_it_to_no_other(tmp_path: Path) -> None:
    path = pdf(tmp_path, f"= One <sec-one>\n{lines(2)}#pagebreak()\n= Two <sec-two>\n{lines(1)}")
    assert of_sections(path, [ONE, TWO])["sec-one"] == Position(1, 1, 1, 3)


def test_numbers_in_the_text_are_no_line_numbers(tmp_path: Path) -> None:
    path = pdf(tmp_path, "= One <sec-one>\n2019 \\\n77 \\\n5\n")
    assert of_sections(path, [ONE])["sec-one"] == Position(1, 1, 1, 4)


def test_without_line_numbers_a_place_is_a_page(tmp_path: Path) -> None:
    path = pdf(tmp_path, f"= One <sec-one>\n{lines(2)}#pagebreak()\n{lines(1)}", head="")
    assert of_sections(path, [ONE])["sec-one"] == Position(1, 2)


def test_a_heading_without_destination_has_no_place(tmp_path: Path) -> None:
    assert of_sections(pdf(tmp_path, f"= One\n{lines(1)}"), [ONE]) == {}


def test_a_passage_is_found_by_its_words_whatever_its_line_breaks(tmp_path: Path) -> None:
    passage = "Words that \\\nbegin a _long_ passage, \\\nand more of its own \\\nuntil the end.\n"
    body = f"= One <sec-one>\n{lines(2)}{passage}"
    found = of_sections(
        pdf(tmp_path, body), [ONE], {"abstract": "Words that begin a long passage. Its own until the end."}
    )
    assert found["abstract"] == Position(1, 1, 4, 7)


def test_a_passage_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CompendiumError, match="does not hold the abstract"):
        of_sections(pdf(tmp_path, lines(2)), [], {"abstract": "Something else altogether"})


def test_what_is_no_pdf_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "broken.pdf"
    path.write_bytes(b"not a PDF")
    with pytest.raises(CompendiumError, match="cannot be read"):
        of_sections(path, [])


@pytest.mark.parametrize(
    ("position", "words"),
    [
        (Position(3, 3), "page 3"),
        (Position(3, 4), "pages 3–4"),
        (Position(3, 3, 7, 7), "page 3, line 7"),
        (Position(3, 4, 70, 95), "pages 3–4, lines 70–95"),
    ],
)
def test_words(position: Position, words: str) -> None:
    assert position.words() == words
