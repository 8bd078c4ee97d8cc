"""Cells that a spreadsheet would take for a formula: text in every file, and what was typed when they are read back."""

from __future__ import annotations

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from compendium.evidence import codebook, tablefiles
from compendium.refiqda.model import Project
from compendium.refiqda.writing import codebook_csv
from compendium.scaffold import example

AWKWARD = st.text(alphabet=st.sampled_from("=+-@'\t\r1a "), max_size=6)


@given(st.lists(AWKWARD, min_size=1, max_size=5))
def test_what_was_typed_comes_back(cells: list[str]) -> None:
    table = pd.DataFrame({"cell": cells}, dtype=object)
    written = tablefiles.harmless(table)
    assert tablefiles.as_typed(written)["cell"].tolist() == cells
    for cell in written["cell"]:
        assert not cell.startswith(tablefiles.FORMULA) or cell.strip("+-").replace("1", "").strip() == ""


def test_numbers_stay_numbers() -> None:
    table = pd.DataFrame({"a": ["-1", "+2.5", "-", "=1", "-cmd|' /C calc'!A0"], "b": [-1.0, 2, 3, 4, 5]})
    shown = tablefiles.harmless(table)
    assert shown["a"].tolist() == ["-1", "+2.5", "-", "'=1", "'-cmd|' /C calc'!A0"]
    assert shown["b"].tolist() == table["b"].tolist()


def test_a_code_that_is_a_formula_acts_nowhere(tmp_path) -> None:
    project = example.project()
    name = "=cmd|' /C calc'!A0"
    project.tables["codebook"].loc[0, "code"] = name
    project.save(tmp_path / "project")
    text = (tmp_path / "project/codebook.csv").read_text("utf-8")
    assert '"=cmd' not in text
    assert f'"\'{name}"' in text
    assert Project.load(tmp_path / "project").codebook["code"].iloc[0] == name
    assert not any(line.startswith(("=", '"=')) for line in codebook_csv(codebook.check(project.codebook)).split("\n"))
    from openpyxl import load_workbook

    book = load_workbook(tablefiles.write_table(project.codebook, tmp_path / "codes.xlsx"))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value]
    assert [cell.data_type for cell in cells if str(cell.value).endswith(name)] == ["s"]
