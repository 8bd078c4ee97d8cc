"""Reliability: figures of published examples, known by hand, and equal to the library's."""

from __future__ import annotations

import krippendorff
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compendium.errors import CompendiumError
from compendium.evidence.reliability import OVERALL, agreement, disagreements, weighted_alpha


def coded(*rows: tuple[str, int, int, str, str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return codings and segments from (document, start, end, code, coder)."""
    segments = pd.DataFrame(
        [(f"s{n}", document, start, end) for n, (document, start, end, _, _) in enumerate(rows)],
        columns=["segment_id", "source_id", "start", "end"],
    ).astype({"start": "Int64", "end": "Int64"})
    codings = pd.DataFrame(
        [(f"s{n}", code, coder) for n, (*_, code, coder) in enumerate(rows)],
        columns=["segment_id", "code_id", "coder"],
    )
    return codings, segments


def contingency(both: int, first: int, second: int, neither: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Two coders and code 'x' with a given two-by-two table; units coded by neither carry another code."""
    rows, place = [], 0
    for count, coders in ((both, "AB"), (first, "A"), (second, "B")):
        for _ in range(count):
            rows += [("d", place, place + 1, "x", coder) for coder in coders]
            place += 1
    for _ in range(neither):
        rows += [("d", place, place + 1, "other", coder) for coder in "AB"]
        place += 1
    return coded(*rows)


def row(table: pd.DataFrame, code: str) -> dict:
    return table.set_index("code_id").loc[code].to_dict()


def test_kappa_of_a_textbook_table() -> None:
    """Twenty yes-yes, five yes-no, ten no-yes, fifteen no-no: 70% agreement and a kappa of 0.4."""
    found = row(agreement(*contingency(20, 5, 10, 15)), "x")
    assert found["percent_agreement"] == pytest.approx(70)
    assert found["cohen_kappa"] == pytest.approx(0.4)
    assert (found["units"], found["coders"], found["applied"]) == (50, 2, 35)


@settings(max_examples=60)
@given(cells=st.tuples(*[st.integers(0, 12)] * 4))
def test_two_coders_agree_with_hand_and_library(cells: tuple[int, int, int, int]) -> None:
    both, first, second, neither = cells
    total = sum(cells)
    if both + first == 0 or both + second + neither == 0:
        return
    codings, segments = contingency(*cells)
    if codings["coder"].nunique() < 2:
        return
    found = row(agreement(codings, segments), "x")
    assert found["percent_agreement"] == pytest.approx(100 * (both + neither) / total)
    chance = ((both + first) * (both + second) + (second + neither) * (first + neither)) / total**2
    if chance < 1:
        kappa = ((both + neither) / total - chance) / (1 - chance)
        assert found["cohen_kappa"] == pytest.approx(kappa)
    else:
        assert np.isnan(found["cohen_kappa"])
    data = [
        [1] * both + [1] * first + [0] * second + [0] * neither,
        [1] * both + [0] * first + [1] * second + [0] * neither,
    ]
    if len({value for line in data for value in line}) == 2:
        expected = krippendorff.alpha(reliability_data=data, level_of_measurement="nominal")
        assert found["krippendorff_alpha"] == pytest.approx(expected)
    else:
        assert np.isnan(found["krippendorff_alpha"])


@given(st.dictionaries(st.tuples(st.integers(0, 4), st.integers(0, 4)), st.integers(1, 30), min_size=1))
def test_the_weighted_alpha_is_the_library_s(patterns: dict[tuple[int, int], int]) -> None:
    patterns = {pattern: number for pattern, number in patterns.items() if sum(pattern) > 1}
    if not any(no for no, _ in patterns) or not any(yes for _, yes in patterns):
        return
    table = np.repeat(np.array(list(patterns)), list(patterns.values()), axis=0)
    expected = krippendorff.alpha(value_counts=table, level_of_measurement="nominal")
    assert weighted_alpha(patterns) == pytest.approx(expected, abs=1e-12)


def test_three_coders_who_read_different_documents() -> None:
    """C never read document 2: there, only A and B are compared."""
    codings, segments = coded(
        ("1", 0, 5, "x", "A"),
        ("1", 0, 5, "x", "B"),
        ("1", 0, 5, "x", "C"),
        ("1", 6, 9, "x", "A"),
        ("2", 0, 5, "x", "A"),
        ("2", 0, 5, "y", "B"),
    )
    found = row(agreement(codings, segments), "x")
    # Pairs: AB agree on 1 of 3 units, AC on 1 of 2, BC on 2 of 2.
    assert found["percent_agreement"] == pytest.approx(100 * 4 / 7)
    data = [[1, 1, 1], [1, 0, 0], [1, 0, np.nan]]
    assert found["krippendorff_alpha"] == pytest.approx(
        krippendorff.alpha(reliability_data=data, level_of_measurement="nominal")
    )
    assert found["units"] == 3


def test_by_character_edges_that_differ_cost_only_their_characters() -> None:
    codings, segments = coded(("d", 0, 10, "x", "A"), ("d", 0, 8, "x", "B"))
    by_segment = row(agreement(codings, segments), "x")
    assert by_segment["percent_agreement"] == 0
    found = row(agreement(codings, segments, "character", {"d": 20}), "x")
    assert found["percent_agreement"] == pytest.approx(90)
    assert (found["units"], found["applied"]) == (20, 10)
    data = [[1] * 10 + [0] * 10, [1] * 8 + [0] * 12]
    assert found["krippendorff_alpha"] == pytest.approx(
        krippendorff.alpha(reliability_data=data, level_of_measurement="nominal")
    )
    assert found["cohen_kappa"] == pytest.approx((0.9 - 0.5) / 0.5)


SPANS = st.lists(
    st.tuples(st.integers(0, 28), st.integers(1, 6), st.sampled_from("xy"), st.sampled_from("ABC")),
    min_size=2,
    max_size=12,
)


@settings(max_examples=60)
@given(SPANS)
def test_by_character_equals_counting_every_character(spans: list[tuple[int, int, str, str]]) -> None:
    length = 34
    coders = sorted({coder for *_, coder in spans})
    if len(coders) < 2:
        return
    codings, segments = coded(*(("d", start, start + size, code, coder) for start, size, code, coder in spans))
    table = agreement(codings, segments, "character", {"d": length})
    for code in sorted({code for *_, code, _ in spans}):
        data = np.zeros((len(coders), length))
        for start, size, which, coder in spans:
            if which == code:
                data[coders.index(coder), start : start + size] = 1
        pairs = [(data[a] == data[b]).mean() for a in range(len(coders)) for b in range(a)]
        found = row(table, code)
        assert found["percent_agreement"] == pytest.approx(100 * np.mean(pairs))
        expected = krippendorff.alpha(reliability_data=data, level_of_measurement="nominal")
        assert found["krippendorff_alpha"] == pytest.approx(expected)


def test_overall_pools_every_unit_of_every_code() -> None:
    codings, segments = coded(
        ("d", 0, 5, "x", "A"), ("d", 0, 5, "x", "B"), ("d", 6, 9, "y", "A"), ("d", 6, 9, "x", "B")
    )
    table = agreement(codings, segments)
    assert table["code_id"].tolist() == ["x", "y", OVERALL]
    assert row(table, OVERALL)["units"] == 4
    assert row(table, OVERALL)["percent_agreement"] == pytest.approx(50)
    assert set(table["unit"]) == {"segment"}


def test_disagreements_name_place_code_and_coders() -> None:
    codings, segments = coded(
        ("d", 0, 5, "x", "A"), ("d", 0, 5, "x", "B"), ("d", 6, 9, "y", "A"), ("e", 0, 3, "x", "A")
    )
    found = disagreements(codings, segments)
    assert found.to_numpy().tolist() == [["d", 6, 9, "y", "A", "B"]], "nobody else has read document e"


def test_disagreements_by_character_join_neighbouring_pieces() -> None:
    codings, segments = coded(
        ("d", 0, 10, "x", "A"), ("d", 2, 4, "y", "B"), ("d", 2, 4, "y", "A"), ("d", 6, 8, "x", "B")
    )
    found = disagreements(codings, segments, "character", {"d": 20})
    assert found.to_numpy().tolist() == [["d", 0, 6, "x", "A", "B"], ["d", 8, 10, "x", "A", "B"]]


def test_segments_without_positions_are_compared_by_their_ids() -> None:
    segments = pd.DataFrame({"segment_id": ["a", "b"], "document": "d", "start": pd.NA, "end": pd.NA})
    codings = pd.DataFrame({"segment_id": ["a", "a", "b"], "code_id": ["x", "x", "x"], "coder": ["A", "B", "A"]})
    assert row(agreement(codings, segments), "x")["percent_agreement"] == 50
    with pytest.raises(CompendiumError, match="needs passages with positions"):
        agreement(codings, segments, "character", {"d": 10})


def test_one_coder_or_no_document_in_common_is_refused() -> None:
    with pytest.raises(CompendiumError, match="two or more coders coded; found 1 coder and no document"):
        agreement(*coded(("d", 0, 5, "x", "A")))
    with pytest.raises(CompendiumError, match="found 2 coders and no document in common"):
        agreement(*coded(("d", 0, 5, "x", "A"), ("e", 0, 5, "x", "B")))


def test_coders_can_be_chosen() -> None:
    codings, segments = coded(("d", 0, 5, "x", "A"), ("d", 0, 5, "x", "B"), ("d", 6, 9, "x", "C"))
    assert row(agreement(codings, segments, coders=["A", "B"]), "x")["percent_agreement"] == 100


def test_an_imported_project_has_its_agreement(tmp_path) -> None:
    from refiqda_projects import walks

    from compendium.refiqda import read_project

    project, _ = read_project(walks(tmp_path))
    lengths = dict(zip(project.sources["source_id"], project.sources["characters"], strict=True))
    by_segment = row(agreement(project.codings, project.segments), "means/transport-cost")
    assert (by_segment["units"], by_segment["applied"]) == (5, 2)
    assert by_segment["percent_agreement"] == pytest.approx(80)
    by_character = row(agreement(project.codings, project.segments, "character", lengths), "means/transport-cost")
    assert by_character["units"] == sum(lengths[source] for source in ("d0001", "d0002"))
    assert by_character["applied"] == len("We share two cars") + len("It floods")
