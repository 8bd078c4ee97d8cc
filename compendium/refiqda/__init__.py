"""REFI-QDA in and out: qualitative projects of NVivo, ATLAS.ti, MAXQDA, QualCoder and others as plain tables."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from compendium.errors import CompendiumError
from compendium.evidence import codebook as codebooks
from compendium.evidence import segments
from compendium.evidence.tablefiles import harmless
from compendium.project import write_text
from compendium.refiqda import forms, quotedtable
from compendium.refiqda.evidence import project_from_evidence
from compendium.refiqda.model import MANIFEST, PRIVATE, TABLES, ImportReport, Project
from compendium.refiqda.reading import read_project
from compendium.refiqda.writing import codebook_csv, codebook_xml, write_project

__all__ = [
    "TABLES",
    "ImportReport",
    "Project",
    "export_codebook",
    "export_project",
    "export_report",
    "import_project",
    "load_project",
    "read_project",
]


def import_project(
    file: str | Path, out: str | Path, study: str = "", strict: bool = False, *, replace: bool = False,
    wanted: str = "", texts: str | Path | None = None, columns: Mapping[str, str] | None = None,
) -> ImportReport:  # fmt: skip
    """Import a project of another tool (see ``read_project``), or a table of quotations, into tables and texts.

    Parameters
    ----------
    out : folder to write; a new or empty one, or an earlier import, whose tables and texts are replaced. What the
        researcher added or changed there is kept.
    study : name of the study in the tables; by default the project's own name.
    strict : refuse the file where the report would otherwise warn.
    replace : let it take the place of another project's import.
    wanted : name of the project, where a database holds several.
    texts, columns : as `compendium.refiqda.quotedtable.read` takes them, for a .csv or .xlsx file.

    Returns
    -------
    The report: ``report.lines()`` is what a command prints.

    Raises
    ------
    CompendiumError : see ``read_project`` and ``Project.save``; nothing is written then.
    """
    if Path(file).suffix.lower() in (".csv", ".xlsx") and Path(file).is_file():
        project, report = quotedtable.read(Path(file), texts, columns or {}, study)
    else:
        project, report = read_project(file, study, wanted)
    if strict and report.problems:
        problems = [sentence for sentences in report.problems.values() for sentence in sentences]
        more = f" (and {len(problems) - 1:,} more)" if len(problems) > 1 else ""
        raise CompendiumError(problems[0].rstrip(".") + more, file=file)
    report.kept = project.save(out, report.as_dict(), replace=replace)
    if report.unfound is not None:
        write_text(
            Path(out) / "unfound.csv", harmless(report.unfound).to_csv(index=False, lineterminator="\n"), PRIVATE
        )
    report.out = str(out)
    return report


def load_project(folder: str | Path) -> Project:
    """Read an imported project, or evidence that is a ``codebook.csv`` with a ``segments.csv``.

    Raises
    ------
    CompendiumError : the folder holds neither.
    """
    place = Path(folder)
    if (place / MANIFEST).is_file():
        return Project.load(place)
    if not (place / "segments.csv").is_file():
        raise CompendiumError(
            "the folder holds neither an imported project nor coded evidence",
            file=folder,
            expected=f"'{MANIFEST}', or 'codebook.csv' with 'segments.csv'",
        )
    codebook = codebooks.load(place / "codebook.csv")
    table = segments.check(segments.load(place / "segments.csv"), codebook, file=place / "segments.csv")
    return project_from_evidence(codebook, table, name=place.resolve().name)


def export_project(
    folder: str | Path, file: str | Path, *, units: str = "code points", by_coder: bool = False, paths: bool = False
) -> Path:
    """Export a folder (see ``load_project``) as a .qdpx archive.

    Evidence without texts becomes one text per document that holds our summaries, one line a segment.

    Parameters
    ----------
    units : what positions count: "code points", as most tools do, or "UTF-16 code units", as NVivo does.
    by_coder : write one selection for each coder of it, so that tools which give a selection to one person lose none.
    paths : give each code whose name another has the names above it too.

    Raises
    ------
    CompendiumError : ``file`` does not end in .qdpx, or the folder cannot be read.
    """
    if Path(file).suffix.lower() != ".qdpx":
        raise CompendiumError("a project is exported to a .qdpx file", file=file, expected=".qdpx")
    project = load_project(folder)
    if by_coder:
        project = forms.by_coder(project)
    if paths:
        project = forms.with_paths(project)
    return write_project(project, file, units)


def export_report(folder: str | Path) -> list[str]:
    """Return what other tools will make of an exported project that is not what it says: a sentence each."""
    project = load_project(folder)
    coders = project.codings.groupby("segment_id")["coder"].nunique()
    several = int((coders > 1).sum())
    names = project.codebook["code"].str.casefold()
    repeated = sorted(set(project.codebook.loc[names.duplicated(keep=False), "code"]))
    lines = []
    if several:
        lines.append(
            f"Selections that several coders coded: {several:,}. QualCoder gives all their codings to who made the "
            "selection; --selections coder writes one selection for each coder."
        )
    if repeated:
        named = ", ".join(repeated[:5]) + (" ..." if len(repeated) > 5 else "")
        lines.append(
            f"Names that several codes have: {named}. QualCoder keeps one code of a name; "
            "--names path writes each code with those above it."
        )
    return lines


def _code_sets(project: Project) -> dict[str, list[str]]:
    """Return the codes of each set of codes by the set's name."""
    title = dict(zip(project.sets["set_id"], project.sets["name"], strict=True))
    members = project.set_members[project.set_members["kind"] == "code"]
    return {title[one]: part["member"].tolist() for one, part in members.groupby("set_id", sort=False)}


def export_codebook(codebook: pd.DataFrame | str | Path, file: str | Path) -> Path:
    """Export a codebook (a table, a CSV file or a folder with ``codebook.csv``) as .qdc, or as CSV for Taguette.

    Raises
    ------
    CompendiumError : another suffix, or the codebook is faulty or empty.
    """
    sets: dict[str, list[str]] = {}
    if not isinstance(codebook, pd.DataFrame):
        path = Path(codebook)
        if (path / MANIFEST).is_file():
            sets = _code_sets(Project.load(path))
        codebook = codebooks.load(path / "codebook.csv" if path.is_dir() else path)
    codebook = codebooks.check(codebook)
    suffix = Path(file).suffix.lower()
    if suffix == ".qdc":
        return write_text(file, codebook_xml(codebook, sets))
    if suffix == ".csv":
        return write_text(file, codebook_csv(codebook))
    raise CompendiumError("a codebook is exported to .qdc or .csv", file=file, expected=".qdc or .csv")
