"""The versions of the paper as tables: every item once, words and changes that add up."""

from __future__ import annotations

import pandas as pd

from analysis import versiontables
from compendium.data import loading
from compendium.writing import checklists


def test_original_checklist_has_every_item_once() -> None:
    relocation = loading.read("srqr_relocation")
    table = versiontables.original_checklist(checklists.items("srqr"), loading.read("srqr_original"), relocation)
    assert table["Item"].tolist() == list(range(1, 22))
    first = table.iloc[0]
    assert (first["Lines in R1"], first["Verdict"]) == ("1 to 3", "matches")
    assert (table.loc[table["Lines in R1"] == "–", "Verdict"] == "other section").all()


def test_a_line_that_the_copy_lost_is_a_question_mark() -> None:
    items = pd.DataFrame({"number": [1, 2], "item": ["a", "b"], "topic": ["x", "y"]})
    printed = pd.DataFrame({"version": ["R1", "R1"], "item": ["a", "b"], "printed": ["l 1-9", "l 10"]})
    found = pd.DataFrame({"item": ["a", "b"], "now_from": [3, None], "now_to": [None, None], "verdict": ["moved", "?"]})
    assert versiontables.original_checklist(items, printed, found)["Lines in R1"].tolist() == ["3 to ?", "–"]


def test_versions_keep_their_words_and_changes() -> None:
    versions = loading.read("versions")
    sizes = versiontables.version_sizes(versions).set_index("Section")
    assert sizes.loc["Whole text", "Words, R1"] == sizes["Words, R1"].drop("Whole text").sum()
    changes = versiontables.version_changes(versions).set_index(["Step", "Section"])
    for step, after in (("Submission to R1", "R1"), ("R1 to Published", "Published")):
        kept = changes.loc[step].loc["Whole text"]
        now = sizes.loc["Whole text", f"Sentences, {after}"]
        assert kept["Unchanged"] + kept["Modified"] + kept["Added"] == now
