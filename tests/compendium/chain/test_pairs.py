"""The halves of every notebook agree, and a disagreement is named."""

import json
from pathlib import Path

import pytest

from compendium.chain import kernels, notebooks, pairs
from compendium.errors import CompendiumError


def executed(small_project: Path) -> Path:
    folder = small_project / "executed"
    folder.mkdir()
    import nbformat

    for path in (small_project / "notebooks").glob("*.py"):
        (folder / f"{path.stem}.ipynb").write_text(nbformat.writes(kernels.as_notebook(path)), "utf-8")
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
    with pytest.raises(CompendiumError, match=r"02_twice.ipynb, cell 3: the two halves of a notebook disagree"):
        pairs.check(folder)
    with pytest.raises(CompendiumError, match="the executed notebook is not that of the source"):
        pairs.refresh(folder, fresh)


def test_a_missing_half_is_named(small_project: Path) -> None:
    with pytest.raises(CompendiumError, match=r"01_sum.ipynb: half of a pair is missing"):
        pairs.check(small_project / "notebooks")
    with pytest.raises(CompendiumError, match="the notebook has not run"):
        pairs.refresh(small_project / "notebooks", small_project / "nowhere")
