"""The checklists without places: their pages and lines are those of a PDF, and a plain `quarto render` makes another.

Quarto runs this file by itself before `quarto render --profile paper` (``project: pre-render:``), with whatever Python
it finds, so it imports nothing but the standard library. `compendium render` reads the places back from the PDF that
it makes, by either engine.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

PLACES = Path("build/places")
DRAFTS = PLACES / "drafts"
PLACED_ELSEWHERE = "COMPENDIUM_PLACES"  # set where the caller of Quarto fills the places in


def unplace(root: Path) -> None:
    """Put the checklists' drafts, which say that places are left out, where the sources include them."""
    for draft in sorted((root / DRAFTS).iterdir()) if (root / DRAFTS).is_dir() else []:
        shutil.copyfile(draft, root / PLACES / draft.name)


if __name__ == "__main__" and not os.environ.get(PLACED_ELSEWHERE):
    unplace(Path())
