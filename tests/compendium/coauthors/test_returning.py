"""A Word file comes back: edits of every kind, three ways, two files, and files that are none of ours."""

from __future__ import annotations

import re
import shutil
import zipfile
from pathlib import Path

import docx
import officeclient
import pytest
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from compendium.coauthors import merging, returning, sourcetext, wordfile
from compendium.errors import CompendiumError
from compendium.render import documents
from compendium.render.sources import load_project
from tests.render.conftest import fixture_project

PAPER = "manuscript/paper/paper.qmd"
TEXT = """---
title: "A study of {{< var sample.places >}} places"
abstract: |
  **Objectives** Show {{< var sample.places >}} places.
---

# Methods {#sec-methods}

We asked {{< var sample.interviews >}} leaders, in *three* places, what they
thought of the plan [@alpha2020].
Most of them had read it. Some had not.

The second paragraph refers to @sec-methods and says a little more.

- The first item of a list
- The second item of a list

The last paragraph ends the text here.
"""


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory, project: Path) -> tuple[Path, Path]:
    """Return a small project and the Word file exported from it."""
    root = fixture_project(tmp_path_factory.mktemp("coauthors"), project)
    (root / PAPER).write_text(TEXT, encoding="utf-8")
    (path,) = documents.article(load_project(root, "paper"), PAPER, ["docx"], root / "out")
    return root, path


@pytest.fixture
def home(exported: tuple[Path, Path], tmp_path: Path) -> tuple[Path, Path]:
    """Return a copy of the project of one's own, and the Word file to edit."""
    root, path = exported
    shutil.copytree(root, tmp_path / "home")
    return tmp_path / "home", Path(shutil.copy(path, tmp_path / "back.docx"))


def paragraph(document, start: str):
    return next(item for item in document.paragraphs if item.text.startswith(start) or start in _all(item))


def _all(item) -> str:
    return "".join(text.text or "" for text in item._p.iter(qn("w:t")))


def run_with(item, words: str):
    return next(run for run in item.runs if words in run.text)


def change(path: Path, start: str, was: str, now: str) -> None:
    document = docx.Document(str(path))
    run = run_with(paragraph(document, start), was)
    run.text = run.text.replace(was, now)
    document.save(str(path))


def source(root: Path, found: returning.Returned) -> str:
    return found.after.get(PAPER, (root / PAPER).read_text("utf-8"))


def test_an_untouched_file_changes_nothing(home):
    root, path = home
    found = returning.bring_back(root, [path])
    assert (found.patch(), found.remarks, found.comments) == ("", [], [])


def test_words_change_and_everything_around_them_stays(home):
    root, path = home
    change(path, "We asked", "thought of the plan", "made of the new plan")
    found = returning.bring_back(root, [path])
    assert source(root, found) == TEXT.replace("thought of the plan", "made of the new plan")
    assert found.apply(root) == [root / PAPER]
    assert (root / PAPER).read_text("utf-8") == source(root, found)


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("plan [@beta2021] and [@nobody]", "plan [@beta2021] and \\[\\@nobody\\]"),
        ("plan for $5 * 4_a <b> {{< var x >}}", "plan for \\$5 \\* 4\\_a \\<b\\> \\{{\\< var x \\>}}"),
    ],
)
def test_citations_that_are_typed_are_citations_and_nothing_else_is_markup(home, typed: str, written: str):
    root, path = home
    change(path, "We asked", "plan", typed)
    assert written in source(root, returning.bring_back(root, [path]))


def test_an_edit_in_a_computed_value_is_reported_and_never_applied(home):
    root, path = home
    document = docx.Document(str(path))
    control = next(paragraph(document, "We asked")._p.iter(qn("w:sdt")))
    next(control.iter(qn("w:t"))).text = "99"
    run = run_with(paragraph(document, "We asked"), "Most of them")
    run.text = run.text.replace("Most", "Many")
    document.core_properties.last_modified_by = "Chris Coauthor"
    document.save(str(path))
    found = returning.bring_back(root, [path])
    assert source(root, found) == TEXT.replace("Most of them", "Many of them")
    ((remark),) = found.remarks
    assert (remark.kind, remark.key, remark.now, remark.author) == (
        "value",
        "sample.interviews",
        "99",
        "Chris Coauthor",
    )
    assert remark.sentence().startswith(f"{PAPER}:9: an edit by Chris Coauthor inside the computed value")


def test_bold_comes_and_emphasis_goes(home):
    root, path = home
    document = docx.Document(str(path))
    run_with(paragraph(document, "We asked"), "three").italic = False
    run_with(paragraph(document, "The last"), "The last").bold = True
    document.save(str(path))
    expected = TEXT.replace("*three*", "three").replace(
        "The last paragraph ends the text here.", "**The last paragraph ends the text here.**"
    )
    assert source(root, returning.bring_back(root, [path])) == expected


def test_paragraphs_are_new_gone_split_joined_and_moved(home):
    root, path = home
    document = docx.Document(str(path))
    first, second, last = (paragraph(document, start) for start in ("We asked", "The second par", "The last"))
    run = run_with(first, "Some had not")
    run.text = run.text.replace(" Some had not.", "")
    new = last.insert_paragraph_before("Some had not.", style=second.style)
    first._p.addnext(new._p)
    last.insert_paragraph_before("A wholly new thought.", style=second.style)
    paragraph(document, "The first item")._p.getparent().remove(paragraph(document, "The first item")._p)
    document.save(str(path))
    expected = (
        TEXT.replace("read it. Some had not.", "read it.\n\nSome had not.")
        .replace("- The first item of a list\n", "")
        .replace("list\n\nThe last", "list\n\nA wholly new thought.\n\nThe last")
    )
    assert source(root, returning.bring_back(root, [path])) == expected
    document = docx.Document(str(path))
    paragraph(document, "We asked")._p.addprevious(paragraph(document, "The second par")._p)
    document.save(str(path))
    moved = source(root, returning.bring_back(root, [path]))
    assert moved.index("The second paragraph refers to @sec-methods and says") < moved.index("We asked {{< var")
    assert moved.count("The second paragraph") == 1


def test_tracked_changes_and_comments_keep_their_authors(home):
    root, path = home
    document = docx.Document(str(path))
    last = paragraph(document, "The last")
    run = run_with(last, "The last")
    document.add_comment(run, text="=Which one?", author="Chris Coauthor", initials="CC")
    gone = OxmlElement("w:del")
    gone.set(qn("w:author"), "Dana Coauthor")
    run._r.addprevious(gone)
    gone.append(run._r)
    for text in gone.iter(qn("w:t")):
        text.tag = qn("w:delText")
    came = OxmlElement("w:ins")
    came.set(qn("w:author"), "Dana Coauthor")
    gone.addnext(came)
    made = OxmlElement("w:r")
    text = OxmlElement("w:t")
    text.text = "The final paragraph ends the text here."
    made.append(text)
    came.append(made)
    document.save(str(path))
    found = returning.bring_back(root, [path])
    assert source(root, found) == TEXT.replace("The last paragraph", "The final paragraph")
    (comment,) = found.comments
    assert (comment["file"], comment["line"], comment["author"], comment["comment"]) == (
        PAPER,
        18,
        "Chris Coauthor",
        "=Which one?",
    )
    assert ",'=Which one?," in found.comment_table()


def test_edits_of_an_older_export_merge_and_conflicts_are_marked(home):
    root, path = home
    now = TEXT.replace("We asked", "In spring we asked").replace("a little more", "much more")
    (root / PAPER).write_text(now, encoding="utf-8")
    change(path, "We asked", "thought of the plan", "made of the plan")
    found = returning.bring_back(root, [path])
    assert source(root, found) == now.replace("thought of", "made of")
    change(path, "The second", "a little more", "nothing more")
    found = returning.bring_back(root, [path])
    text = source(root, found)
    assert re.search(r"<<<<<<< now\n.*much more\.\n=======\n.*nothing more\.\n>>>>>>> back\.docx\n", text)
    assert [remark.kind for remark in found.remarks] == ["conflict"]


def test_two_files_merge_and_their_disagreement_is_named(home, tmp_path: Path):
    root, one = home
    other = Path(shutil.copy(one, tmp_path / "other.docx"))
    change(one, "We asked", "thought of", "made of")
    change(other, "We asked", "Most of them", "Many of them")
    found = returning.bring_back(root, [one, other])
    assert source(root, found) == TEXT.replace("thought of", "made of").replace("Most of them", "Many of them")
    change(other, "We asked", "thought of", "felt about")
    found = returning.bring_back(root, [one, other])
    assert [remark.sentence() for remark in found.remarks] == [
        f"{PAPER}:9: both sides changed it (back.docx and other.docx disagree); marked in the source"
    ]


def rewritten(path: Path, drop: str = "", **parts: bytes) -> Path:
    """Return a copy of a Word file without parts that begin so, and with others in their place."""
    new = path.with_name("other-file.docx")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(new, "w", zipfile.ZIP_DEFLATED) as archive:
        for item in old.infolist():
            if not (drop and item.filename.startswith(drop)) and item.filename not in parts:
                archive.writestr(item.filename, old.read(item))
        for name, content in parts.items():
            archive.writestr(name, content)
    return new


def test_a_file_that_lost_its_marks_is_matched_by_its_words(home):
    root, path = home
    change(path, "We asked", "thought of the plan", "made of the plan")
    with zipfile.ZipFile(path) as parts:
        text = parts.read("word/document.xml").decode("utf-8")
    text = re.sub(r'<w:bookmarkStart [^>]*w:name="_qmd[^>]*/>', "", text)
    text = re.sub(r"<w:sdtPr>.*?</w:sdtPr>", "", text)
    lost = rewritten(path, "customXml/", **{"word/document.xml": text.encode("utf-8")})
    found = returning.bring_back(root, [lost])
    assert source(root, found) == TEXT.replace("thought of the plan", "made of the plan")
    assert "it has lost what it remembers" in found.told[0]
    assert "0 by bookmark" in found.told[0]
    assert "1 by likeness" in found.told[0]


def test_files_that_are_none_of_ours_are_refused_in_a_sentence(home, tmp_path: Path):
    root, path = home
    other = docx.Document()
    for number in range(9):
        other.add_paragraph(f"Something else altogether, told for the {number}th time.")
    other.save(str(tmp_path / "strange.docx"))
    (tmp_path / "secret.docx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 64)
    (tmp_path / "text.docx").write_text("no zip", encoding="utf-8")
    bomb = rewritten(path, "word/footnotes", **{"word/footnotes.xml": b"<a>" + b" " * 5_000_000 + b"</a>"})
    problems = {
        tmp_path / "strange.docx": "none that this project exported",
        tmp_path / "secret.docx": "protected by a password",
        tmp_path / "text.docx": "no Word file",
        tmp_path / "missing.docx": "is missing",
        bomb: "zip bomb",
    }
    for file, problem in problems.items():
        with pytest.raises(CompendiumError, match=problem):
            returning.bring_back(root, [file])
    with pytest.raises(CompendiumError, match="has macros"):
        wordfile.read(rewritten(path, **{"word/vbaProject.bin": b"x"}))
    with pytest.raises(CompendiumError, match="remembers is damaged"):
        wordfile.read(
            rewritten(path, **{"customXml/item1.xml": b'<memory xmlns="urn:compendium:memory">AAAA</memory>'})
        )
    with pytest.raises(CompendiumError, match="no such branch"):
        returning.bring_back(root, [path], onto="nowhere")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("We *saw* {{< var a.b >}} **of** `them` [@x; @y, p. 3].", "We saw \ufffc of them \ufffc."),
        ("A [link](u.html){.c}, @fig-one’s and a@b.c mail[^1].", "A link, \ufffc’s and a@b.c mail\ufff9."),
        ("faced[^Q1^](#Q1)^,^[^Q2^](#Q2) -- $x$ \\* H~2~O^[A note [@x].]", "facedQ1,Q2 –  * H2O\ufff9"),
        ('[most]{.holds when="a > b"} of\n  them', "most of them"),
    ],
)
def test_what_of_a_source_shows(text: str, shown: str):
    assert "".join(unit.shown for unit in sourcetext.units(text)) == shown
    assert "".join(text[unit.start : unit.stop] for unit in sourcetext.units(text)) == text


def test_words_merge_and_conflicts_stand_whole():
    assert merging.merged("a b c", "x b c", "a b y") == ("x b y", False)
    assert merging.merged("a\nb", "x\nb", "y\nb") == ("<<<<<<< now\nx\nb\n=======\ny\nb\n>>>>>>> theirs", True)


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not here")
def test_edits_made_in_libreoffice_come_back(home, tmp_path: Path):
    root, path = home
    target = tmp_path / "saved.docx"
    plan = [
        ("tracked", "replace", "thought of", "made of"),
        ("plain", "replace", "a little more", "nothing more"),
        ("tracked", "append", "had read it.", " A few had written it."),
        ("plain", "bold", "first item", ""),
        ("plain", "split", "Most of them had read it.", ""),
    ]
    officeclient.edit(str(shutil.which("soffice")), path, target, plan, tmp_path)
    found = returning.bring_back(root, [target])
    expected = (
        TEXT.replace("thought of", "made of")
        .replace("a little more", "nothing more")
        .replace("read it. Some", "read it.\n\nA few had written it. Some")
        .replace("first item", "**first item**")
    )
    assert (source(root, found), found.remarks) == (expected, [])
