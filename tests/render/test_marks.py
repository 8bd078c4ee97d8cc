"""What a Word file remembers: a bookmark for each block, a locked control for each computed value, its sources."""

from __future__ import annotations

import base64
import json
import zipfile
import zlib
from pathlib import Path
from xml.etree import ElementTree

import docx
import pytest
from docx.oxml.ns import qn

from compendium.render import blocks, documents, marks, pandoc
from compendium.render.sources import expand, load_project

PAPER = "manuscript/paper/paper.qmd"
ORDER = ("rPr", "alias", "tag", "id", "lock")  # of what a control says of itself


@pytest.fixture(scope="module")
def file(rendered: Path) -> Path:
    return rendered / "_output/paper/paper.docx"


@pytest.fixture(scope="module")
def body(file: Path):
    return docx.Document(str(file)).element.body


def remembered(file: Path) -> dict:
    with zipfile.ZipFile(file) as parts:
        content = ElementTree.fromstring(parts.read("customXml/item1.xml")).text or ""
    return json.loads(zlib.decompress(base64.b64decode(content)))


def test_values_references_and_citations_are_locked_controls_titled_with_their_keys(body):
    found = {}
    for control in body.iter(qn("w:sdt")):
        about = control.find(qn("w:sdtPr"))
        assert [item.tag for item in about] == [
            qn(f"w:{name}") for name in ORDER if about.find(qn(f"w:{name}")) is not None
        ]
        assert about.find(qn("w:lock")).get(qn("w:val")) == "contentLocked"
        words = "".join(text.text or "" for text in control.iter(qn("w:t")))
        found.setdefault(about.find(qn("w:alias")).get(qn("w:val")), []).append(words)
    assert set(found["sample.places"]) == {"42"}
    assert found["@fig-first"][0] == "Figure\u00a01"
    assert "@alpha2020; @beta2021" in found
    ids = [control.get(qn("w:val")) for control in body.iter(qn("w:id"))]
    assert len(ids) == len(set(ids))


def test_every_block_has_a_bookmark_that_leads_to_its_lines(file: Path, body, rendered: Path):
    memory = remembered(file)
    names = [item.get(qn("w:name")) for item in body.iter(qn("w:bookmarkStart"))]
    numbers = [int(name[4:8]) for name in names if name.startswith("_qmd")]
    assert len(numbers) == len(set(numbers))
    told = {memory["blocks"][number][5].splitlines()[0] for number in numbers}
    assert {"# Introduction {#sec-introduction}", "  **Design** Nothing is designed here.", "Nobody."} <= told
    for number in numbers:
        _, path, first, last, _, text = memory["blocks"][number]
        assert "\n".join((rendered / path).read_text("utf-8").split("\n")[first - 1 : last]) == text


def test_the_file_keeps_its_source_commit_and_results(file: Path):
    with zipfile.ZipFile(file) as parts:
        told = parts.read("docProps/custom.xml").decode("utf-8")
        everything = b"".join(parts.read(name) for name in parts.namelist() if name.endswith(".xml")).decode("utf-8")
    assert f'name="compendium-source"><vt:lpwstr>{PAPER}<' in told
    assert all(f'name="{name}"' in told for name in marks.PROPERTIES)
    assert not any(mark in everything for mark in (marks.OPEN, marks.CLOSE, marks.START))


def test_marks_change_nothing_that_pandoc_reads(rendered: Path):
    project = load_project(rendered, "paper")
    source = expand(project, PAPER, marked=True)
    opened, _ = marks.marked(project, source)
    assert opened.text != source.text
    assert marks.unmarked(pandoc.parsed(opened, rendered)) == pandoc.parsed(source, rendered)


def test_computed_words_are_shaded_where_that_is_asked(rendered: Path, tmp_path: Path):
    import dataclasses

    project = dataclasses.replace(load_project(rendered, "paper"), shaded=True)
    (path,) = documents.article(project, PAPER, ["docx"], tmp_path)
    body = docx.Document(str(path)).element.body
    shaded = [run for run in body.iter(qn("w:r")) if run.find(f"{qn('w:rPr')}/{qn('w:shd')}") is not None]
    inside = [
        run for control in body.iter(qn("w:sdt")) for run in control.iter(qn("w:r")) if run.find(qn("w:t")) is not None
    ]
    assert {id(run) for run in inside} <= {id(run) for run in shaded}
    assert all(any(parent.tag == qn("w:sdtContent") for parent in run.iterancestors()) for run in shaded)


def test_blocks_are_headings_paragraphs_items_and_captions(sources: Path):
    text = (
        '---\ntitle: "A title"\nabstract: |\n  One\n  line.\n\n  Two.\n---\n\n# Head {#sec-h}\n\nA paragraph\n'
        "of lines.\n\n- item\n  goes on\n- another\n\n| a |\n|---|\n| b |\n\n: Caption {#tbl-x}\n\n"
        "```\ncode\n```\n\n::: {.note}\nIn.\n:::\n"
    )
    (sources / PAPER).write_text(text, encoding="utf-8")
    found = blocks.blocks(expand(load_project(sources, "paper"), PAPER))
    assert [(block.kind, block.first, block.last, block.lead) for block in found] == [
        ("title", 2, 2, 'title: "'), ("abstract", 4, 5, "  "), ("abstract", 7, 7, "  "), ("heading", 10, 10, "# "),
        ("paragraph", 12, 13, ""), ("item", 15, 16, "- "), ("item", 17, 17, "- "), ("caption", 23, 23, ": "),
        ("paragraph", 30, 30, ""),
    ]  # fmt: skip
