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
# # Reviews, policies and the interview studies
#
# **Question.** What do the umbrella review, the policy analysis and the interview studies of the thesis rest on?
#
# **Inputs.** The tables of the thesis's chapters 3, 4, 5 and 7 and its first appendix in `data/published/`, and the
# coded evidence and frameworks in `data/coding/`.
#
# **Outputs.** The tables and figures of the book's chapters 3 to 8 and of the appendices.

# %% tags=["parameters"]
last_year: int = 2022  # a policy without a printed end counts as running until this year [1990..2100]

# %%
import pandas as pd

from analysis import policies, policycharts, reviewcharts, reviews, structurechart, studycharts
from compendium.chain import results
from compendium.data import loading
from compendium.evidence import codebook, segments

store = results.start({"last_year": last_year})

# %% [markdown]
# ## The umbrella review
#
# Reviews that report impacts were rated with AMSTAR 2, the others with the first five CASP items.

# %%
store.input("data/published/reviews.csv")
frame = reviews.reviews()
outcomes = loading.read(store.input("data/published/review_outcomes.csv").stem)
factors = loading.read(store.input("data/published/review_factors.csv").stem)
bias = loading.read(store.input("data/published/review_bias_ratings.csv").stem)
search = loading.read(store.input("data/published/search_strategy.csv").stem)
findings = loading.read(store.input("data/published/review_findings.csv").stem)
scopes = loading.read(store.input("data/published/review_scopes.csv").stem)
pooled = reviews.pooled_evidence(loading.read(store.input("data/published/review_pooled.csv").stem))
titled = frame.assign(review=frame["review"] + " " + frame["year"].astype(str))
frame.head()

# %%
words = {"Systematic review": "systematic", "Systematic review and meta-analysis": "systematic, pooled",
         "Review": "other", "Narrative review": "narrative", "Umbrella review": "umbrella"}  # fmt: skip
store.record_table(
    "reviews",
    titled.assign(
        design=titled["design"].map(words),
        studies=[str(n) if pd.notna(n) else "not stated" for n in titled["studies"]],
        amstar2=titled["amstar2"].fillna("–"),
        casp=["–" if items is None else ", ".join(map(str, items)) or "none" for items in titled["casp"]],
        risk_of_bias=titled["risk_of_bias"].map({"formal": "yes", "none": "no"}),
    )[["review", "design", "studies", "amstar2", "casp", "risk_of_bias"]].set_axis(
        ["Review", "Design", "Studies", "AMSTAR 2", "CASP items", "Appraised"], axis=1
    ),
    "The reviews of the umbrella review: design, size and quality",
    "Pooled: with meta-analysis. AMSTAR 2 was used for reviews of impact; for reviews of factors only, those of the "
    "first five CASP items that the review fully meets: (1) a focused question, (2) the right kind of papers, (3) all "
    "important papers, (4) quality of the studies assessed, (5) reasonable to combine the results. Appraised: the "
    "review assessed the risk of bias of its studies formally. As printed in the thesis (chapter 3, Table 2).",
    align="llrlll",
    show=6,
)

# %% [markdown]
# What the reviews are about stood in a table of which two rows survive.

# %%
store.record_table(
    "review-scopes",
    scopes.merge(titled[["review_id", "review"]], on="review_id")[["review", "setting", "collaboration"]].set_axis(
        ["Review", "Whom it covers", "What it means by collaboration"], axis=1
    ),
    "Subject and definition of collaboration in the two reviews whose rows survive",
    "In our words after the thesis (chapter 3, Table 1). The rows of the other reviews are missing from our copy.",
    widths=[18, 46, 36],
)

# %%
both = set(outcomes["review_id"]) & set(factors["review_id"])
unknown = "not in our copy"
last = int(search["hits"].iloc[-1])
stages = [
    ("Records in Ovid MEDLINE with all three concepts", f"{int(search['hits'].iloc[-2]):,}", "appendix 1"),
    ("of them in English, from 1999", f"{last:,}", "appendix 1"),
    ("Records in other databases and sources", unknown, "–"),
    ("Titles and abstracts screened, a share of them by co-authors", unknown, "chapter 8, reflexivity"),
    ("Full texts read, and excluded with reasons", unknown, "–"),
    ("Reviews included", str(len(frame)), "chapter 3, Table 2"),
    ("of them with evidence on impact", str(outcomes["review_id"].nunique()), "chapter 3, Table 3"),
    ("of them with factors", str(factors["review_id"].nunique()), "chapter 3, Table 4"),
    ("of them with both", str(len(both)), "chapter 3, Tables 3 and 4"),
]
store.record_table(
    "review-flow",
    pd.DataFrame(stages, columns=["Stage", "Number", "Place in the thesis"]),
    "The flow of reviews, as far as our copy of the thesis gives it",
    "Numbers of the last four rows are counted in the tables.",
    align="lrl",
    widths=[56, 16, 28],
)

# %%
store.record_figure(
    "review-quality",
    reviewcharts.quality_dots(frame),
    "The quality of the reviews: each dot is one review",
    "Rows of dots, one dot per review. AMSTAR 2: "
    + ", ".join(f"{int((frame['amstar2'] == rating).sum())} {rating}" for rating in reviews.AMSTAR2)
    + f". {int(frame['casp_printed'].notna().sum())} further reviews were rated with CASP; most state a focused "
    "question, and only one is judged to have found all important papers.",
    reviewcharts.quality_data(frame),
)

# %%
met = frame["casp"].dropna()
known = frame["studies"].dropna()
[
    store.record_value("umbrella.reviews", len(frame), "reviews", "reviews in the umbrella review"),
    store.record_value("umbrella.first-year", str(frame["year"].min()), "", "year of the oldest review"),
    store.record_value("umbrella.last-year", str(frame["year"].max()), "", "year of the newest review"),
    store.record_value("umbrella.impact", int(frame["amstar2"].notna().sum()), "reviews", "reviews of impact"),
    store.record_value("umbrella.casp", len(met), "reviews", "reviews of factors only"),
    *(
        store.record_value(
            f"umbrella.amstar-{rating.replace(' ', '-')}",
            int((frame["amstar2"] == rating).sum()),
            "reviews",
            f"reviews of impact rated {rating}",
        )
        for rating in reviews.AMSTAR2
    ),
    store.record_value("umbrella.casp-none", int((met.map(len) == 0).sum()), "reviews", "reviews that meet no item"),
    store.record_value("umbrella.casp-four", int((met.map(len) >= 4).sum()), "reviews", "reviews that meet four items"),
    store.record_value(
        "umbrella.appraised", int((frame["risk_of_bias"] == "formal").sum()), "reviews", "reviews with formal appraisal"
    ),
    store.record_value("umbrella.sized", len(known), "reviews", "reviews that say how many studies they hold"),
    store.record_value("umbrella.median-studies", int(known.median()), "studies", "median size of those reviews"),
    store.record_value("umbrella.smallest", int(known.min()), "studies", "size of the smallest review"),
    store.record_value("umbrella.largest", int(known.max()), "studies", "size of the largest review"),
    store.record_value("umbrella.both", len(both), "reviews", "reviews with evidence on impact and factors"),
    store.record_value(
        "umbrella.systematic", int(frame["design"].str.startswith("Systematic").sum()), "reviews", "systematic reviews"
    ),
    store.record_value("umbrella.recent", int((frame["year"] >= 2010).sum()), "reviews", "reviews from 2010 or later"),
    store.record_value(
        "umbrella.impact-appraised",
        int((frame["amstar2"].notna() & (frame["risk_of_bias"] == "formal")).sum()),
        "reviews",
        "reviews of impact with formal appraisal",
    ),
    *(
        store.record_value(
            f"umbrella.casp-item-{item}",
            int(met.map(lambda items, item=item: item in items).sum()),
            "reviews",
            f"reviews of factors only that fully meet CASP item {item}",
        )
        for item in reviews.CASP_ITEMS
    ),
]

# %% [markdown]
# ### What the reviews find
#
# The direction of a review's evidence on each group of outcomes is our reading of the thesis's summary table.

# %%
directions = outcomes.pivot(index="review_id", columns="outcome_group", values="direction")
impacts = titled[titled["amstar2"].notna()].set_index("review_id").join(directions)
rank = {rating: place for place, rating in enumerate(reviews.AMSTAR2)}
impacts = impacts.sort_values(["amstar2", "review"], key=lambda column: column.map(lambda v: rank.get(v, v)))
store.record_table(
    "review-impacts",
    impacts[["review", "amstar2", *reviews.OUTCOME_GROUPS]]
    .replace({reviews.NOT_STUDIED: "–", "little or none": "little"})
    .set_axis(["Review", "AMSTAR 2", "Health", "Services", "Spending", "Process"], axis=1),
    "Direction of the evidence on impact, by review and group of outcomes",
    "Services: service use and quality. Spending: resource use and spending. Little: little or no effect. A dash: the "
    "review did not study the outcome. The directions are our reading of the summaries in the thesis "
    "(chapter 3, Table 3).",
    show=6,
)

# %%
store.record_table(
    "review-findings",
    impacts.reset_index()
    .merge(findings, on="review_id", validate="one_to_one")[["review", "amstar2", "outcomes", "finding"]]
    .set_axis(["Review", "AMSTAR 2", "Outcomes studied", "What it found"], axis=1),
    "What each review of impact studied and found, best rated first",
    "In our words after the thesis (chapter 3, Table 3).",
    widths=[17, 11, 20, 52],
    show=6,
)

# %%
counts = reviews.evidence_map(outcomes)
health = counts.loc["health"]
store.record_figure(
    "review-evidence",
    reviewcharts.evidence_dots(outcomes, frame),
    "The evidence on impact: each dot is one review, by outcome and direction, shaded by its rating",
    f"Grid of four groups of outcomes by six directions. Health: {health['favourable']} reviews favourable, "
    f"{health['mixed']} mixed, {health['little or none']} little or none, {health['limited']} limited. Services: "
    f"{counts.loc['service use and quality', 'favourable']} favourable, "
    f"{counts.loc['service use and quality', 'mixed']} mixed. No review of high quality is in a favourable cell.",
    reviewcharts.evidence_data(outcomes, frame),
)

# %%
short = {"health": "health", "service use and quality": "services", "resource use and spending": "spending",
         "process": "process"}  # fmt: skip
best = reviews.evidence_by_quality(outcomes, frame)
[
    *(
        store.record_value(
            f"umbrella.{short[group]}-studied",
            int(counts.loc[group, "studied"]),
            "reviews",
            f"reviews that studied {group}",
        )
        for group in reviews.OUTCOME_GROUPS
    ),
    *(
        store.record_value(
            f"umbrella.{short[group]}-{direction.replace(' ', '-')}",
            int(counts.loc[group, direction]),
            "reviews",
            f"reviews whose evidence on {group} is {direction}",
        )
        for group in reviews.OUTCOME_GROUPS
        for direction in reviews.DIRECTIONS
    ),
    store.record_value(
        "umbrella.high-favourable",
        int(((best["amstar2"] == "high") & (best["direction"] == "favourable")).sum()),
        "findings",
        "favourable findings of the reviews rated high",
    ),
    store.record_value(
        "umbrella.health-favourable-weak",
        int(
            (
                (best["outcome_group"] == "health")
                & (best["direction"] == "favourable")
                & best["amstar2"].isin(["low", "critically low"])
            ).sum()
        ),
        "reviews",
        "reviews favourable on health that were rated low or critically low",
    ),
]

# %% [markdown]
# Two reviews pooled their studies. How far do those agree where the pooled result is favourable?

# %%
shown = pooled.merge(titled[["review_id", "review"]], on="review_id", validate="many_to_one")
interval = [
    f"{low:.2f} to {high:.2f}".replace("-", "−") for low, high in zip(shown["lower"], shown["upper"], strict=True)
]
store.record_table(
    "review-pooled",
    shown.assign(
        studies=[str(n) if pd.notna(n) else "not stated" for n in shown["studies"]],
        estimate=[f"{value:.2f}".replace("-", "−") for value in shown["estimate"]],
        interval=interval,
        i_squared=shown["i_squared"].astype(str) + "%",
    )[["review", "outcome", "studies", "measure", "estimate", "interval", "i_squared", "direction"]].set_axis(
        ["Review", "Outcome", "Studies", "Measure", "Estimate", "95% interval", "I²", "Direction"], axis=1
    ),
    "The pooled results that the thesis prints",
    "I²: heterogeneity between the studies. Direction: none where the interval includes no effect; on mental health "
    "and functioning, lower scores favour collaboration. Values as printed in the thesis (chapter 3, Table 3).",
    align="llrlrrrl",
    widths=[14, 22, 9, 17, 9, 13, 6, 12],
)

# %%
good = pooled[pooled["direction"] == "favourable"]
[
    store.record_value("pooled.count", len(pooled), "results", "pooled results printed"),
    store.record_value("pooled.favourable", len(good), "results", "favourable, the interval excluding no effect"),
    store.record_value(
        "pooled.none", int((pooled["direction"] == "none").sum()), "results", "interval includes no effect"
    ),
    store.record_value(
        "pooled.heterogeneous", int((good["i_squared"] >= 50).sum()), "results", "favourable with I squared from 50%"
    ),
]

# %% [markdown]
# ### What they name as reasons

# %%
domains = reviews.factor_frequencies(factors)
roles = pd.crosstab(factors["domain"], factors["role"]).reindex(list(reviews.DOMAINS))
roles["other"] = roles["contextual"] + roles["generic"]
store.record_table(
    "review-domains",
    domains.set_index("domain").join(roles[["supportive", "constraining", "other"]]).reset_index()
    .assign(domain=lambda table: table["domain"].str.capitalize(),
            share=lambda table: table["share"].round().astype(int))
    .set_axis(["Domain", "Factors", "Reviews", "Reviews (%)", "Helping", "Hindering", "Other"], axis=1),
    "Factors that the reviews name, by domain",
    "Factors as printed in the thesis (chapter 3, Table 4); the assignment of each to a domain is ours. Other: the "
    "review calls the factor neither helping nor hindering. One printed label without content has no domain.",
)  # fmt: skip

# %%
store.record_figure(
    "review-factors",
    reviewcharts.domain_heatmap(factors, frame),
    "Factors that each review names, by domain; the darkest shade means eight or more",
    f"Heat map of {factors['review_id'].nunique()} reviews by five domains. Totals: "
    + ", ".join(f"{row.domain} {row.factors}" for row in domains.itertuples())
    + ". One review, of community coalitions, names far more factors than any other.",
    reviewcharts.domain_data(factors, frame),
)

# %%
store.record_table(
    "review-factor-list",
    factors.merge(titled[["review_id", "review"]], on="review_id")
    .sort_values(["domain", "review"], kind="stable")[["domain", "review", "role", "factor"]]
    .set_axis(["Domain", "Review", "Role", "Factor"], axis=1),
    "Every factor that a review names",
    "As printed in the thesis (chapter 3, Table 4), sorted by domain.",
    show=5,
)

# %%
keys = {domain: domain.split()[0] for domain in reviews.DOMAINS}
by_review = factors["review_id"].value_counts()
outside = factors.loc[factors["domain"] == "external factors", "review_id"].value_counts()
[
    store.record_value("umbrella.factors", len(factors), "factors", "factors that the reviews name"),
    store.record_value("umbrella.factor-reviews", factors["review_id"].nunique(), "reviews", "reviews that name any"),
    *(
        store.record_value(f"umbrella.{keys[row.domain]}-factors", row.factors, "factors", f"factors of {row.domain}")
        for row in domains.itertuples()
    ),
    *(
        store.record_value(
            f"umbrella.{keys[row.domain]}-share", row.share, "%", f"reviews that name {row.domain}", display="{:.0f}%"
        )
        for row in domains.itertuples()
    ),
    *(
        store.record_value(f"umbrella.{role}", int((factors["role"] == role).sum()), "factors", f"{role} factors")
        for role in ("supportive", "constraining")
    ),
    store.record_value(
        "umbrella.most-factors", int(by_review.iloc[0]), "factors", "factors of the review that names most"
    ),
    store.record_value("umbrella.second-most-factors", int(by_review.iloc[1]), "factors", "of the review after it"),
    store.record_value("umbrella.external-reviews", len(outside), "reviews", "reviews that name external factors"),
    store.record_value(
        "umbrella.external-few", int((outside <= 2).sum()), "reviews", "of them, those that name one or two"
    ),
    store.record_value(
        "umbrella.communication",
        int(factors[factors["factor"].str.contains("communicat", case=False)]["review_id"].nunique()),
        "reviews",
        "reviews that name communication in words",
    ),
    store.record_value(
        "umbrella.trust",
        int(factors[factors["factor"].str.contains("trust", case=False)]["review_id"].nunique()),
        "reviews",
        "reviews that name trust in words",
    ),
]

# %% [markdown]
# ### How they were searched for

# %%
funnel = reviews.search_funnel(search)
store.record_table(
    "search-strategy",
    search.assign(operation=search["operation"].fillna("–"))[["line", "content", "operation", "hits"]].set_axis(
        ["Line", "Content", "Combines", "Records"], axis=1
    ),
    "The search in Ovid MEDLINE, line by line",
    "Terms are summarised in our words; lines, combinations and numbers of records as printed in the thesis "
    "(appendix 1).",
)

# %%
store.record_figure(
    "search-funnel",
    reviewcharts.search_steps(search),
    "Records of the search in Ovid MEDLINE by concept, and what is left when the concepts are joined",
    f"Dots on a logarithmic scale: three concepts of {funnel['hits'].iloc[1]:,}, {funnel['hits'].iloc[2]:,} and "
    f"{funnel['hits'].iloc[0]:,} records; {funnel['hits'].iloc[3]:,} with all three; {funnel['hits'].iloc[4]:,} in "
    "English from 1999.",
    reviewcharts.search_data(search),
)

# %%
[
    store.record_value("umbrella.search-lines", len(search), "lines", "lines of the printed search"),
    store.record_value("umbrella.search-joined", funnel["hits"].iloc[3], "records", "records with all three concepts"),
    store.record_value("umbrella.search-limited", funnel["hits"].iloc[4], "records", "records after the limits"),
    store.record_value("umbrella.search-faults", len(reviews.impossible_counts(search)), "lines", "impossible counts"),
]

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

# %% [markdown]
# ## The interview studies
#
# Segments are the quotations that the documents print; their codes are the documents' themes and our own.

# %%
paper = segments.load(store.input("data/coding/alderwick-paper/segments.csv"))
paper_codes = codebook.load(store.input("data/coding/alderwick-paper/codebook.csv"))
themes = loading.read_file(store.input("data/coding/frameworks/paper-themes.csv"))
theme_names = dict(zip(themes["code_id"], themes["theme"], strict=True))
paper["theme"] = [
    next(theme_names[code] for code in codes.split(";") if code in theme_names) for codes in paper["codes"]
]
by_theme = paper.groupby("theme")["segment_id"].count()
store.record_table(
    "paper-themes",
    themes.assign(segments=themes["theme"].map(by_theme))[["theme", "finding", "tension", "segments"]].set_axis(
        ["Theme", "What leaders said", "Tension", "Segments"], axis=1
    ),
    "The three themes of the first interview study",
    "Segments: quotations of the published paper that we coded with the theme.",
)

# %%
inductive = paper_codes[(paper_codes["origin"] == "inductive") & (paper_codes["parent"] != "")]
code_names = dict(zip(inductive["code_id"], inductive["code"], strict=True))
paper_counts = segments.code_counts(paper, paper_codes, by="theme")[list(theme_names.values())]
store.record_figure(
    "paper-codes",
    studycharts.codes_heatmap(paper_counts, code_names),
    "What the quotations of the first study speak of: coded segments by theme",
    f"Heat map of {len(studycharts.codes_data(paper_counts, code_names))} codes by three themes. Unclear aims gather "
    "in the first theme, tension over roles and wider determinants in the second, crowding out and performance in the "
    "third.",
    studycharts.codes_data(paper_counts, code_names),
)

# %%
second = segments.load(store.input("data/coding/alderwick-ch7/segments.csv"))
second_codes = codebook.load(store.input("data/coding/alderwick-ch7/codebook.csv"))
covers = loading.read_file(store.input("data/coding/frameworks/umbrella-domains.csv"))
domain_names = dict(zip(covers["domain_id"], covers["domain"], strict=True))
parents = dict(zip(second_codes["code_id"], second_codes["parent"], strict=True))
tops = dict(zip(covers["ch7_code_id"], covers["domain"], strict=True))
second["domain"] = [
    next(tops.get(code) or tops[parents[code]] for code in codes.split(";") if code.startswith("ch7-"))
    for codes in second["codes"]
]
order = list(domain_names.values())
by_domain = second.groupby("domain")["segment_id"].count().reindex(order)
by_site = pd.crosstab(second["domain"], second["site"].replace("", "none")).reindex(order)
store.record_table(
    "domain-evidence",
    covers.assign(segments=covers["domain"].map(by_domain))[["domain", "covers", "segments"]]
    .join(by_site[["A", "B", "C", "none"]].reset_index(drop=True))
    .set_axis(["Domain", "What it covers", "Segments", "Site A", "Site B", "Site C", "No site"], axis=1),
    "The five domains and the coded evidence in each",
    "Segments: quotations in chapter 7 of the thesis that we coded with the domain, by the site that the thesis gives.",
)

# %%
influence = loading.read_file(store.input("data/coding/frameworks/ch7-table-3.csv"))
store.record_table(
    "policy-influence",
    influence.assign(domain=influence["domain_id"].map(domain_names))[["domain", "direction", "influence"]].set_axis(
        ["Domain", "Direction", "Influence of national policy"], axis=1
    ),
    "How national policy shapes the other domains: examples",
    "In our words after the thesis (chapter 7, Table 3); the direction is our reading.",
)

# %%
initiatives = loading.read_file(store.input("data/coding/frameworks/ch7-table-4.csv"))
store.record_table(
    "initiatives",
    initiatives[["focus", "initiative"]].set_axis(["Focus", "Example"], axis=1),
    "Examples of joint work on inequalities in the three systems",
    "In our words after the thesis (chapter 7, Table 4).",
)

# %%
links = loading.read_file(store.input("data/coding/frameworks/ch7-domain-links.csv"))
references = links[links["kind"] == "cross-reference"]
pairs = references.groupby(["from_domain", "to_domain"]).ngroups
[
    store.record_value("first-study.segments", len(paper), "segments", "coded quotations of the paper"),
    *(
        store.record_value(f"first-study.{code.removeprefix('paper-')}", int(by_theme[theme]), "segments", theme)
        for code, theme in theme_names.items()
    ),
    store.record_value("second-study.segments", len(second), "segments", "coded quotations of chapter 7"),
    store.record_value(
        "second-study.displayed", int((second["kind"] == "displayed").sum()), "segments", "displayed quotations"
    ),
    *(
        store.record_value(f"second-study.{domain}", int(by_domain[name]), "segments", f"segments on {name.lower()}")
        for domain, name in domain_names.items()
    ),
    store.record_value("second-study.influences", len(influence), "examples", "printed influences of national policy"),
    store.record_value(
        "second-study.enabling", int((influence["direction"] == "enables").sum()), "examples", "of them enabling"
    ),
    store.record_value(
        "second-study.hindering", int((influence["direction"] == "hinders").sum()), "examples", "of them hindering"
    ),
    store.record_value("second-study.initiatives", len(initiatives), "examples", "printed examples of joint work"),
    store.record_value("second-study.pairs", pairs, "pairs", "ordered pairs of domains that they join"),
]

# %% [markdown]
# ## The guide and the codes

# %%
topics = loading.read_text(store.input("data/comparison/guide_topics.csv"))
all_codes = pd.concat([paper_codes, second_codes]).drop_duplicates("code_id").set_index("code_id")["code"]
both = pd.concat([segments.codings(paper), segments.codings(second)])
asked = [[code for code in codes.split(";") if code] for codes in topics["codes"]]
store.record_table(
    "guide-topics",
    topics.assign(
        codes=["; ".join(all_codes[code] for code in codes) or "–" for codes in asked],
        segments=[both[both["code_id"].isin(codes)]["segment_id"].nunique() for codes in asked],
    )[["number", "topic", "asks", "codes", "segments"]].set_axis(
        ["No", "Topic", "What it asks", "Codes it invites", "Segments"], axis=1
    ),
    "The interview guide as topics, and the codes that each invites",
    "Topics in our words after the thesis (appendix 2). The mapping is ours: no document says which question a "
    "quotation answers. Segments: those of both interview studies that carry at least one of the codes.",
    widths=[5, 16, 34, 36, 11],
)

# %%
store.finish()
