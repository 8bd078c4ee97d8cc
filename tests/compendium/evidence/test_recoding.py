"""The second coding: drawn by a recorded seed, blind by its listing, and its agreement known by hand."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from compendium.errors import CompendiumError
from compendium.evidence import recoding

BOOKS = {
    "talks": pd.DataFrame(
        {"code_id": ["part", "money", "funds", "time"], "code": ["Part", "Money", "Funds", "Time"]}
        | {"parent": ["", "", "money", ""]}
    )
}


def codings(*codes: str) -> pd.DataFrame:
    """Return segments s0, s1, ... of one study; every one stands in the section 'part'."""
    return pd.DataFrame(
        {"study": "talks", "segment_id": [f"s{n}" for n in range(len(codes))]}
        | {"codes": [f"part;{one}" if one else "part" for one in codes]}
    )


@settings(max_examples=40, deadline=None)
@given(sizes=st.lists(st.integers(1, 30), min_size=1, max_size=4), share=st.floats(0, 1), seed=st.integers(0, 999))
def test_a_drawing_takes_its_share_of_each_study_without_repeats(sizes: list[int], share: float, seed: int) -> None:
    rows = [(f"study{n}", f"{n}-{place}") for n, size in enumerate(sizes) for place in range(size)]
    segments = pd.DataFrame(rows, columns=["study", "segment_id"])
    ids = recoding.drawn(segments, share, seed)
    assert ids == recoding.drawn(segments, share, seed)
    assert ids == [one for _, one in rows if one in set(ids)], "in the order of the documents, each once"
    for n, size in enumerate(sizes):
        assert abs(sum(one.startswith(f"{n}-") for one in ids) - size * share) <= 0.5 + 1e-9


def test_the_listing_shows_places_and_nothing_of_the_first_coding() -> None:
    seen = {name: ["x", "y"] for name in ("document", "section", "place", "kind", "speaker", "words", "label")}
    segments = codings("funds", "time").assign(**seen, summary="Says.", sector="nhs", overlap="", coder="Robin")
    listing = recoding.worksheet(segments, ["s1"])
    assert listing.iloc[0].to_dict() == {"segment_id": "s1", "study": "talks"} | dict.fromkeys(seen, "y")


def test_a_package_that_records_no_drawing_is_named(tmp_path: Path) -> None:
    file = tmp_path / "datapackage.json"
    file.write_text(json.dumps({"resources": [{"name": "recoding", "drawing": {"share": 0.5}}]}), "utf-8")
    with pytest.raises(CompendiumError, match="the drawing of the second coding is not recorded"):
        recoding.drawing(file)


def test_section_codes_and_headings_are_told_from_codes_given_by_reading() -> None:
    decided = recoding.decisions(codings("funds", "time", ""), codings("funds", "funds"), BOOKS)
    assert set(decided["code_id"]) == {"part", "funds", "time"}, "no segment carries the heading Money"
    assert set(decided.loc[decided["kind"] == "section", "code_id"]) == {"part"}
    assert len(decided) == 6
    assert recoding.differing(decided).to_numpy().tolist() == [["talks", "s1", "time", "funds"]]


@pytest.mark.parametrize("code", ["unheard", "Funds"])
def test_a_code_that_the_codebook_lacks_is_refused(code: str) -> None:
    with pytest.raises(CompendiumError, match=f"row s0: .* not known; found .*{code}"):
        recoding.decisions(codings("funds"), codings(code), BOOKS)


def test_stability_of_a_textbook_table() -> None:
    """Of 50 decisions on 'funds' 20 are twice yes, 5 and 10 once, 15 twice no: 70% agreement, kappa 0.4."""
    one = codings(*["funds"] * 25, *["time"] * 25)
    other = codings(*["funds"] * 20, *["time"] * 5, *["funds"] * 10, *["time"] * 15)
    table = recoding.stability(recoding.decisions(one, other, BOOKS), replicates=400).set_index("code_id")
    found = table.loc["funds"]
    assert (found["units"], found["first"], found["second"], found["both"]) == (50, 25, 30, 20)
    assert found["percent_agreement"] == pytest.approx(70)
    assert found["cohen_kappa"] == pytest.approx(0.4)
    assert found["agreement_on_use"] == pytest.approx(100 * 40 / 55)
    assert found["kappa_low"] < 0.4 < found["kappa_high"]
    wilson = binomtest(35, 50).proportion_ci(method="wilson")
    assert (found["low"], found["high"]) == pytest.approx((100 * wilson.low, 100 * wilson.high))
    pooled = table.loc[recoding.READING].iloc[0]
    assert pooled["units"] == 100, "both codes given by reading, not the section's"
    assert (pooled["low"], pooled["high"]) != (found["low"], found["high"])
    assert 70 - 15 < pooled["low"] < 70 < pooled["high"] < 70 + 15
    section = table.loc[recoding.SECTION]
    assert (section["units"], section["percent_agreement"]) == (50, 100)
    assert np.isnan(section["low"]), "it follows from the place"


def test_the_bootstrap_keeps_each_study_at_its_size() -> None:
    """Where the codings differ on every segment of one study and none of another, nothing varies between draws."""
    rows = [("a", f"a{n}", "x", True, False) for n in range(6)] + [("b", f"b{n}", "x", True, True) for n in range(6)]
    decided = pd.DataFrame(rows, columns=["study", "segment_id", "code_id", "first", "second"]).assign(kind="reading")
    pooled = recoding.stability(decided, replicates=50).iloc[0]
    assert (pooled["low"], pooled["percent_agreement"], pooled["high"]) == (50, 50, 50)


def test_a_code_on_few_segments_gets_no_interval_of_kappa() -> None:
    one, other = codings("funds", "time", *["funds"] * 3), codings("time", "time", *["funds"] * 3)
    table = recoding.stability(recoding.decisions(one, other, BOOKS), replicates=50).set_index("code_id")
    assert np.isnan(table.loc["funds", "kappa_low"])
    assert table.loc["funds", "cohen_kappa"] == pytest.approx(6 / 11)
    printed = recoding.printed(table.reset_index(), {"funds": "Funds"}, str.title).set_index("Code")
    assert printed.loc["Funds", "Interval of kappa"] == ""
    assert printed.index[:2].tolist() == ["All codes given by reading", "Talks: codes given by reading"]
    assert printed.loc["Funds", "Interval"] == "37.6 to 96.4"
