"""What stands behind a study and each of its findings: coded passages, and whose they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from compendium.errors import CompendiumError
from compendium.evidence.evidence import Evidence, count_table, named_coders

if TYPE_CHECKING:
    import pandas as pd

WITHHELD = "The counts of the coded project are not published."
COLUMNS = ("finding_id", "statement", "codes")


def passages(evidence: Evidence) -> pd.DataFrame:
    """Return the segments that carry a code, in their order."""
    return evidence.segments[evidence.segments["segment_id"].isin(evidence.codings["segment_id"])]


def held(evidence: Evidence) -> list[tuple[str, int | str, str, str]]:
    """Return what prose says of a study: rest of the key, value, unit, and what it is; the last is a whole sentence."""
    coded = passages(evidence)
    codes, used, sources = len(evidence.codebook), evidence.codings["code_id"].nunique(), coded["document"].nunique()
    sentence = f"The project holds {_counted(codes, 'code')} and no coded passage yet."
    if evidence.withheld:
        sentence = WITHHELD
    if len(coded):
        carry = "carries" if len(coded) == 1 else "carry"
        sentence = f"{_counted(len(coded), 'passage')} of {_counted(sources, 'source')} {carry} {used:,} of "
        sentence += f"the {_counted(codes, 'code')}."
    return [
        ("codes", codes, "codes", "codes of the codebook"),
        ("codes-used", used, "codes", "codes that a passage carries"),
        ("passages", len(coded), "passages", "stretches of a source that carry a code"),
        ("sentence", sentence, "", "what is coded, as a sentence"),
    ]


def nothing(evidence: Evidence, of: str) -> str:
    """Return why nothing can be said of something where the evidence holds no passage."""
    return WITHHELD if evidence.withheld else f"No passage is coded yet, so nothing can be said of {of}."


def by_case(evidence: Evidence, codes: Sequence[str], most: int) -> tuple[pd.DataFrame, int]:
    """Return passages by code and case for print, and how many cases are left out.

    Parameters
    ----------
    codes : rows, as `compendium.evidence.evidence.count_table` takes them.
    most : cases shown, those with most passages, in their order.

    Returns
    -------
    ``Code``, a column for each case, and ``All passages``, which also counts passages of other cases and of none.
    """
    table = count_table(evidence, "site", codes)
    if table.empty:  # no case: the last column alone
        table = count_table(evidence, "study", codes)[["Code", "All segments"]]
    table = table.rename(columns={"All segments": "All passages"})
    sizes = {name: int(table[name].iloc[-1]) for name in table.columns[1:-1]}
    kept = sorted(sizes, key=lambda name: -sizes[name])[:most]
    return table[[name for name in table if name in kept or name in ("Code", "All passages")]], len(sizes) - len(kept)


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
        held_by = set(evidence.rolled.loc[evidence.rolled["code_id"].isin(codes), "segment_id"])
        found = evidence.segments[evidence.segments["segment_id"].isin(held_by)]
        sites = {part.strip() for cell in found["site"] for part in cell.split(";") if part.strip()}
        rows.append(
            {
                "finding_id": row.finding_id,
                "statement": row.statement,
                "codes": "; ".join(title[code] for code in codes),
                "passages": len(found),
                "sources": found["document"].nunique(),
                "cases": len(sites),
                "coders": len(named_coders(evidence.codings[evidence.codings["segment_id"].isin(held_by)])),
            }
        )
    columns = ["finding_id", "statement", "codes", "passages", "sources", "cases", "coders"]
    return pd.DataFrame(rows, columns=columns)


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'s' * (number != 1)}"
