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
# # Sample and sources
#
# **Question.** Who and what was studied, and what of it lies in the coded project?
#
# **Inputs.** `data/sample.csv`, one row for each source, and the list of sources of the imported project.
#
# **Outputs.** The number of sources and cases, and a table of sources by case.

# %%
from compendium.chain import results
from compendium.data import loading

from analysis import sample

store = results.start()
sources = store.read("data/sample.csv")
imported = loading.read_text(store.input("data/coding/project/public/sources.csv"))

# %% [markdown]
# ## Sources of the project
#
# The table and the project must name the same sources; the notebook stops where they do not.

# %%
sample.check(sources, imported)
store.record_values("sample", *sample.told(sources))

# %% [markdown]
# ## Sources by case

# %%
store.record_table(
    "sample",
    sample.by_case(sources),
    "Sources by case",
    "Cases are those of the coded project. Roles are as stated in the study’s own table of sources.",
)

# %%
store.finish()
