"""The ways to install agree with one another, and the citation with the package."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

import compendium

BY_PIP = {"pypandoc_binary", "pypdfium2", "typst"}  # brought by pip in the conda environment too


@pytest.fixture(scope="module")
def metadata(project: Path) -> dict:
    return tomllib.loads((project / "pyproject.toml").read_text("utf-8"))


def requirement(text: str) -> tuple[str, str]:
    name, _extra, bounds = re.fullmatch(r"([A-Za-z0-9_.-]+)(\[[^]]*\])?(.*)", text).groups()
    return name, bounds


def test_conda_environment_has_every_dependency_with_the_same_bounds(project: Path, metadata) -> None:
    listed = yaml.safe_load((project / "environment.yml").read_text("utf-8"))["dependencies"]
    conda = dict(requirement(item) for item in listed if isinstance(item, str))
    pip = dict(requirement(item) for item in listed[-1]["pip"] if not item.startswith("-e"))
    for name, bounds in map(requirement, metadata["project"]["dependencies"]):
        if name in BY_PIP:
            assert pip[name] == bounds
        else:
            assert conda[name] == bounds
    wanted = {
        "python",
        "jupyter",
        "jupyterlab",
        "jupytext",
        "papermill",
        "pandas",
        "seaborn",
        "quarto",
        "nbval",
        "r-base",
    }
    assert wanted <= conda.keys()
    assert conda["python"] == metadata["project"]["requires-python"]
    known = {n for n, _ in map(requirement, metadata["project"]["dependencies"])}
    assert conda.keys() - known == {"python", "pip", "jupyter", "jupyterlab", "quarto", "nbval", "r-base", "make"}


def pinned(path: Path) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", path.read_text("utf-8"), re.MULTILINE))


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_locks_pin_every_dependency_with_hashes(project: Path, metadata) -> None:
    runtime = pinned(project / "requirements.lock")
    development = pinned(project / "requirements-dev.lock")
    for name, _ in map(requirement, metadata["project"]["dependencies"]):
        assert canonical(name) in runtime
    for name, _ in map(requirement, metadata["project"]["optional-dependencies"]["dev"]):
        assert canonical(name) in development
    assert runtime.items() <= development.items(), "tests run what users run"
    for lock in project.glob("requirements*.lock"):
        text = lock.read_text("utf-8")
        assert "://" not in text
        blocks = re.split(r"^(?=[a-z0-9._-]+==)", text, flags=re.MULTILINE)[1:]
        assert all("--hash=sha256:" in block for block in blocks)


def test_versions_agree(project: Path, metadata) -> None:
    citation = yaml.safe_load((project / "CITATION.cff").read_text("utf-8"))
    version = metadata["project"]["version"]
    assert version == compendium.__version__ == str(citation["version"])
    assert f"## {version}" in (project / "CHANGELOG.md").read_text("utf-8")


def test_papermill_starts_without_the_jupyter_metapackage(metadata) -> None:
    names = {requirement(item)[0] for item in metadata["project"]["dependencies"]}
    assert not names & {"jupyter", "jupyterlab", "notebook"}


def test_no_rendered_page_and_no_path_of_one_machine_is_kept(project: Path) -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=project, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("the project is no clone, so what is kept cannot be told")
    kept = listed.stdout.split("\0")
    pages = {name for name in kept if name.endswith(".html") and not name.startswith("compendium/render/templates/")}
    assert pages | {name for name in kept if name.startswith("site_libs/")} == set()
    for name in ("requirements-bootstrap.lock", "requirements.lock", "requirements-dev.lock"):
        found = re.findall(r"(?m)^\s*# +-[cr] +/.*", (project / name).read_text("utf-8"))
        assert (name, found) == (name, [])
