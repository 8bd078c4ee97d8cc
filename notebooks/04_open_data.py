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
boundaries: str = "stp21"  # vintage of the areas, such as icb2024 [in data/sources.toml: boundaries]

# %%
from analysis import audit, auditgrid, audittables, definitions, inputs, secondprogramming, snapshot
from analysis.quoted import audit as quoted
from compendium.chain import results
from compendium.data import headings, loading

store = results.start({"imd": imd, "boundaries": boundaries})

# %%
printed = inputs.printed(store)
counts = inputs.counts(store)

# %% [markdown]
# ## Which definition reproduces the printed values?
#
# A definition says how a value could have been computed. Some follow from the notes under the printed tables. We chose
# the others after we had seen the values, to learn where a difference comes from; the table says which.

# %%
compared = audit.comparisons(printed, counts)
agreement = audit.agreement(compared)
titles = headings.titles("areas", "ics_geography", "ics_organisation", "ics_deprivation")
store.record_table(
    "audit-definitions",
    audittables.definitions(agreement, titles),
    "Printed values that each definition reproduces",
    "Chosen: whether the definition is stated in the notes of the printed tables, or was chosen before or after we saw "
    "the printed values. Main: the definition used cell by cell. Subgroup: the printed high-deprivation subgroup. "
    "Percentages are compared after rounding to whole numbers, halves up. The study counted the authorities named in "
    "plans and placed trusts by their postcodes; no source here holds either. Our rules for these are surrogates, and "
    "neither their agreement nor their disagreement tests the printed values.",
    widths=[0.2, 0.4, 0.14, 0.06, 0.1, 0.1],
)

# %%
store.record_values("audit", *quoted.definitions(printed, agreement))

# %% [markdown]
# The printed populations are those the allocation model projected for 2022/23, on the boundaries of July 2022. The
# shares of LSOAs agree on the boundaries of April 2021, and fewer of them on those of July 2022. The printed tables
# therefore describe two sets of boundaries at once.
#
# ## Cell by cell
#
# A cell *agrees* or *differs* if the data are those of the definition. Where the study used a source that is not open
# (partners named in plans, postcodes of trusts' sites), a surrogate stands in, and the cell is *not testable with these
# data*, whether or not the surrogate gives the printed value.

# %%
cells = audit.cells(compared)
shown = audittables.cells(cells, titles)
store.record_table(
    "audit",
    shown,
    "Every printed value beside its recomputation",
    "Recomputed: under the main definition of each variable, percentages with three decimals; As printed: rounded as "
    "the thesis prints it. Not testable: the value beside is that of a surrogate.",
    widths=[0.15, 0.18, 0.1, 0.12, 0.1, 0.12, 0.23],
    show=6,
)

# %%
store.record_table(
    "audit-verdicts",
    audittables.verdicts(cells, titles),
    "Verdicts on the printed values, by variable",
    "Not testable: the study's source is not open. Surrogate: of these, the values that our stand-in happens to give.",
    widths=[0.32, 0.1, 0.1, 0.24, 0.24],
)

# %%
store.record_table(
    "audit-disagreements",
    shown[~cells["agrees"]].sort_values("verdict", kind="stable"),
    "Printed values that differ, and those that a surrogate does not give",
    "Not testable: the recomputed value is that of a surrogate, and says nothing against the printed one. Subgroup: "
    "the system is in the printed high-deprivation subgroup.",
    widths=[0.13, 0.14, 0.19, 0.08, 0.11, 0.09, 0.26],
)

# %%
store.record_values("audit", *quoted.cells(cells))

# %% [markdown]
# ## Class labels
#
# The printed classes are terciles. A value that differs can move a cut, and so change the label of another system.
# Only labels of the variables that the data can test are looked at.

# %%
classes = audit.testable(audit.classes(printed, cells))
store.record_table(
    "audit-classes",
    classes[classes["reason"] != ""].replace({"variable": titles}),
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
    audittables.knock_on(effects, titles),
    "What each value that differs would change by itself",
    "One recomputed value replaces the printed one; the terciles are cut again. Subgroup: the system whose label "
    "changes is in the printed high-deprivation subgroup.",
    widths=[0.16, 0.22, 0.12, 0.22, 0.18, 0.1],
)

# %%
store.record_values("audit", *quoted.labels(classes, effects))

# %%
tested, verdicts = len(audit.testable(cells)), cells["verdict"].value_counts()
store.record_figure(
    "audit-grid",
    auditgrid.audit_grid(cells, classes),
    "Printed values of the integrated care systems against raw open data",
    f"Grid of {len(printed)} systems by {len(definitions.AUDITED)} variables. Of {tested} printed "
    f"values that the data can test, {verdicts[audit.AGREES]} agree and {verdicts[audit.DIFFERS]} differ. "
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
people = store.read("data/published/interviewees.csv")
second = loading.read_text(store.input("data/derived/second_programming.csv"))
both = secondprogramming.compared(secondprogramming.results(printed, people, counts), second)
store.record_table(
    "second-programming",
    secondprogramming.by_result(both).replace({"result": audittables.RESULTS}),
    "Results that Python and R compute independently",
    f"Equal: the same label, or numbers that differ by at most {secondprogramming.TOLERANCE:g} of their size.",
)

# %%
store.record_values("audit", *quoted.second_program(both))

# %% [markdown]
# ## Other data, same question
#
# The same computation on the vintages that the parameters name. With the study's own vintages nothing differs.

# %%
vintage = inputs.vintage(store, counts, imd, boundaries)
newer = snapshot.ics_table(counts, vintage.imd, vintage.boundaries)
differences = audit.vintage_differences(printed, newer)
store.record_table(
    "open-data-difference",
    differences,
    f"LSOAs in the most deprived fifth: printed, and from {vintage.label}",
    "Percentages rounded to whole numbers; classes are terciles of the rounded values.",
    show=6,
)

# %%
store.record_values("open-data", *quoted.other_data(imd, boundaries, newer, differences))

# %%
store.finish()
