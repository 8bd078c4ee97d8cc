"""Marks around the values that prose takes from the results, from the source through Pandoc to a web page.

A shortcode is replaced before Pandoc reads the text, so nothing would say any more which number is which value. Three
characters of Unicode's private use area carry the key through Pandoc's reader; in its tree they become spans
(``class="value"``, ``data-value`` the key), which `compendium.render.furnish` turns into links. With Quarto
`values.lua` makes the same spans.
"""

from __future__ import annotations

import re
from typing import Any

from compendium.render import nodes
from compendium.render.nodes import Node

OPEN, PARTED, CLOSE = "\ue000", "\ue001", "\ue002"
MARK = re.compile(f"{OPEN}[^{PARTED}]*{PARTED}|{CLOSE}")
PIECES = re.compile(f"([{OPEN}{PARTED}{CLOSE}])")
CLASS = "value"
PLAIN = ("#", "|", "+")
"""Beginnings of lines in which no value is marked: headings, whose anchors come from their words, and tables."""


def marked(key: str, printed: str) -> str:
    """Return a value's printed form between marks."""
    return f"{OPEN}{key}{PARTED}{printed}{CLOSE}"


def unmarked(text: str) -> str:
    """Return text without marks."""
    return MARK.sub("", text) if OPEN in text or CLOSE in text else text


def spanned(tree: Any) -> Any:
    """Return Pandoc's tree with spans in place of marks; marks in attributes, code and raw markup just go."""
    if isinstance(tree, str):
        return unmarked(tree)
    if isinstance(tree, dict):
        return {key: spanned(value) for key, value in tree.items()}
    if not isinstance(tree, list):
        return tree
    words = [_is_marked(item) for item in tree]
    items = [item if word else spanned(item) for item, word in zip(tree, words, strict=True)]
    return _joined(items) if any(words) else items


def _is_marked(item: Any) -> bool:
    return isinstance(item, dict) and item.get("t") == "Str" and bool(PIECES.search(item["c"]))


def _joined(inlines: list[Node]) -> list[Node]:
    """Return inlines in which what stands between two marks is a span; a mark without its fellow goes."""
    done: list[Node] = []
    opened: list[Node] | None = None
    key: str | None = None
    for item in inlines:
        if item["t"] != "Str":
            (done if opened is None else opened).append(item)
            continue
        for piece in PIECES.split(item["c"]):
            if piece == OPEN:
                done += opened or []
                opened, key = [], ""
            elif piece == PARTED:
                continue
            elif piece == CLOSE:
                if opened is not None:
                    done.append({"t": "Span", "c": [nodes.attr("", [CLASS], [["data-value", str(key)]]), opened]})
                opened = None
            elif piece and opened is not None and key == "":
                key = piece
            elif piece:
                (done if opened is None else opened).append({"t": "Str", "c": piece})
    return done + (opened or [])


def without_spans(tree: Any) -> Any:
    """Return Pandoc's tree with the text of these spans in their place, for formats that know no links to values."""
    return nodes.walk(tree, lambda node: node["c"][1] if node["t"] == "Span" and CLASS in node["c"][0][1] else None)


def merged(tree: Any) -> Any:
    """Return Pandoc's tree with words that touch as one word, as its reader gives them."""
    if isinstance(tree, dict):
        return {key: merged(value) for key, value in tree.items()}
    if not isinstance(tree, list):
        return tree
    done: list[Any] = []
    for item in map(merged, tree):
        if done and all(isinstance(word, dict) and word.get("t") == "Str" for word in (done[-1], item)):
            done[-1] = {"t": "Str", "c": done[-1]["c"] + item["c"]}
        else:
            done.append(item)
    return done
