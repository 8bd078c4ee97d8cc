"""Rendering: the manuscripts as HTML, Word, JATS and PDF, by Quarto where it is found, else by Pandoc and Typst."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from compendium.errors import CompendiumError

if TYPE_CHECKING:
    from compendium.render.sources import Project

ENGINES = ("auto", "quarto", "pandoc")
FORMATS = ("html", "docx", "jats", "typst")
ALIASES = {"pdf": "typst", "xml": "jats", "word": "docx"}
PASSES = 3  # one to learn the places of the checklists' items, one to print them, one in reserve


def render(
    profile: str,
    *,
    engine: str = "auto",
    root: Path,
    formats: list[str] | None = None,
    progress: Callable[[str], None] | None = None,
    prepare: Callable[[Path], None] | None = None,
    settle: Callable[[Path, Path], bool] | None = None,
    banner: str = "",
    shaded: bool = False,
) -> list[Path]:
    """Render a profile into its output folder and return the files written.

    Parameters
    ----------
    profile : ``paper``, ``thesis`` or ``site``.
    engine : ``quarto`` (version 1.4 or later, on PATH or in QUARTO_PATH), ``pandoc`` (embedded), or ``auto``:
        Quarto where it is found, else Pandoc.
    root : the project's folder.
    formats : some of ``html``, ``docx``, ``jats``, ``typst`` (or ``pdf``), beside which earlier outputs stay; if None,
        all that the profile declares, in the place of everything before.
    progress : called with one line for each document written.
    prepare : called with ``root`` before the first pass, to write what the sources include.
    settle : called with ``root`` and the paper's PDF after each pass; true where it changed what the sources
        include, so that they are rendered again.
    banner : what every page says first, and each page of a PDF or Word file at its top.
    shaded : whether Word files shade what is computed.

    Raises
    ------
    CompendiumError : naming file and line; the previous outputs then stay as they were.
    """
    from compendium.folders import output_folder
    from compendium.project import replaced_folder
    from compendium.render import quarto
    from compendium.render.sources import load_project

    if engine not in ENGINES:
        raise CompendiumError("there is no such rendering engine", found=engine, expected=ENGINES)
    root = Path(root).resolve()
    project = dataclasses.replace(load_project(root, profile), banner=banner, shaded=shaded)
    declared = [name for name in project.formats() if name in FORMATS]
    wanted = [ALIASES.get(name, name) for name in formats] if formats is not None else declared
    for name in wanted:
        if name not in declared:
            raise CompendiumError(f"the profile '{profile}' has no such format", found=name, expected=declared)
    found = quarto.find(required=engine == "quarto") if engine != "pandoc" else None
    if prepare is not None:
        prepare(root)
    output_folder(root, project.output)
    with replaced_folder(project.output, home=root) as staging:
        if formats is not None and project.output.is_dir():  # the other formats stay
            shutil.copytree(project.output, staging, dirs_exist_ok=True)
        for attempt in range(PASSES):
            if found is not None:
                paths = quarto.render(found, project, wanted if formats is not None else None, staging, progress)
            else:
                paths = _embedded(project, wanted, staging, progress)
            if project.kind == "website":
                _finish_website(staging, project.output.parent, root, indexed=found is None)
            pdf = next((path for path in paths if path.suffix == ".pdf"), None)
            if profile != "paper" or pdf is None or settle is None or not settle(root, pdf):
                break  # the places that the checklists print are those of this PDF
            if attempt == PASSES - 1:
                raise CompendiumError("the places in the checklists do not settle", file=pdf)
        relative = [path.relative_to(staging) for path in paths]
    return [project.output / path for path in relative]


def _finish_website(website: Path, documents: Path, root: Path, *, indexed: bool) -> None:
    """Give the rendered website what both engines leave to us; a plain ``quarto render`` runs these files by itself.

    ``indexed`` writes the embedded engine's index of search; Quarto brings one of its own.
    """
    from compendium.render import commit, search
    from compendium.render.attach import BESIDE, attach
    from compendium.render.furnish import furnish
    from compendium.render.heads import describe
    from compendium.render.parcel import pack

    made, name = root / "build/pages", commit.name(root)
    attach(website, documents)
    pack(website, made, name)
    furnish(website, made)
    describe(website, made, name, commit.epoch(root))
    if indexed:
        search.write_index(website, facets=dict.fromkeys(BESIDE, BESIDE["paper"]))


def _embedded(
    project: Project, formats: list[str], staging: Path, progress: Callable[[str], None] | None
) -> list[Path]:
    if project.kind == "book":
        from compendium.render.book import render as book

        return book(project, formats, staging, progress)
    if project.kind == "website":
        from compendium.render.site import render as site

        return site(project, staging, progress)
    from compendium.render.documents import article

    files = project.documents()
    if not files:
        raise CompendiumError("the profile names no document to render", file=f"_quarto-{project.profile}.yml")
    return [path for file in files for path in article(project, file, formats, staging, progress)]
