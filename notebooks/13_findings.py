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
# # Findings of the paper, their evidence, and what was reproduced
#
# **Question.** What does the paper print behind each of its findings, from which sites and sectors, and which of its
# statements, by kind, could be reproduced?
#
# **Inputs.** The findings of the paper with the quantifier and the speakers that it states, and its coded segments, in
# `data/coding/`; verdicts of the audit and of the ledger from the notebooks before this one.
#
# **Outputs.** The quotations and the findings with their markers, the evidence by site and sector, and a table of what
# was reproduced and what was not.
#
# Printed quotations are a choice by the authors. The evidence behind a finding says how well the print supports it, not
# how common the view was. The sites are anonymous; nothing here goes beyond what the paper prints of them.

# %% tags=["parameters"]
paper: str = "alderwick-paper"  # folder of data/coding/ whose findings are shown
document: str = "alderwick-2024-paper"  # document of the ledger that reports them

# %%
from analysis import reproduction
from compendium import settings
from compendium.chain import results
from compendium.evidence import evidence, findings

store = results.start({"paper": paper, "document": document})
coded = evidence.read(
    paper, store.input(f"data/coding/{paper}/codebook.csv"), store.input(f"data/coding/{paper}/segments.csv")
)
found = findings.read(store.input(f"data/coding/{paper}/findings.csv"), coded.segments)
titles = coded.codebook.set_index("code_id")["code"].to_dict()

# %% [markdown]
# ## The quotations
#
# The markers Q1, Q2 and so on of the paper lead here: to the place and speaker as printed, what is said in our words,
# and at most eight words of the speaker.

# %%
quoted = findings.quotations(coded.segments)
store.record_table(
    "quotations",
    quoted,
    f"The {len(quoted)} quotations behind the findings",
    "Place and speaker as the original prints them; displayed: in a paragraph of its own; fragment: within a sentence. "
    "What is said: in our words. Words of the speaker: at most eight.",
    widths=[0.08, 0.25, 0.17, 0.3, 0.2],
    anchor="Segment",
    segments=coded.segments["segment_id"].tolist(),
    show=6,
)

# %% [markdown]
# ## The findings
#
# A finding is one claim of the results with its quantifier. Where no segment stands behind it, it has a marker P.

# %%
shown = findings.table(found, coded.segments, titles)
without = shown[shown["Marker"].str.startswith(findings.WITHOUT)]
store.record_table(
    "findings-quoted",
    shown.drop(index=without.index).drop(columns=["Words in print"]),
    "Findings that coded quotations illustrate",
    "Quantifier: of the original. Speakers: of the quotations, as printed.",
    widths=[0.12, 0.2, 0.26, 0.12, 0.17, 0.13],
    show=6,
)

# %%
store.record_table(
    "findings-prose",
    without,
    "Findings behind which no coded quotation stands",
    "Quantifier and speakers: of the original. Words in print: those too few to be coded, at most eight.",
    widths=[0.08, 0.18, 0.23, 0.11, 0.16, 0.13, 0.11],
    anchor="Marker",
    show=6,
)

# %% [markdown]
# ## Evidence by site and sector

# %%
given = findings.cells(found, coded.segments)
numbers = findings.counts(given)
[
    store.record_value(f"findings.{key.removeprefix('paper-')}", number, "findings", f"findings: {key}")
    for key, number in numbers.items()
]

# %%
store.record_figure(
    "findings-evidence",
    findings.chart(given, titles),
    "Findings by the evidence in print, by site and sector of the speaker",
    f"Grid of {numbers['all']} findings, grouped by theme, and of speakers by site and sector; a disc shows whether a "
    f"displayed quotation, a fragment or prose alone stands behind it. Of the findings, {numbers['displayed']} "
    f"have a displayed quotation, {numbers['fragment']} a fragment at most, and {numbers['prose']} prose alone. "
    + "; ".join(
        f"{titles[theme]}: {', '.join(sorted(set(part['site']) - {''})) or 'none'}"
        for theme, part in given[given["evidence"] != findings.PROSE].groupby("theme", sort=False)
    )
    + " are the sites quoted.",
    given,
)

# %% [markdown]
# ## What was reproduced and what was not
#
# The audit knows three verdicts: a printed statement agrees, differs, or cannot be tested with public data.

# %%
checked = reproduction.by_kind(
    store.result_table("audit-verdicts"),
    store.result_table("ledger"),
    {key: item["value"] for key, item in store.result_values("*").items()},
    findings.kinds(given),
    settings.read().documents[document],
)
store.record_table(
    "reproduction",
    checked,
    "What was reproduced and what was not, by kind of statement",
    "Agrees: a result equals the printed statement under the rule that suits it. Differs: it does not. Not testable: "
    "public data do not speak to it. Statements of the paper: those of the ledger that it does not merely cite.",
    widths=[0.34, 0.13, 0.11, 0.11, 0.13, 0.3],
)

# %%
store.finish()
