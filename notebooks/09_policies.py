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
from analysis import policies, policycharts, structurechart
from compendium.chain import results
from compendium.data import loading

store = results.start({"last_year": last_year})

# %% [markdown]
# ## National policies, 1997 to 2022

# %%
store.input("data/published/policies.csv")
partnerships = policies.policies()
aims = loading.read(store.input("data/published/policy_aims.csv").stem)
partners = loading.read(store.input("data/published/policy_partners.csv").stem)
summaries = loading.read(store.input("data/published/policy_summaries.csv").stem).set_index("policy_id")
bars = policycharts.timeline_data(partnerships, last_year)
in_force = policies.in_force(partnerships, last_year)
in_force.T

# %%
years = partnerships["date_printed"].str.replace("-", "–")
extent = {"whole of England": "England", "most of England": "most", "selected areas": "selected", "not stated": "–"}
store.record_table(
    "policies",
    partnerships.assign(
        years=years,
        coverage=partnerships["coverage"].map(extent),
        areas_printed=partnerships["areas_printed"].fillna("–"),
        money=partnerships["policy_id"].map(summaries["extra_money"]).replace("not mentioned", "–"),
    )[["policy", "years", "unit", "coverage", "areas_printed", "money"]].set_axis(
        ["Policy", "Years", "Unit", "Coverage", "Areas", "Extra money"], axis=1
    ),
    "The policies that asked the NHS and others to work in local partnerships, 1997 to 2022",
    "An open dash: no end is printed. Coverage: the whole of England, most of it, or selected areas. Extra money: "
    "whether the row speaks of national money for local areas beyond their budgets; conditional means that money hung "
    "on taking part or on an acceptable plan. Facts from the thesis (chapter 4, Table 1), condensed by us.",
    widths=[30, 12, 15, 12, 26, 13],
)

# %%
named_by = partners.groupby("policy_id")["partner"].agg(", ".join)
meant_by = aims.groupby("policy_id")["aim"].agg(", ".join)
store.record_table(
    "policy-summaries",
    partnerships.assign(
        policy=partnerships["policy"] + ", " + years,
        summary=partnerships["policy_id"].map(summaries["summary"]),
        target=partnerships["policy_id"].map(summaries["target"]),
        partners=partnerships["policy_id"].map(named_by),
        aims=partnerships["policy_id"].map(meant_by),
    )[["policy", "summary", "target", "partners", "aims"]].set_axis(
        ["Policy", "What local partners were asked to do", "For whom", "Partners named", "Meant to achieve"], axis=1
    ),
    "Each policy: activities, target population, partners and intended impact",
    "Activities and target population in our words, partners and impact as we grouped them, after the thesis "
    "(chapter 4, Table 1).",
    widths=[17, 33, 20, 22, 20],
    show=4,
)

# %%
store.record_figure(
    "policy-timeline",
    policycharts.timeline(partnerships, last_year),
    "Policies on local health partnerships by year, unit of geography and coverage",
    f"Bars for {len(partnerships)} policies from {partnerships['start'].min()} to {last_year}, shaded by coverage: "
    f"{int((partnerships['coverage'] == 'whole of England').sum())} cover the whole of England, "
    f"{int((partnerships['coverage'] == 'selected areas').sum())} selected areas. The pilots of 2005 to 2013 are "
    f"short; up to {in_force['policies'].max()} policies ran in one year. The last two use the system as their unit. "
    "An arrow: no end is printed; a policy of which the start alone is printed is drawn in that year.",
    bars,
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
started = partnerships["start"]
unequal = set(aims.loc[aims["aim"] == "inequalities", "policy_id"])
before, after = partnerships[started < 2005], partnerships[(started >= 2005) & (started < 2015)]
named = policies.partner_frequencies(partners).set_index("partner")["policies"]
chosen = partnerships[(partnerships["coverage"] == "selected areas") & partnerships["end"].notna()]
selected_years = float((chosen["end"] - chosen["start"] + 1).median())
[
    store.record_value("partnerships.count", len(partnerships), "policies", "national policies in the table"),
    store.record_value("partnerships.first-year", str(started.min()), "", "first year of the first policy"),
    store.record_value("partnerships.most", in_force["policies"].max(), "policies", "most policies in force in a year"),
    *(
        store.record_value(
            f"partnerships.{label}", int((partnerships[column] == value).sum()), "policies", f"policies: {value}"
        )
        for label, column, value in (
            ("england", "coverage", "whole of England"),
            ("selected", "coverage", "selected areas"),
            ("authority", "unit", "local authority"),
            ("system", "unit", "system"),
            ("mandated", "basis", "mandated"),
            ("voluntary", "basis", "voluntary"),
        )
    ),
    store.record_value(
        "partnerships.unequal", len(unequal), "policies", "policies with an intended impact on inequalities"
    ),
    store.record_value("partnerships.before", len(before), "policies", "policies begun before 2005"),
    store.record_value(
        "partnerships.before-unequal",
        int(before["policy_id"].isin(unequal).sum()),
        "policies",
        "of them on inequalities",
    ),
    store.record_value("partnerships.after", len(after), "policies", "policies begun from 2005 to 2014"),
    store.record_value(
        "partnerships.after-unequal", int(after["policy_id"].isin(unequal).sum()), "policies", "of them on inequalities"
    ),
    *(
        store.record_value(
            f"partnerships.money-{label}",
            int((partnerships["policy_id"].map(summaries["extra_money"]) == value).sum()),
            "policies",
            f"extra money: {value}",
        )
        for label, value in (("yes", "yes"), ("conditional", "conditional"), ("none", "not mentioned"))
    ),
    *(
        store.record_value(
            f"partnerships.{label}-money",
            int(
                (
                    partnerships.loc[partnerships["coverage"] == value, "policy_id"].map(summaries["extra_money"])
                    == "yes"
                ).sum()
            ),
            "policies",
            f"with extra money, of those that cover {value}",
        )
        for label, value in (("england", "whole of England"), ("selected", "selected areas"))
    ),
    store.record_value("partnerships.open", int(partnerships["end"].isna().sum()), "policies", "without a printed end"),
    store.record_value(
        "partnerships.selected-years",
        selected_years,
        "years",
        "median years that policies in selected areas ran",
        display="{:g}",
    ),
    store.record_value("partnerships.aims", aims["aim"].nunique(), "aims", "kinds of intended impact"),
    store.record_value("partnerships.partners", len(named), "kinds", "kinds of partner that policies name"),
    store.record_value("partnerships.with-authorities", named["local authorities"], "policies", "that name councils"),
    store.record_value(
        "partnerships.with-community",
        named["voluntary and community sector"],
        "policies",
        "that name voluntary or community organisations",
    ),
]

# %% [markdown]
# ## The structure since 2022
#
# The last of these policies came with a new structure. Who holds whom to account in it, as far as policy says?

# %%
relations = loading.read(store.input("data/published/accountability.csv").stem)
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
[
    store.record_value("structure.relations", len(relations), "relations", "relations between bodies"),
    store.record_value("structure.open", len(open_questions), "relations", "relations that policy leaves open"),
    store.record_value(
        "structure.guides", int((relations["relation"] == "guides").sum()), "relations", "that guide without power"
    ),
]

# %% [markdown]
# ## Three streams of policy
#
# The policy analysis sorts what the centre does, and what may go wrong, into aims, processes and resources.

# %%
streams = loading.read(store.input("data/published/policy_streams.csv").stem)
items = "• " + streams["summary"].str[:1].str.upper() + streams["summary"].str[1:]
listed = items.groupby([streams["stream"], streams["kind"]]).agg("\n".join).unstack().reindex(list(policies.STREAMS))
store.record_table(
    "policy-streams",
    listed[["component", "challenge"]]
    .reset_index()
    .assign(stream=["Policy: aims", "Process: mechanisms", "Resources"])
    .set_axis(["Stream", "What national policy holds", "What may go wrong"], axis=1),
    "National policy on ICSs and inequalities: components and challenges by stream",
    "In our words after the thesis (chapter 5, Table 1).",
    widths=[12, 30, 30],
)

# %%
tally = policies.streams(streams).set_index("stream")
[
    store.record_value("streams.components", int(tally["component"].sum()), "components", "components in all streams"),
    store.record_value("streams.challenges", int(tally["challenge"].sum()), "challenges", "challenges in all streams"),
    *(
        store.record_value(f"streams.{stream}-{kind}s", int(tally.loc[stream, kind]), f"{kind}s", f"{kind}s, {stream}")
        for stream in policies.STREAMS
        for kind in ("component", "challenge")
    ),
]

# %%
alignments = loading.read_file(store.input("data/coding/frameworks/policy-alignments.csv"))
store.record_table(
    "policy-alignments",
    alignments.assign(
        alignment=alignments["alignment"].str.split(",").str[0] + ", between " + alignments["between"].str.lower()
    )[["alignment", "example", "ch7_finding"]].set_axis(
        ["Alignment", "When it holds", "What the interviews found"], axis=1
    ),
    "Three alignments of policy, and what the interviews found",
    "In our words after the thesis (chapter 5, approach; chapter 7, discussion).",
)

# %%
store.finish()
