"""National policies on local health partnerships, 1997-2022 (thesis chapter 4), and the policy streams of chapter 5."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import pandas as pd

from compendium.data import loading
from compendium.errors import CompendiumError

PERIOD = (1997, 2022)
"""The years that the thesis reviews; policies with an open date are drawn to its last year."""
AIMS = (
    "health and wellbeing",
    "inequalities",
    "service quality and access",
    "integration",
    "efficiency",
    "social and economic conditions",
    "prevention and less hospital use",
    "partnership and engagement",
)
STREAMS = ("policy", "process", "resources")


def policies() -> pd.DataFrame:
    """Return the 19 policies in printed order; ``end`` is missing where the table prints none."""
    frame = loading.read("policies")
    wrong = frame[frame["end"].notna() & (frame["end"] < frame["start"])]
    if len(wrong):
        raise CompendiumError("a policy ends before it starts", row=wrong.iloc[0]["policy"], column="end")
    return frame


def timeline(frame: pd.DataFrame, until: int = PERIOD[1]) -> pd.DataFrame:
    """Return one bar per policy, earliest first: ``policy``, ``from``, ``to``, ``open``, ``coverage``, ``unit``.

    ``open`` is true where no end is printed. ``to`` is then ``until`` where the printed date is open (``2013-``), and
    the first year where a start alone is printed (``1998``): how long such a policy ran is not known.
    """
    known = frame["end"].where(frame["date_printed"].str.endswith("-") | frame["end"].notna(), frame["start"])
    bars = pd.DataFrame(
        {
            "policy": frame["policy"],
            "from": frame["start"],
            "to": known.fillna(until).astype(int),
            "open": frame["end"].isna(),
            "coverage": frame["coverage"],
            "unit": frame["unit"],
        }
    )
    return bars.sort_values(["from", "to", "policy"], kind="stable").reset_index(drop=True)


def in_force(frame: pd.DataFrame, until: int = PERIOD[1]) -> pd.DataFrame:
    """Count the policies in force in each year of the period by `timeline`: ``year``, ``policies``; end years count."""
    bars = timeline(frame, until)
    years = range(PERIOD[0], until + 1)
    counts = [int(((bars["from"] <= year) & (year <= bars["to"])).sum()) for year in years]
    return pd.DataFrame({"year": list(years), "policies": counts})


def aims_by_policy(frame: pd.DataFrame, aims: pd.DataFrame) -> pd.DataFrame:
    """Return which policy has which intended impact: policies as rows in printed order, `AIMS` as columns of bools."""
    table = pd.crosstab(aims["policy_id"], aims["aim"]).reindex(frame["policy_id"], fill_value=0)
    table = table.reindex(columns=list(AIMS), fill_value=0).astype(bool)
    return table.set_axis(frame["policy"], axis=0).rename_axis(index="policy", columns=None)


def partner_frequencies(partners: pd.DataFrame) -> pd.DataFrame:
    """Count the policies that name each kind of partner, most frequent first: ``partner``, ``policies``."""
    counts = partners.groupby("partner")["policy_id"].nunique().sort_index()
    return counts.sort_values(ascending=False, kind="stable").rename("policies").reset_index()


def streams(table: pd.DataFrame) -> pd.DataFrame:
    """Count components and challenges of each stream of chapter 5: ``stream``, ``component``, ``challenge``."""
    counts = pd.crosstab(table["stream"], table["kind"]).reindex(index=list(STREAMS), fill_value=0)
    return counts[["component", "challenge"]].rename_axis(index="stream", columns=None).reset_index()


def figures() -> dict[str, int | float]:
    """Return the figures of chapters 4 and 5 that follow from these tables, by key of the ledger."""
    frame = policies().set_index("policy_id")
    aims = loading.read("policy_aims")
    ndc: dict[Hashable, Any] = frame.loc["ndc"].to_dict()
    haz: dict[Hashable, Any] = frame.loc["haz"].to_dict()
    return {
        "policies.count": len(frame),
        "policies.first-year": int(frame["start"].min()),
        "policies.whole-of-england": int((frame["coverage"] == "whole of England").sum()),
        "policies.selected-areas": int((frame["coverage"] == "selected areas").sum()),
        "policies.aiming-at-inequalities": int((aims["aim"] == "inequalities").sum()),
        "policies.most-in-force": int(in_force(frame.reset_index())["policies"].max()),
        "policies.ndc-average": float(ndc["population_total"] / ndc["areas"]),
        "policies.haz-average": float(haz["population_total"] / haz["areas"]),
        "policies.streams": len(STREAMS),
        "policies.pilots": int(frame["areas"]["icp"]),
    }
