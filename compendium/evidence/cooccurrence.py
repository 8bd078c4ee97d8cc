"""Which codes stand on the same segments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from compendium.evidence import codebook as codebooks
from compendium.evidence.evidence import Evidence, ancestors

if TYPE_CHECKING:
    import pandas as pd


def cooccurrence(evidence: Evidence, codes: Sequence[str]) -> pd.DataFrame:
    """Return how many segments hold both of two codes (code_id by code_id); the diagonal holds those with the code.

    Codes below count for the ones above, so a code always shares all its segments with its parent.
    """
    import numpy as np
    import pandas as pd
    from scipy.sparse import csr_matrix

    long = evidence.rolled[evidence.rolled["code_id"].isin(codes)]
    column = {code: place for place, code in enumerate(codes)}
    row, _ = pd.factorize(long["segment_id"])
    places = long["code_id"].map(column).to_numpy(dtype=int)
    held = csr_matrix(
        (np.ones(len(long), dtype=np.int64), (row, places)), shape=(int(row.max(initial=-1)) + 1, len(codes))
    )
    return pd.DataFrame((held.T @ held).toarray(), index=list(codes), columns=list(codes)).astype(int)


def pairs(matrix: pd.DataFrame, codebook: pd.DataFrame) -> pd.DataFrame:
    """Return pairs of codes that share segments, most first.

    Parameters
    ----------
    matrix : as `cooccurrence` returns it. Pairs in which one code stands above the other are left out.

    Returns
    -------
    ``code_a``, ``code_b`` (code_id), ``both``, ``either`` (segments) and ``jaccard`` (both over either, 0-1).
    """
    import pandas as pd

    codes, cells, parents = list(matrix.index), matrix.to_numpy(dtype=int), codebooks.parents(codebook)
    above = {code: set(ancestors(code, parents)) for code in codes}
    rows: list[dict[str, Any]] = []
    for i, one in enumerate(codes):
        for j, other in enumerate(codes[:i]):
            both = int(cells[i, j])
            if both and one not in above[other] and other not in above[one]:
                either = int(cells[i, i] + cells[j, j]) - both
                rows.append({"code_a": other, "code_b": one, "both": both, "either": either, "jaccard": both / either})
    columns = ["code_a", "code_b", "both", "either", "jaccard"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.sort_values(["both", "jaccard"], ascending=False, kind="stable").reset_index(drop=True)
