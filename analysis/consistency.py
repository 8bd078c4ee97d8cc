"""What follows from the documents' own tables: the figures that the ledger holds against their text."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pandas as pd

from analysis import areas, audit, characteristics, policies, reviews, snapshot
from analysis.versions import VERSIONS
from compendium.data import loading

if TYPE_CHECKING:
    from compendium.chain.results import Store

Figures = dict[str, int | float]

WAVE_YEARS = range(2017, 2022)
"""The years that the notes to chapter 4, Table 3 give for the waves."""
MAIN_TEXT = ("introduction", "methods", "results", "discussion", "limitations", "conclusion")
"""Sections that a word count of an article covers."""


PUBLISHED = (
    "ics_geography",
    "ics_organisation",
    "ics_deprivation",
    "interviewees",
    "goddard_sample",
    "prucomm_interviews",
    "national_policy_influence",
    "policies",
    "policy_aims",
    "reviews",
    "review_factors",
    "review_outcomes",
    "review_bias_ratings",
    "search_strategy",
    "srqr_original",
)
"""Transcribed tables that the figures follow from."""


def recorded(store: Store) -> Figures:
    """Return `figures`, with the tables that they follow from registered as inputs of a notebook."""
    for name in PUBLISHED:
        store.input(f"data/published/{name}.csv")
    for name in ("versions", "reference_lists", "srqr_relocation", *snapshot.TABLES):
        store.input(f"data/derived/{name}.csv")
    return figures()


def figures() -> Figures:
    """Return every figure by its key; keys are dotted kebab-case, as in ``data/claims.csv``."""
    parts: tuple[Callable[[], Figures], ...] = (
        ics_figures,
        audited_figures,
        sample_figures,
        sister_figures,
        document_figures,
        lambda: dict(reviews.figures()),
        policies.figures,
    )
    found: Figures = {}
    for part in parts:
        found |= part()
    return found


def ics_figures() -> Figures:
    """Return figures of the printed ICS tables of chapter 4: sizes, class bounds, counts, deprivation."""
    geography, organisation = loading.read("ics_geography"), loading.read("ics_organisation")
    deprivation = loading.read("ics_deprivation")
    people, share = geography["population"], deprivation["most_deprived_fifth_percent"]
    named = deprivation.set_index("ics_name")["most_deprived_fifth_percent"]
    found: Figures = {
        "ics.count": len(geography),
        "ics.population-mean": float(people.mean()),
        "ics.population-min": int(people.min()),
        "ics.population-max": int(people.max()),
        "organisation.utla-sum": int(organisation["utla_count"].sum()),
        "organisation.utla-over-ten": int((organisation["utla_count"] > 10).sum()),
        "organisation.utla-one": int((organisation["utla_count"] == 1).sum()),
        "organisation.vanguards": int(organisation["vanguards"].sum()),
        "organisation.pioneers": int(organisation["pioneers"].sum()),
        "organisation.waves": int(organisation["ics_wave"].nunique()),
        "organisation.wave-years": len(WAVE_YEARS),
        "deprivation.high-count": int((deprivation["deprivation_class"] == "high").sum()),
        "deprivation.min": int(share.min()),
        "deprivation.max": int(share.max()),
        "deprivation.birmingham": int(named["Birmingham and Solihull"]),
        "deprivation.above-birmingham": int((share > named["Birmingham and Solihull"]).sum()),
    }
    classes = {
        "rural": ("urban_class", "more rural", "urban_percent"),
        "mixed": ("urban_class", "mixed", "urban_percent"),
        "urban": ("urban_class", "more urban", "urban_percent"),
        "small": ("population_class", "small", "population"),
        "medium": ("population_class", "medium", "population"),
        "large": ("population_class", "large", "population"),
    }
    for name, (column, label, variable) in classes.items():
        values = geography.loc[geography[column] == label, variable]
        found[f"classes.{name}-min"], found[f"classes.{name}-max"] = int(values.min()), int(values.max())
    return found


def audited_figures() -> Figures:
    """Return what takes more than one printed table: correlations of size, and the lowest share before rounding."""
    printed = characteristics.join(
        areas.read_areas(), *(loading.read(f"ics_{part}") for part in ("geography", "organisation", "deprivation"))
    )
    cells = audit.cells(audit.comparisons(printed, snapshot.read()))
    shares = cells.loc[cells["variable"] == "most_deprived_fifth_percent", "unrounded"].astype(float)
    found: Figures = {"deprivation.lowest-unrounded": float(shares.min())}
    for row in characteristics.complexity_correlations(printed).to_dict("records"):
        name = row["y"].removesuffix("_count")
        found |= {f"complexity.{name}s.{kind}": float(row[kind]) for kind in ("pearson", "spearman")}
    return found


def sample_figures() -> Figures:
    """Return sums of the cells of chapter 7, Table 2."""
    cells = loading.read("interviewees")
    totals = {
        "site": cells.groupby("site")["interviewees"].sum(),
        "sector": cells.groupby("sector")["interviewees"].sum(),
        "group": cells.groupby("sector_group")["interviewees"].sum(),
    }
    found: Figures = {
        "sample.interviews": int(cells["interviewees"].sum()),
        "sample.sites": int(cells["site"].nunique()),
        "sample.nhs": int(totals["group"]["NHS"]),
        "sample.other": int(totals["group"]["Other sectors"]),
        "sample.sites-with-community": int(
            (cells[cells["sector"] == "Community"].groupby("site")["interviewees"].sum() > 0).sum()
        ),
    }
    found |= {f"sample.site-{str(site).lower()}": int(count) for site, count in totals["site"].items()}
    found |= {f"sample.{str(name).lower().replace(' ', '-')}": int(count) for name, count in totals["sector"].items()}
    return found


def sister_figures() -> Figures:
    """Return sums of the two sister studies' tables, and the domains of chapter 7, Table 3."""
    plans = loading.read("goddard_sample").set_index("step")["plans"]
    interviews = loading.read("prucomm_interviews")
    sites = interviews.groupby("prucomm_site")["interviews"].sum()
    levels = interviews.groupby("level")["interviews"].sum()
    answered = int(plans[1] - plans[2])
    found: Figures = {
        "goddard.answered": answered,
        "goddard.analysed": answered - int(plans[4]),
        "prucomm.interviews": int(interviews["interviews"].sum()),
        "prucomm.sites": len(sites),
        "influence.domains": int(loading.read("national_policy_influence")["domain"].nunique()),
    }
    found |= {f"prucomm.site-{str(site).lower()}": int(count) for site, count in sites.items()}
    for row in interviews.to_dict("records"):
        found[f"prucomm.site-{row['prucomm_site'].lower()}-{row['level']}"] = int(row["interviews"])
    found |= {f"prucomm.{level}": int(count) for level, count in levels.items()}
    return found


def document_figures() -> Figures:
    """Return figures of the documents as texts: words, reference lists, locations of the printed checklist."""
    versions = loading.read("versions")
    counted = versions[versions["section"].isin(MAIN_TEXT)].groupby("version")
    lists = loading.read("reference_lists").set_index("list")
    moved = loading.read("srqr_relocation")["verdict"].value_counts()
    original = loading.read("srqr_original")
    found: Figures = {
        "srqr.items": int(original["item"].nunique()),
        "srqr.matching": int(moved.get("matches", 0)),
        "srqr.stale": int(moved.get("moved", 0) + moved.get("other section", 0)),
        "srqr.locations-changed": _changed(original),
        "references.repeated-works": int(lists["works_repeated"].sum()),
    }
    names = {"paper, submission": "submission", "paper, R1": "r1", "paper, published": "paper"}
    for name, row in lists.iterrows():
        key = names.get(str(name), str(name).removeprefix("thesis, ").replace(" ", "-"))
        found[f"references.{key}-entries"] = int(row["entries"])
        found[f"references.{key}-repeated"] = int(row["works_repeated"])
    changes = counted[["modified", "added", "removed"]].sum()
    for version in VERSIONS:
        key = version.lower()
        found[f"versions.{key}-main-words"] = int(counted["words"].sum()[version])
        if version != VERSIONS[0]:
            found |= {f"versions.{key}-{kind}": int(changes[kind][version]) for kind in changes.columns}
    return found


def _changed(original: pd.DataFrame) -> int:
    """Count the items of which the two printed checklists give different locations."""
    printed = original.pivot(index="item", columns="version", values="printed")
    return int((printed["submission"] != printed["R1"]).sum())
