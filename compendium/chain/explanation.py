"""Why each part of the chain would run or not: which file, which parameter, since when; no kernel is started."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from compendium.chain import notebooks, products
from compendium.chain.declarations import Declarations
from compendium.chain.freshness import Change, Product, Records
from compendium.chain.notebooks import Notebook

SHOWN = 5
"""Reasons of a notebook in the list of all; asked for by name it gives every one."""

PART = re.compile(r"build/parts/([^/]+)/part\.json$|/parts/([^/]+)/part\.json$")


@dataclass(frozen=True)
class Explanation:
    """Whether `compendium build` would make a product again.

    Parameters
    ----------
    product : a notebook's name, "results" or "pages".
    made : when it was last made, in seconds since the epoch; None where it was not.
    reasons : why it would be made again, in words; empty where it is up to date.
    waits : earlier products that would be made first; with these alone, their results decide.
    """

    product: str
    made: float | None
    reasons: tuple[str, ...]
    waits: tuple[str, ...] = ()

    def lines(self, shown: int | None = None) -> list[str]:
        """Return what a person reads: a sentence, then at most ``shown`` reasons (all by default), one a line."""
        made = "never made" if self.made is None else f"made {moment(self.made)}"
        if not self.reasons and not self.waits:
            return [f"{self.product}: up to date, {made}"]
        word = "would run" if self.reasons else "would run if what it reads comes out different"
        kept = self.reasons[:shown]
        left = len(self.reasons) - len(kept)
        lines = [f"{self.product}: {word}; {made}", *(f"  {reason}" for reason in kept)]
        if left:
            lines.append(f"  and {left} more: compendium explain {self.product}")
        if self.waits:
            lines.append(f"  after {', '.join(self.waits)}")
        return lines


def explain(
    root: Path, build: Path, overrides: Mapping[str, Any] | None = None, only: str | None = None
) -> list[Explanation]:
    """Return, for every notebook, the joined results and the pages, why a build would make them again or not.

    Parameters
    ----------
    root, build : the project's folder and the build folder.
    overrides : parameters that would go before ``params.yml``.
    only : the notebook asked for, by name, number or file.

    Raises
    ------
    CompendiumError : there is no such notebook, or a notebook, its parameters or the settings cannot be read.
    """
    records = Records(root, build)
    declared = Declarations(root, build, records.digests)
    chain = declared.notebooks()
    if only is not None:
        only = notebooks.named(chain, only).name
    given = products.read_parameters(root, overrides, declared)
    file = "params.yml" if not overrides else "params.yml and the command line"
    chosen = notebooks.check_parameters(chain, given, file)
    needs = products.edges(chain)
    names = [notebook.name for notebook in chain]
    by_name = {notebook.name: notebook for notebook in chain}
    wanted: list[tuple[Product, list[str]]] = [
        (
            products.part(notebook, needs[notebook.name], chosen[notebook.name], root, build, declared),
            needs[notebook.name],
        )
        for notebook in chain
    ]
    wanted.append((products.joined(root, build, names), names))
    if pages := products.pages(root, build, names, declared):
        wanted.append((pages, [products.RESULTS]))
    found: dict[str, Explanation] = {}
    for product, after in wanted:
        words = _Words(root, by_name.get(product.name), records.of(product.name), overrides or {})
        reasons = [text for change in records.changes(product) for text in words.of(change)]
        waits = [name for name in after if found[name].reasons or found[name].waits]
        found[product.name] = Explanation(product.name, records.made_at(product.name), tuple(reasons), tuple(waits))
    declared.save()
    records.digests.save()
    return [item for item in found.values() if only in (None, item.product)]


def moment(seconds: float) -> str:
    """Return a time of day as the reader's clock shows it."""
    then = datetime.datetime.fromtimestamp(seconds)
    return f"{then.day} {then:%b %Y, %H:%M}"


class _Words:
    """Changes of one product as sentences."""

    def __init__(
        self, root: Path, notebook: Notebook | None, record: Mapping[str, Any], overrides: Mapping[str, Any]
    ) -> None:
        self.root, self.notebook, self.record, self.overrides = root, notebook, record, overrides

    def of(self, change: Change) -> Iterator[str]:
        """Yield a change as one or more reasons."""
        if change.kind == "unmade":
            yield "it has not been made, or a run of it was cut short"
        elif change.kind == "settings":
            yield from self._settings(change.before, change.now)
        elif change.kind == "output":
            state = "was changed" if (self.root / change.name).exists() else "is gone"
            yield f"its own output {change.name} {state}"
        elif match := PART.search(change.name):
            yield f"the results of {match[1] or match[2]} {self._since(change, 'changed')}"
        else:
            yield f"{change.name} {self._since(change, change.kind)}"

    def _since(self, change: Change, word: str) -> str:
        path = self.root / change.name
        verb = {"new": "is read now and was not before", "gone": "is gone or no longer read"}.get(word, word)
        return f"{verb} ({moment(path.stat().st_mtime)})" if change.kind == "changed" and path.exists() else verb

    def _settings(self, before: Any, now: Any) -> Iterator[str]:
        if self.notebook is None:
            yield "the list of notebooks changed"
            return
        (old_python, old), (python, new) = before, now
        if old_python != python:
            yield f"Python is {python}; it was {old_python}"
        for name in sorted({*old, *new}):
            if old.get(name) == new.get(name):
                continue
            parameter = self.notebook.parameters.get(name)
            default = parameter.default if parameter else None
            was, is_ = old.get(name, default), new.get(name, default)
            yield f"parameter {name} is {is_} ({self._origin(name, name in new)}); it was {was}" + (
                " (command line)" if name in self.record.get("overrides", {}) else ""
            )

    def _origin(self, name: str, chosen: bool) -> str:
        if name in self.overrides:
            return "command line"
        file = self.root / "params.yml"
        if chosen and file.is_file():
            return f"params.yml, changed {moment(file.stat().st_mtime)}"
        return "its default"
