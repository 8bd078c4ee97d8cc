"""Numbers of the umbrella review that prose quotes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analysis import reviews

if TYPE_CHECKING:
    import pandas as pd

    Rows = list[tuple[Any, ...]]

SHORT = {
    "health": "health",
    "service use and quality": "services",
    "resource use and spending": "spending",
    "process": "process",
}
"""The groups of outcomes in the keys of values."""


def quality(frame: pd.DataFrame, recent: int) -> Rows:
    """Return number, years, size and ratings of the reviews; ``frame`` is that of `analysis.reviews.reviews`."""
    met, known = frame["casp"].dropna(), frame["studies"].dropna()
    rated, appraised = frame["amstar2"].notna(), frame["risk_of_bias"] == "formal"
    return [
        ("reviews", len(frame), "reviews", "reviews in the umbrella review"),
        ("first-year", str(frame["year"].min()), "", "year of the oldest review"),
        ("last-year", str(frame["year"].max()), "", "year of the newest review"),
        ("impact", rated.sum(), "reviews", "reviews of impact"),
        ("casp", len(met), "reviews", "reviews of factors only"),
        *(
            (
                f"amstar-{name.replace(' ', '-')}",
                (frame["amstar2"] == name).sum(),
                "reviews",
                f"reviews of impact rated {name}",
            )
            for name in reviews.AMSTAR2
        ),
        ("casp-none", (met.map(len) == 0).sum(), "reviews", "reviews that meet no item"),
        ("casp-four", (met.map(len) >= 4).sum(), "reviews", "reviews that meet four items"),
        ("appraised", appraised.sum(), "reviews", "reviews with formal appraisal"),
        ("sized", len(known), "reviews", "reviews that say how many studies they hold"),
        ("median-studies", int(known.median()), "studies", "median size of those reviews"),
        ("smallest", int(known.min()), "studies", "size of the smallest review"),
        ("largest", int(known.max()), "studies", "size of the largest review"),
        ("systematic", frame["design"].str.startswith("Systematic").sum(), "reviews", "systematic reviews"),
        ("recent-from", str(recent), "", "year from which a review counts as recent"),
        ("recent", (frame["year"] >= recent).sum(), "reviews", "reviews from that year or later"),
        ("impact-appraised", (rated & appraised).sum(), "reviews", "reviews of impact with formal appraisal"),
        *(
            (
                f"casp-item-{item}",
                sum(item in items for items in met),
                "reviews",
                f"reviews of factors only that fully meet CASP item {item}",
            )
            for item in reviews.CASP_ITEMS
        ),
    ]


def impacts(outcomes: pd.DataFrame, factors: pd.DataFrame, frame: pd.DataFrame) -> Rows:
    """Return how many reviews point in which direction on which group of outcomes, and what the best rated find."""
    counts, best = reviews.evidence_map(outcomes), reviews.evidence_by_quality(outcomes, frame)
    good, weak = best["direction"] == "favourable", best["amstar2"].isin(["low", "critically low"])
    both = set(outcomes["review_id"]) & set(factors["review_id"])
    return [
        ("both", len(both), "reviews", "reviews with evidence on impact and factors"),
        *(
            (f"{SHORT[group]}-studied", counts.loc[group, "studied"], "reviews", f"reviews that studied {group}")
            for group in reviews.OUTCOME_GROUPS
        ),
        *(
            (
                f"{SHORT[group]}-{direction.replace(' ', '-')}",
                counts.loc[group, direction],
                "reviews",
                f"reviews whose evidence on {group} is {direction}",
            )
            for group in reviews.OUTCOME_GROUPS
            for direction in reviews.DIRECTIONS
        ),
        (
            "high-favourable",
            (good & (best["amstar2"] == "high")).sum(),
            "findings",
            "favourable findings of the reviews rated high",
        ),
        (
            "health-favourable-weak",
            (good & weak & (best["outcome_group"] == "health")).sum(),
            "reviews",
            "reviews favourable on health that were rated low or critically low",
        ),
    ]


def pooled(results: pd.DataFrame) -> Rows:
    """Return how the pooled results point; ``results`` is that of `analysis.reviews.pooled_evidence`."""
    good = results[results["direction"] == "favourable"]
    return [
        ("count", len(results), "results", "pooled results printed"),
        ("favourable", len(good), "results", "favourable, the interval excluding no effect"),
        ("none", (results["direction"] == "none").sum(), "results", "interval includes no effect"),
        ("heterogeneous", (good["i_squared"] >= 50).sum(), "results", "favourable with I squared from 50%"),
    ]


def factors(named: pd.DataFrame) -> Rows:
    """Return what the reviews name as reasons: one row of ``named`` per factor of a review."""
    domains = reviews.factor_frequencies(named)
    keys: dict[Any, str] = {domain: domain.split()[0] for domain in reviews.DOMAINS}
    by_review = named["review_id"].value_counts()
    outside = named.loc[named["domain"] == "external factors", "review_id"].value_counts()
    said = {
        key: named[named["factor"].str.contains(word, case=False)]["review_id"].nunique()
        for key, word in (("communication", "communicat"), ("trust", "trust"))
    }
    return [
        ("factors", len(named), "factors", "factors that the reviews name"),
        ("factor-reviews", named["review_id"].nunique(), "reviews", "reviews that name any"),
        *(
            (f"{keys[row.domain]}-factors", row.factors, "factors", f"factors of {row.domain}")
            for row in domains.itertuples()
        ),
        *(
            (f"{keys[row.domain]}-share", row.share, "%", f"reviews that name {row.domain}", "{:.0f}%")
            for row in domains.itertuples()
        ),
        *(
            (role, (named["role"] == role).sum(), "factors", f"{role} factors")
            for role in ("supportive", "constraining")
        ),
        ("most-factors", by_review.iloc[0], "factors", "factors of the review that names most"),
        ("second-most-factors", by_review.iloc[1], "factors", "of the review after it"),
        ("external-reviews", len(outside), "reviews", "reviews that name external factors"),
        ("external-few", (outside <= 2).sum(), "reviews", "of them, those that name one or two"),
        *((word, number, "reviews", f"reviews that name {word} in words") for word, number in said.items()),
    ]


def search(lines: pd.DataFrame) -> Rows:
    """Return the size of the search; ``lines`` are those printed."""
    hits = reviews.search_funnel(lines)["hits"]
    return [
        ("search-lines", len(lines), "lines", "lines of the printed search"),
        ("search-joined", hits.iloc[3], "records", "records with all three concepts"),
        ("search-limited", hits.iloc[4], "records", "records after the limits"),
        ("search-faults", len(reviews.impossible_counts(lines)), "lines", "impossible counts"),
    ]
