"""The sources as Quarto reads them: what its documentation says of patterns, headings, headers and citations."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from compendium.render import render, sources
from compendium.render.sources import load_project, matching

DECOYS = (
    ".venv/x/data/leak.csv",
    ".venv/x/manuscript/site/leak.js",
    "tests/x/manuscript/site/leak.qmd",
    "tests/x/build/results/tables/leak.csv",
    "node_modules/leak/data/coding/goddard/leak.csv",
)


def settings(project: Path, profile: str) -> dict:
    """Return a profile's own settings as they are written."""
    return yaml.safe_load((project / f"_quarto-{profile}.yml").read_text("utf-8"))


def as_quarto(pattern: str) -> str:
    """Return a pattern with a star as Quarto reads it: a leading slash is the root, else it matches at any depth."""
    return pattern[1:] if pattern.startswith("/") else f"**/{pattern}"


def below_the_root(pattern: str) -> str:
    """Return a pattern as a shell in the project's folder reads it."""
    return pattern.lstrip("/")


@pytest.fixture
def decoyed(sources: Path, project: Path) -> Path:
    """Return a project with the patterns of this one's website, and files elsewhere that look like its own."""
    for name in DECOYS:
        path = sources / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("# Leak\n" if path.suffix == ".qmd" else "leak\n1\n", "utf-8")
    (sources / "data").mkdir(exist_ok=True)
    (sources / "data/kept.csv").write_text("kept\n1\n", "utf-8")
    written = settings(sources, "site")
    written["project"] |= {key: settings(project, "site")["project"][key] for key in ("render", "resources")}
    written["website"].pop("sidebar")
    (sources / "_quarto-site.yml").write_text(yaml.safe_dump(written), "utf-8")
    return sources


@pytest.mark.parametrize("reading", [as_quarto, below_the_root])
def test_nothing_beside_the_sources_leaves_whichever_way_a_pattern_is_read(
    decoyed: Path, reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = {reading(p): p for p in (*settings(decoyed, "site")["project"]["resources"], "/manuscript/site/*.qmd")}
    assert not [path for pattern in read for path in decoyed.glob(pattern) if "leak" in path.name]
    monkeypatch.setattr(
        sources,
        "matching",
        lambda root, patterns, **more: [
            path.relative_to(root).as_posix()
            for pattern in patterns
            for path in sorted(root.glob(reading(pattern) if "*" in pattern else pattern.lstrip("/")))
            if path.is_file()
        ],
    )
    render("site", engine="pandoc", root=decoyed)
    left = sorted(path.relative_to(decoyed / "_output/site").as_posix() for path in decoyed.glob("_output/site/**/*"))
    assert not [path for path in left if "leak" in path]
    assert {"index.html", "manuscript/site/rebuild.html", "data/kept.csv"} <= set(left)


def test_the_embedded_engine_reads_patterns_as_quarto_does(decoyed: Path) -> None:
    assert matching(decoyed, ["/data/*.csv"]) == ["data/kept.csv"]
    assert matching(decoyed, ["data/*.csv"]) == [".venv/x/data/leak.csv", "data/kept.csv"]
    assert matching(decoyed, ["data/*.csv", "!.venv/"]) == ["data/kept.csv"]
    assert matching(decoyed, ["/data/"]) == matching(decoyed, ["/data"]) == ["data/kept.csv"]
    assert matching(decoyed, ["/data/kept.csv", "gone.qmd"]) == ["data/kept.csv", "gone.qmd"]
    assert matching(decoyed, ["leak.csv"], names=False) == sorted(name for name in DECOYS if name.endswith("leak.csv"))


def test_pages_are_no_fragments_and_no_hidden_files(decoyed: Path) -> None:
    written = settings(decoyed, "site")
    written["project"]["render"] = ["*.qmd"]
    (decoyed / "_quarto-site.yml").write_text(yaml.safe_dump(written), "utf-8")
    (decoyed / ".venv/x/page.qmd").write_text("# Leak\n", "utf-8")
    (decoyed / "manuscript/site/_part.qmd").write_text("# Part\n", "utf-8")
    documents = load_project(decoyed, "site").documents()
    assert "tests/x/manuscript/site/leak.qmd" in documents, "a pattern without a slash matches anywhere"
    assert not [path for path in documents if path.startswith(".venv") or "/_" in path]


@pytest.mark.parametrize("profile", ["site", "paper", "thesis"])
def test_every_pattern_of_the_project_begins_at_its_root(project: Path, profile: str) -> None:
    written = settings(project, profile)["project"]
    patterns = [pattern for key in ("render", "resources") for pattern in written.get(key, [])]
    assert patterns or profile == "thesis"
    assert [pattern for pattern in patterns if not pattern.removeprefix("!").startswith("/")] == []


def test_what_quarto_adds_to_gitignore_is_there_already(project: Path) -> None:
    """Quarto appends these two lines to ``.gitignore`` at every render that does not find them."""
    assert {"/.quarto/", "**/*.quarto_ipynb"} <= set((project / ".gitignore").read_text("utf-8").splitlines())
