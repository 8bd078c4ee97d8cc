"""A page of every make answers soon, and each weighs little, measured as ``benchmarks/website.py`` does.

The aim of one second is the benchmark's, on a machine with nothing else to do; here the limit leaves room for one that
runs other tests meanwhile.
"""

from __future__ import annotations

import gzip
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser
MOST_SECONDS = 5.0


@pytest.fixture(scope="module")
def benchmark(project: Path) -> Any:
    """Return the benchmark's module."""
    sys.path.insert(0, str(project / "benchmarks"))
    try:
        import website

        return website
    finally:
        sys.path.pop(0)


def test_a_page_of_every_make_answers_soon(
    browser: Any, website: Path, one_of_each: list[Path], benchmark: Any
) -> None:
    late = {}
    for page in one_of_each:
        measured = benchmark.times(browser, page)
        if max(measured) > MOST_SECONDS:
            late[page.relative_to(website).as_posix()] = measured
    assert not late


def test_a_page_that_is_busy_is_measured_as_late(browser: Any, benchmark: Any, tmp_path: Path) -> None:
    page = tmp_path / "busy.html"
    busy = "const end = performance.now() + 700; while (performance.now() < end);"
    page.write_text(
        '<main><div class="explorer"><form class="controls"><select><option>a<option>b</select></form></div></main>'
        f"<script>document.querySelector('select').addEventListener('change', () => {{ {busy} }}); {busy}</script>",
        "utf-8",
    )
    view, interactive = benchmark.opened(browser, page)
    assert interactive >= 0.7
    assert view.evaluate(benchmark.ACTION) >= 700
    assert view.evaluate("document.querySelector('select').value") == "b"
    view.context.close()


def test_no_page_is_heavy(website: Path, benchmark: Any) -> None:
    weights = {page.relative_to(website).as_posix(): benchmark.weight(page) for page in benchmark.pages(website)}
    assert len(weights) >= 15
    assert {name: weight for name, weight in weights.items() if weight > benchmark.BYTES} == {}
    alone = gzip.compress((website / "manuscript/site/evidence.html").read_bytes(), 6)
    assert weights["manuscript/site/evidence.html"] > len(alone)
