"""People behind segments: codes and names are counted, roles only from below."""

from __future__ import annotations

from itertools import combinations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compendium import settings
from compendium.errors import CompendiumError
from compendium.evidence import evidence, speakers

ROLES = ("alderwick-paper", "alderwick-ch7")


def segments(rows: list[tuple[str, str, str]], study: str = "x") -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["site", "sector", "speaker"])
    return frame.assign(study=study, document="d", segment_id=[f"s{i}" for i in range(len(frame))])


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        (("A", "nhs"), ("B", "nhs"), True),
        (("A", "nhs"), ("", "nhs"), False),
        (("A", "nhs"), ("A", "nhs-icb"), False),
        (("A", "nhs-provider"), ("A", "nhs-icb"), True),
        (("", "nhs"), ("", "public-health"), True),
        (("A", "local-authority"), ("A", "social-care"), False),
        (("A", "not-stated"), ("A", "nhs"), False),
        (("A", "not-stated"), ("B", ""), True),
    ],
)
def test_which_labels_cannot_be_one_person(one: tuple[str, str], other: tuple[str, str], apart: bool) -> None:
    assert speakers.different(one, other, BROAD) is apart
    assert speakers.different(other, one, BROAD) is apart


def test_a_label_that_may_repeat_another_adds_nobody() -> None:
    labels = [("A", "nhs-icb"), ("A", "nhs"), ("", "nhs-icb"), ("A", "not-stated")]
    assert speakers.fewest_behind(labels, BROAD) == 1
    assert speakers.fewest_behind([*labels, ("", "public-health")], BROAD) == 2
    assert speakers.fewest_behind([]) == 0


BROAD = {"nhs": ["nhs-icb", "nhs-provider"], "local-authority": ["public-health", "social-care"]}
SECTORS = ["nhs", "nhs-icb", "nhs-provider", "public-health", "local-authority", "not-stated"]
LABELS = st.lists(st.tuples(st.sampled_from(["", "A", "B"]), st.sampled_from(SECTORS)), max_size=9)


@given(LABELS)
def test_the_bound_is_the_largest_set_of_labels_all_apart(labels: list[tuple[str, str]]) -> None:
    distinct = sorted(set(labels))
    largest = max(
        size
        for size in range(len(distinct) + 1)
        for chosen in combinations(distinct, size)
        if all(speakers.different(a, b, BROAD) for a, b in combinations(chosen, 2))
    )
    assert speakers.fewest_behind(labels, BROAD) == largest


@given(st.lists(st.tuples(st.sampled_from("AB"), st.sampled_from(["nhs-icb", "public-health"])), max_size=12))
def test_the_bound_never_exceeds_the_people_there_are(people: list[tuple[str, str]]) -> None:
    vague = [label for site, sector in people for label in ((site, sector), (site, "not-stated"), ("", sector))]
    assert speakers.fewest_behind(vague, BROAD) <= len(people)


def test_names_are_people_and_blank_is_nobody() -> None:
    frame = segments([("", "", "Ann"), ("", "", "Bo "), ("", "", "Bo"), ("", "", "")])
    assert speakers.fewest(frame, ROLES) == 2


def test_a_study_without_speakers_goes_by_its_documents() -> None:
    frame = segments([("", "", ""), ("", "", "")]).assign(document=["one", "two"])
    assert speakers.fewest(frame, ROLES) == 2


def test_spellings_of_one_code_are_one_speaker() -> None:
    spellings = pd.DataFrame({"study": "x", "printed": ["[N01a]", "N1"], "speaker_id": "N001"})
    assert speakers.fewest(segments([("", "", "[N01a]"), ("", "", "N1")]), ROLES, spellings) == 1
    with pytest.raises(CompendiumError, match=r"row s0, column 'speaker'.*found N2"):
        speakers.fewest(segments([("", "", "N2")]), ROLES, spellings)


def test_two_studies_are_not_counted_together() -> None:
    both = pd.concat([segments([("A", "nhs", "x")], "one"), segments([("A", "nhs", "x")], "two")])
    with pytest.raises(CompendiumError, match="several studies"):
        speakers.fewest(both, ROLES)


def test_names_taken_for_roles_are_refused() -> None:
    with pytest.raises(CompendiumError, match="too many labels"):
        speakers.fewest_behind((str(n), "nhs") for n in range(100))


@pytest.fixture(scope="module")
def themes(project) -> tuple[pd.DataFrame, pd.DataFrame]:
    folder = project / "data/coding"
    parts = [
        evidence.read(n, folder / n / "codebook.csv", folder / n / "segments.csv") for n in settings.read().studies
    ]
    spellings = pd.read_csv(folder / "speakers.csv", dtype=str, keep_default_na=False)
    both = evidence.joined(parts)
    return speakers.overview(both, ROLES, spellings), speakers.behind_themes(both, ROLES, spellings)


def test_bounds_stay_below_the_printed_sample(themes, project) -> None:
    held, behind = themes
    people = pd.read_csv(project / "data/published/interviewees.csv")["interviewees"].sum()
    bounds = held.set_index("study")["speakers"]
    assert 0 < bounds["alderwick-paper"] <= bounds["alderwick-ch7"] <= people
    # the printed codes reduce to 8 national and 35 local speakers (README of the coded evidence)
    assert bounds["prucomm"] == 43
    by_study = behind.groupby("study")["speakers"].max()
    assert (by_study <= bounds[by_study.index]).all()


def test_themes_name_their_sites_and_count_their_segments(themes) -> None:
    _, behind = themes
    first = behind.set_index("code_id").loc["paper-varied-vague"]
    # by hand: four of six segments name a site; NHS in A and C, a council in C
    assert (first["segments"], first["speakers"], first["sites"], first["without_site"]) == (6, 3, "A, C", 2)
    assert behind.set_index("code_id").loc["pr-m6", ["segments", "speakers"]].tolist() == [0, 0]
