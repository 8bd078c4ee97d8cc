"""Damage to inputs, drawn by a random generator: what a slip, a broken copy or another program leaves behind."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from compendium.data import packages
from compendium.data.schemas import Field, TableSchema


@dataclass(frozen=True)
class Damage:
    """A file's new content, what was done to it, and whether a command must not take it for sound."""

    file: str
    content: bytes
    kind: str
    what: str
    must_be_refused: bool = False


def tables(root: Path) -> list[TableSchema]:
    """Return the tables that the data packages of a project describe."""
    return [table for package in packages.package_paths() for table in packages.table_schemas(package).values()]


def _rows(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8"), newline="")))


def _written(rows: Sequence[Sequence[str]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().encode("utf-8")


def _without(rows: list[list[str]], gone: int) -> list[list[str]]:
    return [*rows[:gone], *rows[gone + 1 :]]


def _columns_swapped(rows: list[list[str]], rng: random.Random) -> list[list[str]]:
    first, second = rng.sample(range(len(rows[0])), 2)
    head = list(rows[0])
    head[first], head[second] = head[second], head[first]
    return [head, *rows[1:]]


ROWS: dict[str, Callable[[list[list[str]], random.Random], list[list[str]]]] = {
    "a row removed": lambda rows, rng: _without(rows, rng.randrange(1, len(rows))),
    "a row twice": lambda rows, rng: [*rows, rng.choice(rows[1:])],
    "a column's name twice": lambda rows, rng: [[rows[0][0], rows[0][0], *rows[0][2:]], *rows[1:]],
    "two columns' names swapped": _columns_swapped,
    "a column gone": lambda rows, rng: [row[:-1] for row in rows],
    "a cell too many": lambda rows, rng: [*rows[:-1], [*rows[-1], "odd"]],
    "nothing but the header": lambda rows, rng: rows[:1],
}
BYTES: dict[str, Callable[[bytes, random.Random], bytes]] = {
    "cut short": lambda content, rng: content[: rng.randrange(1, len(content) - 1)],
    "a NUL byte": lambda content, rng: _put(content, rng, b"\0"),
    "not UTF-8": lambda content, rng: _put(content, rng, b"\xff"),
    "empty": lambda content, rng: b"",
    "semicolons for commas": lambda content, rng: content.replace(b",", b";"),
    "the end twice": lambda content, rng: content + content[-len(content) // 3 :],
}


def _put(content: bytes, rng: random.Random, piece: bytes) -> bytes:
    at = rng.randrange(len(content))
    return content[:at] + piece + content[at:]


def damaged_csv(rng: random.Random, root: Path) -> Damage:
    """Return damage to a whole table."""
    table = rng.choice([table for table in tables(root) if len(table.columns) > 1])
    content = table.path.read_bytes()
    what = rng.choice([*ROWS, *BYTES])
    changed = _written(ROWS[what](_rows(content), rng)) if what in ROWS else BYTES[what](content, rng)
    return Damage(table.path.relative_to(root).as_posix(), changed, "CSV file", what)


def damaged_cell(rng: random.Random, root: Path) -> Damage:
    """Return damage to one cell of a column that has a rule."""
    while True:
        table = rng.choice(tables(root))
        field = rng.choice(table.fields)
        rows = _rows(table.path.read_bytes())
        at = table.columns.index(field.name)
        held = [number for number in range(1, len(rows)) if rows[number][at]]
        ways = _ways(table, field)
        if held and ways:
            number, what = rng.choice(held), rng.choice(sorted(ways))
            before = rows[number][at]
            rows[number][at] = ways[what](before)
            if rows[number][at] != before:
                told = f"row {number + 1}, {field.name}: {what}, {before[:40]!r} became {rows[number][at][:40]!r}"
                return Damage(table.path.relative_to(root).as_posix(), _written(rows), "CSV cell", told)


def _ways(table: TableSchema, field: Field) -> dict[str, Callable[[str], str]]:
    """Return how a cell of this column may be damaged so that its rules can tell."""
    ways: dict[str, Callable[[str], str]] = {}
    keyed = {name for key in table.foreign_keys for name in key.fields}
    if field.required:
        ways["blank"] = lambda text: ""
    if field.type != "string":
        ways["a word"] = lambda text: "odd"
        ways["decimal comma"] = lambda text: text + ",5"
    if field.minimum is not None:
        ways["below the least"] = lambda text: str(int(field.minimum or 0) - 1)
    if field.maximum is not None:
        ways["above the most"] = lambda text: str(int(field.maximum or 0) + 1)
    if field.type == "string" and (field.enum or field.pattern or field.name in keyed):
        ways["letters added"] = lambda text: text + "zz "
    if field.separator:
        separator = field.separator
        ways["a blank member"] = lambda text: text + separator
        ways["a member twice"] = lambda text: text + separator + text.split(separator)[0]
        ways["an unknown member"] = (
            (lambda text: text + separator + "odd-zz") if field.members or field.name in keyed else lambda text: text
        )
    return ways


NOTEBOOK: dict[str, Callable[[str], str]] = {
    "nothing published": lambda text: text.replace("store.finish()", "pass"),
    "another's name": lambda text: text.replace("results.start(", 'results.start("09_other", ', 1),
    "an open bracket": lambda text: text.replace("store.finish()", "store.finish("),
    "no title": lambda text: text.replace("# # ", "# "),
    "an unknown name": lambda text: text.replace("store.finish()", "store.finish(odd)"),
    "an input outside": lambda text: text.replace("store.finish()", 'store.input("../../odd.csv")\nstore.finish()'),
    "a result unknown": lambda text: text.replace("store.finish()", 'store.result_value("odd.odd")\nstore.finish()'),
    "an error": lambda text: text.replace("store.finish()", "1 / 0"),
}


def damaged_notebook(rng: random.Random, root: Path) -> Damage:
    """Return damage to one half of a notebook."""
    path = rng.choice(sorted((root / "notebooks").glob("*.*")))
    content = path.read_bytes()
    what = rng.choice([*NOTEBOOK, "cut short", "not UTF-8", "empty"])
    if path.suffix == ".ipynb" or what in BYTES:
        what = what if what in BYTES else rng.choice(["cut short", "a NUL byte", "not UTF-8", "empty"])
        changed = BYTES[what](content, rng)
    else:
        changed = NOTEBOOK[what](content.decode("utf-8")).encode("utf-8")
    refused = what in NOTEBOOK and path.suffix == ".py"
    return Damage(path.relative_to(root).as_posix(), changed, "notebook", what, refused)


YAML: dict[str, Callable[[str], str]] = {
    "a key twice": lambda text: text + "\n" + "\n".join(text.splitlines()[-1:]).lstrip(" -") + "\n" + text,
    "a tab": lambda text: text.replace("  ", "\t", 1),
    "an open quote": lambda text: text + '\nodd: "open\n',
    "no mapping": lambda text: "- " + "\n- ".join(line for line in text.splitlines() if line.strip()),
    "a scalar project": lambda text: text.replace("project:\n  type: default", "project: x"),
    "a list of formats": lambda text: text.replace("format:\n  html:", "format: [html]\nodd:\n  html:"),
    "a format misspelt": lambda text: text.replace("jats:", "jatz:"),
    "a null": lambda text: text.replace(": default", ":"),
}


def damaged_yaml(rng: random.Random, root: Path, files: Sequence[str]) -> Damage:
    """Return damage to a file of settings."""
    file = rng.choice(files)
    content = (root / file).read_bytes()
    what = rng.choice([*YAML, "cut short", "a NUL byte", "not UTF-8", "empty"])
    changed = BYTES[what](content, rng) if what in BYTES else YAML[what](content.decode("utf-8")).encode("utf-8")
    return Damage(file, changed, "YAML file", what)


SOURCE: dict[str, Callable[[str], str]] = {
    "open front matter": lambda text: text.replace("\n---\n", "\n", 1),
    "an open div": lambda text: text + "\n::: {.odd}\n\nNo end.\n",
    "an unknown variable": lambda text: text + "\n{{< var odd.odd >}}\n",
    "an unknown citation": lambda text: text + "\nOdd [@odd2000].\n",
    "an unknown label": lambda text: text + "\nSee @fig-odd.\n",
    "no such include": lambda text: text + "\n{{< include odd.md >}}\n",
    "an include of itself": lambda text: text + "\n{{< include /manuscript/paper/paper.qmd >}}\n",
    "front matter of a list": lambda text: "---\n- odd\n---\n" + text,
    "an unknown shortcode": lambda text: text + "\n{{< odd >}}\n",
}


def damaged_source(rng: random.Random, root: Path) -> Damage:
    """Return damage to a manuscript."""
    path = rng.choice([root / "index.qmd", *sorted((root / "manuscript").rglob("*.qmd"))])
    content = path.read_bytes()
    what = rng.choice([*SOURCE, "cut short", "a NUL byte", "not UTF-8", "empty"])
    changed = BYTES[what](content, rng) if what in BYTES else SOURCE[what](content.decode("utf-8")).encode("utf-8")
    return Damage(path.relative_to(root).as_posix(), changed, "manuscript", what)
