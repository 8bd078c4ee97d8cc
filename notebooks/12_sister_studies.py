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
# # The sister studies
#
# **Question.** What do two other studies of the same reform, the PRUComm report and Goddard's analysis of plans, rest
# on and find, and on what do they agree with the interviews of the thesis?
#
# **Inputs.** The designs of the studies in `data/comparison/`; framings, mechanisms and programmes of the report, the
# sample and themes of the article, their coded segments and the triangulation in `data/coding/`; the numbers of the
# report's interviews in `data/published/`.
#
# **Outputs.** The tables of the book's chapter on the sister studies.
#
# The site letters of two studies are unrelated; nothing here joins them, and no table describes the report's sites.

# %% tags=["parameters"]
shared_by: int = 3  # number of studies that must agree before a statement counts as shared [1..]

# %%

from analysis import studytables
from analysis.quoted import studies as quoted
from compendium.chain import results
from compendium.data import loading
from compendium.evidence import codebook, segments

store = results.start({"shared_by": shared_by})
frameworks = "data/coding/frameworks"

# %% [markdown]
# ## Designs and samples

# %%
store.record_table(
    "study-designs",
    studytables.designs(store.read("data/comparison/studies.csv")),
    "Designs and samples of three studies of the same reform",
    "Facts from the documents; places in the data. The site letters of two studies are unrelated.",
    widths=[12, 30, 30, 30],
)

# %%
flow = store.read(f"{frameworks}/goddard-sample-flow.csv")
store.record_table(
    "plan-flow",
    studytables.sample_flow(flow),
    "From systems asked to plans analysed, in the analysis of plans",
    "In our words after the article (data and methods).",
    align="lrrl",
    widths=[26, 12, 8, 54],
)

# %%
interviews = store.read("data/published/prucomm_interviews.csv")
store.record_values("sister", *quoted.sister_samples(interviews, flow))

# %% [markdown]
# ## How policy frames inequalities, and the mechanisms it proposes

# %%
framings = store.read(f"{frameworks}/prucomm-framings.csv")
store.record_table(
    "policy-framings",
    studytables.framings(framings),
    "How five national documents frame health inequalities, and what is to reduce them",
    "In our words after the report (Table 4). Long-term: the NHS Long Term Plan (2019). White paper: Integration and "
    "Innovation (2021). Design: the ICS Design Framework (2021). Core20PLUS5: the framework of that name (2021). "
    "Guidance: the priorities and operational planning guidance for 2023/24 (2023).",
    widths=[15, 28, 29, 28],
    show=6,
)

# %%
mechanisms = store.read(f"{frameworks}/prucomm-mechanisms.csv")
store.record_table(
    "mechanism-evidence",
    studytables.mechanisms(mechanisms, segments.load(store.input("data/coding/prucomm/segments.csv"))),
    "The mechanisms that national policy names, and the evidence that the PRUComm report finds",
    "In our words after the report (Table 7). Strength is our rating. Segments: quotations of the report that we "
    "coded with the mechanism, which the report itself does not do.",
    widths=[30, 44, 12, 11],
)

# %% [markdown]
# ## Programmes
#
# The report classifies programmes by two questions: do they work with individuals or with whole populations, and does
# the NHS act alone or with partners? Its classes are kept.

# %%
programmes = loading.read_text(store.input(f"{frameworks}/prucomm-programmes.csv"))
store.record_table(
    "programme-types",
    studytables.programmes(programmes),
    "Programmes on inequalities in the PRUComm sites, by type, level and actor",
    "In our words after the report (Table 6). A dash: no intervention, or one that builds capacity for others. Both: "
    "individuals and population.",
    widths=[24, 46, 14, 16],
)

# %%
store.record_values("sister", *quoted.report(framings, mechanisms, programmes))

# %% [markdown]
# ## The themes of the plans

# %%
plans = segments.load(store.input("data/coding/goddard/segments.csv"))
codes = codebook.load(store.input("data/coding/goddard/codebook.csv"))
themes = store.read(f"{frameworks}/goddard-themes.csv").set_index("code_id")
store.record_table(
    "plan-themes",
    studytables.plan_themes(themes, codes, plans),
    "The three themes of the analysis of plans",
    "In our words after the article. Segments: quotations of plans that we coded with the theme.",
    widths=[20, 26, 34, 11, 9],
)

# %% [markdown]
# ## Statements that several studies share

# %%
matrix = store.read("data/coding/triangulation.csv")
agreed = matrix[matrix["verdict"] == "agree"].groupby("theme_id")["study"].nunique()
store.record_values(
    "triangulation",
    ("shared", (agreed >= shared_by).sum(), "statements", "agreed by enough studies to be shared"),
    ("shared-by", shared_by, "studies", "studies that make a statement shared"),
)

# %%
store.finish()
