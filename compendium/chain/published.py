"""Published results: the parts of all notebooks joined into ``build/results/``, and how later steps read them."""

from __future__ import annotations

import io
import json
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from compendium import project, texts
from compendium.chain import notebooks, notice
from compendium.errors import CompendiumError

VARIABLES = "_variables.yml"
MENDED = "'compendium build', which writes it anew"


def merge(build: Path, keep: Iterable[str] | None = None) -> None:
    """Join all parts into ``build/results/`` in one step, their printed forms in ``_variables.yml`` included.

    Parameters
    ----------
    build : the build folder that holds ``parts/``.
    keep : names of the notebooks whose parts count; parts of notebooks that no longer exist are dropped.

    Raises
    ------
    CompendiumError when two notebooks record the same key or id, or a key is also a prefix of another.
    """
    values: dict[str, Any] = {}
    objects: dict[str, Any] = {}
    wanted = None if keep is None else set(keep)
    joined: list[dict[str, Any]] = []
    with project.replaced_folder(build / "results") as staging:
        for kind in ("tables", "figures"):
            (staging / kind).mkdir()
        for folder in parts(build):
            if wanted is not None and folder.name not in wanted:
                shutil.rmtree(folder)
                continue
            part = read_part(folder)
            joined.append(part)
            for mine, theirs in ((part["values"], values), (part["objects"], objects)):
                for key in mine:
                    if key in theirs:
                        raise CompendiumError(
                            f"'{key}' is recorded by two notebooks",
                            found=[theirs[key]["notebook"], folder.name],
                        )
                theirs.update(mine)
            for kind in ("tables", "figures"):
                shutil.copytree(folder / kind, staging / kind, dirs_exist_ok=True)
        project.write_text(staging / VARIABLES, variables(values))
        project.write_text(staging / "values.json", as_json(dict(sorted(values.items()))))
        project.write_text(staging / "results.json", as_json(dict(sorted(objects.items()))))
        project.write_text(staging / notice.FILE, notice.sentence(joined, project.root() / "notebooks"))
    show_variables(build)


def show_variables(build: Path, root: Path | None = None) -> Path | None:
    """Show the printed forms at the project's root, where Quarto reads them, and return the place.

    The place is a link into ``build/results/``, so that one step publishes both; where the system has no links it is
    a copy. A build in another folder leaves the root alone: None is returned.
    """
    root = root or project.root()
    if build != (root / project.BUILD).resolve():
        return None
    place, target, to = root / VARIABLES, build / "results" / VARIABLES, f"{project.BUILD}/results/{VARIABLES}"
    if not target.is_file() or (place.is_symlink() and os.readlink(place) == to):
        return place
    link = place.with_name(f".{VARIABLES}.{secrets.token_hex(4)}.part")  # which a later command clears, if need be
    try:
        os.symlink(to, link)
        os.replace(link, place)
    except (OSError, NotImplementedError):
        link.unlink(missing_ok=True)
        if not place.is_file() or place.read_bytes() != target.read_bytes():
            project.write_bytes(place, target.read_bytes())
    return place


def read_values(build: Path | None = None) -> dict[str, dict[str, Any]]:
    """Return every recorded value (key -> record with value, unit, display and lineage)."""
    return read_records(build, "values.json")


def read_objects(build: Path | None = None) -> dict[str, dict[str, Any]]:
    """Return every recorded table and figure (id -> record with kind, caption and lineage)."""
    return read_records(build, "results.json")


def counts(build: Path | None = None) -> dict[str, int]:
    """Return how many values, tables and figures are published."""
    kinds = [item["kind"] for item in read_objects(build).values()]
    return {"values": len(read_values(build)), "tables": kinds.count("table"), "figures": kinds.count("figure")}


def complete(build: Path) -> bool:
    """Return whether every published file is there: both indexes, and what the one of tables and figures names."""
    folder, kinds = build / "results", {"table": ("csv", "md"), "figure": ("csv", "md", "png", "svg")}
    try:
        objects = json.loads((folder / "results.json").read_text("utf-8"))
        files = [folder / "values.json"]
        files += [folder / f"{o['kind']}s" / f"{key}.{end}" for key, o in objects.items() for end in kinds[o["kind"]]]
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return all(file.is_file() for file in files)


def read_records(build: Path | None, name: str) -> dict[str, dict[str, Any]]:
    """Return the records of a file of the published results: ``values.json`` or ``results.json``.

    Raises
    ------
    CompendiumError : there is no such file, or it is damaged.
    """
    path = (build or project.build_folder()) / "results" / name
    if not path.is_file():
        raise CompendiumError(
            "there are no results yet", file=project.relative(path), expected="'compendium build' first"
        )
    records = texts.read_json(path, expected=MENDED)
    for key, record in records.items():
        if not isinstance(record, dict):
            raise CompendiumError("the results are damaged", file=path, row=key, expected=MENDED)
    return records


def parts(build: Path, before: str | None = None) -> list[Path]:
    """Return the parts in their order, or those before a notebook; one whose notebook is no more counts for nothing."""
    folder = project.root() / "notebooks"
    found = sorted((path.parent for path in (build / "parts").glob("[!.]*/part.json")), key=notebooks.place)
    end = notebooks.place(Path(before)) if before and notebooks.number_of(before) else None
    return [
        part
        for part in found
        if (folder / f"{part.name}.py").is_file() and (end is None or notebooks.place(part) < end)
    ]


def earlier_values(build: Path, notebook: str) -> Iterator[dict[str, Any]]:
    """Yield the records of the values of each part before a notebook.

    A part that its own notebook replaces at this moment is passed over: it is none that this notebook may wait for.
    """
    for part in parts(build, notebook):
        try:
            values = read_part(part)["values"]
        except FileNotFoundError:
            continue
        yield values


def read_part(folder: Path) -> dict[str, Any]:
    return texts.read_json(folder / "part.json", expected="'compendium build --force'")


def variables(values: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the values' printed forms as YAML nested by the dots of their keys."""
    tree: dict[str, Any] = {}
    for key in sorted(values):
        *branches, leaf = key.split(".")
        node = tree
        for branch in branches:
            node = node.setdefault(branch, {})
            if not isinstance(node, dict):
                raise CompendiumError(f"value '{key}' stands below another value", found=branch)
        if leaf in node:
            raise CompendiumError(f"value '{key}' stands above other values", found=sorted(node[leaf]))
        node[leaf] = values[key]["display"]
    out = io.StringIO()
    _write_yaml(tree, 0, out)
    return "# Written by 'compendium build' from build/results/values.json: do not edit.\n" + (out.getvalue() or "{}\n")


def _write_yaml(node: Mapping[str, Any], depth: int, out: io.StringIO) -> None:
    # A JSON string is a valid YAML double-quoted scalar, so no YAML library has to be imported here.
    for key, value in node.items():
        if isinstance(value, dict):
            out.write(f"{'  ' * depth}{json.dumps(key)}:\n")
            _write_yaml(value, depth + 1, out)
        else:
            out.write(f"{'  ' * depth}{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}\n")


def as_json(content: Any) -> str:
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"
