"""A published page, as a browser sees it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbformat.v4
import pytest
from playwright.sync_api import expect

from opslib.present.html import Column, code, folded, table
from opslib.runner.html import Page, render_report
from opslib.runner.index import write_index
from opslib.runner.plotly_script import Assets
from tests.runner.records import document, finding, record_run

nb: Any = nbformat.v4

pytestmark = pytest.mark.browser

FIGURE = {"data": [{"type": "bar", "x": ["a", "b"], "y": [1, 2]}], "layout": {"height": 300}}
HOSTILE = (
    "<script>document.title='taken'</script><img src='http://127.0.0.1:9/' "
    "onerror=\"document.title='taken'\"><a href=\"javascript:document.title='taken'\">trap</a>"
)


def write_page(reports: Path, assets: Assets, extra: str = "") -> Path:
    outputs = [nb.new_output("display_data", {"application/vnd.plotly.v1+json": FIGURE})]
    outputs.append(nb.new_output("display_data", {"text/html": f"<p>shown</p>{extra}"}))
    cells = [nb.new_markdown_cell("# Title\n\n## Section"), nb.new_code_cell("x", outputs=outputs)]
    page = Page(title="", has_code=True)
    html = render_report(nb.new_notebook(cells=cells), page, assets=assets, reports=reports)
    file = reports / "2026-03-02" / "test" / "tiny" / "report.html"
    file.parent.mkdir(parents=True)
    file.write_text(html)
    return file


@pytest.mark.parametrize("assets", list(Assets))
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_figures_are_drawn_in_the_colours_of_the_page_without_a_request(
    browser: Any, tmp_path: Path, assets: Assets, scheme: str
) -> None:
    page = browser.new_page(color_scheme=scheme)
    complaints: list[str] = []
    requests: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: requests.append(request.url))
    page.goto(write_page(tmp_path, assets).as_uri())
    page.wait_for_selector(".main-svg")
    expect(page.locator(".xtick text").first).to_have_attribute("style", re.compile("fill"))
    ink = "getComputedStyle(document.documentElement).color"
    assert page.evaluate("document.querySelector('.xtick text').style.fill") == page.evaluate(ink)
    assert complaints == []
    assert all(url.startswith("file:") for url in requests)
    assert len(requests) == (1 if assets is Assets.INLINE else 2)
    page.close()


def test_a_short_section_that_was_chosen_is_marked_until_it_is_scrolled_away(
    browser: Any, tmp_path: Path
) -> None:
    tall = "<h2>Short</h2><p>x</p><h2>Next</h2><p style='height: 3000px'>y</p>"
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(write_page(tmp_path, Assets.SHARED, extra=tall).as_uri())
    page.get_by_role("link", name="Short").click()
    expect(page.locator("nav a[aria-current]")).to_have_text("Short")
    page.evaluate("scrollBy(0, 400)")
    expect(page.locator("nav a[aria-current]")).to_have_text("Next")
    page.close()


def test_code_is_shown_by_the_switch(browser: Any, tmp_path: Path) -> None:
    page = browser.new_page()
    page.goto(write_page(tmp_path, Assets.SHARED).as_uri())
    assert not page.locator(".code").is_visible()
    page.locator("#show-code").check()
    assert page.locator(".code").is_visible()
    page.close()


def test_a_narrow_screen_scrolls_in_one_direction_only(browser: Any, tmp_path: Path) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(write_page(tmp_path, Assets.SHARED).as_uri())
    page.wait_for_selector(".main-svg")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.close()


def test_markup_that_was_let_in_by_mistake_can_neither_run_nor_call_home(
    browser: Any, tmp_path: Path
) -> None:
    page = browser.new_page()
    page.goto(write_page(tmp_path, Assets.SHARED, extra=HOSTILE).as_uri())
    page.wait_for_selector(".main-svg")
    page.get_by_text("trap").click()
    page.wait_for_timeout(200)
    assert page.title() == "Title"
    page.close()


def test_what_is_folded_away_opens_without_script_and_prints_when_open(
    browser: Any, tmp_path: Path
) -> None:
    columns = [Column("Check"), Column("Duration", align="figure")]
    folds = [folded(f"SQL of {name}", code(f"SELECT '{name}'")) for name in ("one", "two")]
    shown = table(columns, [("one", "1 ms"), ("two", "2 ms")], caption="Checks", folds=folds)
    page = browser.new_page(java_script_enabled=False)
    page.goto(write_page(tmp_path, Assets.INLINE, shown.markup).as_uri())
    page.get_by_text("SQL of two").click()
    assert page.get_by_text("SELECT 'two'").is_visible()
    assert not page.get_by_text("SELECT 'one'").is_visible()
    page.emulate_media(media="print")
    assert page.get_by_text("SELECT 'two'").is_visible()
    assert not page.get_by_text("SQL of one").is_visible()
    page.close()


def write_reports(reports: Path) -> Path:
    for minute, environment in enumerate(("prod", "prod", "staging")):
        found = document(finding("EC2", owner="payments"), environment=environment)
        record_run(reports, minute, found, environment=environment)
    record_run(reports, 9, document(finding("<img src=x onerror=alert(1)>")), environment="dev")
    return write_index(reports)


def shown_runs(page: Any) -> list[str]:
    told: list[str] = page.eval_on_selector_all(
        "[data-run]:not([hidden])", "all => all.map((one) => one.dataset.environment)"
    )
    return told


@pytest.mark.parametrize("width", [1280, 390])
def test_the_index_is_filtered_from_disk_without_a_request(
    browser: Any, tmp_path: Path, width: int
) -> None:
    index = write_reports(tmp_path)
    page = browser.new_page(viewport={"width": width, "height": 800})
    complaints: list[str] = []
    requests: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: requests.append(request.url))
    page.goto(index.as_uri())
    assert len(shown_runs(page)) == 4
    page.locator("select[name=environment]").select_option("prod")
    assert shown_runs(page) == ["prod", "prod"]
    assert "2 of 4 runs" in page.locator("output").inner_text()
    page.locator("select[name=environment]").select_option("")
    page.locator("select[name=owner]").select_option("nobody")
    assert shown_runs(page) == ["dev"]
    page.get_by_role("button", name="Show all").click()
    expect(page.locator("[data-run]:not([hidden])")).to_have_count(4)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert "ago" in page.locator(".age time").first.inner_text()
    assert complaints == []
    assert len(requests) == 1
    page.close()


def test_the_index_opens_filtered_and_is_whole_without_javascript(
    browser: Any, tmp_path: Path
) -> None:
    address = f"{write_reports(tmp_path).as_uri()}#owner=payments"
    page = browser.new_page()
    page.goto(address)
    assert sorted(shown_runs(page)) == ["prod", "prod", "staging"]
    page.close()
    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    plain.goto(address)
    assert not plain.locator(".filter").is_visible()
    assert plain.locator(".tile").count() == 3
    assert plain.get_by_role("link", name="payments").is_visible()
    context.close()
