"""The reference says what the parser and the docstrings say, as text that any page can show."""

from __future__ import annotations

import argparse
import ast
import html
import re
from pathlib import Path

import pytest

from compendium import arguments
from compendium.website import reference


@pytest.fixture(scope="module")
def written(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reference")
    reference.write(folder, project, arguments.parser())
    return folder


def test_every_command_and_argument_of_the_parser_is_there(written: Path) -> None:
    text = html.unescape((written / "commands.md").read_text("utf-8"))
    parser = arguments.parser()
    table = next(action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    assert {"build", "explain", "graph", "add", "audit"} <= set(table.choices)
    parts = re.split(r"^## compendium ([\w-]+) \{#[\w-]+\}$", text, flags=re.MULTILINE)
    assert parts[1::2] == list(table.choices)
    for name, part in zip(parts[1::2], parts[2::2], strict=True):
        for action in table.choices[name]._actions:
            if action.help != argparse.SUPPRESS and action.option_strings != ["-h", "--help"]:
                assert all(option in part for option in action.option_strings), (name, action)
                assert (action.help or "one of these") in part, (name, action)
    assert "compendium add notebook|table|figure|chapter NAME [--in NOTEBOOK] [--words WORDS]" in text
    assert "compendium explain [NOTEBOOK] [-p KEY=VALUE]" in text


def test_every_public_function_of_every_module_has_an_anchor_and_its_words(written: Path, project: Path) -> None:
    pages = {path.stem: path.read_text("utf-8") for path in written.glob("*.qmd")}
    assert set(pages) == set(reference.WINGS)
    count = 0
    for path in [
        *project.glob("compendium/*.py"),
        *project.glob("compendium/*/*.py"),
        *project.glob("analysis/**/*.py"),
    ]:
        inside = path.relative_to(project).with_suffix("").parts
        page = pages[inside[1] if inside[0] == "compendium" and len(inside) == 3 else inside[0]]
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                assert f'id="{".".join([*inside, node.name]).replace(".__init__", "")}"' in page
                count += 1
    assert count > 400
    chain = html.unescape(pages["chain"])
    assert "explain(root: Path, build: Path, overrides: Mapping[str, Any] | None=None" in chain
    assert "<li><code>only</code>: the notebook asked for, by name, number or file.</li>" in chain
    assert "Explanation.lines(shown: int | None=None) -> list[str]" in chain
    assert "``" not in re.sub(r"`{6}.*", "", chain)


def test_a_docstring_with_sections_marks_and_shortcodes_is_shown_as_it_is_meant() -> None:
    text = (
        "Return ``a<b`` of `c`.\n\nMore & more {{< var x >}}.\n\nParameters\n----------\nname, other : what it is\n"
        "    and goes on\nplain\n\nRaises\n------\nCompendiumError : it cannot.\n\nAfter."
    )
    assert reference._docstring(text) == (
        "<p>Return <code>a&lt;b</code> of <code>c</code>.</p><p>More &amp; more {{&lt; var x &gt;}}.</p>"
        "<p><strong>Parameters</strong></p><ul><li><code>name, other</code>: what it is and goes on</li>"
        "<li>plain</li></ul><p><strong>Raises</strong></p><ul><li><code>CompendiumError</code>: it cannot.</li></ul>"
        "<p>After.</p>"
    )
