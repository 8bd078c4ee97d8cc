"""The results store: what notebooks leave behind, each piece with the lineage that stands behind it.

A notebook starts a store, registers the inputs it reads, records values, tables and figures, and finishes. Finishing
publishes the notebook's part (``build/parts/NOTEBOOK/``) in one step; `merge` joins all parts into ``build/results/``
and writes ``_variables.yml``, from which the manuscript takes its numbers.
"""

from __future__ import annotations

import fnmatch
import hashlib
import json
import math
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from compendium import project
from compendium.chain import published
from compendium.chain.notebooks import cell_id, script_cells
from compendium.chain.recorded import Recorded, preview, values_shown
from compendium.errors import CompendiumError

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*")
IDENTIFIER = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def start(parameters: Mapping[str, Any] | None = None) -> Store:
    """Open the store of the notebook that runs; its name is its file's.

    Parameters
    ----------
    parameters : the values of its parameters in this run (JSON types).

    Raises
    ------
    CompendiumError : nothing tells which notebook of the project runs.
    """
    return Store(_running(), dict(parameters or {}))


def _running() -> str:
    """Return the name of the notebook that runs: what the chain says, else its file, else where its cell stands."""
    if ticket := os.environ.get("COMPENDIUM_TICKET"):
        return Path(ticket).read_text("utf-8").strip()
    folder = project.root() / "notebooks"
    names = {path.stem for path in folder.glob("*.py")}
    frame: Any = sys._getframe(1)
    while frame is not None:
        if (stem := Path(frame.f_code.co_filename).stem) in names:
            return stem
        frame = frame.f_back
    session = Path(os.environ.get("JPY_SESSION_NAME", "")).stem  # what Jupyter's server tells its kernels
    if session in names:
        return session
    cell = _running_cell()
    found = [
        path.stem
        for path in sorted(folder.glob("*.py"))
        if cell in {cell_id(source) for _, _, source in script_cells(path.read_text("utf-8"))}
    ]
    if len(found) == 1:
        return found[0]
    raise CompendiumError(
        "it cannot be told which notebook runs",
        file="notebooks",
        found=found or "no notebook with the cell that runs",
        expected="'compendium run NAME', or one notebook of notebooks/ that holds this cell",
    )


def _running_cell() -> str:
    """Return the id of the cell that runs in IPython, or "" elsewhere."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    # The request itself, not the history: some front ends keep none.
    return cell_id(shell.get_parent()["content"]["code"]) if shell is not None else ""


class Store:
    """What one run of one notebook records. Nothing reaches the build folder before `finish`."""

    def __init__(self, notebook: str, parameters: dict[str, Any]) -> None:
        self.notebook, self.parameters = notebook, parameters
        self._inputs: dict[str, str] = {}
        self._values: dict[str, dict[str, Any]] = {}
        self._objects: dict[str, dict[str, Any]] = {}
        self._folder = tempfile.TemporaryDirectory(prefix="compendium-")
        for kind in ("tables", "figures"):
            (Path(self._folder.name) / kind).mkdir()

    # --- reading -----------------------------------------------------------------------------------------

    def input(self, path: str) -> Path:
        """Register a file of the project as an input and return its absolute path.

        Raises CompendiumError when there is no such file.
        """
        project.refuse_outside(path, f"notebooks/{self.notebook}.py")
        full = project.root() / path
        if not full.is_file():
            raise CompendiumError("there is no such input file", file=path)
        self._inputs[project.relative(full)] = project.sha256(full)
        return full

    def read(self, path: str) -> pd.DataFrame:
        """Register a file that a data package describes as an input, and return it read against its description."""
        from compendium.data import loading

        return loading.read_file(self.input(path))

    def result_table(self, identifier: str) -> pd.DataFrame:
        """Return a table that an earlier notebook recorded, as a DataFrame, and register it as an input."""
        import pandas as pd

        for part in published.parts(project.build_folder(), self.notebook):
            path = part / "tables" / f"{identifier}.csv"
            if path.is_file():
                self._inputs[f"results/tables/{identifier}.csv"] = project.sha256(path)
                return pd.read_csv(path)
        raise CompendiumError(
            f"no earlier notebook has recorded table '{identifier}'",
            file=f"notebooks/{self.notebook}.py",
            expected="the notebooks before this one to have run ('compendium build')",
        )

    def result_values(self, pattern: str) -> dict[str, dict[str, Any]]:
        """Return the full records of all values of earlier notebooks whose keys match a pattern such as "*"."""
        found: dict[str, dict[str, Any]] = {}
        for values in published.earlier_values(project.build_folder(), self.notebook):
            found.update({key: values[key] for key in values if fnmatch.fnmatch(key, pattern)})
        for key, record in found.items():
            self._inputs[f"results/values.json#{key}"] = _digest(record["value"])
        return found

    def result_value(self, key: str) -> Any:
        """Return a value that an earlier notebook recorded, and register it as an input."""
        for values in published.earlier_values(project.build_folder(), self.notebook):
            if key in values:
                self._inputs[f"results/values.json#{key}"] = _digest(values[key]["value"])
                return values[key]["value"]
        raise CompendiumError(
            f"no earlier notebook has recorded value '{key}'",
            file=f"notebooks/{self.notebook}.py",
            expected="the notebooks before this one to have run ('compendium build')",
        )

    # --- recording ---------------------------------------------------------------------------------------

    def record_value(
        self, key: str, value: Any, unit: str = "", description: str = "", *, display: str | None = None
    ) -> Recorded:
        """Record one number or word that prose will print.

        Parameters
        ----------
        key : dotted kebab-case name, such as "sample.interviews".
        value : a number, string or bool (NumPy scalars are converted).
        unit : what is counted or measured, such as "interviews" or "%".
        display : how prose prints it: a format such as "{:.1f}%" or the finished text. Without it, whole
            numbers get thousands separators; other numbers must say how they are printed.
        description : one clause on what the value is, for the provenance page.
        """
        if not KEY.fullmatch(key):
            raise CompendiumError("a value's key is not dotted kebab-case", found=key, expected="such as 'sample.size'")
        plain = _plain(value)
        if isinstance(plain, float) and not math.isfinite(plain):
            raise CompendiumError(f"value '{key}' is not a finite number", found=plain)
        if display is None:
            if isinstance(plain, float) and not plain.is_integer():
                raise CompendiumError(
                    f"value '{key}' is not whole, so it must say how prose prints it",
                    found=plain,
                    expected="display='{:.1f}' or the like",
                )
            display = (
                f"{int(plain):,}" if isinstance(plain, int | float) and not isinstance(plain, bool) else str(plain)
            )
        elif "{" in display:
            display = display.format(plain)
        self._unused(key, self._values)
        lineage = self._lineage()
        self._values[key] = {
            "value": plain, "unit": unit, "display": display, "description": description, **lineage
        }  # fmt: skip
        return Recorded(f"{key} = {self._printed(key)}")

    def record_values(self, begin: str, *rows: Sequence[Any]) -> Recorded:
        """Record values whose keys share their beginning, and show them as a small table.

        Parameters
        ----------
        begin : the first part of the keys, such as "sample"; "" where the rows give whole keys.
        rows : one per value: the rest of its key, the value, and, as `record_value` takes them, unit, description
            and display where there are any.
        """
        keys = [f"{begin}.{row[0]}" if begin else row[0] for row in rows]
        for key, (_, value, *words) in zip(keys, rows, strict=True):
            self.record_value(key, value, *words[:2], display=words[2] if len(words) > 2 else None)
        return values_shown([(key, self._printed(key), self._values[key]["description"]) for key in keys])

    def _printed(self, key: str) -> str:
        """Return how a value is shown, its unit behind it unless its printed form ends in it."""
        unit, display = self._values[key]["unit"], self._values[key]["display"]
        return f"{display} {unit}" if unit and not display.endswith(unit) else display

    def record_table(
        self,
        identifier: str,
        frame: pd.DataFrame,
        caption: str,
        notes: str = "",
        *,
        align: str | None = None,
        widths: list[float] | None = None,
        anchor: str | None = None,
        segments: Sequence[str] | None = None,
        show: int | None = None,
        unless: str = "",
    ) -> Recorded:
        """Record a table as ``tables/ID.csv`` (full precision) and ``tables/ID.md`` (as printed).

        Parameters
        ----------
        identifier : kebab-case name; the manuscript refers to it as ``@tbl-ID``.
        frame : the table in reading order; its index is not printed. Where the dictionary of tables
            (`compendium.data.headings`) names the table, its columns and headings are those of the dictionary.
            Truth values become "yes" and "no".
        caption, notes : one sentence, and the notes that stand under the table.
        align, widths : passed to `compendium.figures.tables.markdown_table`.
        anchor : a column of ids; each printed id becomes a place that links can lead to.
        segments : the coded segment that each of these ids marks, where they are not the segments' own.
        show : how many rows the notebook displays (all by default).
        unless : the sentence that stands instead of a table without rows, which is then not recorded.
        """
        if unless and frame.empty:
            return Recorded(unless)
        from compendium.data.headings import titled
        from compendium.figures.tables import Markdown, markdown_table

        self._claim(identifier, caption)
        frame = titled(frame, identifier)
        for column in frame.select_dtypes("bool").columns:
            frame = frame.assign(**{column: frame[column].map({True: "yes", False: "no"})})
        folder = Path(self._folder.name) / "tables"
        csv = _csv(frame)
        printed = frame
        if anchor is not None:
            marks = [f' segment="{segment}"' for segment in segments or ()] or [""] * len(frame)
            places = [f"[{name}]{{#{name}{mark}}}" for name, mark in zip(frame[anchor], marks, strict=True)]
            printed = frame.assign(**{anchor: [Markdown(place) for place in places]})
        body = markdown_table(printed, align=align, widths=widths)
        block = f"::: {{#tbl-{identifier}}}\n\n{body.strip()}\n\n{caption}\n:::\n"
        if notes:
            block += f"\n::: {{.table-notes}}\n{notes}\n:::\n"
        block += self._links(f"tables/{identifier}")
        project.write_text(folder / f"{identifier}.csv", csv)
        project.write_text(folder / f"{identifier}.md", block)
        self._objects[identifier] = {
            "kind": "table", "caption": caption, "notes": notes,
            "rows": len(frame), "columns": [str(column) for column in frame.columns],
            "sha256": _digest(csv), **self._lineage(),
        }  # fmt: skip
        shown = frame if show is None else frame.head(show)
        text = f"table {identifier}: {len(frame)} rows, {frame.shape[1]} columns, sha256 {_digest(csv)[:12]}"
        return Recorded(text, markdown=f"{markdown_table(shown, align=align, widths=widths)}\n\n*{caption}*")

    def record_figure(self, identifier: str, figure: Figure, caption: str, alt: str, data: pd.DataFrame) -> Recorded:
        """Record a figure as SVG, PNG and the data it plots.

        Parameters
        ----------
        identifier : kebab-case name; the manuscript refers to it as ``@fig-ID``.
        figure : a matplotlib figure; it is closed afterwards.
        caption, alt : the printed caption, and what a reader who cannot see the figure needs to know.
        data : the plotted data, kept as ``figures/ID.csv``.
        """
        from compendium.figures import style

        self._claim(identifier, caption)
        if len(alt.split()) < 5:
            raise CompendiumError(f"figure '{identifier}' has no useful alt text", found=alt or "nothing")
        folder = Path(self._folder.name) / "figures"
        csv = _csv(data)
        picture = style.save(figure, folder / identifier, title=caption, alt=alt)
        project.write_text(folder / f"{identifier}.csv", csv)
        quoted = alt.replace("\\", "\\\\").replace('"', '\\"')
        project.write_text(
            folder / f"{identifier}.md",
            f'![{caption}](/build/results/figures/{identifier}){{#fig-{identifier} fig-alt="{quoted}"}}\n'
            + self._links(f"figures/{identifier}"),
        )
        self._objects[identifier] = {
            "kind": "figure", "caption": caption, "alt": alt, "rows": len(data),
            "columns": [str(column) for column in data.columns], "sha256": _digest(csv), **self._lineage(),
        }  # fmt: skip
        text = f"figure {identifier}: {len(data)} rows plotted, sha256 {_digest(csv)[:12]}"
        return Recorded(text, png=preview(picture), alt=alt)

    def finish(self) -> Recorded:
        """Publish everything recorded, as one part, in one step; return a one-line summary."""
        part = {
            "notebook": self.notebook, "parameters": _plain(self.parameters),
            "inputs": dict(sorted(self._inputs.items())),
            "values": self._values, "objects": self._objects,
        }  # fmt: skip
        target = project.build_folder() / "parts" / self.notebook
        with project.replaced_folder(target) as staging:
            shutil.copytree(self._folder.name, staging, dirs_exist_ok=True)
            project.write_text(staging / "part.json", published.as_json(part))
        self._folder.cleanup()
        if not os.environ.get("COMPENDIUM_CHAIN"):
            published.merge(project.build_folder())
        kinds = [item["kind"] for item in self._objects.values()]
        return Recorded(
            f"{self.notebook}: {len(self._values)} values, {kinds.count('table')} tables, "
            f"{kinds.count('figure')} figures from {len(self._inputs)} inputs, "
            f"sha256 {_digest(published.as_json(part))[:12]}"
        )

    def _links(self, data: str) -> str:
        """Return, for web pages, links to a result's data and to the notebook: on the website to its page and cell."""
        place = f"#cell-{cell}" if (cell := self._current_cell()) else ""
        ends = ("csv",) if data.startswith("tables/") else ("csv", "svg", "png")
        files = "\n".join(f"[{end.upper()}](/build/results/{data}.{end})" for end in ends)
        words = f"Notebook {self.notebook}".replace("_", "\\_")
        return (
            f'\n:::: {{.content-visible when-format="html"}}\n::: {{.result-links}}\n{files}\n'
            f'[[{words}](/build/pages/notebooks/{self.notebook}.qmd{place})]{{.content-visible when-profile="site"}}'
            f'[[{words}](/build/notebooks/{self.notebook}.ipynb{place})]{{.content-hidden when-profile="site"}}\n'
            ":::\n::::\n"
        )

    # --- lineage -----------------------------------------------------------------------------------------

    def _lineage(self) -> dict[str, Any]:
        return {
            "notebook": self.notebook,
            "cell": self._current_cell(),
            "parameters": _plain(self.parameters),
            "inputs": dict(sorted(self._inputs.items())),
        }

    def _current_cell(self) -> str:
        """Return the id of the cell that is running, in Jupyter or in the script, or "" where there is none."""
        if cell := _running_cell():
            return cell
        frame: Any = sys._getframe(1)
        while frame is not None and Path(frame.f_code.co_filename).stem != self.notebook:
            frame = frame.f_back
        if frame is None:
            return ""
        cells = script_cells(Path(frame.f_code.co_filename).read_text("utf-8"))
        return next((cell_id(source) for line, _, source in reversed(cells) if line <= frame.f_lineno), "")

    def _claim(self, identifier: str, caption: str) -> None:
        if not IDENTIFIER.fullmatch(identifier):
            raise CompendiumError("an id is not kebab-case", found=identifier, expected="such as 'sample-by-site'")
        if not caption.strip():
            raise CompendiumError(f"'{identifier}' has no caption")
        self._unused(identifier, self._objects)

    def _unused(self, key: str, taken: Mapping[str, Any]) -> None:
        if key in taken:
            raise CompendiumError(f"'{key}' is recorded twice", file=f"notebooks/{self.notebook}.py")


def _csv(frame: pd.DataFrame) -> str:
    from compendium.evidence import tablefiles  # brings pandas

    return tablefiles.as_text(frame, "csv")


def _plain(value: Any) -> Any:
    """Return ``value`` in JSON types: NumPy scalars become Python's, tuples become lists."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "item") and not isinstance(value, str):
        value = value.item()
    if value is None or isinstance(value, str | bool | int | float):
        return value
    raise CompendiumError(
        "a value cannot be recorded", found=type(value).__name__, expected="a number, text or truth value"
    )


def _digest(content: Any) -> str:
    text = content if isinstance(content, str) else json.dumps(content)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
