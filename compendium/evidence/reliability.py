"""How far coders agree: percent agreement, Cohen's kappa, Krippendorff's alpha and Gwet's AC1, in a unit of choice.

What the units are says `compendium.evidence.decisions`: ``character``, ``overlap``, ``document`` or ``segment``. For
each code, every unit is a yes or a no of each coder who read its document.

Which coefficient. Percent agreement allows for nothing. Kappa and alpha allow for chance by how often each code was
given, and fall where a code is rare or everywhere, whatever the coders do; AC1 hardly does, and rates a rare code high.
The prevalence beside them tells which case it is. Sources: `compendium.evidence.coefficients`; Light (1971) for the
mean of kappa over pairs of coders.

The interval of alpha is a percentile bootstrap of whole documents, because the characters or passages of one document
are not independent of each other; with fewer than `LEAST` documents there is none.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import numpy as np
import pandas as pd

from compendium.evidence.coefficients import alphas, disagreement, gwet_ac1, kappas, krippendorff_alpha
from compendium.evidence.decisions import Decisions, Unit, decide, decided, marks

OVERALL = "(all codes)"
LEAST = 5  # documents of which a bootstrap may be drawn
DRAWS = 1_000
COLUMNS = (
    "code_id", "unit", "units", "coders", "documents", "applied", "prevalence", "percent_agreement", "cohen_kappa",
    "krippendorff_alpha", "alpha_low", "alpha_high", "gwet_ac1",
)  # fmt: skip
PAIRED = ("units", "documents", "prevalence", "percent_agreement", "cohen_kappa", "krippendorff_alpha", "gwet_ac1")
PAIR_COLUMNS = ("coder_a", "coder_b", *(name for name in COLUMNS if name in PAIRED))


def agreement(
    codings: pd.DataFrame,
    segments: pd.DataFrame,
    unit: Unit = "segment",
    lengths: Mapping[str, int] | None = None,
    coders: list[str] | None = None,
    seed: int = 1,
) -> pd.DataFrame:
    """Return how far coders agree, for each code and overall.

    Parameters
    ----------
    codings : long table with ``segment_id``, ``code_id`` and ``coder``.
    segments : table with ``segment_id``, ``start``, ``end`` and ``source_id`` (or ``document``).
    lengths : characters of each source; needed by character.
    coders : compare only these; by default everyone who coded.
    seed : of the bootstrap.

    Returns
    -------
    DataFrame with `COLUMNS`: code_id (the last row is ``OVERALL``, every unit of every code pooled), unit, units (that
    two or more coders have read), coders, documents, applied (units to which at least one applied the code), prevalence
    (percent of all decisions that are a yes), percent_agreement (0-100, over all pairs of coders and units),
    cohen_kappa (mean over pairs of coders; missing where no pair's is defined), krippendorff_alpha with alpha_low and
    alpha_high (95%), and gwet_ac1; each missing where it is not defined.

    Raises
    ------
    CompendiumError : as `compendium.evidence.decisions.decide`.
    """
    return table(decide(codings, segments, unit, lengths, coders), seed)


def table(decisions: Decisions, seed: int = 1) -> pd.DataFrame:
    """Return `agreement` of decisions that are at hand."""
    codes = len(decisions.codes)
    ratings, weight = _ratings(decisions)
    code = decisions.frame["code"].to_numpy()
    crosses = _crosses(decisions)  # pairs x codes x 2 x 2
    pooled = np.concatenate((crosses, crosses.sum(axis=1, keepdims=True)), axis=1)
    low, high = _bootstrap(decisions, ratings, weight, seed)
    order = np.argsort(code, kind="stable")
    edges = np.searchsorted(code[order], np.arange(codes + 1))
    rows = []
    for number, name in enumerate([*decisions.codes, OVERALL]):
        mine = order[edges[number] : edges[number + 1]] if number < codes else order
        row = _row(decisions, ratings[mine], weight[mine], pooled[:, number])
        rows.append({"code_id": name, **row, "alpha_low": low[number], "alpha_high": high[number]})
    return pd.DataFrame(rows)[list(COLUMNS)]


def _ratings(decisions: Decisions) -> tuple[np.ndarray, np.ndarray]:
    """Return how many said no and yes to each row of the decisions, and its weight."""
    readers = np.bitwise_count(decisions.read).astype(np.int64)
    yes = np.bitwise_count(decisions.frame["yes"].to_numpy(np.int64)).astype(np.int64)
    return np.column_stack((readers - yes, yes)), decisions.frame["weight"].to_numpy(dtype=float)


def _row(decisions: Decisions, rated: np.ndarray, weight: np.ndarray, crosses: np.ndarray) -> dict[str, object]:
    """Return one row of `table` but its code and interval; ``crosses`` holds a cross table for each pair of coders."""
    cells, by_pair = crosses.sum(axis=0), kappas(crosses)
    defined = by_pair[~np.isnan(by_pair)]
    return {
        "unit": decisions.unit,
        "units": round(weight.sum()),
        "coders": len(decisions.coders),
        "documents": len(decisions.documents),
        "applied": round(float(weight[rated[:, 1] > 0].sum()), 1 if decisions.unit == "overlap" else None),
        "prevalence": 100 * float((rated[:, 1] * weight).sum() / (rated.sum(axis=1) * weight).sum()),
        "percent_agreement": 100 * float(cells.trace() / cells.sum()),
        "cohen_kappa": float(defined.mean()) if len(defined) else np.nan,
        "krippendorff_alpha": krippendorff_alpha(rated, weight),
        "gwet_ac1": gwet_ac1(rated, weight),
    }


def pairs(
    codings: pd.DataFrame,
    segments: pd.DataFrame,
    unit: Unit = "segment",
    lengths: Mapping[str, int] | None = None,
    coders: list[str] | None = None,
) -> pd.DataFrame:
    """Return how far each pair of coders agrees over all codes, on the documents that both of them read.

    Returns
    -------
    ``coder_a``, ``coder_b``, and of `COLUMNS` documents, units, prevalence, percent_agreement, cohen_kappa,
    krippendorff_alpha and gwet_ac1. Pairs that share no document are left out.
    """
    marked = marks(codings, segments, coders)
    everything = decided(marked, unit, lengths)
    rows = []
    for one, other in itertools.combinations(range(len(everything.coders)), 2):
        if not (everything.readers >> one & everything.readers >> other & 1).any():
            continue
        names = [everything.coders[one], everything.coders[other]]
        two = decided(marked[marked["coder"].isin(names)], unit, lengths)
        found = _row(two, *_ratings(two), _crosses(two).sum(axis=1))
        row = {"coder_a": names[0], "coder_b": names[1], **found}
        rows.append({name: row[name] for name in PAIR_COLUMNS})
    return pd.DataFrame(rows, columns=list(PAIR_COLUMNS))


def pairs_printed(table: pd.DataFrame) -> pd.DataFrame:
    """Return what `pairs` returns for print, the ``kind`` of pair among it where it is known."""
    headings = {
        "coder_a": "Coder",
        "coder_b": "Other coder",
        "kind": "Pair of",
        "documents": "Documents",
        "units": "Units",
        "prevalence": "Prevalence (%)",
        "percent_agreement": "Agreement (%)",
        "cohen_kappa": "Cohen's kappa",
        "krippendorff_alpha": "Krippendorff's alpha",
        "gwet_ac1": "Gwet's AC1",
    }
    rounded = table.round(
        {"prevalence": 1, "percent_agreement": 1, "cohen_kappa": 2, "krippendorff_alpha": 2, "gwet_ac1": 2}
    )
    return rounded[[name for name in headings if name in rounded]].rename(columns=headings)


def printed(table: pd.DataFrame, titles: Mapping[str, str]) -> pd.DataFrame:
    """Return what `agreement` returns for print: codes by title, coefficients rounded, one heading per column."""
    headings = {
        "code_id": "Code",
        "units": "Units",
        "coders": "Coders",
        "applied": "Applied",
        "prevalence": "Prevalence (%)",
        "percent_agreement": "Agreement (%)",
        "cohen_kappa": "Cohen's kappa",
        "krippendorff_alpha": "Krippendorff's alpha",
        "interval": "95% interval",
        "gwet_ac1": "Gwet's AC1",
    }
    shown = table.assign(
        code_id=[titles.get(code, code) for code in table["code_id"]], interval=intervals_printed(table)
    )
    rounded = shown.round(
        {"prevalence": 1, "percent_agreement": 1, "cohen_kappa": 2, "krippendorff_alpha": 2, "gwet_ac1": 2}
    )
    return rounded[list(headings)].rename(columns=headings)


def intervals_printed(table: pd.DataFrame) -> list[str]:
    """Return the intervals of alpha as text, blank where there is none."""
    edges = zip(table["alpha_low"], table["alpha_high"], strict=True)
    return ["" if np.isnan(low) else f"{low:.2f} to {high:.2f}".replace("-", "−") for low, high in edges]


def disagreements(
    codings: pd.DataFrame,
    segments: pd.DataFrame,
    unit: Unit = "segment",
    lengths: Mapping[str, int] | None = None,
    coders: list[str] | None = None,
) -> pd.DataFrame:
    """Return what coders should discuss: passages where one of those who read it applied a code and another did not.

    Returns
    -------
    DataFrame with document, start, end, code_id, applied_by and not_applied_by (names with semicolons), in order of
    place. By character or overlap, a passage is the longest stretch on which the same coders disagree; by document it
    has no edges.
    """
    decisions = decide(codings, segments, unit, lengths, coders)
    frame = decisions.frame
    yes = frame["yes"].to_numpy(np.int64)
    against = decisions.read & ~yes
    open_ = np.flatnonzero((yes != 0) & (against != 0))
    chosen = frame.iloc[open_]
    names = {bits: _named(bits, decisions.coders) for bits in np.unique(np.concatenate((yes[open_], against[open_])))}
    found = pd.DataFrame(
        {
            "document": [decisions.documents[place] for place in chosen["document"]],
            "start": chosen["start"].array,
            "end": chosen["end"].array,
            "code_id": [decisions.codes[code] for code in chosen["code"]],
            "applied_by": [names[bits] for bits in yes[open_]],
            "not_applied_by": [names[bits] for bits in against[open_]],
        }
    )
    return found.sort_values(["document", "start", "end", "code_id"], kind="stable").reset_index(drop=True)


def two_codings(first: np.ndarray, second: np.ndarray) -> dict[str, float]:
    """Return how far two codings of the same decisions agree.

    Parameters
    ----------
    first, second : truth values, one for each decision: whether a code was given to a unit.

    Returns
    -------
    units (decisions), first, second and both (how often given), percent_agreement (0-100), cohen_kappa and
    krippendorff_alpha (as in ``agreement``).
    """
    first, second = np.asarray(first, dtype=bool), np.asarray(second, dtype=bool)
    yes = first.astype(np.int64) + second
    cross = np.bincount(first * 2 + second, minlength=4).reshape(1, 2, 2)
    return {
        "units": len(first),
        "first": int(first.sum()),
        "second": int(second.sum()),
        "both": int((first & second).sum()),
        "percent_agreement": 100 * float((first == second).mean()) if len(first) else np.nan,
        "cohen_kappa": float(kappas(cross)[0]),
        "krippendorff_alpha": krippendorff_alpha(np.column_stack((2 - yes, yes))),
    }


def _crosses(decisions: Decisions) -> np.ndarray:
    """Return the cross tables of every pair of coders for every code: pairs x codes x 2 x 2, rows of the first."""
    frame, codes = decisions.frame, len(decisions.codes)
    code, yes = frame["code"].to_numpy(), frame["yes"].to_numpy(np.int64)
    weight, read = frame["weight"].to_numpy(dtype=float), decisions.read
    found = []
    for one, other in itertools.combinations(range(len(decisions.coders)), 2):
        both = np.flatnonzero((read >> one) & (read >> other) & 1)
        cell = code[both] * 4 + (yes[both] >> one & 1) * 2 + (yes[both] >> other & 1)
        found.append(np.bincount(cell, weights=weight[both], minlength=codes * 4).reshape(codes, 2, 2))
    return np.array(found)


def _bootstrap(
    decisions: Decisions, ratings: np.ndarray, weight: np.ndarray, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the 95% interval of alpha for each code and overall, from documents drawn with replacement."""
    codes, documents = len(decisions.codes), len(decisions.documents)
    if documents < LEAST:
        none = np.full(codes + 1, np.nan)
        return none, none
    cell = (decisions.frame["document"] * codes + decisions.frame["code"]).to_numpy()
    parts = [ratings[:, 0] * weight, ratings[:, 1] * weight, disagreement(ratings) * weight]
    sums = np.stack([np.bincount(cell, weights=part, minlength=codes * documents) for part in parts])
    sums = sums.reshape(3, documents, codes)
    sums = np.concatenate((sums, sums.sum(axis=2, keepdims=True)), axis=2)
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(documents, np.full(documents, 1 / documents), size=DRAWS).astype(float)
    no, yes, unlike = (drawn @ part for part in sums)  # draws x codes
    found = alphas(np.stack((no, yes), axis=-1), unlike)
    edges = np.full((2, codes + 1), np.nan)
    told = ~np.isnan(found).all(axis=0)
    edges[:, told] = np.round(np.nanpercentile(found[:, told], [2.5, 97.5], axis=0), 6)
    return edges[0], edges[1]


def _named(bits: int, coders: list[str]) -> str:
    return ";".join(name for number, name in enumerate(coders) if int(bits) >> number & 1)
