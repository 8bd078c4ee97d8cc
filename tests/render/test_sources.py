"""Sources: how configurations merge, what shortcodes become, and where every line of a document was written."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compendium.errors import CompendiumError
from compendium.render.sources import (
    Line,
    Project,
    expand,
    flattened,
    front_matter,
    load_project,
    merge,
    parse_yaml,
    substitute,
)

VALUES = st.recursive(
    st.integers() | st.text(max_size=5), lambda inner: st.dictionaries(st.text(max_size=3), inner, max_size=3)
)
MAPPINGS = st.dictionaries(st.text(max_size=3), VALUES, max_size=4)


@given(MAPPINGS, MAPPINGS)
def test_merging_keeps_every_key_and_the_later_value_wins(base: dict, over: dict) -> None:
    merged = merge(base, over)
    assert merged.keys() == base.keys() | over.keys()
    for key, value in over.items():
        if not isinstance(value, dict):
            assert merged[key] == value
    assert merge(base, {}) == base
    assert merge(merged, over) == merged


def test_lists_join_and_scalars_replace() -> None:
    assert merge({"a": [1, 2], "b": {"c": 1, "d": 2}}, {"a": [2, 3], "b": {"c": 9}}) == {
        "a": [1, 2, 3],
        "b": {"c": 9, "d": 2},
    }


def project_with(variables: dict, tmp_path: Path = Path("nowhere")) -> Project:
    project = Project(tmp_path, "paper", {})
    project.__dict__["variables"] = variables
    return project


@given(st.text(alphabet=st.characters(exclude_characters="{}\n\r", exclude_categories=["Cs"]), max_size=30))
def test_a_line_without_shortcodes_stays_as_it_is(text: str) -> None:
    assert substitute(Line(text, "x.qmd", 1), project_with({}), {}) == text


@given(st.text(alphabet="abc0123456789.%,–", min_size=1, max_size=10))
def test_a_variable_prints_its_value(value: str) -> None:
    line = Line("It is {{< var a.b >}}, {{<var a.b>}}; not {{{< var a.b >}}}.", "x.qmd", 1)
    found = substitute(line, project_with({"a": {"b": value}}), {})
    assert found == f"It is {value}, {value}; not {{{{< var a.b >}}}}."


def test_a_misspelt_variable_is_answered_with_the_nearest() -> None:
    with pytest.raises(CompendiumError) as caught:
        substitute(
            Line("{{< var sample.interveiws >}}", "x.qmd", 7), project_with({"sample": {"interviews": "32"}}), {}
        )
    assert str(caught.value) == (
        "x.qmd, row 7: the variable 'sample.interveiws' is not defined; "
        "expected a key of _variables.yml, such as 'sample.interviews'."
    )


def test_a_key_that_leads_to_a_group_is_not_a_value() -> None:
    with pytest.raises(CompendiumError, match="'sample' is not defined"):
        substitute(Line("{{< var sample >}}", "x.qmd", 1), project_with({"sample": {"interviews": "32"}}), {})


def test_every_line_knows_where_it_was_written(sources: Path) -> None:
    source = expand(load_project(sources, "paper"), "manuscript/paper/paper.qmd")
    assert source.locate("^The sample is in") == ("manuscript/paper/_sample.md", 1)
    assert source.locate("The first table") == ("build/results/tables/first.md", 8)
    file, row = source.locate("^# Results")
    written = (sources / file).read_text().split("\n")
    assert written[row - 1] == "# Results {#sec-results}"
    assert source.locate("no such words") == ("manuscript/paper/paper.qmd", None)


def test_shortcodes_work_in_the_front_matter(sources: Path) -> None:
    source = expand(load_project(sources, "paper"), "manuscript/paper/paper.qmd")
    assert source.meta["title"] == "A manuscript of many constructs: 42 places"
    assert "Show 42 places." in source.meta["abstract"]


def test_an_include_cannot_leave_the_project(sources: Path) -> None:
    (sources.parent / "secret.md").write_text("secret\n")
    (sources / "manuscript/paper/_sample.md").write_text("{{< include ../../../secret.md >}}\n")
    with pytest.raises(CompendiumError, match="does not exist"):
        expand(load_project(sources, "paper"), "manuscript/paper/paper.qmd")


def test_broken_yaml_names_its_line() -> None:
    with pytest.raises(CompendiumError, match=r"x\.yml, row 2: the YAML cannot be read"):
        parse_yaml("a: 1\nb: ]\n", "x.yml")
    with pytest.raises(CompendiumError, match="must be a mapping"):
        parse_yaml("- 1\n", "x.yml")


def test_front_matter_ends_at_its_rule() -> None:
    assert front_matter(["---", "a: 1", "---", "text"]) == (3, "a: 1")
    assert front_matter(["text", "---"]) == (0, "")
    assert front_matter(["---", "a: 1"]) == (0, "")


def test_flattened_keys() -> None:
    assert flattened({"a": {"b": 1, "c": {"d": 2}}, "e": 3}) == ["a.b", "a.c.d", "e"]


def test_render_lists_take_globs_without_hidden_files(sources: Path) -> None:
    assert load_project(sources, "site").documents() == [
        "index.qmd",
        "manuscript/site/data.qmd",
        "manuscript/site/rebuild.qmd",
        "build/notebooks/01_first.ipynb",
    ]


def test_metadata_files_are_part_of_the_project_and_their_blanks_say_nothing(sources: Path) -> None:
    settings = sources / "_quarto-paper.yml"
    settings.write_text(settings.read_text("utf-8") + "\nmetadata-files:\n  - more.yml\n", "utf-8")
    with pytest.raises(CompendiumError, match="the file named by metadata-files is missing; found more.yml"):
        load_project(sources, "paper")
    (sources / "more.yml").write_text(
        "affiliations:\n  - id: one\n    city:\npage:\n  note: A note.\n  gap:\n", "utf-8"
    )
    config = load_project(sources, "paper").config
    assert config["affiliations"] == [{"id": "one"}]
    assert config["page"] == {"note": "A note."}
