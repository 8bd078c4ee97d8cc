# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Selecting the cases
#
# **Question.** Which systems form the subgroup with the highest concentration of deprivation, from which the study
# chose its three sites, and how different are the profiles of the three?
#
# **Inputs.** The thesis's Table 4 of chapter 4 and Table 1 of chapter 7, transcribed in `data/published/`.
#
# **Outputs.** The size of the subgroup and its spread over England, the printed profiles, and how they differ.
#
# The three sites are anonymous. This notebook draws the subgroup by its public rule and describes the three printed
# profiles; it never compares the one with the other.

# %% tags=["parameters"]
groups: int = 3  # number of equal groups the systems are cut into [2..6]
measure: str = "most_deprived_fifth_percent"  # column that measures deprivation, higher is more deprived
group_from_top: int = 1  # which group is the subgroup; 1 is the most deprived [1..6]
quantile_type: int = 7  # Hyndman-Fan type of the cuts; 7 interpolates linearly [1..9]
imd: int = 2019  # vintage of deprivation; with the study's own, values are as printed [in data/sources.toml: imd]
boundaries: str = "stp21"  # vintage of the areas: an id of data/sources.toml such as stp21, icb22 or icb24

# %%
import pandas as pd

from analysis import areas, characteristics, charts, selection, snapshot, vintages
from compendium.chain import results
from compendium.data import sources
from compendium.data.loading import read_table

store = results.start(
    {
        "groups": groups,
        "measure": measure,
        "group_from_top": group_from_top,
        "quantile_type": quantile_type,
        "imd": imd,
        "boundaries": boundaries,
    }
)

# %%
systems = areas.read_areas(store.input("data/published/areas.csv"))
geography = read_table(store.input("data/published/ics_geography.csv"), "ics_geography")
organisation = read_table(store.input("data/published/ics_organisation.csv"), "ics_organisation")
deprivation = read_table(store.input("data/published/ics_deprivation.csv"), "ics_deprivation")
printed = characteristics.join(systems, geography, organisation, deprivation)
for name in snapshot.TABLES:
    folder = store.input(f"data/derived/{name}.csv").parent
counts = snapshot.read(folder)
vintage = vintages.Vintages.build(sources.registry(store.input("data/sources.toml")), counts, imd, boundaries)
ics = vintages.described(printed, counts, vintage)

# %% [markdown]
# ## The high-deprivation subgroup
#
# The systems are ranked by the share of their LSOAs in the most deprived fifth of England and cut into equal groups.

# %%
rule = selection.Specification(measure, groups, group_from_top, quantile_type)
chosen = selection.select(ics, rule)
which = selection.group_named(rule)
[
    store.record_value("selection.drawn-from", chosen.drawn_from, "ICSs", "systems the subgroup was drawn from"),
    store.record_value("selection.size", chosen.size, "ICSs", "systems in the high-deprivation subgroup"),
    store.record_value("selection.group", selection.GROUPS[groups], "", "what each group is called"),
    store.record_value("selection.which", which, "", "which group is drawn"),
    store.record_value("selection.ranked-by", selection.measure_named(rule), "", "what the systems are ranked by"),
    store.record_value("selection.sentence", selection.sentence(chosen, rule), "", "which values put a system in it"),
    store.record_value(
        "selection.cut",
        chosen.cuts[max(0, groups - 1 - group_from_top)],
        "%",
        "cut that bounds the subgroup",
        display="{:.1f}",
    ),
    store.record_value(
        "selection.lowest", chosen.members[measure].min(), "%", "lowest value of the measure in the subgroup"
    ),
    store.record_value(
        "selection.highest", chosen.members[measure].max(), "%", "highest value of the measure in the subgroup"
    ),
]

# %% [markdown]
# The study drew its own by the printed table and the published rule, whatever the parameters say.

# %%
study = selection.select(printed)
published = selection.Specification()
[
    store.record_value("study.systems", study.drawn_from, "ICSs", "systems the study drew its subgroup from"),
    store.record_value("study.subgroup", study.size, "ICSs", "systems in the study's high-deprivation subgroup"),
    store.record_value("study.group", selection.GROUPS[published.groups], "", "what the study's groups are called"),
    store.record_value("study.imd", vintages.STUDY[0], "", "Index of Multiple Deprivation that the study used"),
    store.record_value(
        "selection.comparison", selection.comparison(chosen, study), "", "the drawn subgroup beside the study's"
    ),
]

# %% [markdown]
# Where in England is the subgroup?

# %%
store.record_table(
    "subgroup-by-region",
    selection.by_region(ics, chosen).set_axis(["NHS region", "All systems", which.capitalize()], axis=1),
    f"The {which} and all integrated care systems, by NHS region",
    "Number of systems. " + vintage.provenance(["nhs_region", measure], "chapter 4, Tables 2 and 4", computed=True),
)

# %% [markdown]
# ## The three printed profiles
#
# The study chose sites that share high deprivation and differ in geography, size and policy history. The profiles are
# given as the thesis prints them. They hold no more than was published, and nothing here narrows them further.

# %%
profiles = read_table(store.input("data/published/case_profiles.csv"), "case_profiles")
store.record_table(
    "case-profiles",
    profiles[["site", *selection.PROFILE_COLUMNS]].set_axis(
        ["Site", "Deprivation", "Geography", "Population", "ICS wave", "Policy involvement"], axis=1
    ),
    "Profiles of the three case-study systems",
    "As printed in the thesis (chapter 7, Table 1). The sites are anonymous.",
)

# %%
varied = selection.heterogeneity(profiles)
titles = {
    "deprivation": "Deprivation",
    "geography": "Geography",
    "population_size": "Population",
    "ics_wave": "ICS wave",
    "policy_involvement": "Policy involvement",
}
store.record_table(
    "case-heterogeneity",
    varied.assign(characteristic=varied["characteristic"].map(titles))[
        ["characteristic", "distinct_values", "differing_pairs", "pairs"]
    ].set_axis(["Characteristic", "Different values", "Pairs that differ", "Pairs"], axis=1),
    "How the three profiles differ",
    "Deprivation was held constant by design.",
)

# %%
pairwise = selection.differences(profiles)
[
    store.record_value("cases.count", len(profiles), "sites", "case-study systems"),
    store.record_value(
        "cases.characteristics-that-vary",
        int((varied["distinct_values"] > 1).sum()),
        "characteristics",
        "printed characteristics on which the three profiles are not all alike",
    ),
    store.record_value(
        "cases.characteristics", len(varied), "characteristics", "characteristics printed for each site"
    ),
    store.record_value(
        "cases.fewest-differences",
        pairwise["differing"].min(),
        "characteristics",
        "fewest printed characteristics on which any two profiles differ",
    ),
]

# %%
stages = pd.DataFrame(
    [
        ("", "integrated care systems in England", study.drawn_from),
        (selection.group_named(published), "systems with the most concentrated deprivation", study.size),
        ("varied in region, size, rurality and policy history", "case-study sites", len(profiles)),
    ],
    columns=["rule", "label", "ics_count"],
)
store.record_figure(
    "selection-flow",
    charts.selection_flow(stages),
    "From all integrated care systems to the three case-study sites",
    f"Flow in three steps of the study: {study.drawn_from} integrated care systems in England; the {study.size} "
    f"systems in the {selection.group_named(published)}; {len(profiles)} case-study sites chosen among them to differ "
    "in region, size, rurality and policy history.",
    charts.selection_data(stages),
)

# %%
store.finish()
