"""The second coding of this study: the segments that the recorded seed draws, and both codings kept."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from compendium.evidence import recoding

CODING = Path(__file__).resolve().parent.parent / "data" / "coding"
STUDIES = ("alderwick-paper", "alderwick-ch7", "prucomm", "goddard")


def read(path: str) -> pd.DataFrame:
    return pd.read_csv(CODING / path, dtype=str, keep_default_na=False)


@pytest.fixture(scope="module")
def first() -> pd.DataFrame:
    return pd.concat([read(f"{study}/segments.csv") for study in STUDIES], ignore_index=True)


@pytest.fixture(scope="module")
def books() -> dict[str, pd.DataFrame]:
    return {study: read(f"{study}/codebook.csv") for study in STUDIES}


def test_the_recorded_drawing_gives_the_segments_that_were_coded_again(first: pd.DataFrame) -> None:
    share, seed = recoding.drawing(CODING / "datapackage.json")
    again = read("recoding.csv")
    assert recoding.drawn(first, share, seed) == again["segment_id"].tolist()
    assert again["study"].value_counts().to_dict() == {
        "prucomm": 30, "alderwick-ch7": 17, "alderwick-paper": 6, "goddard": 6
    }  # fmt: skip
    assert recoding.drawn(first, share, seed + 1) != again["segment_id"].tolist()


def test_both_codings_stay_with_their_differences(first: pd.DataFrame, books: dict) -> None:
    """Neither was made to agree with the other; a note stands only where they differ."""
    again = read("recoding.csv")
    decided = recoding.decisions(first, again, books)
    table = recoding.stability(decided, replicates=50)
    summary = recoding.summary(table, decided)
    assert summary["segments"][0] == len(again) == 59
    assert 0 < summary["differing"][0] < len(again), "two codings without any difference were not two"
    assert summary["kappa"][0] == table.iloc[0]["cohen_kappa"]
    noted = again[again["note"] != ""]
    assert set(noted["segment_id"]) <= set(recoding.differing(decided)["segment_id"])
