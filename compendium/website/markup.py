"""Small pieces of the pages that the chain writes for the website."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

from compendium import texts
from compendium.errors import CompendiumError

SITE = "../../"  # from a page of manuscript/site/ to the root of the website


def raw(markup: str) -> str:
    """Return HTML as a block that Pandoc and Quarto pass through as it stands."""
    return f"``````{{=html}}\n{markup.strip()}\n``````\n"


def plain(title: Any) -> str:
    """Return a title as Markdown that shows it letter by letter, on one line."""
    return re.sub(r"([\\`*_{}\[\]<>#@$^~|&!])", r"\\\1", " ".join(str(title).split()))


def cell_address(notebook: str, cell: str = "") -> str:
    """Return the address of a notebook's page, or of a cell on it, seen from a page of manuscript/site/."""
    page = f"{SITE}build/pages/notebooks/{notebook}.html"
    return f"{page}#cell-{cell}" if cell else page


def read_json(path: Path) -> dict[str, Any]:
    """Return a JSON file's mapping; raises CompendiumError where there is none."""
    if not path.is_file():
        raise CompendiumError("a file that the website needs is missing", file=path)
    return texts.read_json(path)


def read_csv(path: Path) -> list[dict[str, str]]:
    """Return a table's rows as texts; raises CompendiumError where it is missing or no UTF-8."""
    try:
        with open(path, encoding="utf-8-sig", newline="") as handle:
            return list(csv.DictReader(handle))
    except FileNotFoundError as error:
        raise CompendiumError("a table that the website needs is missing", file=path.name) from error
    except UnicodeDecodeError as error:
        raise CompendiumError("the table is not UTF-8", file=path.name) from error


def script(name: str, content: Any, apart: bool = False) -> str:
    """Return a script that puts ``content`` at ``window.compendium[name]``; ``apart`` gives each entry a line."""
    indent = 0 if apart else None
    text = json.dumps(content, ensure_ascii=False, indent=indent, separators=(",", ":")).replace("<", "\\u003c")
    return f"window.compendium = Object.assign(window.compendium || {{}}, {{ {json.dumps(name)}: {text} }});\n"
