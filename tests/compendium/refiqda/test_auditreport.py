"""The audit trail: six categories, hashes of the texts, and every memo, link and set where it belongs."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from docx import Document
from refiqda_projects import walks

from compendium import cli
from compendium.refiqda import auditreport, reports


def test_counts_name_nobody_and_the_report_says_where_everything_belongs(tmp_path: Path) -> None:
    source = reports.opened(walks(tmp_path))
    table = auditreport.counts(source)
    assert list(dict.fromkeys(table["category"])) == list(auditreport.CATEGORIES)
    number = dict(zip(table["what"], table["number"], strict=True))
    assert (number["codes"], number["codings"], number["coders"], number["links"]) == (5, 15, 2, 1)
    assert not any(name in " ".join(table["what"]) for name in ("Rowan", "Ash", *source.project.users["name"]))
    report = auditreport.written(source)
    sources = source.project.sources
    for one in sources.loc[sources["text_file"] != "", "source_id"]:
        text = source.project.texts[one]
        assert hashlib.sha256(text.encode()).hexdigest() in report
    health = report[report.index("### Health\n") : report.index("### Health / Pain")]
    assert "**Memo on health**\n\nAsk about stairs." in health
    assert "In the sets: Body" in report[report.index("### Health / Pain") :]
    assert "> We share two cars\n\n**Memo on cars**" in report
    assert "| explains | memo Memo on cars | passage d0001-0003 of Rowan |" in report
    assert report.count("The project holds none.") == 1


def test_the_history_of_the_codebook_is_told_between_states(tmp_path: Path) -> None:
    source = reports.opened(walks(tmp_path))
    now = reports.state_of(source.project)
    book = now.codebook.assign(code=now.codebook["code"].replace("Pain", "Ache"))
    report = auditreport.written(source, [type(now)(book, now.given)])
    assert "### Codebook, from state 1 to 2" in report
    assert "5 codes became 5: 1 renamed." in report


def test_the_command_writes_markdown_word_and_a_page(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    file = str(walks(tmp_path))
    for name in ("t.md", "t.docx", "t.html"):
        assert cli.main(["trail", file, "--out", str(tmp_path / name)]) == 0
    headings = [one.text for one in Document(str(tmp_path / "t.docx")).paragraphs if one.style.name == "Heading 2"]
    assert headings == list(auditreport.CATEGORIES)
    assert "noindex" in (tmp_path / "t.html").read_text("utf-8")
    capsys.readouterr()
    assert cli.main(["trail", file, "--out", str(tmp_path / "t.pdf")]) == 1
    assert "expected .md, .docx or .html" in capsys.readouterr().err
