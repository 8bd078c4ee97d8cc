"""Quarto's project files, checked for what would otherwise vanish without a word or stop far from its cause."""

from __future__ import annotations

import difflib
import re
from pathlib import Path
from typing import Any

from compendium.errors import CompendiumError
from compendium.texts import read_text, read_yaml

KNOWN_FORMATS = (
    "html", "pdf", "docx", "jats", "typst", "latex", "epub", "odt", "revealjs", "pptx", "beamer", "gfm", "markdown",
    "md", "commonmark", "ipynb", "rtf", "rst", "asciidoc", "asciidoctor", "docbook", "dashboard", "mediawiki", "jira",
    "org", "plain", "native", "json", "context", "tei", "man", "icml", "html4", "html5", "email", "llms",
    "jats_archiving", "jats_publishing", "jats_articleauthoring",
)  # fmt: skip


def read(path: Path) -> dict[str, Any]:
    """Return what a Quarto project file says.

    Raises
    ------
    CompendiumError : a key holds another kind of thing than Quarto expects, or there is no such format.
    """
    content = read_yaml(path)

    def refuse(problem: str, key: str, found: Any, expected: Any) -> None:
        at = (
            n
            for n, text in enumerate(read_text(path).split("\n"), start=1)
            if re.match(rf"\s*{re.escape(key)}\s*:", text)
        )
        raise CompendiumError(problem, file=path.name, row=next(at, None), column=key, found=found, expected=expected)

    for key in ("project", "book", "website", "format"):
        value = content.get(key)
        if not isinstance(value, dict | None) and not (key == "format" and isinstance(value, str)):
            refuse("the setting must be a mapping", key, value, f"lines 'name: value' below '{key}:'")
    within = content.get("project") or {}
    for key, kinds in (("output-dir", str), ("type", str), ("render", str | list), ("resources", str | list)):
        if key in within and not isinstance(within[key], kinds):
            refuse(
                "the setting is of the wrong kind", key, within[key], "a text" if kinds is str else "a list of texts"
            )
    formats = content.get("format") or {}
    for name in [formats] if isinstance(formats, str) else formats:
        bare = str(name).split("+")[0]
        if bare not in KNOWN_FORMATS and bare.rpartition("-")[2] not in KNOWN_FORMATS:  # an extension's: acm-pdf
            near = difflib.get_close_matches(bare, KNOWN_FORMATS, 1)
            refuse(
                "there is no such format", str(name), name, near or "one of Quarto's, such as html, docx, jats or typst"
            )
    return content
