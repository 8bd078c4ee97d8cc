"""What notebooks and modules declare, kept between commands by what the files hold.

Reading their syntax costs more than everything else of a build that has nothing to do. An entry stands under the
digest of the text that it was read from, and of every module that could have had a part in it, this tool's reading of
notebooks included: what is found under another content's digest is never used.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from compendium import project
from compendium.chain import imports, notebooks
from compendium.chain.freshness import Digests
from compendium.chain.notebooks import Notebook
from compendium.chain.parameters import Parameter

FILE = ".declared.json"  # in the build folder


class Declarations:
    """The declarations of a project's sources.

    Parameters
    ----------
    root, build : the project's folder and the build folder, which keeps what was read.
    digests : of files, as the records of the chain know them.
    """

    def __init__(self, root: Path, build: Path, digests: Digests) -> None:
        self._root, self._file, self._digests = root, build / FILE, digests
        self._used: dict[str, Any] = {}
        self._sources: dict[tuple[str, ...], list[Path]] = {}
        self._members: dict[str, tuple[list[Path], list[str]]] = {}
        self._new = False
        self._packages: list[Path] | None = None
        try:
            kept = json.loads(self._file.read_text("utf-8"))
            self._kept = kept if isinstance(kept, dict) else {}
        except (OSError, ValueError):
            self._kept = {}

    def notebooks(self) -> list[Notebook]:
        """Return the notebooks of the project in the order of their numbers; see `notebooks.discover`."""
        return notebooks.discover(self._root / "notebooks", self._notebook)

    def sources(self, modules: Iterable[str]) -> list[Path]:
        """Return the files of all modules that these bring; see `imports.module_sources`."""
        wanted = tuple(sorted(modules))
        if wanted not in self._sources:
            self._sources[wanted] = imports.module_sources(wanted, self._root, self._member)
        return self._sources[wanted]

    def packages(self) -> list[Path]:
        """Return the descriptions of the project's data; see `notebooks.packages`."""
        if self._packages is None:
            self._packages = notebooks.packages(self._root)
        return self._packages

    def _member(self, name: str) -> tuple[list[Path], list[str]]:
        if name not in self._members:
            self._members[name] = imports.member_files(name, self._root, self._imports)
        return self._members[name]

    def _imports(self, path: Path) -> list[str]:
        return self._of(self._key("imports", [path]), lambda: sorted(imports.imported_by(path)))

    def parsed(self, path: Path, parse: Callable[[], Any]) -> Any:
        """Return what a file of settings holds, as ``parse`` reads it, where that is of JSON types."""
        return self._of(self._key(path.name, [path]), parse)

    def save(self) -> None:
        """Keep what was read for the next command; a folder that cannot be written to costs only time."""
        if self._new or self._used.keys() != self._kept.keys():
            try:
                project.write_text(self._file, json.dumps(self._used))
            except OSError:
                return

    def _notebook(self, path: Path) -> Notebook:
        sources = self.sources(self._imports(path))
        held = self._of(self._key(path.name, [path, *sources]), lambda: asdict(notebooks.read(path)) | {"path": ""})
        parameters = {name: Parameter(**fields) for name, fields in held["parameters"].items()}
        lists = {name: tuple(value) for name, value in held.items() if isinstance(value, (list, tuple))}
        return Notebook(**{**held, **lists, "path": path, "parameters": parameters})

    def _key(self, kind: str, paths: Iterable[Path]) -> str:
        rules = [Path(str(module.__file__)) for module in (notebooks, imports)]
        told = [kind, *(self._digests(path) for path in (*rules, *paths))]
        return hashlib.sha256("\n".join(told).encode()).hexdigest()

    def _of(self, key: str, read: Callable[[], Any]) -> Any:
        if key not in self._used:
            if key in self._kept:
                self._used[key] = self._kept[key]
            else:
                found = read()
                if not _survives(found):
                    return found
                self._used[key], self._new = found, True
        return self._used[key]


def _survives(found: Any) -> bool:
    """Say whether JSON gives back what it is given, tuples aside."""
    try:
        return _plain(json.loads(json.dumps(found))) == _plain(found)
    except (TypeError, ValueError):
        return False


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else (type(value).__name__, value)
