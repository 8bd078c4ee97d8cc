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
# # Quotations
#
# **Question.** Which words of participants are printed, and under which code?
#
# **Inputs.** What is public of the imported project, in `data/coding/project/public/`: the passages that `publish.toml`
# names under `quotations`, shortened as the researcher’s `quotations.csv` has them.
#
# **Outputs.** A table of quotations for the paper, in every format.
#
# All quotations of a code, with context, are a file of the researcher’s own: `compendium quotes`. A shortened form is
# checked against the text there: it may leave words out (…) and put words in ([]), and change none.

# %%
from compendium.chain import results
from compendium.evidence import quotations, studies

store = results.start()
coded = studies.coded(store, "project", uncoded=True)
chosen = studies.quotations(store, "project")

# %%
store.record_table(
    "quotations",
    quotations.of_public(chosen, coded.segments, coded.codebook),
    "What participants said",
    "Who speaks goes by the label of their case and the id of the document.",
    widths=[24, 60, 16],
    unless="No quotation is published: publish.toml names none.",
)

# %%
store.record_value("quotations.number", len(chosen), "quotations", "quotations that are printed")

# %%
store.finish()
