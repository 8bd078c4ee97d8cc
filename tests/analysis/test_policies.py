"""The policies of 1997-2022 and the policy streams: what follows from the tables, and the tables against the thesis."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from analysis import policies
from compendium.data import loading
from compendium.errors import CompendiumError


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return policies.policies()


@pytest.fixture(scope="module")
def printed(seeds: Path) -> dict[str, list[str]]:
    """Return the rows of the printed Table 1 by policy name: the six other cells, parts split by pages joined."""
    thesis = next(seeds.glob("003_*")).read_text(encoding="utf-8")
    text = thesis[thesis.index("Policy initiative\tDate") : thesis.index("Table 1 notes and sources")]
    rows: dict[str, list[str]] = {}
    name = ""
    for line in text.splitlines()[1:]:
        cells = [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in line.split("\t")]
        if len(cells) < 6:
            continue
        if cells[0]:
            name = re.sub(r"\^?\{[^}]*\}", "", cells[0]).strip(" ^")
            rows[name] = cells[1:]
        else:
            rows[name] = [" ".join(parts) for parts in zip(rows[name], [*cells[1:], "", ""], strict=False)]
    return rows


def row_of(printed: dict[str, list[str]], policy: str) -> list[str]:
    hits = [cells for name, cells in printed.items() if name.lower().startswith(policy.lower()[:24])]
    assert len(hits) == 1, policy
    return hits[0]


def test_the_table_holds_nineteen_policies_with_aims_and_partners(frame: pd.DataFrame) -> None:
    assert len(frame) == 19
    assert set(loading.read("policy_aims")["policy_id"]) == set(frame["policy_id"])
    assert set(loading.read("policy_partners")["policy_id"]) == set(frame["policy_id"])


def test_a_policy_that_ends_before_it_starts_is_refused(monkeypatch: pytest.MonkeyPatch, frame: pd.DataFrame) -> None:
    broken = frame.assign(end=frame["start"] - 1)
    monkeypatch.setattr(loading, "read", lambda name: broken)
    with pytest.raises(CompendiumError, match="ends before it starts"):
        policies.policies()


def test_timeline_draws_open_policies_to_the_last_year(frame: pd.DataFrame) -> None:
    bars = policies.timeline(frame)
    assert bars["from"].is_monotonic_increasing
    assert bars["open"].sum() == frame["end"].isna().sum() == 6
    for last in (2022, 2030):
        ends = policies.timeline(frame, last).loc[lambda table: table["open"]].set_index("policy")["to"]
        assert ends.pop("Health improvement programmes") == 1998  # the table prints its start alone
        assert (ends == last).all()


def test_policies_in_force_add_up_to_their_years(frame: pd.DataFrame) -> None:
    bars, years = policies.timeline(frame), policies.in_force(frame)
    assert years["year"].tolist() == list(range(1997, 2023))
    assert years["policies"].sum() == (bars["to"] - bars["from"] + 1).sum()
    assert years["policies"].iloc[0] == 0


def test_aims_matrix_keeps_the_printed_order(frame: pd.DataFrame) -> None:
    aims = loading.read("policy_aims")
    matrix = policies.aims_by_policy(frame, aims)
    assert matrix.index.tolist() == frame["policy"].tolist()
    assert int(matrix.to_numpy().sum()) == len(aims)
    assert matrix.loc["Crime and disorder reduction partnerships"].sum() == 1


def test_partners_are_counted_once_per_policy() -> None:
    partners = loading.read("policy_partners")
    counts = policies.partner_frequencies(partners).set_index("partner")["policies"]
    assert counts.sum() == len(partners)
    assert counts["local authorities"] == 19
    assert counts.is_monotonic_decreasing


def test_streams() -> None:
    table = policies.streams(loading.read("policy_streams")).set_index("stream")
    assert table["component"].to_dict() == {"policy": 3, "process": 6, "resources": 2}
    assert table["challenge"].to_dict() == {"policy": 4, "process": 5, "resources": 3}


def test_dates_and_numbers_against_the_thesis(frame: pd.DataFrame, printed: dict[str, list[str]]) -> None:
    assert len(printed) == len(frame)
    for row in frame.itertuples():
        dates, *rest = row_of(printed, row.policy)
        assert dates.strip() == row.date_printed, row.policy
        start, _, end = row.date_printed.partition("-")
        assert (start, end) == (str(row.start), "" if pd.isna(row.end) else str(row.end)), row.policy
        cells = " ".join(rest).replace(",", "").lower()
        words = {8: "eight"}
        if not pd.isna(row.areas):
            number = str(row.areas)
            assert re.search(rf"\b{number}\b", cells) or words.get(row.areas, "-") in cells, f"{row.policy}: {number}"
        for value in (row.population_average, row.population_min, row.population_max, row.population_total):
            if pd.isna(value):
                continue
            forms = {str(value), f"{value / 1e6:g} million", f"{value / 1e6:g}-3 million"}
            assert any(form in cells for form in forms), f"{row.policy}: {value}"


def test_streams_against_the_thesis(seeds: Path) -> None:
    thesis = next(seeds.glob("003_*")).read_text(encoding="utf-8")
    for stream, items in {"Policy": 4, "Process": 5}.items():
        row = re.search(rf"^<i>{stream} stream</i>\t([^\t]*)\t([^\t\n]*)", thesis, flags=re.MULTILINE)
        assert row
        assert len(re.findall("<p>", row.group(2))) == items
    table = loading.read("policy_streams")
    assert (table.groupby("stream")["number"].max() >= 3).all()
