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
# # The printed tables against raw open data
#
# **Question.** Do the 42 rows that the thesis prints follow from the public data they cite, and does any difference
# change which systems count as highly deprived?
#
# **Inputs.** The printed tables in `data/published/`, and the counts in `data/derived/` that this project took from raw
# files of small areas (LSOAs), practices and trusts. `data/sources.toml` names every raw file.
#
# **Outputs.** Each printed value beside its recomputation with one of three verdicts (*agrees*, *differs*, *not
# testable with these data*) and the reason for each difference; how many of the 42 values every definition gives back;
# the class labels that would change; the same results from a second program; and the systems' deprivation in other
# data.
#
# The audit never changes a printed value. It concerns public figures on all 42 systems and nothing else.

# %% tags=["parameters"]
imd: int = 2019  # vintage of deprivation that the printed values are set beside [in data/sources.toml: imd]
boundaries: str = "stp21"  # vintage of the areas: an id of data/sources.toml such as stp21, icb22 or icb24

# %%

from analysis import areas, audit, auditgrid, characteristics, definitions, secondprogramming, snapshot, vintages
from compendium.chain import results
from compendium.data import loading, sources
from compendium.data.loading import read_table

store = results.start({"imd": imd, "boundaries": boundaries})

# %%
systems = areas.read_areas(store.input("data/published/areas.csv"))
geography = read_table(store.input("data/published/ics_geography.csv"), "ics_geography")
organisation = read_table(store.input("data/published/ics_organisation.csv"), "ics_organisation")
deprivation = read_table(store.input("data/published/ics_deprivation.csv"), "ics_deprivation")
printed = characteristics.join(systems, geography, organisation, deprivation)
for name in snapshot.TABLES:
    folder = store.input(f"data/derived/{name}.csv").parent
counts = snapshot.read(folder)

# %% [markdown]
# ## Which definition gives the printed values back?
#
# A definition says how a value could have been computed. Some follow from the notes under the printed tables. We chose
# the others after we had seen the values, to learn where a difference comes from; the table says which.

# %%
compared = audit.comparisons(printed, counts)
agreement = audit.agreement(compared)
titles = {
    "nhs_region": "NHS region",
    "urban_percent": "Urban LSOAs (%)",
    "population": "Population",
    "utla_count": "Upper tier authorities",
    "tier_arrangement": "Authority tiers",
    "trust_count": "NHS trusts",
    "most_deprived_fifth_percent": "LSOAs in the most deprived fifth (%)",
}
chosen = agreement["after_seeing"].map({True: "after", False: "before"})
store.record_table(
    "audit-definitions",
    agreement.assign(
        variable=agreement["variable"].map(titles),
        chosen=chosen.where(~agreement["stated"], "stated in the notes"),
        main=agreement["main"].map({True: "yes", False: ""}),
    ),
    "Printed values that each definition gives back",
    "Chosen: whether the definition is stated in the notes of the printed tables, or was chosen before or after we saw "
    "the printed values. Main: the definition used cell by cell. Subgroup: the printed high-deprivation subgroup. "
    "Percentages are compared after rounding to whole numbers, halves up. The study counted the authorities named in "
    "plans and placed trusts by their postcodes; no source here holds either. Our rules for these are surrogates, and "
    "neither their agreement nor their disagreement tests the printed values.",
    widths=[0.2, 0.4, 0.14, 0.06, 0.1, 0.1],
)

# %%
by_definition = agreement.set_index("definition")["agree"]
store.record_values(
    "audit",
    ("areas", len(printed), "ICSs", "systems audited"),
    ("definitions", len(agreement), "definitions", "definitions tried"),
    (
        "definitions-after",
        agreement["after_seeing"].sum(),
        "definitions",
        "definitions chosen after seeing the printed values",
    ),
    ("variables", len(definitions.AUDITED), "variables", "printed variables compared with open data"),
    (
        "variables-tested",
        len(set(definitions.AUDITED) - set(definitions.SURROGATES)),
        "variables",
        "printed variables that open data can test",
    ),
    ("population-registered", by_definition["registered-stp21"], "ICSs", "populations that are list sizes"),
    (
        "population-projected-2021",
        by_definition["projected-stp21"],
        "ICSs",
        "populations equal to the projected 2022/23 population on April 2021 boundaries",
    ),
    (
        "population-projected-2022",
        by_definition["projected-icb22"],
        "ICSs",
        "populations equal to the projected 2022/23 population on July 2022 boundaries",
    ),
    (
        "deprivation-2021",
        by_definition["deprivation-stp21"],
        "ICSs",
        "deprivation shares that agree on April 2021 boundaries",
    ),
    (
        "deprivation-2022",
        by_definition["deprivation-icb22"],
        "ICSs",
        "deprivation shares that agree on July 2022 boundaries",
    ),
    ("urban", by_definition["urban-stp21"], "ICSs", "urban shares that agree"),
)

# %% [markdown]
# The printed populations are those the allocation model projected for 2022/23, on the boundaries of July 2022. The
# shares of LSOAs agree on the boundaries of April 2021, and fewer of them on those of July 2022. The printed tables
# therefore describe two sets of boundaries at once.

# %% [markdown]
# ## Cell by cell
#
# A cell *agrees* or *differs* if the data are those of the definition. Where the study used a source that is not open
# (partners named in plans, postcodes of trusts' sites), a surrogate stands in, and the cell is *not testable with these
# data*, whether or not the surrogate gives the printed value.

# %%
cells = audit.cells(compared)
disagreeing = cells[~cells["agrees"]].sort_values("verdict", kind="stable")
store.record_table(
    "audit",
    cells.assign(
        variable=cells["variable"].map(titles),
        unrounded=[f"{value:.3f}" if isinstance(value, float) else value for value in cells["unrounded"]],
    ),
    "Every printed value beside its recomputation",
    "Recomputed: under the main definition of each variable, percentages with three decimals; As printed: rounded as "
    "the thesis prints it. Not testable: the value beside is that of a surrogate.",
    widths=[0.15, 0.18, 0.1, 0.12, 0.1, 0.12, 0.23],
    show=6,
)

# %%
by_verdict = audit.verdicts(cells).set_index("variable")
by_verdict.loc["all"] = by_verdict.sum()
store.record_table(
    "audit-verdicts",
    by_verdict.rename(index=titles | {"all": "All"}).reset_index(),
    "Verdicts on the printed values, by variable",
    "Not testable: the study's source is not open. Surrogate: of these, the values that our stand-in happens to give.",
    widths=[0.32, 0.1, 0.1, 0.24, 0.24],
)

# %%
store.record_table(
    "audit-disagreements",
    disagreeing.assign(
        variable=disagreeing["variable"].map(titles),
        subgroup=disagreeing["high_deprivation"].map({True: "yes", False: ""}),
    ),
    "Printed values that differ, and those that a surrogate does not give",
    "Not testable: the recomputed value is that of a surrogate, and says nothing against the printed one. Subgroup: "
    "the system is in the printed high-deprivation subgroup.",
    widths=[0.13, 0.14, 0.19, 0.08, 0.11, 0.09, 0.26],
)

# %%
by_variable = disagreeing["variable"].value_counts()
urban = disagreeing[disagreeing["variable"] == "urban_percent"]
differing = cells[cells["verdict"] == audit.DIFFERS]
store.record_values(
    "audit",
    ("cells", len(cells), "values", "printed values compared with open data"),
    ("cells-tested", len(audit.testable(cells)), "values", "printed values tested"),
    ("cells-agree", by_verdict.loc["all", audit.AGREES], "values", "tested values that agree"),
    ("cells-differ", len(differing), "values", "tested values that differ"),
    (
        "cells-not-testable",
        by_verdict.loc["all", audit.NOT_TESTABLE],
        "values",
        "printed values that these data cannot test",
    ),
    (
        "surrogate-same",
        by_verdict.loc["all", "surrogate_same"],
        "values",
        "values not testable that the surrogate gives",
    ),
    (
        "subgroup-differ",
        differing["high_deprivation"].sum(),
        "values",
        "tested values that differ and belong to systems in the high-deprivation subgroup",
    ),
    (
        "authorities-disagree",
        by_variable.get("utla_count", 0),
        "ICSs",
        "authority counts that the surrogate does not give",
    ),
    ("trusts-disagree", by_variable.get("trust_count", 0), "ICSs", "trust counts that the surrogate does not give"),
    ("urban-wrong", ", ".join(urban["ics_name"]) or "none", "", "ICS whose urban share differs"),
    ("urban-printed", ", ".join(f"{value}%" for value in urban["printed"]) or "none", "", "as printed"),
    ("urban-recomputed", ", ".join(f"{value:.1f}%" for value in urban["unrounded"]) or "none", "", "recomputed"),
)

# %% [markdown]
# ## Class labels
#
# The printed classes are terciles. A value that differs can move a cut, and so change the label of another system.
# Only labels of the variables that the data can test are looked at.

# %%
classes = audit.testable(audit.classes(printed, cells))
changed = classes[classes["reason"] != ""]
store.record_table(
    "audit-classes",
    changed.assign(variable=changed["variable"].map(titles)),
    "Class labels that the recomputed values would change",
    "From rounded: recomputed values rounded as printed. From unrounded: without rounding.",
    widths=[0.15, 0.2, 0.1, 0.12, 0.13, 0.3],
)

# %% [markdown]
# Each row above takes all recomputed values at once. The next table puts one recomputed value in the place of the
# printed one and leaves all others as printed: it says what each value that differs would do by itself.

# %%
effects = audit.knock_on(printed, audit.testable(cells))
store.record_table(
    "audit-knock-on",
    effects.assign(
        variable=effects["variable"].map(titles),
        change=effects["printed"].astype(str) + " → " + effects["rounded"].astype(str),
        label=effects["printed_class"] + " → " + effects["new_class"],
        subgroup=effects["high_deprivation"].map({True: "yes", False: ""}),
    ),
    "What each value that differs would change by itself",
    "One recomputed value replaces the printed one; the terciles are cut again. Subgroup: the system whose label "
    "changes is in the printed high-deprivation subgroup.",
    widths=[0.16, 0.22, 0.12, 0.22, 0.18, 0.1],
)

# %%
ties = classes[classes["agrees_rounded"] & ~classes["agrees_unrounded"]]
unchanged = audit.subgroup_unchanged(classes)
store.record_values(
    "audit",
    ("labels", len(classes), "labels", "printed class labels tested"),
    ("labels-change", (~classes["agrees_rounded"]).sum(), "labels", "labels that would change"),
    (
        "knock-on-urban",
        (effects["variable"] == "urban_percent").sum(),
        "labels",
        "geography labels that the urban value alone would change",
    ),
    ("ties", len(ties), "labels", "labels that hang on rounding"),
    (
        "subgroup-sentence",
        "so recomputing them gives the study’s subgroup back" if unchanged else "and recomputing changes the subgroup",
        "",
        "whether recomputed deprivation gives the study's subgroup back, as a clause",
    ),
    (
        "subgroup-changes",
        "no" if unchanged else "yes",
        "",
        "whether recomputed deprivation changes the high-deprivation subgroup",
        "No" if unchanged else "Yes",
    ),
)

# %%
store.record_figure(
    "audit-grid",
    auditgrid.audit_grid(cells, classes),
    "Printed values of the integrated care systems against raw open data",
    f"Grid of {len(printed)} systems by {len(definitions.AUDITED)} variables. Of {len(audit.testable(cells))} printed "
    f"values that the data can test, {len(audit.testable(cells)) - len(differing)} agree and {len(differing)} differ. "
    "Counts and tiers of authorities and counts of trusts are not testable with these data. Diamonds mark class labels "
    "that the recomputed values would change.",
    auditgrid.audit_grid_data(cells, classes),
)

# %% [markdown]
# ## A second program
#
# `R/second_programming.R` computes the key results once more in base R. It shares no code with the Python package and
# reads the same files. Its results are kept beside the data; a test runs the script and holds the kept file to it.

# %%
people = read_table(store.input("data/published/interviewees.csv"), "interviewees")
second = loading.read_text(store.input("data/derived/second_programming.csv"))
both = secondprogramming.compared(secondprogramming.results(printed, people, counts), second)
kinds = {
    "class": "Class labels of the printed tables",
    "correlation": "Correlations of size and complexity",
    "cut": "Tercile cuts under nine quantile types",
    "interviewees": "Totals of interviewees",
    "printed values that agree": "Printed values that open data give back",
    "recomputed": "Measures from the counts of LSOAs",
    "specification": "Subgroups under a random thousand of the rules of the sweep",
    "subgroup": "Members of the most deprived of 2 to 6 groups",
    "total": "Totals of vanguards and pioneers",
}
by_result = secondprogramming.by_result(both)
store.record_table(
    "second-programming",
    by_result.assign(result=by_result["result"].map(kinds)),
    "Results that Python and R compute independently",
    f"Equal: the same label, or numbers that differ by at most {secondprogramming.TOLERANCE:g} of their size.",
)

# %%
store.record_values(
    "audit",
    ("second-cells", len(both), "cells", "results computed by both programs"),
    ("second-equal", both["agrees"].sum(), "cells", "results equal in both programs"),
)

# %% [markdown]
# ## Other data, same question
#
# The same computation on the vintages that the parameters name. With the study's own vintages nothing differs.

# %%
vintage = vintages.Vintages.build(sources.registry(store.input("data/sources.toml")), counts, imd, boundaries)
newer = snapshot.ics_table(counts, vintage.imd, vintage.boundaries)
differences = audit.vintage_differences(printed, newer)
moved = differences[~differences["agrees"]]
store.record_table(
    "open-data-difference",
    differences,
    f"LSOAs in the most deprived fifth: printed, and from {vintage.label}",
    "Percentages rounded to whole numbers; classes are terciles of the rounded values.",
    show=6,
)

# %%
store.record_values(
    "open-data",
    ("imd", str(imd), "", "vintage of the deprivation index set beside the study"),
    ("boundaries", boundaries, "", "vintage of the areas set beside the study"),
    ("lsoas", newer["lsoas"].sum(), "LSOAs", "small areas counted"),
    ("values-changed", (differences["change"] != 0).sum(), "ICSs", "shares that differ"),
    ("classes-changed", len(moved), "ICSs", "deprivation classes that differ"),
    (
        "subgroup-kept",
        ((differences["printed_class"] == "high") & (differences["recomputed_class"] == "high")).sum(),
        "ICSs",
        "systems of the printed high-deprivation subgroup that stay in it",
    ),
)

# %%
store.finish()
