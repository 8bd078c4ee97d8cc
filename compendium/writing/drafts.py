"""The drafts that the paper includes, checklists and title page: made again where what they rest on has changed.

They are a product of the chain with a record by content (`compendium.chain.freshness`). What the paper includes is
known from its text alone, so the record's own files are compared: while none of them changed, none was added.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterable
from pathlib import Path

from compendium import project
from compendium.chain.freshness import Product, Records
from compendium.errors import CompendiumError
from compendium.render.unplaced import PLACES

NAME = "drafts"
MODULE = "compendium.writing.reporting"


def refresh(records: Records, root: Path, build: Path) -> bool:
    """Write the drafts where they are not those of the present sources; return whether they had to be made.

    A build in another folder leaves the project's alone. Where the sources cannot be read nothing is written or
    recorded: the checks and the rendering name the problem with its place.

    Parameters
    ----------
    records : of the build folder.
    root, build : the project's folder and the build folder.
    """
    if build != (root / project.BUILD).resolve() or not records.why(_product(root, records.rests_on(NAME))):
        return False
    from compendium.chain import imports
    from compendium.writing import authors, reporting

    tool = [*imports.module_sources([MODULE], root), authors.SCHEMA, root / "requirements.lock"]
    with contextlib.suppress(CompendiumError):
        product = _product(root, [*reporting.rests_on(root), *tool])
        records.digests.again()
        inputs = records.begin(product)
        reporting.draft(root)
        records.digests.again()
        if _product(root, [*reporting.rests_on(root), *tool]) == product:  # nothing was included meanwhile
            records.end(product, inputs)
    return True


def _product(root: Path, rests_on: Iterable[Path]) -> Product:
    return Product(NAME, tuple(rests_on), (root / PLACES,), (), [sys.version.split()[0]])
