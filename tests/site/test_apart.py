"""No filter of the website combines what the profiles of the anonymous case-study sites print together.

The rule is tested on invented systems; the pages are searched for the shape of a table that would break it. Single
characteristics, which are public, may stand beside each other. Nothing here reads the real profiles.
"""

from __future__ import annotations

import random
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

# What a profile prints, as headings and controls would name it.
CHARACTERISTICS = {
    "deprivation": r"depriv|poorest|IMD",
    "geography": r"urban|rural|geograph",
    "population": r"population",
    "wave": r"\bwave",
    "policy": r"vanguard|pioneer|policy involvement",
}


def named(words: str) -> set[str]:
    """Return the characteristics of a profile that a heading or control names."""
    return {name for name, pattern in CHARACTERISTICS.items() if re.search(pattern, words, re.IGNORECASE)}


def combining(headings: list[str]) -> bool:
    """Say whether the columns of a table that filters by each of them hold two characteristics of a profile."""
    return len({name for heading in headings for name in named(heading)}) > 1


class Tables(HTMLParser):
    """The headings of a page's tables, and whether each gains filters."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tables: list[tuple[bool, list[str]]] = []
        self.divs: list[bool] = []
        self.inside = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        filters = "filterable" in (dict(attrs).get("class") or "").split()
        if tag == "div":
            self.divs.append(filters)
        elif tag == "table":
            self.tables.append((filters or any(self.divs), []))
        elif tag == "th" and self.tables:
            self.tables[-1][1].append("")
        self.inside = tag == "th" or (self.inside and tag not in ("td", "tr", "tbody"))

    def handle_endtag(self, tag: str) -> None:
        if tag == "div" and self.divs:
            self.divs.pop()
        self.inside = self.inside and tag != "th"

    def handle_data(self, data: str) -> None:
        if self.inside and self.tables and self.tables[-1][1]:
            self.tables[-1][1][-1] += data


def filtered(text: str) -> list[list[str]]:
    """Return the headings of the tables that the script of a page lets a reader filter."""
    return [headings for filters, headings in Tables(text).tables if filters] if "tables.js" in text else []


def test_no_table_with_filters_holds_two_characteristics(own_pages: list[Path]) -> None:
    found = {page.name: filtered(page.read_text("utf-8")) for page in own_pages}
    assert sum(map(len, found.values())) > 5
    assert [name for name, tables in found.items() for headings in tables if combining(headings)] == []


def test_the_table_that_shows_the_characteristics_has_no_filters(website: Path) -> None:
    text = (website / "manuscript/site/explore-ics.html").read_text("utf-8")
    assert any(combining(headings) for _, headings in Tables(text).tables)
    assert filtered(text) == []


@pytest.mark.parametrize(
    ("headings", "wrong"),
    [
        (["Place", "Deprivation class"], False),
        (["Place", "Deprivation class", "Recomputed deprivation class", "Verdict"], False),
        (["Place", "Deprivation class", "Share of urban areas"], True),
        (["Place", "ICS wave", "Vanguards"], True),
        (["Place", "Population and wave"], True),
    ],
)
@pytest.mark.parametrize("mark", ['<table class="filterable">', '<div class="filterable"><div><table>'])
def test_an_invented_table_that_combines_is_seen(headings: list[str], wrong: bool, mark: str) -> None:
    cells = "".join(f"<th>{heading}</th>" for heading in headings)
    page = f"{mark}<thead><tr>{cells}</tr></thead><tbody><tr><td>A</td></tr></tbody></table><script src='tables.js'>"
    assert filtered(page) == [headings]
    assert combining(headings) is wrong
    assert filtered(page.replace("filterable", "records")) == []


# --- the explorer of systems, on invented ones ---------------------------------------------------------------------

MEASURES = [{"column": f"measure_{letter}", "title": f"Measure {letter}", "unit": "%"} for letter in "abc"]
ADDED = ("wave", "vanguards", "pioneers", "tiers")
SEEN = "(data, state) => explorer.seen(data, state)"
COMBINES = """(data, state) => ({ kept: (row) => explorer.seen(data, state).kept(row)
    && row.classes.measure_b !== "low" && row.wave !== "1" })"""


def invented(chance: random.Random) -> list[dict[str, Any]]:
    """Return systems that there are not, with every characteristic drawn by chance."""
    return [
        {
            "code": f"X{number}", "name": f"Place {number}", "region": chance.choice(["East", "West"]),
            "printed": {item["column"]: chance.randrange(100) for item in MEASURES},
            "classes": {item["column"]: chance.choice(["low", "medium", "high"]) for item in MEASURES},
            **{name: chance.choice("12") for name in ADDED},
        }
        for number in range(30)
    ]  # fmt: skip


def exchanged(rows: list[dict[str, Any]], kept: str, chance: random.Random) -> list[dict[str, Any]]:
    """Return the systems with every characteristic but one measure dealt out anew."""
    others = invented(chance)
    return [
        {
            **other,
            **{key: row[key] for key in ("code", "name", "region")},
            "printed": {**other["printed"], kept: row["printed"][kept]},
        }
        for row, other in zip(rows, others, strict=True)
    ]


def leaks(page: Any, shown: str, seed: int) -> bool:
    """Say whether what a filter keeps, for any of many states, depends on more than the one measure it is set to."""
    chance = random.Random(seed)
    rows, pairs = invented(chance), []
    for item in MEASURES:
        for group in ("", "0", "1", "2"):
            state = {
                "measure": item["column"], "groups": 3, "type": 7, "above": chance.choice(["", "40"]), "group": group,
                "region": chance.choice(["", "East"]), "name": chance.choice(["", "1"]),
                **dict.fromkeys(ADDED, "1"), "class": "high", "measure_b": "high", "classes": "high",
            }  # fmt: skip
            pairs.append([rows, exchanged(rows, item["column"], chance), state])
    script = f"""([pairs, measures]) => pairs.some(([one, other, state]) => {{
        const shown = {shown};
        const codes = (rows) => {{ const data = {{ rows, measures }}; const view = shown(data, state);
            return rows.filter((row) => view.kept(row)).map((row) => row.code).join(); }};
        return codes(one) !== codes(other); }})"""
    return page.evaluate(script, [pairs, MEASURES])


@pytest.mark.browser
def test_the_explorer_chooses_by_one_characteristic_alone(view: Any) -> None:
    page = view("manuscript/site/explore-ics.html")
    assert not any(leaks(page, SEEN, seed) for seed in range(5))
    assert leaks(page, COMBINES, 0), "a filter that combines would pass unseen"
    words = page.locator("#ics-explorer .control > span, #ics-explorer .control > label > span").all_inner_texts()
    assert [re.sub(r":.*", "", word) for word in words] == [
        "Measure", "Groups", "Quantile rule", "Subgroup", "Region", "Group shown", "Name",
    ]  # fmt: skip
