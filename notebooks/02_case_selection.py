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
group_from_top: int = 1  # which group is the subgroup; 1 is the most deprived [1..6]
quantile_type: int = 7  # Hyndman-Fan type of the cuts; 7 interpolates linearly [1..9]
imd: int = 2019  # vintage of deprivation; with the study's own, values are as printed [in data/sources.toml: imd]
boundaries: str = "stp21"  # vintage of the areas, such as icb2024 [in data/sources.toml: boundaries]

# %%
from analysis import inputs, selection, vintages
from analysis.quoted import systems as quoted
from compendium.chain import results
from compendium.data import headings

store = results.start(
    {
        "groups": groups,
        "group_from_top": group_from_top,
        "quantile_type": quantile_type,
        "imd": imd,
        "boundaries": boundaries,
    }
)

# %%
printed = inputs.printed(store)
counts = inputs.counts(store)
vintage = inputs.vintage(store, counts, imd, boundaries)
ics = vintages.described(printed, counts, vintage)

# %% [markdown]
# ## The high-deprivation subgroup
#
# The systems are ranked by the share of their LSOAs in the most deprived fifth of England and cut into equal groups.

# %%
rule = selection.Specification(selection.MEASURE, groups, group_from_top, quantile_type)
chosen = selection.select(ics, rule)
study = selection.select(printed)
store.record_values("selection", *quoted.subgroup(chosen, rule, study))

# %% [markdown]
# The study drew its own by the printed table and the published rule, whatever the parameters say.

# %%
published = selection.Specification()
store.record_values("study", *quoted.study(study, published))

# %% [markdown]
# Where in England is the subgroup?

# %%
which = selection.group_named(rule)
store.record_table(
    "subgroup-by-region",
    selection.by_region(ics, chosen).set_axis(["NHS region", "All systems", which.capitalize()], axis=1),
    f"The {which} and all integrated care systems, by NHS region",
    "Number of systems. "
    + vintage.provenance(["nhs_region", selection.MEASURE], "chapter 4, Tables 2 and 4", computed=True),
)

# %% [markdown]
# ## The three printed profiles
#
# The study chose sites that share high deprivation and differ in geography, size and policy history. The profiles are
# given as the thesis prints them. They hold no more than was published, and nothing here narrows them further.

# %%
profiles = store.read("data/published/case_profiles.csv")
store.record_table(
    "case-profiles",
    profiles,
    "Profiles of the three case-study systems",
    "As printed in the thesis (chapter 7, Table 1). The sites are anonymous.",
)

# %%
store.record_table(
    "case-heterogeneity",
    selection.heterogeneity(profiles).replace({"characteristic": headings.titles("case_profiles")}),
    "How the three profiles differ",
    "Deprivation was held constant by design.",
)

# %%
store.record_values("cases", *quoted.cases(profiles))

# %%
store.finish()
