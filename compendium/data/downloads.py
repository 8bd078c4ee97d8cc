"""Downloads that continue, by HTTP byte range, where an earlier attempt broke off."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BufferedRandom
from pathlib import Path

import requests
from tqdm import tqdm

CHUNK = 1024  # bytes; a connection that breaks loses less than this of what had arrived


class BrokenOff(requests.RequestException):
    """A transfer ended early: ``found`` bytes are here, ``expected`` is the whole (None if the server did not say)."""

    def __init__(self, found: int, expected: int | None) -> None:
        self.found, self.expected = found, expected
        super().__init__(f"{found} of {expected} bytes")


class TooLarge(requests.RequestException):
    """A file is larger than may be: at least ``found`` bytes."""

    def __init__(self, found: int) -> None:
        self.found = found
        super().__init__(f"{found} bytes")


def partial_file(target: Path, sha256: str) -> Path:
    """Return where the bytes of an unfinished download of ``target`` wait: beside it, marked with its checksum."""
    return target.with_name(f"{target.name}.{sha256[:12]}.partial")


def download(
    url: str,
    output_file: str,
    _pooch: object = None,
    *,
    partial: Path,
    sha256: str,
    progress: bool = False,
    timeout: float = 30,
    limit: int = sys.maxsize,
) -> None:
    """Write the file at ``url`` to ``output_file``, continuing from ``partial`` (a downloader for pooch).

    An attempt that breaks off leaves its bytes in ``partial``; a complete one leaves no partial file, whether the
    checksum is right or not, which pooch decides. Bytes of two attempts that do not make up ``sha256`` together are
    thrown away and the file is asked for once more, whole. While another process writes ``partial``, this one
    downloads the whole file by itself and keeps nothing.

    Raises
    ------
    TooLarge : the server announces or sends more than ``limit`` bytes; none is kept.
    BrokenOff : the connection ended, or gave no data for ``timeout`` seconds, before the file was complete.
    requests.RequestException : no connection, or an answer with an error status.
    """
    with open(output_file, "a+b") as output, _claimed(partial) as kept:
        handle = output if kept is None else kept
        try:
            joined = _transfer(url, handle, progress, timeout, limit)
            if joined and not _holds(handle, sha256):
                handle.truncate(0)
                _transfer(url, handle, progress, timeout, limit)
        except TooLarge:
            handle.truncate(0)
            raise
        if kept is not None:
            kept.seek(0)
            shutil.copyfileobj(kept, output)
            kept.truncate(0)


@contextmanager
def _claimed(path: Path) -> Iterator[BufferedRandom | None]:
    """Open the partial file for this process alone, or yield None; remove it afterwards if it is empty.

    The lock is the operating system's and belongs to the open file, so it ends with the process that holds it.
    """
    try:
        with open(path, "a+b") as handle:
            yield handle if _locked(handle) else None
    finally:
        with suppress(OSError):  # another process has removed it, or works on it
            if path.stat().st_size == 0:
                path.unlink()


def _locked(handle: BufferedRandom) -> bool:
    """Lock an open file without waiting; False where another process holds it or the file system has no locks."""
    try:
        if sys.platform == "win32":
            import msvcrt

            handle.seek(1 << 40)  # Windows also keeps the locked byte from readers, so lock one that no file has
            msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _holds(handle: BufferedRandom, sha256: str) -> bool:
    handle.seek(0)
    return hashlib.file_digest(handle, "sha256").hexdigest() == sha256


def _transfer(url: str, handle: BufferedRandom, progress: bool, timeout: float, limit: int) -> bool:
    """Append to ``handle`` what it lacks; return whether its bytes come from more than one answer."""
    have = handle.seek(0, os.SEEK_END)
    headers = {"Accept-Encoding": "identity"}  # a range of a compressed copy is no range of the file
    if have:
        headers["Range"] = f"bytes={have}-"
    with requests.get(url, headers=headers, stream=True, timeout=timeout) as response:
        if have and response.status_code == 416:
            return True  # nothing follows: all of the file is here, or something else is
        response.raise_for_status()
        encoded = response.headers.get("Content-Encoding", "identity") != "identity"
        if response.status_code == 206:
            span = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("Content-Range", ""))
            if span is None or int(span[1]) != have or encoded:
                return True  # another range than was asked for
            size = span[2]
        else:  # the whole file, asked for or not
            handle.truncate(0)
            have = 0
            size = "" if encoded else response.headers.get("Content-Length", "")
        total = int(size) if size.isdigit() else None
        if total is not None and total > limit:
            raise TooLarge(total)
        _append(response, handle, have, total, progress, limit)
    return have > 0


def _append(
    response: requests.Response, handle: BufferedRandom, have: int, total: int | None, progress: bool, limit: int
) -> None:
    """Write an answer's bytes after the ``have`` that are there, or raise `BrokenOff` if it ends before ``total``."""
    bar = tqdm(total=total, initial=have, unit="B", unit_scale=True, ncols=79, disable=not progress)
    try:
        with bar:
            for chunk in response.iter_content(CHUNK):
                have += len(chunk)
                if have > limit:
                    raise TooLarge(have)
                handle.write(chunk)
                bar.update(len(chunk))
    except TooLarge:
        raise
    except requests.RequestException as error:
        raise BrokenOff(have, total) from error
    if total is not None and have < total:
        raise BrokenOff(have, total)
