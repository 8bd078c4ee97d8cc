"""A REFI-QDA project as plain tables, the folder that keeps them, and the report of an import."""

from __future__ import annotations

import csv
import json
import re
import uuid
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from compendium.errors import CompendiumError
from compendium.evidence import codebook, segments
from compendium.evidence.tablefiles import as_typed, harmless
from compendium.project import replaced_folder, sha256, write_text
from compendium.refiqda import attachments, standing

_DATES = ("created", "created_by", "modified", "modified_by")
_SOURCE = (
    "source_id",
    "name",
    "kind",
    "role",
    "parent",
    "description",
    "path",
    "rich_text_path",
    "current_path",
    "inline",
    "text_file",
    "characters",
    *_DATES,
    "guid",
)

TABLES: dict[str, tuple[str, ...]] = {
    "users": ("user_id", "name", "initials", "guid"),
    "codebook": (*codebook.COLUMNS, "codable", "guid"),
    "sources": _SOURCE,
    "notes": _SOURCE,
    "segments": (*segments.COLUMNS, "source_id", "region", "twin", *_DATES, "guid"),
    "codings": (*segments.CODING_COLUMNS, "created", "guid"),
    "cases": ("case_id", "name", "description", "guid"),
    "case_members": ("case_id", "kind", "member"),
    "variables": ("variable_id", "name", "type", "description", "guid"),
    "variable_values": ("kind", "owner", "variable_id", "type", "value"),
    "sets": ("set_id", "name", "description", "guid"),
    "set_members": ("set_id", "kind", "member"),
    "links": ("name", "direction", "colour", "origin", "target", "guid"),
    "note_refs": ("kind", "owner", "note_id"),
    "sync_points": ("source_id", "milliseconds", "position", "guid"),
    "attachments": ("source_id", "reference", "file", "bytes", "sha256"),
}
"""Columns of every table of an imported project. ``kind`` says what ``member`` or ``owner`` is the id of."""

NUMBERS = {"start", "end", "words", "characters"}

LATER = ("use", "not_use", "typical")
"""Columns of the codebook that imports of earlier versions lack; they are read as blank."""

MANIFEST = "project.json"
PRIVATE = 0o600  # permissions of imported texts: whole interviews are their owner's alone

_GUID = re.compile(r"\{?([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})\}?")
_NAMESPACE = uuid.UUID("5d1f7a40-0c5c-5b1e-9f63-4a1f3c2b7e90")


@lru_cache(maxsize=4096)
def canonical_guid(identifier: str) -> str:
    """Return a GUID in lower case without braces; any other identifier becomes a name-based (version 5) GUID."""
    match = _GUID.fullmatch(identifier.strip())
    return match.group(1).lower() if match else str(uuid.uuid5(_NAMESPACE, identifier))


def is_guid(identifier: str) -> bool:
    """Return whether the schema accepts an identifier."""
    return _GUID.fullmatch(identifier) is not None


@dataclass
class Project:
    """Everything of a project that is represented.

    Parameters
    ----------
    tables : one DataFrame for each name in ``TABLES``.
    texts : plain texts by source_id, line ends as the tool left them, without byte-order mark.
    about : name, study, description, created, created_by, modified, modified_by of the project as a whole.
    container : the archive or the folder that holds the attachments.
    """

    tables: dict[str, pd.DataFrame]
    texts: dict[str, str] = field(default_factory=dict)
    about: dict[str, str] = field(default_factory=dict)
    container: Path | None = None

    def __getattr__(self, name: str) -> pd.DataFrame:
        try:
            return self.__dict__["tables"][name]
        except KeyError:
            raise AttributeError(name) from None

    def save(self, folder: str | Path, report: dict[str, Any] | None = None, *, replace: bool = False) -> list[str]:
        """Write the tables, the texts and the manifest; the folder appears whole or not at all.

        What the researcher added beside an earlier import stays (`compendium.refiqda.standing.carry`).

        Parameters
        ----------
        replace : let the import take the place of another project's.

        Returns the files that were put aside, relative to the folder.

        Raises
        ------
        CompendiumError : ``folder`` holds something that is not an imported project, or another project's import.
        """
        target = Path(folder)
        if target.exists() and (not target.is_dir() or any(target.iterdir())) and not (target / MANIFEST).is_file():
            raise CompendiumError(
                "the folder holds other files, which an import would replace",
                file=folder,
                expected="a new or empty folder, or an earlier import",
            )
        guids = [*self.codebook["guid"], *self.sources["guid"]]
        another = standing.refuse_another(target, MANIFEST, guids, len(self.sources))
        if another and not replace:
            told = standing.manifest_of(target, MANIFEST).get("project", {})
            raise standing.asked(target, told.get("name", ""), self.about.get("name", ""))
        with replaced_folder(target, MANIFEST) as staging:
            for name, frame in self.tables.items():
                table = harmless(frame).to_csv(index=False, lineterminator="\n", quoting=csv.QUOTE_ALL)
                write_text(staging / f"{name}.csv", table)
            files = pd.concat([self.sources, self.notes])
            for source_id, file in zip(files["source_id"], files["text_file"], strict=True):
                if file:
                    write_text(staging / file, self.texts[source_id], PRIVATE)
            for row in self.attachments.to_dict("records"):
                attachments.write(self.container, row, staging / row["file"])
            written = {
                path.relative_to(staging).as_posix(): sha256(path) for path in staging.rglob("*") if path.is_file()
            }
            manifest = {"project": self.about, "import": report or {}, "files": written}
            write_text(staging / MANIFEST, json.dumps(manifest, indent=2, ensure_ascii=False, sort_keys=True) + "\n")
            write_text(staging / standing.IGNORE, standing.IGNORED)
            return standing.carry(target, staging, MANIFEST, self.tables, another=another)

    @classmethod
    def load(cls, folder: str | Path) -> Project:
        """Read a folder that ``save`` wrote.

        Raises
        ------
        CompendiumError : the folder is not an imported project, or a table or text is missing or damaged.
        """
        place = Path(folder)
        try:
            about = json.loads((place / MANIFEST).read_text("utf-8"))["project"]
            tables = {name: _read(place / f"{name}.csv", columns) for name, columns in TABLES.items()}
            files = pd.concat([tables["sources"], tables["notes"]])
            texts = {
                source_id: (place / file).read_bytes().decode("utf-8")
                for source_id, file in zip(files["source_id"], files["text_file"], strict=True)
                if file
            }
        except (OSError, KeyError, ValueError, TypeError) as error:
            raise CompendiumError(f"this is not an imported project ({error})", file=folder) from error
        return cls(tables, texts, about, place)


def tabulated(name: str, rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Return rows as one of ``TABLES``: numbers as Int64, everything else as strings."""
    frame = (
        pd.DataFrame.from_records(rows, columns=list(TABLES[name]))
        if rows
        else pd.DataFrame(columns=list(TABLES[name]))
    )
    for column in frame.columns:
        if column in NUMBERS:
            frame[column] = pd.array(frame[column].tolist(), dtype="Int64")
        else:
            frame[column] = frame[column].fillna("").astype(object)
    return frame


@dataclass
class ImportReport:
    """What an import brought over, what it did not, and what a researcher should look at.

    Parameters
    ----------
    counts : things represented, by name.
    not_represented : things counted and left behind, by name.
    stripped : what was taken out to protect people, in words.
    problems : sentences by kind of problem; the import went on.
    aligned, selections : plain-text selections with both edges on word boundaries, of all with a text.
    """

    file: str
    name: str = ""
    origin: str = ""
    out: str = ""
    counts: dict[str, int] = field(default_factory=dict)
    not_represented: Counter = field(default_factory=Counter)
    stripped: list[str] = field(default_factory=list)
    problems: dict[str, list[str]] = field(default_factory=dict)
    counting: str = ""
    counting_expected: bool = True
    aligned: int = 0
    selections: int = 0
    kept: list[str] = field(default_factory=list)
    unfound: pd.DataFrame | None = None

    def problem(self, kind: str, sentence: str) -> None:
        """Note a problem that does not stop the import."""
        self.problems.setdefault(kind, []).append(sentence)

    @property
    def share(self) -> float | None:
        """Share of plain-text selections with both edges on word boundaries (0-1)."""
        return self.aligned / self.selections if self.selections else None

    def warnings(self, most: int = 3) -> list[str]:
        """Return the problems, ``most`` of each kind, with how many more there are."""
        lines = []
        for kind, sentences in self.problems.items():
            lines.extend(sentences[:most])
            if len(sentences) > most:
                lines.append(f"and {len(sentences) - most:,} more: {kind}.")
        if self.share is not None and self.share < 0.95:
            lines.append(
                f"Only {self.share:.1%} of the selections start and end on word boundaries: compare some quotations "
                "with the tool that wrote the project before you use them."
            )
        return lines

    def lines(self) -> list[str]:
        """Return the report as lines of plain text."""
        title = f"{self.file}: {self.name or 'codebook'}" + (f", written by {self.origin}" if self.origin else "")
        lines = [title]
        lines += [f"  {_counted(number, name)}" for name, number in self.counts.items() if number]
        if self.selections:
            share = f"{100 * self.aligned / self.selections:.1f} %"
            lines.append(f"edges on word boundaries: {share} of {_counted(self.selections, 'selections')}")
            lines.append(
                f"positions read as: {self.counting}" + ("" if self.counting_expected else " (found by trial)")
            )
        elif self.counts.get("text selections"):
            lines.append(
                "edges on word boundaries: cannot be checked, for the texts are missing of "
                + _counted(self.counts["text selections"], "text selections")
            )
        if self.not_represented:
            lines.append("not represented:")
            lines += [f"  {_counted(number, name)}" for name, number in sorted(self.not_represented.items())]
        else:
            lines.append("not represented: nothing")
        lines += [f"removed: {sentence}" for sentence in self.stripped]
        lines += [f"warning: {sentence}" for sentence in self.warnings()]
        lines += [f"kept, for it was changed or spoke of another project: {name}" for name in self.kept]
        if self.out:
            lines.append(
                f"tables and texts are in {self.out}; nothing of them is published but what its publish.toml names"
            )
        return lines

    def as_dict(self) -> dict[str, Any]:
        """Return what the manifest keeps of the report."""
        return {
            "origin": self.origin,
            "counts": self.counts,
            "not_represented": dict(sorted(self.not_represented.items())),
            "removed": self.stripped,
            "positions": self.counting,
            "selections_on_word_boundaries": self.aligned,
            "selections_checked": self.selections,
            "warnings": self.warnings(),
        }


def _counted(number: int, plural: str) -> str:
    """Return a number with what it counts, in the singular for one."""
    if number != 1:
        return f"{number:,} {plural}"
    if plural.startswith("'"):  # an attribute, of things
        return f"1 {plural}"
    one = {"vertices": "vertex"}.get(plural, re.sub(r"s(?= |$)", "", plural, count=1))
    return "1 " + one.replace(" that are ", " that is ").replace(" that do ", " that does ")


def _read(path: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    if path.stem == "attachments" and not path.is_file():  # an import of an earlier version
        return pd.DataFrame(columns=list(columns), dtype=object)
    frame = as_typed(pd.read_csv(path, dtype=str, keep_default_na=False))
    frame = frame.assign(**{column: "" for column in LATER if column in columns and column not in frame.columns})
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        raise ValueError(f"{path.name} lacks the column {missing[0]}")
    for column in NUMBERS & set(columns):
        frame[column] = pd.to_numeric(frame[column].replace("", pd.NA)).astype("Int64")
    return frame[list(columns)]
