"""The two halves of each notebook: the percent script that is its source, the .ipynb that carries its outputs.

Every .ipynb remembers the digest of the cells that both halves held when they last agreed. So which half was edited
since is known by what they hold, never by their times: `settle` brings the edits of one half to the other, and refuses
to choose between edits of both.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from compendium import project, texts
from compendium.chain.freshness import Digests
from compendium.chain.notebooks import cell_id
from compendium.errors import CompendiumError

MARK = "compendium"  # in the metadata of a notebook
AGREED = ".pairs.json"  # in the build folder: the digests of both files of every pair that was seen to agree
SHOWN = 60  # lines of a difference


class Essence(NamedTuple):
    """What counts of a cell: its kind, its text and its tags; outputs, ids and other metadata do not."""

    kind: str
    text: str
    tags: tuple[str, ...]

    def lines(self) -> list[str]:
        """Return the cell as a difference shows it."""
        tags = f" tags={list(self.tags)}" if self.tags else ""
        return [f"%% [{self.kind}]{tags}", *self.text.splitlines(), ""]


@dataclass(frozen=True)
class Pair:
    """One notebook's two halves as they stand.

    Parameters
    ----------
    script, notebook : the files.
    source, paired : the cells of the script and of the .ipynb.
    agreed : digest of the cells that both held when they last agreed; "" where the .ipynb does not say.
    """

    script: Path
    notebook: Path
    source: list[Essence]
    paired: list[Essence]
    agreed: str

    @classmethod
    def read(cls, script: Path) -> Pair:
        """Return the pair of a script whose .ipynb stands beside it.

        Raises CompendiumError where the .ipynb is damaged, or carries the parameters of a single run.
        """
        path = script.with_suffix(".ipynb")
        content = read_notebook(path)
        cells = [_essence(cell) for cell in content["cells"]]
        for number, cell in enumerate(cells, start=1):
            if "injected-parameters" in cell.tags:
                raise CompendiumError(
                    "the notebook carries the parameters of a single run",
                    file=path, row=f"cell {number}", found="a cell tagged 'injected-parameters'", expected="none",
                )  # fmt: skip
        agreed = content["metadata"].get(MARK, {}).get("script", "")
        if not agreed and all(
            str(cell.get("id")).partition("-")[0] == cell_id(_text(cell)) for cell in content["cells"]
        ):
            agreed = digest(cells)  # made before notebooks remembered, and not edited: ids tell
        return cls(script, path, [_essence(cell) for cell in as_notebook(script).cells], cells, agreed)

    @property
    def edited(self) -> tuple[str, ...]:
        """Return the suffixes of the halves that were edited since both last agreed; none where they agree."""
        if self.source == self.paired:
            return ()
        halves = ((".py", self.source), (".ipynb", self.paired))
        return tuple(suffix for suffix, cells in halves if digest(cells) != self.agreed)

    def conflict(self) -> CompendiumError:
        """Return the error that names both files and shows how their cells differ."""
        import difflib

        names = [f"notebooks/{path.name}" for path in (self.script, self.notebook)]
        mine, theirs = ([line for cell in cells for line in cell.lines()] for cells in (self.source, self.paired))
        lines = list(difflib.unified_diff(mine, theirs, names[0], names[1], lineterm="", n=2))
        more = [f"... and {len(lines) - SHOWN} more lines"] if len(lines) > SHOWN else []
        return CompendiumError(
            f"both halves of a notebook were edited, {names[0]} and {names[1]}, and differ as shown",
            expected="the same cells in both, or no .ipynb where the .py is to count",
            detail="\n".join(lines[:SHOWN] + more),
        )


def settle(folder: Path, build: Path | None = None) -> list[Path]:
    """Bring what was edited in an .ipynb alone into its script; return the scripts written.

    Edits of a script alone are left to the next build and `refresh`. Where both halves hold the same edits, the
    .ipynb remembers that they agree.

    Parameters
    ----------
    folder : the folder of the notebooks.
    build : the build folder, where pairs seen to agree are kept, so that unchanged ones need not be read again.

    Raises
    ------
    CompendiumError : both halves of a pair were edited and differ, or an .ipynb is damaged; nothing is written then.
    """
    store = None if build is None else build / AGREED
    known, digests = _known(store), Digests(None if build is None else build / ".digests.json")
    seen: dict[str, list[str]] = {}
    differing: list[Pair] = []
    for script in sorted(folder.glob("*.py")):
        path = script.with_suffix(".ipynb")
        if path.is_file():
            seen[script.stem] = [digests(script), digests(path)]
            if seen[script.stem] != known.get(script.stem):
                differing.append(Pair.read(script))
    for pair in differing:
        if len(pair.edited) == 2:
            raise pair.conflict()
    written = []
    for pair in differing:
        if pair.edited == (".ipynb",):
            written.append(_take_over(pair))
        if pair.edited == (".py",):
            del seen[pair.script.stem]
        else:
            _remember(pair)
            seen[pair.script.stem] = [project.sha256(pair.script), project.sha256(pair.notebook)]
    if store is not None and seen != known:
        project.write_text(store, json.dumps(seen, indent=1) + "\n")
    return written


def check(folder: Path) -> None:
    """Raise CompendiumError for the first notebook whose two halves hold different cells.

    Compared are the order, kind, text and tags of the cells, not the outputs.
    """
    scripts, notebooks = {p.stem for p in folder.glob("*.py")}, {p.stem for p in folder.glob("*.ipynb")}
    for name in sorted(scripts ^ notebooks):
        missing = ".ipynb" if name in scripts else ".py"
        raise CompendiumError("half of a pair is missing", file=f"notebooks/{name}{missing}", expected="both halves")
    for name in sorted(scripts):
        pair = Pair.read(folder / f"{name}.py")
        if len(pair.edited) == 2:
            raise pair.conflict()
        if pair.edited:
            cells = itertools.zip_longest(pair.source, pair.paired)
            taken = "'compendium build' and 'compendium notebooks', which bring the edits to the"
            raise CompendiumError(
                "the two halves of a notebook disagree",
                file=f"notebooks/{name}.ipynb",
                row=f"cell {next(i for i, (a, b) in enumerate(cells, 1) if a != b)}",
                found=f"edits in the {pair.edited[0]}",
                expected=f"{taken} {'.py' if pair.edited == ('.ipynb',) else '.ipynb'}",
            )


def refresh(folder: Path, executed: Path) -> list[Path]:
    """Replace each committed .ipynb by its executed copy where they differ; return the files written.

    What was edited in an .ipynb must be in its script by then: `settle` comes first.

    Raises CompendiumError where a notebook has not run since its source changed.
    """
    written = []
    for script in sorted(folder.glob("*.py")):
        fresh = executed / f"{script.stem}.ipynb"
        if not fresh.is_file():
            raise CompendiumError("the notebook has not run", file=f"notebooks/{script.name}", expected="a build first")
        cells = [_essence(cell) for cell in read_notebook(fresh)["cells"]]
        if cells != [_essence(cell) for cell in as_notebook(script).cells]:
            raise CompendiumError(
                "the executed notebook is not that of the source",
                file=f"notebooks/{script.name}",
                expected="a build with default parameters first",
            )
        target, content = folder / fresh.name, fresh.read_text("utf-8")
        if not target.is_file() or target.read_text("utf-8") != content:
            written.append(project.write_text(target, content))
    return written


def as_notebook(path: Path) -> Any:
    """Return the percent script at ``path`` as a notebook without outputs, its cell ids derived from its text."""
    import jupytext

    node = jupytext.reads(texts.read_text(path), fmt=path.suffix.removeprefix("."))
    node.metadata = {
        MARK: {"script": digest([_essence(cell) for cell in node.cells])},
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "jupytext": {"formats": "ipynb,py:percent"},
    }
    seen: dict[str, int] = {}
    for cell in node.cells:
        identifier = cell_id(cell.source)
        seen[identifier] = seen.get(identifier, 0) + 1
        cell["id"] = identifier if seen[identifier] == 1 else f"{identifier}-{seen[identifier]}"
    node.nbformat_minor = 5
    return node


def write_notebook(script: Path) -> Path:
    """Write the ``.ipynb`` half of a notebook from its source; cells that stand in the old half keep their outputs."""
    import nbformat

    target = script.with_suffix(".ipynb")
    notebook = as_notebook(script)
    if target.is_file():
        old = {cell.get("id"): cell for cell in read_notebook(target)["cells"]}
        for cell in notebook.cells:
            if cell.cell_type == "code" and cell.id in old:
                cell.outputs = nbformat.from_dict(old[cell.id].get("outputs", []))
                cell.execution_count = old[cell.id].get("execution_count")
    return project.write_text(target, nbformat.writes(notebook) + "\n")


def read_notebook(path: Path) -> dict[str, Any]:
    """Return an .ipynb as JSON types.

    Raises
    ------
    CompendiumError : it is not a notebook of format 4 in UTF-8, with where it is damaged.
    """
    expected = "a notebook as 'compendium notebooks' writes it anew where there is none"
    try:
        content = json.loads(path.read_text("utf-8"))
    except UnicodeDecodeError as error:
        raise CompendiumError(
            "the notebook is not UTF-8", file=path, row=_line(path, error.start), expected=expected
        ) from error
    except ValueError as error:
        row = getattr(error, "lineno", None)
        raise CompendiumError(
            "the notebook is not JSON", file=path, row=row, found=str(error), expected=expected
        ) from error
    except RecursionError as error:
        raise CompendiumError("the notebook is nested too deeply", file=path, expected=expected) from error
    for number, cell in enumerate(_cells(content, path, expected), start=1):
        whole = isinstance(cell, dict) and cell.get("cell_type") in ("code", "markdown", "raw")
        if not whole or not isinstance(cell.get("source"), str | list) or not isinstance(cell.get("metadata"), dict):
            raise CompendiumError("a cell is damaged", file=path, row=f"cell {number}", expected=expected)
    return content


def digest(cells: Sequence[Essence]) -> str:
    """Return the SHA-256 of what counts of cells."""
    return hashlib.sha256(json.dumps(cells).encode("utf-8")).hexdigest()


def _cells(content: Any, path: Path, expected: str) -> list[Any]:
    mark = content.get("metadata", {}) if isinstance(content, dict) else None
    if (
        not isinstance(mark, dict)
        or not isinstance(mark.get(MARK, {}), dict)
        or not isinstance(content.get("cells"), list)
        or content.get("nbformat") != 4
    ):
        raise CompendiumError("the file holds no notebook of format 4", file=path, expected=expected)
    content["metadata"] = mark
    return content["cells"]


def _take_over(pair: Pair) -> Path:
    """Write the cells of an .ipynb into its script, below the script's own header."""
    import jupytext
    import nbformat

    def below(text: str) -> str:
        return text[text.find("# %%") :] if "# %%" in text else ""

    before = pair.script.read_text("utf-8")
    header = before.removesuffix(below(before))
    node = nbformat.read(pair.notebook, as_version=4)
    text = header + below(jupytext.writes(node, fmt="py:percent"))
    if [_essence(cell) for cell in jupytext.reads(text, fmt="py:percent").cells] != pair.paired:
        raise CompendiumError(
            "the edits of the notebook cannot be written as a script",
            file=f"notebooks/{pair.notebook.name}",
            expected="no line within a cell that begins with '# %%'",
        )
    print(f"notebooks/{pair.script.name} takes over the edits of {pair.notebook.name}", file=sys.stderr, flush=True)
    return project.write_text(pair.script, text)


def _remember(pair: Pair) -> None:
    """Let the .ipynb remember that both halves hold its cells."""
    content, mark = read_notebook(pair.notebook), {"script": digest(pair.paired)}
    if content["metadata"].get(MARK) != mark:
        content["metadata"][MARK] = mark
        text = json.dumps(content, indent=1, ensure_ascii=False, sort_keys=True)  # as nbformat and Jupyter write it
        ending = "\n" if pair.notebook.read_text("utf-8").endswith("\n") else ""
        project.write_text(pair.notebook, text + ending)


def _known(store: Path | None) -> dict[str, Any]:
    try:
        known = json.loads(store.read_text("utf-8")) if store is not None else {}
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def _line(path: Path, position: int) -> int:
    return path.read_bytes()[:position].count(b"\n") + 1


def _text(cell: Any) -> str:
    return cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])


def _essence(cell: Any) -> Essence:
    return Essence(cell["cell_type"], _text(cell).strip(), tuple(cell.get("metadata", {}).get("tags", [])))
