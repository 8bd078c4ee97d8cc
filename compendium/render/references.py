"""Cross-references: which number every section, figure, table and equation bears, and what a reference says.

Numbers and words follow Quarto's documentation: figures, tables and equations count through an article and
start again in each chapter of a book ("Figure 4.1"); sections are numbered "1.2"; a chapter is "Chapter 4".
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from compendium.errors import CompendiumError
from compendium.render import nodes
from compendium.render.nodes import NBSP, Node
from compendium.render.sources import Source

KINDS = {"fig": "Figure", "tbl": "Table", "sec": "Section", "eq": "Equation"}
REFERENCE = re.compile(r"^([a-zA-Z]+)-.+")
UNSUPPORTED = {"lst", "thm", "lem", "cor", "prp", "cnj", "def", "exm", "exr", "nte", "tip", "wrn", "imp", "cau"}
EQUATION_LABEL = re.compile(r"^\{#(eq-[^}\s]+)\}(.*)$", re.DOTALL)


@dataclass(frozen=True)
class Label:
    """A thing that can be referred to: its identifier, its printed number, and how it is called."""

    identifier: str
    name: str
    number: str
    page: str = ""

    def words(self) -> str:
        """Return what a reference prints, as in ``Figure 1`` (with a no-break space)."""
        return f"{self.name}{NBSP}{self.number}"


@dataclass
class Numbering:
    """Counts through one article, or through the chapters of one book."""

    number_sections: bool = True
    in_book: bool = False  # in a book only chapters have numbers; a preface has none
    depth: int = 6
    labels: dict[str, Label] = field(default_factory=dict)
    identifiers: set[str] = field(default_factory=set)
    chapter: str = ""
    page: str = ""
    appendix: bool = False
    _sections: list[int] = field(default_factory=list)
    _floats: dict[str, int] = field(default_factory=dict)
    _source: Source | None = None

    def number(
        self, blocks: list[Node], source: Source, *, chapter: str = "", page: str = "", appendix: bool = False
    ) -> list[Node]:
        """Return ``blocks`` with a ``number`` attribute on every numbered header, figure, table and equation."""
        self._sections, self._floats = [], {}
        self.chapter, self.page, self.appendix, self._source = chapter, page, appendix, source
        return nodes.walk(blocks, self._visit)

    def _visit(self, node: Node) -> Node | list[Node] | None:
        kind = node["t"]
        if kind == "Header":
            return self._header(node)
        if kind == "Figure" and node["c"][0][0].startswith("fig-"):
            node["c"][0] = self._float(node["c"][0], "fig")
        elif kind == "Table" and node["c"][0][0].startswith("tbl-"):
            node["c"][0] = self._float(node["c"][0], "tbl")
        elif kind == "Div" and node["c"][0][0].startswith(("tbl-", "fig-")):
            return self._captioned(node)
        elif kind in ("Para", "Plain"):
            node["c"] = self._equations(node["c"])
        return None

    def _define(self, identifier: str, name: str, number: str) -> None:
        assert self._source is not None
        if identifier in self.labels:
            file, row = self._source.locate(rf"#{re.escape(identifier)}(?![\w-])")
            raise CompendiumError(f"the label '{identifier}' is defined twice", file=file, row=row)
        self.labels[identifier] = Label(identifier, name, number, self.page)

    def _header(self, node: Node) -> Node:
        level, attributes, content = node["c"]
        identifier, classes, _ = attributes
        number = ""
        if self.number_sections and "unnumbered" not in classes and level <= self.depth:
            if self.chapter:
                parts = [self.chapter]
                if level > 1:
                    self._count(level - 1)
                    parts += [str(count) for count in self._sections]
                number = ".".join(parts)
            elif not self.in_book:
                self._count(level)
                number = ".".join(str(count) for count in self._sections)
        if identifier.startswith("sec-"):
            is_chapter = bool(self.chapter) and level == 1
            name = ("Appendix" if self.appendix else "Chapter") if is_chapter else "Section"
            self._define(identifier, name, number)
        elif identifier in self.identifiers:
            stem, count = identifier, 2
            while f"{stem}-{count}" in self.identifiers:
                count += 1
            identifier = f"{stem}-{count}"
        if identifier:
            self.identifiers.add(identifier)
        pairs = [*attributes[2], ["number", number]] if number else attributes[2]
        return {"t": "Header", "c": [level, [identifier, classes, pairs], content]}

    def _count(self, level: int) -> None:
        self._sections = (self._sections + [0] * level)[:level]
        self._sections[level - 1] += 1

    def _next(self, kind: str) -> str:
        self._floats[kind] = self._floats.get(kind, 0) + 1
        return f"{self.chapter}.{self._floats[kind]}" if self.chapter else str(self._floats[kind])

    def _float(self, attributes: list, kind: str) -> list:
        number = self._next(kind)
        self._define(attributes[0], KINDS[kind], number)
        return [attributes[0], attributes[1], [*attributes[2], ["number", number]]]

    def _captioned(self, node: Node) -> Node | list[Node]:
        """Return a ``::: {#tbl-x}`` or ``::: {#fig-x}`` div as one table or figure with its caption."""
        assert self._source is not None
        attributes, content = node["c"]
        kind = attributes[0].split("-")[0]
        file, row = self._source.locate(rf"\{{[^}}]*#{re.escape(attributes[0])}(?![\w-])")
        if len(content) != 2 or content[-1]["t"] != "Para":
            raise CompendiumError(
                f"the div '{attributes[0]}' must hold one {KINDS[kind].lower()} and, last, its caption",
                file=file,
                row=row,
                found=[item["t"].lower() for item in content],
            )
        body, caption = content
        words = [None, [{"t": "Plain", "c": caption["c"]}]]
        attributes = self._float(attributes, kind)
        if kind == "tbl" and body["t"] == "Table":
            merged = [attributes[0], [*attributes[1], *body["c"][0][1]], [*attributes[2], *body["c"][0][2]]]
            return {"t": "Table", "c": [merged, words, *body["c"][2:]]}
        if kind == "fig" and body["t"] == "Figure":
            return {"t": "Figure", "c": [attributes, words, body["c"][2]]}
        if kind == "fig" and body["t"] == "Para":
            return {"t": "Figure", "c": [attributes, words, [{"t": "Plain", "c": body["c"]}]]}
        raise CompendiumError(
            f"the div '{attributes[0]}' must hold one {KINDS[kind].lower()}",
            file=file,
            row=row,
            found=body["t"].lower(),
        )

    def _equations(self, inlines: list[Node]) -> list[Node]:
        result: list[Node] = []
        for node in inlines:
            match = EQUATION_LABEL.match(node["c"]) if node["t"] == "Str" else None
            if match is None:
                result.append(node)
                continue
            while result and result[-1]["t"] in ("Space", "SoftBreak"):
                result.pop()
            if not result or result[-1]["t"] != "Math":
                assert self._source is not None
                file, row = self._source.locate(re.escape(match[1]))
                raise CompendiumError(
                    f"the label '{match[1]}' does not follow a displayed equation", file=file, row=row
                )
            number = self._next("eq")
            self._define(match[1], KINDS["eq"], number)
            math = result.pop()
            result.append({"t": "Span", "c": [[match[1], ["equation"], [["number", number]]], [math]]})
            if match[2]:
                result.append({"t": "Str", "c": match[2]})
        return result


def resolved(tree: Any, labels: dict[str, Label], citations: Iterable[str], source: Source) -> Any:
    """Return ``tree`` with every cross-reference replaced by its words and a link.

    Raises CompendiumError, with file and line, for an undefined label or citation key.
    """
    known = set(citations)

    def failed(problem: str, identifier: str, expected: str | None = None, after: str = "") -> CompendiumError:
        file, row = source.locate(rf"@{re.escape(identifier)}(?![\w-])" + after)
        return CompendiumError(problem, file=file, row=row, expected=expected)

    def visit(node: Node) -> Node | list[Node] | None:
        if node["t"] != "Cite":
            return None
        found = node["c"][0]
        types = [_type(item["citationId"]) for item in found]
        if not any(types):
            for item in found:
                if item["citationId"] not in known:
                    raise failed(
                        f"the citation key '{item['citationId']}' is not in the bibliography", item["citationId"]
                    )
            return None
        if not all(types):
            raise failed(
                "a cross-reference and a citation stand together", found[0]["citationId"], "a comma or a word between"
            )
        inlines: list[Node] = []
        for item, kind in zip(found, types, strict=True):
            identifier = item["citationId"]
            lowered = identifier[0].lower() + identifier[1:]
            if kind in UNSUPPORTED:
                raise failed(
                    f"cross-references of type '{kind}' are not in the portable subset",
                    identifier,
                    "fig, tbl, sec or eq",
                )
            label = labels.get(lowered)
            if label is None:
                raise failed(f"the cross-reference '@{identifier}' is not defined", identifier)
            if not label.number:
                raise failed(f"the cross-reference '@{identifier}' leads to an unnumbered heading", identifier)
            if item["citationSuffix"]:
                raise failed(
                    f"words after '@{identifier}' in the brackets would be lost",
                    identifier,
                    "them outside the brackets",
                    r"\s*,?\s*[^\];]+\]",
                )
            if inlines:
                inlines += [{"t": "Str", "c": ","}, {"t": "Space"}]
            if item["citationPrefix"]:
                words = [*item["citationPrefix"], *nodes.text(NBSP + label.number)]
            elif item["citationMode"]["t"] == "SuppressAuthor":
                words = nodes.text(label.number)
            else:
                words = nodes.text(label.words())
            inlines.append(nodes.link(words, f"#{lowered}", "quarto-xref"))
        return inlines

    return nodes.walk(tree, visit)


def is_label(identifier: str) -> bool:
    """Return whether a key such as ``fig-map`` is a cross-reference rather than a citation."""
    return _type(identifier) is not None


def _type(identifier: str) -> str | None:
    match = REFERENCE.match(identifier)
    kind = match[1][0].lower() + match[1][1:] if match else None
    return kind if kind in KINDS or kind in UNSUPPORTED else None


def visible(tree: Any, output: str, profile: str) -> Any:
    """Return ``tree`` with only the conditional content that this format and profile show.

    A callout's leading heading becomes its title here, before sections are counted.
    """
    aliases = {
        "html": {"html"},
        "typst": {"typst", "pdf"},
        "docx": {"docx"},
        "jats": {"jats"},
    }[output]

    def keep(node: Node) -> bool:
        attributes = node["c"][0]
        shown = {"content-visible": True, "content-hidden": False}
        for name, state in shown.items():
            if name in attributes[1]:
                conditions = []
                for key, value in attributes[2]:
                    member = value in aliases if key.endswith("format") else value == profile
                    if key in ("when-format", "when-profile"):
                        conditions.append(member)
                    elif key in ("unless-format", "unless-profile"):
                        conditions.append(not member)
                return all(conditions) == state
        return True

    def unwrap(node: Node) -> Node | list[Node] | None:
        conditional = {"content-visible", "content-hidden"}
        if node["t"] in ("Div", "Span") and conditional & set(node["c"][0][1]):
            return node["c"][1]
        if node["t"] == "Div" and any(name.startswith("callout-") for name in node["c"][0][1]):
            attributes, content = node["c"]
            if content and content[0]["t"] == "Header":
                title = nodes.div([{"t": "Plain", "c": content[0]["c"][2]}], "title-of-callout")
                return {"t": "Div", "c": [attributes, [title, *content[1:]]]}
        return None

    return nodes.walk(nodes.prune(tree, keep), unwrap)
