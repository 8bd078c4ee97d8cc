"""How many people stand behind a set of segments, where printed labels may be shared by several of them.

Three kinds of label. *Codes*: a table of spellings turns each printed code into one speaker. *Roles*: a label such as
a sector and a site may stand for several people, so people can only be counted from below. *Names*: anything else; each
label is one speaker.

The lower bound for roles is the largest set of labels of which no two can be the same person. Two labels must be
different people when both state a site and the sites differ, or both state a sector and the sectors exclude one
another, given that each person belongs to one site and one sector.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from compendium import settings
from compendium.errors import CompendiumError
from compendium.evidence.evidence import Evidence, of_study, themes

if TYPE_CHECKING:
    import pandas as pd

UNSTATED = ("", "not-stated")

MOST_LABELS = 60


def identified(segments: pd.DataFrame, spellings: pd.DataFrame | None = None) -> pd.Series:
    """Return the speaker of each segment, '' where none is stated.

    Parameters
    ----------
    segments : ``study`` and ``speaker``.
    spellings : ``study``, ``printed`` and ``speaker_id`` for the studies that print codes; every printed code of such
        a study must be in it. Without spellings a label is its own id. A study that states no speaker at all goes by
        its documents, where interviews usually are one document each.

    Raises
    ------
    CompendiumError : a study that has spellings prints one that is not among them.
    """
    import pandas as pd

    known: dict[tuple[str, str], str] = {}
    if spellings is not None:
        rows = zip(spellings["study"], spellings["printed"], spellings["speaker_id"], strict=True)
        known = {(study, printed): str(speaker or "") for study, printed, speaker in rows}
    coded = {study for study, _ in known}
    silent = set(segments["study"]) - set(segments.loc[segments["speaker"] != "", "study"])
    found = []
    columns = zip(segments["study"], segments["speaker"], segments["document"], segments["segment_id"], strict=True)
    for study, speaker, document, segment in columns:
        if study in coded and speaker and (study, speaker) not in known:
            raise CompendiumError(
                "a speaker's code is not in the table of spellings", row=segment, column="speaker", found=speaker
            )
        found.append(document if study in silent else known.get((study, speaker), speaker.strip()))
    return pd.Series(found, index=segments.index, dtype=object, name="speaker_id")


def fewest(segments: pd.DataFrame, roles: Collection[str], spellings: pd.DataFrame | None = None) -> int:
    """Return the least number of people who can stand behind segments of one study.

    Parameters
    ----------
    segments : ``study`` (one), ``site``, ``sector``, ``speaker``, ``document`` and ``segment_id``.
    roles : studies whose labels are roles.
    spellings : as in `identified`.

    Raises
    ------
    CompendiumError : the segments come from several studies, whose speakers may be the same people.
    """
    studies = list(segments["study"].unique())
    if len(studies) > 1:
        raise CompendiumError("speakers of several studies cannot be counted together", found=studies)
    if not studies:
        return 0
    if studies[0] in roles:
        return fewest_behind(zip(segments["site"], segments["sector"], strict=True))
    return len(set(identified(segments, spellings)) - {""})


def overview(evidence: Evidence, roles: Collection[str], spellings: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return what each study holds: one row per study.

    Returns
    -------
    ``study``, ``segments``, ``kinds`` (how many of each kind, in words), ``words`` (missing where a segment has no
    count), ``codes`` (that a segment holds), ``codings``, ``speakers`` (at least) and ``sites``.
    """
    import pandas as pd

    rows = []
    for study in evidence.studies:
        part = of_study(evidence, study)
        kinds = part.segments["kind"].value_counts()
        words = part.segments["words"]
        rows.append(
            {
                "study": study,
                "segments": len(part.segments),
                "kinds": ", ".join(f"{number} {kind or 'of no kind'}" for kind, number in kinds.items()),
                "words": int(words.sum()) if words.notna().all() else pd.NA,
                "codes": part.codings["code_id"].nunique(),
                "codings": len(part.codings.drop_duplicates(["segment_id", "code_id"])),
                "speakers": fewest(part.segments, roles, spellings),
                "sites": len(_stated(part.segments["site"])),
            }
        )
    return pd.DataFrame(rows).astype({"words": "Int64"})


def behind_themes(evidence: Evidence, roles: Collection[str], spellings: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return what stands behind each theme of each study, codes below it included.

    Returns
    -------
    ``study``, ``code_id``, ``theme`` (title), ``segments``, ``speakers`` (at least), ``sites`` (stated, as letters or
    names with commas), ``without_site`` (segments that state none) and ``sectors`` (stated, their number).
    """
    import pandas as pd

    rows = []
    for study in evidence.studies:
        part = of_study(evidence, study)
        title = dict(zip(part.codebook["code_id"], part.codebook["code"], strict=True))
        held_by = part.rolled.groupby("code_id")["segment_id"].agg(set).to_dict()
        for theme in themes(part.codebook):
            held = part.segments[part.segments["segment_id"].isin(held_by.get(theme, set()))]
            rows.append(
                {
                    "study": study,
                    "code_id": theme,
                    "theme": title[theme],
                    "segments": len(held),
                    "speakers": fewest(held, roles, spellings),
                    "sites": ", ".join(_stated(held["site"])),
                    "without_site": int((held["site"] == "").sum()),
                    "sectors": len(set(held["sector"]) - set(UNSTATED)),
                }
            )
    return pd.DataFrame(rows)


def _stated(sites: pd.Series) -> list[str]:
    return sorted({part.strip() for cell in sites.unique() for part in cell.split(";") if part.strip()})


def fewest_behind(labels: Iterable[tuple[str, str]], broad: Mapping[str, Collection[str]] | None = None) -> int:
    """Return the least number of people behind labels of (site, sector), each '' where it is not stated.

    ``broad`` as in `different`, by default what the study's settings say.

    Raises CompendiumError for more than sixty different labels, which are names rather than roles.
    """
    distinct = sorted(set(labels))
    if len(distinct) > MOST_LABELS:
        raise CompendiumError(
            "there are too many labels for roles",
            found=f"{len(distinct)} labels",
            expected="a study with named speakers",
        )
    wide = settings.read().broad_sectors if broad is None else broad
    apart = {
        place: {other for other, label in enumerate(distinct) if different(one, label, wide)}
        for place, one in enumerate(distinct)
    }
    return _largest_clique(0, set(range(len(distinct))), apart, 0)


def different(one: tuple[str, str], other: tuple[str, str], broad: Mapping[str, Collection[str]]) -> bool:
    """Return whether two labels of (site, sector) cannot stand for one person.

    ``broad`` names the sectors that a document prints when it does not say which of several narrower ones it means,
    each with these.
    """
    if one[0] and other[0] and one[0] != other[0]:
        return True
    first, second = one[1], other[1]
    if first in UNSTATED or second in UNSTATED or first == second:
        return False
    return second not in broad.get(first, ()) and first not in broad.get(second, ())


def _largest_clique(size: int, candidates: set[int], apart: dict[int, set[int]], best: int) -> int:
    """Return the size of the largest set of labels that are all apart, by branch and bound."""
    if not candidates:
        return max(size, best)
    pivot = max(candidates, key=lambda one: (len(apart[one] & candidates), -one))
    for one in sorted(candidates - apart[pivot]):
        if size + len(candidates) <= best:
            return best
        best = _largest_clique(size + 1, candidates & apart[one], apart, best)
        candidates = candidates - {one}
    return best
