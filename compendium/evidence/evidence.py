"""Coded evidence of one or several studies: joined, rolled up through the code tree, and counted.

A study is a folder with a codebook and coded segments, transcribed or imported. Counts are of segments: a segment
that holds two codes of one branch counts once for the branch. Sites belong to their study: a letter of one study
never meets the same letter of another.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from compendium import settings
from compendium.data.loading import read_text
from compendium.errors import CompendiumError
from compendium.evidence import codebook as codebooks
from compendium.evidence import segments as coded_segments

if TYPE_CHECKING:
    import pandas as pd

    from compendium.evidence.decisions import Unit


@dataclass(frozen=True)
class Evidence:
    """Codes, segments and codings of the studies at hand.

    Parameters
    ----------
    codebook : every code once, as `compendium.evidence.codebook.check` returns it.
    segments : as `compendium.evidence.segments.check` returns them; ``study`` holds the name of the folder.
    codings : long table ``study``, ``segment_id``, ``code_id``, ``coder``.
    codebooks : the codebook of each study.
    withheld : whether the researcher publishes no counts of a project, which then has no segments here.
    """

    codebook: pd.DataFrame
    segments: pd.DataFrame
    codings: pd.DataFrame
    codebooks: dict[str, pd.DataFrame]
    withheld: bool = False

    @cached_property
    def rolled(self) -> pd.DataFrame:
        """Return which segment holds which code or a code below it: ``segment_id``, ``code_id``, each pair once."""
        return rolled_up(self.codings[["segment_id", "code_id"]], self.codebook)

    @property
    def studies(self) -> list[str]:
        """Return the studies in the order in which they were asked for."""
        return list(self.codebooks)


def listed(names: str) -> list[str]:
    """Return the studies that a parameter names, separated by commas.

    Raises CompendiumError where there is none, one stands twice, or one is no plain folder name.
    """
    found = [name.strip() for name in names.split(",") if name.strip()]
    for name in found:
        if not re.fullmatch(r"[\w][\w. -]*", name) or found.count(name) > 1:
            raise CompendiumError(
                "a study is not named as a folder of data/coding, each once", column="study", found=names or "nothing"
            )
    if not found:
        raise CompendiumError("no study is named", column="study", expected="folders of data/coding, with commas")
    return found


def key(study: str) -> str:
    """Return a study's short name in lower case with hyphens, for the ids of its results."""
    if known := settings.read().studies.get(study):
        return known.key
    return re.sub(r"[^a-z0-9]+", "-", study.casefold()).strip("-") or "study"


def name(study: str) -> str:
    """Return a study's name as printed."""
    known = settings.read().studies.get(study)
    return known.name if known else study


def read(
    study: str, codebook: str | Path, segments: str | Path, codings: str | Path | None = None, *, uncoded: bool = False
) -> Evidence:
    """Read the evidence of one study.

    Parameters
    ----------
    study : its folder in data/coding.
    codebook, segments : its two tables.
    codings : the table of an imported project that says who applied which code; without it the segments say so.
        Selections of one source with the same edges become one segment (see `compendium.evidence.passages`).
    uncoded : accept a project in which nothing is coded yet; its codings are then an empty table.

    Raises
    ------
    CompendiumError : a table is missing or faulty, a segment holds an unknown code, or, unless ``uncoded``, no segment
        holds any.
    """
    from compendium.evidence import passages

    book = codebooks.load(codebook)
    loaded = coded_segments.load(segments)  # its codes are those of the table of codings, where there is one
    frame = coded_segments.check(loaded, book if codings is None else None, file=segments).assign(study=study)
    if codings is None:
        long = coded_segments.codings(frame)
    else:
        long = read_text(codings, "there are no codings here", "the codings are")
        if lacking := [name for name in coded_segments.CODING_COLUMNS if name not in long]:
            raise CompendiumError("a column is missing", file=codings, column=lacking[0], found=list(long.columns))
        long = long[list(coded_segments.CODING_COLUMNS)]
        for column, known in (("code_id", book["code_id"]), ("segment_id", frame["segment_id"])):
            lost = long.index[~long[column].isin(known)]
            if len(lost):
                raise CompendiumError(
                    "a coding names what is not there",
                    file=codings, row=int(lost[0]) + 2, column=column, found=long[column][lost[0]],
                )  # fmt: skip
    if long.empty and not uncoded:
        raise CompendiumError("no segment of the study carries a code", file=segments, found=f"{len(frame)} segments")
    frame, long = passages.merged(frame, long)
    return Evidence(book, frame, long.assign(study=study), {study: book})


def joined(parts: Sequence[Evidence]) -> Evidence:
    """Return the evidence of several studies as one.

    Segment ids that two studies share get the study in front. Raises CompendiumError when one code id means
    different codes, or stands below different ones.
    """
    import pandas as pd

    studies = {study: book for part in parts for study, book in part.codebooks.items()}
    books = pd.concat(list(studies.values()), ignore_index=True)
    for column in ("code", "parent"):
        meanings = books.groupby("code_id")[column].nunique()
        if (meanings > 1).any():
            code = meanings.index[meanings > 1][0]
            raise CompendiumError(
                f"two codebooks give one code id a different {'name' if column == 'code' else 'parent'}",
                column="code_id", found=code, expected="one meaning for one id, or the studies one at a time",
            )  # fmt: skip
    book = codebooks.check(books.drop_duplicates("code_id").reset_index(drop=True))
    frame = pd.concat([part.segments for part in parts], ignore_index=True)
    long = pd.concat([part.codings for part in parts], ignore_index=True)
    if frame["segment_id"].duplicated().any():
        frame = frame.assign(segment_id=frame["study"] + ":" + frame["segment_id"])
        long = long.assign(segment_id=long["study"] + ":" + long["segment_id"])
    return Evidence(book, frame, long, studies, any(part.withheld for part in parts))


def of_study(evidence: Evidence, study: str) -> Evidence:
    """Return the part of the evidence that comes from one study, with its own codebook."""
    if study not in evidence.codebooks:
        raise CompendiumError("the study is not among the evidence", found=study, expected=evidence.studies)
    if len(evidence.codebooks) == 1:
        return evidence
    return Evidence(
        evidence.codebooks[study],
        evidence.segments[evidence.segments["study"] == study],
        evidence.codings[evidence.codings["study"] == study],
        {study: evidence.codebooks[study]},
    )


# --- the code tree -------------------------------------------------------------------------------------------


def rolled_up(codings: pd.DataFrame, codebook: pd.DataFrame) -> pd.DataFrame:
    """Return the codings with those that follow from ``parent``: each code also counts for the codes above it.

    A segment, code and coder stand once, whatever the number of codes below.
    """
    import pandas as pd

    above = codebooks.parents(codebook)
    pairs = [(code, step) for code in above for step in ancestors(code, above)]
    tree = pd.DataFrame(pairs, columns=["code_id", "rolled"])
    rolled = codings.merge(tree, on="code_id").assign(code_id=lambda frame: frame["rolled"]).drop(columns="rolled")
    return rolled.drop_duplicates().reset_index(drop=True)


def roots(codebook: pd.DataFrame) -> dict[str, str]:
    """Return the topmost code of every code."""
    above = codebooks.parents(codebook)
    return {code: ancestors(code, above)[-1] for code in above}


def themes(codebook: pd.DataFrame) -> list[str]:
    """Return the themes of a study: the topmost codes taken over from it, or all topmost codes where none is."""
    top = codebook[codebook["parent"] == ""]
    taken = top[top["origin"] == "deductive"]
    return (taken if len(taken) else top)["code_id"].tolist()


def compared(evidence: Evidence) -> list[str]:
    """Return the codes by which segments are compared, in the order of the tree.

    These are the inductive codes, one list for all studies; where no code is marked inductive, all codes. Codes that
    only group others, and hold no segment themselves, are left out.
    """
    book = codebooks.ordered(evidence.codebook)
    chosen = book[book["origin"] == "inductive"]
    chosen = chosen if len(chosen) else book
    used = set(evidence.codings["code_id"])
    return [code for code in chosen["code_id"] if code in used]


def most_used(evidence: Evidence, codes: Sequence[str], most: int) -> list[str]:
    """Return the codes with the most segments, at most ``most``, in the order given; ties go to the earlier code."""
    if most < 1:
        raise CompendiumError("at least one code must be shown", found=most)
    counts = evidence.codings.drop_duplicates(["segment_id", "code_id"])["code_id"].value_counts()
    ranked = sorted(codes, key=lambda code: (-counts.get(code, 0), list(codes).index(code)))
    keep = set(ranked[:most])
    return [code for code in codes if code in keep]


def ancestors(code: str, above: Mapping[str, str]) -> list[str]:
    """Return a code and the codes above it, the code first; ``above`` holds each code's parent."""
    line = [code]
    while above.get(line[-1]):
        line.append(above[line[-1]])
    return line


# --- counts --------------------------------------------------------------------------------------------------


def groups(evidence: Evidence, by: str) -> pd.DataFrame:
    """Return which groups each segment belongs to: ``segment_id``, ``group`` and ``label``, in printing order.

    Parameters
    ----------
    by : ``study``, ``site`` or ``sector``. A site belongs to its study. A segment without a site stands in no group;
        one with several (semicolons) in each. A blank sector reads ``not-stated`` only where others are stated.

    Raises CompendiumError for anything else.
    """
    import pandas as pd

    frame = evidence.segments[["segment_id", "study", "site", "sector"]]
    order = {study: place for place, study in enumerate(evidence.studies)}
    if by == "study":
        found = frame.assign(group=frame["study"], label=frame["study"].map(name))
        found["rank"] = found["study"].map(order)
    elif by == "site":
        split = frame.assign(site=frame["site"].str.split(";")).explode("site")
        split["site"] = split["site"].str.strip()
        split = split[split["site"] != ""]
        several = split["study"].nunique() > 1
        group = split["study"] + ":" + split["site"]
        label = split["study"].map(lambda study: name(study) + ", ") + split["site"] if several else split["site"]
        found = split.assign(group=group, label=label, rank=split["study"].map(order))
    elif by == "sector":
        stated = frame[frame["sector"] != ""]
        names = settings.read().sectors
        known = {sector: place for place, sector in enumerate(names)}
        label = stated["sector"].map(lambda sector: names.get(sector, sector))
        rank = stated["sector"].map(lambda sector: known.get(sector, len(names)))
        found = stated.assign(group=stated["sector"], label=label, rank=rank)
    else:
        raise CompendiumError("segments cannot be grouped by this", found=by, expected=["study", "site", "sector"])
    found = found.sort_values(["rank", "group"], kind="stable").drop_duplicates(["segment_id", "group"])
    return pd.DataFrame(found[["segment_id", "group", "label"]]).reset_index(drop=True)


def counts(evidence: Evidence, by: str, codes: Sequence[str] | None = None) -> pd.DataFrame:
    """Return how many segments of each group hold each code or a code below it.

    Parameters
    ----------
    by : as in `groups`.
    codes : rows, by default the whole codebook in the order of its tree.

    Returns
    -------
    DataFrame of integers, code_id down, labels of the groups across; ``frame.attrs["segments"]`` holds the segments
    of each group, whatever their codes.
    """
    import pandas as pd

    order = codebooks.ordered(evidence.codebook)["code_id"].tolist() if codes is None else list(codes)
    member = groups(evidence, by)
    labels = list(dict.fromkeys(member["label"]))
    found = evidence.rolled.merge(member, on="segment_id")
    table = pd.crosstab(found["code_id"], found["label"]).reindex(index=order, columns=labels, fill_value=0)
    table.index.name, table.columns.name = "code_id", by
    table.attrs["segments"] = member["label"].value_counts().reindex(labels, fill_value=0).to_dict()
    return table.astype(int)


def count_table(evidence: Evidence, by: str, codes: Sequence[str] | None = None) -> pd.DataFrame:
    """Return `counts` for print: ``Code`` indented by level, one column for each group, and ``All segments``.

    Parameters
    ----------
    codes : those to show, with the codes above them; by default all that hold a segment.

    ``All segments`` also counts segments that stand in no group; the last row holds all segments of each group.
    Without any group there is no row.
    """
    import pandas as pd

    table, everything = counts(evidence, by), totals(evidence)
    if table.columns.empty:
        return pd.DataFrame(columns=["Code", "All segments"])
    chosen = set(everything if codes is None else codes)
    above = codebooks.parents(evidence.codebook)
    chosen |= {step for code in chosen for step in ancestors(code, above)}
    book = codebooks.ordered(evidence.codebook)
    used = book[book["code_id"].isin(chosen & set(everything))]
    titles = ["– " * (level - 1) + title for level, title in zip(used["level"], used["code"], strict=True)]
    printed = table.loc[used["code_id"]].assign(**{"All segments": [everything[code] for code in used["code_id"]]})
    last = pd.DataFrame([{**table.attrs["segments"], "All segments": len(evidence.segments)}])
    printed = pd.concat([printed, last], ignore_index=True).fillna(0).astype(int)
    printed.insert(0, "Code", [*titles, "All codes"])
    return printed


def totals(evidence: Evidence) -> dict[str, int]:
    """Return how many segments hold each code or a code below it."""
    return {str(code): int(number) for code, number in evidence.rolled["code_id"].value_counts().items()}


# --- tables of segments --------------------------------------------------------------------------------------


def segment_table(evidence: Evidence, study: str) -> pd.DataFrame:
    """Return the segments of one study for an appendix, theme by theme in the order of its codebook.

    Returns
    -------
    ``Theme``, ``Segment``, ``Site``, ``Speaker`` (as printed), ``Words of the speaker`` (the in-vivo label),
    ``What is said`` (our summary) and ``Codes`` (titles of the other codes); columns that are blank throughout are left
    out. A segment that holds codes of two themes stands under the first.
    """
    import pandas as pd

    part = of_study(evidence, study)
    book = part.codebook.set_index("code_id")["code"].to_dict()
    top, order = roots(part.codebook), themes(part.codebook)
    codes = part.codings.drop_duplicates(["segment_id", "code_id"]).groupby("segment_id", sort=False)["code_id"]
    held = {str(segment): list(group) for segment, group in codes}
    rows = []
    for row in part.segments.to_dict("records"):
        mine = held.get(row["segment_id"], [])
        found = [order.index(top[code]) for code in mine if top[code] in order]
        theme = order[min(found)] if found else ""
        rows.append(
            {
                "Theme": book.get(theme, ""),
                "Segment": row["segment_id"],
                "Site": row["site"],
                "Speaker": row["speaker"],
                "Words of the speaker": row["label"],
                "What is said": row["summary"],
                "Codes": "; ".join(book[code] for code in mine if code != theme),
                "rank": min(found) if found else len(order),
            }
        )
    table = pd.DataFrame(rows).sort_values("rank", kind="stable").drop(columns="rank").reset_index(drop=True)
    return table.loc[:, [bool((table[column] != "").any()) for column in table.columns]]


def named_coders(codings: pd.DataFrame) -> list[str]:
    """Return the coders that the codings name, sorted; none where a single coder was not written down."""
    return sorted(coder for coder in codings["coder"].unique() if coder)


def coder_agreement(
    evidence: Evidence, study: str, unit: Unit = "segment", lengths: Mapping[str, int] | None = None
) -> tuple[pd.DataFrame | None, str]:
    """Return how far the coders of a study agree, or none, and a sentence that says what can be claimed.

    Parameters
    ----------
    unit, lengths : as `compendium.evidence.reliability.agreement`; segments stand in for a unit that the study's
        passages, without positions, do not allow.
    """
    from compendium.evidence import reliability

    part = of_study(evidence, study)
    coders = named_coders(part.codings)
    if len(coders) < 2:
        return None, "One coder, or none named: no agreement between coders can be reported."
    if unit in ("character", "overlap") and not part.segments["start"].notna().any():
        unit = "segment"
    try:
        table = reliability.agreement(part.codings, part.segments, unit, lengths)
    except CompendiumError as error:
        return None, f"{len(coders)} coders, but their agreement cannot be computed: {error.problem}."
    return table, f"{len(coders)} coders; agreement is by {unit}, on the documents that two or more of them coded."
