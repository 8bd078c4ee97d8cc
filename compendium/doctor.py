"""What this machine has, and what the project would use of it."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import sys

from compendium import project


def findings() -> list[tuple[str, str, bool]]:
    """Return (thing, its state in words, whether it is fine) for everything the project may need."""
    rows = [("python", f"{platform.python_version()} at {sys.prefix}", sys.version_info >= (3, 11))]
    for package in ("pandas", "papermill", "jupytext", "nbclient", "pypandoc_binary", "typst", "seaborn", "doit"):
        try:
            rows.append((package, importlib.metadata.version(package), True))
        except importlib.metadata.PackageNotFoundError:
            rows.append((package, "not installed: run 'make' or install requirements.lock", False))
    rows.append(_optional("quarto", os.environ.get("QUARTO_PATH"), "not found: the embedded pandoc engine renders"))
    rows.append(_optional("Rscript", None, "not found: the second programming in R is not compared"))
    rows.append(_optional("chromium", None, "not found: browser tests are skipped"))
    for name, variable in (("cache", "COMPENDIUM_CACHE"), ("mirror", "COMPENDIUM_MIRROR")):
        value = os.environ.get(variable)
        rows.append((name, value or f"{variable} is not set", value is None or os.path.isdir(value)))
    results = project.build_folder() / "results" / "values.json"
    rows.append(("results", "built" if results.is_file() else "not built yet: run 'compendium build'", True))
    return rows


def _optional(name: str, given: str | None, otherwise: str) -> tuple[str, str, bool]:
    path = given or shutil.which(name)
    return name, path or otherwise, True
