"""Which commit outputs show, and the time that they carry: the project's own, never a surrounding repository's."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

ARCHIVE = ".git_archival.txt"
"""Filled in by ``git archive`` (``export-subst``), so that a downloaded archive knows its commit."""
UNKNOWN = 946684800  # 1 January 2000
RECORD = re.compile(r"commit: (?P<name>[0-9a-f]{40,64})\ntime: (?P<time>\d+)\n")


def epoch(root: Path) -> int:
    """Return the time that outputs carry: ``SOURCE_DATE_EPOCH``, else the commit's, else 1 January 2000."""
    return int(os.environ.get("SOURCE_DATE_EPOCH") or _commit(root)[1] or UNKNOWN)


def name(root: Path) -> str:
    """Return the short name of the project's commit, or "" where it is unknown."""
    return _commit(root)[0][:10]


@cache
def _commit(root: Path) -> tuple[str, str]:
    """Return the commit's name and time, of the project's own repository or of the archive that it comes from."""
    if (root / ".git").exists():
        try:
            shown = subprocess.run(
                ["git", "log", "-1", "--format=%H %ct"], cwd=root, capture_output=True, text=True, check=False,
                env={**os.environ, "GIT_CEILING_DIRECTORIES": str(root.parent)},
            )  # fmt: skip
        except OSError:
            shown = None
        if shown is not None and shown.returncode == 0 and len(found := shown.stdout.split()) == 2:
            return found[0], found[1]
    else:
        try:
            record = RECORD.search((root / ARCHIVE).read_text("utf-8"))
        except (OSError, ValueError):
            record = None
        if record:
            return record["name"], record["time"]
    print(
        "the project's commit is unknown, so outputs name none and carry the date 1 January 2000 unless"
        " SOURCE_DATE_EPOCH says another",
        file=sys.stderr,
    )
    return "", ""
