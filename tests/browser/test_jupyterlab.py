"""A notebook in JupyterLab: Run All, every figure draws, the controls move the figure."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Lab, run_all_cells, wait_until_drawn

DRAWN = "(document.querySelector('.widget-vbox .js-plotly-plot')?.textContent ?? '')"
pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_run_all_draws_every_figure_and_the_controls_move_it(lab: Lab, page: Page) -> None:
    outside: list[str] = []
    page.on("request", lambda r: outside.append(r.url) if lab.server.url not in r.url else None)
    run_all_cells(page, lab, "cost_analysis")
    explorer = page.locator(".jp-OutputArea .widget-dropdown").first
    explorer.wait_for(timeout=240_000)
    assert page.locator(".ops-summary .ops-card").count() == 4
    group = explorer.locator("select")
    group.scroll_into_view_if_needed()
    wait_until_drawn(page, f"{DRAWN}.includes('Amazon Elastic Compute Cloud')")
    group.select_option(label="account")
    page.wait_for_function(
        f"{DRAWN}.includes('222222222222') && !{DRAWN}.includes('Elastic Compute')",
        timeout=60_000,
    )
    assert (
        page.locator(
            ".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.stderr']"
        ).count()
        == 0
    )
    assert [url for url in outside if url.startswith("http")] == []
