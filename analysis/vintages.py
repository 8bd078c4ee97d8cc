"""Which data the chain describes: the study's printed tables, or the same table from newer open data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from compendium.errors import CompendiumError

if TYPE_CHECKING:
    import pandas as pd

    from analysis.registry import Registry
    from analysis.snapshot import Snapshot

STUDY = ("2019", "stp21")


@dataclass(frozen=True)
class Vintages:
    """The vintages that a build describes, and how its documents speak of them.

    imd, boundaries : ids of the registry.
    index, areas : what the registry calls the index and the areas.
    lsoas, classified : LSOAs of England in this vintage, and those of them that have a 2011 rural-urban class.
    """

    imd: str
    boundaries: str
    index: str
    areas: str
    lsoas: int
    classified: int

    @classmethod
    def build(cls, registry: Registry, snapshot: Snapshot, imd: int | str, boundaries: str) -> Vintages:
        """Return the vintages that the parameters name.

        Raises
        ------
        CompendiumError : the registry does not know one of them, or the snapshot does not hold the pair.
        """
        from analysis.snapshot import rows_of

        year, area = str(imd), registry.boundary(boundaries)
        index = registry.imd_label(year)
        counts = rows_of(snapshot.ics_counts, "ics_counts", imd=year, boundaries=area.id)
        lsoas, classified = int(counts["lsoas"].sum()), int(counts["classified"].sum())
        return cls(year, area.id, index, area.label, lsoas, classified)

    @property
    def of_study(self) -> bool:
        """Whether these are the vintages that the study used."""
        return (self.imd, self.boundaries) == STUDY

    @property
    def label(self) -> str:
        """How tables name these vintages, such as "IMD 2025, ICBs of 2024"."""
        return f"IMD {self.imd}, {self.areas}"

    def phrases(self) -> dict[str, str]:
        """Return what sentences say of the described data, by the end of the value's key.

        ``values``, and ``tables`` after "uses", say whether values are printed or recomputed; ``index`` follows a
        clause on the index that the study used; ``cuts`` follows "with" where the printed cuts have been shown.
        """
        if self.of_study:
            return {"values": "as printed", "tables": "the tables as printed", "index": "and so do we",
                    "cuts": "these cuts"}  # fmt: skip
        own = "and so do we" if self.imd == STUDY[0] else f"while we use the {self.index}"
        return {
            "values": "recomputed from open data",
            "tables": f"tables recomputed, where possible, from open data ({self.label})",
            "index": own + ("" if self.boundaries == STUDY[1] else f" (areas: {self.areas})"),
            "cuts": "the cuts of the recomputed values",
        }

    def marked(self, caption: str) -> str:
        """Return a caption that names the vintages unless they are the study's."""
        return caption if self.of_study else f"{caption} ({self.label})"

    def provenance(self, columns: Sequence[str], place: str, *, computed: bool = False) -> str:
        """Return the note under a table: where each column's values come from and of which vintage they are.

        Parameters
        ----------
        columns : columns of the ICS table; those that are of the same source share a sentence.
        place : where the thesis prints them.
        computed : whether the table shows summaries computed from the columns, not the values themselves.
        """
        if self.of_study and computed:
            return f"Computed from the values that the thesis prints ({place})."
        if self.of_study:
            return f"As printed in the thesis ({place})."
        told: dict[str, list[str]] = {}
        for column in columns:
            name, source = self._sources().get(column, ("Everything else", f"as printed ({place})"))
            told.setdefault(source, [])
            told[source] += [name] * (name not in told[source])
        clauses = [f"{', '.join(names)}: {source}." for source, names in told.items()]
        return " ".join([f"{'Computed' if computed else 'Recomputed'} from open data.", *clauses])

    def _sources(self) -> Mapping[str, tuple[str, str]]:
        """Return what each recomputed column is called, and its source and vintage."""
        share = (
            "" if self.lsoas == self.classified else f", for the {self.classified:,} of {self.lsoas:,} LSOAs it knows"
        )
        authorities = f"authorities of 2021 with at least 5% of their LSOAs in the area, {self.areas}"
        return {
            "nhs_region": ("NHS region", "of the area’s practices in January 2022"),
            "urban_percent": ("Urban share", f"rural-urban classification of 2011{share}, {self.areas}"),
            "population": ("Population", "projected for 2022/23, on the boundaries of July 2022"),
            "utla_count": ("Authorities", authorities),
            "tier_arrangement": ("Tiers", authorities),
            "trust_count": ("NHS trusts", "open on 31 March 2022, by parent ICS"),
            "most_deprived_fifth_percent": ("Deprivation", self.label),
        }


def described(printed: pd.DataFrame, snapshot: Snapshot, vintages: Vintages) -> pd.DataFrame:
    """Return the ICS table for the chosen vintages, in the shape of the printed one.

    Parameters
    ----------
    printed : one row per ICS, as `analysis.characteristics.join` returns it.
    snapshot : counts of raw open data.
    vintages : the study's own give the printed table back unchanged.

    Returns
    -------
    The columns of ``printed``. For other vintages the values that open data hold are recomputed and rounded as
    printed, and their classes are terciles of the rounded values; the rest is as printed.

    Raises
    ------
    CompendiumError : the snapshot does not hold these vintages, or lacks an area.
    """
    if vintages.of_study:
        return printed
    from analysis.audit import rounded
    from analysis.characteristics import CLASSED, class_cuts, classify
    from analysis.snapshot import ics_table

    newer = ics_table(snapshot, vintages.imd, vintages.boundaries).set_index("area").reindex(printed["ods_code"])
    if newer["lsoas"].isna().any():
        raise CompendiumError("the recomputed table lacks some areas", found=sorted(newer.index[newer["lsoas"].isna()]))
    table = printed.copy()
    for name in ("nhs_region", "tier_arrangement"):
        table[name] = newer[name].to_numpy()
    for item in CLASSED:
        values = rounded(item.column, newer[item.column])
        table[item.column] = values.astype("int64").to_numpy()
        table[item.class_column] = classify(values, class_cuts(values, 3), item.labels).to_numpy()
    return table
