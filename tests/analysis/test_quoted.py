"""Numbers for prose: each row has its key, value, unit and words, and follows from the table that it is given."""

import pandas as pd
import pytest

from analysis import policytables, reviewtables, studytables
from analysis.quoted import documents, policies, reviews, studies
from compendium.chain.results import KEY


def test_a_sample_is_counted_by_site_sector_and_group() -> None:
    people = pd.DataFrame(
        {
            "site": ["A", "A", "B"],
            "sector_group": ["NHS", "Other sectors", "NHS"],
            "sector": ["ICB", "Social care", "ICB"],
            "interviewees": [3, 1, 4],
        }
    )
    rows = {row[0]: row[1] for row in studies.sample(people, pd.DataFrame({"agrees": [True, False]}))}
    assert (rows["interviews"], rows["nhs"], rows["other"], rows["nhs-percent"]) == (8, 7, 1, 87.5)
    assert (rows["site-a"], rows["site-b"], rows["icb"], rows["social-care"]) == (4, 4, 7, 1)
    assert (rows["totals"], rows["totals-that-agree"]) == (2, 1)
    assert all(KEY.fullmatch(f"sample.{name}") for name in rows)


def test_figures_that_are_recorded_already_are_left_out() -> None:
    statements = pd.DataFrame({"result_key": ["a.year", "b"], "statement": ["begun", "held"]})
    rows = documents.figures({"a.year": 1997, "b": 2.5, "c": 3, "taken": 1}, {"taken"}, statements)
    assert rows == [
        ("a.year", 1997, "", "begun", "{}"),
        ("b", 2.5, "", "held", "{:,.1f}"),
        ("c", 3, "", "", None),
    ]


def test_pooled_results_are_counted_by_direction_and_heterogeneity() -> None:
    results = pd.DataFrame({"direction": ["favourable", "favourable", "none"], "i_squared": [49, 50, 90]})
    assert {row[0]: row[1] for row in reviews.pooled(results)} == {
        "count": 3,
        "favourable": 2,
        "none": 1,
        "heterogeneous": 1,
    }


def test_relations_between_bodies_are_counted() -> None:
    rows = policies.structure(pd.DataFrame({"relation": ["guides", "unclear", "guides", "oversees"]}))
    assert [row[1] for row in rows] == [4, 1, 2]


def test_streams_become_lists_with_a_capital() -> None:
    first, *others = policytables.STREAMS
    table = pd.DataFrame(
        {
            "stream": [first, first, *others] * 2,
            "kind": ["component"] * (2 + len(others)) + ["challenge"] * (2 + len(others)),
            "summary": ["one", "two", *["more"] * len(others)] * 2,
        }
    )
    assert policytables.streams(table)["component"][0] == "• One\n• Two"


def test_reviews_are_named_with_their_year() -> None:
    frame = pd.DataFrame({"review_id": ["x", "y"], "review": ["Ash", "Oak"], "year": [2001, 2020]})
    assert reviewtables.named(pd.DataFrame({"review_id": ["y"]}), frame)["review"].tolist() == ["Oak 2020"]


def test_a_segment_belongs_to_the_first_of_its_codes_that_is_a_theme() -> None:
    segments = pd.DataFrame({"codes": ["c;t2;t1", "t1"]})
    assert studytables.themed(segments, {"t1": "One", "t2": "Two"})["theme"].tolist() == ["Two", "One"]


@pytest.mark.parametrize("change", [0, -3])
def test_what_a_step_loses_is_a_dash_where_nothing_is_lost(change: int) -> None:
    lost = studytables.sample_flow(pd.DataFrame({"change": [change]}))["lost"].tolist()
    assert lost == (["–"] if change == 0 else ["3"])
