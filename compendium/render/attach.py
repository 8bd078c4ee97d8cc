"""The paper and the thesis beside the website: copied, tied to the coded evidence, and unlinked where absent.

Quarto runs this file by itself after `quarto render` (``project: post-render:``), with whatever Python it finds,
so it imports nothing but the standard library. The embedded engine calls `attach`.
"""

from __future__ import annotations

import html
import os
import posixpath
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

BESIDE = {"paper": "Paper", "thesis": "Thesis"}  # outputs of other profiles that the website offers
EVIDENCE = "manuscript/site/evidence.html"
DONE_ELSEWHERE = "COMPENDIUM_ATTACHES"  # set where the caller of Quarto attaches once Quarto has ended

ROW = re.compile(r'(<tr\b[^>]*\bid="segment-([^"]+)"[^>]*>)(.*?)(</td>\s*</tr>)', re.DOTALL)
MARKER = re.compile(r'(<span\b[^>]*\bid="([^"]+)"[^>]*\bdata-segment="([^"]+)"[^>]*>)(.*?)(</span>)', re.DOTALL)
CITED = re.compile(r'<small class="cited">.*?</small>', re.DOTALL)
MARKUP = re.compile(r"<!--.*?-->|<(script|style|svg|math|head|nav)\b.*?</\1\s*>|<[^>]*>", re.DOTALL)
TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
BODY = re.compile(r"<body[^>]*>(?:\s*<a [^>]*class=\"skip-link\".*?</a>)?", re.DOTALL)
BAR = re.compile(r'<header class="navbar">')
ROOT = re.compile(r'(<script src="[^"]*styles/site\.js") data-root="[^"]*"(?: data-search="yes")?')
SCRIPT = "styles/site.js"  # of a website by the embedded engine, whose search covers what stands beside it
HEADING = re.compile(r"h[1-6]$")
PLAIN = {"a", "code", "pre"}  # in which a segment's name stays as it is


def attach(website: Path, documents: Path) -> None:
    """Copy the rendered paper and thesis into the website, tie claims to segments, unlink what is not there.

    A website may be rendered before the other profiles; a link to a file that is not there would mislead.

    Parameters
    ----------
    website : the website's folder, rendered.
    documents : the folder that holds ``paper/`` and ``thesis/`` where they are rendered.
    """
    pages = [path for path in sorted(website.rglob("*.html")) if path.relative_to(website).parts[0] not in BESIDE]
    for name in BESIDE:
        if (documents / name).is_dir():
            shutil.rmtree(website / name, ignore_errors=True)
            shutil.copytree(documents / name, website / name)
            for path in (website / name).rglob("*.html"):
                home = posixpath.relpath("index.html", path.relative_to(website).parent.as_posix())
                link = f'<nav class="to-website" aria-label="Website"><a href="{home}">← To the website</a></nav>'
                place = BAR if BAR.search(text := path.read_text(encoding="utf-8")) else BODY
                text = place.sub(rf"\g<0>{link}", text, count=1)
                _rewrite(path, _searching(text, path, website) if (website / SCRIPT).is_file() else text)
            for index in ("search-index.js", "search"):  # the website's own holds these pages too
                found = website / name / index
                if (website / SCRIPT).is_file() and found.is_dir():
                    shutil.rmtree(found)
                elif (website / SCRIPT).is_file():
                    found.unlink(missing_ok=True)
    tie_claims(website)
    for page in pages:
        _rewrite(page, _unlinked(page))


def _searching(text: str, path: Path, website: Path) -> str:
    """Return a page of the paper or thesis whose search is the website's."""
    root = posixpath.relpath(".", path.relative_to(website).parent.as_posix()) + "/"
    return ROOT.sub(rf'\g<1> data-root="{root}" data-search="yes"', text, count=1)


def tie_claims(website: Path) -> None:
    """Let every segment that the copied paper and thesis name lead to the evidence explorer, and back from there."""
    page = website / EVIDENCE
    if not page.is_file():
        return
    text = page.read_text(encoding="utf-8")
    segments = {match[2] for match in ROW.finditer(text)}
    cited: dict[str, list[str]] = {}
    for name, words in BESIDE.items():
        for path in sorted((website / name).rglob("*.html")):
            address = path.relative_to(website).as_posix()
            evidence = posixpath.relpath(EVIDENCE, posixpath.dirname(address))
            tied, claims = with_segment_links(path.read_text(encoding="utf-8"), segments, evidence)
            _rewrite(path, tied)
            here = posixpath.relpath(address, posixpath.dirname(EVIDENCE))
            for segment, anchor, heading in claims:
                shown = f"{words}: {heading}" if heading else words
                cited.setdefault(segment, []).append(f'<a href="{here}#{anchor}">{html.escape(shown, quote=False)}</a>')

    def row(match: re.Match[str]) -> str:
        links = ", ".join(cited.get(match[2], []))
        named = f'<small class="cited">Cited in {links}</small>' if links else ""
        return match[1] + CITED.sub("", match[3]) + named + match[4]

    _rewrite(page, ROW.sub(row, text))


def with_segment_links(page: str, segments: set[str], evidence: str) -> tuple[str, list[tuple[str, str, str]]]:
    """Return a page whose names of segments lead to the evidence explorer, and the claims that rest on them.

    Links to a page's own list of segments are turned, and bare names in the text become links. A name in a table
    belongs to such a list: it becomes a link and is no claim. A list may give a segment a marker of its own
    (``<span id="Q1" data-segment="...">Q1</span>``): links to the marker are links to the segment.

    Parameters
    ----------
    page : an HTML document.
    segments : the ids that the explorer has; other names and links stay as they are.
    evidence : address of the explorer's page, seen from this one.

    Returns
    -------
    the document, and for each claim its segment, the anchor of the link and the heading above it.
    """
    if not segments:
        return page, []
    names = "|".join(map(re.escape, sorted(segments, key=lambda name: (-len(name), name))))
    bare = re.compile(rf"(?<![\w#/.-])(?:{names})(?![\w-])")
    markers = {match[2]: match[3] for match in MARKER.finditer(page) if match[3] in segments}
    page = MARKER.sub(lambda match: _marked(match, evidence) if match[3] in segments else match[0], page)
    turned = re.compile(rf'\bhref="#({"|".join([*map(re.escape, markers), names])})"')
    claims: list[tuple[str, str, str]] = []
    count: dict[str, int] = {}
    depth: dict[str, int] = {}
    heading: list[str] = []

    def link(segment: str) -> str:
        address = f'class="segment-link" href="{evidence}#segment-{segment}"'
        if depth.get("table"):
            return address
        count[segment] = count.get(segment, 0) + 1
        anchor = f"cites-{segment}" + (f"-{count[segment]}" if count[segment] > 1 else "")
        claims.append((segment, anchor, " ".join("".join(heading).split())))
        return f'id="{anchor}" {address}'

    def written() -> Iterator[str]:
        for part in _parts(page):
            tag = TAG.match(part)
            if tag:
                closing, name = bool(tag[1]), tag[2].lower()
                if HEADING.match(name) and not closing:
                    heading.clear()
                name = "heading" if HEADING.match(name) else name
                if name in PLAIN | {"table", "heading"}:
                    depth[name] = max(depth.get(name, 0) + (-1 if closing else 1), 0)
                yield turned.sub(lambda match: link(markers.get(match[1], match[1])), part) if name == "a" else part
            elif part.startswith("<") or any(depth.get(name) for name in PLAIN):
                yield part
            elif depth.get("heading"):
                heading.append(html.unescape(part))
                yield part
            else:
                yield bare.sub(lambda match: f"<a {link(match[0])}>{match[0]}</a>", part)

    return "".join(written()), claims


def _marked(marker: re.Match[str], evidence: str) -> str:
    """Return a marker of a list of segments whose text leads to the segment."""
    link = f'<a class="segment-link" href="{evidence}#segment-{marker[3]}">{marker[4]}</a>'
    return f"{marker[1]}{link}{marker[5]}"


def _parts(page: str) -> Iterator[str]:
    """Yield a document piece by piece: tags (scripts and their like whole), and the text between them."""
    end = 0
    for match in MARKUP.finditer(page):
        if match.start() > end:
            yield page[end : match.start()]
        yield match[0]
        end = match.end()
    yield page[end:]


def _unlinked(page: Path) -> str:
    pattern = re.compile(rf'href="((?:\.\./)*(?:{"|".join(BESIDE)})/[^"#]*)(#[^"]*)?"')

    def checked(match: re.Match[str]) -> str:
        there = (page.parent / match[1]).exists()
        return match[0] if there else 'class="not-rendered" title="Not rendered in this copy of the website"'

    return pattern.sub(checked, page.read_text(encoding="utf-8"))


def _rewrite(path: Path, text: str) -> None:
    content = text.encode("utf-8")
    if content != path.read_bytes():
        path.write_bytes(content)


def main() -> None:
    """Attach after a plain ``quarto render``, which says where its output lies, relative to the project's folder."""
    output = os.environ.get("QUARTO_PROJECT_OUTPUT_DIR")
    if output and not os.environ.get(DONE_ELSEWHERE):
        attach(Path(output), Path("_output"))


if __name__ == "__main__":
    main()
