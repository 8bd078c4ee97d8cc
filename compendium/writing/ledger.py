"""The ledger as readers see it: judged statements, inconsistencies and versions as tables, verdicts as a chart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from compendium import settings
from compendium.figures import style
from compendium.figures.tables import MISSING
from compendium.website import registers
from compendium.writing import claims

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ALL = "all documents"

COLOURS = {
    claims.REPRODUCED: style.HIGH,
    claims.DIFFERS: style.ACCENT,
    claims.NO_RESULT: style.PAPER,
    claims.NOT_PUBLIC: style.MEDIUM,
    claims.CITED: style.LOW,
}
CERTAINTIES = tuple(registers.CERTAINTIES)
"""How sure we are of an inconsistency: the surest first, slips of the pen last."""


def documents() -> dict[str, str]:
    """Return the short names of the ledger's documents, in the order in which tables show them."""
    return settings.read().documents


def shown(value: Any, kind: str = "") -> str:
    """Return a recorded value as a table prints it: thousands separators (not in dates), at most two decimals."""
    if value is None or value != value:
        return MISSING
    if isinstance(value, bool | str):
        return str(value)
    text = f"{value:{'' if kind == 'date' else ','}.2f}".rstrip("0").rstrip(".")
    return text.replace("-", "−")


def statements_table(judged: pd.DataFrame) -> pd.DataFrame:
    """Return every statement with its verdict.

    Parameters
    ----------
    judged : rows as `claims.judge` returns them.

    Returns
    -------
    ``No.``, ``Document``, ``Place``, ``Statement``, ``Printed``, ``Recomputed``, ``Verdict``, ``Reason``, ``Result``
    (the key of the recorded result), in the order of the ledger.
    """
    recomputed = [shown(value, kind) for value, kind in zip(judged["recorded"], judged["kind"], strict=True)]
    return pd.DataFrame(
        {
            "No.": judged["claim_id"],
            "Document": judged["document"].map(documents()),
            "Place": judged["place"],
            "Statement": judged["statement"],
            "Printed": judged["printed"],
            "Recomputed": recomputed,
            "Verdict": judged["verdict"],
            "Reason": judged["reason"].fillna(""),
            "Result": judged["result_key"].fillna(""),
        }
    )


def totals_table(judged: pd.DataFrame) -> pd.DataFrame:
    """Return the verdicts by document: ``Document``, one column per verdict that occurs, ``All``."""
    names = {**documents(), ALL: ALL.capitalize()}
    counts = claims.totals(judged).reindex(list(names))
    used = [verdict for verdict in claims.VERDICTS if counts.loc[ALL, verdict]]
    headings = {verdict: verdict.capitalize() for verdict in used} | {"all": "All"}
    table = counts[[*used, "all"]].rename(columns=headings)
    table.insert(0, "Document", [names[str(name)] for name in table.index])
    return table.reset_index(drop=True)


def verdict_counts(judged: pd.DataFrame) -> dict[str, int]:
    """Return the totals that prose names: statements in all, and by verdict, under the keys of recorded values."""
    found = judged["verdict"].value_counts()
    counts = {
        "claims": len(judged),
        "reproduced": found.get(claims.REPRODUCED, 0),
        "differs": found.get(claims.DIFFERS, 0),
        "not-reproducible": found.get(claims.NOT_PUBLIC, 0),
        "cited": found.get(claims.CITED, 0),
        "no-result": found.get(claims.NO_RESULT, 0),
    }
    counts["recomputed"] = counts["reproduced"] + counts["differs"]
    return {name: int(count) for name, count in counts.items()}


def inconsistency_counts(found: pd.DataFrame) -> dict[str, int]:
    """Return the number of inconsistencies in all, by certainty, and within one document or between two."""
    within = found["document_1"] == found["document_2"]
    counts = {"inconsistencies": len(found), "inconsistencies-within": within.sum()}
    counts["inconsistencies-between"] = (~within).sum()
    for certainty in CERTAINTIES:
        counts[f"inconsistencies-{certainty}"] = (found["certainty"] == certainty).sum()
    return {name: int(count) for name, count in counts.items()}


def inconsistencies_table(found: pd.DataFrame) -> pd.DataFrame:
    """Return every inconsistency with both places; the surest come first, each group in the order of the data.

    Columns ``No.``, ``Topic``, ``First place``, ``In the first``, ``Second place``, ``In the second``, ``Evidence``,
    ``What could reconcile them``, ``Kind``, ``Certainty``.
    """
    order = found["certainty"].map({name: rank for rank, name in enumerate(CERTAINTIES)})
    rows = found.loc[order.sort_values(kind="stable").index]
    place = {side: rows[f"document_{side}"].map(documents()) + ": " + rows[f"place_{side}"] for side in (1, 2)}
    return pd.DataFrame(
        {
            "No.": rows["inconsistency_id"],
            "Topic": rows["topic"],
            "First place": place[1],
            "In the first": rows["printed_1"],
            "Second place": place[2],
            "In the second": rows["printed_2"],
            "Evidence": rows["evidence"],
            "What could reconcile them": rows["fair_reading"],
            "Kind": rows["kind"],
            "Certainty": rows["certainty"],
        }
    ).reset_index(drop=True)


def inconsistency_kinds(found: pd.DataFrame) -> pd.DataFrame:
    """Return counts of inconsistencies: ``Kind``, one column per certainty, ``All``; the most frequent kind first."""
    counts = pd.crosstab(found["kind"], found["certainty"]).reindex(columns=list(CERTAINTIES), fill_value=0)
    counts["all"] = counts.sum(axis=1)
    counts = counts.sort_values(["all", "kind"], ascending=[False, True], key=lambda column: column)
    counts.loc["all kinds"] = counts.sum()
    counts.columns = [str(name).capitalize() for name in counts.columns]
    return counts.rename_axis("Kind").reset_index().assign(Kind=lambda frame: frame["Kind"].str.capitalize())


# --- the chart -----------------------------------------------------------------------------------------------


def verdicts_data(judged: pd.DataFrame) -> pd.DataFrame:
    """Return what `verdicts_chart` plots: ``document``, ``verdict``, ``statements``, documents in reading order."""
    counts = claims.totals(judged).drop(index=ALL, columns="all")
    names = documents()
    rows = [
        (names[name], verdict, int(counts[verdict].to_dict()[name]))
        for name in names
        if name in counts.index
        for verdict in claims.VERDICTS
        if counts[verdict].sum()
    ]
    return pd.DataFrame(rows, columns=["document", "verdict", "statements"])


@style.styled
def verdicts_chart(judged: pd.DataFrame) -> Figure:
    """Draw one bar per document, divided by verdict, each part with its number; 170 mm wide."""
    data = verdicts_data(judged)
    documents, verdicts = list(dict.fromkeys(data["document"])), list(dict.fromkeys(data["verdict"]))
    counts: dict[tuple[str, str], int] = dict(
        zip(zip(data["document"], data["verdict"], strict=True), data["statements"].tolist(), strict=True)
    )
    most = max(sum(counts[document, verdict] for verdict in verdicts) for document in documents)
    left, top, step, bar = 38.0, 11.0, 8.0, 5.6
    scale = (style.PAGE_MM - left - 9.0) / most
    figure = style.blank(style.PAGE_MM, top + step * len(documents) + 1)
    sheet = style.page(figure)
    _key(sheet, verdicts, left)
    for row, document in enumerate(documents):
        y = top + row * step
        sheet.text(left - 2, y + bar / 2, document, ha="right", va="center", fontsize=7.5)
        x = left
        for verdict in verdicts:
            count, width = counts[document, verdict], counts[document, verdict] * scale
            if not count:
                continue
            _box(sheet, x, y, width, bar, COLOURS[verdict])
            if width >= 2.3:  # millimetres that two figures need
                ink = style.ink_on(COLOURS[verdict])
                sheet.text(x + width / 2, y + bar / 2, str(count), ha="center", va="center", fontsize=7, color=ink)
            x += width
        total = sum(counts[document, verdict] for verdict in verdicts)
        sheet.text(x + 1.5, y + bar / 2, str(total), va="center", fontsize=7.5, fontweight="bold")
    return figure


def _key(sheet: Any, verdicts: list[str], x: float) -> None:
    for verdict in verdicts:
        _box(sheet, x, 3.0, 3.2, 3.2, COLOURS[verdict])
        words = sheet.text(x + 4.4, 4.6, verdict.capitalize(), va="center", fontsize=7)
        extent = words.get_window_extent()
        x += 4.4 + extent.width / sheet.figure.dpi * 25.4 + 5.0


def _box(sheet: Any, x: float, y: float, width: float, height: float, colour: str) -> None:
    from matplotlib.patches import Rectangle

    sheet.add_patch(Rectangle((x, y), width, height, facecolor=colour, edgecolor=style.PAPER, linewidth=0.6))
