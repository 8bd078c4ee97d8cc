"""The Quarto engine: find Quarto, check its version, and let it render into the staging folder."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from compendium.errors import CompendiumError
from compendium.project import write_bytes
from compendium.render.attach import DONE_ELSEWHERE
from compendium.render.lift import lift
from compendium.render.sources import Project
from compendium.render.unplaced import PLACED_ELSEWHERE
from compendium.render.word import finished

MINIMUM = (1, 4)
BANNER = "COMPENDIUM_BANNER"
"""Environment variable by which `notice.lua` learns what every page says first."""


def find(*, required: bool) -> str | None:
    """Return the Quarto program (``QUARTO_PATH``, else beside Python, else PATH), or None where none is required.

    Raises CompendiumError where Quarto is required and absent, or found and older than 1.4.
    """
    named = os.environ.get("QUARTO_PATH")
    beside = os.fspath(Path(sys.executable).parent)  # where `make quarto` puts it
    program = shutil.which(named) if named else shutil.which("quarto", path=beside) or shutil.which("quarto")
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
    # What a plain `quarto render` runs before and after itself, `compendium render` does.
    ours = {**os.environ, DONE_ELSEWHERE: "1", PLACED_ELSEWHERE: "1", BANNER: project.banner}
    done = subprocess.run(command, cwd=project.root, env=ours, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        lines = [line for line in done.stderr.strip().splitlines() if line.strip()]
        raise CompendiumError(
            f"Quarto could not render the profile '{project.profile}' ({' '.join(lines[-3:])})",
            found=f"exit code {done.returncode}",
        )
    undefined = r"(?:Unable to resolve crossref|Unknown var|citation) (\S+)(?: not found| specified|\s|$)"
    if names := re.findall(undefined, done.stderr):
        raise CompendiumError("Quarto met undefined references", found=sorted(set(names)))
    if project.kind == "default":
        for file in project.documents():
            lift(staging, Path(file).parent)
    for path in staging.rglob("*.docx"):
        write_bytes(path, finished(path.read_bytes(), project.banner))
    kinds = {".html", ".docx", ".xml", ".pdf"}
    return sorted(path for path in staging.rglob("*") if path.suffix in kinds and "site_libs" not in path.parts)
