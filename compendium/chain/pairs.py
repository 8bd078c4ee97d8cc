"""The two halves of each notebook: the percent script that is its source, the .ipynb that carries its outputs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from compendium import project
from compendium.chain.kernels import as_notebook
from compendium.errors import CompendiumError


def check(folder: Path) -> None:
    """Raise CompendiumError for the first notebook whose two halves hold different cells.

    Compared are the order, kind, text and tags of the cells, not the outputs.
    """
    scripts, notebooks = {p.stem for p in folder.glob("*.py")}, {p.stem for p in folder.glob("*.ipynb")}
    for name in sorted(scripts ^ notebooks):
        missing = ".ipynb" if name in scripts else ".py"
        raise CompendiumError("half of a pair is missing", file=f"notebooks/{name}{missing}", expected="both halves")
    for name in sorted(scripts):
        source = [_essence(cell) for cell in as_notebook(folder / f"{name}.py").cells]
        committed = json.loads((folder / f"{name}.ipynb").read_text("utf-8"))
        paired = [_essence(cell) for cell in committed["cells"]]
        if source != paired:
            differing = next((i for i, (a, b) in enumerate(zip(source, paired, strict=False), 1) if a != b), None)
            raise CompendiumError(
                "the two halves of a notebook disagree",
                file=f"notebooks/{name}.ipynb",
                row=f"cell {differing or min(len(source), len(paired)) + 1}",
                expected="'compendium build' and 'compendium notebooks' after a change of the .py",
            )


def refresh(folder: Path, executed: Path) -> list[Path]:
    """Replace each committed .ipynb by its executed copy where they differ; return the files written.

    Raises CompendiumError where a notebook has not run since its source changed.
    """
    written = []
    for script in sorted(folder.glob("*.py")):
        fresh = executed / f"{script.stem}.ipynb"
        if not fresh.is_file():
            raise CompendiumError("the notebook has not run", file=f"notebooks/{script.name}", expected="a build first")
        content = fresh.read_text("utf-8")
        if [_essence(c) for c in json.loads(content)["cells"]] != [_essence(c) for c in as_notebook(script).cells]:
            raise CompendiumError(
                "the executed notebook is not that of the source",
                file=f"notebooks/{script.name}",
                expected="a build with default parameters first",
            )
        target = folder / fresh.name
        if not target.is_file() or target.read_text("utf-8") != content:
            written.append(project.write_text(target, content))
    return written


def _essence(cell: Any) -> tuple[str, str, tuple[str, ...]]:
    source = cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
    return cell["cell_type"], source.strip(), tuple(cell.get("metadata", {}).get("tags", []))
