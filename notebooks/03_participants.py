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
from analysis import charts, participants
from compendium.chain import results
from compendium.data.loading import read_table

store = results.start({"people": people, "totals": totals})

# %%
interviewees = read_table(store.input(f"data/published/{people}.csv"), people)
margins = read_table(store.input(f"data/published/{totals}.csv"), totals)

# %%
store.record_table(
    "participants",
    participants.by_site_and_sector(interviewees).rename(columns={"site": "Site"}),
    "People interviewed, by site and sector",
    "ICB: integrated care board. ICB and provider are NHS organisations; the other sectors lie outside the NHS. "
    "Counts as printed in the thesis (chapter 7, Table 2), totals computed.",
)

# %%
groups = participants.by_group(interviewees).set_index("sector_group")
by_site = interviewees.groupby("site")["interviewees"].sum()
by_sector = interviewees.groupby("sector", sort=False)["interviewees"].sum()
[
    store.record_value("sample.interviews", participants.sample_size(interviewees), "interviews", "people interviewed"),
    store.record_value("sample.nhs", groups.loc["NHS", "interviewees"], "people", "interviewed in NHS organisations"),
    store.record_value(
        "sample.nhs-percent",
        groups.loc["NHS", "percent"],
        "%",
        "share interviewed in NHS organisations",
        display="{:.0f}",
    ),
    store.record_value(
        "sample.other", groups.loc["Other sectors", "interviewees"], "people", "interviewed outside the NHS"
    ),
    store.record_value("sample.sectors", len(by_sector), "sectors", "sectors the sample was drawn from"),
    *(
        store.record_value(f"sample.site-{site.lower()}", n, "people", f"interviewed in site {site}")
        for site, n in by_site.items()
    ),
    *(
        store.record_value(f"sample.{sector.lower().replace(' ', '-')}", n, "people", f"interviewed in sector {sector}")
        for sector, n in by_sector.items()
    ),
]

# %% [markdown]
# ## Do the printed totals add up?

# %%
checks = participants.margin_checks(interviewees, margins)
store.record_table(
    "participant-margins",
    checks.assign(agrees=checks["agrees"].map({True: "yes", False: "no"}))[
        ["category", "place", "printed", "computed", "agrees"]
    ].set_axis(["Total of", "Place in the thesis", "Printed", "Computed", "Agrees"], axis=1),
    "Every printed total of the sample against the sum of its cells",
)

# %%
[
    store.record_value("sample.totals", len(checks), "totals", "totals of the sample that the thesis prints"),
    store.record_value("sample.totals-that-agree", int(checks["agrees"].sum()), "totals", "printed totals that add up"),
]

# %%
store.record_figure(
    "participants-dots",
    charts.interviewees(interviewees),
    "Interviewees by site and sector",
    "Stacked rows of dots, one dot per person, for sites A, B and C, coloured by sector: "
    + "; ".join(f"site {site} {n}" for site, n in by_site.items())
    + f". {groups.loc['NHS', 'interviewees']} people work in NHS organisations and "
    f"{groups.loc['Other sectors', 'interviewees']} outside it.",
    charts.interviewees_data(interviewees),
)

# %%
store.finish()
