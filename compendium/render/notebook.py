"""An executed notebook as a page: its prose, its code and what the code showed."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

from compendium.errors import CompendiumError
from compendium.render.sources import Line, Project, Source

ANSI = re.compile(r"\x1b\[[0-9;]*m")


def notebook_source(project: Project, file: str) -> Source:
    """Return a notebook's Markdown with its outputs; shortcodes and cross-references are left as they stand."""
    try:
        notebook = json.loads((project.root / file).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise CompendiumError(
            "the executed notebook is missing", file=file, expected="the chain to have run"
        ) from error
    except ValueError as error:
        raise CompendiumError("this is not a notebook", file=file) from error
    language = notebook.get("metadata", {}).get("kernelspec", {}).get("language", "python")
    parts: list[str] = []
    title = ""
    for cell in notebook.get("cells", []):
        text = _joined(cell.get("source"))
        tags = cell.get("metadata", {}).get("tags", [])
        if cell.get("cell_type") == "markdown":
            heading = re.match(r"#\s+(.+)", text)
            if heading and not title:
                title, text = heading[1].strip(), text[heading.end() :].lstrip("\n")
            parts.append(text)
        elif cell.get("cell_type") == "code" and "remove-cell" not in tags:
            if text.strip():
                classes = " .parameters" if {"parameters", "injected-parameters"} & set(tags) else ""
                parts.append(_fenced(text, f"{{.{language} .cell-code{classes}}}"))
            parts += [shown for output in cell.get("outputs", []) if (shown := _output(output, cell))]
    body = "\n\n".join(parts)
    title = title or file.rsplit("/", 1)[-1].removesuffix(".ipynb")
    head = ["---", f"title: {json.dumps(title, ensure_ascii=False)}", "---", ""]
    lines = tuple(Line(text, file, 1) for text in [*head, *body.split("\n")])
    return Source(file, {"title": title}, lines, len(head))


def _joined(value: Any) -> str:
    return "".join(value) if isinstance(value, list) else str(value or "")


def _fenced(text: str, opening: str) -> str:
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    ticks = "`" * (longest + 1)
    return f"{ticks} {opening}\n{text.rstrip()}\n{ticks}"


def _output(output: dict[str, Any], cell: dict[str, Any]) -> str:
    kind = output.get("output_type")
    if kind == "stream":
        return _fenced(ANSI.sub("", _joined(output.get("text"))), "{.cell-output}")
    if kind == "error":
        return _fenced(ANSI.sub("", "\n".join(output.get("traceback", []))), "{.cell-output .error}")
    data = output.get("data", {})
    if "text/markdown" in data:
        return _joined(data["text/markdown"])
    if "text/html" in data:
        return "::: {.cell-output .table-scroll}\n" + _fenced(_joined(data["text/html"]), "{=html}") + "\n:::"
    metadata = cell.get("metadata", {})
    alt = str(metadata.get("fig-alt") or metadata.get("alt") or "The figure that this cell draws")
    alt = alt.replace("[", "(").replace("]", ")")
    if "image/svg+xml" in data:
        encoded = base64.b64encode(_joined(data["image/svg+xml"]).encode()).decode()
        return f"![{alt}](data:image/svg+xml;base64,{encoded})\\"
    for mime in ("image/png", "image/jpeg"):
        if mime in data:
            encoded = "".join(_joined(data[mime]).split())
            return f"![{alt}](data:{mime};base64,{encoded})\\"
    if "text/plain" in data:
        return _fenced(ANSI.sub("", _joined(data["text/plain"])), "{.cell-output}")
    return ""
