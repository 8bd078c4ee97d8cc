"""How soon a study's codes appear: new codes by order of segments, against the same segments in random order.

In interviews this view asks whether more data would bring more codes. Where the segments are quotations that authors
chose to print, their order is the order of an argument and later ones were picked because they say something else:
the curve then describes the document, and no claim of saturation follows from it.

The expectation under random order is exact, not simulated: a code held by f of N segments is missed by n of them
with the hypergeometric probability C(N-f, n) / C(N, n) (sample-based rarefaction; Colwell, Mao and Chang 2004).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from compendium.errors import CompendiumError
from compendium.evidence.evidence import Evidence, compared, of_study

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

GRID = 400  # places at which the expected curve of a long study is computed


def accumulation(segments: pd.DataFrame, codings: pd.DataFrame, codes: Collection[str]) -> pd.DataFrame:
    """Return how many codes have been seen after each segment, in the order of the table.

    Parameters
    ----------
    segments : ``segment_id`` in order; segments without codes count as steps too.
    codings : ``segment_id`` and ``code_id``.
    codes : those that count.

    Returns
    -------
    ``order`` (from 1), ``segment_id``, ``new`` (codes not seen before) and ``seen`` (codes up to here).

    Raises
    ------
    CompendiumError : there are no segments, or none of them holds one of these codes.
    """
    import pandas as pd

    held = codings[codings["code_id"].isin(codes) & codings["segment_id"].isin(segments["segment_id"])]
    if held.empty:
        raise CompendiumError(
            "no segment holds any of the codes that are counted", found=f"{len(segments)} segments, {len(codes)} codes"
        )
    place = {segment: order for order, segment in enumerate(segments["segment_id"], start=1)}
    first = held["segment_id"].map(place).groupby(held["code_id"]).min().value_counts()
    frame = pd.DataFrame({"order": range(1, len(segments) + 1), "segment_id": segments["segment_id"].to_numpy()})
    frame["new"] = frame["order"].map(first).fillna(0).astype(int)
    frame["seen"] = frame["new"].cumsum()
    return frame


def expected(frequencies: Sequence[int], segments: int, at: Sequence[int]) -> np.ndarray:
    """Return how many codes to expect among n segments drawn at random, for each n of ``at``.

    Parameters
    ----------
    frequencies : segments that hold each code.
    segments : all segments.

    Raises
    ------
    CompendiumError : a frequency or an n lies outside 0 to ``segments``.
    """
    import numpy as np
    from scipy.special import gammaln

    held, drawn = np.asarray(frequencies, dtype=float), np.asarray(at, dtype=float)
    for numbers in (held, drawn):
        outside = numbers[(numbers < 0) | (numbers > segments)]
        if outside.size:
            raise CompendiumError(
                "a number of segments is out of range", found=int(outside[0]), expected=f"0 to {segments}"
            )
    without = segments - held[:, None]
    room = without - drawn[None, :]
    chance = np.zeros(room.shape)
    fits = room >= 0
    log = (
        gammaln(without + 1) - gammaln(np.maximum(room, 0) + 1)
        - gammaln(segments + 1.0) + gammaln(segments - drawn + 1)[None, :]
    )  # fmt: skip
    chance[fits] = np.exp(np.broadcast_to(log, room.shape)[fits])
    return (1 - chance).sum(axis=0)


def curve(segments: pd.DataFrame, codings: pd.DataFrame, codes: Collection[str]) -> pd.DataFrame:
    """Return `accumulation` with ``expected``: the codes to expect after as many segments in random order.

    In studies of more than 400 segments the expectation is interpolated between 400 places.
    """
    import numpy as np

    frame = accumulation(segments, codings, codes)
    held = codings[codings["code_id"].isin(codes) & codings["segment_id"].isin(segments["segment_id"])]
    frequencies = held.drop_duplicates(["segment_id", "code_id"])["code_id"].value_counts().tolist()
    places = np.unique(np.linspace(0, len(frame), min(len(frame), GRID) + 1).round().astype(int))
    values = expected(frequencies, len(frame), places.tolist())
    return frame.assign(expected=np.interp(frame["order"], places, values).round(3))


def summary(curve: pd.DataFrame, last: float = 0.25) -> dict[str, int]:
    """Return the curve in five numbers.

    Parameters
    ----------
    curve : as `accumulation` returns it.
    last : the closing share of the segments that is looked at on its own (above 0, up to 1).

    Returns
    -------
    ``segments``, ``codes``, ``half_after`` and ``most_after`` (segments until half and four fifths of the codes had
    been seen) and ``new_in_last`` (codes first seen in the closing share).
    """
    if not 0 < last <= 1:
        raise CompendiumError("the closing share lies outside 0 to 1", found=last)
    codes, segments = int(curve["seen"].iloc[-1]), len(curve)
    closing = max(1, round(segments * last))
    return {
        "segments": segments,
        "codes": codes,
        "half_after": int(curve.loc[curve["seen"] >= 0.5 * codes, "order"].iloc[0]),
        "most_after": int(curve.loc[curve["seen"] >= 0.8 * codes, "order"].iloc[0]),
        "new_in_last": int(curve["new"].iloc[-closing:].sum()),
    }


def of_studies(coded: Evidence) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the curves of all studies, each row with its ``study``, and one row per study with its `summary`."""
    import pandas as pd

    curves, rows = [], []
    for study in coded.studies:
        part = of_study(coded, study)
        found = curve(part.segments, part.codings, compared(part))
        curves.append(found.assign(study=study))
        rows.append({"study": study, **summary(found)})
    return pd.concat(curves, ignore_index=True), pd.DataFrame(rows)
