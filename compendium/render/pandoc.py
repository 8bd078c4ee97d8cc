"""The embedded engine's two tools: Pandoc, called as a program, and Typst, called as a library."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from compendium.errors import CompendiumError
from compendium.render import commit, valuemarks
from compendium.render.nodes import Node
from compendium.render.sources import Source

TEMPLATES = Path(__file__).parent / "templates"
WRITERS = {
    "html": "html5",
    "docx": "docx",
    "jats": "jats_publishing",
    "typst": "typst-citations-smart",
}
READER = "markdown"
STANDARDS = ("ua-1", "a-2a")  # of the documents' PDF: for screen readers, and for archives


@cache
def program() -> str:
    """Return the Pandoc that ``pypandoc_binary`` brings."""
    import pypandoc

    try:
        return str(pypandoc.get_pandoc_path())
    except OSError as error:
        raise CompendiumError("Pandoc is missing", expected="the package 'pypandoc_binary' installed") from error


def run(arguments: list[str], given: str | bytes, root: Path, what: str) -> str:
    """Return what Pandoc prints; every warning is an error, for a warning is how a missing thing shows."""
    environment = dict(os.environ, SOURCE_DATE_EPOCH=str(commit.epoch(root)))
    data = given.encode("utf-8") if isinstance(given, str) else given
    done = subprocess.run(
        [program(), *arguments], input=data, cwd=root, env=environment, capture_output=True, check=False
    )
    complaint = done.stderr.decode("utf-8", "replace").strip()
    if done.returncode != 0 or "[WARNING]" in complaint:
        first = re.sub(r"^\[WARNING\]\s*", "", complaint) or f"exit code {done.returncode}"
        raise CompendiumError(f"Pandoc cannot render it ({' '.join(first.split())})", file=what)
    return done.stdout.decode("utf-8")


def parsed(source: Source, root: Path) -> dict[str, Any]:
    """Return a source as Pandoc's JSON tree; a label defined twice is an error."""
    try:
        tree = json.loads(run(["-f", READER, "-t", "json"], source.text, root, source.file))
        return valuemarks.spanned(tree) if valuemarks.OPEN in source.text else tree
    except CompendiumError as error:
        twice = re.search(r"Duplicate identifier '([^']+)'", error.problem)
        if twice is None:
            raise
        defined = re.compile(rf"#{re.escape(twice[1])}(?![\w-])")
        for line in reversed(source.lines):
            if defined.search(line.text):
                problem = f"the label '{twice[1]}' is defined twice"
                raise CompendiumError(problem, file=line.file, row=line.number) from error
        raise


def processed(tree: dict[str, Any], options: list[str], root: Path, what: str) -> dict[str, Any]:
    """Return a tree with its citations resolved."""
    given = json.dumps(tree)
    return json.loads(run(["-f", "json", "-t", "json", "--citeproc", *options], given, root, what))


def written(
    tree: dict[str, Any], output: str, options: list[str], root: Path, what: str, to: Path | None = None
) -> str:
    """Return a tree written in ``output``; with ``to`` it goes into that file instead."""
    arguments = ["-f", "json", "-t", WRITERS[output], "--wrap=none", *options]
    if to is not None:
        arguments += ["-o", str(to)]
    return run(arguments, json.dumps(tree), root, what)


def pdf(markup: str, root: Path, what: str, standards: Sequence[str] = ()) -> bytes:
    """Return the PDF of Typst markup; only Typst's own fonts are used, so that every machine agrees.

    ``standards`` names what it must conform to, as ``ua-1`` (accessible) or ``a-2a`` (for archives). Typst refuses what
    it can tell does not: a picture without alt text, a document without title.
    """
    import typst

    try:
        return typst.compile(  # type: ignore[call-overload]  # its stub wants input and root of one type
            markup.encode("utf-8"),
            root=str(root),
            ignore_system_fonts=True,
            format="pdf",
            timestamp=commit.epoch(root),
            pdf_standards=[*standards],
        )
    except (typst.TypstError, ValueError) as error:
        raise CompendiumError(f"Typst cannot make the PDF ({getattr(error, 'message', error)})", file=what) from error


def document(meta: dict[str, Node], blocks: list[Node]) -> dict[str, Any]:
    """Return a whole tree."""
    return {"pandoc-api-version": [1, 23, 1], "meta": meta, "blocks": blocks}
