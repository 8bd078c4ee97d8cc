"""Whether results are those of the present inputs, decided by what files hold and never by their times.

Each product of the chain (a notebook's part, the joined results, the pages) has a record: the digests of all that it
rests on and of all that it wrote, and the settings it was made with. A product is fresh while all three still hold.
A record is written last and removed first, so that whatever a dead process left behind is made again.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from compendium import project

GONE = "not there"
TOOL = os.fspath(Path(__file__).resolve().parent.parent)
RACY_NS = 100_000_000
"""A file changed this shortly before it was read may change again within the clock's step: its digest is not kept."""


class Digests:
    """SHA-256 of files by path, read only where size, inode and both times differ from when they were last read.

    Parameters
    ----------
    cache : the file that keeps what was read; without it every file is read once.
    """

    def __init__(self, cache: Path | None = None) -> None:
        self._cache = cache
        self._kept: dict[str, list[Any]] = {}
        self._found: dict[str, str] = {}
        self._changed = False
        if cache is not None:
            try:
                kept = json.loads(cache.read_text("utf-8"))
                self._kept = kept if isinstance(kept, dict) else {}
            except (OSError, ValueError):
                self._kept = {}

    def __call__(self, path: Path | str) -> str:
        """Return the digest of a file, or `GONE` where there is none."""
        name = os.fspath(path)
        if name not in self._found:
            self._found[name] = self._digest(name)
        return self._found[name]

    def again(self) -> None:
        """Forget what was found in this process: files may have been written since."""
        self._found.clear()

    def _digest(self, name: str) -> str:
        try:
            stat = os.stat(name)
            stamp = [stat.st_size, stat.st_ino, stat.st_ctime_ns, stat.st_mtime_ns]
            kept = self._kept.get(name)
            if isinstance(kept, list) and kept[:4] == stamp and len(kept) == 5:
                return str(kept[4])
            digest = project.sha256(name)
        except OSError:
            return GONE
        if time.time_ns() - max(stat.st_ctime_ns, stat.st_mtime_ns) > RACY_NS:
            self._kept[name] = [*stamp, digest]
            self._changed = True
        return digest

    def save(self) -> None:
        """Keep what was read for the next process; a folder that cannot be written to costs only time."""
        if self._cache is None or not self._changed:
            return
        try:
            project.write_text(self._cache, json.dumps(self._kept))
        except OSError:
            return
        self._changed = False


@dataclass(frozen=True)
class Product:
    """Something the chain makes.

    Parameters
    ----------
    name : a notebook's name, "results", "pages" or "drafts".
    rests_on : the files that it is made from.
    folders, files : what it writes: whole folders, and single files.
    settings : what else it depends on, in JSON types.
    """

    name: str
    rests_on: tuple[Path, ...]
    folders: tuple[Path, ...]
    files: tuple[Path, ...]
    settings: Any

    def made(self) -> list[str]:
        """Return the path of every file that stands where the product is written."""
        inside = [path for folder in self.folders for path in _files_below(folder)]
        return [*inside, *(os.fspath(path) for path in self.files if path.exists())]


@dataclass(frozen=True)
class Change:
    """One difference between a product's record and the present.

    Parameters
    ----------
    kind : "unmade", "changed", "new", "gone", "settings" or "output".
    name : the file that differs, as records name it; else the product.
    before, now : settings, where these differ.
    """

    kind: str
    name: str
    before: Any = None
    now: Any = None

    def reason(self) -> str:
        """Return the change in a few words: a file's name alone."""
        words = {
            "unmade": "it has not been made",
            "settings": "parameters or environment",
            "output": f"its own output {self.name}",
        }
        return words.get(self.kind, self.name)


class Records:
    """What is known of the products of one build folder.

    Parameters
    ----------
    root, build : the project's folder and the build folder; records stand in ``made/``.
    """

    def __init__(self, root: Path, build: Path) -> None:
        self._root, self._build, self._folder = os.fspath(root) + os.sep, os.fspath(build) + os.sep, build / "made"
        self.digests = Digests(build / ".digests.json")

    def why(self, product: Product) -> list[str]:
        """Return why a product must be made again: changed files first, in order; empty where it is fresh."""
        return [change.reason() for change in self.changes(product)]

    def changes(self, product: Product) -> list[Change]:
        """Return what differs between a product's record and the present: files first, in order, its output last."""
        record = self._read(product.name)
        if record is None:
            return [Change("unmade", product.name)]
        now = self._inputs(product)
        before: Mapping[str, str] = record["inputs"]
        found = []
        for name in sorted(now.keys() | before.keys()):
            was, is_ = before.get(name, GONE), now.get(name, GONE)
            if was != is_:
                found.append(Change("gone" if is_ == GONE else "new" if was == GONE else "changed", name))
        if record["settings"] != product.settings:
            found.append(Change("settings", product.name, record["settings"], product.settings))
        outputs, was = self._outputs(product), record["outputs"]
        if outputs != was:
            odd = sorted(name for name in {*outputs, *was} if outputs.get(name) != was.get(name))
            found.append(Change("output", odd[0]))
        return found

    def made_at(self, name: str) -> float | None:
        """Return when a product was last made, in seconds since the epoch; None where there is no record of it."""
        return self._path(name).stat().st_mtime if self._read(name) is not None else None

    def begin(self, product: Product) -> dict[str, str]:
        """Forget the product's record and return the digests of what it rests on, to be recorded when it is made."""
        self._path(product.name).unlink(missing_ok=True)
        return self._inputs(product)

    def end(self, product: Product, inputs: Mapping[str, str], **more: Any) -> None:
        """Record that the product has been made from these inputs."""
        record = {
            "inputs": dict(inputs), "settings": product.settings, "outputs": self._outputs(product), **more
        }  # fmt: skip
        project.write_text(self._path(product.name), json.dumps(record, indent=1, sort_keys=True) + "\n")

    def of(self, name: str) -> dict[str, Any]:
        """Return a product's record, empty where there is none."""
        return self._read(name) or {}

    def rests_on(self, name: str) -> tuple[Path, ...]:
        """Return the files that a product rested on when it was last made, where they stand now."""
        return tuple(self._placed(shown) for shown in self.of(name).get("inputs", {}))

    def keep(self, names: Iterable[str]) -> None:
        """Drop the records of all other products."""
        wanted = {f"{name}.json" for name in names}
        for path in self._folder.glob("*.json"):
            if path.name not in wanted:
                path.unlink()

    def _inputs(self, product: Product) -> dict[str, str]:
        return {self._shown(path): self.digests(path) for path in product.rests_on}

    def _outputs(self, product: Product) -> dict[str, str]:
        return {self._shown(path): self.digests(path) for path in product.made()}

    def _shown(self, path: Path | str) -> str:
        """Return a path as records name it: relative to project, build folder or tool, wherever these stand."""
        name = os.fspath(path)
        if name.startswith(TOOL + os.sep):
            name = "compendium" + name.removeprefix(TOOL)
        elif name.startswith(self._build):
            name = "build/" + name.removeprefix(self._build)
        return name.removeprefix(self._root).replace(os.sep, "/")

    def _placed(self, shown: str) -> Path:
        """Return the path that records call by this name, the tool's before a project's of the same name."""
        if shown.startswith("compendium/"):
            return Path(TOOL + shown.removeprefix("compendium"))
        return Path((self._build if shown.startswith("build/") else self._root) + shown.removeprefix("build/"))

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.json"

    def _read(self, name: str) -> dict[str, Any] | None:
        try:
            record = json.loads(self._path(name).read_text("utf-8"))
            whole = all(isinstance(record[key], dict) for key in ("inputs", "outputs")) and "settings" in record
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return record if whole else None


def _files_below(folder: Path) -> list[str]:
    found = []
    for place, folders, files in os.walk(folder):
        folders.sort()
        found += [os.path.join(place, name) for name in sorted(files)]
    return found
