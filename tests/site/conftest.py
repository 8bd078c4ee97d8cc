"""The website under test, built once per session in a folder of its own, and a browser to look at it."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = os.environ.get("CHROMIUM_PATH") or shutil.which("chromium") or shutil.which("google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


@pytest.fixture(scope="session")
def website(built: Path) -> Path:
    """Return a freshly rendered website with the paper and the thesis beside it."""
    return built / "_output/site"


MADE_ALIKE = ("systems", "codes")
"""Folders of pages that one template makes of one kind of record; two of each stand for all in a browser."""


@pytest.fixture(scope="session")
def all_pages(website: Path) -> list[Path]:
    """Return the website's pages without the paper and the thesis, which have tests of their own."""
    found = sorted(website.rglob("*.html"))
    return [path for path in found if path.relative_to(website).parts[0] not in ("paper", "thesis")]


@pytest.fixture(scope="session")
def own_pages(all_pages: list[Path]) -> list[Path]:
    """Return these pages, where two of a folder of records stand for all."""
    alike = {name: [path for path in all_pages if path.parent.name == name][2:] for name in MADE_ALIKE}
    return [path for path in all_pages if path not in alike.get(path.parent.name, [])]


@pytest.fixture(scope="session")
def page_kinds(own_pages: list[Path]) -> list[Path]:
    """Return the website's own pages, where two of a generated folder stand for all that one template made."""
    made: dict[Path, int] = {}
    kept = []
    for path in own_pages:
        folder = path.parent
        made[folder] = made.get(folder, 0) + 1
        if folder.name not in ("notebooks", "reference") or made[folder] <= 2:
            kept.append(path)
    return kept


@pytest.fixture(scope="session")
def one_of_each(website: Path) -> list[Path]:
    """Return a page of every make: home, text, explorers, long tables, a form of search, guide, reference, notebook."""
    site = ("explore-ics", "evidence", "findings", "robustness", "ledger", "inconsistencies", "provenance", "data")
    names = ["index", *(f"manuscript/site/{name}" for name in site), "docs/index", "docs/commands"]
    names += ["build/pages/reference/chain", "build/pages/notebooks/01_ics_characteristics"]
    return [website / f"{name}.html" for name in names]


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Return a headless Chromium, or skip."""
    if CHROMIUM is None:
        pytest.skip("no Chromium found: install it or set CHROMIUM_PATH")
    if importlib.util.find_spec("playwright") is None:
        pytest.skip("the package 'playwright' is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as tool:
        running = tool.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture
def view(browser: Any, website: Path) -> Iterator[Any]:
    """Return a function that opens a page of the website and fails the test on any error in its console."""
    contexts, problems = [], []

    def opened(address: str, **options: Any) -> Any:
        context = browser.new_context(viewport={"width": options.pop("width", 1280), "height": 900}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(f"{address}: {error}"))
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        page.on("request", lambda request: _foreign(request.url, problems))
        path, _, fragment = address.partition("#")
        page.goto((website / path).as_uri() + (f"#{fragment}" if fragment else ""))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not problems


def _foreign(url: str, problems: list[str]) -> None:
    if not url.startswith(("file:", "data:", "blob:")):
        problems.append(f"a request leaves the machine: {url}")


@pytest.fixture(scope="session")
def axe() -> str:
    """Return the source of axe-core, or skip."""
    found = importlib.util.find_spec("axe_playwright_python")
    folder = Path(found.origin).parent if found and found.origin else None
    if folder is None or not (folder / "axe.min.js").is_file():
        pytest.skip("axe-core not found: install the package 'axe-playwright-python'")
    return (folder / "axe.min.js").read_text("utf-8")
