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
# # The interview studies beside each other
#
# **Question.** What do the themes of the two interview studies rest on, and what did the interview guide invite?
#
# **Inputs.** Codebooks, coded segments and frameworks of both studies in `data/coding/`, and the topics of the guide in
# `data/comparison/`.
#
# **Outputs.** The themes of the first study, the domains of the second with their printed examples, and the guide.
#
# Segments are the quotations that the documents print; their codes are the documents' themes and our own.

# %% tags=["parameters"]
guide: str = "guide_topics"  # topics of the interview guide [in data/comparison/*.csv]

# %%
import pandas as pd

from analysis import studycharts, studytables
from analysis.quoted import studies as quoted
from compendium.chain import results
from compendium.data import loading
from compendium.evidence import codebook, segments

store = results.start({"guide": guide})

# %% [markdown]
# ## The first study: three themes

# %%
paper = segments.load(store.input("data/coding/alderwick-paper/segments.csv"))
paper_codes = codebook.load(store.input("data/coding/alderwick-paper/codebook.csv"))
themes = store.read("data/coding/frameworks/paper-themes.csv")
theme_names = dict(zip(themes["code_id"], themes["theme"], strict=True))
paper = studytables.themed(paper, theme_names)
store.record_table(
    "paper-themes",
    themes.assign(segments=themes["theme"].map(paper["theme"].value_counts())),
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
store.record_values("first-study", *quoted.first_study(paper, theme_names))

# %% [markdown]
# ## The second study: five domains

# %%
second = segments.load(store.input("data/coding/alderwick-ch7/segments.csv"))
second_codes = codebook.load(store.input("data/coding/alderwick-ch7/codebook.csv"))
covers = store.read("data/coding/frameworks/umbrella-domains.csv")
second = studytables.in_domains(second, second_codes, covers, "ch7-")
store.record_table(
    "domain-evidence",
    studytables.by_site(covers, second),
    "The five domains and the coded evidence in each",
    "Segments: quotations in chapter 7 of the thesis that we coded with the domain, by the site that the thesis gives.",
)

# %%
influence = store.read("data/coding/frameworks/ch7-table-3.csv")
domain_names = dict(zip(covers["domain_id"], covers["domain"], strict=True))
store.record_table(
    "policy-influence",
    influence.assign(domain=influence["domain_id"].map(domain_names)),
    "How national policy shapes the other domains: examples",
    "In our words after the thesis (chapter 7, Table 3); the direction is our interpretation.",
)

# %%
initiatives = store.read("data/coding/frameworks/ch7-table-4.csv")
store.record_table(
    "initiatives",
    initiatives,
    "Examples of joint work on inequalities in the three systems",
    "In our words after the thesis (chapter 7, Table 4).",
)

# %%
links = store.read("data/coding/frameworks/ch7-domain-links.csv")
store.record_values("second-study", *quoted.second_study(second, domain_names, influence, initiatives, links))

# %% [markdown]
# ## The guide and the codes

# %%
topics = loading.read_text(store.input(f"data/comparison/{guide}.csv"))
codings = pd.concat([segments.codings(paper), segments.codings(second)])
store.record_table(
    "guide-topics",
    studytables.guide(topics, pd.concat([paper_codes, second_codes]), codings),
    "The interview guide as topics, and the codes that each invites",
    "Topics in our words after the thesis (appendix 2). The mapping is ours: no document says which question a "
    "quotation answers. Segments: those of both interview studies that carry at least one of the codes.",
    widths=[5, 16, 34, 36, 11],
)

# %%
store.finish()
