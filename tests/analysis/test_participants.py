"""The interview sample and its printed totals."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis import participants
from compendium.data import loading
from compendium.errors import CompendiumError


@pytest.fixture(scope="module")
def interviewees() -> pd.DataFrame:
    return loading.read("interviewees")


def test_the_sample(interviewees):
    assert participants.sample_size(interviewees) == 32
    groups = participants.by_group(interviewees).set_index("sector_group")
    assert groups["interviewees"].to_dict() == {"NHS": 17, "Other sectors": 15}
    assert groups["percent"].sum() == pytest.approx(100)
    assert groups.loc["NHS", "percent"] == pytest.approx(53.125)


def test_the_table_is_laid_out_as_printed(interviewees):
    table = participants.by_site_and_sector(interviewees.sample(frac=1, random_state=3))
    assert table.columns.tolist() == ["site", "ICB", "Provider", "Public health", "Social care", "Community", "Total"]
    assert table.to_numpy().tolist() == [
        ["A", 3, 2, 2, 1, 0, 8],
        ["B", 3, 1, 2, 2, 1, 9],
        ["C", 4, 4, 3, 2, 2, 15],
        ["Total", 10, 7, 7, 5, 3, 32],
    ]


@pytest.mark.parametrize("change", [lambda f: f.iloc[1:], lambda f: pd.concat([f, f.iloc[[0]]])])
def test_a_missing_or_doubled_cell_is_refused(interviewees, change):
    with pytest.raises(CompendiumError, match="A: ICB"):
        participants.by_site_and_sector(change(interviewees))


def test_every_printed_total_is_the_sum_of_its_cells(interviewees):
    checks = participants.margin_checks(interviewees, loading.read("interviewee_margins"))
    assert len(checks) == 12
    assert checks["agrees"].all()


def test_a_wrong_cell_breaks_the_totals_it_belongs_to(interviewees):
    changed = interviewees.copy()
    changed.loc[(changed["site"] == "B") & (changed["sector"] == "Community"), "interviewees"] = 2
    checks = participants.margin_checks(changed, loading.read("interviewee_margins"))
    wrong = checks[~checks["agrees"]]
    assert set(zip(wrong["margin"], wrong["category"], strict=True)) == {
        ("site", "B"),
        ("sector", "Community"),
        ("sector_group", "Other sectors"),
        ("overall", "Total"),
        ("overall", "Sample"),
    }


def test_an_unknown_margin_is_refused(interviewees):
    margins = pd.DataFrame({"margin": ["age"], "category": ["old"], "interviewees": [1], "place": ["x"]})
    with pytest.raises(CompendiumError, match="found age, expected site, sector"):
        participants.margin_checks(interviewees, margins)


def test_sectors_belong_to_the_groups_of_the_table(interviewees):
    pairs = dict(zip(interviewees["sector"], interviewees["sector_group"], strict=True))
    assert pairs == participants.SECTORS
