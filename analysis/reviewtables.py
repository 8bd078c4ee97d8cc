"""The tables of the umbrella review as they are printed, from the transcribed ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analysis import reviews

if TYPE_CHECKING:
    from collections.abc import Iterable

DESIGNS = {
    "Systematic review": "systematic",
    "Systematic review and meta-analysis": "systematic, pooled",
    "Review": "other",
    "Narrative review": "narrative",
    "Umbrella review": "umbrella",
}


def named(table: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table by ``review_id`` with ``review``: the label and year of each review of ``frame``."""
    labels = frame["review"] + " " + frame["year"].astype(str)
    return table.assign(review=table["review_id"].map(dict(zip(frame["review_id"], labels, strict=True))))


def quality(frame: pd.DataFrame) -> pd.DataFrame:
    """Return design, size and ratings of each review in words; ``frame`` is that of `analysis.reviews.reviews`."""
    return named(frame, frame).assign(
        design=frame["design"].map(DESIGNS),
        studies=_stated(frame["studies"]),
        amstar2=frame["amstar2"].fillna("–"),
        casp=["–" if items is None else ", ".join(map(str, items)) or "none" for items in frame["casp"]],
        risk_of_bias=frame["risk_of_bias"].map({"formal": "yes", "none": "no"}),
    )


def impacts(frame: pd.DataFrame, outcomes: pd.DataFrame) -> pd.DataFrame:
    """Return the reviews of impact, best rated first, with the direction of their evidence on each group of outcomes.

    Columns are those of ``frame`` and one per group of `analysis.reviews.OUTCOME_GROUPS`.
    """
    directions = outcomes.pivot(index="review_id", columns="outcome_group", values="direction")
    directions = directions.replace({reviews.NOT_STUDIED: "–", "little or none": "little"})
    rated = named(frame, frame)[frame["amstar2"].notna()].join(directions, on="review_id")
    rank = {rating: place for place, rating in enumerate(reviews.AMSTAR2)}
    return rated.sort_values(["amstar2", "review"], key=lambda column: column.map(lambda value: rank.get(value, value)))


def pooled(results: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the pooled results as printed; ``results`` is that of `analysis.reviews.pooled_evidence`."""
    lower, upper = _decimals(results["lower"]), _decimals(results["upper"])
    return named(results, frame).assign(
        studies=_stated(results["studies"]),
        estimate=_decimals(results["estimate"]),
        interval=[f"{low} to {high}" for low, high in zip(lower, upper, strict=True)],
        i_squared=results["i_squared"].astype(str) + "%",
    )


def domains(factors: pd.DataFrame) -> pd.DataFrame:
    """Return how many factors the reviews name in each domain, and how many help, hinder or do neither."""
    roles = pd.crosstab(factors["domain"], factors["role"])
    table = reviews.factor_frequencies(factors).join(roles, on="domain")
    return table.assign(
        domain=table["domain"].str.capitalize(),
        share=table["share"].round().astype(int),
        other=table["contextual"] + table["generic"],
    )


def _stated(numbers: Iterable[float | None]) -> list[str]:
    return [str(number) if pd.notna(number) else "not stated" for number in numbers]


def _decimals(numbers: Iterable[float]) -> list[str]:
    return [f"{number:.2f}".replace("-", "−") for number in numbers]
