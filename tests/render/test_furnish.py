"""What every page gets after rendering: links from values and terms, pictures with their size and in both schemes."""

from __future__ import annotations

import re
import struct
import zlib
from pathlib import Path

import pytest

from compendium.render import furnish

PAGE = "<html><head></head><body><main><h1>T</h1>{}</main></body></html>"
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="72pt" height="36pt"><path style="fill: #ffffff"/>'
    '<path style="fill: #1b2733; stroke: #12436d"/></svg>'
)
TERMS = PAGE.format(
    '<dl><dt><span id="term-area" data-words="small area, small areas, LSOA">Small area</span></dt>'
    "<dd><p>About <em>1,500</em> people &amp; no more.</p></dd></dl>"
)


def value(key: str, printed: str) -> str:
    return f'<span class="value" data-value="{key}">{printed}</span>'


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "manuscript/site").mkdir(parents=True)
    (tmp_path / furnish.PROVENANCE).write_text(PAGE.format('<table><tr id="value-a.b"><td>32</td></tr></table>'))
    (tmp_path / furnish.TERMS).write_text(TERMS)
    (tmp_path / "made").mkdir()
    for name in furnish.READER:
        (tmp_path / "made" / name).write_text("")
    return tmp_path


def furnished(site: Path, body: str) -> str:
    (site / "index.html").write_text(PAGE.format(body))
    furnish.furnish(site, site / "made")
    once = (site / "index.html").read_text()
    furnish.furnish(site, site / "made")
    assert (site / "index.html").read_text() == once, "a second time changes nothing"
    return once


def test_a_value_leads_to_its_row_and_an_unknown_one_stays_words(site: Path) -> None:
    page = furnished(
        site, f"<p>{value('a.b', '32')} of {value('gone', '7')}, <a href='x'>{value('a.b', '32')} more</a></p>"
    )
    assert '<a class="value" href="./manuscript/site/provenance.html#value-a.b">32</a> of 7, ' in page
    assert "<a href='x'>32 more</a>" in page
    assert page.count("build/pages/reader.js") == 1
    assert (site / "build/pages/reader.css").is_file()


def test_a_term_is_explained_where_it_first_stands_in_the_text(site: Path) -> None:
    body = (
        "<header><p>Small area</p></header><h2>Small areas</h2><table><tr><td>LSOA</td></tr></table>"
        "<p><code>LSOA</code> lsoa "
        "<a href='x'>small areas</a></p><p>Small areas, LSOA</p>"
    )
    page = furnished(site, body)
    [term] = re.findall(r'<a class="term"[^>]*>[^<]*</a>', page)
    assert term.endswith(">Small areas</a>")
    assert 'data-definition="About 1,500 people &amp; no more."' in term
    assert page.index(term) > page.index("<a href='x'>")
    assert 'class="term"' not in (site / furnish.TERMS).read_text()


def test_pictures_say_their_size_and_the_first_alone_loads_at_once(site: Path) -> None:
    (site / "a.svg").write_text(SVG)
    chunk = b"IHDR" + struct.pack(">IIBBBBB", 40, 20, 8, 6, 0, 0, 0)
    png = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    (site / "b.png").write_bytes(png)
    page = furnished(
        site, '<p><img src="a.svg" loading="lazy" alt="A"><img src="b.png" alt="B"><img src="gone.svg"></p>'
    )
    first, second, third = re.findall(r"<img[^>]*>", page)
    assert all(
        part in first for part in ('width="96"', 'height="48"', 'loading="eager"', 'src="a.screen.svg"', 'alt="A"')
    )
    assert all(part in second for part in ('width="40"', 'height="20"', 'loading="lazy"', 'src="b.png"'))
    assert "width" not in third
    assert (site / "a.svg").read_text() == SVG, "the file to download stays as it was recorded"
    shown = (site / "a.screen.svg").read_text()
    assert '[style*="fill: #ffffff"]{fill:#11171e!important}' in shown


def contrast(one: str, other: str) -> float:
    def luminance(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        ("#1b2733", "#ffffff"),
        ("#5c6b78", "#ffffff"),
        ("#ffffff", "#12436d"),
        ("#1b2733", "#679fc9"),
        ("#b8430b", "#ffffff"),
    ],
)
def test_type_is_as_legible_in_the_dark(ink: str, ground: str) -> None:
    assert contrast(furnish.turned(ink), furnish.turned(ground)) >= 4.5 <= contrast(ink, ground)


def test_darker_means_more_in_the_light_and_lighter_in_the_dark() -> None:
    ramp = ["#d9e7f2", "#679fc9", "#12436d"]
    strength = [contrast(colour, "#ffffff") for colour in ramp]
    turned = [contrast(furnish.turned(colour), furnish.turned("#ffffff")) for colour in ramp]
    assert strength == sorted(strength)
    assert turned == sorted(turned)


def test_files_say_their_size(site: Path) -> None:
    (site / "values.json").write_text("x" * 1_234_567)
    page = furnished(
        site, '<p><a class="sized" href="values.json">values</a> <a class="sized" href="gone.csv">g</a></p>'
    )
    assert 'values</a> <small>(1.2 MB)</small> <a class="sized" href="gone.csv">g</a></p>' in page
