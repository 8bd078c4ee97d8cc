"""The chain runs what is out of date, in order, and nothing else; a failure leaves what stood before."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
import pytest

from compendium import project
from compendium.chain import graph, notebooks, products, published
from compendium.errors import CompendiumError


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def stale(project: Path) -> list[products.Stale]:
    return products.stale(project, project / "build")


def edit(project: Path, name: str, old: str, new: str) -> None:
    path = project / "notebooks" / f"{name}.py"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


@pytest.mark.slow
def test_a_build_runs_once_and_then_only_what_changed(small_project: Path) -> None:
    seen: list[tuple[str, str]] = []
    first = graph.build(progress=lambda name, state, *_: seen.append((name, state)))
    assert set(first.ran) == {"01_sum", "02_twice", "03_alone"}
    assert first.counts == {"values": 3, "tables": 1, "figures": 0}
    assert {name for name, state in seen if state == "done"} == set(first.ran)
    values = published.read_values()
    assert {key: record["value"] for key, record in values.items()} == {
        "numbers.sum": 6, "numbers.twice": 12, "alone.share": 0.125
    }  # fmt: skip
    assert values["numbers.twice"]["inputs"].keys() == {"results/values.json#numbers.sum"}

    second = graph.build()
    assert (second.ran, second.unchanged, second.counts) == ({}, ["01_sum", "02_twice", "03_alone"], first.counts)

    (small_project / "notebooks" / "03_alone.py").touch()
    assert graph.build().ran == {}, "a new time stamp is no change"

    edit(small_project, "01_sum", "sum of the numbers", "the sum")
    third = graph.build()
    assert set(third.ran) == {"01_sum", "02_twice"}
    assert "notebooks/01_sum.py" in third.why["01_sum"]

    (small_project / "data" / "numbers.csv").write_text("n\n10\n", "utf-8")
    assert set(graph.build().ran) == {"01_sum", "02_twice"}
    assert published.read_values()["numbers.twice"]["value"] == 20


@pytest.mark.slow
def test_a_changed_parameter_is_a_change_and_reaches_the_notebook(small_built: Path) -> None:
    (small_built / "params.yml").write_text("factor: 3\n", "utf-8")
    report = graph.build()
    assert set(report.ran) == {"01_sum", "02_twice"}
    assert published.read_values()["numbers.sum"]["value"] == 18
    assert published.read_values()["numbers.sum"]["parameters"] == {"factor": 3, "label": "plain"}
    assert graph.build({"factor": "5"}).ran.keys() == {"01_sum", "02_twice"}
    assert published.read_values()["numbers.sum"]["value"] == 30
    with pytest.raises(CompendiumError, match="no notebook has a parameter 'facto'"):
        graph.build({"facto": 1})


@pytest.mark.slow
def test_a_notebook_that_raises_is_named_and_leaves_the_results_as_they_were(small_built: Path) -> None:
    before = snapshot(small_built / "build" / "results")
    variables = (small_built / "_variables.yml").read_bytes()
    edit(small_built, "01_sum", 'store.record_table("numbers"', 'raise ValueError("odd")\nstore.record_table("numbers"')
    place = r"notebooks/01_sum.py, row 28 \(under 'Numbers and their sum'\)"
    with pytest.raises(CompendiumError, match=place + ".*ValueError: odd"):
        graph.build()
    assert snapshot(small_built / "build" / "results") == before
    assert (small_built / "_variables.yml").read_bytes() == variables
    failed = nbformat.read(small_built / "build" / "failed" / "01_sum.ipynb", 4)
    assert any(o.output_type == "error" for cell in failed.cells for o in cell.get("outputs", []))
    edit(small_built, "01_sum", 'raise ValueError("odd")\n', "")
    graph.build()
    assert snapshot(small_built / "build" / "results") == before
    assert not (small_built / "build" / "failed" / "01_sum.ipynb").exists()


@pytest.mark.slow
def test_two_builds_give_identical_bytes_and_no_timings(small_built: Path) -> None:
    first = snapshot(small_built / "build")
    graph.build(force=True, jobs=1)
    second = snapshot(small_built / "build")
    for snapshots in (first, second):
        snapshots.pop(".digests.json", None)
    assert first == second
    node = json.loads((small_built / "build" / "notebooks" / "01_sum.ipynb").read_text("utf-8"))
    assert "papermill" not in node["metadata"]
    sources = ["".join(cell["source"]) for cell in node["cells"]]
    assert [cell["id"] for cell in node["cells"]] == [notebooks.cell_id(source) for source in sources]


@pytest.mark.slow
def test_each_notebook_gets_a_fresh_kernel(small_project: Path) -> None:
    edit(small_project, "01_sum", "store.finish()", 'import builtins\n\nbuiltins.leak = "x"\nstore.finish()')
    probe = (
        'import builtins\n\nstore.record_value("leaked", hasattr(builtins, "leak"))\n'
        'store.record_value("names", "pd" in globals())\n'
    )
    edit(small_project, "02_twice", "store.finish()", probe + "store.finish()")
    graph.build(jobs=1)
    values = published.read_values()
    assert (values["leaked"]["value"], values["names"]["value"]) == (False, False)


@pytest.mark.slow
def test_notebooks_that_start_together_share_the_kernels_and_leave_nothing_behind(
    small_project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    homes: list[Path] = []
    scratch_folder = project.scratch_folder

    @contextmanager
    def noted(kind: str) -> Iterator[Path]:
        with scratch_folder(kind) as folder:
            homes.append(folder)
            yield folder

    monkeypatch.setattr(project, "scratch_folder", noted)
    report = graph.build(jobs=2)
    assert len(homes) == len(report.ran) == 3
    assert [home for home in homes if home.exists()] == []


@pytest.mark.slow
def test_a_build_after_one_that_was_killed_trusts_nothing_of_it(small_built: Path) -> None:
    good = snapshot(small_built / "build" / "results")
    made = snapshot(small_built / "build" / "made")
    (small_built / "params.yml").write_text("factor: 3\n", "utf-8")
    graph.build()
    # As a kill leaves it: parts and results of other parameters, some with the record of the build before.
    (small_built / "params.yml").unlink()
    (small_built / "build" / "made" / "01_sum.json").write_bytes(made["01_sum.json"])
    (small_built / "build" / "made" / "02_twice.json").unlink()
    assert published.read_values()["numbers.sum"]["value"] == 18
    assert set(graph.build().ran) == {"01_sum", "02_twice"}
    assert snapshot(small_built / "build" / "results") == good


@pytest.mark.slow
def test_results_that_went_missing_and_damaged_records_are_mended(small_built: Path) -> None:
    good = snapshot(small_built / "build" / "results")
    table = small_built / "build" / "results" / "tables" / "numbers.csv"
    for damage in (table.unlink, lambda: table.write_text("n\n7\n", "utf-8")):
        damage()
        assert graph.build().ran == {}, "joining the parts again is enough"
        assert snapshot(small_built / "build" / "results") == good
    (small_built / "build" / "parts" / "03_alone" / "part.json").write_text("{", "utf-8")
    assert set(graph.build().ran) == {"03_alone"}
    for path in (small_built / "build" / "made").glob("*.json"):
        path.write_text("{", "utf-8")
    assert len(graph.build().ran) == 3
    assert snapshot(small_built / "build" / "results") == good


@pytest.mark.slow
@pytest.mark.parametrize("restore", [True, False])
def test_a_change_is_seen_by_content_whatever_the_times(small_built: Path, restore: bool) -> None:
    path = small_built / "data" / "numbers.csv"
    before = path.stat()
    path.write_text("n\n1\n2\n4\n", "utf-8")  # as many bytes as before
    if restore:
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert {found.product for found in stale(small_built)} == {"01_sum"}
    assert set(graph.build().ran) == {"01_sum", "02_twice"}
    assert published.read_values()["numbers.sum"]["value"] == 7


@pytest.mark.slow
def test_a_notebook_that_stops_publishing_does_not_keep_its_old_results(small_built: Path) -> None:
    edit(small_built, "03_alone", "store.finish()", "pass")
    with pytest.raises(CompendiumError, match=r"notebooks/03_alone.py: the notebook has published no results"):
        graph.build()
    assert not (small_built / "build" / "parts" / "03_alone").exists()
    assert "03_alone" in {found.product for found in stale(small_built)}


@pytest.mark.slow
def test_a_stray_part_never_reaches_the_results(small_built: Path) -> None:
    good = snapshot(small_built / "build" / "results")
    parts = small_built / "build" / "parts"
    stray = (parts / "01_sum" / "part.json").read_text("utf-8").replace('"value": 6', '"value": 600')
    (parts / "01_a_stray").mkdir()
    (parts / "01_a_stray" / "part.json").write_text(stray, "utf-8")
    edit(small_built, "02_twice", "# # Twice the sum", "# # Two times the sum")
    assert set(graph.build().ran) == {"02_twice"}
    assert snapshot(small_built / "build" / "results") == good
    assert not (parts / "01_a_stray").exists()


@pytest.mark.slow
def test_what_is_stale_is_told_with_the_file_that_changed(small_project: Path) -> None:
    assert {found.product for found in stale(small_project)} == {
        "01_sum",
        "02_twice",
        "03_alone",
        "results",
    }
    graph.build({"factor": 2})
    assert stale(small_project) == [], "a build with parameters of the command line is fresh by these"
    products.refuse_stale(small_project, small_project / "build")
    (small_project / "data" / "numbers.csv").write_text("n\n1\n", "utf-8")
    with pytest.raises(CompendiumError, match=r"results are older than data/numbers.csv; run 'compendium build'"):
        products.refuse_stale(small_project, small_project / "build")
    (small_project / "data" / "numbers.csv").write_text("n\n1\n2\n3\n", "utf-8")
    (small_project / "params.yml").write_text("label: other\n", "utf-8")
    with pytest.raises(CompendiumError, match="results are older than parameters or environment"):
        products.refuse_stale(small_project, small_project / "build")


@pytest.mark.slow
@pytest.mark.parametrize("left", ['{"03_alone": {"checker:": "MD5Checker", "deps:": ["/gone.py"]}}', "{"])
def test_what_doit_once_left_decides_nothing(small_built: Path, left: str) -> None:
    (small_built / "build" / ".doit.json").write_text(left, "utf-8")
    edit(small_built, "02_twice", "# # Twice the sum", "# # Two times the sum")
    assert set(graph.build().ran) == {"02_twice"}
    assert not (small_built / "build" / ".doit.json").exists()


@pytest.mark.slow
def test_only_one_notebook_and_its_needs_run_when_asked(small_project: Path) -> None:
    assert set(graph.build(only="02").ran) == {"01_sum", "02_twice"}
    with pytest.raises(CompendiumError, match="there is no notebook '09_none'; expected 01_sum, 02_twice, 03_alone"):
        graph.build(only="09_none")


@pytest.mark.slow
def test_an_input_that_the_source_does_not_show_is_refused(small_project: Path) -> None:
    (small_project / "data" / "hidden.csv").write_text("n\n", "utf-8")
    edit(small_project, "03_alone", "store.finish()", 'getattr(store, "input")("data/hidden.csv")\nstore.finish()')
    with pytest.raises(CompendiumError, match=r"03_alone.py: a run read an input .* found data/hidden.csv"):
        graph.build()


@pytest.mark.slow
def test_a_kernel_that_dies_is_named(small_project: Path) -> None:
    edit(small_project, "03_alone", "store.finish()", "import os\n\nos._exit(1)")
    with pytest.raises(CompendiumError, match="notebooks/03_alone.py: the notebook's kernel died"):
        graph.build(only="03")


def test_a_result_that_no_earlier_notebook_records_is_found_before_anything_runs(small_project: Path) -> None:
    edit(small_project, "02_twice", '"numbers.sum"', '"numbers.product"')
    with pytest.raises(CompendiumError, match="02_twice.py: no earlier notebook records 'numbers.product'"):
        graph.build()
    assert not (small_project / "build" / "notebooks").exists()


@pytest.mark.parametrize(
    ("text", "message"), [("a: [", "row 2: the YAML cannot be read"), ("- a\n", "row 1: the YAML must be a mapping")]
)
def test_odd_parameter_files_are_refused(small_project: Path, text: str, message: str) -> None:
    (small_project / "params.yml").write_text(text, "utf-8")
    with pytest.raises(CompendiumError, match=f"params.yml, {message}"):
        graph.build()


def test_edges_follow_what_is_recorded_and_read(small_project: Path) -> None:
    found = products.edges(notebooks.discover(small_project / "notebooks"))
    assert found == {"01_sum": [], "02_twice": ["01_sum"], "03_alone": []}


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no limit of a file's size")
def test_a_full_disk_ends_in_one_sentence_and_the_old_results_stand(small_built: Path) -> None:
    import resource

    before = snapshot(small_built / "build" / "results")
    (small_built / "data" / "numbers.csv").write_text("n\n1\n2\n4\n", "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "compendium", "build"],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1, 1)),
    )
    assert (done.returncode, "Traceback" in done.stderr) == (1, False), done.stderr
    assert "the file could not be written (File too large)" in done.stderr.splitlines()[-1]
    assert snapshot(small_built / "build" / "results") == before
