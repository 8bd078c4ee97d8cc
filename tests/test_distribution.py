"""The distribution: a wheel that holds the tool alone, with one version everywhere."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile

import yaml
from conftest import PROJECT

import compendium

BUILD = "import sys; from flit_core import buildapi; print(buildapi.build_wheel(sys.argv[1]))"


def test_the_wheel_holds_the_tool_alone(tmp_path):
    subprocess.run([sys.executable, "-c", BUILD, str(tmp_path)], cwd=PROJECT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
        told = next(name for name in archive.namelist() if name.endswith("entry_points.txt"))
        assert "compendium=compendium.cli:main" in archive.read(told).decode()
    kept = {
        path.relative_to(PROJECT).as_posix()
        for path in (PROJECT / "compendium").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert names == kept
    assert "compendium/py.typed" in names


def test_the_version_is_one():
    stated = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    cited = yaml.safe_load((PROJECT / "CITATION.cff").read_text("utf-8"))["version"]
    newest = re.search(r"^## (\S+)", (PROJECT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    page = set(
        re.findall(
            r"version = \{(.*?)\}|^ET  - (.*)$", (PROJECT / "manuscript/site/cite.qmd").read_text("utf-8"), re.MULTILINE
        )
    )
    assert newest is not None
    assert {stated, cited, newest[1], *(a or b for a, b in page)} == {compendium.__version__}
