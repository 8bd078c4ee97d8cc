"""The data behind the website's explorers, each as a table that reads without JavaScript and as a script.

A page opened from a disk may not fetch a file, so the data come as a script that assigns one object.
"""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

from compendium.errors import CompendiumError
from compendium.website.markup import raw, read_csv, script

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
OTHERS = ("tier_arrangement", "ics_wave", "vanguards", "pioneers")


def files(data: Path, results: Path) -> dict[str, str]:
    """Return the explorers' files: name -> content.

    Parameters
    ----------
    data : the project's ``data/``.
    results : the folder of merged results; its audit of the printed values is used where it is there.
    """
    systems = ics_rows(data, audited_values(results))
    return {
        "ics.js": script("ics", {"measures": _measures(), "rows": systems}),
        "ics.md": raw(ics_table(systems)),
        "curve.js": script("curve", curve(results)),
    }


def ics_rows(data: Path, audited: dict[tuple[str, str], str]) -> list[dict[str, Any]]:
    """Return one record per ICS: codes, names, region, place on the tile map, printed values, recomputed values.

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
                **{name: row[name] for name in OTHERS},
            }
        except KeyError as error:
            raise CompendiumError("a table lacks an ICS", found=row["ics_name"], expected=str(error)) from error
        again = {column: audited[key] for column, _, _, _ in MEASURES if (key := (row["ods_code"], column)) in audited}
        record["recomputed"] = {column: _number(value) for column, value in again.items()}
        found.append(record)
    return found


def audited_values(results: Path) -> dict[tuple[str, str], str]:
    """Return recomputed values by ODS code and column, those of testable cells; empty where the audit has not run."""
    path = results / "figures/audit-grid.csv"
    rows = read_csv(path) if path.is_file() else []
    return {(row["ods_code"], row["variable"]): row["recomputed"] for row in rows if row["verdict"] in TESTED}


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
            f'<tr><th scope="row">{html.escape(system["name"])}</th><td>{html.escape(system["region"])}</td>'
            f'{values}<td class="number">{html.escape(system["ics_wave"])}</td></tr>'
        )
    body = "\n".join(rows)
    return (
        '<div class="table-scroll"><table class="records" id="ics-static">'
        f"<thead><tr>{cells}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>"
    )


def _measures() -> list[dict[str, str]]:
    return [{"column": column, "title": title, "unit": unit} for column, title, unit, _ in MEASURES]


def _number(text: str) -> int | float:
    number = float(text)
    return int(number) if number.is_integer() else number
