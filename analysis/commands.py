"""The study's own commands, which ``compendium`` lists beside its own (``compendium.toml``: ``commands``)."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from compendium import project
from compendium.errors import CompendiumError

MOST_LEFT_OUT = 5  # already 1.5 thousand million specifications


def add(command: Callable[..., argparse.ArgumentParser]) -> None:
    """Declare the commands; ``command`` takes a name, a function of the parsed options and a line of help."""
    command("audit", _audit, "compare the printed tables with open data, definition by definition")
    inspect = command("inspect", _inspect, "show what a raw file holds, and propose its entry in data/sources.toml")
    inspect.add_argument("file", type=Path, help="an .xlsx, .csv or .rda file of open data")
    command("snapshot", _snapshot, "count the raw open data again, as [snapshot] of data/sources.toml lists")
    sweep = command("sweep", _sweep, "run the subgroup rule under every specification")
    sweep.add_argument("--leave-out", type=int, default=0, metavar="N", help="also leave out up to N systems at a time")
    sweep.add_argument("--scheduler", metavar="ADDRESS", help="let a Dask scheduler do the work")
    sweep.add_argument("-j", "--jobs", type=int, help="processes on this machine (all processors by default)")
    sweep.add_argument("--out", type=Path, help="write the tables as CSV files into this folder")


def _audit(options: argparse.Namespace) -> int:
    from analysis import audit, snapshot
    from analysis.definitions import SURROGATES

    compared = audit.comparisons(_printed(), snapshot.read())
    for row in audit.agreement(compared).itertuples():
        mark = ("~" if row.variable in SURROGATES else "*") if row.main else " "
        print(f"{mark} {row.variable:<28} {row.agree:>2} of {row.of} agree: {row.label}")
    print("* the definition used cell by cell; the page 'The printed tables against raw open data' shows every cell")
    print("~ the same, but a surrogate for a source that is not open: it tests nothing")
    totals = audit.verdicts(audit.cells(compared))[list(audit.VERDICTS)].sum()
    print("printed values: " + "; ".join(f"{count} {verdict}" for verdict, count in totals.items()))
    return 0


def _inspect(options: argparse.Namespace) -> int:
    from analysis import inspection
    from analysis.registry import read_registry

    print("\n".join(inspection.report(options.file, read_registry())))
    return 0


def _snapshot(options: argparse.Namespace) -> int:
    del options
    from analysis import snapshot
    from analysis.registry import read_registry
    from compendium.data import sources

    known = read_registry()
    wanted = dict.fromkeys(
        identifier
        for imd, boundary in known.snapshot["vintages"]
        for identifier in snapshot.needed(imd, boundary, known)
    )
    files = sources.fetch(wanted, progress=sys.stderr.isatty(), sources=known)
    counted = snapshot.compute(snapshot.RawData(files, known))
    for path in snapshot.write(counted, registry=known):
        print(project.relative(path))
    for (imd, boundary), part in counted.ics_counts.groupby(["imd", "boundaries"], sort=False):
        print(f"IMD {imd}, {boundary}: {part['lsoas'].sum():,} LSOAs in {len(part)} areas")
    return 0


def _sweep(options: argparse.Namespace) -> int:
    import time

    from analysis import robustness, selection, snapshot

    printed = _printed()
    areas = printed["ods_code"].tolist()
    if not 0 <= options.leave_out <= MOST_LEFT_OUT:
        raise CompendiumError(
            "so many systems cannot be left out at a time", found=options.leave_out, expected=f"0 to {MOST_LEFT_OUT}"
        )
    study = selection.select(printed).members["ods_code"].tolist()
    chosen = robustness.leave_out(areas, options.leave_out) if options.leave_out else robustness.exclusions(printed)
    grid = robustness.Grid(exclusions=chosen)
    values = robustness.measured(snapshot.read(), grid, areas)
    print(f"running {grid.size:,} specifications", file=sys.stderr)
    began = time.perf_counter()
    counted = robustness.sweep(
        values, grid, areas, study, workers=options.jobs or project.available(), scheduler=options.scheduler
    )
    seconds = time.perf_counter() - began
    stable = robustness.stability(counted, study)
    print(f"{counted.specifications:,} specifications in {seconds:.1f} s; {counted.empty:,} select nobody")
    for verdict, part in stable.groupby("verdict"):
        print(f"{verdict:<10} in the subgroup: {len(part)} of {len(stable)} systems")
    if options.out:
        tables = {"stability": stable, "agreement": robustness.agreement_by_level(counted)}
        for name, table in tables.items():
            path = project.write_text(options.out / f"{name}.csv", table.to_csv(index=False, lineterminator="\n"))
            print(project.relative(path))
    return 0


def _printed() -> Any:
    """Return the printed tables joined, one row per ICS."""
    from analysis import areas, characteristics
    from compendium.data import loading

    names = ("ics_geography", "ics_organisation", "ics_deprivation")
    return characteristics.join(areas.read_areas(), *map(loading.read, names))
