"""Notebooks as files: their cells, and what each one declares by what it reads, records and takes as parameters.

The percent script (``notebooks/NN_name.py``) is the source; the paired ``.ipynb`` carries its outputs. Nothing here
runs a notebook, and nothing but the standard library is imported, so a build that has nothing to do stays quick.
"""

from __future__ import annotations

import ast
import hashlib
import itertools
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from compendium import project
from compendium.chain import imports
from compendium.chain.parameters import Parameter
from compendium.errors import CompendiumError
from compendium.texts import read_text

TYPES: dict[str, type | tuple[type, ...]] = {"int": int, "float": (int, float), "str": str, "bool": bool}
READS = {
    "input": "inputs",
    "read": "inputs",
    "result_table": "results_read",
    "result_value": "results_read",
    "result_values": "results_read",
}
NAMED = re.compile(r"\d{2,6}_.*", re.DOTALL)
WRITES = {"record_value", "record_values", "record_table", "record_figure"}


@dataclass(frozen=True)
class Notebook:
    """What one notebook declares. Patterns may hold ``*`` where the notebook fills in a parameter."""

    path: Path
    title: str
    parameters: dict[str, Parameter] = field(default_factory=dict)
    inputs: tuple[str, ...] = ()
    results_read: tuple[str, ...] = ()
    results_written: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    figures: int = 0
    tabulates: bool = False

    @property
    def name(self) -> str:
        """Return the name without suffix, such as "01_sample"."""
        return self.path.stem

    @property
    def number(self) -> str:
        """Return the number in the name, such as "01"."""
        return number_of(self.name)

    @property
    def draws(self) -> bool:
        """Return whether it records a figure."""
        return self.figures > 0


def number_of(name: str) -> str:
    """Return the number of a notebook's name: "01" of "01_sample", "" of a name without one."""
    return name.partition("_")[0] if NAMED.fullmatch(name) else ""


def place(path: Path) -> tuple[int, str]:
    """Return the key by which a notebook's files are in the chain's order, whether numbers have two digits or more."""
    return int(number_of(path.stem) or 0), path.stem


def scripts(folder: Path) -> list[Path]:
    """Return the scripts of a folder's notebooks, ``NN_name.py``, in the order of their numbers."""
    return sorted((path for path in folder.glob("[0-9]*.py") if number_of(path.stem)), key=place)


def cell_id(source: str) -> str:
    """Return a cell's id: eight hex digits of the SHA-256 of its text, so that it survives every conversion."""
    return hashlib.sha256(source.strip().encode("utf-8")).hexdigest()[:8]


def script_cells(text: str) -> list[tuple[int, str, str]]:
    """Return (line of the marker, marker, source) of every cell of a percent script; the header is not a cell."""
    cells: list[tuple[int, str, list[str]]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith("# %%"):
            cells.append((number, line, []))
        elif cells:
            cells[-1][2].append(line)
    return [(number, marker, "\n".join(lines)) for number, marker, lines in cells]


def discover(folder: Path, read_one: Callable[[Path], Notebook] | None = None) -> list[Notebook]:
    """Return the notebooks of a folder in the order of their numbers, each as ``read_one`` gives it (`read`).

    Raises CompendiumError where there is none, or two share a number.
    """
    paths = scripts(folder)
    if strays := sorted({path.name for path in folder.glob("[!.]*.py")} - {path.name for path in paths}):
        raise CompendiumError(
            "the file is no notebook of the chain",
            file=f"{folder.name}/{strays[0]}",
            expected="a name NN_name.py",
        )
    if not paths:
        raise CompendiumError("there are no notebooks", file=folder.name, expected="files named NN_name.py")
    for first, second in itertools.pairwise(paths):
        if place(first)[0] == place(second)[0]:
            raise CompendiumError("two notebooks share a number", file=folder.name, found=[first.name, second.name])
    return [(read_one or read)(path) for path in paths]


def packages(root: Path) -> list[Path]:
    """Return the descriptions of the project's data, in order: every table that a notebook reads may rest on them."""
    return sorted([*(root / "data").glob("*datapackage.json"), *(root / "data").glob("*/datapackage.json")])


def named(chain: Sequence[Notebook], wanted: str) -> Notebook:
    """Return the notebook of the chain that a name, number or file means; raises CompendiumError where none is."""
    name = Path(wanted).stem
    for notebook in chain:
        if name in (notebook.name, notebook.number):
            return notebook
    raise CompendiumError(f"there is no notebook '{wanted}'", expected=[notebook.name for notebook in chain])


def read(path: Path) -> Notebook:
    """Return what the notebook at ``path`` (a percent script) declares, from its syntax alone.

    Raises CompendiumError when the file is not valid Python or has no title.
    """
    file = f"notebooks/{path.name}"
    text = read_text(path, file)
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        raise CompendiumError(f"the notebook is not valid Python: {error.msg}", file=file, row=error.lineno) from error
    except (ValueError, RecursionError) as error:  # NUL bytes, brackets without end
        raise CompendiumError(f"the notebook is not valid Python: {error}", file=file) from error
    title = next((line[4:].strip() for line in text.splitlines() if line.startswith("# # ")), "")
    if not title:
        raise CompendiumError("the notebook has no title", file=file, expected="a first cell that begins '# # Title'")
    found: dict[str, list[str]] = {"inputs": [], "results_read": [], "results_written": []}
    places = {"analysis": path.parent.parent / "analysis", "compendium": imports.TOOL}
    calls = _declared(tree, file, places, found)
    return Notebook(
        path=path,
        title=title,
        parameters=_parameters(text, file),
        inputs=tuple(dict.fromkeys(found["inputs"])),
        results_read=tuple(dict.fromkeys(found["results_read"])),
        results_written=tuple(dict.fromkeys(found["results_written"])),
        modules=tuple(sorted(imports.imported_names(text))),
        figures=calls["record_figure"],
        tabulates="record_table" in calls,
    )


def _declared(tree: ast.AST, file: str, places: Mapping[str, Path], found: dict[str, list[str]]) -> Counter[str]:
    """Add what calls of the store in a syntax tree read and record; return how often each is called.

    A function of the tool or the study that is given the store counts as if it stood in the notebook.
    """
    calls: Counter[str] = Counter()
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
            continue
        owner, method = node.func.value, node.func.attr
        if not isinstance(owner, ast.Name):
            continue
        if owner.id == "store" and (method in READS or method in WRITES):
            calls[method] += 1
            pattern = _pattern(node.args[0], file)
            if method == "input":
                project.refuse_outside(pattern, file, node.lineno)
            if method == "record_values":
                pattern = f"{pattern}.*".lstrip(".")
            found[READS.get(method, "results_written")].append(pattern)
        elif isinstance(node.args[0], ast.Name) and node.args[0].id == "store":
            for source, function in _given_the_store(tree, owner.id, method, places):
                calls += _declared(function, source, places, found)
    return calls


def _given_the_store(tree: ast.AST, module: str, name: str, places: Mapping[str, Path]) -> list[tuple[str, ast.AST]]:
    """Return the function that ``module.name`` is, with the file it stands in; none where it is not of the project."""
    for node in ast.walk(tree):
        if not (isinstance(node, ast.ImportFrom) and node.module and module in {alias.name for alias in node.names}):
            continue
        package, *parts = node.module.split(".")
        path = places[package].joinpath(*parts, f"{module}.py") if package in places else Path()
        functions = _functions(path, path.stat().st_mtime_ns) if path.is_file() else {}
        return [(f"{node.module}.{module}", functions[name])] if name in functions else []
    return []


def check_parameters(notebooks: list[Notebook], given: Mapping[str, Any], file: str) -> dict[str, dict[str, Any]]:
    """Return the parameters of each notebook that ``given`` changes from their defaults, checked for name and type.

    Parameters
    ----------
    notebooks : all notebooks of the chain.
    given : parameter name -> value, or notebook name -> {parameter name -> value}.
    file : where the parameters come from, for messages.

    Raises
    ------
    CompendiumError for a name that no notebook declares, or a value of another type than declared.
    """
    chosen: dict[str, dict[str, Any]] = {notebook.name: {} for notebook in notebooks}
    flat = {name: value for name, value in given.items() if name not in chosen}
    for notebook in notebooks:
        own = given.get(notebook.name) or {}
        if not isinstance(own, Mapping):
            raise CompendiumError("a notebook's parameters are not a mapping", file=file, row=notebook.name, found=own)
        if own and not notebook.parameters:
            raise CompendiumError(
                "the notebook has no cell tagged 'parameters', so it takes none",
                file=f"notebooks/{notebook.path.name}",
                found=sorted(own),
                expected="a cell that begins '# %% tags=[\"parameters\"]'",
            )
        for name in own:
            if name not in notebook.parameters:
                _unknown(name, notebook.parameters, f"{file} ({notebook.name})")
        for name, value in {**flat, **own}.items():
            if name in notebook.parameters:
                typed = _typed(notebook.parameters[name], value, file)
                notebook.parameters[name].refuse(typed, file, notebook.path.parent.parent)
                if typed != notebook.parameters[name].default:
                    chosen[notebook.name][name] = typed
                else:
                    chosen[notebook.name].pop(name, None)
    known = {name for notebook in notebooks for name in notebook.parameters}
    for name in flat:
        if name not in known:
            _unknown(name, known, file)
    return chosen


def _unknown(name: str, known: Any, file: str) -> None:
    import difflib

    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    raise CompendiumError(
        f"no notebook has a parameter '{name}'" + (f" (did you mean '{near[0]}'?)" if near else ""),
        file=file,
        expected=sorted(known),
    )


def _typed(parameter: Parameter, value: Any, file: str) -> Any:
    """Return ``value`` in the parameter's type; text from the command line is converted where that is exact."""
    wanted = TYPES.get(parameter.type)
    if wanted is None:
        return value
    if isinstance(value, str) and parameter.type != "str":
        try:
            value = ast.literal_eval(value.capitalize() if parameter.type == "bool" else value)
        except (ValueError, SyntaxError):
            wanted = ()
    if parameter.type == "str" and isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    right = isinstance(value, wanted) and (parameter.type == "bool") == isinstance(value, bool)
    if not right:
        raise CompendiumError(
            f"parameter '{parameter.name}' has the wrong type", file=file, found=repr(value), expected=parameter.type
        )
    return float(value) if parameter.type == "float" else value


def _parameters(text: str, file: str) -> dict[str, Parameter]:
    parameters: dict[str, Parameter] = {}
    for first, marker, source in script_cells(text):
        if not re.search(r"tags=\[[^]]*\"parameters\"", marker):
            continue
        lines = source.splitlines()
        for node in ast.parse(source).body:
            if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name) or node.value is None:
                raise CompendiumError(
                    "a parameter has no type", file=file, row=first + node.lineno, expected="name: type = default"
                )
            comment = lines[(node.end_lineno or node.lineno) - 1].partition("  # ")[2].strip()
            parameters[node.target.id] = Parameter(
                node.target.id, ast.unparse(node.annotation), ast.literal_eval(node.value), comment, first + node.lineno
            )
    return parameters


def _pattern(node: ast.expr, file: str) -> str:
    """Return the literal text of an argument; where it holds a parameter, ``*`` stands for it."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "*" for part in node.values)
    raise CompendiumError(
        "what a notebook reads or records must be named by a text",
        file=file,
        row=node.lineno,
        found=ast.unparse(node),
        expected="a string or an f-string, so that the chain can see it",
    )


@cache
def _functions(path: Path, _stamp: int) -> dict[str, ast.AST]:
    """Return the functions of a module by name."""
    tree = ast.parse(path.read_text("utf-8"))
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
