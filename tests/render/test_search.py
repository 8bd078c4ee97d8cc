"""Tests of the website's search index."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compendium.render import pandoc, search
from compendium.render.search import Page, Section

PAGE = """<!DOCTYPE html><html><head><title>Data &amp; more – A site</title><meta name="facet" content="Checks">
<style>p {}</style></head><body><header class="navbar"><nav>menu words</nav></header>
<main><header class="title-block"><h1>Data</h1></header>
<details class="page-toc-small"><summary>On this page</summary><a href="#x">contents words</a></details>
<p>First <em>words</em>.</p>
<section id="fields"><h2>Fields</h2><p>Names of <code>columns</code>.</p>
<details><summary>More</summary><p>folded words</p></details><pre>code words</pre>
<section id="deep"><h3 id="own">Deep</h3><p>Down.</p></section></section>
<div class="unsearched"><div>left</div> out</div>
<table><tbody><tr id="value-a.b"><td>42</td><td><span class="named">systems</span> counted</td></tr>
<tr><td>6</td><td><span id="list-item" class="named">Reflexivity</span>: who they are</td></tr></tbody></table>
<script>script words</script><nav>footer words</nav></main></body></html>"""


def test_a_page_is_cut_at_its_headings_and_at_what_has_an_address_and_a_name() -> None:
    assert search.page_of(PAGE) == Page(
        "Data & more",
        "Checks",
        (
            Section("", "", "First words ."),
            Section("fields", "Fields", "Names of columns . More folded words"),
            Section("own", "Deep", "Down."),
            Section("value-a.b", "systems", "42 counted 6"),
            Section("list-item", "Reflexivity", ": who they are"),
        ),
    )


def test_a_page_may_be_found_by_its_title_alone() -> None:
    marked = PAGE.replace("<style>", '<meta name="search" content="false"><style>', 1)
    assert search.page_of(marked) == Page("Data & more", "Checks", (Section("", "Data & more", ""),))


def test_words_are_those_that_tell_pages_apart() -> None:
    found = search.words_of("The systems, and 3,146,943 people of deadbeef01 in 2021: Café 7")
    assert found == {"systems", "3,146,943", "people", "2021", "café"}


def content(path: Path) -> Any:
    text = path.read_text("utf-8")
    assert "</script>" not in text
    return json.loads(text.partition("] = " if "??=" in text else " = ")[2].removesuffix(";\n"))


def test_the_index_says_where_each_word_stands_and_texts_come_apart(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "below/page.html").write_text(
        "<title>T</title><main><h2 id='h'>H</h2><p>alpha &lt;/script&gt; beta</p><h2 id='k'>K</h2><p>beta</p></main>",
        "utf-8",
    )
    (tmp_path / "z.html").write_text("<title>Z</title><main><p>beta gamma</p></main>", "utf-8")
    made = content(search.write_index(tmp_path, facets={"below": "Paper"}))
    assert made["pages"] == [["below/page.html", "T", "Paper", 1], ["z.html", "Z", search.OTHER, 1]]
    assert made["entries"] == [[0, "h", "H"], [0, "k", "K"], [1, "", ""]]
    assert dict(zip(made["words"].split(), made["places"].split(), strict=True)) == {
        "alpha": "0", "beta": "0,1,1", "gamma": "2", "script": "0",
    }  # fmt: skip
    assert content(tmp_path / "search/0.js") == ["alpha </script> beta", "beta"]
    assert content(tmp_path / "search/1.js") == ["beta gamma"]


@given(st.sets(st.integers(0, 100_000), min_size=1))
def test_packed_places_unpack(places: set[int]) -> None:
    total, found = 0, []
    for step in search.packed(sorted(places)).split(","):
        total += int(step, 36)
        found.append(total)
    assert found == sorted(places)


def test_the_library_is_the_one_that_its_note_names() -> None:
    folder = pandoc.TEMPLATES / "minisearch"
    named = re.search(r"SHA-256 ([0-9a-f]{64})", (folder / "README.md").read_text("utf-8"))
    assert named is not None
    assert named[1] == hashlib.sha256((folder / "minisearch.js").read_bytes()).hexdigest()
    assert "Permission is hereby granted" in (folder / "LICENSE.txt").read_text("utf-8")


@pytest.mark.parametrize("name", ["site.js", "search.js"])
def test_what_every_page_loads_is_light(name: str) -> None:
    assert (pandoc.TEMPLATES / name).stat().st_size < 12_000
