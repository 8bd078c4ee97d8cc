"""Every link and every file that the website names is there, anchors included."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag

ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:", re.I)


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.repeated: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for key, value in attrs:
            if key == "id" and value:
                if value in self.anchors:
                    self.repeated.append(value)
                self.anchors.add(value)
            elif key in ("href", "src") and value:
                self.links.append(value)


def read(path: Path, known: dict[Path, _Page]) -> _Page:
    if path not in known:
        known[path] = _Page()
        known[path].feed(path.read_text("utf-8"))
    return known[path]


def test_every_link_leads_somewhere(website: Path) -> None:
    known: dict[Path, _Page] = {}
    dead, count = [], 0
    for path in sorted(website.rglob("*.html")):
        for link in read(path, known).links:
            if ELSEWHERE.match(link):
                continue
            count += 1
            address, fragment = urldefrag(link)
            target = (path.parent / unquote(address)).resolve() if address else path
            there = target.is_file() and target.is_relative_to(website.resolve())
            if there and fragment and target.suffix == ".html" and "=" not in fragment:  # with one, a state to show
                there = unquote(fragment) in read(target, known).anchors
            if not there:
                dead.append((path.relative_to(website).as_posix(), link))
    assert count > 1000
    assert not dead


def test_no_page_uses_an_id_twice(website: Path) -> None:
    known: dict[Path, _Page] = {}
    twice = {
        path.relative_to(website).as_posix(): repeated
        for path in sorted(website.rglob("*.html"))
        if path.relative_to(website).parts[0] not in ("paper", "thesis") and (repeated := read(path, known).repeated)
    }
    assert not twice


def test_nothing_is_loaded_from_elsewhere(website: Path) -> None:
    loads = re.compile(
        r'<(?:script|img|iframe|source)[^>]+src="(?:https?:)?//|@import|url\('
        r'|<link rel="(?!license|related)[^>]+href="(?:https?:)?//'  # those two say where something is; nothing loads
    )
    for path in [*website.rglob("*.html"), *website.rglob("*.css")]:
        text = re.sub(r"url\((?:#|data:)[^)]*\)", "", path.read_text("utf-8"))
        assert not loads.search(text), path.relative_to(website)


def test_what_is_not_rendered_is_not_linked(website: Path) -> None:
    for path in website.rglob("*.html"):
        assert "not-rendered" not in path.read_text("utf-8"), path.relative_to(website)
