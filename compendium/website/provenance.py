"""The provenance page: every recorded value, table and figure with the cell and the inputs that stand behind it."""

from __future__ import annotations

import html
import json
from typing import Any

from compendium.website.markup import SITE, cell_address, raw

SHORT = 20  # hex digits of a SHA-256 that no two files share by chance

InputSet = tuple[str, dict[str, Any], dict[str, str]]
"""A notebook, its parameters, and the SHA-256 of every file that it had read, by path."""


def body(
    values: dict[str, Any], objects: dict[str, Any], places: dict[str, dict[str, int]], titles: dict[str, str]
) -> str:
    """Return the page's body as Markdown.

    Parameters
    ----------
    values : recorded values by key, as in ``values.json``.
    objects : recorded tables and figures by id, as in ``results.json``.
    places : notebook -> cell id -> the number of the cell.
    titles : notebook -> title.
    """
    runs = run_index([*values.values(), *objects.values()])
    link = _Links(places, runs)
    parts = ["## Values {#values}\n"]
    groups: dict[str, list[str]] = {}
    for key in values:
        groups.setdefault(key.partition(".")[0], []).append(key)
    for group, keys in groups.items():
        rows = "".join(_value_row(key, values[key], link) for key in keys)
        parts.append(f"### {group} {{#values-{group}}}\n")
        head = ("Value", "What it is", "Notebook", "Inputs")
        count = f"{len(keys)} {'value' if len(keys) == 1 else 'values'}"
        parts.append(_folded(count, _table(head, rows, f"Values whose key begins with {group}", "values")))
    for kind, title in (("table", "Tables"), ("figure", "Figures")):
        chosen = {key: item for key, item in objects.items() if item["kind"] == kind}
        rows = "".join(_object_row(key, item, link) for key, item in chosen.items())
        head = (title.removesuffix("s"), "Data", "Notebook", "Inputs")
        parts += [f"## {title} {{#{title.lower()}}}\n", _table(head, rows, f"Recorded {title.lower()}", title.lower())]
    parts.append("## Inputs and parameters {#inputs}\n")
    parts.append(
        "Each set lists what a notebook had read, and with which parameters, when it recorded a result. "
        "A notebook reads more as it goes on, so a later set begins with an earlier one. "
        f"A hash shows its first {SHORT} digits; "
        "[values](/build/results/values.json) and [tables and figures](/build/results/results.json) hold all 64.\n"
    )
    earlier: list[tuple[str, InputSet]] = []
    for identifier, found in _sets(runs).items():
        if not earlier or earlier[-1][1][0] != found[0]:
            parts.append(f"### {titles.get(found[0], found[0])} {{#inputs-{_short(found[0])}}}\n")
        number, count = identifier.rpartition("-")[2], f"{len(found[2])} {'input' if len(found[2]) == 1 else 'inputs'}"
        parts.append(_folded(f"Set {number}: {count}", _input_set(found, _included(found, earlier)), identifier))
        earlier.append((identifier, found))
    return "\n".join(parts)


def run_index(records: list[dict[str, Any]]) -> dict[str, str]:
    """Return a short id for each distinct notebook, parameters and inputs: their JSON -> ``inputs-NN-1``.

    The sets of a notebook are numbered from the fewest inputs to the most.
    """
    found = {run_key(record): (str(record["notebook"]), len(record["inputs"])) for record in records}
    index: dict[str, str] = {}
    counts: dict[str, int] = {}
    for key, (notebook, _) in sorted(found.items(), key=lambda item: (item[1], item[0])):
        counts[notebook] = counts.get(notebook, 0) + 1
        index[key] = f"inputs-{_short(notebook)}-{counts[notebook]}"
    return index


def _short(notebook: str) -> str:
    """Return a notebook's number, ``NN`` of ``NN_name``, which no other notebook has; its name where it has none."""
    number, _, name = notebook.partition("_")
    return number if name and number.isdigit() else notebook


def run_key(record: dict[str, Any]) -> str:
    return json.dumps([record["notebook"], record["parameters"], record["inputs"]], sort_keys=True)


def _sets(runs: dict[str, str]) -> dict[str, InputSet]:
    return {identifier: tuple(json.loads(key)) for key, identifier in runs.items()}


def _included(found: InputSet, earlier: list[tuple[str, InputSet]]) -> tuple[str, dict[str, str]] | None:
    """Return the largest earlier set that this one includes: same notebook, same parameters, same files."""
    for identifier, (notebook, parameters, inputs) in reversed(earlier):
        if (notebook, parameters) == found[:2] and inputs and inputs.items() <= found[2].items():
            return identifier, inputs
    return None


VALUE, MANY = "results/values.json#", 20


class _Links:
    def __init__(self, places: dict[str, dict[str, int]], runs: dict[str, str]) -> None:
        self.places, self.runs = places, runs

    def cell(self, record: dict[str, Any]) -> str:
        notebook, cell = str(record["notebook"]), str(record.get("cell") or "")
        number = self.places.get(notebook, {}).get(cell)
        words = f"{notebook.partition('_')[0]}, cell {number}" if number else notebook
        return f'<a href="{cell_address(notebook, cell if number else "")}">{html.escape(words)}</a>'

    def inputs(self, record: dict[str, Any]) -> str:
        count = len(record["inputs"])
        words = f"{count} {'input' if count == 1 else 'inputs'}"
        return f'<a href="#{self.runs[run_key(record)]}">{words}</a>'


def _value_row(key: str, record: dict[str, Any], link: _Links) -> str:
    display, unit = str(record["display"]), str(record.get("unit") or "")
    shown = (
        display
        if not unit or (unit == "%" and display.endswith("%"))
        else f"{display} <small>{html.escape(unit)}</small>"
    )
    about = html.escape(str(record.get("description") or ""))
    exact = record["value"]
    full = f' <small class="exact">exactly {html.escape(str(exact))}</small>' if has_more_digits(exact, display) else ""
    return (
        f'<tr id="value-{html.escape(key)}"><td>{shown}{full}</td>'
        f'<td><span class="named">{about}</span> <code>{html.escape(key)}</code></td>'
        f'<td class="unsearched">{link.cell(record)}</td><td class="unsearched">{link.inputs(record)}</td></tr>\n'
    )


def has_more_digits(value: Any, display: str) -> bool:
    """Return whether a number has more digits than its printed form shows."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    try:
        return float(display.replace(",", "").rstrip("%")) != float(value)
    except ValueError:
        return False


def _object_row(identifier: str, record: dict[str, Any], link: _Links) -> str:
    folder = f"{SITE}build/results/{record['kind']}s/{identifier}"
    files = [f'<a href="{folder}.csv">CSV</a>']
    if record["kind"] == "figure":
        files += [f'<a href="{folder}.svg">SVG</a>', f'<a href="{folder}.png">PNG</a>']
    size = f"{record['rows']} rows, {len(record['columns'])} columns" if "columns" in record else ""
    return (
        f'<tr id="{record["kind"]}-{identifier}"><td>{html.escape(str(record["caption"]))} '
        f"<code>{identifier}</code></td>"
        f"<td>{' '.join(files)}<br><small>{size}</small></td>"
        f'<td class="unsearched">{link.cell(record)}</td><td class="unsearched">{link.inputs(record)}</td></tr>\n'
    )


def _folded(summary: str, markup: str, identifier: str = "") -> str:
    """Return a block folded away under its summary: the page holds as many records as a project records."""
    named = f' id="{identifier}"' if identifier else ""
    before = raw(f'<details class="fold"{named}><summary>{summary}</summary>')
    return f"{before}\n{markup}\n{raw('</details>')}"


def _table(head: tuple[str, ...], rows: str, label: str, together: str) -> str:
    """Return a table; those of one ``together`` are filtered as one."""
    cells = "".join(f'<th scope="col">{word}</th>' for word in head)
    return raw(
        f'<div class="table-scroll"><table class="records lineage" data-set="{together}" '
        f'aria-label="{html.escape(label)}">'
        f"<thead><tr>{cells}</tr></thead>\n<tbody>\n{rows}</tbody></table></div>"
    )


def _input_set(found: InputSet, included: tuple[str, dict[str, str]] | None) -> str:
    notebook, parameters, inputs = found
    if included:
        identifier, before = included
        number, count = identifier.rpartition("-")[2], f"{len(before)} {'input' if len(before) == 1 else 'inputs'}"
        lead = f'<p>The {count} of <a href="#{identifier}">set {number}</a>, with the same parameters, and:</p>'
        inputs = {path: digest for path, digest in inputs.items() if path not in before}
    else:
        given = ", ".join(
            f"<code>{html.escape(name)}</code> = <code>{html.escape(json.dumps(value, ensure_ascii=False))}</code>"
            for name, value in parameters.items()
        )
        address, words = cell_address(notebook, ""), "with " + given if given else "without parameters"
        lead = f'<p><a href="{address}">{html.escape(notebook)}</a>, {words}.</p>'
    values = [path for path in inputs if path.startswith(VALUE)]
    if len(values) > MANY:  # as many rows as the table of values above has, each of which is there already
        lead += f'<p>{len(values)} <a href="#values">recorded values</a> of earlier notebooks.</p>'
        inputs = {path: digest for path, digest in inputs.items() if not path.startswith(VALUE)}
    if not inputs:
        return raw(lead if values else f"{lead}<p>No inputs yet.</p>")
    rows = "".join(
        f"<tr><td>{html.escape(path)}</td><td>{digest[:SHORT]}</td></tr>\n" for path, digest in inputs.items()
    )
    head = '<thead><tr><th scope="col">Input</th><th scope="col">SHA-256</th></tr></thead>'
    return raw(
        f'{lead}<div class="table-scroll"><table class="records hashes">{head}\n<tbody>\n{rows}</tbody></table></div>'
    )
