"""The notice that results of other parameters carry: what differs from the notebooks' own, in one sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from compendium.chain import notebooks
from compendium.chain.notebooks import Notebook

FILE = "notice.txt"
"""In the folder of the published results; empty where every parameter is the notebooks' own."""


def sentence(parts: Iterable[Mapping[str, Any]], folder: Path) -> str:
    """Return which parameters differ from the defaults that the notebooks declare, or "" if none does.

    Parameters
    ----------
    parts : what each notebook published: ``notebook`` and ``parameters``, those of its run.
    folder : the folder of the notebooks' sources; a part without its source is passed over.
    """
    differing: dict[tuple[str, str, str], list[str]] = {}
    declared: dict[str, int] = {}
    for part in parts:
        source = _source(folder / f"{part['notebook']}.py")
        for name, parameter in (source.parameters if source else {}).items():
            declared[name] = declared.get(name, 0) + 1
            value = part["parameters"].get(name, parameter.default)
            if value != parameter.default:
                differing.setdefault((name, str(value), str(parameter.default)), []).append(part["notebook"])
    clauses = [
        f"{name} is {value} instead of {own}" + ("" if len(where) == declared[name] else f" (in {', '.join(where)})")
        for (name, value, own), where in differing.items()
    ]
    if not clauses:
        return ""
    return f"These results were computed with other parameters than the study’s own: {'; '.join(clauses)}."


def _source(path: Path) -> Notebook | None:
    return notebooks.read(path) if path.is_file() else None
