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

from compendium.chain import results
from compendium.data import loading
from compendium.evidence import codebook, segments

store = results.start({"shared_by": shared_by})
frameworks = "data/coding/frameworks"

# %% [markdown]
# ## Designs and samples

# %%
designs = loading.read_file(store.input("data/comparison/studies.csv"))
titles = {"interviews": "Interviews of the thesis", "prucomm": "PRUComm report", "plans": "Plan analysis"}
aspects = {"question": "Question", "design": "Design", "material": "Material", "period": "Period",
           "choice": "How chosen", "people": "Who speaks", "analysis": "Analysis",
           "anonymity": "Labels used"}  # fmt: skip
store.record_table(
    "study-designs",
    designs.pivot(index="aspect", columns="study", values="text")
    .loc[list(aspects), list(titles)]
    .rename(columns=titles)
    .reset_index()
    .assign(aspect=list(aspects.values()))
    .rename(columns={"aspect": "Aspect"}),
    "Designs and samples of three studies of the same reform",
    "Facts from the documents; places in the data. The site letters of two studies are unrelated.",
    widths=[12, 30, 30, 30],
)

# %%
flow = loading.read_file(store.input(f"{frameworks}/goddard-sample-flow.csv"))
store.record_table(
    "plan-flow",
    flow.assign(lost=(-flow["change"]).astype(str).replace("0", "–"))[["step", "plans", "lost", "reason"]].set_axis(
        ["Step", "Systems or plans", "Lost", "How, or why they were lost"], axis=1
    ),
    "From systems asked to plans analysed, in the analysis of plans",
    "In our words after the article (data and methods).",
    align="lrrl",
    widths=[26, 12, 8, 54],
)

# %%
interviews = loading.read(store.input("data/published/prucomm_interviews.csv").stem)
asked, replied, analysed = flow["plans"]
[
    store.record_value("sister.interviews", interviews["interviews"].sum(), "interviews", "site interviews, PRUComm"),
    *(
        store.record_value(
            f"sister.{level}",
            interviews.loc[interviews["level"] == level, "interviews"].sum(),
            "interviews",
            f"PRUComm site interviews at {level} level",
        )
        for level in ("system", "place")
    ),
    store.record_value("sister.asked", asked, "ICSs", "systems asked for a plan"),
    store.record_value("sister.replied", replied, "ICSs", "systems that replied"),
    store.record_value("sister.analysed", analysed, "plans", "plans analysed"),
    store.record_value(
        "sister.analysed-share",
        100 * analysed / asked,
        "%",
        "share of systems whose plan was analysed",
        display="{:.0f}%",
    ),
]

# %% [markdown]
# ## How policy frames inequalities, and the mechanisms it proposes

# %%
framings = loading.read_file(store.input(f"{frameworks}/prucomm-framings.csv"))
short = {"NHS Long Term Plan": "Long-term", "Integration and Innovation (White Paper)": "White paper",
         "ICS Design Framework": "Design", "Core20PLUS5": "Core20PLUS5",
         "2023/24 Priorities and Operational Planning Guidance": "Guidance"}  # fmt: skip
store.record_table(
    "policy-framings",
    framings.assign(document=framings["policy_document"].map(short))[
        ["document", "framing", "mechanism", "issue"]
    ].set_axis(["Document", "How the problem is framed", "Mechanism that follows", "What it leaves open"], axis=1),
    "How five national documents frame health inequalities, and what is to reduce them",
    "In our words after the report (Table 4). Long-term: the NHS Long Term Plan (2019). White paper: Integration and "
    "Innovation (2021). Design: the ICS Design Framework (2021). Core20PLUS5: the framework of that name (2021). "
    "Guidance: the priorities and operational planning guidance for 2023/24 (2023).",
    widths=[15, 28, 29, 28],
    show=6,
)

# %%
mechanisms = loading.read_file(store.input(f"{frameworks}/prucomm-mechanisms.csv"))
coded = segments.codings(segments.load(store.input("data/coding/prucomm/segments.csv")))
speaking = coded.groupby("code_id")["segment_id"].nunique()
store.record_table(
    "mechanism-evidence",
    mechanisms.assign(segments=mechanisms["code_id"].map(speaking).fillna(0).astype(int))[
        ["mechanism", "evidence", "strength", "segments"]
    ].set_axis(["Mechanism in national policy", "Evidence from the sites", "Strength", "Segments"], axis=1),
    "The mechanisms that national policy names, and the evidence that the PRUComm report finds",
    "In our words after the report (Table 7). Strength is our reading. Segments: quotations of the report that we "
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
levels = {"individual": "individuals", "population": "population", "both": "both", "none": "–"}
actors = {"nhs-alone": "NHS alone", "partnership": "partnership", "none": "–"}
store.record_table(
    "programme-types",
    programmes.assign(
        type=programmes["type"].str.capitalize(),
        level=programmes["level"].map(levels),
        actor=programmes["actor"].map(actors),
    )[["type", "example", "level", "actor"]].set_axis(["Type", "Example", "Works with", "Actor"], axis=1),
    "Programmes on inequalities in the PRUComm sites, by type, level and actor",
    "In our words after the report (Table 6). A dash: no intervention, or one that builds capacity for others. Both: "
    "individuals and population.",
    widths=[24, 46, 14, 16],
)

# %%
[
    store.record_value(
        "sister.documents", framings["policy_document"].nunique(), "documents", "national documents read"
    ),
    store.record_value("sister.framings", len(framings), "framings", "framings of inequalities in them"),
    store.record_value("sister.mechanisms", len(mechanisms), "mechanisms", "mechanisms in national policy"),
    store.record_value(
        "sister.limited", int((mechanisms["strength"] == "limited").sum()), "mechanisms", "with limited evidence"
    ),
    store.record_value("sister.programmes", len(programmes), "examples", "programmes given as examples"),
    *(
        store.record_value(
            f"sister.programmes-{label}", int((programmes[column] == label).sum()), "examples", f"of them: {label}"
        )
        for column, label in (("level", "individual"), ("level", "population"), ("actor", "partnership"))
    ),
]

# %% [markdown]
# ## The themes of the plans

# %%
plans = segments.load(store.input("data/coding/goddard/segments.csv"))
codes = codebook.load(store.input("data/coding/goddard/codebook.csv")).set_index("code_id")["parent"]
themes = loading.read_file(store.input(f"{frameworks}/goddard-themes.csv")).set_index("code_id")
above = {code: code if code in themes.index else codes.get(code, "") for code in codes.index}
plans["theme"] = [
    next(above[code] for code in cell.split(";") if above[code] in themes.index) for cell in plans["codes"]
]
quoted = plans.groupby("theme").agg(segments=("segment_id", "count"), plans=("speaker", "nunique"))
store.record_table(
    "plan-themes",
    themes.join(quoted)[["theme", "question", "finding", "segments", "plans"]].set_axis(
        ["Theme", "Question", "Finding", "Segments", "Plans quoted"], axis=1
    ),
    "The three themes of the analysis of plans",
    "In our words after the article. Segments: quotations of plans that we coded with the theme.",
    widths=[20, 26, 34, 11, 9],
)

# %% [markdown]
# ## Statements that several studies share

# %%
matrix = loading.read_file(store.input("data/coding/triangulation.csv"))
agreed = matrix[matrix["verdict"] == "agree"].groupby("theme_id")["study"].nunique()
[
    store.record_value(
        "triangulation.shared", int((agreed >= shared_by).sum()), "statements", "agreed by enough studies to be shared"
    ),
    store.record_value("triangulation.shared-by", shared_by, "studies", "studies that make a statement shared"),
]

# %%
store.finish()
