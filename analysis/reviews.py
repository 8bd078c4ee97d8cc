"""The umbrella review of thesis chapter 3: 36 reviews, their quality, impacts and factors, and the search funnel."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from compendium.data import loading
from compendium.errors import CompendiumError

AMSTAR2 = ("high", "medium", "low", "critically low")
CASP_ITEMS = (1, 2, 3, 4, 5)
OUTCOME_GROUPS = ("health", "service use and quality", "resource use and spending", "process")
DIRECTIONS = ("favourable", "mixed", "little or none", "unfavourable", "limited", "not reported")
"""How a review's evidence on an outcome group points, as we read the printed summary; "not studied" is kept apart."""
NOT_STUDIED = "not studied"
DOMAINS = (
    "motivation and purpose",
    "relationships and cultures",
    "resources and capabilities",
    "governance and leadership",
    "external factors",
)


def reviews() -> pd.DataFrame:
    """Return the 36 reviews, one row each, with ``casp`` as a tuple of the items fully met (``None``: not assessed)."""
    frame = loading.read("reviews")
    items = pd.Series([casp_items(printed) for printed in frame["casp_printed"]], index=frame.index, dtype=object)
    return frame.assign(casp=items)


def casp_items(printed: str | None) -> tuple[int, ...] | None:
    """Return the items that a printed CASP cell lists: "1,2" and "1.5" are lists, "-" none, an empty cell no rating."""
    if printed is None or pd.isna(printed):
        return None
    numbers = [] if printed == "-" else printed.replace(".", ",").split(",")
    if not all(number.isdigit() and int(number) in CASP_ITEMS for number in numbers):
        raise CompendiumError(
            "a CASP cell lists no items", column="casp_printed", found=printed, expected="items 1 to 5, or -"
        )
    return tuple(int(number) for number in numbers)


def quality_profile(frame: pd.DataFrame) -> pd.DataFrame:
    """Count the reviews by rating: AMSTAR 2 for those with outcomes, number of CASP items met for the others.

    Returns
    -------
    ``instrument``, ``rating``, ``reviews``; ratings that no review has stand with 0.
    """
    amstar = frame["amstar2"].value_counts().reindex(AMSTAR2, fill_value=0)
    met = frame["casp"].dropna().map(len).value_counts().reindex(range(len(CASP_ITEMS) + 1), fill_value=0)
    rows = [("AMSTAR 2", rating, int(count)) for rating, count in amstar.items()]
    rows += [("CASP", f"{number} of 5 items", int(count)) for number, count in met.items()]
    return pd.DataFrame(rows, columns=["instrument", "rating", "reviews"])


def evidence_map(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Count the reviews by outcome group (rows) and direction (columns, then ``studied``)."""
    counts = pd.crosstab(outcomes["outcome_group"], outcomes["direction"])
    counts = counts.reindex(index=list(OUTCOME_GROUPS), columns=list(DIRECTIONS), fill_value=0)
    counts["studied"] = counts.sum(axis=1)
    return counts.rename_axis(index="outcome_group", columns=None)


def evidence_by_quality(outcomes: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the evidence with each review's label and AMSTAR 2 rating, best rated first; "not studied" left out."""
    merged = outcomes.merge(frame[["review_id", "review", "amstar2"]], on="review_id", validate="many_to_one")
    rank = {rating: place for place, rating in enumerate(AMSTAR2)}
    merged = merged[merged["direction"] != NOT_STUDIED]
    order = merged["amstar2"].map(rank)
    return merged.assign(_order=order).sort_values(["_order", "review"], kind="stable").drop(columns="_order")


def factor_frequencies(factors: pd.DataFrame) -> pd.DataFrame:
    """Count factors and the reviews that name one, by domain: ``domain``, ``factors``, ``reviews``, ``share`` (%)."""
    total = factors["review_id"].nunique()
    rows = []
    for domain in DOMAINS:
        named = factors[factors["domain"] == domain]
        count = named["review_id"].nunique()
        rows.append((domain, len(named), count, 100 * count / total))
    return pd.DataFrame(rows, columns=["domain", "factors", "reviews", "share"])


def search_funnel(search: pd.DataFrame) -> pd.DataFrame:
    """Return the lines of the search that combine others, in order: ``line``, ``content``, ``hits``, ``share`` (%).

    ``share`` is the part of the line before it in the funnel that is left (missing for the first three, which are
    the concepts that the funnel joins).
    """
    funnel = search[search["operation"].notna()].reset_index(drop=True)
    hits = funnel["hits"].tolist()
    narrowest = min(hits[:3])
    share = [None, None, None, 100 * hits[3] / narrowest, 100 * hits[4] / hits[3]]
    return funnel[["line", "content", "hits"]].assign(share=share)


def impossible_counts(search: pd.DataFrame) -> list[int]:
    """Return lines of a boolean search whose hits cannot follow from the lines they combine.

    An "or" gives at least its largest line and at most the sum; an "and" or a limit at most its smallest line.
    """
    hits: Mapping[int, int] = dict(zip(search["line"], search["hits"], strict=True))
    wrong = []
    for line, operation in zip(search["line"], search["operation"], strict=True):
        if not isinstance(operation, str):
            continue
        parts = [hits[int(word)] for word in operation.split() if word.isdigit()]
        low, high = (max(parts), sum(parts)) if " or " in operation else (0, min(parts))
        if not low <= hits[line] <= high:
            wrong.append(int(line))
    return wrong


def pooled_evidence(pooled: pd.DataFrame) -> pd.DataFrame:
    """Return the pooled results with ``excludes``: whether the 95% interval leaves out no effect.

    Ratios have no effect at 1, differences at 0. Raises CompendiumError when the noted direction says otherwise.
    """
    neutral = pooled["measure"].str.contains("ratio").map({True: 1.0, False: 0.0})
    excludes = (pooled["lower"] > neutral) | (pooled["upper"] < neutral)
    wrong = pooled[excludes != (pooled["direction"] != "none")]
    if len(wrong):
        raise CompendiumError(
            "a pooled result's direction does not follow from its interval", row=wrong.iloc[0]["outcome"],
            column="direction", found=wrong.iloc[0]["direction"],
        )  # fmt: skip
    return pooled.assign(excludes=excludes)


def figures() -> dict[str, int]:
    """Return the figures of the chapter that follow from its tables, by key of the ledger."""
    frame, outcomes, factors = reviews(), loading.read("review_outcomes"), loading.read("review_factors")
    ratings = frame["amstar2"].value_counts()
    rated = loading.read("review_bias_ratings").groupby("review_id")["studies"].sum()
    return {
        "reviews.count": len(frame),
        "reviews.amstar-high": int(ratings.get("high", 0)),
        "reviews.amstar-medium": int(ratings.get("medium", 0)),
        "reviews.amstar-low": int(ratings.get("low", 0)),
        "reviews.amstar-critically-low": int(ratings.get("critically low", 0)),
        "reviews.casp-only": int(frame["casp_printed"].notna().sum()),
        "reviews.formal-appraisal": int((frame["risk_of_bias"] == "formal").sum()),
        "reviews.with-impacts": int(outcomes["review_id"].nunique()),
        "reviews.with-factors": int(factors["review_id"].nunique()),
        "reviews.factors": len(factors),
        "reviews.domains": int(factors.loc[factors["domain"].isin(DOMAINS), "domain"].nunique()),
        "reviews.liljas-rated": int(rated["liljas2019impact"]),
        "reviews.whiteford-rated": int(rated["whiteford2014system"]),
        "reviews.herdiana-quantitative": int(rated["herdiana2018intersectoral"]),
        "search.impossible": len(impossible_counts(loading.read("search_strategy"))),
    }
