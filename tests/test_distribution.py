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
from compendium.scaffold import wheel

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


def test_a_study_carries_the_wheel_that_is_distributed(tmp_path):
    subprocess.run([sys.executable, "-c", BUILD, str(tmp_path)], cwd=PROJECT, check=True, capture_output=True)
    (made,) = tmp_path.glob("*.whl")
    assert wheel.name() == made.name
    (tmp_path / "carried").write_bytes(wheel.content())
    with zipfile.ZipFile(made) as ours, zipfile.ZipFile(tmp_path / "carried") as carried:
        assert set(carried.namelist()) == set(ours.namelist())
        described = (".dist-info/WHEEL", ".dist-info/METADATA", ".dist-info/RECORD")
        for name in ours.namelist():
            assert name.endswith(described) or carried.read(name) == ours.read(name), name
        (metadata,) = (name for name in ours.namelist() if name.endswith("/METADATA"))
        head = carried.read(metadata).decode()
        assert f"Version: {compendium.__version__}" in head
        assert "Requires-Dist: pandas" in head
        assert "\n\n" not in head, "the README of this study does not travel"


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
