"""The chart of codes by theme shows the counts of the coded segments."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis import studycharts
from compendium.errors import CompendiumError
from compendium.evidence import codebook, segments


def test_the_heat_map_of_codes_shows_the_counts(project: Path) -> None:
    folder = project / "data/coding/alderwick-paper"
    coded, codes = segments.load(folder / "segments.csv"), codebook.load(folder / "codebook.csv")
    counts = segments.code_counts(coded, codes, by="site")
    inductive = codes[(codes["origin"] == "inductive") & (codes["parent"] != "")]
    named = dict(zip(inductive["code_id"], inductive["code"], strict=True))
    data = studycharts.codes_data(counts, named)
    assert data["code"].is_unique
    assert data.drop(columns="code").to_numpy().sum() == counts.loc[list(named)].to_numpy().sum()
    shown = [int(text.get_text()) for text in studycharts.codes_heatmap(counts, named).axes[0].texts]
    assert shown == [int(n) for n in data.drop(columns="code").to_numpy().ravel() if n]
    with pytest.raises(CompendiumError, match="no code has a segment"):
        studycharts.codes_data(counts, {})


def test_codes_stand_by_theme_and_within_it_by_segments(project: Path) -> None:
    folder = project / "data/coding/alderwick-paper"
    coded, codes = segments.load(folder / "segments.csv"), codebook.load(folder / "codebook.csv")
    counts = segments.code_counts(coded, codes, by="sector")
    data = studycharts.codes_data(counts, dict(zip(codes["code_id"], codes["code"], strict=True)))
    numbers = data.drop(columns="code")
    places = [(int(row.to_numpy().argmax()), -int(row.sum())) for _, row in numbers.iterrows()]
    assert places == sorted(places)
    assert len({theme for theme, _ in places}) > 1
    assert numbers.sum(axis=1).min() > 0
