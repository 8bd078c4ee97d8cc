"""Numbers of coded evidence that prose quotes: what a notebook hands to `record_values`.

Each row is the rest of a key, the value, its unit, a clause on what it is and, where needed, how it is displayed.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from compendium.evidence import recoding
from compendium.evidence.evidence import Evidence, key
from compendium.evidence.triangulation import VERDICTS

if TYPE_CHECKING:
    import pandas as pd

    Rows = list[tuple[Any, ...]]


def held(overview: pd.DataFrame, coded: Evidence) -> Rows:
    """Return what each study holds; ``overview`` is that of `compendium.evidence.speakers.overview`."""
    kinds = coded.segments.groupby(["study", "kind"]).size()
    told = (
        ("segments", "segments", "segments of"),
        ("speakers", "speakers", "fewest behind"),
        ("codes", "codes", "used in"),
    )
    return [
        *(
            (f"{column}.{key(row['study'])}", row[column], unit, f"{words} {row['study']}")
            for column, unit, words in told
            for row in overview.to_dict("records")
        ),
        *(
            (f"{kind}.{key(name)}", kinds.get((name, kind), 0), "segments", f"{kind} quotations of {name}")
            for kind in ("displayed", "inline")
            for name in coded.studies
        ),
        ("segments.all", len(coded.segments), "segments", "segments of all studies"),
        ("codings.all", overview["codings"].sum(), "codings", "codes on segments, all studies"),
        ("studies", len(coded.studies), "studies", "studies with coded segments"),
    ]


def new_codes(summaries: pd.DataFrame) -> Rows:
    """Return how many codes are new at the end of each study; one row of ``summaries`` per study."""
    about = "codes first seen in the last quarter of the segments of"
    return [
        (key(row["study"]), row["new_in_last"], "codes", f"{about} {row['study']}")
        for row in summaries.to_dict("records")
    ]


def recoded(stability: pd.DataFrame, decided: pd.DataFrame, share: float, seed: int) -> Rows:
    """Return what the second coding shows; the parameters are those of `compendium.evidence.recoding`."""
    return [
        ("seed", seed, "", "seed of the drawing", str(seed)),
        ("share", 100 * share, "%", "of each study's segments", "{:.0f}"),
        *(
            (name, value, unit, f"second coding, codes given by reading: {name}", display)
            for name, (value, unit, display) in recoding.summary(stability, decided).items()
        ),
    ]


def themes(behind: pd.DataFrame, studies: Collection[str]) -> Rows:
    """Return what stands behind each theme of the studies whose code ids are fixed, and how many themes there are."""
    rows = behind[behind["study"].isin(list(studies))].to_dict("records")
    return [
        *(
            (f"{row['code_id']}.{what}", row[what], what, f"{what} behind {row['theme']}")
            for row in rows
            for what in ("segments", "speakers", "sectors")
        ),
        ("all", len(behind), "themes", "themes of the studies at hand"),
    ]


def verdicts(cells: pd.DataFrame, people: Sequence[str]) -> Rows:
    """Return how the verdicts fall.

    Parameters
    ----------
    cells : as `compendium.evidence.triangulation.matrix` returns them.
    people : the studies at hand that interviewed people.
    """
    tally = cells["verdict"].value_counts()
    wide = cells.pivot(index="theme_id", columns="study", values="verdict")
    agreed = int((wide[list(people)] == "agree").all(axis=1).sum()) if people else 0
    return [
        ("statements", cells["theme_id"].nunique(), "statements", "statements judged"),
        ("cells", len(cells), "verdicts", "statements times studies"),
        *((verdict, tally.get(verdict, 0), "verdicts", f"verdicts '{verdict}'") for verdict in VERDICTS),
        (
            "all-interviews-agree",
            agreed,
            "statements",
            "statements on which every interview document at hand agrees in full",
        ),
        (
            "contradicted",
            (wide == "contradict").any(axis=1).sum(),
            "statements",
            "statements that at least one study contradicts",
        ),
    ]


def prints(overlaps: pd.DataFrame, conflicts: pd.DataFrame) -> Rows:
    """Return how many quotations are printed twice, and about what their prints differ."""
    return [
        ("overlaps.all", len(overlaps), "quotations", "quotations printed twice"),
        ("overlaps.across", (overlaps["kind"] == "across").sum(), "quotations", "printed in two documents"),
        ("conflicts.all", len(conflicts), "conflicts", "where two prints of a quotation differ"),
        *(
            (f"conflicts.{kind}", (conflicts["kind"] == kind).sum(), "conflicts", f"about {kind}")
            for kind in ("site", "label", "wording", "extent", "speaker")
        ),
    ]


def references(printed: pd.DataFrame, domains: Sequence[str]) -> Rows:
    """Return the printed cross-references, by the domain that makes them and the one they point to."""
    return [
        ("cross-references", len(printed), "cross-references", "printed in the results"),
        ("count", len(domains), "domains", "domains of the umbrella review"),
        *(
            (f"from.{name}", (printed["from_domain"] == name).sum(), "cross-references", "made there")
            for name in domains
        ),
        *(
            (f"to.{name}", (printed["to_domain"] == name).sum(), "cross-references", "pointing there")
            for name in domains
        ),
    ]
