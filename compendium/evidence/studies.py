"""The coded studies that a notebook speaks of, read from their folders in ``data/coding/`` and joined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from compendium import project
from compendium.data import loading
from compendium.errors import CompendiumError
from compendium.evidence import evidence, publication

if TYPE_CHECKING:
    import pandas as pd


class Register(Protocol):
    """What notes which files a notebook reads: the results store."""

    def input(self, path: str) -> Path:
        """Register a file of the project and return its path."""
        ...


def coded(store: Register, names: str, *, uncoded: bool = False) -> evidence.Evidence:
    """Return the evidence of the studies that a parameter names, as one.

    Of an imported project it is what may be published (`compendium.evidence.publication`): no name of a person, case,
    source, passage or coder, and nobody's words.

    Parameters
    ----------
    store : the notebook's results store, which registers the files.
    names : folders of ``data/coding/``, separated by commas.
    uncoded : accept a project in which nothing is coded yet.

    Raises
    ------
    CompendiumError : a study is not there, its tables are faulty, or what is public of an import is not up to date.
    """
    parts = []
    for name in evidence.listed(names):
        if not publication.is_import(_folder(name)):
            part = evidence.read(
                name,
                store.input(f"data/coding/{name}/codebook.csv"),
                store.input(f"data/coding/{name}/segments.csv"),
                uncoded=uncoded,
            )
            parts.append(part)
            continue
        _refuse_outdated(name)
        withheld = publication.record(store.input(f"data/coding/{name}/public/public.json"))["counts"] == 0
        part = evidence.read(
            name,
            store.input(f"data/coding/{name}/public/codebook.csv"),
            store.input(f"data/coding/{name}/public/segments.csv"),
            store.input(f"data/coding/{name}/public/codings.csv"),
            uncoded=uncoded or withheld,
        )
        parts.append(replace(part, withheld=withheld))
    return evidence.joined(parts)


def floor(store: Register, study: str) -> int:
    """Return the fewest passages that a printed number of an import may count; 0 where no counts are published.

    Raises
    ------
    CompendiumError : what is public of the import is not that of its tables and rules.
    """
    _refuse_outdated(study)
    return int(publication.record(store.input(f"data/coding/{study}/public/public.json"))["counts"])


def rows(study: str) -> bool:
    """Return whether passages of an import may be shown one by one, as `floor` says of their numbers."""
    return bool(publication.record(_folder(study) / publication.PUBLIC / publication.RECORD)["rows"])


def _refuse_outdated(study: str) -> None:
    if not publication.current(_folder(study)):
        raise CompendiumError(
            "what is public of the import is not up to date",
            file=_folder(study) / publication.PUBLIC,
            expected="compendium build, which writes it",
        )


def _folder(study: str) -> Path:
    return project.root() / "data" / "coding" / study


def lengths(store: Register, study: str) -> dict[str, int]:
    """Return the characters of every source of an imported project that has a text; none of transcribed evidence."""
    if not publication.is_import(_folder(study)):
        return {}
    sources = loading.read_text(store.input(f"data/coding/{study}/public/sources.csv"))
    known = sources[sources["characters"] != ""]
    return dict(zip(known["source_id"], known["characters"].astype(int), strict=True))


def texts(store: Register, study: str) -> dict[str, str]:
    """Return the texts of an imported project, which stay on the researcher's machine and are not in a clone.

    Raises
    ------
    CompendiumError : they are not there.
    """
    folder = _folder(study)
    sources = loading.read_text(store.input(f"data/coding/{study}/public/sources.csv"))
    named = sources[sources["characters"] != ""]
    named = named.assign(text_file="texts/" + named["source_id"] + ".txt")
    if lacking := [file for file in named["text_file"] if not (folder / file).is_file()]:
        raise CompendiumError(
            "the texts of the project are not here", file=f"data/coding/{study}/{lacking[0]}",
            expected="the researcher's own copy, or a way for codes to meet that needs no texts",
        )  # fmt: skip
    files = zip(named["source_id"], named["text_file"], strict=True)
    return {source: (folder / file).read_bytes().decode("utf-8") for source, file in files}


def interviews(store: Register, study: str, coded: evidence.Evidence) -> list[str]:
    """Return the coded sources of an imported project in its order, without the transcripts and notes inside others."""
    sources = loading.read_text(store.input(f"data/coding/{study}/public/sources.csv"))
    held = coded.segments.loc[coded.segments["segment_id"].isin(coded.codings["segment_id"]), "source_id"]
    known = set(held)
    return [source for source in sources.loc[sources["role"] == "source", "source_id"] if source in known]


def variables(store: Register, study: str) -> pd.DataFrame:
    """Return the values that are public of an import: ``kind``, ``owner`` (label, source), ``variable``, ``value``."""
    return loading.read_text(store.input(f"data/coding/{study}/public/variables.csv"))


def quotations(store: Register, study: str) -> pd.DataFrame:
    """Return the passages whose words are public of an import: ``passage``, ``code``, ``quotation``."""
    return loading.read_text(store.input(f"data/coding/{study}/public/quotations.csv"))


def coders(store: Register, study: str, coded: evidence.Evidence) -> pd.DataFrame:
    """Return who coded a study, people and software, as `compendium.evidence.coders.read` does."""
    from compendium.evidence import coders as who

    folder = _folder(study)
    if publication.is_import(folder):
        folder = store.input(f"data/coding/{study}/public/coders.csv").parent
    return who.read(folder, evidence.named_coders(evidence.of_study(coded, study).codings))


def spellings(store: Register) -> pd.DataFrame:
    """Return the spellings of speakers that mean one person, as `compendium.evidence.speakers` reads them."""
    return loading.read_text(store.input("data/coding/speakers.csv"))


def recoded(store: Register, names: Sequence[str]) -> pd.DataFrame:
    """Return the second coding of segments of these studies, without rows where none was coded again."""
    import pandas as pd

    if not (project.root() / "data" / "coding" / "recoding.csv").is_file():
        return pd.DataFrame({"study": []})
    again = loading.read_text(store.input("data/coding/recoding.csv"))
    return again[again["study"].isin(list(names))]
