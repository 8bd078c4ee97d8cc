"""Changes of a codebook: added, split, removed, merged, renamed, moved and redefined, with what the codings say."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from compendium import cli
from compendium.evidence.codebookdiff import State, changes, summary


def state(codes: list[tuple[str, str, str, str, str]], held: dict[str, str]) -> State:
    """Return a state from (guid, id, name, parent, definition) and the passages of each code as letters."""
    book = pd.DataFrame(codes, columns=["guid", "code_id", "code", "parent", "definition"])
    rows = [(passage, code) for code, passages in held.items() for passage in passages]
    return State(book, pd.DataFrame(rows, columns=["passage", "code_id"]))


OLD = state(
    [("1", "a", "Access", "", "d"), ("2", "b", "Cost", "a", "d"), ("3", "c", "Fares", "a", "d"),
     ("4", "e", "Time", "", "d"), ("5", "f", "Unused", "", "d"), ("6", "g", "Trust", "", "d")],
    {"a": "p", "b": "qr", "c": "stu", "e": "vw", "g": "xyz"},
)  # fmt: skip
NEW = state(
    [("1", "a", "Access", "", "d"), ("2", "b", "Money", "a", "d"), ("4", "e", "Time", "a", "d"),
     ("6", "g", "Trust", "", "new"), ("7", "h", "Distrust", "g", "d"), ("8", "i", "Idle", "", "d")],
    {"a": "pq", "b": "qrst", "e": "vw", "g": "x", "h": "yz"},
)  # fmt: skip


def test_every_change_is_named_with_its_codings() -> None:
    found = changes(OLD, NEW)
    assert found[["change", "code", "now", "detail"]].to_numpy().tolist() == [
        ["added", "", "Idle", ""],
        ["split off", "", "Trust / Distrust", "from Trust, 2 of 2 of its passages"],
        ["removed", "Unused", "", ""],
        ["merged", "Access / Fares", "Access / Money", "2 of 3 of its passages"],
        ["renamed", "Access / Cost", "Access / Money", "Cost to Money"],
        ["moved", "Time", "Access / Time", "from the top to Access"],
        ["redefined", "Trust", "Trust", "definition"],
        ["recoded", "Access", "Access", "1 passages added, 0 taken away"],
    ]
    assert found[["passages_before", "passages_after", "kept"]].to_numpy().tolist() == [
        [0, 0, 0], [0, 2, 0], [0, 0, 0], [3, 4, 2], [2, 4, 2], [2, 2, 2], [3, 1, 1], [1, 2, 1]
    ]  # fmt: skip
    assert summary(found, OLD, NEW).startswith("6 codes became 6: 1 added, 1 split off, 1 removed, 1 merged")


def test_nothing_changes_from_a_state_to_itself() -> None:
    assert changes(OLD, OLD).empty
    assert "nothing changed" in summary(changes(OLD, OLD), OLD, OLD)


def test_without_guids_ids_and_names_tell_codes() -> None:
    blank = [State(one.codebook.assign(guid=""), one.given) for one in (OLD, NEW)]
    pd.testing.assert_frame_equal(changes(*blank), changes(OLD, NEW))
    moved = State(
        OLD.codebook.replace({"code_id": {"e": "e2"}}).assign(guid=""), OLD.given.replace({"code_id": {"e": "e2"}})
    )
    assert changes(blank[0], State(blank[0].codebook, OLD.given)).empty
    assert changes(State(OLD.codebook.assign(guid=""), OLD.given), moved).empty


def test_the_command_compares_exports_and_codebooks(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    from compendium.refiqda.writing import write_project
    from compendium.scaffold import example

    project = example.project()
    old = write_project(project, tmp_path / "old.qdpx")
    book = project.tables["codebook"]
    project.tables["codebook"] = book.assign(code=book["code"].replace("Worry", "Fear"))
    new = write_project(project, tmp_path / "new.qdpx")
    assert cli.main(["diff-codebook", str(old), str(new)]) == 0
    printed = capsys.readouterr().out
    assert "12 codes became 12: 1 renamed." in printed
    assert (
        "renamed: What follows / Worry, now What follows / Fear (Worry to Fear); passages 2 before, 2 after" in printed
    )
    book.assign(definition="").to_csv(tmp_path / "codebook.csv", index=False)
    assert cli.main(["diff-codebook", str(old), str(tmp_path / "codebook.csv"), "--out", str(tmp_path / "d.csv")]) == 0
    table = pd.read_csv(tmp_path / "d.csv")
    assert set(table["change"]) == {"redefined"}
    assert cli.main(["diff-codebook", str(old), str(tmp_path / "none.qdpx")]) == 1
