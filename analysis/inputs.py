"""What several notebooks read alike: the printed tables joined, the counts of open data, and the vintage described."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis import areas, characteristics, snapshot, vintages
from analysis.registry import read_registry

if TYPE_CHECKING:
    import pandas as pd

    from compendium.chain.results import Store


def printed(store: Store) -> pd.DataFrame:
    """Return the printed Tables 2 to 4 of chapter 4 as one row per ICS; see `analysis.characteristics.join`."""
    return characteristics.join(
        areas.read_areas(store.input("data/published/areas.csv")),
        store.read("data/published/ics_geography.csv"),
        store.read("data/published/ics_organisation.csv"),
        store.read("data/published/ics_deprivation.csv"),
    )


def counts(store: Store) -> snapshot.Snapshot:
    """Return the counts of raw open data that the project keeps."""
    paths = [store.input(f"data/derived/{name}.csv") for name in snapshot.TABLES]
    return snapshot.read(paths[0].parent)


def vintage(store: Store, counted: snapshot.Snapshot, imd: int, boundaries: str) -> vintages.Vintages:
    """Return the vintages that a notebook's parameters name.

    Raises CompendiumError where the registry of sources does not know them or the counts do not hold them.
    """
    return vintages.Vintages.build(read_registry(store.input("data/sources.toml")), counted, imd, boundaries)
