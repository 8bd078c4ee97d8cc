"""Values keep their keys from the source to a web page, and leave no trace in any other format."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from compendium.render import nodes, valuemarks

WORDS = st.lists(st.text("abc.%–", min_size=1, max_size=4), min_size=1, max_size=3).map(" ".join)
KEYS = st.from_regex(r"[a-c]{1,2}(\.[a-c-]{1,2})?", fullmatch=True)


def parsed(text: str) -> list:
    """Return words as Pandoc's reader gives them: by spaces."""
    return [{"t": "Para", "c": nodes.text(text)}]


@given(st.lists(st.tuples(KEYS, WORDS, WORDS), min_size=1, max_size=4))
def test_every_value_becomes_a_span_with_its_key(pieces: list[tuple[str, str, str]]) -> None:
    text = "".join(valuemarks.marked(key, printed) + after for key, printed, after in pieces)
    tree = valuemarks.spanned(parsed(text))
    found: list[tuple[str, str]] = []

    def visit(node: dict) -> None:
        if node["t"] == "Span":
            found.append((nodes.pair(node["c"][0], "data-value"), nodes.plain(node["c"][1])))

    nodes.walk(tree, visit)
    assert found == [(key, printed) for key, printed, _ in pieces]
    plain = "".join(printed + after for _, printed, after in pieces)
    assert valuemarks.merged(valuemarks.without_spans(tree)) == parsed(plain)
    assert valuemarks.unmarked(text) == plain


def test_a_mark_that_is_cut_off_goes_and_its_words_stay() -> None:
    opened = f"{valuemarks.OPEN}a.b{valuemarks.PARTED}32"
    quoted = [{"t": "Quoted", "c": [{"t": "DoubleQuote"}, [{"t": "Str", "c": opened}]]}]
    assert nodes.plain(valuemarks.spanned(quoted)) == "“32”"
    assert valuemarks.spanned([{"t": "Str", "c": "32" + valuemarks.CLOSE}]) == [{"t": "Str", "c": "32"}]


def test_marks_in_attributes_and_code_just_go() -> None:
    text = valuemarks.marked("a.b", "32")
    code = {"t": "Code", "c": [["", [], [["title", text]]], text]}
    assert valuemarks.spanned([code]) == [{"t": "Code", "c": [["", [], [["title", "32"]]], "32"]}]
