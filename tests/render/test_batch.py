"""Many documents by one Pandoc: each as by a process of its own, and a failure is that of its own document."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from compendium.errors import CompendiumError
from compendium.render import nodes, pandoc
from compendium.render.sources import expand, load_project

TEXTS = ("# One\n\nWords and `code`.\n", "```python\nx = 1\n```\n\n$a < b$\n", "A note.[^1]\n\n[^1]: See @gamma2022.\n")


def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note what Pandoc is called for from now on: "lua" for many documents at once."""
    calls: list[str] = []
    run = pandoc.run
    monkeypatch.setattr(pandoc, "run", lambda arguments, *rest: calls.append(arguments[0]) or run(arguments, *rest))
    return calls


def test_many_documents_are_read_and_written_as_each_alone(sources: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = load_project(sources, "site")
    pages = []
    for number, text in enumerate(TEXTS):
        (sources / f"page-{number}.qmd").write_text(text, "utf-8")
        pages.append(expand(project, f"page-{number}.qmd"))
    alone = [pandoc.parsed(page, sources) for page in pages]
    options = ["--standalone", "--mathml", "--section-divs", f"--template={pandoc.TEMPLATES / 'site.html'}"]
    own = [
        [*options, "--toc", "--toc-depth=2"],
        options,
        [*options, "--citeproc", f"--bibliography={project.bibliography[0]}"],
    ]
    titled = [pandoc.document({"pagetitle": nodes.meta("A page")}, tree["blocks"]) for tree in alone]
    asked = [(tree, given, page.file) for tree, given, page in zip(titled, own, pages, strict=True)]
    written = [pandoc.written(tree, "html", given, sources, what) for tree, given, what in asked]
    calls = counted(monkeypatch)
    assert pandoc.all_parsed(pages, sources) == alone
    assert pandoc.all_written(iter(asked), "html", sources) == written
    assert calls == ["lua", "lua", "-f"]  # citations have a process of their own
    assert "sourceCode python" in written[1]
    assert "csl-entry" in written[2]


def test_what_pandoc_warns_of_is_said_of_its_own_document(sources: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = load_project(sources, "site")
    (sources / "fine.qmd").write_text("Fine.\n", "utf-8")
    (sources / "twice.qmd").write_text("# A {#sec-a}\n\n# B {#sec-a}\n", "utf-8")
    pages = [expand(project, name) for name in ("fine.qmd", "twice.qmd")]
    with pytest.raises(CompendiumError, match=r"twice.qmd, row 3: the label 'sec-a' is defined twice"):
        pandoc.all_parsed(pages, sources)
    trees = [pandoc.parsed(pages[0], sources), json.loads(pandoc.run(["-t", "json"], r"$\nowhere{x$", sources, "-"))]
    asked = [(tree, ["--mathml"], what) for tree, what in zip(trees, ("fine.qmd", "odd.qmd"), strict=True)]
    with pytest.raises(CompendiumError, match=r"odd.qmd: Pandoc cannot render it \(Could not convert TeX math"):
        pandoc.all_written(asked, "html", sources)
    calls = counted(monkeypatch)
    monkeypatch.setattr(pandoc, "BATCH", sources / "nowhere.lua")  # as with a Pandoc that runs no Lua
    assert pandoc.all_written(asked[:1], "html", sources) == ["<p>Fine.</p>\n"]
    assert calls == ["lua", "-f"]
