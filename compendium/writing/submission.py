"""The submission pack: what a journal's upload asks for, made from the paper's source and the results, in one zip.

Manuscripts for review have line numbers and double spacing and leave figures to files of their own; one of the two
names no author. Everything is rendered by the embedded engine, and two packs of one commit have identical bytes.
"""

from __future__ import annotations

import dataclasses
import hashlib
import io
import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from compendium.errors import CompendiumError
from compendium.project import replaced_folder, write_bytes, write_text
from compendium.render import documents, pandoc
from compendium.render.sources import Line, Project, Source, expand, load_project
from compendium.writing import reporting

OUTPUT = "_output/submission"
ARCHIVE = "submission.zip"
COVER_LETTER = "manuscript/paper/_cover-letter.qmd"
SUPPLEMENT = "manuscript/paper/_supplement.qmd"
IDENTIFYING = ("sec-paper-contributors", "sec-paper-acknowledgements")
WITHHELD = "Withheld for review."
DPI = 300
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip can hold
SPACED = ("BodyText", "FirstParagraph", "Compact", "Abstract", "Bibliography", "Callout", "BlockText")
DOUBLE = 480  # 240ths of a line
FIGURE = re.compile(r"^!\[.*\]\(/(build/results/figures/([\w-]+))\)\{#fig-")
TABLE = "build/results/tables/"

PACKED = {
    "manuscript.docx": "manuscript with authors, line numbers, double spacing",
    "manuscript-blinded.docx": "the same without authors",
    "manuscript.pdf": "manuscript as PDF with line numbers, figures and tables in place",
    "manuscript.xml": "manuscript as JATS XML",
    "tables.docx": "tables of the manuscript, editable",
    "supplement.pdf": "supplementary file: outline of the interview guide, evidence",
    "supplement.docx": "the same, editable",
    "cover-letter.docx": "cover letter, draft",
}


def pack(root: Path) -> list[Path]:
    """Write the pack into ``_output/submission/`` and return its files, the zip first.

    Raises CompendiumError where the paper, a result or a source of the pack is missing; the previous pack then stays.
    """
    reporting.draft(root)
    project = load_project(root, "paper")
    paper = expand(project, reporting.PAPER)
    with replaced_folder(root / OUTPUT, ARCHIVE, root) as staging:
        _manuscripts(project, paper, staging)
        xml = (staging / "manuscript.xml").read_text(encoding="utf-8")
        write_text(staging / "manuscript.xml", with_figures_of_pack(xml, figures(paper)))
        _beside(project, paper, staging)
        for number, name in enumerate(figures(paper), start=1):
            _figure(root, name, staging / f"figures/figure-{number}")
        shutil.rmtree(staging / "build", ignore_errors=True)
        shutil.rmtree(staging / "styles", ignore_errors=True)
        files = sorted(path for path in staging.rglob("*") if path.is_file())
        write_text(staging / "MANIFEST.md", manifest(staging, files))
        files.append(staging / "MANIFEST.md")
        write_bytes(staging / ARCHIVE, archived(staging, files))
        written = [path.relative_to(staging) for path in [staging / ARCHIVE, *files]]
    return [root / OUTPUT / path for path in written]


def figures(paper: Source) -> list[str]:
    """Return the names of the recorded figures that the paper shows, in order."""
    return [match[2] for line in paper.lines if (match := FIGURE.match(line.text))]


def blinded(paper: Source) -> Source:
    """Return the paper without its authors and without the text of the sections that name them."""
    kept: list[Line] = []
    hiding = 0
    for line in paper.lines:
        heading = re.match(r"(#+)\s.*?(?:#([\w-]+))?[^#]*$", line.text)
        if heading and hiding and len(heading[1]) <= hiding:
            hiding = 0
        if not hiding:
            kept.append(line)
        if heading and any(f"#{label}" in line.text for label in IDENTIFYING):
            hiding = len(heading[1])
            kept += [dataclasses.replace(line, text=text) for text in ("", WITHHELD, "")]
    meta = {key: value for key, value in paper.meta.items() if key not in ("author", "authors", "affiliations")}
    return dataclasses.replace(paper, meta=meta, lines=tuple(kept))


def for_review(content: bytes) -> bytes:
    """Return a Word document with double spacing and without its pictures; captions stay."""

    def document(text: str) -> str:
        drawing = r"<w:r>(?:(?!</w:r>).)*<w:drawing>.*?</w:drawing>(?:(?!</w:r>).)*</w:r>"
        return re.sub(drawing, "", text, flags=re.DOTALL)

    def styles(text: str) -> str:
        for name in SPACED:
            text = re.sub(
                rf'<w:style [^>]*w:styleId="{name}"[^>]*>.*?</w:style>',
                lambda match: _spaced(match[0]),
                text,
                flags=re.DOTALL,
            )
        return text

    def relations(text: str) -> str:
        return re.sub(r'<Relationship [^>]*Target="media/[^>]*/>', "", text)

    changes: dict[str, Callable[[str], str]] = {
        "word/document.xml": document,
        "word/styles.xml": styles,
        "word/_rels/document.xml.rels": relations,
    }
    return rezipped(content, changes, lambda name: not name.startswith("word/media/"))


def with_figures_of_pack(text: str, names: list[str]) -> str:
    """Return JATS that names the pack's own files for the recorded figures that it shows, in order."""
    for number, name in enumerate(names, start=1):
        text = text.replace(f'"build/results/figures/{name}.png"', f'"figures/figure-{number}.tif"')
    return text


def _spaced(style: str) -> str:
    line = f'w:line="{DOUBLE}" w:lineRule="auto"'
    if "<w:spacing" in style:
        style = re.sub(r'(<w:spacing\b[^>]*?)\s*w:line(?:Rule)?="[^"]*"', r"\1", style)
        style = re.sub(r'(<w:spacing\b[^>]*?)\s*w:line(?:Rule)?="[^"]*"', r"\1", style)
        return re.sub(r"<w:spacing\b", f"<w:spacing {line}", style, count=1)
    if "<w:pPr>" in style:
        return style.replace("<w:pPr>", f"<w:pPr><w:spacing {line} />", 1)
    return style.replace("</w:style>", f"<w:pPr><w:spacing {line} /></w:pPr></w:style>")


def rezipped(content: bytes, changes: dict[str, Callable[[str], str]], keep: Callable[[str], bool]) -> bytes:
    """Return a zip with some members changed or left out, the same bytes every time."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for item in old.infolist():
            if keep(item.filename):
                data = old.read(item)
                if item.filename in changes:
                    data = changes[item.filename](data.decode("utf-8")).encode("utf-8")
                _store(new, item.filename, data)
    return out.getvalue()


def archived(folder: Path, files: list[Path]) -> bytes:
    """Return files as one zip with their paths below ``folder``, the same bytes every time."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path in sorted(files):
            _store(archive, path.relative_to(folder).as_posix(), path.read_bytes())
    return out.getvalue()


def _store(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    item = zipfile.ZipInfo(name, EPOCH)
    item.compress_type, item.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
    archive.writestr(item, data, compresslevel=9)


def manifest(folder: Path, files: list[Path]) -> str:
    """Return the list of the pack's files: name, what it is, size and SHA-256."""
    rows = []
    for path in files:
        name, data = path.relative_to(folder).as_posix(), path.read_bytes()
        about = PACKED.get(
            name, f"figure, {DPI} dpi in print" if name.endswith((".tif", ".png")) else "figure, vectors"
        )
        if name.startswith("tables/"):
            about = "data of a table"
        if Path(name).stem in reporting.CHECKLISTS:
            about = f"{Path(name).stem.upper()} checklist, filled in"
        rows.append(f"| {name} | {about} | {len(data):,} | `{hashlib.sha256(data).hexdigest()}` |\n")
    head = "| File | What it is | Bytes | SHA-256 |\n| :--- | :--------- | ----: | :------ |\n"
    return f"# Submission pack\n\n{head}{''.join(rows)}"


# --- documents -----------------------------------------------------------------------------------------------


def _manuscripts(project: Project, paper: Source, staging: Path) -> None:
    _written(project, "manuscript", paper, ["docx", "jats", "typst"], staging)
    _written(project, "manuscript-blinded", blinded(paper), ["docx"], staging)
    for name in ("manuscript.docx", "manuscript-blinded.docx"):
        write_bytes(staging / name, for_review((staging / name).read_bytes()))


def _beside(project: Project, paper: Source, staging: Path) -> None:
    """Write tables, checklist, supplement and cover letter."""
    shown = [line for line in paper.lines if line.file.startswith(TABLE)]
    _written(project, "tables", _source(paper, "Tables", shown), ["docx"], staging)
    for file in dict.fromkeys(line.file for line in shown):
        data = (project.root / file).with_suffix(".csv")
        write_bytes(staging / "tables" / data.name, data.read_bytes())
    for name in reporting.CHECKLISTS:
        unlinked = [
            dataclasses.replace(line, text=re.sub(r"\[([^\]]*)\]\(#[^)]*\)", r"\1", line.text))
            for line in paper.lines
            if line.file == f"{reporting.FOLDER}/{name}.md"
        ]
        if unlinked:
            _written(project, name, _source(paper, f"{name.upper()} checklist", unlinked), ["typst"], staging)
    _written(project, "supplement", expand(project, SUPPLEMENT), ["typst", "docx"], staging)
    _written(project, "cover-letter", expand(project, COVER_LETTER), ["docx"], staging)


def _source(paper: Source, title: str, lines: list[Line]) -> Source:
    if not lines:
        raise CompendiumError(f"the paper shows nothing for '{title}'", file=paper.file)
    front = [Line(text, paper.file, 1) for text in ("---", f'title: "{title}"', "---", "")]
    separated = [
        item for line in lines for item in ([line, Line("", line.file, line.number)] if line.text == ":::" else [line])
    ]
    meta: dict[str, Any] = {"title": title}
    return Source(paper.file, meta, (*front, *separated), 3)


def _written(project: Project, name: str, source: Source, formats: list[str], staging: Path) -> None:
    documents.article(project, f"{Path(reporting.PAPER).parent}/{name}.qmd", formats, staging, source=source)


def _figure(root: Path, name: str, stem: Path) -> None:
    """Write a figure as SVG, PNG, TIFF and PDF at its size in print."""
    from PIL import Image

    drawn = root / "build/results/figures" / name
    for suffix in (".svg", ".png"):
        if not drawn.with_suffix(suffix).is_file():
            raise CompendiumError("the figure is missing", file=f"build/results/figures/{name}{suffix}")
        write_bytes(stem.with_suffix(suffix), drawn.with_suffix(suffix).read_bytes())
    with Image.open(drawn.with_suffix(".png")) as picture:
        width = picture.width / DPI * 25.4
        out = io.BytesIO()
        picture.convert("RGB").save(out, format="TIFF", compression="tiff_lzw", dpi=(DPI, DPI))
    write_bytes(stem.with_suffix(".tif"), out.getvalue())
    markup = (
        "#set page(width: auto, height: auto, margin: 0pt)\n"
        f'#image("/build/results/figures/{name}.svg", width: {width:.3f}mm)\n'
    )
    write_bytes(stem.with_suffix(".pdf"), pandoc.pdf(markup, root, name))
