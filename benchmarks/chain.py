"""How fast the chain is, beside the same notebooks through papermill one by one, and a plain script of the same code.

Run with ``python benchmarks/chain.py``: it prints a table and writes ``benchmarks/results/chain.md``. Every way runs
the same notebooks on the same inputs into a build folder of its own; each is timed three times and the median counts.
"""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import report
from report import ROOT

REPEATS = 3
STANDING = ROOT / "build"


def run(command: list[str], build: Path, **environment: str) -> None:
    """Run one command with its results going to ``build``."""
    merged = {**os.environ, "COMPENDIUM_BUILD": str(build), "MPLBACKEND": "agg", **environment}
    merged.pop("PYTHONDONTWRITEBYTECODE", None)  # else every start compiles the tool's sources again
    subprocess.run(command, check=True, env=merged, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def chain(build: Path) -> None:
    """Build everything from nothing."""
    run([sys.executable, "-m", "compendium", "build"], build)


def papermill(build: Path) -> None:
    """Run each committed notebook with the papermill command, one after another."""
    for notebook in sorted((ROOT / "notebooks").glob("*.ipynb")):
        output = build / "papermill" / notebook.name
        output.parent.mkdir(parents=True, exist_ok=True)
        run([sys.executable, "-m", "papermill", str(notebook), str(output)], build, COMPENDIUM_CHAIN="1")


def script(build: Path) -> None:
    """Run all notebooks' code in one Python process: no kernels, no documents. The floor."""
    code = "import glob, runpy\nfor path in sorted(glob.glob('notebooks/*.py')): runpy.run_path(path)"
    run([sys.executable, "-c", code], build, COMPENDIUM_CHAIN="1")


def render(build: Path) -> None:
    """Render the paper in its four formats from the results that stand in ``build/``, whatever the folder given."""
    run([sys.executable, "-m", "compendium", "render", "paper", "--engine", "pandoc"], STANDING)


def wall(way: Callable[[Path], None]) -> float:
    """Return the median seconds of ``way`` over fresh build folders."""
    seconds = []
    for _ in range(REPEATS):
        folder = Path(tempfile.mkdtemp(prefix="bench-"))
        began = time.perf_counter()
        way(folder)
        seconds.append(time.perf_counter() - began)
        shutil.rmtree(folder)
    return statistics.median(seconds)


def no_op(build: Path, repeats: int = 5 * REPEATS) -> tuple[float, float]:
    """Return the median wall and CPU seconds of a build that finds nothing to do in ``build``, which is fresh."""
    wall_s, cpu_s = [], []
    for _ in range(repeats):
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        chain(build)
        wall_s.append(time.perf_counter() - began)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu_s.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return statistics.median(wall_s), statistics.median(cpu_s)


def main() -> None:
    """Measure, print, and write the report."""
    chain_s, papermill_s, script_s = wall(chain), wall(papermill), wall(script)
    chain(STANDING)
    render_s = wall(render)
    no_op_s, no_op_cpu_s = no_op(STANDING)
    rows = [
        ("the chain, from nothing", f"{chain_s:.2f} s", "1"),
        (
            "papermill command, notebook by notebook",
            f"{papermill_s:.2f} s",
            f"chain / papermill = {chain_s / papermill_s:.2f}",
        ),
        ("plain script, one process", f"{script_s:.2f} s", f"chain / script = {chain_s / script_s:.2f}"),
        ("build with nothing to do", f"{no_op_s:.2f} s, of them {no_op_cpu_s:.2f} s CPU", "aim: under 0.15 s"),
        ("paper in four formats, embedded engine", f"{render_s:.2f} s", "aim: under 2 s, start of Python included"),
    ]
    count = len(list((ROOT / "notebooks").glob("*.py")))
    how = f"{count} notebooks; median of {REPEATS} runs each, wall-clock unless it says CPU."
    report.write("chain", "Speed of the chain", how, rows)


if __name__ == "__main__":
    main()
