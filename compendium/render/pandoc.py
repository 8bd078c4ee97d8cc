"""The embedded engine's two tools: Pandoc, called as a program, and Typst, called as a library."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from compendium.errors import CompendiumError
from compendium.project import available
from compendium.render import commit, valuemarks
from compendium.render.nodes import Node
from compendium.render.sources import Source

Job = dict[str, Any]  # what `batch.lua` reads: the text given, the formats from and to, the options
TEMPLATES = Path(__file__).parent / "templates"
WRITERS = {
    "html": "html5",
    "docx": "docx",
    "jats": "jats_publishing",
    "typst": "typst-citations-smart",
}
READER = "markdown"
TOGETHER = 24  # documents by one process
BATCH = Path(__file__).with_name("batch.lua")
OPTIONS: dict[str, dict[str, Any]] = {  # of the command line, as a writer's options in Lua
    "--standalone": {},
    "--wrap=none": {"wrap_text": "none"},
    "--mathml": {"html_math_method": "mathml"},
    "--section-divs": {"section_divs": True},
    "--toc": {"table_of_contents": True},
}
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
        return _tree(run(["-f", READER, "-t", "json"], source.text, root, source.file), source)
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


def _tree(text: str, source: Source) -> dict[str, Any]:
    """Return the tree that Pandoc has read, with spans in place of a source's marks."""
    tree = json.loads(text)
    return valuemarks.spanned(tree) if valuemarks.OPEN in source.text else tree


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


def all_parsed(sources: Sequence[Source], root: Path) -> list[dict[str, Any]]:
    """Return each source as `parsed` does, many by one process."""
    jobs = ({"given": source.text, "from": READER, "to": "json", "options": {}} for source in sources)
    texts = _batched(jobs, root)
    return [
        parsed(source, root) if text is None else _tree(text, source)
        for source, text in zip(sources, texts, strict=True)
    ]


def all_written(trees: Iterable[tuple[dict[str, Any], list[str], str]], output: str, root: Path) -> list[str]:
    """Return each tree as `written` does, many by one process, the first while the next are still being made.

    What has an option that is none of `OPTIONS`, such as citations, is written by a process of its own.

    Parameters
    ----------
    trees : each with its options and what messages name.
    """
    kept: list[tuple[dict[str, Any], list[str], str]] = []

    def jobs() -> Iterator[Job | None]:
        for tree, given, what in trees:
            kept.append((tree, given, what))
            options = _options(["--wrap=none", *given])
            job = {"given": json.dumps(tree), "from": "json", "to": WRITERS[output], "options": options}
            yield None if options is None else job

    texts = _batched(jobs(), root)
    return [
        written(tree, output, given, root, what) if text is None else text
        for text, (tree, given, what) in zip(texts, kept, strict=True)
    ]


def _options(arguments: Sequence[str]) -> dict[str, Any] | None:
    """Return arguments of the command line as options of a writer; None where there are others."""
    chosen: dict[str, Any] = {}
    for argument in arguments:
        name, _, value = argument.partition("=")
        if argument in OPTIONS:
            chosen |= OPTIONS[argument]
        elif name == "--template":
            chosen["template"] = value
        elif name == "--toc-depth":
            chosen["toc_depth"] = int(value)
        else:
            return None
    return chosen


def _batched(jobs: Iterable[Job | None], root: Path) -> list[str | None]:
    """Return the text of each job; None where there is no job, or Pandoc fails or warns: alone it says of what."""

    def converted(group: list[Job | None]) -> list[str | None]:
        given = [job for job in group if job is not None]
        try:
            texts = iter(json.loads(run(["lua", str(BATCH)], json.dumps(given), root, BATCH.name)) if given else ())
        except CompendiumError:
            return [None] * len(group)
        found: list[Any] = [next(texts) if job is not None else False for job in group]
        return [None if text is False else text if text.endswith("\n") else f"{text}\n" for text in found]

    queue = iter(jobs)
    with ThreadPoolExecutor(max_workers=available()) as pool:
        groups = [pool.submit(converted, group) for group in iter(lambda: list(islice(queue, TOGETHER)), [])]
        return [text for group in groups for text in group.result()]


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
