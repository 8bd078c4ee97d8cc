"""Where the project stands on disk, and how files are written so that nothing good is half overwritten."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MARKS = ("_quarto.yml", "notebooks")  # what a folder holds that is a project


def root() -> Path:
    """Return the project's folder: ``COMPENDIUM_ROOT`` if set, else the nearest one upwards from where you stand.

    Raises
    ------
    CompendiumError : the working directory lies in no project.
    """
    if named := os.environ.get("COMPENDIUM_ROOT"):
        return Path(named).resolve()
    here = Path.cwd()
    for folder in (here, *here.parents):
        if all((folder / mark).exists() for mark in MARKS):
            return folder
    from compendium.errors import CompendiumError

    raise CompendiumError(
        "this folder lies in no project",
        found=str(here),
        expected="a folder with _quarto.yml and notebooks/, here or above; 'compendium new FOLDER' makes one",
    )


def relative(path: str | Path) -> str:
    """Return ``path`` as a POSIX path relative to the project's folder where it lies inside it."""
    from compendium.errors import CompendiumError

    resolved = Path(path).resolve()
    try:
        return resolved.relative_to(root()).as_posix()
    except (ValueError, CompendiumError):  # outside of the project, or outside of any
        return resolved.as_posix()


def sha256(path: str | Path) -> str:
    """Return the SHA-256 of a file's bytes as 64 hex digits."""
    with open(path, "rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def write_bytes(path: str | Path, content: bytes) -> Path:
    """Write ``content`` to ``path`` atomically: a temporary neighbour is replaced into place."""
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(content)
        os.chmod(temporary, 0o644)
        os.replace(temporary, target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return target


def write_text(path: str | Path, content: str) -> Path:
    """Write ``content`` as UTF-8 with ``\\n`` line ends, atomically."""
    return write_bytes(path, content.encode("utf-8"))


@contextmanager
def alone(folder: str | Path) -> Iterator[None]:
    """Wait until no other process works in ``folder``, then keep it for this one while the block runs.

    The lock is the operating system's, so it ends with the process that holds it, however that ends.
    """
    path = Path(folder)
    path.mkdir(parents=True, exist_ok=True)
    with open(path / ".lock", "a+b") as handle:
        if sys.platform == "win32":
            import msvcrt

            handle.seek(0)
            msvcrt.locking(handle.fileno(), msvcrt.LK_LOCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@contextmanager
def replaced_folder(target: str | Path) -> Iterator[Path]:
    """Yield an empty temporary folder that takes the place of ``target`` only if the block succeeds."""
    final = Path(target)
    final.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(dir=final.parent, prefix=f".{final.name}."))
    staging.chmod(0o755)
    try:
        yield staging
        old = None
        if final.exists():
            old = final.with_name(f".{final.name}.old-{os.getpid()}")
            os.replace(final, old)
        os.replace(staging, final)
        if old is not None:
            shutil.rmtree(old)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
