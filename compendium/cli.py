"""The command line: every verb calls a function of this package and prints what a person needs to know.

Nothing heavy is imported before the verb that needs it, so that a command with nothing to do ends at once.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from compendium import __version__, project, settings
from compendium.errors import CompendiumError

PROFILES = ("paper", "thesis", "site")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code (0 done, 1 a problem the reader can act on, 2 wrong usage)."""
    options = parser().parse_args(_joined(list(sys.argv[1:] if arguments is None else arguments)))
    try:
        with _stoppable():
            return int(options.function(options) or 0)
    except CompendiumError as error:
        if options.debug:
            raise
        print(f"compendium: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt as stop:
        print("\ncompendium: stopped; what stood before still stands.", file=sys.stderr)
        return 128 + (stop.args[0] if stop.args else signal.SIGINT)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        if options.debug:
            raise
        place = "the system refused what the command asked of it"
        if error.filename is not None:
            place = f"{project.relative(os.fsdecode(error.filename))}: the file or folder cannot be used"
        print(f"compendium: {place} ({error.strerror or error})", file=sys.stderr)
        return 1


@contextmanager
def _stoppable() -> Iterator[None]:
    """Treat the signals by which others stop a process (``timeout``, a cancelled job, a closed window) as Ctrl-C.

    The clearing up that follows is not stopped by another one.
    """
    stops = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    if threading.current_thread() is not threading.main_thread():  # Python hears signals in the main thread alone
        stops = []

    def stop(number: int, _frame: Any) -> None:
        for other in before:
            signal.signal(other, signal.SIG_IGN)
        raise KeyboardInterrupt(number)

    before = {number: signal.getsignal(number) for number in stops}
    before = {number: handler for number, handler in before.items() if handler is signal.SIG_DFL}  # not under nohup
    for number in before:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    top = argparse.ArgumentParser(
        prog="compendium",
        description="Rebuild, render and check the compendium.",
        epilog="Without a command: build and render everything.",
    )
    top.add_argument("--version", action="version", version=f"compendium {__version__}")
    top.add_argument("--debug", action="store_true", help="show the full traceback of an error")
    top.set_defaults(function=_all, params=[], jobs=None, force=False, engine="auto")
    commands = top.add_subparsers(title="commands", metavar="COMMAND")

    def command(name: str, function: Callable[[argparse.Namespace], int | None], help_: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=help_, description=help_[0].upper() + help_[1:] + ".")
        made.add_argument("--debug", action="store_true", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
        made.set_defaults(function=function)
        return made

    everything = command("all", _all, "build, then render the paper, the thesis and the website")
    build = command("build", _build, "run the notebooks that are out of date and publish their results")
    run = command("run", _run, "run one notebook and what it needs")
    run.add_argument("notebook", help="its name, number or file")
    for one in (everything, build, run):
        _add_chain_options(one)
    render = command("render", _render, "render the manuscript from the results")
    render.add_argument("profile", nargs="*", choices=[*PROFILES, []], help="paper, thesis or site (all by default)")
    render.add_argument("--format", action="append", dest="formats", help="only this format (html, docx, jats, pdf)")
    render.add_argument("--submission", action="store_true", help="also pack the paper for a journal's upload")
    render.add_argument("--stale", action="store_true", help="render results that are older than their inputs")
    for one in (everything, render):
        one.add_argument("--engine", choices=("auto", "quarto", "pandoc"), default="auto", help="what renders")
    check = command("check", _check, "check the manuscript against the results")
    check.add_argument("--release", action="store_true", help="treat warnings as errors")
    diff = command("diff", _diff, "show how values, tables and prose changed between two commits")
    diff.add_argument("first", help="a commit, branch or tag")
    diff.add_argument("second", nargs="?", help="another one (the files as they stand by default)")
    diff.add_argument("--build", action="store_true", help="build both instead of reading the committed notebooks")
    notebooks = command(
        "notebooks", _notebooks, "refresh the committed .ipynb of every notebook, or check that they agree"
    )
    notebooks.add_argument("--check", action="store_true", help="change nothing; fail where a pair disagrees")
    fetch = command("fetch", _fetch, "bring the raw open data into the cache, verified")
    fetch.add_argument("ids", nargs="*", metavar="ID", help="sources of data/sources.toml (all by default)")
    disclosed = command("disclosure", _disclosure, "say how many areas fit each profile that you are about to publish")
    disclosed.add_argument("profiles", type=Path, help="CSV file: one row per profile, its name and its descriptors")
    disclosed.add_argument("population", type=Path, help="CSV file: one row per area, with the same descriptors")
    disclosed.add_argument("--key", help="column that names the profile (the first by default)")
    disclosed.add_argument("--floor", type=int, default=5, metavar="K", help="the size wanted (5 by default)")
    import_qda = command("import-qda", _import_qda, "import a REFI-QDA project or codebook (.qdpx, .qde, .qdc)")
    import_qda.add_argument("file", type=Path)
    import_qda.add_argument("--out", type=Path, help="folder to write (data/coding/NAME by default)")
    import_qda.add_argument("--study", default="", help="name of the study in the tables")
    import_qda.add_argument("--strict", action="store_true", help="refuse what would only be warned of")
    export_qda = command("export-qda", _export_qda, "export coded evidence as .qdpx, or its codebook as .qdc or .csv")
    export_qda.add_argument("folder", type=Path, help="an imported project, or a folder of data/coding/")
    export_qda.add_argument("file", type=Path, help="what to write: .qdpx, .qdc or .csv")
    doctor = command("doctor", _doctor, "show what this machine has and what the project would use")
    del doctor
    try:
        own = settings.module("commands")
    except CompendiumError:  # no project here, or its settings are damaged: its own commands are not to be had
        own = None
    if own is not None:
        own.add(command)
    return top


def _add_chain_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("-p", dest="params", action="append", default=[], metavar="KEY=VALUE", help="set a parameter")
    command.add_argument("-j", "--jobs", type=int, help="notebooks at the same time (all processors by default)")
    command.add_argument("--force", action="store_true", help="run even what has not changed")


def _joined(arguments: list[str]) -> list[str]:
    """Allow papermill's ``-p KEY VALUE`` beside ``-p KEY=VALUE``."""
    joined: list[str] = []
    while arguments:
        word = arguments.pop(0)
        joined.append(word)
        if word == "-p" and arguments:
            key = arguments.pop(0)
            joined.append(key if "=" in key or not arguments else f"{key}={arguments.pop(0)}")
    return joined


def _parameters(pairs: Sequence[str]) -> dict[str, str]:
    chosen = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key:
            raise CompendiumError("a parameter has no value", found=f"-p {pair}", expected="-p KEY=VALUE")
        chosen[key] = value
    return chosen


# --- commands ------------------------------------------------------------------------------------------------


def _all(options: argparse.Namespace) -> int:
    _build(options)
    options.profile, options.formats = [], None
    return _render(options)


def _build(options: argparse.Namespace, only: str | None = None) -> int:
    from compendium.chain import graph

    with _Progress() as progress:
        report = graph.build(
            _parameters(options.params), only=only, force=options.force, jobs=options.jobs, progress=progress
        )
    ran, left = len(report.ran), len(report.unchanged)
    counts = report.counts
    print(
        f"{ran} notebook{'s' * (ran != 1)} ran, {left} unchanged: {counts['values']} values, "
        f"{counts['tables']} tables, {counts['figures']} figures in {_shown(_build_folder() / 'results')} "
        f"({report.seconds:.1f} s)"
    )
    _draft_checklists()
    return 0


def _run(options: argparse.Namespace) -> int:
    return _build(options, only=options.notebook)


def _render(options: argparse.Namespace) -> int:
    import time

    from compendium.chain import products
    from compendium.render import render
    from compendium.writing import reporting

    if not getattr(options, "stale", False):
        products.refuse_stale(project.root(), _build_folder())
    for profile in options.profile or PROFILES:
        began = time.perf_counter()
        with project.alone(_build_folder()):
            written = render(
                profile, engine=options.engine, root=project.root(), formats=options.formats,
                prepare=reporting.draft, settle=reporting.refresh,
            )  # fmt: skip
        names = ", ".join(_shown(path) for path in written[:6]) + (f" and {len(written) - 6} more" * (len(written) > 6))
        print(f"{profile}: {names} ({time.perf_counter() - began:.1f} s)")
    if getattr(options, "submission", False):
        from compendium.writing import submission

        began = time.perf_counter()
        archive, *files = submission.pack(project.root())
        print(f"submission: {_shown(archive)} with {len(files)} files ({time.perf_counter() - began:.1f} s)")
    return 0


def _check(options: argparse.Namespace) -> int:
    from compendium.writing import checks

    _draft_checklists()
    found = checks.findings(project.root(), release=options.release)
    for finding in found:
        print(f"{finding.file}:{finding.line}: {finding.severity} ({finding.code}): {finding.message}")
    errors = sum(finding.severity == "error" for finding in found)
    warnings = len(found) - errors
    print(f"{errors} error{'s' * (errors != 1)}, {warnings} warning{'s' * (warnings != 1)}")
    return 1 if errors else 0


def _diff(options: argparse.Namespace) -> int:
    from compendium.writing import differences

    for line in differences.compare(options.first, options.second, options.build):
        print(line)
    return 0


def _notebooks(options: argparse.Namespace) -> int:
    from compendium.chain import pairs

    if options.check:
        pairs.check(project.root() / "notebooks")
        print("every .py and .ipynb agree")
        return 0
    for path in pairs.refresh(project.root() / "notebooks", _build_folder() / "notebooks"):
        print(f"{_shown(path)} refreshed")
    return 0


def _fetch(options: argparse.Namespace) -> int:
    from compendium.data import sources

    for identifier, path in sources.fetch(options.ids or None, progress=sys.stderr.isatty()).items():
        print(f"{identifier:<24} {_shown(path)}")
    return 0


def _disclosure(options: argparse.Namespace) -> int:
    from compendium.data import loading
    from compendium.evidence import disclosure

    profiles = loading.read_text(options.profiles, "there are no profiles here", "the profiles are").replace("", None)
    population = loading.read_text(options.population, "there are no areas here", "the areas are")
    print("\n".join(disclosure.report(population, profiles, options.key or str(profiles.columns[0]), options.floor)))
    return 0


def _import_qda(options: argparse.Namespace) -> int:
    from compendium import refiqda

    name = re.sub(r"\W+", "-", options.file.stem.lower()).strip("-")
    out = options.out or project.root() / "data" / "coding" / (name or "project")
    print("\n".join(refiqda.import_project(options.file, out, options.study, options.strict).lines()))
    return 0


def _export_qda(options: argparse.Namespace) -> int:
    from compendium import refiqda

    export = refiqda.export_project if options.file.suffix.lower() == ".qdpx" else refiqda.export_codebook
    print(_shown(export(options.folder, options.file)))
    return 0


def _doctor(options: argparse.Namespace) -> int:
    from compendium import doctor

    healthy = True
    for name, state, fine in doctor.findings():
        healthy &= fine
        print(f"{'ok ' if fine else 'NO '} {name:<12} {state}")
    return 0 if healthy else 1


def _draft_checklists() -> None:
    """Write the checklists that the paper includes where none are there yet, so that any engine can render it."""
    import contextlib

    from compendium.writing import reporting

    if _build_folder() == (project.root() / "build").resolve():
        with contextlib.suppress(CompendiumError):  # the checks and the rendering name the problem with its place
            reporting.draft(project.root())


def _build_folder() -> Path:
    from compendium.chain.published import build_folder

    return build_folder()


def _shown(path: Path) -> str:
    return project.relative(path)


class _Progress:
    """One line per notebook: rewritten while it runs on a terminal, printed once when it ends elsewhere."""

    def __init__(self) -> None:
        import threading

        self._live = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self._began: dict[str, float] = {}
        self._state: dict[str, str] = {}
        self._drawn = 0
        self._lock = threading.Lock()

    def __enter__(self) -> _Progress:
        return self

    def __exit__(self, *_: Any) -> None:
        with self._lock:
            self._wipe()

    def __call__(self, notebook: str, state: str, done: int, of: int) -> None:
        import time

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


if __name__ == "__main__":
    raise SystemExit(main())
