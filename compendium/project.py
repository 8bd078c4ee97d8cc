"""Where the project stands on disk, and how files are written so that nothing good is half overwritten."""

from __future__ import annotations

import errno
import hashlib
import os
import posixpath
import re
import secrets
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

MARKS = ("_quarto.yml", "notebooks")  # what a folder holds that is a project
MARK = ".compendium"  # stands in every folder that this tool has written whole and may therefore replace whole
MARKED = b"Written by compendium, which replaces this folder whole: keep nothing of your own in it.\n"
OUTPUT = "_output"
BUILD = "build"
PRIVATE = "private"  # in the build folder: results with names and words of people, which nothing renders or packs
CHAIN = (
    "failed",
    "notebooks",
    "pages",
    "parts",
    "places",
    PRIVATE,
    "results",
)  # what the chain keeps in the build folder
SOURCES = ("analysis", "benchmarks", "compendium", "data", "manuscript", "notebooks", "R", "tests")
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS)
TEMPORARY = re.compile(r"\.(?P<name>.+)\.[0-9a-f]{8}\.(?P<kind>part|old)")  # a neighbour that takes a place, or took it
SCRATCH = "compendium-run-"
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


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
        expected="a folder with _quarto.yml and notebooks/, here or above",
    )


def build_folder() -> Path:
    """Return the folder of everything the chain makes: ``COMPENDIUM_BUILD`` or ``build/`` in the project.

    Raises
    ------
    CompendiumError : ``COMPENDIUM_BUILD`` names the project's folder, one of its sources, or a folder that holds
        tracked files or anything that this tool has not written.
    """
    home = root()
    named = os.environ.get("COMPENDIUM_BUILD")
    folder = Path(named or home / BUILD).resolve()
    if named and folder != (home / BUILD).resolve() and "COMPENDIUM_CHAIN" not in os.environ:
        from compendium.folders import refuse_build

        refuse_build(folder, home.resolve())
    return folder


def profiles(home: Path | None = None) -> list[str]:
    """Return the profiles of a project, by default where you stand: those with a ``_quarto-PROFILE.yml``.

    The website is the last, for it takes in what the others render.
    """
    found = (path.stem.removeprefix("_quarto-") for path in (home or root()).glob("_quarto-*.yml"))
    return sorted(found, key=lambda name: (name == "site", name))


def available() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else (os.cpu_count() or 1)


def relative(path: str | Path) -> str:
    """Return ``path`` as a POSIX path relative to the project's folder where it lies inside it."""
    from compendium.errors import CompendiumError

    resolved = Path(path).resolve()
    try:
        return resolved.relative_to(root()).as_posix()
    except (ValueError, CompendiumError):  # outside of the project, or outside of any
        return resolved.as_posix()


def refuse_outside(path: str, file: str, line: int | None = None) -> None:
    """Raise CompendiumError where an input's path leaves the project's folder."""
    from compendium.errors import CompendiumError

    plain = posixpath.normpath(path.replace("\\", "/"))
    if plain.startswith(("/", "..")) or re.match(r"[A-Za-z]:", plain):
        raise CompendiumError(
            "an input lies outside of the project", file=file, row=line, found=path, expected="a file below data/"
        )


def sha256(path: str | Path) -> str:
    """Return the SHA-256 of a file's bytes as 64 hex digits."""
    with open(path, "rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def write_bytes(path: str | Path, content: bytes, mode: int = 0o666) -> Path:
    """Write ``content`` to ``path`` atomically: a temporary neighbour is replaced into place.

    Parameters
    ----------
    mode : permissions of a new file, less what the umask takes away; a file that stands keeps its own.

    Raises
    ------
    CompendiumError : the file cannot be written (a full disk, no permission); the old one then stands.
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = _neighbour(target, "part")
    try:
        with ExitStack() as kept:
            handle = kept.enter_context(open(os.open(temporary, _NEW, mode), "wb"))
            _hold(handle.fileno())
            with suppress(FileNotFoundError):
                os.chmod(temporary, stat.S_IMODE(target.stat().st_mode))
            handle.write(content)
            handle.flush()
            if sys.platform == "win32":  # which moves no file that is open
                kept.close()
            os.replace(temporary, target)
    except BaseException as error:
        with suppress(OSError):
            temporary.unlink()
        if isinstance(error, OSError):
            raise _unwritten("file", target, error) from error
        raise
    return target


def write_text(path: str | Path, content: str, mode: int = 0o666) -> Path:
    """Write ``content`` as UTF-8 with ``\n`` line ends, atomically; see `write_bytes`."""
    return write_bytes(path, content.encode("utf-8"), mode)


@contextmanager
def alone(folder: str | Path) -> Iterator[None]:
    """Wait until no other process works in ``folder``, then keep it for this one while the block runs.

    The lock is the operating system's, so it ends with the process that holds it, however that ends. What such a
    process left half written, here and in the project, is cleared first.
    """
    path = Path(folder)
    path.mkdir(parents=True, exist_ok=True)
    with open(path / ".lock", "a+b") as handle:
        if sys.platform == "win32":
            import msvcrt

            handle.seek(0)
            msvcrt.locking(handle.fileno(), msvcrt.LK_LOCK, 1)
        elif not _hold(handle.fileno()):
            import fcntl

            print(f"waiting for another process that works in {relative(path)}", file=sys.stderr, flush=True)
            fcntl.flock(handle, fcntl.LOCK_EX)
        clear_leftovers(path)
        yield


@contextmanager
def replaced_folder(target: str | Path, mark: str = MARK, home: Path | None = None) -> Iterator[Path]:
    """Yield an empty temporary folder that takes the place of ``target`` only if the block succeeds.

    Parameters
    ----------
    mark : name of the file by which a folder is known to be this tool's; unless the block writes one of its own,
        `MARK` is left there.
    home : the project, whose ``_output/`` and ``build/`` hold nothing but this tool's; by default where you stand.

    Raises
    ------
    CompendiumError : the folder that stands holds something and was not written by this tool, or the new one cannot
        be written; the old one then stands.
    """
    final = Path(os.path.realpath(target))
    refuse_replacing(final, mark, home)
    final.parent.mkdir(parents=True, exist_ok=True)
    _clear(final.parent, final.name)
    staging, old = _neighbour(final, "part"), _neighbour(final, "old")
    try:
        staging.mkdir()
        with _held(staging):
            yield staging
            if mark == MARK:
                (staging / MARK).write_bytes(MARKED)
            with _held(final):
                if final.exists():
                    os.replace(final, old)
                os.replace(staging, final)
                shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        if isinstance(error, shutil.Error) or error.errno in FULL:
            raise _unwritten("folder", final, error) from error
        raise
    finally:
        if old.exists() and not final.exists():  # stopped between the two moves
            os.replace(old, final)
        shutil.rmtree(staging, ignore_errors=True)


@contextmanager
def scratch_folder(kind: str) -> Iterator[Path]:
    """Yield a folder in the system's place for temporary files, removed at the end, or later if the process dies."""
    made = Path(tempfile.mkdtemp())
    folder = made.with_name(f"{SCRATCH}{kind}-{made.name}")
    try:
        with _held(made):  # before it has the name by which others would clear it
            os.replace(made, folder)
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def clear_leftovers(build: Path) -> None:
    """Remove what dead processes left half written: in the build folder, in the project, among temporary files.

    Whether a process lives is known by the lock that it holds on what it writes; where the system has no such lock,
    nothing is removed. A folder that was moved aside and never replaced is moved back.
    """
    from compendium.errors import CompendiumError

    folders = [build, *(build / name for name in CHAIN)]
    with suppress(CompendiumError):
        home = root()
        folders += [home, *(home / name for name in (OUTPUT, "notebooks", "data/coding"))]
    for folder in folders:
        _clear(folder)
    _clear(Path(tempfile.gettempdir()), scratch=True)


def _clear(folder: Path, only: str | None = None, *, scratch: bool = False) -> None:
    """Remove the leftovers that lie in ``folder`` itself: all, or those of one name, or this user's scratch folders."""
    if sys.platform == "win32":
        return
    try:
        entries = [entry for entry in os.scandir(folder) if entry.name.startswith(SCRATCH if scratch else ".")]
    except OSError:
        return
    for entry in entries:
        match = TEMPORARY.fullmatch(entry.name)
        if not scratch and (match is None or only not in (None, match["name"])):
            continue
        path = Path(entry.path)
        with suppress(OSError):
            if entry.is_symlink() or (scratch and path.stat().st_uid != os.getuid()):
                continue
            with _held(path) as free:
                if not free:
                    continue
                if match and match["kind"] == "old" and not (folder / match["name"]).exists():
                    os.replace(path, folder / match["name"])
                elif entry.is_dir():
                    shutil.rmtree(path)
                else:
                    path.unlink()


@contextmanager
def _held(path: Path) -> Iterator[bool]:
    """Keep the system's lock on a file or folder while the block runs; yield whether it was free and could be had."""
    if sys.platform == "win32" or not path.exists():
        yield False
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        yield _hold(descriptor)
    finally:
        os.close(descriptor)


def _hold(descriptor: int) -> bool:
    """Lock an open file or folder until it is closed, if nobody else holds it; some file systems have no locks."""
    if sys.platform == "win32":
        return False
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _neighbour(path: Path, kind: str) -> Path:
    return path.with_name(f".{path.name}.{secrets.token_hex(4)}.{kind}")


def refuse_replacing(folder: Path, mark: str, home: Path | None) -> None:
    """Raise CompendiumError where a folder stands that must not be replaced: it holds what this tool did not write."""
    from compendium.errors import CompendiumError

    with suppress(CompendiumError):  # an import may stand where there is no project
        home = Path(os.path.realpath(home or root()))
    if home is not None and home.is_relative_to(folder):
        raise CompendiumError("the project's own folder is never replaced", file=folder.as_posix())
    if folder.exists() and not folder.is_dir():
        raise CompendiumError("a file stands where a folder is to be written", file=folder)
    ours = home is not None and any((home / name) in folder.parents for name in (OUTPUT, BUILD))
    if folder.is_dir() and not ours and not (folder / mark).is_file() and any(folder.iterdir()):
        raise CompendiumError(
            "the folder would be replaced whole, and it holds files that this tool has not written",
            file=folder,
            expected="a new or empty folder",
        )


def _unwritten(kind: str, target: Path, error: OSError) -> Exception:
    """Return the error that says which file or folder could not be written, and what stands there now."""
    from compendium.errors import CompendiumError

    why = error.args[0][0][2] if isinstance(error, shutil.Error) else error.strerror or str(error)
    standing = "the old one stands" if target.exists() else "nothing stands there"
    named = [match["name"] if (match := TEMPORARY.fullmatch(part)) else part for part in target.parts]
    return CompendiumError(f"the {kind} could not be written ({why}); {standing}", file=Path(*named))
