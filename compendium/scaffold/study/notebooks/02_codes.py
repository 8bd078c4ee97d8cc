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
# # Codes
#
# **Question.** What does the codebook hold, which codes are used, where, and which meet?
#
# **Inputs.** The codebook, the coded passages and the codings of the imported project, in `data/coding/project/`.
#
# **Outputs.** The codebook as a table, what stands under each code in several units, passages by code and case, a heat
# map of them, and pairs of codes.
#
# Only what `data/coding/project/publish.toml` names is read: numbers of fewer passages than its floor are held back,
# and codes, cases and coders that it does not name go by numbers, as `build/private/project/key.csv` lists them.
#
# A passage is a stretch of one source that carries a code: selections with the same edges are one passage, others are
# passages of their own. A code also holds the passages of the codes below it, each once.

# %% tags=["parameters"]
shown: int = 24  # codes by case: those with most passages [1..]
cases: int = 8  # cases in the table of codes by case: those with most passages [1..]
meet: str = "overlap"  # when two codes meet [passage | overlap | near | paragraph | turn]
share: float = 0.0  # by overlap: least part of the shorter passage that both share; 0 is one character [0..1]
within: int = 100  # by nearness: most characters between two passages [0..]

# %%
import pandas as pd
from compendium.chain import results
from compendium.evidence import charts, codebook, evidence, meetings, passages, publication, studies, support
from compendium.figures import style

store = results.start({"shown": shown, "cases": cases, "meet": meet, "share": share, "within": within})
coded = studies.coded(store, "project", uncoded=True)
title = dict(zip(coded.codebook["code_id"], coded.codebook["code"], strict=True))
floor = studies.floor(store, "project")

# %% [markdown]
# ## What is coded

# %%
held = support.held(coded)
store.record_values("evidence", *held)
sentence = held[-1][1]

# %% [markdown]
# ## The codebook

# %%
store.record_table(
    "codebook",
    publication.rows_held_back(
        codebook.appendix(coded.codebook, coded.rolled).rename(columns={"Segments": "Passages"}),
        floor,
        "Passages",
        ["Passages"],
    ),
    "Codebook",
    "Dashes mark the level of a code. Passages: those with the code or one below it.",
    show=12,
)

# %% [markdown]
# ## In which unit
#
# Characters are those of all passages of a code together, each once, however many passages cover it.

# %%
units = passages.printed(passages.counts(coded.segments, coded.codings, coded.codebook), coded.codebook)
store.record_table(
    "code-units",
    publication.rows_held_back(units, floor, "Passages", units.columns[1:], unless=-1),
    "What stands under each code",
    "A coding is one coder’s giving of one code to one passage. The last row counts every passage, coding and "
    "character of the study once.",
    show=12,
)

# %% [markdown]
# ## Codes by case

# %%
compared = evidence.compared(coded)
top = evidence.most_used(coded, compared, shown) if compared else []
by_case, others = support.by_case(coded, top, cases)
store.record_table(
    "code-by-case",
    publication.crossed_held_back(by_case, floor),
    "Passages by code and case" + (f": the {len(top)} codes with most passages" if len(top) < len(compared) else ""),
    "A passage counts once in each row that holds it. The last column also counts passages that belong to no case."
    + (f" Cases with fewer passages are left out: {others}." if others else ""),
    show=12,
)

# %%
heat = charts.code_heat_data(coded, top, ["site"], floor) if top else pd.DataFrame({"note": [sentence]})
most = heat.groupby("code", sort=False)["segments"].sum().nlargest(3) if top else {}
store.record_figure(
    "code-heatmap",
    charts.code_heat_map(coded, top, ["site"], floor) if top else style.said(sentence),
    f"Codes by case: the {len(top)} codes with most passages" if top else "Codes by case",
    "Heat map with codes as rows and cases as columns; each cell shows how many passages of the case hold the code. "
    "Most passages: " + "; ".join(f"{code}, {number}" for code, number in most.items()) + "."
    if top
    else f"Nothing is drawn. {sentence}",
    heat,
)

# %% [markdown]
# ## Codes that meet
#
# Two codes meet on one passage, on passages that overlap, or on passages that stand near each other, as the parameter
# says. Paragraphs and turns of speakers need the texts, which stay on the researcher’s machine.

# %%
words = meetings.told(meet, share, within)
met = meetings.meetings(
    coded.segments, coded.codings, coded.codebook, meet, share=share, within=within, codes=compared,
    texts=studies.texts(store, "project") if meet in ("paragraph", "turn") else None,
)  # fmt: skip
paired = meetings.pairs(met, coded.codings, coded.segments, coded.codebook)
pairs = meetings.printed(paired.head(24), coded.codebook)
store.record_table(
    "code-pairs",
    publication.rows_held_back(pairs, floor, "Meetings", pairs.columns[2:]),
    "Pairs of codes that meet most often",
    f"Codes meet {words}; a meeting is a pair of passages. Share: of the passages with either code, those that meet "
    "the other. A code and one above it make no pair. Without a row, no two codes meet.",
    show=12,
)

# %%
mapped = list(dict.fromkeys([*paired["code_a"], *paired["code_b"]]))[:24]
mapped = [code for code in compared if code in mapped]
cells = meetings.matrix(met, coded.codings, coded.segments, coded.codebook, mapped)
cells = cells.where(cells >= floor, 0)
none = "none" if floor <= 1 else f"fewer than {floor}"
told = "No codes meet."
if len(paired):
    told = f"Most meetings: {title[paired['code_a'][0]]} with {title[paired['code_b'][0]]}."
store.record_figure(
    "code-map",
    charts.cooccurrence_map(
        cells, coded.codebook, ("in a frame: all passages with the code", f"elsewhere: meetings, dot: {none}")
    )
    if mapped
    else style.said(told),
    f"Codes that meet {words}" + (f": the {len(mapped)} that do so most" if len(mapped) == 24 else ""),
    f"Triangle of codes by codes; each cell shows how often two codes meet {words}. {told}",
    charts.cooccurrence_data(cells, coded.codebook) if mapped else pd.DataFrame({"note": [told]}),
)

# %% [markdown]
# The passages behind each pair, by their ids in the project and the characters between them, where the rules publish
# passages one by one.

# %%
store.record_table(
    "code-meetings",
    met.assign(code_a=met["code_a"].map(title), code_b=met["code_b"].map(title)).head(1000 * studies.rows("project")),
    "Passages on which codes meet" + (f": the first 1,000 of {len(met):,}" if len(met) > 1000 else ""),
    "Between: characters between the two passages; negative where they share some.",
    show=6,
)

# %%
store.finish()
