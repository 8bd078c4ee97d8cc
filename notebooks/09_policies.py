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
# # National policies
#
# **Question.** What did national policy ask of local health partnerships from 1997 on, what structure did it leave in
# 2022, and what do its components and challenges amount to?
#
# **Inputs.** The tables of the thesis's chapters 4 and 5, transcribed in `data/published/`, and the alignments of
# policy in `data/coding/`.
#
# **Outputs.** The policies and their aims, the structure of 2022, and three streams of policy.

# %% tags=["parameters"]
last_year: int = 2022  # a policy without a printed end counts as running until this year [1990..2100]

# %%
from analysis import policies, policycharts, policytables, structurechart
from analysis.quoted import policies as quoted
from compendium.chain import results

store = results.start({"last_year": last_year})

# %% [markdown]
# ## National policies, 1997 to 2022

# %%
store.input("data/published/policies.csv")
partnerships = policies.policies()
aims = store.read("data/published/policy_aims.csv")
partners = store.read("data/published/policy_partners.csv")
summaries = store.read("data/published/policy_summaries.csv").set_index("policy_id")
in_force = policies.in_force(partnerships, last_year)
in_force.T

# %%
store.record_table(
    "policies",
    policytables.overview(partnerships, summaries),
    "The policies that asked the NHS and others to work in local partnerships, 1997 to 2022",
    "An open dash: no end is printed. Coverage: the whole of England, most of it, or selected areas. Extra money: "
    "whether the row speaks of national money for local areas beyond their budgets; conditional means that money hung "
    "on taking part or on an acceptable plan. Facts from the thesis (chapter 4, Table 1), condensed by us.",
    widths=[30, 12, 15, 12, 26, 13],
)

# %%
described = policytables.contents(partnerships, summaries, partners, aims)
turn = 2010  # the year in which the government changed
early = partnerships["start"] < turn
for span, part in (("before", early), ("from", ~early)):
    store.record_table(
        f"policies-{span}-turn",
        described[part],
        f"Policies begun {span} {turn}: activities, target population, partners and intended impact",
        "Activities and target population in our words, partners and impact as we grouped them, after the thesis "
        "(chapter 4, Table 1).",
        widths=[17, 33, 20, 22, 20],
        show=4,
    )

# %%
coverage = partnerships["coverage"].value_counts()
store.record_figure(
    "policy-timeline",
    policycharts.timeline(partnerships, last_year),
    "Policies on local health partnerships by year, unit of geography and coverage",
    f"Bars for {len(partnerships)} policies from {partnerships['start'].min()} to {last_year}, shaded by coverage: "
    f"{coverage['whole of England']} cover the whole of England, {coverage['selected areas']} selected areas. "
    "The pilots of 2005 to 2013 are "
    f"short; up to {in_force['policies'].max()} policies ran in one year. The last two use the system as their unit. "
    "Dashes: no end is printed, and the policy may have lapsed; where the start alone is printed, that year is drawn.",
    policycharts.timeline_data(partnerships, last_year),
)

# %%
store.record_figure(
    "policy-aims",
    policycharts.aims_heatmap(partnerships, aims),
    "What the policies were meant to achieve; the aim on inequalities is dark",
    f"Grid of {len(partnerships)} policies by eight aims. "
    f"{int((aims['aim'] == 'inequalities').sum())} policies aim at inequalities: seven of the first eight, few between "
    "2005 and 2015, and the last two.",
    policycharts.aims_data(partnerships, aims),
)

# %%
store.record_values("partnerships", *quoted.partnerships(partnerships, aims, partners, summaries, last_year))

# %% [markdown]
# ## The structure since 2022
#
# The last of these policies came with a new structure. Who holds whom to account in it, as far as policy says?

# %%
relations = store.read("data/published/accountability.csv")
open_questions = relations[relations["relation"] == "unclear"]
store.record_figure(
    "ics-structure",
    structurechart.structure(relations),
    "Who holds whom to account in the structure of 2022, and what policy leaves open",
    "Boxes on three levels. National: the Department of Health and Social Care sets policy for NHS England, which "
    "oversees the integrated care board; the Care Quality Commission assesses the integrated care system. System: "
    "board and partnership; the partnership guides the board by a strategy, as do health and wellbeing boards. Local: "
    "the board may delegate to place partnerships; its power over "
    + " and over ".join(body if body.startswith("NHS") else body.lower() for body in open_questions["to_body"])
    + " is drawn as left open.",
    structurechart.structure_data(relations),
)

# %%
store.record_values("structure", *quoted.structure(relations))

# %% [markdown]
# ## Three streams of policy
#
# The policy analysis sorts what the centre does, and what may go wrong, into aims, processes and resources.

# %%
streams = store.read("data/published/policy_streams.csv")
store.record_table(
    "policy-streams",
    policytables.streams(streams),
    "National policy on ICSs and inequalities: components and challenges by stream",
    "In our words after the thesis (chapter 5, Table 1).",
    widths=[12, 30, 30],
)

# %%
store.record_values("streams", *quoted.streams(streams))

# %%
alignments = store.read("data/coding/frameworks/policy-alignments.csv")
store.record_table(
    "policy-alignments",
    alignments.assign(
        alignment=alignments["alignment"].str.split(",").str[0] + ", between " + alignments["between"].str.lower()
    ),
    "Three alignments of policy, and what the interviews found",
    "In our words after the thesis (chapter 5, approach; chapter 7, discussion).",
)

# %%
store.finish()
