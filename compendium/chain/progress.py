"""A build on the terminal: one line per notebook, and of a long chain a bar with what runs."""

from __future__ import annotations

import os
import sys
import threading
import time
from typing import Any

MANY = 50
"""Notebooks from which on not each of them is worth a line of its own."""
STEPS = 20  # lines that a long chain prints where nothing can be rewritten
WIDTH = 24  # characters of the bar


class Progress:
    """One line per notebook: rewritten while it runs on a terminal, printed once when it ends elsewhere.

    Of a chain of more than `MANY` notebooks, a bar says how many have ended; elsewhere than on a terminal a line does
    so twenty times. Notebooks that fail have a line of their own in any case.

    Parameters
    ----------
    of : notebooks of the chain; some may have nothing to do.
    """

    def __init__(self, of: int = 0) -> None:
        self._live = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self._of = of if of > MANY else 0
        self._ended = 0
        self._start = time.perf_counter()
        self._began: dict[str, float] = {}
        self._state: dict[str, str] = {}
        self._drawn = 0
        self._lock = threading.Lock()

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: Any) -> None:
        with self._lock:
            self._wipe()

    def __call__(self, notebook: str, state: str, done: int, of: int) -> None:
        now = time.perf_counter()
        with self._lock:
            self._wipe()
            if state == "start":
                self._began[notebook] = now
                self._state[notebook] = "starting"
            elif state == "cell":
                self._state[notebook] = f"cell {done + 1} of {of}"
            else:
                self._state.pop(notebook, None)
                self._ended += 1
                seconds = now - self._began.pop(notebook, now)
                if state != "done" or not self._of:
                    print(f"{notebook:<28} {state} in {seconds:.1f} s", file=sys.stderr, flush=True)
                elif not self._live and self._ended * STEPS // self._of > (self._ended - 1) * STEPS // self._of:
                    print(self._told(now), file=sys.stderr, flush=True)
            if self._live:
                lines = [f"{name:<28} {text}" for name, text in self._state.items()]
                if self._of:
                    filled = WIDTH * self._ended // self._of
                    lines.insert(0, f"[{'#' * filled}{'.' * (WIDTH - filled)}] {self._told(now)}")
                print("".join(f"{line}\n" for line in lines), end="", file=sys.stderr, flush=True)
                self._drawn = len(lines)

    def _told(self, now: float) -> str:
        return f"{self._ended:,} of {self._of:,} notebooks ended in {now - self._start:.0f} s"

    def _wipe(self) -> None:
        if self._drawn:
            sys.stderr.write(f"\x1b[{self._drawn}F\x1b[J")
            self._drawn = 0
