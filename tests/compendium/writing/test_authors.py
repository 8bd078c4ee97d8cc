"""The authors file: one sentence for each fault, every gap named, and a title page that shows what is missing."""

from pathlib import Path

import pytest
import yaml

from compendium.errors import CompendiumError
from compendium.render.sources import Line, Source
from compendium.writing import authors, titlepage

WHOLE = """\
author:
  - name:
      given: Ada
      family: Example
    orcid: 0000-0002-1825-0097
    email: ada@example.org
    corresponding: true
    roles:
      - software
      - writing – original draft
    affiliations:
      - ref: one
affiliations:
  - id: one
    name: Institute of Invention
    city: Sampleton
    country: Nowhere
title-page:
""" + "".join(f"  {field}: Words on {field}\n" for field in authors.FIELDS)
LINES = {text.strip(): number for number, text in enumerate(WHOLE.splitlines(), start=1)}


def written(folder: Path, text: str = WHOLE) -> Path:
    path = folder / authors.FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return folder


def source() -> Source:
    body = [
        "# Results {#sec-results}",
        "",
        "Four words of text.",
        "",
        "::: {#tbl-one}",
        "",
        "| A |",
        "| - |",
        "",
        "Caption",
        ":::",
        "",
        "# Annex {.unnumbered #sec-annex}",
        "",
        "Not counted.",
        "",
        "![A figure](/x){#fig-two}",
    ]
    meta = {"abstract": "Three words here.", "keywords": ["one", "two"]}
    return Source("paper.qmd", meta, tuple(Line(text, "paper.qmd", n) for n, text in enumerate(body, start=1)))


def test_a_whole_file_has_no_gaps(tmp_path: Path) -> None:
    root = written(tmp_path)
    assert authors.gaps(root) == []
    authors.refuse_gaps(root)


def test_without_a_file_nothing_is_missing(tmp_path: Path) -> None:
    assert authors.read(tmp_path) is None
    assert authors.gaps(tmp_path) == []
    assert not titlepage.write(tmp_path, source(), tmp_path / "places")


@pytest.mark.parametrize(
    ("field", "what"),
    [
        ("orcid: 0000-0002-1825-0097", "the ORCID of author 1"),
        ("email: ada@example.org", "the email of author 1"),
        ("corresponding: true", "the corresponding author"),
        ("city: Sampleton", "the city of affiliation 1"),
        *((f"{field}: Words on {field}", what) for field, what in authors.FIELDS.items()),
    ],
)
def test_every_blank_field_is_a_gap_at_its_line(tmp_path: Path, field: str, what: str) -> None:
    root = written(tmp_path, WHOLE.replace(field, field.partition(":")[0] + ":"))
    (gap,) = [gap for gap in authors.gaps(root) if gap.what == what]
    assert gap.line == (1 if what == "the corresponding author" else LINES[field])
    with pytest.raises(CompendiumError, match="not filled in") as caught:
        authors.refuse_gaps(root)
    assert f"{authors.FILE}:{gap.line}: {what}" in caught.value.detail
    titlepage.write(root, source(), root / "places")
    assert f"not filled in: {what}" in (root / "places" / titlepage.FILE).read_text("utf-8")


def test_a_name_without_given_names_is_that_of_a_group_and_a_gap(tmp_path: Path) -> None:
    (gap,) = authors.gaps(written(tmp_path, WHOLE.replace("      given: Ada\n", "")))
    assert (gap.what, gap.line) == ("the given name of author 1", 2)


@pytest.mark.parametrize(
    ("old", "new", "line", "sentence"),
    [
        ("    orcid:", "    orchid:", "orcid: 0000-0002-1825-0097", "there is no such field; found orchid"),
        ("0097", "0098", "orcid: 0000-0002-1825-0097", "the check digit of an ORCID is wrong"),
        ("ada@example.org", "ada", "email: ada@example.org", "a field is of another form"),
        ("- software", "- typing", "- software", "this is no role of CRediT; found typing"),
        ("ref: one", "ref: two", "- ref: one", "an author names an affiliation that the file does not describe"),
        ("corresponding: true", "corresponding: perhaps", "corresponding: true", "a field is of the wrong kind"),
        ("  guarantor: Words on guarantor\n", "", "title-page:", "the field 'guarantor' is missing"),
    ],
)
def test_a_fault_is_one_sentence_with_its_line(tmp_path: Path, old: str, new: str, line: str, sentence: str) -> None:
    with pytest.raises(CompendiumError, match=sentence) as caught:
        authors.read(written(tmp_path, WHOLE.replace(old, new, 1)))
    assert caught.value.row == LINES[line]
    assert str(caught.value).count("\n") == 0


def test_what_is_no_yaml_is_named(tmp_path: Path) -> None:
    with pytest.raises(CompendiumError, match="the authors file is no YAML"):
        authors.read(written(tmp_path, "author: [\n"))


def test_the_title_page_says_everything_in_order(tmp_path: Path) -> None:
    page = titlepage.markdown(yaml.safe_load(WHOLE), {}, source())
    assert "not filled in" not in page
    assert "- **Authors.** Ada Example, ORCID 0000-0002-1825-0097\n" in page
    assert "- **Corresponding author.** Ada Example, Words on correspondence-address, ada\\@example.org\n" in page
    assert "- **Contributors (CRediT).** Ada Example: software, writing – original draft\n" in page
    assert "abstract 3, main text 5; 1 table and 0 figures in the main text" in page
    assert (
        "Words on data-availability Repository: Words on data-repository. Identifier: Words on data-identifier." in page
    )
    titles = [line.split("**")[1] for line in page.splitlines()]
    assert titles[:2] == ["Authors.", "Affiliations."]
    assert titles[-1] == "Code availability."


def test_the_draft_of_this_project_shows_every_gap_of_its_file(project: Path) -> None:
    page = titlepage.markdown(
        authors.read(project) or {}, {gap.field: gap.what for gap in authors.gaps(project)}, source()
    )
    assert [gap.what for gap in authors.gaps(project) if titlepage.gap(gap.what) not in page] == []
