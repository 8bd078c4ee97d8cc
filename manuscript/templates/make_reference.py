"""Make the Word reference document (``reference.docx`` beside this file) from Pandoc's default.

Run it after a change: ``python manuscript/templates/make_reference.py``. Word styles, A4 paper and British
English come from here; both rendering engines read the result.
"""

from __future__ import annotations

import io
import subprocess
import zipfile
from pathlib import Path

import docx
import pypandoc
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

INK, MUTED = RGBColor(0x1C, 0x24, 0x30), RGBColor(0x56, 0x60, 0x70)
BODY, HEADINGS = "Cambria", "Calibri"


def fonts(style, name: str, size: float, colour: RGBColor = INK, bold: bool | None = None) -> None:
    style.font.name, style.font.size, style.font.color.rgb = name, Pt(size), colour
    properties = style.element.get_or_add_rPr().get_or_add_rFonts()
    for key in list(properties.attrib):
        del properties.attrib[key]
    for key in ("ascii", "hAnsi", "cs", "eastAsia"):
        properties.set(qn(f"w:{key}"), name)
    if bold is not None:
        style.font.bold = bold


def spacing(style, before: float, after: float, line: float | None = None) -> None:
    style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)
    if line is not None:
        style.paragraph_format.line_spacing = line


def bordered(style, tag: str, **edges: tuple[int, str]) -> None:
    """Give a paragraph (``pBdr``) or table (``tblBorders``) style its rules: edge -> (eighths of a point, colour)."""
    owner = style.element.get_or_add_pPr() if tag == "pBdr" else style.element.find(qn("w:tblPr"))
    old = owner.find(qn(f"w:{tag}"))
    if old is not None:
        owner.remove(old)
    borders = OxmlElement(f"w:{tag}")
    for edge, (width, colour) in edges.items():
        line = OxmlElement(f"w:{edge}")
        for key, value in (("val", "single"), ("sz", str(width)), ("space", "4"), ("color", colour)):
            line.set(qn(f"w:{key}"), value)
        borders.append(line)
    after = ("w:shd", "w:tblLayout", "w:tblCellMar") if tag == "tblBorders" else (
        "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:outlineLvl"
    )  # fmt: skip
    owner.insert_element_before(borders, *after)


def field(paragraph, instruction: str, shown: str) -> None:
    """Add a field that Word renews by itself when it lays out the page."""
    simple = OxmlElement("w:fldSimple")
    simple.set(qn("w:instr"), f" {instruction} ")
    run, text = OxmlElement("w:r"), OxmlElement("w:t")
    text.text = shown
    run.append(text)
    simple.append(run)
    paragraph._p.append(simple)


def page_furniture(section) -> None:
    """Give a section a running title, page numbers and numbered lines; rendering fills the running title in."""
    section.header.is_linked_to_previous = section.footer.is_linked_to_previous = False
    field(section.header.paragraphs[0], 'DOCPROPERTY "short-title"', "Running title")
    field(section.footer.paragraphs[0], "PAGE", "1")
    section.footer.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.CENTER
    lines = OxmlElement("w:lnNumType")
    for key, value in (("countBy", "1"), ("distance", "283"), ("restart", "continuous")):
        lines.set(qn(f"w:{key}"), value)
    section._sectPr.find(qn("w:pgMar")).addnext(lines)


def reference() -> bytes:
    """Return the reference document's bytes, the same at every call."""
    default = subprocess.run(
        [pypandoc.get_pandoc_path(), "--print-default-data-file", "reference.docx"], capture_output=True, check=True
    ).stdout
    document = docx.Document(io.BytesIO(default))
    styles = document.styles
    for section in document.sections:
        section.page_width, section.page_height = Cm(21), Cm(29.7)
        section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Cm(2.5)
        page_furniture(section)
    styles.element.find(f".//{qn('w:lang')}").set(qn("w:val"), "en-GB")

    fonts(styles["Normal"], BODY, 11)
    spacing(styles["Body Text"], 0, 8, 1.3)
    fonts(styles["Title"], HEADINGS, 20, bold=True)
    styles["Title"].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.LEFT
    fonts(styles["Subtitle"], HEADINGS, 13, MUTED, bold=False)
    styles["Subtitle"].element.rPr.remove(styles["Subtitle"].element.rPr.find(qn("w:spacing")))
    for name in ("Author", "Date"):
        fonts(styles[name], BODY, 11, bold=False)
        styles[name].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.LEFT
    fonts(styles["Abstract Title"], HEADINGS, 13, bold=True)
    styles["Abstract Title"].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.LEFT
    fonts(styles["Abstract"], BODY, 11)
    styles["Abstract"].paragraph_format.keep_together = False
    styles["Abstract"].paragraph_format.keep_with_next = False
    for level, size in ((1, 15), (2, 12.5), (3, 11.5), (4, 11)):
        fonts(styles[f"Heading {level}"], HEADINGS, size, bold=True)
        spacing(styles[f"Heading {level}"], 18 if level == 1 else 12, 4)
    for name in ("Table Caption", "Image Caption"):
        fonts(styles[name], HEADINGS, 10)
        styles[name].font.italic = False
        spacing(styles[name], 10 if name == "Table Caption" else 4, 4 if name == "Table Caption" else 12, 1.1)
    styles["Table Caption"].paragraph_format.keep_with_next = True
    fonts(styles["Compact"], BODY, 11)
    spacing(styles["Compact"], 0, 3, 1.15)
    fonts(styles["Bibliography"], BODY, 10)
    spacing(styles["Bibliography"], 0, 4, 1.1)
    fonts(styles["Hyperlink"], BODY, 11, RGBColor(0x0B, 0x5C, 0x8A))
    styles["Hyperlink"].element.get_or_add_rPr().remove(styles["Hyperlink"].element.rPr.find(qn("w:sz")))
    styles["Hyperlink"].element.rPr.remove(styles["Hyperlink"].element.rPr.find(qn("w:rFonts")))

    for name, size, colour in (("Front matter", 10, MUTED), ("Table notes", 9, MUTED), ("Callout", 10.5, INK)):
        style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = styles["Normal"]
        fonts(style, BODY, size, colour)
        spacing(style, 2, 4, 1.15)
    title = styles.add_style("Callout title", WD_STYLE_TYPE.PARAGRAPH)
    title.base_style = styles["Callout"]
    fonts(title, HEADINGS, 10.5, bold=True)
    title.paragraph_format.keep_with_next = True
    for name in ("Callout", "Callout title"):
        styles[name].paragraph_format.left_indent = Cm(0.5)
        bordered(styles[name], "pBdr", left=(24, "0B5C8A"))
    for name, size, room in (("Table text", 9, 1.5), ("Table text small", 8, 1.5), ("Table text wide", 7.5, 0.2)):
        style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = styles["Compact"]
        fonts(style, HEADINGS, size)
        spacing(style, room, room, 1.0)
        style.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.LEFT
    label = styles.add_style("Caption label", WD_STYLE_TYPE.CHARACTER)
    label.font.bold = True
    for name in ("Header", "Footer"):
        fonts(styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH, builtin=True), HEADINGS, 9, MUTED)
    for name in ("Header", "Footer", "Captioned Figure"):
        styles[name].element.get_or_add_pPr().insert_element_before(
            OxmlElement("w:suppressLineNumbers"), "w:pBdr", "w:spacing", "w:ind", "w:jc"
        )
    fonts(styles.add_style("line number", WD_STYLE_TYPE.CHARACTER, builtin=True), HEADINGS, 8, MUTED)

    bordered(styles["Table"], "tblBorders", top=(8, "1C2430"), bottom=(8, "1C2430"), insideH=(4, "D5DAE1"))
    head = styles["Table"].element.find(f"{qn('w:tblStylePr')}[@{qn('w:type')}='firstRow']")
    bold = OxmlElement("w:rPr")
    bold.append(OxmlElement("w:b"))
    head.insert(0, bold)
    unsplit = OxmlElement("w:trPr")
    unsplit.append(OxmlElement("w:cantSplit"))  # a row stays on one page
    styles["Table"].element.find(qn("w:tblPr")).addnext(unsplit)
    return _steady(document)


def _steady(document) -> bytes:
    """Return the document zipped with fixed times and order."""
    loose = io.BytesIO()
    document.save(loose)
    steady = io.BytesIO()
    with zipfile.ZipFile(loose) as old, zipfile.ZipFile(steady, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist()):
            information = zipfile.ZipInfo(name, date_time=(2000, 1, 1, 0, 0, 0))
            information.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(information, old.read(name))
    return steady.getvalue()


if __name__ == "__main__":
    Path(__file__).with_name("reference.docx").write_bytes(reference())
