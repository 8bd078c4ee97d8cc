"""Numbers of the policy analysis that prose quotes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analysis import policies

if TYPE_CHECKING:
    import pandas as pd

    Rows = list[tuple[Any, ...]]

NAMED = (
    ("england", "coverage", "whole of England"),
    ("selected", "coverage", "selected areas"),
    ("authority", "unit", "local authority"),
    ("system", "unit", "system"),
    ("mandated", "basis", "mandated"),
    ("voluntary", "basis", "voluntary"),
)
"""Properties of policies that are counted: the key, the column and its value."""


def partnerships(
    frame: pd.DataFrame, aims: pd.DataFrame, partners: pd.DataFrame, summaries: pd.DataFrame, last_year: int
) -> Rows:
    """Return how many policies are of which kind.

    Parameters
    ----------
    frame : as `analysis.policies.policies` returns it.
    aims, partners : one row per aim, and per partner, of a policy.
    summaries : by ``policy_id``, with ``extra_money``.
    last_year : until when a policy without a printed end counts as running.
    """
    started, money = frame["start"], frame["policy_id"].map(summaries["extra_money"])
    on_inequalities = set(aims.loc[aims["aim"] == "inequalities", "policy_id"])
    unequal = frame["policy_id"].isin(on_inequalities)
    before, after = started < 2005, (started >= 2005) & (started < 2015)
    named = policies.partner_frequencies(partners).set_index("partner")["policies"]
    chosen = frame[(frame["coverage"] == "selected areas") & frame["end"].notna()]
    selected_years = float((chosen["end"] - chosen["start"] + 1).median())
    most = policies.in_force(frame, last_year)["policies"].max()
    return [
        ("count", len(frame), "policies", "national policies in the table"),
        ("first-year", str(started.min()), "", "first year of the first policy"),
        ("most", most, "policies", "most policies in force in a year"),
        *((key, (frame[column] == value).sum(), "policies", f"policies: {value}") for key, column, value in NAMED),
        ("unequal", len(on_inequalities), "policies", "policies with an intended impact on inequalities"),
        ("before", before.sum(), "policies", "policies begun before 2005"),
        ("before-unequal", (before & unequal).sum(), "policies", "of them on inequalities"),
        ("after", after.sum(), "policies", "policies begun from 2005 to 2014"),
        ("after-unequal", (after & unequal).sum(), "policies", "of them on inequalities"),
        *(
            (f"money-{key}", (money == value).sum(), "policies", f"extra money: {value}")
            for key, value in (("yes", "yes"), ("conditional", "conditional"), ("none", "not mentioned"))
        ),
        *(
            (
                f"{key}-money",
                ((frame["coverage"] == value) & (money == "yes")).sum(),
                "policies",
                f"with extra money, of those that cover {value}",
            )
            for key, _, value in NAMED[:2]
        ),
        ("open", frame["end"].isna().sum(), "policies", "without a printed end"),
        ("selected-years", selected_years, "years", "median years that policies in selected areas ran", "{:g}"),
        ("aims", aims["aim"].nunique(), "aims", "kinds of intended impact"),
        ("partners", len(named), "kinds", "kinds of partner that policies name"),
        ("with-authorities", named["local authorities"], "policies", "that name councils"),
        (
            "with-community",
            named["voluntary and community sector"],
            "policies",
            "that name voluntary or community organisations",
        ),
    ]


def structure(relations: pd.DataFrame) -> Rows:
    """Return how many relations between bodies policy names, and how many it leaves open."""
    counts = relations["relation"].value_counts()
    return [
        ("relations", len(relations), "relations", "relations between bodies"),
        ("open", counts["unclear"], "relations", "relations that policy leaves open"),
        ("guides", counts["guides"], "relations", "that guide without power"),
    ]


def streams(table: pd.DataFrame) -> Rows:
    """Return the components and challenges of each stream."""
    tally = policies.streams(table).set_index("stream")
    return [
        ("components", tally["component"].sum(), "components", "components in all streams"),
        ("challenges", tally["challenge"].sum(), "challenges", "challenges in all streams"),
        *(
            (f"{stream}-{kind}s", tally.loc[stream, kind], f"{kind}s", f"{kind}s, {stream}")
            for stream in policies.STREAMS
            for kind in ("component", "challenge")
        ),
    ]
