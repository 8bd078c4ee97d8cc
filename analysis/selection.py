"""Purposive selection of cases: the most deprived group of ICSs, and how the chosen profiles differ.

The three sites are anonymous. Nothing here compares a profile with an ICS: of the candidates only their number
is reported.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import pandas as pd

from analysis.characteristics import CLASSED, class_cuts, class_labels, classify
from analysis.quantiles import LINEAR
from compendium.errors import CompendiumError

MEASURE = "most_deprived_fifth_percent"
GROUPS = {2: "half", 3: "tercile", 4: "quarter", 5: "fifth", 6: "sixth"}
ORDINALS = ("", "second", "third", "fourth", "fifth")
PROFILE_COLUMNS = ("deprivation", "geography", "population_size", "ics_wave", "policy_involvement")
"""What the thesis prints about each site; the first is held constant by design, the others should vary."""


@dataclass(frozen=True)
class Specification:
    """How the subgroup is drawn.

    Parameters
    ----------
    measure : column that measures deprivation; a higher value means more deprived.
    groups : number of equal groups, 2-6 (3 = terciles, as published).
    group_from_top : which group; 1 is the most deprived.
    quantile_type : Hyndman and Fan's type of the cuts, 1-9.
    """

    measure: str = MEASURE
    groups: int = 3
    group_from_top: int = 1
    quantile_type: int = LINEAR

    def __post_init__(self) -> None:
        if not isinstance(self.measure, str) or not self.measure:
            raise CompendiumError("parameter measure is not a column name", found=repr(self.measure))
        _integer_within("groups", self.groups, 2, 6)
        _integer_within("group_from_top", self.group_from_top, 1, self.groups)
        _integer_within("quantile_type", self.quantile_type, 1, 9)


@dataclass(frozen=True)
class Selection:
    """A drawn subgroup: its members, how many ICSs it was drawn from, and the cuts used (low to high)."""

    members: pd.DataFrame
    drawn_from: int
    cuts: tuple[float, ...]

    @property
    def size(self) -> int:
        """Number of ICSs in the subgroup."""
        return len(self.members)


def select(frame: pd.DataFrame, specification: Specification | None = None) -> Selection:
    """Draw the subgroup of ICSs that a specification describes.

    Parameters
    ----------
    frame : one row per ICS with the column ``specification.measure`` (any unit).
    specification : defaults to the published rule, the top tercile of the share of LSOAs in the most
        deprived fifth of England.

    Returns
    -------
    Selection whose ``members`` are the chosen rows of ``frame``, unchanged, in their order.

    Raises
    ------
    CompendiumError : the measure is missing, is no number, or has missing values; or the specification selects nobody.
    """
    specification = specification or Specification()
    measure = specification.measure
    if measure not in frame.columns:
        raise CompendiumError(
            "the deprivation measure is not a column of the data",
            column=measure,
            expected=[name for name in frame.columns if pd.api.types.is_numeric_dtype(frame[name])],
        )
    if not pd.api.types.is_numeric_dtype(frame[measure]) or pd.api.types.is_bool_dtype(frame[measure]):
        raise CompendiumError("the deprivation measure is not a number", column=measure)
    if frame[measure].isna().any():
        raise CompendiumError(
            "the deprivation measure is missing for some ICSs",
            column=measure,
            found=f"{int(frame[measure].isna().sum())} missing values",
            expected="a number for each ICS",
        )
    cuts = class_cuts(frame[measure], specification.groups, specification.quantile_type)
    labels = class_labels(specification.groups)
    classes = classify(frame[measure], cuts, labels)
    members = frame[classes == labels[-specification.group_from_top]]
    if members.empty:
        raise CompendiumError(
            "the specification selects no ICS, because ties leave its group empty",
            column=measure,
            found=f"group {specification.group_from_top} of {specification.groups} from the top, with cuts at "
            + ", ".join(f"{cut:g}" for cut in cuts),
            expected="another group, number of groups or measure",
        )
    return Selection(members.copy(), len(frame), tuple(float(cut) for cut in cuts))


def group_named(specification: Specification) -> str:
    """Return what the drawn group is called after "the": "most deprived tercile", "second most deprived quarter"."""
    from_top, groups = specification.group_from_top, specification.groups
    high, low = ("most deprived", "least deprived") if specification.measure == MEASURE else ("highest", "lowest")
    if from_top == groups:
        return f"{low} {GROUPS[groups]}"
    return f"{ORDINALS[from_top - 1]} {high} {GROUPS[groups]}".strip()


def measure_named(specification: Specification) -> str:
    """Return what systems are ranked by, after "by"."""
    if specification.measure == MEASURE:
        return "the share of their LSOAs that belong to England’s most deprived fifth"
    title = next((item.title for item in CLASSED if item.column == specification.measure), specification.measure)
    return f"another measure than the study’s ({title})"


def sentence(selection: Selection, specification: Specification) -> str:
    """Return the sentence that says which values put a system in the group, and how many systems it holds."""
    measure, cuts, from_top = specification.measure, selection.cuts, specification.group_from_top
    unit = "%" if measure.endswith("_percent") else ""
    noun = "share" if measure == MEASURE else "value"
    place = len(cuts) - from_top  # of the group's lower cut; the upper one follows
    bounds = []
    if place >= 0:
        bounds.append(f"{'from' if _ties_go_up(place, cuts) else 'above'} {cuts[place]:,.1f}{unit}")
    if place + 1 < len(cuts):
        bounds.append(f"{'below' if _ties_go_up(place + 1, cuts) else 'up to'} {cuts[place + 1]:,.1f}{unit}")
    lowest, highest = selection.members[measure].min(), selection.members[measure].max()
    systems = "1 system" if selection.size == 1 else f"{selection.size} systems"
    return (
        f"A {noun} {' and '.join(bounds)} puts an ICS in the {group_named(specification)}: {systems}, "
        f"with {noun}s from {lowest:,}{unit} to {highest:,}{unit}."
    )


def comparison(selection: Selection, study: Selection) -> str:
    """Return the sentence that sets the size of the drawn subgroup beside the study's (both hold ``stp21_code``)."""
    kept = set(selection.members["stp21_code"]) & set(study.members["stp21_code"])
    if len(kept) == selection.size == study.size:
        return "The study reports the same number."
    number = "the same number" if selection.size == study.size else str(study.size)
    among = {0: "none of its systems is", 1: "1 of its systems is"}.get(len(kept), f"{len(kept)} of its systems are")
    return f"The study, with its own data and rule, reports {number}; {among} in the group drawn here."


def _ties_go_up(place: int, cuts: Sequence[float]) -> bool:
    """Return whether a value on this cut belongs to the group above it, as in `analysis.characteristics.classify`."""
    return place < (len(cuts) - 1) / 2


def by_region(frame: pd.DataFrame, selection: Selection) -> pd.DataFrame:
    """Count all ICSs and the drawn subgroup by NHS region.

    Regions only: no printed profile names a region, so the counts narrow nobody down.

    Parameters
    ----------
    frame : one row per ICS with ``nhs_region``.
    selection : what `select` drew from it.

    Returns
    -------
    ``nhs_region``, ``all``, ``subgroup``; one row per region in alphabetical order.
    """
    everyone = frame["nhs_region"].value_counts().sort_index()
    drawn = selection.members["nhs_region"].value_counts().reindex(everyone.index, fill_value=0)
    return pd.DataFrame({"nhs_region": everyone.index, "all": everyone.to_numpy(), "subgroup": drawn.to_numpy()})


def heterogeneity(profiles: pd.DataFrame) -> pd.DataFrame:
    """Say for each printed characteristic in how many ways the chosen profiles differ.

    Parameters
    ----------
    profiles : one row per site with ``PROFILE_COLUMNS``, as in ``case_profiles.csv``.

    Returns
    -------
    ``characteristic``, ``profiles`` (rows compared), ``distinct_values``, ``differing_pairs``, ``pairs``.
    """
    pairs = list(combinations(range(len(profiles)), 2))
    rows = []
    for column in PROFILE_COLUMNS:
        values = profiles[column].tolist()
        rows.append(
            {
                "characteristic": column,
                "profiles": len(values),
                "distinct_values": len(set(values)),
                "differing_pairs": sum(values[i] != values[j] for i, j in pairs),
                "pairs": len(pairs),
            }
        )
    return pd.DataFrame(rows)


def differences(profiles: pd.DataFrame) -> pd.DataFrame:
    """Count the printed characteristics on which each pair of profiles differs (Hamming distance).

    Returns ``first``, ``second`` (site letters), ``differing``, ``characteristics`` (how many were compared).
    """
    rows = []
    for i, j in combinations(range(len(profiles)), 2):
        first, second = profiles.iloc[i], profiles.iloc[j]
        differing = sum(first[column] != second[column] for column in PROFILE_COLUMNS)
        rows.append((first["site"], second["site"], int(differing), len(PROFILE_COLUMNS)))
    return pd.DataFrame(rows, columns=["first", "second", "differing", "characteristics"])


def _integer_within(name: str, value: object, lowest: int, highest: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
        raise CompendiumError(
            f"parameter {name} is out of range", found=repr(value), expected=f"an integer from {lowest} to {highest}"
        )
