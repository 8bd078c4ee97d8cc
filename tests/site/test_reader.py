"""A reader's tasks beside the text, with clicks counted: where a number comes from, the files of a figure, a term."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.browser
CARD = ".reader-card:popover-open"
PLACES = ("index.html", "paper/paper.html", "thesis/manuscript/thesis/04-development-and-characteristics.html")


@pytest.mark.parametrize("address", PLACES)
def test_from_a_number_to_its_cell_is_one_click_and_leaves_the_page(view: Any, address: str) -> None:
    page = view(address)
    number = page.locator("main a.value").first
    before, printed = page.url, number.inner_text()
    number.click()
    page.wait_for_selector(CARD)
    assert page.locator(f"{CARD} .figure strong").inner_text() == printed
    assert "#cell-" in page.locator(f"{CARD} dd a").first.get_attribute("href")
    assert page.url == before


def test_the_card_says_inputs_verdicts_and_code_and_gives_the_focus_back(view: Any) -> None:
    page = view("paper/paper.html")
    page.locator('a[href$="#value-sample.interviews"]').first.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(CARD)
    words = page.locator(CARD).inner_text()
    assert all(part in words for part in ("people interviewed", "interviewees.csv", "prints 32: reproduced"))
    page.locator(f"{CARD} summary").click()
    assert "record_value" in page.locator(f"{CARD} pre").inner_text()
    page.keyboard.press("Escape")
    assert page.locator(CARD).count() == 0
    assert page.evaluate("document.activeElement.hash") == "#value-sample.interviews"


def test_without_javascript_a_number_leads_to_its_row(browser: Any, website: Any) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((website / "index.html").as_uri())
    page.locator("main a.value").first.click()
    assert "provenance.html#value-" in page.url
    page.locator("tr:target").wait_for(state="visible", timeout=5000)
    assert not page.locator("button.reader-tool").first.is_visible()
    context.close()


def test_the_card_is_a_sheet_on_a_telephone_and_hides_not_its_number(view: Any) -> None:
    page = view("paper/paper.html", width=390)
    page.locator("main a.value").nth(4).click()
    page.wait_for_selector(CARD)
    card = page.locator(CARD).bounding_box()
    assert card["width"] == 390
    assert round(card["y"] + card["height"]) == 900
    page.wait_for_function("document.querySelector('a[aria-expanded]').getBoundingClientRect().bottom < 900")
    link = page.locator("a[aria-expanded]").bounding_box()
    assert link["y"] + link["height"] <= card["y"]


def test_the_files_of_a_figure_are_one_click_away(view: Any) -> None:
    page = view("thesis/manuscript/thesis/04-development-and-characteristics.html")
    links = page.locator(".result-links:has(a[href$='.svg'])").first
    hrefs = links.locator("a").evaluate_all("all => all.map((link) => link.href)")
    assert [href.rsplit(".", 1)[-1] for href in hrefs[:3]] == ["csv", "svg", "png"]
    assert "/build/pages/notebooks/" in hrefs[3]
    assert "#cell-" in hrefs[3]
    links.locator("button[data-act=embed]").click()
    page.wait_for_selector(CARD)
    snippet = page.locator(f"{CARD} textarea").input_value()
    assert snippet.startswith("<figure><img src=")
    assert ".screen.svg" not in snippet
    assert "#fig-" in snippet


def test_a_term_is_explained_on_hover_on_focus_and_on_tap(view: Any) -> None:
    page = view("index.html")
    term = page.locator("main a.term").first
    meaning = term.get_attribute("data-definition")
    term.hover()
    page.wait_for_selector(CARD)
    assert meaning in page.locator(CARD).inner_text()
    page.keyboard.press("Escape")
    page.mouse.move(0, 0)
    page.evaluate("""() => {
      const links = [...document.querySelectorAll('a[href], button')];
      links[links.indexOf(document.querySelector('main a.term')) - 1].focus();
    }""")
    page.keyboard.press("Tab")
    page.wait_for_selector(CARD)
    assert page.evaluate("document.activeElement.className") == "term"
    touch = view("index.html", width=390, has_touch=True)
    touch.locator("main a.term").first.tap()
    touch.wait_for_selector(CARD)
    assert meaning in touch.locator(CARD).inner_text()


def test_everything_folded_opens_at_once(view: Any) -> None:
    page = view("build/pages/notebooks/01_ics_characteristics.html")
    page.click("button.open-all")
    assert page.locator("main details.code-fold:not([open])").count() == 0
    page.click("button.open-all")
    assert page.locator("main details.code-fold[open]").count() == 0
