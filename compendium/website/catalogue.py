"""The data page: every table of the project's data packages with its fields, licence, size and file."""

from __future__ import annotations

import csv
import html
import re
from pathlib import Path
from typing import Any

from compendium.errors import CompendiumError
from compendium.website.markup import SITE, plain, raw, read_json


def body(data: Path) -> str:
    """Return the page's body as Markdown: one section per data package, one entry per table.

    Raises CompendiumError where a package is no JSON or a table is no UTF-8.
    """
    packages = sorted([*data.glob("*datapackage.json"), *data.glob("*/datapackage.json")])
    parts = []
    for path in sorted(packages, key=lambda item: (len(item.relative_to(data).parts), item.as_posix())):
        package = read_json(path)
        folder = path.parent.relative_to(data.parent).as_posix()
        parts.append(f"## {plain(package.get('title') or package.get('name') or folder)}\n")
        if package.get("description"):
            parts.append(raw(f"<p>{html.escape(str(package['description']))}</p>"))
        here = f"{folder}/{path.name}"
        parts.append(raw(f"<p>{_licences(package)} Description of all fields: {_file(here)}</p>"))
        parts += [_entry(resource, package, data.parent, folder) for resource in package.get("resources", [])]
    return "\n".join(parts)


def row_count(path: Path) -> int:
    """Return the number of records of a CSV file below its heading."""
    try:
        with open(path, encoding="utf-8", newline="") as handle:
            return max(sum(1 for row in csv.reader(handle) if row) - 1, 0)
    except UnicodeDecodeError as error:
        raise CompendiumError("the table is not UTF-8", file=path.name) from error


def _entry(resource: dict[str, Any], package: dict[str, Any], root: Path, folder: str) -> str:
    file = f"{folder}/{resource['path']}"
    title = str(resource.get("title") or resource["name"].replace("_", " ").replace("-", " ").capitalize())
    identifier = re.sub(r"[^a-z0-9]+", "-", file.removesuffix(".csv").lower())
    head = f"### {plain(title)} {{#{identifier}}}\n\n"
    about = str(resource.get("description") or "")
    if not (root / file).is_file():
        return head + raw(f"<p>{html.escape(about)} <strong>Described, but not written yet.</strong></p>")
    fields = resource.get("schema", {}).get("fields", [])
    rows = row_count(root / file)
    facts = [_file(file), f"{rows:,} rows", f"{len(fields)} fields"]
    if resource.get("licenses"):
        facts.append(_licences(resource).rstrip("."))
    sources = [str(item.get("title") or item.get("name")) for item in resource.get("sources", [])]
    markup = f"<p>{html.escape(about)}</p>" if about else ""
    markup += f'<p class="facts">{" · ".join(facts)}</p>'
    if sources:
        markup += f'<p class="sources">Source: {html.escape("; ".join(sources))}</p>'
    return head + raw(markup + _fields(fields))


def _file(path: str) -> str:
    return f'<a href="{SITE}{path}" download>{html.escape(path.rsplit("/", 1)[-1])}</a>'


def _licences(item: dict[str, Any]) -> str:
    names = [str(licence.get("title") or licence.get("name")) for licence in item.get("licenses", [])]
    if not names:
        return "No licence stated."
    return f"{'Licence' if len(names) == 1 else 'Licences'}: {html.escape('; '.join(names))}."


def _fields(fields: list[dict[str, Any]]) -> str:
    rows = "".join(
        f"<tr><td><code>{html.escape(str(field['name']))}</code></td><td>{html.escape(str(field.get('type', '')))}</td>"
        f"<td>{html.escape(str(field.get('unit', '')))}</td>"
        f"<td>{html.escape(str(field.get('description') or field.get('title') or ''))}</td></tr>\n"
        for field in fields
    )
    if not rows:
        return ""
    head = "".join(f'<th scope="col">{word}</th>' for word in ("Field", "Type", "Unit", "Meaning"))
    return (
        f'<details class="fields unsearched"><summary>{len(fields)} fields</summary>'
        '<div class="table-scroll"><table class="records">'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody></table></div></details>"
    )
