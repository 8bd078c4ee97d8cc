"""The tables of the interview studies and their sisters as they are printed, from codes, segments and frameworks."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from compendium.evidence import segments as coded

DOCUMENTS = {
    "NHS Long Term Plan": "Long-term",
    "Integration and Innovation (White Paper)": "White paper",
    "ICS Design Framework": "Design",
    "Core20PLUS5": "Core20PLUS5",
    "2023/24 Priorities and Operational Planning Guidance": "Guidance",
}
STUDIES = {"interviews": "Interviews of the thesis", "prucomm": "PRUComm report", "plans": "Plan analysis"}
ASPECTS = {
    "question": "Question",
    "design": "Design",
    "material": "Material",
    "period": "Period",
    "choice": "How chosen",
    "people": "Who speaks",
    "analysis": "Analysis",
    "anonymity": "Labels used",
}
LEVELS = {"individual": "individuals", "population": "population", "both": "both", "none": "–"}
ACTORS = {"nhs-alone": "NHS alone", "partnership": "partnership", "none": "–"}


def themed(segments: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Return segments with ``theme``: the first of their codes that is one of the themes ``names`` (by code id)."""
    return segments.assign(
        theme=[next(names[code] for code in cell.split(";") if code in names) for cell in segments["codes"]]
    )


def in_domains(segments: pd.DataFrame, codes: pd.DataFrame, domains: pd.DataFrame, prefix: str) -> pd.DataFrame:
    """Return segments with ``domain``: that of the first of their codes that begins with ``prefix``.

    Parameters
    ----------
    codes : the codebook; a code belongs to the domain of the code above it.
    domains : ``domain`` and ``ch7_code_id``, the code that stands for it.
    """
    parents = dict(zip(codes["code_id"], codes["parent"], strict=True))
    tops = dict(zip(domains["ch7_code_id"], domains["domain"], strict=True))
    found = [
        next(tops.get(code) or tops[parents[code]] for code in cell.split(";") if code.startswith(prefix))
        for cell in segments["codes"]
    ]
    return segments.assign(domain=found)


def by_site(domains: pd.DataFrame, segments: pd.DataFrame) -> pd.DataFrame:
    """Return the domains with their segments, in all and by the site that the document gives (``none``: no site)."""
    counts = pd.crosstab(segments["domain"], segments["site"].replace("", "none"))
    return domains.assign(segments=domains["domain"].map(counts.sum(axis=1))).join(counts, on="domain")


def guide(topics: pd.DataFrame, codes: pd.DataFrame, codings: pd.DataFrame) -> pd.DataFrame:
    """Return the topics of the guide with the names of the codes that each invites, and the segments that carry one.

    Parameters
    ----------
    topics : with ``codes``, ids separated by semicolons.
    codes, codings : codebooks and codings of the studies, one after another.
    """
    names = codes.drop_duplicates("code_id").set_index("code_id")["code"]
    asked = [[code for code in cell.split(";") if code] for cell in topics["codes"]]
    return topics.assign(
        codes=["; ".join(names[code] for code in wanted) or "–" for wanted in asked],
        segments=[codings[codings["code_id"].isin(wanted)]["segment_id"].nunique() for wanted in asked],
    )


def designs(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the designs of the studies side by side: one row per aspect, one column per study."""
    table = cells.pivot(index="aspect", columns="study", values="text").loc[list(ASPECTS), list(STUDIES)]
    return table.rename(index=ASPECTS, columns=STUDIES).rename_axis(index="Aspect", columns=None).reset_index()


def sample_flow(flow: pd.DataFrame) -> pd.DataFrame:
    """Return the steps from systems asked to plans analysed, with those ``lost`` at each as text."""
    return flow.assign(lost=(-flow["change"]).astype(str).replace("0", "–"))


def framings(table: pd.DataFrame) -> pd.DataFrame:
    """Return how documents frame inequalities, each ``document`` under its short name."""
    return table.assign(document=table["policy_document"].map(DOCUMENTS))


def mechanisms(table: pd.DataFrame, segments: pd.DataFrame) -> pd.DataFrame:
    """Return the mechanisms with the number of ``segments`` coded with each."""
    counts = coded.codings(segments).groupby("code_id")["segment_id"].nunique()
    return table.assign(segments=table["code_id"].map(counts).fillna(0).astype(int))


def programmes(table: pd.DataFrame) -> pd.DataFrame:
    """Return the examples of programmes with type, level and actor in words."""
    return table.assign(
        type=table["type"].str.capitalize(), level=table["level"].map(LEVELS), actor=table["actor"].map(ACTORS)
    )


def plan_themes(themes: pd.DataFrame, codes: pd.DataFrame, segments: pd.DataFrame) -> pd.DataFrame:
    """Return the themes of the plans with their ``segments`` and the ``plans`` quoted.

    Parameters
    ----------
    themes : by ``code_id``.
    codes, segments : codebook and segments of the study; a code counts for its theme or the one above it.
    """
    parents = dict(zip(codes["code_id"], codes["parent"], strict=True))
    above = {code: code if code in themes.index else parent for code, parent in parents.items()}
    found = themed(segments, {code: theme for code, theme in above.items() if theme in themes.index})
    return themes.join(found.groupby("theme").agg(segments=("segment_id", "count"), plans=("speaker", "nunique")))
