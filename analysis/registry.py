"""The study's part of `data/sources.toml`: vintages of the deprivation index and of boundaries, and the snapshots."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

from compendium import project
from compendium.data import sources
from compendium.data.sources import REGISTRY, Source
from compendium.errors import CompendiumError


@dataclass(frozen=True)
class Boundary:
    """One vintage of areas: the LSOA lookup and, where that lacks the area, the practices that tell it."""

    id: str
    label: str
    lookup: str
    areas: int
    members: str | None = None
    via: tuple[tuple[str, ...], ...] = ()
    also: tuple[str, ...] = ()  # other names by which a parameter may call it

    @classmethod
    def build(
        cls, identifier: str, entry: Mapping[str, Any], sources: Mapping[str, Source], file: str = REGISTRY
    ) -> Boundary:
        """Return the vintage described by one table of the registry, or raise `CompendiumError`."""
        place = f"boundaries.{identifier}"
        _check_entries(entry, ("label", "lookup", "areas"), {item.name for item in fields(cls)} - {"id"}, file, place)
        lists = {"via": tuple(tuple(columns) for columns in entry.get("via", ())), "also": tuple(entry.get("also", ()))}
        made = cls(id=identifier, **{**entry, **lists})
        lookup = sources.get(made.lookup)
        if lookup is None or (made.members and made.members not in sources):
            return made  # the registry names all that dangle at once
        if "area" in lookup.columns and "lsoa" in lookup.columns:
            return made
        needed = ["lsoa", *(column for columns in made.via for column in columns)] if made.via else ["lsoa", "area"]
        lacking = sorted(set(needed) - set(lookup.columns))
        if lacking or not made.members:
            raise CompendiumError(
                "a lookup does not say which area an LSOA belongs to",
                file=file,
                row=f"sources.{made.lookup}.columns",
                found=sorted(lookup.columns),
                expected="'lsoa' and 'area', or 'lsoa' and the columns of 'via' in the vintage, with its 'members'",
            )
        return made


def _check_entries(
    entry: Mapping[str, Any], required: Iterable[str], known: Iterable[str], file: str, place: str
) -> None:
    missing = [name for name in required if name not in entry]
    unknown = sorted(set(entry) - set(known))
    if missing:
        raise CompendiumError("an entry of the registry is incomplete", file=file, row=place, expected=missing)
    if unknown:
        raise CompendiumError(
            "an entry of the registry is unknown", file=file, row=place, found=unknown, expected=sorted(known)
        )


@dataclass(frozen=True)
class Registry(sources.Registry):
    """The registry with the vintages that its sources make: of the IMD, of boundaries, and the snapshots to keep."""

    imd: Mapping[str, str] = field(default_factory=dict)
    boundaries: Mapping[str, Boundary] = field(default_factory=dict)
    snapshot: Mapping[str, Any] = field(default_factory=dict)
    imd_labels: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def build(cls, given: sources.Registry, file: str = REGISTRY) -> Registry:
        """Return the registry with its vintages.

        Raises
        ------
        CompendiumError : an entry is incomplete or unknown, or names a source that the registry lacks or that does
            not say what it must.
        """
        tables = given.tables
        boundaries = {
            key: Boundary.build(key, entry, given.sources, file) for key, entry in tables.get("boundaries", {}).items()
        }
        for key, entry in tables.get("imd", {}).items():
            _check_entries(entry, ("source",), ("source", "label"), file, f"imd.{key}")
        imd = {key: entry["source"] for key, entry in tables.get("imd", {}).items()}
        labels = {key: str(entry.get("label", "")) for key, entry in tables.get("imd", {}).items()}
        named = [*imd.values(), *(b.lookup for b in boundaries.values())]
        named += [b.members for b in boundaries.values() if b.members]
        dangling = sorted(set(named) - set(given.sources))
        if dangling:
            raise CompendiumError("a vintage names sources that the registry lacks", file=file, found=dangling)
        for key, identifier in imd.items():
            source = given.sources[identifier]
            if "lsoa" not in source.columns or "rank" not in source.numbers:
                raise CompendiumError(
                    f"the source of IMD vintage {key} does not name its LSOAs and its ranks",
                    file=file,
                    row=f"sources.{identifier}.columns",
                    found=[*source.columns, f"numbers = {list(source.numbers)}"],
                    expected="'lsoa' and 'rank' among the columns, and numbers = [\"rank\"]",
                )
        for pair in tables.get("snapshot", {}).get("vintages", ()):
            if len(pair) != 2 or pair[0] not in imd or pair[1] not in boundaries:
                raise CompendiumError(
                    "the snapshot lists a pair of unknown vintages",
                    file=file,
                    row="snapshot.vintages",
                    found=list(pair),
                    expected=f'["IMD", "boundaries"] with IMD one of {", ".join(imd)} and boundaries one of '
                    + ", ".join(boundaries),
                )
        return cls(given.sources, tables, imd, boundaries, tables.get("snapshot", {}), labels)

    def imd_source(self, vintage: str) -> Source:
        """Return the source of one IMD vintage ("2019", "2025")."""
        return self.source(sources.known(self.imd, str(vintage), "IMD vintage"))

    def imd_label(self, vintage: str) -> str:
        """Return what one IMD vintage is called: its ``label``, else its source's title."""
        return self.imd_labels.get(str(vintage)) or self.imd_source(vintage).title

    def boundary(self, vintage: str) -> Boundary:
        """Return one vintage of boundaries by its id ("icb24") or another of its names ("icb2024")."""
        names = {name: item.id for item in self.boundaries.values() for name in item.also}
        return sources.known(self.boundaries, names.get(vintage, vintage), "boundary vintage")


def read_registry(path: str | Path | None = None) -> Registry:
    """Return the registry of sources and vintages, by default that of the project.

    Raises
    ------
    CompendiumError : the file is missing or an entry is incomplete, unknown or malformed.
    """
    target = Path(path) if path is not None else project.root() / REGISTRY
    if not target.is_file():
        sources.registry(target)  # says so
    return _built(target, target.stat().st_mtime_ns)


@lru_cache(maxsize=8)
def _built(path: Path, _stamp: int) -> Registry:
    return Registry.build(sources.registry(path), project.relative(path))
