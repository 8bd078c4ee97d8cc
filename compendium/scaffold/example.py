"""The invented study with which a new compendium begins: six short texts by us, and what two coders made of them.

The files of ``example/`` are what can be read and corrected: texts, codes, and passages by their words. `project` gives
them the shape of an exported project, so that they are imported as any other.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from compendium.errors import CompendiumError
from compendium.refiqda.model import TABLES, Project, canonical_guid, tabulated

TITLE = "An invented study of borrowed blood pressure monitors"
FOLDER = Path(__file__).parent / "example"


def project() -> Project:
    """Return the example as a project with its texts, cases, codes, coders and codings.

    Raises
    ------
    CompendiumError : a passage does not stand in its text, or stands there twice.
    """
    rows: dict[str, list[dict[str, Any]]] = {table: [] for table in TABLES}
    rows["codebook"] = rows_of("codebook")
    sources = rows_of("sources")
    texts = {row["source"]: (FOLDER / "texts" / f"{row['source']}.txt").read_text("utf-8") for row in sources}
    for row in sources:
        guid = canonical_guid(f"source {row['source']}")
        rows["sources"].append(
            {
                "source_id": row["source"], "name": row["source"], "kind": "text", "role": "source",
                "path": f"internal://{guid}.txt", "text_file": f"texts/{row['source']}.txt",
                "characters": len(texts[row["source"]]), "guid": guid,
            }
        )  # fmt: skip
        rows["case_members"].append({"case_id": row["case"], "kind": "source", "member": row["source"]})
    for case in dict.fromkeys(row["case"] for row in sources):
        rows["cases"].append({"case_id": case, "name": case, "guid": canonical_guid(f"case {case}")})
    coders: set[str] = set()
    for number, (source, passage, codings) in enumerate(_passages(), start=1):
        segment, start = f"s{number}", texts[source].find(passage)
        if texts[source].count(passage) != 1:
            raise CompendiumError("a passage does not stand in its text once", file=f"{source}.txt", found=passage)
        rows["segments"].append(
            {
                "segment_id": segment, "source_id": source, "kind": "text", "start": start,
                "end": start + len(passage), "guid": canonical_guid(f"segment {source} {passage}"),
            }
        )  # fmt: skip
        for code, coder in codings:
            coders.add(coder)
            guid = canonical_guid(f"coding {source} {passage} {code} {coder}")
            rows["codings"].append({"segment_id": segment, "code_id": code, "coder": coder, "guid": guid})
    rows["users"] = [{"user_id": coder, "name": coder, "guid": canonical_guid(coder)} for coder in sorted(coders)]
    return Project({name: tabulated(name, content) for name, content in rows.items()}, texts, {"name": TITLE})


def rows_of(name: str) -> list[dict[str, str]]:
    """Return the rows of one of the example's tables."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _passages() -> Iterator[tuple[str, str, list[tuple[str, str]]]]:
    """Yield each passage once: its source, its words, and who gave it which code."""
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for row in rows_of("codings"):
        given = found.setdefault((row["source"], row["passage"]), [])
        given += [(row["code_id"], coder) for coder in row["coders"].split(";")]
    for (source, passage), codings in found.items():
        yield source, passage, codings
