"""New information by interview: base, run and threshold, after Guest, Namey and Chen (2020, PLoS ONE 15:e0232076).

The codes of the first interviews (the *base*, four by default) are the yardstick. A *run* is a few interviews in a row
(two by default); its new information is how many codes it brings that no interview before it held, as a share of the
codes of the base. Saturation is said to be reached where a run brings no more than a *threshold* (5% or none). The
authors write "6+2" where that holds after six interviews for the run of two behind them.

The answer depends on the order of the interviews. Beside the order at hand stand many random orders of the same
interviews: how many interviews they need.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from compendium.errors import CompendiumError
from compendium.evidence import saturation

DRAWS = 1_000


@dataclass(frozen=True)
class Measure:
    """Base and run in interviews, threshold in percent of the codes of the base.

    Raises
    ------
    CompendiumError : base or run is below one, or the threshold no percentage.
    """

    base: int = 4
    run: int = 2
    threshold: float = 5.0

    def __post_init__(self) -> None:
        if self.base < 1 or self.run < 1 or not 0 <= self.threshold <= 100:
            raise CompendiumError(
                "base, run or threshold is out of range", found=f"{self.base}, {self.run}, {self.threshold:g}%",
                expected="a base and a run of one interview or more, and a threshold of 0 to 100%",
            )  # fmt: skip


def ordered(documents: Sequence[str], dates: Mapping[str, Any] | None = None) -> list[str]:
    """Return interviews in the order of their dates; those without one last, in their own order.

    Without dates the order is that in which they are given: that of the project, as they were read.
    """
    if not dates:
        return list(documents)
    known = [name for name in documents if name in dates and not pd.isna(dates[name])]
    late = [name for name in documents if name not in known]
    return [*sorted(known, key=lambda name: pd.Timestamp(dates[name])), *late]


def dated(variables: pd.DataFrame, segments: pd.DataFrame, name: str) -> dict[str, pd.Timestamp]:
    """Return the date of each interview: a variable of its own, or the earliest one of its cases.

    Parameters
    ----------
    variables : ``kind`` (source or case), ``owner``, ``variable``, ``value``.
    segments : ``source_id`` and ``site``, the cases as the variables name them.
    name : the variable; blank: no dates.

    Raises
    ------
    CompendiumError : there is no such variable, or a value of it is no date.
    """
    if not name:
        return {}
    mine = variables[variables["variable"].str.casefold() == name.casefold()]
    if mine.empty:
        raise CompendiumError(
            "no such variable is published", column="dates", found=name, expected=sorted(set(variables["variable"]))
        )
    dates = pd.to_datetime(mine["value"].replace("", None), errors="coerce", format="ISO8601", utc=True)
    odd = dates.isna() & (mine["value"] != "")
    if odd.any():
        raise CompendiumError(
            "a value is no date", column=name, found=mine.loc[odd, "value"].iloc[0], expected="2026-01-31"
        )
    of = dict(zip(zip(mine["kind"], mine["owner"], strict=True), dates, strict=True))
    found = {owner: date for (kind, owner), date in of.items() if kind == "source"}
    for source, cell in zip(segments["source_id"], segments["site"], strict=True):
        home = str(source).split(".")[0].split("-")[0]
        for case in str(cell).split(";"):
            date = of.get(("case", case.strip()))
            if date is not None and (("source", home) not in of) and not (found.get(home, date) < date):
                found[home] = date
    return found


def by_interview(
    segments: pd.DataFrame, codings: pd.DataFrame, codes: Collection[str], order: Sequence[str]
) -> pd.DataFrame:
    """Return what each interview brings, in an order.

    Parameters
    ----------
    segments : ``segment_id`` and ``source_id`` (or ``document``).
    order : the interviews, each once.

    Returns
    -------
    ``order`` (from 1), ``document``, ``codes`` (in it), ``new`` (not seen before), ``seen`` (up to here) and
    ``expected`` (codes to expect after as many interviews in random order).

    Raises
    ------
    CompendiumError : no interview holds any of the codes.
    """
    held = _held(segments, codings, codes, order)
    frame = saturation.curve(pd.DataFrame({"segment_id": list(order)}), held, codes)
    size = held["segment_id"].value_counts()
    frame = frame.rename(columns={"segment_id": "document"})
    frame.insert(2, "codes", frame["document"].map(size).fillna(0).astype(int))
    return frame


def runs(interviews: pd.DataFrame, measure: Measure | None = None) -> pd.DataFrame:
    """Return the new information of every run.

    Parameters
    ----------
    interviews : as `by_interview` returns it.

    Returns
    -------
    ``after`` (interviews before the run), ``run`` (such as "5–6"), ``new`` (codes), ``base`` (codes of the base) and
    ``ratio`` (percent). Without rows where there are fewer interviews than base and run together, or a base without
    codes.
    """
    measure = measure or Measure()
    seen = np.concatenate(([0], interviews["seen"].to_numpy(dtype=int)))
    total = len(interviews)
    after = np.arange(measure.base, total - measure.run + 1)
    base = int(seen[min(measure.base, total)])
    if not len(after) or not base:
        return pd.DataFrame({"after": [], "run": [], "new": [], "base": [], "ratio": []})
    new = seen[after + measure.run] - seen[after]
    words = [f"{first + 1}–{first + measure.run}" if measure.run > 1 else str(first + 1) for first in after]
    return pd.DataFrame({"after": after, "run": words, "new": new, "base": base, "ratio": 100 * new / base})


def reached(table: pd.DataFrame, measure: Measure | None = None) -> int | None:
    """Return after how many interviews a run first brings no more than the threshold, or none."""
    fine = table.loc[table["ratio"] <= (measure or Measure()).threshold, "after"]
    return int(fine.iloc[0]) if len(fine) else None


def random_orders(
    segments: pd.DataFrame,
    codings: pd.DataFrame,
    codes: Collection[str],
    order: Sequence[str],
    measure: Measure | None = None,
    *,
    draws: int = DRAWS,
    seed: int = 1,
) -> dict[str, float]:
    """Return how many interviews random orders need to reach the threshold.

    Returns
    -------
    ``reached`` (percent of the orders that reach it), ``median`` and ``most`` (95th percentile) of the interviews that
    these need; missing where none reaches it.
    """
    measure = measure or Measure()
    held = _held(segments, codings, codes, order)
    number = {name: place for place, name in enumerate(order)}
    code, names = pd.factorize(held["code_id"])
    at = held["segment_id"].map(number).to_numpy(dtype=np.int64)
    sort = np.argsort(code, kind="stable")
    at, begins = at[sort], np.searchsorted(code[sort], np.arange(len(names)))
    rng, total = np.random.default_rng(seed), len(order)
    needed = np.full(draws, np.nan)
    after = np.arange(measure.base, total - measure.run + 1)
    for draw in range(draws if len(after) and len(names) else 0):
        rank = rng.permutation(total)
        first = np.minimum.reduceat(rank[at], begins)  # where each code is first seen
        seen = np.concatenate(([0], np.cumsum(np.bincount(first, minlength=total))))
        ratio = 100 * (seen[after + measure.run] - seen[after]) / max(seen[measure.base], 1)
        fine = np.flatnonzero((ratio <= measure.threshold) & (seen[measure.base] > 0))
        needed[draw] = after[fine[0]] if len(fine) else np.nan
    found = needed[~np.isnan(needed)]
    if not len(found):
        return {"reached": 0.0, "median": np.nan, "most": np.nan}
    return {
        "reached": 100 * len(found) / draws,
        "median": float(np.median(found)),
        "most": float(np.percentile(found, 95, method="higher")),
    }


def statement(table: pd.DataFrame, orders: Mapping[str, float], measure: Measure | None = None) -> str:
    """Return what can be said of saturation, in the words of the method."""
    measure = measure or Measure()
    how = f"base {measure.base}, run {measure.run}, threshold {measure.threshold:g}%"
    if table.empty:
        return f"There are too few interviews to measure new information by run ({how})."
    after = reached(table, measure)
    said = (
        f"New information fell to the threshold after {after}+{measure.run} interviews ({how})"
        if after is not None
        else f"New information did not fall to the threshold ({how}): the last run still brought "
        f"{table['ratio'].iloc[-1]:.0f}%"
    )
    if orders["reached"]:
        said += (
            f"; {orders['reached']:.0f}% of random orders of the same interviews reached it, half of these after "
            f"{orders['median']:.0f} and 95% after {orders['most']:.0f}"
        )
    else:
        said += "; no random order of the same interviews did"
    return f"{said}. This is said of the codes at hand and these interviews, not of what others would have told."


def _held(segments: pd.DataFrame, codings: pd.DataFrame, codes: Collection[str], order: Sequence[str]) -> pd.DataFrame:
    """Return which interview holds which code, each pair once, as ``segment_id`` (the interview) and ``code_id``."""
    if len(set(order)) != len(order):
        raise CompendiumError("an interview stands twice in the order", found=len(order) - len(set(order)))
    home = "source_id" if "source_id" in segments.columns else "document"
    of = dict(zip(segments["segment_id"], segments[home], strict=True))
    held = pd.DataFrame({"segment_id": codings["segment_id"].map(of), "code_id": codings["code_id"]})
    return held[held["code_id"].isin(list(codes)) & held["segment_id"].isin(list(order))].drop_duplicates()
