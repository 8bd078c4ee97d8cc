"""What a reader sees of a value without leaving the page: one script that is loaded when the first value is asked for.

It says for every recorded value its printed form, unit, meaning, cell with its code, parameters, inputs and the
ledger's verdicts. A page opened from a disk may not fetch a file, so the data come as a script.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

from compendium.website.markup import script
from compendium.website.provenance import VALUE, has_more_digits, run_index, run_key

LEDGER = "tables/ledger.csv"
CLAIM = ("No.", "Document", "Place", "Printed", "Verdict")


def content(
    values: dict[str, Any],
    objects: dict[str, Any],
    places: dict[str, dict[str, int]],
    titles: dict[str, str],
    code: Callable[[str, str], str],
    results: Path,
) -> str:
    """Return the script, which puts ``values``, ``cells``, ``sets`` and ``claims`` at ``window.compendium.cards``.

    Parameters
    ----------
    values, objects, places, titles : as for `compendium.website.provenance.body`.
    code : returns the source of a notebook's cell.
    results : the folder of merged results, for the ledger.
    """
    runs = run_index([*values.values(), *objects.values()])
    cells: dict[str, list[Any]] = {}
    sets: dict[str, dict[str, Any]] = {}
    cards: dict[str, list[Any]] = {}
    for key, record in values.items():
        notebook, cell = str(record["notebook"]), str(record.get("cell") or "")
        number = places.get(notebook, {}).get(cell)
        place = f"{notebook}#cell-{cell}" if number else notebook
        cells[place] = [notebook, titles.get(notebook, notebook), number or 0, code(notebook, cell) if number else ""]
        run = runs[run_key(record)]
        if run not in sets:
            files = [path for path in record["inputs"] if not path.startswith(VALUE)]
            sets[run] = {
                "parameters": record["parameters"],
                "files": files,
                "values": len(record["inputs"]) - len(files),
            }
        display, exact = str(record["display"]), record["value"]
        full = str(exact) if has_more_digits(exact, display) else ""
        unit = str(record.get("unit") or "")
        unit = "" if unit == "%" and display.endswith("%") else unit
        cards[key] = [display, unit, str(record.get("description") or ""), place, run, full]
    held = {"values": cards, "cells": cells, "sets": sets, "claims": claims(results / LEDGER)}
    return script("cards", held, apart=True)  # no line then names what belongs to two records


def claims(path: Path) -> dict[str, list[list[str]]]:
    """Return the ledger's claims that rest on each value: id, document, place, printed form, verdict."""
    if not path.is_file():
        return {}
    found: dict[str, list[list[str]]] = {}
    with open(path, encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            found.setdefault(row["Result"], []).append([row[name] for name in CLAIM])
    return found


def cell_code(notebooks: dict[str, dict[str, Any]]) -> Callable[[str, str], str]:
    """Return a function that gives the source of a cell of executed notebooks: (notebook, cell id) -> text."""
    sources = {
        (name, str(cell.get("id", ""))): "".join(cell.get("source", ""))
        for name, notebook in notebooks.items()
        for cell in notebook.get("cells", [])
    }
    return lambda notebook, cell: sources.get((notebook, cell), "")
