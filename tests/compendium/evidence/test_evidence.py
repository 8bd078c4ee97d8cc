"""Coded evidence: what is joined, rolled up and counted agrees with counts made by hand."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compendium import settings
from compendium.errors import CompendiumError
from compendium.evidence import cooccurrence, evidence

BOOK = """code_id,code,parent,origin
aims,Aims,,inductive
vague,Vague aims,aims,inductive
broad,Broad aims,aims,inductive
money,Money,,inductive
theme,Theme of the study,,deductive
"""

SEGMENTS = """segment_id,site,speaker,sector,codes,summary,label
s1,A,Leader,nhs,theme;vague;broad,First,one
s2,A;B,Leader,nhs,aims,Second,two
s3,,Other,,money;vague,Third,three
s4,B,Other,council,,Fourth,four
"""


def written(folder: Path, book: str = BOOK, segments: str = SEGMENTS) -> tuple[Path, Path]:
    (folder / "codebook.csv").write_text(book, "utf-8")
    (folder / "segments.csv").write_text(segments, "utf-8")
    return folder / "codebook.csv", folder / "segments.csv"


@pytest.fixture
def small(tmp_path: Path) -> evidence.Evidence:
    return evidence.read("small", *written(tmp_path))


@pytest.fixture(scope="module")
def transcribed(project: Path) -> evidence.Evidence:
    folder = project / "data" / "coding"
    parts = [
        evidence.read(name, folder / name / "codebook.csv", folder / name / "segments.csv")
        for name in settings.read().studies
    ]
    return evidence.joined(parts)


# --- reading and joining -------------------------------------------------------------------------------------


def test_studies_are_named_by_folder() -> None:
    assert evidence.listed(" prucomm ,goddard") == ["prucomm", "goddard"]
    for wrong in ("", " , ", "prucomm,prucomm", "../secret", "a/b"):
        with pytest.raises(CompendiumError, match="stud"):
            evidence.listed(wrong)


def test_a_key_fits_the_results_store() -> None:
    assert evidence.key("alderwick-paper") == "paper"
    assert evidence.key("My Project_2") == "my-project-2"
    assert evidence.key("Ω") == "study"


def test_a_study_without_codes_is_refused(tmp_path: Path) -> None:
    files = written(tmp_path, segments="segment_id,codes\ns1,\n")
    with pytest.raises(CompendiumError, match="no segment of the study carries a code"):
        evidence.read("small", *files)


def test_a_coding_of_nothing_is_refused(tmp_path: Path) -> None:
    codings = tmp_path / "codings.csv"
    codings.write_text("segment_id,code_id,coder\ns1,vague,Ann\ns9,vague,Ann\n", "utf-8")
    with pytest.raises(CompendiumError, match=r"row 3, column 'segment_id'.*found s9"):
        evidence.read("small", *written(tmp_path), codings)


def test_codings_of_an_import_say_who_coded(tmp_path: Path) -> None:
    codings = tmp_path / "codings.csv"
    codings.write_text("segment_id,code_id,coder\ns1,vague,Ann\ns3,money,Bo\n", "utf-8")
    read = evidence.read("small", *written(tmp_path), codings)
    assert evidence.named_coders(read.codings) == ["Ann", "Bo"]
    assert len(read.codings) == 2


def test_segments_with_one_id_in_two_studies_stay_apart(tmp_path: Path) -> None:
    files = written(tmp_path)
    both = evidence.joined([evidence.read("one", *files), evidence.read("two", *files)])
    assert both.segments["segment_id"].is_unique
    assert evidence.counts(both, "study").loc["aims"].to_dict() == {"one": 3, "two": 3}


def test_one_code_id_for_two_codes_is_refused(tmp_path: Path) -> None:
    first = evidence.read("one", *written(tmp_path))
    other = evidence.read("two", *written(tmp_path, book=BOOK.replace("Money", "Cash")))
    with pytest.raises(CompendiumError, match=r"different name.*found money"):
        evidence.joined([first, other])


# --- the tree and the counts ---------------------------------------------------------------------------------


def test_a_segment_counts_once_for_a_branch(small: evidence.Evidence) -> None:
    assert evidence.totals(small) == {"aims": 3, "vague": 2, "theme": 1, "broad": 1, "money": 1}


def test_counts_by_site_and_sector_follow_by_hand(small: evidence.Evidence) -> None:
    by_site = evidence.counts(small, "site")
    assert by_site.attrs["segments"] == {"A": 2, "B": 2}
    assert by_site.loc[["aims", "vague", "money"]].to_numpy().tolist() == [[2, 1], [1, 0], [0, 0]]
    by_sector = evidence.counts(small, "sector")
    assert by_sector.columns.tolist() == ["NHS, unspecified", "council"]
    assert by_sector.loc["aims"].tolist() == [2, 0]


def test_the_printed_table_ends_with_all_segments(small: evidence.Evidence) -> None:
    table = evidence.count_table(small, "site")
    assert table["Code"].tolist() == [
        "Aims",
        "– Vague aims",
        "– Broad aims",
        "Money",
        "Theme of the study",
        "All codes",
    ]
    assert table["All segments"].tolist() == [3, 2, 1, 1, 1, 4]
    few = evidence.count_table(small, "site", ["broad"])
    assert few["Code"].tolist() == ["Aims", "– Broad aims", "All codes"]


def test_sites_of_two_studies_are_never_one(transcribed: evidence.Evidence) -> None:
    columns = evidence.counts(transcribed, "site").columns
    assert columns.tolist() == [
        *(f"BMJ Open paper, {site}" for site in "ABC"),
        *(f"Thesis, chapter 7, {site}" for site in "ABC"),
    ]


def test_an_unknown_grouping_is_refused(small: evidence.Evidence) -> None:
    with pytest.raises(CompendiumError, match="cannot be grouped"):
        evidence.counts(small, "weather")


def test_themes_are_those_of_the_document(transcribed: evidence.Evidence, small: evidence.Evidence) -> None:
    assert [len(evidence.themes(transcribed.codebooks[name])) for name in transcribed.studies] == [3, 5, 12, 3]
    assert evidence.themes(small.codebook) == ["theme"]
    assert evidence.themes(small.codebook.assign(origin="")) == ["aims", "money", "theme"]


def test_the_themes_of_the_paper_hold_its_segments(transcribed: evidence.Evidence) -> None:
    part = evidence.of_study(transcribed, "alderwick-paper")
    numbers = evidence.totals(part)
    assert [numbers[theme] for theme in evidence.themes(part.codebook)] == [6, 8, 11]


def test_codes_that_only_group_are_not_compared(transcribed: evidence.Evidence) -> None:
    codes = evidence.compared(transcribed)
    assert "vague-aims" in codes
    assert not any(code.startswith("cat-") for code in codes)
    with pytest.raises(CompendiumError, match="at least one code"):
        evidence.most_used(transcribed, codes, 0)


def test_most_used_keeps_the_order_of_the_tree(small: evidence.Evidence) -> None:
    assert evidence.most_used(small, ["money", "broad", "vague"], 2) == ["money", "vague"]


CODES = ["a", "a1", "a2", "a11", "b"]
TREE = pd.DataFrame({"code_id": CODES, "code": CODES, "parent": ["", "a", "a", "a1", ""]})


@given(st.lists(st.sets(st.sampled_from(CODES)), min_size=1, max_size=12))
def test_rolled_up_counts_are_those_of_the_union(codes: list[set[str]]) -> None:
    rows = [(f"s{place}", code, "") for place, held in enumerate(codes) for code in sorted(held)]
    codings = pd.DataFrame(rows, columns=["segment_id", "code_id", "coder"])
    rolled = evidence.rolled_up(codings, TREE)
    below = {"a": {"a", "a1", "a2", "a11"}, "a1": {"a1", "a11"}, "a2": {"a2"}, "a11": {"a11"}, "b": {"b"}}
    for code, branch in below.items():
        assert (rolled["code_id"] == code).sum() == sum(bool(held & branch) for held in codes)


# --- codes that meet -----------------------------------------------------------------------------------------


def test_pairs_leave_out_a_code_and_its_parent(small: evidence.Evidence) -> None:
    matrix = cooccurrence.cooccurrence(small, ["aims", "vague", "broad", "money"])
    assert matrix.to_numpy().tolist() == [[3, 2, 1, 1], [2, 2, 1, 1], [1, 1, 1, 0], [1, 1, 0, 1]]
    pairs = cooccurrence.pairs(matrix, small.codebook)
    found = {(a, b): (both, either) for a, b, both, either, _ in pairs.itertuples(index=False)}
    assert found == {("vague", "broad"): (1, 2), ("vague", "money"): (1, 2), ("aims", "money"): (1, 3)}
    assert pairs["jaccard"].tolist() == [0.5, 0.5, pytest.approx(1 / 3)]


# --- segments and coders -------------------------------------------------------------------------------------


def test_the_appendix_lists_every_segment_once_by_theme(transcribed: evidence.Evidence) -> None:
    table = evidence.segment_table(transcribed, "alderwick-paper")
    assert len(table) == 25
    assert table["Theme"].drop_duplicates().tolist() == [
        "Varied and vague interpretations",
        "Healthcare versus health inequalities",
        "Threaded throughout or crowded out?",
    ]
    assert (table["Words of the speaker"].str.split().str.len() <= 8).all()
    assert (
        table.loc[table["Segment"] == "paper-09", "Codes"].item().startswith("Focus on health care; Tension over roles")
    )


def test_columns_that_are_blank_throughout_are_left_out(transcribed: evidence.Evidence) -> None:
    assert "Site" not in evidence.segment_table(transcribed, "prucomm")


def test_no_reliability_is_claimed_for_one_coder(transcribed: evidence.Evidence) -> None:
    table, sentence = evidence.coder_agreement(transcribed, "prucomm")
    assert table is None
    assert "no agreement" in sentence


def test_two_coders_of_one_document_are_compared(tmp_path: Path) -> None:
    codings = tmp_path / "codings.csv"
    codings.write_text("segment_id,code_id,coder\ns1,vague,Ann\ns1,vague,Bo\ns3,money,Bo\n", "utf-8")
    table, sentence = evidence.coder_agreement(evidence.read("small", *written(tmp_path), codings), "small")
    assert table is not None
    assert table.set_index("code_id").loc["vague", "percent_agreement"] == 100
    assert sentence.startswith("2 coders; agreement is by segment")


def test_an_unknown_study_is_named(small: evidence.Evidence) -> None:
    with pytest.raises(CompendiumError, match=r"not among the evidence; found other, expected small"):
        evidence.of_study(small, "other")
