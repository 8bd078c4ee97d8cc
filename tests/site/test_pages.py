"""Every page in a real browser at three widths, with JavaScript and without, in light, dark and print."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser
WIDTHS = (360, 768, 1440)
FEW_ROWS = """
document.querySelectorAll('tbody').forEach((body) => [...body.rows].slice(20).forEach((row) => row.remove()))
"""  # rows of one table are all made alike, and checking the contrast of thousands of cells takes minutes


def name(path: Path, website: Path) -> str:
    return path.relative_to(website).as_posix()


def test_no_page_errs_calls_out_or_scrolls_sideways(browser: Any, own_pages: list[Path]) -> None:
    problems = []
    context = browser.new_context()
    page = context.new_page()
    page.on("pageerror", lambda error: problems.append((page.url, str(error))))
    page.on("console", lambda said: problems.append((page.url, said.text)) if said.type == "error" else None)
    page.on("requestfailed", lambda request: problems.append((page.url, "failed: " + request.url)))
    page.on("request", lambda r: None if r.url.startswith(("file:", "data:")) else problems.append((page.url, r.url)))
    for path in own_pages:
        page.set_viewport_size({"width": WIDTHS[0], "height": 900})
        page.goto(path.as_uri())
        page.evaluate("document.querySelectorAll('img').forEach((image) => { image.loading = 'eager'; })")
        page.wait_for_function("[...document.images].every((image) => image.complete)")
        broken = page.evaluate("[...document.images].filter((i) => !i.naturalWidth).map((i) => i.src)")
        if broken:
            problems.append((page.url, f"pictures that do not show: {broken}"))
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if over > 0:
                problems.append((page.url, f"{over} pixels too wide at {width}"))
    context.close()
    assert len(own_pages) >= 15
    assert not problems


def serious(page: Any, paths: list[Path], website: Path, axe: str) -> list[tuple[str, str, list[Any]]]:
    """Return what axe finds on pages: page, rule, and the first three places."""
    found = []
    for path in paths:
        page.goto(path.as_uri())
        page.evaluate(FEW_ROWS)
        page.add_script_tag(content=axe)
        result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        found += [
            (name(path, website), violation["id"], [node["target"] for node in violation["nodes"]][:3])
            for violation in result["violations"]
            if violation["impact"] in ("serious", "critical")
        ]
    return found


def test_axe_finds_nothing_serious(browser: Any, page_kinds: list[Path], website: Path, axe: str) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme="light")
    assert not serious(context.new_page(), page_kinds, website, axe)
    context.close()


def test_axe_finds_nothing_serious_on_a_telephone_in_the_dark(
    browser: Any, one_of_each: list[Path], website: Path, axe: str
) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 900}, color_scheme="dark")
    assert not serious(context.new_page(), one_of_each, website, axe)
    context.close()


def test_without_javascript_every_page_shows_its_text_and_tables(
    browser: Any, website: Path, own_pages: list[Path]
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    for path in own_pages:
        page.goto(path.as_uri())
        main = page.inner_text("main")
        assert len(main) > 300 or path.name == "404.html", name(path, website)
        if "<table" in path.read_text("utf-8"):
            assert page.locator("main table tbody tr").first.is_visible() or page.locator("main details").count()
    page.goto((website / "manuscript/site/explore-ics.html").as_uri())
    assert page.locator("#ics-static tbody tr").count() == 42
    context.close()


def test_the_contents_stand_below_the_title(website: Path) -> None:
    chapters = sorted((website / "thesis/manuscript").rglob("*.html"))
    pages = [website / "manuscript/site/provenance.html", *chapters]
    assert len(pages) > 5
    for path in pages:
        text = path.read_text("utf-8")
        if 'class="page-toc-small"' in text:
            assert text.index("<h1") < text.index('class="page-toc-small"'), name(path, website)


def test_a_page_prints_without_its_frame(view: Any) -> None:
    page = view("manuscript/site/provenance.html")
    page.emulate_media(media="print")
    for part in (".navbar", ".sidebar", ".page-toc"):
        assert not page.locator(part).first.is_visible()
    assert page.locator("main h1").is_visible()
    assert page.pdf()[:5] == b"%PDF-"


def test_works_from_a_path_below_a_server(browser: Any, website: Path, tmp_path: Path) -> None:
    import functools
    import threading
    from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *arguments: Any) -> None:
            pass

    (tmp_path / "some").mkdir()
    (tmp_path / "some/where").symlink_to(website)
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=tmp_path))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        failed = []
        page = browser.new_page()
        page.on("response", lambda answer: failed.append(answer.url) if answer.status >= 400 else None)
        page.goto(f"http://127.0.0.1:{server.server_port}/some/where/index.html")
        page.click(".door:nth-child(2) a")
        page.wait_for_selector(".tile-map")
        assert "/some/where/manuscript/site/explore-ics.html" in page.url
        assert not [url for url in failed if not url.endswith("favicon.ico")]
        page.close()
    finally:
        server.shutdown()


def test_light_and_dark_are_kept(view: Any) -> None:
    page = view("index.html", color_scheme="light")
    before = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.click("button.theme")
    after = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert before != after
    page.click(".navbar a:has-text('Data')")
    page.wait_for_load_state()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == after


def test_search_finds_a_known_term_and_its_place(view: Any) -> None:
    page = view("manuscript/site/data.html")
    page.keyboard.press("/")
    page.wait_for_selector(".search-panel[open] input")
    page.keyboard.type("how to rebuild")
    hit = page.locator(".search-panel li a").first
    hit.wait_for()
    assert "How to rebuild" in hit.inner_text()
    page.keyboard.press("Enter")
    page.wait_for_url("**/rebuild.html*")


def test_a_missing_index_is_said_in_the_panel(browser: Any, website: Path, tmp_path: Path) -> None:
    copied = tmp_path / "site"
    shutil.copytree(website, copied, ignore=shutil.ignore_patterns("search-index.js", "paper", "thesis"))
    page = browser.new_page()
    page.goto((copied / "index.html").as_uri())
    page.click("button.search-open")
    page.wait_for_function("document.querySelector('.search-panel .status')?.textContent.includes('missing')")
    page.close()


@pytest.mark.parametrize("address", ["findings", "ledger", "audit", "inconsistencies", "evidence"])
def test_records_read_on_a_telephone_without_scrolling_sideways(view: Any, address: str) -> None:
    page = view(f"manuscript/site/{address}.html", width=360)
    page.evaluate("document.querySelectorAll('details.fold').forEach((box) => { box.open = true; })")
    tables = page.locator("table:is(.findings, .segments, .stacked)")
    assert tables.count() >= 1
    tables.first.scroll_into_view_if_needed()
    first = "document.querySelector('table:is(.findings, .segments, .stacked) td')"
    page.wait_for_function(f"{first}.innerText")  # a long table is laid out when it comes near
    over = "all => all.map((table) => table.parentElement.scrollWidth - table.parentElement.clientWidth)"
    assert max(tables.evaluate_all(over)) <= 0
    assert tables.first.locator("tbody tr:visible").first.inner_text().count("\n") >= 3


def test_a_link_to_a_row_that_is_folded_away_opens_it(view: Any) -> None:
    page = view("manuscript/site/inconsistencies.html")
    folded = page.locator("details.fields tbody tr").last
    assert not folded.is_visible()
    page.evaluate(f"location.hash = {folded.get_attribute('id')!r}")
    page.reload()
    page.wait_for_function("document.querySelector('details.fields').open")
    assert page.locator("details.fields tbody tr").last.is_visible()
    certain = page.locator("table[aria-label=Certain] tbody tr")
    assert certain.count() >= 1
    assert certain.first.is_visible()
