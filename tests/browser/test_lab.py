"""The page of notebooks opens working copies, and a recorded run is worked on without AWS."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from opslib.lab.working_copy import copy_run
from opslib.local_sandbox import RunningSandbox
from opslib.runner.catalog import CATALOG
from opslib.runner.history import find_run
from opslib.runner.run import run_notebook
from tests.browser.conftest import (
    STDERR,
    Lab,
    open_in_lab,
    run_from_menu,
    wait_for_kernel,
    wait_until_all_ran,
)

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]
RECORDED = "incident_timeline"
ROWS = ".widget-html .ops-table tbody tr"


@pytest.fixture(scope="module")
def recorded(shared_lab: Lab) -> Path:
    """Run a notebook in the sandbox; return the report's folder."""
    state = json.loads(Path(shared_lab.environ["OPSLIB_SANDBOX_STATE"]).read_text())
    sandboxed = replace(shared_lab.request(RECORDED), aws=RunningSandbox(**state).environ)
    return run_notebook(sandboxed, lambda *_: None).folder


@contextmanager
def sandbox_out_of_sight(lab: Lab) -> Iterator[None]:
    """Have no sandbox that a kernel could find."""
    state = Path(lab.environ["OPSLIB_SANDBOX_STATE"])
    aside = state.rename(state.with_suffix(".aside"))
    try:
        yield
    finally:
        aside.rename(state)


def test_the_page_lists_notebooks_by_question_and_opens_working_copies(
    lab: Lab, page: Page
) -> None:
    outside: list[str] = []
    page.on("request", lambda r: outside.append(r.url) if lab.server.url not in r.url else None)
    page.goto(lab.server.address())
    for notebook in CATALOG:
        expect(page.get_by_role("button", name=notebook.question)).to_be_visible()
    page.get_by_role("button", name="Does our backup restore").click()
    wait_for_kernel(page, lab)
    place = "work/sandbox/dr_restore_validation-2026-03-02-060000Z/dr_restore_validation.ipynb"
    assert page.url == f"{lab.server.url}lab/tree/{place}"
    run_from_menu(page, "Run All Cells")
    wait_until_all_ran(page)
    assert page.locator(".ops-summary").count() == 1
    assert page.locator(STDERR).count() == 0
    assert page.get_by_text("Jupyter news").count() == 0
    page.goto(lab.server.address())
    expect(page.get_by_role("link", name=place)).to_be_visible()
    assert [url for url in outside if url.startswith("http")] == []


def test_a_recorded_run_is_explored_without_credentials_or_sandbox(
    lab: Lab, page: Page, recorded: Path
) -> None:
    copy = copy_run(find_run(recorded), lab.request(RECORDED))
    with sandbox_out_of_sight(lab):
        open_in_lab(page, lab, copy)
        run_from_menu(page, "Run All Cells")
        wait_until_all_ran(page)
        sources = page.locator(".jp-OutputArea .widget-select-multiple select").first
        sources.scroll_into_view_if_needed()
        page.locator(".js-plotly-plot .main-svg").first.wait_for(timeout=60_000)
        rows = page.locator(ROWS)
        everything = rows.count()
        sources.select_option(label="pagerduty")
        page.wait_for_function(
            "([where, all]) => document.querySelectorAll(where).length < all",
            arg=[ROWS, everything],
            timeout=60_000,
        )
        assert all("pagerduty" in row for row in rows.all_inner_texts())
    assert page.locator(STDERR).count() == 0
    assert json.loads((copy.parent / "findings.json").read_text()) == json.loads(
        (recorded / "findings.json").read_text()
    )
