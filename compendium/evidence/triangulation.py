"""What studies say about the same statements, where their quotations overlap and where they disagree.

A triangulation matrix (Farmer et al. 2006) sets statements against studies; each cell holds a verdict and the coded
segments behind it. A joint display (Guetterman, Fetters and Creswell 2015) sets what is known of each case in numbers
beside what its people say.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

from compendium.data.loading import read_text
from compendium.errors import CompendiumError
from compendium.evidence.evidence import Evidence, name, of_study, themes

if TYPE_CHECKING:
    import pandas as pd

VERDICTS = ("agree", "partial", "silent", "contradict")
NOT_JUDGED = "not judged"

COLUMNS = ("theme_id", "statement", "study", "verdict", "segments", "reason", "place")


def read(path: str | Path, columns: Sequence[str]) -> pd.DataFrame:
    """Read a table of text cells and check that it has these columns; blank cells are empty strings.

    Raises CompendiumError when there is no such file, it is no CSV in UTF-8, or a column is missing.
    """
    frame = read_text(path)
    for column in columns:
        if column not in frame.columns:
            raise CompendiumError("a column is missing", file=path, column=column, found=list(frame.columns))
    return frame


def check(judged: pd.DataFrame, known: Mapping[str, Sequence[str]], file: str | Path | None = None) -> pd.DataFrame:
    """Return the verdicts, or say what is wrong with them.

    Parameters
    ----------
    judged : ``COLUMNS``; one row per statement and study.
    known : the segment ids of each study at hand; verdicts on other studies are not looked at.

    Raises
    ------
    CompendiumError : a verdict is unknown, a statement and study stand twice, one id has two statements, a silent study
        has segments, or a segment is not one of the study's.
    """
    seen: set[tuple[str, str]] = set()
    statements: dict[str, str] = {}
    for row, record in enumerate(judged.to_dict("records"), start=2):
        where: dict[str, Any] = {"file": file, "row": row}
        theme, study = str(record["theme_id"]), str(record["study"])
        if record["verdict"] not in VERDICTS:
            raise CompendiumError(
                "a verdict is wrong", **where, column="verdict", found=record["verdict"], expected=VERDICTS
            )
        if (theme, study) in seen:
            raise CompendiumError("a statement is judged twice for one study", **where, found=f"{theme}, {study}")
        seen.add((theme, study))
        if statements.setdefault(theme, record["statement"]) != record["statement"]:
            raise CompendiumError("one id has two statements", **where, column="statement", found=theme)
        behind = cited(record["segments"])
        if record["verdict"] == "silent" and behind:
            raise CompendiumError("a silent study has segments", **where, column="segments", found=behind)
        lost = [segment for segment in behind if study in known and segment not in known[study]]
        if lost:
            raise CompendiumError(f"a segment is not one of {study}", **where, column="segments", found=lost[0])
    return judged


def cited(cell: str) -> list[str]:
    """Return the segments that a cell names, separated by semicolons."""
    return [part.strip() for part in cell.split(";") if part.strip()]


def matrix(judged: pd.DataFrame, studies: Sequence[str]) -> pd.DataFrame:
    """Return one row per statement and study asked for, in the order of the statements.

    Returns
    -------
    ``theme_id``, ``statement``, ``study``, ``verdict`` (``not judged`` where there is none), ``segments`` (their
    number), ``cited`` (their ids, with semicolons) and ``reason``.
    """
    import pandas as pd

    cells = {(row["theme_id"], row["study"]): row for row in judged.to_dict("records")}
    statements = dict(zip(judged["theme_id"], judged["statement"], strict=True))
    rows = []
    for theme, statement in statements.items():
        for study in studies:
            cell = cells.get((theme, study))
            behind = cited(cell["segments"]) if cell else []
            rows.append(
                {
                    "theme_id": theme, "statement": statement, "study": study,
                    "verdict": cell["verdict"] if cell else NOT_JUDGED,
                    "segments": len(behind), "cited": ";".join(behind), "reason": cell["reason"] if cell else "",
                }
            )  # fmt: skip
    columns = ["theme_id", "statement", "study", "verdict", "segments", "cited", "reason"]
    return pd.DataFrame(rows, columns=columns)


def wide(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the matrix for print: ``Statement`` and one column per study, such as "agree (3)"."""
    printed = cells.assign(
        cell=[
            f"{verdict} ({n})" if n else verdict for verdict, n in zip(cells["verdict"], cells["segments"], strict=True)
        ]
    )
    studies = list(dict.fromkeys(cells["study"]))
    table = printed.pivot(index="theme_id", columns="study", values="cell")[studies]
    table = table.loc[list(dict.fromkeys(cells["theme_id"]))].rename(columns=name)
    statements = dict(zip(cells["theme_id"], cells["statement"], strict=True))
    table.insert(0, "Statement", [statements[theme] for theme in table.index])
    table.columns.name = None
    return table.reset_index(drop=True)


def accord(cells: pd.DataFrame) -> pd.DataFrame:
    """Return, for each pair of studies, how their verdicts meet over the statements on which both speak.

    Returns
    -------
    ``study_a``, ``study_b``, ``both_speak``, ``same`` (same verdict), ``weaker`` (one agrees, one in part) and
    ``opposed`` (one contradicts, the other does not). No coefficient: the verdicts are one reader's, and the studies
    were chosen because they treat one subject.
    """
    import pandas as pd

    speaks = cells[~cells["verdict"].isin(["silent", NOT_JUDGED])]
    verdict = {(row["theme_id"], row["study"]): row["verdict"] for row in speaks.to_dict("records")}
    rows = []
    for one, other in combinations(dict.fromkeys(cells["study"]), 2):
        met = [
            (verdict[theme, one], verdict[theme, other])
            for theme in dict.fromkeys(cells["theme_id"])
            if (theme, one) in verdict and (theme, other) in verdict
        ]
        opposed = sum((a == "contradict") != (b == "contradict") for a, b in met)
        same = sum(a == b for a, b in met)
        rows.append(
            {
                "study_a": one, "study_b": other, "both_speak": len(met), "same": same,
                "weaker": len(met) - same - opposed, "opposed": opposed,
            }
        )  # fmt: skip
    return pd.DataFrame(rows, columns=["study_a", "study_b", "both_speak", "same", "weaker", "opposed"])


def overlaps(path: str | Path, known: Collection[str]) -> pd.DataFrame:
    """Return the quotations that are printed twice, as far as all their segments are among the known ones.

    Columns: ``overlap``, ``kind``, ``segments`` (separated by semicolons), ``shared_words`` and ``note``.
    """
    frame = read(path, ["overlap", "kind", "segments", "shared_words", "note"])
    frame = frame[[set(cited(cell)) <= set(known) for cell in frame["segments"]]]
    return frame.assign(shared_words=frame["shared_words"].astype(int))


def conflicts(path: str | Path, known: Collection[str]) -> pd.DataFrame:
    """Return where two prints of a quotation differ, as far as their segments are among the known ones."""
    columns = ["conflict_id", "kind", "segment_a", "segment_b", "printed_a", "printed_b", "difference", "treatment"]
    frame = read(path, columns)
    sides = zip(frame["segment_a"], frame["segment_b"], strict=True)
    return frame[[{one, other} - {""} <= set(known) for one, other in sides]]


def joint_display(
    profiles: pd.DataFrame, characteristics: Mapping[str, str], evidence: Evidence, people: Mapping[str, int]
) -> pd.DataFrame:
    """Return the printed profile of each case beside the segments of each theme that name it.

    Parameters
    ----------
    profiles : one row per case with ``site`` and the characteristics, as printed.
    characteristics : column -> title of the characteristics to show, and no others.
    evidence : studies of these cases; a study that names none of them adds no rows.
    people : interviewees of each case.

    Returns
    -------
    ``Part``, ``Row`` and one column per case, in the order of ``profiles``. Nothing is added to the printed profiles
    but numbers of interviewees and of printed quotations, so the display narrows no case further.
    """
    import pandas as pd

    sites = profiles["site"].tolist()
    known = profiles.set_index("site")
    rows: list[dict[str, Any]] = [
        {"Part": "Profile", "Row": title, **{site: known.at[site, column] for site in sites}}
        for column, title in characteristics.items()
    ]
    rows.append({"Part": "Sample", "Row": "Interviewees", **{site: people.get(site, 0) for site in sites}})
    for study in evidence.studies:
        part = of_study(evidence, study)
        home = {
            segment: {one.strip() for one in site.split(";")}
            for segment, site in zip(part.segments["segment_id"], part.segments["site"], strict=True)
        }
        if not any(set(sites) & named for named in home.values()):
            continue
        title = dict(zip(part.codebook["code_id"], part.codebook["code"], strict=True))
        for theme in themes(part.codebook):
            held = part.rolled.loc[part.rolled["code_id"] == theme, "segment_id"]
            numbers = {site: sum(site in home[segment] for segment in held) for site in sites}
            rows.append({"Part": name(study), "Row": title[theme], **numbers})
    return pd.DataFrame(rows)
