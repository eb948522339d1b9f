"""Capacity planning in JupyterLab: the sliders move the ranked table and the figure."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Lab, run_all_cells

pytestmark = [pytest.mark.browser, pytest.mark.slow]
LISTED = ".jp-OutputArea .widget-html .ops-table"


def test_the_sliders_move_the_ranked_table(lab: Lab, page: Page) -> None:
    outside: list[str] = []
    page.on("request", lambda r: outside.append(r.url) if lab.server.url not in r.url else None)
    run_all_cells(page, lab, "capacity_planning")
    table = page.locator(LISTED).first
    table.wait_for(timeout=240_000)
    before = table.text_content()
    lost = page.locator(".jp-OutputArea .widget-checkbox input").first
    lost.scroll_into_view_if_needed()
    lost.check()
    page.wait_for_function(
        "([where, before]) => document.querySelector(where).textContent !== before",
        arg=[LISTED, before],
        timeout=150_000,
    )
    page.get_by_role("button", name="Reset", exact=True).first.click()
    page.wait_for_function(
        "([where, before]) => document.querySelector(where).textContent === before",
        arg=[LISTED, before],
        timeout=150_000,
    )
    assert (
        page.locator(
            ".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.stderr']"
        ).count()
        == 0
    )
    assert [url for url in outside if url.startswith("http")] == []
