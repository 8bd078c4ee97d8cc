"""What a manuscript shows under a profile: its lines with code, comments and mathematics blanked out."""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator
from dataclasses import dataclass

from compendium.errors import CompendiumError
from compendium.render.sources import DIV, DIV_END, FENCE, Line, Project, Source, expand

PROFILE_TEST = re.compile(r"(when|unless)-profile=[\"']?([\w-]+)")


@dataclass(frozen=True)
class Document:
    """A source under its profile: expanded, its visible text, and what went wrong in expanding it."""

    source: Source
    text: Text
    problems: tuple[CompendiumError, ...]


def read(project: Project) -> tuple[list[Document], list[CompendiumError]]:
    """Return the documents of a profile, and the problems of those that cannot be read; notebooks are left out."""
    documents, unread = [], []
    for file in project.documents():
        if file.endswith(".ipynb"):
            continue
        problems: list[CompendiumError] = []
        try:
            source = expand(project, file, problems)
        except CompendiumError as problem:
            unread.append(problem)
        else:
            documents.append(Document(source, Text(source, project.profile), tuple(problems)))
    return documents, unread


class Text:
    """The lines of a document that its profile shows, with code, comments and mathematics blanked out."""

    def __init__(self, source: Source, profile: str) -> None:
        shown = list(_of_profile(_masked(source.lines), profile))
        self.lines = [line for line, _ in shown]
        self.masked = [masked for _, masked in shown]
        self.text = "\n".join(self.masked)
        self._starts = [0]
        for _, masked in shown:
            self._starts.append(self._starts[-1] + len(masked) + 1)

    def place(self, offset: int) -> Line:
        """Return the line that holds a position of the text."""
        return self.lines[min(bisect.bisect_right(self._starts, offset) - 1, len(self.lines) - 1)]


def _masked(lines: tuple[Line, ...]) -> Iterator[tuple[Line, str]]:
    fence = ""
    comment = False
    for line in lines:
        text = line.text
        match = FENCE.match(text)
        if fence:
            if match and match[1].startswith(fence) and not text.strip().strip("`~"):
                fence = ""
            yield line, ""
            continue
        if match and not comment:
            fence = match[1]
            yield line, text if re.match(r"^\s*```\{\w", text) else ""
            continue
        if comment:
            end = text.find("-->")
            if end < 0:
                yield line, ""
                continue
            text, comment = " " * (end + 3) + text[end + 3 :], False
        text = re.sub(r"<!--.*?-->", lambda found: " " * len(found[0]), text)
        if "<!--" in text:
            text, comment = text[: text.index("<!--")], True
        text = re.sub(r"(`+)(?!`).+?(?<!`)\1(?!`)", lambda found: " " * len(found[0]), text)
        yield line, text


def _of_profile(lines: Iterator[tuple[Line, str]], profile: str) -> Iterator[tuple[Line, str]]:
    stack: list[bool] = []
    for line, text in lines:
        if DIV.match(text):
            hides = False
            for mode, named in PROFILE_TEST.findall(text):
                met = (named == profile) == (mode == "when")
                hides = hides or (met if "content-hidden" in text else not met)
            stack.append(hides)
        elif DIV_END.match(text) and stack:
            stack.pop()
        if not any(stack):
            yield line, text
