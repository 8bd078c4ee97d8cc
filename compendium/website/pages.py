"""Pages that the chain writes for the website: executed notebooks, provenance, data, and the explorers' data.

They are Quarto sources under ``build/pages/``: whole pages for the notebooks, bodies to include for the others.
"""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
from pathlib import Path
from typing import Any

from compendium import arguments, settings
from compendium.chain.notebooks import place
from compendium.errors import CompendiumError
from compendium.evidence import publication
from compendium.project import replaced_folder, write_bytes, write_text
from compendium.website import (
    catalogue,
    citation,
    codedevidence,
    codepages,
    identity,
    provenance,
    reference,
    registers,
    valuecards,
)
from compendium.website.markup import raw, read_json

READER = ("reader.js", "reader.css")  # what shows values and terms without leaving the page
DOCS = "docs"  # a project that documents the tool carries its reference too
ANSI = re.compile(r"\x1b\[[0-9;]*m")
TITLE = re.compile(r"#\s+(.+)")


def write_pages(build: Path, root: Path) -> list[Path]:
    """Write every generated page into ``build/pages/`` in one step; return the files.

    Parameters
    ----------
    build : the build folder with ``notebooks/`` (executed) and ``results/`` (merged).
    root : the project's folder, for ``data/``.

    Raises
    ------
    CompendiumError : results, a notebook or a data package cannot be read.
    """
    values = read_json(build / "results/values.json")
    objects = read_json(build / "results/results.json")
    executed = [(path.stem, read_json(path)) for path in sorted((build / "notebooks").glob("*.ipynb"), key=place)]
    places = {name: cell_numbers(notebook) for name, notebook in executed}
    binder = settings.read(root).website.get("binder", "")
    with replaced_folder(build / "pages") as staging:
        for name, notebook in executed:
            _write_notebook(staging / "notebooks", name, notebook, recorded_figures(objects, name), binder)
        titles = {name: notebook_title(notebook, name) for name, notebook in executed}
        write_text(staging / "notebook-list.md", notebook_list(executed))
        write_text(staging / "provenance.md", provenance.body(values, objects, places, titles))
        code = valuecards.cell_code(dict(executed))
        cards = valuecards.content(values, objects, places, titles, code, build / "results")
        write_text(staging / "values.js", cards)
        write_text(
            staging / "site.json", json.dumps(identity.record(root, objects), ensure_ascii=False, indent=1) + "\n"
        )
        for name in READER:
            write_text(staging / name, (Path(__file__).parent / name).read_text("utf-8"))
        write_text(staging / "citation.md", citation.body(root))
        write_text(staging / "data.md", catalogue.body(root / "data"))
        write_text(staging / "ledger.md", registers.ledger(build / "results", values))
        for level in registers.CERTAINTIES:
            write_text(staging / f"inconsistencies-{level}.md", registers.inconsistencies(build / "results", level))
        write_text(staging / "audit.md", registers.audit(build / "results"))
        coding = root / "data" / "coding"
        for name, content in {**codedevidence.files(coding), **codepages.files(coding), **_own(build, root)}.items():
            write_text(staging / name, content)
        write_text(staging / "coding-downloads.md", _coding_downloads(coding, staging / "downloads"))
        if (root / DOCS).is_dir():
            reference.write(staging / "reference", root, arguments.parser())
        written = [path.relative_to(staging) for path in sorted(staging.rglob("*")) if path.is_file()]
    return [build / "pages" / path for path in written]


def _own(build: Path, root: Path) -> dict[str, str]:
    """Return the files that the study's own module of pages adds: name -> content."""
    module = settings.module("pages", root)
    return module.files(root / "data", build / "results") if module else {}


def _coding_downloads(coding: Path, folder: Path) -> str:
    """Export each study's coded evidence as REFI-QDA files; return the list that links to them.

    An imported project may hold whole transcripts and is never offered.
    """
    found = sorted(path.parent for path in coding.glob("*/segments.csv"))
    studies = [study for study in found if not publication.is_import(study)]
    if not studies:
        return "None.\n"
    from compendium import refiqda  # brings pandas, so only where there is something to export

    lines = []
    for study in studies:
        refiqda.export_project(study, folder / f"{study.name}.qdpx")
        refiqda.export_codebook(study, folder / f"{study.name}.qdc")
        links = ", ".join(f"[{kind}](/build/pages/downloads/{study.name}.{kind})" for kind in ("qdpx", "qdc"))
        lines.append(f"- `{study.name}`: {links}")
    return "\n".join(lines) + "\n"


def code_cells(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the code cells that a reader sees, in order."""
    return [
        cell
        for cell in notebook.get("cells", [])
        if cell.get("cell_type") == "code" and "remove-cell" not in cell.get("metadata", {}).get("tags", [])
    ]


def cell_numbers(notebook: dict[str, Any]) -> dict[str, int]:
    """Return the number that readers see for each code cell: id -> 1, 2, 3 ..."""
    return {str(cell.get("id", "")): number for number, cell in enumerate(code_cells(notebook), start=1)}


def notebook_title(notebook: dict[str, Any], name: str) -> str:
    """Return the first first-level heading of a notebook's prose, else its name."""
    for cell in notebook.get("cells", []):
        match = TITLE.match(_joined(cell.get("source")))
        if cell.get("cell_type") == "markdown" and match:
            return match[1].strip()
    return name


def notebook_list(executed: list[tuple[str, dict[str, Any]]]) -> str:
    """Return a list of the notebook pages, each with the question that it answers."""
    lines = []
    for name, notebook in executed:
        text = "\n".join(_joined(c.get("source")) for c in notebook["cells"] if c.get("cell_type") == "markdown")
        question = re.search(r"\*\*Question\.\*\*\s*(.+?)(?:\n\s*\n|$)", text, re.DOTALL)
        asked = " ".join(question[1].split()) if question else ""
        title = notebook_title(notebook, name)
        lines.append(f"[{title}](/build/pages/notebooks/{name}.qmd)\n:   {asked or 'A notebook of the chain.'}\n")
    return "\n".join(lines)


def recorded_figures(objects: dict[str, Any], notebook: str) -> dict[str, list[dict[str, Any]]]:
    """Return the figures that a notebook recorded: cell id -> records, in the order of their ids."""
    found: dict[str, list[dict[str, Any]]] = {}
    for identifier, record in objects.items():
        if record.get("kind") == "figure" and record.get("notebook") == notebook:
            found.setdefault(str(record.get("cell")), []).append({"id": identifier, **record})
    return found


def _write_notebook(
    folder: Path, name: str, notebook: dict[str, Any], figures: dict[str, list[dict[str, Any]]], binder: str
) -> None:
    text, images = notebook_page(name, notebook, figures, binder)
    write_text(folder / f"{name}.qmd", text)
    for file, content in images.items():
        write_bytes(folder / file, content)


def notebook_page(
    name: str, notebook: dict[str, Any], figures: dict[str, list[dict[str, Any]]] | None = None, binder: str = ""
) -> tuple[str, dict[str, bytes]]:
    """Return an executed notebook as a Quarto page, and the images that lie beside it.

    Tables take the page's width, prose keeps its measure. Every cell has the anchor ``#cell-ID``. Code is folded,
    parameters are open. A picture that the cell recorded as a figure is shown from the results, so that it is sharp
    at every size.

    Parameters
    ----------
    name : the notebook's name without suffix.
    notebook : its content (nbformat 4).
    figures : recorded figures by cell, as `recorded_figures` returns them.
    binder : address at which Binder runs the repository, if there is one.
    """
    numbers = cell_numbers(notebook)
    language = notebook.get("metadata", {}).get("kernelspec", {}).get("language", "python")
    title = notebook_title(notebook, name)
    images: dict[str, bytes] = {}
    parts = [
        f"---\ntitle: {json.dumps(title, ensure_ascii=False)}\npage-layout: full\nbody-classes: wide notebook\n"
        "facet: Notebooks\n---\n",
        raw(f'<p class="notebook-files">As it ran: {_file_link(name)}{_run_link(binder, name)}</p>'),
    ]
    for cell in notebook.get("cells", []):
        identifier, source = str(cell.get("id", "")), _joined(cell.get("source"))
        if cell.get("cell_type") == "markdown":
            if (match := TITLE.match(source)) and match[1].strip() == title:
                source = source[match.end() :].lstrip("\n")
            anchor = raw(f'<span id="cell-{html.escape(identifier)}" class="cell-anchor"></span>')
            parts.append(f"{anchor}\n{_literal(source)}\n")
        elif identifier in numbers:
            shown = _code(source, language, numbers[identifier], cell)
            recorded = list((figures or {}).get(identifier, []))
            for place, output in enumerate(cell.get("outputs", [])):
                text, image = _output(output, recorded, f"{name}_files/{identifier}-{place}")
                shown += text
                images |= image
            parts.append(f"::: {{#cell-{identifier} .cell}}\n\n{shown}\n:::\n")
    return "\n".join(parts), images


def _file_link(name: str) -> str:
    """Return a link to the executed notebook's file; as a link of Markdown it would lead to its page."""
    file = html.escape(f"{name}.ipynb")
    return f'<a href="../../notebooks/{file}" download>{file}</a>'


def _run_link(binder: str, name: str) -> str:
    """Return a link that runs the notebook in the browser, where the project says at which address."""
    if not binder:
        return ""
    address = f"{binder}{'&' if '?' in binder else '?'}urlpath=lab%2Ftree%2Fnotebooks%2F{name}.ipynb"
    return f' · <a href="{html.escape(address)}">Run this notebook</a>'


def _code(source: str, language: str, number: int, cell: dict[str, Any]) -> str:
    if not source.strip():
        return ""
    tags = set(cell.get("metadata", {}).get("tags", []))
    is_open = " open" if tags & {"parameters", "injected-parameters"} else ""
    words = f"Cell {number}: parameters" if is_open else f"Cell {number}"
    before = raw(f'<details class="code-fold"{is_open}><summary>{words}</summary>')
    return f"{before}\n{_fenced(_literal(source), f'{{.{language} .cell-code}}')}\n{raw('</details>')}\n"


def _output(output: dict[str, Any], recorded: list[dict[str, Any]], stem: str) -> tuple[str, dict[str, bytes]]:
    """Return one output as Markdown, and the picture to be written beside the page where it has one."""
    kind = output.get("output_type")
    if kind == "stream":
        return _plain(_joined(output.get("text"))), {}
    if kind == "error":
        return _plain("\n".join(output.get("traceback", [])), ".error"), {}
    data, about = output.get("data", {}), output.get("metadata", {})
    if "text/markdown" in data:
        return f"::: {{.cell-output}}\n\n{_literal(_joined(data['text/markdown']))}\n\n:::\n", {}
    for mime, suffix in (("image/svg+xml", ".svg"), ("image/png", ".png"), ("image/jpeg", ".jpg")):
        if mime not in data:
            continue
        alt = str(about.get(mime, {}).get("alt", "")) or "A figure that this cell draws."
        record = next((item for item in recorded if item.get("alt") == alt), None)
        if record is not None:
            return _image(f"/build/results/figures/{record['id']}", alt), {}
        content = _joined(data[mime])
        try:
            image = content.encode() if suffix == ".svg" else base64.b64decode("".join(content.split()), validate=True)
        except binascii.Error as error:
            raise CompendiumError("a picture of a notebook is damaged", file=stem, found=mime) from error
        return _image(stem + suffix, alt), {stem + suffix: image}
    if "text/html" in data:
        return raw(f'<div class="cell-output table-scroll">{_table(_joined(data["text/html"]))}</div>') + "\n", {}
    if "text/plain" in data:
        return _plain(_joined(data["text/plain"])), {}
    return "", {}


def _image(path: str, alt: str) -> str:
    alt = alt.replace("\\", "\\\\").replace('"', "&quot;")
    return f'::: {{.cell-output}}\n\n![]({path}){{fig-alt="{alt}"}}\n\n:::\n'


def _table(markup: str) -> str:
    """Return pandas' HTML table without the style that it brings along."""
    markup = re.sub(r"<style[^>]*>.*?</style>", "", markup, flags=re.DOTALL)
    return re.sub(r' (?:border="1"|style="text-align: right;")', "", markup)


def _plain(text: str, more: str = "") -> str:
    return _fenced(_literal(ANSI.sub("", text)), f"{{.cell-output .text{' ' + more if more else ''}}}") + "\n"


def _fenced(text: str, opening: str) -> str:
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    ticks = "`" * (longest + 1)
    return f"{ticks} {opening}\n{text.rstrip()}\n{ticks}\n"


def _literal(text: str) -> str:
    """Return text whose shortcodes stay as they are written."""
    return re.sub(r"\{\{<(.*?)>\}\}", r"{{{<\1>}}}", text)


def _joined(value: Any) -> str:
    return "".join(value) if isinstance(value, list) else str(value or "")
