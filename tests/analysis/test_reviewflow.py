"""The flow of the umbrella review: its numbers are those of the tables, and what is unknown has none."""

from itertools import combinations

import pandas as pd
import pytest

from analysis import reviewflow, reviews
from compendium.data import loading
from compendium.errors import CompendiumError


@pytest.fixture(scope="module")
def tables() -> list[pd.DataFrame]:
    return [reviews.reviews(), *map(loading.read, ("review_outcomes", "review_factors", "search_strategy"))]


def test_the_flow_ends_in_all_reviews_and_leaves_open_what_is_unknown(tables: list[pd.DataFrame]) -> None:
    numbers = reviewflow.flow_data(*tables).set_index("stage")["number"]
    assert numbers["All three concepts"] == tables[3].set_index("line").loc[13, "hits"]
    assert numbers.iloc[-3:].sum() == numbers["Reviews included"] == len(tables[0])
    assert numbers[numbers.isna()].index.tolist() == list(reviewflow.BOXES)[5:8]


def test_every_number_is_printed_in_a_box_of_its_own_and_no_words_meet(tables: list[pd.DataFrame]) -> None:
    figure = reviewflow.flow(*tables)
    texts = figure.axes[0].texts
    printed = " ".join(text.get_text() for text in texts)
    data = reviewflow.flow_data(*tables)
    assert all(f"{number:,} re" in printed for number in data["number"].dropna())
    assert printed.count(reviewflow.UNKNOWN) == 3
    extents = [text.get_window_extent() for text in texts]
    assert not any(one.overlaps(other) for one, other in combinations(extents, 2))


def test_a_search_that_widens_or_a_review_without_content_is_refused(tables: list[pd.DataFrame]) -> None:
    frame, outcomes, factors, search = tables
    wide = search.assign(hits=search["hits"].where(search["line"] != 14, 10**9))
    with pytest.raises(CompendiumError, match="do not narrow"):
        reviewflow.flow_data(frame, outcomes, factors, wide)
    with pytest.raises(CompendiumError, match="neither outcomes nor factors"):
        reviewflow.flow_data(frame, outcomes.iloc[:0], factors.iloc[:1], search)
