"""The tool in a process of its own, forked from this one, so that what is imported here need not be imported again."""

from __future__ import annotations

import os
import select
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

HANG = 180  # seconds; the longest of these commands takes some twenty on a busy machine


@dataclass(frozen=True)
class Outcome:
    """How a command ended: its exit code (None where it hung) and what it printed."""

    code: int | None
    text: str


def command(
    root: Path, *words: str, kill_after: float | None = None, before: Callable[[], None] | None = None
) -> Outcome:
    """Run the tool in a process of its own, forked from this one, which has imported it already.

    Parameters
    ----------
    kill_after : seconds after which it and all its processes are killed.
    before : what the process does first, such as limiting itself.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        _work(root, words, writer, before)
    os.close(writer)
    text, began = bytearray(), time.monotonic()
    limit = HANG if kill_after is None else kill_after
    while (left := began + limit - time.monotonic()) > 0:
        if select.select([reader], [], [], min(left, 0.05))[0]:
            piece = os.read(reader, 65536)
            text += piece
        if (ended := os.waitpid(child, os.WNOHANG))[0]:
            while select.select([reader], [], [], 0)[0] and (piece := os.read(reader, 65536)):
                text += piece
            os.close(reader)
            return Outcome(os.waitstatus_to_exitcode(ended[1]), text.decode("utf-8", "replace"))
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(reader)
    return Outcome(None, text.decode("utf-8", "replace"))


def _work(root: Path, words: tuple[str, ...], writer: int, before: Callable[[], None] | None) -> None:
    """Be the command and end; never return."""
    code = 70
    try:
        os.setsid()
        os.dup2(writer, 1)
        os.dup2(writer, 2)
        sys.stdout, sys.stderr = open(1, "w", closefd=False), open(2, "w", closefd=False)  # noqa: SIM115
        os.environ.update(COMPENDIUM_ROOT=str(root), SOURCE_DATE_EPOCH="1700000000", TMPDIR=str(root.parent / "tmp"))
        tempfile.tempdir = None
        os.chdir(root)
        if before:
            before()
        from compendium import cli

        code = cli.main(list(words))
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
