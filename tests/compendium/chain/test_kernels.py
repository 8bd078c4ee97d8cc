"""Tests of kernels: forked or started anew, each notebook has a process that no other has touched."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from compendium.chain import forkserver, graph, kernels
from compendium.errors import CompendiumError

FORKED = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
COMMAND = [sys.executable, "-m", "ipykernel_launcher"]

# What a notebook can see of its process, written where the results are not: some of it differs from run to run.
PROBE = """
import gc, json, locale, os, pathlib, random, signal, sys, threading, warnings
import matplotlib, numpy, pandas

umask = os.umask(0)
os.umask(umask)
own = ("COMPENDIUM_TICKET", "TMPDIR", "JPY_PARENT_PID", "JPY_SESSION_NAME", "COMPENDIUM_KERNELS")
facts = {
    "hash": hash("x"), "cwd": os.getcwd(), "umask": umask, "path": sys.path, "flags": str(sys.flags),
    "options": str(sys._xoptions), "argv": [sys.argv[0], *(word.split("=")[0] for word in sys.argv[3:4])],
    "environment": {name: value for name, value in os.environ.items() if name not in own},
    "leads a session": os.getsid(0) == os.getpid(), "gc": [gc.isenabled(), gc.get_threshold()],
    "signals": [str(signal.getsignal(number)) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD)],
    "threads": sorted(thread.name.split("-")[0] for thread in threading.enumerate() if "Parent" not in repr(thread)),
    "filters": len(warnings.filters), "locale": locale.getlocale(),
    "main": sys.modules["__main__"].__dict__ is globals(),
    "pandas": [pandas.get_option("display.max_columns"), hasattr(pandas, "touched")],
    "matplotlib": [str(value) for value in matplotlib.rcParams.values()],
    "style": matplotlib.rcParams["font.size"], "names": sorted(name for name in globals() if name[0] != "_"),
    "standard streams": [os.fstat(number).st_rdev for number in (1, 2)],
}
drawn = [random.random(), float(numpy.random.random())]
pathlib.Path(os.environ["FACTS"], pathlib.Path(os.environ["COMPENDIUM_TICKET"]).read_text()).write_text(
    json.dumps({"facts": facts, "drawn": drawn, "parent": os.getppid()})
)
pandas.touched, matplotlib.rcParams["font.size"] = True, 99.0
random.seed(1)
store.finish()"""


def tree(folder: Path) -> dict[str, str]:
    """Return the digest of every file that a build has made, by its path."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def ended(pid: int, within: float = 20.0) -> bool:
    """Say whether a process that is no child of this one ends in time."""
    until = time.monotonic() + within
    while time.monotonic() < until:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        if sys.platform == "linux" and Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
            return True  # what nobody waits for where there is no init
        time.sleep(0.05)
    return False


@FORKED
@pytest.mark.slow
def test_a_forked_kernel_is_as_a_new_process_and_shares_nothing_with_the_one_before(
    small_project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    for name in ("01_sum", "02_twice"):
        notebook = small_project / "notebooks" / f"{name}.py"
        notebook.write_text(notebook.read_text("utf-8").replace("\nstore.finish()", PROBE), "utf-8")
    seen, built = {}, {}
    for way in ("fork", "spawn"):
        facts = tmp_path_factory.mktemp(way)
        monkeypatch.setenv("FACTS", str(facts))
        monkeypatch.setenv("COMPENDIUM_KERNELS", way)
        graph.build(only="02", force=True)
        seen[way] = {path.name: json.loads(path.read_text("utf-8")) for path in sorted(facts.iterdir())}
        for told in seen[way].values():
            assert told["facts"]["environment"].pop("FACTS") == str(facts)
            told["facts"]["environment"] = sorted(told["facts"]["environment"].items())
        built[way] = tree(small_project / "build")
    first, second = seen["fork"]["01_sum"], seen["fork"]["02_twice"]
    assert second["facts"]["pandas"][1] is False
    assert second["facts"]["style"] == first["facts"]["style"] != 99.0
    assert first["drawn"][0] != second["drawn"][0]
    assert first["drawn"][1] != second["drawn"][1]
    assert first["parent"] == second["parent"] != os.getpid()  # forks of one parent, which is not this process
    assert {told["parent"] for told in seen["spawn"].values()} == {os.getpid()}
    for name, told in seen["fork"].items():
        assert told["facts"] == seen["spawn"][name]["facts"]
    assert built["fork"] == built["spawn"]
    assert ended(first["parent"], within=0.1)


@FORKED
@pytest.mark.slow
def test_a_build_that_is_killed_takes_its_kernels_and_their_parent_along(small_project: Path) -> None:
    waiting = small_project / "waiting"
    third = small_project / "notebooks" / "03_alone.py"
    told = f'pathlib.Path({str(waiting)!r}).write_text(f"{{os.getpid()}} {{os.getppid()}} .")'
    third.write_text(
        third.read_text("utf-8").replace(
            "store.record_value", f"import os, pathlib, time; {told}; time.sleep(120)\nstore.record_value"
        ),
        "utf-8",
    )
    running = subprocess.Popen(
        [sys.executable, "-m", "compendium", "run", "03"],
        cwd=small_project, stderr=subprocess.DEVNULL, env={**os.environ, "COMPENDIUM_KERNELS": "fork"},
    )  # fmt: skip
    while not (waiting.is_file() and waiting.read_text().endswith(".")):
        assert running.poll() is None
        time.sleep(0.05)
    kernel, parent, _ = waiting.read_text().split()
    assert int(parent) != running.pid
    running.kill()
    running.wait()
    assert ended(int(kernel))
    assert ended(int(parent))


@FORKED
def test_a_fork_ends_with_its_code_and_a_dead_parent_is_told(tmp_path: Path) -> None:
    server = forkserver.ForkServer([])
    with pytest.raises(ChildProcessError, match="not a kernel of this Python"):
        server.fork([sys.executable, "-c", "pass"], os.environ, str(tmp_path))
    with pytest.raises(ChildProcessError, match="dead"):
        server.ask(poll=1)
    server.close()  # which was never started
    fork = server.fork([*COMMAND, "--version"], os.environ, str(tmp_path))
    while fork.poll() is None:
        time.sleep(0.01)
    assert (fork.wait(), fork.returncode) == (0, 0)
    fork.kill()  # nothing: its number may be another's by now
    other = server.fork([*COMMAND, "-f", str(tmp_path / "k.json")], os.environ, str(tmp_path))
    other.terminate()
    while other.poll() is None:
        time.sleep(0.01)
    assert other.returncode == -signal.SIGTERM
    last = server.fork([*COMMAND, "-f", str(tmp_path / "l.json")], os.environ, str(tmp_path))
    server.close()
    assert last.poll() == -signal.SIGKILL
    assert ended(last.pid)
    with pytest.raises(ChildProcessError):
        server.fork(COMMAND, os.environ, str(tmp_path))


@FORKED
@pytest.mark.slow
def test_kernels_start_anew_where_their_parent_has_died(small_project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def died(*_: object) -> None:
        raise ChildProcessError("the parent of the kernels is dead")

    monkeypatch.setenv("COMPENDIUM_KERNELS", "fork")
    monkeypatch.setattr(kernels.forkserver.ForkServer, "fork", died)
    assert set(graph.build(only="03").ran) == {"03_alone"}


def test_the_way_to_start_kernels_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    for way, forks in (("fork", hasattr(os, "fork")), ("spawn", False)):
        monkeypatch.setenv("COMPENDIUM_KERNELS", way)
        assert forkserver.wanted() is forks
    monkeypatch.setenv("COMPENDIUM_KERNELS", "thread")
    with pytest.raises(CompendiumError, match="COMPENDIUM_KERNELS is not a way to start kernels; found thread"):
        forkserver.wanted()
    monkeypatch.delenv("COMPENDIUM_KERNELS")
    for system, forks in (("win32", False), ("darwin", False), ("linux", hasattr(os, "fork"))):
        monkeypatch.setattr(sys, "platform", system)
        assert forkserver.wanted() is forks
