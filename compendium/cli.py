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
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from compendium import arguments, coding, project
from compendium.errors import CompendiumError


def main(words: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code (0 done, 1 a problem the reader can act on, 2 wrong usage)."""
    options = parser().parse_args(_joined(list(sys.argv[1:] if words is None else words)))
    try:
        with _stoppable():
            return int(options.function(options) or 0)
    except CompendiumError as error:
        if options.debug:
            raise
        print(f"compendium: {error}", *filter(None, [error.detail]), sep="\n", file=sys.stderr)
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
    """Return the parser of all commands, each with the function that does its work."""
    return arguments.parser({
        "all": _all, "build": _build, "run": _run, "explain": _explain, "graph": _graph, "render": _render,
        "submission": _submission, "check": _check, "diff": _diff, "notebooks": _notebooks, "fetch": _fetch,
        "disclosure": _disclosure,
        "import-docx": _import_docx, "import-qda": _import_qda, "anonymise": _anonymise, "export-qda": _export_qda,
        "doctor": _doctor, "new": _new,
        "add": _add, **coding.VERBS,
    })  # fmt: skip


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


def _new(options: argparse.Namespace) -> int:
    from compendium.scaffold import creation

    made = creation.create(options.folder, options.source, options.checklists or ["srqr"], options.title)
    print("\n".join([*made.report, f"{options.folder}: {made.title}. Now: cd {options.folder} && make"]))
    return 0


def _all(options: argparse.Namespace) -> int:
    _build(options)
    options.profile, options.formats = [], None
    return _render(options)


def _build(options: argparse.Namespace, only: str | None = None) -> int:
    from compendium.chain import graph, notebooks
    from compendium.chain.progress import Progress
    from compendium.writing import drafts

    with Progress(len(notebooks.scripts(project.root() / "notebooks"))) as progress:
        report = graph.build(
            _parameters(options.params), only=only, force=options.force, jobs=options.jobs, progress=progress,
            then=drafts.refresh,
        )  # fmt: skip
    ran, left = len(report.ran), len(report.unchanged)
    counts = report.counts
    print(
        f"{ran} notebook{'s' * (ran != 1)} ran, {left} unchanged: {counts['values']} values, "
        f"{counts['tables']} tables, {counts['figures']} figures in {_shown(project.build_folder() / 'results')} "
        f"({report.seconds:.1f} s)"
    )
    return 0


def _run(options: argparse.Namespace) -> int:
    return _build(options, only=options.notebook)


def _explain(options: argparse.Namespace) -> int:
    from compendium.chain import explanation

    found = explanation.explain(project.root(), project.build_folder(), _parameters(options.params), options.notebook)
    for item in found:
        print("\n".join(item.lines(None if options.notebook else explanation.SHOWN)))
    return 0


def _graph(options: argparse.Namespace) -> int:
    from compendium.chain import drawing

    chain = drawing.read(project.root())
    text = drawing.mermaid(chain) if options.format == "mermaid" else drawing.svg(chain)
    if options.file is None:
        print(text, end="")
    else:
        print(_shown(project.write_text(options.file, text)))
    return 0


def _add(options: argparse.Namespace) -> int:
    from compendium.scaffold import pieces

    root, kind, name = project.root(), options.kind, options.name
    if kind == "notebook":
        written = pieces.notebook(root, name)
    elif kind == "table":
        written = pieces.table(root, Path(name))
    elif kind == "figure":
        written = pieces.figure(root, name, options.notebook)
    else:
        written = pieces.chapter(root, name, options.words)
    print("\n".join(_shown(path) for path in written))
    print(pieces.NEXT[kind])
    return 0


def _render(options: argparse.Namespace) -> int:
    import time

    from compendium import folders
    from compendium.chain import products, published
    from compendium.render import render
    from compendium.writing import reporting

    if getattr(options, "submission", False) and not options.draft:
        from compendium.writing import authors

        authors.refuse_gaps(project.root())
    banner = ""
    if not getattr(options, "stale", False):
        products.refuse_stale(project.root(), project.build_folder())
    elif what := products.staleness(project.root(), project.build_folder()):
        banner = f"Stale: the results shown are {what}."
        print(f"compendium: results are {what}; every page says so", file=sys.stderr)
    published.show_variables(project.build_folder())
    wanted = options.profile or project.profiles()
    if not wanted:
        raise CompendiumError(
            "there is nothing to render", expected="a file _quarto-PROFILE.yml, such as _quarto-paper.yml"
        )
    with folders.seen(project.root(), project.build_folder()) as root:
        for profile in wanted:
            began = time.perf_counter()
            with project.alone(project.build_folder()):
                written = render(
                    profile, engine=options.engine, root=root, formats=options.formats,
                    prepare=reporting.draft, settle=reporting.refresh, banner=banner,
                    shaded=getattr(options, "mark_computed", False),
                )  # fmt: skip
            names = ", ".join(_written(path, root) for path in written[:6])
            more = f" and {len(written) - 6} more" * (len(written) > 6)
            print(f"{profile}: {names}{more} ({time.perf_counter() - began:.1f} s)")
    if getattr(options, "submission", False):
        _pack()
    return 0


def _submission(options: argparse.Namespace) -> int:
    from compendium.chain import products, published
    from compendium.writing import authors

    if not options.draft:
        authors.refuse_gaps(project.root())
    if not options.stale:
        products.refuse_stale(project.root(), project.build_folder())
    published.show_variables(project.build_folder())
    _pack()
    return 0


def _pack() -> None:
    import time

    from compendium import folders
    from compendium.writing import submission

    began = time.perf_counter()
    build = project.build_folder()
    with project.alone(build), folders.seen(project.root(), build) as root:
        archive, *files = submission.pack(root)
        name = _written(archive, root)
    print(f"submission: {name} with {len(files)} files ({time.perf_counter() - began:.1f} s)")


def _check(options: argparse.Namespace) -> int:
    from compendium import folders
    from compendium.chain.freshness import Records
    from compendium.writing import checks, drafts

    root, build = project.root(), project.build_folder()
    drafts.refresh(Records(root, build), root, build)
    with folders.seen(root, build) as root:
        found = checks.findings(root, release=options.release)
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
    from compendium.chain import drawing, pairs

    root = project.root()
    if options.check:
        pairs.check(root / "notebooks")
        drawing.check(root)
        print("every .py and .ipynb agree")
        return 0
    with project.alone(project.build_folder()):
        pairs.settle(root / "notebooks", project.build_folder())
        for path in [*pairs.refresh(root / "notebooks", project.build_folder() / "notebooks"), *drawing.refresh(root)]:
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


def _import_docx(options: argparse.Namespace) -> int:
    from compendium.coauthors import asking

    return asking.import_docx(options.files, options.onto, options.dry_run, options.yes)


def _import_qda(options: argparse.Namespace) -> int:
    from compendium import refiqda

    name = re.sub(r"\W+", "-", options.file.stem.lower()).strip("-")
    out = options.out or project.root() / "data" / "coding" / (name or "project")
    columns = dict(pair.partition("=")[::2] for pair in options.columns)
    report = refiqda.import_project(
        options.file, out, options.study, options.strict, replace=options.replace, wanted=options.project,
        texts=options.texts, columns=columns,
    )  # fmt: skip
    print("\n".join(report.lines()))
    return 0


def _anonymise(options: argparse.Namespace) -> int:
    from compendium.evidence import tablefiles
    from compendium.refiqda import anonymising, reports
    from compendium.refiqda.writing import write_project

    if options.out.suffix.lower() != ".qdpx":
        raise CompendiumError("a project without names is written to a .qdpx file", file=options.out, expected=".qdpx")
    names = anonymising.Names.read(options.names)
    made = anonymising.anonymised(reports.opened(options.project).project, names)
    listed = options.left or reports.private_place("left.csv")
    write_project(made.project, options.out)
    project.write_text(listed, tablefiles.harmless(made.left).to_csv(index=False, lineterminator="\n"), 0o600)
    kinds = made.left["kind"].value_counts()
    print(
        f"{_shown(options.out)}: {made.replacements:,} places replaced; attachments, initials and file names left out"
    )
    print(f"{_shown(listed)}: {len(made.left):,} that may still name somebody ({_said(kinds)})")
    print("Rules find much and never all: read the texts before you give them to anybody.")
    return 0


def _said(counts: Any) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items()) or "none"


def _export_qda(options: argparse.Namespace) -> int:
    from compendium import refiqda

    if options.file.suffix.lower() != ".qdpx":
        print(_shown(refiqda.export_codebook(options.folder, options.file)))
        return 0
    wide, by_coder, paths = options.positions == "utf16", options.selections == "coder", options.names == "path"
    units = "UTF-16 code units" if wide else "code points"
    print(_shown(refiqda.export_project(options.folder, options.file, units=units, by_coder=by_coder, paths=paths)))
    for line in refiqda.export_report(options.folder):
        if not (by_coder and "--selections" in line) and not (paths and "--names" in line):
            print(line)
    return 0


def _doctor(options: argparse.Namespace) -> int:
    from compendium import doctor

    healthy = True
    for name, state, fine in doctor.findings():
        healthy &= fine
        print(f"{'ok ' if fine else 'NO '} {name:<12} {state}")
    return 0 if healthy else 1


def _written(path: Path, root: Path) -> str:
    return path.resolve().relative_to(root.resolve()).as_posix()


def _shown(path: Path) -> str:
    return project.relative(path)


if __name__ == "__main__":
    raise SystemExit(main())
