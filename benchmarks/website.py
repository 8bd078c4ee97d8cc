"""How soon a page of the website answers its reader, how much it weighs, and how soon search finds.

Run with ``python benchmarks/website.py`` after ``compendium render``: it prints a table, writes
``benchmarks/results/website.md`` and fails where a page is later or heavier than its aim. Every page is opened from
the disk three times in a fresh Chromium context; the median counts. A page is interactive from the first frame drawn
after its own scripts have ended, explorers included, when the browser is free for the next event. That it is so is
shown by acting at once: choosing another option in an explorer, else opening search, up to the frame that shows it.
"""

from __future__ import annotations

import gzip
import os
import re
import shutil
import statistics
import sys
from pathlib import Path
from typing import Any

import report
from report import ROOT

REPEATS = 3
SECONDS = 1.0  # until interactive, until an action shows, until search has its first result
BYTES = 150_000  # of a page with its tables, styles and scripts as a host sends them, without data, pictures and search
CHROMIUM = os.environ.get("CHROMIUM_PATH") or shutil.which("chromium") or shutil.which("google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]

READY = """
addEventListener('DOMContentLoaded', () =>
  requestAnimationFrame(() => setTimeout(() => performance.mark('interactive'))));
"""
INTERACTIVE = "performance.getEntriesByName('interactive')[0]?.startTime"
ACTION = """() => new Promise((done) => {
  const began = performance.now();
  const select = document.querySelector('main .explorer .controls select');
  if (select) {
    select.value = select.options[select.options.length - 1].value;
    select.dispatchEvent(new Event('change', { bubbles: true }));
  } else document.querySelector('button.search-open').click();
  requestAnimationFrame(() => setTimeout(() => done(performance.now() - began)));
})"""
SEARCH = """() => new Promise((done) => {
  const began = performance.now();
  document.querySelector('button.search-open').click();
  const look = () => {
    const input = document.querySelector('.search-panel[open] input');
    if (input && !input.value) {
      input.value = 'deprivation';
      input.dispatchEvent(new Event('input'));
    }
    if (document.querySelector('.search-panel ol a')) done(performance.now() - began);
    else requestAnimationFrame(look);
  };
  look();
})"""


def opened(browser: Any, page: Path) -> tuple[Any, float]:
    """Return a page opened in a context of its own, and the seconds from navigation until it was interactive."""
    view = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    view.add_init_script(READY)
    view.goto(page.as_uri(), wait_until="commit")
    view.wait_for_function(INTERACTIVE)
    return view, view.evaluate(INTERACTIVE) / 1000


def times(browser: Any, page: Path) -> tuple[float, float, float]:
    """Return seconds until a page is interactive, from an action to what it shows, and to search's first result."""
    view, interactive = opened(browser, page)
    action = view.evaluate(ACTION) / 1000
    view.context.close()
    view, _ = opened(browser, page)
    search = view.evaluate(SEARCH) / 1000
    view.context.close()
    return interactive, action, search


def weight(page: Path) -> int:
    """Return the bytes, compressed, of a page with its styles and scripts, without the data of its explorer."""
    text = page.read_text("utf-8")
    loaded = set(re.findall(r'<(?:script|link)[^>]*(?:src|href)="([^":]+\.(?:js|css))"', text))
    parts = [page.parent / name for name in loaded if "build/pages/" not in name or "/reader." in name]
    return sum(len(gzip.compress(content, 6)) for content in (text.encode(), *(part.read_bytes() for part in parts)))


def pages(website: Path) -> list[Path]:
    """Return the website's pages; the paper and the thesis beside it have no scripts of their own to wait for."""
    found = sorted(website.rglob("*.html"))
    return [path for path in found if path.relative_to(website).parts[0] not in ("paper", "thesis")]


def main() -> int:
    """Measure every page, report, and return 1 where one misses an aim."""
    from playwright.sync_api import sync_playwright

    website = ROOT / "_output/site"
    rows, missed = [], []
    with sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        opened(browser, website / "index.html")[0].context.close()  # the first page of a browser pays for its start
        for page in pages(website):
            measured = [times(browser, page) for _ in range(REPEATS)]
            middle = [statistics.median(each) for each in zip(*measured, strict=True)]
            name, bytes_ = page.relative_to(website).as_posix(), weight(page)
            words = f"{middle[0]:.2f} s; action {middle[1]:.2f} s; search {middle[2]:.2f} s; {bytes_ / 1000:.0f} kB"
            late = max(middle) > SECONDS or bytes_ > BYTES
            missed += [name] if late else []
            rows.append((name, words, f"{SECONDS:.0f} s each, {BYTES / 1000:.0f} kB" + (": missed" if late else "")))
        version = browser.version
        browser.close()
    how = (
        f"Each page opened from the disk {REPEATS} times in Chromium {version}, median: from navigation until it is "
        "interactive, from a first action to the frame that shows it, from opening search to its first result; weight "
        "compressed, with styles and scripts, without explorers' data and pictures."
    )
    report.write("website", "The website in a browser", how, rows)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
