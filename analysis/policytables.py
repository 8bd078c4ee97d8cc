"""The tables of the policy analysis as they are printed, from the transcribed ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.policies import STREAMS

if TYPE_CHECKING:
    import pandas as pd

EXTENT = {"whole of England": "England", "most of England": "most", "selected areas": "selected", "not stated": "–"}
STREAM_NAMES = ("Policy: aims", "Process: mechanisms", "Resources")
"""The streams as printed, in the order of `analysis.policies.STREAMS`."""


def overview(frame: pd.DataFrame, summaries: pd.DataFrame) -> pd.DataFrame:
    """Return years, coverage and money of each policy.

    Parameters
    ----------
    frame : as `analysis.policies.policies` returns it.
    summaries : by ``policy_id``, with ``extra_money``, ``summary`` and ``target``.
    """
    return frame.assign(
        years=_years(frame),
        coverage=frame["coverage"].map(EXTENT),
        areas_printed=frame["areas_printed"].fillna("–"),
        money=frame["policy_id"].map(summaries["extra_money"]).replace("not mentioned", "–"),
    )


def contents(frame: pd.DataFrame, summaries: pd.DataFrame, partners: pd.DataFrame, aims: pd.DataFrame) -> pd.DataFrame:
    """Return what each policy asked for, of whom and to what end; ``partners`` and ``aims`` have a row for each."""
    return frame.assign(
        policy=frame["policy"] + ", " + _years(frame),
        summary=frame["policy_id"].map(summaries["summary"]),
        target=frame["policy_id"].map(summaries["target"]),
        partners=frame["policy_id"].map(partners.groupby("policy_id")["partner"].agg(", ".join)),
        aims=frame["policy_id"].map(aims.groupby("policy_id")["aim"].agg(", ".join)),
    )


def streams(table: pd.DataFrame) -> pd.DataFrame:
    """Return components and challenges of each stream as lists: ``stream``, ``component``, ``challenge``."""
    items = "• " + table["summary"].str[:1].str.upper() + table["summary"].str[1:]
    listed = items.groupby([table["stream"], table["kind"]]).agg("\n".join).unstack().reindex(list(STREAMS))
    return listed.reset_index().assign(stream=list(STREAM_NAMES))


def _years(frame: pd.DataFrame) -> pd.Series:
    return frame["date_printed"].str.replace("-", "–")
