"""The coded studies that a notebook speaks of, read from their folders in ``data/coding/`` and joined."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from compendium import project
from compendium.data import loading
from compendium.errors import CompendiumError
from compendium.evidence import evidence

if TYPE_CHECKING:
    import pandas as pd


class Register(Protocol):
    """What notes which files a notebook reads: the results store."""

    def input(self, path: str) -> Path:
        """Register a file of the project and return its path."""
        ...


def coded(store: Register, names: str, *, uncoded: bool = False) -> evidence.Evidence:
    """Return the evidence of the studies that a parameter names, as one.

    An imported project has a table of its own that says who applied which code.

    Parameters
    ----------
    store : the notebook's results store, which registers the files.
    names : folders of ``data/coding/``, separated by commas.
    uncoded : accept a project in which nothing is coded yet.

    Raises
    ------
    CompendiumError : a study is not there, or its tables are faulty.
    """
    parts = []
    for name in evidence.listed(names):
        imported = (project.root() / "data" / "coding" / name / "codings.csv").is_file()
        parts.append(
            evidence.read(
                name,
                store.input(f"data/coding/{name}/codebook.csv"),
                store.input(f"data/coding/{name}/segments.csv"),
                store.input(f"data/coding/{name}/codings.csv") if imported else None,
                uncoded=uncoded,
            )
        )
    return evidence.joined(parts)


def lengths(store: Register, study: str) -> dict[str, int]:
    """Return the characters of every source of an imported project that has a text; none of transcribed evidence."""
    if not (project.root() / "data" / "coding" / study / "sources.csv").is_file():
        return {}
    sources = loading.read_text(store.input(f"data/coding/{study}/sources.csv"))
    known = sources[sources["characters"] != ""]
    return dict(zip(known["source_id"], known["characters"].astype(int), strict=True))


def texts(store: Register, study: str) -> dict[str, str]:
    """Return the texts of an imported project, which stay on the researcher's machine and are not in a clone.

    Raises
    ------
    CompendiumError : they are not there.
    """
    folder = project.root() / "data" / "coding" / study
    sources = loading.read_text(store.input(f"data/coding/{study}/sources.csv"))
    named = sources[sources["text_file"] != ""]
    if lacking := [file for file in named["text_file"] if not (folder / file).is_file()]:
        raise CompendiumError(
            "the texts of the project are not here", file=f"data/coding/{study}/{lacking[0]}",
            expected="the researcher's own copy, or a way for codes to meet that needs no texts",
        )  # fmt: skip
    files = zip(named["source_id"], named["text_file"], strict=True)
    return {source: (folder / file).read_bytes().decode("utf-8") for source, file in files}


def coders(store: Register, study: str, coded: evidence.Evidence) -> pd.DataFrame:
    """Return who coded a study, people and software, as `compendium.evidence.coders.read` does."""
    from compendium.evidence import coders as who

    folder = project.root() / "data" / "coding" / study
    if (folder / "coders.csv").is_file():
        folder = store.input(f"data/coding/{study}/coders.csv").parent
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
