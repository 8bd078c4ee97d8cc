"""The coded evidence as the website shows it: segments with their places, findings, conflicts between documents.

Sites of different studies share letters and nothing else; a site is always named with its study.
"""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

from compendium import settings
from compendium.evidence import publication
from compendium.website.markup import raw, read_csv, script


def files(coding: Path) -> dict[str, str]:
    """Return the files behind the pages of evidence and findings: name -> content.

    Parameters
    ----------
    coding : the folder ``data/coding/``.
    """
    evidence = content(coding)
    return {
        "evidence.js": script("evidence", evidence),
        "evidence.md": raw(segment_table(evidence)),
        "findings.md": findings(coding),
        "conflicts.md": conflicts(coding),
    }


def content(coding: Path) -> dict[str, Any]:
    """Return what the evidence explorer needs: studies, sectors, codes and segments.

    Parameters
    ----------
    coding : the folder ``data/coding/``. Without it there is no evidence, and every list is empty. An imported
        project is its researchers' own and is left out.

    Raises
    ------
    CompendiumError : a study's codebook or segments are missing.
    """
    named = [study for study in settings.read().studies if (coding / study).is_dir()]
    studies = [study for study in named if not publication.is_import(coding / study)]
    codes = [row for study in studies for row in read_csv(coding / study / "codebook.csv")]
    segments = [row for study in studies for row in read_csv(coding / study / "segments.csv")]
    sectors = read_csv(coding / "sectors.csv") if studies else []
    documents = {row["document"]: row["what"] for row in (read_csv(coding / "documents.csv") if studies else [])}
    return {
        "studies": [{"id": study, "title": _name(study)} for study in studies],
        "documents": documents,
        "sectors": [{"id": row["sector"], "title": row["name"]} for row in sectors],
        "groups": sector_groups({row["sector"] for row in sectors}),
        "codes": [
            {
                "study": row["study"],
                "id": row["code_id"],
                "title": row["code"],
                "parent": row["parent"],
                "about": row["definition"],
                "origin": row["origin"],
            }
            for row in codes
        ],
        "segments": [
            {
                "id": row["segment_id"],
                "study": row["study"],
                "document": row["document"],
                "place": row["place"],
                "kind": row["kind"],
                "site": row["site"],
                "speaker": row["speaker"],
                "sector": row["sector"],
                "words": int(row["words"]),
                "codes": row["codes"].split(";") if row["codes"] else [],
                "summary": row["summary"],
                "label": row["label"],
            }
            for row in segments
        ],
    }


def sector_groups(known: set[str]) -> list[dict[str, Any]]:
    """Return the broad sectors with the narrower ones that each holds beside itself: ``id``, ``title``, ``sectors``."""
    told = settings.read()
    found = []
    for name, narrow in told.broad_sectors.items():
        words = told.sectors[name].partition(",")[0]
        shown = words if words[1:2].isupper() else words[:1].lower() + words[1:]
        if members := [sector for sector in (name, *narrow) if sector in known]:
            found.append({"id": name, "title": f"All {shown}", "sectors": members})
    return found


def segment_table(evidence: dict[str, Any]) -> str:
    """Return every segment as a row ``#segment-ID`` of an HTML table: what a reader without JavaScript sees."""
    titles = {(code["study"], code["id"]): code["title"] for code in evidence["codes"]}
    sectors = {sector["id"]: sector["title"] for sector in evidence["sectors"]}
    rows = []
    for item in evidence["segments"]:
        label = f"<br><small>“{html.escape(item['label'])}”</small>" if item["label"] else ""
        named = "; ".join(titles.get((item["study"], code), code) for code in item["codes"])
        rows.append(
            f'<tr id="segment-{item["id"]}"><td><code>{item["id"]}</code></td>'
            f'<td><span class="named">{html.escape(item["summary"])}</span>{label}</td><td>{html.escape(named)}</td>'
            f"<td>{html.escape(item['speaker'])}<br><small>{html.escape(sectors.get(item['sector'], item['sector']))}"
            f"</small></td><td>{html.escape(_name(item['study']))}<br>"
            f"<small>{html.escape(item['place'])}</small></td></tr>"
        )
    head = "".join(
        f'<th scope="col">{word}</th>'
        for word in ("Segment", "In our words", "Codes", "Speaker", "Place in the document")
    )
    body = "\n".join(rows)
    return (
        '<div class="table-scroll"><table class="records segments" aria-label="Coded segments">'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>"
    )


def findings(coding: Path) -> str:
    """Return the triangulated findings as Markdown: each with every study's verdict and the segments behind it."""
    path = coding / "triangulation.csv"
    if not path.is_file():
        return "No findings are triangulated in this build.\n"
    rows = read_csv(path)
    by_theme: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        by_theme.setdefault(row["theme_id"], []).append(row)
    parts = []
    for theme, entries in by_theme.items():
        cells = "".join(
            f'<tr><th scope="row">{html.escape(_name(row["study"]))}</th>'
            f'<td class="verdict {row["verdict"].replace(" ", "-")}">{html.escape(row["verdict"])}</td>'
            f"<td>{html.escape(row['reason'])}</td><td>{_links(row['segments'])}</td></tr>\n"
            for row in entries
        )
        head = _head("Study", "Verdict", "Why", "Segments")
        parts.append(f"## {entries[0]['statement'].rstrip('.')} {{#finding-{theme}}}\n")
        parts.append(
            raw(
                f'<div class="table-scroll"><table class="records findings" aria-label="Finding {theme}">'
                f"<thead><tr>{head}</tr></thead>\n<tbody>\n{cells}</tbody></table></div>"
            )
        )
    return "\n".join(parts)


def conflicts(coding: Path) -> str:
    """Return the conflicts between documents as Markdown, each linked to its segments."""
    path = coding / "conflicts.csv"
    if not path.is_file():
        return "No conflicts are recorded in this build.\n"
    rows = "".join(
        f'<tr id="{row["conflict_id"]}"><td>{html.escape(row["kind"])}</td>'
        f"<td>{html.escape(row['printed_a'])}<br><small>{html.escape(row['place_a'])}</small></td>"
        f"<td>{html.escape(row['printed_b'])}<br><small>{html.escape(row['place_b'])}</small></td>"
        f"<td>{html.escape(row['difference'])}<br><small>{html.escape(row['treatment'])}</small></td>"
        f"<td>{_links(';'.join(filter(None, (row['segment_a'], row['segment_b']))))}</td></tr>\n"
        for row in read_csv(path)
    )
    head = "".join(
        f'<th scope="col">{word}</th>'
        for word in ("Kind", "One document", "Another", "Difference and treatment", "Segments")
    )
    return raw(
        '<div class="table-scroll"><table class="records filterable" aria-label="Conflicts between documents">'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody></table></div>"
    )


def _links(segments: str) -> str:
    names = [name for name in segments.split(";") if name]
    return " ".join(f'<a href="evidence.html#segment-{html.escape(name)}">{html.escape(name)}</a>' for name in names)


def _head(*words: str) -> str:
    return "".join(f'<th scope="col">{word}</th>' for word in words)


def _name(study: str) -> str:
    known = settings.read().studies.get(study)
    return known.name if known else study
