"""Records of what was made name files so that the project and the tool may stand elsewhere."""

import json
import shutil
from pathlib import Path

import pytest

from compendium.chain import freshness, imports
from compendium.chain.freshness import Product, Records


def test_a_product_made_by_another_installation_of_the_same_tool_is_fresh(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, build = tmp_path / "study", tmp_path / "study" / "build"
    for name in ("study/data.csv", "one/chain/results.py", "two/chain/results.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("the same\n", "utf-8")

    def product(tool: str) -> Product:
        monkeypatch.setattr(freshness, "TOOL", str(tmp_path / tool))
        return Product("made", (root / "data.csv", tmp_path / tool / "chain" / "results.py"), (), (), [])

    records = Records(root, build)
    records.end(first := product("one"), records.begin(first))
    named = json.loads((build / "made" / "made.json").read_text("utf-8"))["inputs"]
    assert set(named) == {"data.csv", "compendium/chain/results.py"}
    assert Records(root, build).why(product("two")) == []
    (tmp_path / "two/chain/results.py").write_text("another\n", "utf-8")
    assert Records(root, build).why(product("two")) == ["compendium/chain/results.py"]
    assert Path(freshness.TOOL).parent == tmp_path
    monkeypatch.undo()
    assert Path(freshness.TOOL) == imports.TOOL


def test_a_copied_build_folder_is_as_fresh_as_the_first(tmp_path: Path) -> None:
    root = tmp_path / "study"
    for build in ("build", "again"):
        for name in ("parts/a.json", "results/values.json"):
            (path := root / build / name).parent.mkdir(parents=True, exist_ok=True)
            path.write_text("{}\n", "utf-8")

    def product(build: Path) -> Product:
        return Product("results", (build / "parts/a.json",), (build / "results",), (), [])

    first, again = root / "build", root / "again"
    records = Records(root, first)
    records.end(product(first), records.begin(product(first)))
    shutil.copytree(first / "made", again / "made")
    assert Records(root, again).why(product(again)) == []
    (again / "parts/a.json").write_text("{} \n", "utf-8")
    assert Records(root, again).why(product(again)) == ["build/parts/a.json"]
