"""Readers of raw files: the registry's columns, and clear refusals."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from compendium.data import readers, sources
from compendium.errors import CompendiumError


def source(file_format: str = "csv", **changes: object) -> sources.Source:
    entry = {
        "title": "t",
        "publisher": "p",
        "licence": "l",
        "page": "https://example.org",
        "url": "https://example.org/x",
        "file": f"x.{file_format}",
        "sha256": "0" * 64,
        "format": file_format,
        "rows": 2,
        "width": 3,
        "columns": {"lsoa": "Code", "rank": "Rank"},
        "numbers": ["rank"],
        **({"sheet": "Data"} if file_format == "xlsx" else {}),
        **changes,
    }
    return sources.Source.build("x", entry)


def written(folder: Path, text: str) -> Path:
    path = folder / "x.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_columns_are_renamed_typed_and_numbered_as_in_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, "\ufeffCode,Name,Rank\n 001 ,a,2\nE01000002,b,1\n")
    frame = readers.read(source(), path)
    assert frame.to_dict("list") == {"lsoa": ["001", "E01000002"], "rank": [2.0, 1.0]}
    assert list(frame.index) == [2, 3]
    assert frame.attrs["file"] == "x.csv"


def test_a_file_without_header_is_read_by_position(tmp_path: Path) -> None:
    path = written(tmp_path, "R0A,TRUST,\nR0B,OTHER,20210930\n")
    frame = readers.read(source(header=False, columns={"trust": 1, "closed": 3}, numbers=[]), path)
    assert frame["closed"].tolist()[1] == "20210930"
    assert pd.isna(frame["closed"].tolist()[0])
    assert list(frame.index) == [1, 2]


def test_xlsx_is_read_from_its_sheet(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    with pd.ExcelWriter(path, engine="openpyxl") as book:
        pd.DataFrame({"note": ["x"]}).to_excel(book, sheet_name="Notes", index=False)
        frame = pd.DataFrame({"Code": ["E01000001", "E01000002"], "Name": ["a", "b"], "Rank": [1, 2]})
        frame.to_excel(book, sheet_name="Data", index=False)
    assert readers.read(source("xlsx"), path)["rank"].tolist() == [1.0, 2.0]
    with pytest.raises(CompendiumError, match="a sheet is missing; found Notes, Data, expected IMD2019"):
        readers.read(source("xlsx", sheet="IMD2019"), path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Code,Name\na,b\nc,d\n", "number of columns is not as expected; found 2, expected 3"),
        ("Code,Name,Score\na,b,1\nc,d,2\n", "column 'Rank': a column is missing; found Code, Name, Score"),
        ("Code,Name,Rank\na,b,1\n", "number of rows is not as expected; found 1, expected 2"),
        ("Code,Name,Rank\na,b,1\nc,d,x\n", "row 3, column 'rank': a value is not a number; found 'x'"),
        ("Code,Name,Rank\na,b,1\nc,d,\n", "row 3, column 'rank': a value is not a number"),
        ("Code,Name,Rank\na,b,1\nc,d,2,9,9\n", "cannot be read as csv"),
        ("", "cannot be read as csv"),
    ],
)
def test_a_csv_of_another_shape_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(CompendiumError, match=message) as error:
        readers.read(source(), written(tmp_path, text))
    assert str(error.value).startswith("x.csv")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("file_format", ["xlsx", "rda", "csv"])
def test_a_damaged_file_is_one_sentence(tmp_path: Path, file_format: str) -> None:
    path = tmp_path / f"x.{file_format}"
    path.write_bytes(b"\x00\xff\xfe not a file of this kind" * 20)
    with pytest.raises(CompendiumError) as error:
        readers.read(source(file_format), path)
    assert str(error.value).startswith(f"x.{file_format}")
    assert "\n" not in str(error.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CompendiumError, match=r"none.csv: the raw file is missing"):
        readers.read(source(), tmp_path / "none.csv")


@pytest.mark.parametrize("identifier", sorted(sources.registry().sources))
def test_every_registered_source_reads_as_described(raw_mirror: Path, identifier: str) -> None:
    item = sources.registry().source(identifier)
    frame = readers.read(item, raw_mirror / item.file)
    assert len(frame) == item.rows
    assert list(frame.columns) == list(item.columns)
    assert all(frame[name].dtype == float for name in item.numbers)
