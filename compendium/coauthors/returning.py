"""Word files that came back, as one change of the sources: a patch, applied in the work tree, never committed."""

from __future__ import annotations

import csv
import difflib
import io
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from compendium.coauthors import proposal, wordfile
from compendium.coauthors.proposal import Remark
from compendium.errors import CompendiumError
from compendium.project import profiles, scratch_folder, write_text
from compendium.render.sources import Project, load_project
from compendium.texts import read_text

COLUMNS = ("file", "line", "author", "date", "words", "comment", "from")
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass
class Returned:
    """What came back: sources before and after, remarks on what is not applied, comments, and a line for each file."""

    before: dict[str, str] = field(default_factory=dict)
    after: dict[str, str] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)
    comments: list[dict[str, Any]] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    def patch(self) -> str:
        """Return the change as a unified diff, which ``git apply`` takes."""
        found: list[str] = []
        for file, text in sorted(self.after.items()):
            old, new = self.before[file].splitlines(keepends=True), text.splitlines(keepends=True)
            found += difflib.unified_diff(old, new, f"a/{file}", f"b/{file}")
        return "".join(found)

    def apply(self, root: Path) -> list[Path]:
        """Write the changed sources."""
        return [write_text(root / file, text) for file, text in sorted(self.after.items())]

    def comment_table(self) -> str:
        """Return the comments as CSV; what a spreadsheet would take for a formula stands behind an apostrophe."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        for row in self.comments:
            cells = (str(row[name]) for name in COLUMNS)
            writer.writerow([f"'{cell}" if cell.startswith(FORMULA) else cell for cell in cells])
        return out.getvalue()


def bring_back(root: Path, files: Sequence[Path], onto: str = "") -> Returned:
    """Return what Word files that came back change in the sources; nothing is written.

    Parameters
    ----------
    root : the project's folder.
    files : Word files of one document. Several are merged one after the other, and where they disagree both stand.
    onto : the branch or commit whose sources are changed; by default the files as they stand.

    Raises
    ------
    CompendiumError : a file that is none of ours, encrypted, with macros or damaged, a branch that is not there.
    """
    read = [wordfile.read(path) for path in files]
    done = Returned()
    with ExitStack() as stack:
        start = _checked_out(root, onto, Path(stack.enter_context(scratch_folder("onto")))) if onto else root
        here = start
        for number, word in enumerate(read):
            project, memory, way = _exported(here, word, Path(stack.enter_context(scratch_folder("export"))))
            left = ", ".join(path.name for path in files[:number]) or onto or "now"
            found = proposal.propose(project, word, memory, (left, word.path.name))
            if number:
                alone = proposal.propose(
                    load_project(start, project.profile), word, memory, (onto or "now", word.path.name)
                )
                found.remarks = list(_disagreements(found.remarks, alone.remarks, left, word.path.name))
            done.remarks += found.remarks
            done.comments += found.comments
            done.told.append(_told(word, memory, found, way))
            done.after |= found.texts
            if number + 1 < len(read) and done.after:
                here = overlaid(start, done.after, Path(stack.enter_context(scratch_folder("sources"))))
        done.before = {file: read_text(start / file, file) for file in done.after}
        done.after = {file: text for file, text in done.after.items() if text != done.before[file]}
    return done


def _disagreements(found: Sequence[Remark], alone: Sequence[Remark], left: str, right: str) -> Iterator[Remark]:
    """Yield remarks in which a conflict that the file alone would not have is one of the files with each other."""
    own = sum(remark.kind == "conflict" for remark in alone)
    for remark in found:
        if remark.kind == "conflict" and not own:
            yield Remark("conflict", remark.file, remark.line, f"({left} and {right} disagree)", "", "", "")
        else:
            yield remark


def _told(word: wordfile.WordFile, memory: dict[str, Any], found: proposal.Proposal, way: str) -> str:
    commit = f", exported at commit {memory['commit']}" if memory["commit"] and not way else ""
    ways = found.ways
    lost = f" {way}" if way else ""
    return (
        f"{word.path.name}: {memory['source']}{commit};{lost} paragraphs matched: {ways['mark']} by bookmark, "
        f"{ways['text']} by equal text, {ways['words']} by likeness"
    )


def _exported(root: Path, word: wordfile.WordFile, scratch: Path) -> tuple[Project, dict[str, Any], str]:
    """Return the project, what was exported, and a word on its loss: without memory, what would be exported now."""
    from compendium.render import documents

    for profile in profiles(root):
        project = load_project(root, profile)
        if "docx" not in project.formats():
            continue
        for file in project.documents():
            if word.memory is not None and word.memory["source"] == file:
                return project, word.memory, ""
            if word.memory is None:
                (path,) = documents.article(project, file, ["docx"], scratch)
                memory = wordfile.read(path).memory
                assert memory is not None
                return project, memory, "it has lost what it remembers, so it is compared with an export of now;"
    source = word.memory["source"] if word.memory else None
    raise CompendiumError("no document of the project is the Word file's source", file=word.path, found=source)


def overlaid(root: Path, texts: dict[str, str], folder: Path) -> Path:
    """Return a copy of a project's sources with these texts; what they do not touch is linked."""
    changed = {file.split("/")[0] for file in texts}
    for entry in root.iterdir():
        if entry.name in changed and entry.is_dir():
            shutil.copytree(entry, folder / entry.name)
        elif entry.name not in changed and entry.name != ".git":
            (folder / entry.name).symlink_to(entry.resolve())
    for file, text in texts.items():
        write_text(folder / file, text)
    return folder


def _checked_out(root: Path, branch: str, folder: Path) -> Path:
    """Return a folder with a commit's files, beside which the present build stands."""
    import tarfile

    if branch.startswith("-"):
        raise CompendiumError("there is no such branch or commit", found=branch)
    done = subprocess.run(["git", "archive", "--format=tar", branch], cwd=root, capture_output=True, check=False)
    if done.returncode != 0:
        raise CompendiumError("there is no such branch or commit", found=branch, expected="one that git knows")
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(folder, filter="data")
    if (root / "build").exists() and not (folder / "build").exists():
        (folder / "build").symlink_to((root / "build").resolve())
    return folder
