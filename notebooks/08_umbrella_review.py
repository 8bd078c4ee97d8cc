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
# # The umbrella review
#
# **Question.** What do reviews say that collaboration between the NHS and others achieves, why does it work or fail,
# and how good are these reviews?
#
# **Inputs.** The tables of the thesis's chapter 3 and of its first appendix, transcribed in `data/published/`.
#
# **Outputs.** The reviews and their quality, what they find, the factors that they name, and how they were searched
# for.

# %% tags=["parameters"]
recent: int = 2010  # first year of the reviews that count as recent [1900..2100]

# %%
import pandas as pd

from analysis import reviewcharts, reviews
from compendium.chain import results
from compendium.data import loading

store = results.start({"recent": recent})

# %% [markdown]
# ## The reviews
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
    store.record_value("umbrella.recent-from", str(recent), "", "year from which a review counts as recent"),
    store.record_value(
        "umbrella.recent", int((frame["year"] >= recent).sum()), "reviews", "reviews from that year or later"
    ),
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
# ## What the reviews find
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
# ## What they name as reasons

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
# ## How they were searched for

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

# %%
store.finish()
