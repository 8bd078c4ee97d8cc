"""The explorers at work: sorting, filtering, regrouping, state in the address, links that land, damaged data."""

from __future__ import annotations

import csv
import io
import itertools
import re
import shutil
from fractions import Fraction
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analysis import characteristics, quantiles

pytestmark = pytest.mark.browser
ICS, EVIDENCE = "manuscript/site/explore-ics.html", "manuscript/site/evidence.html"


def field(page: Any, words: str, kind: str = "select") -> Any:
    """Return the control that the words label; a label around a select also holds the words of its options."""
    return page.locator(f"label.control:has(> span:text-is('{words}')) {kind}")


@pytest.fixture(scope="session")
def systems(project: Path) -> pd.DataFrame:
    """Return the printed tables as the explorer has them."""
    folder = project / "data/published"
    frames = [pd.read_csv(folder / f"ics_{name}.csv") for name in ("geography", "organisation", "deprivation")]
    joined = frames[0]
    for frame in frames[1:]:
        joined = joined.merge(frame.drop(columns=["ics_name", "source", "place"]), on="stp21_code")
    return joined


def test_its_cuts_and_groups_are_those_of_the_analysis(view: Any, systems: pd.DataFrame) -> None:
    page = view(ICS)
    for variable, groups, kind in itertools.product(characteristics.CLASSED, range(2, 7), range(1, 10)):
        values = systems[variable.column]
        cuts = characteristics.class_cuts(values, groups, kind)
        labels = [str(number) for number in range(groups)]
        classes = characteristics.classify(values, cuts, labels).astype(int)
        theirs = page.evaluate(
            "([values, groups, type]) => { const q = explorer.quantiles, cuts = q.cuts(values, groups, type);"
            " return [cuts, values.map((value) => q.group(value, cuts))]; }",
            [values.tolist(), groups, kind],
        )
        assert theirs[0] == pytest.approx(cuts.tolist(), rel=1e-9), (variable.column, groups, kind)
        assert theirs[1] == classes.tolist(), (variable.column, groups, kind)


def test_its_places_of_cuts_are_those_of_the_analysis(view: Any) -> None:
    wanted = [
        (n, part, groups, kind)
        for n in range(1, 49)
        for groups in range(2, 7)
        for part in range(1, groups)
        for kind in quantiles.TYPES
    ]
    found = view(ICS).evaluate("all => all.map((each) => explorer.quantiles.place(...each))", wanted)
    theirs = [at + Fraction(over, of) for at, over, of in found]
    assert theirs == [quantiles.place(*each) for each in wanted]


def test_the_published_rule_gives_the_published_subgroup(view: Any, systems: pd.DataFrame) -> None:
    page = view(ICS)
    high = int((systems["deprivation_class"] == "high").sum())
    assert page.inner_text(".summary").startswith(f"{high} of {len(systems)} systems")
    assert page.locator(".tile.in").count() == high
    assert page.locator(".explorer tbody tr.in").count() == high
    assert page.locator(".explorer tbody tr").count() == page.locator("circle.dot").count() == len(systems)


def test_regrouping_changes_classes_map_and_subgroup_at_once(view: Any, systems: pd.DataFrame) -> None:
    page = view(ICS)
    field(page, "Groups").select_option("4")
    cut = characteristics.class_cuts(systems["most_deprived_fifth_percent"], 4)[-1]
    above = int((systems["most_deprived_fifth_percent"] > cut).sum())
    assert page.inner_text(".summary").startswith(f"{above} of")
    assert page.locator(".legend li").count() == 4
    assert page.locator(".tile.in").count() == above
    assert len(set(page.locator(".tile rect").evaluate_all("all => all.map(e => e.getAttribute('fill'))"))) == 4
    field(page, "Measure").select_option("population")
    assert "population" in page.inner_text(".summary")
    assert page.url.endswith("#measure=population&groups=4")


def test_the_address_brings_the_state_back(view: Any, systems: pd.DataFrame) -> None:
    page = view(f"{ICS}#measure=urban_percent&region=London&above=99&sort=name%3Aup")
    rows = page.locator(".explorer tbody tr th").all_inner_texts()
    assert rows == sorted(rows)
    assert len(rows) == 5
    above = int((systems["urban_percent"] > 99).sum())
    assert page.inner_text(".summary").startswith(f"{above} of")
    page.get_by_role("button", name="Reset").click()
    assert page.locator(".explorer tbody tr").count() == len(systems)
    assert "#" not in page.url


def test_nonsense_in_the_address_falls_back(view: Any) -> None:
    page = view(f"{ICS}#measure=__proto__&groups=99&type=x&above=abc&sort=bad&show=none")
    assert page.inner_text(".summary").startswith("14 of 42")


def test_headings_sort_with_the_keyboard_and_say_so(view: Any, systems: pd.DataFrame) -> None:
    page = view(ICS)
    page.locator("button.sort[data-key=value]").focus()
    page.keyboard.press("Enter")
    head = page.locator("th[aria-sort]")
    assert head.get_attribute("aria-sort") == "ascending"
    first = page.locator(".explorer tbody tr td:nth-child(2)").first.inner_text()
    assert first == f"{systems['most_deprived_fifth_percent'].min()}%"
    assert page.evaluate("document.activeElement.dataset.key") == "value"
    page.keyboard.press("Enter")
    assert page.locator("th[aria-sort]").get_attribute("aria-sort") == "descending"


def test_a_chosen_system_shows_on_the_map_and_in_words(view: Any) -> None:
    page = view(ICS)
    page.get_by_role("button", name="Devon", exact=True).focus()
    page.keyboard.press("Enter")
    assert page.inner_text(".details h3") == "Devon"
    assert page.locator(".tile.selected").get_attribute("data-code") == "E54000037"
    assert page.locator("circle.selected").count() == 1
    assert "show=E54000037" in page.url


def test_the_saved_table_holds_what_is_shown(view: Any, systems: pd.DataFrame) -> None:
    page = view(f"{ICS}#region=London")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Save as CSV").click()
    rows = list(csv.DictReader(io.StringIO(Path(waiting.value.path()).read_text("utf-8"))))
    assert waiting.value.suggested_filename == "ics-most_deprived_fifth_percent.csv"
    printed = systems.set_index("stp21_code")["most_deprived_fifth_percent"]
    assert len(rows) == 5
    assert all(int(row["most_deprived_fifth_percent"]) == printed[row["stp21_code"]] for row in rows)


def test_disagreements_with_open_data_are_marked(view: Any, website: Path) -> None:
    if not (website / "build/results/figures/audit-grid.csv").is_file():
        pytest.skip("this build holds no audit of the printed values")
    audited = pd.read_csv(website / "build/results/figures/audit-grid.csv")
    urban = audited[audited["variable"] == "urban_percent"]
    page = view(f"{ICS}#measure=urban_percent")
    assert page.locator(".differs").count() == int((urban["verdict"] == "differs").sum()) > 0
    agree = int((urban["verdict"] == "agrees").sum())
    assert f"{agree} of {len(urban)} printed values come out the same" in page.locator(".table-head").inner_text()
    page = view(f"{ICS}#measure=trust_count")
    assert page.locator(".differs").count() == 0
    assert "Open data cannot test" in page.locator(".table-head").inner_text()


@pytest.mark.parametrize("content", [None, "window.compendium = {", "window.compendium = {};"])
@pytest.mark.parametrize(("address", "data"), [(ICS, "ics.js"), (EVIDENCE, "evidence.js")])
def test_missing_or_damaged_data_is_said_and_the_tables_stay(
    browser: Any, website: Path, tmp_path: Path, address: str, data: str, content: str | None
) -> None:
    for folder in ("manuscript", "build/pages", "styles"):
        shutil.copytree(website / folder, tmp_path / folder)
    file = tmp_path / "build/pages" / data
    file.unlink() if content is None else file.write_text(content)
    page = browser.new_page()
    page.goto((tmp_path / address).as_uri())
    assert "missing or damaged" in page.inner_text(".explorer .problem")
    assert page.locator("main table tbody tr").count() >= 42
    page.close()


def segments(project: Path) -> pd.DataFrame:
    files = sorted((project / "data/coding").glob("*/segments.csv"))
    return pd.concat([pd.read_csv(path, dtype=str) for path in files])


def test_filters_and_codes_narrow_the_segments(view: Any, project: Path) -> None:
    everything = segments(project)
    page = view(EVIDENCE)
    assert page.inner_text(".summary").startswith(f"{len(everything)} segments")
    field(page, "Document").select_option("alderwick-ch7")
    chapter = everything[everything["study"] == "alderwick-ch7"]
    assert page.inner_text(".summary").startswith(f"{len(chapter)} segments")
    field(page, "Kind").select_option("inline")
    inline = chapter[chapter["kind"] == "inline"]
    assert page.inner_text(".summary").startswith(f"{len(inline)} segments")
    page.get_by_role("button", name="Reset").click()
    page.locator('.code-tree [data-code="crowding-out"]').click()
    coded = everything[everything["codes"].str.split(";").map(lambda codes: "crowding-out" in codes)]
    assert page.inner_text(".summary").startswith(f"{len(coded)} segments with Crowding out")
    assert page.url.endswith("#code=crowding-out")
    assert page.locator(".code-tree [aria-pressed=true]").count() == 1


def test_a_cell_of_the_heat_map_shows_both_codes(view: Any, project: Path) -> None:
    page = view(EVIDENCE)
    page.locator(".matrix summary").click()
    cell = page.locator(".heat button.cell").first
    pair, count = cell.get_attribute("data-pair").split("+"), int(cell.inner_text())
    cell.click()
    both = segments(project)["codes"].str.split(";").map(lambda codes: set(pair) <= set(codes))
    assert int(both.sum()) == count
    assert page.inner_text(".summary").startswith(f"{count} segment")
    assert page.locator(".segment").count() == min(count, 20)


def test_sites_of_different_studies_are_never_joined(view: Any) -> None:
    page = view(EVIDENCE)
    options = field(page, "Site").locator("option").all_inner_texts()
    assert options[0] == "All sites"
    assert all("(" in option for option in options[1:])


def test_a_finding_leads_to_its_segment(view: Any) -> None:
    page = view("manuscript/site/findings.html")
    link = page.locator("table.findings a").first
    name = link.inner_text()
    link.click()
    page.wait_for_url(f"**/evidence.html#segment-{name}")
    assert_shown(page, name)


def assert_shown(page: Any, name: str) -> None:
    """The explorer shows this one segment, marked, inside the window, and the filters say among which others."""
    page.wait_for_load_state()
    card = page.locator(".segment.chosen")
    assert card.locator("a[aria-current]").inner_text() == name
    page.wait_for_function(
        "(() => { const box = document.querySelector('.segment.chosen').getBoundingClientRect();"
        " return box.top >= 0 && box.top < innerHeight; })()"
    )
    page.wait_for_function("document.activeElement.className === 'segment chosen'")
    section = card.locator(".code-name[aria-pressed=true]")
    assert section.inner_text().strip() in page.inner_text(".summary")
    assert field(page, "Document").input_value()


@pytest.mark.parametrize("document", ["paper/paper.html", "thesis/manuscript/thesis/07-collaboration.html"])
def test_a_claim_leads_to_its_segment_and_back(view: Any, website: Path, document: str) -> None:
    if not (website / document).is_file():
        pytest.skip(f"{document} is not rendered")
    page = view(document)
    link = page.locator("main p a.segment-link").nth(2)
    shown, anchor = link.inner_text(), link.get_attribute("id")
    name = link.get_attribute("href").rpartition("#segment-")[2]
    link.click()
    page.wait_for_url(f"**/manuscript/site/evidence.html#segment-{name}")
    assert_shown(page, name)
    page.locator(f".segment.chosen .cited a[href$='{document}#{anchor}']").click()
    page.wait_for_url(f"**/{document}#{anchor}")
    assert page.locator("a.segment-link:target").inner_text() == shown
    page.go_back()
    assert_shown(page, name)
    page.get_by_role("button", name="Show all segments").click()
    assert page.locator(".segment.chosen").count() == 0
    assert "#" not in page.url


def test_every_segment_named_in_the_documents_is_linked(website: Path, project: Path) -> None:
    known = set(segments(project)["segment_id"])
    for folder in ("paper", "thesis"):
        links = [
            match[1]
            for path in (website / folder).rglob("*.html")
            for match in re.finditer(
                r'href="[./]*manuscript/site/evidence\.html#segment-([^"]+)"', path.read_text("utf-8")
            )
        ]
        assert len(set(links)) > 20, folder
        assert set(links) <= known
        bare = re.compile(r"<a href=\"#((paper|ch7|pru|god)-|Q)\d+\"|\((?:paper|ch7|pru|god)-\d+\)")
        for path in (website / folder).rglob("*.html"):
            assert not bare.search(path.read_text("utf-8")), path.name


def test_a_link_to_another_segment_moves_on(view: Any) -> None:
    page = view(f"{EVIDENCE}#segment-paper-03")
    assert_shown(page, "paper-03")
    page.evaluate("location.hash = 'segment-pru-040'")
    page.wait_for_function("document.querySelector('.segment.chosen a[aria-current]')?.textContent === 'pru-040'")
    assert_shown(page, "pru-040")
    page.evaluate("location.hash = 'segment-none-99'")
    page.wait_for_function("!document.querySelector('.segment.chosen')")
    assert page.locator(".segment").count() == 20


def test_a_claim_leads_to_its_value_and_the_value_to_its_cell(view: Any) -> None:
    page = view("manuscript/site/ledger.html")
    page.locator("table.records a").first.click()
    page.locator(".reader-card:popover-open .ways a").click()
    page.wait_for_url("**/provenance.html#value-*")
    row = page.locator("tr:target")
    assert row.is_visible()
    row.locator("td:nth-child(3) a").click()
    page.wait_for_url("**/build/pages/notebooks/*.html#cell-*")
    assert page.locator(".cell:target").is_visible()
    assert page.locator(".cell:target details.code-fold").get_attribute("open") is not None


def test_long_tables_filter_and_sort(view: Any) -> None:
    page = view("manuscript/site/audit.html")
    field(page, "Verdict").select_option("differs")
    page.locator("table.filterable").scroll_into_view_if_needed()
    page.wait_for_function("document.querySelector('table.filterable td').innerText")  # laid out when come near
    shown = page.locator("table.filterable tbody tr:visible")
    assert 0 < shown.count() < page.locator("table.filterable tbody tr").count()
    assert set(page.locator("table.filterable tbody tr:visible td:nth-child(6)").all_inner_texts()) == {"differs"}
    field(page, "Words", "input").fill("nothing holds these words")
    assert shown.count() == 0
    assert page.inner_text(".explorer .hint").startswith("0 of")


def test_a_choice_is_picked_out_on_the_curve(view: Any, website: Path) -> None:
    curve = website / "build/results/figures/specification-curve.csv"
    if not curve.is_file():
        pytest.skip("this build holds no specification curve")
    rows = pd.read_csv(curve, dtype={"level": str})
    page = view("manuscript/site/robustness.html")
    assert page.locator(".curve .share").count() == rows["bin"].nunique()
    field(page, "Choice").first.select_option("groups")
    field(page, "Level").select_option("3")
    chosen = rows[(rows["choice"] == "groups") & (rows["level"] == "3")].sort_values("bin")
    mean = (chosen["share"] * chosen["median"]).sum() / chosen["share"].sum()
    assert f"about {mean:.2f}" in page.inner_text(".summary")
    shown = page.locator(".curve .share").evaluate_all("all => all.map((bar) => Number(bar.style.fillOpacity))")
    assert shown == pytest.approx((0.08 + 0.92 * chosen["share"]).tolist(), abs=0.002)
    assert page.url.endswith("#choice=groups&level=3")
