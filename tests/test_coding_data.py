"""The coded evidence agrees with its schema and with itself; nothing in it names a place."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from difflib import SequenceMatcher
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from compendium.evidence import codebook as codebooks
from compendium.evidence import segments as segment_tables

CODING = Path(__file__).resolve().parent.parent / "data" / "coding"
STUDIES = ("alderwick-paper", "alderwick-ch7", "prucomm", "goddard")
COUNTS = {
    "alderwick-paper": {"displayed": 15, "inline": 10},
    "alderwick-ch7": {"displayed": 35, "inline": 34},
    "prucomm": {"displayed": 118, "inline": 2},
    "goddard": {"inline": 23},
}
PACKAGE: dict[str, Any] = json.loads((CODING / "datapackage.json").read_text(encoding="utf-8"))
RESOURCES: dict[str, dict[str, Any]] = {resource["name"]: resource for resource in PACKAGE["resources"]}


def table(name: str) -> pd.DataFrame:
    """Return a table of the package as strings, blank for missing."""
    return pd.read_csv(CODING / RESOURCES[name]["path"], dtype=str, keep_default_na=False)


def segments(study: str) -> pd.DataFrame:
    """Return the segments of a study."""
    return table(f"{study}-segments")


def all_segments() -> pd.DataFrame:
    """Return the segments of all studies."""
    return pd.concat([segments(study) for study in STUDIES], ignore_index=True)


def plain(text: str) -> str:
    """Return text with straight quotation marks, three dots for omissions and single spaces."""
    for curly, straight in (("’", "'"), ("‘", "'"), ("“", '"'), ("”", '"'), ("…", "..."), ("*", "")):
        text = text.replace(curly, straight)
    return " ".join(text.split())


def words(text: str) -> list[str]:
    """Return the words of a quotation, counted by the rule of the README."""
    return re.findall(r"[^\W_]+(?:['.,/-][^\W_]+)*", plain(text))


def longest_run(first: list[str], second: list[str]) -> int:
    """Return the length of the longest run of words in both lists."""
    match = SequenceMatcher(None, first, second, autojunk=False).find_longest_match()
    return match.size


# --- schema -------------------------------------------------------------------------------------------------------


def columns_of(reference: dict[str, Any], key: str) -> list[str]:
    """Return one or several field names as a list."""
    return [reference[key]] if isinstance(reference[key], str) else list(reference[key])


def keys(frame: pd.DataFrame, columns: list[str]) -> list[tuple[str, ...]]:
    """Return the values of ``columns`` row by row."""
    return list(frame[columns].itertuples(index=False, name=None))


def test_the_package_names_every_table_once() -> None:
    paths = [resource["path"] for resource in PACKAGE["resources"]]
    assert sorted(paths) == sorted(path.relative_to(CODING).as_posix() for path in CODING.rglob("*.csv"))
    assert len(RESOURCES) == len(PACKAGE["resources"])


@pytest.mark.parametrize("name", RESOURCES)
def test_table_keeps_its_schema(name: str) -> None:
    schema = RESOURCES[name]["schema"]
    frame = table(name)
    assert list(frame.columns) == [field["name"] for field in schema["fields"]]
    assert len(frame)
    for field in schema["fields"]:
        values = frame[field["name"]]
        constraints = field.get("constraints", {})
        filled = values[values != ""]
        assert field["description"].endswith(".")
        assert not constraints.get("required") or (values != "").all(), field["name"]
        assert not constraints.get("unique") or filled.is_unique, field["name"]
        assert set(filled) <= set(constraints.get("enum", filled)), field["name"]
        if "pattern" in constraints:
            assert filled.map(lambda value, p=constraints["pattern"]: bool(re.fullmatch(p, value))).all(), field["name"]
        if field["type"] in {"integer", "year"}:
            numbers = filled.astype(int)
            assert (numbers >= constraints.get("minimum", numbers.min())).all(), field["name"]
            assert (numbers <= constraints.get("maximum", numbers.max())).all(), field["name"]
        else:
            assert field["type"] == "string"


@pytest.mark.parametrize("name", RESOURCES)
def test_keys_point_to_rows_that_exist(name: str) -> None:
    schema = RESOURCES[name]["schema"]
    frame = table(name)
    assert len(set(keys(frame, schema["primaryKey"]))) == len(frame)
    for foreign in schema.get("foreignKeys", []):
        columns = columns_of(foreign, "fields")
        target = foreign["reference"]["resource"] or name
        known = set(keys(table(target), columns_of(foreign["reference"], "fields")))
        lists = {field["name"]: field["list"]["separator"] for field in schema["fields"] if "list" in field}
        wanted = {key for key in keys(frame, columns) if all(key)}
        if len(columns) == 1 and columns[0] in lists:  # each member points
            wanted = {(part,) for (held,) in wanted for part in held.split(lists[columns[0]])}
        assert wanted <= known, f"{columns}: {sorted(wanted - known)[:5]}"
    for field in schema["fields"]:
        if "list" not in field:
            continue
        held = [part for value in frame[field["name"]] if value for part in value.split(field["list"]["separator"])]
        assert all(part == part.strip() and part for part in held)
        if "values" in field["list"]:
            assert set(held) <= set(field["list"]["values"]), field["name"]
    lists = {field["name"] for field in schema["fields"] if "list" in field}
    for reference in schema.get("references", []):
        there = frame[(frame[reference["fields"]] != "").all(axis=1)]
        for name in lists & set(reference["fields"]):
            there = there.assign(**{name: there[name].str.split(";")}).explode(name)
        told = reference["reference"]
        known = {key for target in told["resource"] for key in keys(table(target), told["fields"])}
        assert set(keys(there, reference["fields"])) <= known, reference["fields"]


def test_tables_are_plain_utf8_csv() -> None:
    for path in CODING.rglob("*.csv"):
        content = path.read_bytes()
        assert b"\r" not in content, path.name
        assert content.endswith(b"\n"), path.name
        for row in csv.reader(content.decode("utf-8").splitlines()):
            assert all(cell == cell.strip() and "  " not in cell and "\t" not in cell for cell in row), (path.name, row)


def test_readme_describes_every_file_and_column() -> None:
    text = (CODING / "README.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^### `([^`]+)`\n(.*?)(?=^### |\Z)", text, re.M | re.S))
    for resource in PACKAGE["resources"]:
        path = re.sub(rf"^(?:{'|'.join(STUDIES)})/", "STUDY/", resource["path"])
        described = re.findall(r"^\| `(\w+)` \| (\w+) \|", sections[path], re.M)
        assert described == [(field["name"], field["type"]) for field in resource["schema"]["fields"]], path


# --- the tables among themselves ----------------------------------------------------------------------------------


@pytest.mark.parametrize("study", STUDIES)
def test_notebooks_can_read_the_study(study: str) -> None:
    book = codebooks.load(CODING / study / "codebook.csv")
    coded = segment_tables.check(segment_tables.load(CODING / study / "segments.csv"), codebook=book)
    assert coded["kind"].value_counts().to_dict() == COUNTS[study]


@pytest.mark.parametrize("study", STUDIES)
def test_every_segment_has_a_theme_of_its_document_and_codes_of_ours(study: str) -> None:
    origin = table(f"{study}-codebook").set_index("code_id")["origin"]
    for row in segments(study).itertuples():
        origins = [origin[code] for code in row.codes.split(";")]
        assert origins[0] == "deductive", row.segment_id
        assert "inductive" in origins, row.segment_id
        assert len(set(row.codes.split(";"))) == len(origins), row.segment_id


@pytest.mark.parametrize("study", STUDIES)
def test_inductive_codes_are_used_and_mean_the_same_everywhere(study: str) -> None:
    book = table(f"{study}-codebook")
    used = {code for codes in segments(study)["codes"] for code in codes.split(";")}
    parents = set(book["parent"])
    ours = book[book["origin"] == "inductive"]
    assert set(ours["code_id"]) <= used | parents
    for other in STUDIES:
        both = ours.merge(table(f"{other}-codebook"), on="code_id", suffixes=("", "_other"))
        for column in ("code", "parent", "definition", "origin"):
            assert (both[column] == both[f"{column}_other"]).all(), (other, column)
        titles = set(table(f"{other}-codebook")["code"])
        for one, two in zip(both["not_use"], both["not_use_other"], strict=True):
            told = {clause.partition(":")[0].casefold() for clause in two.split("; ")}
            for clause in one.split("; "):
                known = set(re.findall(r"“([^”]+)”", clause)) <= titles
                assert not known or clause.partition(":")[0].casefold() in told, (other, clause, two)


@pytest.mark.parametrize("study", STUDIES)
def test_every_code_can_be_applied_by_another_coder(study: str) -> None:
    """Each says when to use it, which other code of this codebook to use instead, and shows a typical segment."""
    book = codebooks.load(CODING / study / "codebook.csv")
    titles = set(book["code"])
    held = {row.segment_id: row.codes.split(";") for row in segments(study).itertuples()}
    for row in book.itertuples():
        named = re.findall(r"“([^”]+)”", row.not_use)
        assert set(named) - {row.code}, row.code_id
        assert {*named, *re.findall(r"“([^”]+)”", row.use)} <= titles, row.code_id
        assert len({row.definition, row.use, row.not_use}) == 3, row.code_id
        carry = {
            segment for segment, codes in held.items() if set(codes) & set(codebooks.descendants(book, row.code_id))
        }
        assert row.typical in carry or (not row.typical and not carry), row.code_id
    assert book["use"].map(lambda use: len(use.split()) >= 5).all()


def test_the_codes_a_check_could_not_tell_apart_name_one_another() -> None:
    book = table("prucomm-codebook").set_index("code_id")
    for code, neighbours in {
        "framework-helps": ("core20plus5", "framework-limits"),
        "framework-limits": ("core20plus5", "framework-helps"),
        "programmes": ("prevention",),
        "prevention": ("programmes",),
    }.items():
        for neighbour in neighbours:
            assert f"“{book.loc[neighbour, 'code']}”" in book.loc[code, "not_use"], (code, neighbour)
    for below in ("framework-helps", "framework-limits"):
        assert f"“{book.loc[below, 'code']}”" in book.loc["core20plus5", "use"]


def test_summaries_and_labels_keep_their_length() -> None:
    coded = all_segments()
    assert coded["summary"].str.split().str.len().max() <= 25
    assert coded["summary"].str.split().str.len().min() >= 4
    assert coded["label"].map(lambda label: len(words(label))).between(1, 8).all()
    conflicts = table("conflicts")
    for column in ("printed_a", "printed_b"):
        assert (conflicts[column].map(lambda label: len(words(label))) <= 8).all()


def test_summaries_are_not_labels() -> None:
    for row in all_segments().itertuples():
        quoted = [word.lower() for word in words(row.label)]
        said = [word.lower() for word in words(row.summary)]
        assert len(quoted) < 4 or longest_run(quoted, said) < len(quoted), row.segment_id


@pytest.mark.parametrize("study", STUDIES)
def test_places_count_segments_within_their_section(study: str) -> None:
    seen: Counter[tuple[str, str]] = Counter()
    for row in segments(study).itertuples():
        seen[row.section, row.kind] += 1
        assert row.place == f"{row.section}, {row.kind} {seen[row.section, row.kind]}"


@pytest.mark.parametrize("study", STUDIES)
def test_segments_are_numbered_in_order(study: str) -> None:
    numbers = segments(study)["segment_id"].str.extract(r"-(\d+)$")[0].astype(int)
    assert list(numbers) == list(range(1, len(numbers) + 1))


def test_sector_follows_the_printed_label() -> None:
    sectors = table("sectors")
    leads = {words_: row.sector for row in sectors.itertuples() for words_ in row.printed_words.split(";")}
    pronouns = table("antecedents").set_index("segment_id")
    for row in pd.concat([segments("alderwick-paper"), segments("alderwick-ch7")]).itertuples():
        if row.segment_id in pronouns.index:
            pronoun = pronouns.loc[row.segment_id]
            assert (row.speaker, row.sector, row.site) == (pronoun["printed"], pronoun["sector"], pronoun["site"])
            continue
        matching = [words_ for words_ in leads if words_.lower() in row.speaker.lower() and "[" not in words_]
        if row.sector == "not-stated":
            assert not [words_ for words_ in matching if leads[words_] != "not-stated"], row.segment_id
        else:
            assert leads[max(matching, key=len)] == row.sector, row.segment_id
        site = re.search(r"ICS ([ABC])$", row.speaker)
        assert row.site == (site.group(1) if site else ""), row.segment_id


def normalised(printed: str) -> str:
    """Return the speaker code or plan number that a printed spelling stands for, by the rule of the README."""
    plan = re.fullmatch(r"\[ICS ?(\d+)\]", printed)
    if plan:
        return f"plan-{int(plan.group(1)):02d}"
    code = re.sub(r"_.*", "", printed.strip("()[]"))
    letter, digits = re.fullmatch(r"([PN])o?(\d+)[A-Za-z]{2}", code).groups()  # type: ignore[union-attr]
    if re.match("No", code):
        digits = f"0{digits}"
    return f"{letter}{int(digits):03d}"


def test_speaker_codes_follow_the_spelling_rule() -> None:
    speakers = table("speakers")
    coded = all_segments()
    for row in speakers[speakers["speaker_id"] != ""].itertuples():
        assert normalised(row.printed) == row.speaker_id
        used = coded[(coded["study"] == row.study) & (coded["speaker"] == row.printed)]
        assert len(used) == int(row.segments), row.printed
        assert set(used["sector"]) <= {row.sector}, row.printed
    sectors = speakers[speakers["speaker_id"] != ""].groupby("speaker_id")["sector"].nunique()
    assert (sectors == 1).all()
    national = speakers[speakers["speaker_id"].str.startswith("P")]
    assert sorted(national["speaker_id"].unique()) == [f"P{number:03d}" for number in range(1, 9)]
    assert set(national["sector"]) == {"national"}


def test_unsure_speakers_are_those_with_two_endings() -> None:
    speakers = table("speakers")
    codes = speakers[speakers["speaker_id"].str.match(r"[PN]\d")]
    ending = codes["printed"].str.extract(r"\d([A-Za-z]{2})")[0].str.lower().str.replace("ni", "nl")
    endings = ending.groupby(codes["speaker_id"]).nunique()
    assert set(endings[endings > 1].index) == set(codes[codes["certainty"] == "unsure"]["speaker_id"])


def test_overlaps_and_segments_name_each_other() -> None:
    coded = all_segments()
    study = coded.set_index("segment_id")["study"]
    named = {overlap: list(group["segment_id"]) for overlap, group in coded[coded["overlap"] != ""].groupby("overlap")}
    for row in table("overlaps").itertuples():
        members = row.segments.split(";")
        assert sorted(named.pop(row.overlap)) == sorted(members)
        assert len({study[member] for member in members}) == (2 if row.kind == "across" else 1)
    assert not named


def test_conflicts_stand_where_their_segments_stand() -> None:
    coded = all_segments().set_index("segment_id")
    for row in table("conflicts").itertuples():
        for side in "ab":
            segment = getattr(row, f"segment_{side}")
            if segment:
                assert coded.loc[segment, "place"] == getattr(row, f"place_{side}"), row.conflict_id
                assert coded.loc[segment, "document"] == getattr(row, f"document_{side}"), row.conflict_id
        if row.kind == "extent":
            for side in "ab":
                assert coded.loc[getattr(row, f"segment_{side}"), "words"] + " words" == getattr(row, f"printed_{side}")
        if row.segment_a and row.segment_b and row.kind not in {"speaker", "site"}:
            assert coded.loc[row.segment_a, "overlap"] == coded.loc[row.segment_b, "overlap"] != "", row.conflict_id


def test_every_overlap_across_documents_is_checked_for_conflicts() -> None:
    coded = all_segments()
    across = set(coded[coded["overlap"].str.startswith("across")]["segment_id"])
    conflicts = table("conflicts")
    assert across <= set(conflicts["segment_a"]) | set(conflicts["segment_b"])


def test_triangulation_is_a_full_matrix_with_its_evidence() -> None:
    matrix = table("triangulation")
    study = all_segments().set_index("segment_id")["study"]
    for _, cells in matrix.groupby("theme_id"):
        assert list(cells["study"]) == list(STUDIES)
        assert cells["statement"].nunique() == 1
    for row in matrix.itertuples():
        held = [segment for segment in row.segments.split(";") if segment]
        assert all(study[segment] == row.study for segment in held), row
        assert (row.verdict == "silent") == (not held and not row.place), row
        mentioned = re.findall(r"\b(?:paper|ch7|pru|god)-\d+\b", row.reason)
        assert all(study[segment] == row.study for segment in mentioned), row
    assert set(matrix["verdict"]) == {"agree", "partial", "silent", "contradict"}


def test_frameworks_have_their_known_shape() -> None:
    flow = table("goddard-sample-flow")
    plans = list(flow["plans"].astype(int))
    assert plans == [42, 35, 23]
    assert list(flow["change"].astype(int))[1:] == [after - before for before, after in pairwise(plans)]
    assert len(table("paper-themes")) == len(table("goddard-themes")) == len(table("policy-alignments")) == 3
    assert table("policy-streams")["stream_id"].nunique() == 3
    assert len(table("umbrella-domains")) == 5
    assert list(table("prucomm-mechanisms")["code_id"]) == [f"pr-m{number}" for number in range(1, 9)]
    assert table("ch7-table-3").groupby("domain_id").size().to_dict() == dict.fromkeys(
        set(table("umbrella-domains")["domain_id"]) - {"external-factors"}, 3
    )
    assert table("ch7-table-4").groupby("focus_id").size().to_list() == [2] * 5


def test_frameworks_agree_with_the_tables_as_printed(project: Path) -> None:
    published = project / "data" / "published"
    wanted = ("national_policy_influence", "initiatives", "policy_streams", "prucomm_mechanisms", "goddard_sample")
    missing = [name for name in wanted if not (published / f"{name}.csv").exists()]
    if missing:
        pytest.skip(f"not transcribed yet: {', '.join(missing)}")
    influence, initiatives, streams, mechanisms, sample = (pd.read_csv(published / f"{name}.csv") for name in wanted)
    domains = table("umbrella-domains").set_index("domain_id")["domain"].str.lower()
    shown = table("ch7-table-3")
    assert list(zip(shown["domain_id"].map(domains), shown["direction"], strict=True)) == list(
        zip(influence["domain"], influence["direction"], strict=True)
    )
    assert list(table("ch7-table-4")["focus"].str.lower()) == list(initiatives["focus"])
    parts = table("policy-streams")
    counted = parts[parts["kind"] != "definition"].groupby(["stream_id", "kind"]).size()
    assert counted.to_dict() == streams.groupby(["stream", "kind"]).size().to_dict()
    assert list(table("prucomm-mechanisms")["order"].astype(int)) == list(mechanisms["number"])
    assert set(table("goddard-sample-flow")["plans"].astype(int)) <= set(sample["plans"])


def test_domain_links_join_different_domains() -> None:
    links = table("ch7-domain-links")
    assert (links["from_domain"] != links["to_domain"]).all()
    shown = links[links["kind"] == "table-3"]
    assert set(shown["from_domain"]) == {"external-factors"}
    assert set(shown["to_domain"]) == set(table("ch7-table-3")["domain_id"])


def test_programme_cells_follow_from_level_and_actor() -> None:
    cells = table("buzelli-cells").set_index(["level", "actor"])["cell_id"].to_dict()
    for row in table("prucomm-programmes").itertuples():
        expected = cells.get((row.level, row.actor), "")
        if row.level == row.actor == "none" and row.printed_class == "Not an intervention":
            expected = ""
        assert row.cell_id == expected, row.programme_id
        printed = row.printed_class.lower()
        assert ("individual" in printed) == (row.level in {"individual", "both"})
        assert ("population" in printed) == (row.level in {"population", "both"})
        assert ("nhs alone" in printed) == (row.actor == "nhs-alone")


# --- anonymity ----------------------------------------------------------------------------------------------------


def test_no_site_of_prucomm_and_no_area_is_named(project: Path) -> None:
    assert set(segments("prucomm")["site"]) == {""}
    areas = project / "data" / "published" / "areas.csv"
    generic = {"and", "the", "of", "east", "west", "north", "south", "central", "mid", "coast", "vale", "black"}
    generic |= {"country", "integrated", "care", "system", "partnership", "health", "greater", "great", "together"}
    generic |= {"better", "our", "healthier", "nhs", "ics", "board", "united", "river"}
    with areas.open(encoding="utf-8") as handle:
        named = {
            word
            for row in csv.DictReader(handle)
            for column, value in row.items()
            if column in {"ics_name", "nhs_region"}
            for word in re.findall(r"[A-Za-z]{3,}", value.lower())
        } - generic
    assert len(named) > 40
    for path in [*CODING.rglob("*.csv"), CODING / "README.md", CODING / "datapackage.json"]:
        text = path.read_text(encoding="utf-8")
        places = named & set(re.findall(r"[a-z]{3,}", text.lower().replace("london school", "")))
        assert not places, (path.name, places)
