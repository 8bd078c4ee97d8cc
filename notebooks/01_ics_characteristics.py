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
boundaries: str = "stp21"  # vintage of the areas: an id of data/sources.toml such as stp21, icb22 or icb24

# %%
from analysis import areas, characteristics, charts, distributions, quantiles, snapshot, tilemap, vintages
from compendium.chain import results
from compendium.data import sources
from compendium.data.loading import read_table

store = results.start({"quantile_type": quantile_type, "imd": imd, "boundaries": boundaries})

# %% [markdown]
# ## The printed tables
#
# Each table is read against its schema: 42 areas, each once, values in range, no class that contradicts its value.

# %%
systems = areas.read_areas(store.input("data/published/areas.csv"))
geography = read_table(store.input("data/published/ics_geography.csv"), "ics_geography")
organisation = read_table(store.input("data/published/ics_organisation.csv"), "ics_organisation")
deprivation = read_table(store.input("data/published/ics_deprivation.csv"), "ics_deprivation")
printed = characteristics.join(systems, geography, organisation, deprivation)
printed.head()

# %% [markdown]
# What follows describes these printed values. With another vintage of data, the values that open data hold are
# recomputed from the counts in `data/derived/`, and only the section on the class rule stays with the printed ones.

# %%
for name in snapshot.TABLES:
    folder = store.input(f"data/derived/{name}.csv").parent
counts = snapshot.read(folder)
vintage = vintages.Vintages.build(sources.registry(store.input("data/sources.toml")), counts, imd, boundaries)
ics = vintages.described(printed, counts, vintage)
phrases = vintage.phrases()
[
    store.record_value("vintage.imd", str(imd), "", "vintage of the Index of Multiple Deprivation that is described"),
    store.record_value("vintage.boundaries", vintage.label, "", "data and boundaries described"),
    store.record_value("vintage.values", phrases["values"], "", "whether the described values are the study's own"),
    store.record_value("vintage.tables", phrases["tables"], "", "what the documents describe the systems by"),
    store.record_value("vintage.index", phrases["index"], "", "which deprivation index is used beside the study's"),
    store.record_value("vintage.cuts", phrases["cuts"], "", "which cuts the described values have"),
]

# %%
[
    store.record_value("ics.count", len(ics), "ICSs", description="integrated care systems in England"),
    store.record_value("ics.regions", ics["nhs_region"].nunique(), "NHS regions", description="NHS England regions"),
]

# %%
store.record_table(
    "ics-geography",
    ics[["ics_name", "nhs_region", "urban_percent", "urban_class", "population", "population_class"]].set_axis(
        ["Integrated care system", "NHS region", "Urban LSOAs (%)", "Geography", "Population", "Size"],
        axis=1,
    ),
    "Geography and size of the integrated care systems",
    "LSOA: lower layer super output area. Classes are terciles of the systems. "
    + vintage.provenance(["nhs_region", "urban_percent", "population"], "chapter 4, Table 2"),
)

# %%
store.record_table(
    "ics-organisation",
    ics[
        [
            "ics_name",
            "utla_count",
            "utla_class",
            "tier_arrangement",
            "trust_count",
            "trust_class",
            "ics_wave",
            "vanguards",
            "pioneers",
        ]
    ].set_axis(
        [
            "Integrated care system",
            "UTLAs",
            "UTLA class",
            "Tiers",
            "NHS trusts",
            "Trust class",
            "Wave",
            "Vanguards",
            "Pioneers",
        ],
        axis=1,
    ),
    "Organisational complexity and policy context of the integrated care systems",
    "UTLA: upper tier local authority. Tiers: whether the local authorities in the area are all single tier, all "
    "two-tier, or mixed. Wave: order in which early systems were announced. A blank count of vanguards or "
    "pioneers is read as none. "
    + vintage.provenance(["utla_count", "tier_arrangement", "trust_count", "ics_wave"], "chapter 4, Table 3"),
)

# %%
store.record_table(
    "ics-deprivation",
    ics[["ics_name", "nhs_region", "most_deprived_fifth_percent", "deprivation_class"]].set_axis(
        ["Integrated care system", "NHS region", "LSOAs in the most deprived fifth (%)", "Deprivation"], axis=1
    ),
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
    summary.drop(columns=["variable", "n"]).set_axis(
        ["Characteristic", "Minimum", "Lower quartile", "Median", "Upper quartile", "Maximum", "Mean"], axis=1
    ).round(1),
    "The spread of each characteristic over the integrated care systems",
    vintage.provenance(list(summary["variable"]), "chapter 4, Tables 2 to 4", computed=True),
)  # fmt: skip

# %%
population = ics["population"]
by_area = snapshot.ics_table(counts, vintage.imd, vintage.boundaries).set_index("area").reindex(ics["ods_code"])
share = ics["most_deprived_fifth_percent"]
[
    store.record_value(
        "ics.population.mean-millions",
        population.mean() / 1e6,
        "million people",
        display="{:.1f}",
        description="mean population of an ICS",
    ),
    store.record_value(
        "ics.population.smallest", population.min(), "people", description="population of the smallest ICS"
    ),
    store.record_value(
        "ics.population.largest-millions",
        population.max() / 1e6,
        "million people",
        display="{:.1f}",
        description="population of the largest ICS",
    ),
    store.record_value(
        "ics.population.ratio",
        population.max() / population.min(),
        "times",
        display="{:.1f}",
        description="population of the largest ICS over that of the smallest",
    ),
    store.record_value("ics.urban.lowest", ics["urban_percent"].min(), "%", description="lowest share of urban LSOAs"),
    store.record_value(
        "ics.urban.all", int((ics["urban_percent"] == 100).sum()), "ICSs", description="ICSs that are wholly urban"
    ),
    store.record_value("ics.utlas.most", ics["utla_count"].max(), "authorities", description="most UTLAs in one ICS"),
    store.record_value(
        "ics.utlas.more-than-ten", int((ics["utla_count"] > 10).sum()), "ICSs", description="ICSs with over ten UTLAs"
    ),
    store.record_value(
        "ics.utlas.one", int((ics["utla_count"] == 1).sum()), "ICSs", description="ICSs with a single UTLA"
    ),
    store.record_value(
        "ics.utlas.sum",
        ics["utla_count"].sum(),
        "authorities",
        description="sum of UTLAs over ICSs, some counted twice",
    ),
    store.record_value(
        "ics.trusts.fewest", ics["trust_count"].min(), "trusts", description="fewest NHS trusts in an ICS"
    ),
    store.record_value("ics.trusts.most", ics["trust_count"].max(), "trusts", description="most NHS trusts in one ICS"),
    store.record_value(
        "ics.vanguards.sum", ics["vanguards"].sum(), "vanguards", description="vanguard sites over all ICSs"
    ),
    store.record_value(
        "ics.pioneers.sum", ics["pioneers"].sum(), "pioneers", description="pioneer sites over all ICSs"
    ),
    store.record_value("ics.waves", ics["ics_wave"].nunique(), "waves", description="announcement waves of early ICSs"),
    store.record_value(
        "ics.deprived.lowest", share.min(), "%", description="lowest share of LSOAs in the most deprived fifth"
    ),
    store.record_value(
        "ics.deprived.highest", share.max(), "%", description="highest share of LSOAs in the most deprived fifth"
    ),
    store.record_value(
        "ics.deprived.median", share.median(), "%", display="{:g}", description="median share of LSOAs in that fifth"
    ),
    store.record_value(
        "ics.deprived.held-by-high",
        100 * by_area["fifth"][(ics["deprivation_class"] == "high").to_numpy()].sum() / by_area["fifth"].sum(),
        "%",
        display="{:.0f}%",
        description="share of England's most deprived LSOAs that lie in the systems of the highest class",
    ),
]

# %% [markdown]
# ## The class rule
#
# The thesis prints a class beside five of the values. One rule gives all of them back: cut the 42 values into thirds
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
[
    store.record_value(
        "classes.printed", len(recovered), "labels", description="class labels printed in Tables 2 to 4"
    ),
    store.record_value(
        "classes.recovered", int(recovered["agrees"].sum()), "labels", description="printed labels the rule gives back"
    ),
    store.record_value(
        "study.labels-recovered",
        int(characteristics.recovered_classes(printed)["agrees"].sum()),
        "labels",
        description="printed labels that linear interpolation gives back, whatever the parameters",
    ),
    store.record_value("classes.method", method, "", description="how the rule takes the cuts"),
]

# %%
titles = {variable.column: variable.title for variable in characteristics.CLASSED}
cuts = by_variable.reset_index().assign(variable=lambda frame: frame["variable"].map(titles))
store.record_table(
    "class-rule",
    cuts.round(1).set_axis(["Characteristic", "Lower cut", "Upper cut", "Labels printed", "Labels recovered"], axis=1),
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
    by_type[["quantile_type", "method", "labels", "agree"]].assign(
        method=by_type["method"].str.replace("_", " ")
    ).set_axis(["Type", "Definition", "Labels printed", "Labels recovered"], axis=1),
    "Printed class labels recovered under the nine definitions of a sample quantile",
    "Types as numbered by Hyndman and Fan (1996); names as in NumPy.",
)  # fmt: skip

# %%
store.record_value(
    "classes.types-that-recover-all", int((by_type["agree"] == by_type["labels"]).sum()), "definitions",
    description="of nine quantile definitions, those that give every printed label back",
)  # fmt: skip

# %% [markdown]
# The notes under the printed tables also give bounds for some classes. Do they agree with the cuts?

# %%
bounds = read_table(store.input("data/published/class_bounds.csv"), "class_bounds")
checked = characteristics.bounds_check(printed, bounds, quantile_type)
store.record_table(
    "class-bounds",
    checked.assign(
        variable=checked["variable"].map(titles),
        computed_lower=checked["computed_lower"].round(1),
        computed_upper=checked["computed_upper"].round(1),
        agrees=checked["agrees"].map({True: "yes", False: "no"}),
    )[["variable", "class_label", "printed", "computed_lower", "computed_upper", "agrees", "place"]].set_axis(
        ["Characteristic", "Class", "Printed bounds", "Computed from", "Computed to", "Agrees", "Place in the thesis"],
        axis=1,
    ),
    "The class bounds that the thesis prints, and the bounds computed from its values",
    "A bound agrees when it equals the computed one after rounding to the precision printed.",
)

# %%
store.record_value("classes.bounds-printed", len(checked), "bounds", description="class bounds in the thesis's notes")

# %%
store.record_value(
    "classes.bounds-that-disagree", int((~checked["agrees"]).sum()), "bounds",
    description="printed class bounds that differ from the computed ones after rounding",
)  # fmt: skip

# %% [markdown]
# ## Size and complexity
#
# The thesis reports that population size and organisational complexity are strongly correlated. Both coefficients,
# for both counts:

# %%
correlations = characteristics.complexity_correlations(ics)
correlations

# %%
utlas, trusts = correlations.set_index("y").loc["utla_count"], correlations.set_index("y").loc["trust_count"]
[
    store.record_value(
        "complexity.utlas.pearson", utlas["pearson"], display="{:.3f}", description="population and UTLAs, r"
    ),
    store.record_value(
        "complexity.utlas.spearman", utlas["spearman"], display="{:.2f}", description="population and UTLAs, rho"
    ),
    store.record_value(
        "complexity.trusts.pearson", trusts["pearson"], display="{:.3f}", description="population and trusts, r"
    ),
    store.record_value(
        "complexity.trusts.spearman", trusts["spearman"], display="{:.2f}", description="population and trusts, rho"
    ),
]

# %% [markdown]
# ## Figures

# %%
tiles = read_table(store.input("data/published/ics_tiles.csv"), "ics_tiles")
labels = dict(zip(tiles["stp21_code"], tiles["label"], strict=True))
lower, upper = characteristics.class_cuts(ics["most_deprived_fifth_percent"])  # the rule of the classes it shades
dark = ics.loc[ics["deprivation_class"] == "high", "nhs_region"].value_counts().sort_index(kind="stable")
most = dark.sort_values(ascending=False, kind="stable").head(3)
mapped = {"share": "most_deprived_fifth_percent", "group": "deprivation_class", "region": "nhs_region"}
store.record_figure(
    "ics-map",
    tilemap.tile_map(
        ics, tiles, **mapped, legend="LSOAs in England's\nmost deprived fifth",
        ranges=[f"below {lower:.1f}%", f"{lower:.1f}% to {upper:.1f}%", f"above {upper:.1f}%"],
    ),
    vintage.marked("Deprivation across England's integrated care systems: one tile per system, shaded by tercile"),
    f"Tile map of England. Each of the {len(ics)} integrated care systems is one equal tile near its place on the map, "
    f"with the share of its LSOAs in the most deprived fifth of England, from {share.min()}% to {share.max()}%. "
    f"Most systems of the darkest tercile lie in these NHS regions: "
    f"{', '.join(f'{region} ({count})' for region, count in most.items())}.",
    tilemap.tile_map_data(ics, tiles, **mapped),
)  # fmt: skip

# %%
all_cuts = characteristics.cut_points(ics, quantile_type=quantile_type)
store.record_figure(
    "ics-distributions",
    distributions.distributions(ics, all_cuts, labels=labels),
    vintage.marked(
        "The five classed characteristics: each dot is one integrated care system, vertical lines are the tercile cuts"
    ),
    "Five strips of dots, one dot per integrated care system, shaded by class, with two tercile cuts marked on each: "
    "urban share, population, upper tier local authorities, NHS trusts, and share of LSOAs in the most "
    "deprived fifth. Population, authorities and trusts have long tails to the right; many systems tie on the counts.",
    distributions.distributions_data(ics, all_cuts),
)

# %%
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
