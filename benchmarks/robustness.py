"""The specification sweep: CPU time of the published grid, and two Dask workers beside one on a large grid.

    python benchmarks/robustness.py [SYSTEMS_LEFT_OUT]

The large grid leaves out every set of up to 3 systems (or the number given): some 20 million specifications. Each
timing starts with idle workers that have the package loaded. The sweeps must give the same counts.
"""

from __future__ import annotations

import sys
import time

import report

REPEATS = 2


def main() -> int:
    from analysis import robustness, snapshot
    from analysis.areas import read_areas
    from analysis.characteristics import join
    from compendium.data import loading

    printed = join(
        read_areas(), *(loading.read(f"ics_{part}") for part in ("geography", "organisation", "deprivation"))
    )
    areas = list(printed["ods_code"])
    study = set(printed.loc[printed["deprivation_class"] == "high", "ods_code"])

    grid = robustness.Grid(exclusions=robustness.exclusions(printed))
    started = time.process_time()
    values = robustness.measured(snapshot.read(), grid, areas)
    robustness.sweep(values, grid, areas, study)
    rows = [(f"{grid.size:,} specifications, one process, CPU", f"{time.process_time() - started:.2f} s", "aim: 10 s")]

    from distributed import Client, LocalCluster

    most = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    large = robustness.Grid(exclusions=robustness.leave_out(areas, most))
    warm = robustness.Grid(exclusions=robustness.leave_out(areas, 1) * 8)
    started = time.perf_counter()
    counts = {0: robustness.sweep(values, large, areas, study)}
    rows.append((f"{large.size:,} specifications, one process", f"{time.perf_counter() - started:.1f} s", ""))
    times = {}
    for workers in (1, 2):
        with LocalCluster(
            n_workers=workers, threads_per_worker=1, dashboard_address=None, worker_dashboard_address=None
        ) as cluster:
            with Client(cluster) as client:
                client.wait_for_workers(workers)
            robustness.sweep(values, warm, areas, study, scheduler=cluster.scheduler_address)
            runs = []
            for _ in range(REPEATS):
                started = time.perf_counter()
                counts[workers] = robustness.sweep(values, large, areas, study, scheduler=cluster.scheduler_address)
                runs.append(time.perf_counter() - started)
            times[workers] = min(runs)
    if any((counted.selected != counts[0].selected).any() for counted in counts.values()):
        print("one process, one worker and two workers give different counts")
        return 1
    rows += [
        ("the same, one Dask worker", f"{times[1]:.1f} s", ""),
        ("the same, two Dask workers", f"{times[2]:.1f} s", f"{times[1] / times[2]:.2f} times as fast (aim: 1.6)"),
    ]
    how = f"Best of {REPEATS} runs with Dask, wall-clock unless it says CPU."
    report.write("robustness", "The specification sweep", how, rows)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
