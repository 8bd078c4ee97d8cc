"""The specification curve: every specification against a plain loop, and the same counts whoever does the work."""

from __future__ import annotations

import gc
import os
import signal
import threading
import time
from fractions import Fraction
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from exact_quantiles import quantile
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import robustness, selection, snapshot
from analysis.areas import read_areas
from analysis.characteristics import join
from analysis.robustness import Exclusion, Grid, Sweep
from compendium.data import loading
from compendium.errors import CompendiumError


@pytest.fixture(scope="module")
def printed() -> pd.DataFrame:
    return join(read_areas(), *(loading.read(f"ics_{part}") for part in ("geography", "organisation", "deprivation")))


@pytest.fixture(scope="module")
def areas(printed: pd.DataFrame) -> list[str]:
    return list(printed["ods_code"])


@pytest.fixture(scope="module")
def study(printed: pd.DataFrame) -> set[str]:
    return set(printed.loc[printed["deprivation_class"] == "high", "ods_code"])


@pytest.fixture(scope="module")
def values(project: Path, areas: list[str]) -> np.ndarray:
    return robustness.measured(snapshot.read(project / snapshot.FOLDER), Grid(), areas)


def same(one: Sweep, other: Sweep) -> bool:
    return (
        (one.selected == other.selected).all()
        and (one.eligible == other.eligible).all()
        and (one.sizes == other.sizes).all()
        and one.overlaps.keys() == other.overlaps.keys()
        and all((one.overlaps[key] == other.overlaps[key]).all() for key in one.overlaps)
    )


def measures(counts: pd.DataFrame, areas: list[str]) -> dict[tuple[str, str], list[Fraction]]:
    """Return the measures as exact fractions of whole counts, by measure and rounding."""
    rows = counts.set_index("area").loc[areas]
    counted = {name: [int(number) for number in rows[name]] for name in ("lsoas", "fifth", "tenth", "rank_sum")}
    total = sum(counted["lsoas"])
    exact = {
        "fifth": [Fraction(100 * n, of) for n, of in zip(counted["fifth"], counted["lsoas"], strict=True)],
        "tenth": [Fraction(100 * n, of) for n, of in zip(counted["tenth"], counted["lsoas"], strict=True)],
        "mean rank": [
            100 - Fraction(100 * n, of * total) for n, of in zip(counted["rank_sum"], counted["lsoas"], strict=True)
        ],
    }
    halves_up = {name: [Fraction((2 * value + 1) // 2) for value in column] for name, column in exact.items()}
    return {
        **{(name, "unrounded"): column for name, column in exact.items()},
        **{(name, "rounded"): column for name, column in halves_up.items()},
    }


def by_loop(counts: pd.DataFrame, grid: Grid, areas: list[str]) -> list[set[str]]:
    """Return the subgroup of every specification, one at a time, in fractions from the counts to the cut."""
    found = []
    tables = {
        (imd, boundary): measures(counts[(counts["imd"] == imd) & (counts["boundaries"] == boundary)], areas)
        for imd, boundary in grid.data
    }
    for exclusion, data, measure, rounding in product(grid.exclusions, grid.data, grid.measures, grid.roundings):
        values = zip(areas, tables[data][measure, rounding], strict=True)
        left = {area: value for area, value in values if area not in exclusion.areas}
        for groups, kind in product(grid.groups, grid.quantile_types):
            cut = quantile(list(left.values()), Fraction(groups - 1, groups), kind)
            above = {area for area, value in left.items() if value > cut}
            at = {area for area, value in left.items() if value == cut}
            found += [above | at if tie == "at or above the cut" else above for tie in grid.ties]
    return found


def test_the_published_sweep_has_over_ten_thousand_specifications(
    values: np.ndarray, printed: pd.DataFrame, areas: list[str], study: set[str]
) -> None:
    grid = Grid(exclusions=robustness.exclusions(printed))
    assert grid.size == 14_580
    counted = robustness.sweep(values, grid, areas, study)
    assert counted.specifications == grid.size
    assert counted.empty == 0
    for choice, levels in grid.levels().items():
        tables = [table for (name, _), table in counted.overlaps.items() if name == choice]
        assert len(tables) == len(set(levels))
        assert sum(int(table.sum()) for table in tables) == grid.size
    small = printed["population_class"].eq("small").to_numpy()
    assert set(counted.eligible[small]) == {grid.size - 2 * 1620}
    assert set(counted.eligible[~small]) == {grid.size - 1620}


def test_every_specification_equals_a_plain_loop_in_fractions(
    project: Path, values: np.ndarray, printed: pd.DataFrame, areas: list[str], study: set[str]
) -> None:
    grid = Grid(exclusions=robustness.exclusions(printed))
    loop = by_loop(snapshot.read(project / snapshot.FOLDER).ics_counts, grid, areas)
    drawn = robustness.members(values, grid, areas).reshape(grid.size, len(areas))
    assert [{areas[i] for i in np.flatnonzero(row)} for row in drawn] == loop
    counted = robustness.sweep(values, grid, areas, study)
    assert counted.selected.tolist() == [sum(area in chosen for chosen in loop) for area in areas]
    each = grid.size // len(grid.exclusions)
    kept_study = [study - set(item.areas) for item in grid.exclusions for _ in range(each)]
    jaccard = [len(a & b) / len(a | b) for a, b in zip(loop, kept_study, strict=True)]
    table = robustness.agreement_by_level(counted)
    assert table.groupby("choice")["identical"].sum().eq(jaccard.count(1)).all()
    rounding = table[table["choice"] == "rounding"]
    assert np.average(rounding["mean_jaccard"], weights=rounding["specifications"]) == pytest.approx(np.mean(jaccard))
    assert rounding["lowest_jaccard"].min() == pytest.approx(min(jaccard))


@settings(max_examples=60)
@given(
    st.lists(st.fractions(0, 100, max_denominator=40), min_size=3, max_size=20),
    st.lists(st.integers(2, 9), min_size=1, max_size=3),
    st.data(),
)
def test_any_measure_is_cut_exactly(column: list[Fraction], groups: list[int], data: st.DataObject) -> None:
    areas = [f"Q{number}" for number in range(len(column))]
    left_out = data.draw(st.lists(st.sampled_from(areas), max_size=len(areas) - 1, unique=True))
    grid = Grid(
        (("x", "y"),),
        ("fifth",),
        ("unrounded",),
        tuple(groups),
        exclusions=(Exclusion("none"), Exclusion("some", tuple(left_out))),
    )
    values = np.array([float(value) for value in column]).reshape(1, 1, 1, -1)
    drawn = robustness.members(values, grid, areas).reshape(grid.size, len(areas))
    expected = []
    for exclusion, number, kind in product(grid.exclusions, groups, grid.quantile_types):
        left = {area: value for area, value in zip(areas, column, strict=True) if area not in exclusion.areas}
        cut = quantile(list(left.values()), Fraction(number - 1, number), kind)
        expected.append([area in left and value > cut for area, value in zip(areas, column, strict=True)])
        expected.append([area in left and value >= cut for area, value in zip(areas, column, strict=True)])
    assert drawn.tolist() == expected


def test_the_study_s_own_specification_draws_the_study_s_subgroup(
    values: np.ndarray, printed: pd.DataFrame, areas: list[str], study: set[str]
) -> None:
    own = Grid(
        data=(("2019", "stp21"),),
        measures=("fifth",),
        roundings=("rounded",),
        groups=(3,),
        quantile_types=(7,),
        ties=("above the cut",),
    )
    drawn = robustness.members(values[:1, :1, 1:2], own, areas).reshape(-1)
    assert {area for area, chosen in zip(areas, drawn, strict=True) if chosen} == study
    assert set(selection.select(printed).members["ods_code"]) == study


def test_stability_gives_a_verdict_for_each_area(values: np.ndarray, areas: list[str], study: set[str]) -> None:
    table = robustness.stability(robustness.sweep(values, Grid(), areas, study), study)
    assert set(table["ods_code"]) == set(areas)
    assert table["in_study"].sum() == 14
    assert (table.loc[table["verdict"] == "always", "share"] == 1).all()
    assert (table.loc[table["verdict"] == "never", "share"] == 0).all()
    assert table.loc[table["verdict"] == "sometimes", "share"].between(0, 1, inclusive="neither").all()
    assert table.loc[table["verdict"] == "always", "in_study"].all()
    assert not table.loc[table["verdict"] == "never", "in_study"].any()


@settings(max_examples=40)
@given(st.lists(st.lists(st.booleans(), min_size=5, max_size=5), min_size=1, max_size=8))
def test_the_jaccard_matrix_equals_sets(rows: list[list[bool]]) -> None:
    matrix = robustness.jaccard_matrix(np.array(rows))
    sets = [{i for i, chosen in enumerate(row) if chosen} for row in rows]
    expected = [[len(a & b) / len(a | b) if a | b else 1.0 for b in sets] for a in sets]
    assert matrix.tolist() == pytest.approx(np.array(expected))


def test_a_constant_measure_selects_nobody_above_and_everybody_at_the_cut(areas: list[str], study: set[str]) -> None:
    grid = Grid(data=(("x", "y"),), measures=("fifth",), roundings=("unrounded",))
    counted = robustness.sweep(np.full((1, 1, 1, 42), 7.0), grid, areas, study)
    assert counted.empty == grid.size // 2
    assert counted.sizes[42] == grid.size // 2


def test_leaving_out_up_to_two_systems_is_every_pair() -> None:
    ways = robustness.leave_out(["a", "b", "c"], 2)
    assert [item.areas for item in ways] == [(), ("a",), ("b",), ("c",), ("a", "b"), ("a", "c"), ("b", "c")]
    assert {item.family for item in ways} == {"none", "without 1", "without 2"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"measures": ("score",)}, "column 'measures': a level of the sweep is unknown; found score"),
        ({"quantile_types": (10,)}, "column 'quantile_types'"),
        ({"groups": (1,)}, "at least two"),
        ({"ties": ()}, "has no level"),
    ],
)
def test_an_unknown_level_is_refused(change: dict, message: str) -> None:
    with pytest.raises(CompendiumError, match=message):
        Grid(**change)


def test_unknown_systems_and_an_empty_rest_are_refused(values: np.ndarray, areas: list[str], study: set[str]) -> None:
    with pytest.raises(CompendiumError, match="unknown systems; found QXX"):
        robustness.sweep(values, Grid(exclusions=(Exclusion("x", ("QXX",)),)), areas, study)
    with pytest.raises(CompendiumError, match="leaves no system to select from"):
        robustness.sweep(values, Grid(exclusions=(Exclusion("all", tuple(areas)),)), areas, study)
    with pytest.raises(CompendiumError, match="subgroup is empty or unknown"):
        robustness.sweep(values, Grid(), areas, {"QXX"})


def test_processes_give_the_same_counts(values: np.ndarray, areas: list[str], study: set[str]) -> None:
    grid = Grid(exclusions=robustness.leave_out(areas, 2)[:200])
    assert same(robustness.sweep(values, grid, areas, study), robustness.sweep(values, grid, areas, study, workers=2))


def test_a_scheduler_that_does_not_answer_is_named(values: np.ndarray, areas: list[str], study: set[str]) -> None:
    distributed = pytest.importorskip("distributed", reason="the extra 'distributed' is not installed")
    with pytest.raises(CompendiumError, match="scheduler does not answer; found nowhere"):
        robustness.sweep(values, Grid(), areas, study, scheduler="nowhere://127.0.0.1")
    assert not [item for item in gc.get_objects() if isinstance(item, distributed.Client)], "none is left half open"


def test_dask_loses_nothing_when_a_worker_is_killed(values: np.ndarray, areas: list[str], study: set[str]) -> None:
    distributed = pytest.importorskip("distributed", reason="the extra 'distributed' is not installed")
    grid = Grid(exclusions=robustness.leave_out(areas, 2) * 4)
    expected = robustness.sweep(values, grid, areas, study)
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, worker_dashboard_address=None
    ) as cluster:
        victim = next(iter(cluster.workers.values())).pid
        outcome: list[Sweep] = []
        work = threading.Thread(
            target=lambda: outcome.append(
                robustness.sweep(values, grid, areas, study, scheduler=cluster.scheduler_address)
            )
        )
        work.start()
        states: list[str] = []
        give_up = time.monotonic() + 60
        while not ("memory" in states and "processing" in states) and time.monotonic() < give_up:
            time.sleep(0.005)
            states = [task.state for task in list(cluster.scheduler.tasks.values())]
        os.kill(victim, signal.SIGKILL)
        assert "processing" in states, "the worker was killed too late to lose anything"
        work.join(timeout=120)
    assert len(outcome) == 1
    assert same(outcome[0], expected)
