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

from compendium import project, settings
from compendium.chain import results
from compendium.data import loading
from compendium.data.loading import read_table
from compendium.evidence import charts, evidence, linkcharts, speakers, triangulation

store = results.start({"study": study, "roles": roles, "cases": cases, "longest": longest})


# %%
def read(name):
    """Return the evidence of one study; an imported project also says who applied which code."""
    codes = store.input(f"data/coding/{name}/codebook.csv")
    segments = store.input(f"data/coding/{name}/segments.csv")
    imported = (project.root() / "data" / "coding" / name / "codings.csv").is_file()
    codings = store.input(f"data/coding/{name}/codings.csv") if imported else None
    return evidence.read(name, codes, segments, codings)


studies = evidence.listed(study)
coded = evidence.joined([read(name) for name in studies])
known = coded.segments.groupby("study")["segment_id"].agg(set).to_dict()
spellings = loading.read_text(store.input("data/coding/speakers.csv"))
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
    behind.assign(study=behind["study"].map(evidence.name), sites=behind["sites"].replace("", "not stated")).drop(
        columns="code_id"
    ),
    "Segments, speakers and sites behind each theme",
    "Speakers: the fewest who can stand behind the segments, by labels that cannot mean the same person; for Goddard, "
    "plans. Sites and sectors: those stated beside a segment. Printed quotations are a selection by the authors.",
    widths=[20, 34, 11, 12, 11, 13, 9],
)

# %%
# Keys for prose exist for the transcribed studies, whose code ids are fixed.
store.record_values(
    "evidence.themes",
    *(
        (f"{row.code_id}.{what}", getattr(row, what), what, f"{what} behind {row.theme}")
        for row in behind[behind["study"].isin(settings.read().studies)].itertuples()
        for what in ("segments", "speakers", "sectors")
    ),
)

# %%
store.record_value("evidence.themes.all", len(behind), "themes", "themes of the studies at hand")

# %% [markdown]
# ## The segments
#
# Each with its site and speaker as printed, what is said in our words, and at most eight words of the speaker's own.

# %%
for name in studies:
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
cells = triangulation.matrix(judged, studies)
store.record_table(
    "triangulation-matrix",
    triangulation.wide(cells),
    "What each study says about each statement",
    "In brackets: coded segments behind the verdict. Without a number, the verdict rests on the authors' own text.",
    widths=[48, *[14] * len(studies)],
) if set(cells["verdict"]) - {triangulation.NOT_JUDGED} else "No statement is judged for these studies."

# %%
spoken = cells[~cells["verdict"].isin(["silent", triangulation.NOT_JUDGED])]
store.record_table(
    "triangulation-evidence",
    spoken.assign(study=spoken["study"].map(evidence.name), cited=spoken["cited"].str.replace(";", ", ")),
    "The segments behind each verdict",
    "Silent studies are left out.",
    show=8,
) if len(spoken) else "No statement is judged for these studies."

# %%
met = triangulation.accord(cells)
store.record_table(
    "triangulation-accord",
    met.assign(study_a=met["study_a"].map(evidence.name), study_b=met["study_b"].map(evidence.name)),
    "How the verdicts of two studies meet",
    "Statements on which both studies speak. No coefficient is given: one reader judged, and the studies were chosen "
    "for their common subject.",
) if len(met) else "One study has none to be set beside."

# %%
tally = cells["verdict"].value_counts()
by_statement = cells.pivot(index="theme_id", columns="study", values="verdict")
people = [name for name in ("alderwick-paper", "alderwick-ch7", "prucomm") if name in studies]
store.record_values(
    "evidence.verdicts",
    ("statements", cells["theme_id"].nunique(), "statements", "statements judged"),
    ("cells", len(cells), "verdicts", "statements times studies"),
    *((verdict, int(tally.get(verdict, 0)), "verdicts", f"verdicts '{verdict}'") for verdict in triangulation.VERDICTS),
    (
        "all-interviews-agree",
        int((by_statement[people] == "agree").all(axis=1).sum()) if people else 0,
        "statements",
        "statements on which every interview document at hand agrees in full",
    ),
    (
        "contradicted",
        (by_statement == "contradict").any(axis=1).sum(),
        "statements",
        "statements that at least one study contradicts",
    ),
)

# %%
words = "; ".join(
    f"{evidence.name(name)}: "
    + ", ".join(f"{verdict} {n}" for verdict, n in cells.loc[cells["study"] == name, "verdict"].value_counts().items())
    for name in studies
)
store.record_figure(
    "triangulation-grid",
    charts.triangulation_grid(cells),
    "Statements by study: agree, partial, silent or contradict, with the number of segments behind each verdict",
    f"Grid of {cells['theme_id'].nunique()} statements and {len(studies)} studies. {words}.",
    cells,
) if len(spoken) else "No statement is judged for these studies."

# %% [markdown]
# ## Where documents overlap and disagree
#
# Both versions of a quotation are kept, each in its own document.

# %%
overlaps = triangulation.read(
    store.input("data/coding/overlaps.csv"), ["overlap", "kind", "segments", "shared_words", "note"]
)
at_hand = set(coded.segments["segment_id"])
overlaps = overlaps[[set(triangulation.cited(cell)) <= at_hand for cell in overlaps["segments"]]]
store.record_table(
    "overlaps",
    overlaps.assign(
        segments=overlaps["segments"].str.replace(";", ", "), shared_words=overlaps["shared_words"].astype(int)
    ).drop(columns="overlap"),
    "Quotations that are printed twice",
    "Across: in two documents. Within: twice in one.",
) if len(overlaps) else "No quotation of these studies is printed twice."

# %%
conflicts = triangulation.read(
    store.input("data/coding/conflicts.csv"),
    ["conflict_id", "kind", "segment_a", "segment_b", "printed_a", "printed_b", "difference", "treatment"],
)
conflicts = conflicts[
    [{a, b} - {""} <= at_hand for a, b in zip(conflicts["segment_a"], conflicts["segment_b"], strict=True)]
]
store.record_table(
    "conflicts",
    conflicts,
    "Where two prints of one quotation differ",
    "Printed: at most eight words. No version is corrected.",
    widths=[9, 10, 18, 10, 18, 28, 24],
    show=6,
) if len(conflicts) else "No conflicts are listed for these studies."

# %%
store.record_values(
    "evidence",
    ("overlaps.all", len(overlaps), "quotations", "quotations printed twice"),
    ("overlaps.across", (overlaps["kind"] == "across").sum(), "quotations", "printed in two documents"),
    ("conflicts.all", len(conflicts), "conflicts", "where two prints of a quotation differ"),
    *(
        (f"conflicts.{kind}", (conflicts["kind"] == kind).sum(), "conflicts", f"about {kind}")
        for kind in ("site", "label", "wording", "extent", "speaker")
    ),
)

# %% [markdown]
# ## Joint display
#
# The printed profile of each site beside the number of its interviewees and of the quotations that name it. Nothing is
# computed from the characteristics, and no system is matched to them. The counts depend on what authors chose to print,
# so differences between sites are not differences between systems.

# %%
profiles = read_table(store.input("data/published/case_profiles.csv"), "case_profiles")
interviewees = read_table(store.input("data/published/interviewees.csv"), "interviewees")
own = [evidence.of_study(coded, name) for name in studies if name in [case.strip() for case in cases.split(",")]]
display = (
    triangulation.joint_display(
        profiles,
        {
            "deprivation": "Deprivation",
            "geography": "Geography",
            "population_size": "Population",
            "ics_wave": "ICS wave",
            "policy_involvement": "Policy involvement",
        },
        evidence.joined(own),
        interviewees.groupby("site")["interviewees"].sum().to_dict(),
    )
    if own
    else pd.DataFrame()
)
store.record_table(
    "joint-display",
    display.rename(columns={"Row": "Characteristic or theme", **{s: f"Site {s}" for s in profiles["site"]}}),
    "Joint display: site profiles as printed, beside the segments of each theme that name the site",
    "Profiles and interviewees as printed in the thesis (chapter 7, Tables 1 and 2). Segments without a stated site "
    "are left out. The sites are anonymous; the display holds published facts only.",
) if len(display) else "None of these studies concerns the printed sites."

# %% [markdown]
# ## Five domains and their links
#
# Chapter 7 groups its findings by the five domains of an umbrella review and refers from one domain to another.

# %%
domains = triangulation.read(
    store.input("data/coding/frameworks/umbrella-domains.csv"), ["domain_id", "domain", "ch7_code_id"]
)
links = triangulation.read(
    store.input("data/coding/frameworks/ch7-domain-links.csv"), ["kind", "from_domain", "to_domain", "link"]
)
totals = evidence.totals(coded)
codes = zip(domains["domain_id"], domains["ch7_code_id"], strict=True)
sizes = {domain: totals.get(code, 0) for domain, code in codes}
network = linkcharts.domain_data(links, domains, sizes)
printed = links[links["kind"] == "cross-reference"]
title = dict(zip(domains["domain_id"], domains["domain"], strict=True))
drawn = "alderwick-ch7" in studies
store.record_table(
    "domain-references",
    printed.assign(from_domain=printed["from_domain"].map(title), to_domain=printed["to_domain"].map(title)),
    "Cross-references between the five domains in chapter 7 of the thesis",
    "In our words, from the references that the text makes from one section of its results to another.",
) if drawn else "Chapter 7 is not among these studies."

# %%
strongest = network[network["kind"] == "cross-reference"].nlargest(1, "links").iloc[0]
store.record_figure(
    "domain-network",
    linkcharts.domain_network(links, domains, sizes),
    "The five domains of chapter 7, their segments, and the cross-references between them",
    f"Network of five discs. External factors stand in the middle, linked with all others. {len(printed)} printed "
    f"cross-references run between {len(network[network['kind'] == 'cross-reference'])} ordered pairs of domains, most "
    f"from {strongest['from']} to {strongest['to']} ({strongest['links']}); a table of "
    "the chapter adds an influence of external factors on each of the other four. Segments: "
    + ", ".join(f"{title[domain]} {number}" for domain, number in sizes.items())
    + ".",
    network,
) if drawn else "Chapter 7 is not among these studies."

# %%
store.record_values(
    "domains",
    ("cross-references", len(printed), "cross-references", "printed in the results"),
    ("count", len(domains), "domains", "domains of the umbrella review"),
    *(
        (f"from.{domain}", (printed["from_domain"] == domain).sum(), "cross-references", "made there")
        for domain in domains["domain_id"]
    ),
    *(
        (f"to.{domain}", (printed["to_domain"] == domain).sum(), "cross-references", "pointing there")
        for domain in domains["domain_id"]
    ),
)

# %%
store.finish()
