"""The audit trail of a coded project, in the six categories of Halpern, and memos, links and sets where they belong.

The categories are those of Halpern (1983), as Lincoln and Guba (1985, Naturalistic Inquiry, appendix A) print them: raw
data; data reduction and analysis; data reconstruction and synthesis; process notes; intentions and dispositions;
instrument development. What the project does not hold is named as absent, not passed over.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Hashable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd

from compendium.data.loading import read_text
from compendium.evidence import codebook as codebooks
from compendium.evidence import codebookdiff, passages, tablefiles
from compendium.evidence.codebookdiff import State
from compendium.evidence.evidence import named_coders
from compendium.project import write_bytes
from compendium.refiqda.model import Project
from compendium.refiqda.reports import Opened, state_of

CATEGORIES = (
    "Raw data", "Data reduction and analysis", "Data reconstruction and synthesis", "Process notes",
    "Intentions and dispositions", "Instrument development",
)  # fmt: skip
INTENTIONS = re.compile(r"\b(aims?|proposal|protocol|question|intention|expectation|reflexiv\w*|position\w*)\b", re.I)
INSTRUMENT = re.compile(r"\b(guide|schedule|questionnaire|pilot|form|instrument|consent)\b", re.I)
NONE = "The project holds none."


def counts(source: Opened, earlier: Sequence[State] = ()) -> pd.DataFrame:
    """Return what each category holds: ``category``, ``what``, ``number``.

    Nothing in it names anybody or quotes anything.
    """
    project, notes = source.project, memos(source.project)
    kinds = project.sources.loc[project.sources["role"] == "source", "kind"].value_counts()
    total = passages.counts(project.segments, project.codings, project.codebook, project.texts).iloc[-1]
    written = _written_beside(source)

    def named(frame: pd.DataFrame, pattern: re.Pattern[str]) -> int:
        return int(frame["name"].map(_about(pattern)).sum())

    rows: list[tuple[str, str, int]] = [(CATEGORIES[0], f"{kind} sources", int(n)) for kind, n in kinds.items()]
    rows += [
        (CATEGORIES[0], "characters of text", sum(map(len, project.texts.values()))),
        (CATEGORIES[1], "codes", len(project.codebook)),
        (CATEGORIES[1], "codes with a definition", int((project.codebook["definition"] != "").sum())),
        (CATEGORIES[1], "coded passages", int(total["passages"])),
        (CATEGORIES[1], "codings", int(total["codings"])),
        (CATEGORIES[1], "coders", len(named_coders(project.codings))),
        (CATEGORIES[1], "memos and annotations on codes and passages", int(notes["kind"].isin(_ANALYSIS).sum())),
        (CATEGORIES[2], "themes (topmost codes)", int((project.codebook["parent"] == "").sum())),
        (CATEGORIES[2], "links", len(project.links)),
        (CATEGORIES[2], "sets", len(project.sets)),
        *((CATEGORIES[2], f"rows of {name}", number) for name, number in written.items()),
        (CATEGORIES[3], "memos on sources, cases and the project", int(notes["kind"].isin(_PROCESS).sum())),
        (CATEGORIES[3], "dates on which something was written or coded", len(_days(project))),
        (CATEGORIES[4], "memos on aims, questions or the researchers", named(notes, INTENTIONS)),
        (CATEGORIES[5], "memos that are instruments", named(notes, INSTRUMENT)),
        (CATEGORIES[5], "sources that are instruments", named(project.sources, INSTRUMENT)),
        (CATEGORIES[5], "earlier states of the codebook", len(earlier)),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["category", "what", "number"])


_ANALYSIS, _PROCESS = ("code", "segment", "coding"), ("source", "case", "project", "note", "set", "link")


def memos(project: Project) -> pd.DataFrame:
    """Return every memo and annotation with what it belongs to.

    Returns
    -------
    ``kind`` and ``owner`` (as in the note references; blank for a memo that belongs to nothing), ``name``, ``text``,
    ``created``, ``created_by``; a memo that belongs to several things stands several times.
    """
    notes = project.notes.assign(
        text=[
            project.texts.get(one, "") or told
            for one, told in zip(project.notes["source_id"], project.notes["description"], strict=True)
        ]
    )
    joined = notes[notes["parent"] == ""].merge(
        project.note_refs.rename(columns={"kind": "of"}), left_on="source_id", right_on="note_id", how="left"
    )
    joined = joined.assign(kind=joined["of"].fillna(""), owner=joined["owner"].fillna(""))
    return joined[["kind", "owner", "name", "text", "created", "created_by"]]


def hashes(project: Project) -> pd.DataFrame:
    """Return each source's name, characters and SHA-256 of its text, by which a later copy can be told."""
    top = project.sources[project.sources["text_file"] != ""]
    digest = [hashlib.sha256(project.texts[one].encode()).hexdigest() for one in top["source_id"]]
    return pd.DataFrame(
        {
            "Source": top["name"].where(top["name"] != "", top["source_id"]),
            "Characters": top["characters"],
            "SHA-256": digest,
        }
    )


def written(source: Opened, earlier: Sequence[State] = ()) -> str:
    """Return the report as Markdown.

    Parameters
    ----------
    earlier : states of the codebook before this one, oldest first.
    """
    project, notes = source.project, memos(source.project)
    table = counts(source, earlier)
    parts = {
        CATEGORIES[0]: _table(hashes(project)),
        CATEGORIES[1]: _codes(project, notes),
        CATEGORIES[2]: _linked(project),
        CATEGORIES[3]: _documents(project, notes) + _days_written(project),
        CATEGORIES[4]: _intentions(project, notes),
        CATEGORIES[5]: _history([*earlier, state_of(project)]) + _notes(notes[notes["name"].map(_about(INSTRUMENT))]),
    }
    title = tablefiles.escaped(project.about.get("name", "") or "a coded project")
    text = [f"# Audit trail of {title}\n", "The six categories are Halpern’s. This report holds what was written about"
            " people and what they said: it is for those who audit the study.\n"]  # fmt: skip
    for category in CATEGORIES:
        rows = table[table["category"] == category]
        text.append(f"## {category}\n")
        text.append(_table(rows[["what", "number"]].rename(columns={"what": "What", "number": "Number"})))
        text.append(parts[category] or NONE + "\n")
    return "\n".join(text)


def converted(report: str, path: Path) -> Path:
    """Write the report as Word or a web page.

    Raises
    ------
    CompendiumError : another suffix.
    """
    return write_bytes(path, tablefiles.document(report, path, "Audit trail"))


def _codes(project: Project, notes: pd.DataFrame) -> str:
    """Return the codes with definition, memos, sets and links, those alone that have any of these but a definition."""
    path, text = codebooks.paths(project.codebook), ""
    place = project.segments.set_index("segment_id")
    by_code = dict(iter(project.codings.groupby("code_id")["segment_id"]))
    segment_of = dict(zip(project.codings["guid"], project.codings["segment_id"], strict=True))
    on = notes["owner"].where(notes["kind"] != "coding", notes["owner"].map(segment_of))
    annotations = notes.assign(owner=on)[notes["kind"].isin(("segment", "coding"))]
    for row in codebooks.ordered(project.codebook).to_dict("records"):
        mine = notes[(notes["kind"] == "code") & (notes["owner"] == row["code_id"])]
        passage = annotations[annotations["owner"].isin(set(by_code.get(row["code_id"], ())))]
        sets, links = _sets(project, "code", row["code_id"]), _links(project, row["guid"])
        if len(mine) or len(passage) or sets or links:
            text += f"\n### {tablefiles.escaped(path[row['code_id']])}\n\n{tablefiles.escaped(row['definition'])}\n"
            text += sets + links + _notes(mine)
            text += "".join(_annotation(note, place, project) for note in passage.to_dict("records"))
    return text


def _documents(project: Project, notes: pd.DataFrame) -> str:
    """Return the documents with their memos, annotations, sets and links; then the memos of cases and the project."""
    text, place = "", project.segments.set_index("segment_id")
    of = place["source_id"].str.split(r"[.-]", n=1).str[0]
    for row in project.sources[project.sources["role"] == "source"].to_dict("records"):
        mine = notes[(notes["kind"] == "source") & (notes["owner"] == row["source_id"])]
        passage = notes[(notes["kind"] == "segment") & (notes["owner"].map(of) == row["source_id"])]
        sets, links = _sets(project, "source", row["source_id"]), _links(project, row["guid"])
        if len(mine) or len(passage) or sets or links:
            text += f"\n### {tablefiles.escaped(row['name'] or row['source_id'])}\n\n" + sets + links + _notes(mine)
            text += "".join(_annotation(note, place, project) for note in passage.to_dict("records"))
    rest = notes[~notes["kind"].isin((*_ANALYSIS, "source"))]
    return text + (f"\n### The project, its cases and other things\n{_notes(rest)}" if len(rest) else "")


def _annotation(note: dict[Hashable, Any], place: pd.DataFrame, project: Project) -> str:
    owner, words = str(note["owner"]), ""
    if owner in place.index and not pd.isna(place["start"][owner]):
        start, end = int(place["start"][owner]), int(place["end"][owner])
        words = " ".join(project.texts.get(str(place["source_id"][owner]), "")[start:end].split())
    quoted = f"\n> {tablefiles.escaped(words)}\n" if words else ""
    return quoted + _notes(pd.DataFrame([note]))


def _notes(notes: pd.DataFrame) -> str:
    text = ""
    for row in notes.to_dict("records"):
        when = ", ".join(filter(None, (row["created"][:10], row["created_by"])))
        head = tablefiles.escaped(row["name"] or "Memo") + (f" ({tablefiles.escaped(when)})" if when else "")
        body = "\n\n".join(tablefiles.escaped(part) for part in row["text"].split("\n") if part.strip())
        text += f"\n**{head}**\n\n{body}\n"
    return text


def _sets(project: Project, kind: str, member: str) -> str:
    names = dict(zip(project.sets["set_id"], project.sets["name"], strict=True))
    mine = project.set_members
    found = mine.loc[(mine["kind"] == kind) & (mine["member"] == member), "set_id"].map(names)
    return f"\nIn the sets: {tablefiles.escaped('; '.join(found))}\n" if len(found) else ""


def _named(project: Project) -> dict[str, str]:
    """Return what every GUID that a link may point to is called."""
    found = dict(zip(project.codebook["guid"], "code " + project.codebook["code"], strict=True))
    for name, frame in (("source", project.sources), ("memo", project.notes), ("case", project.cases)):
        found |= dict(zip(frame["guid"], name + " " + frame["name"], strict=True))
    documents = "passage " + project.segments["segment_id"] + " of " + project.segments["document"]
    return found | dict(zip(project.segments["guid"], documents, strict=True))


def _links(project: Project, guid: str) -> str:
    links = project.links
    mine = links[(links["origin"] == guid) | (links["target"] == guid)] if guid else links.iloc[:0]
    names = _named(project) if len(mine) else {}
    ends = zip(mine["origin"], mine["target"], strict=True)
    told = [f"{names.get(one, one)} → {names.get(other, other)}" for one, other in ends]
    return f"\nLinks: {tablefiles.escaped('; '.join(told))}\n" if told else ""


def _linked(project: Project) -> str:
    names = _named(project)
    table = pd.DataFrame(
        {
            "Link": project.links["name"],
            "From": [names.get(one, one) for one in project.links["origin"]],
            "To": [names.get(one, one) for one in project.links["target"]],
        }
    )
    size = project.set_members["set_id"].value_counts()
    sets = pd.DataFrame(
        {"Set": project.sets["name"], "Members": project.sets["set_id"].map(size).fillna(0).astype(int)}
    )
    return "\n".join(_table(part) for part in (table, sets) if len(part))


def _intentions(project: Project, notes: pd.DataFrame) -> str:
    told = project.about.get("description", "")
    return (f"\n{tablefiles.escaped(told)}\n" if told else "") + _notes(notes[notes["name"].map(_about(INTENTIONS))])


def _history(states: Sequence[State]) -> str:
    text = ""
    for number, (old, new) in enumerate(pairwise(states), start=1):
        table = codebookdiff.changes(old, new)
        text += f"\n### Codebook, from state {number} to {number + 1}\n\n{codebookdiff.summary(table, old, new)}\n\n"
        text += _table(table.rename(columns=lambda name: name.replace("_", " ").capitalize())) if len(table) else ""
    return text


def _days(project: Project) -> pd.Series:
    """Return how many things carry each date."""
    dated = [
        project.sources["created"],
        project.notes["created"],
        project.segments["created"],
        project.codings["created"],
    ]
    days = pd.concat(dated).str[:10]
    return days[days != ""].value_counts().sort_index()


def _days_written(project: Project) -> str:
    days = _days(project)
    if days.empty:
        return ""
    return "\n### Dates\n\n" + _table(
        pd.DataFrame({"Date": days.index, "Sources, memos, selections and codings": days.to_numpy()})
    )


def _written_beside(source: Opened) -> dict[str, int]:
    """Return how many rows the researcher's own tables of quotations, findings and summaries hold."""
    found = {}
    for name in ("quotations.csv", "summaries.csv", "negative.csv", "relations.csv"):
        if (source.folder / name).is_file():
            found[name] = len(read_text(source.folder / name))
    return found


def _about(pattern: re.Pattern[str]) -> Callable[[object], bool]:
    return lambda name: bool(pattern.search(str(name)))


def _table(frame: pd.DataFrame) -> str:
    return tablefiles.markdown(frame) + "\n" if len(frame) else ""
