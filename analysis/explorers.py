"""The data behind the website's explorers, each as a table that reads without JavaScript and as a script.

A page opened from a disk may not fetch a file, so the data come as a script that assigns one object.
"""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

from analysis import systempages
from compendium.errors import CompendiumError
from compendium.website.markup import SITE, raw, read_csv, script

MEASURES: tuple[tuple[str, str, str, str], ...] = (
    ("most_deprived_fifth_percent", "LSOAs in the most deprived fifth", "%", "deprivation_class"),
    ("urban_percent", "LSOAs classed as urban", "%", "urban_class"),
    ("population", "Population", "people", "population_class"),
    ("utla_count", "Upper tier local authorities", "", "utla_class"),
    ("trust_count", "NHS trusts", "", "trust_class"),
)
"""Column, title, unit and class column of every measure that the thesis prints with a class."""

TABLES = ("ics_geography", "ics_organisation", "ics_deprivation", "ics_tiles")
TESTED = ("agrees", "differs")
"""Verdicts of `analysis.audit` on values that it tests; written out here, since that module loads pandas."""
RESTS_ON = {
    "most_deprived_fifth_percent": "Open data, counted by the rule that the thesis names",
    "urban_percent": "Open data, counted by the rule that the thesis names",
    "population": "The allocation model's projection for 2022/23, a definition that we chose after seeing the print",
    "utla_count": "The study counted the partners that plans name; our count, of overlapping areas, only stands in",
    "trust_count": "The study took the postcodes of all sites; our count, by parent organisation, only stands in",
}
"""What a recomputed value rests on."""


def files(data: Path, results: Path) -> dict[str, str]:
    """Return the explorers' files: name -> content.

    Parameters
    ----------
    data : the project's ``data/``.
    results : the folder of merged results; its audit of the printed values is used where it is there.
    """
    systems = ics_rows(data, audits(results))
    return {
        **systempages.files(systems, _measures(), data, results),
        "ics.js": script("ics", {"measures": _measures(), "rows": [_shown(row) for row in systems]}),
        "ics.md": raw(ics_table(systems)),
        "curve.js": script("curve", curve(results)),
    }


def ics_rows(data: Path, audited: dict[tuple[str, str], dict[str, str]]) -> list[dict[str, Any]]:
    """Return one record per ICS: codes, names, region, place on the tile map, printed values and classes, the audit.

    Raises CompendiumError where a table lacks an ICS.
    """
    rows = {row["stp21_code"]: row for row in read_csv(data / "published/areas.csv")}
    for name in TABLES:
        path = data / f"published/{name}.csv"
        for row in read_csv(path):
            if row["stp21_code"] not in rows:
                raise CompendiumError("a table names an unknown ICS", file=path.name, found=row["stp21_code"])
            rows[row["stp21_code"]] |= row
    found = []
    for code, row in sorted(rows.items(), key=lambda item: int(item[1]["printed_order"])):
        try:
            record: dict[str, Any] = {
                "code": code,
                "ods": row["ods_code"],
                "name": row["ics_name"],
                "short": row["label"],
                "region": row["nhs_region"],
                "column": int(row["column"]),
                "row": int(row["row"]),
                "printed": {column: _number(row[column]) for column, _, _, _ in MEASURES},
                "classes": {column: row[label] for column, _, _, label in MEASURES},
                "wave": row["ics_wave"],
            }
        except KeyError as error:
            raise CompendiumError("a table lacks an ICS", found=row["ics_name"], expected=str(error)) from error
        record["page"] = slug(record["name"])
        record["audit"] = {
            column: {"value": _number(entry["As printed"]), "verdict": entry["Verdict"], "reason": entry["Reason"]}
            for column, _, _, _ in MEASURES
            if (entry := audited.get((record["name"], column))) and entry["As printed"]
        }
        found.append(record)
    return found


def audits(results: Path) -> dict[tuple[str, str], dict[str, str]]:
    """Return the audit's rows by name of the ICS and column; empty where the audit has not run."""
    path = results / "tables/audit.csv"
    columns = {f"{title} (%)" if unit == "%" else title: column for column, title, unit, _ in MEASURES}
    rows = read_csv(path) if path.is_file() else []
    return {
        (row["Integrated care system"], columns[row["Variable"]]): row for row in rows if row["Variable"] in columns
    }


def slug(name: str) -> str:
    """Return the name of a system as it stands in the address of its page."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def curve(results: Path) -> dict[str, list[Any]]:
    """Return the specification curve: the bins in order of similarity, and each level's share of every bin.

    Both lists are empty where no notebook of the build recorded the curve.
    """
    path = results / "figures/specification-curve.csv"
    rows = read_csv(path) if path.is_file() else []
    bins = {int(row["bin"]): [round(float(row[name]), 3) for name in ("lowest", "median", "highest")] for row in rows}
    shares: dict[tuple[str, str], dict[int, float]] = {}
    for row in rows:
        shares.setdefault((row["choice"], row["level"]), {})[int(row["bin"])] = round(float(row["share"]), 3)
    order = sorted(bins)
    levels = [
        {"choice": choice, "level": level, "shares": [found.get(number, 0.0) for number in order]}
        for (choice, level), found in shares.items()
    ]
    return {"bins": [bins[number] for number in order], "levels": levels}


def ics_table(systems: list[dict[str, Any]]) -> str:
    """Return all ICSs as an HTML table: what a reader without JavaScript sees."""
    heads = ["Integrated care system", "NHS region", *(title for _, title, _, _ in MEASURES), "Wave"]
    cells = "".join(f'<th scope="col">{html.escape(head)}</th>' for head in heads)
    rows = []
    for system in systems:
        values = "".join(
            f'<td class="number">{system["printed"][column]:,}{unit if unit == "%" else ""} '
            f"<small>{html.escape(system['classes'][column])}</small></td>"
            for column, _, unit, _ in MEASURES
        )
        rows.append(
            f'<tr><th scope="row"><a href="{SITE}build/pages/systems/{system["page"]}.html">'
            f"{html.escape(system['name'])}</a></th><td>{html.escape(system['region'])}</td>"
            f'{values}<td class="number">{html.escape(system["wave"])}</td></tr>'
        )
    body = "\n".join(rows)
    return (
        '<div class="table-scroll unsearched"><table class="records" id="ics-static">'
        f"<thead><tr>{cells}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>"
    )


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key != "wave"}  # which no explorer shows


def _measures() -> list[dict[str, str]]:
    return [
        {"column": column, "title": title, "unit": unit, "basis": RESTS_ON[column]}
        for column, title, unit, _ in MEASURES
    ]


def _number(text: str) -> int | float:
    number = float(text)
    return int(number) if number.is_integer() else number
