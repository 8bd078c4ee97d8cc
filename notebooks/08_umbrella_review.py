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
from analysis import reviewcharts, reviewflow, reviews, reviewtables
from analysis.quoted import reviews as quoted
from compendium.chain import results

store = results.start({"recent": recent})

# %% [markdown]
# ## The reviews
#
# Reviews that report impacts were rated with AMSTAR 2, the others with the first five CASP items.

# %%
store.input("data/published/reviews.csv")
frame = reviews.reviews()
outcomes = store.read("data/published/review_outcomes.csv")
factors = store.read("data/published/review_factors.csv")
search = store.read("data/published/search_strategy.csv")
frame.head()

# %%
store.record_table(
    "reviews",
    reviewtables.quality(frame),
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
    reviewtables.named(store.read("data/published/review_scopes.csv"), frame),
    "Subject and definition of collaboration in the two reviews whose rows survive",
    "In our words after the thesis (chapter 3, Table 1). The rows of the other reviews are missing from our copy.",
    widths=[18, 46, 36],
)

# %%
stages = reviewflow.flow_data(frame, outcomes, factors, search)
known = stages.dropna(subset=["number"])
store.record_figure(
    "review-flow",
    reviewflow.flow(frame, outcomes, factors, search),
    "The flow of reviews from search to synthesis; a dashed box has no number in our copy of the thesis",
    "Boxes joined by arrows, from three concepts of the search to the reviews included. "
    + "; ".join(f"{stage}: {number:,}" for stage, number in zip(known["stage"], known["number"], strict=True))
    + f". Without a number: {'; '.join(stages.loc[stages['number'].isna(), 'stage'])}.",
    stages,
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
store.record_values("umbrella", *quoted.quality(frame, recent))

# %% [markdown]
# ## What the reviews find
#
# The direction of a review's evidence on each group of outcomes is our interpretation of the thesis's summary table.

# %%
impacts = reviewtables.impacts(frame, outcomes)
store.record_table(
    "review-impacts",
    impacts,
    "Direction of the evidence on impact, by review and group of outcomes",
    "Services: service use and quality. Spending: resource use and spending. Little: little or no effect. A dash: the "
    "review did not study the outcome. The directions are our interpretation of the summaries in the thesis "
    "(chapter 3, Table 3).",
    show=6,
)

# %%
store.record_table(
    "review-findings",
    impacts.merge(store.read("data/published/review_findings.csv"), on="review_id", validate="one_to_one"),
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
store.record_values("umbrella", *quoted.impacts(outcomes, factors, frame))

# %% [markdown]
# Two reviews pooled their studies. How far do those agree where the pooled result is favourable?

# %%
pooled = reviews.pooled_evidence(store.read("data/published/review_pooled.csv"))
store.record_table(
    "review-pooled",
    reviewtables.pooled(pooled, frame),
    "The pooled results that the thesis prints",
    "I²: heterogeneity between the studies. Direction: none where the interval includes no effect; on mental health "
    "and functioning, lower scores favour collaboration. Values as printed in the thesis (chapter 3, Table 3).",
    align="llrlrrrl",
    widths=[14, 22, 9, 17, 9, 13, 6, 12],
)

# %%
store.record_values("pooled", *quoted.pooled(pooled))

# %% [markdown]
# ## What they name as reasons

# %%
store.record_table(
    "review-domains",
    reviewtables.domains(factors),
    "Factors that the reviews name, by domain",
    "Factors as printed in the thesis (chapter 3, Table 4); the assignment of each to a domain is ours. Other: the "
    "review calls the factor neither helping nor hindering. One printed label without content has no domain.",
)

# %%
domains = reviews.factor_frequencies(factors)
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
    reviewtables.named(factors, frame).sort_values(["domain", "review"], kind="stable"),
    "Every factor that a review names",
    "As printed in the thesis (chapter 3, Table 4), sorted by domain.",
    show=5,
)

# %%
store.record_values("umbrella", *quoted.factors(factors))

# %% [markdown]
# ## How they were searched for

# %%
store.record_table(
    "search-strategy",
    search.assign(operation=search["operation"].fillna("–")),
    "The search in Ovid MEDLINE, line by line",
    "Terms are summarised in our words; lines, combinations and numbers of records as printed in the thesis "
    "(appendix 1).",
)

# %%
store.record_values("umbrella", *quoted.search(search))

# %%
store.finish()
