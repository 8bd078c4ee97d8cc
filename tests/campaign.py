"""A campaign of damage: kills, damaged inputs and faults of the system, on scratch projects, each told by its class.

Run by hand: ``python tests/campaign.py [--seed N] [--mutations N] [--kills N] [--faults N] [--minutes M]``. It writes
``benchmarks/results/faults.md`` and exits with 1 where any class counts more than none. A seed gives the same
mutations again; the moments of kills depend on the machine too.

Three scratch projects stand for the whole one: its data, all CSV files with their packages (``compendium check``); the
chain of three tiny notebooks of ``tests/conftest.py`` (``build``, ``notebooks``); and the manuscripts of the fixtures
(``render``). What is written, locked, joined and replaced is the same code as for the whole study.
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import importlib
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from conftest import FIRST, PROJECT, SECOND, THIRD
from damage import Damage, damaged_cell, damaged_csv, damaged_notebook, damaged_source, damaged_yaml, tables
from forked import HANG, Outcome, command
from render.conftest import fixture_project

from compendium.data import loading, packages

REPORT = PROJECT / "benchmarks/results/faults.md"
CLASSES = {
    "mixed": "trees mixed of old and new",
    "lost": "files lost or changed that nobody meant to change",
    "traceback": "tracebacks, or exits without a sentence",
    "hang": f"commands that did not end in {HANG} s",
    "accepted": "damaged CSV accepted with changed values",
    "stale": "old results taken for new ones",
    "unmended": "commands that did not succeed, or gave other bytes, after the damage was mended",
    "leftover": "hidden leftovers after two more commands",
}
WARM = (
    "pandas", "yaml", "papermill", "jupyter_client", "compendium.chain.graph", "compendium.chain.kernels",
    "compendium.render.book", "compendium.render.site", "compendium.writing.checks",
)  # fmt: skip
"""Imported once, so that every command forked from here finds them."""
NOBODY = 65534
Tree = dict[str, str]


@dataclass
class Tally:
    """What was tried, by kind, and every finding by class."""

    tried: Counter[str] = field(default_factory=Counter)
    ended: Counter[str] = field(default_factory=Counter)
    found: list[tuple[str, str, str]] = field(default_factory=list)

    def add(self, kind: str, what: str, outcome: Outcome) -> None:
        """Count one trial and what its command did wrong by itself."""
        self.tried[kind] += 1
        ended = {None: "hung", 0: "done", 1: "refused with a sentence"}.get(outcome.code, "stopped")
        self.ended[ended] += 1
        if outcome.code is None:
            self.note("hang", kind, what)
        elif "Traceback (most recent call last)" in outcome.text or outcome.code not in (0, 1, 2, 130, 143):
            self.note("traceback", kind, f"{what}: {outcome.text.strip().splitlines()[-1:]}")
        elif outcome.code == 1 and not outcome.text.strip():
            self.note("traceback", kind, f"{what}: no sentence")

    def note(self, name: str, kind: str, what: str) -> None:
        """Keep a finding and print it."""
        self.found.append((name, kind, " ".join(what.split())))
        print(f"! {name} ({kind}): {what}", file=sys.stderr, flush=True)


def tree(folder: Path) -> Tree:
    """Return the digest of every file below a folder by its path."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def sources(root: Path) -> Tree:
    """Return the digests of all that a project's own people wrote."""
    made = ("build/", "_output/", "_variables.yml", ".")
    return {name: digest for name, digest in tree(root).items() if not name.startswith(made)}


def leftovers(root: Path) -> list[str]:
    """Return what a dead process left beside what it wrote, and in the folder for temporary files."""
    beside = [path.relative_to(root).as_posix() for path in root.rglob(".*") if path.suffix in (".part", ".old")]
    return beside + [path.name for path in (root.parent / "tmp").glob("compendium-run-*")]


class Scratch:
    """A scratch project with two sound states, the trees of both, and the command that makes them."""

    def __init__(self, root: Path, made: str, words: tuple[str, ...], change: tuple[str, str, str]) -> None:
        self.root, self.made, self.words = root, root / made, words
        self.file, *self.texts = root / change[0], change[1], change[2]
        self.now, self.trees, self.seconds = 0, [], []
        for state in (1, 0):
            self.set(state)
            began = time.monotonic()
            done = command(root, *words)
            assert done.code == 0, done.text
            self.seconds.append(time.monotonic() - began)
            self.trees.insert(0, tree(self.made))
        assert self.trees[0] != self.trees[1]

    def set(self, state: int) -> None:
        """Put the sources into one of the two states."""
        text = self.file.read_text("utf-8")
        self.file.write_text(text.replace(self.texts[1 - state], self.texts[state]), "utf-8")
        self.now = state

    def judge(self, kind: str, what: str, tally: Tally, own: Tree) -> None:
        """After a command that may have failed: the tree is one of the two, the sources are as they were."""
        if tree(self.made) not in self.trees:
            tally.note("mixed", kind, what)
        if (now := sources(self.root)) != own:
            odd = sorted(name for name in {*now, *own} if now.get(name) != own.get(name))
            tally.note("lost", kind, f"{what}: {', '.join(odd[:5])}")

    def mend(self, kind: str, what: str, tally: Tally) -> None:
        """Run the command again on sound sources: it succeeds, gives the right bytes and leaves nothing behind."""
        done = command(self.root, *self.words)
        if done.code != 0 or tree(self.made) != self.trees[self.now]:
            tally.note("unmended", kind, f"{what}: {done.text.strip()[-300:]}")
            shutil.rmtree(self.root / "build" / "made", ignore_errors=True)
            command(self.root, *self.words)
        if leftovers(self.root):  # of kernels that outlived by a moment the build that was killed
            command(self.root, *self.words)
        if left := leftovers(self.root):
            tally.note("leftover", kind, f"{what}: {', '.join(left[:3])}")


def chain_project(folder: Path) -> Scratch:
    """Return the chain of three tiny notebooks, each with its .ipynb."""
    root = folder / "chain"
    (root / "notebooks").mkdir(parents=True)
    for name, text in (("01_sum", FIRST), ("02_twice", SECOND), ("03_alone", THIRD)):
        (root / "notebooks" / f"{name}.py").write_text(text, "utf-8")
    (root / "data").mkdir()
    (root / "data" / "numbers.csv").write_text("n\n1\n2\n3\n", "utf-8")
    (root / "params.yml").write_text("factor: 1  # of every number\nlabel: plain\n", "utf-8")
    made = Scratch(root, "build/results", ("build",), ("data/numbers.csv", "\n3\n", "\n4\n"))
    done = command(root, "notebooks")
    assert done.code == 0, done.text
    return made


def manuscript_project(folder: Path) -> Scratch:
    """Return the manuscripts of the fixtures, of which the paper is rendered."""
    root = fixture_project(folder / "manuscript", PROJECT)
    words = ("render", "paper", "--engine", "pandoc")
    return Scratch(root, "_output/paper", words, ("manuscript/paper/paper.qmd", "# Introduction", "# Beginning"))


def data_project(folder: Path) -> Path:
    """Return the study's data with their packages."""
    root = folder / "data-only" / "project"
    shutil.copytree(PROJECT / "data", root / "data", ignore=shutil.ignore_patterns("raw"))
    (root / "notebooks").mkdir()
    shutil.copy(PROJECT / "compendium.toml", root)
    shutil.copytree(PROJECT / "analysis", root / "analysis", ignore=shutil.ignore_patterns("__pycache__"))
    assert command(root, "check").code == 0, command(root, "check").text
    return root


def kill(rng: random.Random, scratch: Scratch, tally: Tally, kind: str) -> None:
    """Kill the command at a random moment, look at what stands, and let the next command finish."""
    own_state = 1 - scratch.now
    scratch.set(own_state)
    if kind == "kill of a merge":  # the parts stand already: only the joining is left
        scratch.set(1 - own_state)
        (scratch.root / "build/made/results.json").unlink()
        longest = 0.6
    else:
        longest = 1.1 * max(scratch.seconds)
    own, after = sources(scratch.root), rng.uniform(0.02, longest)
    outcome = command(scratch.root, *scratch.words, kill_after=after)
    what = f"{' '.join(scratch.words)}, killed after {after:.2f} s"
    tally.tried[kind] += 1
    tally.ended["killed" if outcome.code is None else "had ended before"] += 1
    if "Traceback" in outcome.text:
        tally.note("traceback", kind, what)
    scratch.judge(kind, what, tally, own)
    scratch.mend(kind, what, tally)


def mutate(scratch: Scratch, damage: Damage, words: tuple[str, ...], tally: Tally) -> None:
    """Damage a file, run a command, look at what stands, and mend the file."""
    path, kept = scratch.root / damage.file, (scratch.root / damage.file).read_bytes()
    what = f"{damage.file}: {damage.what}"
    path.write_bytes(damage.content)
    own = sources(scratch.root)
    outcome = command(scratch.root, *words)
    tally.add(damage.kind, what, outcome)
    if outcome.code != 0:
        scratch.judge(damage.kind, what, tally, own)
    elif damage.must_be_refused and words == scratch.words and tree(scratch.made) in scratch.trees:
        tally.note("stale", damage.kind, what)
    path.write_bytes(kept)
    if outcome.code != 1:
        scratch.mend(damage.kind, what, tally)


def mutate_data(root: Path, damage: Damage, tally: Tally) -> None:
    """Damage a CSV file and check it; where it passes, compare the values that it holds."""
    path, kept = root / damage.file, (root / damage.file).read_bytes()
    schema = packages.described(path)
    assert schema is not None
    before = loading.read_table(path, schema)
    path.write_bytes(damage.content)
    outcome = command(root, "check")
    tally.add(damage.kind, f"{damage.file}: {damage.what}", outcome)
    if outcome.code == 0 and not loading.read_table(path, schema).equals(before):
        tally.note("accepted", damage.kind, f"{damage.file}: {damage.what}")
    path.write_bytes(kept)


def fault(rng: random.Random, scratch: Scratch, tally: Tally) -> None:
    """Let the system refuse what a command writes: no room after some bytes, or no permission."""
    scratch.set(1 - scratch.now)
    own = sources(scratch.root)
    if rng.random() < 0.5:
        size = rng.choice([0, 1, 100, 1000, 4096, 20_000, 100_000])
        kind, what = "full disk", f"{' '.join(scratch.words)}, no file above {size} bytes"
        outcome = command(
            scratch.root, *scratch.words, before=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        )
    else:
        kind, what = "no permission", f"{' '.join(scratch.words)}, by one who may only read"
        outcome = command(scratch.root, *scratch.words, before=lambda: os.setuid(NOBODY))
    tally.add(kind, what, outcome)
    if outcome.code == 0 and tree(scratch.made) != scratch.trees[scratch.now]:
        tally.note("stale", kind, what)
    scratch.judge(kind, what, tally, own)
    scratch.mend(kind, what, tally)


def report(tally: Tally, options: argparse.Namespace, seconds: float) -> str:
    """Return the report as Markdown."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, cwd=PROJECT)
    counts = Counter(name for name, _, _ in tally.found)
    kinds = "; ".join(f"{kind}: {number}" for kind, number in sorted(tally.tried.items()))
    ends = "; ".join(f"{end}: {number}" for end, number in sorted(tally.ended.items()))
    lines = [
        "# Faults: what damage does",
        "",
        f"`python tests/campaign.py --seed {options.seed}`, {datetime.date.today():%Y-%m-%d}, commit "
        f"{commit.stdout.strip() or 'unknown'}, {seconds / 60:.1f} minutes, {os.cpu_count()} processors.",
        "",
        f"Tried: {sum(tally.tried.values())} ({kinds}). Commands: {ends}.",
        "",
        "| class | found | aim |",
        "|:---|---:|---:|",
        *(f"| {words} | {counts[name]} | 0 |" for name, words in CLASSES.items()),
        "",
        *(["Findings:", ""] if tally.found else []),
        *(f"- {name} ({kind}): {what}" for name, kind, what in tally.found),
        *([""] if tally.found else []),
        "Run on scratch projects: all CSV files of the study with their packages, a chain of three tiny notebooks, the "
        "manuscripts of the fixtures. A cell is damaged where its column has a rule that tells it from any text: a "
        "plausible value in the place of another, or another wording of a free text, no description can tell. An "
        "accepted CSV counts if any value in it has changed, whether or not a result rests on it.",
        "",
    ]
    return "\n".join(lines)


def main() -> int:
    """Run the campaign and write the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--mutations", type=int, default=300, help="damaged inputs (300 by default)")
    parser.add_argument("--kills", type=int, default=60, help="commands killed (60 by default)")
    parser.add_argument("--faults", type=int, default=20, help="full disks and missing permissions (20 by default)")
    parser.add_argument("--minutes", type=float, default=10, help="after which no new trial begins (10 by default)")
    parser.add_argument("--report", type=Path, default=REPORT)
    options = parser.parse_args()
    for name in ("COMPENDIUM_BUILD", "COMPENDIUM_CHAIN", "QUARTO_PATH"):
        os.environ.pop(name, None)
    rng, tally, began = random.Random(options.seed), Tally(), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="campaign-") as scratch:
        folder = Path(scratch)
        folder.chmod(0o755)
        for name in (".", "manuscript", "data-only"):
            (folder / name / "tmp").mkdir(parents=True)
            (folder / name / "tmp").chmod(0o777)
        os.environ["COMPENDIUM_ROOT"] = str(folder / "data-only" / "project")
        for name in WARM:
            importlib.import_module(name)
        data = data_project(folder)
        for table in tables(data):
            loading.read_table(table.path, table)
        chain, manuscript = chain_project(folder), manuscript_project(folder)
        trials: list[Callable[[], None]] = []
        for number in range(options.mutations):
            trials.append(_mutation(rng, number, chain, manuscript, data, tally))
        for number in range(options.kills):
            of = (chain, "kill of a build"), (chain, "kill of a merge"), (manuscript, "kill of a rendering")
            scratch_of, kind = of[number % 3]
            trials.append(lambda s=scratch_of, k=kind: kill(rng, s, tally, k))
        for number in range(options.faults):
            trials.append(lambda s=(chain, manuscript)[number % 2]: fault(rng, s, tally))
        rng.shuffle(trials)
        for done, trial in enumerate(trials, start=1):
            if time.monotonic() - began > 60 * options.minutes:
                break
            trial()
            if done % 20 == 0:
                print(f"{done} of {len(trials)}, {len(tally.found)} findings", file=sys.stderr, flush=True)
    text = report(tally, options, time.monotonic() - began)
    options.report.write_text(text, "utf-8", newline="\n")
    print(text)
    return 1 if tally.found else 0


def _mutation(
    rng: random.Random, number: int, chain: Scratch, manuscript: Scratch, data: Path, tally: Tally
) -> Callable[[], None]:
    """Return one trial: of ten, six damage a CSV file, one a notebook, one a YAML file, two a manuscript."""
    place = number % 10
    if place < 6:
        damaged = damaged_cell if place < 3 else damaged_csv
        return lambda: mutate_data(data, damaged(rng, data), tally)
    if place == 6:
        return lambda: mutate(chain, damaged_notebook(rng, chain.root), ("build",), tally)
    if place == 7 and number % 20 == 7:
        return lambda: mutate(chain, damaged_yaml(rng, chain.root, ["params.yml"]), ("build",), tally)
    if place == 7:
        files = ["_quarto.yml", "_quarto-paper.yml"]
        return lambda: mutate(manuscript, damaged_yaml(rng, manuscript.root, files), manuscript.words, tally)
    words = rng.choice([("check",), manuscript.words])
    return lambda: mutate(manuscript, damaged_source(rng, manuscript.root), words, tally)


if __name__ == "__main__":
    raise SystemExit(main())
