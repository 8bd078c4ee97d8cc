"""What every page of the website gets once it is rendered: values that lead to their provenance, terms, pictures.

Quarto runs this file by itself after `quarto render` (``project: post-render:``), with whatever Python it finds,
so it imports nothing but the standard library. For the embedded engine `compendium render` calls `furnish`.
"""

from __future__ import annotations

import colorsys
import html
import os
import posixpath
import re
import shutil
import struct
from collections.abc import Callable
from pathlib import Path

DONE_ELSEWHERE = "COMPENDIUM_ATTACHES"  # set where the caller of Quarto furnishes once Quarto has ended
PROVENANCE = "manuscript/site/provenance.html"
TERMS = "manuscript/site/terms.html"
READER = ("reader.js", "reader.css")  # of build/pages/: what shows a value or a term without leaving the page
GENERATED = "site_libs"

ANCHOR = re.compile(r'<tr\b[^>]*\bid="value-([^"]+)"')
LINKS = re.compile(r"(<a\b.*?</a>)", re.DOTALL)
VALUE = re.compile(
    r'<span\b(?=[^>]*\bclass="value")[^>]*\bdata-value="([^"]+)"[^>]*>((?:(?!<span\b).)*?)</span>', re.DOTALL
)
DEFINED = re.compile(
    r'<span\b(?=[^>]*\bid="(term-[^"]+)")[^>]*\bdata-words="([^"]+)"[^>]*>.*?</dt>\s*<dd>(.*?)</dd>', re.DOTALL
)
CELL = re.compile(r'href="(?:\.{1,2}/)*build/notebooks/([^"/#]+)\.ipynb(#cell-[^"]+)"')
TAG = re.compile(r"<[^>]*>")
PROSE = re.compile(r"(<(?:p|li|figcaption|dd)\b[^>]*>)", re.DOTALL)
MARKUP = re.compile(
    r"<!--.*?-->|<(a|script|style|svg|math|head|header|nav|code|pre|table|button|h[1-6]|summary)\b.*?</\1\s*>|<[^>]*>",
    re.DOTALL,
)
MAIN = re.compile(r"<main\b.*</main>", re.DOTALL)
IMAGE = re.compile(r"<img\b[^>]*>")
RESULT_LINKS = re.compile(r'(<div class="result-links">\s*<p>.*?)(</p>)', re.DOTALL)
TOOLS = "".join(
    f'<button type="button" class="reader-tool" data-act="{act}">{words}</button> '
    for act, words in (("copy-link", "Copy link"), ("embed", "Embed"))
)
FOLDED = re.compile(r'<details\b(?! class="page-toc)')
FEW = 4
TITLE = re.compile(r"<header\b.*?</header>|<h1\b.*?</h1>", re.DOTALL)
OPEN_ALL = (
    '<button type="button" class="reader-tool open-all" data-act="open-all" aria-pressed="false">Open all</button>'
)
SCRIPT = re.compile(r'<script src="')
WHOLE = "page-end"
SIZED = re.compile(
    r'(<a\b(?=[^>]*\bclass="[^"]*\bsized\b)[^>]*\bhref="([^"#:]+)"[^>]*>.*?</a>)(?: <small>[^<]*</small>)?'
)
LENGTH = re.compile(r"([\d.]+)(pt|px|in|mm|)")
PIXELS = {"pt": 4 / 3, "px": 1.0, "": 1.0, "in": 96.0, "mm": 96 / 25.4}
COLOUR = re.compile(r"\b(fill|stroke|stop-color): ?(#[0-9a-f]{6})\b")
PAPER = ("#ffffff", "#11171e")  # of a page, light and dark
DARK = {0: 91.6, 100: 7.6}  # CIE L* of ink and of paper on a dark page
INK = 15  # CIE L* of the ink of figures
SCREEN = ".screen.svg"


def furnish(website: Path, made: Path) -> None:
    """Furnish every page of the website; what is furnished already stays as it is.

    Parameters
    ----------
    website : the website's folder, rendered, with the paper and the thesis beside it.
    made : ``build/pages/``, for the reader's script and style.
    """
    reader = [name for name in READER if (made / name).is_file()]
    for name in reader:
        (website / "build/pages").mkdir(parents=True, exist_ok=True)
        shutil.copyfile(made / name, website / "build/pages" / name)
    values = set(ANCHOR.findall(_read(website / PROVENANCE)))
    terms = glossary(_read(website / TERMS))
    for page in sorted(website.rglob("*.html")):
        address = page.relative_to(website).as_posix()
        if address.startswith(GENERATED):
            continue
        before = text = page.read_text(encoding="utf-8")
        root = posixpath.relpath(".", posixpath.dirname(address) or ".") + "/"
        text = with_value_links(text, values, root + PROVENANCE)
        if address != TERMS:
            text = with_terms(text, terms, root + TERMS)
        text = with_cell_links(text, website, root)
        text = with_tools(with_pictures(text, page.parent))
        text = SIZED.sub(lambda match, page=page: match[1] + size(page.parent / match[2]), text)  # type: ignore[misc]
        if reader and "build/pages/reader.js" not in text:
            text = text.replace("</head>", _loaded(root) + "</head>", 1)
            text = shown_whole(text)
        if text != before:
            page.write_bytes(text.encode("utf-8"))


def _read(page: Path) -> str:
    return page.read_text(encoding="utf-8") if page.is_file() else ""


def _loaded(root: str) -> str:
    return (
        f'<link rel="stylesheet" href="{root}build/pages/reader.css">\n'
        f'<script defer src="{root}build/pages/reader.js" data-root="{root}"></script>\n'
    )


def shown_whole(page: str) -> str:
    """Return a page that is shown once its own scripts have run, where it has any: what they insert moves nothing."""
    head, mark, body = page.partition("<body")
    if not SCRIPT.search(body):
        return page
    head = head.replace("</head>", f'<link rel="expect" href="#{WHOLE}" blocking="render">\n</head>', 1)
    return head + mark + body.replace("</body>", f'<span id="{WHOLE}"></span>\n</body>', 1)


def with_value_links(page: str, values: set[str], provenance: str) -> str:
    """Return a page in which every value is a link to its row on the provenance page.

    Parameters
    ----------
    page : an HTML document.
    values : keys that the provenance page has; others, and values within a link, are words only.
    provenance : address of the provenance page, seen from this one.
    """

    def link(match: re.Match[str]) -> str:
        key = html.unescape(match[1])
        if key not in values:
            return match[2]
        return f'<a class="value" href="{provenance}#value-{match[1]}">{match[2]}</a>'

    head, mark, body = page.partition("<body")
    parts = LINKS.split(body)
    parts[::2] = [VALUE.sub(link, part) for part in parts[::2]]
    parts[1::2] = [VALUE.sub(r"\2", part) for part in parts[1::2]]
    return VALUE.sub(r"\2", head) + mark + "".join(parts)


def with_cell_links(page: str, website: Path, root: str) -> str:
    """Return a page of the paper or the thesis whose links to a notebook's cell lead to its page on the website."""

    def turned_to(match: re.Match[str]) -> str:
        address = f"build/pages/notebooks/{match[1]}.html"
        return f'href="{root}{address}{match[2]}"' if (website / address).is_file() else match[0]

    return CELL.sub(turned_to, page)


def glossary(page: str) -> list[tuple[str, list[str], str]]:
    """Return the terms of the page of terms: anchor, the words that stand for it, and its definition as plain text."""
    found = []
    for anchor, words, definition in DEFINED.findall(page):
        plain = " ".join(html.unescape(TAG.sub("", definition)).split())
        found.append((anchor, [word.strip() for word in html.unescape(words).split(",") if word.strip()], plain))
    return found


def with_terms(page: str, terms: list[tuple[str, list[str], str]], address: str) -> str:
    """Return a page in which each term is a link to its definition where it first stands in the text."""
    main = MAIN.search(page)
    if main is None or 'class="term"' in main[0]:
        return page
    named = {form: (anchor, meaning) for anchor, words, meaning in terms for word in words for form in _forms(word)}
    if not named:
        return page
    choice = "|".join(map(re.escape, sorted(named, key=lambda word: (-len(word), word))))
    pattern, told = re.compile(rf"(?<![\w/.-])(?:{choice})(?![\w/-])"), set[str]()

    def marked(match: re.Match[str]) -> str:
        anchor, meaning = named[match[0]]
        if anchor in told:
            return match[0]
        told.add(anchor)
        return f'<a class="term" href="{address}#{anchor}" data-definition="{html.escape(meaning)}">{match[0]}</a>'

    inside, done, end = 0, [], 0
    for match in MARKUP.finditer(main[0]):
        text = main[0][end : match.start()]
        done += [pattern.sub(marked, text) if inside else text, match[0]]
        if PROSE.match(match[0]):
            inside += 1
        elif re.match(r"</(?:p|li|figcaption|dd)\b", match[0]):
            inside = max(inside - 1, 0)
        end = match.end()
    done.append(main[0][end:])
    return page[: main.start()] + "".join(done) + page[main.end() :]


def _forms(word: str) -> set[str]:
    """Return a term's word as it is written, and as it begins a sentence."""
    return {word, word[:1].upper() + word[1:]}


def with_pictures(page: str, folder: Path) -> str:
    """Return a page whose pictures say how large they are: the first loads at once, the rest as they come near.

    A picture in SVG is shown as a copy beside it whose colours follow those of the page.
    """
    count = 0

    def sized(match: re.Match[str]) -> str:
        nonlocal count
        tag = match[0]
        source = re.search(r'\bsrc="([^"]*)"', tag)
        if source is None:
            return tag
        count += 1
        tag = re.sub(r' ?\bloading="[^"]*"', "", tag)
        file = folder / html.unescape(source[1])
        measured = dimensions(file) if ":" not in source[1] and file.is_file() else None
        if measured and not re.search(r"\b(?:width|height)=", tag):
            width, height = measured
            tag = tag.replace("<img", f'<img width="{width}" height="{height}" style="--natural: {width}px"', 1)
        if measured and file.suffix == ".svg" and not file.name.endswith(SCREEN):
            drawn = file.read_text("utf-8")
            if COLOUR.search(drawn):
                file.with_suffix(SCREEN).write_bytes(for_both_schemes(drawn).encode("utf-8"))
                tag = tag.replace(source[0], f'src="{source[1].removesuffix(".svg")}{SCREEN}"', 1)
        return tag.replace("<img", f'<img loading="{"lazy" if count > 1 else "eager"}"', 1)

    return IMAGE.sub(sized, page)


def with_tools(page: str) -> str:
    """Return a page with buttons beside its figures and tables, and one that opens all that is folded where it is much.

    They stand in the page from the start, so that nothing moves when the script comes; without scripts they are hidden.
    """
    if 'class="reader-tool' in page:
        return page
    page = RESULT_LINKS.sub(rf"\1 {TOOLS}\2", page)
    main = MAIN.search(page)
    if main is None or len(FOLDED.findall(main[0])) < FEW:
        return page
    return page[: main.start()] + TITLE.sub(rf"\g<0>\n{OPEN_ALL}", main[0], count=1) + page[main.end() :]


def dimensions(picture: Path) -> tuple[int, int] | None:
    """Return width and height of a picture (SVG or PNG) in CSS pixels, or None where it does not say."""
    head = picture.read_bytes()[:4096]
    if head[:8] == b"\x89PNG\r\n\x1a\n":
        return struct.unpack(">II", head[16:24])
    svg = re.search(r"<svg\b[^>]*>", head.decode("utf-8", "replace"))
    found = [re.search(rf'\b{name}="([^"]+)"', svg[0]) if svg else None for name in ("width", "height")]
    lengths = [LENGTH.fullmatch(item[1]) if item else None for item in found]
    if None in lengths:
        return None
    wide, high = (round(float(length[1]) * PIXELS[length[2]]) for length in lengths if length)
    return wide, high


def for_both_schemes(picture: str) -> str:
    """Return an SVG that turns its colours over where the page that shows it is dark: light to dark, hue as it is."""
    pairs = sorted(set(COLOUR.findall(picture)))
    rules = "".join(f'[style*="{name}: {colour}"]{{{name}:{turned(colour)}!important}}' for name, colour in pairs)
    rules += "image{filter:invert(0.93) hue-rotate(180deg)}"
    style = f"<style>@media (prefers-color-scheme: dark){{{rules}}}</style>"
    return re.sub(r"(<svg\b[^>]*>)", lambda match: match[1] + style, picture, count=1)


def turned(colour: str) -> str:
    """Return a colour of the same hue whose lightness (CIE L*) runs the other way."""
    if colour == PAPER[0]:
        return PAPER[1]
    hue, lightness, saturation = colorsys.rgb_to_hls(*(int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)))
    seen = _lightness(_luminance(hue, lightness, saturation))
    wanted = DARK[0] + (DARK[100] - DARK[0]) * max(seen - INK, 0) / (100 - INK)
    low, high = 0.0, 1.0
    for _ in range(20):
        lightness = (low + high) / 2
        if _lightness(_luminance(hue, lightness, saturation)) < wanted:
            low = lightness
        else:
            high = lightness
    return "#" + "".join(f"{round(255 * part):02x}" for part in colorsys.hls_to_rgb(hue, lightness, saturation))


def _luminance(hue: float, lightness: float, saturation: float) -> float:
    parts = colorsys.hls_to_rgb(hue, lightness, saturation)
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def _lightness(luminance: float) -> float:
    """Return CIE L* of a luminance from 0 to 1."""
    return 116 * luminance ** (1 / 3) - 16 if luminance > 216 / 24389 else luminance * 24389 / 27


def size(file: Path) -> str:
    """Return a file's size for print, as small text after its link; empty where there is no such file."""
    if not file.is_file():
        return ""
    count = file.stat().st_size
    shown = f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{max(round(count / 1e3), 1)} kB"
    return f" <small>({shown})</small>"


def main(act: Callable[[Path, Path], None] = furnish) -> None:
    """Furnish after a plain ``quarto render``, which says where its output lies, relative to the project's folder."""
    output = os.environ.get("QUARTO_PROJECT_OUTPUT_DIR")
    if output and not os.environ.get(DONE_ELSEWHERE):
        act(Path(output), Path("build/pages"))


if __name__ == "__main__":
    main()
