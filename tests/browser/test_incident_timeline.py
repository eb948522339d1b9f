"""An incident in JupyterLab: filter, zoom, star an event and note something about it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from opslib.parameters.incident_file import load_incident
from tests.browser.conftest import Lab, run_all_cells

pytestmark = [pytest.mark.browser, pytest.mark.slow]
LANES = "[...document.querySelectorAll('.js-plotly-plot .ytick text')].map(t => t.textContent)"
ROWS = "document.querySelectorAll('.widget-html .ops-table tbody tr').length"
NOTE = "asked: <b>who</b> approved it?"


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """Return the list that errors of the page are put into."""
    found: list[str] = []
    page.on("console", lambda m: found.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


def run_all(page: Page, lab: Lab) -> None:
    """Open the notebook, run it, and wait until its timeline is drawn."""
    run_all_cells(page, lab, "incident_timeline")
    sources = page.locator(".jp-OutputArea .widget-select-multiple select").first
    sources.wait_for(timeout=240_000)
    sources.scroll_into_view_if_needed()
    page.wait_for_function(f"{LANES}.includes('pagerduty')", timeout=30_000)


def wait_for_rows(page: Page, condition: str) -> int:
    """Wait until the number n of events in view is as wanted; return it."""
    page.wait_for_function(f"(n => {condition})({ROWS})", timeout=20_000)
    rows: int = page.evaluate(ROWS)
    return rows


def zoom_in(page: Page) -> None:
    """Drag over a fortieth of the time axis, before anything of the incident."""
    box = page.locator(".js-plotly-plot .nsewdrag").first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.225, box["y"] + 62, steps=5)
    page.mouse.up()


def test_what_is_starred_and_noted_is_kept_in_the_incidents_file(
    lab: Lab, page: Page, complaints: list[str]
) -> None:
    run_all(page, lab)
    everything = wait_for_rows(page, "n > 0")

    page.locator(".widget-select-multiple select").first.select_option(label="pagerduty")
    some = wait_for_rows(page, f"n > 0 && n < {everything}")
    rows = page.locator(".widget-html .ops-table tbody tr")
    assert all("pagerduty" in row for row in rows.all_inner_texts())
    zoom_in(page)
    wait_for_rows(page, f"n < {some}")
    page.get_by_role("button", name="Reset", exact=True).click()
    wait_for_rows(page, f"n === {everything}")

    page.locator(".widget-dropdown select").select_option(index=1)
    page.get_by_role("button", name="☆ Star").click()
    page.get_by_text("Saved in").wait_for(timeout=20_000)
    page.locator(".widget-textarea textarea").fill(NOTE)
    page.get_by_role("button", name="Save note").click()
    noted = rows.filter(has_text=NOTE)
    noted.wait_for(timeout=20_000)
    assert noted.inner_text().count("★") == 1

    kept = lab.root / "parameters" / "sandbox" / "incidents" / "shop.yaml"
    file = load_incident(kept)
    assert file.notes == {file.stars[0]: NOTE}
    assert kept.read_text().startswith("# The day before the sandbox's epoch")
    stderr = ".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.stderr']"
    assert page.locator(stderr).count() == 0
    assert complaints == []
