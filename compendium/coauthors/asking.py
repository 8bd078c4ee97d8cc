"""The command that brings Word files back: shows the patch and what it could not place, asks before it writes."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from compendium import project
from compendium.coauthors import returning
from compendium.errors import CompendiumError

COMMENTS = "coauthors/comments.csv"  # in the build folder


def import_docx(files: Sequence[Path], onto: str = "", dry_run: bool = False, yes: bool = False) -> int:
    """Show what Word files change, apply it if that is wanted, and print what was not placed; return 0.

    On a terminal the patch is shown and a question asked; elsewhere it is applied unless ``dry_run``. With ``onto`` the
    patch is only printed, unless the branch's files are those of the work tree.
    """
    root = project.root()
    found = returning.bring_back(root, files, onto)
    print("\n".join(found.told))
    print(found.patch() or "nothing changed in the sources\n", end="")
    for remark in found.remarks:
        print(remark.sentence())
    if found.comments and not dry_run:
        path = project.write_text(project.build_folder() / COMMENTS, found.comment_table())
        count = len(found.comments)
        print(f"{count} comment{'s' * (count != 1)} in {project.relative(path)}")
    if not found.after or dry_run:
        return 0
    other = [file for file, text in found.before.items() if not _same(root / file, text)]
    if other:
        raise CompendiumError(
            f"the work tree is not at '{onto}', so nothing is applied", file=other[0],
            expected=f"git switch {onto}, or the patch above by git apply",
        )  # fmt: skip
    if (
        not yes
        and sys.stdin.isatty()
        and input("Apply it in the work tree? [y/N] ").strip().lower() not in ("y", "yes")
    ):
        print("nothing applied")
        return 0
    for path in found.apply(root):
        print(f"{project.relative(path)} changed; nothing is committed")
    return 0


def _same(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text
