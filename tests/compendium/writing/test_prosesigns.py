"""Clipped prose: what counts as a sentence, a connective and a paragraph, and which paragraphs are named."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from compendium.render.sources import Line
from compendium.writing import prosesigns
from compendium.writing.prosesigns import Paragraph

CLIPPED = "Aims were shared. Manners were not. The way was long."
JOINED = "Aims were shared, although manners were not. The way was long. It led nowhere. Few came back."


def paragraph(text: str) -> Paragraph:
    return Paragraph(Line(text, "chapter.qmd", 1), text)


def of(text: str) -> list[Paragraph]:
    lines = [Line(line, "chapter.qmd", number) for number, line in enumerate(text.split("\n"), start=1)]
    return list(prosesigns.paragraphs(lines, [line.text for line in lines]))


def test_short_sentences_side_by_side_are_clipped_and_one_link_in_four_is_enough() -> None:
    assert paragraph(CLIPPED).clipped
    assert not paragraph(JOINED).clipped
    assert paragraph(JOINED + " None of them spoke.").clipped
    assert not paragraph("Aims were shared. Manners were not.").clipped


def test_long_sentences_need_no_connective() -> None:
    assert not paragraph(f"{'word ' * 19}ends. {'Word ' * 19}ends. {'Word ' * 19}ends.").clipped
    assert paragraph(f"{'word ' * 17}ends. {'Word ' * 17}ends. {'Word ' * 17}ends.").clipped


def test_sentences_end_where_a_reader_ends_them() -> None:
    text = "**Search.** Hayes et al. found 1.04 of them [@hayes2012collaboration]. ‘Why?’ asked one. In 2010 it ended."
    assert [sentence.split()[0].strip("‘?’") for sentence in paragraph(text).sentences] == ["Hayes", "Why", "In"]
    assert paragraph("One (see @fig-a). @fig-b shows two.").sentences[1] == "@fig-b shows two."


def test_so_and_yet_link_only_at_the_beginning_of_a_clause() -> None:
    assert paragraph("It is not so. It is not yet done.").connectives == 0
    assert paragraph("It failed, so they left. Yet they stayed.").connectives == 2
    assert paragraph("Whereas some left, others stayed because they could.").connectives == 2


def test_only_prose_is_read() -> None:
    text = f"""# Heading. Short. Very.

{CLIPPED}

- {CLIPPED}

| {CLIPPED} |
|---|

::: {{.callout-note}}
{CLIPPED}
:::

> {CLIPPED}

{{{{< include table.md >}}}}

{CLIPPED.replace(". ", ".{chr(10)}")}"""
    found = of(text)
    assert [item.start.number for item in found] == [3, len(text.split("\n"))]


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=300))
def test_any_text_is_measured(text: str) -> None:
    for item in of(text):
        assert item.mean_words >= 0
        assert item.connectives >= 0
        assert not item.clipped or len(item.sentences) >= prosesigns.FEWEST
