"""What is wrong in a source stops the rendering with its file and line, and the previous outputs stay."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from compendium.errors import CompendiumError
from compendium.render import quarto, render
from compendium.writing import checks

PAPER = "manuscript/paper/paper.qmd"
BROKEN = {
    "an undefined cross-reference": ("See @fig-nowhere.", "the cross-reference '@fig-nowhere' is not defined"),
    "an undefined citation": ("Said [@nobody1999].", "the citation key 'nobody1999' is not in the bibliography"),
    "an undefined variable": ("{{< var sample.interview >}} people", "the variable 'sample.interview' is not defined"),
    "an undefined metadata value": ("{{< meta study.nam >}}", "the metadata value 'study.nam' is not defined"),
    "a missing include": (
        "{{< include /build/results/tables/no.md >}}",
        "the included file '/build/results/tables/no.md'",
    ),
    "a missing figure": ("![Gone](/build/results/figures/gone)", "the figure '/build/results/figures/gone' is missing"),
    "a shortcode outside the subset": ("{{< video x.mp4 >}}", "the shortcode 'video' is not in the portable subset"),
    "a swallowed citation": ("See @sec-aims [@beta2021].", "a cross-reference and a citation stand together"),
    "an unnumbered target": ("# Odd {#sec-odd .unnumbered}\n\nSee @sec-odd.", "leads to an unnumbered heading"),
    "a label defined twice": ("# Again {#sec-aims}", "the label 'sec-aims' is defined twice"),
    "words that would be lost": ("In [@fig-first, left].", "words after '@fig-first' in the brackets would be lost"),
    "a link to nowhere": ("[here](nowhere.qmd)", "the link 'nowhere.qmd' leads nowhere"),
    "a cross-reference type outside the subset": ("See @lst-code.", "cross-references of type 'lst'"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_source_names_file_and_line(sources: Path, name: str) -> None:
    wrong, problem = BROKEN[name]
    path = sources / PAPER
    lines = path.read_text().split("\n")
    at = lines.index("# Methods {#sec-methods}")
    path.write_text("\n".join([*lines[:at], wrong, "", *lines[at:]]))
    expected = at + 1 + wrong.count("\n")
    with pytest.raises(CompendiumError) as caught:
        render("paper", engine="pandoc", root=sources, formats=["html"])
    assert problem in str(caught.value)
    assert caught.value.file == PAPER
    if name == "a label defined twice":  # the first definition is as good a place as the second
        assert caught.value.row in (lines.index("## Aims {#sec-aims}") + 1, expected)
    else:
        assert caught.value.row in (at + 1, expected)


def replaced(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


METHODS = "# Methods {#sec-methods}"
SITE_PAGE, QUARTO, PROFILE = "manuscript/site/data.qmd", "_quarto.yml", "_quarto-paper.yml"
DAMAGES = {
    "an empty paper": (PAPER, b"", 1, "the source is empty"),
    "an empty page": (SITE_PAGE, b"", 1, "the source is empty"),
    "a project file in Latin 1": (QUARTO, b"a: 1\nb: caf\xe9\n", 2, "not UTF-8"),
    "a profile in Latin 1": (PROFILE, b"b: caf\xe9\n", 1, "not UTF-8"),
    "a project that is a text": (PROFILE, b"project: x\n", 1, "must be a mapping"),
    "formats as a list": (PROFILE, b"a: 1\nformat: [html]\n", 2, "must be a mapping"),
    "a format's typo": (PROFILE, ("jats:", "jatz:"), 0, "found jatz, expected jats"),
    "a setting twice": (PROFILE, b"toc: 1\nlang: a\ntoc: 2\n", 3, "'toc' stands twice"),
    "a title twice": (PAPER, ("---\n", "---\ntitle: A\ntitle: B\n"), 3, "'title' stands twice"),
    "open front matter": (PAPER, ("\n---\n", "\n"), 1, "the front matter is not closed"),
    "an open div": (PAPER, (METHODS, f"::: {{.note}}\n\n{METHODS}"), 0, "the div is not closed"),
    "a div that ends twice": (PAPER, (METHODS, f":::\n\n{METHODS}"), 0, "that was not opened"),
}  # a row of 0 is that of what was written


@pytest.mark.parametrize("name", DAMAGES)
def test_damage_stops_the_rendering_and_is_named_once_by_the_check(
    sources: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, damage, row, problem = DAMAGES[name]
    if isinstance(damage, bytes):
        (sources / file).write_bytes(damage)
    else:
        replaced(sources / file, *damage)
        lines = [line.strip() for line in (sources / file).read_text().split("\n")]
        row = row or lines.index(damage[1].split("\n")[0]) + 1
    with pytest.raises(CompendiumError) as caught:
        render("site" if file == SITE_PAGE else "paper", engine="pandoc", root=sources)
    assert (caught.value.file, caught.value.row) == (file, row)
    assert problem in str(caught.value)
    monkeypatch.setenv("COMPENDIUM_ROOT", str(sources))
    errors = [finding for finding in checks.findings(sources) if finding.severity == "error"]
    assert [(finding.file, finding.line) for finding in errors] == [(file, row)]


def test_divs_in_code_and_comments_are_no_divs(sources: Path) -> None:
    replaced(sources / PAPER, METHODS, f"```\n::: {{.note}}\n```\n\n<!--\n:::\n-->\n\n{METHODS}")
    render("paper", engine="pandoc", root=sources, formats=["html"])


def test_a_broken_chapter_gives_one_error_however_much_of_it_others_cite(
    sources: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMPENDIUM_ROOT", str(sources))
    begin = sources / "manuscript/thesis/01-begin.qmd"
    begin.write_text(begin.read_text() + "\n".join(f"\nSee @sec-of-two-{n}." for n in range(20)))
    (sources / "manuscript/thesis/02-middle.qmd").write_text("---\ntitle: [\n---\n\n# Two {#sec-of-two-1}\n")
    errors = [(finding.file, finding.code) for finding in checks.findings(sources) if finding.severity == "error"]
    assert errors == [("manuscript/thesis/02-middle.qmd", "source")]


def test_a_failing_render_leaves_the_previous_outputs(sources: Path) -> None:
    render("paper", engine="pandoc", root=sources, formats=["html"])
    output = sources / "_output/paper"
    before = {path: path.read_bytes() for path in output.rglob("*") if path.is_file()}
    path = sources / PAPER
    path.write_text(path.read_text() + "\nSee @fig-nowhere.\n")
    with pytest.raises(CompendiumError):
        render("paper", engine="pandoc", root=sources)
    assert {path: path.read_bytes() for path in output.rglob("*") if path.is_file()} == before
    assert [path.name for path in (sources / "_output").iterdir()] == ["paper"]


def test_a_problem_in_an_included_file_names_that_file(sources: Path) -> None:
    included = sources / "manuscript/paper/_sample.md"
    included.write_text(included.read_text() + "\nAnd @tbl-nowhere.\n")
    with pytest.raises(CompendiumError) as caught:
        render("paper", engine="pandoc", root=sources, formats=["html"])
    assert (caught.value.file, caught.value.row) == ("manuscript/paper/_sample.md", 5)


def test_a_file_that_includes_itself(sources: Path) -> None:
    (sources / "manuscript/paper/_sample.md").write_text("{{< include _sample.md >}}\n")
    with pytest.raises(CompendiumError, match="includes itself"):
        render("paper", engine="pandoc", root=sources, formats=["html"])


def test_a_source_that_is_not_utf8(sources: Path) -> None:
    (sources / "manuscript/paper/_sample.md").write_bytes(b"one\ncaf\xe9\n")
    with pytest.raises(CompendiumError, match="row 2: the text is not UTF-8"):
        render("paper", engine="pandoc", root=sources, formats=["html"])


@pytest.mark.parametrize(("argument", "value"), [("engine", "latex"), ("formats", ["epub"])])
def test_an_unknown_engine_or_format(sources: Path, argument: str, value: object) -> None:
    with pytest.raises(CompendiumError, match=r"latex|epub"):
        render("paper", root=sources, **{"engine": "pandoc", argument: value})


def test_an_unknown_profile(sources: Path) -> None:
    with pytest.raises(CompendiumError, match="there is no such profile; found slides"):
        render("slides", engine="pandoc", root=sources)


# -- the Quarto engine, seen through a stand-in program: only how Quarto is called and its output kept is tested


def stand_in(folder: Path, script: str) -> str:
    program = folder / "quarto"
    program.write_text("#!/bin/sh\n" + script)
    program.chmod(program.stat().st_mode | stat.S_IEXEC)
    return str(program)


def test_quarto_asked_for_and_absent(sources: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("QUARTO_PATH", raising=False)
    monkeypatch.setenv("PATH", str(sources))
    with pytest.raises(CompendiumError, match="Quarto was not found"):
        render("paper", engine="quarto", root=sources)


def test_quarto_too_old(sources: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUARTO_PATH", stand_in(sources, "echo 1.3.450\n"))
    with pytest.raises(CompendiumError, match=r"too old; found 1\.3\.450, expected Quarto 1\.4 or later"):
        render("paper", engine="quarto", root=sources)


@pytest.mark.skipif(os.name == "nt", reason="the stand-in program is a shell script")
def test_quarto_outputs_are_kept_and_lifted(sources: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = (
        'if [ "$1" = "--version" ]; then echo 1.9.38; exit; fi\n'
        'echo "$@" > called.txt\n'
        'mkdir -p "$5/manuscript/paper" "$5/build"\n'
        """echo '<img src="../../build/x.svg">' > "$5/manuscript/paper/paper.html"\n"""
    )
    monkeypatch.setenv("QUARTO_PATH", stand_in(sources, script))
    (path,) = render("paper", root=sources)
    assert path == sources.resolve() / "_output/paper/paper.html"
    assert path.read_text() == '<img src="build/x.svg">\n'
    assert (sources / "called.txt").read_text().startswith("render --profile paper --output-dir ")
    assert not (sources / "_output/paper/manuscript").exists()


@pytest.mark.skipif(os.name == "nt", reason="the stand-in program is a shell script")
def test_a_website_by_quarto_gets_its_documents_once(sources: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stand-in runs, as Quarto does at its end, the script of ``post-render:``, which must leave it to us."""
    attach = Path(quarto.__file__).with_name("attach.py")
    paper = sources / "_output/paper/paper.html"
    paper.parent.mkdir(parents=True)
    paper.write_text("<body><p>Paper</p></body>")
    script = (
        'if [ "$1" = "--version" ]; then echo 1.9.38; exit; fi\n'
        """echo '<a href="paper/paper.html">P</a> <a href="thesis/index.html">T</a>' > "$5/index.html"\n"""
        f'QUARTO_PROJECT_OUTPUT_DIR="$5" "{sys.executable}" "{attach}"\n'
        'test ! -e "$5/paper" || exit 4\n'
    )
    monkeypatch.setenv("QUARTO_PATH", stand_in(sources, script))
    assert render("site", root=sources) == [sources.resolve() / "_output/site/index.html"]
    text = (sources / "_output/site/index.html").read_text()
    assert '<a href="paper/paper.html">P</a>' in text
    assert 'class="not-rendered"' in text
    assert (sources / "_output/site/paper/paper.html").read_text().count("To the website") == 1


@pytest.mark.skipif(os.name == "nt", reason="the stand-in program is a shell script")
@pytest.mark.parametrize(
    "failure", ["echo broken >&2; exit 3", "echo 'WARNING: Unable to resolve crossref @fig-x' >&2"]
)
def test_quarto_failing_keeps_the_previous_outputs(
    sources: Path, monkeypatch: pytest.MonkeyPatch, failure: str
) -> None:
    kept = sources / "_output/paper/kept.txt"
    kept.parent.mkdir(parents=True)
    kept.write_text("kept")
    script = f'if [ "$1" = "--version" ]; then echo 1.9.38; exit; fi\n{failure}\n'
    monkeypatch.setenv("QUARTO_PATH", stand_in(sources, script))
    with pytest.raises(CompendiumError, match=r"broken|undefined references"):
        render("paper", engine="quarto", root=sources)
    assert kept.read_text() == "kept"


def test_one_format_again_leaves_the_others(sources: Path) -> None:
    render("paper", engine="pandoc", root=sources, formats=["html"])
    page = (sources / "_output/paper/paper.html").read_bytes()
    render("paper", engine="pandoc", root=sources, formats=["docx"])
    assert (sources / "_output/paper/paper.docx").is_file()
    assert (sources / "_output/paper/paper.html").read_bytes() == page
