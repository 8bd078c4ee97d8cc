"""A document's text as the checks read it."""

from __future__ import annotations

from compendium.render.sources import Line, Source
from compendium.writing import prose


def test_a_document_that_shows_no_line_has_none() -> None:
    text = prose.Text(Source("a.qmd", {}, ()), "paper")
    assert (text.lines, text.masked, text.text) == ([], [], "")


def test_every_line_has_its_text_with_code_blanked_out() -> None:
    lines = tuple(Line(text, "a.qmd", number) for number, text in enumerate(("A `b` c.", "", "D."), start=1))
    text = prose.Text(Source("a.qmd", {}, lines), "paper")
    assert text.masked == ["A     c.", "", "D."]
    assert [line.number for line in text.lines] == [1, 2, 3]
