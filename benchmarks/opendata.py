"""Raw open data to 42 rows: CPU time and memory, beside the obvious pandas way.

    python benchmarks/opendata.py MIRROR_FOLDER

Each way runs in a process of its own, from reading the files to the 42 rows, and both must give the same deprivation
and urban counts. The obvious way: `read_excel` and `read_csv` as they come, `merge`, and a loop over `groupby`.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import report

REPEATS = 3


def ours(mirror: Path) -> dict[str, list[int]]:
    from analysis import snapshot
    from compendium.data import sources

    files = sources.fetch(snapshot.needed("2019", "stp21"), mirror=mirror)
    counted = snapshot.compute(snapshot.RawData(files), [("2019", "stp21")], ["2022-03-31"])
    table = snapshot.ics_table(counted).set_index("area")
    return {str(area): [int(row["fifth"]), int(row["urban"])] for area, row in table.iterrows()}


def obvious(mirror: Path) -> dict[str, list[int]]:
    import pandas as pd

    imd = pd.read_excel(mirror / "File_1_-_IMD2019_Index_of_Multiple_Deprivation.xlsx", sheet_name="IMD2019")
    lookup = pd.read_csv(mirror / "LSOA11_CCG21_LAD21_EN_LU.csv")
    practices = pd.read_csv(mirror / "gp-reg-pat-prac-map.csv")
    classes = pd.read_csv(mirror / "ruc_2011.csv")
    pd.read_csv(mirror / "2022_2023.csv").groupby("ICS22")["pop 2022/23"].sum()
    ccgs = practices[["CCG_CODE", "STP_CODE"]].drop_duplicates()
    merged = lookup.merge(ccgs, left_on="CCG21CDH", right_on="CCG_CODE")
    merged = merged.merge(imd, left_on="LSOA11CD", right_on="LSOA code (2011)")
    merged = merged.merge(classes, left_on="LSOA11CD", right_on="lsoa")
    rank = "Index of Multiple Deprivation (IMD) Rank"
    found = {}
    for area, group in merged.groupby("STP_CODE"):
        fifth = sum(1 for _, row in group.iterrows() if row[rank] <= 0.2 * len(merged))
        urban = sum(1 for _, row in group.iterrows() if row["RUC11CD"][0] in "ABC")
        found[str(area)] = [fifth, urban]
    return found


def measure(way: str, mirror: Path) -> dict:
    """Run one way in a process of its own and return its CPU seconds, peak memory and result."""
    command = [sys.executable, __file__, str(mirror), way]
    runs = [
        json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout) for _ in range(REPEATS)
    ]
    return min(runs, key=lambda run: run["cpu"])


def main() -> int:
    given = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("COMPENDIUM_MIRROR")
    if given is None:
        print("opendata: name the folder of raw files, as an argument or in COMPENDIUM_MIRROR")
        return 0
    mirror = Path(given)
    if len(sys.argv) > 2:
        started = time.process_time()
        result = {"ours": ours, "obvious": obvious}[sys.argv[2]](mirror)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({"cpu": time.process_time() - started, "peak": peak, "result": result}))
        return 0
    runs = {way: measure(way, mirror) for way in ("ours", "obvious")}
    if runs["ours"]["result"] != runs["obvious"]["result"]:
        print("the two ways give different counts")
        return 1
    first, second = runs["ours"], runs["obvious"]
    rows = [
        ("raw files to 42 rows, CPU, imports included", f"{first['cpu']:.2f} s", "aim: under 3 s"),
        ("peak memory", f"{first['peak']:.0f} MB", "aim: under 400 MB"),
        (
            "the obvious pandas way, CPU",
            f"{second['cpu']:.2f} s",
            f"ours / obvious = {first['cpu'] / second['cpu']:.2f}",
        ),
        ("its peak memory", f"{second['peak']:.0f} MB", ""),
    ]
    how = f"Best of {REPEATS} runs each, in processes of their own; both ways give the same 42 rows."
    report.write("opendata", "From raw open data to the 42 systems", how, rows)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
