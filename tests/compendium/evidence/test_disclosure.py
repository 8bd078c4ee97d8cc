"""The disclosure audit counts right, and gives sizes only."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compendium.errors import CompendiumError
from compendium.evidence import disclosure

POPULATION = pd.DataFrame(
    {
        "name": [f"Secret place {number}" for number in range(8)],
        "size": ["small", "small", "medium", "medium", "large", "large", "large", "large"],
        "setting": ["rural", "rural", "rural", "urban", "urban", "urban", "urban", "mixed"],
    }
)
PROFILES = pd.DataFrame(
    {"site": ["X", "Y", "Z"], "size": ["large", "medium", "large"], "setting": ["urban", "urban", None]}
)
BOTH = ["size", "setting"]


def test_sizes_by_hand() -> None:
    sizes = disclosure.set_sizes(POPULATION, PROFILES, BOTH, "site")
    assert sizes.to_dict("list") == {"site": ["X", "Y", "Z"], "set_size": [3, 1, 4]}


def test_the_descriptor_that_narrows_most() -> None:
    table = disclosure.narrowing(POPULATION, PROFILES, BOTH, "site").set_index(["site", "descriptor"])
    assert table.loc[("Y", "size"), ["set_size", "set_size_without", "narrows_most"]].tolist() == [1, 4, True]
    assert table.loc[("Y", "setting"), ["set_size", "set_size_without", "narrows_most"]].tolist() == [1, 2, False]
    assert table.loc[("X", "size"), "narrows_most"]
    assert table.loc[("X", "setting"), "narrows_most"]
    assert not table.loc[("Z", "setting"), "narrows_most"]


def test_the_least_change_that_reaches_the_floor() -> None:
    coarser = {"size": {"small": "small or medium", "medium": "small or medium", "large": "large"}}
    table = disclosure.coarser_descriptions(POPULATION, PROFILES, BOTH, "site", 3, coarser)
    assert table[table["site"] == "X"][["cost", "set_size"]].to_numpy().tolist() == [[0, 3]]
    assert table[table["site"] == "Y"].to_numpy().tolist() == [["Y", 2, "withheld", "as published", 4]]
    merged = disclosure.coarser_descriptions(POPULATION, PROFILES, ["size"], "site", 3, coarser)
    assert merged[merged["site"] == "Y"].to_numpy().tolist() == [["Y", 1, "coarser", 4]]


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("de")), min_size=3, max_size=20),
    st.integers(1, 3),
)
def test_sizes_equal_a_loop_and_the_floor_is_reached(rows: list[tuple[str, str]], floor: int) -> None:
    population = pd.DataFrame(rows, columns=["one", "two"])
    profiles = population.drop_duplicates().assign(site=lambda frame: [str(i) for i in range(len(frame))])
    sizes = disclosure.set_sizes(population, profiles, ["one", "two"], "site")["set_size"].tolist()
    assert sizes == [rows.count((row.one, row.two)) for row in profiles.itertuples()]
    lifted = disclosure.coarser_descriptions(population, profiles, ["one", "two"], "site", floor)
    assert set(lifted["site"]) == set(profiles["site"])
    assert (lifted["set_size"] >= floor).all()
    assert (
        (lifted["cost"] == 0) == lifted["site"].map(dict(zip(profiles["site"], sizes, strict=True))).ge(floor)
    ).all()


def test_nothing_that_comes_back_names_an_area() -> None:
    outputs = [
        disclosure.set_sizes(POPULATION, PROFILES, BOTH, "site"),
        disclosure.narrowing(POPULATION, PROFILES, BOTH, "site"),
        disclosure.coarser_descriptions(POPULATION, PROFILES, BOTH, "site", 4),
    ]
    for table in outputs:
        assert "Secret" not in table.to_csv()
        assert not table.index.isin(POPULATION["name"]).any()
        assert len(table) < 20
    with pytest.raises(CompendiumError) as error:
        disclosure.set_sizes(POPULATION, PROFILES.assign(size="huge"), BOTH, "site")
    assert "Secret" not in str(error.value)
    assert "found huge, expected large, medium, small" in str(error.value)


def test_small_cells_and_the_quotations_that_point_into_them() -> None:
    people = pd.DataFrame({"site": list("XXYY"), "role": ["a", "b", "a", "b"], "people": [1, 3, 0, 2]})
    assert disclosure.small_cells(people, "people") == {"cells": 3, "small_cells": 1, "people_in_small_cells": 1}
    assert disclosure.small_cells(people, "people", most=2)["small_cells"] == 2
    quotations = pd.DataFrame({"site": ["X", "X", "Y", None], "role": ["a", "b", "b", "a"]})
    found = disclosure.quotations_in_small_cells(quotations, people, ["site", "role"], "people")
    assert found == {"quotations": 4, "fully_labelled": 3, "in_small_cells": 1}
    with pytest.raises(CompendiumError, match="row 0, column 'site, role': a quotation .* found Y, a"):
        disclosure.quotations_in_small_cells(
            pd.DataFrame({"site": ["Y"], "role": ["a"]}), people, ["site", "role"], "people"
        )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: disclosure.set_sizes(POPULATION, PROFILES, ["wave"], "site"), "lack descriptors; found wave"),
        (lambda: disclosure.set_sizes(POPULATION, PROFILES, BOTH, "case"), "the profiles lack descriptors"),
        (lambda: disclosure.coarser_descriptions(POPULATION, PROFILES, BOTH, "site", 9), "floor is out of range"),
        (
            lambda: disclosure.coarser_descriptions(POPULATION, PROFILES, BOTH, "site", 2, {"size": {"small": "s"}}),
            "has no coarser label; found large, medium",
        ),
    ],
)
def test_bad_input_is_refused(call: object, message: str) -> None:
    with pytest.raises(CompendiumError, match=message):
        call()  # type: ignore[operator]
