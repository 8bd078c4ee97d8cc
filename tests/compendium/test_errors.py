"""Errors are one sentence that says where, what was found and what was expected."""

from compendium.errors import CompendiumError


def test_a_full_error_names_place_found_and_expected() -> None:
    error = CompendiumError(
        "a percentage lies outside 0-100",
        file="data/a.csv",
        row=7,
        column="urban_percent",
        found=120,
        expected="0 to 100",
    )
    assert str(error) == (
        "data/a.csv, row 7, column 'urban_percent': a percentage lies outside 0-100; found 120, expected 0 to 100."
    )


def test_only_what_is_known_is_said() -> None:
    assert str(CompendiumError("there is no such notebook.")) == "there is no such notebook."
    assert str(CompendiumError("odd", file="x", row="cell 3")) == "x, cell 3: odd."


def test_long_lists_and_texts_are_cut_and_lines_joined() -> None:
    text = str(CompendiumError("odd\nthing", found="y" * 500, expected=list(range(20))))
    assert "\n" not in text
    assert len(text) < 400
    assert text.endswith("10, 11 and 8 more.")


def test_a_file_of_the_project_is_named_from_its_root(small_project) -> None:
    assert str(CompendiumError("odd", file=small_project / "data" / "a.csv")) == "data/a.csv: odd."
