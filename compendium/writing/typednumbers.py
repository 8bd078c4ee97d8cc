"""Numbers typed into prose that equal a recorded value: they would not change with the data.

A heuristic. Only numbers that are long enough to be no accident count; the allowed ones stand in
``manuscript/numbers.txt``, each with its file and reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from compendium.texts import read_text

ALLOWED = "manuscript/numbers.txt"
SMALLEST = 20  # whole numbers below are too common to mean a certain value
NUMBER = re.compile(r"(?<![\w.,/£–-])\d+(?:,\d{3})*(?:\.\d+)?(?![\w/]|[,.]\d|-\w)")
NO_NUMBER = (
    re.compile(r"\{\{<.*?>\}\}"),
    re.compile(r"\{[^{}]*\}"),
    re.compile(r"\]\([^)]*\)"),
    re.compile(r"\[[^\[\]]*@[^\[\]]*\]"),
    re.compile(r"-?@[\w:.#$%&+?<>~/-]*\w"),
    re.compile(r"`[^`]*`"),
    re.compile(r"(?:https?://|doi:)\S+"),
    re.compile(
        r"\b(?:[Cc]hapters?|[Tt]ables?|[Ff]igures?|[Bb]ox|[Aa]ppendix|[Pp]ages?|[Ll]ines?|IRAS|reference)\s+[\d.,\s–and]+"
    ),
    re.compile(
        r"\b\d{1,2} (?:January|February|March|April|May|June|July|August|September|October|November|December)\b"
    ),
    re.compile(r"^\s*\d+[.)]\s"),
)


@dataclass(frozen=True)
class Allowance:
    """A number that may stand typed in a file, and why."""

    file: str
    number: str
    line: int


def allowances(root: Path) -> list[Allowance]:
    """Return the allowed numbers: lines ``file | number | reason``; a line without a reason is none."""
    path = root / ALLOWED
    if not path.is_file():
        return []
    found = []
    for line, text in enumerate(read_text(path).splitlines(), start=1):
        parts = [part.strip() for part in text.split("|")]
        if len(parts) == 3 and all(parts) and not text.startswith("#"):
            found.append(Allowance(parts[0], parts[1], line))
    return found


def telling(values: Mapping[str, Mapping[str, Any]]) -> dict[str, list[str]]:
    """Return the printed forms of recorded numbers that hardly occur by chance: form -> keys.

    Years and whole numbers below `SMALLEST` are left out.
    """
    forms: dict[str, list[str]] = {}
    for key, record in values.items():
        form = str(record["display"]).removesuffix("%")
        value = record["value"]
        if isinstance(value, bool) or not isinstance(value, int | float) or not re.fullmatch(r"[\d,]+(\.\d+)?", form):
            continue
        plain = float(form.replace(",", ""))
        year = plain.is_integer() and 1900 <= plain <= 2100 and "," not in form
        if not year and (plain >= SMALLEST or "." in form):
            forms.setdefault(form, []).append(key)
    return forms


def typed(line: str, forms: Mapping[str, list[str]]) -> Iterator[tuple[str, list[str]]]:
    """Yield the numbers of a raw line of Markdown that equal a recorded value, with the values' keys."""
    for pattern in NO_NUMBER:
        line = pattern.sub(" ", line)
    for match in NUMBER.finditer(line):
        if match[0] in forms:
            yield match[0], forms[match[0]]
