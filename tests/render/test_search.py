"""Tests of the website's search index."""

from __future__ import annotations

import json
from pathlib import Path

from compendium.render import search

PAGE = """<!DOCTYPE html><html><head><title>Data &amp; more – A site</title><style>p {}</style></head><body>
<header class="navbar"><nav>menu words</nav></header>
<main><header class="title-block"><h1>Data</h1></header>
<details class="page-toc-small"><summary>On this page</summary><a href="#x">contents words</a></details>
<p>First <em>words</em>.</p>
<section id="fields"><h2>Fields</h2><p>Names of <code>columns</code>.</p>
<details><summary>More</summary><p>folded words</p></details><pre>code words</pre>
<section id="deep"><h3 id="own">Deep</h3><p>Down.</p></section></section>
<table><tbody><tr id="value-a.b"><td>42</td><td>systems</td></tr></tbody></table>
<script>script words</script><nav>footer words</nav></main></body></html>"""


def test_a_page_is_cut_at_its_headings_and_addressed_rows() -> None:
    title, sections = search.page_sections(PAGE)
    assert title == "Data & more"
    assert sections == [
        ("", "", "First words ."),
        ("fields", "Fields", "Names of columns . More folded words"),
        ("own", "Deep", "Down."),
        ("value-a.b", "", "42 systems"),
    ]


def test_a_long_section_is_cut() -> None:
    _, sections = search.page_sections(f"<main><p>{'word ' * 1000}</p></main>")
    assert len(sections[0][2]) == search.LONGEST


def test_the_index_is_a_script_that_no_text_can_close(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    page = tmp_path / "below/page.html"
    page.write_text("<title>T</title><main><h2 id='h'>H</h2><p>a &lt;/script&gt; b</p></main>", "utf-8")
    text = search.write_index(tmp_path, [page]).read_text("utf-8")
    assert "</script>" not in text
    entries = json.loads(text.removeprefix("window.compendiumSearch = ").removesuffix(";\n"))
    assert entries == [{"address": "below/page.html#h", "title": "T", "heading": "H", "text": "a </script> b"}]
