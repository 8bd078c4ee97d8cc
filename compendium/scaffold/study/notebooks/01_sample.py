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
sources = loading.read_file(store.input("data/sample.csv"))
imported = loading.read_text(store.input("data/coding/project/sources.csv"))

# %% [markdown]
# ## Sources of the project
#
# A source that the table does not name, or names and the project lacks, stops the notebook: the two must agree.

# %%
held = imported.loc[imported["role"] == "source", "source_id"]
assert set(sources["source_id"]) == set(held), "data/sample.csv and the project name different sources"
cases = sources["case"].nunique()
[
    store.record_value("sample.sources", len(sources), "sources", "sources of the coded project"),
    store.record_value("sample.sources-unit", "source" if len(sources) == 1 else "sources", "", "word for them"),
    store.record_value("sample.cases", cases, "cases", "cases that sources belong to"),
    store.record_value(
        "sample.cases-phrase",
        f"from {cases} case{'s' * (cases != 1)}" if cases else "which belong to no case",
        "",
        "where the sources come from, after their number",
    ),
]

# %% [markdown]
# ## Sources by case

# %%
store.record_table(
    "sample",
    sample.by_case(sources).set_axis(["Case", "Sources", "Roles"], axis=1),
    "Sources by case",
    "Cases are those of the coded project. Roles are as stated in the study’s own table of sources.",
)

# %%
store.finish()
