"""Reporting checklists as data: where a paper reports each item.

A checklist is a CSV of items; each names the section labels where our paper reports it
(``sec-paper-methods-sample``; ``title`` and ``abstract`` stand for those parts).
`compendium.writing.reporting` reads the places behind the labels back from the rendered paper, so they cannot go stale.
Everything here works for any file with the columns of ``data/srqr.csv``.
"""

from __future__ import annotations

import pandas as pd

from compendium.data import loading
from compendium.errors import CompendiumError

CHECKLISTS = {"srqr": 21, "coreq": 32}
"""Checklists of the project with the number of their items."""


def items(name: str) -> pd.DataFrame:
    """Return a checklist's items: ``number``, ``item``, ``group``, ``topic``, ``reporting``, ``sections`` (a list).

    Raises
    ------
    CompendiumError : no such checklist, or its numbers do not run from 1 to the number of its items.
    """
    if name not in CHECKLISTS:
        raise CompendiumError("there is no such checklist", found=name, expected=list(CHECKLISTS))
    frame = loading.read(name)
    if frame["number"].tolist() != list(range(1, CHECKLISTS[name] + 1)):
        raise CompendiumError(
            "the items are not numbered in order",
            file=f"data/{name}.csv",
            column="number",
            expected=f"1 to {CHECKLISTS[name]}",
        )
    return frame.assign(sections=[labels.split() for labels in frame["sections"]])
