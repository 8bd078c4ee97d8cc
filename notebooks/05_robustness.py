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
# # How robust is the case selection?
#
# **Question.** Would other reasonable data, measures and rules have drawn the same high-deprivation subgroup?
#
# **Inputs.** The printed tables in `data/published/` and the counts of open data in `data/derived/`.
#
# **Outputs.** How often each system is in the subgroup, which choices move it, the specification curve, and how many
# cells of the published sample hold a single person.
#
# The sweep concerns the public rule that draws the subgroup. It says nothing about the three sites.

# %% tags=["parameters"]
leave_out: int = 0  # 0: the published exclusions; from 1: leave out every set of up to so many systems [0..5]
workers: int = 1  # processes on this machine; more pay off from some hundred thousand specifications [1..]

# %%
import pandas as pd

from analysis import inputs, robustness, specificationcurve
from analysis.quoted import systems as quoted
from compendium.chain import results
from compendium.evidence import disclosure

store = results.start({"leave_out": leave_out, "workers": workers})

# %%
printed = inputs.printed(store)
codes = list(printed["ods_code"])
study = set(printed.loc[printed["deprivation_class"] == "high", "ods_code"])
left_out = robustness.leave_out(codes, leave_out) if leave_out else robustness.exclusions(printed)
grid = robustness.Grid(exclusions=left_out)
values = robustness.measured(inputs.counts(store), grid, codes)

# %% [markdown]
# ## Every specification
#
# A specification is one choice of data, measure, rounding, number of groups, quantile type, rule for ties and systems
# left out. The sweep takes every combination.

# %%
counted = robustness.sweep(values, grid, codes, study, workers=workers)
stability = robustness.stability(counted, study).merge(printed[["ods_code", "ics_name"]], on="ods_code")
store.record_table(
    "robustness-systems",
    stability.assign(in_study=stability["in_study"].map({True: "yes", False: ""}), share=100 * stability["share"]),
    "How often each system is in the high-deprivation subgroup",
    "Of the specifications that do not leave the system out. The subgroup has between a sixth and a half of the "
    "systems, so few systems are always in it.",
    show=6,
)

# %%
by_level = robustness.agreement_by_level(counted)
store.record_table(
    "robustness-choices",
    by_level,
    "How each choice moves the subgroup away from the study's",
    "Similarity: Jaccard index of the two subgroups, 1 if they are the same; systems left out count in neither.",
)

# %%
terciles = robustness.Grid(groups=(3,), exclusions=left_out)
fixed = robustness.stability(robustness.sweep(values, terciles, codes, study), study)
store.record_values("robustness", *quoted.robustness(counted, by_level, stability, fixed))

# %% [markdown]
# ## The specification curve

# %%
curve_grid = robustness.Grid(exclusions=robustness.exclusions(printed))
jaccard = specificationcurve.jaccard_of_each(robustness.members(values, curve_grid, codes), curve_grid, codes, study)
curve = specificationcurve.specification_curve_data(jaccard, curve_grid)
store.record_figure(
    "specification-curve",
    specificationcurve.specification_curve(curve, curve_grid.size),
    "Likeness of the high-deprivation subgroup to the study's under every specification",
    f"Curve of the Jaccard similarity of {curve_grid.size:,} subgroups with the study's, rising from "
    f"{jaccard.min():.2f} to {jaccard.max():.2f}, median {float(curve['median'].median()):.2f}; below it, bands show "
    "which choices are frequent where. The measure and the number of groups separate; data, rounding and quantile "
    "type hardly do.",
    curve,
)

# %% [markdown]
# ## Data and measures beside each other
#
# Similarity of the subgroups that each data set and measure draws with terciles, linear quantiles and unrounded values.

# %%
pairs_grid = robustness.Grid(roundings=("unrounded",), groups=(3,), quantile_types=(7,), ties=(robustness.TIES[0],))
drawn = robustness.members(values[:, :, :1], pairs_grid, codes).reshape(-1, len(codes))
names = [f"{data}, {measure}" for data in pairs_grid.levels()["data"] for measure in pairs_grid.levels()["measure"]]
matrix = robustness.jaccard_matrix(drawn)
table = pd.DataFrame(matrix.round(2), columns=[str(number) for number in range(1, len(names) + 1)])
table.insert(0, "Subgroup", [f"{number} {name}" for number, name in enumerate(names, start=1)])
store.record_table(
    "robustness-jaccard",
    table,
    "Similarity of the subgroups that data and measures draw",
    "Jaccard index; columns are numbered as the rows.",
)

# %% [markdown]
# ## What the published sample gives away
#
# The sample is printed by site and sector, and quotations carry both. A cell with a single person makes the person
# easier to recognise. The three printed profiles are not matched to systems here or anywhere in the project. Authors
# who are about to publish profiles of their own can check them with `compendium disclosure`.

# %%
people = store.read("data/published/interviewees.csv")
cells = disclosure.small_cells(people, "interviewees")
store.record_values(
    "disclosure",
    ("cells", cells["cells"], "cells", "cells of the sample by site and sector with people"),
    ("small-cells", cells["small_cells"], "cells", "cells with a single person"),
)

# %%
store.finish()
