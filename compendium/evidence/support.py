"""What stands behind each finding of a study: the passages of the codes that it names, and whose they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compendium.errors import CompendiumError
from compendium.evidence.evidence import Evidence, named_coders

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("finding_id", "statement", "codes")


def behind(findings: pd.DataFrame, evidence: Evidence) -> pd.DataFrame:
    """Return one row for each finding, in the order given.

    Parameters
    ----------
    findings : ``finding_id``, ``statement`` and ``codes`` (ids with semicolons, missing where it names none).

    Returns
    -------
    ``finding_id``, ``statement``, ``codes`` (titles), and how many ``passages`` (segments that hold one of the codes or
    a code below it), ``sources`` (documents), ``cases`` (sites) and named ``coders`` stand behind it.

    Raises
    ------
    CompendiumError : a column is missing, or a finding names a code that the codebook has not.
    """
    import pandas as pd

    if lacking := [name for name in COLUMNS if name not in findings]:
        raise CompendiumError("a column is missing", column=lacking[0], found=list(findings.columns))
    title = dict(zip(evidence.codebook["code_id"], evidence.codebook["code"], strict=True))
    rows = []
    for row in findings[list(COLUMNS)].fillna("").itertuples(index=False):
        codes = [code.strip() for code in str(row.codes).split(";") if code.strip()]
        if unknown := [code for code in codes if code not in title]:
            raise CompendiumError(
                "a finding names a code that the codebook has not",
                row=f"'{row.finding_id}'", column="codes", found=unknown[0],
            )  # fmt: skip
        held = set(evidence.rolled.loc[evidence.rolled["code_id"].isin(codes), "segment_id"])
        passages = evidence.segments[evidence.segments["segment_id"].isin(held)]
        sites = {part.strip() for cell in passages["site"] for part in cell.split(";") if part.strip()}
        rows.append(
            {
                "finding_id": row.finding_id,
                "statement": row.statement,
                "codes": "; ".join(title[code] for code in codes),
                "passages": len(passages),
                "sources": passages["document"].nunique(),
                "cases": len(sites),
                "coders": len(named_coders(evidence.codings[evidence.codings["segment_id"].isin(held)])),
            }
        )
    return pd.DataFrame(rows)
