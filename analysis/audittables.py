"""The tables of the audit as they are printed, with variables under the titles of the data dictionary."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from analysis import audit
from compendium.figures.tables import marked

if TYPE_CHECKING:
    import pandas as pd

RESULTS = {
    "class": "Class labels of the printed tables",
    "correlation": "Correlations of size and complexity",
    "cut": "Tercile cuts under nine quantile types",
    "interviewees": "Totals of interviewees",
    "printed values that agree": "Printed values that open data reproduce",
    "recomputed": "Measures from the counts of LSOAs",
    "specification": "Subgroups under a random thousand of the rules of the sweep",
    "subgroup": "Members of the most deprived of 2 to 6 groups",
    "total": "Totals of vanguards and pioneers",
}
"""Kinds of results that two programs compute, in words."""


def definitions(agreement: pd.DataFrame, titles: Mapping[str, str]) -> pd.DataFrame:
    """Return when each definition was chosen, and whether it is the main one; see `analysis.audit.agreement`."""
    chosen = agreement["after_seeing"].map({True: "after", False: "before"})
    return agreement.assign(
        variable=agreement["variable"].map(titles),
        chosen=chosen.where(~agreement["stated"], "stated in the notes"),
        main=marked(agreement["main"]),
    )


def cells(audited: pd.DataFrame, titles: Mapping[str, str]) -> pd.DataFrame:
    """Return the cells of `analysis.audit.cells` with recomputed percentages to three decimals."""
    unrounded = [f"{value:.3f}" if isinstance(value, float) else value for value in audited["unrounded"]]
    return audited.assign(
        variable=audited["variable"].map(titles), unrounded=unrounded, subgroup=marked(audited["high_deprivation"])
    )


def verdicts(audited: pd.DataFrame, titles: Mapping[str, str]) -> pd.DataFrame:
    """Return the verdicts by variable, and over all in the last row."""
    table = audit.verdicts(audited).set_index("variable")
    table.loc["all"] = table.sum()
    return table.rename(index={**titles, "all": "All"}).reset_index()


def knock_on(effects: pd.DataFrame, titles: Mapping[str, str]) -> pd.DataFrame:
    """Return what each recomputed value changes, as arrows; ``effects`` is that of `analysis.audit.knock_on`."""
    return effects.assign(
        variable=effects["variable"].map(titles),
        change=effects["printed"].astype(str) + " → " + effects["rounded"].astype(str),
        label=effects["printed_class"] + " → " + effects["new_class"],
        subgroup=marked(effects["high_deprivation"]),
    )
