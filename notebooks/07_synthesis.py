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
# # Findings and the evidence behind them
#
# **Question.** How much stands behind each finding, where do studies agree or contradict one another, where do their
# documents disagree about a quotation, and how do the themes lie beside the profiles of the three sites?
#
# **Inputs.** Codebooks and coded segments of each study, the triangulation matrix, overlaps, conflicts and printed
# frameworks in `data/coding/`; the printed site profiles and the sample in `data/published/`.
#
# **Outputs.** Themes with their segments, sites and speakers; the segments themselves; the matrix of verdicts;
# conflicts and overlaps; a joint display; the network of five domains.
#
# The sites are anonymous. The joint display sets the published profile of each site beside counts of published
# quotations and adds nothing else; it names, matches and narrows no system.

# %% tags=["parameters"]
study: str = "alderwick-paper, alderwick-ch7, prucomm, goddard"  # studies [several in data/coding/*/codebook.csv]
roles: str = "alderwick-paper, alderwick-ch7"  # whose labels are roles [several in data/coding/*/codebook.csv]
cases: str = "alderwick-paper, alderwick-ch7"  # whose sites have profiles [several in data/coding/*/codebook.csv]
longest: int = 500  # segments of one study that a printed table may hold [1..]

# %%
import pandas as pd

from analysis.selection import PROFILE_COLUMNS
from compendium import settings
from compendium.chain import results
from compendium.data import headings
from compendium.evidence import charts, evidence, linkcharts, quoted, speakers, studies, triangulation

store = results.start({"study": study, "roles": roles, "cases": cases, "longest": longest})

# %%
coded = studies.coded(store, study)
known = coded.segments.groupby("study")["segment_id"].agg(set).to_dict()
spellings = studies.spellings(store)
shared_labels = [name.strip() for name in roles.split(",")]

# %% [markdown]
# ## What stands behind each theme
#
# Segments are counted through the tree of codes. Speakers are counted from below, as in the notebook on codes: at least
# so many people must stand behind the segments, and there may be more.

# %%
behind = speakers.behind_themes(coded, shared_labels, spellings)
store.record_table(
    "evidence-themes",
    behind.assign(study=behind["study"].map(evidence.name), sites=behind["sites"].replace("", "not stated")),
    "Segments, speakers and sites behind each theme",
    "Speakers: the fewest who can stand behind the segments, by labels that cannot mean the same person; for Goddard, "
    "plans. Sites and sectors: those stated beside a segment. Printed quotations are a selection by the authors.",
    widths=[20, 34, 11, 12, 11, 13, 9],
)

# %%
# Keys for prose exist for the transcribed studies, whose code ids are fixed.
store.record_values("evidence.themes", *quoted.themes(behind, settings.read().studies))

# %% [markdown]
# ## The segments
#
# Each with its site and speaker as printed, what is said in our words, and at most eight words of the speaker's own.

# %%
for name in coded.studies:
    identifier = "evidence-segments" if name == "alderwick-paper" else f"evidence-segments-{evidence.key(name)}"
    number = len(known[name])
    if number > longest:
        print(f"{evidence.name(name)}: {number:,} segments are too many to print; see data/coding/{name}/segments.csv.")
    else:
        table = evidence.segment_table(coded, name)
        recorded = store.record_table(
            f"{identifier}",
            table,
            f"Coded segments by theme: {evidence.name(name)}",
            "Site and speaker as the document prints them. Words of the speaker: at most eight. What is said and codes "
            "are ours; the codes leave out the theme.",
            widths=[0.145, 0.11, 0.065, 0.12, 0.145, 0.245, 0.17] if table.shape[1] == 7 else None,
            anchor="Segment",
            show=6,
        )
        print(recorded)

# %% [markdown]
# ## Agreement between studies
#
# Each statement is judged for each study: it agrees, agrees in part, is silent, or contradicts. The verdicts are one
# reader's. The paper and chapter 7 report the same interviews, so their agreement is not independent.

# %%
judged = triangulation.read(store.input("data/coding/triangulation.csv"), triangulation.COLUMNS)
triangulation.check(judged, known, file="data/coding/triangulation.csv")
cells = triangulation.matrix(judged, coded.studies)
none_judged = "No statement is judged for these studies."
store.record_table(
    "triangulation-matrix",
    triangulation.wide(cells),
    "What each study says about each statement",
    "In brackets: coded segments behind the verdict. Without a number, the verdict rests on the authors' own text.",
    widths=[48, *[14] * len(coded.studies)],
) if set(cells["verdict"]) - {triangulation.NOT_JUDGED} else none_judged

# %%
spoken = cells[~cells["verdict"].isin(["silent", triangulation.NOT_JUDGED])]
store.record_table(
    "triangulation-evidence",
    spoken.assign(study=spoken["study"].map(evidence.name), cited=spoken["cited"].str.replace(";", ", ")),
    "The segments behind each verdict",
    "Silent studies are left out.",
    show=8,
    unless=none_judged,
)

# %%
met = triangulation.accord(cells)
store.record_table(
    "triangulation-accord",
    met.assign(study_a=met["study_a"].map(evidence.name), study_b=met["study_b"].map(evidence.name)),
    "How the verdicts of two studies meet",
    "Statements on which both studies speak. No coefficient is given: one reader judged, and the studies were chosen "
    "for their common subject.",
    unless="One study has none to be set beside.",
)

# %%
interviewed = [name for name in ("alderwick-paper", "alderwick-ch7", "prucomm") if name in coded.studies]
store.record_values("evidence.verdicts", *quoted.verdicts(cells, interviewed))

# %%
words = "; ".join(
    f"{evidence.name(name)}: "
    + ", ".join(f"{verdict} {n}" for verdict, n in cells.loc[cells["study"] == name, "verdict"].value_counts().items())
    for name in coded.studies
)
store.record_figure(
    "triangulation-grid",
    charts.triangulation_grid(cells),
    "Statements by study: agree, partial, silent or contradict, with the number of segments behind each verdict",
    f"Grid of {cells['theme_id'].nunique()} statements and {len(coded.studies)} studies. {words}.",
    cells,
) if len(spoken) else none_judged

# %% [markdown]
# ## Where documents overlap and disagree
#
# Both versions of a quotation are kept, each in its own document.

# %%
at_hand = set(coded.segments["segment_id"])
overlaps = triangulation.overlaps(store.input("data/coding/overlaps.csv"), at_hand)
store.record_table(
    "overlaps",
    overlaps.assign(segments=overlaps["segments"].str.replace(";", ", ")),
    "Quotations that are printed twice",
    "Across: in two documents. Within: twice in one.",
    unless="No quotation of these studies is printed twice.",
)

# %%
conflicts = triangulation.conflicts(store.input("data/coding/conflicts.csv"), at_hand)
store.record_table(
    "conflicts",
    conflicts,
    "Where two prints of one quotation differ",
    "Printed: at most eight words. No version is corrected.",
    widths=[9, 10, 18, 10, 18, 28, 24],
    show=6,
    unless="No conflicts are listed for these studies.",
)

# %%
store.record_values("evidence", *quoted.prints(overlaps, conflicts))

# %% [markdown]
# ## Joint display
#
# The printed profile of each site beside the number of its interviewees and of the quotations that name it. Nothing is
# computed from the characteristics, and no system is matched to them. The counts depend on what authors chose to print,
# so differences between sites are not differences between systems.

# %%
profiles = store.read("data/published/case_profiles.csv")
people = store.read("data/published/interviewees.csv").groupby("site")["interviewees"].sum().to_dict()
titles = headings.titles("case_profiles")
shown = {column: titles[column] for column in PROFILE_COLUMNS}
own = [evidence.of_study(coded, name) for name in coded.studies if name in [case.strip() for case in cases.split(",")]]
display = triangulation.joint_display(profiles, shown, evidence.joined(own), people) if own else pd.DataFrame()
store.record_table(
    "joint-display",
    display.rename(columns={"Row": "Characteristic or theme", **{s: f"Site {s}" for s in profiles["site"]}}),
    "Joint display: site profiles as printed, beside the segments of each theme that name the site",
    "Profiles and interviewees as printed in the thesis (chapter 7, Tables 1 and 2). Segments without a stated site "
    "are left out. The sites are anonymous; the display holds published facts only.",
    unless="None of these studies concerns the printed sites.",
)

# %% [markdown]
# ## Five domains and their links
#
# Chapter 7 groups its findings by the five domains of an umbrella review and refers from one domain to another.

# %%
domains = store.read("data/coding/frameworks/umbrella-domains.csv")
links = store.read("data/coding/frameworks/ch7-domain-links.csv")
printed = links[links["kind"] == "cross-reference"]
title = dict(zip(domains["domain_id"], domains["domain"], strict=True))
store.record_table(
    "domain-references",
    printed.replace({"from_domain": title, "to_domain": title}),
    "Cross-references between the five domains in chapter 7 of the thesis",
    "In our words, from the references that the text makes from one section of its results to another.",
) if "alderwick-ch7" in coded.studies else "Chapter 7 is not among these studies."

# %%
totals = evidence.totals(coded)
sizes = {row.domain_id: totals.get(row.ch7_code_id, 0) for row in domains.itertuples()}
network = linkcharts.domain_data(links, domains, sizes)
drawn = {
    "cross-reference": "cross-references printed in the results, with their number",
    "table-3": "influence of national policy",
}
pairs = network[network["kind"] == "cross-reference"]
strongest = pairs.nlargest(1, "links").iloc[0]
store.record_figure(
    "domain-network",
    linkcharts.domain_network(links, domains, sizes, drawn),
    "The five domains of chapter 7, their segments, and the cross-references between them",
    f"Network of five discs. External factors stand in the middle, linked with all others. {len(printed)} printed "
    f"cross-references run between {len(pairs)} ordered pairs of domains, most "
    f"from {strongest['from']} to {strongest['to']} ({strongest['links']}); a table of "
    "the chapter adds an influence of external factors on each of the other four. Segments: "
    + ", ".join(f"{title[domain]} {number}" for domain, number in sizes.items())
    + ".",
    network,
) if "alderwick-ch7" in coded.studies else "Chapter 7 is not among these studies."

# %%
store.record_values("domains", *quoted.references(printed, list(domains["domain_id"])))

# %%
store.finish()
