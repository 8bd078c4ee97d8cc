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
# # Findings and their evidence
#
# **Question.** What stands behind each finding?
#
# **Inputs.** `data/findings.csv`, one row for each finding with the codes that it rests on, and the coded project.
#
# **Outputs.** A table of findings with the passages, sources, cases and coders behind each.
#
# The counts show what stands behind a finding, not how common a view was.

# %%
from compendium.chain import results
from compendium.evidence import publication, studies, support

store = results.start()
stated = store.read("data/findings.csv")
coded = studies.coded(store, "project", uncoded=True)

# %%
behind = support.behind(stated, coded)
store.record_table(
    "findings",
    publication.rows_held_back(
        behind, studies.floor(store, "project"), "passages", ["passages", "sources", "cases", "coders"]
    ),
    "Findings and what stands behind them",
    "Passages hold one of the codes named, or a code below it. Sources, cases and coders are those of these passages.",
    widths=[42, 30, 10, 9, 8, 8],
)

# %%
store.record_values(
    "findings",
    ("number", len(behind), "findings", "findings stated"),
    ("supported", int((behind["passages"] > 0).sum()), "findings", "with a passage"),
)

# %%
store.finish()
