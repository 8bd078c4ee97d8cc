"""Numbers of the audit that prose quotes: definitions, cells, class labels, the second program, and other data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analysis import audit
from analysis.definitions import AUDITED, SURROGATES

if TYPE_CHECKING:
    import pandas as pd

    Rows = list[tuple[Any, ...]]


def definitions(printed: pd.DataFrame, agreement: pd.DataFrame) -> Rows:
    """Return how many values the definitions give back; ``agreement`` is that of `analysis.audit.agreement`."""
    agree = agreement.set_index("definition")["agree"]
    after, tested = agreement["after_seeing"].sum(), len(set(AUDITED) - set(SURROGATES))
    equal = "populations equal to the projected 2022/23 population on"
    return [
        ("areas", len(printed), "ICSs", "systems audited"),
        ("definitions", len(agreement), "definitions", "definitions tried"),
        ("definitions-after", after, "definitions", "definitions chosen after seeing the printed values"),
        ("variables", len(AUDITED), "variables", "printed variables compared with open data"),
        ("variables-tested", tested, "variables", "printed variables that open data can test"),
        ("population-registered", agree["registered-stp21"], "ICSs", "populations that are list sizes"),
        ("population-projected-2021", agree["projected-stp21"], "ICSs", f"{equal} April 2021 boundaries"),
        ("population-projected-2022", agree["projected-icb22"], "ICSs", f"{equal} July 2022 boundaries"),
        (
            "deprivation-2021",
            agree["deprivation-stp21"],
            "ICSs",
            "deprivation shares that agree on April 2021 boundaries",
        ),
        (
            "deprivation-2022",
            agree["deprivation-icb22"],
            "ICSs",
            "deprivation shares that agree on July 2022 boundaries",
        ),
        ("urban", agree["urban-stp21"], "ICSs", "urban shares that agree"),
    ]


def cells(cells: pd.DataFrame) -> Rows:
    """Return the verdicts on the cells; ``cells`` is that of `analysis.audit.cells`."""
    totals = audit.verdicts(cells).drop(columns="variable").sum()
    lost = cells[~cells["agrees"]]
    counts = lost["variable"].value_counts()
    urban = lost[lost["variable"] == "urban_percent"]
    differing = cells[cells["verdict"] == audit.DIFFERS]
    return [
        ("cells", len(cells), "values", "printed values compared with open data"),
        ("cells-tested", len(audit.testable(cells)), "values", "printed values tested"),
        ("cells-agree", totals[audit.AGREES], "values", "tested values that agree"),
        ("cells-differ", len(differing), "values", "tested values that differ"),
        ("cells-not-testable", totals[audit.NOT_TESTABLE], "values", "printed values that these data cannot test"),
        ("surrogate-same", totals["surrogate_same"], "values", "values not testable that the surrogate gives"),
        (
            "subgroup-differ",
            differing["high_deprivation"].sum(),
            "values",
            "tested values that differ and belong to systems in the high-deprivation subgroup",
        ),
        (
            "authorities-disagree",
            counts.get("utla_count", 0),
            "ICSs",
            "authority counts that the surrogate does not give",
        ),
        ("trusts-disagree", counts.get("trust_count", 0), "ICSs", "trust counts that the surrogate does not give"),
        ("urban-wrong", ", ".join(urban["ics_name"]) or "none", "", "ICS whose urban share differs"),
        ("urban-printed", ", ".join(f"{value}%" for value in urban["printed"]) or "none", "", "as printed"),
        ("urban-recomputed", ", ".join(f"{value:.1f}%" for value in urban["unrounded"]) or "none", "", "recomputed"),
    ]


def labels(classes: pd.DataFrame, effects: pd.DataFrame) -> Rows:
    """Return what becomes of class labels; both frames are those of `analysis.audit` (``classes``, ``knock_on``)."""
    ties = classes[classes["agrees_rounded"] & ~classes["agrees_unrounded"]]
    urban = (effects["variable"] == "urban_percent").sum()
    unchanged = audit.subgroup_unchanged(classes)
    return [
        ("labels", len(classes), "labels", "printed class labels tested"),
        ("labels-change", (~classes["agrees_rounded"]).sum(), "labels", "labels that would change"),
        ("knock-on-urban", urban, "labels", "geography labels that the urban value alone would change"),
        ("ties", len(ties), "labels", "labels that hang on rounding"),
        (
            "subgroup-sentence",
            "so recomputing them reproduces the study’s subgroup"
            if unchanged
            else "and recomputing changes the subgroup",
            "",
            "whether recomputed deprivation reproduces the study's subgroup, as a clause",
        ),
        (
            "subgroup-changes",
            "no" if unchanged else "yes",
            "",
            "whether recomputed deprivation changes the high-deprivation subgroup",
            "No" if unchanged else "Yes",
        ),
    ]


def second_program(both: pd.DataFrame) -> Rows:
    """Return how many cells two programs compute alike, of `analysis.secondprogramming.compared`."""
    return [
        ("second-cells", len(both), "cells", "results computed by both programs"),
        ("second-equal", both["agrees"].sum(), "cells", "results equal in both programs"),
    ]


def other_data(imd: int, boundaries: str, newer: pd.DataFrame, differences: pd.DataFrame) -> Rows:
    """Return what other vintages change, of `analysis.audit.vintage_differences`."""
    kept = (differences["printed_class"] == "high") & (differences["recomputed_class"] == "high")
    return [
        ("imd", str(imd), "", "vintage of the deprivation index set beside the study"),
        ("boundaries", boundaries, "", "vintage of the areas set beside the study"),
        ("lsoas", newer["lsoas"].sum(), "LSOAs", "small areas counted"),
        ("values-changed", (differences["change"] != 0).sum(), "ICSs", "shares that differ"),
        ("classes-changed", (~differences["agrees"]).sum(), "ICSs", "deprivation classes that differ"),
        ("subgroup-kept", kept.sum(), "ICSs", "systems of the printed high-deprivation subgroup that stay in it"),
    ]
