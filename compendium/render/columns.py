"""Widths of a table's columns from what they hold, in the letters of the PDF's own type.

No column is narrower than its longest word, so that nothing breaks within a word or runs into its neighbour. What
room is left goes to columns in proportion to the square root of their text, which keeps rows low; the idea is that of
the automatic table layout of CSS 2.1 (17.5.2.2), whose shares follow the text itself and starve short columns.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from compendium.render import nodes
from compendium.render.nodes import Node

TYPE = "Libertinus Serif"
LETTERS = "".join(map(chr, (*range(32, 127), *range(161, 383)))) + "–—‘’“”•…−×≤≥→←✓\u00a0"
OTHER = 0.6  # em, of a letter that was not measured
BREAKS = re.compile(r"(?<=[/_-])(?=\w)|\s+")  # where a word may end: at a blank, after a hyphen or a slash
LONGEST = 30.0  # em: a longer word (an address) may break anywhere
WIDE_COLUMNS, WIDE_CHARACTERS = 10, 105
SMALL_COLUMNS, SMALL_CHARACTERS = 6, 75
SHORT_ROWS = 14
LINE = 1.17  # em from line to line
SLACK = 1.02  # kerning and rounding


@dataclass(frozen=True)
class Size:
    """How a table is set: letters, the padding of a cell's both sides, and the page's width and height, in points."""

    name: str
    letters: float
    padding: float
    room: float
    page: float


A4 = (595.3, 841.9)
SIZES = {
    "typst": (  # the same numbers as in `templates/document.typ`
        Size("normal", 9.7, 10.0, A4[0] - 141.8, A4[1] - 139.0),
        Size("small", 8.2, 7.0, A4[0] - 141.8, A4[1] - 139.0),
        Size("wide", 8.2, 6.0, A4[1] - 102.1, A4[0] - 96.4),
    ),
    "docx": (  # those of the reference document, whose letters are a tenth wider
        Size("normal", 9.9, 10.8, A4[0] - 141.8, A4[1] - 141.8),
        Size("small", 8.8, 10.8, A4[0] - 141.8, A4[1] - 141.8),
        Size("wide", 8.8, 10.8, A4[1] - 113.4, A4[0] - 96.4),
    ),
}


@dataclass(frozen=True)
class Fit:
    """A table's columns at one size: widths and height in points, words of heads that are wider than their column."""

    size: Size
    widths: tuple[float, ...]
    height: float
    tight: tuple[str, ...]

    @property
    def crowded(self) -> bool:
        """Return whether the longest words ask for more room than there is."""
        return sum(self.widths) > self.size.room + 0.01 or bool(self.tight)

    @property
    def shares(self) -> list[float]:
        """Return the widths as shares of the room, which they never exceed together."""
        whole = max(self.size.room, sum(self.widths))
        return [width / whole for width in self.widths]


@cache
def _em() -> tuple[dict[str, float], dict[str, float]]:
    """Return the widths of letters in em, in regular and in bold type, as Typst measures them."""
    import json

    import typst

    signs = json.dumps(LETTERS, ensure_ascii=False)
    markup = (
        f'#set text(font: "{TYPE}", size: 100pt)\n'
        f"#context [#metadata({signs}.clusters().map(c => "
        "(c, measure(c).width.pt(), measure(strong(c)).width.pt()))) <widths>]"
    )
    measured = json.loads(
        typst.query(markup.encode("utf-8"), "<widths>", field="value", one=True, ignore_system_fonts=True)
    )
    blank = _blank(measured)
    regular = {sign: width / 100 for sign, width, _ in measured}
    bold = {sign: width / 100 for sign, _, width in measured}
    for letters in (regular, bold):
        letters[" "] = letters["\u00a0"] = blank
    return regular, bold


def _blank(measured: list) -> float:
    """Return the width of a blank in em: Typst trims one that stands alone."""
    found = next((width for sign, width, _ in measured if sign == "\u00a0"), 0)
    return found / 100 or 0.25


@lru_cache(maxsize=50_000)
def width_of(text: str, bold: bool = False) -> float:
    """Return the width of a line of text in em."""
    letters = _em()[bold]
    return sum(letters.get(sign, OTHER) for sign in text) * SLACK


def pieces(text: str) -> list[str]:
    """Return the parts of a cell that no line end divides."""
    return [piece for piece in BREAKS.split(text) if piece]


def fitted(head: Sequence[Sequence[str]], rows: Sequence[Sequence[str]], size: Size) -> Fit:
    """Return the widths of columns at a size.

    Parameters
    ----------
    head, rows : the words of each cell, row by row; a cell's own line ends stand as ``\\n``.
    size : letters, padding and room.
    """
    count = max((len(row) for row in (*head, *rows)), default=0)
    columns: list[list[tuple[str, bool]]] = [[] for _ in range(count)]
    for row, bold in [*((row, True) for row in head), *((row, False) for row in rows)]:
        for place, cell in enumerate(row):
            columns[place] += [(line.strip(), bold) for line in cell.split("\n")]
    least, most, text = [], [], []
    for cells in columns:
        lines = [width_of(line, bold) for line, bold in cells]
        words = [(width_of(piece, bold), bold) for line, bold in cells for piece in pieces(line)]
        least.append(max((min(width, LONGEST) for width, _ in words), default=0.5) * size.letters + size.padding)
        most.append(max(lines, default=0.5) * size.letters + size.padding)
        text.append(sum(lines) * size.letters or 1.0)
    widths = _shared(least, most, text, size.room)
    tight = [
        piece
        for row in head
        for place, cell in enumerate(row)
        for piece in pieces(cell)
        if width_of(piece, True) * size.letters + size.padding > widths[place] + 0.01
    ]
    height = 0.0
    for row, bold in [*((row, True) for row in head), *((row, False) for row in rows)]:
        rooms = [(width - size.padding) / size.letters for width in widths]
        deep = max((_lines(cell, room, bold) for cell, room in zip(row, rooms, strict=False)), default=1)
        height += deep * size.letters * LINE + size.padding
    return Fit(size, tuple(widths), height, tuple(tight))


def first_fit(head: Sequence[Sequence[str]], rows: Sequence[Sequence[str]], output: str, at_least: str) -> Fit:
    """Return the first fit, from the size ``at_least`` on, in which every word has its room; else the largest."""
    sizes = SIZES[output]
    start = next(place for place, size in enumerate(sizes) if size.name == at_least)
    for size in sizes[start:]:
        fit = fitted(head, rows, size)
        if not fit.crowded:
            break
    return fit


def _shared(least: list[float], most: list[float], text: list[float], room: float) -> list[float]:
    if sum(most) <= room:
        return most
    if sum(least) >= room:
        return least

    def at(level: float) -> list[float]:
        return [min(high, max(low, level * amount**0.5)) for low, high, amount in zip(least, most, text, strict=True)]

    low, high = 0.0, room
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if sum(at(middle)) <= room else (low, middle)
    return at(low)


def _lines(cell: str, room: float, bold: bool) -> int:
    """Return how many lines a cell takes in a room of this many em."""
    count = 0
    for line in cell.split("\n"):
        used, count = 0.0, count + 1
        for word in line.split():
            wide = width_of(word, bold)
            blank = _em()[bold][" "] if used else 0.0
            if used and used + blank + wide > room:
                used, count = wide, count + 1
            else:
                used += blank + wide
    return count


def cell_words(blocks: list[Node]) -> str:
    """Return the words of a table's cell; its own line ends stand as ``\\n``."""

    def ended(node: Node) -> Node | None:
        return {"t": "Str", "c": "\n"} if node["t"] == "LineBreak" else None

    return "\n".join(nodes.plain(block).strip(" ") for block in nodes.walk(blocks, ended))


def fit_of(node: Node, output: str, at_least: str | None = None) -> Fit:
    """Return the widths of a table's columns in ``typst`` or ``docx``; cells over several columns ask for nothing."""

    def words(rows: list) -> list[list[str]]:
        found = []
        for row in rows:
            cells: list[str] = []
            for cell in row[1]:
                cells += [cell_words(cell[4]) if cell[3] == 1 else ""] + [""] * (cell[3] - 1)
            found.append(cells)
        return found

    head, bodies = node["c"][3], node["c"][4]
    rows = [row for body in bodies for row in (*body[2], *body[3])]
    return first_fit(words(head[1]), words(rows), output, at_least or table_size(node))


def _longest_word(text: str) -> int:
    """Return the letters of the longest word: heads of columns wrap between words."""
    return max(map(len, text.split()), default=0)


def table_size(node: Node) -> str:
    """Return ``normal``, ``small`` (smaller type) or ``wide`` (a landscape page) from a table's contents."""
    columns, head, bodies = node["c"][2], node["c"][3], node["c"][4]
    rows = [row for body in bodies for row in (*body[2], *body[3])]
    widths = [4] * len(columns)
    for row, measure in [*((row, _longest_word) for row in head[1]), *((row, len) for row in rows)]:
        for index, cell in enumerate(row[1][: len(widths)]):
            if cell[3] == 1:
                widths[index] = max(widths[index], min(measure(nodes.plain(cell[4]).strip()), 28))
    total = sum(width + 2 for width in widths)
    wide = (len(columns) >= WIDE_COLUMNS and total > SMALL_CHARACTERS) or total > WIDE_CHARACTERS
    # A short table does not earn a landscape page to itself.
    if wide and (len(rows) > SHORT_ROWS or len(columns) > WIDE_COLUMNS):
        return "wide"
    return "small" if len(columns) >= SMALL_COLUMNS or total > SMALL_CHARACTERS else "normal"
