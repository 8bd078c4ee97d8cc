"""The Python results against an independent second programming in base R, cell by cell."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pandas as pd
import pytest

from analysis import audit, deprivation, loading, participants, selection, snapshot
from analysis.areas import read_areas
from analysis.characteristics import (
    CLASSED,
    QUANTILE_METHODS,
    class_cuts,
    classify,
    complexity_correlations,
    join,
)

SCRIPT = "R/second_programming.R"


def python_cells() -> dict[tuple[str, str, str], object]:
    """Return the Python package's results, keyed as the R script keys its own."""
    frame = join(read_areas(), *(loading.read(f"ics_{part}") for part in ("geography", "organisation", "deprivation")))
    cells: dict[tuple[str, str, str], object] = {}
    for item in CLASSED:
        values = frame[item.column]
        for number in QUANTILE_METHODS:
            for place, cut in zip(("lower", "upper"), class_cuts(values, 3, number), strict=True):
                cells[f"cut, type {number}", item.column, place] = float(cut)
        for code, label in zip(frame["stp21_code"], classify(values, class_cuts(values), item.labels), strict=True):
            cells["class", item.column, code] = label
    for groups in range(2, 7):
        members = set(selection.select(frame, selection.Specification(groups=groups)).members["stp21_code"])
        for code in frame["stp21_code"]:
            cells["subgroup", f"top of {groups}", code] = "in" if code in members else "out"
    for row in complexity_correlations(frame).itertuples():
        for method in ("pearson", "spearman"):
            cells["correlation", f"{row.x} and {row.y}", method] = getattr(row, method)
    for variable in ("vanguards", "pioneers"):
        cells["total", variable, "all"] = float(frame[variable].sum())
    people = loading.read("interviewees")
    wide = participants.by_site_and_sector(people).set_index("site")
    for site, count in wide["Total"].drop("Total").items():
        cells["interviewees", "site", str(site)] = float(count)
    for sector, count in wide.loc["Total"].drop("Total").items():
        cells["interviewees", "sector", str(sector)] = float(count)
    for group in participants.by_group(people).itertuples():
        cells["interviewees", "sector_group", str(group.sector_group)] = float(str(group.interviewees))
    cells["interviewees", "total", "all"] = float(participants.sample_size(people))
    kept = snapshot.read()
    shares = pd.concat(
        [kept.ics_counts[["imd", "boundaries", "area"]], deprivation.area_shares(kept.ics_counts)], axis=1
    )
    for record in shares.to_dict("records"):
        key = " ".join(str(record.pop(name)) for name in ("imd", "boundaries", "area"))
        cells.update({("recomputed", str(variable), key): value for variable, value in record.items()})
    agreed = audit.cells(audit.comparisons(frame, kept)).groupby("variable")["agrees"].sum()
    for variable in ("most_deprived_fifth_percent", "urban_percent", "population"):
        cells["printed values that agree", variable, "all"] = float(agreed[variable])
    return cells


@pytest.fixture(scope="module")
def r_cells(project: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str, str], str]:
    rscript = shutil.which("Rscript")
    if rscript is None:
        pytest.skip("Rscript is not installed, so the second programming in R was not compared")
    target = tmp_path_factory.mktemp("r") / "cells.csv"
    command = [rscript, "--vanilla", str(project / SCRIPT), str(project / "data"), str(target)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    frame = pd.read_csv(target, dtype=str, keep_default_na=False)
    assert not frame.duplicated(["result", "variable", "item"]).any()
    return {(a, b, c): value for a, b, c, value in frame.itertuples(index=False)}


def test_both_programs_report_the_same_cells(r_cells: dict[tuple[str, str, str], str]) -> None:
    assert set(r_cells) == set(python_cells())
    assert len(r_cells) > 1000


def test_every_cell_agrees(r_cells: dict[tuple[str, str, str], str]) -> None:
    differing = []
    for key, ours in python_cells().items():
        theirs = r_cells[key]
        same = theirs == ours if isinstance(ours, str) else float(theirs) == pytest.approx(ours, rel=1e-12)
        if not same:
            differing.append((*key, ours, theirs))
    assert differing == []


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
