"""What changed between two commits: values, tables, figures and prose.

The committed notebooks hold every recorded value and table in their outputs, so that nothing has to run. Where that is
not enough (tables of which a notebook shows only the first rows), both commits can be built in folders of their own.
"""

from __future__ import annotations

import csv
import difflib
import io
import json
import os
import re
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from compendium import project
from compendium.errors import CompendiumError

VALUE = re.compile(
    r"(?:^|,\s+)([a-z0-9-]+(?:\.[a-z0-9-]+)*) = (.*?)(?=,\s+[a-z0-9-]+(?:\.[a-z0-9-]+)* = |$)", re.DOTALL
)
OBJECT = re.compile(r"(table|figure) ([\w-]+): .*sha256 (\w+)")
HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*(?:\{[^{}]*\})?$")
SENTENCE = re.compile(r"(?<=[.?!])\s+(?=[A-Z‘“{*\[])")
ALIKE = 0.5
MOST = 8  # changed rows of a table that are shown
TREE = "the files as they stand"


@dataclass
class Results:
    """What one commit records: printed values, rows and digests of tables, digests of figures."""

    values: dict[str, str] = field(default_factory=dict)
    tables: dict[str, list[str]] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)  # of tables and figures by "table ID", "figure ID"


@dataclass
class State:
    """One commit: its name, its results and its manuscript sources."""

    name: str
    results: Results
    prose: dict[str, str]  # file -> text


# --- reading a commit ----------------------------------------------------------------------------------------


def state(root: Path, revision: str | None, build: bool = False) -> State:
    """Return what a commit holds; ``None`` stands for the files as they stand.

    Parameters
    ----------
    root : a git work tree.
    revision : any name of a commit.
    build : run the commit's notebooks in a temporary folder instead of reading their committed outputs.

    Raises
    ------
    CompendiumError : no such commit, or its build fails.
    """
    read, files = _work_tree(root) if revision is None else _commit(root, revision)
    prose = {file: read(file) for file in files if file.endswith(".qmd")}
    if build:
        with project.scratch_folder("diff") as folder:
            recorded = _built(root, revision, folder)
    else:
        recorded = of_notebooks([read(file) for file in files if file.endswith(".ipynb")])
    return State(revision or TREE, recorded, prose)


def _work_tree(root: Path) -> tuple[Callable[[str], str], list[str]]:
    listed = [*root.glob("notebooks/*.ipynb"), *root.glob("manuscript/**/*.qmd"), *root.glob("index.qmd")]
    return (lambda file: (root / file).read_text(encoding="utf-8")), sorted(
        path.relative_to(root).as_posix() for path in listed
    )


def _commit(root: Path, revision: str) -> tuple[Callable[[str], str], list[str]]:
    tree = _git(root, "ls-tree", "-r", "--name-only", "-z", _commit_name(root, revision)).decode("utf-8").split("\0")
    wanted = re.compile(r"notebooks/[^/]+\.ipynb|manuscript/.+\.qmd|index\.qmd")
    files = [file for file in tree if wanted.fullmatch(file)]
    return (lambda file: _git(root, "show", f"{revision}:{file}").decode("utf-8")), files


def _commit_name(root: Path, revision: str) -> str:
    try:
        return (
            _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
            .decode()
            .strip()
        )
    except CompendiumError as error:
        raise CompendiumError("there is no such commit", found=revision, expected="a commit, branch or tag") from error


def _git(root: Path, *arguments: str) -> bytes:
    try:
        done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, check=False)
    except OSError as error:
        raise CompendiumError("git is missing", expected="git, to compare commits") from error
    if done.returncode != 0:
        words = done.stderr.decode("utf-8", "replace").strip()
        raise CompendiumError(f"git cannot do this ({words or arguments[0]})", found=" ".join(arguments))
    return done.stdout


def of_notebooks(texts: Sequence[str]) -> Results:
    """Return what the outputs of executed notebooks show: values, the rows of tables, digests."""
    found = Results()
    for text in texts:
        for cell in json.loads(text).get("cells", []):
            if "store.record_" in "".join(cell.get("source", [])):
                for output in cell.get("outputs", []):
                    _read_output(output.get("data", {}), found)
    return found


def _read_output(data: Mapping[str, list[str] | str], found: Results) -> None:
    plain = "".join(data.get("text/plain", "")).strip()
    if match := OBJECT.match(plain):
        kind, identifier, digest = match.groups()
        found.digests[f"{kind} {identifier}"] = digest
        if kind == "table":
            lines = "".join(data.get("text/markdown", "")).splitlines()
            found.tables[identifier] = [
                _cells(line) for line in lines if line.startswith("|") and set(line) - set("|-: ")
            ]
        return
    listed = plain[1:-1] if plain.startswith("[") and plain.endswith("]") else plain
    found.values.update({key: " ".join(shown.split()) for key, shown in VALUE.findall(listed)})


def _cells(line: str) -> str:
    return " | ".join(part.strip() for part in re.split(r"(?<!\\)\|", line.strip()[1:-1]))


def of_build(folder: Path) -> Results:
    """Return what a build folder holds, tables in full."""
    read = {
        name: json.loads((folder / "results" / f"{name}.json").read_text("utf-8")) for name in ("values", "results")
    }
    found = Results()
    for key, record in read["values"].items():
        unit = "" if record["display"].endswith(record["unit"]) else record["unit"]
        found.values[key] = " ".join(f"{record['display']} {unit}".split())
    for identifier, record in read["results"].items():
        found.digests[f"{record['kind']} {identifier}"] = record["sha256"][:12]
        if record["kind"] == "table":
            text = (folder / f"results/tables/{identifier}.csv").read_text("utf-8")
            found.tables[identifier] = [" | ".join(row) for row in csv.reader(io.StringIO(text))]
    return found


def _built(root: Path, revision: str | None, folder: Path) -> Results:
    if revision is None:
        source = root
    else:
        source = folder / "source"
        with tarfile.open(fileobj=io.BytesIO(_git(root, "archive", "--format=tar", revision))) as archive:
            archive.extractall(source, filter="data")
    build = folder / "build"
    environment = {**os.environ, "COMPENDIUM_ROOT": str(source), "COMPENDIUM_BUILD": str(build)}
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(source), os.environ.get("PYTHONPATH", "")]))
    command = [sys.executable, "-m", "compendium", "build"]
    done = subprocess.run(command, cwd=source, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        last = done.stderr.strip().splitlines()[-1:] or ["no message"]
        raise CompendiumError(
            f"the build of {revision or TREE} failed ({last[0]})", found=f"exit code {done.returncode}"
        )
    return of_build(build)


# --- comparing -----------------------------------------------------------------------------------------------


def report(before: State, after: State) -> list[str]:
    """Return what changed, as lines to print; a part without changes says so."""
    lines = [f"From {before.name} to {after.name}", ""]
    for title, part in (
        ("Values", list(_values(before.results.values, after.results.values))),
        ("Tables", list(_tables(before.results, after.results))),
        ("Figures", list(_figures(before.results, after.results))),
        ("Prose", list(_prose(before.prose, after.prose))),
    ):
        lines += [f"{title}: no change" if not part else f"{title}", *part, ""]
    return lines[:-1]


def _values(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    for key in sorted({*before, *after}):
        old, new = before.get(key), after.get(key)
        if old is None:
            yield f"  + {key} = {new}"
        elif new is None:
            yield f"  - {key} = {old}"
        elif old != new:
            yield f"  ~ {key}: {old} → {new}"


def _tables(before: Results, after: Results) -> Iterator[str]:
    for identifier in sorted({*before.tables, *after.tables}):
        old, new = before.tables.get(identifier), after.tables.get(identifier)
        if old is None or new is None:
            rows = len(new or old or []) - 1
            yield f"  {'+' if old is None else '-'} {identifier} ({rows} rows)"
        elif old != new:
            yield f"  ~ {identifier}"
            changed = [line for line in difflib.ndiff(old, new) if line[0] in "+-"]
            yield from (f"      {line}" for line in changed[:MOST])
            if len(changed) > MOST:
                yield f"      and {len(changed) - MOST} more lines"
        elif before.digests.get(f"table {identifier}") != after.digests.get(f"table {identifier}"):
            yield f"  ~ {identifier}: rows that the notebook does not show (see them with --build)"


def _figures(before: Results, after: Results) -> Iterator[str]:
    for name in sorted({*before.digests, *after.digests}):
        old, new = before.digests.get(name), after.digests.get(name)
        if name.startswith("figure ") and old != new:
            sign = "+" if old is None else "-" if new is None else "~"
            yield f"  {sign} {name.removeprefix('figure ')}{': other data' if sign == '~' else ''}"


def _prose(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    for file in sorted({*before, *after}):
        old, new = before.get(file), after.get(file)
        if old is None or new is None:
            yield f"  {'+' if old is None else '-'} {file} ({len((new or old or '').split())} words)"
        elif old != new and (changes := list(changed_sentences(old, new))):
            yield f"  ~ {file}"
            yield from (f"      {line}" for line in changes)


def changed_sentences(before: str, after: str) -> Iterator[str]:
    """Yield the sentences that differ, each change below the heading it stands under.

    ``-`` goes before what went, ``+`` before what came, ``~`` before a sentence that was reworded: words that went
    stand in ``[-…-]``, words that came in ``{+…+}``.
    """
    old, new = list(_sentences(before)), list(_sentences(after))
    matcher = difflib.SequenceMatcher(None, [text for _, text in old], [text for _, text in new], autojunk=False)
    current = None
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            continue
        for heading, line in _paired(old[a:b], new[c:d]):
            if heading != current:
                current = heading
                yield f"[{heading or 'before the first heading'}]"
            yield line


def _paired(old: Sequence[tuple[str, str]], new: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    waiting = list(old)
    for heading, text in new:
        scored = [
            (difflib.SequenceMatcher(None, gone.split(), text.split()).ratio(), at)
            for at, (_, gone) in enumerate(waiting)
        ]
        score, at = max(scored, default=(0.0, 0))
        if score >= ALIKE:
            yield from ((place, f"- {gone}") for place, gone in waiting[:at])
            yield heading, f"~ {_reworded(waiting[at][1], text)}"
            del waiting[: at + 1]
        else:
            yield heading, f"+ {text}"
    yield from ((place, f"- {gone}") for place, gone in waiting)


def _reworded(before: str, after: str) -> str:
    old, new = before.split(), after.split()
    parts: list[str] = []
    for kind, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            parts += old[a:b]
            continue
        parts += [f"[-{' '.join(old[a:b])}-]"] * (b > a) + [f"{{+{' '.join(new[c:d])}+}}"] * (d > c)
    return " ".join(parts)


def _sentences(text: str) -> Iterator[tuple[str, str]]:
    heading, block = "", list[str]()

    def flush() -> Iterator[tuple[str, str]]:
        joined = " ".join(" ".join(block).split())
        block.clear()
        yield from ((heading, sentence) for sentence in SENTENCE.split(joined) if sentence)

    for line in text.splitlines():
        match = HEADING.match(line)
        fence = line.startswith((":::", "---"))
        if match or fence or not line.strip():
            yield from flush()
        if match:
            heading = match[1]
            yield heading, line.strip()
        elif line.strip() and not fence:
            block.append(line)
    yield from flush()


def compare(first: str, second: str | None = None, build: bool = False) -> list[str]:
    """Return what changed from one commit of the project to another (or to the files as they stand), as lines."""
    root = project.root()
    return report(state(root, first, build), state(root, second, build))
