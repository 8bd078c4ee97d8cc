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
from compendium.data import loading
from compendium.evidence import evidence, support

store = results.start()
stated = loading.read_file(store.input("data/findings.csv"))
coded = evidence.read(
    "project",
    store.input("data/coding/project/codebook.csv"),
    store.input("data/coding/project/segments.csv"),
    store.input("data/coding/project/codings.csv"),
    uncoded=True,
)

# %%
behind = support.behind(stated, coded)
store.record_table(
    "findings",
    behind.drop(columns="finding_id").set_axis(["Finding", "Codes", "Passages", "Sources", "Cases", "Coders"], axis=1),
    "Findings and what stands behind them",
    "Passages hold one of the codes named, or a code below it. Sources, cases and coders are those of these passages.",
    widths=[42, 30, 10, 9, 8, 8],
)

# %%
[
    store.record_value("findings.number", len(behind), "findings", "findings stated"),
    store.record_value("findings.supported", int((behind["passages"] > 0).sum()), "findings", "with a passage"),
]

# %%
store.finish()
