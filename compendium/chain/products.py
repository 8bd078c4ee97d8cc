"""What the chain makes: a part for each notebook, the joined results, the website's pages; and what of it is stale.

The graph is not written down anywhere: each notebook's reads and records (found in its syntax) are its edges.
"""

from __future__ import annotations

import fnmatch
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from compendium import project, settings, texts
from compendium.chain import imports, notebooks, published
from compendium.chain.declarations import Declarations
from compendium.chain.freshness import Product, Records
from compendium.chain.notebooks import Notebook
from compendium.errors import CompendiumError
from compendium.evidence import publication

HEADINGS = "data/tables.toml"  # as `compendium.data.headings` names it, whose import is long
COMMON = ("requirements.lock", settings.FILE)
RESULTS, PAGES = "results", "pages"
PAGES_MODULE = "compendium.website.pages"
WEBSITE = Path(__file__).resolve().parent.parent / "website"


def read_parameters(
    root: Path, overrides: Mapping[str, Any] | None = None, declared: Declarations | None = None
) -> dict[str, Any]:
    """Return ``params.yml`` of the project with the overrides of the command line on top."""
    path = root / "params.yml"
    if not path.is_file():
        return dict(overrides or {})
    given = declared.parsed(path, partial(texts.read_yaml, path)) if declared else texts.read_yaml(path)
    return {**given, **(overrides or {})}


def edges(chain: Sequence[Notebook]) -> dict[str, list[str]]:
    """Return, for each notebook, the names of the earlier notebooks whose results it reads.

    Raises CompendiumError when a notebook reads what no earlier notebook records.
    """
    before: dict[str, list[str]] = {}
    literal: dict[str, list[str]] = {}  # the earlier notebooks by what they record
    patterns: dict[str, list[str]] = {}  # and by the pattern of what they record
    for notebook in chain:
        found: list[str] = []
        for wanted in notebook.results_read:
            makers = [*literal.get(wanted, [])] if "*" not in wanted else _makers(literal, wanted)
            makers += _makers(patterns, wanted)
            if not makers:
                raise CompendiumError(
                    f"no earlier notebook records '{wanted}'",
                    file=f"notebooks/{notebook.path.name}",
                    expected="one that does",
                )
            found += makers
        before[notebook.name] = sorted(set(found))
        for written in notebook.results_written:
            (patterns if "*" in written else literal).setdefault(written, []).append(notebook.name)
    return before


def part(
    notebook: Notebook,
    before: Iterable[str],
    chosen: Mapping[str, Any],
    root: Path,
    build: Path,
    declared: Declarations | None = None,
) -> Product:
    """Return what one notebook makes.

    Parameters
    ----------
    before : the earlier notebooks whose results it reads.
    chosen : its parameters that differ from their defaults.
    root, build : the project's folder and the build folder.
    declared : what sources declare, where that has been read.
    """
    titled = root / HEADINGS
    rests_on = [
        notebook.path,
        *(path for pattern in notebook.inputs for path in files(root, pattern)),
        *(declared.sources(notebook.modules) if declared else imports.module_sources(notebook.modules, root)),
        *(build / "parts" / name / "part.json" for name in before),
        *(path for name in COMMON if (path := root / name).is_file()),
        *((declared.packages() if declared else notebooks.packages(root)) if notebook.inputs else ()),
        *([titled] if notebook.tabulates and titled.is_file() else ()),
    ]
    return Product(
        notebook.name,
        tuple(rests_on),
        (build / "parts" / notebook.name,),
        (build / "notebooks" / f"{notebook.name}.ipynb",),
        [sys.version.split()[0], dict(sorted(chosen.items()))],
    )


def joined(root: Path, build: Path, names: Sequence[str]) -> Product:
    """Return the joined results of the notebooks named."""
    store = Path(__file__).with_name("results.py")  # which writes what a part holds beside its values
    parts = (*(build / "parts" / name / "part.json" for name in names), store)
    shown = (root / published.VARIABLES,) if build == (root / project.BUILD).resolve() else ()
    return Product(RESULTS, parts, (build / "results",), shown, list(names))


def pages(root: Path, build: Path, names: Sequence[str], declared: Declarations | None = None) -> Product | None:
    """Return the website's pages, or None where the project has no website."""
    if not (root / "manuscript" / "site").is_dir():
        return None
    own = settings.read(root).pages
    modules = [PAGES_MODULE, *([own] if own else [])]
    rests_on = [
        build / "results" / "results.json",
        build / "results" / "values.json",
        *(build / "notebooks" / f"{name}.ipynb" for name in names),
        *(declared.sources(modules) if declared else imports.module_sources(modules, root)),
        *_described(root / "data"),
        *(_documented(root) if (root / "docs").is_dir() else ()),
        *sorted(WEBSITE.glob("reader.*")),
        *(path for name in (*COMMON, "CITATION.cff") if (path := root / name).is_file()),
    ]
    return Product(PAGES, tuple(rests_on), (build / "pages",), (), list(names))


@dataclass(frozen=True)
class Stale:
    """A product that is not that of the present inputs, and why: changed files first."""

    product: str
    reasons: tuple[str, ...]

    def sentence(self) -> str:
        """Return what is older than what, as a clause."""
        first = self.reasons[0]
        more = f" and {len(self.reasons) - 1} more" if len(self.reasons) > 1 else ""
        if first.startswith("it "):
            return f"{self.product} has not been made since its last change"
        return f"{self.product} is older than {first}{more}"


def stale(root: Path, build: Path) -> list[Stale]:
    """Return every product of the chain that is not that of the present inputs; no kernel is started.

    A notebook built with parameters of the command line is judged by these.

    Raises
    ------
    CompendiumError : a notebook, its parameters or the settings cannot be read.
    """
    if not notebooks.scripts(root / "notebooks"):
        return []
    records = Records(root, build)
    declared = Declarations(root, build, records.digests)
    chain = declared.notebooks()
    needs = edges(chain)
    names = [notebook.name for notebook in chain]
    wanted: list[Product] = []
    chosen: dict[str, dict[str, dict[str, Any]]] = {}
    for notebook in chain:
        overrides = records.of(notebook.name).get("overrides", {})
        key = repr(sorted(overrides.items()))
        if key not in chosen:
            chosen[key] = notebooks.check_parameters(chain, read_parameters(root, overrides, declared), "params.yml")
        wanted.append(part(notebook, needs[notebook.name], chosen[key][notebook.name], root, build, declared))
    wanted.append(joined(root, build, names))
    wanted += filter(None, [pages(root, build, names, declared)])
    found = [Stale(product.name, tuple(why)) for product in wanted if (why := records.why(product))]
    declared.save()
    records.digests.save()
    return found


def staleness(root: Path, build: Path) -> str:
    """Return what results are that are not those of the present inputs, such as "older than data/x.csv"; else ""."""
    found = stale(root, build)
    inputs = [reason for item in found for reason in item.reasons if not reason.startswith(("it", "build/"))]
    if inputs:
        return f"older than {inputs[0]}"
    return f"not complete ({found[0].sentence()})" if found else ""


def refuse_stale(root: Path, build: Path) -> None:
    """Raise CompendiumError where results are not those of the present inputs."""
    if what := staleness(root, build):
        raise CompendiumError(f"results are {what}; run 'compendium build'")


def files(root: Path, pattern: str) -> list[Path]:
    """Return the files that an input of a notebook means, in order; those that are not there are left out."""
    if "*" not in pattern:
        return [path] if (path := root / pattern).is_file() else []
    if pattern.startswith("*/"):  # a folder that a variable names, at whatever depth of data/
        pattern = f"data/**/{pattern[2:]}"
    found = (path for path in root.glob(pattern) if path.is_file())
    return sorted(path for path in found if not (path.parent / publication.IMPORT).is_file())


def _documented(root: Path) -> list[Path]:
    """Return the files whose docstrings the website's reference shows."""
    from compendium.website import wings

    return wings.sources(root)


def _makers(recorded: Mapping[str, Iterable[str]], wanted: str) -> list[str]:
    """Return the notebooks of the names or patterns that meet a name or pattern."""
    met = (
        written
        for written in recorded
        if fnmatch.fnmatch(written, wanted) or ("*" in written and fnmatch.fnmatch(wanted, written))
    )
    return [name for written in met for name in recorded[written]]


def _described(data: Path) -> list[Path]:
    """Return the tables and descriptions below ``data/``, in order, but not what was fetched into a folder ``raw``."""
    found = []
    for place, folders, names in os.walk(data):
        folders[:] = sorted(name for name in folders if name != "raw")
        found += [Path(place, name) for name in sorted(names) if name.endswith((".csv", ".json"))]
    return found
