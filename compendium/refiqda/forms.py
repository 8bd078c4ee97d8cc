"""Other forms of a project, for tools that keep less of it: a selection for each coder, names of codes that differ."""

from __future__ import annotations

import dataclasses

import pandas as pd

from compendium.evidence.codebook import paths
from compendium.refiqda.model import Project, canonical_guid


def by_coder(project: Project) -> Project:
    """Return a project in which each selection holds the codings of one coder, who then made it.

    The first coder keeps the selection with its notes, memberships and links; each other gets a copy with a GUID of its
    own, made of the selection's and the coder's.
    """
    first = project.codings.drop_duplicates("segment_id").set_index("segment_id")["coder"].to_dict()
    guid = dict(zip(project.segments["segment_id"], project.segments["guid"], strict=True))
    moved: list[str] = []
    copies: dict[str, tuple[str, str]] = {}
    for segment, coder in zip(project.codings["segment_id"], project.codings["coder"], strict=True):
        whole = segment.endswith("-all")
        if whole or coder == first[segment]:
            moved.append(segment)
            continue
        copy = f"{segment}+{coder}"
        copies[copy] = (segment, coder)
        moved.append(copy)
    codings = project.codings.assign(segment_id=moved)
    place = project.segments.set_index("segment_id", drop=False)
    added = [
        place.loc[[segment]].assign(
            segment_id=copy, guid=canonical_guid(f"selection {guid[segment]} of {coder}"), created_by=coder, twin=""
        )
        for copy, (segment, coder) in copies.items()
    ]
    owned = project.segments.assign(
        created_by=[
            first.get(segment, "") or maker
            for segment, maker in zip(project.segments["segment_id"], project.segments["created_by"], strict=True)
        ]
    )
    segments = pd.concat([owned, *added], ignore_index=True) if added else owned
    return dataclasses.replace(project, tables={**project.tables, "segments": segments, "codings": codings})


def with_paths(project: Project) -> Project:
    """Return a project in which each code whose name another has carries the names of those above it: Care > Trust."""
    book = project.codebook
    repeated = book["code"].str.casefold().duplicated(keep=False)
    named = book["code"].where(~repeated, book["code_id"].map(paths(book, separator=" > ")))
    return dataclasses.replace(project, tables={**project.tables, "codebook": book.assign(code=named)})
