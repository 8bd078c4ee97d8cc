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
groups: int = 3  # number of equal groups the systems are cut into (2 to 6)
measure: str = "most_deprived_fifth_percent"  # column that measures deprivation, higher is more deprived
group_from_top: int = 1  # which group is the subgroup; 1 is the most deprived
quantile_type: int = 7  # Hyndman-Fan type of the cuts; 7 interpolates linearly
imd: int = 2019  # vintage of the Index of Multiple Deprivation; with the study's own, values are as printed
boundaries: str = "stp21"  # vintage of the areas: stp21 (April 2021), icb22 (July 2022) or icb24 (2024)

# %%
import pandas as pd

from analysis import areas, characteristics, charts, selection, snapshot, vintages
from compendium.chain import results
from compendium.data.loading import read_table

store = results.start(
    "02_case_selection",
    {
        "groups": groups,
        "measure": measure,
        "group_from_top": group_from_top,
        "quantile_type": quantile_type,
        "imd": imd,
        "boundaries": boundaries,
    },
)

# %%
systems = areas.read_areas(store.input("data/published/areas.csv"))
geography = read_table(store.input("data/published/ics_geography.csv"), "ics_geography")
organisation = read_table(store.input("data/published/ics_organisation.csv"), "ics_organisation")
deprivation = read_table(store.input("data/published/ics_deprivation.csv"), "ics_deprivation")
printed = characteristics.join(systems, geography, organisation, deprivation)
for name in snapshot.TABLES:
    folder = store.input(f"data/derived/{name}.csv").parent
ics = vintages.described(printed, snapshot.read(folder), imd, boundaries)

# %% [markdown]
# ## The high-deprivation subgroup
#
# The systems are ranked by the share of their LSOAs in the most deprived fifth of England and cut into equal groups.

# %%
chosen = selection.select(ics, selection.Specification(measure, groups, group_from_top, quantile_type))
group_names = {2: "half", 3: "tercile", 4: "quarter", 5: "fifth", 6: "sixth"}
[
    store.record_value("selection.drawn-from", chosen.drawn_from, "ICSs", "systems the subgroup was drawn from"),
    store.record_value("selection.size", chosen.size, "ICSs", "systems in the high-deprivation subgroup"),
    store.record_value("selection.group", group_names[groups], "", "what each group is called"),
    store.record_value(
        "selection.cut",
        chosen.cuts[-group_from_top],
        "%",
        "cut above which a system is in the subgroup",
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
# Where in England is the subgroup?

# %%
store.record_table(
    "subgroup-by-region",
    selection.by_region(ics, chosen).set_axis(["NHS region", "All systems", "High-deprivation subgroup"], axis=1),
    "The high-deprivation subgroup and all integrated care systems, by NHS region",
    "Number of systems. " + vintages.computed(imd, boundaries, "chapter 4, Tables 2 and 4"),
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
        ("", "integrated care systems in England", chosen.drawn_from),
        (f"most deprived {group_names[groups]}", "systems with the most concentrated deprivation", chosen.size),
        ("varied in region, size, rurality and policy history", "case-study sites", len(profiles)),
    ],
    columns=["rule", "label", "ics_count"],
)
store.record_figure(
    "selection-flow",
    charts.selection_flow(stages),
    "From all integrated care systems to the three case-study sites",
    f"Flow in three steps: {chosen.drawn_from} integrated care systems in England; the {chosen.size} systems in the "
    f"most deprived {group_names[groups]}; {len(profiles)} case-study sites chosen among them to differ in region, "
    "size, rurality and policy history.",
    charts.selection_data(stages),
)

# %%
store.finish()
