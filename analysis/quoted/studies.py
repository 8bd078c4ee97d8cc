"""Numbers about people, interview studies and sister studies that prose quotes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from analysis import participants

if TYPE_CHECKING:
    import pandas as pd

    Rows = list[tuple[Any, ...]]


def sample(interviewees: pd.DataFrame, checks: pd.DataFrame) -> Rows:
    """Return the size of the sample and of its parts, and how many of the printed totals add up (``checks``)."""
    groups = participants.by_group(interviewees).set_index("sector_group")
    by_site = interviewees.groupby("site")["interviewees"].sum()
    by_sector = interviewees.groupby("sector", sort=False)["interviewees"].sum()
    return [
        ("interviews", participants.sample_size(interviewees), "interviews", "people interviewed"),
        ("nhs", groups.loc["NHS", "interviewees"], "people", "interviewed in NHS organisations"),
        ("nhs-percent", groups.loc["NHS", "percent"], "%", "share interviewed in NHS organisations", "{:.0f}"),
        ("other", groups.loc["Other sectors", "interviewees"], "people", "interviewed outside the NHS"),
        ("sectors", len(by_sector), "sectors", "sectors the sample was drawn from"),
        *((f"site-{str(site).lower()}", n, "people", f"interviewed in site {site}") for site, n in by_site.items()),
        *(
            (str(sector).lower().replace(" ", "-"), n, "people", f"interviewed in sector {sector}")
            for sector, n in by_sector.items()
        ),
        ("totals", len(checks), "totals", "totals of the sample that the thesis prints"),
        ("totals-that-agree", checks["agrees"].sum(), "totals", "printed totals that add up"),
    ]


def first_study(segments: pd.DataFrame, theme_names: Mapping[str, str]) -> Rows:
    """Return the segments of the paper, by theme; ``theme_names`` is by code id."""
    by_theme = segments["theme"].value_counts()
    return [
        ("segments", len(segments), "segments", "coded quotations of the paper"),
        *((code.removeprefix("paper-"), by_theme[theme], "segments", theme) for code, theme in theme_names.items()),
    ]


def second_study(
    segments: pd.DataFrame,
    domain_names: Mapping[str, str],
    influence: pd.DataFrame,
    initiatives: pd.DataFrame,
    links: pd.DataFrame,
) -> Rows:
    """Return the segments of chapter 7, by domain, and its printed examples and cross-references."""
    by_domain, direction = segments["domain"].value_counts(), influence["direction"]
    pairs = links[links["kind"] == "cross-reference"].groupby(["from_domain", "to_domain"]).ngroups
    return [
        ("segments", len(segments), "segments", "coded quotations of chapter 7"),
        ("displayed", (segments["kind"] == "displayed").sum(), "segments", "displayed quotations"),
        *(
            (domain, by_domain[name], "segments", f"segments on {name.lower()}")
            for domain, name in domain_names.items()
        ),
        ("influences", len(influence), "examples", "printed influences of national policy"),
        ("enabling", (direction == "enables").sum(), "examples", "of them enabling"),
        ("hindering", (direction == "hinders").sum(), "examples", "of them hindering"),
        ("initiatives", len(initiatives), "examples", "printed examples of joint work"),
        ("pairs", pairs, "pairs", "ordered pairs of domains that they join"),
    ]


def sister_samples(interviews: pd.DataFrame, flow: pd.DataFrame) -> Rows:
    """Return the interviews of the report by level, and the plans of the article from asked to analysed."""
    by_level = interviews.groupby("level")["interviews"].sum()
    asked, replied, analysed = flow["plans"]
    return [
        ("interviews", interviews["interviews"].sum(), "interviews", "site interviews, PRUComm"),
        *(
            (level, by_level[level], "interviews", f"PRUComm site interviews at {level} level")
            for level in ("system", "place")
        ),
        ("asked", asked, "ICSs", "systems asked for a plan"),
        ("replied", replied, "ICSs", "systems that replied"),
        ("analysed", analysed, "plans", "plans analysed"),
        ("analysed-share", 100 * analysed / asked, "%", "share of systems whose plan was analysed", "{:.0f}%"),
    ]


def report(framings: pd.DataFrame, mechanisms: pd.DataFrame, programmes: pd.DataFrame) -> Rows:
    """Return how many framings, mechanisms and programmes the PRUComm report names."""
    return [
        ("documents", framings["policy_document"].nunique(), "documents", "national documents read"),
        ("framings", len(framings), "framings", "framings of inequalities in them"),
        ("mechanisms", len(mechanisms), "mechanisms", "mechanisms in national policy"),
        ("limited", (mechanisms["strength"] == "limited").sum(), "mechanisms", "with limited evidence"),
        ("programmes", len(programmes), "examples", "programmes given as examples"),
        *(
            (f"programmes-{label}", (programmes[column] == label).sum(), "examples", f"of them: {label}")
            for column, label in (("level", "individual"), ("level", "population"), ("actor", "partnership"))
        ),
    ]
