"""Tests of the documents that the website carries beside its pages."""

from __future__ import annotations

from pathlib import Path

from analysis.render import site
from analysis.render.sources import Project

LINKS = """<a href="../../paper/paper.pdf">PDF</a> <a href="../../thesis/thesis.pdf">T</a>
<a href="../../paper/p.html#a">H</a>"""


def attached(tmp_path: Path) -> tuple[Path, str]:
    staging = tmp_path / "_output/.site"
    page = staging / "manuscript/site/paper.html"
    page.parent.mkdir(parents=True)
    page.write_text(LINKS, "utf-8")
    project = Project(tmp_path, "site", {"project": {"type": "website", "output-dir": "_output/site"}})
    site.attach(project, staging, [page])
    return staging, page.read_text("utf-8")


def test_what_is_rendered_is_copied_and_linked_and_the_rest_is_not_linked(tmp_path: Path) -> None:
    paper = tmp_path / "_output/paper"
    paper.mkdir(parents=True)
    (paper / "paper.pdf").write_bytes(b"%PDF")
    (paper / "p.html").write_text("x", "utf-8")
    staging, text = attached(tmp_path)
    assert (staging / "paper/paper.pdf").read_bytes() == b"%PDF"
    assert '<a href="../../paper/paper.pdf">PDF</a>' in text
    assert '<a href="../../paper/p.html#a">H</a>' in text
    assert '<a class="not-rendered" title="Not rendered in this copy of the website">T</a>' in text


def test_without_any_document_no_link_is_left(tmp_path: Path) -> None:
    _, text = attached(tmp_path)
    assert "href" not in text
    assert text.count("not-rendered") == 3


def test_an_executed_notebook_is_the_page_that_the_chain_wrote() -> None:
    sources = {"build/pages/notebooks/01_x.qmd": None, "index.qmd": None}
    assert site.page_of("build/notebooks/01_x.ipynb", sources) == "build/pages/notebooks/01_x.html"  # type: ignore[arg-type]
    assert site.page_of("build/notebooks/02_y.ipynb", sources) is None  # type: ignore[arg-type]
    assert site.page_of("index.qmd", sources) == "index.html"  # type: ignore[arg-type]
