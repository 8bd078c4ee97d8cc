"""The whole compendium under other parameters: sentences are true of their build, pages say what was changed."""

import html
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from whole_projects import compendium

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def other(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the built project, which the tests of this file build with other parameters."""
    root = tmp_path_factory.mktemp("other") / "compendium"
    shutil.copytree(built, root)
    return root


SETS = {
    "second": ("quantile_type=1", "group_from_top=2"),
    "quarters": ("groups=4",),
    "newer": ("imd=2025", "boundaries=icb2024"),
}
"""Parameter sets beside the study's own; the last one stays for the last test."""
OTHER_SITE = ("newer",)
PAPER, SYSTEMS, INTERPRETATIONS, DISCUSSION, HOME = (
    "paper/paper.html",
    "thesis/manuscript/thesis/04-development-and-characteristics.html",
    "thesis/manuscript/thesis/06-interpretations.html",
    "thesis/manuscript/thesis/08-discussion.html",
    "site/index.html",
)
Condition = Callable[[str, dict[str, Any]], bool]


def always(name: str, values: dict[str, Any]) -> bool:
    return True


def printed(name: str, values: dict[str, Any]) -> bool:
    return name != "newer"


def recomputed(name: str, values: dict[str, Any]) -> bool:
    return name == "newer"


def terciles(name: str, values: dict[str, Any]) -> bool:
    return name in ("study", "newer")


def interpolated(name: str, values: dict[str, Any]) -> bool:
    return name != "second"


def same_systems(name: str, values: dict[str, Any]) -> bool:
    kept = values["open-data.subgroup-kept"] == values["study.subgroup"] == values["selection.size"]
    return kept and terciles(name, values)


def of(name: str) -> Condition:
    return lambda given, values: given == name


SENTENCES: list[tuple[str, str, Condition]] = [
    (PAPER, "used the Index of Multiple Deprivation 2019", always),
    (PAPER, ", and so do we.", printed),
    (PAPER, "while we use the English indices of deprivation 2025 (areas: ICBs of 2024)", recomputed),
    (PAPER, "Everything else in this paper uses the tables as printed.", printed),
    (PAPER, "uses tables recomputed, where possible, from open data (IMD 2025, ICBs of 2024).", recomputed),
    (PAPER, "chosen from the 14 most deprived of 42", always),
    (PAPER, "and kept the most deprived tercile.", terciles),
    (PAPER, "and kept the most deprived quarter.", of("quarters")),
    (PAPER, "and kept the second most deprived tercile.", of("second")),
    (PAPER, "A share above 17.3% puts an ICS in the most deprived tercile", of("study")),
    (PAPER, "The study reports the same number.", same_systems),
    (PAPER, "The study, with its own data and rule, reports", lambda name, values: not same_systems(name, values)),
    (PAPER, "none of its systems is in the group drawn here", of("second")),
    (PAPER, "so recomputing them reproduces the study’s subgroup", always),
    (PAPER, "chose three systems in its own subgroup", always),
    (PAPER, "by linear interpolation between ranks", interpolated),
    (PAPER, "The sampling rule returned 210 of 210 published class labels", always),
    (PAPER, "reproduces 210 of the 210 printed labels", interpolated),
    (SYSTEMS, "Index of Multiple Deprivation 2019", always),
    (SYSTEMS, "Wholly urban (as printed) are", printed),
    (SYSTEMS, "Wholly urban (recomputed from open data) are", recomputed),
    (SYSTEMS, "the five classed characteristics with these cuts.", printed),
    (SYSTEMS, "One rule reproduces 210 of the 210 printed classes", interpolated),
    (SYSTEMS, "As printed in the thesis (chapter 4, Table 4).", printed),
    (SYSTEMS, "Deprivation: IMD 2025, ICBs of 2024.", recomputed),
    (SYSTEMS, "Population: projected for 2022/23, on the boundaries of July 2022.", recomputed),
    (SYSTEMS, "of 2011, for the 31,810 of 33,755 LSOAs it knows, ICBs of 2024.", recomputed),
    (SYSTEMS, "NHS trusts: open on 31 March 2022, by parent ICS.", recomputed),
    (SYSTEMS, "the 14 systems from which the cases were chosen", always),
    (INTERPRETATIONS, "kept the most deprived tercile, which holds 14 systems", always),
    (DISCUSSION, "reproduces 210 of 210 labels", always),
    (HOME, "and with them the 14 systems from which it drew its", always),
]
"""Sentences whose truth depends on the parameters: where they stand, and the builds in which they must; in no other."""
NOTICE = "computed with other parameters than the study’s own"


def words(path: Path) -> str:
    """Return a page's text as a reader meets it, without citations and blanks in a row."""
    text = re.sub(r"<(script|style|svg|head)\b.*?</\1\s*>", " ", path.read_text("utf-8"), flags=re.DOTALL)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", "", text)))


def pages(root: Path) -> dict[str, str]:
    """Return the text of every rendered page of paper, thesis and website, by its path."""
    output = root / "_output"
    found = [path for part in ("paper", "thesis") for path in (output / part).rglob("*.html")]
    site = [
        path
        for path in (output / "site").rglob("*.html")
        if path.parts[len(output.parts) + 1] not in ("paper", "thesis")
    ]
    return {path.relative_to(output).as_posix(): words(path) for path in (*found, *site)}


@pytest.fixture(scope="module")
def builds(other: Path) -> dict[str, tuple[dict[str, str], dict[str, Any], str]]:
    """Return pages, values and stated notice of each build: the study's own first, then those of `SETS`."""
    results = other / "build" / "results"

    def state() -> tuple[dict[str, str], dict[str, Any], str]:
        values = json.loads((results / "values.json").read_text("utf-8"))
        plain = {key: item["value"] for key, item in values.items()}
        return pages(other), plain, (results / "notice.txt").read_text("utf-8")

    made = {"study": state()}
    for name, chosen in SETS.items():
        shutil.rmtree(other / "_output")
        parts = [["build", *(word for pair in chosen for word in ("-p", pair))]]
        parts += [["render", "thesis", "--format", "html", "--engine", "pandoc"]]
        parts += [["render", "paper", *([] if name == "newer" else ["--format", "html"]), "--engine", "pandoc"]]
        parts += [["render", "site", "--engine", "pandoc"]] * (name in OTHER_SITE)
        for command in parts:
            done = compendium(other, *command)
            assert done.returncode == 0, done.stderr
        made[name] = state()
    return made


@pytest.mark.parametrize("name", ["study", *SETS])
def test_every_sentence_is_true_of_its_build(
    builds: dict[str, tuple[dict[str, str], dict[str, Any], str]], name: str
) -> None:
    texts, values, _ = builds[name]
    wrong = []
    for page, sentence, condition in SENTENCES:
        if page not in texts and page.startswith("site/") and name not in ("study", *OTHER_SITE):
            continue
        text = re.sub(r"\s?\[\d+\]", "", texts[page])
        if (sentence in text) != condition(name, values):
            wrong.append((page, sentence, "stands" if sentence in text else "is missing"))
    assert wrong == []


@pytest.mark.parametrize("name", ["study", *SETS])
def test_every_page_says_which_parameters_are_not_the_study_s(
    builds: dict[str, tuple[dict[str, str], dict[str, Any], str]], name: str
) -> None:
    texts, _, notice = builds[name]
    assert len(texts) > (30 if name in ("study", *OTHER_SITE) else 12)
    if name == "study":
        assert notice == ""
        assert [page for page, text in texts.items() if NOTICE in text] == []
        return
    for pair in SETS[name]:
        parameter, value = pair.split("=")
        assert f"{parameter} is {value} instead of " in notice
    assert [page for page, text in texts.items() if notice not in text] == []


def test_word_jats_and_pdf_say_so_too(builds: dict[str, Any], other: Path) -> None:
    import zipfile

    import pypdfium2

    paper = other / "_output" / "paper"
    with zipfile.ZipFile(paper / "paper.docx") as archive:
        assert NOTICE in re.sub(r"<[^>]+>", "", archive.read("word/document.xml").decode("utf-8"))
    assert NOTICE in re.sub(r"\s+", " ", (paper / "paper.xml").read_text("utf-8"))
    document = pypdfium2.PdfDocument(paper / "paper.pdf")
    text = " ".join(page.get_textpage().get_text_range() for page in document)
    assert NOTICE in re.sub(r"\s+", " ", text)


def test_two_parameters_move_the_whole_chain_to_newer_data(other: Path) -> None:
    # The last test of this file: it leaves the folder with the newer data.
    done = compendium(other, "build", "-p", "imd=2025", "-p", "boundaries=icb2024")
    assert done.returncode == 0, done.stderr
    results = other / "build" / "results"
    values = {key: item["value"] for key, item in json.loads((results / "values.json").read_text("utf-8")).items()}
    assert values["vintage.values"] == "recomputed from open data"
    assert values["vintage.boundaries"] == "IMD 2025, ICBs of 2024"
    assert values["classes.printed"] == 210, "the class rule is about the printed tables whatever is described"
    assert values["open-data.values-changed"] > 0
    printed = pd.read_csv(other / "data" / "published" / "ics_deprivation.csv")["most_deprived_fifth_percent"]
    described = pd.read_csv(results / "tables" / "ics-deprivation.csv").iloc[:, 2]
    assert int((printed != described).sum()) == values["open-data.values-changed"]
    notes = (results / "tables" / "ics-deprivation.md").read_text("utf-8")
    assert "NHS region: of the area’s practices in January 2022. Deprivation: IMD 2025, ICBs of 2024." in notes
    assert compendium(other, "check").returncode == 0
    assert compendium(other, "build", "-p", "imd=2031").returncode == 1
