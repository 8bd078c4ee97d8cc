"""A second coding of a random part of the segments: what is drawn, what the coder sees, how far the codings agree.

It says how stable one coding is. It is no agreement between people: the second pass may come from the same team, by
definitions that a reader of the first pass wrote.

A decision is one segment and one code of its study's codebook: given or not. Headings that no segment carries are no
decision. The first code of a segment names the section in which it stands and follows from its place, so those codes
are counted apart from the codes given by reading.

Sources: Cohen (1960) for kappa, Krippendorff (2019) for alpha, Cicchetti and Feinstein (1990) for agreement on use,
Wilson (1927) for the interval of one code's agreement; intervals of kappa and of pooled rows are percentiles of a
bootstrap that draws whole segments within each study.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd

from compendium.errors import CompendiumError
from compendium.evidence.coefficients import kappas
from compendium.evidence.reliability import two_codings

SECTION = "(codes of the section)"
READING = "(codes given by reading)"
FEWEST = 5
"""Segments with a code in either coding, below which its kappa gets no interval."""


def drawing(package: str | Path, resource: str = "recoding") -> tuple[float, int]:
    """Return the share and the seed by which a data package says that the second coding was drawn.

    Raises
    ------
    CompendiumError : the package has no such resource, or the resource no ``drawing`` with share and seed.
    """
    resources = json.loads(Path(package).read_text("utf-8")).get("resources", [])
    for found in resources:
        if found.get("name") == resource and {"share", "seed"} <= set(found.get("drawing", {})):
            return float(found["drawing"]["share"]), int(found["drawing"]["seed"])
    raise CompendiumError("the drawing of the second coding is not recorded", file=package, expected=resource)


def drawn(segments: pd.DataFrame, share: float, seed: int) -> list[str]:
    """Return the ids of a random share of each study's segments, in their order.

    Parameters
    ----------
    segments : study and segment_id, in the order of the documents.
    share : 0-1; each study gives the whole number nearest to its share, halves upwards.
    seed : starts NumPy's frozen generator (``RandomState``) anew for each study, so the draw is the same everywhere.
    """
    chosen: list[str] = []
    for _, group in segments.groupby("study", sort=False):
        number = int(np.floor(len(group) * share + 0.5))
        chosen += group.sample(n=number, random_state=seed).sort_index()["segment_id"].tolist()
    return chosen


def worksheet(segments: pd.DataFrame, ids: list[str]) -> pd.DataFrame:
    """Return what the second coder works from: where each segment stands, and neither codes nor summary."""
    seen = ["segment_id", "study", "document", "section", "place", "kind", "speaker", "words", "label"]
    return segments[segments["segment_id"].isin(ids)][seen].reset_index(drop=True)


def decisions(first: pd.DataFrame, second: pd.DataFrame, books: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return every decision on the segments that were coded twice.

    Parameters
    ----------
    first, second : study, segment_id and codes (with semicolons, the section's first); ``first`` holds all segments.
    books : the codebook of each study.

    Returns
    -------
    DataFrame with study, segment_id, code_id, kind (``section`` or ``reading``), first and second (truth values).

    Raises
    ------
    CompendiumError : the second coding has a segment that the first lacks, or a code that the study's codebook lacks.
    """
    codes_of = dict(zip(first["segment_id"], first["codes"].str.split(";"), strict=True))
    rows: list[tuple[str, str, str, str, bool, bool]] = []
    for study, group in second.groupby("study", sort=False):
        book = books[str(study)]
        everyone = [codes_of[one] for one in first.loc[first["study"] == study, "segment_id"]]
        sections = {codes[0] for codes in everyone}
        headings = set(book["parent"]) - {code for codes in everyone for code in codes}
        for segment, codes in zip(group["segment_id"], group["codes"].str.split(";"), strict=True):
            if segment not in codes_of or not set(codes) <= set(book["code_id"]):
                raise CompendiumError(
                    "the second coding has a segment or code that is not known",
                    row=segment,
                    found=sorted(set(codes) - set(book["code_id"])) or segment,
                )
            rows += [
                (
                    str(study),
                    segment,
                    code,
                    "section" if code in sections else "reading",
                    code in codes_of[segment],
                    code in codes,
                )
                for code in book["code_id"]
                if code not in headings
            ]
    return pd.DataFrame(rows, columns=["study", "segment_id", "code_id", "kind", "first", "second"])


def stability(decided: pd.DataFrame, replicates: int = 2000, seed: int = 0) -> pd.DataFrame:
    """Return how far two codings agree: pooled, by study, and for each code given by reading that either gave.

    Parameters
    ----------
    decided : as ``decisions`` returns it.
    replicates, seed : of the bootstrap.

    Returns
    -------
    DataFrame with study (blank where pooled over studies), code_id (``READING`` and ``SECTION`` for pooled rows),
    units (decisions), first, second and both (how often given), percent_agreement with low and high (0-100, 95%
    interval, none for ``SECTION``), agreement_on_use (0-100: twice both over first plus second), cohen_kappa with
    kappa_low and kappa_high (95% interval; missing for ``SECTION``, and for a code that fewer than ``FEWEST`` segments
    hold or on which the codings never differ), and krippendorff_alpha.
    """
    reading = decided[decided["kind"] == "reading"]
    rows = [_row("", READING, reading, replicates, seed)]
    rows += [_row(str(study), READING, part, replicates, seed) for study, part in reading.groupby("study", sort=False)]
    rows.append(_row("", SECTION, decided[decided["kind"] == "section"], replicates, seed))
    used = reading.groupby("code_id", sort=False).filter(lambda part: bool((part["first"] | part["second"]).any()))
    rows += [_row("", str(code), part, replicates, seed) for code, part in used.groupby("code_id", sort=False)]
    return pd.DataFrame(rows)


def differing(decided: pd.DataFrame) -> pd.DataFrame:
    """Return each segment on which the codings differ: study, segment_id, first_only and second_only (code_ids)."""
    rows = []
    for (study, segment), part in decided.groupby(["study", "segment_id"], sort=False):
        only = [
            ";".join(part.loc[part[one] & ~part[other], "code_id"])
            for one, other in (("first", "second"), ("second", "first"))
        ]
        if any(only):
            rows.append((study, segment, *only))
    return pd.DataFrame(rows, columns=["study", "segment_id", "first_only", "second_only"])


def summary(stability: pd.DataFrame, decided: pd.DataFrame) -> dict[str, tuple[float, str, str | None]]:
    """Return what prose may cite: value, unit and form in prose (None for whole numbers), by name.

    Segments coded twice, those coded differently, and the first row of ``stability``, pooled over studies, without the
    measures that are not defined there.
    """
    row = stability.iloc[0]
    counts = {"segments": decided["segment_id"].nunique(), "differing": len(differing(decided))}
    counts |= {"decisions": row["units"], **{name: row[name] for name in ("first", "second", "both")}}
    percent = {"percent": "percent_agreement", "percent-low": "low", "percent-high": "high"}
    percent["on-use"] = "agreement_on_use"
    chance = {"kappa": "cohen_kappa", "kappa-low": "kappa_low", "kappa-high": "kappa_high"}
    chance["alpha"] = "krippendorff_alpha"
    return {
        **{name: (int(value), "decisions" if name == "decisions" else "", None) for name, value in counts.items()},
        **{name: (float(row[column]), "%", "{:.1f}") for name, column in percent.items() if pd.notna(row[column])},
        **{name: (float(row[column]), "", "{:.2f}") for name, column in chance.items() if pd.notna(row[column])},
    }


def printed(stability: pd.DataFrame, titles: Mapping[str, str], study_name: Callable[[str], str]) -> pd.DataFrame:
    """Return the table for print: intervals in one cell each, codes by title, studies by name."""

    def interval(low: str, high: str, places: int) -> list[str]:
        ends = zip(stability[low], stability[high], strict=True)
        shown = ["" if np.isnan(one) else f"{one:.{places}f} to {other:.{places}f}" for one, other in ends]
        return [text.replace("-", "−") for text in shown]

    pooled = {READING: "All codes given by reading", SECTION: "All codes of the section"}
    what = [
        f"{study_name(study)}: codes given by reading" if study else pooled.get(code, titles.get(code, code))
        for study, code in zip(stability["study"], stability["code_id"], strict=True)
    ]
    return pd.DataFrame(
        {
            "Code": what,
            "Decisions": stability["units"],
            "First": stability["first"],
            "Second": stability["second"],
            "Both": stability["both"],
            "Agreement (%)": stability["percent_agreement"].round(1),
            "Interval": interval("low", "high", 1),
            "On use (%)": stability["agreement_on_use"].round(1),
            "Cohen's kappa": stability["cohen_kappa"].round(2),
            "Interval of kappa": interval("kappa_low", "kappa_high", 2),
            "Krippendorff's alpha": stability["krippendorff_alpha"].round(2),
        }
    )


def _row(study: str, code: str, part: pd.DataFrame, replicates: int, seed: int) -> dict[str, Any]:
    found = two_codings(part["first"].to_numpy(), part["second"].to_numpy())
    given = found["first"] + found["second"]
    percent = kappa = (np.nan, np.nan)
    if code == READING:
        percent, kappa = _bootstrap(part, replicates, seed)
    elif code != SECTION:
        percent = _wilson(found["units"] - (given - 2 * found["both"]), found["units"])
        if given - found["both"] >= FEWEST and found["percent_agreement"] < 100:
            _, kappa = _bootstrap(part, replicates, seed)
    return {
        "study": study,
        "code_id": code,
        **{name: found[name] for name in ("units", "first", "second", "both", "percent_agreement")},
        "low": percent[0],
        "high": percent[1],
        "agreement_on_use": 200 * found["both"] / given if given else np.nan,
        "cohen_kappa": found["cohen_kappa"],
        "kappa_low": kappa[0],
        "kappa_high": kappa[1],
        "krippendorff_alpha": found["krippendorff_alpha"],
    }


def _wilson(agreeing: float, units: float) -> tuple[float, float]:
    """Return Wilson's 95% interval of a share, 0-100. Four lines, since importing scipy.stats takes seconds."""
    z = NormalDist().inv_cdf(0.975)
    share, spread = agreeing / units, z**2 / units
    middle = share + spread / 2
    half = math.sqrt(share * (1 - share) * spread + spread**2 / 4)
    return 100 * max(0.0, (middle - half) / (1 + spread)), 100 * min(1.0, (middle + half) / (1 + spread))


def _bootstrap(part: pd.DataFrame, replicates: int, seed: int) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return 95% intervals of percent agreement and kappa; segments of a study are drawn anew from that study."""
    cell = part["first"].to_numpy(int) * 2 + part["second"].to_numpy(int)
    counts = pd.crosstab([part["study"], part["segment_id"]], cell).reindex(columns=range(4), fill_value=0)
    random = np.random.default_rng(seed)
    tables = np.zeros((replicates, 4))
    for _, group in counts.groupby(level="study"):
        weights = random.multinomial(len(group), np.full(len(group), 1 / len(group)), size=replicates)
        tables += weights @ group.to_numpy()
    percents = 100 * (tables[:, 0] + tables[:, 3]) / tables.sum(axis=1)
    values = kappas(tables.reshape(-1, 2, 2))
    values = values[~np.isnan(values)]
    ends = [np.quantile(one, [0.025, 0.975]) if len(one) else (np.nan, np.nan) for one in (percents, values)]
    return (float(ends[0][0]), float(ends[0][1])), (float(ends[1][0]), float(ends[1][1]))
