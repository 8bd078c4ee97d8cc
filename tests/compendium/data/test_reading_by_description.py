"""Every file that a data package describes is read against its description, whoever reads it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from compendium.data import loading
from compendium.errors import CompendiumError

FILES = (
    "coding/prucomm/segments.csv",
    "coding/speakers.csv",
    "coding/triangulation.csv",
    "coding/frameworks/ch7-table-3.csv",
    "comparison/studies.csv",
    "comparison/guide_topics.csv",
    "derived/ics_counts.csv",
    "derived/versions.csv",
)


@pytest.fixture
def copied(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(project / "data", tmp_path / "data")
    shutil.copy(project / "compendium.toml", tmp_path)
    monkeypatch.setenv("COMPENDIUM_ROOT", str(tmp_path))
    return tmp_path / "data"


def twice(text: str) -> str:
    head, rest = text.split("\n", 1)
    names = head.split(",")
    return ",".join([names[0], names[0], *names[2:]]) + "\n" + rest


def swapped(text: str) -> str:
    head, rest = text.split("\n", 1)
    names = head.split(",")
    return ",".join([names[1], names[0], *names[2:]]) + "\n" + rest


DAMAGES = {
    "a header twice": twice,
    "columns swapped": swapped,
    "NUL": lambda text: text[:-3] + "\0" + text[-3:],
    "cut short": lambda text: text.rstrip("\n")[:-4],
    "a row cut": lambda text: text + text.rstrip("\n").rpartition("\n")[2].partition(",")[0] + "\n",
    "only the header": lambda text: text.split("\n", 1)[0] + "\n",
    "a row twice": lambda text: text + text.rstrip("\n").rpartition("\n")[2] + "\n",
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("file", FILES)
def test_damage_is_refused_with_the_file(copied: Path, file: str, damage: str) -> None:
    path = copied / file
    assert len(loading.read_file(path))
    if damage == "a row twice" and not has_key(path):
        pytest.skip("the table has no key by which a row could stand twice")
    path.write_text(DAMAGES[damage](path.read_text("utf-8")), "utf-8", newline="")
    for read in (loading.read_file, loading.read_text):
        with pytest.raises(CompendiumError, match=re.escape(f"data/{file}")):
            read(path)


def has_key(path: Path) -> bool:
    from compendium.data import packages

    schema = packages.described(path)
    return schema is not None and bool(schema.primary_key or any(field.unique for field in schema.fields))


def test_a_site_that_no_study_has_is_refused(copied: Path) -> None:
    path = copied / "coding/alderwick-ch7/segments.csv"
    text = path.read_text("utf-8")
    assert ",A," in text
    path.write_text(text.replace(",A,", ",Q,", 1), "utf-8")
    with pytest.raises(CompendiumError, match=r"segments.csv, row \d+, column 'site'"):
        loading.read_text(path)


def test_a_file_that_nothing_describes_is_refused(copied: Path) -> None:
    path = copied / "coding" / "odd.csv"
    path.write_text("a\n1\n", "utf-8")
    with pytest.raises(CompendiumError, match=r"data/coding/odd.csv: no data package describes the file"):
        loading.read_file(path)
    assert loading.read_text(path)["a"].tolist() == ["1"], "an import has no description and is read as text"


def test_no_notebook_reads_csv_past_the_descriptions(project: Path) -> None:
    for path in sorted((project / "notebooks").glob("*.py")):
        assert "read_csv" not in path.read_text("utf-8"), path.name
