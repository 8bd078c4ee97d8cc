"""The snapshot of open data: raw files counted into a few small tables that the chain reads without a network.

Counts, not percentages: every percentage can be taken from them, at full precision.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import boundaries, deprivation, organisations
from analysis.registry import Boundary, Registry, read_registry
from compendium import project
from compendium.data import loading, packages, readers, sources
from compendium.errors import CompendiumError

FOLDER = "data/derived"
PRIMARY_KEYS = {
    "ics_counts": ["imd", "boundaries", "area"],
    "populations": ["boundaries", "area"],
    "authorities": ["boundaries", "area", "utla"],
    "trusts": ["open_on", "area"],
    "regions": ["area"],
}
TABLES = tuple(PRIMARY_KEYS)
SHARED = ("rural-urban-2011", "ltla21-utla21", "allocations-2022-23", "practices-2022-01", "trusts-2022-03")
"""Sources that every pair of vintages needs."""
DISTRICTS = ("lad", "lsoa_name")
"""Columns that tell an LSOA's local authority district: by its code of 2021, or by its name."""


@dataclass(frozen=True)
class Snapshot:
    """The counts behind every recomputed figure; areas carry their NHS (ODS) code.

    ics_counts : ``imd``, ``boundaries``, ``area`` and the counts of `deprivation.area_counts`.
    populations : ``boundaries``, ``area``, ``registered``, ``projected``.
    authorities : ``boundaries``, ``area``, ``utla``, ``utla_name``, ``lsoas``, ``utla_lsoas``.
    trusts : ``open_on``, ``area``, ``trusts``, ``ambulance_trusts``.
    regions : ``area``, ``region``.
    """

    ics_counts: pd.DataFrame
    populations: pd.DataFrame
    authorities: pd.DataFrame
    trusts: pd.DataFrame
    regions: pd.DataFrame


class RawData:
    """The raw files of a registry, each read once."""

    def __init__(self, files: Mapping[str, Path], registry: Registry | None = None) -> None:
        self.files, self.registry = files, registry or read_registry()
        self.read = lru_cache(maxsize=None)(self._read)

    def _read(self, identifier: str) -> pd.DataFrame:
        if identifier not in self.files:
            raise CompendiumError("a raw file was not fetched", file=sources.REGISTRY, found=identifier)
        return readers.read(self.registry.source(identifier), self.files[identifier])

    def areas(self, boundary: str) -> pd.DataFrame:
        """Return one row per LSOA with its ``area`` in one boundary vintage, and its district.

        A lookup that does not name the district takes it from another of the same LSOAs (`district_source`).
        """
        vintage = self.registry.boundary(boundary)
        members = self.read(vintage.members) if vintage.members else None
        lsoas = boundaries.lsoa_areas(self.read(vintage.lookup), members, vintage.via, vintage.areas)
        other = district_source(self.registry, boundary)
        if other == vintage.lookup:
            return lsoas
        told = self.read(other).set_index("lsoa")
        column = next(name for name in DISTRICTS if name in told.columns)
        named = lsoas.assign(**{column: told[column].reindex(lsoas["lsoa"]).to_numpy()})
        named.attrs.update(lsoas.attrs)
        without = named[column].isna()
        if without.any():
            raise CompendiumError(
                f"{int(without.sum())} LSOAs have no district, because {told.attrs.get('file')} lacks them",
                file=lsoas.attrs.get("file"),
                row=lsoas.index[without][0],
                column="lsoa",
                found=lsoas.loc[without, "lsoa"].iloc[0],
                expected="'lad' or 'lsoa_name' among the columns of the lookup itself",
            )
        return named


def district_source(registry: Registry, boundary: str) -> str:
    """Return the id of the source that names the district of a boundary vintage's LSOAs: its lookup, or another one.

    Raises
    ------
    CompendiumError : no lookup of these LSOAs names districts.
    """
    own = registry.boundary(boundary).lookup
    lsoas = registry.source(own).codes
    others = [vintage.lookup for vintage in registry.boundaries.values() if vintage.lookup != own]
    for identifier in [own, *others]:
        source = registry.source(identifier)
        if set(DISTRICTS) & set(source.columns) and (identifier == own or (lsoas and source.codes == lsoas)):
            return identifier
    raise CompendiumError(
        "no lookup of these LSOAs names their districts, so authorities cannot be counted",
        file=sources.REGISTRY,
        row=f"sources.{own}",
        found=f"lsoas = {lsoas!r}, columns {', '.join(registry.source(own).columns)}",
        expected="codes as in another lookup with 'lad' or 'lsoa_name', or one of these columns",
    )


def needed(imd: str, boundary: str, registry: Registry | None = None) -> list[str]:
    """Return the ids of the sources that `compute` reads for one pair of vintages."""
    known = registry or read_registry()
    vintage = known.boundary(boundary)
    own = [known.imd_source(imd).id, vintage.lookup, *([vintage.members] if vintage.members else [])]
    own.append(district_source(known, boundary))
    return list(dict.fromkeys([*own, *SHARED]))


def ics_table(
    snapshot: Snapshot,
    imd: str = "2019",
    boundary: str = "stp21",
    *,
    population_boundary: str = "icb22",
    minimum_share: float = organisations.MINIMUM_SHARE,
    trusts_on: str = "2022-03-31",
) -> pd.DataFrame:
    """Return the open-data characteristics of the ICSs for one pair of vintages.

    Returns
    -------
    One row per area: ``area``, ``nhs_region``, the counts of `deprivation.area_counts`, the measures of
    `deprivation.area_shares` (unrounded), ``population`` (projected 2022/23), ``utla_count``, ``tier_arrangement``,
    ``trust_count``.

    Raises
    ------
    CompendiumError : the snapshot lacks these vintages or this day.
    """
    counts = rows_of(snapshot.ics_counts, "ics_counts", imd=imd, boundaries=boundary)
    people = rows_of(snapshot.populations, "populations", boundaries=population_boundary)
    trusts = rows_of(snapshot.trusts, "trusts", open_on=trusts_on)
    overlaps = rows_of(snapshot.authorities, "authorities", boundaries=boundary).reset_index()
    included = organisations.included_authorities(overlaps, minimum_share)
    columns: list[Any] = [
        snapshot.regions.set_index("area")["region"].rename("nhs_region"),
        counts,
        deprivation.area_shares(counts),
        people["projected"].rename("population"),
        organisations.authority_counts(included).rename("utla_count"),
        organisations.tier_arrangements(included).rename("tier_arrangement"),
        trusts["trusts"].rename("trust_count"),
    ]
    return pd.concat([column.reindex(counts.index) for column in columns], axis=1).reset_index()


def rows_of(table: pd.DataFrame, name: str, **labels: str) -> pd.DataFrame:
    """Return the rows of one vintage or day, without its labels and indexed by area, or raise `CompendiumError`."""
    chosen = pd.Series(True, index=table.index)
    for column, label in labels.items():
        chosen &= table[column] == label
    if not chosen.any():
        held = table[list(labels)].drop_duplicates()
        raise CompendiumError(
            "the snapshot of open data does not hold this",
            file=f"{FOLDER}/{name}.csv",
            column=", ".join(labels),
            found=", ".join(labels.values()),
            expected=" or ".join(", ".join(row) for row in held.itertuples(index=False))
            + (
                "; 'compendium snapshot' counts what [snapshot] of data/sources.toml lists"
                if name == "ics_counts"
                else ""
            ),
        )
    return table[chosen].drop(columns=list(labels)).set_index("area")


def population_counts(raw: RawData, boundary: str) -> pd.DataFrame:
    """Sum the allocation model's populations by its own ICSs (July 2022) or by the April 2021 area of each CCG."""
    practices = raw.read("allocations-2022-23")
    if boundary == "icb22":
        return organisations.populations(practices)
    if boundary == "stp21":
        areas = organisations.ccg_areas(raw.read("practices-2022-01"))
        return organisations.populations(practices.assign(stp=practices["ccg"].map(areas)), "stp")
    raise CompendiumError(
        "no source gives populations on these boundaries", found=boundary, expected=["icb22", "stp21"]
    )


def compute(
    raw: RawData, vintages: Sequence[Sequence[str]] | None = None, trusts_open: Sequence[str] | None = None
) -> Snapshot:
    """Count from the raw files: pairs of IMD and boundary vintages, and days, by default those of the registry."""
    counts, overlaps = [], {}
    regions = organisations.area_regions(raw.read("practices-2022-01"))
    areas = list(regions.index)
    for imd, boundary in vintages or raw.registry.snapshot["vintages"]:
        lsoas = raw.areas(boundary)
        ranks = deprivation.lsoa_ranks(lsoas, raw.read(raw.registry.imd_source(imd).id), raw.read("rural-urban-2011"))
        counted = deprivation.area_counts(ranks)
        _check_areas(counted.index, areas, raw.registry.boundary(boundary))
        counts.append(_labelled(counted, imd=imd, boundaries=boundary))
        if boundary not in overlaps:
            pairs = organisations.authority_overlaps(lsoas, raw.read("ltla21-utla21"))
            overlaps[boundary] = _first(pairs.assign(boundaries=boundary), "boundaries")
    days = [
        _labelled(organisations.trusts_open(raw.read("trusts-2022-03"), on, areas), open_on=on)
        for on in trusts_open or raw.registry.snapshot["trusts_open"]
    ]
    people = [_labelled(population_counts(raw, name), boundaries=name) for name in ("stp21", "icb22")]
    return Snapshot(
        ics_counts=pd.concat(counts, ignore_index=True),
        populations=pd.concat(people, ignore_index=True),
        authorities=pd.concat(list(overlaps.values()), ignore_index=True),
        trusts=pd.concat(days, ignore_index=True),
        regions=regions.rename("region").rename_axis("area").reset_index(),
    )


def _check_areas(found: pd.Index, expected: Sequence[str], vintage: Boundary) -> None:
    """Raise `CompendiumError` unless the areas carry the NHS codes by which all tables know them."""
    strange = sorted(set(found) - set(expected))
    if strange or len(found) != len(expected):
        raise CompendiumError(
            f"{len(strange)} of the areas of boundary vintage {vintage.id} are not coded as elsewhere",
            file=sources.REGISTRY,
            row=f"sources.{vintage.lookup}.columns",
            column="area",
            found=strange[:3] or f"{len(found)} areas",
            expected=f"the column with NHS (ODS) codes such as {', '.join(expected[:3])}",
        )


FIELDS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "imd": ("string", "vintage of the Index of Multiple Deprivation (IMD)", {}),
    "boundaries": ("string", "vintage of the areas", {}),
    "area": ("string", "NHS (ODS) code of the integrated care system", {"pattern": "Q[A-Z0-9]{2}"}),
    "lsoas": ("integer", "lower layer super output areas (LSOAs) of the area", {"minimum": 1}),
    "fifth": ("integer", "LSOAs whose IMD rank is within the first 20% of England's", {"minimum": 0}),
    "tenth": ("integer", "LSOAs whose IMD rank is within the first 10% of England's", {"minimum": 0}),
    "rank_sum": ("integer", "sum of the IMD ranks (1 = most deprived)", {"minimum": 1}),
    "classified": ("integer", "LSOAs that have a 2011 rural-urban class", {"minimum": 0}),
    "urban": ("integer", "LSOAs of rural-urban classes A to C", {"minimum": 0}),
    "town_and_fringe": ("integer", "LSOAs of rural-urban class D", {"minimum": 0}),
    "registered": (
        "integer",
        "patients registered with the area's practices, as listed in the allocation model",
        {"minimum": 1},
    ),
    "projected": ("integer", "projected population 2022/23 of the allocation model", {"minimum": 1}),
    "utla": ("string", "ONS code of the upper tier local authority (2021)", {"pattern": "E[0-9]{8}"}),
    "utla_name": ("string", "name of the authority", {}),
    "utla_lsoas": ("integer", "LSOAs of the whole authority", {"minimum": 1}),
    "open_on": ("date", "day on which trusts are counted", {}),
    "trusts": ("integer", "NHS trusts open on that day whose parent ICS is this one", {"minimum": 0}),
    "ambulance_trusts": ("integer", "ambulance trusts among them", {"minimum": 0}),
    "region": ("string", "NHS region of the area's practices, January 2022", {}),
}
"""Type, meaning and bounds of every column. In `authorities`, `lsoas` counts those shared by the pair."""
LABELS = ("imd", "boundaries")
"""Columns that hold nothing but the vintages counted."""
ASCENDING = {
    "ics_counts": [["tenth", "fifth", "lsoas"], ["urban", "classified", "lsoas"], ["town_and_fringe", "classified"]],
    "authorities": [["lsoas", "utla_lsoas"]],
    "trusts": [["ambulance_trusts", "trusts"]],
}
AREAS = {"package": "../datapackage.json", "resource": "areas"}
"""The printed areas, by which every other table knows them."""


def package(snapshot: Snapshot, registry: Registry) -> dict[str, Any]:
    """Return the snapshot's Frictionless data package: columns, keys, bounds, and the raw files behind it."""
    return {
        "name": "open-data-snapshot",
        "title": "Counts of raw open data for England's 42 integrated care systems",
        "licenses": [{"name": "OGL-UK-3.0", "title": "Open Government Licence v3.0"}],
        "sources": [
            {"title": item.title, "path": item.url, "publisher": item.publisher, "sha256": item.sha256}
            for item in registry.sources.values()
        ],
        "resources": [
            {
                "name": name.replace("_", "-"),
                "path": f"{name}.csv",
                "encoding": "utf-8",
                "schema": _schema(name, getattr(snapshot, name), registry),
            }
            for name in TABLES
        ],
    }


def _schema(name: str, table: pd.DataFrame, registry: Registry) -> dict[str, Any]:
    fields = []
    for column in table.columns:
        kind, _, bounds = FIELDS[column]
        held = {"enum": sorted(table[column].unique())} if column in LABELS else {}
        constraints = {"required": True, **held, **bounds}
        fields.append(
            {"name": column, "type": kind, "description": _meaning(column, registry), "constraints": constraints}
        )
    keys = {"area": "ods_code", "region": "nhs_region"} if name == "regions" else {}
    references = [{"fields": [one], "reference": {**AREAS, "fields": [other]}} for one, other in keys.items()]
    if not references:
        references = [{"fields": ["area"], "reference": {"resource": "regions", "fields": ["area"]}}]
    return {
        "fields": fields,
        "primaryKey": PRIMARY_KEYS[name],
        "rows": len(table),
        "references": references,
        "ascending": ASCENDING.get(name, []),
    }


def _meaning(column: str, registry: Registry) -> str:
    known = ", ".join(f"{key} {vintage.label}" for key, vintage in registry.boundaries.items())
    return FIELDS[column][1] + (f": {known}" if column == "boundaries" else "")


def write(snapshot: Snapshot, folder: str | Path | None = None, registry: Registry | None = None) -> list[Path]:
    """Write the tables as CSV and their `datapackage.json`, atomically and with the same bytes each time."""
    target = Path(folder) if folder is not None else project.root() / FOLDER
    described = json.dumps(package(snapshot, registry or read_registry()), indent=2, ensure_ascii=False) + "\n"
    tables = {f"{name}.csv": getattr(snapshot, name).to_csv(index=False, lineterminator="\n") for name in TABLES}
    files = {**tables, "datapackage.json": described}
    return [project.write_text(target / name, content) for name, content in files.items()]


def read(folder: str | Path | None = None) -> Snapshot:
    """Return the snapshot kept in `data/derived/`, read against the data package beside it.

    Raises
    ------
    CompendiumError : a table is missing, or breaks its description.
    """
    target = Path(folder) if folder is not None else project.root() / FOLDER
    tables = {}
    for name in TABLES:
        path = target / f"{name}.csv"
        if not path.is_file():
            raise CompendiumError("a table of the open data snapshot is missing", file=project.relative(path))
        schema = packages.table_schema(name.replace("_", "-"), target / "datapackage.json")
        tables[name] = loading.read_table(path, schema)
    tables["trusts"]["open_on"] = tables["trusts"]["open_on"].dt.strftime("%Y-%m-%d")
    return Snapshot(**tables)


def paths() -> list[str]:
    """Return the snapshot's files relative to the project, to register them as inputs."""
    return [f"{FOLDER}/{name}.csv" for name in TABLES]


def _labelled(frame: pd.DataFrame, **labels: str) -> pd.DataFrame:
    return _first(frame.rename_axis("area").reset_index().assign(**labels), *labels)


def _first(frame: pd.DataFrame, *names: str) -> pd.DataFrame:
    rest: Iterable[str] = (column for column in frame.columns if column not in names)
    return frame[[*names, *rest]]
