"""How much of what co-authors do to the Word file comes back: random edits, each judged in the file rendered anew.

Run with a built project: ``python benchmarks/coauthors.py [BATCHES]``. Where ``soffice`` is on PATH, every second batch
is opened and saved by LibreOffice before it comes back. Writes ``benchmarks/results/coauthors.md``.
"""

from __future__ import annotations

import collections
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import docx

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

import wordclient  # noqa: E402

from compendium.coauthors import returning, wordfile  # noqa: E402
from compendium.project import write_text  # noqa: E402
from compendium.render import documents  # noqa: E402
from compendium.render.sources import load_project  # noqa: E402

PAPER, CITED, EACH = "manuscript/paper/paper.qmd", "anderson2022united", 3
Score = dict[str, list[int]]


def saved_again(path: Path, office: str) -> Path:
    """Return a copy of a Word file that LibreOffice opened and saved."""
    folder = path.with_name(f"{path.stem}-saved")
    profile = f"-env:UserInstallation={(path.parent / 'profile').as_uri()}"
    command = [office, profile, "--headless", "--convert-to", "docx:MS Word 2007 XML", "--outdir", os.fspath(folder)]
    subprocess.run([*command, os.fspath(path)], check=True, capture_output=True, timeout=300)
    return folder / path.name


def batch(seed: int, exported: Path, folder: Path, office: str | None) -> tuple[list, list, int]:
    """Make one batch of edits and bring it back; return the edits, those not met, and how many of these it reports."""
    document = docx.Document(os.fspath(exported))
    names = wordclient.editable(wordfile.read(exported).memory)
    edits = wordclient.edit(document, names, [*wordclient.KINDS] * EACH, seed, CITED)
    path = folder / f"back{seed}.docx"
    document.save(os.fspath(path))
    found = returning.bring_back(ROOT, [saved_again(path, office) if office else path])
    home = folder / f"home{seed}"
    home.mkdir()
    returning.overlaid(ROOT, found.after, home)
    (back,) = documents.article(load_project(home, "paper"), PAPER, ["docx"], folder / f"again{seed}")
    missed = wordclient.unmet(edits, "\n".join(found.after.values()), found.remarks, found.comments, back)
    said = " ".join(" ".join(f"{remark.was} {remark.now}" for remark in found.remarks).split())
    reported = sum(any(" ".join(words.split())[:40] in said for words in (*one.stands, *one.gone)) for one in missed)
    return edits, missed, reported


def main(batches: int = 10) -> None:
    """Run the batches and write the table."""
    office = shutil.which("soffice")
    rows: dict[str, Score] = {
        way: {kind: [0, 0] for kind in wordclient.KINDS} for way in ("python-docx", "LibreOffice")
    }
    reported = collections.Counter()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (exported,) = documents.article(load_project(ROOT, "paper"), PAPER, ["docx"], folder / "exported")
        for seed in range(batches):
            way = "LibreOffice" if office and seed % 2 else "python-docx"
            edits, missed, said = batch(seed, exported, folder, office if way == "LibreOffice" else None)
            reported[way] += said
            for one in edits:
                rows[way][one.kind][0] += one not in missed
                rows[way][one.kind][1] += 1
            print(f"batch {seed} ({way}): {len(edits) - len(missed)} of {len(edits)}", flush=True)
    lines = ["| Edit | Saved by python-docx | Saved again by LibreOffice |", "|:--|--:|--:|"]
    for kind in (*wordclient.KINDS, "all"):
        cells = []
        for way in rows:
            parts = [rows[way][kind]] if kind != "all" else list(rows[way].values())
            cells.append(f"{sum(part[0] for part in parts)} of {sum(part[1] for part in parts)}")
        lines.append(f"| {kind} | {' | '.join(cells)} |")
    text = (
        "# Edits of the paper's Word file that come back exactly\n\n"
        "Random edits by `tests/wordclient.py`, each judged in the Word file rendered anew from the changed sources. "
        "An edit in a computed value counts where it is reported and not applied.\n\n" + "\n".join(lines) + "\n\n"
        f"Of those that did not come back, {sum(reported.values())} were reported.\n"
    )
    print(write_text(ROOT / "benchmarks/results/coauthors.md", text))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
