"""Framework analysis: cases by themes with the researcher's own summaries, themes by who speaks, negative cases.

The method is that of Ritchie and Spencer (1994). Two small tables of the researcher's own lie beside a project's:
``summaries.csv`` (``case``, ``theme``, ``summary``) holds what they make of a theme in a case, ``negative.csv``
(``passage``, ``code``, ``why``) the passages that speak against what is said of a code. Summaries are the researcher's
words, never made from the text.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from compendium.data.loading import read_text
from compendium.errors import CompendiumError
from compendium.evidence import codebook as codebooks
from compendium.evidence.evidence import rolled_up
from compendium.evidence.passages import ids, merged

SUMMARIES, NEGATIVE = "summaries.csv", "negative.csv"
NO_CASE = "no case"
COLUMNS = ("theme", "passages", "documents", "cases", "speakers", "against")


def matrix(
    segments: pd.DataFrame,
    codings: pd.DataFrame,
    codebook: pd.DataFrame,
    themes: Sequence[str],
    by: str = "site",
    summaries: pd.DataFrame | None = None,
    most: int = 3,
) -> pd.DataFrame:
    """Return the framework matrix: cases down, themes across.

    Parameters
    ----------
    themes : code_ids, the codes below them included.
    by : the column that names the case, several with semicolons: ``site``, ``document`` or ``speaker``.
    summaries : ``case``, ``theme`` (an id or a title) and ``summary``.
    most : passages named in a cell.

    Returns
    -------
    ``Case`` and a column for each theme by its title. A cell holds the summary, then how many passages there are and
    the ids of the first ones, by which they are found; it is blank where there is nothing.

    Raises
    ------
    CompendiumError : a summary names a case or theme that is not there.
    """
    segments, codings = merged(segments, codings)
    title = dict(zip(codebook["code_id"], codebook["code"], strict=True))
    held = rolled_up(codings[["segment_id", "code_id"]], codebook)
    held = held[held["code_id"].isin(list(themes))].merge(segments[["segment_id", by]], on="segment_id")
    held["case"] = held[by].astype(str).str.split(";")
    held = held.explode("case").assign(case=lambda frame: frame["case"].str.strip().replace("", NO_CASE))
    order = {segment: place for place, segment in enumerate(segments["segment_id"])}
    held = held.drop_duplicates(["segment_id", "code_id", "case"]).sort_values("segment_id", key=lambda s: s.map(order))
    found = {key: list(group) for key, group in held.groupby(["case", "code_id"])["segment_id"]}
    named = [part.strip() for cell in segments[by].astype(str) for part in cell.split(";")]
    cases = list(dict.fromkeys(name for name in named if name))
    cases += [NO_CASE] * ((NO_CASE in set(held["case"])) and NO_CASE not in cases)
    own = _summaries(summaries, cases, list(themes), title)
    rows = []
    for case in cases:
        row = {"Case": case}
        for theme in themes:
            passages = found.get((case, theme), [])
            listed = ", ".join(passages[:most]) + (", …" if len(passages) > most else "")
            count = f"{len(passages):,} passage{'s' * (len(passages) != 1)}: {listed}" if passages else ""
            row[title[theme]] = " ".join(filter(None, (own.get((case, theme), ""), f"[{count}]" if count else "")))
        rows.append(row)
    return pd.DataFrame(rows, columns=["Case", *(title[theme] for theme in themes)])


def frequencies(
    segments: pd.DataFrame,
    codings: pd.DataFrame,
    codebook: pd.DataFrame,
    negative: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return how often each code is held and by how many speakers, in the order of the tree.

    Parameters
    ----------
    negative : as `negatives` returns them.

    Returns
    -------
    ``code_id``, ``level``, and of `COLUMNS` the code's title as ``theme``, passages, documents, cases, speakers (who is
    behind them) and passages marked as speaking ``against`` it.
    """
    from compendium.evidence.passages import counts

    table = counts(segments, codings, codebook).set_index("code_id")
    book = codebooks.ordered(codebook)
    against: dict[str, int] = {}
    if negative is not None and len(negative):
        rolled = rolled_up(negative.rename(columns={"passage": "segment_id"})[["segment_id", "code_id"]], codebook)
        against = {str(code): int(number) for code, number in rolled["code_id"].value_counts().items()}
    found = table.loc[book["code_id"], ["passages", "documents", "cases", "speakers"]].reset_index()
    found.insert(1, "level", book["level"].to_numpy())
    found.insert(2, "theme", book["code"].to_numpy())
    return found.assign(against=[against.get(code, 0) for code in found["code_id"]])


def negatives(file: str | Path, segments: pd.DataFrame, codebook: pd.DataFrame) -> pd.DataFrame:
    """Return the passages marked as negative cases, checked: ``passage``, ``code_id``, ``why``; none without the file.

    Raises
    ------
    CompendiumError : a column is missing, a passage or code is not there, or it is not said why.
    """
    if not Path(file).is_file():
        return pd.DataFrame(columns=["passage", "code_id", "why"])
    told = read_text(file)
    if lacking := [name for name in ("passage", "code", "why") if name not in told]:
        raise CompendiumError("a column is missing", file=file, column=lacking[0], found=list(told.columns))
    of = dict(zip(segments["segment_id"], ids(segments), strict=True))
    known = {**dict(zip(codebook["code"], codebook["code_id"], strict=True)), **{c: c for c in codebook["code_id"]}}
    for row, line in enumerate(told.to_dict("records"), start=2):
        for column, fine in (("passage", line["passage"] in of), ("code", line["code"] in known), ("why", line["why"])):
            if not fine:
                raise CompendiumError(
                    "a negative case needs a passage and a code of the project, and a reason", file=file, row=row,
                    column=column, found=line[column] or "a blank",
                )  # fmt: skip
    return pd.DataFrame(
        {"passage": told["passage"].map(of), "code_id": told["code"].map(known), "why": told["why"]}
    ).drop_duplicates(["passage", "code_id"])


def printed(table: pd.DataFrame) -> pd.DataFrame:
    """Return `frequencies` for print: codes indented by level, units that the project lacks left out."""
    shown = table.assign(
        theme=["– " * (level - 1) + name for level, name in zip(table["level"], table["theme"], strict=True)]
    )
    headings = ["Theme", "Passages", "Documents", "Cases", "Speakers", "Against it"]
    shown = shown[list(COLUMNS)].set_axis(headings, axis=1)
    shown = shown[shown["Passages"] > 0].reset_index(drop=True)
    return shown.drop(columns=[name for name in ("Cases", "Speakers", "Against it") if not shown[name].any()])


def joint_display(findings: pd.DataFrame, behind: pd.DataFrame, relations: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return a joint display: what the numbers say and what the interviews say, how they relate, and what follows.

    Parameters
    ----------
    findings : ``finding_id`` and ``statement``, the strand of interviews.
    behind : ``finding_id``, ``passages``, ``sources`` and ``cases``, as `compendium.evidence.support.behind` has them.
    relations : the researcher's own ``relations.csv``: ``finding_id``, ``numbers`` (what the other strand found),
        ``relation`` (`RELATIONS`) and ``inference``; absent, these columns wait to be written.

    Raises
    ------
    CompendiumError : a relation is none of `RELATIONS`, or names a finding that is not there.
    """
    told = pd.DataFrame(columns=["finding_id", "numbers", "relation", "inference"]) if relations is None else relations
    for row, line in enumerate(told.fillna("").to_dict("records"), start=2):
        if line["finding_id"] not in set(findings["finding_id"]):
            raise CompendiumError("there is no such finding", row=row, column="finding_id", found=line["finding_id"])
        if line["relation"] not in (*RELATIONS, ""):
            raise CompendiumError(
                "the strands relate in another way", row=row, column="relation", found=line["relation"],
                expected=list(RELATIONS),
            )  # fmt: skip
    joined = findings[["finding_id", "statement"]].merge(
        behind.drop(columns="statement", errors="ignore"), on="finding_id"
    )
    joined = joined.merge(told, on="finding_id", how="left")
    joined[["numbers", "relation", "inference"]] = joined[["numbers", "relation", "inference"]].fillna("")
    cells = joined[["passages", "sources", "cases"]].to_numpy()
    counted = [f"{passages} in {sources} sources, {cases} cases" for passages, sources, cases in cells]
    return pd.DataFrame(
        {
            "Interviews": joined["statement"], "Passages behind it": counted, "Numbers": joined["numbers"],
            "Relation": joined["relation"], "Meta-inference": joined["inference"],
        }
    )  # fmt: skip


RELATIONS = ("confirms", "expands", "diverges", "silent")
"""How two strands relate: fit of Fetters, Curry and Creswell (2013), and one strand that says nothing."""


def _summaries(
    summaries: pd.DataFrame | None, cases: Sequence[str], themes: Sequence[str], title: dict[str, str]
) -> dict[tuple[str, str], str]:
    if summaries is None:
        return {}
    known = {**{title[theme]: theme for theme in themes}, **{theme: theme for theme in themes}}
    found = {}
    for row, line in enumerate(summaries.to_dict("records"), start=2):
        for column, names in (("case", cases), ("theme", list(known))):
            if line[column] not in names:
                raise CompendiumError(
                    "a summary names what is not there", file=SUMMARIES, row=row, column=column, found=line[column],
                    expected=list(names),
                )  # fmt: skip
        found[line["case"], known[line["theme"]]] = line["summary"]
    return found
