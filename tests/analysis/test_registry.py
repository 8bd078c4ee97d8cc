"""The study's part of the registry: vintages that name sources, and what each must say."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.registry import read_registry
from compendium.errors import CompendiumError

SOURCE = """[sources.ranks]
title = "t"
publisher = "p"
licence = "l"
page = "https://example.org"
url = "https://example.org/x.csv"
file = "x.csv"
sha256 = "{digest}"
format = "csv"
rows = 1
width = 2
columns = {{lsoa = "a"{rank}}}
numbers = [{number}]
"""


def written(folder: Path, more: str, *, ranked: bool = True) -> Path:
    path = folder / "sources.toml"
    rank, number = (', rank = "b"', '"rank"') if ranked else ("", "")
    path.write_text(SOURCE.format(digest="0" * 64, rank=rank, number=number) + more)
    return path


def test_unknown_vintages_name_the_known_ones() -> None:
    known = read_registry()
    with pytest.raises(CompendiumError, match=f"IMD vintage; found 1066, expected {', '.join(sorted(known.imd))}"):
        known.imd_source("1066")
    with pytest.raises(CompendiumError, match=f"expected {', '.join(sorted(known.boundaries))}"):
        known.boundary("shires")


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ('[imd.2030]\nsource = "imd2030"\nlabel = "x"\n', "lacks; found imd2030"),
        ('[imd.2030]\nlabel = "x"\n', "incomplete; expected source"),
        ('[imd.2030]\nsource = "ranks"\ncolour = "x"\n', "unknown; found colour"),
        ('[boundaries.now]\nlabel = "x"\nlookup = "ranks"\nareas = 3\n', "does not say which area"),
        ('[snapshot]\nvintages = [["2030", "now"]]\n', "a pair of unknown vintages"),
    ],
)
def test_a_vintage_that_cannot_be_is_refused(tmp_path: Path, more: str, problem: str) -> None:
    with pytest.raises(CompendiumError, match=problem):
        read_registry(written(tmp_path, more))


def test_an_index_without_ranks_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, '[imd.2030]\nsource = "ranks"\n', ranked=False)
    with pytest.raises(CompendiumError, match="does not name its LSOAs and its ranks"):
        read_registry(path)


def test_an_index_goes_by_its_label_else_by_its_title(tmp_path: Path) -> None:
    known = read_registry(
        written(tmp_path, '[imd.2030]\nsource = "ranks"\n[imd.2031]\nsource = "ranks"\nlabel = "x"\n')
    )
    assert (known.imd_label("2030"), known.imd_label("2031")) == ("t", "x")


def test_a_missing_registry_is_named(tmp_path: Path) -> None:
    with pytest.raises(CompendiumError, match="is missing"):
        read_registry(tmp_path / "none.toml")
