"""The one exception a researcher meets: a sentence that says where, what was found and what was expected."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from compendium import project


class CompendiumError(Exception):
    """A problem a researcher can act on; the command line prints it as one sentence and exits with 1.

    Parameters
    ----------
    problem : what is wrong, as a clause without a final full stop ("a percentage lies outside 0-100").
    file, row, column : where; ``row`` is the line number in the file (header = 1) or a row label.
    found, expected : the offending value and what would have been right; ``expected`` may be a list.
    detail : lines that the command line shows below the sentence, such as a difference.
    """

    def __init__(
        self,
        problem: str,
        *,
        file: str | Path | None = None,
        row: int | str | None = None,
        column: str | None = None,
        found: Any = None,
        expected: Any = None,
        detail: str = "",
    ) -> None:
        self.problem, self.file, self.row, self.column = problem.rstrip("."), file, row, column
        self.found, self.expected, self.detail = found, expected, detail
        super().__init__(self.sentence())

    def sentence(self) -> str:
        """Return the whole message as one sentence ending in a full stop."""
        place = [
            ""
            if self.file is None
            else project.relative(self.file)
            if Path(self.file).is_absolute()
            else str(self.file),
            ("" if str(self.row).startswith("cell ") else "row ") + str(self.row) if self.row is not None else "",
            f"column '{self.column}'" if self.column is not None else "",
        ]
        where = ", ".join(part for part in place if part)
        text = f"{where}: {self.problem}" if where else self.problem
        outcome = []
        if self.found is not None:
            outcome.append(f"found {_shown(self.found)}")
        if self.expected is not None:
            outcome.append(f"expected {_shown(self.expected)}")
        if outcome:
            text += "; " + ", ".join(outcome)
        return " ".join(text.split()) + "."


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return value if len(value) <= 200 else value[:197] + "..."
    if isinstance(value, Sequence):
        shown = ", ".join(str(item) for item in value[:12])
        return shown + (f" and {len(value) - 12} more" if len(value) > 12 else "")
    return str(value)
