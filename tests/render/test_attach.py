"""Tests of the documents that the website carries beside its pages."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from compendium.render import attach, site

LINKS = """<a href="../../paper/paper.pdf">PDF</a> <a href="../../thesis/thesis.pdf">T</a>
<a href="../../paper/p.html#a">H</a>"""
ROWS = """<table><tr id="segment-x-01"><td><code>x-01</code></td><td>Place</td></tr>
<tr id="segment-x-02"><td><code>x-02</code></td><td>Place</td></tr></table>"""
PAPER = """<head><title>x-01</title></head><nav><a href="#s">x-01</a></nav><h2>3.1 What <em>they</em>
said &amp; did</h2><p>One (<a href="#x-01">x-01</a>), two (x-02, x-03) and <a href="#other">x-02</a>.</p>
<h3>Later</h3><p>Again x-01. <code>x-01</code> and x-010</p>
<table><tr><td><span id="x-01">x-01</span></td></tr></table>"""


@pytest.fixture
def output(tmp_path: Path) -> Path:
    """Return an output folder with a website in it: a page that links to documents, and the evidence explorer."""
    pages = tmp_path / "_output/site/manuscript/site"
    pages.mkdir(parents=True)
    (pages / "paper.html").write_text(LINKS, "utf-8")
    (pages / "evidence.html").write_text(ROWS, "utf-8")
    return tmp_path / "_output"


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def with_documents(output: Path) -> None:
    (output / "paper").mkdir()
    (output / "paper/paper.pdf").write_bytes(b"%PDF")
    (output / "paper/p.html").write_text(PAPER, "utf-8")


def test_what_is_rendered_is_copied_and_linked_and_the_rest_is_not_linked(output: Path) -> None:
    with_documents(output)
    attach.attach(output / "site", output)
    text = (output / "site/manuscript/site/paper.html").read_text("utf-8")
    assert (output / "site/paper/paper.pdf").read_bytes() == b"%PDF"
    assert '<a href="../../paper/paper.pdf">PDF</a>' in text
    assert '<a href="../../paper/p.html#a">H</a>' in text
    assert '<a class="not-rendered" title="Not rendered in this copy of the website">T</a>' in text


def test_without_any_document_no_link_is_left(output: Path) -> None:
    attach.attach(output / "site", output)
    text = (output / "site/manuscript/site/paper.html").read_text("utf-8")
    assert "href" not in text
    assert text.count("not-rendered") == 3
    assert (output / "site/manuscript/site/evidence.html").read_text("utf-8") == ROWS


def test_a_claim_leads_to_its_segment_in_the_copy_alone(output: Path) -> None:
    with_documents(output)
    attach.attach(output / "site", output)
    text = (output / "site/paper/p.html").read_text("utf-8")
    there = 'class="segment-link" href="../manuscript/site/evidence.html#segment-'
    assert f'(<a id="cites-x-01" {there}x-01">x-01</a>)' in text
    assert f'(<a id="cites-x-02" {there}x-02">x-02</a>, x-03)' in text
    assert f'Again <a id="cites-x-01-2" {there}x-01">x-01</a>.' in text
    assert f'<span id="x-01"><a {there}x-01">x-01</a></span>' in text
    for untouched in ('<a href="#other">x-02</a>', "<code>x-01</code> and x-010", "<title>x-01</title></head><nav>"):
        assert untouched in text
    assert (output / "paper/p.html").read_text("utf-8") == PAPER


def test_the_copy_leads_back_to_the_website(output: Path) -> None:
    page = output / "thesis/a/b.html"
    page.parent.mkdir(parents=True)
    page.write_text(
        '<head></head><body class="x">\n<a class="skip-link" href="#c">Skip</a>\n<p>Text</p></body>', "utf-8"
    )
    attach.attach(output / "site", output)
    text = (output / "site/thesis/a/b.html").read_text("utf-8")
    link = '<nav class="to-website" aria-label="Website"><a href="../../index.html">← To the website</a></nav>'
    assert f"Skip</a>{link}\n<p>Text" in text
    assert page.read_text("utf-8").count("<nav") == 0


def test_a_segment_leads_back_to_every_claim_but_not_to_lists(output: Path) -> None:
    with_documents(output)
    attach.attach(output / "site", output)
    first, second = (output / "site/manuscript/site/evidence.html").read_text("utf-8").splitlines()
    heading = "Paper: 3.1 What they said &amp; did"
    assert first.endswith(
        f'Place<small class="cited">Cited in <a href="../../paper/p.html#cites-x-01">{heading}</a>, '
        '<a href="../../paper/p.html#cites-x-01-2">Paper: Later</a></small></td></tr>'
    )
    assert second.count("<a ") == 1


def test_names_are_the_same_for_every_address_of_a_document() -> None:
    text, claims = attach.with_segment_links("<p>a.1 and axb</p>", {"a.1"}, "e.html")
    assert claims == [("a.1", "cites-a.1", "")]
    assert text.endswith(" and axb</p>")
    assert attach.with_segment_links(PAPER, set(), "e.html") == (PAPER, [])


def plain(output: Path, **environment: str) -> None:
    """Run what Quarto runs at the end, as it documents it: in the project's folder, with the output relative to it."""
    root = Path(attach.__file__).parents[2]
    script, *_ = yaml.safe_load((root / "_quarto-site.yml").read_text("utf-8"))["project"]["post-render"]
    named = {**os.environ, "QUARTO_PROJECT_OUTPUT_DIR": "_output/site", **environment}
    subprocess.run([sys.executable, "-S", str(root / script)], cwd=output.parent, env=named, check=True)


def test_a_plain_quarto_render_attaches_the_same_without_any_package(output: Path) -> None:
    with_documents(output)
    plain(output)
    alone = contents(output)
    assert b"cites-x-01" in alone["site/paper/p.html"]
    attach.attach(output / "site", output)
    assert contents(output) == alone


def test_where_our_own_command_calls_quarto_it_attaches_once(output: Path) -> None:
    with_documents(output)
    before = contents(output)
    plain(output, **{attach.DONE_ELSEWHERE: "1"})
    assert contents(output) == before


def test_an_executed_notebook_is_the_page_that_the_chain_wrote() -> None:
    sources = {"build/pages/notebooks/01_x.qmd": None, "index.qmd": None}
    assert site.page_of("build/notebooks/01_x.ipynb", sources) == "build/pages/notebooks/01_x.html"  # type: ignore[arg-type]
    assert site.page_of("build/notebooks/02_y.ipynb", sources) is None  # type: ignore[arg-type]
    assert site.page_of("index.qmd", sources) == "index.html"  # type: ignore[arg-type]


def test_a_marker_leads_to_the_segment_it_stands_for() -> None:
    page = (
        '<h2>Said</h2><p>So<a href="#Q1"><sup>Q1</sup></a>, else<a href="#Q9"><sup>Q9</sup></a>.</p>'
        '<table><tr><td><span id="Q1" data-segment="x-01">Q1</span></td></tr>'
        '<tr><td><span id="Q9" data-segment="y-01">Q9</span></td></tr></table>'
    )
    text, claims = attach.with_segment_links(page, {"x-01"}, "e.html")
    assert '<a id="cites-x-01" class="segment-link" href="e.html#segment-x-01"><sup>Q1</sup></a>' in text
    listed = '<span id="Q1" data-segment="x-01"><a class="segment-link" href="e.html#segment-x-01">Q1</a></span>'
    assert listed in text
    assert '<a href="#Q9"><sup>Q9</sup></a>' in text, "a segment that the explorer has not stays in the paper"
    assert '<span id="Q9" data-segment="y-01">Q9</span>' in text
    assert claims == [("x-01", "cites-x-01", "Said")]
