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
# # Themes, attributes and strands
#
# **Question.** Who stands behind each theme, how does that differ by attribute, and how do the strands relate?
#
# **Inputs.** What is public of the imported project, in `data/coding/project/public/`, `data/findings.csv`, and
# `data/relations.csv`, in which the authors say how numbers and interviews relate.
#
# **Outputs.** Themes with those behind them, codes by document and by attribute, and a joint display.
#
# Attributes are those that `publish.toml` names under `variables`. The framework matrix with summaries names cases, so
# it is a file of the researcher’s own: `compendium framework project`.

# %% tags=["parameters"]
least: int = 3  # fewest people that a cell of codes by attribute may count; smaller ones are held back [1..]
most: int = 12  # documents in the matrix of codes by document: those with most passages [1..]

# %%
from compendium.chain import results
from compendium.evidence import attributes, framework, publication, studies, support

store = results.start({"least": least, "most": most})
coded = studies.coded(store, "project", uncoded=True)
floor = studies.floor(store, "project")
stated = store.read("data/findings.csv")
relations = store.read("data/relations.csv")

# %% [markdown]
# ## Who stands behind each theme

# %%
themes = framework.printed(framework.frequencies(coded.segments, coded.codings, coded.codebook))
store.record_table(
    "themes",
    publication.rows_held_back(themes, floor, "Passages", list(themes.columns[1:])),
    "Themes and those behind them",
    "A theme holds the passages of those below it, each once. Speakers: different people, where they are named.",
    show=12,
    unless=support.nothing(coded, "themes"),
)

# %% [markdown]
# ## Codes by document

# %%
documents = attributes.documents(coded.segments[coded.segments["segment_id"].isin(coded.codings["segment_id"])])
kept = documents["value"].value_counts().index[:most]
documents = documents[documents["value"].isin(kept)]
by_document = attributes.by_code(coded.segments, coded.codings, coded.codebook, documents)
store.record_table(
    "code-by-document",
    attributes.crossed(
        attributes.held_back(by_document, floor, "passages"), coded.codebook, attributes.DOCUMENT, people=False
    ),
    "Passages by code and document",
    "Documents go by their ids in the project.",
    show=12,
    unless=support.nothing(coded, "documents"),
)

# %% [markdown]
# ## Codes by attribute

# %%
told = attributes.of_labels(coded.segments, studies.variables(store, "project"))
by_attribute = attributes.by_code(coded.segments, coded.codings, coded.codebook, told)
store.record_table(
    "code-by-attribute",
    attributes.listed(attributes.held_back(by_attribute, least, floor=floor), coded.codebook),
    "Passages, documents and people by code and attribute",
    f"People are cases, or documents where the attribute is a document’s. Cells of fewer than {least} people are held "
    "back, with another beside a single one.",
    show=12,
    unless="The project publishes no attribute.",
)

# %% [markdown]
# ## How the strands relate
#
# A joint display sets what the interviews say beside what the numbers say. Relation and meta-inference are the authors’
# own words: they come from `data/relations.csv`.

# %%
behind = publication.rows_held_back(
    support.behind(stated, coded), floor, "passages", ["passages", "sources", "cases", "coders"]
)
store.record_table(
    "joint-display",
    framework.joint_display(stated, behind, relations),
    "Joint display of interviews and numbers",
    "Relation: the numbers confirm, expand or diverge from the interviews, or one of them is silent.",
    widths=[30, 16, 22, 10, 30],
)

# %%
store.finish()
