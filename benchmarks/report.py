"""What every benchmark says at its end: one table, printed and kept in ``benchmarks/results/``."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEADINGS = ("what", "measured", "ratio or aim")


def write(name: str, title: str, how: str, rows: Iterable[tuple[str, str, str]]) -> None:
    """Print and keep a report: its title, how it was measured, and rows of what, measured, ratio or aim."""
    lines = [
        f"# {title}",
        "",
        f"{how} {os.cpu_count()} processors, Python {platform.python_version()}.",
        "",
        *("| " + " | ".join(row) + " |" for row in (HEADINGS, ("---",) * len(HEADINGS), *rows)),
        "",
    ]
    text = "\n".join(lines)
    print(text)
    target = ROOT / "benchmarks" / "results" / f"{name}.md"
    target.parent.mkdir(exist_ok=True)
    target.write_text(text, "utf-8", newline="\n")
