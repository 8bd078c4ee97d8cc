"""What a reader comes for, done as a reader would, with the clicks counted, and by the keyboard alone."""

from __future__ import annotations

import gzip
import json
import re
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser
ICS, EVIDENCE = "manuscript/site/explore-ics.html", "manuscript/site/evidence.html"
COUNT = "window.clicks = 0; addEventListener('click', (event) => { if (event.detail) window.clicks += 1; }, true)"


def control(page: Any, words: str) -> Any:
    return page.locator(f"label.control:has(> span:text-is('{words}')) select")


def pressed_to(page: Any, selector: str, key: str = "Tab", most: int = 400) -> int:
    """Press a key until what the selector names has the focus; return how often."""
    for count in range(1, most):
        page.keyboard.press(key)
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return count
    raise AssertionError(f"{key} does not lead to {selector}")


# --- systems ---------------------------------------------------------------------------------------------------------


def test_three_systems_stand_side_by_side_after_four_clicks(view: Any) -> None:
    page = view(ICS)
    page.evaluate(COUNT)
    for name in ("Devon", "Dorset", "Somerset"):
        page.get_by_label(f"Compare {name}", exact=True).click()
    page.get_by_role("button", name="See side by side").click()
    assert page.evaluate("window.clicks") <= 5
    assert page.evaluate("document.activeElement.id") == "comparison"
    assert page.locator(".compared-measure").count() == 5
    assert page.locator(".compared-measure").first.locator("tbody tr").count() == 3
    assert page.locator("circle.compared").count() == 15
    assert page.url.endswith("#compare=E54000037,E54000041,E54000038")
    page.go_back()
    page.wait_for_function("document.querySelectorAll('.compared-measure:first-of-type tbody tr').length === 2")
    page.get_by_label("Compare Dorset", exact=True).uncheck()
    assert "Choose one to three more" in page.locator(".comparison").inner_text()


def test_an_address_brings_four_systems_at_most(view: Any) -> None:
    codes = "E54000037,nonsense,E54000041,E54000041,E54000038,E54000036,E54000040"
    page = view(f"{ICS}#compare={codes}")
    assert page.locator(".compared-measure").first.locator("tbody tr").count() == 4
    page.get_by_label("Compare Greater Manchester", exact=True).click()
    assert page.locator(".compared-measure").first.locator("tbody tr").count() == 4
    assert not page.get_by_label("Compare Greater Manchester", exact=True).is_checked()


def test_neither_comparison_nor_card_shows_class_labels(view: Any) -> None:
    page = view(f"{ICS}#compare=E54000037,E54000041&show=E54000037")
    labels = page.evaluate("[...new Set(compendium.ics.rows.flatMap((row) => Object.values(row.classes)))]")
    assert len(labels) >= 5
    words = page.locator(".comparison").inner_text() + page.locator(".system-card").inner_text()
    assert "Devon" in words
    assert not re.search(rf"\b(?:{'|'.join(labels)}|waves?)\b|vanguard|pioneer", words, re.IGNORECASE)


def test_a_tile_and_a_row_open_beside_themselves_by_the_keyboard(view: Any) -> None:
    page = view(ICS)
    page.locator(".tile[tabindex='0']").focus()
    pressed_to(page, ".tile[data-code=E54000008]", "ArrowLeft", 3)
    assert page.locator(".tile-tip").inner_text().startswith("Cheshire and Merseyside: 35%")
    page.keyboard.press("Enter")
    card = page.locator(".system-card")
    assert card.locator("h3").inner_text() == "Cheshire and Merseyside"
    gap = page.evaluate("""() => document.querySelector('.system-card').getBoundingClientRect().top
        - document.querySelector('.tile.selected').getBoundingClientRect().bottom""")
    assert 0 <= gap < 20
    page.keyboard.press("Escape")
    assert card.count() == 0
    assert page.evaluate("document.activeElement.dataset.code") == "E54000008"
    row = page.get_by_role("button", name="Devon", exact=True)
    row.focus()
    page.keyboard.press("Enter")
    assert page.locator("tr.selected + tr.opened h3").inner_text() == "Devon"
    assert row.get_attribute("aria-expanded") == "true"
    page.keyboard.press("Enter")
    assert page.locator("tr.opened").count() == 0


def test_every_measure_has_its_recomputed_values_and_reasons(view: Any) -> None:
    page = view(ICS)
    if not page.evaluate("Object.keys(compendium.ics.rows[0].audit).length"):
        pytest.skip("this build holds no audit of the printed values")
    for measure in page.evaluate("compendium.ics.measures.map((measure) => measure.column)"):
        control(page, "Measure").select_option(measure)
        heads = page.locator(".explorer thead button").all_inner_texts()
        place = next(i for i, words in enumerate(heads, start=1) if words.startswith("Recomputed"))
        cells = page.locator(f".explorer tbody tr td:nth-child({place})").all_inner_texts()
        reasons = page.locator(f".explorer tbody tr td:nth-child({place + 1})").all_inner_texts()
        assert len(cells) == 42
        assert "–" not in cells
        assert all(reasons)


def test_a_rule_is_set_against_the_published_one(view: Any) -> None:
    page = view(ICS)
    words = page.locator(".against")
    assert words.inner_text() == "Against the published rule (above 17.3%): 14 the same, none enters or leaves."
    control(page, "Groups").select_option("2")
    gained = page.locator(".tile.gained")
    names = page.evaluate("""() => { const x = compendium.ics.rows, c = 'most_deprived_fifth_percent',
        v = x.map((row) => row.printed[c]).sort((a, b) => a - b), half = (v[20] + v[21]) / 2;
        return x.filter((row) => row.classes[c] !== 'high' && row.printed[c] > half).map((row) => row.name); }""")
    assert gained.count() == len(names) > 0
    assert f"14 the same, {len(names)} enter ({'; '.join(names)}), none leaves." in words.inner_text()
    control(page, "Groups").select_option("5")
    assert page.locator(".tile.lost").count() == int(re.search(r"(\d+) leave", words.inner_text())[1])
    assert page.locator(".explorer tbody td:text-is('leaves')").count() == page.locator(".tile.lost").count()


def test_the_map_of_the_home_page_is_alive(view: Any) -> None:
    page = view("index.html")
    tile = page.locator(".live-map .tile[data-code=E54000037]")
    tile.hover()
    assert page.locator(".tile-tip").inner_text() == "Devon: 13%"
    assert page.locator(".live-map .tile").count() == 42
    page.mouse.move(0, 0)
    page.locator(".live-map .tile[tabindex='0']").focus()
    assert page.locator(".tile-tip").inner_text().startswith("Greater Manchester")
    pressed_to(page, ".tile[data-code=E54000008]", "ArrowLeft", 3)
    page.keyboard.press("Enter")
    page.wait_for_url("**/systems/cheshire-and-merseyside.html")


# --- the keyboard ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "words"),
    [(ICS, ["Measure", "Groups"]), (EVIDENCE, ["Document"]), ("manuscript/site/robustness.html", ["Choice", "Level"])],
)
def test_a_select_keeps_the_focus_while_arrows_change_it(view: Any, address: str, words: list[str]) -> None:
    page = view(address)
    for name in words:
        select = control(page, name).first
        select.focus()
        before = select.input_value()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        assert select.input_value() != before
        assert select.evaluate("(element) => element === document.activeElement"), name


def test_the_skip_link_shows_above_the_bar_and_leads_to_the_text(view: Any) -> None:
    page = view(EVIDENCE)
    page.keyboard.press("Tab")
    on_top = """() => { const box = document.activeElement.getBoundingClientRect();
        const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
        return document.activeElement.className === 'skip-link' && top === document.activeElement; }"""
    assert page.evaluate(on_top)
    page.keyboard.press("Enter")
    assert pressed_to(page, ".segment *") < 20


# --- evidence --------------------------------------------------------------------------------------------------------


def test_evidence_on_a_code_by_leaders_of_the_nhs_takes_two_choices(view: Any) -> None:
    page = view(EVIDENCE)
    control(page, "Code").select_option("crowding-out")
    control(page, "Sector").select_option(label="All NHS")
    found = page.evaluate("""() => compendium.evidence.segments.filter((s) => s.codes.includes('crowding-out')
        && ['nhs', 'nhs-icb', 'nhs-provider'].includes(s.sector)).length""")
    assert page.inner_text(".summary").startswith(f"{found} segments with Crowding out")
    assert page.locator(".segment").count() == min(found, 20) > 5
    assert page.locator(".segment").first.is_visible()
    assert not page.locator(".matrix details").get_attribute("open")
    assert "code=crowding-out" in page.url
    assert "sector=all-nhs" in page.url
    page.go_back()
    page.wait_for_function("!location.hash.includes('sector')")
    assert control(page, "Sector").input_value() == ""


def test_a_code_has_a_page_that_leads_on(view: Any) -> None:
    page = view(f"{EVIDENCE}#code=crowding-out")
    page.get_by_role("link", name="This code's page").click()
    page.wait_for_url("**/codes/crowding-out.html")
    assert page.inner_text("h1") == "Crowding out"
    page.get_by_role("link", name="paper-18", exact=True).click()
    page.wait_for_function("document.querySelector('.segment.chosen a[aria-current]')?.textContent === 'paper-18'")


def test_words_search_codes_and_their_definitions(view: Any) -> None:
    page = view(EVIDENCE)
    title, about = page.evaluate("""() => { const code = compendium.evidence.codes.find((c) => c.id === 'crowding-out');
        return [code.title, code.about]; }""")
    for words in (title, max(about.rstrip(".").split(), key=len)):
        page.locator(".controls input[type=search]").fill(words)
        assert int(page.inner_text(".summary").split()[0]) > 0, words
        assert page.evaluate("document.activeElement.type") == "search"


# --- long tables -----------------------------------------------------------------------------------------------------

SITE = "manuscript/site/"


def test_the_ledger_comes_in_pages_and_keeps_its_filters_in_the_address(view: Any) -> None:
    page = view(f"{SITE}ledger.html")
    rows = page.locator("table[aria-label=Claims] tbody tr")
    assert page.locator("table[aria-label=Claims] tbody tr:visible").count() == 50 < rows.count()
    assert page.evaluate("document.documentElement.scrollHeight") < 9000
    page.get_by_role("button", name="Next →").click()
    assert "page=2" in page.url
    assert "here 51 to 100" in page.locator(".explorer .hint").inner_text()
    assert page.evaluate("document.activeElement.getAttribute('role')") == "status"
    select = page.locator("label.control select").first
    select.focus()
    page.keyboard.press("ArrowDown")
    value = select.input_value()
    assert value
    assert "page" not in page.url
    page.go_back()
    page.wait_for_function("location.hash === '#page=2'")
    assert select.input_value() == ""
    page.go_forward()
    page.wait_for_function("document.querySelector('label.control select').value !== ''")
    assert select.input_value() == value
    with page.context.expect_page() as other:
        page.evaluate("window.open(location.href)")
    other.value.wait_for_load_state()
    assert other.value.locator("label.control select").first.input_value() == value


def test_a_link_to_a_row_turns_to_its_page(view: Any) -> None:
    page = view(f"{SITE}ledger.html")
    name = page.locator("table[aria-label=Claims] tbody tr").nth(320).get_attribute("id")
    page.evaluate("(name) => { location.hash = name; }", name)
    page.wait_for_function("(name) => document.getElementById(name).offsetHeight > 0", arg=name)
    inside = (
        "(name) => { const at = document.getElementById(name).getBoundingClientRect().top; return at > 0 && at < 900 }"
    )
    page.wait_for_function(inside, arg=name)


@pytest.mark.parametrize("address", ["audit", "srqr", "inconsistencies"])
def test_every_long_table_keeps_its_words_in_the_address(view: Any, address: str) -> None:
    page = view(f"{SITE}{address}.html")
    fields = page.locator(".explorer input[type=search]:visible")
    for place in range(fields.count()):
        fields.nth(place).fill("zz")
        assert page.locator(".explorer .hint:visible").nth(place).inner_text().startswith("0 of")
    assert page.url.count("words=zz") == fields.count() > 0
    page.reload()
    assert page.locator(".explorer tbody tr:visible").count() == 0


def test_provenance_folds_by_group_and_opens_what_words_find(view: Any) -> None:
    page = view(f"{SITE}provenance.html")
    assert page.evaluate("document.documentElement.scrollHeight") < 16000
    page.locator(".explorer input[type=search]").first.fill("most deprived fifth")
    shown = page.locator("tr[id^=value-]:visible")
    assert 0 < shown.count() < 60
    assert all("most deprived fifth" in " ".join(words.split()).lower() for words in shown.all_inner_texts())
    page = view(f"{SITE}provenance.html#value-ics.count")
    assert page.locator("tr:target").is_visible()
    page.locator("tr:target td:nth-child(4) a").click()
    page.wait_for_function("document.querySelector('details:target').open")
    assert page.locator("details:target td").first.is_visible()


def test_a_link_to_what_is_shown_is_copied(view: Any) -> None:
    page = view(f"{SITE}audit.html#verdict=differs", permissions=["clipboard-read", "clipboard-write"])
    page.locator(".copying button").first.click()
    page.wait_for_function("document.querySelector('.copying .said').textContent === 'Copied'")
    assert page.evaluate("navigator.clipboard.readText()") == page.url


# --- search ----------------------------------------------------------------------------------------------------------

PANEL = ".search-panel"


def results(page: Any, words: str) -> list[str]:
    """Search for words; return the names of the results."""
    if not page.locator(f"{PANEL}[open]").count():
        page.get_by_role("button", name="Search").first.click()
    page.wait_for_function(f"document.querySelector('{PANEL} .status')?.textContent.match(/Type|place|found/)")
    page.locator(f"{PANEL} input").fill(words)
    return page.locator(f"{PANEL} li strong").all_inner_texts()


def test_the_item_on_reflexivity_takes_two_clicks(view: Any) -> None:
    page = view("index.html")
    page.evaluate(COUNT)
    place = results(page, "reflexivity").index("Reflexivity")
    hit = page.locator(f"{PANEL} li a").nth(place)
    assert "Reporting checklists" in hit.inner_text()
    before = page.evaluate("window.clicks")
    hit.click()
    page.wait_for_url("**/srqr.html#srqr-reflexivity")
    assert before + 1 <= 2
    page.wait_for_function("document.getElementById('srqr-reflexivity').getBoundingClientRect().top < innerHeight")


def test_search_covers_site_paper_and_thesis_with_facets(view: Any) -> None:
    page = view("manuscript/site/data.html")
    assert len(results(page, "deprivation")) == 30
    total = int(re.search(r"30 of (\d+) places", page.inner_text(f"{PANEL} .status"))[1])
    links = "all => all.map((link) => link.getAttribute('href').match(/(paper|thesis)\\/[^/]*/)?.[1])"
    page.get_by_role("button", name=re.compile("^Paper ")).click()
    count = int(page.get_by_role("button", name=re.compile("^Paper ")).inner_text().split()[1])
    assert 0 < count < total
    while page.locator(f"{PANEL} .more").is_visible():
        page.locator(f"{PANEL} .more").click()
    assert page.locator(f"{PANEL} li").count() == count
    found = set(page.locator(f"{PANEL} li a").evaluate_all(links))
    assert {"paper", "thesis"} <= found
    page.get_by_role("button", name=re.compile("^Systems ")).count()
    assert results(page, "zzqqxx") == []
    assert page.inner_text(f"{PANEL} .status") == "Nothing found."


def test_a_system_is_found_by_its_name_and_by_nothing_else(view: Any, website: Path) -> None:
    text = (website / "search-index.js").read_text("utf-8")
    index = json.loads(text.partition(" = ")[2].removesuffix(";\n"))
    systems = {i for i, (address, *_) in enumerate(index["pages"]) if "/systems/" in address}
    own = {i: entry[1:] for i, entry in enumerate(index["entries"]) if entry[0] in systems}
    assert len(systems) == len(own) == 42
    assert {tuple(entry) for entry in own.values()} == {("", "")}, "a page of a system gives more than its title"
    assert {index["pages"][i][3] for i in systems} == {0}, "its text stands beside the index"
    for word, steps in zip(index["words"].split(), index["places"].split(), strict=True):
        assert not own.keys() & set(accumulate(int(step, 36) for step in steps.split(","))), word
    page = view("index.html")
    assert results(page, "devon")[0] == "Devon"
    page.keyboard.press("Enter")
    page.wait_for_url("**/systems/devon.html")


def test_arrows_walk_through_the_results_and_enter_opens_one(view: Any) -> None:
    page = view("index.html")
    page.keyboard.press("/")
    page.wait_for_function(f"document.querySelector('{PANEL} .status')?.textContent === 'Type a word.'")
    page.keyboard.type("how to rebuild")
    page.locator(f"{PANEL} li a").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement === document.querySelectorAll('.search-panel li a')[1]")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert page.evaluate("document.activeElement.name") == "q"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/rebuild.html*")


def test_the_index_is_light_and_comes_on_demand(view: Any, website: Path) -> None:
    assert len(gzip.compress((website / "search-index.js").read_bytes(), 9)) < 120_000
    page = view("index.html")
    assert page.evaluate("typeof window.compendiumSearch + typeof window.MiniSearch") == "undefinedundefined"
    assert results(page, "acountability")[0] == "Accountability", "a slip of the typist is forgiven"


# --- the paper's own page ---------------------------------------------------------------------------------------------


def test_the_paper_has_one_title_dark_colours_and_the_search_of_the_website(view: Any, website: Path) -> None:
    page = view("paper/paper.html", color_scheme="light")
    assert page.locator("h1").count() == 1
    before = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_role("button", name="Use dark colours").click()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != before
    assert "Devon" in results(page, "devon")
    page.locator(f"{PANEL} li a").first.click()
    page.wait_for_url("**/systems/devon.html")
    chapter = next((website / "thesis/manuscript/thesis").glob("07*.html"))
    page = view(chapter.relative_to(website).as_posix())
    assert results(page, "devon")[0] == "Devon"
    assert not (website / "thesis/search-index.js").exists()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_with_search_and_details_open(view: Any, axe: str, scheme: str) -> None:
    found = []
    for address in ("manuscript/site/explore-ics.html#compare=E54000037,E54000041&show=E54000037", "paper/paper.html"):
        page = view(address, color_scheme=scheme)
        page.evaluate("document.querySelectorAll('main details').forEach((box) => { box.open = true; })")
        page.evaluate(
            "document.querySelectorAll('tbody').forEach((b) => [...b.rows].slice(8).forEach((r) => r.remove()))"
        )
        page.add_script_tag(content=axe)
        for searching in (False, True):
            if searching:
                results(page, "deprivation")
            what = "document.querySelector('.search-panel')" if searching else "document"
            seen = page.evaluate(f"axe.run({what}, {{resultTypes: ['violations'], preload: false}})")["violations"]
            found += [
                (address, v["id"], v["nodes"][0]["target"]) for v in seen if v["impact"] in ("serious", "critical")
            ]
    assert found == []
