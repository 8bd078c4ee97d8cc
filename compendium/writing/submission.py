"""The submission pack: what a journal's upload asks for, made from the paper's source and the results, in one zip.

The main document has line numbers, double spacing and its tables in place, and leaves figures to files of their own.
No file hides the authors, for journals with open reviews. Everything is rendered by the embedded engine, and two
packs of one commit have identical bytes.
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
from compendium.writing import reporting, titlepage

OUTPUT = "_output/submission"
BESIDE = "beside"  # what the upload does not ask for
ARCHIVE = "submission.zip"
COVER_LETTER = "manuscript/paper/_cover-letter.qmd"
SUPPLEMENT = "manuscript/paper/_supplement.qmd"
SUPPLIED = "the supplementary file"
DPI = 300
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip can hold
SPACED = ("BodyText", "FirstParagraph", "Compact", "Abstract", "Bibliography", "Callout", "BlockText")
DOUBLE = 480  # 240ths of a line
FIGURE = re.compile(r"^!\[.*\]\(/(build/results/figures/([\w-]+))\)\{#fig-")
TABLE = "build/results/tables/"

PACKED = {
    "cover-letter.docx": ("Cover letter", "says what this is"),
    "title-page.docx": ("Title page", "authors, contributors, counts of words, statements"),
    "main-document.docx": (
        "Main document",
        "text with tables, line numbers, double spacing; figures by their captions",
    ),
    "supplement.pdf": ("Supplementary file", "methods, audit, findings and their evidence"),
    "beside/main-document.pdf": ("", "the main document as PDF, figures and tables in place"),
    "beside/main-document.xml": ("", "the same as JATS XML"),
    "beside/tables.docx": ("", "the tables alone, editable"),
    "beside/supplement.docx": ("", "the supplementary file, editable"),
}
"""Files of the pack: what each is uploaded as ("" for what is only kept beside), and what it holds."""


def pack(root: Path) -> list[Path]:
    """Write the pack into ``_output/submission/`` and return its files, the zip first.

    Raises CompendiumError where the paper, a result or a source of the pack is missing; the previous pack then stays.
    """
    reporting.draft(root)
    project = load_project(root, "paper")
    paper = without_supplement(expand(project, reporting.PAPER), expand(project, SUPPLEMENT))
    with replaced_folder(root / OUTPUT, ARCHIVE, root) as staging:
        _main_document(project, paper, staging)
        _around(project, paper, staging)
        for number, name in enumerate(figures(paper), start=1):
            _figure(root, name, staging, f"figure-{number}")
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


def without_supplement(paper: Source, supplement: Source) -> Source:
    """Return the paper without the sections that the supplementary file holds; links to them become their words.

    A section is the supplement's where both documents head it with the same label.
    """
    theirs = {label for line in supplement.lines if (label := _heading(line.text)[1])}
    kept: list[Line] = []
    dropped: list[Line] = []
    hiding = 0
    for line in paper.lines:
        level, label = _heading(line.text)
        if level and (not hiding or level <= hiding):
            hiding = level if label in theirs else 0
        (dropped if hiding else kept).append(line)
    gone = {label for line in dropped for label in re.findall(r"\{[^{}]*?#([\w-]+)", line.text)}

    def unlinked(line: Line) -> Line:
        text = re.sub(
            r"\[([^\[\]]*)\]\(#([\w-]+)\)", lambda match: match[1] if match[2] in gone else match[0], line.text
        )
        text = re.sub(r"@((?:fig|tbl|sec)-[\w-]+)", lambda match: SUPPLIED if match[1] in gone else match[0], text)
        return dataclasses.replace(line, text=text)

    return dataclasses.replace(paper, lines=tuple(map(unlinked, kept)))


def _heading(text: str) -> tuple[int, str]:
    """Return the level and the label of a heading; 0 and "" of another line."""
    match = re.match(r"(#{1,6})\s.*?(?:\{[^{}]*#([\w-]+)[^{}]*\})?\s*$", text)
    return (len(match[1]), match[2] or "") if match else (0, "")


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
        text = text.replace(f'"build/results/figures/{name}.png"', f'"../figures/figure-{number}.tif"')
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
        upload, about = _described(name)
        rows.append(f"| {name} | {upload} | {about} | {len(data):,} | `{hashlib.sha256(data).hexdigest()}` |\n")
    head = "| File | Upload as | What it is | Bytes | SHA-256 |\n| :--- | :--- | :--------- | ----: | :------ |\n"
    return f"# Submission pack\n\n{head}{''.join(rows)}"


def _described(name: str) -> tuple[str, str]:
    """Return what a file of the pack is uploaded as, and what it holds."""
    if name in PACKED:
        return PACKED[name]
    path = Path(name)
    if path.stem in reporting.CHECKLISTS:
        return "Reporting checklist", f"{path.stem.upper()} checklist, filled in"
    if path.parent.name == "tables":
        return "", "data of a table"
    if path.suffix == ".tif":
        return f"Figure {path.stem.rpartition('-')[2]}", f"{DPI} dpi in print"
    return "", f"the same figure, {'vectors' if path.suffix in ('.svg', '.pdf') else f'{DPI} dpi'}"


# --- documents -----------------------------------------------------------------------------------------------


def _main_document(project: Project, paper: Source, staging: Path) -> None:
    _written(project, "main-document", paper, ["docx", "jats", "typst"], staging)
    word = staging / "main-document.docx"
    write_bytes(word, for_review(word.read_bytes()))
    xml = (staging / "main-document.xml").read_text(encoding="utf-8")
    write_text(staging / BESIDE / "main-document.xml", with_figures_of_pack(xml, figures(paper)))
    (staging / "main-document.xml").unlink()
    (staging / "main-document.pdf").rename(staging / BESIDE / "main-document.pdf")


def _around(project: Project, paper: Source, staging: Path) -> None:
    """Write title page, checklists, supplement and cover letter, and tables and editable files beside them."""
    page = project.root / reporting.FOLDER / titlepage.FILE
    if page.is_file():
        title = [Line("", paper.file, 1), Line(f"**Title.** {paper.meta.get('title', '')}", paper.file, 1)]
        shown = [
            Line(text, f"{reporting.FOLDER}/{titlepage.FILE}", at)
            for at, text in enumerate(page.read_text("utf-8").splitlines(), 1)
        ]
        _letter(project, "title-page", _source(paper, "Title page", [*title, Line("", paper.file, 1), *shown]), staging)
    shown = [line for line in paper.lines if line.file.startswith(TABLE)]
    _written(project, "tables", _source(paper, "Tables", shown), ["docx"], staging / BESIDE)
    for file in dict.fromkeys(line.file for line in shown):
        data = (project.root / file).with_suffix(".csv")
        write_bytes(staging / BESIDE / "tables" / data.name, data.read_bytes())
    for name in reporting.CHECKLISTS:
        unlinked = [
            dataclasses.replace(line, text=re.sub(r"\[([^\]]*)\]\(#[^)]*\)", r"\1", line.text))
            for line in paper.lines
            if line.file == f"{reporting.FOLDER}/{name}.md"
        ]
        if unlinked:
            _written(project, name, _source(paper, f"{name.upper()} checklist", unlinked), ["typst"], staging)
    _written(project, "supplement", expand(project, SUPPLEMENT), ["typst", "docx"], staging)
    (staging / "supplement.docx").rename(staging / BESIDE / "supplement.docx")
    _letter(project, "cover-letter", expand(project, COVER_LETTER), staging)


def _letter(project: Project, name: str, source: Source, staging: Path) -> None:
    """Write a Word file without numbers of lines, as letters and title pages are."""
    _written(project, name, source, ["docx"], staging)
    path = staging / f"{name}.docx"
    changes = {"word/document.xml": lambda text: re.sub(r"<w:lnNumType\b[^>]*/>", "", text)}
    write_bytes(path, rezipped(path.read_bytes(), changes, lambda name: True))


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


def _figure(root: Path, name: str, staging: Path, stem: str) -> None:
    """Write a figure as TIFF for the upload, and beside it as SVG, PNG and PDF, at its size in print."""
    from PIL import Image

    drawn, beside = root / "build/results/figures" / name, staging / BESIDE / "figures" / stem
    for suffix in (".svg", ".png"):
        if not drawn.with_suffix(suffix).is_file():
            raise CompendiumError("the figure is missing", file=f"build/results/figures/{name}{suffix}")
        write_bytes(beside.with_suffix(suffix), drawn.with_suffix(suffix).read_bytes())
    with Image.open(drawn.with_suffix(".png")) as picture:
        width = picture.width / DPI * 25.4
        out = io.BytesIO()
        picture.convert("RGB").save(out, format="TIFF", compression="tiff_lzw", dpi=(DPI, DPI))
    write_bytes(staging / "figures" / f"{stem}.tif", out.getvalue())
    markup = (
        "#set page(width: auto, height: auto, margin: 0pt)\n"
        f'#image("/build/results/figures/{name}.svg", width: {width:.3f}mm)\n'
    )
    write_bytes(beside.with_suffix(".pdf"), pandoc.pdf(markup, root, name))
