"""The reference: commands as their parser declares them, and public functions as their docstrings describe them.

Nothing is imported to be described: modules are read as text. A page has a part for each module, and each function an
anchor of its own.
"""

from __future__ import annotations

import argparse
import ast
import html
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

from compendium.project import write_text
from compendium.website.markup import raw
from compendium.website.wings import WINGS, modules

SECTION = re.compile(r"^(Parameters|Returns|Raises|Yields|Columns|Notes)\n-{3,}\n", re.MULTILINE)
ENTRY = re.compile(r"^(\S[^\n]*?) : (.*)$")
CODE = re.compile(r"``(.+?)``|`(.+?)`", re.DOTALL)


def write(folder: Path, root: Path, parser: argparse.ArgumentParser) -> None:
    """Write the reference of commands, of functions by wing, and the list of these pages into a folder.

    Parameters
    ----------
    folder : where ``commands.md``, ``functions.md`` and one page for each wing go.
    root : the project's folder, for the functions of ``analysis/``.
    """
    write_text(folder / "commands.md", commands(parser))
    entries = []
    for name, title in WINGS.items():
        found = modules(name, root)
        if not found:
            continue
        text = "\n".join(_module(module, path) for module, path in found)
        about = f"Functions of {name}, from their docstrings."
        meta = f'---\ntitle: "{title}"\ndescription-meta: "{about}"\ntoc-depth: 2\nfacet: Guide\n---\n'
        write_text(folder / f"{name}.qmd", f"{meta}\n{text}")
        listed = ", ".join(f"`{module.rpartition('.')[2]}`" for module, _ in found)
        entries.append(f"[{title}](/build/pages/reference/{name}.qmd)\n:   {listed}\n")
    write_text(folder / "functions.md", "\n".join(entries))


# --- commands ------------------------------------------------------------------------------------------------


def commands(parser: argparse.ArgumentParser) -> str:
    """Return a part for each command: what it does, how it is typed, its arguments."""
    table = next(action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    parts = [_usage(parser, [], f"{parser.description} {parser.epilog}")]
    for name, command in table.choices.items():
        parts.append(f"## compendium {name} {{#{name}}}\n")
        parts.append(_usage(command, [name], str(command.description or "")))
    return "\n".join(parts)


def _usage(parser: argparse.ArgumentParser, words: list[str], about: str) -> str:
    actions = [action for action in parser._actions if action.help is not argparse.SUPPRESS]
    actions = [
        action for action in actions if not isinstance(action, argparse._HelpAction | argparse._SubParsersAction)
    ]
    typed = " ".join(["compendium", *words, *map(_typed, actions), *([] if words else ["[COMMAND]"])])
    rows = "".join(
        f"<tr><td><code>{html.escape(_name(action))}</code></td><td>{html.escape(_help(action))}</td></tr>\n"
        for action in actions
    )
    head = '<thead><tr><th scope="col">Argument</th><th scope="col">What it means</th></tr></thead>'
    shown = (
        f'<div class="table-scroll"><table class="records">{head}<tbody>\n{rows}</tbody></table></div>' if rows else ""
    )
    return f"{raw(f'<p>{_inline(about)}</p><p><code>{html.escape(typed)}</code></p>{shown}')}\n"


def _typed(action: argparse.Action) -> str:
    if not action.option_strings:
        shown = _name(action)
        return f"[{shown} ...]" if action.nargs == "*" else f"[{shown}]" if action.nargs == "?" else shown
    return f"[{action.option_strings[0]}{_value(action)}]"


def _name(action: argparse.Action) -> str:
    if action.option_strings:
        return ", ".join(action.option_strings) + _value(action)
    if action.metavar:
        return str(action.metavar)
    return "|".join(map(str, _choices(action))) if action.choices else action.dest.upper()


def _value(action: argparse.Action) -> str:
    if action.nargs == 0:
        return ""
    return f" {'|'.join(map(str, _choices(action))) if action.choices else action.metavar or action.dest.upper()}"


def _choices(action: argparse.Action) -> list[str]:
    return [str(choice) for choice in action.choices or () if isinstance(choice, str)]


def _help(action: argparse.Action) -> str:
    many = " (may be given more than once)" if isinstance(action, argparse._AppendAction) else ""
    return (action.help or "one of these") % vars(action) + many


# --- functions -----------------------------------------------------------------------------------------------


def _module(name: str, path: Path) -> str:
    tree = ast.parse(path.read_text("utf-8"))
    short = name.partition(".")[2] or name
    entries = "".join(_entries(tree.body, name))
    text = _docstring(ast.get_docstring(tree) or "")
    if entries:
        text += f'<dl class="functions">{entries}</dl>'
    return f"## {short} {{#{name}}}\n\n{raw(text or '<p></p>')}"


def _entries(body: list[ast.stmt], place: str, owner: str = "") -> Iterator[str]:
    """Yield the public functions and classes among statements, and the public methods of these classes."""
    for node in body:
        if not isinstance(node, ast.FunctionDef | ast.ClassDef) or node.name.startswith("_"):
            continue
        identifier, about = f"{place}.{node.name}", _docstring(ast.get_docstring(node) or "")
        shown = owner + _signature(node) if isinstance(node, ast.FunctionDef) else f"class {node.name}"
        yield f'<dt id="{identifier}"><code>{html.escape(shown)}</code></dt><dd class="unsearched">{about}</dd>\n'
        if isinstance(node, ast.ClassDef):
            yield from _entries(node.body, identifier, f"{node.name}.")


def _signature(node: ast.FunctionDef) -> str:
    given = re.sub(r"^(?:self|cls)(?:, )?", "", ast.unparse(node.args))
    return f"{node.name}({given})" + (f" -> {ast.unparse(node.returns)}" if node.returns else "")


def _docstring(text: str) -> str:
    """Return a numpy-style docstring as HTML."""
    before, *rest = SECTION.split(text)
    parts = [_paragraphs(before)]
    for title, content in zip(rest[::2], rest[1::2], strict=True):
        body, _, after = content.partition("\n\n")
        parts.append(f"<p><strong>{title}</strong></p>{_described(body)}{_paragraphs(after)}")
    return "".join(parts)


def _described(text: str) -> str:
    """Return the entries of a section, ``name : meaning`` with indented lines below, as a list."""
    entries: list[list[str]] = []
    for line in text.splitlines():
        if entries and line.startswith(" "):
            entries[-1].append(line.strip())
        elif line.strip():
            entries.append([line.strip()])
    items = []
    for entry in entries:
        match = ENTRY.match(entry[0])
        words = " ".join([match[2] if match else entry[0], *entry[1:]])
        name = f"<code>{html.escape(match[1])}</code>: " if match else ""
        items.append(f"<li>{name}{_inline(words)}</li>")
    return f"<ul>{''.join(items)}</ul>" if items else ""


def _paragraphs(text: str) -> str:
    return "".join(
        f"<p>{_inline(' '.join(part.split()))}</p>" for part in textwrap.dedent(text).split("\n\n") if part.strip()
    )


def _inline(text: str) -> str:
    """Return running text as HTML, its ``code`` marked as such."""
    done, parts = 0, []
    for match in CODE.finditer(text):
        parts += [html.escape(text[done : match.start()]), f"<code>{html.escape(match[1] or match[2])}</code>"]
        done = match.end()
    return "".join([*parts, html.escape(text[done:])])
