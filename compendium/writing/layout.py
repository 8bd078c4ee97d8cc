"""What would not print well, found before it is printed: heads of tables that do not fit, figures in small type."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from compendium.figures import style, typesize
from compendium.render import nodes, pandoc
from compendium.render.columns import SIZES, fit_of
from compendium.render.sources import Line, Project
from compendium.writing.manuscript import Finding
from compendium.writing.prose import Document

PRINTED = ("paper", "thesis")  # the profiles with pages
_ROW = re.compile(r"^\s*[|+]")
_SHOWN = re.compile(r"\(/?(build/results/figures/[\w-]+)(?:\.svg|\.png)?\)")
_SHARE = re.compile(r"\bwidth=[\"']?([\d.]+)%")

Profiles = Mapping[str, tuple[Project, Sequence[Document]]]


def crowded_tables(root: Path, profiles: Profiles) -> Iterator[Finding]:
    """Yield the tables with a word, above all of a head, that no size of page has room for: it would hyphenate."""
    blocks = _tables(profiles)
    if not blocks:
        return
    text = "\n".join(
        f"::: {{#block-{number}}}\n\n" + "\n".join(line.text for line in block) + "\n\n:::\n"
        for number, block in enumerate(blocks)
    )
    tree = json.loads(pandoc.run(["-f", pandoc.READER, "-t", "json"], text, root, "tables"))
    for div in tree["blocks"]:
        first = blocks[int(div["c"][0][0].removeprefix("block-"))][0]
        for table in (node for node in div["c"][1] if node["t"] == "Table"):
            for output in SIZES:
                fit = fit_of(table, output)
                if fit.crowded:
                    heads = ", ".join(dict.fromkeys(fit.tight)) or nodes.plain(table["c"][3][1][:1]).strip()[:60]
                    message = f"the table is too wide for its page: '{heads}'; expected shorter heads or fewer columns"
                    yield Finding(first.file, first.number, "crowded-table", message, "warning")
                    break


def _tables(profiles: Profiles) -> list[list[Line]]:
    """Return the lines of each pipe or grid table that is printed, once."""
    found: dict[tuple[str, int], list[Line]] = {}
    for profile in PRINTED:
        for document in profiles.get(profile, (None, []))[1]:
            block: list[Line] = []
            for line in [*document.text.lines, Line("", "", 0)]:
                if _ROW.match(line.text):
                    block.append(line)
                    continue
                if len(block) > 1:
                    found.setdefault((block[0].file, block[0].number), block)
                block = []
    return list(found.values())


def small_type(root: Path, profiles: Profiles) -> Iterator[Finding]:
    """Yield the figures of paper and thesis with type below seven points at the width at which they are printed."""
    seen = set()
    for profile in PRINTED:
        for document in profiles.get(profile, (None, []))[1]:
            for line in document.text.lines:
                for match in _SHOWN.finditer(line.text):
                    drawing = root / f"{match[1]}.svg"
                    share = _SHARE.search(line.text)
                    room = style.PAGE_MM * (float(share[1]) / 100 if share else 1.0)
                    if (drawing, room) in seen or not drawing.is_file():
                        continue
                    seen.add((drawing, room))
                    least = typesize.smallest(drawing.read_text("utf-8"), room)
                    if least is not None and round(least, 1) < style.LEAST_PT:
                        message = (
                            f"the type of the figure '{drawing.stem}' is {least:.1f} pt in print; "
                            f"expected at least {style.LEAST_PT:g} pt"
                        )
                        yield Finding(line.file, line.number, "small-type", message, "warning")
