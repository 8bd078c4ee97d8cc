"""Links between pages: every target is a page, file or heading that is there."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

from compendium.render.sources import FENCE, Project
from compendium.writing.manuscript import IMAGE, Finding
from compendium.writing.prose import Document

LINK = re.compile(r"\]\((?P<target>[^()\s]+)(?:\s+\"[^\"]*\")?\)|^\[[^\]]+\]:\s+(?P<defined>\S+)", re.MULTILINE)
OF_A_PROFILE = re.compile(
    r"\[\[[^\[\]]*\]\([^()\s]*\)\]\{\.content-(?P<state>visible|hidden) when-profile=\"(?P<profile>[\w-]+)\"\}"
)
"""A link that some profiles show and others do not."""
IDENTIFIER = re.compile(r"\{[^{}]*#([^\s{}]+)[^{}]*\}|\bid=\"([^\"]+)\"")
HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*(?:\{[^{}]*\})?$", re.MULTILINE)
SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:|//")
OWN = ("manuscript/", "index.qmd")
SAFE = ("http", "https", "mailto", "tel", "doi")
TO_A_SCHEME = re.compile(
    r"(?:\]\(\s*<?|^\s*\[[^\]]+\]:\s*<?|<)\s*(?P<scheme>[a-z][a-z0-9+.-]*):(?![:}\s])", re.IGNORECASE
)
TAG = re.compile(r"<(?P<name>[a-z][\w-]*)(?:\s[^<>]*)?/?>", re.IGNORECASE)
LOCAL_SCRIPT = re.compile(r"<script src=\"(?![a-z]+:|//)[^\"<>]+\"></script>", re.IGNORECASE)
BLANKED = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)|<!--.*?-->")
OUTPUTS = (".html", ".pdf", ".docx", ".xml")
PARCEL = "compendium.zip"  # which rendering lays beside the website
BUILT_ALWAYS = {"title", "abstract", "references", "refs", "top"}


def findings(profiles: dict[str, tuple[Project, list[Document]]]) -> Iterator[Finding]:
    """Yield the links that lead nowhere, of every profile.

    Parameters
    ----------
    profiles : profile -> its project and documents.
    """
    outputs = _outputs(profiles)
    for _, documents in profiles.values():
        for document in documents:
            yield from _unsafe(document)
    for project, documents in profiles.values():
        anchors = {document.source.file: identifiers(document) for document in documents}
        shared = set().union(*anchors.values()) if project.kind == "book" else set()
        for document in documents:
            yield from _document(project, document, anchors, shared, outputs)


def _unsafe(document: Document) -> Iterator[Finding]:
    """Yield links that run code or lead into the reader's machine, and raw HTML, in the study's own sources.

    A page may load a script that lies in the project, as the explorers do.
    """
    fence, html = "", False
    for line in document.source.lines:
        if not line.file.startswith(OWN):
            continue
        text = line.text
        match = FENCE.match(text)
        if fence:
            if match and match[1].startswith(fence) and not text.strip().strip("`~"):
                fence = ""
            elif not html:
                continue
        elif match:
            fence, html = match[1], "{=html}" in text
            continue
        text = unescape(text if html and fence else BLANKED.sub("", text))
        for found in TO_A_SCHEME.finditer(text):
            if found["scheme"].lower() not in SAFE:
                message = f"a link of the scheme '{found['scheme']}:' leads nowhere safe; expected one of the web"
                yield Finding(line.file, line.number, "unsafe-link", message)
        for found in TAG.finditer(LOCAL_SCRIPT.sub("", text)):
            message = f"raw HTML (<{found['name']}>) is shown by web pages alone, as it stands; expected Markdown"
            yield Finding(line.file, line.number, "raw-html", message, "warning")


def identifiers(document: Document) -> set[str]:
    """Return the anchors of a document: given identifiers, and those that Pandoc makes of headings."""
    text = document.source.text
    given = {match[1] or match[2] for match in IDENTIFIER.finditer(text)}
    return given | {_slug(match[1]) for match in HEADING.finditer(document.text.text)} | BUILT_ALWAYS


def _slug(heading: str) -> str:
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
    plain = re.sub(r"[^\w\s.-]", "", plain.lower())
    return re.sub(r"\s+", "-", re.sub(r"^[^a-z]+", "", plain).strip()) or "section"


def _outputs(profiles: dict[str, tuple[Project, list[Document]]]) -> dict[str, set[str] | None]:
    """Return the outputs that one profile may link to in another: "paper/paper" -> its anchors."""
    found: dict[str, set[str] | None] = {}
    for profile, (project, documents) in profiles.items():
        for document in documents:
            stem = posixpath.splitext(document.source.file)[0]
            for name in (posixpath.basename(stem), stem):
                found[f"{profile}/{name}"] = identifiers(document)
        if project.kind == "book":
            found[f"{profile}/{project.config.get('book', {}).get('output-file', 'book')}"] = None
    return found


def _document(
    project: Project,
    document: Document,
    anchors: dict[str, set[str]],
    shared: set[str],
    outputs: dict[str, set[str] | None],
) -> Iterator[Finding]:
    source, text = document.source, document.text
    images = {match.start("path") for match in IMAGE.finditer(text.text)}
    hidden = [
        range(*match.span())
        for match in OF_A_PROFILE.finditer(text.text)
        if (match["state"] == "visible") != (match["profile"] == project.profile)
    ]
    for match in LINK.finditer(text.text):
        target = match["target"] or match["defined"]
        if match.start("target") in images or SCHEME.match(target):
            continue
        if any(match.start() in span for span in hidden):
            continue
        problem = _problem(project, source.file, target, anchors, shared, outputs)
        if problem:
            line = text.place(match.start())
            yield Finding(line.file, line.number, "broken-link", f"the link '{target}' {problem}")


def _problem(
    project: Project,
    file: str,
    target: str,
    anchors: dict[str, set[str]],
    shared: set[str],
    outputs: dict[str, set[str] | None],
) -> str:
    path, _, fragment = target.partition("#")
    fragment = "" if "=" in fragment else fragment  # a state that the page's script reads, no anchor
    base = "" if path.startswith("/") else posixpath.dirname(file)
    full = posixpath.normpath(posixpath.join(base, path.lstrip("/"))) if path else file
    if full in anchors:
        known = anchors[full] | shared
        return f"names no heading or label of {full}" if fragment and fragment not in known else ""
    stem, suffix = posixpath.splitext(full)
    if full == PARCEL and project.kind == "website":
        return ""
    if stem in outputs and suffix in OUTPUTS:
        here = outputs[stem]
        return f"names no heading or label of {full}" if fragment and here is not None and fragment not in here else ""
    if suffix == ".qmd":
        return "leads to a page that this profile does not render"
    if (project.root / full).exists() and Path(full).parts[:1] != ("..",):
        return ""
    return "leads nowhere"
