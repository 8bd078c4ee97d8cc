"""Three ways of a text made one: word by word, and where that fails marked line by line, as git marks it."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from compendium.errors import CompendiumError
from compendium.project import scratch_folder

WORD = re.compile(r"\{\{<.*?>\}\}|\s+|\w+|[^\w\s]", re.DOTALL)


def merged(base: str, now: str, theirs: str, names: tuple[str, str] = ("now", "theirs")) -> tuple[str, bool]:
    """Return a text with both sides' changes of ``base``, and whether they conflict.

    Words are merged first; sides that changed the same words stand whole between ``<<<<<<<`` and ``>>>>>>>``.
    """
    if now in (base, theirs):
        return theirs, False
    if theirs == base:
        return now, False
    words = [[repr(word) for word in WORD.findall(text)] for text in (now, base, theirs)]
    done = _git(words, names)
    if done is not None:
        return "".join(_read(word) for word in done), False
    ends = "" if now.endswith("\n") else "\n"
    return f"<<<<<<< {names[0]}\n{now}{ends}=======\n{theirs}{ends}>>>>>>> {names[1]}{'' if ends else chr(10)}", True


def _read(word: str) -> str:
    import ast

    return str(ast.literal_eval(word))


def _git(texts: Sequence[Sequence[str]], names: tuple[str, str]) -> list[str] | None:
    """Return the lines of three texts merged by git, or None where they conflict."""
    with scratch_folder("merge") as folder:
        paths = [Path(folder) / name for name in ("now", "base", "theirs")]
        for path, lines in zip(paths, texts, strict=True):
            path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
        try:
            done = subprocess.run(
                ["git", "merge-file", "-p", "-q", *map(str, paths)], capture_output=True, text=True, check=False
            )
        except OSError as error:
            raise CompendiumError("git is missing, which merges texts", expected="git on PATH") from error
    if done.returncode < 0 or done.returncode > 127:
        raise CompendiumError("git cannot merge a text", found=done.stderr.strip())
    return done.stdout.splitlines() if done.returncode == 0 else None
