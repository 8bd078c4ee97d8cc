"""One article in four formats: each is opened with a reader of its own and must say the same.

The expected numbers are derived by hand from Quarto's documented rules: figures, tables and equations count
through an article in order of appearance, sections are numbered by their headings, unnumbered headings skip,
a callout's heading is its title, and citations are numbered in order of first citation.
"""

from __future__ import annotations

import re
import zipfile
from html.parser import HTMLParser
from pathlib import Path

import docx
import pypdf
import pytest
from lxml import etree

from compendium.render import documents, nodes, pandoc, references
from compendium.render.sources import bibliography_keys, expand, load_project

PAPER = "manuscript/paper/paper.qmd"
TITLE = "A manuscript of many constructs: 42 places"
HEADINGS = [
    "1 Introduction",
    "1.1 Aims",
    "2 Methods",
    "2.1 Sample",
    "2.2 Analysis",
    "2.2.1 Detail",
    "Acknowledgements",
    "3 Results",
    "References",
]
CAPTIONS = [
    "Figure 1: The first figure, after [3]. It shows 42 places.",
    "Table 1: The first table, from [4].",
    "Table 2: The second table.",
    "Figure 2: The second figure.",
    "Table 3: A wide table of 42 rows.",
]
SENTENCES = [
    "This is the fixture study with 32 interviews [1]. See Figure 1, Table 2, Section 2.2 and Equation 1.",
    "Two sources at once [1, 2].",
    "The word alone: 2; a prefix: Panel 2; both: Figure 1, Figure 2.",
    "The sample is in Table 1.",
    "Then Equation 2 follows Equation 1.",
    "A detail in Section 2.2.1, under Section 2.",
    "A callout with Table 1 and [4 (p. 7)].",
    "Code says {{< var sample.interviews >}} and ends.",
]
REFERENCES = [
    "Beta B. A book of beta. 2nd edn. London: Press 2021.",
    "Alpha A, Bee B, Cee C, et al. On alpha. Journal of Letters 2020;1:10–9. doi:10.1000/alpha",
    "Institute of Gamma. Gamma in practice. Institute of Gamma 2022. https://example.org/gamma (accessed 1 Feb 2023)",
    "Delta D. Delta revisited. Journal of Letters 2023;4:e12.",
]
ALTS = ['A blue box with a "yellow" disc', "Another box & disc"]


def squeezed(text: str) -> str:
    return " ".join(text.replace("\u00a0", " ").replace("\u2060", "").split())


class Reader(HTMLParser):
    """Text of a page's main part, of its headings and captions, its images and links."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.text, self.alts, self.links, self.ids = "", [], [], set()
        self.parts: dict[str, list[str]] = {"heading": [], "caption": [], "title": []}
        self._open: str | None = None
        self.feed(page.read_text(encoding="utf-8"))
        self.text = squeezed(self.text)
        self.parts = {name: [squeezed(part) for part in parts] for name, parts in self.parts.items()}

    def handle_starttag(self, tag: str, attributes: list) -> None:
        given = dict(attributes)
        if "id" in given:
            self.ids.add(given["id"])
        if tag == "img":
            self.alts.append(given.get("alt"))
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag in ("h1", "h2", "h3", "h4"):
            self._begin("title" if given.get("class") == "title" else "heading")
        elif tag in ("figcaption", "caption"):
            self._begin("caption")
        elif tag == "div" and given.get("class") == "result-links":
            self._open = None
        elif tag in ("p", "li", "td", "th", "div"):
            self.text += " "

    def _begin(self, name: str) -> None:
        self._open = name
        self.parts[name].append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("h1", "h2", "h3", "h4", "figcaption", "caption"):
            self._open = None

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._open:
            self.parts[self._open][-1] += data


@pytest.fixture(scope="module")
def paper(rendered: Path) -> Path:
    return rendered / "_output/paper"


@pytest.fixture(scope="module")
def page(paper: Path) -> Reader:
    return Reader(paper / "paper.html")


@pytest.fixture(scope="module")
def word(paper: Path):
    return docx.Document(str(paper / "paper.docx"))


@pytest.fixture(scope="module")
def jats(paper: Path):
    return etree.parse(str(paper / "paper.xml")).getroot()


@pytest.fixture(scope="module")
def pdf(paper: Path) -> pypdf.PdfReader:
    return pypdf.PdfReader(paper / "paper.pdf")


def pdf_text(pdf: pypdf.PdfReader) -> str:
    """Return the PDF's text without the numbers of its lines, which stand at the ends of extracted lines."""
    return squeezed("\n".join(page.extract_text() for page in pdf.pages))


def test_html_says_what_is_expected(page: Reader) -> None:
    assert page.parts["title"] == [TITLE]
    assert [heading for heading in page.parts["heading"] if heading != "Abstract"] == HEADINGS
    assert page.parts["caption"] == CAPTIONS
    assert page.alts == ALTS
    for sentence in SENTENCES:
        assert sentence in page.text
    for number, reference in enumerate(REFERENCES, start=1):
        assert f"{number} {reference}" in page.text
    assert "Only a browser shows this." in page.text
    assert "Everything but a browser" not in page.text
    assert "Never in the paper" not in page.text


def test_html_links_lead_somewhere(page: Reader, paper: Path) -> None:
    inner = [link for link in page.links if link.startswith("#")]
    assert len(inner) > 20
    assert {link[1:] for link in inner} <= page.ids
    files = [link for link in page.links if not re.match(r"#|[a-z]+:", link)]
    assert "build/results/figures/first.csv" in files
    assert "build/results/tables/second.csv" in files
    assert "build/notebooks/01_first.ipynb" in files
    assert all((paper / link).is_file() for link in files)


def in_word(paragraph) -> str:
    """Return a paragraph's text with that of its controls, which `Paragraph.text` leaves out."""
    found = paragraph._element.iter("{*}t", "{*}tab", "{*}br")
    return squeezed("".join((node.text or "") if node.tag.endswith("}t") else " " for node in found))


def test_word_says_what_is_expected(word) -> None:
    paragraphs = [(paragraph.style.name, in_word(paragraph)) for paragraph in word.paragraphs]
    assert ("Title", TITLE) in paragraphs
    assert [text for style, text in paragraphs if style.startswith("Heading")] == HEADINGS
    assert [text for style, text in paragraphs if style in ("Image Caption", "Table Caption")] == CAPTIONS
    whole = " ".join(text for _, text in paragraphs)
    for sentence in SENTENCES:
        assert sentence in whole
    cited = [re.sub(r"^\d+ ", "", text) for style, text in paragraphs if style == "Bibliography"]
    assert cited == REFERENCES
    assert "Everything but a browser shows this, in Word." in whole
    assert len(word.tables) == 3
    assert [len(table.rows) for table in word.tables] == [3, 3, 43]


def test_word_figures_carry_alt_text(word) -> None:
    assert [item.get("descr") for item in word.element.body.iter("{*}docPr")] == ALTS


def test_jats_says_what_is_expected(jats) -> None:
    def words(element) -> str:
        return squeezed("".join(element.itertext()))

    assert words(jats.find(".//article-title")) == TITLE
    titled = [
        section
        for part in jats.findall("body") + jats.findall("back")
        for section in part.iter("sec", "ref-list")
        if section.find("title") is not None
    ]
    shown = [
        " ".join(words(section.find(tag)) for tag in ("label", "title") if section.find(tag) is not None)
        for section in titled
    ]
    assert [title for title in shown if title != "References"] == HEADINGS[:-1]
    captions = [
        f"{words(item.find('label'))}: {words(item.find('caption'))}" for item in jats.iter("fig", "table-wrap")
    ]
    assert captions == CAPTIONS
    assert [words(item) for item in jats.iter("alt-text")] == ALTS
    assert [words(item.find("label")) for item in jats.iter("disp-formula")] == ["(1)", "(2)"]
    whole = words(jats)
    for sentence in SENTENCES:
        assert sentence in whole
    assert [words(item.find("surname")) for item in jats.iter("name")][:2] == ["Example", "Sample"]
    ids = {item.get("id") for item in jats.iter() if item.get("id")}
    assert {item.get("rid") for item in jats.iter("xref")} <= ids


def test_jats_lists_the_references(jats) -> None:
    references = {item.get("id"): squeezed("".join(item.itertext())) for item in jats.iter("ref")}
    assert list(references) == ["ref-beta2021", "ref-alpha2020", "ref-gamma2022", "ref-delta2023"]


def test_pdf_says_what_is_expected(pdf: pypdf.PdfReader) -> None:
    assert pdf.metadata.title == TITLE
    text = re.sub(r"(?<=\S) \d{1,3} (?=\S)", " ", pdf_text(pdf))  # the numbers of lines stand between words
    plain = re.sub(r"[\s\u2010-]", "", pdf_text(pdf))
    for caption in CAPTIONS:
        assert re.sub(r"[\s-]", "", caption) in plain
    for number in ("1", "2"):
        assert f"({number})" in text
    outline = [item.title for item in _flat(pdf.outline)]
    assert [squeezed(title) for title in outline] == HEADINGS


def test_pdf_sentences_and_references(rendered: Path, tmp_path: Path, project: Path) -> None:
    """Without the numbers of its lines the PDF holds every sentence."""
    from compendium.render import render
    from tests.render.conftest import fixture_project

    root = fixture_project(tmp_path, project)
    settings = root / "_quarto-paper.yml"
    settings.write_text(re.sub(r"    include-in-header:\n(?:      .*\n|        .*\n)+", "", settings.read_text()))
    (path,) = render("paper", engine="pandoc", root=root, formats=["pdf"])
    text = pdf_text(pypdf.PdfReader(path))
    for sentence in [*SENTENCES, *CAPTIONS]:
        assert sentence in text
    for number, reference in enumerate(REFERENCES, start=1):
        assert f"{number} {reference}" in text


def test_pdf_numbers_its_lines(pdf: pypdf.PdfReader) -> None:
    text = "\n".join(page.extract_text() for page in pdf.pages)
    numbers = [int(found) for found in re.findall(r"(?:^|(?<=\s))(\d{1,3})$", text, re.MULTILINE)]
    assert set(range(1, 20)) <= set(numbers)


def test_pdf_figures_carry_alt_text(pdf: pypdf.PdfReader) -> None:
    alts: list[str] = []

    def visit(element) -> None:
        element = element.get_object()
        if isinstance(element, list):
            for item in element:
                visit(item)
        elif isinstance(element, dict):
            if "/Alt" in element and element.get("/S") == "/Figure":
                alts.append(str(element["/Alt"]))
            if "/K" in element:
                visit(element["/K"])

    visit(pdf.trailer["/Root"]["/StructTreeRoot"]["/K"])
    assert alts == ALTS


def _flat(outline: list) -> list:
    return [entry for item in outline for entry in (_flat(item) if isinstance(item, list) else [item])]


def test_two_renders_give_the_same_bytes(rendered: Path, sources: Path) -> None:
    from compendium.render import render

    for profile in ("paper", "thesis", "site"):
        render(profile, engine="pandoc", root=sources)
        first, second = (
            {
                path.relative_to(root).as_posix(): path.read_bytes()
                for path in (root / "_output" / profile).rglob("*")
                if path.is_file()
            }
            for root in (rendered, sources)
        )
        assert first.keys() == second.keys()
        assert [name for name in first if first[name] != second[name]] == []


def test_word_entries_have_one_time(paper: Path) -> None:
    with zipfile.ZipFile(paper / "paper.docx") as archive:
        assert len({entry.date_time for entry in archive.infolist()}) == 1


def test_the_word_reference_document_is_what_its_script_makes(project: Path) -> None:
    import importlib.util

    script = project / "manuscript/templates/make_reference.py"
    spec = importlib.util.spec_from_file_location("make_reference", script)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.reference() == script.with_name("reference.docx").read_bytes()


def test_citations_are_resolved_once_and_as_in_the_whole_text(sources: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paper = sources / PAPER
    paper.write_text(
        paper.read_text("utf-8")
        + "\nA note.[^n] Of [@delta2023], and alone: @gamma2022.\n\n[^n]: See [@alpha2020].\n"
        + '\n::: {.content-visible when-format="html"}\nOn the web alone.\n:::\n\nNothing cited here.\n',
        "utf-8",
    )
    project = load_project(sources, "paper")
    source = expand(project, PAPER)
    tree = pandoc.parsed(source, sources)
    given: list[dict] = []
    processed = pandoc.processed
    monkeypatch.setattr(pandoc, "processed", lambda tree, *rest: given.append(tree) or processed(tree, *rest))
    cited = documents._cited(project, source, tree, ["html", "docx"])
    assert len(given) == 1
    assert "Nothing cited here" not in nodes.plain(given[0]["blocks"])
    keys = bibliography_keys(sources, project.bibliography)
    for output, others in (("html", 1), ("docx", 0)):
        options = documents.options_of(project, output, source)
        count = documents.numbering_of(options)
        body = count.number(documents.with_references(references.visible(tree["blocks"], output, "paper")), source)
        blocks = references.resolved(body, count.labels, keys, source)
        whole = processed(
            pandoc.document({"lang": nodes.meta("en-GB")}, blocks),
            documents.cite_options(project, options, source), sources, PAPER,
        )  # fmt: skip
        assert cited[output][0]["blocks"] == whole["blocks"]
        assert nodes.plain(whole["blocks"]).count("On the web alone") == others
