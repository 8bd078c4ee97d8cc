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
# # The ledger
#
# **Question.** Which quantitative statements of the five documents can be reproduced, which differ and why, and where
# do the documents not seem to agree with one another or with themselves?
#
# **Inputs.** The statements of `data/claims.csv`, every value that the notebooks before this one have recorded, and
# the tables transcribed from the documents, from which this notebook computes what no other one records.
#
# **Outputs.** A verdict for each statement, the inconsistencies with both places and what could reconcile them, the
# printed reporting checklist against its own manuscript, and the three versions of the paper side by side.

# %% tags=["parameters"]
statements: str = "claims"  # table of data/ that holds the documents' statements
differences: str = "inconsistencies"  # table of data/ that holds the inconsistencies

# %%
from analysis import consistency, versiontables
from analysis.quoted import documents as quoted
from compendium.chain import results
from compendium.data import loading
from compendium.writing import checklists, claims, ledger

store = results.start({"statements": statements, "differences": differences})

# %% [markdown]
# ## Results that no other notebook records
#
# Counts, sums and bounds that follow from the printed tables alone.

# %%
store.input(f"data/{statements}.csv")
ledger_rows = claims.claims()
computed = consistency.recorded(store)
recorded = store.result_values("*")
store.record_values("", *quoted.figures(computed, recorded, ledger_rows))

# %% [markdown]
# ## Figures that the documents print and prose quotes
#
# They cannot be computed, so prose takes them from the ledger.

# %%
store.record_values("printed", *quoted.printed(ledger_rows))

# %% [markdown]
# ## Verdicts
#
# A statement is *reproduced* if a result agrees with the printed value under the statement's rule, *differs* if not,
# *not reproducible from public data* if no public data speak to it or there is nothing to compute, and *cited only* if
# the document takes it from another source that we did not recompute.

# %%
judged = claims.judge(ledger_rows, {**computed, **recorded})
store.record_table(
    "ledger",
    ledger.statements_table(judged),
    "The ledger: quantitative statements of the five documents, each with its verdict",
    "Statements are in our words, printed values as printed. Recomputed values are rounded to two decimals here and "
    "compared in full.",
    show=8,
)

# %%
store.record_table(
    "ledger-totals",
    ledger.totals_table(judged),
    "Verdicts on the documents' quantitative statements",
    "A statement differs if the printed value and the recomputed one disagree under the rule that suits its wording, "
    "such as rounding; the ledger gives the reason for each.",
)

# %%
store.record_values("ledger", *quoted.verdicts(judged))

# %%
drawn = ledger.verdicts_data(judged)
store.record_figure(
    "ledger-verdicts",
    ledger.verdicts_chart(judged),
    "Verdicts on the documents' quantitative statements, by document",
    "One horizontal bar per document, divided by verdict. In all: "
    + "; ".join(f"{name} {count}" for name, count in drawn.groupby("verdict", sort=False)["statements"].sum().items())
    + ".",
    drawn,
)

# %% [markdown]
# ## Statements that differ

# %%
store.record_table(
    "ledger-differs",
    ledger.statements_table(judged[judged["verdict"] == claims.DIFFERS]).drop(columns=["Verdict", "Result"]),
    "Statements whose printed value differs from the result",
)

# %% [markdown]
# ## Inconsistencies inside and between the documents
#
# An inconsistency accuses somebody. Each row sets two places side by side, says what could reconcile them, and is
# called certain only if nothing could.

# %%
store.input(f"data/{differences}.csv")
found = claims.inconsistencies()
store.record_table(
    "inconsistencies",
    ledger.inconsistencies_table(found),
    "Statements inside and between the documents that do not agree",
    "Certain: both places were read in their context, and no fair reading reconciles them. Reading: they do not seem "
    "to agree, and a fair reading exists. Editorial: a slip of numbering, spelling or style. The numbers of rows that "
    "we dropped are not used again.",
    show=8,
)

# %%
store.record_table(
    "inconsistency-kinds",
    ledger.inconsistency_kinds(found),
    "Inconsistencies by kind and certainty",
    "The kinds and the certainty are our judgement.",
)

# %%
store.record_values("ledger", *quoted.inconsistencies(found))

# %% [markdown]
# ## The printed SRQR checklist against its own manuscript
#
# The checklist that came with the revision prints the line numbers of the first submission. Its passages have moved.

# %%
store.input("data/srqr.csv")
relocated = loading.read("srqr_relocation")
store.record_table(
    "srqr-original",
    versiontables.original_checklist(checklists.items("srqr"), loading.read("srqr_original"), relocated),
    "Locations printed in the SRQR checklist of revision R1, and where the passages stand in R1",
    "Not checkable: the copy has lost the line numbers at an end of the passage; a question mark stands for such a "
    "line. Other section: the passage's own lines have lost their numbers, but the printed lines lie in another "
    "section of R1.",
)

# %%
store.record_values("srqr", *quoted.checklist(relocated))

# %% [markdown]
# ## Versions of the paper

# %%
versions = loading.read("versions")
store.record_table(
    "versions",
    versiontables.version_sizes(versions),
    "Words and sentences of the three versions of the paper",
    "Citations are not counted; headings count as sentences. Counted by the same rules in all versions.",
)

# %%
store.record_table(
    "version-changes",
    versiontables.version_changes(versions),
    "Sentences unchanged, modified, added and removed from one version to the next",
    "Two sentences are one sentence modified if at least six in ten of their words stand in both, in the same order. "
    "Case, punctuation and the two spellings of words such as recognise do not count as changes.",
)

# %%
store.record_table(
    "reference-lists",
    versiontables.reference_lists_table(loading.read("reference_lists")),
    "Entries of the numbered reference lists, and works that a list holds more than once",
    "Works are known by the titles of our bibliography, so the repeated works are lower bounds.",
)

# %%
store.finish()
