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
# # The people interviewed
#
# **Question.** Who was interviewed, where and from which sector, and do the printed totals add up?
#
# **Inputs.** The thesis's chapter 7, Table 2 and the totals in its text, transcribed in `data/published/`.
#
# **Outputs.** The sample by site and sector, its totals inside and outside the NHS, and a check of every printed total.

# %% tags=["parameters"]
people: str = "interviewees"  # one row per site and sector [in data/published/*.csv]
totals: str = "interviewee_margins"  # the printed totals [in data/published/*.csv]

# %%
from analysis import participants
from analysis.quoted import studies as quoted
from compendium.chain import results

store = results.start({"people": people, "totals": totals})

# %%
interviewees = store.read(f"data/published/{people}.csv")
margins = store.read(f"data/published/{totals}.csv")

# %%
store.record_table(
    "participants",
    participants.by_site_and_sector(interviewees).rename(columns={"site": "Site"}),
    "People interviewed, by site and sector",
    "ICB: integrated care board. ICB and provider are NHS organisations; the other sectors lie outside the NHS. "
    "Counts as printed in the thesis (chapter 7, Table 2), totals computed.",
)

# %%
by_group = participants.by_group(interviewees)
by_group

# %% [markdown]
# ## Do the printed totals add up?

# %%
checks = participants.margin_checks(interviewees, margins)
store.record_table(
    "participant-margins",
    checks,
    "Every printed total of the sample against the sum of its cells",
)

# %%
store.record_values("sample", *quoted.sample(interviewees, checks))

# %%
store.finish()
