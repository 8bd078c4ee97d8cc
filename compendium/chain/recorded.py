"""What a recording cell of a notebook shows: lines that tests compare, and the thing itself for the reader."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.Image import Image


class Recorded:
    """What a cell shows: a line with a digest of the data (compared by tests), and the thing itself."""

    def __init__(self, text: str, *, markdown: str = "", png: bytes = b"", alt: str = "") -> None:
        self.text, self.markdown, self.png, self.alt = text, markdown, png, alt

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[dict[str, Any], dict[str, Any]]:
        bundle: dict[str, Any] = {"text/plain": self.text}
        if self.markdown:
            bundle["text/markdown"] = self.markdown
        if self.png:
            bundle["image/png"] = self.png
        return bundle, ({"image/png": {"alt": self.alt}} if self.alt else {})


def values_shown(values: Sequence[tuple[str, str, str]]) -> Recorded:
    """Return recorded values as a small table: each with its key, its printed form with the unit, and what it is."""
    import pandas as pd

    from compendium.figures.tables import Markdown, markdown_table

    rows = [(printed, what, Markdown(f"`{key}`")) for key, printed, what in values]
    table = pd.DataFrame(rows, columns=["Value", "What it is", "Name in prose"])
    text = ",\n ".join(f"{key} = {printed}" for key, printed, _ in values)
    return Recorded(f"[{text}]", markdown=markdown_table(table, align="lll", widths=[20, 50, 30]))


def preview(picture: Image) -> bytes:
    """Return the picture at a third of its printed resolution in 128 colours: what a notebook shows and git keeps."""
    from PIL.Image import Dither

    small = picture.reduce(3).quantize(128, dither=Dither.NONE)
    out = io.BytesIO()
    small.save(out, format="PNG", optimize=True)
    return out.getvalue()
