"""What `--stale` renders says so: first on every page, and at the top of each page of a PDF or a Word file."""

from __future__ import annotations

import os
import re
import shutil
import zipfile
from pathlib import Path

import pytest
from pypdf import PdfReader
from render.conftest import fixture_project

from compendium import cli
from compendium.chain import products
from compendium.render import render

BANNER = "Stale: the results shown are older than data/x_y.csv."


def words(path: Path) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", path.read_text("utf-8")))


def outputs(root: Path, engine: str) -> Path:
    for profile in ("paper", "thesis", "site"):
        render(profile, engine=engine, root=root, banner=BANNER)
    return root / "_output"


def says_so(output: Path) -> None:
    pages = [path for path in output.rglob("*.html") if "site_libs" not in path.parts]
    assert len(pages) > 8
    assert [path for path in pages if BANNER not in words(path)] == []
    for pdf in output.rglob("*.pdf"):
        texts = [re.sub(r"\s+", " ", page.extract_text()) for page in PdfReader(pdf).pages]
        assert len(texts) > 1
        assert [number for number, text in enumerate(texts, start=1) if BANNER not in text] == [], pdf.name
    assert BANNER in words(output / "paper/paper.xml")
    with zipfile.ZipFile(output / "paper/paper.docx") as archive:
        parts = {name: archive.read(name).decode("utf-8") for name in archive.namelist() if name.endswith(".xml")}
    headers = [text for name, text in parts.items() if re.fullmatch(r"word/header\d*\.xml", name)]
    assert headers
    for text in (parts["word/document.xml"], *headers):
        assert BANNER in re.sub(r"<[^>]+>", "", text)


def test_every_page_of_every_format_carries_the_banner(sources: Path) -> None:
    says_so(outputs(sources, "pandoc"))


def test_so_it_does_by_quarto(tmp_path: Path, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = os.environ.get("COMPENDIUM_QUARTO") or shutil.which("quarto")
    if program is None:
        pytest.skip("no Quarto here: COMPENDIUM_QUARTO can name one")
    monkeypatch.setenv("QUARTO_PATH", program)
    root = fixture_project(tmp_path, project)
    (root / "compendium/render").mkdir(parents=True)
    for path in (project / "compendium/render").glob("*.*"):
        shutil.copy(path, root / "compendium/render")
    says_so(outputs(root, "quarto"))


def test_without_a_banner_nothing_is_said(rendered: Path) -> None:
    assert [path for path in (rendered / "_output").rglob("*.html") if "Stale:" in words(path)] == []


def test_the_command_hands_on_what_is_older(
    sources: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COMPENDIUM_ROOT", str(sources))
    monkeypatch.setattr(products, "staleness", lambda root, build: "older than data/x_y.csv")
    assert cli.main(["render", "paper", "--format", "html", "--engine", "pandoc"]) == 1
    assert "results are older than data/x_y.csv; run 'compendium build'" in capsys.readouterr().err
    assert cli.main(["render", "paper", "--format", "html", "--engine", "pandoc", "--stale"]) == 0
    assert "every page says so" in capsys.readouterr().err
    assert BANNER in words(sources / "_output/paper/paper.html")
