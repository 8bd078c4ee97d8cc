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
# # Agreement and saturation
#
# **Question.** How far do coders agree, and how soon do codes appear?
#
# **Inputs.** The codebook, the coded passages and the codings of the imported project, in `data/coding/project/`.
#
# **Outputs.** A table of agreement between coders with a sentence on what can be claimed, and a curve of codes seen.
#
# Agreement can be computed where two or more coders worked on the same sources. A curve that flattens shows that later
# passages brought few new codes; it does not show that more interviews would bring none.

# %%
import pandas as pd
from compendium.chain import results
from compendium.evidence import charts, evidence, saturation, studies, support
from compendium.figures import style

store = results.start()
coded = studies.coded(store, "project", uncoded=True)
MEASURES = {"percent_agreement": 1, "cohen_kappa": 2, "krippendorff_alpha": 2}  # with the decimals that are printed
title = dict(zip(coded.codebook["code_id"], coded.codebook["code"], strict=True))

# %% [markdown]
# ## Agreement between coders

# %%
agreement, sentence = evidence.coder_agreement(coded, "project")
if agreement is None:
    agreement = pd.DataFrame(columns=["code_id", "units", "coders", "applied", *MEASURES])
table = agreement.assign(code_id=[title.get(code, code.lower()) for code in agreement["code_id"]])
store.record_table("agreement", table.round(MEASURES), "Agreement between coders", sentence, show=16)

# %%
store.record_value("agreement.sentence", sentence, "", "what can be claimed of agreement")

# %% [markdown]
# ## How soon codes appear
#
# Passages stand in the order of the sources in the project, beside what the same passages would show in random order.

# %%
compared = evidence.compared(coded)
said = "No passage is coded yet, so nothing can be said of saturation."
curve = pd.DataFrame({"note": [said]})
if compared:
    curve = saturation.curve(support.passages(coded), coded.codings, compared).assign(study="project")
    seen = saturation.summary(curve)
    said = (
        f"Half of the {seen['codes']} codes had appeared after {seen['half_after']} of {seen['segments']} passages, "
        f"and the last quarter of the passages brought {seen['new_in_last']} new."
    )
store.record_figure(
    "saturation",
    charts.saturation_curves(curve) if compared else style.said(said),
    "Codes seen by number of passages read, in the order of the sources and expected in random order",
    f"A rising step line of codes seen and a dashed curve for random order. {said}",
    curve,
)

# %%
store.record_value("saturation.sentence", said, "", "how soon codes appear, as a sentence")

# %%
store.finish()
