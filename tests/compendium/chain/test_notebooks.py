"""What a notebook declares is read from its text alone."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compendium.chain import imports, notebooks
from compendium.errors import CompendiumError


def write(folder: Path, text: str, name: str = "05_new") -> Path:
    path = folder / f"{name}.py"
    path.write_text(text, "utf-8")
    return path


def test_a_notebook_declares_what_it_reads_and_records(small_project: Path) -> None:
    first, second, third = notebooks.discover(small_project / "notebooks")
    assert first.title == "Numbers and their sum"
    assert first.inputs == ("data/numbers.csv",)
    assert first.results_written == ("numbers.sum", "numbers")
    assert (second.results_read, second.results_written) == (("numbers.sum",), ("numbers.twice",))
    assert third.results_read == ()
    assert not first.draws


def test_parameters_carry_type_default_and_explanation(small_project: Path) -> None:
    factor = notebooks.read(small_project / "notebooks" / "01_sum.py").parameters["factor"]
    assert (factor.type, factor.default, factor.explanation) == ("int", 1, "what every number is multiplied by")


def test_a_parameter_in_a_path_becomes_a_pattern(tmp_path: Path) -> None:
    text = '# %% [markdown]\n# # T\n\n# %%\nstore.input(f"data/coding/{study}/segments.csv")\n'
    assert notebooks.read(write(tmp_path, text)).inputs == ("data/coding/*/segments.csv",)


def test_an_input_hidden_in_a_variable_is_refused(tmp_path: Path) -> None:
    text = "# %% [markdown]\n# # T\n\n# %%\nstore.input(path)\n"
    with pytest.raises(CompendiumError, match=r"05_new.py, row 5: .* found path"):
        notebooks.read(write(tmp_path, text))


def test_a_function_that_is_given_the_store_counts_as_the_notebook(tmp_path: Path) -> None:
    for folder in ("analysis", "notebooks"):
        (tmp_path / folder).mkdir()
    shared = 'def areas(store, name):\n    return store.read(f"data/{name}.csv")\n'
    (tmp_path / "analysis" / "shared.py").write_text(shared, "utf-8")
    calls = "from analysis import shared\n\nshared.areas(store, name)\nshared.none(store)\n"
    path = write(tmp_path / "notebooks", f"# %% [markdown]\n# # T\n\n# %%\n{calls}")
    assert notebooks.read(path).inputs == ("data/*.csv",)


def test_values_recorded_together_are_known_by_their_beginning(tmp_path: Path) -> None:
    text = '# %% [markdown]\n# # T\n\n# %%\nstore.record_values("sample", *rows)\n'
    assert notebooks.read(write(tmp_path, text)).results_written == ("sample.*",)


def test_broken_python_is_named_with_its_row(tmp_path: Path) -> None:
    with pytest.raises(CompendiumError, match=r"05_new.py, row 3: the notebook is not valid Python"):
        notebooks.read(write(tmp_path, "# # T\n\nif:\n"))


def test_a_notebook_needs_a_title(tmp_path: Path) -> None:
    with pytest.raises(CompendiumError, match="has no title"):
        notebooks.read(write(tmp_path, "# %%\n1\n"))


def test_an_untyped_parameter_is_refused(tmp_path: Path) -> None:
    text = '# %% [markdown]\n# # T\n\n# %% tags=["parameters"]\ngroups = 3\n'
    with pytest.raises(CompendiumError, match=r"row 5: a parameter has no type"):
        notebooks.read(write(tmp_path, text))


def test_two_notebooks_with_one_number_are_refused(small_project: Path) -> None:
    write(small_project / "notebooks", "# # Another\n", "01_again")
    with pytest.raises(CompendiumError, match="share a number; found 01_again.py, 01_sum.py"):
        notebooks.discover(small_project / "notebooks")


def test_a_chain_may_have_more_than_a_hundred_notebooks_in_the_order_of_their_numbers(small_project: Path) -> None:
    folder = small_project / "notebooks"
    for name in ("100_late", "1000_later", "09_early"):
        (folder / f"{name}.py").write_text("# # Late\n", "utf-8")
    found = notebooks.discover(folder)
    assert [notebook.number for notebook in found] == ["01", "02", "03", "09", "100", "1000"]
    assert notebooks.named(found, "100").name == "100_late"
    (folder / "0100_again.py").write_text("# # Again\n", "utf-8")
    with pytest.raises(CompendiumError, match="share a number; found 0100_again.py, 100_late.py"):
        notebooks.discover(folder)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CompendiumError, match="there are no notebooks"):
        notebooks.discover(tmp_path)


def test_modules_are_followed_through_their_imports(project: Path) -> None:
    found = {p.name for p in imports.module_sources(("analysis.selection",), project)}
    assert {"selection.py", "characteristics.py", "errors.py", "results.py"} <= found
    assert "cli.py" not in found


def chain(small_project: Path):
    return notebooks.discover(small_project / "notebooks")


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ({"factor": 3}, {"factor": 3}),
        ({"factor": "3"}, {"factor": 3}),
        ({"label": "x"}, {"label": "x"}),
        ({"label": 2019}, {"label": "2019"}),
        ({"01_sum": {"factor": 4}}, {"factor": 4}),
        ({"factor": 2, "01_sum": {"factor": 4}}, {"factor": 4}),
        ({"factor": 1}, {}),
        ({"factor": 2, "01_sum": {"factor": 1}}, {}),
        ({}, {}),
    ],
)
def test_parameters_reach_the_notebooks_that_declare_them(small_project: Path, given_, expected) -> None:
    chosen = notebooks.check_parameters(chain(small_project), given_, "params.yml")
    assert chosen == {"01_sum": expected, "02_twice": {}, "03_alone": {}}


@pytest.mark.parametrize("value", ["x", 1.5, "1.5", True, "True", [1], None])
def test_a_parameter_of_the_wrong_type_is_refused(small_project: Path, value) -> None:
    with pytest.raises(CompendiumError, match=r"params.yml: parameter 'factor' has the wrong type; .* expected int"):
        notebooks.check_parameters(chain(small_project), {"factor": value}, "params.yml")


def test_an_unknown_parameter_is_refused_with_the_nearest(small_project: Path) -> None:
    with pytest.raises(CompendiumError, match=r"no notebook has a parameter 'factr' \(did you mean 'factor'\?\)"):
        notebooks.check_parameters(chain(small_project), {"factr": 1}, "params.yml")
    with pytest.raises(CompendiumError, match=r"notebooks/02_twice.py: the notebook has no cell tagged 'parameters'"):
        notebooks.check_parameters(chain(small_project), {"02_twice": {"factor": 1}}, "params.yml")


def test_a_notebooks_parameters_must_be_a_mapping(small_project: Path) -> None:
    with pytest.raises(CompendiumError, match="not a mapping; found 3"):
        notebooks.check_parameters(chain(small_project), {"01_sum": 3}, "params.yml")


@given(st.lists(st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=30), min_size=1, max_size=6))
def test_cells_are_told_apart_and_a_cells_id_ignores_outer_blanks(lines: list[str]) -> None:
    sources = [line for line in lines if not line.startswith("# %%")]
    text = "".join(f"# %%\n{source}\n\n" for source in sources)
    found = [source.strip("\n") for _, _, source in notebooks.script_cells(text)]
    assert [source.splitlines() for source in found] == [source.splitlines() for source in sources]
    for source in sources:
        assert notebooks.cell_id(source) == notebooks.cell_id(f"\n{source}\n\n")


KINDS = '[kinds.1]\n[kinds.2]\nalso = ["20"]\n'


@pytest.mark.parametrize(
    ("allowed", "value", "expected"),
    [
        ("[2..6]", 7, "2 to 6"),
        ("[2..6]", 1, "2 to 6"),
        ("[1..]", 0, "at least 1"),
        ("[..9]", 10, "at most 9"),
        ("[1 | 4]", 2, "1, 4"),
        ("[in data/kinds.toml: kinds]", 3, "1, 2, 20"),
        ("[in data/*.toml]", 3, "kinds"),
        ("[several in data/k*s.toml]", 3, "ind"),
    ],
)
def test_a_value_that_a_parameter_does_not_allow_is_refused_before_anything_runs(
    small_project: Path, allowed: str, value: int, expected: str
) -> None:
    (small_project / "data" / "kinds.toml").write_text(KINDS, "utf-8")
    path = small_project / "notebooks" / "01_sum.py"
    text = path.read_text("utf-8")
    path.write_text(text.replace("what every number is multiplied by", f"a factor {allowed}"), "utf-8")
    message = f"parameter 'factor' lies outside of what is allowed; found {value}, expected {expected}"
    with pytest.raises(CompendiumError, match=re.escape(message)):
        notebooks.check_parameters(chain(small_project), {"factor": value}, "params.yml")


@pytest.mark.parametrize(
    ("allowed", "value"),
    [("[2..6]", 6), ("[1 | 4]", 4), ("[..9]", -3), ("[1..] more", 0), ("[in data/kinds.toml: kinds]", 20)],
)
def test_a_value_that_is_allowed_passes(small_project: Path, allowed: str, value: int) -> None:
    (small_project / "data" / "kinds.toml").write_text(KINDS, "utf-8")
    path = small_project / "notebooks" / "01_sum.py"
    text = path.read_text("utf-8")
    path.write_text(text.replace("what every number is multiplied by", f"a factor {allowed}"), "utf-8")
    assert notebooks.check_parameters(chain(small_project), {"factor": value}, "params.yml")["01_sum"] == {
        "factor": value
    }


def test_a_notebook_without_parameters_that_is_given_some_is_told_so(small_project: Path) -> None:
    with pytest.raises(CompendiumError, match=r"the notebook has no cell tagged 'parameters'"):
        notebooks.check_parameters(chain(small_project), {"03_alone": {"x": 1}}, "params.yml")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("foo.py", b"x = 1\n", "notebooks/foo.py: the file is no notebook of the chain; expected a name NN_name.py"),
        ("04_odd.py", b"# %%\n# caf\xe9\n", "notebooks/04_odd.py, row 2: the text is not UTF-8"),
        ("04_odd.py", b"# # Title\nx = '\0'\n", "notebooks/04_odd.py.*not valid Python"),
        (
            "04_odd.py",
            b"# # Title\nstore.input('../../etc/passwd')\n",
            "notebooks/04_odd.py, row 2: an input lies outside of the project; found ../../etc/passwd",
        ),
        ("04_odd.py", b"# # Title\nstore.input(f'/etc/{name}')\n", "row 2: an input lies outside of the project"),
        ("04_odd.py", b"# # Title\nstore.input('data/../../x.csv')\n", "row 2: an input lies outside of the project"),
    ],
)
def test_a_file_that_is_no_notebook_or_reads_elsewhere(
    name: str, content: bytes, said: str, small_project: Path
) -> None:
    (small_project / "notebooks" / name).write_bytes(content)
    with pytest.raises(CompendiumError, match=said):
        notebooks.discover(small_project / "notebooks")


def test_what_is_imported_at_the_start_is_found_through_the_study_without_naming_its_modules(
    small_project: Path,
) -> None:
    (small_project / "analysis").mkdir()
    (small_project / "analysis" / "areas.py").write_text(
        "from scipy import stats\nfrom compendium.data import (\n    loading,\n    sources as kept,\n)\n"
        "from compendium.project import root\n\n\ndef drawn():\n    import seaborn\n",
        "utf-8",
    )
    path = small_project / "notebooks" / "03_alone.py"
    path.write_text(path.read_text("utf-8").replace("# %%\n", "# %%\nfrom analysis import areas\n", 1), "utf-8")
    assert imports.imported_at_start(path, small_project) == {
        "compendium.chain", "compendium.chain.results", "compendium.data", "compendium.data.loading",
        "compendium.data.sources", "compendium.project", "scipy",
    }  # fmt: skip
