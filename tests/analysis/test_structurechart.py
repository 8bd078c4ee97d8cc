"""The drawing of the structure of 2022: each relation of the table is an arrow or a member, and no words overlap."""

from __future__ import annotations

from itertools import combinations

import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import FancyArrowPatch, Rectangle

from analysis import structurechart
from compendium.data import loading
from compendium.errors import CompendiumError
from compendium.figures import style


@pytest.fixture(scope="module")
def relations() -> pd.DataFrame:
    return loading.read("accountability")


def test_each_relation_is_drawn_in_the_colour_of_its_kind(relations: pd.DataFrame) -> None:
    data = structurechart.structure_data(relations)
    assert len(data) == len(relations)
    arrows = [p for p in structurechart.structure(relations).axes[0].patches if isinstance(p, FancyArrowPatch)]
    kinds = data.loc[data["relation"] != structurechart.MEMBERSHIP, "relation"]
    assert [to_hex(arrow.get_edgecolor()) for arrow in arrows] == [structurechart.ARROWS[kind][1] for kind in kinds]
    assert set(kinds) == set(structurechart.ARROWS)


def test_an_arrow_begins_and_ends_at_the_boxes_of_its_bodies(relations: pd.DataFrame) -> None:
    places = {**structurechart.BOXES, structurechart.SYSTEM: structurechart.FRAME}
    for (one, other), ends in structurechart.WAYS.items():
        for body, (x, y) in zip((one, other), ends, strict=True):
            left, top, width, height = places[body]
            assert left <= x <= left + width, (one, other, body)
            assert top <= y <= top + height, (one, other, body)
    assert set(structurechart.WAYS) == {
        (row.from_body, row.to_body) for row in relations.itertuples() if row.relation != structurechart.MEMBERSHIP
    }


def test_members_stand_in_the_box_of_their_body(relations: pd.DataFrame) -> None:
    words = [text.get_text().replace("\n", " ") for text in structurechart.structure(relations).axes[0].texts]
    partnership = next(words[at + 1] for at, word in enumerate(words) if word == "Integrated care partnership")
    assert partnership == "members: local authorities, others, integrated care board"
    assert "members: NHS trusts" in words


def test_words_stay_inside_their_boxes_and_off_each_other(relations: pd.DataFrame) -> None:
    figure = structurechart.structure(relations)
    sheet = figure.axes[0]
    with style.style():
        renderer = figure.canvas.get_renderer()
        boxes = {text.get_text(): text.get_window_extent(renderer) for text in sheet.texts}
        frames = [patch.get_window_extent(renderer) for patch in sheet.patches if isinstance(patch, Rectangle)]
    assert [pair for pair in combinations(boxes, 2) if boxes[pair[0]].overlaps(boxes[pair[1]])] == []
    for words, box in boxes.items():
        for frame in frames:
            assert not box.overlaps(frame) or (frame.x0 <= box.x0 and box.x1 <= frame.x1), words
    assert min(text.get_fontsize() for text in sheet.texts) >= 7


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [("relation", "loves", "no arrow"), ("from_body", "Nobody", "no arrow")],
)
def test_an_unknown_relation_is_refused(relations: pd.DataFrame, column: str, value: str, message: str) -> None:
    broken = relations.copy()
    broken.loc[0, column] = value
    with pytest.raises(CompendiumError, match=message):
        structurechart.structure_data(broken)


def test_a_member_of_an_unknown_body_is_refused(relations: pd.DataFrame) -> None:
    broken = relations.copy()
    broken.loc[broken["relation"] == structurechart.MEMBERSHIP, "to_body"] = "Nowhere"
    with pytest.raises(CompendiumError, match="no box"):
        structurechart.structure_data(broken)
