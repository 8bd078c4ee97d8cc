"""A page for each integrated care system: its values, its place among the others, neighbours, audit, other vintages.

A page shows values, which are public one by one, and never a class label, a wave or a programme: the profiles of the
anonymous case-study sites print these together. Each list of other systems is drawn up by one measure or by borders.
"""

from __future__ import annotations

import html
import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from compendium.website.markup import raw, read_csv

Measure = Mapping[str, str]
"""``column``, ``title`` and ``unit`` of a measure, and ``basis``: what its recomputed values rest on."""
WIDTH, HEIGHT, MARGIN, RADIUS = 320, 74, 8, 4
ORDINALS = {1: "st", 2: "nd", 3: "rd"}
SHARES = (("fifth", "lsoas", "LSOAs in the most deprived fifth"), ("urban", "classified", "LSOAs classed as urban"))
"""Count, what it is a share of, and title, of the shares that other vintages give."""
Vintage = tuple[str, str, str, dict[str, float]]
"""Title and unit of a measure, vintage of the data, value by NHS code."""


def files(
    systems: Sequence[Mapping[str, Any]], measures: Sequence[Measure], data: Path, results: Path
) -> dict[str, str]:
    """Return the pages as Quarto sources: ``systems/NAME.qmd`` -> content.

    Parameters
    ----------
    systems : records of `explorers.ics_rows`, all of them.
    measures : what is shown of each.
    data : the project's ``data/``, for borders and for counts of other vintages.
    results : the folder of merged results, for how often each system is selected.
    """
    borders = neighbours(read_csv(data / "published/ics_neighbours.csv"))
    vintages = other_vintages(data)
    path = results / "tables/robustness-systems.csv"
    often = {row["Integrated care system"]: row for row in (read_csv(path) if path.is_file() else [])}
    by_code = {system["code"]: system for system in systems}
    found = {}
    for system in systems:
        beside = [by_code[code] for code in borders.get(system["code"], ())]
        parts = [
            _head(system),
            _values(system, systems, measures),
            _beside(system, systems, measures, beside),
            _vintages(system, vintages),
            _selected(often.get(system["name"])),
            _ways(system),
        ]
        found[f"systems/{system['page']}.qmd"] = "\n".join(parts)
    return found


def neighbours(borders: Iterable[Mapping[str, str]]) -> dict[str, list[str]]:
    """Return the codes of the systems that share a border with each, the longest border first."""
    found: dict[str, list[tuple[float, str]]] = {}
    for row in borders:
        length = float(row["edge_km"])
        found.setdefault(row["stp21_code_a"], []).append((-length, row["stp21_code_b"]))
        found.setdefault(row["stp21_code_b"], []).append((-length, row["stp21_code_a"]))
    return {code: [other for _, other in sorted(pairs)] for code, pairs in found.items()}


def position(value: float, values: Sequence[float]) -> str:
    """Return a value's place among all, from the highest: ``3rd of 42``, with ``joint`` where others share it."""
    place = 1 + sum(other > value for other in values)
    ending = "th" if place % 100 in (11, 12, 13) else ORDINALS.get(place % 10, "th")
    joint = "joint " if sum(other == value for other in values) > 1 else ""
    return f"{joint}{place}{ending} of {len(values)}"


def other_vintages(data: Path) -> list[Vintage]:
    """Return what each vintage of deprivation index and boundaries gives, measure by measure, from open data."""
    registry = tomllib.loads((data / "sources.toml").read_text("utf-8"))
    labels = {key: str(entry["label"]) for key, entry in registry.get("boundaries", {}).items()}
    found: dict[tuple[str, str, str], dict[str, float]] = {}
    counts = read_csv(data / "derived/ics_counts.csv")
    for count, whole, title in SHARES:
        for row in counts:
            where = labels.get(row["boundaries"], row["boundaries"])
            vintage = f"IMD {row['imd']}, {where}" if count == "fifth" else where
            if int(row[whole]):
                share = 100 * int(row[count]) / int(row[whole])
                found.setdefault((title, "%", vintage), {}).setdefault(row["area"], share)
    for row in read_csv(data / "derived/populations.csv"):
        vintage = labels.get(row["boundaries"], row["boundaries"])
        found.setdefault(("Population, projected 2022/23", "people", vintage), {})[row["area"]] = int(row["projected"])
    return [(*key, values) for key, values in found.items()]


def shown(value: float, unit: str) -> str:
    """Return a value as the documents print it."""
    return f"{value:,.0f}{'%' if unit == '%' else ''}"


def strip(values: Sequence[float], chosen: float, label: str) -> str:
    """Return a drawing of all values as dots on a line, equal ones on top of each other, with one of them marked."""
    least, most = min(values), max(values)
    base = HEIGHT - MARGIN - RADIUS
    taken: list[tuple[float, int]] = []
    dots = []
    marked = False
    for value in sorted(values):
        x = MARGIN + (value - least) / ((most - least) or 1) * (WIDTH - 2 * MARGIN)
        level = 0
        while any(at == level and abs(place - x) < 2 * RADIUS for place, at in taken):
            level += 1
        taken.append((x, level))
        kind = "dot marked" if value == chosen and not marked else "dot"
        marked = marked or value == chosen
        dots.append(f'<circle class="{kind}" cx="{x:.0f}" cy="{base - level * 2 * RADIUS}" r="{RADIUS}"/>')
    return (
        f'<svg class="mini-strip" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img" '
        f'aria-label="{html.escape(label)}"><line class="axis" x1="0" x2="{WIDTH}" y1="{base + RADIUS + 2}" '
        f'y2="{base + RADIUS + 2}"/>{"".join(dots)}</svg>'
    )


def _head(system: Mapping[str, Any]) -> str:
    title = json.dumps(system["name"], ensure_ascii=False)
    about = json.dumps(f"{system['name']}: printed and recomputed values, and their place among all systems.")
    return (
        f"---\ntitle: {title}\ndescription-meta: {about}\nbody-classes: wide system\npage-layout: full\ntoc: false\n"
        f"search: false\nfacet: Systems\n---\n\n"
        f"{system['region']} · NHS code {system['ods']} · [all systems](/manuscript/site/explore-ics.qmd)\n"
    )


def _values(system: Mapping[str, Any], systems: Sequence[Mapping[str, Any]], measures: Sequence[Measure]) -> str:
    rows = []
    for measure in measures:
        column, title, unit = measure["column"], measure["title"], measure["unit"]
        values, value = [other["printed"][column] for other in systems], system["printed"][column]
        audit = system["audit"].get(column)
        again, why = ("–", "The audit is not in this build.")
        if audit:
            told = filter(None, (audit["verdict"].capitalize(), measure["basis"], _sentence(audit["reason"])))
            again, why = shown(audit["value"], unit), "".join(f"{words}. " for words in told).strip()
        place = position(value, values)
        drawn = strip(values, value, f"{title}: {shown(value, unit)}, {place}")
        rows.append(
            f'<tr><th scope="row">{html.escape(title)}</th>'
            f'<td class="number" data-label="Printed">{shown(value, unit)}</td>'
            f'<td>{place}, from the highest<br>{drawn}</td><td class="number" data-label="Recomputed">{again}</td>'
            f"<td>{html.escape(why)}</td></tr>"
        )
    heads = ("Measure", "Printed", "Position", "Recomputed", "What the audit says")
    head = "".join(f'<th scope="col">{word}</th>' for word in heads)
    table = "\n".join(rows)
    return "## Values {#values .unnumbered}\n\n" + raw(
        '<div class="table-scroll"><table class="records stacked plain" aria-label="Printed and recomputed values">'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{table}\n</tbody></table></div>"
    )


def _beside(
    system: Mapping[str, Any],
    systems: Sequence[Mapping[str, Any]],
    measures: Sequence[Measure],
    beside: Sequence[Mapping[str, Any]],
) -> str:
    lines = ["## Neighbours {#neighbours .unnumbered}\n"]
    if beside:
        lines.append(f"On the map, the longest border first: {', '.join(map(_link, beside))}.\n")
    else:
        lines.append("On the map it shares a border with no other system.\n")
    lines.append("By one measure at a time, the nearest below and above:\n")
    for measure in measures:
        column, title, unit = measure["column"], measure["title"], measure["unit"]
        value = system["printed"][column]
        told = []
        for words, nearest in (
            ("below", max((o["printed"][column] for o in systems if o["printed"][column] < value), default=None)),
            ("above", min((o["printed"][column] for o in systems if o["printed"][column] > value), default=None)),
        ):
            if nearest is not None:
                found = [other for other in systems if other["printed"][column] == nearest]
                more = f" and {len(found) - 1} more" if len(found) > 1 else ""
                told.append(f"{words} it {_link(found[0])}{more} ({shown(nearest, unit)})")
        lines.append(f"- {title}: {', '.join(told)}.")
    return "\n".join(lines) + "\n"


def _vintages(system: Mapping[str, Any], vintages: Sequence[Vintage]) -> str:
    rows = "".join(
        f"<tr><td>{html.escape(title)}</td><td>{html.escape(vintage)}</td>"
        f'<td class="number">{_counted(values[system["ods"]], unit)}</td>'
        f"<td>{position(values[system['ods']], list(values.values()))}</td></tr>\n"
        for title, unit, vintage, values in vintages
        if system["ods"] in values
    )
    if not rows:
        return ""
    head = "".join(f'<th scope="col">{word}</th>' for word in ("Measure", "Vintage of the data", "Value", "Position"))
    return (
        "## What another vintage of data would change {#vintages .unnumbered}\n\n"
        "Counted from open data, for each vintage of the deprivation index (IMD) and of boundaries that we hold.\n\n"
        + raw(
            '<div class="table-scroll"><table class="records" aria-label="Values by vintage of the data">'
            f"<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody></table></div>"
        )
    )


def _counted(value: float, unit: str) -> str:
    return f"{value:.1f}%" if unit == "%" else f"{value:,.0f}"


def _selected(row: Mapping[str, str] | None) -> str:
    if row is None:
        return ""
    share = float(row["Selected (% of specifications)"])
    words = "less than 1%" if 0 < share < 1 else f"{share:.0f}%"
    return (
        "## Under other rules {#rules .unnumbered}\n\n"
        f"Of all [combinations of data, measure and rule](/manuscript/site/robustness.qmd) that we tried, {words} "
        "would draw this system into the high-deprivation subgroup. This says nothing about the anonymous sites.\n"
    )


def _ways(system: Mapping[str, Any]) -> str:
    explorer = "/manuscript/site/explore-ics.qmd"
    return (
        f"[Compare with other systems]({explorer}#compare={system['code']}) · "
        f"[show on the map]({explorer}#show={system['code']})\n"
    )


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _link(system: Mapping[str, Any]) -> str:
    return f"[{system['name']}](/build/pages/systems/{system['page']}.qmd)"
