"""What one format needs: captions, images, callouts, equations, tables and links in the shape its writer takes."""

from __future__ import annotations

import html
import json
import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from compendium.errors import CompendiumError
from compendium.render import nodes, valuemarks
from compendium.render.columns import SIZES, fit_of, table_size
from compendium.render.nodes import NBSP, Node
from compendium.render.sources import Source

CALLOUTS = {"note": "Note", "tip": "Tip", "important": "Important", "warning": "Warning", "caution": "Caution"}
IMAGE_TYPES = (".svg", ".png", ".jpg", ".jpeg", ".gif", ".pdf", ".webp")
TABLE_END = "]]/* end of a table */"
OPENING = 1800  # letters of Typst on the first half of a chapter's first page
KEPT = 0.8  # of a page: a table of up to this height stays on one page, a taller one begins a page of its own


@dataclass
class Page:
    """One output document: its source, where it lands, and the project files it needs beside it."""

    root: Path
    source: Source
    output: str  # html, docx, jats or typst
    path: str = ""  # of the output file, relative to the output folder
    image_extension: str = "svg"
    resolve: Callable[[str], str | None] = lambda path: None  # source (root-relative) -> output path
    assets: set[str] = field(default_factory=set)

    def beside(self, target: str) -> str:
        """Return ``target`` (relative to the output folder) relative to this page."""
        return posixpath.relpath(target, posixpath.dirname(self.path) or ".")

    def rooted(self, path: str) -> str:
        """Return a path of the source relative to the root; a leading ``/`` is the root."""
        folder = posixpath.dirname(self.source.file)
        return posixpath.normpath(path.lstrip("/") if path.startswith("/") else posixpath.join(folder, path))

    def place(self, file: str) -> str:
        """Note that ``file`` goes beside the output, and return its address seen from this page."""
        self.assets.add(file)
        return self.beside(file)


def shaped(tree: Any, page: Page) -> Any:
    """Return a numbered and resolved tree in the shape that the page's format needs."""
    if page.output != "html":
        tree = valuemarks.merged(valuemarks.without_spans(tree))
    return nodes.walk(tree, _Shaper(page).visit)


class _Shaper:
    def __init__(self, page: Page) -> None:
        self.page, self.to = page, page.output

    def visit(self, node: Node) -> Node | list[Node] | None:
        method = getattr(self, f"_{node['t'].lower()}", None)
        return method(node) if method else None

    # -- headings, captions, equations

    def _header(self, node: Node) -> Node:
        level, attributes, content = node["c"]
        number = nodes.pair(attributes, "number")
        attributes = nodes.without(attributes, "number")
        if number:
            content = [nodes.span(nodes.text(number), "header-section-number"), {"t": "Space"}, *content]
        return {"t": "Header", "c": [level, attributes, content]}

    def _label(self, name: str, number: str) -> list[Node]:
        words: list[Node] = [{"t": "Str", "c": f"{name}{NBSP}{number}:"}]
        if self.to == "typst":
            words = [{"t": "Strong", "c": words}]
        return [nodes.span(words, "caption-label"), {"t": "Space"}]

    def _caption(self, caption: list, attributes: list, name: str) -> list:
        number = nodes.pair(attributes, "number")
        if number is None:
            return caption
        blocks = caption[1] or [{"t": "Plain", "c": []}]
        first = {"t": blocks[0]["t"], "c": [*self._label(name, number), *blocks[0]["c"]]}
        return [caption[0], [first, *blocks[1:]]]

    def _span(self, node: Node) -> Node | list[Node] | None:
        attributes, content = node["c"]
        if "holds" in attributes[1]:
            return content  # words with a condition, which `compendium check` judges
        if "equation" not in attributes[1]:
            return None
        number = nodes.pair(attributes, "number") or ""
        if self.to == "typst":
            return [
                nodes.raw_inline("typst", "#numbered-equation["),
                *content,
                nodes.raw_inline("typst", f"][({number})] <{attributes[0]}>"),
            ]
        if self.to == "docx":
            math = content[0]["c"]
            content = [{"t": "Math", "c": [math[0], f"{math[1]} \\qquad({number})"]}]
        elif self.to == "html":
            content = [*content, nodes.span(nodes.text(f"({number})"), "equation-number")]
        return {"t": "Span", "c": [nodes.without(attributes, "number"), content]}

    def _math(self, node: Node) -> list[Node] | None:
        if self.to != "typst":
            return None
        alt = typst_string(" ".join(node["c"][1].split()))  # a reader of TeX, or of its sound, has the formula whole
        return [nodes.raw_inline("typst", f"#[#set math.equation(alt: {alt})\n"), node, nodes.raw_inline("typst", "]")]

    # -- images and figures

    def _image_file(self, path: str) -> str:
        """Return the image's file relative to the root; raises CompendiumError where it is missing."""
        if re.match(r"[a-z][a-z0-9+.-]*:", path):
            self._fail(f"the image '{path}' is not a file of the project", path)
        file = self.page.rooted(path)
        if not file.lower().endswith(IMAGE_TYPES):
            file += "." + self.page.image_extension
        if file.startswith("..") or not (self.page.root / file).is_file():
            self._fail(f"the figure '{path}' is missing", path, f"the file '{file}'")
        return file

    def _fail(self, problem: str, found: str, expected: str | None = None) -> None:
        where, row = self.page.source.locate(re.escape(found))
        raise CompendiumError(problem, file=where, row=row, expected=expected)

    def _image(self, node: Node) -> Node:
        attributes, caption, (path, title) = node["c"]
        if path.startswith("data:"):
            return node
        file = self._image_file(path)
        alt = nodes.pair(attributes, "fig-alt") or nodes.pair(attributes, "alt") or nodes.plain(caption).strip()
        attributes = nodes.without(attributes, "fig-alt", "alt", "fig-align", "lightbox")
        if self.to == "typst":
            width, height = nodes.pair(attributes, "width"), nodes.pair(attributes, "height")
            options = f", alt: {typst_string(alt)}"
            options += f", width: {width}" if width else ""
            options += f", height: {height}" if height else ""
            return nodes.raw_inline("typst", f"#box(image({typst_string('/' + file)}{options}))")
        if self.to == "jats":
            alt = html.escape(alt, quote=False)  # Pandoc writes a JATS alt text as it stands
        if self.to == "docx":
            target = file  # Pandoc runs in the root; Word keeps this path, so it must not name this machine
        else:
            target = self.page.place(file)
            if self.to == "html":
                attributes = [attributes[0], attributes[1], [*attributes[2], ["loading", "lazy"]]]
        return {"t": "Image", "c": [attributes, nodes.text(alt), [target, title]]}

    def _figure(self, node: Node) -> Node | list[Node]:
        attributes, caption, content = node["c"]
        caption = self._caption(caption, attributes, "Figure")
        number = nodes.pair(attributes, "number")
        attributes = nodes.without(attributes, "number")
        if self.to == "typst":
            words = [item for block in caption[1] for item in block["c"]]
            short = shortened(words)
            label = f" <{attributes[0]}>" if attributes[0] else ""
            inner = "\n".join(item["c"][1] for block in content for item in block["c"] if item["t"] == "RawInline")
            outlined = "true" if number else "false"
            return [
                nodes.raw_block("typst", f"#figure([{inner}], kind: image, outlined: {outlined}, caption: ["),
                {
                    "t": "Plain",
                    "c": [
                        nodes.raw_inline("typst", "#caption-text["),
                        *short,
                        nodes.raw_inline("typst", "]["),
                        *words,
                        nodes.raw_inline("typst", "]"),
                    ],
                },
                nodes.raw_block("typst", f"]){label}"),
            ]
        return {"t": "Figure", "c": [attributes, caption, content]}

    # -- tables

    def _table(self, node: Node) -> Node | list[Node]:
        attributes, caption, columns, head, bodies, foot = node["c"]
        caption = self._caption(caption, attributes, "Table")
        numbered = nodes.pair(attributes, "number") is not None
        attributes = nodes.without(attributes, "number", "tbl-colwidths")
        size = "wide" if "landscape" in attributes[1] else table_size(node)
        if self.to in SIZES:
            fit = fit_of(node, self.to, size)
            size = fit.size.name
            columns = [
                [alignment, {"t": "ColWidth", "c": round(share, 4)}]
                for (alignment, _), share in zip(columns, fit.shares, strict=True)
            ]
        if self.to == "typst":
            if numbered:
                words = [item for block in caption[1] for item in block["c"]]
                caption = [
                    None,
                    [
                        {
                            "t": "Plain",
                            "c": [
                                nodes.raw_inline("typst", "#caption-text["),
                                *shortened(words),
                                nodes.raw_inline("typst", "]["),
                                *words,
                                nodes.raw_inline("typst", "]"),
                            ],
                        }
                    ],
                ]
            table = {"t": "Table", "c": [attributes, caption, columns, head, bodies, foot]}
            whole = "kept" if fit.height <= KEPT * fit.size.page else "filled" if size == "wide" else "tall"
            return [
                nodes.raw_block("typst", f"#{size}-table[#{whole}-table["),
                table,
                nodes.raw_block("typst", TABLE_END),
            ]
        if self.to == "html":
            attributes = [attributes[0], [*attributes[1], *([f"{size}-table"] if size != "normal" else [])], []]
        table = {"t": "Table", "c": [attributes, caption, columns, head, bodies, foot]}
        if self.to == "html":
            return nodes.div([table], "table-scroll")
        if self.to == "docx":
            return _cells_styled(table, "Table text" if size == "normal" else f"Table text {size}")
        return table

    # -- divs: callouts and page breaks

    def _div(self, node: Node) -> Node | list[Node] | None:
        attributes, content = node["c"]
        classes = attributes[1]
        if "pagebreak" in classes:
            return {
                "typst": [nodes.raw_block("typst", "#pagebreak(weak: true)")],
                "docx": [nodes.raw_block("openxml", '<w:p><w:r><w:br w:type="page"/></w:r></w:p>')],
                "html": [nodes.div([], "pagebreak")],
                "jats": [],
            }[self.to]
        kind = next((name for name in CALLOUTS if f"callout-{name}" in classes), None)
        if kind is not None:
            return self._callout(attributes, content, kind)
        if self.to == "typst":
            if "table-notes" in classes:
                return [nodes.raw_block("typst", "#table-notes["), *content, nodes.raw_block("typst", "]")]
            if attributes[0] == "refs":
                return [nodes.raw_block("typst", "#reference-list["), node, nodes.raw_block("typst", "]")]
        if self.to == "jats" and "table-notes" in classes:
            foot = "table-wrap-foot"
            return [nodes.raw_block("jats", f"<{foot}>"), *content, nodes.raw_block("jats", f"</{foot}>")]
        if self.to == "docx" and "table-notes" in classes:
            return nodes.div(content, pairs=[["custom-style", "Table notes"]])
        return None

    def _callout(self, attributes: list, content: list[Node], kind: str) -> Node | list[Node]:
        title = nodes.pair(attributes, "title")
        words = nodes.text(title) if title else nodes.text(CALLOUTS[kind])
        if content and content[0]["t"] == "Div" and "title-of-callout" in content[0]["c"][0][1]:
            if title is None:
                words = content[0]["c"][1][0]["c"]
            content = content[1:]
        if self.to == "typst":
            return [
                nodes.raw_block("typst", f"#callout({typst_string(kind)}, ["),
                {"t": "Plain", "c": words},
                nodes.raw_block("typst", "])["),
                *content,
                nodes.raw_block("typst", "]"),
            ]
        if self.to == "docx":
            heading = nodes.div([nodes.para(words)], pairs=[["custom-style", "Callout title"]])
            return [heading, nodes.div(content, pairs=[["custom-style", "Callout"]])]
        if self.to == "jats":
            body = [nodes.para([{"t": "Strong", "c": words}]), *content]
            return {"t": "Div", "c": [[attributes[0], [], []], body]}
        classes = ["callout", *[item for item in attributes[1] if item != "callout"]]
        if nodes.pair(attributes, "collapse") == "true":
            return [
                nodes.raw_block("html", f'<details class="{" ".join(classes)}"><summary class="callout-title">'),
                {"t": "Plain", "c": words},
                nodes.raw_block("html", "</summary>"),
                *content,
                nodes.raw_block("html", "</details>"),
            ]
        pairs = [["role", "note"]]
        inner = [nodes.div([{"t": "Plain", "c": words}], "callout-title"), *content]
        return {"t": "Div", "c": [[attributes[0], classes, pairs], inner]}

    # -- links

    def _link(self, node: Node) -> Node | list[Node] | None:
        attributes, content, (target, title) = node["c"]
        if target.startswith(("#", "//")) or re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:", target):
            return None
        if "quarto-xref" in attributes[1]:
            return None
        path, mark, fragment = target.partition("#")
        file = self.page.rooted(path)
        output = self.page.resolve(file)
        if output is not None:
            if output.startswith("#"):
                return {"t": "Link", "c": [attributes, content, [mark + fragment if mark else output, title]]}
            return {"t": "Link", "c": [attributes, content, [self.page.beside(output) + mark + fragment, title]]}
        if (self.page.root / file).is_dir() or not (self.page.root / file).exists():
            if path.endswith((".html", ".pdf", ".docx", ".xml", ".zip")):  # an output of another profile, or of all
                return None if self.to == "html" else content
            self._fail(f"the link '{target}' leads nowhere", target)
        if path.endswith((".qmd", ".ipynb")) and not file.startswith("build/"):
            if self.to != "html":
                return content
            self._fail(f"the link '{target}' leads to a page that this profile does not render", target)
        if self.to != "html":
            return content  # a file beside the website means nothing inside a document that travels alone
        return {"t": "Link", "c": [attributes, content, [self.page.place(file) + mark + fragment, title]]}


def _cells_styled(table: Node, style: str) -> Node:
    """Return a table whose cells bear a Word paragraph style of their own, for Word lists share the default one."""

    def visit(node: Node) -> Node | None:
        words = nodes.para(node["c"]) if node["t"] == "Plain" else None
        return nodes.div([words], pairs=[["custom-style", style]]) if words else None

    attributes, caption, columns, *parts = table["c"]
    return {"t": "Table", "c": [attributes, caption, columns, *nodes.walk(parts, visit)]}


def typst_string(value: str) -> str:
    """Return a Typst string literal."""
    return json.dumps(value, ensure_ascii=False)


def shortened(inlines: list[Node]) -> list[Node]:
    """Return a caption up to its first full stop, without citations and notes, for a list of figures."""
    result: list[Node] = []
    for node in inlines:
        if node["t"] in ("Note", "Cite"):
            continue
        result.append(node)
        if node["t"] == "Str" and node["c"].endswith((".", "?")) and len(result) > 4:
            result[-1] = {"t": "Str", "c": node["c"].removesuffix(".")}
            break
    while result and result[-1]["t"] in ("Space", "SoftBreak"):
        result.pop()
    return result


def notes_beside_tables(markup: str) -> str:
    """Return Typst markup in which the notes of a table stay with it, and a tall table with the heading before it."""
    heading = r"\n((?:=+ [^\n]+|#heading\([^\n]*\)\[[^\n]*\])\n(?:<[^>\n]+>\n)?)\s*"
    markup = re.sub(heading + r"#wide-table\[#filled-table\[", r"\n#wide-table[#filled-table[\n\1", markup)
    tall = heading + r"#(\w+)-table\[#tall-table\["
    markup = re.sub(tall, r"\n#pagebreak(weak: true)\n#\2-table[#filled-table[\n\1", markup)
    chapters = re.split(r"(?m)^(?==\s|#heading\(level: 1\b)", markup)
    markup = "".join(map(_standing, chapters))
    markup = re.sub(r"#reference-list\[\s*#block\[\s*\] <refs>\s*\]", "", markup)  # nothing cited: else an empty page
    notes = r"\s*(#table-notes\[\n.*?\n\](?=\n|$))"
    return re.sub(re.escape(TABLE_END) + notes, r"\1]]", markup, flags=re.DOTALL)


def _standing(part: str) -> str:
    """Return a chapter in which a short table near the opening stands in its place: none floats above the heading."""
    return part[:OPENING].replace("#kept-table[", "#standing-table[") + part[OPENING:]
