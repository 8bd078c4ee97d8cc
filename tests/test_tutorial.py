"""The tutorial of the guide: its commands are taken from the page and run in their order by a shell."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from compendium.refiqda.writing import write_project
from compendium.scaffold import example

pytestmark = pytest.mark.slow
BLOCK = re.compile(r"^```(bash|markdown)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
VISITS = "place,visits\nhall,4\nlibrary,2\npharmacy,7\n"


def script(page: str) -> str:
    """Return the page's commands; a line of Markdown is put at the end of the paper where the page shows it."""
    lines = ["set -e"]
    for kind, text in BLOCK.findall(page):
        if kind == "bash":
            lines.append(text)
        else:
            shown = text.replace("{{{<", "{{<").replace(">}}}", ">}}")
            lines.append(f"cat >> manuscript/paper/paper.qmd <<'END'\n\n{shown}END\n")
    return "\n".join(lines)


def test_the_tutorial_works_as_it_stands(project: Path, tmp_path: Path) -> None:
    page = (project / "docs/tutorial.qmd").read_text("utf-8")
    write_project(example.project(), tmp_path / "interviews.qdpx")
    (tmp_path / "visits.csv").write_text(VISITS, "utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COMPENDIUM_")}
    environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), environment["PATH"]])
    done = subprocess.run(
        ["bash", "-c", script(page)], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for line in ("7 notebooks ran", "02_codes: up to date", "data/visits.csv", "0 errors,"):
        assert line in done.stdout
    output = tmp_path / "visits" / "_output"
    paper = (output / "paper/paper.html").read_text("utf-8")
    assert "Help before the surgery" in paper
    assert "visit-counts" in paper
    assert {path.suffix for path in (output / "paper").glob("paper.*")} == {".html", ".docx", ".xml", ".pdf"}
    assert (output / "site/index.html").is_file()
