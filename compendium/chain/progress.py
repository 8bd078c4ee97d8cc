"""A build on the terminal: one line per notebook."""

from __future__ import annotations

import os
import sys
import threading
import time
from typing import Any


class Progress:
    """One line per notebook: rewritten while it runs on a terminal, printed once when it ends elsewhere."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
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
                seconds = now - self._began.get(notebook, now)
                print(f"{notebook:<28} {state} in {seconds:.1f} s", file=sys.stderr, flush=True)
            if self._live:
                for name, text in self._state.items():
                    print(f"{name:<28} {text}", file=sys.stderr)
                self._drawn = len(self._state)
                sys.stderr.flush()

    def _wipe(self) -> None:
        if self._drawn:
            sys.stderr.write(f"\x1b[{self._drawn}F\x1b[J")
            self._drawn = 0
