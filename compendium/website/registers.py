"""Registers on the website: the ledger of claims, the inconsistencies, the audit; one row per entry."""

from __future__ import annotations

import csv
import html
from collections.abc import Callable, Collection
from pathlib import Path

from compendium.website.markup import SITE, raw

Cell = Callable[[dict[str, str]], str]
CERTAINTIES = {"certain": "Certain", "reading": "Readings", "editorial": "Editorial"}
"""Levels of certainty of an inconsistency, the surest first, with the label of the table; the last is folded away."""
NAMING = ("Statement", "Topic")
"""Columns by whose words a row is known in the search."""
ABSENT = '::: {.callout-important title="Not in this build"}\nNo notebook of this build records this table.\n:::\n'


def ledger(results: Path, values: Collection[str]) -> str:
    """Return the ledger of claims as Markdown: every row ``#claim-ID``, its result linked to the provenance page.

    Parameters
    ----------
    results : the folder of merged results.
    values : keys of recorded values; a result that is none of them gets no link.
    """

    def result(row: dict[str, str]) -> str:
        key = html.escape(row["Result"])
        if row["Result"] not in values:
            return f"<code>{key}</code>" if key else ""
        return f'<a href="{SITE}manuscript/site/provenance.html#value-{key}"><code>{key}</code></a>'

    return _register(results / "tables/ledger.csv", "claim", "Claims", {"Result": result})


def inconsistencies(results: Path, certainty: str) -> str:
    """Return the inconsistencies of one of `CERTAINTIES` as Markdown: every row ``#inconsistency-ID``."""
    path = results / "tables/inconsistencies.csv"
    if not path.is_file():
        return ABSENT
    rows = [row for row in _rows(path) if row.pop("Certainty") == certainty]
    if not rows:
        return "None.\n"
    table = _table(rows, "inconsistency", CERTAINTIES[certainty], {})
    if certainty == list(CERTAINTIES)[-1]:
        table = f'<details class="fields"><summary>Show them</summary>\n{table}\n</details>'
    return raw(table)


def audit(results: Path) -> str:
    """Return the audit of the printed characteristics as Markdown, one row per printed value."""
    return _register(results / "tables/audit.csv", "", "Printed values audited", {})


def _register(path: Path, prefix: str, label: str, cells: dict[str, Cell]) -> str:
    return raw(_table(_rows(path), prefix, label, cells)) if path.is_file() else ABSENT


def _rows(path: Path) -> list[dict[str, str]]:
    with open(path, encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def _table(rows: list[dict[str, str]], prefix: str, label: str, cells: dict[str, Cell]) -> str:
    columns = list(rows[0]) if rows else []
    head = "".join(f'<th scope="col">{html.escape(column)}</th>' for column in columns)
    body = []
    for row in rows:
        shown = "".join(
            ('<td class="named">' if column in NAMING else "<td>")
            + f"{cells[column](row) if column in cells else html.escape(row[column])}</td>"
            for column in columns
        )
        identifier = f' id="{prefix}-{html.escape(row[columns[0]])}"' if prefix else ""
        body.append(f"<tr{identifier}>{shown}</tr>")
    lines = "\n".join(body)
    return (
        f'<div class="table-scroll"><table class="records filterable" aria-label="{label}">'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{lines}\n</tbody></table></div>"
    )
