"""Reliability: figures of published examples, known by hand, and equal to the library's."""

from __future__ import annotations

import krippendorff
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compendium.errors import CompendiumError
from compendium.evidence import coefficients
from compendium.evidence.reliability import LEAST, OVERALL, agreement, disagreements, pairs, printed


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


@given(st.dictionaries(st.tuples(*[st.integers(0, 3)] * 3), st.integers(1, 9), min_size=1, max_size=8))
def test_alpha_is_the_library_s(patterns: dict[tuple[int, int, int], int]) -> None:
    ratings, weight = np.array(list(patterns)), np.array(list(patterns.values()))
    found = coefficients.krippendorff_alpha(ratings, weight)
    rated = ratings[ratings.sum(axis=1) > 1]
    if (rated.sum(axis=0) > 0).sum() < 2:
        assert np.isnan(found)
        return
    expected = krippendorff.alpha(value_counts=np.repeat(ratings, weight, axis=0), level_of_measurement="nominal")
    assert found == pytest.approx(expected, abs=1e-9)


SPANS = st.lists(
    st.tuples(st.integers(0, 28), st.integers(1, 6), st.sampled_from("xy"), st.sampled_from("ABC")),
    min_size=2,
    max_size=12,
)


# --- published examples ---------------------------------------------------------------------------------------------

FOUR_OBSERVERS = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
    [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
]
"""Krippendorff (2011), Computing Krippendorff's alpha-reliability, example C; Gwet (2014) uses the same ratings."""


def counted(reliability: list[list[int | None]]) -> np.ndarray:
    values = sorted({value for line in reliability for value in line if value is not None})
    return np.array([[column.count(value) for value in values] for column in zip(*reliability, strict=True)])


def test_four_observers_with_gaps_as_krippendorff_and_gwet_print_them() -> None:
    ratings = counted(FOUR_OBSERVERS)
    assert coefficients.krippendorff_alpha(ratings) == pytest.approx(0.743, abs=5e-4)
    assert coefficients.gwet_ac1(ratings) == pytest.approx(0.77544, abs=5e-6)
    assert coefficients.percent_agreement(ratings) == pytest.approx(81.818, abs=5e-4)


def test_two_observers_of_ten_documents_as_krippendorff_prints_them() -> None:
    """Krippendorff (2011), example A: alpha 0.095 of ten yes or no; here, a code given in a document or not."""
    meg, owen = "0100000010", "1110010000"
    rows = [(str(n), 0, 5, "read", coder) for n in range(10) for coder in ("Meg", "Owen")]
    for name, line in (("Meg", meg), ("Owen", owen)):
        rows += [(str(n), 7 * n, 7 * n + 3, "x", name) for n, value in enumerate(line) if value == "1"]
    found = row(agreement(*coded(*rows), "document"), "x")
    assert found["krippendorff_alpha"] == pytest.approx(0.095, abs=5e-4)
    assert (found["units"], found["documents"], found["percent_agreement"]) == (10, 10, 60)
    assert found["prevalence"] == pytest.approx(30)


def test_gwet_s_paradox_of_high_agreement() -> None:
    """Gwet (2008), after Feinstein and Cicchetti: of 125, 118 both yes and none both no; kappa -0.023, AC1 0.941."""
    found = row(agreement(*contingency(118, 5, 2, 0)), "x")
    assert found["cohen_kappa"] == pytest.approx(-0.0234, abs=5e-5)
    assert found["gwet_ac1"] == pytest.approx(0.9408, abs=5e-5)
    assert found["percent_agreement"] == pytest.approx(94.4)


# --- what an edge costs -----------------------------------------------------------------------------------------------

LENGTH = 120
SPREAD = st.lists(  # one coding per lane of the text, so that a moved edge neither joins two passages nor parts them
    st.tuples(st.sampled_from("xy"), st.sampled_from("AB"), st.integers(1, 4), st.integers(5, 9)),
    min_size=2, max_size=4,
)  # fmt: skip


@settings(max_examples=60)
@given(spans=SPREAD, moved=st.integers(0, 3), unit=st.sampled_from(["character", "overlap", "document"]))
def test_an_edge_moved_by_a_character_moves_nothing_by_more_than_its_share(spans, moved: int, unit) -> None:
    rows = [("d", 14 * n + start, 14 * n + end, code, coder) for n, (code, coder, start, end) in enumerate(spans)]
    rows += [("d", 70, 80, "x", "A"), ("d", 70, 80, "x", "B"), ("d", 60, 75, "y", "A"), ("d", 62, 75, "y", "B")]
    moved %= len(spans)
    document, start, end, code, coder = rows[moved]
    edges = list(rows)
    edges[moved] = (document, start, end + 1, code, coder)
    before, after = (agreement(*coded(*some), unit, {"d": LENGTH}) for some in (rows, edges))
    on_it = [e - s for _, s, e, *_ in rows if s <= end < e] + [end - start]
    share = {"character": 1 / LENGTH, "overlap": 2 * sum(1 / size for size in on_it) / len(rows), "document": 0}[unit]
    for which in (code, OVERALL):
        one, other = row(before, which), row(after, which)
        assert abs(one["percent_agreement"] - other["percent_agreement"]) <= 100 * share + 1e-9
        assert abs(one["prevalence"] - other["prevalence"]) <= 100 * share + 1e-9
        for name in ("cohen_kappa", "krippendorff_alpha", "gwet_ac1"):
            # Each is a quotient of shares; the quotient moves by their moves over what chance leaves.
            chance = 1 - (one["percent_agreement"] / 100 - one[name]) / (1 - one[name]) if one[name] < 1 else 1
            assert abs(one[name] - other[name]) <= 8 * share / chance + 1e-9 or np.isnan(one[name])


def test_one_moved_edge_does_not_make_agreement_collapse() -> None:
    rows = [("d", 100 * n, 100 * n + 50, "x", coder) for n in range(4) for coder in "AB"]
    rows += [("d", 100 * n + 60, 100 * n + 90, "y", coder) for n in range(4) for coder in "AB"]
    shifted = [(d, s, e + (coder == "B"), code, coder) for d, s, e, code, coder in rows]
    assert row(agreement(*coded(*shifted), "segment"), "x")["krippendorff_alpha"] < 0
    for unit in ("character", "overlap"):
        found = row(agreement(*coded(*shifted), unit, {"d": 400}), OVERALL)
        assert found["krippendorff_alpha"] > 0.94, unit
        assert found["percent_agreement"] > 97


@settings(max_examples=40)
@given(SPANS)
def test_by_overlap_equals_counting_every_character_of_every_coding(spans: list[tuple[int, int, str, str]]) -> None:
    given_ = {}  # the places of each code and coder
    for start, size, code, coder in spans:
        given_.setdefault((code, coder), set()).update(range(start, start + size))
    coders = sorted({coder for _, coder in given_})
    if len(coders) < 2:
        return
    codings = []
    for places in given_.values():
        starts = sorted(place for place in places if place - 1 not in places)
        codings += [range(s, next(e for e in range(s, 99) if e not in places)) for s in starts]
    table = agreement(*coded(*(("d", s, s + n, code, coder) for s, n, code, coder in spans)), "overlap")
    for code in {code for code, _ in given_}:
        held = {coder: given_.get((code, coder), set()) for coder in coders}
        agreed = [
            np.mean([(at in held[one]) == (at in held[other]) for at in coding])
            for coding in codings
            for one in coders
            for other in coders
            if one < other
        ]
        assert row(table, code)["percent_agreement"] == pytest.approx(100 * np.mean(agreed))
        assert row(table, code)["units"] == len(codings)


def test_the_bootstrap_needs_documents_and_holds_alpha() -> None:
    rows = [(str(n), 0, 10 + n % 3, "x", coder) for n in range(LEAST + 3) for coder in "AB"]
    rows += [(str(n), 20, 24, "x", "A") for n in range(0, LEAST + 3, 2)]
    lengths = {str(n): 40 for n in range(LEAST + 3)}
    found = row(agreement(*coded(*rows), "character", lengths), "x")
    assert found["alpha_low"] < found["krippendorff_alpha"] < found["alpha_high"] <= 1
    assert found == row(agreement(*coded(*rows), "character", lengths), "x"), "the same seed draws the same documents"
    few = [line for line in rows if int(line[0]) < LEAST - 1]
    assert np.isnan(row(agreement(*coded(*few), "character", lengths), "x")["alpha_low"])
    shown = printed(agreement(*coded(*few), "character", lengths), {})
    assert shown["95% interval"].tolist() == ["", ""]


def test_pairs_are_compared_on_what_both_read() -> None:
    rows = [("1", 0, 5, "x", "A"), ("1", 0, 5, "x", "B"), ("1", 6, 9, "x", "B"), ("2", 0, 5, "x", "B"),
            ("2", 0, 5, "x", "C")]  # fmt: skip
    found = pairs(*coded(*rows))
    assert found[["coder_a", "coder_b", "documents", "units"]].to_numpy().tolist() == [
        ["A", "B", 1, 2],
        ["B", "C", 1, 1],
    ]
    assert found["percent_agreement"].tolist() == [50, 100]


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
