"""Each part of the chain says why it would run: which file, which parameter, since when."""

import re
from pathlib import Path

import pytest

from compendium import cli
from compendium.chain import explanation, graph
from compendium.errors import CompendiumError


def told(root: Path, overrides: dict[str, str] | None = None, only: str | None = None) -> dict[str, str]:
    found = explanation.explain(root, root / "build", overrides, only)
    return {item.product: re.sub(r"\d+ \w{3} \d{4}, \d\d:\d\d", "THEN", "\n".join(item.lines())) for item in found}


@pytest.mark.slow
def test_files_parameters_and_what_is_read_are_named(small_project: Path) -> None:
    assert told(small_project)["01_sum"].splitlines() == [
        "01_sum: would run; never made", "  it has not been made, or a run of it was cut short"
    ]  # fmt: skip
    graph.build()
    assert set(told(small_project).values()) == {
        f"{name}: up to date, made THEN" for name in ("01_sum", "02_twice", "03_alone", "results")
    }

    (small_project / "data" / "numbers.csv").write_text("n\n5\n", "utf-8")
    (small_project / "params.yml").write_text("factor: 2\n", "utf-8")
    found = told(small_project)
    assert found["01_sum"].splitlines() == [
        "01_sum: would run; made THEN",
        "  data/numbers.csv changed (THEN)",
        "  parameter factor is 2 (params.yml, changed THEN); it was 1",
    ]
    assert found["02_twice"].splitlines() == [
        "02_twice: would run if what it reads comes out different; made THEN", "  after 01_sum"
    ]  # fmt: skip
    assert found["03_alone"] == "03_alone: up to date, made THEN"

    graph.build({"factor": "7"})
    assert (
        "  parameter factor is 2 (params.yml, changed THEN); it was 7 (command line)" in told(small_project)["01_sum"]
    )
    assert told(small_project, {"factor": "7"}, "01") == {"01_sum": "01_sum: up to date, made THEN"}
    assert "parameter factor is 3 (command line); it was 7" in told(small_project, {"factor": "3"})["01_sum"]

    (small_project / "build" / "parts" / "03_alone" / "part.json").write_text("{}", "utf-8")
    (small_project / "build" / "notebooks" / "02_twice.ipynb").unlink()
    found = told(small_project, {"factor": "7"})
    assert "  its own output build/parts/03_alone/part.json was changed" in found["03_alone"]
    assert "  its own output build/notebooks/02_twice.ipynb is gone" in found["02_twice"]
    assert "  the results of 03_alone changed (THEN)" in found["results"]
    assert not (small_project / "build" / ".doit.json").exists()


def test_a_notebook_that_is_not_there_is_named(small_project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CompendiumError, match="there is no notebook '09'; expected 01_sum, 02_twice, 03_alone"):
        told(small_project, only="09")
    assert cli.main(["explain", "02"]) == 0
    assert capsys.readouterr().out.startswith("02_twice: would run; never made\n")


def test_a_file_whose_folder_a_variable_names_counts(small_project: Path) -> None:
    from compendium.chain import products

    (small_project / "data" / "deep" / "er").mkdir(parents=True)
    path = small_project / "data" / "deep" / "er" / "table.csv"
    path.write_text("n\n", "utf-8")
    assert products.files(small_project, "*/table.csv") == [path]
