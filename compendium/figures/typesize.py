"""How small the type of a figure is at the size at which it is printed, read from its SVG."""

from __future__ import annotations

import re
from collections.abc import Iterator

POINT_MM = 25.4 / 72
GLYPHS = 100.0  # units of an em in matplotlib's outlines of letters, which it scales to the size of the text
UNITS = {"pt": 1.0, "": 1.0, "px": 1.0, "mm": 1 / POINT_MM, "cm": 10 / POINT_MM, "in": 72.0}  # in matplotlib's points

_WIDTH = re.compile(r'<svg\b[^>]*?\swidth="([\d.]+)(pt|px|mm|cm|in|)"')
_VIEW = re.compile(r'<svg\b[^>]*?\sviewBox="[-\d.]+[ ,]+[-\d.]+[ ,]+([\d.]+)')
_GROUP = re.compile(r'<g id="text_\d+">(.*?)</g>\s*</g>', re.DOTALL)
_SCALE = re.compile(r"scale\(([\d.]+)[ ,]+-[\d.]+\)")
_INNER = re.compile(r'<use\b[^>]*transform="[^"]*scale\(([\d.]+)\)')
_WORDS = re.compile(r"<text\b[^>]*?font(?:-size)?[:=]\s*[\"']?[^\"'>]*?([\d.]+)(px|pt|)\b")


def width_mm(svg: str) -> float:
    """Return the width that a drawing asks for, in millimetres; raises ValueError where it names none."""
    match = _WIDTH.search(svg)
    if match is None:
        raise ValueError("the drawing names no width")
    return float(match[1]) * UNITS[match[2]] * POINT_MM


def sizes(svg: str) -> Iterator[float]:
    """Yield the size of each text, in points at the width that the drawing asks for."""
    view = _VIEW.search(svg)
    unit = width_mm(svg) / POINT_MM / float(view[1]) if view else 1.0  # points of a unit of the drawing
    for group in _GROUP.finditer(svg):
        for scale in _SCALE.findall(group[1]):
            inner = min((float(value) for value in _INNER.findall(group[1])), default=1.0)  # raised and lowered letters
            yield float(scale) * GLYPHS * min(inner, 1.0) * unit
    for size, _ in _WORDS.findall(svg):
        yield float(size) * unit


def smallest(svg: str, room_mm: float) -> float | None:
    """Return the smallest type in points where the drawing is printed in a room this wide, or None without type.

    A drawing that is wider than the room shrinks to it; a narrower one keeps its width.
    """
    found = list(sizes(svg))
    if not found:
        return None
    return min(found) * min(1.0, room_mm / width_mm(svg))
