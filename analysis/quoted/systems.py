"""Numbers about the 42 systems that prose quotes: their spread, their classes, the subgroup, and how robust it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analysis import selection as selections
from analysis.vintages import STUDY, Vintages

if TYPE_CHECKING:
    import pandas as pd

    from analysis.robustness import Sweep

    Rows = list[tuple[Any, ...]]


def vintage(described: Vintages, imd: int | str) -> Rows:
    """Return how the described data are called."""
    phrases = described.phrases()
    return [
        ("imd", str(imd), "", "vintage of the Index of Multiple Deprivation that is described"),
        ("boundaries", described.label, "", "data and boundaries described"),
        ("values", phrases["values"], "", "whether the described values are the study's own"),
        ("tables", phrases["tables"], "", "what the documents describe the systems by"),
        ("index", phrases["index"], "", "which deprivation index is used beside the study's"),
        ("cuts", phrases["cuts"], "", "which cuts the described values have"),
    ]


def spread(ics: pd.DataFrame, by_area: pd.DataFrame) -> Rows:
    """Return how far the systems differ.

    Parameters
    ----------
    ics : one row per ICS, as `analysis.vintages.described` returns it.
    by_area : counts of LSOAs with ``area`` (ODS code) and ``fifth``, as `analysis.snapshot.ics_table` returns them.
    """
    people, share = ics["population"], ics["most_deprived_fifth_percent"]
    fifth = by_area.set_index("area").reindex(ics["ods_code"])["fifth"]
    held = 100 * fifth[(ics["deprivation_class"] == "high").to_numpy()].sum() / fifth.sum()
    return [
        ("count", len(ics), "ICSs", "integrated care systems in England"),
        ("regions", ics["nhs_region"].nunique(), "NHS regions", "NHS England regions"),
        ("population.mean-millions", people.mean() / 1e6, "million people", "mean population of an ICS", "{:.1f}"),
        (
            "population.smallest-millions",
            people.min() / 1e6,
            "million people",
            "population of the smallest ICS",
            "{:.1f}",
        ),
        (
            "population.largest-millions",
            people.max() / 1e6,
            "million people",
            "population of the largest ICS",
            "{:.1f}",
        ),
        (
            "population.ratio",
            people.max() / people.min(),
            "times",
            "population of the largest ICS over that of the smallest",
            "{:.1f}",
        ),
        ("urban.lowest", ics["urban_percent"].min(), "%", "lowest share of urban LSOAs"),
        ("urban.all", (ics["urban_percent"] == 100).sum(), "ICSs", "ICSs that are wholly urban"),
        ("utlas.most", ics["utla_count"].max(), "authorities", "most UTLAs in one ICS"),
        ("utlas.more-than-ten", (ics["utla_count"] > 10).sum(), "ICSs", "ICSs with over ten UTLAs"),
        ("utlas.one", (ics["utla_count"] == 1).sum(), "ICSs", "ICSs with a single UTLA"),
        ("utlas.sum", ics["utla_count"].sum(), "authorities", "sum of UTLAs over ICSs, some counted twice"),
        ("trusts.fewest", ics["trust_count"].min(), "trusts", "fewest NHS trusts in an ICS"),
        ("trusts.most", ics["trust_count"].max(), "trusts", "most NHS trusts in one ICS"),
        ("vanguards.sum", ics["vanguards"].sum(), "vanguards", "vanguard sites over all ICSs"),
        ("pioneers.sum", ics["pioneers"].sum(), "pioneers", "pioneer sites over all ICSs"),
        ("waves", ics["ics_wave"].nunique(), "waves", "announcement waves of early ICSs"),
        ("deprived.lowest", share.min(), "%", "lowest share of LSOAs in the most deprived fifth"),
        ("deprived.highest", share.max(), "%", "highest share of LSOAs in the most deprived fifth"),
        ("deprived.median", share.median(), "%", "median share of LSOAs in that fifth", "{:g}"),
        (
            "deprived.held-by-high",
            held,
            "%",
            "share of England's most deprived LSOAs that lie in the systems of the highest class",
            "{:.0f}%",
        ),
    ]


def classes(recovered: pd.DataFrame, by_type: pd.DataFrame, bounds: pd.DataFrame, method: str) -> Rows:
    """Return how many printed class labels and bounds the rule gives back.

    Parameters are what `analysis.characteristics` returns: ``recovered_classes``, ``agreement_by_quantile_type`` and
    ``bounds_check``; ``method`` says how the cuts are taken.
    """
    return [
        ("printed", len(recovered), "labels", "class labels printed in Tables 2 to 4"),
        ("recovered", recovered["agrees"].sum(), "labels", "printed labels the rule gives back"),
        ("method", method, "", "how the rule takes the cuts"),
        (
            "types-that-recover-all",
            (by_type["agree"] == by_type["labels"]).sum(),
            "definitions",
            "of nine quantile definitions, those that give every printed label back",
        ),
        ("bounds-printed", len(bounds), "bounds", "class bounds in the thesis's notes"),
        (
            "bounds-that-disagree",
            (~bounds["agrees"]).sum(),
            "bounds",
            "printed class bounds that differ from the computed ones after rounding",
        ),
    ]


def complexity(correlations: pd.DataFrame) -> Rows:
    """Return the correlations of population with each count of organisations."""
    utlas, trusts = (correlations.set_index("y").loc[name] for name in ("utla_count", "trust_count"))
    return [
        ("utlas.pearson", utlas["pearson"], "", "population and UTLAs, r", "{:.3f}"),
        ("utlas.spearman", utlas["spearman"], "", "population and UTLAs, rho", "{:.2f}"),
        ("trusts.pearson", trusts["pearson"], "", "population and trusts, r", "{:.3f}"),
        ("trusts.spearman", trusts["spearman"], "", "population and trusts, rho", "{:.2f}"),
    ]


def subgroup(chosen: selections.Selection, rule: selections.Specification, study: selections.Selection) -> Rows:
    """Return the size and the bounds of the drawn subgroup, and how it lies beside the study's."""
    cut = chosen.cuts[max(0, rule.groups - 1 - rule.group_from_top)]
    values = chosen.members[rule.measure]
    return [
        ("drawn-from", chosen.drawn_from, "ICSs", "systems the subgroup was drawn from"),
        ("size", chosen.size, "ICSs", "systems in the high-deprivation subgroup"),
        ("group", selections.GROUPS[rule.groups], "", "what each group is called"),
        ("which", selections.group_named(rule), "", "which group is drawn"),
        ("ranked-by", selections.measure_named(rule), "", "what the systems are ranked by"),
        ("sentence", selections.sentence(chosen, rule), "", "which values put a system in it"),
        ("cut", cut, "%", "cut that bounds the subgroup", "{:.1f}"),
        ("lowest", values.min(), "%", "lowest value of the measure in the subgroup"),
        ("highest", values.max(), "%", "highest value of the measure in the subgroup"),
        ("comparison", selections.comparison(chosen, study), "", "the drawn subgroup beside the study's"),
    ]


def study(selection: selections.Selection, rule: selections.Specification) -> Rows:
    """Return the subgroup of the study itself."""
    return [
        ("systems", selection.drawn_from, "ICSs", "systems the study drew its subgroup from"),
        ("subgroup", selection.size, "ICSs", "systems in the study's high-deprivation subgroup"),
        ("group", selections.GROUPS[rule.groups], "", "what the study's groups are called"),
        ("imd", STUDY[0], "", "Index of Multiple Deprivation that the study used"),
    ]


def cases(profiles: pd.DataFrame) -> Rows:
    """Return on how many printed characteristics the three profiles differ; nothing is compared with the systems."""
    varied = selections.heterogeneity(profiles)
    fewest = selections.differences(profiles)["differing"].min()
    return [
        ("count", len(profiles), "sites", "case-study systems"),
        (
            "characteristics-that-vary",
            (varied["distinct_values"] > 1).sum(),
            "characteristics",
            "printed characteristics on which the three profiles are not all alike",
        ),
        ("characteristics", len(varied), "characteristics", "characteristics printed for each site"),
        (
            "fewest-differences",
            fewest,
            "characteristics",
            "fewest printed characteristics on which any two profiles differ",
        ),
    ]


def robustness(counted: Sweep, by_level: pd.DataFrame, stability: pd.DataFrame, fixed: pd.DataFrame) -> Rows:
    """Return how often systems are drawn over all specifications, and when the groups are terciles (``fixed``).

    Parameters are what `analysis.robustness` returns: ``sweep``, ``agreement_by_level`` and twice ``stability``.
    """
    verdicts = stability["verdict"].value_counts()
    identical = by_level.loc[by_level["choice"] == "ties", "identical"].sum()
    lowest = 100 * stability.loc[stability["in_study"], "share"].min()
    always, never = ((fixed["verdict"] == verdict).sum() for verdict in ("always", "never"))
    return [
        ("specifications", counted.specifications, "specifications", "rules tried"),
        ("empty", counted.empty, "specifications", "rules that select nobody"),
        ("identical", identical, "specifications", "rules that draw the study's subgroup"),
        ("always", verdicts.get("always", 0), "ICSs", "systems in every subgroup"),
        ("sometimes", verdicts.get("sometimes", 0), "ICSs", "systems in some subgroups"),
        ("never", verdicts.get("never", 0), "ICSs", "systems in no subgroup"),
        (
            "study-lowest",
            lowest,
            "%",
            "rules that select the least often selected system of the study's subgroup",
            "{:.0f}",
        ),
        ("terciles-always", always, "ICSs", "systems in every subgroup when the groups are terciles"),
        ("terciles-never", never, "ICSs", "systems in no subgroup when the groups are terciles"),
    ]
