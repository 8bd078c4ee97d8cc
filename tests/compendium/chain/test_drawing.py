"""The chain is drawn from its sources: the same picture each time, readable and described."""

import re
from pathlib import Path

import pytest
from defusedxml import ElementTree

from compendium import cli
from compendium.chain import drawing
from compendium.chain.drawing import Link
from compendium.errors import CompendiumError

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def with_paper(small_project: Path) -> Path:
    """Return the small project with a paper that shows a table, and a value by an include."""
    paper = small_project / "manuscript" / "paper"
    paper.mkdir(parents=True)
    (paper / "paper.qmd").write_text(
        "{{< include /build/results/tables/numbers.md >}}\n\n{{< include _more.md >}}\n{{< include _gone.md >}}\n",
        "utf-8",
    )
    (paper / "_more.md").write_text("Share: {{< var alone.share >}}\n", "utf-8")
    (small_project / "_quarto.yml").write_text("project:\n  type: default\n", "utf-8")
    text = "project:\n  render: [manuscript/paper/paper.qmd]\n"
    (small_project / "_quarto-paper.yml").write_text(text, "utf-8")
    return small_project


def test_inputs_results_and_documents_are_linked(with_paper: Path) -> None:
    chain = drawing.read(with_paper)
    assert chain.links == (
        Link("data", "01_sum"),
        Link("01_sum", "02_twice", "numbers.sum"),
        Link("01_sum", "paper"),
        Link("03_alone", "paper"),
    )
    assert chain.description() == (
        "01: Numbers and their sum, reads data/. 02: Twice the sum, reads notebook 01. "
        "03: Something on its own, reads nothing. Paper shows notebooks 01 and 03."
    )


def test_mermaid_names_every_box_and_arrow(with_paper: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["graph", "--format", "mermaid"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "flowchart LR"
    assert [line.strip() for line in lines[3:]] == [
        'i1[("data/")]', 'n01["01 Numbers and their sum"]', 'n02["02 Twice the sum"]', 'n03["03 Something on its own"]',
        'paper(["Paper"])', "i1 --> n01", 'n01 -->|"numbers.sum"| n02', "n01 --> paper", "n03 --> paper",
    ]  # fmt: skip


def test_the_picture_is_described_readable_and_the_same_each_time(with_paper: Path) -> None:
    path = with_paper / "chain.svg"
    assert cli.main(["graph", str(path)]) == 0
    first = path.read_bytes()
    assert cli.main(["graph", "--format", "svg", str(path)]) == 0
    assert path.read_bytes() == first
    root = ElementTree.fromstring(first)
    names = root.get("aria-labelledby", "").split()
    assert [root.find(f".//*[@id='{name}']").tag for name in names] == [f"{SVG}title", f"{SVG}desc"]
    assert "Paper shows notebooks 01 and 03." in root.find(f"{SVG}desc").text
    style = root.find(f"{SVG}style").text
    assert "prefers-color-scheme: dark" in style
    assert min(map(int, re.findall(r"font(?:-size)?: (\d+)px", style))) >= 13
    width, height = map(float, root.get("viewBox").split()[2:])
    for box in root.iter(f"{SVG}rect"):
        assert float(box.get("x", 0)) + float(box.get("width")) <= width
        assert float(box.get("y", 0)) + float(box.get("height")) <= height
    drawn = " ".join(text.text for text in root.iter(f"{SVG}text"))
    assert "03 Something on its own" in drawn
    assert "numbers.sum" in drawn


def test_the_projects_own_picture_is_kept_up_to_date(with_paper: Path) -> None:
    assert drawing.refresh(with_paper) == []
    (with_paper / "docs").mkdir()
    for name in (drawing.FILE, drawing.PAGE):
        path = with_paper / name
        path.write_text("old", "utf-8")
        with pytest.raises(CompendiumError, match=f"{name}: the picture is not that of the chain"):
            drawing.check(with_paper)
        assert drawing.refresh(with_paper) == [path]
        drawing.check(with_paper)
        assert drawing.refresh(with_paper) == []
    assert "\n```mermaid\nflowchart LR\n" in path.read_text("utf-8")


def test_this_projects_picture_is_that_of_its_chain(project: Path) -> None:
    assert (project / drawing.FILE).is_file()
    assert (project / drawing.PAGE).is_file()
    drawing.check(project)
