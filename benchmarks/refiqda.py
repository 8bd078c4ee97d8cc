"""Times the import and summaries of a large REFI-QDA project, beside other Python readers where they are installed.

Seconds are those of the clock and, in brackets, of the processor (which a busy machine does not stretch), start-up
included. Run ``python benchmarks/refiqda.py``. To compare, name a Python that has pyrefiqda and qdapy:
``python benchmarks/refiqda.py --python /path/to/other/python``.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
import uuid
import zipfile
from pathlib import Path

SOURCES, CHARACTERS, CODINGS, CODES, CODERS = 1_000, 10_000, 100_000, 200, 4

IMPORT = """
import resource, sys, time
start = time.perf_counter()
from compendium.refiqda import import_project
report = import_project(sys.argv[1], sys.argv[2])
seconds, cpu = time.perf_counter() - start, time.process_time()
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
codings = report.counts["codings"]
print(f"import: {seconds:.1f} s ({cpu:.1f} s CPU), peak {peak:,.0f} MB, {codings:,} codings")
print(next(line for line in report.lines() if line.startswith("edges")))
"""

SUMMARISE = """
import resource, sys, time
start = time.perf_counter()
from compendium.refiqda import load_project
from compendium.evidence.segments import code_by_case, code_counts, quotations
project = load_project(sys.argv[1])
loaded, before = time.perf_counter() - start, time.process_time()
start = time.perf_counter()
for by in ("site", "document", "coder"):
    code_counts(project.segments, project.codebook, by, project.codings)
code_by_case(project.segments, project.codebook, "site", project.codings)
table = quotations(project.segments, project.codebook, project.texts, coded=project.codings)
seconds, cpu = time.perf_counter() - start, time.process_time() - before
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(f"load: {loaded:.1f} s")
print(f"summaries: {seconds:.1f} s ({cpu:.1f} s CPU), peak {peak:,.0f} MB, {len(table):,} quotations")
"""

ANALYSE = """
import resource, sys, time
from compendium.evidence import information, meetings, passages, quotations, reliability
from compendium.refiqda import reports
source = reports.opened(sys.argv[1])
project, total = source.project, time.process_time()
at = (project.segments, project.codings, project.codebook)
order, codes = project.sources["source_id"].tolist(), project.codebook["code_id"].tolist()
def agreement():
    reliability.agreement(project.codings, project.segments, "character", source.lengths)
    reliability.pairs(project.codings, project.segments, "character", source.lengths)
def saturation():
    information.by_interview(project.segments, project.codings, codes, order)
    information.random_orders(project.segments, project.codings, codes, order)
for name, work in {
    "passages": lambda: passages.counts(*at, project.texts),
    "codes that overlap": lambda: meetings.pairs(meetings.meetings(*at, "overlap"), at[1], at[0], at[2]),
    "agreement": agreement,
    "quotations": lambda: quotations.quotations(*at, project.texts),
    "saturation": saturation,
}.items():
    start = time.process_time()
    work()
    print(f"{name}: {time.process_time() - start:.1f} s CPU")
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(f"all of these: {time.process_time() - total:.1f} s CPU, peak {peak:,.0f} MB")
"""

PYREFIQDA = """
import resource, sys, tempfile, time
start = time.perf_counter()
from pyrefiqda import RefiProject
project = RefiProject.load(sys.argv[1], extract_dir=sys.argv[2])
seconds, cpu = time.perf_counter() - start, time.process_time()
found = sum(len(s.coding) for t in project.sources.text_source for s in t.plain_text_selection)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(f"pyrefiqda: {seconds:.1f} s ({cpu:.1f} s CPU), peak {peak:,.0f} MB, {found:,} codings")
"""

QDAPY = """
import resource, sys, time, warnings
warnings.simplefilter("ignore")
start = time.perf_counter()
from qdapy.qdpx import read_qdpx
project = read_qdpx(sys.argv[1])
seconds, cpu = time.perf_counter() - start, time.process_time()
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(f"qdapy: {seconds:.1f} s ({cpu:.1f} s CPU), peak {peak:,.0f} MB, {len(project.fragments):,} codings")
"""


def large_project(path: Path, seed: int = 1) -> None:
    """Write a project of random words: every selection starts and ends on a word boundary."""
    rng = random.Random(seed)

    def guid() -> str:
        return str(uuid.UUID(int=rng.getrandbits(128)))

    words = ["".join(rng.choices("abcdefghiklmnoprstuvwy", k=rng.randint(2, 11))) for _ in range(5_000)]
    codes, users = [guid() for _ in range(CODES)], [guid() for _ in range(CODERS)]
    sources = []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(SOURCES):
            edges, parts = [], []
            length = 0
            while length < CHARACTERS:
                word = rng.choice(words)
                edges.append((length, length + len(word)))
                parts.append(word)
                length += len(word) + 1
            text = " ".join(parts)
            name = guid()
            archive.writestr(f"sources/{name}.txt", text)
            lines = [f'<TextSource guid="{name}" name="Interview {number}" plainTextPath="internal://{name}.txt">']
            for _ in range(CODINGS // SOURCES):
                first = rng.randrange(len(edges) - 40)
                start, end = edges[first][0], edges[first + rng.randrange(40)][1]
                lines.append(
                    f'<PlainTextSelection guid="{guid()}" startPosition="{start}" endPosition="{end}">'
                    f'<Coding guid="{guid()}" creatingUser="{rng.choice(users)}">'
                    f'<CodeRef targetGUID="{rng.choice(codes)}"/></Coding></PlainTextSelection>'
                )
            sources.append("".join(lines) + "</TextSource>")
        members = [f'<Case guid="{guid()}" name="Site {n}">' for n in range(10)]
        ids = [source.split('"', 2)[1] for source in sources]
        cases = [
            head + "".join(f'<SourceRef targetGUID="{one}"/>' for one in ids[place::10]) + "</Case>"
            for place, head in enumerate(members)
        ]
        xml = [
            '<?xml version="1.0" encoding="utf-8"?>',
            '<Project xmlns="urn:QDA-XML:project:1.0" name="Large" origin="benchmark">',
            "<Users>" + "".join(f'<User guid="{u}" name="Coder {n}"/>' for n, u in enumerate(users)) + "</Users>",
            "<CodeBook><Codes>"
            + "".join(f'<Code guid="{c}" name="Code {n}" isCodable="true"/>' for n, c in enumerate(codes))
            + "</Codes></CodeBook>",
            "<Cases>" + "".join(cases) + "</Cases><Sources>" + "".join(sources) + "</Sources></Project>",
        ]
        archive.writestr("project.qde", "".join(xml))


def main() -> None:
    """Make the project, then time each reader in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", help="a Python that has pyrefiqda and qdapy, to compare with")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        start = time.perf_counter()
        large_project(place / "large.qdpx")
        size = (place / "large.qdpx").stat().st_size / 2**20
        print(f"made {SOURCES:,} sources, {CODINGS:,} codings ({size:.0f} MB) in {time.perf_counter() - start:.1f} s")
        runs = [(sys.executable, IMPORT, "imported"), (sys.executable, SUMMARISE, None)]
        runs.append((sys.executable, ANALYSE, None))
        if arguments.python:
            runs += [(arguments.python, PYREFIQDA, "unpacked"), (arguments.python, QDAPY, None)]
        for python, code, out in runs:
            file = place / ("imported" if code in (SUMMARISE, ANALYSE) else "large.qdpx")
            command = [python, "-c", code, str(file), *([str(place / out)] if out else [])]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            print(done.stdout.strip() or done.stderr.strip().splitlines()[-1])


if __name__ == "__main__":
    main()
