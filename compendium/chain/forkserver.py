"""Processes that begin with the modules of a build already imported: forks of one warm parent that does nothing else.

The parent imports; it opens nothing, starts no thread and runs no line of the study's own code. Each fork goes on as
`ipykernel_launcher` would in a new process: with its own session, environment, working directory and random state.
`multiprocessing.forkserver` is not used: it serves a whole process's life long and hands its `__main__` down.
"""

from __future__ import annotations

import builtins
import contextlib
import gc
import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import types
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from compendium.errors import CompendiumError

SWITCH = "COMPENDIUM_KERNELS"
LAUNCHER = ["-m", "ipykernel_launcher"]
# What a kernel imports before its first cell, whatever the notebook.
KERNEL = (
    "ipykernel.kernelapp", "ipykernel.debugger", "IPython.core.completerlib", "IPython.core.debugger",
    "IPython.core.formatters", "IPython.core.magics", "IPython.extensions.storemagic", "tornado.platform.asyncio",
)  # fmt: skip


def wanted() -> bool:
    """Say whether kernels are forked: ``COMPENDIUM_KERNELS`` is "fork" or "spawn"; without it, where forks are safe.

    On macOS they are not (the system's own libraries may start threads), and Windows has none.

    Raises
    ------
    CompendiumError : the variable holds something else.
    """
    chosen = os.environ.get(SWITCH) or ("spawn" if sys.platform in ("win32", "darwin") else "fork")
    if chosen not in ("fork", "spawn"):
        raise CompendiumError(f"{SWITCH} is not a way to start kernels", found=chosen, expected=["fork", "spawn"])
    return chosen == "fork" and hasattr(os, "fork")


class ForkServer:
    """The warm parent, as the build sees it: started with the first kernel, ended by `close`.

    Parameters
    ----------
    modules : imported there once, in this order; one that cannot be imported is left to whoever needs it.
    """

    def __init__(self, modules: Sequence[str]) -> None:
        self._modules = [*KERNEL, *modules]
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def fork(self, command: Sequence[str], environment: Mapping[str, str], cwd: str) -> Fork:
        """Return a new process that runs ``command``, the launch of a kernel by this Python.

        Raises
        ------
        ChildProcessError : the command is another one, or the parent is dead.
        """
        at = next((n for n in range(len(command)) if list(command[n : n + 2]) == LAUNCHER), 0)
        if not at or command[0] != sys.executable:
            raise ChildProcessError("not a kernel of this Python")
        with self._lock:
            if self._process is None:
                self._process = subprocess.Popen(
                    [*command[:at], "-m", __name__],
                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                    env=environment, cwd=cwd, start_new_session=True,
                )  # fmt: skip
                self._say(self._modules)
        told = self.ask(arguments=command[at + 2 :], environment=dict(environment), cwd=cwd)
        return Fork(self, told["pid"])

    def ask(self, **request: Any) -> Any:
        """Return the parent's answer to a request; raises ChildProcessError where it is dead."""
        with self._lock:
            self._say(request)
            answer = self._process.stdout.readline() if self._process and self._process.stdout else b""
        if not answer:
            raise ChildProcessError("the parent of the kernels is dead")
        return json.loads(answer)

    def close(self) -> None:
        """End the parent, and with it whatever fork still runs."""
        with self._lock:
            if (process := self._process) is None:
                return
            for pipe in (process.stdin, process.stdout):
                with contextlib.suppress(OSError):
                    pipe.close()  # type: ignore[union-attr]
            try:
                process.wait(timeout=10)  # it may still import
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _say(self, what: Any) -> None:
        try:
            self._process.stdin.write(json.dumps(what).encode() + b"\n")  # type: ignore[union-attr]
            self._process.stdin.flush()  # type: ignore[union-attr]
        except (AttributeError, OSError, ValueError) as error:
            raise ChildProcessError("the parent of the kernels is dead") from error


class Fork:
    """A process that the warm parent has made, with as much of `subprocess.Popen` as a kernel's provisioner uses."""

    stdin = stdout = stderr = None

    def __init__(self, server: ForkServer, pid: int) -> None:
        self.pid, self._server = pid, server
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return the exit code, None while the process runs; where its parent died, so has it."""
        if self.returncode is None:
            try:
                self.returncode = self._server.ask(poll=self.pid)["code"]
            except ChildProcessError:
                self.returncode = -signal.SIGKILL
        return self.returncode

    def wait(self) -> int | None:
        """Return the exit code of a process that `poll` has found ended."""
        return self.poll()

    def send_signal(self, signum: int) -> None:
        """Send a signal, unless the process has ended: until `poll` says so, its number is no other's."""
        if self.poll() is None:
            os.kill(self.pid, signum)

    def kill(self) -> None:
        """Kill the process."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask the process to end."""
        self.send_signal(signal.SIGTERM)


# --- within the parent -------------------------------------------------------------------------------------------


def main() -> None:
    """Import what the first line names, then fork on request until whoever asks is gone; in a fork, be the kernel."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "r+b") as nowhere:
        os.dup2(nowhere.fileno(), 0)
        os.dup2(nowhere.fileno(), 1)
    if sys.path[0] == "" or Path(sys.path[0]) == Path.cwd():
        del sys.path[0]  # as the launcher does; the kernel's shell adds it again
    before = dict(os.environ)
    gc.disable()
    # A library that asks, while it is imported, whether it is in a notebook, is told what a kernel would tell it.
    builtins.get_ipython = lambda: types.SimpleNamespace(kernel=None)  # type: ignore[attr-defined]
    for name in json.loads(requests.readline()):
        with contextlib.suppress(Exception, SystemExit):
            importlib.import_module(name)
    del builtins.get_ipython  # type: ignore[attr-defined]
    gc.freeze()  # what all forks share stays shared
    put = {name: value for name, value in os.environ.items() if before.get(name) != value}  # by a library
    if (request := _serve(requests, answers)) is not None:
        requests.close()
        answers.close()
        _become_kernel(request, put)


def _serve(requests: BinaryIO, answers: BinaryIO) -> dict[str, Any] | None:
    """Answer requests; return the request in a fork, and None in the parent at the end, when all forks are gone."""
    running: set[int] = set()
    for line in requests:
        request = json.loads(line)
        answer: dict[str, int | None]
        if (pid := request.get("poll")) is None:
            child = os.fork()
            if child == 0:
                return request
            running.add(child)
            answer = {"pid": child}
        else:
            ended, status = os.waitpid(pid, os.WNOHANG) if pid in running else (pid, 0)
            running -= {ended}
            answer = {"code": os.waitstatus_to_exitcode(status) if ended else None}
        answers.write(json.dumps(answer).encode() + b"\n")
        answers.flush()
    for pid in running:
        for kill in (os.killpg, os.kill):  # with all that it started, or itself before it has a group
            with contextlib.suppress(ProcessLookupError):
                kill(pid, signal.SIGKILL)
    return None


def _become_kernel(request: Mapping[str, Any], put: Mapping[str, str]) -> None:
    """Go on as a new process would that runs ``ipykernel_launcher``, with what imports put into the environment."""
    os.setsid()
    os.environ.clear()
    os.environ.update({**request["environment"], **put, "JPY_PARENT_PID": str(os.getppid())})
    os.chdir(request["cwd"])
    tempfile.tempdir = None  # of another TMPDIR
    if (numpy := sys.modules.get("numpy")) is not None:
        numpy.random.seed()  # `random` does so itself
    gc.enable()
    import ipykernel_launcher
    from ipykernel import kernelapp

    sys.argv = [ipykernel_launcher.__file__, *request["arguments"]]
    # The parent's number has been read when the class was imported: a kernel ends with the process it names.
    kernelapp.launch_new_instance(argv=[*request["arguments"], f"--IPKernelApp.parent_handle={os.getppid()}"])


if __name__ == "__main__":
    main()
