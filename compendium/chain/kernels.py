"""Running one notebook in a fresh kernel, with the next kernel started while the current one works.

Papermill executes the cells; what it cannot do is have the kernel ready beforehand, which is where a short notebook
spends nearly all of its time. Every notebook still gets a process of its own that nothing else has touched.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from compendium import project
from compendium.chain import forkserver
from compendium.chain.notebooks import Notebook, cell_id, script_cells
from compendium.chain.pairs import as_notebook
from compendium.errors import CompendiumError

# What the store imports when it records. Imported beforehand: modules only, no name enters the notebook's namespace.
TABLES = ("pandas", "compendium.data.headings", "compendium.figures.tables")
FIGURES = (
    "matplotlib.figure",
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_svg",
    "PIL.PngImagePlugin",
)
WARM = "for _m in {modules}: __import__(_m)\ndel _m"


TICKET = "notebook"  # the file by which the store learns whose results it keeps


class KernelPool:
    """Fresh kernels, started ahead of need.

    Parameters
    ----------
    wanted : one entry per notebook to be run, in the expected order: whether it draws figures.
    ahead : how many kernels may wait at the same time.
    environment : variables set in every kernel on top of the current ones.
    modules : what the notebooks import; where kernels are forked, their parent imports it once.
    """

    def __init__(
        self, wanted: list[bool], *, ahead: int, environment: Mapping[str, str], modules: Sequence[str] = ()
    ) -> None:
        self._environment = {**os.environ, **environment}
        self._parent = (
            forkserver.ForkServer([*TABLES, *(FIGURES if any(wanted) else ()), *modules])
            if forkserver.wanted()
            else None
        )
        self._pending = deque(wanted)
        self._ready: deque[Future[Any]] = deque()
        self._workers = ThreadPoolExecutor(max_workers=max(2, ahead), thread_name_prefix="kernel")
        self._lock = threading.Lock()
        self._homes = ExitStack()
        self._taken: set[Any] = set()
        with self._lock:
            for _ in range(min(ahead, len(self._pending))):
                self._start_next()

    def take(self, notebook: str) -> Any:
        """Return a running kernel manager that is told which notebook it runs; the next one starts at once."""
        with self._lock:
            if not self._ready:
                self._start_next()
            future = self._ready.popleft()
            if self._pending:
                self._start_next()
        manager = future.result()
        with self._lock:
            self._taken.add(manager)
        Path(manager.connection_file).with_name(TICKET).write_text(notebook, "utf-8")
        return manager

    def discard(self, manager: Any) -> None:
        """Stop a used kernel in the background."""
        with self._lock:
            if manager in self._taken:  # else `close` stops it, or has done so
                self._taken.remove(manager)
                self._workers.submit(manager.shutdown_kernel, now=True)

    def close(self) -> None:
        """Stop every kernel, those at work included, and wait until all are gone."""
        with self._lock:
            self._pending.clear()
            while self._taken:
                self._workers.submit(self._taken.pop().shutdown_kernel, now=True)
            for future in self._ready:
                if not future.cancel():
                    self._workers.submit(lambda kernel: kernel.result().shutdown_kernel(now=True), future)
            self._ready.clear()
        self._workers.shutdown(wait=True)
        if self._parent is not None:
            self._parent.close()
        self._homes.close()

    def _start_next(self) -> None:
        draws = self._pending.popleft() if self._pending else False
        self._ready.append(self._workers.submit(self._start, draws))

    def _start(self, draws: bool) -> Any:
        from jupyter_client.manager import KernelManager

        # Sockets in the file system need no port and nobody else can listen; Windows has none.
        home = str(self._homes.enter_context(project.scratch_folder("kernel")))
        transport = "tcp" if sys.platform == "win32" else "ipc"
        manager = KernelManager(kernel_name="python3", transport=transport, connection_file=f"{home}/k.json")
        if transport == "ipc":
            manager.ip = f"{home}/s"
        manager.client_class = "jupyter_client.asynchronous.AsyncKernelClient"
        arguments = ["--HistoryManager.enabled=False"]
        if self._parent is not None:
            manager.provisioner = _provisioner(manager, self._parent)
        else:
            modules = ("IPython.core.formatters", "pandas", *(("matplotlib.figure",) if draws else ()))
            arguments.append(f"--IPKernelApp.exec_lines={WARM.format(modules=modules)}")
        manager.start_kernel(
            cwd=str(project.root() / "notebooks"),
            # What a kernel that is killed leaves among temporary files goes with its home.
            env={**self._environment, "COMPENDIUM_TICKET": f"{home}/{TICKET}", "TMPDIR": home},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            extra_arguments=arguments,
        )
        return manager


def _provisioner(manager: Any, parent: forkserver.ForkServer) -> Any:
    """Return what gives a kernel manager its process: a fork of the warm parent, or a new one where that is dead."""
    from jupyter_client.provisioning import LocalProvisioner

    class Provisioner(LocalProvisioner):
        async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
            try:
                fork = parent.fork(cmd, kwargs["env"], kwargs["cwd"])
            except ChildProcessError:
                return await super().launch_kernel(cmd, **kwargs)
            self.process, self.cwd = fork, kwargs["cwd"]  # type: ignore[assignment]
            self.pid = self.pgid = fork.pid  # it leads a session of its own
            return self.connection_info

    return Provisioner(kernel_id=manager.kernel_id, kernel_spec=manager.kernel_spec, parent=manager)


def run(
    notebook: Notebook,
    parameters: Mapping[str, Any],
    pool: KernelPool,
    build: Path,
    on_cell: Callable[[int, int], None] | None = None,
) -> Path:
    """Execute a notebook under papermill and return where the executed copy stands.

    Parameters
    ----------
    notebook, parameters : what to run, and the parameters that differ from its defaults.
    pool : where the kernel comes from.
    build : the build folder; the executed notebook goes to ``notebooks/``, a failed one to ``failed/``.
    on_cell : called with (cells done, cells in all) before each cell.

    Raises
    ------
    CompendiumError naming the notebook and the cell when a cell raises.
    """
    import nbformat
    from nbclient.exceptions import DeadKernelError
    from papermill.clientwrap import PapermillNotebookClient
    from papermill.engines import NBClientEngine, papermill_engines
    from papermill.exceptions import PapermillExecutionError
    from papermill.execute import execute_notebook

    class Client(PapermillNotebookClient):
        def execute_cell(self, cell: Any, cell_index: int, *args: Any, **kwargs: Any) -> Any:
            if on_cell:
                on_cell(cell_index, len(self.nb.cells))
            return super().execute_cell(cell, cell_index, *args, **kwargs)

    class Engine(NBClientEngine):
        @classmethod
        def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **kwargs: Any) -> Any:
            copies.append(nb_man.nb)
            manager = pool.take(notebook.name)
            try:
                # Without coalescing, where one stream output ends would depend on timing.
                client = Client(nb_man, km=manager, kernel_name=kernel_name, record_timing=False, coalesce_streams=True)
                try:
                    return client.execute()
                finally:
                    if client.kc is not None:
                        client.kc.stop_channels()
            finally:
                pool.discard(manager)

    file = f"notebooks/{notebook.path.name}"
    engine = f"ahead-{notebook.name}"
    papermill_engines.register(engine, Engine)
    copies: list[Any] = []  # papermill executes a copy, which alone has the outputs when it fails
    failure: PapermillExecutionError | None = None
    try:
        execute_notebook(as_notebook(notebook.path), None, dict(parameters), engine_name=engine, progress_bar=False)
    except PapermillExecutionError as error:
        failure = error
    except DeadKernelError as error:
        raise CompendiumError("the notebook's kernel died; is there enough memory?", file=file) from error
    node = copies[0]
    if failure is not None:
        cell = next(c for c in node.cells if any(o.output_type == "error" for o in c.get("outputs", [])))
        path = project.write_text(build / "failed" / f"{notebook.name}.ipynb", nbformat.writes(cleaned(node)))
        said = (
            failure.evalue.rstrip(".") if failure.ename == "CompendiumError" else f"{failure.ename}: {failure.evalue}"
        )
        raise CompendiumError(
            f"the notebook stopped ({said}); what it printed is in {project.relative(path)}",
            file=file,
            row=_place(notebook.path, cell),
        ) from failure
    (build / "failed" / f"{notebook.name}.ipynb").unlink(missing_ok=True)
    return project.write_text(build / "notebooks" / f"{notebook.name}.ipynb", nbformat.writes(cleaned(node)))


def _place(script: Path, cell: Any) -> str | int:
    """Return where a cell stopped: the line of the script, and the heading above the cell."""
    lines = [re.sub(r"\x1b\[[0-9;]*m", "", text) for out in cell.outputs for text in out.get("traceback", [])]
    within = re.findall(r"^Cell In\[\d+\], line (\d+)", "\n".join(lines), flags=re.MULTILINE)
    heading = ""
    for line, marker, source in script_cells(script.read_text("utf-8")):
        if "[markdown]" in marker:
            heading = next((text.lstrip("# ") for text in source.splitlines() if re.match(r"# #+ ", text)), heading)
        elif cell_id(source) == cell.id.partition("-")[0]:
            row = line + (int(within[-1]) if within else 1) + len(source) - len(source.lstrip("\n"))
            return f"{row} (under '{heading}')" if heading else row
    return f"cell {cell.id}"


def cleaned(node: Any) -> Any:
    """Return an executed notebook without timings, machine facts or papermill's bookkeeping, in stable bytes."""
    node.metadata.pop("papermill", None)
    node.metadata.pop("language_info", None)
    for cell in node.cells:
        for key in ("papermill", "execution"):
            cell.metadata.pop(key, None)
        if not cell.metadata.get("tags"):
            cell.metadata.pop("tags", None)
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell["id"] = cell_id(cell.source)
    return node
