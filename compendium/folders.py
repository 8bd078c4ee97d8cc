"""Which folders may be written over: never the project's sources, nor what others keep."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from compendium import project
from compendium.errors import CompendiumError


@lru_cache(maxsize=8)
def refuse_build(folder: Path, home: Path) -> None:
    """Raise CompendiumError where a folder must not take what the chain makes; ``home`` is the project's."""
    own = folder.relative_to(home).parts[0] if folder != home and folder.is_relative_to(home) else ""
    if home.is_relative_to(folder):
        problem = "is the project's folder or holds it"
    elif own.casefold() in {name.casefold() for name in project.SOURCES} or own.startswith("."):
        problem = "is one of the project's sources"
    elif folder.exists() and not folder.is_dir():
        problem = "is a file"
    elif folder.is_dir() and _tracked(folder, folder):
        problem = "holds files that git tracks"
    elif folder.is_dir() and any(folder.iterdir()) and not {".lock", "parts"} & set(os.listdir(folder)):
        problem = "holds files that this tool has not written"
    else:
        return
    raise CompendiumError(
        f"the build folder is written over, and this one {problem}",
        column="COMPENDIUM_BUILD", found=folder.as_posix(), expected="a folder of its own, such as build/other",
    )  # fmt: skip


def output_folder(home: Path, configured: str | Path) -> Path:
    """Return the folder that outputs go to, which are replaced whole, as a path without links.

    Parameters
    ----------
    home : the project's folder.
    configured : what ``output-dir`` says, relative to it.

    Raises
    ------
    CompendiumError : the folder is the project's, lies outside of it, holds sources or files that git tracks, or holds
        something that this tool has not written.
    """
    base, final = Path(os.path.realpath(home)), Path(os.path.realpath(home / configured))
    parts = final.relative_to(base).parts if final.is_relative_to(base) else ()
    known = {name.casefold() for name in project.SOURCES}
    if not parts:
        problem = "is the project's folder, holds it, or lies outside of it"
    elif parts[0].casefold() in known or parts[0].startswith("."):
        problem = "is one of the project's sources"
    elif parts[0] == project.BUILD and (len(parts) == 1 or parts[1] in project.CHAIN):
        problem = "is where the chain keeps its results"
    elif parts == (project.OUTPUT,):
        problem = "is where all outputs stand"
    elif _tracked(base, final):
        problem = "holds files that git tracks"
    else:
        project.refuse_replacing(final, project.MARK, base)
        return final
    raise CompendiumError(
        f"the output folder is replaced whole, and this one {problem}",
        file="_quarto*.yml",
        column="output-dir",
        found=os.path.relpath(home / configured, home),
        expected=f"a folder of its own, such as {project.OUTPUT}/paper",
    )


def _tracked(home: Path, folder: Path) -> bool:
    """Return whether git tracks anything in a folder; false where there is no git or no repository."""
    try:
        done = subprocess.run(["git", "ls-files", "-z", "--", str(folder)], cwd=home, capture_output=True, check=False)
    except OSError:
        return False
    return done.returncode == 0 and bool(done.stdout)


@contextmanager
def seen(home: Path, build: Path) -> Iterator[Path]:
    """Yield the project as its sources see it: with the chain's products in ``build/``, wherever they stand.

    Where they stand in ``build/``, that is the project itself; else a folder of links to it and to them. What is
    rendered there goes to the project's ``_output/`` when the block succeeds.
    """
    if build == (home / project.BUILD).resolve():
        yield home
        return
    with project.scratch_folder("view") as view:
        for entry in home.iterdir():
            if entry.name not in (project.BUILD, project.OUTPUT, "_variables.yml"):
                (view / entry.name).symlink_to(entry, entry.is_dir())
        (view / project.BUILD).symlink_to(build, True)
        (view / "_variables.yml").symlink_to(build / "results" / "_variables.yml")
        outputs = view / project.OUTPUT
        if (home / project.OUTPUT).is_dir():
            shutil.copytree(home / project.OUTPUT, outputs, symlinks=True)
        before = {path.name: path.stat().st_ino for path in outputs.glob("*")}
        yield view
        for path in sorted(outputs.glob("[!.]*")):
            if path.is_dir() and before.get(path.name) != path.stat().st_ino:  # a folder is replaced whole
                with project.replaced_folder(home / project.OUTPUT / path.name, home=home) as staging:
                    shutil.copytree(path, staging, dirs_exist_ok=True)
