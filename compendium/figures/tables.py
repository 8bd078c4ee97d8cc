"""Tables as pandoc Markdown: pipe tables, or grid tables where a cell holds several lines."""

from __future__ import annotations

import datetime as dt
import math
import numbers
import re
import textwrap
import unicodedata
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from compendium.errors import CompendiumError

if TYPE_CHECKING:
    import pandas as pd

MISSING = "–"
LINE = 72  # pandoc wraps the cells of a pipe table when one of its lines is longer than this
DECIMALS = 3
ROOM = 36  # letters a column asks for at most when columns share the page in proportion to what they hold

MARKUP = re.compile(r"([\\`*_{}\[\]<>|~^$#@]|&(?=[#\w])|-(?=-)|(?<=-)-|\.(?=\.\.))")
BLOCK_START = re.compile(r"^(\(?\w{1,5}(?=[.)](?:\s|$))|(?=[:+=-]))(.)")  # a list, a rule, a definition
NUMBER_LIKE = re.compile(r"[+−-]?\d[\d,]*(\.\d+)?\s?%?")
YEAR = re.compile(r"\byears?\b", re.IGNORECASE)


class Markdown(str):
    """Text of a cell that is Markdown already, such as a citation: `markdown_table` does not escape it."""


def markdown_table(frame: pd.DataFrame, align: str | None = None, widths: Sequence[float] | None = None) -> str:
    """Return a frame as a Markdown table that pandoc reads back cell by cell; the index is not printed.

    Parameters
    ----------
    frame : the table in reading order. Text prints as it stands (markup in it is escaped unless it is `Markdown`;
        quotation marks become typographic as in prose); numbers as `column_text` says; missing values as an en dash.
    align : one letter per column, ``l``, ``r`` or ``c``; by default numbers stand right, all else left.
    widths : relative column widths, one per column. Without them a table wider than 72 letters shares the page in
        proportion to what its columns hold; a narrower one keeps its natural widths.

    Returns the table, ending in a line end. Raises CompendiumError when ``align`` or ``widths`` do not fit the
    columns, when there are none, or when a number is infinite.
    """
    names = [str(column) for column in frame.columns]
    columns = [frame.iloc[:, place] for place in range(len(names))]
    if not names:
        raise CompendiumError("a table has no columns")
    letters = align if align is not None else "".join(map(_letter, columns))
    if len(letters) != len(names) or set(letters) - set("lrc"):
        raise CompendiumError(
            "the alignment does not fit the table", found=letters, expected=f"{len(names)} letters out of l, r and c"
        )
    if widths is not None and (len(widths) != len(names) or not all(0 < width < math.inf for width in widths)):
        raise CompendiumError(
            "the widths do not fit the table", found=list(widths), expected=f"{len(names)} positive numbers"
        )
    printed = [[escaped(name), *map(escaped, column_text(column))] for name, column in zip(names, columns, strict=True)]
    rows = [list(row) for row in zip(*printed, strict=True)]
    if any("\n" in cell for row in rows for cell in row):
        return _grid(rows, letters, widths)
    return _pipe(rows, letters, widths)


def marked(column: Iterable[bool]) -> list[str]:
    """Return "yes" for each true value and nothing for the others: a column in which few rows are marked."""
    return ["yes" if value else "" for value in column]


def column_text(column: pd.Series) -> list[str]:
    """Return the printed form of each value of a column, before escaping.

    Numbers have thousands separators (not in a column named as years), a true minus sign, and one number of decimals
    down the column: as many as its values need, at most three. Dates are ISO, truth values "yes" and "no".
    """
    values = column.tolist()
    infinite = [value for value in values if _number(value) and math.isinf(value)]
    if infinite:
        raise CompendiumError("a table holds an infinite number", column=str(column.name), found=infinite[0])
    decimals = max((_decimals(value) for value in values if _number(value)), default=0)
    separator = "" if YEAR.search(str(column.name)) else ","
    return [_text(value, separator, decimals) for value in values]


def escaped(text: str) -> str:
    """Return text so that pandoc prints it as it stands: markup escaped, spaces single, no control characters."""
    if isinstance(text, Markdown):
        return str(text)
    plain = re.sub(r"\r\n?|[\u2028\u2029]", "\n", text).replace("\t", " ")
    plain = "".join(sign for sign in plain if sign == "\n" or unicodedata.category(sign) not in ("Cc", "Cs"))
    lines = [re.sub(" +", " ", line).strip(" ") for line in plain.strip().split("\n")]
    return "\n".join(BLOCK_START.sub(r"\1\\\2", MARKUP.sub(r"\\\1", line)) for line in lines)


def _number(value: Any) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, bool) and value == value


def _decimals(value: Any) -> int:
    _, _, decimals = f"{float(value):.{DECIMALS}f}".rstrip("0").partition(".")
    return len(decimals)


def _text(value: Any, separator: str, decimals: int) -> str:
    if isinstance(value, str):
        return value
    if _number(value):
        whole = isinstance(value, numbers.Integral) and decimals == 0  # exact: a float holds only 15 digits
        number = format(int(value), f"{separator}d") if whole else format(float(value), f"z{separator}.{decimals}f")
        return number.replace("-", "−")
    if _missing(value):
        return MISSING
    if isinstance(value, bool) or type(value).__name__ == "bool":
        return "yes" if value else "no"
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ")
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def _missing(value: Any) -> bool:
    import pandas as pd

    return value is None or (pd.api.types.is_scalar(value) and bool(pd.isna(value)))


def _letter(column: pd.Series) -> str:
    known = [value for value in column.tolist() if not (_missing(value) or value in (MISSING, ""))]
    right = [_number(value) or (isinstance(value, str) and NUMBER_LIKE.fullmatch(value)) for value in known]
    return "r" if known and all(right) else "l"


def _pipe(rows: list[list[str]], letters: str, widths: Sequence[float] | None) -> str:
    natural = [max(3, *map(len, column)) for column in zip(*rows, strict=True)]
    if widths is None and sum(natural) + 3 * len(natural) + 1 <= LINE:
        dashes = natural
        padded = [[_padded(cell, n, a) for cell, n, a in zip(row, natural, letters, strict=True)] for row in rows]
    else:  # at least one line, the dashes, is then longer than LINE, which makes the widths count
        shares = widths or _shares(rows)
        dashes = [max(3, round(120 * share / sum(shares))) for share in shares]
        padded = rows
    marks = zip(dashes, letters, strict=True)
    rule = [f"{'-' if a == 'r' else ':'}{'-' * (n - 2)}{'-' if a == 'l' else ':'}" for n, a in marks]
    return "".join(f"| {' | '.join(row)} |\n" for row in (padded[0], rule, *padded[1:]))


def _shares(rows: list[list[str]]) -> list[float]:
    """Return relative widths: the longest cell of each column up to a limit, but never less than a word."""
    columns = list(zip(*rows, strict=True))
    words = [max((_width(word) for cell in column for word in cell.split()), default=1) for column in columns]
    cells = [max((_width(line) for cell in column for line in cell.split("\n")), default=1) for column in columns]
    return [max(3, word, min(cell, ROOM)) for word, cell in zip(words, cells, strict=True)]


def _grid(rows: list[list[str]], letters: str, widths: Sequence[float] | None) -> str:
    """Return a grid table; line ends within a cell become hard line breaks."""
    rows = [[_measurable(cell) for cell in row] for row in rows]
    shares = list(widths) if widths else _shares(rows)
    scale = 1.3 * LINE / sum(shares) if widths else 1.0
    # Words end where textwrap breaks them: at a space or a line end, not at a no-break space.
    least = [max(_width(word) + 2 for row in rows for word in re.split("[ \n]", row[i])) for i in range(len(shares))]
    inner = [max(low, round(scale * share)) for low, share in zip(least, shares, strict=True)]
    edge = "+" + "".join("-" * (n + 2) + "+" for n in inner) + "\n"
    mark = {"l": (":", "="), "r": ("=", ":"), "c": (":", ":")}
    head = "+" + "".join(f"{mark[a][0]}{'=' * n}{mark[a][1]}+" for n, a in zip(inner, letters, strict=True)) + "\n"
    text = edge
    for number, row in enumerate(rows):
        cells = [_wrapped(cell, n) for cell, n in zip(row, inner, strict=True)]
        for line in range(max(map(len, cells))):
            parts = [
                _padded(cell[line] if line < len(cell) else "", n, "l") for cell, n in zip(cells, inner, strict=True)
            ]
            text += f"| {' | '.join(parts)} |\n"
        text += edge if number else head
    return text


def _measurable(text: str) -> str:
    """Return text for a grid table: signs whose width is a matter of opinion become numeric entities.

    Latin letters, dashes, quotation marks, arrows and the signs of mathematics are one column wide everywhere.
    """
    plain = (sign <= "\u024f" or "\u2010" <= sign <= "\u22ff" for sign in text)
    return "".join(sign if one else f"&#x{ord(sign):X};" for sign, one in zip(text, plain, strict=True))


def _wrapped(cell: str, width: int) -> list[str]:
    """Break a cell's lines to a width; a backslash ends each line that the writer ended."""
    lines: list[str] = []
    paragraphs = cell.split("\n")
    for number, paragraph in enumerate(paragraphs):
        pieces = textwrap.wrap(paragraph, width - 1, break_long_words=False, break_on_hyphens=False)
        if pieces and number + 1 < len(paragraphs):
            pieces[-1] += "\\"
        lines += pieces
    return lines or [""]


def _padded(text: str, width: int, letter: str) -> str:
    room = width - _width(text)
    before = {"l": 0, "r": room, "c": room // 2}[letter]
    return " " * before + text + " " * (room - before)


def _width(text: str) -> int:
    """Return the columns that text takes in a fixed-width font: wide letters take two, combining marks none."""
    return sum(
        0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text
    )
