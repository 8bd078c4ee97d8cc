"""What sources declare is kept by content: it spares reading their syntax and decides nothing."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from compendium.chain import declarations, imports, notebooks, products
from compendium.chain.declarations import Declarations
from compendium.chain.freshness import Digests
from compendium.data import headings


def declared(project: Path) -> Declarations:
    build = project / "build"
    build.mkdir(exist_ok=True)
    return Declarations(project, build, Digests())


def test_what_is_kept_equals_what_is_read(project: Path, tmp_path: Path) -> None:
    first = Declarations(project, tmp_path, Digests())
    read = first.notebooks()
    first.save()
    assert read == notebooks.discover(project / "notebooks")
    again = Declarations(project, tmp_path, Digests())
    assert again.notebooks() == read
    modules = read[0].modules
    assert again.sources(modules) == imports.module_sources(modules, project)


def test_unchanged_sources_are_not_parsed_and_changed_ones_are_whatever_their_times(
    small_project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = declared(small_project)
    before = kept.notebooks()
    kept.save()
    with monkeypatch.context() as spared:
        spared.setattr(notebooks, "read", lambda path: pytest.fail(f"{path.name} was parsed again"))
        assert declared(small_project).notebooks() == before
    path = small_project / "notebooks" / "01_sum.py"
    times = path.stat()
    path.write_text(path.read_text("utf-8").replace("factor: int = 1", "factor: int = 2"), "utf-8")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert declared(small_project).notebooks()[0].parameters["factor"].default == 2


def test_parameters_are_read_again_when_they_change(small_project: Path) -> None:
    path = small_project / "params.yml"
    for value in (2, 3):
        path.write_text(f"factor: {value}\n", "utf-8")
        kept = declared(small_project)
        assert products.read_parameters(small_project, declared=kept) == {"factor": value}
        kept.save()


@pytest.mark.parametrize("damage", ["", "[]", "{", '{"x": 1}'])
def test_a_damaged_cache_costs_only_time(small_project: Path, damage: str) -> None:
    kept = declared(small_project)
    before = kept.notebooks()
    (small_project / "build" / declarations.FILE).write_text(damage, "utf-8")
    kept = declared(small_project)
    assert kept.notebooks() == before
    kept.save()
    assert len(json.loads((small_project / "build" / declarations.FILE).read_text("utf-8"))) > 1


def test_the_dictionary_of_headings_has_one_place() -> None:
    assert products.HEADINGS == headings.FILE
