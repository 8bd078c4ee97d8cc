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
# **Outputs.** Tables of agreement by code and by pair of coders with a sentence on what can be claimed, and a curve of
# codes seen.
#
# Agreement can be computed where two or more coders worked on the same sources. A curve that flattens shows that later
# passages brought few new codes; it does not show that more interviews would bring none.

# %% tags=["parameters"]
unit: str = "character"  # what counts as one decision of a coder [character | overlap | document | segment]

# %%
import pandas as pd
from compendium.chain import results
from compendium.evidence import charts, coders, evidence, reliability, saturation, studies, support
from compendium.figures import style

store = results.start({"unit": unit})
coded = studies.coded(store, "project", uncoded=True)
title = dict(zip(coded.codebook["code_id"], coded.codebook["code"], strict=True))

# %% [markdown]
# ## Agreement between coders
#
# Percent agreement allows for nothing. Kappa and alpha allow for chance and fall where a code is rare, whatever the
# coders do; Gwet’s AC1 hardly does. The prevalence, how many of all decisions were a yes, says which case it is. The
# interval is a bootstrap of whole sources; fewer than five have none.
#
# Who is software stands in the researcher’s own `data/coding/project/coders.csv` (coder, kind, software, version,
# instruction), where a program coded too.

# %%
lengths = studies.lengths(store, "project")
agreement, sentence = evidence.coder_agreement(coded, "project", unit, lengths)
who = studies.coders(store, "project", coded)
if agreement is not None and (who["kind"] == "software").any():
    sentence = f"{sentence} {coders.statement(who)}"
none = pd.DataFrame(columns=list(reliability.COLUMNS), dtype=float)
store.record_table(
    "agreement",
    reliability.printed(none if agreement is None else agreement, {**title, reliability.OVERALL: "all codes"}),
    "Agreement between coders",
    sentence,
    show=16,
)

# %%
pairs = reliability.pairs(coded.codings, coded.segments, unit, lengths) if agreement is not None else none
store.record_table(
    "agreement-pairs",
    reliability.pairs_printed(coders.labelled(pairs.reindex(columns=list(reliability.PAIR_COLUMNS)), who)),
    "Agreement of each pair of coders, over all codes",
    "Documents are those that both coded. People are numbered in the order of their names in the project.",
)

# %%
store.record_value("agreement.sentence", sentence, "", "what can be claimed of agreement")

# %% [markdown]
# ## How soon codes appear
#
# Passages stand in the order of the sources in the project, beside what the same passages would show in random order.

# %%
compared = evidence.compared(coded)
said = support.nothing(coded, "saturation")
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
