"""The house style: identical bytes, accessible files, colours that hold in greyscale, a light import."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import rcParams
from matplotlib.colors import to_rgb
from PIL import Image

from compendium.errors import CompendiumError
from compendium.figures import style

SVG = "{http://www.w3.org/2000/svg}"
# Machado, Oliveira and Fernandes (2009), severity 1, for linear RGB.
VISION = {
    "protanopia": [(0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)],
    "deuteranopia": [(0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)],
    "tritanopia": [(1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)],
}


@style.styled
def example() -> object:
    figure = style.blank(style.COLUMN_MM, 40)
    axes = style.panel(figure, 10, 5, 60, 25)
    axes.plot([1, 2, 3], [3, 1, 2])
    axes.fill_between([1, 2, 3], [1, 1, 1], color=style.LOW)
    axes.set_xlabel("costs $5 & <more>")
    return figure


def test_two_saves_give_identical_accessible_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    style.save(example(), tmp_path / "one", alt='A "line" & more', title="Costs < gains")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "not a number")
    monkeypatch.setitem(rcParams, "font.size", 30)
    monkeypatch.setitem(rcParams, "savefig.bbox", "tight")
    shown = style.save(example(), tmp_path / "two", alt='A "line" & more', title="Costs < gains")
    svg, png = tmp_path / "one.svg", tmp_path / "one.png"
    for before, after in ((svg, "two.svg"), (png, "two.png")):
        assert before.read_bytes() == (tmp_path / after).read_bytes()
    drawing = ElementTree.parse(svg).getroot()
    assert drawing.get("role") == "img"
    assert drawing.get("aria-label") == 'A "line" & more'
    assert drawing.findtext(f"{SVG}title") == "Costs < gains"
    assert drawing.findtext(f"{SVG}desc") == 'A "line" & more'
    assert not list(drawing.iter(f"{SVG}text")), "text must be paths: the reader's fonts may differ"
    assert b"date" not in svg.read_bytes().lower()
    with Image.open(png) as picture:
        assert picture.tobytes() == shown.tobytes()
        assert picture.size == (int(85 / 25.4 * 300), int(40 / 25.4 * 300))
        assert picture.text == {"Title": "Costs < gains", "Description": 'A "line" & more'}


def test_saving_with_the_same_data_in_another_process_gives_the_same_bytes(tmp_path: Path) -> None:
    code = (
        "import sys; from compendium.figures import style\n"
        "figure = style.blank(50, 30); style.panel(figure, 9, 3, 30, 20).scatter([1, 2], [2, 1])\n"
        "style.save(figure, sys.argv[1], alt='Two points')"
    )
    for name, seed in (("a", "1"), ("b", "2")):
        subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / name)],
            check=True, env={"PYTHONHASHSEED": seed, "PATH": ""}, cwd=Path(style.__file__).parents[2],
        )  # fmt: skip
    for suffix in ("svg", "png"):
        assert (tmp_path / f"a.{suffix}").read_bytes() == (tmp_path / f"b.{suffix}").read_bytes()


def test_a_figure_without_alt_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CompendiumError, match="a figure needs alt text"):
        style.save(example(), tmp_path / "x", alt="  ")
    assert not list(tmp_path.iterdir())


def test_style_is_undone_after_the_block_and_ignores_the_users_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(rcParams, "lines.linewidth", 9.0)
    monkeypatch.setitem(rcParams, "font.family", ["serif"])
    with style.style():
        assert rcParams["lines.linewidth"] == 1.5
        assert rcParams["font.family"] == ["DejaVu Sans"]
    assert rcParams["lines.linewidth"] == 9.0
    assert rcParams["font.family"] == ["serif"]


def test_the_font_ships_with_matplotlib() -> None:
    import matplotlib
    from matplotlib.font_manager import findfont

    with style.style():
        assert Path(findfont("DejaVu Sans")).is_relative_to(matplotlib.get_data_path())


def test_importing_figures_does_not_load_the_drawing_libraries() -> None:
    code = (
        "import sys; from analysis import charts, tilemap; from compendium.figures import style, tables\n"
        "print(sorted({'seaborn', 'matplotlib', 'scipy', 'pandas', 'numpy'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(style.__file__).parents[2],
    )
    assert done.stdout.strip() == "[]"


def test_drawing_needs_no_pyplot_and_no_seaborn(tmp_path: Path) -> None:
    code = (
        "import sys; from compendium.figures import style\n"
        "style.save(style.blank(20, 20), sys.argv[1], alt='Nothing')\n"
        "print(sorted({'matplotlib.pyplot', 'seaborn'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "blank")],
        capture_output=True, text=True, check=True, cwd=Path(style.__file__).parents[2],
    )  # fmt: skip
    assert done.stdout.strip() == "[]"


def seen(colour: str, vision: str) -> str:
    """Return the colour as this kind of colour vision sees it."""
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in to_rgb(colour)]
    mixed = [min(1.0, max(0.0, sum(m * v for m, v in zip(row, linear, strict=True)))) for row in VISION[vision]]
    back = [12.92 * v if v <= 0.0031308 else 1.055 * v ** (1 / 2.4) - 0.055 for v in mixed]
    return "#" + "".join(f"{round(255 * v):02x}" for v in back)


@pytest.mark.parametrize("vision", ["all colours", *VISION])
def test_classes_differ_in_lightness_for_every_colour_vision_and_in_greyscale(vision: str) -> None:
    colours = [colour if vision == "all colours" else seen(colour, vision) for colour in style.RAMP]
    for lighter, darker in pairwise(colours):
        assert style.luminance(lighter) > style.luminance(darker)
        assert style.contrast(lighter, darker) >= 1.9


def test_text_is_readable_on_every_shade_and_on_white() -> None:
    for groups in range(1, 8):
        for shade in style.shades(groups):
            assert style.contrast(style.ink_on(shade), shade) >= 4.5
    for ink in (style.INK, style.QUIET, style.ACCENT):
        assert style.contrast(ink, style.PAPER) >= 4.5


@given(st.integers(1, 7))
def test_shades_grow_darker_and_end_in_the_house_colour(groups: int) -> None:
    shades = style.shades(groups)
    light = [style.luminance(shade) for shade in shades]
    assert len(set(shades)) == groups
    assert light == sorted(light, reverse=True)
    assert shades[-1] == style.HIGH


@pytest.mark.parametrize("groups", [0, 8])
def test_more_shades_than_a_reader_can_tell_apart_are_refused(groups: int) -> None:
    with pytest.raises(CompendiumError, match="one to seven classes"):
        style.shades(groups)


def test_contrast_is_the_ratio_of_wcag() -> None:
    assert style.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert style.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


def test_labels_wrap_into_few_even_lines() -> None:
    assert style.wrapped("Herts & West Essex") == ["Herts &", "West Essex"]
    assert style.wrapped("Devon") == ["Devon"]
    assert style.wrapped("Cumbria & North East") == ["Cumbria &", "North East"]


@given(st.lists(st.text("abcdef&", min_size=1, max_size=12), min_size=1, max_size=7), st.integers(3, 30))
def test_wrapping_keeps_every_word_and_stays_narrow_where_it_can(words: list[str], width: int) -> None:
    lines = style.wrapped(" ".join(words), width)
    assert " ".join(lines).split() == words
    if max(map(len, words)) <= width:
        assert max(map(len, lines)) <= width


def test_missing_columns_gaps_and_empty_frames_are_refused() -> None:
    frame = pd.DataFrame({"a": [1.0, None]}, index=["first", "second"])
    with pytest.raises(CompendiumError, match="column 'b': the data for the map lack a column; expected a"):
        style.required(frame, ["b"], "map")
    with pytest.raises(CompendiumError, match="row second, column 'a': the data for the map have a gap"):
        style.required(frame, ["a"], "map")
    with pytest.raises(CompendiumError, match="have no rows"):
        style.required(frame.head(0), ["a"], "map")
