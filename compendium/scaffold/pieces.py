"""Pieces of a study, each the smallest that works and written where it belongs: notebook, table, figure, chapter.

Nothing is overwritten. Each function returns the files that it wrote or changed, the new ones first.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Any

from compendium import project
from compendium.chain import notebooks, pairs
from compendium.data import dictionary, loading
from compendium.data.packages import load_package, package_path
from compendium.data.schemas import TYPES, TableSchema
from compendium.errors import CompendiumError
from compendium.render.sources import load_project
from compendium.scaffold import templates
from compendium.writing import chapterplan

WORD = re.compile(r"[a-z][a-z0-9]*(?:[-_ ][a-z0-9]+)*", re.IGNORECASE)
FINISH = re.compile(r"^# %%[^\n]*\n(?=store\.finish\(\))", re.MULTILINE)
NUMBERED = re.compile(r"^(?P<indent>\s+- )(?P<folder>\S+/)(?P<number>\d\d)-[\w-]+\.qmd\s*$")
LIKE = {"year": "integer", "datetime": "string", "time": "string"}
"""Types that the description of tables infers and the data package here does not use, and what stands for them."""

NEXT = {
    "notebook": "Now: say its question, then 'compendium build' and 'compendium notebooks'.",
    "table": "Now: say in the data package what the table and each of its columns hold, and where they come from.",
    "figure": "Now: give it your own table, then 'compendium build' and 'compendium notebooks'.",
    "chapter": "Now: answer its questions, then 'compendium render thesis'.",
}


def notebook(root: Path, name: str) -> list[Path]:
    """Write the next notebook of the chain: a pair with its first cell, a parameter, and a table that it records.

    Raises
    ------
    CompendiumError : the name is none, or a notebook has it already.
    """
    words = _words(name)
    folder = root / "notebooks"
    standing = [path.stem for path in notebooks.scripts(folder)]
    for stem in standing:
        if stem.partition("_")[2] == words["name"]:
            raise CompendiumError("there is such a notebook already", file=f"notebooks/{stem}.py", found=name)
    number = int(notebooks.number_of(standing[-1])) + 1 if standing else 1
    script = folder / f"{number:02}_{words['name']}.py"
    _write(script, Template(templates.NOTEBOOK).substitute(words))
    return [script, pairs.write_notebook(script)]


def table(root: Path, file: Path) -> list[Path]:
    """Take a CSV file into the project's data: copied where it lies outside, described where nothing describes it.

    The description is inferred (types, columns without blanks, a first column without repeats as the key) and holds
    for the file as it stands; titles are made of the columns' names, and what each column means is left to be said.

    Raises
    ------
    CompendiumError : there is no such CSV file, it is described already, or a file or table of its name is there.
    """
    if file.suffix.lower() != ".csv" or not file.is_file():
        raise CompendiumError("there is no such table", file=file, expected="a CSV file")
    words = _words(file.stem)
    data, package = root / "data", package_path()
    inside = file.resolve().is_relative_to(data.resolve())
    if inside:
        package = next(
            (found for folder in file.resolve().parents if (found := folder / "datapackage.json").is_file()), package
        )
    described = load_package(package)
    for entry in described["resources"]:
        same = inside and (package.parent / str(entry.get("path"))).resolve() == file.resolve()
        if same or entry.get("name") == words["name"]:
            raise CompendiumError(
                "the data package has such a table already", file=package, found=str(entry.get("name")),
                expected="another name of the file",
            )  # fmt: skip
    content = file.read_text(encoding="utf-8-sig").replace("\r\n", "\n")
    target = file.resolve() if inside else data / _home(described) / f"{words['name']}.csv"
    if not inside:
        _write(target, content)
    place = target.resolve().relative_to(package.parent.resolve()).as_posix()
    try:
        entry = _described(target, words["name"], words["title"], place, package)
        described["resources"].append(entry)
        text = json.dumps(described, indent=2, ensure_ascii=False) + "\n"
        written = [project.write_text(package, text)]
    except BaseException:
        if not inside:
            target.unlink()
        raise
    readme = data / "README.md"
    if package == package_path() and readme.is_file() and dictionary.DICTIONARY_START in readme.read_text("utf-8"):
        written.append(dictionary.update_readme())
    return [*([] if inside else [target]), *written]


def figure(root: Path, name: str, notebook_name: str | None = None) -> list[Path]:
    """Write a function that draws a figure, its test, and the cells that use it at the end of a notebook.

    Parameters
    ----------
    notebook_name : the notebook that records the figure, by name, number or file; the last one by default.

    Raises
    ------
    CompendiumError : a module or result of this name is there already, the notebook does not finish its results, or
        both of its halves were edited.
    """
    words = _words(name)
    chain = notebooks.discover(root / "notebooks")
    user = chain[-1] if notebook_name is None else notebooks.named(chain, notebook_name)
    for other in chain:
        if words["key"] in other.results_written:
            raise CompendiumError("the result is recorded already", file=f"notebooks/{other.path.name}", found=name)
    pairs.settle(root / "notebooks")  # what was edited in the .ipynb must not be lost
    text = user.path.read_text(encoding="utf-8")
    ends = list(FINISH.finditer(text))
    if len(ends) != 1:
        raise CompendiumError(
            "the notebook has no single last cell", file=f"notebooks/{user.path.name}", expected="a cell store.finish()"
        )
    folder = root / "tests" / "analysis"
    test = (folder if folder.is_dir() else root / "tests") / f"test_{words['name']}.py"
    module = root / "analysis" / f"{words['name']}.py"
    _refuse(module, test)
    cells = Template(templates.FIGURE_USE).substitute(words)
    _write(module, Template(templates.FIGURE).substitute(words))
    _write(test, Template(templates.FIGURE_TEST).substitute(words))
    project.write_text(user.path, text[: ends[0].start()] + cells + text[ends[0].start() :])
    return [module, test, user.path, pairs.write_notebook(user.path)]


def chapter(root: Path, name: str, words: int = 1000) -> list[Path]:
    """Write a chapter after the last numbered one, and list it in the book's profile and in the plan of its words.

    Parameters
    ----------
    words : the fewest that the plan gives it, where the book has a plan.

    Raises
    ------
    CompendiumError : the project has no book with numbered chapters, or the chapter is there already.
    """
    named = _words(name)
    profile = root / "_quarto-thesis.yml"
    if not profile.is_file():
        raise CompendiumError("the project has no book to add a chapter to", expected=profile.name)
    lines = profile.read_text(encoding="utf-8").split("\n")
    end = next((at for at, line in enumerate(lines) if line.strip() == "appendices:"), len(lines))
    places = [at for at in range(end) if NUMBERED.match(lines[at])]
    if not places:
        raise CompendiumError("the book lists no numbered chapter", file=profile.name, expected="FOLDER/01-name.qmd")
    last = NUMBERED.match(lines[places[-1]])
    assert last is not None
    folder = root / last["folder"]
    for path in folder.glob(f"[0-9][0-9]-{named['key']}.qmd"):
        raise CompendiumError("there is such a chapter already", file=path, found=name)
    number = max(int(path.name[:2]) for path in folder.glob("[0-9][0-9]-*.qmd")) + 1
    target = folder / f"{number:02}-{named['key']}.qmd"
    lines.insert(places[-1] + 1, f"{last['indent']}{last['folder']}{target.name}")
    _write(target, Template(templates.CHAPTER).substitute(named))
    written = [target, project.write_text(profile, "\n".join(lines))]
    if target.relative_to(root).as_posix() not in [path for path, _ in load_project(root, "thesis").chapters()]:
        raise CompendiumError("the chapter could not be listed", file=profile.name, expected=f"- {target.name}")
    plan = folder / chapterplan.NAME
    if chapterplan.read(plan):
        written.append(project.write_text(plan, plan.read_text("utf-8").rstrip() + f"\n  {target.name}: {words}\n"))
    return written


# --- parts of the above --------------------------------------------------------------------------------------


def _words(name: str) -> dict[str, str]:
    """Return a name as Python, results and titles spell it; raises CompendiumError where it is none."""
    import keyword

    plain = re.sub(r"[-_ ]+", " ", name).strip()
    if not WORD.fullmatch(plain) or keyword.iskeyword(plain.lower()):
        raise CompendiumError("this cannot be a name", found=name, expected="letters and digits, such as site-visits")
    words = plain.lower().split()
    title = plain if plain != plain.lower() else plain.capitalize()
    return {"name": "_".join(words), "key": "-".join(words), "title": title}


def _refuse(*paths: Path) -> None:
    for path in paths:
        if path.exists():
            raise CompendiumError("the file is there already and is left as it is", file=path)


def _write(path: Path, text: str) -> None:
    _refuse(path)
    project.write_text(path, text)


def _home(package: Mapping[str, Any]) -> str:
    """Return the folder in which most tables of a data package lie, relative to it."""
    folders = [str(Path(str(entry.get("path", ""))).parent) for entry in package["resources"]]
    return Counter(folders).most_common(1)[0][0] if folders else "."


def _described(path: Path, name: str, title: str, place: str, package: Path) -> dict[str, Any]:
    """Return the inferred resource of a file, of types by which it reads without a fault."""
    from frictionless import FrictionlessException, describe

    try:
        found = describe(path.name, basepath=str(path.parent))
        inferred = found.to_dict()["schema"]["fields"]
    except (FrictionlessException, KeyError) as error:
        raise CompendiumError("the table cannot be described", file=path, found=str(error)) from error
    cells = loading.read_text(path)
    fields = []
    for field in inferred:
        column = str(field["name"])
        kind = LIKE.get(field["type"], field["type"])
        entry = {"name": column, "type": kind if kind in TYPES else "string", "title": _heading(column)}
        entry["description"] = ""
        if len(cells) and (cells[column] != "").all():
            entry["constraints"] = {"required": True}
        fields.append(entry)
    schema: dict[str, Any] = {"fields": fields, "missingValues": [""]}
    first = cells.columns[0]
    if len(cells) and (cells[first] != "").all() and cells[first].is_unique:
        schema["primaryKey"] = [first]
    resource = {
        "name": name, "path": place, "profile": "tabular-data-resource", "title": title, "description": "",
        "format": "csv", "mediatype": "text/csv", "encoding": "utf-8", "schema": schema,
    }  # fmt: skip
    for _ in fields:  # what was inferred from a sample may not hold for every row: then the column is text
        try:
            loading.read_table(path, TableSchema.build(resource, package))
            break
        except CompendiumError as error:
            odd = next((field for field in fields if field["name"] == error.column), None)
            if odd is None or odd["type"] == "string":
                raise
            odd["type"] = "string"
    return resource


def _heading(column: str) -> str:
    return re.sub(r"[-_ ]+", " ", column).strip().capitalize() or column
