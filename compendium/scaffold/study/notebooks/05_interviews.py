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
# # New information by interview
#
# **Question.** How much does each interview add to the codes, and when do further ones add little?
#
# **Inputs.** What is public of the imported project, in `data/coding/project/public/`.
#
# **Outputs.** Codes by interview, a curve beside random order, new information by run, and a sentence on what can be
# said.
#
# The measure is that of Guest, Namey and Chen (2020): the codes of the first interviews are the base; a run is a few
# interviews in a row; its new information is the codes that it alone brings, in percent of those of the base.

# %% tags=["parameters"]
base: int = 4  # interviews whose codes are the yardstick [1..]
run: int = 2  # interviews in a run [1..]
threshold: float = 5.0  # new information that a run may still bring, in percent [0..100]
dates: str = ""  # variable by whose dates interviews stand in order; without one, the order of the project

# %%
import pandas as pd
from compendium.chain import results
from compendium.evidence import charts, evidence, information, studies, support
from compendium.figures import style

store = results.start({"base": base, "run": run, "threshold": threshold, "dates": dates})
coded = studies.coded(store, "project", uncoded=True)
measure = information.Measure(base, run, threshold)
codes = evidence.compared(coded)
dated = information.dated(studies.variables(store, "project"), coded.segments, dates)
order = information.ordered(studies.interviews(store, "project", coded), dated)

# %% [markdown]
# ## Codes by interview

# %%
said = support.nothing(coded, "new information")
columns = ["order", "document", "codes", "new", "seen", "expected"]
interviews = pd.DataFrame(columns=columns)
if codes:
    interviews = information.by_interview(coded.segments, coded.codings, codes, order)
store.record_table(
    "codes-by-interview",
    interviews.drop(columns="document").round({"expected": 1}),
    "Codes by interview",
    "New: seen in no interview before. Expected: codes seen after as many of these interviews in random order.",
    show=12,
    unless="" if codes else said,
)

# %%
store.record_figure(
    "codes-by-interview-curve",
    charts.saturation_curves(interviews.assign(study="project"), "interview", "of the interviews")
    if codes
    else style.said(said),
    "Codes seen by number of interviews read, in their order and expected in random order",
    "A rising step line of codes seen by interview and a dashed curve for random order."
    if codes
    else f"Nothing is drawn. {said}",
    interviews.drop(columns="document") if codes else pd.DataFrame({"note": [said]}),
)

# %% [markdown]
# ## New information by run

# %%
runs = information.runs(interviews, measure)
store.record_table(
    "new-information",
    runs.astype({"ratio": float}).round({"ratio": 1}),
    "New information by run of interviews",
    f"Base: codes of the first {base} interviews. A run of {run} interviews brings new codes, in percent of the base.",
    show=12,
    unless="There are too few interviews for a run." if codes else said,
)

# %%
if codes:
    orders = information.random_orders(coded.segments, coded.codings, codes, order, measure)
    said = information.statement(runs, orders, measure)
store.record_value("saturation.interviews", said, "", "new information by interview, as a sentence")

# %%
store.finish()
