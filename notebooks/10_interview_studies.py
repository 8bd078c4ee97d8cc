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

from analysis import studycharts
from compendium.chain import results
from compendium.data import loading
from compendium.evidence import codebook, segments

store = results.start({"guide": guide})

# %% [markdown]
# ## The first study: three themes

# %%
paper = segments.load(store.input("data/coding/alderwick-paper/segments.csv"))
paper_codes = codebook.load(store.input("data/coding/alderwick-paper/codebook.csv"))
themes = loading.read_file(store.input("data/coding/frameworks/paper-themes.csv"))
theme_names = dict(zip(themes["code_id"], themes["theme"], strict=True))
paper["theme"] = [
    next(theme_names[code] for code in codes.split(";") if code in theme_names) for codes in paper["codes"]
]
by_theme = paper.groupby("theme")["segment_id"].count()
store.record_table(
    "paper-themes",
    themes.assign(segments=themes["theme"].map(by_theme))[["theme", "finding", "tension", "segments"]].set_axis(
        ["Theme", "What leaders said", "Tension", "Segments"], axis=1
    ),
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
second = segments.load(store.input("data/coding/alderwick-ch7/segments.csv"))
second_codes = codebook.load(store.input("data/coding/alderwick-ch7/codebook.csv"))
covers = loading.read_file(store.input("data/coding/frameworks/umbrella-domains.csv"))
domain_names = dict(zip(covers["domain_id"], covers["domain"], strict=True))
parents = dict(zip(second_codes["code_id"], second_codes["parent"], strict=True))
tops = dict(zip(covers["ch7_code_id"], covers["domain"], strict=True))
second["domain"] = [
    next(tops.get(code) or tops[parents[code]] for code in codes.split(";") if code.startswith("ch7-"))
    for codes in second["codes"]
]
order = list(domain_names.values())
by_domain = second.groupby("domain")["segment_id"].count().reindex(order)
by_site = pd.crosstab(second["domain"], second["site"].replace("", "none")).reindex(order)
store.record_table(
    "domain-evidence",
    covers.assign(segments=covers["domain"].map(by_domain))[["domain", "covers", "segments"]]
    .join(by_site[["A", "B", "C", "none"]].reset_index(drop=True))
    .set_axis(["Domain", "What it covers", "Segments", "Site A", "Site B", "Site C", "No site"], axis=1),
    "The five domains and the coded evidence in each",
    "Segments: quotations in chapter 7 of the thesis that we coded with the domain, by the site that the thesis gives.",
)

# %%
influence = loading.read_file(store.input("data/coding/frameworks/ch7-table-3.csv"))
store.record_table(
    "policy-influence",
    influence.assign(domain=influence["domain_id"].map(domain_names))[["domain", "direction", "influence"]].set_axis(
        ["Domain", "Direction", "Influence of national policy"], axis=1
    ),
    "How national policy shapes the other domains: examples",
    "In our words after the thesis (chapter 7, Table 3); the direction is our reading.",
)

# %%
initiatives = loading.read_file(store.input("data/coding/frameworks/ch7-table-4.csv"))
store.record_table(
    "initiatives",
    initiatives[["focus", "initiative"]].set_axis(["Focus", "Example"], axis=1),
    "Examples of joint work on inequalities in the three systems",
    "In our words after the thesis (chapter 7, Table 4).",
)

# %%
links = loading.read_file(store.input("data/coding/frameworks/ch7-domain-links.csv"))
references = links[links["kind"] == "cross-reference"]
pairs = references.groupby(["from_domain", "to_domain"]).ngroups
[
    store.record_value("first-study.segments", len(paper), "segments", "coded quotations of the paper"),
    *(
        store.record_value(f"first-study.{code.removeprefix('paper-')}", int(by_theme[theme]), "segments", theme)
        for code, theme in theme_names.items()
    ),
    store.record_value("second-study.segments", len(second), "segments", "coded quotations of chapter 7"),
    store.record_value(
        "second-study.displayed", int((second["kind"] == "displayed").sum()), "segments", "displayed quotations"
    ),
    *(
        store.record_value(f"second-study.{domain}", int(by_domain[name]), "segments", f"segments on {name.lower()}")
        for domain, name in domain_names.items()
    ),
    store.record_value("second-study.influences", len(influence), "examples", "printed influences of national policy"),
    store.record_value(
        "second-study.enabling", int((influence["direction"] == "enables").sum()), "examples", "of them enabling"
    ),
    store.record_value(
        "second-study.hindering", int((influence["direction"] == "hinders").sum()), "examples", "of them hindering"
    ),
    store.record_value("second-study.initiatives", len(initiatives), "examples", "printed examples of joint work"),
    store.record_value("second-study.pairs", pairs, "pairs", "ordered pairs of domains that they join"),
]

# %% [markdown]
# ## The guide and the codes

# %%
topics = loading.read_text(store.input(f"data/comparison/{guide}.csv"))
all_codes = pd.concat([paper_codes, second_codes]).drop_duplicates("code_id").set_index("code_id")["code"]
both = pd.concat([segments.codings(paper), segments.codings(second)])
asked = [[code for code in codes.split(";") if code] for codes in topics["codes"]]
store.record_table(
    "guide-topics",
    topics.assign(
        codes=["; ".join(all_codes[code] for code in codes) or "–" for codes in asked],
        segments=[both[both["code_id"].isin(codes)]["segment_id"].nunique() for codes in asked],
    )[["number", "topic", "asks", "codes", "segments"]].set_axis(
        ["No", "Topic", "What it asks", "Codes it invites", "Segments"], axis=1
    ),
    "The interview guide as topics, and the codes that each invites",
    "Topics in our words after the thesis (appendix 2). The mapping is ours: no document says which question a "
    "quotation answers. Segments: those of both interview studies that carry at least one of the codes.",
    widths=[5, 16, 34, 36, 11],
)

# %%
store.finish()
