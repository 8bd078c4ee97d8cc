"""The audit grid plots every printed value, and marks what disagrees."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis import auditgrid
from compendium.errors import CompendiumError


@pytest.fixture
def cells() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "variable": ["urban_percent", "urban_percent", "nhs_region", "nhs_region", "trust_count", "trust_count"],
            "ods_code": ["Q1", "Q2", "Q1", "Q2", "Q1", "Q2"],
            "ics_name": ["One", "Two", "One", "Two", "One", "Two"],
            "printed": [100, 12, "London", "East of England", 7, 3],
            "rounded": [84, 12, "London", "East of England", 6, 3],
            "verdict": ["differs", "agrees", "agrees", "agrees", *["not testable with these data"] * 2],
            "high_deprivation": [True, False, True, False, True, False],
        }
    )


@pytest.fixture
def classes() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "variable": ["urban_percent"] * 2,
            "ods_code": ["Q1", "Q2"],
            "agrees_rounded": [False, True],
            "agrees_unrounded": [False, False],
        }
    )


def test_the_data_hold_one_row_per_printed_value_with_its_mark(cells: pd.DataFrame, classes: pd.DataFrame) -> None:
    data = auditgrid.audit_grid_data(cells, classes)
    assert data["label"].tolist() == ["changes", "tie", "", "", "", ""]
    assert data["recomputed"].tolist() == [84, 12, "London", "East of England", 6, 3]
    assert data["verdict"].tolist() == cells["verdict"].tolist()


def test_the_figure_shows_values_and_disagreements(cells: pd.DataFrame, classes: pd.DataFrame) -> None:
    figure = auditgrid.audit_grid(cells, classes)
    texts = {text.get_text(): text for text in figure.axes[0].texts}
    assert "100 → 84" in texts
    assert "12" in texts
    assert texts["100 → 84"].get_fontweight() == "bold"
    assert texts["7 → 6"].get_fontweight() == "normal"
    assert texts["One"].get_fontweight() == "bold"
    assert texts["Two"].get_fontweight() == "normal"
    markers = [line for line in figure.axes[0].lines if line.get_marker() == "D"]
    assert len(markers) == 2 + 2  # two class labels, two in the key
    dotted = [box for box in figure.axes[0].patches if box.get_linestyle() == ":"]
    assert len(dotted) == 2 + 1  # two cells that are not testable, one in the key


def test_a_missing_column_is_refused(cells: pd.DataFrame, classes: pd.DataFrame) -> None:
    with pytest.raises(CompendiumError, match="agrees_unrounded"):
        auditgrid.audit_grid_data(cells, classes.drop(columns="agrees_unrounded"))
