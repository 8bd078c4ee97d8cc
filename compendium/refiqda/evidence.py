"""Gives coded evidence without texts the shape of a project, so that qualitative tools can open it."""

from __future__ import annotations

from typing import Any

import pandas as pd

from compendium.evidence.segments import codings
from compendium.refiqda.model import TABLES, Project, canonical_guid, tabulated
from compendium.refiqda.tables import describe_segments


def project_from_evidence(codebook: pd.DataFrame, segments: pd.DataFrame, name: str) -> Project:
    """Return a project with one text per study and document, which holds one line a segment.

    A line is the segment's id and its summary (the label where there is none), so the text never holds more of a
    document than the table does. Sites become cases; site, speaker and sector make the selection's name.
    """
    rows: dict[str, list[dict[str, Any]]] = {table: [] for table in TABLES}
    texts: dict[str, str] = {}
    guid = {}
    for number, ((study, document), group) in enumerate(segments.groupby(["study", "document"], sort=False), start=1):
        source_id, text = f"d{number:04d}", ""
        for place, row in enumerate(_records(group), start=1):
            line = f"{row['segment_id']}: {row['summary'] or row['label'] or row['codes']}".replace("\n", " ")
            guid[row["segment_id"]] = (f"{source_id}-{place:04d}", canonical_guid(f"segment {row['segment_id']}"))
            speaker = ", ".join(part for part in (row["site"], row["speaker"], row["sector"]) if part)
            rows["segments"].append(
                {
                    "segment_id": guid[row["segment_id"]][0],
                    "source_id": source_id,
                    "kind": "text",
                    "start": len(text),
                    "end": len(text) + len(line),
                    "label": speaker,
                    "summary": ", ".join(part for part in (row["section"], row["label"]) if part),
                    "guid": guid[row["segment_id"]][1],
                }
            )
            text += line + "\n"
        texts[source_id] = text
        title = ", ".join(str(part) for part in (study, document) if part)
        rows["sources"].append(
            {
                "source_id": source_id,
                "name": title,
                "kind": "text",
                "role": "source",
                "path": f"internal://{canonical_guid(f'source {title}')}.txt",
                "text_file": f"texts/{source_id}.txt",
                "characters": len(text),
                "guid": canonical_guid(f"source {title}"),
            }
        )
    for coder in sorted({coder for cell in segments["coder"] for coder in cell.split(";") if coder}):
        rows["users"].append({"user_id": coder, "name": coder, "guid": canonical_guid(f"user {coder}")})
    for row in _records(codings(segments)):
        identifier = f"coding {row['segment_id']} {row['code_id']} {row['coder']}"
        rows["codings"].append({**row, "segment_id": guid[row["segment_id"]][0], "guid": canonical_guid(identifier)})
    for site in sorted({site for cell in segments["site"] for site in cell.split(";") if site}):
        rows["cases"].append({"case_id": site, "name": site, "guid": canonical_guid(f"case {site}")})
        members = segments.loc[[site in cell.split(";") for cell in segments["site"]], "segment_id"]
        rows["case_members"] += [{"case_id": site, "kind": "segment", "member": guid[one][0]} for one in members]
    rows["codebook"] = _records(codebook)
    project = Project({table: tabulated(table, content) for table, content in rows.items()}, texts, {"name": name})
    project.tables["segments"] = describe_segments(project, name)
    return project


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(column): value for column, value in row.items()} for row in frame.to_dict("records")]
