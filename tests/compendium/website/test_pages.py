"""Tests of the pages that the chain writes for the website."""

from __future__ import annotations

import base64
import fnmatch
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import lxml.html
import pytest

from analysis import explorers
from compendium.errors import CompendiumError
from compendium.render import pandoc
from compendium.website import catalogue, codedevidence, markup, pages, provenance, registers

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def code(source: str, identifier: str, outputs: list[dict[str, Any]] | None = None, tags: tuple[str, ...] = ()) -> dict:
    return {
        "cell_type": "code",
        "id": identifier,
        "metadata": {"tags": list(tags)},
        "source": source,
        "outputs": outputs or [],
    }


def shows(**data: str) -> dict[str, Any]:
    mimes = {"plain": "text/plain", "html": "text/html", "markdown": "text/markdown", "png": "image/png"}
    return {"output_type": "execute_result", "data": {mimes[key]: value for key, value in data.items()}, "metadata": {}}


@pytest.fixture
def notebook() -> dict[str, Any]:
    return {
        "metadata": {"kernelspec": {"language": "python"}},
        "cells": [
            {
                "cell_type": "markdown",
                "id": "m1",
                "metadata": {},
                "source": "# A title\n\n**Question.** Does it\nwork?\n\nYes.",
            },
            code("groups: int = 3", "p1", tags=("parameters",)),
            code("1 + 1", "c1", [shows(plain="2")]),
            code("hidden", "h1", [shows(plain="never seen")], tags=("remove-cell",)),
            code(
                "frame",
                "c2",
                [shows(html='<style scoped>x</style><table border="1"><tr><td>7</td></tr></table>', plain="7")],
            ),
            code("print('{{< var x >}}')", "c3", [{"output_type": "stream", "text": "\x1b[31mred\x1b[0m"}]),
            code("plot()", "c4", [shows(png=base64.b64encode(PNG).decode(), plain="figure")]),
        ],
    }


def test_a_notebook_page_has_an_anchor_for_every_cell(notebook: dict[str, Any]) -> None:
    text, images = pages.notebook_page("01_x", notebook)
    assert text.startswith(
        '---\ntitle: "A title"\npage-layout: full\nbody-classes: wide notebook\nfacet: Notebooks\n---'
    )
    assert text.count("# A title") == 0
    assert [f"cell-{name}" in text for name in ("m1", "p1", "c1", "h1", "c2", "c3", "c4")] == [True] * 3 + [False] + [
        True
    ] * 3
    assert "never seen" not in text
    assert '<details class="code-fold" open><summary>Cell 1: parameters</summary>' in text
    assert '<details class="code-fold"><summary>Cell 2</summary>' in text
    assert "<td>7</td>" in text
    assert "<style" not in text
    assert "\x1b" not in text
    assert images == {"01_x_files/c4-0.png": PNG}
    assert '![](01_x_files/c4-0.png){fig-alt="A figure that this cell draws."}' in text


def test_shortcodes_in_code_stay_as_they_are_written(notebook: dict[str, Any]) -> None:
    text, _ = pages.notebook_page("01_x", notebook)
    assert "{{{< var x >}}}" in text


def test_a_recorded_figure_is_shown_from_the_results(notebook: dict[str, Any]) -> None:
    output = notebook["cells"][-1]["outputs"][0]
    output["metadata"] = {"image/png": {"alt": 'A "map"'}}
    objects = {"a-map": {"kind": "figure", "notebook": "01_x", "cell": "c4", "alt": 'A "map"'}}
    text, images = pages.notebook_page("01_x", notebook, pages.recorded_figures(objects, "01_x"))
    assert images == {}
    assert '![](/build/results/figures/a-map){fig-alt="A &quot;map&quot;"}' in text


def test_a_damaged_picture_is_named(notebook: dict[str, Any]) -> None:
    notebook["cells"][-1]["outputs"][0]["data"]["image/png"] = "not base64!"
    with pytest.raises(CompendiumError, match="damaged"):
        pages.notebook_page("01_x", notebook)


def test_code_that_holds_fences_stays_inside_its_own(notebook: dict[str, Any]) -> None:
    notebook["cells"].append(code('"""\n````\n"""', "c5"))
    text, _ = pages.notebook_page("01_x", notebook)
    assert '````` {.python .cell-code}\n"""\n````\n"""\n`````' in text


def test_the_list_of_notebooks_asks_their_questions(notebook: dict[str, Any]) -> None:
    listed = pages.notebook_list([("01_x", notebook)])
    assert listed == "[A title](/build/pages/notebooks/01_x.qmd)\n:   Does it work?\n"


def record(**changes: Any) -> dict[str, Any]:
    return {
        "value": 0.8484,
        "unit": "",
        "display": "0.848",
        "description": "Pearson's <r>",
        "notebook": "01_x",
        "cell": "c1",
        "parameters": {"groups": 3},
        "inputs": {"data/a.csv": "ab" * 32},
        **changes,
    }


def test_provenance_links_a_value_to_its_cell_and_its_inputs() -> None:
    values = {"a.first": record(), "a.second": record(value=2, display="2", unit="ICSs"), "b.third": record(inputs={})}
    text = provenance.body(values, {}, {"01_x": {"c1": 2}}, {"01_x": "A title"})
    assert '<tr id="value-a.first">' in text
    assert text.count('<a href="../../build/pages/notebooks/01_x.html#cell-c1">01, cell 2</a>') == 3
    assert text.count('href="#inputs-01-2">1 input<') == 2
    assert text.count('href="#inputs-01-1">0 inputs<') == 1
    assert "exactly 0.8484" in text
    assert "exactly 2" not in text
    assert "Pearson&#x27;s &lt;r&gt;" in text
    assert text.count("<td>" + "ab" * 10 + "</td>") == 1
    assert '<details class="fold" id="inputs-01-1"><summary>Set 1: 0 inputs</summary>' in text
    assert '<details class="fold"><summary>2 values</summary>' in text


def test_a_later_set_of_inputs_names_only_what_came_after() -> None:
    first, second, other = (
        {"a": "1" * 64},
        {"a": "1" * 64, "b": "2" * 64},
        {"a": "3" * 64, "b": "2" * 64, "c": "4" * 64},
    )
    records = {f"x.{i}": record(inputs=inputs) for i, inputs in enumerate((second, other, first))}
    text = provenance.body(records, {}, {}, {})
    sets = text.split('id="inputs-')[1:]
    assert [line.count("<td>") / 2 for line in sets] == [1, 1, 3]
    assert 'The 1 input of <a href="#inputs-01-1">set 1</a>, with the same parameters, and:' in sets[1]
    assert "2" * 20 in sets[1]
    assert "1" * 20 not in sets[1]
    assert "set 2</a>" not in sets[2]  # a file that changed meanwhile is listed again, with all the others
    changed = provenance.body(
        records | {"x.9": record(inputs=second | {"c": "5"}, parameters={"groups": 4})}, {}, {}, {}
    )
    assert changed.split('id="inputs-')[-1].count("<td>") == 6  # nothing is taken over from a run with other parameters


def test_provenance_of_a_cell_that_no_page_shows_links_to_the_notebook_alone() -> None:
    text = provenance.body({"a.b": record(cell="gone")}, {}, {"01_x": {}}, {})
    assert 'href="../../build/pages/notebooks/01_x.html">01_x</a>' in text


def test_the_catalogue_shows_titles_letter_by_letter(tmp_path: Path) -> None:
    title = "A <script>x</script> *b* {{< var x >}} [c](javascript:d) $e$ {#f} \n# England's 'g'"
    package = {"title": title, "resources": [{"name": "one", "title": title, "path": "one.csv"}]}
    (tmp_path / "data").mkdir()
    (tmp_path / "data/one.csv").write_text("a\n1\n")
    (tmp_path / "data/datapackage.json").write_text(json.dumps(package))
    shown = subprocess.run(
        [pandoc.program(), "-f", pandoc.READER, "-t", "html"],
        input=catalogue.body(tmp_path / "data"), capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    headings = [node.text_content() for node in lxml.html.fromstring(f"<div>{shown}</div>").xpath("//h2 | //h3")]
    assert [" ".join(heading.split()).replace("’", "'").replace("‘", "'") for heading in headings] == [
        " ".join(title.split())
    ] * 2
    (tmp_path / "data/datapackage.json").write_text("{")
    with pytest.raises(CompendiumError, match=r"data/datapackage.json, row 1: the file is not JSON"):
        catalogue.body(tmp_path / "data")


def test_the_catalogue_counts_records_and_names_what_is_missing(tmp_path: Path) -> None:
    data = tmp_path / "data"
    (data / "published").mkdir(parents=True)
    (data / "published/a.csv").write_text('name,text\nx,"two\nlines"\ny,one\n', "utf-8")
    field = {"name": "name", "type": "string", "description": "A <name>."}
    package = {
        "title": "Facts",
        "licenses": [{"title": "CC BY 4.0"}],
        "resources": [
            {"name": "a", "path": "published/a.csv", "title": "Table A", "schema": {"fields": [field]}},
            {"name": "b", "path": "published/b.csv", "title": "Table B", "schema": {"fields": []}},
        ],
    }
    (data / "datapackage.json").write_text(json.dumps(package), "utf-8")
    text = catalogue.body(data)
    assert "### Table A {#data-published-a}" in text
    assert "2 rows · 1 fields" in text
    assert "A &lt;name&gt;." in text
    assert "Described, but not written yet." in text
    assert "Licence: CC BY 4.0." in text


def test_a_data_package_that_is_no_json_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/datapackage.json").write_text("{", "utf-8")
    with pytest.raises(CompendiumError, match=r"datapackage\.json"):
        catalogue.body(tmp_path / "data")


def test_a_script_cannot_close_itself() -> None:
    text = explorers.script("x", {"name": "</script><b>"})
    assert "</script>" not in text
    assert json.loads(text[text.index(', { "x": ') + 9 : text.rindex(" });")]) == {"name": "</script><b>"}


def test_the_explorer_has_every_system_with_its_printed_values(project: Path, tmp_path: Path) -> None:
    audited = {"Verdict": "not testable with these data", "As printed": "10", "Reason": "a reason"}
    rows = explorers.ics_rows(project / "data", {("Greater Manchester", "trust_count"): audited})
    assert len(rows) == 42
    assert rows[0]["name"] == "Greater Manchester"
    assert rows[0]["printed"]["population"] == 3146943
    assert rows[0]["classes"]["most_deprived_fifth_percent"] == "high"
    assert rows[0]["audit"] == {"trust_count": {"value": 10, "verdict": audited["Verdict"], "reason": "a reason"}}
    assert rows[1]["audit"] == {}
    assert len({(row["column"], row["row"]) for row in rows}) == 42
    assert len({row["page"] for row in rows}) == 42
    assert explorers.audits(tmp_path) == {}


def test_nothing_in_the_explorers_names_a_site_beside_an_area(project: Path) -> None:
    names = {row["name"] for row in explorers.ics_rows(project / "data", {})}
    shared = explorers.script("evidence", codedevidence.content(project / "data/coding"))
    assert not [name for name in names if re.search(rf"\b{re.escape(name)}\b", shared)]
    assert not [key for row in explorers.ics_rows(project / "data", {}) for key in row if "site" in key]


def test_every_segment_and_every_link_to_one_are_there(project: Path) -> None:
    evidence = codedevidence.content(project / "data/coding")
    table = codedevidence.segment_table(evidence)
    anchors = set(re.findall(r'id="(segment-[^"]+)"', table))
    assert len(anchors) == len(evidence["segments"]) > 200
    linked = codedevidence.findings(project / "data/coding") + codedevidence.conflicts(project / "data/coding")
    assert set(re.findall(r"evidence\.html#(segment-[^\"]+)", linked)) <= anchors
    codes = {(item["study"], item["id"]) for item in evidence["codes"]}
    assert all((item["study"], name) in codes for item in evidence["segments"] for name in item["codes"])


def test_labels_are_short_and_no_quotation_is_shown(project: Path) -> None:
    evidence = codedevidence.content(project / "data/coding")
    assert max(len(item["label"].split()) for item in evidence["segments"]) <= 8


def test_without_coded_evidence_the_pages_are_still_written(tmp_path: Path) -> None:
    evidence = codedevidence.content(tmp_path)
    assert evidence["segments"] == []
    assert "No findings" in codedevidence.findings(tmp_path)
    assert "No conflicts" in codedevidence.conflicts(tmp_path)


def test_the_ledger_links_recorded_results_only(tmp_path: Path) -> None:
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables/ledger.csv").write_text(
        "No.,Printed,Result\np-1,42,ics.count\np-2,7,gone.key\np-3,8,\n", "utf-8"
    )
    text = registers.ledger(tmp_path, {"ics.count"})
    assert '<tr id="claim-p-1">' in text
    assert 'href="../../manuscript/site/provenance.html#value-ics.count"' in text
    assert text.count("<a ") == 1
    assert "<code>gone.key</code>" in text


def test_a_register_that_was_not_built_says_so(tmp_path: Path) -> None:
    assert "Not in this build" in registers.ledger(tmp_path, set())
    assert "Not in this build" in registers.inconsistencies(tmp_path, "certain")


def test_inconsistencies_are_shown_by_certainty_and_slips_are_folded_away(tmp_path: Path) -> None:
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables/inconsistencies.csv").write_text(
        "No.,Topic,Certainty\ni1,one,certain\ni3,three,editorial\n", "utf-8"
    )
    certain, reading, editorial = (registers.inconsistencies(tmp_path, level) for level in registers.CERTAINTIES)
    assert '<tr id="inconsistency-i1"><td>i1</td><td class="named">one</td></tr>' in certain
    assert "i3" not in certain
    assert "<details" not in certain
    assert reading == "None.\n"
    assert editorial.index("<details") < editorial.index('id="inconsistency-i3"') < editorial.index("</details>")


def test_missing_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(CompendiumError, match=r"values\.json"):
        pages.write_pages(tmp_path / "build", tmp_path)
    with pytest.raises(CompendiumError, match=r"gone\.csv"):
        markup.read_csv(tmp_path / "gone.csv")


def test_pages_are_written_in_one_step_and_alike_each_time(
    project: Path, tmp_path: Path, notebook: dict[str, Any]
) -> None:
    build = tmp_path / "build"
    (build / "results").mkdir(parents=True)
    (build / "notebooks").mkdir()
    (build / "results/values.json").write_text(json.dumps({"a.b": record()}), "utf-8")
    (build / "results/results.json").write_text("{}", "utf-8")
    (build / "notebooks/01_x.ipynb").write_text(json.dumps(notebook), "utf-8")
    first = {path: path.read_bytes() for path in pages.write_pages(build, project)}
    assert {path.name for path in first} >= {
        "01_x.qmd",
        "provenance.md",
        "data.md",
        "ics.js",
        "evidence.js",
        "ledger.md",
    }
    assert {path: path.read_bytes() for path in pages.write_pages(build, project)} == first
    studies = {path.parent.name for path in (project / "data/coding").glob("*/segments.csv")}
    downloads = {path.name for path in first if path.parent.name == "downloads"}
    assert downloads == {f"{study}.{kind}" for study in studies for kind in ("qdpx", "qdc")}
    listed = (build / "pages/coding-downloads.md").read_text("utf-8")
    assert all(f"(/build/pages/downloads/{name})" in listed for name in downloads)
    (build / "notebooks/01_x.ipynb").write_text("{", "utf-8")
    with pytest.raises(CompendiumError):
        pages.write_pages(build, project)
    assert {path: path.read_bytes() for path in first} == first
    assert not [path for path in build.iterdir() if path.name.startswith(".")]


def test_an_imported_project_is_never_offered(project: Path, tmp_path: Path) -> None:
    coding = tmp_path / "coding"
    for name in ("transcribed", "imported"):
        shutil.copytree(project / "data/coding/goddard", coding / name)
    (coding / "imported" / "project.json").write_text("{}", "utf-8")
    listed = pages._coding_downloads(coding, tmp_path / "downloads")
    assert sorted(path.name for path in (tmp_path / "downloads").iterdir()) == ["transcribed.qdc", "transcribed.qdpx"]
    assert "imported" not in listed


def test_the_website_takes_coded_evidence_by_name_only(project: Path) -> None:
    import yaml

    written = yaml.safe_load((project / "_quarto-site.yml").read_text("utf-8"))["project"]["resources"]
    resources = [pattern.removeprefix("/") for pattern in written]
    taken = {pattern.split("/")[2] for pattern in resources if pattern.startswith("data/coding/")}
    folders = {path.name for path in (project / "data/coding").iterdir() if path.is_dir()}
    assert not any("*" in name for name in taken)
    assert taken <= folders
    assert not any(fnmatch.fnmatch("data/coding/imported/segments.csv", pattern) for pattern in resources
                   if pattern.count("/") >= 3)  # fmt: skip
    assert "data/coding/*/texts/" in (project / ".gitignore").read_text("utf-8").splitlines()


def test_a_table_with_a_byte_order_mark_and_windows_line_ends_reads_alike(tmp_path: Path) -> None:
    (tmp_path / "plain.csv").write_bytes(b"a,b\n1,2\n")
    (tmp_path / "marked.csv").write_bytes(b"\xef\xbb\xbfa,b\r\n1,2\r\n")
    assert markup.read_csv(tmp_path / "plain.csv") == markup.read_csv(tmp_path / "marked.csv") == [{"a": "1", "b": "2"}]
