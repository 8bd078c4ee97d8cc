"""What the manuscripts say: the project's configuration, and sources with includes and shortcodes resolved."""

from __future__ import annotations

import difflib
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from compendium.errors import CompendiumError
from compendium.project import profiles
from compendium.render import configuration, valuemarks
from compendium.texts import parse_yaml, read_text, read_yaml

SHORTCODE = re.compile(r"(?<!\{)\{\{<\s*(?P<name>\S+?)(?:\s+(?P<rest>.*?))?\s*>\}\}(?!\})")
ESCAPED_SHORTCODE = re.compile(r"\{\{\{<(.*?)>\}\}\}")
INCLUDE = re.compile(r"^\s*\{\{<\s*include\s+(?P<path>.+?)\s*>\}\}\s*$")
DIV = re.compile(r"^:{3,}\s*(\{.*\}|[\w-]+)\s*:*\s*$")
DIV_END = re.compile(r"^:{3,}\s*$")
FENCE = re.compile(r"^\s{0,3}(`{3,}|~{3,})")
VARIABLES = ("build/results/_variables.yml", "_variables.yml")  # the first that is there counts
PAGEBREAK = "\n::: {.pagebreak}\n:::\n"


@dataclass(frozen=True)
class Line:
    """One line of expanded text, and where it was written."""

    text: str
    file: str
    number: int


@dataclass(frozen=True)
class Source:
    """A manuscript source after includes and shortcodes: front matter, lines, and how to find a string."""

    file: str
    meta: dict[str, Any]
    lines: tuple[Line, ...]
    body_start: int = 0

    @property
    def text(self) -> str:
        """Return the whole expanded text, front matter included."""
        return "\n".join(line.text for line in self.lines) + "\n"

    def locate(self, pattern: str) -> tuple[str, int | None]:
        """Return file and line of the first line that matches ``pattern`` (a regular expression)."""
        compiled = re.compile(pattern)
        for line in self.lines:
            if compiled.search(line.text):
                return line.file, line.number
        return self.file, None


@dataclass(frozen=True)
class Project:
    """A Quarto project under one profile: ``_quarto.yml`` merged with ``_quarto-PROFILE.yml``."""

    root: Path
    profile: str
    config: dict[str, Any] = field(hash=False)
    banner: str = ""
    """What every page says first, such as that its results are stale."""
    shaded: bool = False
    """Whether Word files shade what is computed."""

    @property
    def kind(self) -> str:
        """Return the project type: ``default``, ``book`` or ``website``."""
        return str(self.config.get("project", {}).get("type", "default"))

    @property
    def output(self) -> Path:
        """Return the folder this profile's outputs go to."""
        return self.root / str(self.config.get("project", {}).get("output-dir", f"_output/{self.profile}"))

    @cached_property
    def variables(self) -> dict[str, Any]:
        """Return the printed forms of recorded values, nested; empty where the chain has not run yet."""
        path = next((path for name in VARIABLES if (path := self.root / name).is_file()), None)
        return read_yaml(path) if path else {}

    @cached_property
    def bibliography(self) -> tuple[str, ...]:
        """Return the bibliography files, as paths relative to the root."""
        return tuple(str(item) for item in as_list(self.config.get("bibliography")))

    def formats(self) -> dict[str, dict[str, Any]]:
        """Return the output formats with their options (``{}`` for ``default`` or none)."""
        declared = self.config.get("format", {})
        if isinstance(declared, str):
            declared = {declared: {}}
        return {name: options if isinstance(options, dict) else {} for name, options in declared.items()}

    def chapters(self) -> list[tuple[str, bool]]:
        """Return the book's chapters in order as (path, is an appendix)."""
        book = self.config.get("book", {})
        found = [(path, False) for path in _paths(book.get("chapters", []))]
        return found + [(path, True) for path in _paths(book.get("appendices", []))]

    def documents(self) -> list[str]:
        """Return the sources to render, relative to the root; globs of ``render:`` are expanded, sorted."""
        if self.kind == "book":
            return [path for path, _ in self.chapters()]
        patterns = as_list(self.config.get("project", {}).get("render"))
        return [path for path in matching(self.root, patterns) if path in patterns or _is_page(path)]

    def resources(self) -> list[str]:
        """Return the files that go beside a website's pages, relative to the root."""
        return matching(self.root, as_list(self.config.get("project", {}).get("resources")), names=False)


def matching(root: Path, patterns: list[str], *, names: bool = True) -> list[str]:
    """Return what the patterns of ``render:`` or ``resources:`` mean, relative to the root, as Quarto reads them.

    A leading slash is the root; without it a pattern matches at any depth, hidden folders included. ``!`` takes files
    away wherever it stands. A folder means all files in it. With ``names``, as in ``render:``, a pattern without a
    star stands for itself, whether or not there is such a file.
    """

    def found(pattern: str, names: bool) -> list[str]:
        inner = pattern.lstrip("/")
        if inner.endswith("/") or ("*" not in inner and (root / inner).is_dir()):
            inner = inner.rstrip("/") + "/**/*"
        if names and "*" not in inner:
            return [inner]
        paths = root.glob(inner if pattern.startswith("/") else f"**/{inner}")
        return sorted(path.relative_to(root).as_posix() for path in paths if path.is_file())

    dropped = {path for pattern in patterns if pattern.startswith("!") for path in found(pattern[1:], False)}
    kept = [path for pattern in patterns if not pattern.startswith("!") for path in found(pattern, names)]
    return [path for path in dict.fromkeys(kept) if path not in dropped]


def _is_page(path: str) -> bool:
    """Return whether a file found by a pattern is a page: no part of its path is hidden, none a fragment."""
    return path.endswith((".qmd", ".ipynb", ".md")) and not any(part[0] in "_." for part in path.split("/"))


def _paths(entries: Any) -> Iterator[str]:
    for entry in as_list(entries):
        if isinstance(entry, str):
            yield entry
        elif isinstance(entry, dict):
            if "chapters" in entry:
                yield from _paths(entry["chapters"])
            elif entry.get("href") or entry.get("file"):
                yield str(entry.get("href") or entry["file"])


def as_list(value: Any) -> list[Any]:
    """Return ``value`` as a list: nothing is empty, one thing is a list of one."""
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def load_project(root: Path, profile: str) -> Project:
    """Return the project under ``profile``; raises CompendiumError where a configuration file is missing."""
    if profile not in (known := profiles(root)):
        raise CompendiumError("there is no such profile", found=profile, expected=known)
    merged: dict[str, Any] = {}
    for name in ("_quarto.yml", f"_quarto-{profile}.yml"):
        path = root / name
        if not path.exists():
            raise CompendiumError("the Quarto project file is missing", file=name)
        merged = merge(merged, configuration.read(path))
    for name in as_list(merged.get("metadata-files")):
        if not (root / str(name)).is_file():
            raise CompendiumError(
                "the file named by metadata-files is missing", file=f"_quarto-{profile}.yml", found=name
            )
        merged = merge(merged, filled(read_yaml(root / str(name), str(name))))
    return Project(root, profile, merged)


def filled(value: Any) -> Any:
    """Return YAML without its blank fields: a mapping or a list keeps what says something."""
    if isinstance(value, dict):
        return {key: filled(item) for key, item in value.items() if item is not None}
    return [filled(item) for item in value if item is not None] if isinstance(value, list) else value


def merge(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Return ``base`` overlaid with ``over`` as Quarto does: mappings merge, lists join, scalars replace."""
    result = dict(base)
    for key, value in over.items():
        old = result.get(key)
        if isinstance(old, dict) and isinstance(value, dict):
            result[key] = merge(old, value)
        elif isinstance(old, list) and isinstance(value, list):
            result[key] = old + [item for item in value if item not in old]
        else:
            result[key] = value
    return result


@cache
def _read(path: Path, file: str, _stamp: tuple[int, int]) -> tuple[str, ...]:
    return tuple(read_text(path, file).split("\n"))


def read_lines(root: Path, file: str) -> tuple[str, ...]:
    """Return the lines of ``file`` (relative to ``root``); raises CompendiumError where it is missing."""
    path = root / file
    if not path.is_file():
        raise CompendiumError("the manuscript source is missing", file=file)
    status = path.stat()
    lines = _read(path, file, (status.st_mtime_ns, status.st_size))
    return lines[:-1] if lines and lines[-1] == "" else lines


def expand(
    project: Project, file: str, problems: list[CompendiumError] | None = None, *, marked: bool = False
) -> Source:
    """Return ``file`` with its includes and shortcodes resolved; ``marked`` marks the values for Pandoc's reader.

    Raises CompendiumError with the file and line of a missing include, an undefined variable or metadata
    value, or a shortcode outside the portable subset; with ``problems`` it collects them there and goes on.
    """
    raw = tuple(_included(project.root, file, (), problems))
    _, meta_text = front_matter([line.text for line in raw])
    opens = len(raw) > 1 and raw[0].text.rstrip() == "---" and raw[1].text.strip() and not meta_text
    if opens and not any(line.text.rstrip() in ("---", "...") for line in raw[1:]):
        raise CompendiumError("the front matter is not closed", file=file, row=1, expected="a line '---' below it")
    if not any(line.text.strip() for line in raw):
        raise CompendiumError("the source is empty", file=file, row=1, expected="front matter and text")
    own = parse_yaml(meta_text, file, 2) if meta_text else {}
    context = merge(project.config, own)
    lines: list[Line] = []
    in_comment = False
    for line in raw:
        if in_comment or "<!--" in line.text:
            in_comment = line.text.rfind("<!--") > line.text.rfind("-->") or (in_comment and "-->" not in line.text)
            lines.append(line)
            continue
        text = substitute(line, project, context, problems, marked=marked) if "{{" in line.text else line.text
        lines.extend(Line(part, line.file, line.number) for part in text.split("\n"))
    resolved_start, resolved_meta = front_matter([line.text for line in lines])
    meta = parse_yaml(valuemarks.unmarked(resolved_meta), file, 2) if resolved_meta else {}
    for problem in _divs(lines[resolved_start:]):
        if problems is None:
            raise problem
        problems.append(problem)
    return Source(file, meta, tuple(lines), resolved_start)


def _divs(lines: list[Line]) -> Iterator[CompendiumError]:
    """Yield what is wrong with divs: those that are not closed, and ends of none."""
    opened: list[Line] = []
    fence, comment = "", False
    for line in lines:
        match = FENCE.match(line.text)
        if fence or (match and not comment):
            if match and not fence:
                fence = match[1]
            elif match and match[1].startswith(fence) and not line.text.strip().strip("`~"):
                fence = ""
            continue
        was, comment = comment, line.text.rfind("<!--") > line.text.rfind("-->") or (comment and "-->" not in line.text)
        if was or comment:
            continue
        if DIV.match(line.text):
            opened.append(line)
        elif DIV_END.match(line.text):
            if opened:
                opened.pop()
            else:
                yield CompendiumError("a div ends here that was not opened", file=line.file, row=line.number)
    for line in opened:
        yield CompendiumError(
            "the div is not closed", file=line.file, row=line.number, expected="a line ':::' below it"
        )


def front_matter(lines: list[str]) -> tuple[int, str]:
    """Return the index of the body's first line, and the YAML of the front matter."""
    if not lines or lines[0].rstrip() != "---":
        return 0, ""
    for index, text in enumerate(lines[1:], start=1):
        if text.rstrip() in ("---", "..."):
            return index + 1, "\n".join(lines[1:index])
    return 0, ""


def _included(root: Path, file: str, chain: tuple[str, ...], problems: list[CompendiumError] | None) -> Iterator[Line]:
    for number, text in enumerate(read_lines(root, file), start=1):
        match = INCLUDE.match(text) if "include" in text else None
        if match is None:
            yield Line(text, file, number)
            continue
        target = include_target(root, chain[0] if chain else file, match["path"])
        problem = None
        if target is None or not (root / target).is_file():
            problem = CompendiumError(
                f"the included file '{match['path']}' does not exist",
                file=file,
                row=number,
                expected=_hint(target or match["path"]),
            )
        elif target == file or target in chain:
            problem = CompendiumError("a file includes itself", file=file, row=number, found=match["path"])
        if problem is None and target is not None:
            yield from _included(root, target, (*chain, file), problems)
        elif problem is not None and problems is not None:
            problems.append(problem)
        elif problem is not None:
            raise problem


def _hint(target: str) -> str:
    return "a result that the chain has built" if target.startswith("build/") else "a file of the project"


def include_target(root: Path, document: str, path: str) -> str | None:
    """Return an include's path relative to the root: a leading ``/`` is the root, else the document's folder."""
    path = path.strip("\"'")
    base = "" if path.startswith("/") else posixpath.dirname(document)
    target = posixpath.normpath(posixpath.join(base, path.lstrip("/")))
    return None if target == ".." or target.startswith("../") else target


def substitute(
    line: Line, project: Project, context: dict[str, Any], problems: list[CompendiumError] | None = None,
    *, marked: bool = False,
) -> str:  # fmt: skip
    """Return a line with its ``var``, ``meta`` and ``pagebreak`` shortcodes replaced by what they stand for."""
    mark = marked and not line.text.lstrip().startswith(valuemarks.PLAIN)

    def value(match: re.Match[str]) -> str:
        name, rest = match["name"], (match["rest"] or "").strip()
        try:
            if name == "var":
                shown = _looked_up(rest, project.variables, line, "variable", "_variables.yml")
                return valuemarks.marked(rest, shown) if mark else shown
            if name == "meta":
                return _looked_up(rest, context, line, "metadata value", "the front matter")
            if name == "pagebreak":
                return PAGEBREAK
            if name == "include":
                raise CompendiumError("an include must stand alone on its line", file=line.file, row=line.number)
            raise CompendiumError(
                f"the shortcode '{name}' is not in the portable subset",
                file=line.file,
                row=line.number,
                expected="var, meta, include or pagebreak",
            )
        except CompendiumError as problem:
            if problems is None:
                raise
            problems.append(problem)
            return rest or name

    text = SHORTCODE.sub(value, line.text)
    return ESCAPED_SHORTCODE.sub(r"{{<\1>}}", text)


def _looked_up(key: str, values: dict[str, Any], line: Line, what: str, where: str) -> str:
    found: Any = values
    for part in key.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    if found is None or isinstance(found, dict | list):
        near = difflib.get_close_matches(key, flattened(values), 1)
        raise CompendiumError(
            f"the {what} '{key}' is not defined",
            file=line.file,
            row=line.number,
            expected=f"a key of {where}" + (f", such as '{near[0]}'" if near else ""),
        )
    return str(found).strip()


def flattened(values: dict[str, Any], prefix: str = "") -> list[str]:
    """Return the dotted keys of a nested mapping's scalars."""
    keys: list[str] = []
    for key, value in values.items():
        keys += flattened(value, f"{prefix}{key}.") if isinstance(value, dict) else [f"{prefix}{key}"]
    return keys


def bibliography_keys(root: Path, files: tuple[str, ...]) -> dict[str, tuple[str, int]]:
    """Return the entries of BibTeX files: key -> (file, line)."""
    keys: dict[str, tuple[str, int]] = {}
    for file in files:
        if not (root / file).is_file():
            raise CompendiumError("the bibliography is missing", file=file)
        for number, text in enumerate(read_lines(root, file), start=1):
            match = re.match(r"\s*@(\w+)\s*\{\s*([^,\s]+)\s*,", text)
            if match and match[1].lower() not in ("comment", "string", "preamble"):
                keys.setdefault(match[2], (file, number))
    return keys
