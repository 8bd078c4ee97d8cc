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
# # Codes across studies, sites and sectors
#
# **Question.** What do the coded segments of each study hold, how do codes spread over studies, sites and sectors,
# which codes meet, and how soon do they appear?
#
# **Inputs.** A codebook and coded segments for each study, in `data/coding/`. A project imported from REFI-QDA into a
# folder of `data/coding/` has the same tables, so `-p study=FOLDER` runs this notebook on it.
#
# **Outputs.** The codebooks, counts of segments by study, site and sector, pairs of codes, the order in which codes
# appear, and what can be said of the stability and the reliability of the coding.
#
# Counts are of quotations that authors chose to print. They show what stands behind a finding in print, not how common
# a view was.

# %% tags=["parameters"]
study: str = "alderwick-paper, alderwick-ch7, prucomm, goddard"  # studies [several in data/coding/*/codebook.csv]
roles: str = "alderwick-paper, alderwick-ch7"  # whose labels are roles [several in data/coding/*/codebook.csv]
shown: int = 28  # codes in the heat map: those with most segments [1..]
paired: int = 24  # codes in the map of pairs: those with most segments [1..]

# %%
from compendium.chain import results
from compendium.evidence import charts, cooccurrence, evidence, quoted, recoding, saturation, studies
from compendium.evidence.codebook import appendix, shared
from compendium.evidence.reliability import printed
from compendium.evidence.speakers import overview

store = results.start({"study": study, "roles": roles, "shown": shown, "paired": paired})

# %%
coded = studies.coded(store, study)
spellings = studies.spellings(store)
title = dict(zip(coded.codebook["code_id"], coded.codebook["code"], strict=True))
shared_labels = [name.strip() for name in roles.split(",")]

# %% [markdown]
# ## What each study holds
#
# Speakers are counted from below. Where a label is a role, such as a sector and a site, several people may share it:
# the number given is the largest set of labels of which no two can be the same person. PRUComm prints codes, which a
# rule reduces to speakers; there a number may still stand for several interviews. Goddard quotes plans, not people.

# %%
held = overview(coded, shared_labels, spellings)
store.record_table(
    "evidence-overview",
    held.assign(study=held["study"].map(evidence.name)),
    "The coded segments of each study",
    "Speakers: the fewest who can stand behind the segments; for plans, the number of plans. Sites: those stated "
    "beside a segment. Documents that report the same interviews share some quotations.",
)

# %%
store.record_values("evidence", *quoted.held(held, coded))

# %% [markdown]
# ## Codebooks
#
# What each code is, when to use it and when not to, naming the neighbour to use instead, so that another coder can
# apply it. Codes of a document follow its headings and stand in a table of that document; codes that we formed serve
# all studies and stand in one table. Segments are counted through the tree: a code also holds those of the codes below.

# %%
notes = (
    "Dashes mark the level of a code. Typical segment: its number in the coded segments; for a heading, a segment of a "
    "code below it. Segments: those with the code or one below it."
)
formed = shared(coded.codebooks)
books = {name: book[~book["code_id"].isin(formed["code_id"])] for name, book in coded.codebooks.items()}
[
    store.record_table(
        f"codebook-{evidence.key(name)}",
        appendix(book, evidence.of_study(coded, name).rolled),
        f"Codebook: {evidence.name(name)}" + (", codes of the document" if len(formed) else ""),
        notes,
        show=12,
    )
    for name, book in books.items()
    if len(book)
]

# %%
store.record_table(
    "codebook-shared",
    appendix(formed, coded.rolled).drop(columns="Stated in", errors="ignore"),
    "Codebook: the codes that we formed, for all studies",
    notes + " A study's own codebook names only neighbours that it holds.",
    show=12,
    unless="Every code stands in the table of its study.",
)

# %% [markdown]
# ## Codes by study, site and sector
#
# A site belongs to its study: letters of different studies are never set side by side as if they were the same place.

# %%
compared = evidence.compared(coded)
notes = (
    "A segment counts once in each row that holds it. The last row has all segments of the group; the last column also "
    "counts segments that stand in none of the groups. Documents that report the same interviews share some "
    "quotations, so a sum over studies counts those twice."
)
store.record_table(
    "code-by-study", evidence.count_table(coded, "study", compared), "Segments by code and study", notes, show=12
)

# %%
store.record_table(
    "code-by-site",
    evidence.count_table(coded, "site", compared),
    "Segments by code and site, within each study",
    notes,
    show=12,
    unless="No segment states a site.",
)

# %%
store.record_table(
    "code-by-sector",
    evidence.count_table(coded, "sector", compared),
    "Segments by code and sector of the speaker",
    notes,
    show=12,
    unless="No segment states a sector.",
)

# %%
top = evidence.most_used(coded, compared, shown)
heat = charts.code_heat_data(coded, top)
most = heat[heat["block"] == heat["block"].iloc[0]].groupby("code", sort=False)["segments"].sum().nlargest(3)
store.record_figure(
    "code-heatmap",
    charts.code_heat_map(coded, top),
    f"Codes by {', '.join(dict.fromkeys(heat['block']))}: the {len(top)} codes with most segments",
    "Heat map with codes as rows, grouped by branch, and groups of segments as columns; each cell shows how many "
    "segments of the group hold the code, and its shade their share. Most segments: "
    + ", ".join(f"{code} ({number})" for code, number in most.items())
    + ". Groups of fewer than ten segments are grey.",
    heat,
)

# %%
store.record_value("evidence.codes.compared", len(compared), "codes", "codes by which studies are compared")

# %% [markdown]
# ## Codes that meet

# %%
meeting = cooccurrence.pairs(cooccurrence.cooccurrence(coded, compared), coded.codebook)
store.record_table(
    "code-pairs",
    meeting.replace({"code_a": title, "code_b": title}).round({"jaccard": 2}),
    "Pairs of codes on one segment",
    "Share: segments with both over segments with either (Jaccard). Pairs of a code and one above it are left out.",
    show=12,
)

# %%
frequent = evidence.most_used(coded, compared, paired)
matrix = cooccurrence.cooccurrence(coded, frequent)
strongest = cooccurrence.pairs(matrix, coded.codebook).head(3)
in_words = [f"{title[a]} with {title[b]}, {n} segments" for a, b, n in strongest.iloc[:, :3].itertuples(index=False)]
if len(frequent) > 1:
    recorded = store.record_figure(
        "code-cooccurrence",
        charts.cooccurrence_map(matrix, coded.codebook),
        f"Codes that stand on the same segment: the {len(frequent)} codes with most segments",
        "Triangular heat map of pairs of codes. Most frequent pairs: "
        + ("; ".join(in_words) or "none, no segment holds two codes")
        + ".",
        charts.cooccurrence_data(matrix, coded.codebook),
    )
else:
    recorded = "A single code meets no other."
recorded

# %% [markdown]
# ## How soon codes appear
#
# New codes by order of segments, beside what the same segments would show in random order. In interviews such a curve
# asks whether more data would bring more codes. Here the segments of the transcribed studies are quotations that their
# authors selected, each to show something, in the order of an argument. A curve that still climbs at the end does not
# say that the study stopped too early, and one that is flat does not say that it was saturated.

# %%
curves, summaries = saturation.of_studies(coded)
store.record_table(
    "saturation",
    summaries.assign(study=summaries["study"].map(evidence.name)),
    "How soon codes appear in the order of segments",
    "Seen after: number of segments. Printed quotations are a selection by the authors; no claim about saturation of "
    "the interviews follows.",
)

# %%
store.record_figure(
    "code-accumulation",
    charts.saturation_curves(curves),
    "Codes met as the printed segments are read, in the order of each document and expected in random order",
    "One panel for each study with a rising step line of codes seen and a dashed curve for random order. "
    + " ".join(
        f"{evidence.name(row.study)}: {row.codes} codes in {row.segments} segments, half of them after "
        f"{row.half_after}, {row.new_in_last} new in the last quarter."
        for row in summaries.itertuples()
    ),
    curves[["study", "order", "segment_id", "new", "seen", "expected"]],
)

# %%
store.record_values("evidence.new-in-last-quarter", *quoted.new_codes(summaries))

# %% [markdown]
# ## Stability of the coding
#
# A random quarter of each study's segments was coded a second time, by the definitions above alone and without sight of
# the first codes. This shows how stable one coding is. It is not agreement between people: both codings come from one
# team, and the definitions were written by someone who had read the first codes of the other segments. Two people who
# know neither coding would likely agree less.
#
# A decision is one code for one segment, given or not. Most decisions are a clear no, which raises the percentage, so
# read it with kappa, which allows for chance, or with the agreement on use, which leaves the noes out. Codes of the
# section follow from the place, so two codings of them must agree; they are counted apart. Single codes rest on few
# segments.

# %%
again = studies.recoded(store, coded.studies)
recorded = "No segment of these studies was coded a second time."
if len(again):
    share, seed = recoding.drawing(store.input("data/coding/datapackage.json"))
    decided = recoding.decisions(coded.segments, again, coded.codebooks)
    stability = recoding.stability(decided, seed=seed)
    in_all = stability.iloc[0]
    recorded = store.record_table(
        "coding-stability",
        recoding.printed(stability, title, evidence.name),
        "Stability of the coding: two codings of a random quarter of the segments",
        f"By reading, the first coding gave {in_all['first']} codes and the second {in_all['second']}, "
        f"{in_all['both']} of them the same. Agreement on use: twice both over first plus "
        "second. Intervals: 95%, for a single code's agreement by Wilson, otherwise by a bootstrap of whole segments. "
        f"Kappa has none where fewer than {recoding.FEWEST} segments hold a code or the codings never differ.",
    )
    store.record_values("evidence.recoding", *quoted.recoded(stability, decided, share, seed))
recorded

# %% [markdown]
# ## Agreement between coders
#
# It can be computed where two or more coders worked on the same documents. One person coded the transcribed studies, so
# for them none can be claimed.

# %%
for name in coded.studies:
    agreement, sentence = evidence.coder_agreement(coded, name)
    store.record_value(f"evidence.reliability.{evidence.key(name)}", sentence, "", f"what is known for {name}")
    if agreement is not None:
        store.record_table(
            f"coder-agreement-{evidence.key(name)}",
            printed(agreement, title),
            f"Agreement between coders: {evidence.name(name)}",
            sentence,
        )
    print(f"{evidence.name(name)}: {sentence}")

# %%
store.finish()
