"""The notebooks on codes and findings run on a project imported from REFI-QDA."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from refiqda_projects import walks

from compendium.chain import graph
from compendium.errors import CompendiumError
from compendium.refiqda import import_project, publishing
from compendium.refiqda.model import Project

NOTEBOOKS = ("06_codes", "07_synthesis")


@pytest.fixture(scope="module")
def imported(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project that holds these two notebooks, our evidence and one import."""
    root = tmp_path_factory.mktemp("project")
    (root / "notebooks").mkdir()
    for name in NOTEBOOKS:
        shutil.copy(project / "notebooks" / f"{name}.py", root / "notebooks")
    for folder in ("coding", "published"):
        shutil.copytree(project / "data" / folder, root / "data" / folder)
    shutil.copy(project / "data" / "datapackage.json", root / "data")
    shutil.copy(project / "data" / "tables.toml", root / "data")
    folder = root / "data" / "coding" / "walks"
    import_project(walks(root), folder, study="walks")
    (folder / "publish.toml").write_text("codebook = true\ncounts = 1\n", "utf-8")
    labels = publishing.labelled(Project.load(folder), folder / "labels.csv").rows
    named = [
        (kind, one, {"Case 1": "Northtown", "Case 2": "Southend"}.get(label, label)) for kind, one, label in labels
    ]
    pd.DataFrame(named, columns=list(publishing.LABEL_COLUMNS)).to_csv(folder / "labels.csv", index=False)
    return root


@pytest.fixture
def results(imported: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COMPENDIUM_ROOT", str(imported))
    monkeypatch.delenv("COMPENDIUM_BUILD", raising=False)
    graph.build({"study": "walks"})
    return imported / "build" / "results"


def test_an_import_gives_the_same_tables(results: Path) -> None:
    by_site = pd.read_csv(results / "tables" / "code-by-site.csv").set_index("Code")
    # by hand, from the fixture: two passages of Northtown, and its whole text, are coded below 'Health'
    assert by_site.columns.tolist() == ["Northtown", "Southend", "All segments"]
    assert by_site.loc["Health", ["Northtown", "Southend"]].tolist() == [3, 1]
    themes = pd.read_csv(results / "tables" / "evidence-themes.csv")
    assert themes["Theme"].tolist() == ["Health", "Means"]
    agreement = pd.read_csv(results / "tables" / "coder-agreement-walks.csv").set_index("Code")
    assert agreement.loc["Pain", "Agreement (%)"] == 80
    values = json.loads((results / "values.json").read_text("utf-8"))
    assert values["evidence.segments.walks"]["value"] == 13


def test_an_import_meets_nothing_that_belongs_to_other_studies(results: Path) -> None:
    """Its sites are not those of the printed profiles, and nobody judged it against the statements."""
    recorded = json.loads((results / "results.json").read_text("utf-8"))
    for absent in ("joint-display", "triangulation-matrix", "triangulation-grid", "conflicts", "domain-network"):
        assert absent not in recorded
    assert {"code-heatmap", "code-accumulation", "code-cooccurrence"} <= set(recorded)


def test_a_study_that_is_not_there_is_named(imported: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPENDIUM_ROOT", str(imported))
    monkeypatch.delenv("COMPENDIUM_BUILD", raising=False)
    with pytest.raises(CompendiumError, match=r"parameter 'study' lies outside of what is allowed; found nowhere"):
        graph.build({"study": "nowhere"}, only="06_codes")
