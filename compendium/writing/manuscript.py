"""What is wrong with the manuscripts, found from their sources alone: nothing is rendered and nothing started."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from compendium.errors import CompendiumError
from compendium.project import profiles
from compendium.render.sources import (
    DIV,
    Line,
    Project,
    Source,
    as_list,
    bibliography_keys,
    load_project,
    read_lines,
)
from compendium.writing.prose import Text, read

LABEL = re.compile(r"\{[^{}]*?#((?:fig|tbl|sec|eq)-[^\s{}]+)[^{}]*\}")
CITATION = re.compile(r"(?<![\w@/.\\])@(?:\{([^}\s]+)\}|(\w(?:[\w:.#$%&+?<>~/-]*\w)?))")
IMAGE = re.compile(r"!\[(?P<caption>(?:[^\[\]]|\[[^\]]*\])*)\]\((?P<path>[^()\s]+)[^()]*\)(?P<attributes>\{[^{}]*\})?")
CROSSREF = re.compile(r"^(fig|tbl|sec|eq|lst|thm|lem|cor|prp|cnj|def|exm|exr)-", re.IGNORECASE)
HEADING = re.compile(r"^(#{1,6})\s+\S", re.MULTILINE)
BANNED = (
    (re.compile(r"<table\b", re.I), "raw-html", "an HTML table is lost in Word, JATS and PDF", "a pipe or grid table"),
    (re.compile(r"<img\b", re.I), "raw-html", "an HTML image is lost in Word, JATS and PDF", "![caption](path)"),
    (
        re.compile(r"@(?:fig|tbl|sec|eq)-[\w-]+\s+\[-?@"),
        "swallowed-citation",
        "a citation right after a cross-reference is taken for a part of it",
        "a comma or a word between",
    ),
    (
        re.compile(r"\[[^\[\]]*@(?:fig|tbl|sec|eq)-[\w-]+\s*,[^\[\]@;]+\]"),
        "lost-words",
        "words after a cross-reference in brackets are lost",
        "them outside the brackets",
    ),
    (
        re.compile(r"\{[^{}]*(?:\.panel-tabset|\.column-[\w-]+|layout(?:-ncol|-nrow)?=)[^{}]*\}"),
        "not-portable",
        "this layout is not in the portable subset",
        "plain figures and tables",
    ),
    (re.compile(r"^[ \t]*```\{(?:python|r|julia|ojs)\b", re.M), "code-cell", "rendering runs no code", "a result"),
)  # fmt: skip


@dataclass(frozen=True, order=True)
class Finding:
    """One thing to mend: where it stands, what it is, and whether it stops a release (``severity`` error)."""

    file: str
    line: int
    code: str
    message: str
    severity: str = "error"

    def sentence(self) -> str:
        """Return the finding as one line."""
        return f"{self.file}:{self.line}: {self.severity}: {self.message} [{self.code}]"


def findings(root: Path, release: bool = False) -> list[Finding]:
    """Return what is wrong with the sources of all profiles, sorted by file and line.

    Parameters
    ----------
    root : the project's folder.
    release : parts marked "to be written" count as errors, as they must not be released.
    """
    found: set[Finding] = set()
    cited: set[str] = set()
    bibliography: dict[str, tuple[str, int]] = {}
    for profile in profiles(root):
        try:
            project = load_project(root, profile)
            keys = bibliography_keys(root, project.bibliography)
        except CompendiumError as problem:
            found.add(_finding(problem, "project"))
            continue
        bibliography |= keys
        found |= set(_project(project))
        cited |= _documents(project, keys, found, release)
    found |= set(_bibliography(root, bibliography, cited))
    return sorted(found)


def _finding(problem: CompendiumError, code: str, severity: str = "error") -> Finding:
    row = problem.row if isinstance(problem.row, int) else 1
    message = problem.problem + (f"; expected {problem.expected}" if problem.expected else "")
    return Finding(str(problem.file or "_quarto.yml"), row, code, message, severity)


def _project(project: Project) -> Iterator[Finding]:
    folder = str(project.config.get("project", {}).get("output-dir", ""))
    if not folder.startswith("_"):
        yield Finding(
            f"_quarto-{project.profile}.yml",
            1,
            "output-folder",
            f"Quarto renders the outputs in '{folder}' again; expected an output-dir that begins with an underscore",
        )
    if project.kind == "book" and not project.config.get("book", {}).get("author"):
        yield Finding(
            f"_quarto-{project.profile}.yml", 1, "book-author", "a book without an author has no PDF title page"
        )


def _documents(project: Project, keys: dict, found: set[Finding], release: bool) -> set[str]:
    documents, unread = read(project)
    if unread:  # what these define and cite is not known, so what others say of it cannot be judged
        found |= {_finding(problem, "source") for problem in unread}
        return {"*"}
    found |= {_finding(problem, _code(problem)) for document in documents for problem in document.problems}
    texts = [(document.source, document.text) for document in documents]
    groups = [texts] if project.kind == "book" else [[item] for item in texts]
    cited: set[str] = set()
    for group in groups:
        labels: dict[str, Line] = {}
        for _, text in group:
            for match in LABEL.finditer(text.text):
                line = text.place(match.start(1))
                first = labels.setdefault(match[1], line)
                if first is not line:
                    message = f"the label '{match[1]}' is defined twice, first at {first.file}:{first.number}"
                    found.add(Finding(line.file, line.number, "duplicate-label", message))
        for source, text in group:
            cited |= set(_references(source, text, labels, keys, found))
            found |= set(_images(project, source, text))
            found |= set(_constructs(text))
            found |= set(_to_be_written(text, release))
    return cited


def _code(problem: CompendiumError) -> str:
    for word, code in (
        ("included", "missing-include"), ("variable", "undefined-variable"), ("shortcode", "shortcode"), ("div", "div"),
    ):  # fmt: skip
        if word in problem.problem:
            return code
    return "undefined-metadata" if "metadata" in problem.problem else "include"


def _references(source: Source, text: Text, labels: dict[str, Line], keys: dict, found: set[Finding]) -> Iterator[str]:
    yield from (str(key).lstrip("@") for key in as_list(source.meta.get("nocite")))
    for match in CITATION.finditer(text.text):
        key = match[1] or match[2]
        line = text.place(match.start())
        if CROSSREF.match(key):
            if key[0].lower() + key[1:] not in labels:
                message = f"the cross-reference '@{key}' is not defined"
                found.add(Finding(line.file, line.number, "undefined-label", message))
        elif key not in keys:
            message = f"the citation key '{key}' is not in the bibliography"
            found.add(Finding(line.file, line.number, "undefined-citation", message))
        else:
            yield key


def _images(project: Project, source: Source, text: Text) -> Iterator[Finding]:
    folder = Path(source.file).parent
    for match in IMAGE.finditer(text.text):
        line = text.place(match.start())
        path, attributes = match["path"], match["attributes"] or ""
        if not re.match(r"[a-z]+:", path):
            base = project.root / path.lstrip("/") if path.startswith("/") else project.root / folder / path
            files = [base] if base.suffix else [base.with_name(base.name + end) for end in (".svg", ".png")]
            for missing in [file for file in files if not file.is_file()][:1]:
                shown = missing.relative_to(project.root) if missing.is_relative_to(project.root) else missing.name
                message = f"the figure '{path}' is missing; expected the file '{shown}'"
                yield Finding(line.file, line.number, "missing-figure", message)
        alt = re.search(r"\b(?:fig-)?alt=(\"(?:[^\"\\]|\\.)*\"|'[^']*'|\S+)", attributes)
        if "#fig-" in attributes and (alt is None or not alt[1].strip("\"' ")):
            yield Finding(
                line.file, line.number, "no-alt-text", f"the figure '{path}' has no alt text; expected fig-alt"
            )
        elif alt is None and not match["caption"].strip():
            yield Finding(line.file, line.number, "no-alt-text", f"the image '{path}' has no alt text")


def _constructs(text: Text) -> Iterator[Finding]:
    for pattern, code, problem, expected in BANNED:
        for match in pattern.finditer(text.text):
            line = text.place(match.start())
            yield Finding(line.file, line.number, code, f"{problem}; expected {expected}")
    level = 0
    for match in HEADING.finditer(text.text):
        deeper = len(match[1])
        if level and deeper > level + 1:
            line = text.place(match.start())
            message = f"the heading jumps from level {level} to level {deeper}"
            yield Finding(line.file, line.number, "heading-level", message)
        level = deeper


def _to_be_written(text: Text, release: bool) -> Iterator[Finding]:
    for line, masked in zip(text.lines, text.masked, strict=True):
        if DIV.match(masked) and ".to-be-written" in masked:
            severity = "error" if release else "warning"
            yield Finding(line.file, line.number, "to-be-written", "this part is still to be written", severity)


def _bibliography(root: Path, keys: dict[str, tuple[str, int]], cited: set[str]) -> Iterator[Finding]:
    for file in sorted({file for file, _ in keys.values()}):
        seen: dict[str, int] = {}
        for number, text in enumerate(read_lines(root, file), start=1):
            match = re.match(r"\s*@(?!comment|string|preamble)\w+\s*\{\s*([^,\s]+)\s*,", text, re.IGNORECASE)
            if match and match[1] in seen:
                message = f"the bibliography entry '{match[1]}' stands twice, first in line {seen[match[1]]}"
                yield Finding(file, number, "duplicate-entry", message)
            elif match:
                seen[match[1]] = number
    if "*" in cited:
        return
    for key, (file, number) in keys.items():
        if key not in cited:
            message = f"the bibliography entry '{key}' is never cited"
            yield Finding(file, number, "unused-entry", message, "warning")
