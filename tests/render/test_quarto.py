"""The sources as Quarto reads them: what its documentation says of patterns, headings, headers and citations."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import docx
import lxml.html
import pandas as pd
import pytest
import yaml
from pypdf import PdfReader
from render.conftest import fixture_project

from compendium.figures.tables import markdown_table
from compendium.render import lift, render, sources, unplaced
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


def test_the_book_begins_with_a_literal_unnumbered_heading(project: Path) -> None:
    """Quarto looks for it in ``index.qmd`` itself, not in what it includes; else the chapters count from two."""
    lines = (project / "index.qmd").read_text("utf-8").splitlines()
    first = next(line for line in lines[lines.index("---", 1) :] if line.startswith("#"))
    assert first == "# Preface {.unnumbered}"
    before = lines[: lines.index(first)]
    assert before[-1] == '::: {.content-visible when-profile="thesis"}'
    assert not [line for line in before if "include" in line]


def test_the_embedded_home_page_takes_its_title_from_what_it_shows(rendered: Path) -> None:
    assert "<title>The fixture site –" in (rendered / "_output/site/index.html").read_text("utf-8")


@pytest.mark.parametrize("profile", ["paper", "thesis"])
def test_tables_of_the_pdf_break_and_references_stand_where_their_heading_is(project: Path, profile: str) -> None:
    typst = settings(project, profile)["format"]["typst"]
    assert typst["citeproc"] is True
    assert "#show figure: set block(breakable: true)" in typst["include-in-header"][0]["text"]


def test_what_pages_and_jats_lead_to_goes_along(project: Path) -> None:
    for profile, pictures in (("paper", {"/build/results/figures/*.png"}), ("thesis", set()), ("site", set())):
        resources = set(settings(project, profile)["project"]["resources"])
        assert {"/build/results/figures/*.csv", "/build/results/tables/*.csv"} | pictures <= resources
        assert profile == "site" or "/build/notebooks/*.ipynb" in resources


@pytest.mark.parametrize("profile", ["site", "thesis"])
def test_there_is_a_light_and_a_dark_theme(project: Path, profile: str) -> None:
    assert set(settings(project, profile)["format"]["html"]["theme"]) == {"light", "dark"}


def test_a_page_says_its_description_once(project: Path) -> None:
    """Quarto prints ``description`` below the subtitle; ``description-meta`` goes into the head alone."""
    pages = {path.name: path.read_text("utf-8") for path in (project / "manuscript/site").glob("[!_]*.qmd")}
    assert [name for name, text in pages.items() if "\ndescription:" in text] == []
    assert [name for name, text in pages.items() if "\ndescription-meta: " not in text] == []
    wide = {name for name, text in pages.items() if "\nbody-classes: wide" in text}
    assert wide == {name for name, text in pages.items() if "\npage-layout: full" in text}


def test_left_aligned_columns_say_so() -> None:
    """Quarto centres a column whose rule bears no colon."""
    rule = markdown_table(pd.DataFrame({"Site": ["A"], "N": [3]})).splitlines()[1]
    assert [cell.strip()[0] + cell.strip()[-1] for cell in rule.strip("|").split("|")] == [":-", "-:"]


def test_a_plain_render_of_the_paper_ends_at_the_top_of_its_output(sources: Path, project: Path) -> None:
    inner = sources / "_output/paper/manuscript/paper"
    inner.mkdir(parents=True)
    (inner / "paper.html").write_text('<a href="/build/x.csv">d</a><img src="../../build/x.svg"><a href="/b">', "utf-8")
    (inner / "paper.pdf").write_bytes(b"%PDF")
    scripts = settings(project, "paper")["project"]["post-render"]
    files = "\n".join(f"_output/paper/manuscript/paper/paper.{suffix}" for suffix in ("html", "pdf"))
    told = {"QUARTO_PROJECT_OUTPUT_DIR": "_output/paper", "QUARTO_PROJECT_OUTPUT_FILES": files}
    for _ in range(2):  # `compendium render` lifts again what the script has lifted
        for script in scripts:
            subprocess.run(
                [sys.executable, "-I", project / script], cwd=sources, env={**os.environ, **told}, check=True
            )
    page = (sources / "_output/paper/paper.html").read_text("utf-8")
    assert page == '<a href="build/x.csv">d</a><img src="build/x.svg"><a href="/b">'
    assert sorted(path.name for path in (sources / "_output/paper").iterdir()) == ["paper.html", "paper.pdf"]
    lift.lift(sources / "_output/paper", Path("manuscript/paper"))
    assert (sources / "_output/paper/paper.pdf").read_bytes() == b"%PDF"


def test_a_plain_render_prints_no_places_of_another_pdf(sources: Path, project: Path) -> None:
    (sources / "build/places/drafts").mkdir(parents=True)
    for file, text in (("srqr.md", "Results, page 3"), ("drafts/srqr.md", "left out"), ("drafts/places.json", "{}")):
        (sources / "build/places" / file).write_text(text, "utf-8")
    [script] = settings(project, "paper")["project"]["pre-render"]
    for set_elsewhere, found in ((True, "Results, page 3"), (False, "left out")):
        told = {**os.environ, **({unplaced.PLACED_ELSEWHERE: "1"} if set_elsewhere else {})}
        subprocess.run([sys.executable, "-I", project / script], cwd=sources, env=told, check=True)
        assert (sources / "build/places/srqr.md").read_text("utf-8") == found
    assert (sources / "build/places/places.json").read_text("utf-8") == "{}"


@pytest.fixture(scope="module")
def by_quarto(tmp_path_factory: pytest.TempPathFactory, project: Path) -> Path:
    """Return the fixtures' project with its three profiles rendered by a real Quarto; skips where there is none."""
    program = os.environ.get("COMPENDIUM_QUARTO") or shutil.which("quarto")
    if program is None:
        pytest.skip("no Quarto here: COMPENDIUM_QUARTO can name one")
    root = fixture_project(tmp_path_factory.mktemp("by-quarto"), project)
    (root / "compendium/render").mkdir(parents=True)
    plain = ("lift.py", "unplaced.py", "word.py", "wordtables.py", "notice.lua", "values.lua")
    for name in plain:  # what a plain `quarto render` runs
        shutil.copy(project / "compendium/render" / name, root / "compendium/render")
    typst = settings(project, "thesis")["format"]["typst"]
    written = settings(root, "thesis")
    written["format"]["typst"] = typst
    (root / "_quarto-thesis.yml").write_text(yaml.safe_dump(written), "utf-8")
    for profile in ("paper", "thesis", "site"):
        done = subprocess.run(
            [program, "render", "--profile", profile], cwd=root, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr[-2000:]
        assert "Unable to resolve" not in done.stderr
    return root


def printed(page: Path) -> dict[str, list[str]]:
    """Return what a page prints as headings, captions, cross-references and citations, in order."""
    tree = lxml.html.parse(page).getroot()

    for name in ("Abstract", "Footnotes"):  # each a heading in one engine only
        for heading in tree.xpath(f"//*[self::h2 or self::div][normalize-space() = '{name}']"):
            heading.drop_tree()

    def texts(path: str) -> list[str]:
        found = [" ".join(item.text_content().replace("\xa0", " ").split()) for item in tree.xpath(path)]
        return [re.sub(r"^Appendix ([A-Z]) — ", r"\1 ", text) for text in found if text]

    inside = "//main" if tree.xpath("//main") else "//body"
    part = f"{inside}//*[%s][not(ancestor::nav)][not(contains(@class, 'toc-title'))]"
    return {
        "headings": texts(part % "self::h1 or self::h2 or self::h3"),
        "captions": texts(part % "self::figcaption or self::caption"),
        "references": texts(part % "self::a and contains(@class, 'quarto-xref')"),
        "citations": texts(part % "self::span and @class='citation'"),
    }


PAGES = (
    "paper/paper.html",
    "site/index.html",
    "site/manuscript/site/rebuild.html",
    "site/manuscript/site/data.html",
    "thesis/index.html",
    "thesis/manuscript/thesis/01-begin.html",
    "thesis/manuscript/thesis/02-middle.html",
    "thesis/manuscript/thesis/90-appendix.html",
)


@pytest.mark.parametrize("page", PAGES)
def test_both_engines_print_the_same(by_quarto: Path, rendered: Path, page: str) -> None:
    """Headings, captions and the numbers of sections, figures, tables and citations, as a real Quarto prints them."""
    ours, theirs = printed(rendered / "_output" / page), printed(by_quarto / "_output" / page)
    for found in (ours, theirs):
        if page.startswith("thesis"):  # Quarto numbers the citations of each chapter of a book anew
            found.pop("citations")
            found["captions"] = [re.sub(r"\[\d+\]", "[n]", caption) for caption in found["captions"]]
        if page == "thesis/index.html":  # and from a book's home page it calls a chapter by its title
            found.pop("references")
    assert ours == theirs
    assert ours["headings"]


def test_a_plain_render_leaves_what_the_command_leaves(by_quarto: Path, rendered: Path) -> None:
    for folder, suffixes in (("paper", {".html", ".docx", ".xml", ".pdf"}), ("thesis", {".pdf"})):
        theirs, ours = (
            {path.name for path in (root / "_output" / folder).iterdir() if path.suffix in suffixes}
            for root in (by_quarto, rendered)
        )
        assert theirs == ours
    shown = re.findall(r'xlink:href="([^"#:]+)"', (by_quarto / "_output/paper/paper.xml").read_text("utf-8"))
    assert shown
    assert [name for name in shown if not (by_quarto / "_output/paper" / name).is_file()] == []


def test_word_files_by_quarto_have_fields_too(by_quarto: Path) -> None:
    body = docx.Document(str(by_quarto / "_output/paper/paper.docx")).element.body
    codes = [item.text.split()[0] for item in body.iter("{*}instrText")]
    assert codes.count("SEQ") == 7, "five captions and two equations"
    assert codes.count("REF") > 5


def test_no_row_of_a_long_table_is_lost(by_quarto: Path) -> None:
    """The table of 42 rows breaks over pages in the PDF by Quarto."""
    text = "".join(page.extract_text() for page in PdfReader(by_quarto / "_output/paper/paper.pdf").pages)
    compact = re.sub(r"\s", "", text)
    assert [row for row in range(1, 43) if f"value{row}.9" not in compact] == []
