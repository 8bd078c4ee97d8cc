"""Pandoc's document tree in its JSON form: walking it, and the few nodes that rendering makes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Node = dict[str, Any]
Visit = Callable[[Node], "Node | list[Node] | None"]
NBSP = "\N{NO-BREAK SPACE}"


def walk(tree: Any, visit: Visit) -> Any:
    """Return ``tree`` rebuilt bottom up: ``visit`` keeps a node (None), replaces it, or splices a list."""
    if isinstance(tree, list):
        result = []
        for item in tree:
            if isinstance(item, dict) and "t" in item:
                if isinstance(item.get("c"), (list, dict)):
                    item = {"t": item["t"], "c": walk(item["c"], visit)}
                new = visit(item)
                if new is None:
                    result.append(item)
                elif isinstance(new, list):
                    result.extend(new)
                else:
                    result.append(new)
            else:
                result.append(walk(item, visit))
        return result
    if isinstance(tree, dict):
        return {key: walk(value, visit) for key, value in tree.items()}
    return tree


def prune(tree: Any, keep: Callable[[Node], bool]) -> Any:
    """Return ``tree`` without the nodes that ``keep`` refuses, decided before their children are seen."""
    if isinstance(tree, list):
        result = []
        for item in tree:
            if isinstance(item, dict) and "t" in item:
                content = item.get("c")
                if isinstance(content, (list, dict)):  # most nodes are words and spaces, which hold nothing to prune
                    if item["t"] in ("Div", "Span", "CodeBlock", "Code") and not keep(item):
                        continue
                    item = {"t": item["t"], "c": prune(content, keep)}
                result.append(item)
            else:
                result.append(prune(item, keep))
        return result
    if isinstance(tree, dict):
        return {key: prune(value, keep) for key, value in tree.items()}
    return tree


def plain(tree: Any) -> str:
    """Return the text of inlines or blocks, notes left out."""
    if isinstance(tree, list):
        return "".join(plain(item) for item in tree)
    if isinstance(tree, dict):
        kind = tree.get("t")
        if kind == "Str":
            return str(tree["c"])
        if kind in ("Space", "SoftBreak", "LineBreak"):
            return " "
        if kind in ("Code", "Math", "RawInline"):
            return str(tree["c"][1]) if kind != "RawInline" else ""
        if kind in ("Note", "RawBlock"):
            return ""
        if kind == "Quoted":
            left, right = ("‘", "’") if tree["c"][0]["t"] == "SingleQuote" else ("“", "”")
            return left + plain(tree["c"][1]) + right
        if kind in ("Link", "Image", "Span", "Div", "Cite"):
            return plain(tree["c"][1])
        if kind in ("Para", "Plain"):
            return plain(tree["c"]) + " "
        if kind == "Header":
            return plain(tree["c"][2])
        return plain(tree.get("c", []))
    return ""


def attr(identifier: str = "", classes: list[str] | None = None, pairs: list[list[str]] | None = None) -> list:
    """Return a Pandoc attribute triple."""
    return [identifier, classes or [], pairs or []]


def pair(attributes: list, key: str) -> str | None:
    """Return the value of ``key`` among an attribute triple's pairs."""
    for name, value in attributes[2]:
        if name == key:
            return str(value)
    return None


def without(attributes: list, *keys: str) -> list:
    """Return an attribute triple without the pairs named ``keys``."""
    return [attributes[0], attributes[1], [item for item in attributes[2] if item[0] not in keys]]


def text(words: str) -> list[Node]:
    """Return inlines for plain words."""
    result: list[Node] = []
    for index, word in enumerate(words.split(" ")):
        if index:
            result.append({"t": "Space"})
        if word:
            result.append({"t": "Str", "c": word})
    return result


def span(content: list[Node], *classes: str, identifier: str = "") -> Node:
    return {"t": "Span", "c": [attr(identifier, list(classes)), content]}


def div(content: list[Node], *classes: str, identifier: str = "", pairs: list | None = None) -> Node:
    return {"t": "Div", "c": [attr(identifier, list(classes), pairs), content]}


def link(content: list[Node], target: str, *classes: str) -> Node:
    return {"t": "Link", "c": [attr("", list(classes)), content, [target, ""]]}


def para(content: list[Node]) -> Node:
    return {"t": "Para", "c": content}


def raw_inline(form: str, content: str) -> Node:
    return {"t": "RawInline", "c": [form, content]}


def raw_block(form: str, content: str) -> Node:
    return {"t": "RawBlock", "c": [form, content]}


def meta(value: Any) -> Node:
    """Return a plain Python value as Pandoc metadata; strings become inlines, so that writers escape them."""
    if isinstance(value, dict):
        if "t" in value and str(value["t"]).startswith("Meta"):
            return value
        return {"t": "MetaMap", "c": {key: meta(item) for key, item in value.items() if item is not None}}
    if isinstance(value, list):
        return {"t": "MetaList", "c": [meta(item) for item in value]}
    if isinstance(value, bool):
        return {"t": "MetaBool", "c": value}
    return {"t": "MetaInlines", "c": text(str(value))}
