"""The chain of notebooks as doit tasks: what runs, in which order, and why, decided by content."""

from __future__ import annotations

import json
import os
import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from compendium import project
from compendium.chain import declarations, imports, notebooks, pairs, products, published
from compendium.chain.freshness import Product, Records
from compendium.chain.notebooks import Notebook
from compendium.chain.products import edges, read_parameters
from compendium.errors import CompendiumError

if TYPE_CHECKING:
    from compendium.chain import kernels
    from compendium.chain.declarations import Declarations

Progress = Callable[[str, str, int, int], None]


@dataclass
class Report:
    """What a build did: notebooks run (with seconds), left alone, and the counts of what stands in the results."""

    ran: dict[str, float] = field(default_factory=dict)
    unchanged: list[str] = field(default_factory=list)
    why: dict[str, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0


def build(
    overrides: Mapping[str, Any] | None = None,
    *,
    only: str | None = None,
    force: bool = False,
    jobs: int | None = None,
    progress: Progress | None = None,
    report: Report | None = None,
    then: Callable[[Records, Path, Path], object] | None = None,
) -> Report:
    """Run whatever is out of date and publish the results.

    Parameters
    ----------
    overrides : parameters that go before ``params.yml``.
    only : run this notebook (and what it needs), not the whole chain.
    force : run notebooks even if nothing changed.
    jobs : how many notebooks may run at the same time (all processors by default).
    progress : called with (notebook, state, cells done, cells in all); state is "start", "cell", "done" or "failed".
    then : called at the end with the records, the project's folder and the build folder, for what rests on the results.

    Returns
    -------
    Report of what ran and what was left alone.

    Raises
    ------
    CompendiumError for unknown parameters, broken notebooks, or a notebook that raises; the published results
    (``build/results/``) are then the previous ones.
    """
    began = time.perf_counter()
    root, folder = project.root(), project.build_folder()
    report = report or Report()
    failures: list[Exception] = []
    with project.alone(folder):
        _refresh_imports(root, folder)
        pairs.settle(root / "notebooks", folder)
        records = Records(root, folder)
        declared = declarations.Declarations(root, folder, records.digests)
        everything = declared.notebooks()
        chain = everything if only is None else _with_needs(everything, only)
        file = "params.yml" if not overrides else "params.yml and the command line"
        parameters = notebooks.check_parameters(everything, read_parameters(root, overrides, declared), file)
        before = edges(chain)
        names = [notebook.name for notebook in everything]
        _drop_strays(folder, names)
        own, jobs = dict(overrides or {}), jobs or project.available()
        run = _Runner(chain, parameters, own, records, declared, folder, jobs, progress, report)
        run.failures = failures
        try:
            tasks = run.tasks(before, names if only is None else None, force)
            said = _doit(tasks, folder, run.jobs) if any(not task["fresh"]() for task in tasks) else []
            if then and not said and not failures:
                then(records, root, folder)
        finally:
            run.close()  # before another process may come in
    if failures:
        raise failures[0]
    if said:
        raise CompendiumError("the chain stopped", file="notebooks", found="; ".join(said))
    report.unchanged = [notebook.name for notebook in chain if notebook.name not in report.ran]
    report.counts = records.of(products.RESULTS).get("counts") or published.counts(folder)
    report.seconds = time.perf_counter() - began
    return report


def _refresh_imports(root: Path, folder: Path) -> None:
    """Bring what is public of each import, and its private results, up to date with its tables and rules."""
    from compendium.evidence import publication

    for place in publication.imports(root):
        private = folder / project.PRIVATE / place.name
        if not publication.current(place) or not (private / project.MARK).is_file():
            from compendium.refiqda import publishing  # brings pandas, so only where there is something to do

            publishing.refresh(place, private)


class _Runner:
    """The shared state of one build: the kernels, the records, and who is told what."""

    def __init__(
        self,
        chain: list[Notebook],
        parameters: Mapping[str, Mapping[str, Any]],
        overrides: dict[str, Any],
        records: Records,
        declared: Declarations,
        folder: Path,
        jobs: int,
        progress: Progress | None,
        report: Report,
    ) -> None:
        # Figures take the longest: notebooks with most of them go first, so that no processor waits at the end.
        self.chain = sorted(chain, key=lambda notebook: -notebook.figures)
        self.parameters, self.overrides, self.folder = parameters, overrides, folder
        self.records, self.declared = records, declared
        self.jobs = max(1, min(jobs, len(chain)))
        self.progress, self.report = progress, report
        self.failures: list[Exception] = []
        self.pool: kernels.KernelPool | None = None
        self.opening = threading.Lock()

    def tasks(self, before: Mapping[str, list[str]], every: list[str] | None, force: bool) -> list[dict[str, Any]]:
        """Return the tasks: one for each notebook, then the joined results, then the pages that show them.

        Parameters
        ----------
        every : the notebooks whose parts are joined; None for those of the chain whose parts stand after the run.
        """
        root, folder, made = project.root(), self.folder, []
        for notebook in self.chain:
            needs = before[notebook.name]
            product = products.part(notebook, needs, self.parameters[notebook.name], root, folder, self.declared)
            made.append(self._task(product, partial(self._run, notebook), needs, force))
        ran = [notebook.name for notebook in self.chain]
        kept = every if every is not None else sorted({*ran, *_standing(folder)})
        made.append(self._task(products.joined(root, folder, kept), partial(published.merge, folder, kept), ran, force))
        if pages := products.pages(root, folder, kept, self.declared):
            made.append(self._task(pages, self._write_pages, [products.RESULTS], force))
        return made

    def _task(self, product: Product, make: Callable[[], Any], after: list[str], force: bool) -> dict[str, Any]:
        def fresh() -> bool:
            self.records.digests.again()  # what it rests on may just have been made
            return not force and not self.records.why(product)

        def action() -> bool:
            why = self.records.why(product)
            self.report.why[product.name] = ", ".join(why[:3]) + (f" and {len(why) - 3} more" if len(why) > 3 else "")
            try:
                inputs = self.records.begin(product)
                make()
                self.records.digests.again()
                counted = {"counts": published.counts(self.folder)} if product.name == products.RESULTS else {}
                self.records.end(product, inputs, overrides=self.overrides, **counted)
            except Exception as error:  # kept whole, to be raised outside of doit's threads
                self.failures.append(error)
            return not self.failures

        return {
            "name": product.name,
            "actions": [action],
            "io": {"capture": False},  # capturing swaps sys.stderr, which threads would lose
            "task_dep": after,
            "fresh": fresh,
        }

    def _write_pages(self) -> None:
        from compendium.website import pages

        pages.write_pages(self.folder, project.root())

    def _run(self, notebook: Notebook) -> None:
        from compendium.chain import kernels

        pool = self._opened_pool(notebook)
        shutil.rmtree(self.folder / "parts" / notebook.name, ignore_errors=True)  # only what this run writes counts
        began = time.perf_counter()
        self._tell(notebook, "start", 0, 0)
        try:
            chosen = self.parameters[notebook.name]
            kernels.run(
                notebook, chosen, pool, self.folder, lambda done, all_: self._tell(notebook, "cell", done, all_)
            )
            _check_part(notebook, self.folder)
        except Exception:
            self._tell(notebook, "failed", 0, 0)
            raise
        self.report.ran[notebook.name] = time.perf_counter() - began
        self._tell(notebook, "done", 0, 0)

    def _opened_pool(self, first: Notebook) -> kernels.KernelPool:
        with self.opening:  # the first notebooks ask for it at the same moment
            if self.pool is None:
                self.pool = self._open_pool(first)
            return self.pool

    def _open_pool(self, first: Notebook) -> kernels.KernelPool:
        from compendium.chain import kernels

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
        counted = Counter(name for n in rest for name in imports.imported_at_start(n.path, project.root()))
        shared = sorted(name for name, times in counted.items() if times > 1)
        return kernels.KernelPool([n.draws for n in rest], ahead=self.jobs, environment=environment, modules=shared)

    def close(self) -> None:
        """Stop every kernel; whoever still waits for one is no longer reported."""
        self.progress = None
        self.declared.save()
        self.records.digests.save()
        if self.pool is not None:
            self.pool.close()

    def _tell(self, notebook: Notebook, state: str, done: int, of: int) -> None:
        if self.progress:
            self.progress(notebook.name, state, done, of)


def _doit(tasks: list[dict[str, Any]], folder: Path, jobs: int) -> list[str]:
    """Run the tasks under doit in their order, as many at a time as may be; return what it said of failures."""
    from doit.cmd_base import TaskLoader2
    from doit.doit_cmd import DoitMain
    from doit.reporter import ZeroReporter
    from doit.task import dict_to_task

    said: list[str] = []
    state = folder / ".doit.json"  # doit wants the name of a file of its own
    state.unlink(missing_ok=True)  # left by an earlier version that was killed, and it would be believed

    class Reporter(ZeroReporter):
        def add_failure(self, task: Any, fail: Any) -> None:
            said.append(str(fail))

        def runtime_error(self, msg: str) -> None:
            said.append(msg)

    class Loader(TaskLoader2):
        def load_doit_config(self) -> dict[str, Any]:
            return {"dep_file": str(state), "backend": "json", "reporter": Reporter, "verbosity": 0}

        def load_tasks(self, cmd: Any, pos_args: Any) -> list[Any]:
            cmd.dep_manager.backend.dump = lambda: None  # our records decide: doit has nothing to remember
            return [dict_to_task({**task, "uptodate": [fresh]}) for fresh, task in split]

    split = [(task["fresh"], {name: task[name] for name in task if name != "fresh"}) for task in tasks]
    DoitMain(Loader(), config_filenames=()).run(["run", "-P", "thread", "-n", str(jobs if jobs > 1 else 0)])
    return said


def _with_needs(chain: list[Notebook], only: str) -> list[Notebook]:
    """Return the notebook named (by name, number or file) and all notebooks it depends on."""
    before, needed, queue = edges(chain), set[str](), [notebooks.named(chain, only).name]
    while queue:
        name = queue.pop()
        if name not in needed:
            needed.add(name)
            queue += before[name]
    return [notebook for notebook in chain if notebook.name in needed]


def _check_part(notebook: Notebook, folder: Path) -> None:
    """Refuse a run that published nothing, or read a file which its source does not show."""
    file = folder / "parts" / notebook.name / "part.json"
    if not file.is_file():
        raise CompendiumError(
            "the notebook has published no results",
            file=f"notebooks/{notebook.path.name}",
            expected="results.start(...) at its beginning and store.finish() at its end",
        )
    import fnmatch

    part = json.loads(file.read_text("utf-8"))
    for path in part["inputs"]:
        shown = [*notebook.inputs, "results/*"]
        if not any(fnmatch.fnmatch(path, pattern) for pattern in shown):
            raise CompendiumError(
                "a run read an input that its source does not show",
                file=f"notebooks/{notebook.path.name}",
                found=path,
                expected="a call store.input(...) in the notebook, or in a function that it gives the store",
            )


def _standing(folder: Path) -> list[str]:
    return [path.parent.name for path in (folder / "parts").glob("[0-9]*/part.json")]


def _drop_strays(folder: Path, names: list[str]) -> None:
    """Remove the parts and records of notebooks that are no more: what they recorded must not be read again."""
    for path in (folder / "parts").glob("[!.]*"):
        if path.name not in names and path.is_dir():
            shutil.rmtree(path)
            (folder / "made" / f"{path.name}.json").unlink(missing_ok=True)
