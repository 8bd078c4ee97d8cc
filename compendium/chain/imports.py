"""What notebooks and modules import from the tool and the study, read from their text: their results rest on it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

FROM = re.compile(r"^[ \t]*from ((?:analysis|compendium)[\w.]*) import (\([^)]*\)|[^\n#]*)", re.MULTILINE)
IMPORT = re.compile(r"^[ \t]*import ((?:analysis|compendium)[\w.]*)", re.MULTILINE)
AT_START = re.compile(r"^from ([A-Za-z_][\w.]*) import (\([^)]*\)|[^\n#]*)|^import ([A-Za-z_][\w.]*)", re.MULTILINE)
TOOL = Path(__file__).resolve().parent.parent
STORE = "compendium.chain.results"  # what every notebook uses


def module_sources(
    modules: Iterable[str], root: Path, member: Callable[[str], tuple[list[Path], list[str]]] | None = None
) -> list[Path]:
    """Return the files of the tool's and the study's modules that these import, directly or through one another.

    Parameters
    ----------
    modules : full names, such as "analysis.areas"; those of neither package are passed over.
    root : the project's folder, which holds ``analysis/``.
    member : the files that a name means, and the names that these bring (`member_files`).
    """
    seen: set[Path] = set()
    queue, asked = [*modules, STORE], set[str]()
    while queue:
        name = queue.pop()
        if name not in asked:
            asked.add(name)
            files, names = member(name) if member else member_files(name, root)
            seen.update(files)
            queue += names
    return sorted(seen, key=os.fspath)


def member_files(
    name: str, root: Path, imports: Callable[[Path], Iterable[str]] | None = None
) -> tuple[list[Path], list[str]]:
    """Return the files that the full name of an import means, none where it is a function, and the names they bring.

    ``imports`` says what a source imports (`imported_by`).
    """
    package, *parts = name.split(".")
    base = os.path.join(root / "analysis" if package == "analysis" else TOOL, *parts)
    places = [f"{base}.py", os.path.join(base, "__init__.py")] if parts else [os.path.join(base, "__init__.py")]
    files = [Path(place) for place in places if os.path.isfile(place)]
    names = [imported for path in files for imported in (imports or imported_by)(path)]
    if files and parts:
        names.append(".".join([package, *parts[:-1]]))  # a module brings its package
    return files, names


def imported_at_start(notebook: Path, root: Path) -> set[str]:
    """Return the full names of the modules that a notebook imports before it calls anything.

    The study's own are followed but not named: whoever imports them runs the study's code.
    """
    found: set[str] = set()
    queue, seen = [notebook], set[Path]()
    while queue:
        path = queue.pop()
        seen.add(path)
        for module, members, plain in AT_START.findall(path.read_text("utf-8")):
            names = [module or plain, *(f"{module}.{name}" for name in _members(members))]
            if names[0].partition(".")[0] in ("analysis", "compendium"):
                files = {name: member_files(name, root, lambda _path: ())[0] for name in names}
                if names[0].startswith("compendium"):
                    found.update(name for name in names if files[name])
                else:
                    queue += {path for paths in files.values() for path in paths} - seen
            else:
                found.add(names[0])
    return found


def imported_by(path: Path) -> frozenset[str]:
    """Return what a module imports; all notebooks ask about the same modules, so each is read once."""
    return _imported_by(path, path.stat().st_mtime_ns)


@cache
def _imported_by(path: Path, _stamp: int) -> frozenset[str]:
    return frozenset(imported_names(path.read_text("utf-8")))


def imported_names(text: str) -> set[str]:
    """Return the full names of what a source imports from the tool or the study, anywhere in it.

    A search of the text is far quicker than a walk of the syntax; at worst a text that looks like an import adds a
    dependency too many. A member may be a module or a function: both are named, and only files count.
    """
    names: set[str] = set(IMPORT.findall(text))
    for module, members in FROM.findall(text):
        names.update([module, *(f"{module}.{member}" for member in _members(members))])
    return names


def _members(listed: str) -> list[str]:
    """Return the names that stand after ``import``, without what they are called here."""
    return [word.split()[0] for word in listed.strip("()").split(",") if word.strip()]
