"""`compendium new`: the smallest whole study, written as files into a folder of one's own.

``study/`` holds the files as they are written; ``checklists/NAME/`` what differs with the reporting checklist. Two
things alone are put in, the title and the name of the wheel of this tool, and one is left out where a project is
imported: the notice that the study is invented.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from compendium import settings
from compendium.errors import CompendiumError
from compendium.project import replaced_folder, write_bytes, write_text

HOME = Path(__file__).parent
INVENTED = "{{< include /manuscript/_invented.qmd >}}\n\n"  # says so in every document of a study that is
TITLE = "Title of the study"  # what stands for the title in the files
WHEEL = re.compile(r"mixed_methods_compendium-[\w.]+-py3-none-any\.whl")
CODED = "data/coding/project"
QUARTO = re.compile(r"(?:- |path: )manuscript/quarto/(\S+)")  # what Quarto runs, with whatever Python it finds
BESIDE = ("wordtables.py",)  # what these files import
BINARY = {".docx", ".png"}


@dataclass(frozen=True)
class Created:
    """A new study: its folder, its title, and what the import of its project had to say (no lines without one)."""

    folder: Path
    title: str
    report: tuple[str, ...] = ()


def checklists() -> list[str]:
    """Return the names of the reporting checklists that a new study can have."""
    return sorted(path.name for path in (HOME / "checklists").iterdir() if path.is_dir())


def create(
    folder: Path, source: Path | None = None, checklist: str | Sequence[str] = "srqr", title: str = ""
) -> Created:
    """Write a new study; the folder appears whole or not at all.

    Parameters
    ----------
    folder : a new or empty folder.
    source : a REFI-QDA project or codebook; without one the invented example stands there.
    checklist : one or several of `checklists`.
    title : of the study; by default the project's name.

    Raises
    ------
    CompendiumError : the folder is not empty, or you stand in it; there is no such checklist; the title is blank or of
        several lines; or the source is no REFI-QDA project.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CompendiumError("the folder is not empty", file=folder, expected="a new or empty folder")
    if folder.exists() and folder.samefile("."):
        raise CompendiumError("this is the folder you stand in", found=str(folder), expected="a new folder in it")
    chosen_lists = [checklist] if isinstance(checklist, str) else list(dict.fromkeys(checklist))
    for name in chosen_lists:
        if name not in checklists():
            raise CompendiumError("there is no such checklist", found=name, expected=checklists())
    if title and (not title.strip() or not title.isprintable() or "{{<" in title):
        raise CompendiumError("the title is not a line of text", found=repr(title))
    with replaced_folder(folder, settings.FILE) as staging:
        own, report = _imported(source, staging / CODED)
        chosen = title.strip() or own
        _copied(HOME / "study", staging, chosen)
        _with_notice(staging, example=source is None)
        _with_checklists(chosen_lists, staging, chosen)
        for file in staging.glob("_quarto*.yml"):
            for name in [*QUARTO.findall(file.read_text("utf-8")), *BESIDE]:
                shutil.copyfile(HOME.parent / "render" / name, _made(staging / "manuscript/quarto") / name)
        _with_tool(staging)
        _with_rules(staging, example=source is None)
        _with_tables(staging, example=source is None)
        _with_public(staging)
        _with_dictionary(staging / "data")
        _with_notebooks(staging / "notebooks")
    return Created(folder, chosen, report)


def _imported(source: Path | None, out: Path) -> tuple[str, tuple[str, ...]]:
    """Import the project, or the example, into the new study; return its name and the lines of the report."""
    from compendium import refiqda
    from compendium.refiqda.writing import write_project
    from compendium.scaffold import example

    with tempfile.TemporaryDirectory() as scratch:
        file = source or write_project(example.project(), Path(scratch) / "example.qdpx")
        report = refiqda.import_project(file, out)
    report.out = ""
    name = json.loads((out / "project.json").read_text("utf-8"))["project"].get("name", "")
    plain = "".join(letter for letter in " ".join(name.split()) if letter.isprintable()).replace("{{<", "")
    return plain or "A new study", tuple(report.lines()) if source else ()


def _copied(origin: Path, target: Path, title: str) -> None:
    from compendium.scaffold import wheel

    for path in sorted(origin.rglob("*")):
        if not path.is_file() or wheel.CACHES.intersection(path.parts):
            continue
        place = _made((target / path.relative_to(origin)).parent) / path.name
        if path.suffix in BINARY:
            write_bytes(place, path.read_bytes(), path.stat().st_mode & 0o777)
            continue
        write_text(place, titled(path.read_text("utf-8"), title), path.stat().st_mode & 0o777)


def _with_checklists(names: Sequence[str], study: Path, title: str) -> None:
    """Give a study its checklists: of several, pages and references follow one another, and descriptions are joined."""
    for number, name in enumerate(names):
        home = HOME / "checklists" / name
        before = {path: path.read_text("utf-8") for path in _made(study).rglob("*") if path.suffix in (".qmd", ".bib")}
        package = study / "data/checklist.datapackage.json"
        described = json.loads(package.read_text("utf-8")) if number else {}
        _copied(home, study, title)
        if not number:
            continue
        for path in sorted(home.rglob("*")):
            place = study / path.relative_to(home)
            if place in before:
                added = re.sub(r"\A---\n.*?\n---\n", "", place.read_text("utf-8"), flags=re.DOTALL)
                write_text(place, before[place].rstrip("\n") + "\n\n" + added.lstrip("\n"))
        added = json.loads(package.read_text("utf-8"))
        described["description"] += " " + added["description"]
        for part in ("sources", "resources"):
            described[part] += added[part]
        write_text(package, json.dumps(described, indent=1, ensure_ascii=False) + "\n")


def titled(text: str, title: str) -> str:
    """Return a file's text with the title; within quotation marks as JSON, YAML and TOML alike write it."""
    quoted = json.dumps(title, ensure_ascii=False)
    return text.replace(f'"{TITLE}"', quoted).replace(TITLE, title)


def _with_notice(study: Path, *, example: bool) -> None:
    """Let the invented study say that it is invented, and no other."""
    if example:
        shutil.copyfile(HOME / "example/_invented.qmd", study / "manuscript/_invented.qmd")
        return
    for path in study.rglob("*.qmd"):
        write_text(path, path.read_text("utf-8").replace(INVENTED, ""))


def _with_tool(study: Path) -> None:
    """Put the tool into ``vendor/``, and its name and hash where they are wanted."""
    from compendium.scaffold import wheel

    content = wheel.content()
    write_bytes(study / "vendor" / wheel.name(), content)
    for name in ("requirements.in", "environment.yml"):
        text = (study / name).read_text("utf-8")
        write_text(study / name, WHEEL.sub(wheel.name(), text))
    lock = (study / "requirements.lock").read_text("utf-8")
    digest = hashlib.sha256(content).hexdigest()
    write_text(study / "requirements.lock", f"./vendor/{wheel.name()} \\\n    --hash=sha256:{digest}\n{lock}")


def _with_rules(study: Path, *, example: bool) -> None:
    """Say what of the import may go out: of the invented example codes, counts and rows, of others counts alone."""
    text = (HOME / "publish.toml").read_text("utf-8")
    if example:
        text = text.replace("codebook = false", "codebook = true").replace("counts = 5", "counts = 1")
        text = text.replace("rows = false", "rows = true")
    write_text(study / CODED / "publish.toml", text)


def _with_public(study: Path) -> None:
    """Write what is public of the import, as every build does again."""
    from compendium.refiqda import publishing

    with tempfile.TemporaryDirectory() as scratch:
        publishing.refresh(study / CODED, Path(scratch) / "private")


def _with_tables(study: Path, *, example: bool) -> None:
    """Write the sample, a row for each source, the coders, and the findings: the example’s or a prompt for a theme."""
    from compendium.evidence import codebook
    from compendium.evidence import coders as listed
    from compendium.refiqda import publishing
    from compendium.scaffold import example as invented

    if example:  # its cases are invented, so they go out under their names
        labels = [("case", row["guid"], row["name"]) for row in _rows(study / CODED / "cases.csv")]
        _write(study / CODED / "labels.csv", publishing.LABEL_COLUMNS, labels)
    rows = _rows(study / CODED / "sources.csv")
    of = publishing.case_of_sources(study / CODED)
    sources = [row for row in rows if row["role"] == "source"]
    roles = {row["source"]: row["role"] for row in invented.rows_of("sources")} if example else {}
    sample = [(row["source_id"], of.get(row["source_id"], ""), roles.get(row["name"], "")) for row in sources]
    _write(study / "data/sample.csv", ("source_id", "case", "role"), sample)
    coders = dict.fromkeys(row["coder"] for row in _rows(study / CODED / "codings.csv") if row["coder"])
    _write(study / CODED / listed.FILE, listed.COLUMNS, [(name, "person", "", "", "") for name in sorted(coders)])
    book = codebook.load(study / CODED / "codebook.csv")
    known = dict(zip(book["code"], book["code_id"], strict=True))
    if example:
        names = {row["code_id"]: row["code"] for row in invented.rows_of("codebook")}
        findings = [
            (row["finding_id"], row["statement"], ";".join(known[names[code]] for code in row["codes"].split(";")))
            for row in invented.rows_of("findings")
        ]
    else:
        findings = [("finding-1", "State what the study found.", "")]
    _write(study / "data/findings.csv", ("finding_id", "statement", "codes"), findings)
    _write(study / "data/relations.csv", ("finding_id", "numbers", "relation", "inference"), [])


def _with_dictionary(data: Path) -> None:
    from compendium.data import dictionary

    packages = [data / "datapackage.json", data / "checklist.datapackage.json"]
    tables = "\n\n".join(dictionary.data_dictionary(package) for package in packages)
    readme = data / "README.md"
    write_text(readme, dictionary.with_dictionary(readme.read_text("utf-8"), tables))


def _with_notebooks(folder: Path) -> None:
    """Write the .ipynb of every notebook, without outputs until it has run."""
    import nbformat

    from compendium.chain.kernels import as_notebook

    for script in sorted(folder.glob("*.py")):
        write_text(script.with_suffix(".ipynb"), nbformat.writes(as_notebook(script)) + "\n")


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _write(path: Path, header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([header, *rows])
    write_text(path, out.getvalue())
