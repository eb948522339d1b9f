"""Controls of notebooks in JupyterLab: Run All, move each kind, Reset, by keyboard, in the dark."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import STDERR, Lab, run_all_cells, wait_until_all_ran

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]
LISTED = ".ops-controls .widget-html .ops-table"
DRAWN = "(document.querySelector('.ops-controls .js-plotly-plot')?.textContent ?? '')"
WAIT = 60_000
READABLE = 4.5  # WCAG 2.2, 1.4.3
TEXTS = """() => {
  const solid = one => {
    const paper = getComputedStyle(one).backgroundColor;
    return /, 0\\)$/.test(paper) && one.parentElement ? solid(one.parentElement) : paper;
  };
  const found = document.querySelectorAll(
    '.ops-row .widget-label, .ops-row label, .ops-row select, .ops-row button, .ops-row input,'
    + '.ops-status, .ops-controls .xtick text, .ops-controls .ytick text, .ops-controls .gtitle');
  return [...found].filter(one => one.getBoundingClientRect().width > 0).map(one => [
    one.getAttribute('class') ?? one.tagName,
    one instanceof SVGElement ? getComputedStyle(one).fill : getComputedStyle(one).color,
    solid(one)]);
}"""


@pytest.fixture(autouse=True)
def nothing_odd(lab: Lab, page: Page) -> Iterator[None]:
    """Hold that no request leaves the machine, and that nothing is written to standard error."""
    outside: list[str] = []
    page.on("request", lambda r: outside.append(r.url) if lab.server.url not in r.url else None)
    yield
    assert page.locator(STDERR).count() == 0
    assert [url for url in outside if url.startswith("http")] == []


def luminance(colour: str) -> float:
    """Return the relative luminance of ``rgb(r, g, b)``, as WCAG 2.2 defines it."""
    parts = [float(one) / 255 for one in colour[colour.index("(") + 1 : -1].split(",")[:3]]
    red, green, blue = (
        one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(ink: str, paper: str) -> float:
    darker, lighter = sorted((luminance(ink), luminance(paper)))
    return (lighter + 0.05) / (darker + 0.05)


def control(page: Page, label: str) -> Locator:
    """Return what takes the keyboard of the control with a label."""
    return page.locator(".ops-controls").get_by_label(label, exact=True)


def reset(page: Page, place: int = 0) -> None:
    page.locator(".ops-controls").nth(place).get_by_role("button", name="Reset", exact=True).click()


def choose_theme(page: Page, name: str) -> None:
    page.get_by_role("menuitem", name="Settings", exact=True).click()
    page.locator(".lm-Menu-item", has_text="Theme").first.hover()
    page.get_by_text(name, exact=True).click()
    dark = "false" if name.endswith("Dark") else "true"
    page.wait_for_selector(f"body[data-jp-theme-light='{dark}']", state="attached")


def test_the_bill_is_explored_by_mouse_and_by_keyboard_in_light_and_dark(
    lab: Lab, page: Page
) -> None:
    run_all_cells(page, lab, "cost_analysis")
    wait_until_all_ran(page)
    group = control(page, "Group by")
    group.wait_for(timeout=240_000)
    group.scroll_into_view_if_needed()
    assert page.locator(".ops-summary .ops-card").count() == 4
    # The legend tells when the figure is there: plotly draws it after the widget is attached.
    page.wait_for_function(f"{DRAWN}.includes('Amazon Elastic Compute Cloud')", timeout=WAIT)
    group.select_option(label="account")
    moved = f"{DRAWN}.includes('222222222222') && !{DRAWN}.includes('Elastic Compute')"
    page.wait_for_function(moved, timeout=WAIT)
    reset(page)
    page.wait_for_function(f"{DRAWN}.includes('Elastic Compute')", timeout=WAIT)

    status, cells = page.locator(".ops-status").first, page.locator(".jp-Cell").count()
    beginning = status.text_content() or ""
    reached = []
    group.focus()
    for _ in range(6):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("e => document.activeElement.getAttribute('aria-label')"))
    assert reached[1:4] == ["Days (UTC), from", "Days (UTC), to", "Days (UTC), as a number"]
    expect(page.locator(".ops-controls button:focus")).to_have_text("Reset")
    control(page, "Days (UTC), from").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("b")  # in a notebook's own hands: a cell more
    expect(status).not_to_have_text(beginning, timeout=WAIT)
    assert page.locator(".jp-Cell").count() == cells
    control(page, "Resources of").select_option(index=5)
    listed = page.locator(LISTED, has_text="Resources on").first
    listed.wait_for(timeout=WAIT)
    reset(page)
    expect(status).to_have_text(beginning, timeout=WAIT)
    expect(listed).to_have_count(0, timeout=WAIT)

    for theme in ("JupyterLab Dark", "JupyterLab Light"):
        choose_theme(page, theme)
        texts = page.evaluate(TEXTS)
        assert len(texts) > 10
        faint = [one for one in texts if contrast(one[1], one[2]) < READABLE]
        assert faint == []


def test_the_sliders_move_what_runs_out(lab: Lab, page: Page) -> None:
    run_all_cells(page, lab, "capacity_planning")
    wait_until_all_ran(page)
    table = page.locator(LISTED).first
    table.wait_for(timeout=240_000)
    before = table.text_content() or ""
    page.wait_for_function(f"{DRAWN}.includes('median')", timeout=WAIT)
    growth = control(page, "Growth, % a month")
    growth.scroll_into_view_if_needed()
    growth.focus()
    page.keyboard.press("End")
    expect(table).not_to_have_text(before, timeout=WAIT)
    reset(page)
    expect(table).to_have_text(before, timeout=WAIT)
    page.locator(".ops-controls .widget-checkbox input").first.check()
    expect(table).not_to_have_text(before, timeout=WAIT)
    reset(page)
    expect(table).to_have_text(before, timeout=WAIT)


def test_the_filters_move_the_table_and_the_slider_the_level(lab: Lab, page: Page) -> None:
    run_all_cells(page, lab, "cost_savings")
    wait_until_all_ran(page)
    table = page.locator(LISTED, has_text="What to do").first
    table.wait_for(timeout=240_000)
    everybody = table.text_content() or ""
    owner = control(page, "Owner")
    owner.scroll_into_view_if_needed()
    owner.select_option(label="search team")
    expect(table).not_to_contain_text("payments team", timeout=WAIT)
    reset(page)
    expect(table).to_have_text(everybody, timeout=WAIT)
    level = page.locator(LISTED, has_text="Regret").first
    level.wait_for(timeout=WAIT)
    best = level.text_content() or ""
    handle = control(page, "Level, % of the best one")
    handle.scroll_into_view_if_needed()
    handle.focus()
    page.keyboard.press("Home")
    expect(level).not_to_have_text(best, timeout=WAIT)
    reset(page, 1)
    expect(level).to_have_text(best, timeout=WAIT)
