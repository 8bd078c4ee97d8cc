"""The chain of notebooks as doit tasks: what runs, in which order, and why, decided by checksums.

The graph is not written down anywhere: each notebook's reads and records (found in its syntax) are its edges.
"""

from __future__ import annotations

import fnmatch
import json
import os
import platform
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from compendium import project, settings
from compendium.chain import kernels, notebooks, results
from compendium.chain.notebooks import Notebook
from compendium.errors import CompendiumError

Progress = Callable[[str, str, int, int], None]
COMMON = ("requirements.lock", settings.FILE, "data/datapackage.json", "data/ledger.datapackage.json")


@dataclass
class Report:
    """What a build did: notebooks run (with seconds), left alone, and the counts of what stands in the results."""

    ran: dict[str, float] = field(default_factory=dict)
    unchanged: list[str] = field(default_factory=list)
    why: dict[str, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0


def read_parameters(root: Path, overrides: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return ``params.yml`` of the project with the overrides of the command line on top."""
    path = root / "params.yml"
    given: dict[str, Any] = {}
    if path.is_file():
        import yaml

        try:
            given = yaml.safe_load(path.read_text("utf-8")) or {}
        except yaml.YAMLError as error:
            raise CompendiumError("the parameters are not valid YAML", file=path.name, found=str(error)) from error
        if not isinstance(given, dict):
            raise CompendiumError("the parameters are not a mapping", file=path.name, expected="lines 'name: value'")
    return {**given, **(overrides or {})}


def edges(chain: list[Notebook]) -> dict[str, list[str]]:
    """Return, for each notebook, the names of the earlier notebooks whose results it reads.

    Raises CompendiumError when a notebook reads what no earlier notebook records.
    """
    before: dict[str, list[str]] = {}
    for position, notebook in enumerate(chain):
        found: list[str] = []
        for wanted in notebook.results_read:
            makers = [
                earlier.name
                for earlier in chain[:position]
                if any(_meet(wanted, written) for written in earlier.results_written)
            ]
            if not makers:
                raise CompendiumError(
                    f"no earlier notebook records '{wanted}'",
                    file=f"notebooks/{notebook.path.name}",
                    expected="one that does",
                )
            found += makers
        before[notebook.name] = sorted(set(found))
    return before


def build(
    overrides: Mapping[str, Any] | None = None,
    *,
    only: str | None = None,
    force: bool = False,
    jobs: int | None = None,
    progress: Progress | None = None,
    report: Report | None = None,
) -> Report:
    """Run whatever is out of date and publish the results.

    Parameters
    ----------
    overrides : parameters that go before ``params.yml``.
    only : run this notebook (and what it needs), not the whole chain.
    force : run notebooks even if nothing changed.
    jobs : how many notebooks may run at the same time (all processors by default).
    progress : called with (notebook, state, cells done, cells in all); state is "start", "cell", "done" or "failed".

    Returns
    -------
    Report of what ran and what was left alone.

    Raises
    ------
    CompendiumError for unknown parameters, broken notebooks, or a notebook that raises; the published results
    (``build/results/``) are then the previous ones.
    """
    began = time.perf_counter()
    root, folder = project.root(), results.build_folder()
    everything = notebooks.discover(root / "notebooks")
    chain = everything if only is None else _with_needs(everything, only)
    file = "params.yml" if not overrides else "params.yml and the command line"
    parameters = notebooks.check_parameters(everything, read_parameters(root, overrides), file)
    report = report or Report()
    failures: list[Exception] = []
    run = _Runner(chain, parameters, folder, jobs or kernels.available(), progress, report, failures)
    tasks = [run.task(notebook, before) for notebook, before in zip(chain, edges(chain).values(), strict=True)]
    tasks += run.publication(None if only else [notebook.name for notebook in chain])
    try:
        with project.alone(folder):
            said = _doit(tasks, folder, run.jobs, force)
    finally:
        run.close()
    if failures:
        raise failures[0]
    if said:
        raise CompendiumError("the chain stopped", file="notebooks", found="; ".join(said))
    report.unchanged = [notebook.name for notebook in chain if notebook.name not in report.ran]
    report.counts = results.counts(folder)
    report.seconds = time.perf_counter() - began
    return report


class _Runner:
    """The shared state of one build: the kernels, and who is told what."""

    def __init__(
        self,
        chain: list[Notebook],
        parameters: Mapping[str, Mapping[str, Any]],
        folder: Path,
        jobs: int,
        progress: Progress | None,
        report: Report,
        failures: list[Exception],
    ) -> None:
        self.chain, self.parameters, self.folder = chain, parameters, folder
        self.jobs = max(1, min(jobs, len(chain)))
        self.progress, self.report, self.failures = progress, report, failures
        self.pool: kernels.KernelPool | None = None
        self.opening = threading.Lock()

    def task(self, notebook: Notebook, before: list[str]) -> dict[str, Any]:
        """Return the doit task of one notebook."""
        root = project.root()
        inputs = [path for pattern in notebook.inputs for path in _files(root, pattern)]
        modules = notebooks.module_sources(notebook.modules, root)
        upstream = [self.folder / "parts" / name / "part.json" for name in before]
        common = [path for name in COMMON if (path := root / name).is_file()]
        return {
            "name": notebook.name,
            "actions": [(self._run, [notebook])],
            "io": {"capture": False},  # capturing swaps sys.stderr, which threads would lose
            "file_dep": [str(p) for p in [notebook.path, *inputs, *modules, *upstream, *common]],
            "targets": [
                str(self.folder / "parts" / notebook.name / "part.json"),
                str(self.folder / "notebooks" / f"{notebook.name}.ipynb"),
            ],
            "settings": json.dumps([platform.python_version(), self.parameters[notebook.name]], sort_keys=True),
        }

    def publication(self, keep: list[str] | None) -> list[dict[str, Any]]:
        """Return the tasks after the notebooks: join their parts, then write the pages that show them."""
        root, published = project.root(), self.folder / "results"
        parts = sorted(
            {self.folder / "parts" / n.name / "part.json" for n in self.chain} | set(_parts(self.folder, keep))
        )
        executed = [self.folder / "notebooks" / f"{part.parent.name}.ipynb" for part in parts]
        merged = [published / "results.json", published / "values.json"]
        own = settings.read(root).pages
        pages = notebooks.module_sources(["compendium.website.pages", *([own] if own else [])], root)
        described = [
            path for kind in ("csv", "json") for path in (root / "data").rglob(f"*.{kind}") if _kept(path, root)
        ]
        tasks: list[dict[str, Any]] = [
            {
                "name": "results",
                "actions": [(self._merge, [keep])],
                "io": {"capture": False},
                "file_dep": [str(part) for part in parts],
                "targets": [str(path) for path in (*merged, results.variables_file(self.folder))],
                "settings": json.dumps([part.parent.name for part in parts]),
                "conditions": [lambda: results.complete(self.folder)],
            },
            {
                "name": "pages",
                "actions": [(self._write_pages, [])],
                "io": {"capture": False},
                "file_dep": [str(path) for path in (*merged, *executed, *pages, *described)],
                "targets": [str(self.folder / "pages" / "provenance.md")],
                "settings": json.dumps([path.name for path in executed]),
            },
        ]
        return tasks if (root / "manuscript" / "site").is_dir() else tasks[:1]

    def _merge(self, keep: list[str] | None) -> bool:
        return self._attempt(lambda: results.merge(self.folder, keep))

    def _write_pages(self) -> bool:
        def write() -> None:
            from compendium.website import pages

            pages.write_pages(self.folder, project.root())

        return self._attempt(write)

    def _attempt(self, action: Callable[[], Any]) -> bool:
        try:
            action()
        except Exception as error:  # kept whole, to be raised outside of doit's threads
            self.failures.append(error)
        return not self.failures

    def _run(self, notebook: Notebook, changed: list[str]) -> bool:
        pool = self._opened_pool(notebook)
        self.report.why[notebook.name] = _why(changed, self.folder)
        began = time.perf_counter()
        self._tell(notebook, "start", 0, 0)
        try:
            chosen = self.parameters[notebook.name]
            kernels.run(
                notebook, chosen, pool, self.folder, lambda done, all_: self._tell(notebook, "cell", done, all_)
            )
            _check_inputs(notebook, self.folder)
        except Exception as error:  # kept whole, to be raised outside of doit's threads
            self.failures.append(error)
            self._tell(notebook, "failed", 0, 0)
            return False
        self.report.ran[notebook.name] = time.perf_counter() - began
        self._tell(notebook, "done", 0, 0)
        return True

    def _opened_pool(self, first: Notebook) -> kernels.KernelPool:
        with self.opening:  # the first notebooks ask for it at the same moment
            if self.pool is None:
                self.pool = self._open_pool(first)
            return self.pool

    def _open_pool(self, first: Notebook) -> kernels.KernelPool:
        environment = {
            "COMPENDIUM_CHAIN": "1",
            "COMPENDIUM_ROOT": str(project.root()),
            "COMPENDIUM_BUILD": str(self.folder),
            "PYTHONPATH": os.pathsep.join([str(project.root()), *filter(None, [os.environ.get("PYTHONPATH")])]),
            "PYTHONHASHSEED": "0",
            "PYDEVD_DISABLE_FILE_VALIDATION": "1",
            "MPLBACKEND": "agg",
        }
        rest = self.chain[self.chain.index(first) :]
        return kernels.KernelPool([n.draws for n in rest], ahead=self.jobs, environment=environment)

    def close(self) -> None:
        """Stop every kernel."""
        if self.pool is not None:
            self.pool.close()

    def _tell(self, notebook: Notebook, state: str, done: int, of: int) -> None:
        if self.progress:
            self.progress(notebook.name, state, done, of)


def _doit(tasks: list[dict[str, Any]], folder: Path, jobs: int, force: bool) -> list[str]:
    """Run the tasks under doit, with checksums kept in the build folder; return what it said of failures."""
    from doit.cmd_base import TaskLoader2
    from doit.doit_cmd import DoitMain
    from doit.reporter import ZeroReporter
    from doit.task import dict_to_task
    from doit.tools import config_changed

    said: list[str] = []

    class Reporter(ZeroReporter):
        def add_failure(self, task: Any, fail: Any) -> None:
            said.append(str(fail))

        def runtime_error(self, msg: str) -> None:
            said.append(msg)

    class Loader(TaskLoader2):
        def load_doit_config(self) -> dict[str, Any]:
            return {"dep_file": str(state), "backend": "json", "reporter": Reporter, "verbosity": 0}

        def load_tasks(self, cmd: Any, pos_args: Any) -> list[Any]:
            made = []
            for task in tasks:
                options = dict(task)
                conditions = [config_changed(options.pop("settings")), *options.pop("conditions", [])]
                made.append(dict_to_task({**options, "uptodate": conditions}))
            return made

    folder.mkdir(parents=True, exist_ok=True)
    state, unfinished = folder / ".doit.json", folder / ".unfinished"
    if unfinished.exists() or not _readable(state):
        # A build that was killed has left results that the record does not know: trust nothing and run all.
        state.unlink(missing_ok=True)
    unfinished.touch()
    arguments = ["run", "-P", "thread", "-n", str(jobs if jobs > 1 else 0), *(["--always-execute"] * force)]
    DoitMain(Loader(), config_filenames=()).run(arguments)
    unfinished.unlink()
    return said


def _readable(state: Path) -> bool:
    """Return whether doit's record is absent or whole."""
    try:
        json.loads(state.read_text("utf-8"))
    except FileNotFoundError:
        return True
    except ValueError:
        return False
    return True


def _with_needs(chain: list[Notebook], only: str) -> list[Notebook]:
    """Return the notebook named (by name, number or file) and all notebooks it depends on."""
    wanted = Path(only).stem
    match = [n.name for n in chain if n.name == wanted or n.name[:2] == wanted]
    if not match:
        raise CompendiumError(f"there is no notebook '{only}'", expected=[notebook.name for notebook in chain])
    before, needed, queue = edges(chain), set[str](), list(match)
    while queue:
        name = queue.pop()
        if name not in needed:
            needed.add(name)
            queue += before[name]
    return [notebook for notebook in chain if notebook.name in needed]


def _check_inputs(notebook: Notebook, folder: Path) -> None:
    """Refuse a run that read a file which its source does not show: the chain could not know of its changes."""
    file = folder / "parts" / notebook.name / "part.json"
    if not file.is_file():
        raise CompendiumError(
            "the notebook has published no results under its own name",
            file=f"notebooks/{notebook.path.name}",
            expected=f'results.start("{notebook.name}", ...) at its beginning and store.finish() at its end',
        )
    part = json.loads(file.read_text("utf-8"))
    for path in part["inputs"]:
        shown = [*notebook.inputs, "results/*"]
        if not any(fnmatch.fnmatch(path, pattern) for pattern in shown):
            raise CompendiumError(
                "a run read an input that its source does not show",
                file=f"notebooks/{notebook.path.name}",
                found=path,
                expected="a call store.input(...) in the notebook itself",
            )


def _files(root: Path, pattern: str) -> list[Path]:
    if "*" not in pattern:
        return [path] if (path := root / pattern).is_file() else []
    return sorted(path for path in root.glob(pattern) if path.is_file())


def _meet(wanted: str, written: str) -> bool:
    return fnmatch.fnmatch(wanted, written) or fnmatch.fnmatch(written, wanted)


def _why(changed: list[str], folder: Path) -> str:
    """Return in a few words why a notebook runs: the changed files, a first run, or other settings."""
    if not changed:
        return "parameters or environment changed"
    if not (folder / "results").is_dir():
        return "first run"
    names = sorted(os.path.relpath(path, project.root()).replace(os.sep, "/") for path in changed)
    return "changed: " + ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _parts(folder: Path, keep: list[str] | None) -> list[Path]:
    """Return the parts that will be joined: of all notebooks that ran, or only of those still in the chain."""
    found = (folder / "parts").glob("[0-9]*/part.json")
    return [path for path in found if keep is None or path.parent.name in keep]


def _kept(path: Path, root: Path) -> bool:
    return "raw" not in path.relative_to(root / "data").parts[:-1]
