"""Findings of a study and the evidence that its document prints for each: displayed quotation, fragment or prose alone.

A finding is one claim of the results with the quantifier that the document gives it ("several"). Behind it stand coded
segments, shorter words quoted in a sentence, or the authors' prose.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from compendium import settings
from compendium.errors import CompendiumError
from compendium.evidence.triangulation import cited
from compendium.figures import style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

COLUMNS = ["finding_id", "theme", "section", "finding", "quantifier", "segments", "quoted", "fragment", "reported"]
DISPLAYED, FRAGMENT, PROSE = "displayed quotation", "fragment", "prose alone"
EVIDENCE = (DISPLAYED, FRAGMENT, PROSE)
"""Kinds of evidence, the fullest first."""
SEGMENT, WITHOUT = "Q", "P"
"""First letters of the markers in the text: of a segment, and of a finding without one."""
MOST_WORDS = 8
NOT_STATED = "not-stated"


def read(path: Path, segments: pd.DataFrame) -> pd.DataFrame:
    """Return a study's findings, in the order of its document.

    Parameters
    ----------
    path : a CSV file with `COLUMNS`. ``segments`` lists coded segments with semicolons. ``quoted`` and ``reported``
        list speakers as SITE:SECTOR, either of them blank where it is not stated: those quoted with the words of
        ``fragment``, which are too few to be a segment, and those reported in prose.
    segments : the coded segments of the study.

    Raises CompendiumError for a missing column or quantifier, an id that stands twice, a segment that is not coded or
    behind no finding, a speaker in another form, a fragment of more than eight words, or a finding without a source.
    """
    from compendium.evidence import triangulation

    found = triangulation.read(path, COLUMNS)
    known = set(segments["segment_id"])
    used: set[str] = set()
    seen: set[str] = set()
    for line, row in enumerate(found.to_dict("records"), start=2):
        where: dict[str, Any] = {"file": path, "row": line}
        if row["finding_id"] in seen:
            raise CompendiumError("two findings share an id", **where, column="finding_id", found=row["finding_id"])
        seen.add(row["finding_id"])
        for column in ("theme", "section", "finding", "quantifier"):
            if not row[column]:
                raise CompendiumError(f"a finding has no {column}", **where, column=column)
        lost = [one for one in cited(row["segments"]) if one not in known]
        if lost:
            raise CompendiumError("the segment is not coded", **where, column="segments", found=lost[0])
        used.update(cited(row["segments"]))
        for column in ("quoted", "reported"):
            for one in cited(row[column]):
                if one.count(":") != 1:
                    raise CompendiumError(
                        "a speaker is of another form", **where, column=column, found=one, expected="SITE:SECTOR"
                    )
        if bool(row["quoted"]) != bool(row["fragment"]) or len(row["fragment"].split()) > MOST_WORDS:
            raise CompendiumError(
                "a fragment stands without its speaker, or is too long",
                **where, column="fragment", found=row["fragment"], expected=f"{MOST_WORDS} words at most, quoted",
            )  # fmt: skip
        if not (row["segments"] or row["quoted"] or row["reported"]):
            raise CompendiumError("nothing stands behind a finding", **where, expected="segments, quoted or reported")
    idle = [one for one in segments["segment_id"] if one not in used]
    if idle:
        raise CompendiumError("no finding rests on a coded segment", file=path, found=idle[0])
    return found


def numbers(segments: Sequence[str]) -> dict[str, str]:
    """Return the marker of each segment in the text: Q1, Q2 and so on, in the order of the document."""
    return {segment: f"{SEGMENT}{number}" for number, segment in enumerate(segments, start=1)}


def markers(findings: pd.DataFrame, segments: Sequence[str]) -> dict[str, list[str]]:
    """Return the markers of each finding: those of its segments, or P and a number of its own where it has none."""
    of_segment = numbers(segments)
    result: dict[str, list[str]] = {}
    without = 0
    for finding, behind in zip(findings["finding_id"], findings["segments"], strict=True):
        without += not behind
        result[finding] = [of_segment[one] for one in cited(behind)] or [f"{WITHOUT}{without}"]
    return result


def cells(findings: pd.DataFrame, segments: pd.DataFrame) -> pd.DataFrame:
    """Return what each finding rests on by site and sector of the speaker: one row per finding and speaker.

    Returns
    -------
    ``finding_id``, ``theme``, ``finding``, ``site`` and ``sector`` ("" and ``not-stated`` where the document states
    none), ``evidence`` (one of `EVIDENCE`, the fullest that the finding has from such a speaker).
    """
    import pandas as pd

    known = segments.set_index("segment_id")
    rows: dict[tuple[str, str, str], int] = {}
    for row in findings.to_dict("records"):
        given = [
            (
                (str(known.at[one, "site"]), str(known.at[one, "sector"])),
                DISPLAYED if known.at[one, "kind"] == "displayed" else FRAGMENT,
            )
            for one in cited(row["segments"])
        ]
        given += [(_pair(one), FRAGMENT) for one in cited(row["quoted"])]
        given += [(_pair(one), PROSE) for one in cited(row["reported"])]
        for (site, sector), evidence in given:
            key = (row["finding_id"], site, sector or NOT_STATED)
            rows[key] = min(rows.get(key, len(EVIDENCE)), EVIDENCE.index(evidence))
    columns = ["finding_id", "site", "sector", "evidence"]
    frame = pd.DataFrame([(*key, EVIDENCE[kind]) for key, kind in rows.items()], columns=columns)
    return frame.merge(findings[["finding_id", "theme", "finding"]], on="finding_id")[
        ["finding_id", "theme", "finding", "site", "sector", "evidence"]
    ]


def _pair(speaker: str) -> tuple[str, str]:
    site, _, sector = speaker.partition(":")
    return site, sector


def kinds(given: pd.DataFrame) -> pd.DataFrame:
    """Return ``finding_id``, ``theme`` and ``evidence`` of each finding: the fullest kind among its `cells`."""
    ranked = given.assign(rank=given["evidence"].map(EVIDENCE.index)).sort_values(["finding_id", "rank"], kind="stable")
    return ranked.drop_duplicates("finding_id")[["finding_id", "theme", "evidence"]].reset_index(drop=True)


def counts(given: pd.DataFrame) -> dict[str, int]:
    """Return how many findings there are, in all and by theme, of each kind of evidence.

    Keys are ``all``, ``displayed``, ``fragment`` and ``prose``, those of a theme after its id and a full stop.
    """
    kind = kinds(given)
    short = dict(zip(EVIDENCE, ("displayed", "fragment", "prose"), strict=True))
    result: dict[str, int] = {}
    for prefix, part in [("", kind), *((f"{theme}.", rows) for theme, rows in kind.groupby("theme", sort=False))]:
        result[f"{prefix}all"] = len(part)
        result |= {f"{prefix}{word}": int((part["evidence"] == name).sum()) for name, word in short.items()}
    return result


# --- tables --------------------------------------------------------------------------------------------------


def speaker(site: str, sector: str) -> str:
    """Return a speaker in words, such as "Local authority, site C"; "not stated" where neither is known."""
    names = settings.read().sectors
    known = names.get(sector, sector) if sector not in ("", NOT_STATED) else ""
    return ", ".join(part for part in (known, f"site {site}" if site else "") if part) or "not stated"


def table(findings: pd.DataFrame, segments: pd.DataFrame, titles: dict[str, str]) -> pd.DataFrame:
    """Return the findings for print.

    Parameters
    ----------
    titles : title of each theme.

    Returns
    -------
    ``Marker`` (P and a number, or the Qs), ``Theme``, ``Finding``, ``Quantifier``, ``Speakers``, ``Words in print``
    (the fragment) and ``Evidence``.
    """
    import pandas as pd

    given = cells(findings, segments)
    kind = kinds(given).set_index("finding_id")["evidence"]
    marked = markers(findings, segments["segment_id"].tolist())
    said = {
        finding: "; ".join(dict.fromkeys(map(speaker, part["site"], part["sector"])))
        for finding, part in given.groupby("finding_id", sort=False)
    }
    rows = [
        {
            "Marker": ", ".join(marked[row["finding_id"]]), "Theme": titles[row["theme"]], "Finding": row["finding"],
            "Quantifier": row["quantifier"], "Speakers": said[row["finding_id"]], "Words in print": row["fragment"],
            "Evidence": kind[row["finding_id"]],
        }
        for row in findings.to_dict("records")
    ]  # fmt: skip
    return pd.DataFrame(rows)


def quotations(segments: pd.DataFrame) -> pd.DataFrame:
    """Return the coded segments for print.

    Returns
    -------
    ``Segment`` (its marker), ``Place`` and ``Speaker`` (as printed), ``What is said`` (our summary), ``Words of the
    speaker`` (at most eight).
    """
    import pandas as pd

    marked = numbers(segments["segment_id"].tolist())
    return pd.DataFrame(
        {
            "Segment": segments["segment_id"].map(marked),
            "Place": segments["place"].str.rpartition(" > ")[2].str.replace("inline", FRAGMENT, regex=False),
            "Speaker": segments["speaker"],
            "What is said": segments["summary"],
            "Words of the speaker": segments["label"],
        }
    ).reset_index(drop=True)


# --- the figure ----------------------------------------------------------------------------------------------

ROW_MM, HEAD_MM, LEFT_MM, FOOT_MM = 4.1, 21.0, 66.0, 8.0
SHADES = {DISPLAYED: style.HIGH, FRAGMENT: style.MEDIUM, PROSE: style.PAPER}


@style.styled
def chart(given: pd.DataFrame, titles: dict[str, str]) -> Figure:
    """Draw findings down, grouped by theme, and speakers across, by site and sector; the disc tells the evidence.

    Parameters
    ----------
    given : as `cells` returns it.
    titles : title of each theme.

    Returns a figure 170 mm wide.
    """
    style.required(given, ["finding_id", "theme", "finding", "site", "sector", "evidence"], "findings by evidence")
    names = settings.read().sectors
    order = [*names, *sorted(set(given["sector"]) - set(names))]
    pairs = sorted(
        set(zip(given["site"], given["sector"], strict=True)),
        key=lambda pair: (not pair[0], pair[0], pair[1] == NOT_STATED, order.index(pair[1])),
    )
    lines: list[tuple[str, str]] = []
    for theme, part in given.groupby("theme", sort=False):
        rows = part.drop_duplicates("finding_id")
        lines += [("", titles[str(theme)]), *zip(rows["finding_id"], rows["finding"], strict=True)]
    bottom = HEAD_MM + ROW_MM * len(lines)
    figure = style.blank(style.PAGE_MM, bottom + FOOT_MM)
    sheet = style.page(figure)
    gap = 2.5
    sites = list(dict.fromkeys(site for site, _ in pairs))
    step = (style.PAGE_MM - LEFT_MM - gap * len(sites) - 1) / len(pairs)
    place = {
        pair: LEFT_MM + gap * (sites.index(pair[0]) + 1) + (number + 0.5) * step for number, pair in enumerate(pairs)
    }
    for site in sites:
        across = [place[pair] for pair in pairs if pair[0] == site]
        left, right = across[0] - step / 2 + 0.4, across[-1] + step / 2 - 0.4
        title = f"Site {site}" if site else "Site not stated"
        sheet.text((left + right) / 2, 1.8, title, ha="center", va="center", fontsize=7, fontweight="bold")
        sheet.plot([left, right], [4.0, 4.0], color=style.HIGH, linewidth=1.2, solid_capstyle="butt")
    for (_, sector), x in place.items():
        words = "\n".join(style.wrapped(names.get(sector, sector), 12))
        sheet.text(x, HEAD_MM - 1.0, words, rotation=90, ha="center", va="bottom", fontsize=7, linespacing=1.0)
    for number, (finding, words) in enumerate(lines):
        y = HEAD_MM + (number + 0.5) * ROW_MM
        sheet.text(1, y, words, va="center", fontsize=7, fontweight="normal" if finding else "bold")
        if finding:
            sheet.plot([LEFT_MM + gap, style.PAGE_MM - 1], [y, y], color=style.RULE, linewidth=0.4, zorder=1)
        for cell in given[given["finding_id"] == finding].itertuples():
            _disc(sheet, place[str(cell.site), str(cell.sector)], y, str(cell.evidence))
    x = LEFT_MM + gap
    for evidence in EVIDENCE:
        _disc(sheet, x + 1.5, bottom + 4.5, evidence)
        sheet.text(x + 4.2, bottom + 4.5, evidence.capitalize(), va="center", fontsize=7)
        x += 36
    return figure


def _disc(sheet: Any, x: float, y: float, evidence: str) -> None:
    sheet.plot(
        [x], [y], marker="o", markersize=7.5, markerfacecolor=SHADES[evidence], markeredgecolor=style.HIGH,
        markeredgewidth=0.8, linestyle="none", zorder=3,
    )  # fmt: skip
