"""The website: every page has its navigation, links between sources lead to pages, notebooks are pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from compendium.errors import CompendiumError
from compendium.render import render
from tests.render.test_paper import Reader

PAGES = [
    "index.html",
    "manuscript/site/data.html",
    "manuscript/site/rebuild.html",
    "build/notebooks/01_first.html",
]


@pytest.fixture(scope="module")
def site(rendered: Path) -> Path:
    return rendered / "_output/site"


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[str, Reader]:
    return {name: Reader(site / name) for name in PAGES}


def test_every_link_leads_to_a_page_and_a_place(pages: dict[str, Reader], site: Path) -> None:
    checked = 0
    for name, page in pages.items():
        for link in page.links:
            path, _, place = link.partition("#")
            if ":" in path:
                continue
            target = ((site / name).parent / path if path else site / name).resolve()
            assert target.is_file(), (name, link)
            if place and target.suffix == ".html":
                assert place in pages[target.relative_to(site.resolve()).as_posix()].ids, (name, link)
                checked += 1
    assert checked >= 5


def test_navigation_surrounds_a_page(site: Path, pages: dict[str, Reader]) -> None:
    text = (site / "manuscript/site/rebuild.html").read_text(encoding="utf-8")
    assert '<a href="rebuild.html" aria-current="page">How to rebuild</a>' in text
    assert '<a class="previous" rel="prev" href="../../index.html">The fixture site</a>' in text
    assert '<a class="next" rel="next" href="data.html">The data</a>' in text
    assert '<link rel="stylesheet" href="../../styles/base.css">' in text
    assert '<link rel="icon" href="../../manuscript/site/icon.svg">' in text
    assert (site / "manuscript/site/icon.svg").is_file()
    assert "<li>Using it</li>" in text
    assert "../../index.html" in pages["manuscript/site/rebuild.html"].links
    assert "https://example.org/" in pages["index.html"].links


def test_sections_have_no_numbers_and_citations_a_list(pages: dict[str, Reader]) -> None:
    page = pages["manuscript/site/rebuild.html"]
    assert page.parts["heading"] == ["First", "Second", "References"]
    assert page.parts["caption"] == ["Figure 1: The first figure, after [2]. It shows 42 places."]
    assert "1 Alpha A, Bee B, Cee C, et al. On alpha." in page.text


def test_a_notebook_is_a_page_with_its_outputs(site: Path, pages: dict[str, Reader]) -> None:
    page = pages["build/notebooks/01_first.html"]
    assert page.parts["title"] == ["A first notebook"]
    assert page.alts == ["A dot"]
    text = (site / "build/notebooks/01_first.html").read_text(encoding="utf-8")
    assert "<td>42</td>" in text
    assert "drawn" in page.text


def test_only_the_profile_of_the_page_shows(pages: dict[str, Reader]) -> None:
    assert "Welcome" in pages["index.html"].text
    assert "A fixture thesis" not in pages["index.html"].text


def test_navigation_to_a_missing_page_is_an_error(sources: Path) -> None:
    settings = sources / "_quarto-site.yml"
    settings.write_text(settings.read_text().replace("href: manuscript/site/data.qmd", "href: manuscript/site/dat.qmd"))
    with pytest.raises(CompendiumError, match=r"_quarto-site\.yml: .*not rendered; found manuscript/site/dat\.qmd"):
        render("site", engine="pandoc", root=sources)
