"""The halves of every notebook agree, and a disagreement is named."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest

from compendium import cli
from compendium.chain import notebooks, pairs
from compendium.errors import CompendiumError


def executed(small_project: Path) -> Path:
    folder = small_project / "executed"
    folder.mkdir()
    for path in (small_project / "notebooks").glob("*.py"):
        (folder / f"{path.stem}.ipynb").write_text(nbformat.writes(pairs.as_notebook(path)), "utf-8")
    return folder


def test_the_committed_pairs_agree(project: Path) -> None:
    pairs.check(project / "notebooks")


def test_committed_cells_have_stable_ids_and_outputs(project: Path) -> None:
    for path in (project / "notebooks").glob("*.ipynb"):
        node = json.loads(path.read_text("utf-8"))
        for cell in node["cells"]:
            assert cell["id"] == notebooks.cell_id("".join(cell["source"])), path.name
        ran = [cell for cell in node["cells"] if cell["cell_type"] == "code"]
        assert all(cell["execution_count"] for cell in ran)
        last = "".join(ran[-1]["outputs"][0]["data"]["text/plain"])
        assert last.startswith(f"{path.stem}: ")


def test_refresh_writes_what_differs_and_check_then_passes(small_project: Path) -> None:
    folder, fresh = small_project / "notebooks", executed(small_project)
    assert [p.name for p in pairs.refresh(folder, fresh)] == ["01_sum.ipynb", "02_twice.ipynb", "03_alone.ipynb"]
    pairs.check(folder)
    assert pairs.refresh(folder, fresh) == []


def test_a_changed_half_is_named_with_its_cell(small_project: Path) -> None:
    folder, fresh = small_project / "notebooks", executed(small_project)
    pairs.refresh(folder, fresh)
    path = folder / "02_twice.py"
    path.write_text(path.read_text("utf-8").replace("2 * store", "3 * store"), "utf-8")
    with pytest.raises(CompendiumError, match=r"02_twice.ipynb, cell 3: the two halves .* found edits in the .py"):
        pairs.check(folder)
    with pytest.raises(CompendiumError, match="the executed notebook is not that of the source"):
        pairs.refresh(folder, fresh)


def test_a_missing_half_is_named(small_project: Path) -> None:
    with pytest.raises(CompendiumError, match=r"01_sum.ipynb: half of a pair is missing"):
        pairs.check(small_project / "notebooks")
    with pytest.raises(CompendiumError, match="the notebook has not run"):
        pairs.refresh(small_project / "notebooks", small_project / "nowhere")


@pytest.fixture
def paired(small_project: Path) -> Path:
    """Return the folder of the small project's notebooks, each with its .ipynb."""
    pairs.refresh(small_project / "notebooks", executed(small_project))
    return small_project / "notebooks"


def edit(path: Path, change: Callable[[list[Any]], Any]) -> None:
    """Edit an .ipynb as Jupyter does: everything else of it stays."""
    node = nbformat.read(path, as_version=4)
    change(node.cells)
    nbformat.write(node, path)


def cell(kind: str, text: str, *tags: str) -> Any:
    made = getattr(nbformat.v4, f"new_{kind}_cell")(text)
    made.metadata = {"tags": list(tags)} if tags else {}
    return made


EDITS: dict[str, Callable[[list[Any]], Any]] = {
    "code": lambda cells: cells[3].update(source="numbers = None\n\n\ndef f():\n    return 1"),
    "prose": lambda cells: cells[0].update(source="# Numbers and their sum\n\nWords: é, `x`.\n\n- one\n- two"),
    "added": lambda cells: cells.extend([cell("code", "%matplotlib inline\n1 + 1"), cell("markdown", "## End")]),
    "raw": lambda cells: cells.insert(1, cell("raw", "kept as it is")),
    "removed": lambda cells: cells.pop(4),
    "moved": lambda cells: cells.insert(4, cells.pop(5)),
    "parameters": lambda cells: cells[1].update(
        source='factor: int = 2  # twice [1..3]\nlabel: str = "plain"  # a word'
    ),
    "tags": lambda cells: cells[2].metadata.update(tags=["hide-input"]),
    "untagged": lambda cells: cells[1].metadata.pop("tags"),
    "emptied": lambda cells: cells.clear(),
}


@pytest.mark.parametrize("change", EDITS.values(), ids=EDITS)
def test_an_edit_of_the_notebook_alone_goes_into_the_script(change: Callable[[list[Any]], Any], paired: Path) -> None:
    script, notebook = paired / "01_sum.py", paired / "01_sum.ipynb"
    header, others = script.read_text("utf-8").partition("# %%")[0], (paired / "02_twice.py").read_bytes()
    edit(notebook, change)
    wanted = [(c.cell_type, c.source.strip(), c.metadata.get("tags", [])) for c in nbformat.read(notebook, 4).cells]
    with pytest.raises(CompendiumError, match=r"01_sum.ipynb, cell \d+: .*found edits in the .ipynb"):
        pairs.check(paired)
    assert pairs.settle(paired) == [script]
    held = [(c.cell_type, c.source.strip(), c.metadata.get("tags", [])) for c in pairs.as_notebook(script).cells]
    assert held == wanted
    assert script.read_text("utf-8").startswith(header)
    assert (paired / "02_twice.py").read_bytes() == others
    pairs.check(paired)
    assert pairs.settle(paired) == []
    script.write_text(script.read_text("utf-8") + "\n# %%\nlater = 1\n", "utf-8")  # it is the newer one now
    written = script.read_bytes()
    assert pairs.settle(paired) == []
    assert script.read_bytes() == written


def test_an_edit_of_the_script_alone_stays(paired: Path) -> None:
    script, notebook = paired / "01_sum.py", paired / "01_sum.ipynb"
    script.write_text(script.read_text("utf-8").replace("factor: int = 1", "factor: int = 3"), "utf-8")
    before = script.read_bytes(), notebook.read_bytes()
    assert pairs.settle(paired, paired.parent / "build") == []
    assert (script.read_bytes(), notebook.read_bytes()) == before


def test_the_same_edit_in_both_is_agreed_and_remembered(paired: Path) -> None:
    script, notebook = paired / "03_alone.py", paired / "03_alone.ipynb"
    script.write_text(script.read_text("utf-8").replace("0.125", "0.25"), "utf-8")
    edit(notebook, lambda cells: cells[1].update(source=cells[1].source.replace("0.125", "0.25")))
    assert pairs.settle(paired) == []
    edit(notebook, lambda cells: cells[1].update(source=cells[1].source.replace("0.25", "0.5")))
    assert pairs.settle(paired) == [script]
    assert "0.5" in script.read_text("utf-8")


@pytest.mark.parametrize("command", ["build", "notebooks", "notebooks --check"])
def test_edits_of_both_halves_stop_every_command_and_are_shown(
    command: str, paired: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script, notebook = paired / "03_alone.py", paired / "03_alone.ipynb"
    script.write_text(script.read_text("utf-8").replace("0.125", "0.25"), "utf-8")
    edit(notebook, lambda cells: cells[1].update(source=cells[1].source.replace("0.125", "0.5")))
    edit(paired / "01_sum.ipynb", EDITS["added"])  # nothing is written where anything is refused
    before = {path: path.read_bytes() for path in paired.iterdir()}
    assert cli.main(command.split()) == 1
    assert {path: path.read_bytes() for path in paired.iterdir()} == before
    said = capsys.readouterr().err
    if command != "notebooks --check":  # which stops at the first pair that disagrees
        assert "both halves of a notebook were edited, notebooks/03_alone.py and notebooks/03_alone.ipynb" in said
        assert '-store.record_value("alone.share", 0.25' in said
        assert '+store.record_value("alone.share", 0.5' in said


def test_a_build_runs_what_the_notebook_says(paired: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(paired / "03_alone.ipynb", lambda cells: cells[1].update(source=cells[1].source.replace("0.125", "0.5")))
    assert cli.main(["build"]) == 0
    assert "notebooks/03_alone.py takes over the edits of 03_alone.ipynb" in capsys.readouterr().err
    assert "50.0%" in (paired.parent / "build" / "results" / "values.json").read_text("utf-8")
    assert cli.main(["notebooks"]) == 0
    assert cli.main(["notebooks", "--check"]) == 0
    before = {path: path.read_bytes() for path in paired.iterdir()}
    assert cli.main(["build", "--force"]) == 0
    assert cli.main(["notebooks"]) == 0
    assert {path: path.read_bytes() for path in paired.iterdir()} == before


DAMAGED = {
    "nothing": (b"", "the notebook is not JSON"),
    "cut": (b'{"cells": [', "row 1: the notebook is not JSON"),
    "a conflict": (b"{\n<<<<<<< ours\n", "row 2: the notebook is not JSON"),
    "not UTF-8": (b'{\n"a": "\xff"}', "row 2: the notebook is not UTF-8"),
    "a list": (b"[]", "holds no notebook of format 4"),
    "no cells": (b'{"nbformat": 4, "metadata": {}}', "holds no notebook of format 4"),
    "odd marks": (b'{"nbformat": 4, "metadata": {"compendium": 3}, "cells": []}', "holds no notebook of format 4"),
    "odd cell": (b'{"nbformat": 4, "metadata": {}, "cells": [{"cell_type": "x"}]}', "cell 1: a cell is damaged"),
    "one run": (
        b'{"nbformat": 4, "metadata": {}, "cells": [{"cell_type": "code", "source": "", "outputs": [],'
        b' "metadata": {"tags": ["injected-parameters"]}}]}',
        "cell 1: the notebook carries the parameters of a single run",
    ),
    "deep": (b"[" * 100_000, "the notebook is (nested too deeply|not JSON)"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "said"), DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_notebook_is_named_and_stays(content: bytes, said: str, paired: Path) -> None:
    (paired / "02_twice.ipynb").write_bytes(content)
    for look in (pairs.settle, pairs.check):
        with pytest.raises(CompendiumError, match=rf"notebooks/02_twice.ipynb.*{said}"):
            look(paired)
    assert (paired / "02_twice.ipynb").read_bytes() == content


def test_a_cell_that_no_script_can_hold_is_refused(paired: Path) -> None:
    before = (paired / "03_alone.py").read_bytes()
    edit(paired / "03_alone.ipynb", lambda cells: cells.append(cell("code", "a = 1\n# %%\nb = 2")))
    with pytest.raises(CompendiumError, match="cannot be written as a script"):
        pairs.settle(paired)
    assert (paired / "03_alone.py").read_bytes() == before


def test_committed_notebooks_give_their_scripts_back(project: Path, tmp_path: Path) -> None:
    """Taking over an edit leaves every other line of a script as it stands."""
    for path in sorted((project / "notebooks").glob("0[138]*.ipynb")):
        script = tmp_path / f"{path.stem}.py"
        script.write_bytes(path.with_suffix(".py").read_bytes())
        (tmp_path / path.name).write_bytes(path.read_bytes())
        edit(tmp_path / path.name, lambda cells: cells.append(cell("code", "added = 1")))
        assert pairs.settle(tmp_path) == [script]
        assert script.read_text("utf-8") == path.with_suffix(".py").read_text("utf-8") + "\n# %%\nadded = 1\n"


def test_a_script_that_is_not_utf_8_is_named(paired: Path) -> None:
    script = sorted(paired.glob("*.py"))[0]
    script.write_bytes(script.read_bytes() + b"# \xff\n")
    with pytest.raises(CompendiumError, match=rf"{script.name}, row \d+: the text is not UTF-8"):
        pairs.settle(paired)
