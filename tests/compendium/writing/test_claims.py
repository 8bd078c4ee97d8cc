"""The ledger: its rules, its verdicts, its reasons, and that its words are ours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import consistency
from compendium.data import dictionary, loading, packages
from compendium.errors import CompendiumError
from compendium.writing import claims

WORDS = {
    "claims": ("statement", "printed", "reason"),
    "inconsistencies": ("topic", "printed_1", "printed_2", "evidence", "fair_reading"),
    "policies": ("areas_printed", "population_printed", "target_group"),
    "policy_streams": ("summary",),
    "national_policy_influence": ("summary",),
    "initiatives": ("summary",),
    "prucomm_mechanisms": ("mechanism", "remark"),
    "review_factors": ("factor",),
    "search_strategy": ("content",),
    "goddard_sample": ("group",),
    "srqr": ("topic",),
    "coreq": ("topic",),
}
LONGEST_RUN = 8
FILES = {
    "alderwick-2024-paper": "000",
    "alderwick-2024-review-file": "001",
    "warwick-giles-prucomm": "002",
    "alderwick-2024-thesis": "003",
    "goddard-2023": "004",
}


@pytest.fixture(scope="module")
def figures() -> dict[str, int | float]:
    return consistency.figures()


@pytest.fixture(scope="module")
def judged(figures: dict[str, int | float]) -> pd.DataFrame:
    return claims.judge(claims.claims(), figures)


def rows(**columns: object) -> pd.DataFrame:
    base = {
        "claim_id": "paper-001",
        "document": "alderwick-2024-paper",
        "printed": "42",
        "value": "42",
        "rule": "exact",
        "basis": "computed",
        "result_key": "ics.count",
        "reason": None,
    }
    return pd.DataFrame([base | columns])


@pytest.mark.parametrize(
    ("value", "printed", "rule", "expected"),
    [
        (42, "42", "exact", True),
        (42.0, "42", "exact", True),
        (41, "42", "exact", False),
        (1474000, "1500000", "round:-5", True),
        (1449999, "1500000", "round:-5", False),
        (1450000, "1500000", "round:-5", True),
        (0.125, "0.13", "round:2", True),
        (37.49, "37", "round:0", True),
        (521391, "500000", "about:0.05", True),
        (526000, "500000", "about:0.05", False),
        (48, "50", "almost:0.1", True),
        (44, "50", "almost:0.1", False),
        (50, "50", "almost:0.1", False),
        (521391, "500000", "just-over:0.1", True),
        (500000, "500000", "just-over:0.1", False),
        (551000, "500000", "just-over:0.1", False),
        (1, "2", "at-least", False),
        (2, "2", "at-least", True),
        (2, "2", "at-most", True),
        (150, "150", "over", False),
        (151, "150", "over", True),
        (7.9, "8", "under", True),
        (8, "8", "under", False),
        ("July  2022", "july 2022", "text", True),
        ("June 2022", "July 2022", "text", False),
    ],
)
def test_rules(value: object, printed: str, rule: str, expected: bool) -> None:
    assert claims.agrees(value, printed, rule) is expected


@given(st.integers(-(10**6), 10**6), st.integers(0, 499), st.sampled_from([-1, 1]))
def test_a_rounded_number_agrees_and_its_neighbours_do_not(thousands: int, rest: int, sign: int) -> None:
    value, printed = thousands * 1000 + sign * rest, thousands * 1000
    assert claims.agrees(value, str(printed), "round:-3")
    assert not claims.agrees(value, str(printed + 1000), "round:-3")
    assert not claims.agrees(value, str(printed - 1000), "round:-3")


@pytest.mark.parametrize("rule", ["near", "Exact", "", "over-just:0.1"])
def test_an_unknown_rule_is_refused(rule: str) -> None:
    with pytest.raises(CompendiumError, match="not known"):
        claims.agrees(1, "1", rule)


@pytest.mark.parametrize("value", [None, "many", float("nan"), True])
def test_a_value_that_is_no_number_is_refused(value: object) -> None:
    with pytest.raises(CompendiumError, match="compares numbers"):
        claims.agrees(value, "1", "exact")


def test_verdicts_come_from_the_values() -> None:
    assert claims.judge(rows(), {"ics.count": 42})["verdict"].item() == "reproduced"
    assert claims.judge(rows(reason="why"), {"ics.count": 41})["verdict"].item() == "differs"
    assert claims.judge(rows(), {})["verdict"].item() == "no result yet"
    assert claims.judge(rows(), {"ics.count": {"value": 42, "unit": "ICSs"}})["recorded"].item() == 42
    cited = rows(basis="cited", result_key=None)
    assert claims.judge(cited, {"ics.count": 1})["verdict"].item() == "cited only"
    private = rows(basis="not public", result_key=None)
    assert claims.judge(private, {})["verdict"].item() == "not reproducible from public data"


def test_a_difference_needs_a_reason() -> None:
    with pytest.raises(CompendiumError, match="gives no reason") as raised:
        claims.judge(rows(), {"ics.count": 41})
    assert raised.value.row == "paper-001"


def test_every_computed_statement_has_its_result(judged: pd.DataFrame, figures: dict[str, int | float]) -> None:
    named = set(judged["result_key"].dropna())
    assert named
    assert named <= set(figures)
    assert set(judged["verdict"]) == {
        "reproduced",
        "differs",
        "not reproducible from public data",
        "cited only",
    }
    assert len(judged) >= 450


def test_known_verdicts(judged: pd.DataFrame) -> None:
    verdict = judged.set_index("statement").groupby(level=0)["verdict"].agg(set)
    assert verdict["interviews carried out"] == {"reproduced"}
    assert verdict["average population of an ICS"] == {"reproduced"}
    assert verdict["systems with more than ten upper tier authorities"] == {"differs"}
    assert verdict["lowest share of neighbourhoods in the most deprived fifth"] == {"reproduced"}
    assert verdict["correlation of population with the number of NHS trusts"] == {"reproduced"}


def test_the_share_below_one_per_cent_is_the_unrounded_one(figures: dict[str, int | float]) -> None:
    assert figures["deprivation.lowest-unrounded"] == pytest.approx(0.647, abs=0.001)
    assert figures["deprivation.min"] == 1


def test_strongly_correlated_holds_for_ranks_too(figures: dict[str, int | float], judged: pd.DataFrame) -> None:
    rows = judged[judged["kind"] == "correlation"]
    assert set(rows["printed"]) == {"strongly correlated"}
    assert len(rows) == 2 * 5
    for row in rows.itertuples():
        assert figures[row.result_key] >= float(row.value)
        assert figures[row.result_key.replace("pearson", "spearman")] >= float(row.value)


def test_words_of_the_same_looseness_share_a_rule() -> None:
    computed = claims.claims().query("basis == 'computed' and printed != 'strongly correlated'")
    rules = {"around": "about", "more like": "about", "almost": "almost", "just over": "just-over"}
    for row in computed.itertuples():
        for word, rule in rules.items():
            if word in row.printed:
                assert row.rule == f"{rule}:0.1", row.claim_id


def test_limits_of_classes_lie_between_the_classes(figures: dict[str, int | float]) -> None:
    limits = claims.claims().query("rule == 'at-least' and result_key.str.startswith('classes.', na=False)")
    below = {"classes.mixed-min": "classes.rural-max", "classes.urban-min": "classes.mixed-max"}
    assert len(limits) == 4
    for row in limits.itertuples():
        assert figures[below[row.result_key]] <= float(row.value) <= figures[row.result_key]


def plain(text: str) -> str:
    text = re.sub(r"\^\{[^}]*\}|[⁰¹²³⁴⁵⁶⁷⁸⁹]", " ", text.lower().replace("−", "-").replace("–", "-"))
    text = re.sub(r"(?<=\d)[,\s](?=\d{3}\b)", "", text)
    return " " + " ".join(re.findall(r"[a-z0-9£]+(?:[.][0-9]+)*|%", text)) + " "


def test_the_documents_print_what_the_ledger_says_they_print(seeds: Path) -> None:
    texts = {name: plain(next(seeds.glob(f"{file}_*.txt")).read_text("utf-8")) for name, file in FILES.items()}
    rows = claims.claims()
    missing = [row.claim_id for row in rows.itertuples() if plain(row.printed) not in texts[row.document]]
    assert not missing


def test_a_value_that_changes_changes_its_verdict(figures: dict[str, int | float]) -> None:
    changed = figures | {"sample.interviews": 31}
    statements = claims.claims()
    statements["reason"] = statements["reason"].fillna("a changed value")
    before, after = claims.judge(statements, figures), claims.judge(statements, changed)
    altered = before["verdict"] != after["verdict"]
    assert set(before.loc[altered, "result_key"]) == {"sample.interviews"}
    assert set(after.loc[altered, "verdict"]) == {"differs"}


def test_totals_add_up(judged: pd.DataFrame) -> None:
    table = claims.totals(judged)
    assert table.loc["all documents", "all"] == len(judged)
    assert (table.drop(columns="all").sum(axis=1) == table["all"]).all()
    assert table.loc["alderwick-2024-thesis", "all"] == (judged["document"] == "alderwick-2024-thesis").sum()


def test_inconsistencies_show_both_places(figures: dict[str, int | float]) -> None:
    frame = claims.inconsistencies()
    assert len(frame) >= 50
    assert frame["inconsistency_id"].is_monotonic_increasing  # keys of dropped rows stay free, so links never change
    assert not frame["topic"].duplicated().any()
    same_place = (frame["document_1"] == frame["document_2"]) & (frame["place_1"] == frame["place_2"])
    assert (frame.loc[same_place, "printed_1"] != frame.loc[same_place, "printed_2"]).all()
    assert set(frame["result_key"].dropna()) <= set(figures)


@pytest.mark.parametrize(
    ("certainty", "fair_reading", "expected"),
    [("certain", "two waves in one year", "none found"), ("reading", "none found", "what could reconcile them")],
)
def test_a_row_is_certain_exactly_if_nothing_reconciles_it(
    monkeypatch: pytest.MonkeyPatch, certainty: str, fair_reading: str, expected: str
) -> None:
    broken = claims.inconsistencies().head(2).assign(certainty=certainty, fair_reading=fair_reading)
    monkeypatch.setattr(loading, "read", lambda name: broken)
    with pytest.raises(CompendiumError, match=rf"row 2.*{expected}"):
        claims.inconsistencies()


def test_a_slip_is_never_called_certain_and_letters_of_the_copy_are_slips() -> None:
    frame = claims.inconsistencies()
    copies = frame[frame["fair_reading"].str.contains("text copy")]
    assert len(copies) > 5
    assert set(copies["certainty"]) == {"editorial"}
    assert set(frame.loc[frame["kind"] == "reference", "certainty"]) <= {"editorial", "reading"}


def test_inconsistencies_that_follow_from_tables(figures: dict[str, int | float]) -> None:
    assert figures["organisation.utla-over-ten"] == 1
    assert figures["classes.mixed-min"] == 75
    assert figures["classes.mixed-max"] == 87
    assert figures["classes.urban-min"] == 90
    assert figures["classes.small-max"] == 1_057_832
    assert figures["organisation.waves"] != figures["organisation.wave-years"]
    assert figures["sample.sites-with-community"] < figures["sample.sites"]
    assert figures["influence.domains"] < figures["reviews.domains"]
    assert figures["reviews.liljas-rated"] == 11
    assert figures["srqr.matching"] + figures["srqr.stale"] == figures["srqr.items"] == 21
    assert figures["srqr.locations-changed"] == 0
    stale = claims.inconsistencies().set_index("inconsistency_id").loc["i062", "evidence"]
    assert f"{figures['srqr.matching']} of {figures['srqr.items']} locations" in stale


def runs(text: str) -> Iterator[str]:
    found = re.findall(r"[a-z0-9]+", text.lower())
    length = LONGEST_RUN + 1
    return (" ".join(found[at : at + length]) for at in range(len(found) - length + 1))


@pytest.fixture(scope="module")
def printed_runs(seeds: Path) -> set[str]:
    return {run for file in seeds.glob("00*.txt") for run in runs(file.read_text(encoding="utf-8"))}


@pytest.mark.parametrize("table", WORDS)
def test_no_sentence_of_a_document_stands_in_the_tables(table: str, printed_runs: set[str]) -> None:
    frame = loading.read(table)
    for column in WORDS[table]:
        for text in frame[column].dropna():
            copied = [run for run in runs(text) if run in printed_runs]
            assert not copied, f"{table}.{column}: {copied[0]}"


def test_the_data_dictionary_is_that_of_the_data_package(project: Path) -> None:
    readme = (project / "data/README-ledger.md").read_text(encoding="utf-8")
    assert dictionary.with_dictionary(readme, dictionary.data_dictionary(packages.package_path("ledger"))) == readme


def test_every_table_of_the_package_can_be_read() -> None:
    for name in packages.table_schemas(packages.package_path("ledger")):
        assert len(loading.read(name)), name
