"""Cost savings in JupyterLab: filters move the table, and the slider the level on the curve."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Lab, run_all_cells

pytestmark = [pytest.mark.browser, pytest.mark.slow]
LISTED = ".jp-OutputArea .widget-html .ops-table"
WAIT = 60_000


def test_the_filters_move_the_table_and_the_slider_the_level(lab: Lab, page: Page) -> None:
    outside: list[str] = []
    page.on("request", lambda r: outside.append(r.url) if lab.server.url not in r.url else None)
    run_all_cells(page, lab, "cost_savings")
    table = page.locator(LISTED, has_text="What to do").first
    table.wait_for(timeout=240_000)
    everybody = table.text_content() or ""
    owner = page.locator(".jp-OutputArea .widget-dropdown select").first
    owner.scroll_into_view_if_needed()
    owner.select_option(label="search team")
    expect(table).not_to_contain_text("payments team", timeout=WAIT)
    page.get_by_role("button", name="Reset", exact=True).first.click()
    expect(table).to_have_text(everybody, timeout=WAIT)
    level = page.locator(LISTED, has_text="Regret").first
    level.wait_for(timeout=WAIT)
    best = level.text_content() or ""
    handle = page.locator(".jp-OutputArea .widget-slider .noUi-handle").nth(1)
    handle.scroll_into_view_if_needed()
    handle.focus()
    page.keyboard.press("Home")
    expect(level).not_to_have_text(best, timeout=WAIT)
    stderr = ".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.stderr']"
    assert page.locator(stderr).count() == 0
    assert [url for url in outside if url.startswith("http")] == []
