"""The versions of the paper as readers see them: sizes, changes, reference lists and the original checklist."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pandas as pd

from compendium.figures.tables import MISSING

VERSION_NAMES = {"submission": "Submission", "R1": "R1", "published": "Published"}


def original_checklist(items: pd.DataFrame, printed: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """Return the printed SRQR checklist of R1 against R1's own lines.

    Parameters
    ----------
    items : the checklist's items, ``number``, ``item``, ``topic``.
    printed : printed locations, ``version``, ``item``, ``printed``.
    found : ``item``, ``now_from``, ``now_to``, ``verdict``, as `relocation.relocated` returns them.

    Returns
    -------
    ``Item``, ``Topic``, ``Printed location``, ``Lines in R1``, ``Verdict``; one row per item.
    """
    r1 = printed.loc[printed["version"] == "R1", ["item", "printed"]]
    rows = items[["number", "item", "topic"]].merge(r1, on="item", validate="1:1").merge(found, on="item")
    now = [
        MISSING if pd.isna(start) and pd.isna(end) else f"{_or_unknown(start)} to {_or_unknown(end)}"
        for start, end in zip(rows["now_from"], rows["now_to"], strict=True)
    ]
    return pd.DataFrame(
        {
            "Item": rows["number"],
            "Topic": rows["topic"],
            "Printed location": rows["printed"],
            "Lines in R1": now,
            "Verdict": rows["verdict"],
        }
    )


def _or_unknown(line: Any) -> str:
    return "?" if pd.isna(line) else str(int(line))


def version_sizes(versions: pd.DataFrame) -> pd.DataFrame:
    """Return words and sentences of each version by section: ``Section``, ``Words, ...``, ``Sentences, ...``."""
    sections = list(dict.fromkeys(versions["section"]))
    wide = versions.pivot(index="section", columns="version", values=["words", "sentences"]).loc[sections]
    table = pd.DataFrame({"Section": [name.capitalize() for name in sections]})
    for measure in ("words", "sentences"):
        for version, name in VERSION_NAMES.items():
            table[f"{measure.capitalize()}, {name}"] = wide[measure][version].astype(int).to_numpy()
    return table


def version_changes(versions: pd.DataFrame) -> pd.DataFrame:
    """Return how the sentences changed from each version to the next, by section.

    Columns ``Step``, ``Section``, ``Unchanged``, ``Modified``, ``Added``, ``Removed``.
    """
    names = list(VERSION_NAMES)
    steps = {after: f"{VERSION_NAMES[before]} to {VERSION_NAMES[after]}" for before, after in pairwise(names)}
    rows = versions[versions["version"].isin(steps)]
    kinds = ["unchanged", "modified", "added", "removed"]
    table = rows[kinds].astype(int).rename(columns=str.capitalize).reset_index(drop=True)
    table.insert(0, "Section", rows["section"].str.capitalize().to_numpy())
    table.insert(0, "Step", rows["version"].map(steps).to_numpy())
    return table


def reference_lists_table(lists: pd.DataFrame) -> pd.DataFrame:
    """Return the reference lists: ``List``, ``Entries``, ``Works repeated``, ``Entries too many``."""
    names = [name[0].upper() + name[1:] for name in lists["list"]]
    table = lists[["entries", "works_repeated", "entries_too_many"]].reset_index(drop=True)
    table.columns = ["Entries", "Works repeated", "Entries too many"]
    table.insert(0, "List", names)
    return table
