"""The umbrella review: counts that must add up, and the transcription against the thesis."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import reviews
from compendium.data import loading
from compendium.errors import CompendiumError

AMSTAR_MARKS = {"*": "high", "†": "medium", "‡": "low", "§": "critically low"}
BIB_KEY = re.compile(r"^@\w+\{([^,]+),", flags=re.MULTILINE)


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return reviews.reviews()


@pytest.fixture(scope="module")
def thesis(seeds: Path) -> str:
    return next(seeds.glob("003_*")).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def quality_table(thesis: str) -> str:
    """Return the printed Table 2 as running text: titles and cells that pages split are joined again."""
    text = thesis[thesis.index("TABLE 2: study quality") : thesis.index("TABLE 3: summary of evidence")]
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def printed_row(table: str, label: str, year: int) -> str:
    start = re.search(re.escape(label.split(" and ")[0].removesuffix(" et al")) + rf"[^.]{{0,30}}\({year}\)\.", table)
    assert start, f"{label} {year} does not stand in the table"
    after = table[start.end() :]
    following = re.search(r"\b[A-Z][\w-]+(?: et al| and \w+|,? [A-Z])? \((?:19|20)\d\d\)\.? [A-Z‘]", after)
    return after[: following.start()] if following else after


def test_casp_cells() -> None:
    assert reviews.casp_items("1,2,5") == (1, 2, 5)
    assert reviews.casp_items("1.5") == (1, 5)
    assert reviews.casp_items("-") == ()
    assert reviews.casp_items(None) is None
    with pytest.raises(CompendiumError, match="lists no items"):
        reviews.casp_items("1,6")


def test_each_review_is_rated_by_one_instrument(frame: pd.DataFrame) -> None:
    assert (frame["amstar2"].notna() ^ frame["casp_printed"].notna()).all()
    assert (frame["amstar2"].notna() == (frame["reports_impacts"] == "yes")).all()
    assert frame.loc[frame["casp_printed"].notna(), "reports_factors"].eq("yes").all()


def test_the_tables_hold_the_same_reviews(frame: pd.DataFrame, project: Path) -> None:
    outcomes, factors = loading.read("review_outcomes"), loading.read("review_factors")
    assert set(outcomes["review_id"]) == set(frame.loc[frame["reports_impacts"] == "yes", "review_id"])
    assert set(factors["review_id"]) == set(frame.loc[frame["reports_factors"] == "yes", "review_id"])
    keys = set(BIB_KEY.findall((project / "manuscript/references.bib").read_text(encoding="utf-8")))
    assert set(frame["review_id"]) <= keys
    assert set(loading.read("review_bias_ratings")["review_id"]) <= set(frame["review_id"])


def test_profile_and_map_count_every_review(frame: pd.DataFrame) -> None:
    profile = reviews.quality_profile(frame)
    assert profile["reviews"].sum() == len(frame) == 36
    outcomes = loading.read("review_outcomes")
    counted = reviews.evidence_map(outcomes)
    assert counted["studied"].sum() == (outcomes["direction"] != reviews.NOT_STUDIED).sum()
    assert list(counted.index) == list(reviews.OUTCOME_GROUPS)
    ordered = reviews.evidence_by_quality(outcomes, frame)
    assert len(ordered) == counted["studied"].sum()
    assert ordered["amstar2"].map(reviews.AMSTAR2.index).is_monotonic_increasing


def test_factor_frequencies_are_shares_of_reviews() -> None:
    factors = loading.read("review_factors")
    table = reviews.factor_frequencies(factors)
    assert table["domain"].tolist() == list(reviews.DOMAINS)
    assert table["factors"].sum() == (factors["domain"] != "not classified").sum()
    assert table["reviews"].max() <= factors["review_id"].nunique() == 29
    assert (table["share"] == 100 * table["reviews"] / 29).all()


def test_search_lines_follow_from_one_another() -> None:
    search = loading.read("search_strategy")
    assert reviews.impossible_counts(search) == []
    broken = search.assign(hits=search["hits"].where(search["line"] != 10, 999_999))
    assert 10 in reviews.impossible_counts(broken)
    funnel = reviews.search_funnel(search)
    assert funnel["hits"].tolist() == [103911, 4386064, 1253693, 6240, 5454]
    assert funnel["share"].iloc[-1] == pytest.approx(100 * 5454 / 6240)


@given(st.lists(st.integers(0, 1000), min_size=2, max_size=4), st.integers(0, 5000))
def test_a_joined_line_lies_between_its_largest_line_and_the_sum(parts: list[int], joined: int) -> None:
    lines = list(range(1, len(parts) + 2))
    operation = " or ".join(str(line) for line in lines[:-1])
    search = pd.DataFrame({"line": lines, "operation": [*[None] * len(parts), operation], "hits": [*parts, joined]})
    assert (reviews.impossible_counts(search) == []) == (max(parts) <= joined <= sum(parts))


def test_quality_table_against_the_thesis(frame: pd.DataFrame, quality_table: str) -> None:
    for row in frame.itertuples():
        cell = printed_row(quality_table, row.review, row.year)
        if row.studies_printed != "not defined" and not pd.isna(row.studies):
            assert re.search(rf"\b{row.studies}\b", cell), f"{row.review}: {row.studies} not in '{cell[:120]}'"
        if row.amstar2:
            assert re.search(rf"\b{row.amstar2}\s+NA\b", cell, flags=re.IGNORECASE), row.review
        else:
            assert f"NA {row.casp_printed} " in cell, f"{row.review}: {cell[:160]}"
        unassessed = "No formal quality assessment" in cell
        assert unassessed == (row.risk_of_bias == "none"), row.review


def test_impacts_table_against_the_thesis(frame: pd.DataFrame, thesis: str) -> None:
    text = thesis[thesis.index("TABLE 3: summary of evidence") : thesis.index("TABLE 4: summary of evidence")]
    marked = [line for line in text.splitlines() if re.search(r"[*†‡§](</p>)?\t", line)]
    rows = [re.sub(r"<[^>]+>", "", line).split("\t") for line in marked]
    ratings = frame[frame["amstar2"].notna()].set_index("review")["amstar2"]
    outcomes = loading.read("review_outcomes").set_index(["review_id", "outcome_group"])["direction"]
    keys = frame.set_index("review")["review_id"]
    seen = []
    for cells in rows:
        name = next(label for label in ratings.index if cells[0].startswith(label.split(" and ")[0].split(" et al")[0]))
        assert AMSTAR_MARKS[cells[0].strip()[-1]] == ratings[name]
        for group, cell in zip(reviews.OUTCOME_GROUPS, cells[2:], strict=True):
            studied = outcomes[keys[name], group] != reviews.NOT_STUDIED
            assert studied == (cell.strip() != "NA"), f"{name}, {group}"
        seen.append(name)
    assert sorted(seen) == sorted(ratings.index)


def test_factors_stand_in_the_thesis(thesis: str) -> None:
    text = thesis[thesis.index("TABLE 4: summary of evidence") : thesis.index("CHAPTER 3 REFERENCES")]
    plain = " ".join(re.findall(r"[a-z0-9]+", text.lower()))
    factors = loading.read("review_factors")["factor"]
    missing = [factor for factor in factors if " ".join(re.findall(r"[a-z0-9]+", factor.lower())) not in plain]
    assert len(missing) <= 10, missing  # labels of more than eight words are shortened


def test_search_strategy_against_the_thesis(thesis: str) -> None:
    appendix = thesis[thesis.index("APPENDIX 1:") : thesis.index("APPENDIX 2:")]
    printed = [int(hits) for hits in re.findall(r"^\d+ .*\((\d+)\)$", appendix, flags=re.MULTILINE)]
    assert printed == loading.read("search_strategy")["hits"].tolist()


def test_pooled_results_point_where_their_intervals_do(seeds: Path) -> None:
    pooled = reviews.pooled_evidence(loading.read("review_pooled"))
    assert pooled["excludes"].sum() == (pooled["direction"] != "none").sum()
    assert ((pooled["lower"] <= pooled["estimate"]) & (pooled["estimate"] <= pooled["upper"])).all()
    thesis = next(seeds.glob("003_*")).read_text(encoding="utf-8")
    plain = " ".join(re.sub(r"<[^>]*>|[\\\\$]", " ", thesis).split()).replace(" %", "%")
    for row in pooled.itertuples():
        ends = rf"{row.lower:.2f}(?: to|,) {row.upper:.2f}"
        assert re.search(rf"{row.estimate:.2f}\b.{{0,40}}95% CI.{{0,700}}?{ends}.{{0,90}}= ?{row.i_squared}%", plain), (
            row.outcome
        )


def test_a_direction_against_its_interval_is_refused() -> None:
    pooled = loading.read("review_pooled")
    with pytest.raises(CompendiumError, match="does not follow from its interval"):
        reviews.pooled_evidence(pooled.assign(direction="none"))
