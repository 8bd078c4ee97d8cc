"""The head of every page, sitemap, robots and the zip, with an address and without one."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path

import pytest

from compendium.render import heads, parcel

ABOUT = {
    "title": "A study", "description": "What it is.", "authors": ["The study team"], "version": "1.2.0",
    "date": "2026-11-24", "licence": "https://opensource.org/license/mit",
    "data-licence": "https://creativecommons.org/licenses/by/4.0/", "keywords": ["health"],
    "builds-on": [{"title": "Original", "authors": ["Ada Original"], "doi": "10.1/x"}],
    "data": [{"file": "data/a.csv", "title": "A"}, {"file": "data/gone.csv", "title": "Gone"}],
    "address": "", "report": "", "binder": "", "picture": {"file": "build/results/figures/map.png", "alt": "A map"},
}  # fmt: skip
PAGE = "<html><head><title>{} – A study</title></head><body><main><p>First <em>words</em>.</p></main></body></html>"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    website = tmp_path / "site"
    for name in ("index", "404", "manuscript/site/data", "paper/paper"):
        page = website / f"{name}.html"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(PAGE.format(name).replace("<head>", '<head><meta name="author" content="Ann &amp; Co">'))
    (website / "paper/paper.pdf").write_bytes(b"%PDF-")
    (website / "data").mkdir()
    (website / "data/a.csv").write_text("a\n1\n")
    return website


def described(site: Path, **more: str) -> dict[str, str]:
    made = site.parent / "made"
    made.mkdir(exist_ok=True)
    (made / heads.RECORD).write_text(json.dumps(ABOUT | more))
    heads.describe(site, made, "abc1234567", 1763942400)
    pages = {path.relative_to(site).as_posix(): path.read_text() for path in site.rglob("*.html")}
    heads.describe(site, made, "abc1234567", 1763942400)
    assert pages == {path.relative_to(site).as_posix(): path.read_text() for path in site.rglob("*.html")}
    return pages


def graph(page: str) -> dict[str, dict]:
    [text] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
    return {item["@type"]: item for item in json.loads(text)["@graph"]}


def test_a_website_with_an_address_says_it_everywhere(site: Path) -> None:
    pages = described(site, address="https://example.org/study", report="https://example.org/issues/new")
    data = pages["manuscript/site/data.html"]
    assert '<link rel="canonical" href="https://example.org/study/manuscript/site/data.html">' in data
    assert '<link rel="canonical" href="https://example.org/study/">' in pages["index.html"]
    assert 'property="og:image" content="https://example.org/study/build/results/figures/map.png"' in data
    assert '<base href="https://example.org/study/">' in pages["404.html"]
    assert "https://example.org/issues/new?title=Error%20on%20manuscript/site/data.html" in data
    sitemap = (site / "sitemap.xml").read_text()
    assert sitemap.count("<loc>") == 3
    assert "404" not in sitemap
    assert "Sitemap: https://example.org/study/sitemap.xml" in (site / "robots.txt").read_text()


def test_a_website_without_one_names_none(site: Path) -> None:
    pages = described(site)
    assert not any("canonical" in page or "<base" in page for page in pages.values())
    assert not (site / "sitemap.xml").exists()
    assert 'href="mailto:?subject=Error%20on%20index.html%20%28abc1234567%29' in pages["index.html"]
    assert 'property="og:image" content="../build/results/figures/map.png"' in pages["paper/paper.html"]


def test_every_page_is_described_and_the_paper_can_be_cited(site: Path) -> None:
    pages = described(site)
    assert all('<meta name="description" content="First words.">' in page for page in pages.values())
    paper = pages["paper/paper.html"]
    for tag, value in (("title", "paper/paper"), ("author", "Ann &amp; Co"), ("pdf_url", "paper.pdf")):
        assert f'<meta name="citation_{tag}" content="{value}">' in paper
    assert "citation_" not in pages["index.html"]
    article = graph(paper)["ScholarlyArticle"]
    assert article["isBasedOn"][0]["@id"] == "https://doi.org/10.1/x"
    assert set(graph(pages["index.html"])) == {"WebSite", "SoftwareSourceCode", "Dataset"}
    files = graph(pages["manuscript/site/data.html"])["Dataset"]["distribution"]
    assert [file["contentUrl"] for file in files] == ["../../data/a.csv"]


def test_the_zip_holds_what_stands_there_and_is_alike_each_time(site: Path) -> None:
    described(site)
    (site / "secret.txt").write_text("not offered")
    target = parcel.pack(site, site.parent / "made", "abc1234567")
    assert target is not None
    once = target.read_bytes()
    parcel.pack(site, site.parent / "made", "abc1234567")
    assert target.read_bytes() == once
    with zipfile.ZipFile(target) as packed:
        assert packed.namelist() == ["README.txt", "data/a.csv", "paper/paper.pdf"]
        assert "commit abc1234567" in packed.read("README.txt").decode()
