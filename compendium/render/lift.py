"""The paper at the top of its output folder, where both engines leave it: Quarto keeps the folders of a source.

Quarto runs this file by itself after `quarto render` (``project: post-render:``), with whatever Python it finds, so it
imports nothing but the standard library. `compendium render --engine quarto` calls `lift`.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

ROOTED = re.compile(r'(\b(?:href|src)=")/(?=build/)')


def lift(output: Path, folder: Path) -> None:
    """Move what lies in ``folder`` below ``output`` to its top, and turn the addresses in it accordingly.

    Parameters
    ----------
    output : the output folder.
    folder : the folder of a source, relative to the project, such as ``manuscript/paper``.
    """
    inner = output / folder
    if inner == output or not inner.is_dir():
        return
    up = "../" * len(folder.parts)
    for path in sorted(inner.iterdir()):
        if path.suffix in (".html", ".xml"):
            text = path.read_text(encoding="utf-8").replace(f'"{up}', '"')
            path.write_text(ROOTED.sub(r"\1", text), encoding="utf-8")
        os.replace(path, output / path.name)
    while inner != output and not any(inner.iterdir()):
        inner.rmdir()
        inner = inner.parent


def main() -> None:
    """Lift after a plain ``quarto render``, which names its outputs, one a line, relative to the project's folder."""
    output = Path(os.environ["QUARTO_PROJECT_OUTPUT_DIR"])
    files = [Path(line) for line in os.environ.get("QUARTO_PROJECT_OUTPUT_FILES", "").splitlines() if line]
    for folder in sorted({os.path.relpath(file.parent, output) for file in files}):
        if not folder.startswith(".."):
            lift(output, Path(folder))


if __name__ == "__main__":
    main()
