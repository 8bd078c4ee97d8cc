"""Words are counted as a journal counts them: prose of numbered sections, nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compendium.writing import wordcounts

TEXT = """::: {.callout-note title="Not counted"}
These five words are not.
:::

# Points {.unnumbered #sec-points}

- First point,
  over two lines.
- Second.

# Introduction {#sec-introduction}

One two three [@key2020; see @other2021, p. 3]. Four [five](https://example.org/x) six.

[named]: #sec-introduction

## Below {#sec-below}

::: {#tbl-x}

| a | b |
| - | - |
| 1 | 2 |

A caption that is not counted
:::

::: {.table-notes}
Notes neither.
:::

> A displayed quotation, not counted.

![A caption](figure){#fig-x fig-alt="No alt text"}

Co-operation isn’t new—see @tbl-x.

# End {.unnumbered #sec-end}

Not main text.

## Part of the end {#sec-part}

Nor is this.
"""
BODY = TEXT.splitlines()


def test_a_body_is_split_into_its_sections() -> None:
    found = {section.label: section for section in wordcounts.sections(BODY)}
    assert list(found) == ["sec-points", "sec-introduction", "sec-below", "sec-end", "sec-part"]
    assert [found[label].numbered for label in found] == [False, True, True, False, False]
    assert found["sec-points"].points == ["First point, over two lines.", "Second."]


def test_only_prose_of_numbered_sections_is_main_text() -> None:
    found = wordcounts.sections(BODY)
    words = {section.label: section.words for section in found}
    assert words["sec-introduction"] == 1 + 6
    assert words["sec-below"] == 1 + 3 + 1 + 2
    assert wordcounts.main_text(found) == words["sec-introduction"] + words["sec-below"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 0),
        ("a well-known 1,234.5 people’s", 4),
        ("text [-@key2020] and [see @key2020, p. 3] more", 3),
        ("broken [@one2020;\n@two2021] line", 2),
        ("see [paper-01], [paper-02](#x) and @fig-x.", 6),
        ("*emphasis* and **strength**", 3),
        ("one/two", 2),
        ("half—half", 2),
    ],
)
def test_words(text: str, expected: int) -> None:
    assert wordcounts.count(text) == expected


@given(st.lists(st.text("abcdefgh", min_size=1, max_size=8), max_size=30))
def test_plain_words_are_counted_one_by_one(words: list[str]) -> None:
    assert wordcounts.count(" ".join(words)) == len(words)
