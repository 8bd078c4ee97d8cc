"""The Python results against an independent second programming in base R, cell by cell."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pandas as pd
import pytest

from analysis import secondprogramming, snapshot
from analysis.areas import read_areas
from analysis.characteristics import join
from compendium.data import loading
from compendium.errors import CompendiumError

SCRIPT = "R/second_programming.R"


@pytest.fixture(scope="module")
def ours() -> pd.DataFrame:
    names = ("ics_geography", "ics_organisation", "ics_deprivation")
    printed = join(read_areas(), *map(loading.read, names))
    return secondprogramming.results(printed, loading.read("interviewees"), snapshot.read())


@pytest.fixture(scope="module")
def theirs(project: Path, tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    rscript = shutil.which("Rscript")
    if rscript is None:
        pytest.skip("Rscript is not installed, so the second programming in R was not compared")
    target = tmp_path_factory.mktemp("r") / "cells.csv"
    command = [rscript, "--vanilla", str(project / SCRIPT), str(project / "data"), str(target)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    return pd.read_csv(target, dtype=str, keep_default_na=False)


def disagreeing(first: pd.DataFrame, second: pd.DataFrame) -> list[tuple]:
    both = secondprogramming.compared(first, second)
    assert len(both) == len(first) == len(second) > 2000
    return list(both[~both["agrees"]].itertuples(index=False, name=None))


def test_every_cell_of_the_two_programs_agrees(ours: pd.DataFrame, theirs: pd.DataFrame) -> None:
    assert disagreeing(ours, theirs) == []


def test_the_kept_results_are_those_of_the_script(theirs: pd.DataFrame) -> None:
    kept = loading.read("second_programming")
    assert disagreeing(theirs, kept) == [], "run the command of R/README.md to keep them anew"


def test_a_cell_that_differs_or_lacks_is_seen(ours: pd.DataFrame) -> None:
    number = ours.index[ours["result"] == "recomputed"][5]
    label = ours.index[ours["result"] == "class"][5]
    changed = ours.copy()
    changed.loc[number, "value"] = ours.loc[number, "value"] * (1 + 1e-11)
    changed.loc[label, "value"] = "another"
    both = secondprogramming.compared(ours, changed.drop(index=ours.index[0]))
    assert len(both) == len(ours)
    assert (~both["agrees"]).sum() == 3
    counted = secondprogramming.by_result(both).set_index("result")
    lost = counted["cells"] - counted["agree"]
    assert lost[lost > 0].to_dict() == {"class": 1, "cut": 1, "recomputed": 1}


def test_a_thousand_specifications_of_every_kind_are_compared(ours: pd.DataFrame) -> None:
    drawn = ours[ours["result"] == "specification"]
    assert len(drawn) == len(set(zip(drawn["variable"], drawn["item"], strict=True))) == 1000
    assert drawn["variable"].nunique() == 9
    assert drawn["item"].nunique() > 700
    assert [len(set(column)) for column in zip(*drawn["item"].str.split(", "), strict=True)] == [3, 3, 2, 5, 9, 2]


def test_another_seed_draws_others() -> None:
    first = secondprogramming.sample(14_580, 1000)
    assert len(set(first)) == 1000
    assert set(first) <= set(range(14_580))
    assert len(set(first) & set(secondprogramming.sample(14_580, 1000, seed=7))) < 200


def test_a_cell_that_stands_twice_is_refused(ours: pd.DataFrame) -> None:
    with pytest.raises(CompendiumError, match="stands twice; found"):
        secondprogramming.compared(ours, pd.concat([ours, ours.tail(1)]))


def test_the_script_shares_no_code_and_no_packages(project: Path) -> None:
    text = (project / SCRIPT).read_text(encoding="utf-8")
    for word in ("library(", "require(", "source(", "system(", "reticulate", "::"):
        assert word not in text


def test_a_missing_input_stops_the_script_with_a_sentence(tmp_path: Path, project: Path) -> None:
    rscript = shutil.which("Rscript")
    if rscript is None:
        pytest.skip("Rscript is not installed")
    command = [rscript, "--vanilla", str(project / SCRIPT), str(tmp_path), str(tmp_path / "out.csv")]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert run.returncode != 0
    assert "there is no" in run.stderr
    assert not (tmp_path / "out.csv").exists()
