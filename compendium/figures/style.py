"""The house style of every figure: size, type, colour, and how a figure becomes files of identical bytes.

Figures are drawn at print size on plain `matplotlib.figure.Figure` objects (no pyplot, so no hidden state and a
quicker start). The type is DejaVu Sans, which ships inside matplotlib, and SVG text is kept as paths: what a reader
sees does not depend on the fonts of the machine. A figure carries no title: its caption does that.
"""

from __future__ import annotations

import functools
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape
from itertools import combinations, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from compendium import project
from compendium.errors import CompendiumError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure
    from PIL.Image import Image

    P = ParamSpec("P")
    R = TypeVar("R")

COLUMN_MM = 85.0  # one column of a journal's page
PAGE_MM = 160.0  # the width of our own pages' text, in PDF and Word: nothing shrinks in print
DPI = 300
LEAST_PT = 7.0  # the smallest type in a figure, at the size it is printed
DOT_MM = 2.0  # diameter of the dot that stands for one area or one person

INK = "#1b2733"  # text and axes
QUIET = "#5c6b78"  # secondary text, at least 4.5:1 on white
RULE = "#c9d1d8"  # hairlines
PAPER = "#ffffff"
ACCENT = "#b8430b"  # the one colour outside the blue ramp, for what the reader must not miss

# One hue, three clearly different lightnesses: told apart in greyscale and with any colour vision.
LOW, MEDIUM, HIGH = "#d9e7f2", "#679fc9", "#12436d"
RAMP = (LOW, MEDIUM, HIGH)
TINT = "#f0f4f8"  # behind points, to set one band off from the next

HOUSE: dict[str, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 7.0,
    "axes.titlesize": 7.5,
    "axes.labelsize": 7.0,
    "xtick.labelsize": 7.0,
    "ytick.labelsize": 7.0,
    "legend.fontsize": 7.0,
    "text.color": INK,
    "text.parse_math": False,
    "text.hinting": "none",
    "axes.labelcolor": INK,
    "axes.edgecolor": QUIET,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "grid.color": RULE,
    "grid.linewidth": 0.5,
    "figure.facecolor": PAPER,
    "figure.dpi": 100,
    "savefig.dpi": DPI,
    "savefig.facecolor": PAPER,
    "svg.fonttype": "path",
    "svg.hashsalt": "compendium",
}


@contextmanager
def style() -> Iterator[None]:
    """Draw in the house style inside this block, whatever settings the user keeps for matplotlib."""
    import matplotlib

    keep = {"backend", "backend_fallback", "interactive", "toolbar", "webagg.port", "webagg.address"}
    defaults = {key: value for key, value in matplotlib.rcParamsDefault.items() if key not in keep}
    with matplotlib.rc_context({**defaults, **HOUSE}):  # type: ignore[dict-item]
        yield


def styled(draw: Callable[P, R]) -> Callable[P, R]:
    """Decorate a function so that everything it draws is in the house style."""

    @functools.wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> R:
        with style():
            return draw(*args, **kwargs)

    return drawn


def blank(width_mm: float, height_mm: float) -> Figure:
    """Return an empty figure of this printed size in millimetres."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width_mm / 25.4, height_mm / 25.4))
    FigureCanvasAgg(figure)
    return figure


def panel(figure: Figure, left: float, top: float, width: float, height: float) -> Axes:
    """Add axes whose place is given in millimetres from the top left corner of the figure."""
    across, down = (side * 25.4 for side in figure.get_size_inches())
    axes = figure.add_axes((left / across, 1 - (top + height) / down, width / across, height / down))
    return axes


def page(figure: Figure) -> Axes:
    """Add invisible axes that cover the figure; their data units are millimetres, y growing downwards."""
    across, down = (side * 25.4 for side in figure.get_size_inches())
    axes = panel(figure, 0, 0, across, down)
    axes.set(xlim=(0, across), ylim=(down, 0))
    axes.set_axis_off()
    return axes


@styled
def said(sentence: str) -> Figure:
    """Return a figure that says in words why there is nothing to draw, where a document expects a figure."""
    figure = blank(PAGE_MM, 24.0)
    page(figure).text(PAGE_MM / 2, 12.0, sentence, ha="center", va="center", fontsize=8)
    return figure


def heat_map(axes: Axes, values: np.ndarray, colours: Colormap, low: float, high: float, gap: float) -> None:
    """Shade the cells of a table on these axes, the first row on top; a cell without a number stays blank.

    Parameters
    ----------
    values : rows by columns; cell (0, 0) covers 0 to 1 in both data units.
    low, high : what the ends of the colours mean.
    gap : width of the white lines between cells, in points.
    """
    import numpy as np

    axes.pcolormesh(np.ma.masked_invalid(values), cmap=colours, vmin=low, vmax=high, linewidth=gap, edgecolor=PAPER)
    axes.set(xlim=(0, values.shape[1]), ylim=(values.shape[0], 0), xticks=[], yticks=[])
    axes.spines[:].set_visible(False)


def luminance(colour: str) -> float:
    """Return the relative luminance (WCAG 2) of a colour: 0 for black to 1 for white."""
    from matplotlib.colors import to_rgb

    red, green, blue = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in to_rgb(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio (WCAG 2) of two colours: 1 (none) to 21 (black on white)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def ink_on(background: str) -> str:
    """Return the text colour that reads at 4.5:1 or better on this background: ink, white or, between them, black."""
    return next((ink for ink in (INK, PAPER) if contrast(ink, background) >= 4.5), "#000000")


def shades(groups: int) -> list[str]:
    """Return colours for this many ordered classes, palest first; three give the house ramp.

    Raises CompendiumError for fewer than one or more than seven, which no reader tells apart.
    """
    if not 1 <= groups <= 7:
        raise CompendiumError("a figure can shade one to seven classes", found=groups)
    if groups <= len(RAMP):
        return [HIGH] if groups == 1 else [LOW, HIGH] if groups == 2 else list(RAMP)
    from matplotlib.colors import LinearSegmentedColormap, to_hex

    ramp = LinearSegmentedColormap.from_list("house", RAMP)
    return [to_hex(ramp(step / (groups - 1))) for step in range(groups)]


def wrapped(label: str, width: int = 13) -> list[str]:
    """Return the label in as few lines of at most ``width`` characters as possible, the longest line shortest."""
    words = label.split()
    for breaks in range(len(words)):
        layouts = []
        for cuts in combinations(range(1, len(words)), breaks):
            edges = (0, *cuts, len(words))
            layouts.append([" ".join(words[a:b]) for a, b in pairwise(edges)])
        best = min(layouts, key=lambda lines: max(map(len, lines)))
        if max(map(len, best)) <= width:
            break
    return best


def required(frame: pd.DataFrame, columns: list[str], what: str) -> None:
    """Raise CompendiumError unless the frame has rows, all these columns and no gaps in them."""
    for column in columns:
        if column not in frame.columns:
            raise CompendiumError(
                f"the data for the {what} lack a column", column=column, expected=list(map(str, frame.columns))
            )
        if frame[column].isna().any():
            raise CompendiumError(
                f"the data for the {what} have a gap", row=str(frame.index[frame[column].isna()][0]), column=column
            )
    if frame.empty:
        raise CompendiumError(f"the data for the {what} have no rows")


def save(figure: Figure, stem: str | Path, alt: str, title: str = "") -> Image:
    """Write a figure as ``stem.svg`` and ``stem.png`` (300 dpi), the same bytes every time.

    Parameters
    ----------
    figure : any matplotlib figure, at print size.
    stem : the path without suffix.
    alt : what a reader who cannot see the figure needs to know; kept inside both files.
    title : the caption or a short name; kept inside both files.

    Returns the picture that the PNG holds. Raises CompendiumError when there is no alt text.
    """
    if not alt.strip():
        raise CompendiumError("a figure needs alt text", file=Path(stem).name)
    folder, name = Path(stem).parent, Path(stem).name
    with style():
        project.write_bytes(folder / f"{name}.svg", _svg(figure, alt, title))
        picture = _picture(figure)
    project.write_bytes(folder / f"{name}.png", _png(picture, alt, title))
    return picture


def _svg(figure: Figure, alt: str, title: str) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    head, tag, body = buffer.getvalue().decode("utf-8").partition("<svg ")
    attributes, end, rest = body.partition(">")
    words = f"<title>{escape(title)}</title>\n" if title else ""
    described = f' role="img" aria-label="{escape(alt)}"{end}\n {words}<desc>{escape(alt)}</desc>'
    return f"{head}{tag}{attributes}{described}{rest}".encode()


def _picture(figure: Figure) -> Image:
    """Return the figure drawn at 300 dpi; it has no transparency, so none is kept."""
    from PIL import Image

    buffer = io.BytesIO()
    figure.savefig(buffer, format="rgba", dpi=DPI)
    width, height = (int(side * DPI) for side in figure.get_size_inches())
    return Image.frombytes("RGBA", (width, height), buffer.getvalue()).convert("RGB")


def _png(picture: Image, alt: str, title: str) -> bytes:
    """Return the picture as PNG; level 3 of compression takes half the time of the usual 6 for a twentieth more."""
    from PIL.PngImagePlugin import PngInfo

    words = PngInfo()
    for key, value in {"Title": title, "Description": alt}.items():
        if value:
            words.add_itxt(key, value)
    buffer = io.BytesIO()
    picture.save(buffer, format="PNG", pnginfo=words, dpi=(DPI, DPI), compress_level=3)
    return buffer.getvalue()
