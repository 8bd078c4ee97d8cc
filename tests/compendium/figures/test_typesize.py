"""The size of type as printed: known sizes come back, and a figure that shrinks has smaller type."""

from __future__ import annotations

from pathlib import Path

import pytest

from compendium.figures import style, typesize


def drawn(folder: Path, width: float, *sizes: float) -> str:
    figure = style.blank(width, 30)
    sheet = style.page(figure)
    for place, size in enumerate(sizes):
        sheet.text(2 + 9 * place, 12, "abc", fontsize=size, rotation=90 * (place % 2))
    sheet.plot([1, 5], [1, 5], "o")
    style.save(figure, folder / "drawn", alt="Words")
    return (folder / "drawn.svg").read_text("utf-8")


def test_sizes_come_back_as_they_were_set(tmp_path: Path) -> None:
    svg = drawn(tmp_path, 80, 7.0, 12.0, 6.2)
    assert typesize.width_mm(svg) == pytest.approx(80, abs=0.1)
    assert sorted(typesize.sizes(svg)) == pytest.approx([6.2, 7.0, 12.0], abs=0.02)
    assert typesize.smallest(svg, 160) == pytest.approx(6.2, abs=0.02)


def test_what_is_wider_than_its_room_shrinks(tmp_path: Path) -> None:
    svg = drawn(tmp_path, 170, 7.0)
    assert typesize.smallest(svg, 160) == pytest.approx(7.0 * 160 / 170, abs=0.02)


def test_a_figure_without_words_has_no_type(tmp_path: Path) -> None:
    assert typesize.smallest(drawn(tmp_path, 60), 160) is None
    with pytest.raises(ValueError, match="no width"):
        typesize.width_mm("<svg></svg>")


def test_text_kept_as_text_is_measured_too() -> None:
    svg = '<svg width="200pt" viewBox="0 0 100 50"><text x="1" style="font: 4px sans-serif">a</text></svg>'
    assert list(typesize.sizes(svg)) == pytest.approx([8.0])
