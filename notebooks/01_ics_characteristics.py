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
# # Characteristics of England's 42 integrated care systems
#
# **Question.** How do the integrated care systems (ICSs) differ in geography, size, organisational complexity, policy
# history and deprivation, and do the classes printed for them follow from the printed values by one rule?
#
# **Inputs.** The thesis's chapter 4, Tables 2 to 4, transcribed in `data/published/`, and our own tile positions.
#
# **Outputs.** The three tables rebuilt, every printed class recovered from its value, the correlations between
# population and organisational complexity, a tile map of deprivation, and the distribution of each characteristic.

# %% tags=["parameters"]
quantile_type: int = 7  # Hyndman-Fan type of the tercile cuts; 7 interpolates linearly [1..9]
imd: int = 2019  # vintage of deprivation; with the study's own, values are as printed [in data/sources.toml: imd]
boundaries: str = "stp21"  # vintage of the areas, such as icb2024 [in data/sources.toml: boundaries]

# %%
from analysis import characteristics, charts, distributions, inputs, quantiles, snapshot, tilemap, vintages
from analysis.quoted import systems as quoted
from compendium.chain import results
from compendium.data import headings

store = results.start({"quantile_type": quantile_type, "imd": imd, "boundaries": boundaries})

# %% [markdown]
# ## The printed tables
#
# Each table is read against its schema: 42 areas, each once, values in range, no class that contradicts its value.

# %%
printed = inputs.printed(store)
printed.head()

# %% [markdown]
# What follows describes these printed values. With another vintage of data, the values that open data hold are
# recomputed from the counts in `data/derived/`, and only the section on the class rule stays with the printed ones.

# %%
counts = inputs.counts(store)
vintage = inputs.vintage(store, counts, imd, boundaries)
ics = vintages.described(printed, counts, vintage)
store.record_values("vintage", *quoted.vintage(vintage, imd))

# %%
store.record_table(
    "ics-geography",
    ics,
    "Geography and size of the integrated care systems",
    "LSOA: lower layer super output area. Classes are terciles of the systems. "
    + vintage.provenance(["nhs_region", "urban_percent", "population"], "chapter 4, Table 2"),
)

# %%
store.record_table(
    "ics-organisation",
    ics,
    "Organisational complexity and policy context of the integrated care systems",
    "UTLA: upper tier local authority. Tiers: whether the local authorities in the area are all single tier, all "
    "two-tier, or mixed. Wave: order in which early systems were announced. A blank count of vanguards or "
    "pioneers is read as none. "
    + vintage.provenance(["utla_count", "tier_arrangement", "trust_count", "ics_wave"], "chapter 4, Table 3"),
)

# %%
store.record_table(
    "ics-deprivation",
    ics,
    "Deprivation in the integrated care systems",
    "Share of each system's LSOAs that rank among the most deprived fifth of England on the Index of Multiple "
    f"Deprivation {imd}. " + vintage.provenance(["nhs_region", "most_deprived_fifth_percent"], "chapter 4, Table 4"),
)

# %% [markdown]
# ## How far the systems differ

# %%
summary = characteristics.summary(ics)
store.record_table(
    "ics-summary",
    summary.drop(columns=["variable", "n"]).round(1),
    "The spread of each characteristic over the integrated care systems",
    vintage.provenance(list(summary["variable"]), "chapter 4, Tables 2 to 4", computed=True),
)

# %%
by_area = snapshot.ics_table(counts, vintage.imd, vintage.boundaries)
store.record_values("ics", *quoted.spread(ics, by_area))

# %% [markdown]
# ## The class rule
#
# The thesis prints a class beside five of the values. One rule reproduces all of them: cut the 42 values into thirds
# by linear interpolation between ranks; a value below the lower cut is low, a value above the upper cut is high, and
# everything from cut to cut, ties included, is medium.

# %%
recovered = characteristics.recovered_classes(printed, quantile_type)
method = quantiles.described(quantile_type)
by_variable = recovered.groupby("variable", sort=False).agg(
    lower_cut=("lower_cut", "first"),
    upper_cut=("upper_cut", "first"),
    labels=("agrees", "size"),
    agree=("agrees", "sum"),
)
by_variable

# %%
titles = headings.titles("ics_geography", "ics_organisation", "ics_deprivation")
store.record_table(
    "class-rule",
    by_variable.reset_index().replace({"variable": titles}).round(1),
    "The tercile cuts, and how many printed class labels they recover",
    f"Cuts of the printed values by {method}; a value that equals a cut belongs to the middle class.",
)

# %% [markdown]
# Is the rule the only one that works? The same comparison under all nine definitions of a sample quantile
# (Hyndman and Fan 1996):

# %%
by_type = characteristics.agreement_by_quantile_type(printed)
store.record_table(
    "class-rule-types",
    by_type.assign(method=by_type["method"].str.replace("_", " ")),
    "Printed class labels recovered under the nine definitions of a sample quantile",
    "Types as numbered by Hyndman and Fan (1996); names as in NumPy.",
)

# %% [markdown]
# The notes under the printed tables also give bounds for some classes. Do they agree with the cuts?

# %%
checked = characteristics.bounds_check(printed, store.read("data/published/class_bounds.csv"), quantile_type)
store.record_table(
    "class-bounds",
    checked.replace({"variable": titles}).round({"computed_lower": 1, "computed_upper": 1}),
    "The class bounds that the thesis prints, and the bounds computed from its values",
    "A bound agrees when it equals the computed one after rounding to the precision printed.",
)

# %%
store.record_values("classes", *quoted.classes(recovered, by_type, checked, method))

# %%
store.record_value(
    "study.labels-recovered",
    characteristics.recovered_classes(printed)["agrees"].sum(),
    "labels",
    "printed labels that linear interpolation reproduces, whatever the parameters",
)

# %% [markdown]
# ## Size and complexity
#
# The thesis reports that population size and organisational complexity are strongly correlated. Both coefficients,
# for both counts:

# %%
correlations = characteristics.complexity_correlations(ics)
correlations

# %%
store.record_values("complexity", *quoted.complexity(correlations))

# %% [markdown]
# ## Figures

# %%
tiles = store.read("data/published/ics_tiles.csv")
labels = dict(zip(tiles["stp21_code"], tiles["label"], strict=True))
share = ics["most_deprived_fifth_percent"]
lower, upper = characteristics.class_cuts(share)  # the rule of the classes it shades
dark = ics.loc[ics["deprivation_class"] == "high", "nhs_region"].value_counts().sort_index(kind="stable")
most = dark.sort_values(ascending=False, kind="stable").head(3)
mapped = {"share": "most_deprived_fifth_percent", "group": "deprivation_class", "region": "nhs_region"}
store.record_figure(
    "ics-map",
    tilemap.tile_map(
        ics,
        tiles,
        **mapped,
        legend="LSOAs in England's\nmost deprived fifth",
        ranges=[f"below {lower:.1f}%", f"{lower:.1f}% to {upper:.1f}%", f"above {upper:.1f}%"],
    ),
    vintage.marked("Deprivation across England's integrated care systems: one tile per system, shaded by tercile"),
    f"Tile map of England. Each of the {len(ics)} integrated care systems is one equal tile near its place on the map, "
    f"with the share of its LSOAs in the most deprived fifth of England, from {share.min()}% to {share.max()}%. "
    f"Most systems of the darkest tercile lie in these NHS regions: "
    f"{', '.join(f'{region} ({count})' for region, count in most.items())}.",
    tilemap.tile_map_data(ics, tiles, **mapped),
)

# %%
all_cuts = characteristics.cut_points(ics, quantile_type=quantile_type)
store.record_figure(
    "ics-distributions",
    distributions.distributions(ics, all_cuts, labels=labels),
    vintage.marked(
        "The five classed characteristics: each dot is one integrated care system; vertical lines are the tercile "
        "cuts, drawn between two counts where counts are classed"
    ),
    "Five strips of dots, one dot per integrated care system, shaded by class, with two tercile cuts marked on each: "
    "urban share, population, upper tier local authorities, NHS trusts, and share of LSOAs in the most "
    "deprived fifth. Population, authorities and trusts have long tails to the right; many systems tie on the counts.",
    distributions.distributions_data(ics, all_cuts),
)

# %%
utlas, trusts = correlations.set_index("y").loc["utla_count"], correlations.set_index("y").loc["trust_count"]
store.record_figure(
    "ics-complexity",
    charts.complexity_scatter(ics, correlations, labels=labels),
    vintage.marked(
        "Larger systems involve more organisations: population against upper tier local authorities and NHS trusts"
    ),
    "Two scatter plots of the integrated care systems, population across, with a rising straight-line fit. Left: upper "
    f"tier local authorities, Pearson {utlas['pearson']:.2f}, Spearman {utlas['spearman']:.2f}. Right: NHS trusts, "
    f"Pearson {trusts['pearson']:.2f}, Spearman {trusts['spearman']:.2f}.",
    charts.complexity_data(ics),
)

# %%
store.finish()
