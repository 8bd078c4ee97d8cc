"""The results store keeps what notebooks record, with lineage, and never publishes half a run."""

import json
import runpy
import shutil
from pathlib import Path

import pandas as pd
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from compendium import project
from compendium.chain import published, results
from compendium.chain.notebooks import cell_id, script_cells
from compendium.errors import CompendiumError


def read(path: Path):
    return json.loads(path.read_text("utf-8"))


def test_a_value_is_kept_with_its_lineage(small_project: Path) -> None:
    store = results.Store("01_sum", {"factor": 2})
    store.input("data/numbers.csv")
    shown = store.record_value("numbers.sum", 12, "points", "sum of the numbers")
    store.finish()
    record = read(small_project / "build/results/values.json")["numbers.sum"]
    assert repr(shown) == "numbers.sum = 12 points"
    assert (record["value"], record["unit"], record["display"]) == (12, "points", "12")
    assert record["description"] == "sum of the numbers"
    assert record["notebook"] == "01_sum"
    assert record["parameters"] == {"factor": 2}
    assert list(record["inputs"]) == ["data/numbers.csv"]
    assert len(record["inputs"]["data/numbers.csv"]) == 64


def test_several_values_share_a_beginning_and_show_as_a_table(small_project: Path) -> None:
    store = results.Store("01_sum", {})
    shown = store.record_values("sample", ("size", 12, "people", "people asked"), ("share", 0.5, "%", "", "{:.0%}"))
    store.finish()
    assert repr(shown) == "[sample.size = 12 people,\n sample.share = 50%]"
    bundle, _ = shown._repr_mimebundle_()
    assert [line.split("|")[1:4] for line in bundle["text/markdown"].splitlines()[2:]] == [
        [" 12 people ", " people asked ", " `sample.size` "],
        [" 50% ", "  ", " `sample.share` "],
    ]
    values = read(small_project / "build/results/values.json")
    assert (values["sample.size"]["description"], values["sample.share"]["display"]) == ("people asked", "50%")


def test_truth_values_of_a_table_are_words_in_both_files(small_project: Path) -> None:
    store = results.Store("01_sum", {})
    store.record_table("areas", pd.DataFrame({"Agrees": [True, False]}), "The areas.")
    store.finish()
    assert (small_project / "build/results/tables/areas.csv").read_text("utf-8") == "Agrees\nyes\nno\n"


def test_a_described_file_is_read_and_registered(small_project: Path) -> None:
    store = results.Store("01_sum", {})
    with pytest.raises(CompendiumError, match="no data package describes the file"):
        store.read("data/numbers.csv")


def test_a_value_recorded_by_a_script_knows_its_cell(small_project: Path) -> None:
    script = small_project / "notebooks" / "01_sum.py"
    runpy.run_path(str(script))
    cells = {cell_id(source): source for _, _, source in script_cells(script.read_text("utf-8"))}
    record = read(small_project / "build/results/values.json")["numbers.sum"]
    assert "record_value" in cells[record["cell"]]
    table = read(small_project / "build/results/results.json")["numbers"]
    assert "record_table" in cells[table["cell"]]


def test_nothing_is_published_before_finish(small_project: Path) -> None:
    store = results.Store("01_sum", {})
    store.record_value("a", 1)
    assert not (small_project / "build").exists()
    store.finish()
    assert (small_project / "build" / "results" / "values.json").is_file()


@pytest.mark.parametrize(
    ("value", "display", "printed"),
    [
        (1234567, None, "1,234,567"),
        (3.0, None, "3"),
        (0.84812, "{:.3f}", "0.848"),
        (0.125, "{:.1%}", "12.5%"),
        ("tercile", None, "tercile"),
        (True, None, "True"),
        (-5, None, "-5"),
    ],
)
def test_prose_prints_the_display_form(small_project: Path, value, display, printed) -> None:
    store = results.Store("01_sum", {})
    store.record_value("deep.er.key", value, display=display)
    store.finish()
    variables = yaml.safe_load((small_project / "_variables.yml").read_text("utf-8"))
    assert variables == {"deep": {"er": {"key": printed}}}


@pytest.mark.parametrize("key", ["", "Upper", "a..b", "a_b", ".a", "a.", "a b", "ä"])
def test_odd_keys_are_refused(small_project: Path, key: str) -> None:
    with pytest.raises(CompendiumError, match="kebab-case"):
        results.Store("01_sum", {}).record_value(key, 1)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_that_are_none_are_refused(small_project: Path, value: float) -> None:
    with pytest.raises(CompendiumError, match="not a finite number"):
        results.Store("01_sum", {}).record_value("a", value)


def test_a_broken_number_must_say_how_it_is_printed(small_project: Path) -> None:
    with pytest.raises(CompendiumError, match="must say how prose prints it"):
        results.Store("01_sum", {}).record_value("a", 0.5)


def test_what_is_no_number_or_text_is_refused(small_project: Path) -> None:
    with pytest.raises(CompendiumError, match="found set"):
        results.Store("01_sum", {}).record_value("a", {1})


def test_a_key_is_recorded_once_in_a_notebook_and_once_in_all(small_project: Path) -> None:
    store = results.Store("01_sum", {})
    store.record_value("a", 1)
    with pytest.raises(CompendiumError, match="recorded twice"):
        store.record_value("a", 2)
    store.finish()
    other = results.Store("02_twice", {})
    other.record_value("a", 2)
    with pytest.raises(CompendiumError, match="recorded by two notebooks; found 01_sum, 02_twice"):
        other.finish()
    assert read(small_project / "build/results/values.json")["a"]["value"] == 1


@pytest.mark.parametrize("keys", [("a", "a.b"), ("a.b", "a"), ("x.y.z", "x.y")])
def test_a_key_cannot_stand_above_another(small_project: Path, keys) -> None:
    store = results.Store("01_sum", {})
    for key in keys:
        store.record_value(key, 1)
    with pytest.raises(CompendiumError, match=r"stands (above|below)"):
        store.finish()


def test_a_table_is_kept_as_data_and_as_a_block_for_prose(small_project: Path) -> None:
    frame = pd.DataFrame({"Area": ["A|B", "C"], "Share": [0.123456, 2.0]})
    store = results.Store("01_sum", {})
    store.record_table("areas", frame, "The areas.", "Some notes.")
    store.finish()
    folder = small_project / "build/results/tables"
    assert pd.read_csv(folder / "areas.csv").equals(frame)
    block = (folder / "areas.md").read_text("utf-8")
    assert block.startswith("::: {#tbl-areas}\n\n|")
    assert "\n\nThe areas.\n:::\n\n::: {.table-notes}\nSome notes.\n:::\n" in block
    record = read(small_project / "build/results/results.json")["areas"]
    assert (record["kind"], record["rows"], record["columns"]) == ("table", 2, ["Area", "Share"])


def test_ids_in_a_table_become_places_to_link_to(small_project: Path) -> None:
    store = results.Store("01_sum", {})
    store.record_table("areas", pd.DataFrame({"Id": ["p-1"], "n": [1]}), "The areas.", anchor="Id")
    store.finish()
    folder = small_project / "build/results/tables"
    assert "[p-1]{#p-1}" in (folder / "areas.md").read_text("utf-8")
    assert (folder / "areas.csv").read_text("utf-8") == "Id,n\np-1,1\n"


def test_a_figure_carries_its_data_and_alt_text(small_project: Path) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(1, 1))
    figure.subplots().plot([1, 2])
    data = pd.DataFrame({"x": [0, 1], "y": [1, 2]})
    store = results.Store("01_sum", {})
    alt = 'A "straight" line that rises from one to two.'
    shown = store.record_figure("line", figure, "A line.", alt, data)
    store.finish()
    folder = small_project / "build/results/figures"
    assert {p.name for p in folder.iterdir()} == {"line.svg", "line.png", "line.csv", "line.md"}
    assert pd.read_csv(folder / "line.csv").equals(data)
    picture, _, links = (folder / "line.md").read_text("utf-8").partition("\n")
    assert picture == (
        '![A line.](/build/results/figures/line){#fig-line fig-alt="A \\"straight\\" line that rises from one to two."}'
    )
    assert 'when-format="html"' in links
    assert "](/build/results/figures/line.csv)" in links
    assert '](/build/pages/notebooks/01_sum.qmd)]{.content-visible when-profile="site"}' in links
    assert '](/build/notebooks/01_sum.ipynb)]{.content-hidden when-profile="site"}' in links
    bundle, metadata = shown._repr_mimebundle_()
    assert bundle["image/png"].startswith(b"\x89PNG")
    assert metadata == {"image/png": {"alt": alt}}
    assert "2 rows plotted, sha256 " in bundle["text/plain"]


def test_a_figure_without_alt_text_is_refused(small_project: Path) -> None:
    with pytest.raises(CompendiumError, match="no useful alt text"):
        results.Store("01_sum", {}).record_figure("line", None, "A line.", "a line", pd.DataFrame())


def test_captions_and_ids_are_needed(small_project: Path) -> None:
    store = results.Store("01_sum", {})
    with pytest.raises(CompendiumError, match="has no caption"):
        store.record_table("areas", pd.DataFrame({"a": [1]}), " ")
    with pytest.raises(CompendiumError, match="not kebab-case"):
        store.record_table("Areas_1", pd.DataFrame({"a": [1]}), "The areas.")


def test_a_missing_input_is_named(small_project: Path) -> None:
    with pytest.raises(CompendiumError, match=r"^data/none.csv: there is no such input file\.$"):
        results.Store("01_sum", {}).input("data/none.csv")


def test_results_of_earlier_notebooks_are_inputs_of_later_ones(small_project: Path) -> None:
    first = results.Store("01_sum", {})
    first.record_value("numbers.sum", 6)
    first.record_table("numbers", pd.DataFrame({"n": [1, 2, 3]}), "The numbers.")
    first.finish()
    second = results.Store("02_twice", {})
    assert second.result_value("numbers.sum") == 6
    assert second.result_table("numbers")["n"].tolist() == [1, 2, 3]
    assert set(second.result_values("numbers.*")) == {"numbers.sum"}
    second.record_value("twice", 12)
    second.finish()
    inputs = read(small_project / "build/results/values.json")["twice"]["inputs"]
    assert set(inputs) == {"results/values.json#numbers.sum", "results/tables/numbers.csv"}


def test_a_notebook_reads_what_earlier_ones_recorded_while_others_are_replaced(
    small_project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("01_sum", "02_twice", "03_alone"):
        store = results.Store(name, {})
        store.record_value(f"of.n{name[:2]}", int(name[:2]))
        store.finish()
    listed = published.parts(project.build_folder(), "03_alone")
    assert [part.name for part in listed] == ["01_sum", "02_twice"]
    # As in a build in which several run: the part of another goes after it was listed and before it is read.
    shutil.rmtree(listed[0])
    monkeypatch.setattr(published, "parts", lambda *_: listed)
    reader = results.Store("03_alone", {})
    assert reader.result_value("of.n02") == 2
    assert set(reader.result_values("of.*")) == {"of.n02"}


def test_a_result_that_nobody_recorded_says_what_to_do(small_project: Path) -> None:
    store = results.Store("02_twice", {})
    with pytest.raises(CompendiumError, match=r"no earlier notebook has recorded value 'x'.*compendium build"):
        store.result_value("x")
    with pytest.raises(CompendiumError, match=r"no earlier notebook has recorded table 'x'"):
        store.result_table("x")


def test_merging_forgets_notebooks_that_are_gone(small_project: Path) -> None:
    for name, key in (("01_sum", "a"), ("02_twice", "b")):
        store = results.Store(name, {})
        store.record_value(key, 1)
        store.finish()
    published.merge(project.build_folder(), ["02_twice"])
    assert published.counts() == {"values": 1, "tables": 0, "figures": 0}
    assert set(published.read_values()) == {"b"}
    assert not (small_project / "build/parts/01_sum").exists()


@pytest.mark.parametrize("links", [True, False])
@pytest.mark.parametrize("killed", [True, False])
def test_results_and_their_printed_forms_are_published_in_one_step(
    links: bool, killed: bool, small_project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise OSError("no links here")

    def merged(number: int) -> None:
        store = results.Store("01_sum", {})
        store.record_value("a", number)
        store.finish()

    if not links:
        monkeypatch.setattr("os.symlink", refused)
    shown = small_project / "_variables.yml"
    merged(1)
    assert shown.is_symlink() == links
    if killed:
        with monkeypatch.context() as stopping:
            stopping.setattr(published, "show_variables", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))
            with pytest.raises(KeyboardInterrupt):
                merged(2)
        if not links:  # a copy is refreshed by whoever reads it
            published.show_variables(project.build_folder())
    else:
        merged(2)
    assert published.read_values()["a"]["value"] == 2
    assert yaml.safe_load(shown.read_text("utf-8")) == {"a": "2"}
    assert [path.name for path in small_project.glob(".*")] == []


def test_reading_before_a_build_says_so(small_project: Path) -> None:
    with pytest.raises(CompendiumError, match="there are no results yet; expected 'compendium build' first"):
        published.read_values()


def test_two_identical_runs_give_identical_bytes(small_project: Path) -> None:
    def run() -> dict[str, bytes]:
        runpy.run_path(str(small_project / "notebooks" / "01_sum.py"))
        folder = small_project / "build"
        return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}

    assert run() == run()


@given(
    st.dictionaries(
        st.from_regex(r"[a-c]{1,2}(\.[a-c]{1,2}){0,2}", fullmatch=True),
        st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=20),
        max_size=8,
    )
)
def test_variables_are_yaml_that_reads_back(displays: dict[str, str]) -> None:
    values = {key: {"display": text} for key, text in displays.items()}
    clash = any(other.startswith(key + ".") for key in displays for other in displays)
    if clash:
        with pytest.raises(CompendiumError, match=r"stands (above|below)"):
            published.variables(values)
        return
    tree = yaml.safe_load(published.variables(values))
    for key, text in displays.items():
        node = tree
        for part in key.split("."):
            node = node[part]
        assert node == text


@pytest.mark.parametrize("path", ["../secret.csv", "/etc/passwd", "data/../../secret.csv"])
def test_a_run_reads_nothing_outside_of_the_project(path: str, small_project: Path) -> None:
    (small_project.parent / "secret.csv").write_text("a\n", "utf-8")
    with pytest.raises(CompendiumError, match=r"notebooks/01_sum.py: an input lies outside of the project"):
        results.Store("01_sum", {}).input(path)


def test_damaged_results_say_how_they_are_mended(small_project: Path) -> None:
    (small_project / "build/results").mkdir(parents=True)
    for content in ("{", "[]", '{"a": 3}'):
        (small_project / "build/results/values.json").write_text(content, "utf-8")
        with pytest.raises(CompendiumError, match=r"build/results/values.json.*expected 'compendium build', which"):
            published.read_values()
