"""What became of a codebook between two exports of a project, and what that did to the codings.

A code is the same in both where its GUID is; where tools give none, or new ones, where its id is, and then where it
alone has a name in both. A code that is gone was *merged* into the one that now stands on most of its passages and did
not before; a code that is new was *split* off the one that stood on most of its passages. Both are readings of the
codings, and say on how many passages they rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from compendium.evidence.codebook import paths

if TYPE_CHECKING:
    from collections.abc import Hashable

GUIDANCE = ("definition", "use", "not_use", "typical")
KINDS = ("added", "split off", "removed", "merged", "renamed", "moved", "redefined", "recoded")
COLUMNS = ("change", "code", "now", "detail", "passages_before", "passages_after", "kept")
MOST = 0.5  # the share of a code's passages that another must stand on to be taken for its successor


@dataclass(frozen=True)
class State:
    """A codebook at one time, and which passages held which code.

    Parameters
    ----------
    codebook : with ``guid`` where the source tells.
    given : ``passage`` (anything that names the same stretch in both states) and ``code_id``.
    """

    codebook: pd.DataFrame
    given: pd.DataFrame

    def held(self) -> dict[str, set[Hashable]]:
        """Return the passages of each code."""
        return {str(code): set(group) for code, group in self.given.groupby("code_id")["passage"]}


def matched(old: pd.DataFrame, new: pd.DataFrame) -> dict[str, str]:
    """Return which code of the new codebook each code of the old one is, by code_id."""
    found: dict[str, str] = {}
    for column in ("guid", "code_id", "code"):
        if column not in old or column not in new:
            continue
        mine = old[~old["code_id"].isin(list(found)) & (old[column] != "")]
        theirs = new[~new["code_id"].isin(list(found.values())) & (new[column] != "")]
        mine, theirs = (part[~part[column].duplicated(keep=False)] for part in (mine, theirs))
        there = dict(zip(theirs[column], theirs["code_id"], strict=True))
        pairs = zip(mine["code_id"], mine[column], strict=True)
        found.update({str(code): there[value] for code, value in pairs if value in there})
    return found


def changes(old: State, new: State) -> pd.DataFrame:
    """Return what changed, a row for each change of each code, in the order of `KINDS` and of the codebooks.

    Returns
    -------
    `COLUMNS`: the change, the code's path before and now (blank where it was or is not), what changed in words, its
    passages before and after, and those that it kept. ``recoded`` is a code whose passages alone changed.
    """
    same = matched(old.codebook, new.codebook)
    before, after = old.held(), new.held()
    path, now = dict(paths(old.codebook)), dict(paths(new.codebook))
    was, is_ = (book.set_index("code_id") for book in (old.codebook, new.codebook))
    gone = [code for code in was.index if code not in same]
    fresh = [code for code in is_.index if code not in set(same.values())]
    rows: list[tuple[str, str, str, str, set[Hashable], set[Hashable]]] = []
    for code in fresh:
        mine = after.get(code, set())
        source = _successor(mine, before, {old_: after.get(new_, set()) for old_, new_ in same.items()})
        change = ("split off", f"from {path[source[0]]}, {source[1]} of its passages") if source else ("added", "")
        rows.append((change[0], "", now[code], change[1], set(), mine))
    for code in gone:
        mine = before.get(code, set())
        taken = {new_: before.get(old_, set()) for old_, new_ in same.items()}
        target = _successor(mine, after, {**{one: set() for one in fresh}, **taken})
        if target:
            rows.append(("merged", path[code], now[target[0]], f"{target[1]} of its passages", mine, after[target[0]]))
        else:
            rows.append(("removed", path[code], "", "", mine, set()))
    for code, other in same.items():
        mine, theirs = before.get(code, set()), after.get(other, set())
        told = []
        if was.at[code, "code"] != is_.at[other, "code"]:
            told.append(("renamed", f"{was.at[code, 'code']} to {is_.at[other, 'code']}"))
        above, below = str(was.at[code, "parent"]), str(is_.at[other, "parent"])
        if same.get(above, above and "gone") != below:
            told.append(("moved", f"from {path.get(above) or 'the top'} to {now.get(below) or 'the top'}"))
        edited = [name for name in GUIDANCE if _text(was, code, name) != _text(is_, other, name)]
        if edited:
            told.append(("redefined", ", ".join(name.replace("not_use", "do not use") for name in edited)))
        if not told and mine != theirs:
            told.append(("recoded", f"{len(theirs - mine):,} passages added, {len(mine - theirs):,} taken away"))
        rows += [(change, path[code], now[other], detail, mine, theirs) for change, detail in told]
    table = pd.DataFrame(
        [
            (change, code, then, detail, len(mine), len(theirs), len(mine & theirs))
            for change, code, then, detail, mine, theirs in sorted(rows, key=lambda row: KINDS.index(row[0]))
        ],
        columns=list(COLUMNS),
    )
    return table.reset_index(drop=True)


def summary(table: pd.DataFrame, old: State, new: State) -> str:
    """Return the changes in one sentence."""
    tally = table["change"].value_counts()
    told = ", ".join(f"{int(tally[kind]):,} {kind}" for kind in KINDS if kind in tally) or "nothing changed"
    codes = f"{len(old.codebook):,} codes became {len(new.codebook):,}"
    pairs = (len(state.given.drop_duplicates(["passage", "code_id"])) for state in (old, new))
    return f"{codes}: {told}. Codes on passages: {' before, '.join(f'{number:,}' for number in pairs)} after."


def lines(table: pd.DataFrame) -> list[str]:
    """Return what `changes` returns as a line for each change."""
    told = []
    for row in table.to_dict("records"):
        name = row["code"] or row["now"]
        name += f", now {row['now']}" if row["now"] not in ("", name) else ""
        detail = f" ({row['detail']})" if row["detail"] else ""
        passages = f"passages {row['passages_before']:,} before, {row['passages_after']:,} after"
        told.append(f"{row['change']}: {name}{detail}; {passages}")
    return told


def _successor(
    mine: set[Hashable], holders: Mapping[str, set[Hashable]], already: Mapping[str, set[Hashable]]
) -> tuple[str, str] | None:
    """Return the code that holds most of these passages and did not hold them before, with "n of m"; none under half.

    ``already`` are the codes that may be it, with the passages that they held on the other side.
    """
    best, most = "", 0
    for code, other in already.items():
        number = len((mine & holders.get(code, set())) - other)
        if number > most:
            best, most = code, number
    return (best, f"{most:,} of {len(mine):,}") if mine and most > MOST * len(mine) else None


def _text(book: pd.DataFrame, code: str, name: str) -> str:
    return " ".join(str(book.at[code, name]).split()) if name in book else ""
