"""The Quarto engine: find Quarto, check its version, and let it render into the staging folder."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from compendium.errors import CompendiumError
from compendium.render.attach import DONE_ELSEWHERE
from compendium.render.sources import Project

MINIMUM = (1, 4)


def find(*, required: bool) -> str | None:
    """Return the Quarto program (``QUARTO_PATH``, else PATH), or None where there is none and none is required.

    Raises CompendiumError where Quarto is required and absent, or found and older than 1.4.
    """
    named = os.environ.get("QUARTO_PATH")
    program = shutil.which(named) if named else shutil.which("quarto")
    if program is None:
        if required or named:
            raise CompendiumError(
                "Quarto was not found",
                found=f"QUARTO_PATH={named}" if named else "no 'quarto' on PATH",
                expected="Quarto 1.4 or later, or --engine pandoc",
            )
        return None
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    match = re.match(r"(\d+)\.(\d+)", done.stdout.strip())
    if match is None or (int(match[1]), int(match[2])) < MINIMUM:
        if required or named:
            raise CompendiumError(
                "this Quarto is too old",
                found=done.stdout.strip() or "no version",
                expected="Quarto 1.4 or later, or --engine pandoc",
            )
        return None
    return program


def render(
    program: str,
    project: Project,
    formats: list[str] | None,
    staging: Path,
    progress: Callable[[str], None] | None = None,
) -> list[Path]:
    """Let Quarto render the profile into ``staging``; return its HTML, Word, JATS and PDF files."""
    folder = os.path.relpath(staging, project.root)  # Quarto reads --output-dir relative to the project
    command = [program, "render", "--profile", project.profile, "--output-dir", folder]
    if formats is not None:
        command += ["--to", ",".join(formats)]
    if progress:
        progress(f"quarto render --profile {project.profile}")
    ours = {**os.environ, DONE_ELSEWHERE: "1"}  # what a plain `quarto render` runs at its end, `render` does itself
    done = subprocess.run(command, cwd=project.root, env=ours, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        lines = [line for line in done.stderr.strip().splitlines() if line.strip()]
        raise CompendiumError(
            f"Quarto could not render the profile '{project.profile}' ({' '.join(lines[-3:])})",
            found=f"exit code {done.returncode}",
        )
    unresolved = re.findall(r"Unable to resolve crossref (\S+)|citation (\S+) not found", done.stderr)
    if unresolved:
        names = [first or second for first, second in unresolved]
        raise CompendiumError("Quarto met undefined references", found=names)
    if project.kind == "default":
        _lift(project, staging)
    kinds = {".html", ".docx", ".xml", ".pdf"}
    return sorted(path for path in staging.rglob("*") if path.suffix in kinds and "site_libs" not in path.parts)


def _lift(project: Project, staging: Path) -> None:
    """Move an article's outputs from the folder that mirrors its source to the top of the output folder.

    Quarto keeps a source's folders under the output folder; both engines leave the paper in the same place.
    """
    for file in project.documents():
        folder = staging / Path(file).parent
        if folder == staging or not folder.is_dir():
            continue
        up = "../" * len(Path(file).parent.parts)
        for path in sorted(folder.iterdir()):
            if path.suffix in (".html", ".xml"):
                path.write_text(path.read_text(encoding="utf-8").replace(f'"{up}', '"'), encoding="utf-8")
            os.replace(path, staging / path.name)
        while folder != staging and not any(folder.iterdir()):
            folder.rmdir()
            folder = folder.parent
