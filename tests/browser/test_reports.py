"""Rendered reports, opened from disk without a network: on a screen, a telephone and paper."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import pypdf
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize, expect

from opslib.runner.html import FIGURE
from tests.notebooks.sample_pages import SAMPLES, write_page

pytestmark = pytest.mark.browser

NAMES = sorted(path.parent.name for path in SAMPLES.glob("*/report.ipynb"))
SCREEN: ViewportSize = {"width": 1280, "height": 800}
TELEPHONE: ViewportSize = {"width": 390, "height": 844}
PAPER: ViewportSize = {"width": 688, "height": 994}
"""What the margins of ``page.css`` leave of A4, in CSS pixels."""
GRAVE = {"serious", "critical"}


@dataclass(slots=True, kw_only=True)
class Opened:
    """A report in a browser.

    Args:
        page: the browser's page.
        file: the report.
        figures: what plotly was given for each figure.
        gaps: reads that came back with a gap.
        complaints: of the console and of scripts.
        requests: addresses that were asked for.
    """

    page: Page
    file: Path
    figures: list[dict[str, Any]]
    gaps: int
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@pytest.fixture(scope="module", params=NAMES)
def opened(
    browser: Browser, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Opened]:
    """Render a sample, open it offline, and wait until its scripts have run."""
    file = write_page(request.param, tmp_path_factory.mktemp("reports"))
    page = browser.new_page(viewport=SCREEN, offline=True)
    page.set_default_timeout(120_000)
    sample = SAMPLES / request.param
    report = Opened(page=page, file=file, figures=figures_of(sample), gaps=gaps_of(sample))
    page.on("console", lambda message: report.complaints.append(message.text))
    page.on("pageerror", lambda error: report.complaints.append(str(error)))
    page.on("request", lambda asked: report.requests.append(asked.url))
    page.goto(file.as_uri())
    yield report
    page.close()


@pytest.fixture(autouse=True)
def on_a_screen(opened: Opened) -> None:
    """Begin each test at the top of the page on a screen, in light colours."""
    opened.page.set_viewport_size(SCREEN)
    opened.page.emulate_media(media="screen", color_scheme="light")
    opened.page.evaluate("scrollTo(0, 0)")


def figures_of(sample: Path) -> list[dict[str, Any]]:
    notebook: Any = nbformat.read(sample / "report.ipynb", as_version=4)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return [shown["data"][FIGURE] for shown in outputs if FIGURE in shown.get("data", {})]


def gaps_of(sample: Path) -> int:
    coverage = json.loads((sample / "findings.json").read_text())["coverage"]
    return sum(line["status"] not in {"complete", "unsettled"} for line in coverage)


def boxes(page: Page, selector: str) -> list[dict[str, float]]:
    """Return where elements are, in pixels of the viewport."""
    found: list[dict[str, float]] = page.evaluate(
        "selector => [...document.querySelectorAll(selector)].map(e => "
        "e.getBoundingClientRect().toJSON())",
        selector,
    )
    return found


def test_it_opens_without_a_complaint_and_without_a_request(opened: Opened) -> None:
    assert opened.complaints == []
    beside = ["report.html", *[path.name for path in opened.file.parents[3].glob("assets/*")]]
    assert [url.rsplit("/", 1)[-1] for url in opened.requests] == beside
    assert all(url.startswith("file:") for url in opened.requests)


def test_every_figure_is_drawn_whole(opened: Opened) -> None:
    drawn = opened.page.evaluate(
        "() => [...document.querySelectorAll('.plot')].map(p => ({traces: p._fullData?.length, "
        "marks: p.querySelectorAll('.plot path, .plot .point, .plot image').length, "
        "height: p.clientHeight, name: p.ariaLabel}))"
    )
    assert [one["traces"] for one in drawn] == [len(one["data"]) for one in opened.figures]
    assert all(one["marks"] for one in drawn)
    assert [one["height"] for one in drawn] == [one["layout"]["height"] for one in opened.figures]
    assert all(one["name"] for one in drawn)


def test_no_label_of_a_figure_is_cut(opened: Opened) -> None:
    cut = opened.page.evaluate(
        """() => [...document.querySelectorAll('.plot')].flatMap(plot => {
          const room = plot.getBoundingClientRect();
          return [...plot.querySelectorAll('text')].filter(text => {
            const box = text.getBoundingClientRect();
            return box.width && (box.left < room.left - 2 || box.right > room.right + 2
              || box.top < room.top - 2 || box.bottom > room.bottom + 2);
          }).map(text => text.textContent);
        })"""
    )
    assert cut == []


def test_the_first_finding_is_on_the_first_screen(opened: Opened) -> None:
    first = boxes(opened.page, ".ops-findings li")[0]
    assert first["bottom"] <= SCREEN["height"]
    assert boxes(opened.page, ".ops-summary")[0]["bottom"] < first["top"]


def test_what_was_not_seen_cannot_be_missed(opened: Opened) -> None:
    card, strip = boxes(opened.page, ".ops-unseen"), boxes(opened.page, ".ops-coverage.has-gaps")
    assert (len(card), len(strip)) == ((1, 1) if opened.gaps else (0, 0))
    assert all(box["bottom"] <= SCREEN["height"] for box in card)


def test_every_link_of_the_contents_goes_to_its_section_and_is_marked(opened: Opened) -> None:
    page = opened.page
    for link in page.locator("nav a").all():
        link.click()
        expect(link).to_have_attribute("aria-current", "true")
        (section,) = boxes(page, str(link.get_attribute("href")))
        at_end = page.evaluate("innerHeight + scrollY >= document.body.scrollHeight - 2")
        assert 0 <= section["top"] < (SCREEN["height"] if at_end else 60)
        assert page.locator("nav a[aria-current]").all_text_contents() == [link.text_content()]


def test_every_answer_is_where_its_verdict_leads(opened: Opened) -> None:
    page = opened.page
    for link in page.locator(".ops-verdicts a").all():
        answer = page.locator(f"li{link.get_attribute('href')}")
        assert answer.locator("strong").inner_text() in link.inner_text()


def test_a_telephone_scrolls_in_one_direction_only(opened: Opened) -> None:
    page = opened.page
    page.set_viewport_size(TELEPHONE)
    assert page.evaluate("document.documentElement.scrollWidth") == TELEPHONE["width"]
    shown = ".ops-table:not(.ops-table .ops-table), .plot, .ops-card, .ops-findings li"
    for box in boxes(page, shown):
        assert box["left"] >= 0
        assert box["right"] <= TELEPHONE["width"]


def test_the_keyboard_shows_the_code(opened: Opened) -> None:
    page = opened.page
    page.locator("nav a").last.focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "show-code"
    page.keyboard.press("Space")
    assert page.locator(".code").first.is_visible()
    page.keyboard.press("Space")
    assert not page.locator(".code").first.is_visible()


def test_it_prints_on_numbered_pages_to_its_last_section(opened: Opened) -> None:
    sections = opened.page.locator("main h2").all_text_contents()
    printed = opened.page.pdf(prefer_css_page_size=True, print_background=True)
    pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(printed)).pages]
    text = " ".join(" ".join(pages).split())
    assert [name for name in sections if name not in text] == []
    for number, page in enumerate(pages, start=1):
        assert f"{number} / {len(pages)}" in page


def test_paper_holds_every_figure_and_table_whole(opened: Opened) -> None:
    page = opened.page
    page.set_viewport_size(PAPER)
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    figures, tables = boxes(page, ".plot"), boxes(page, ".ops-table table, .prose table")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert all(box["height"] <= PAPER["height"] for box in figures)
    assert all(box["right"] <= PAPER["width"] + 1 for box in figures + tables)
    splits = "[...document.querySelectorAll('.plot')].map(p => getComputedStyle(p).breakInside)"
    assert set(page.evaluate(splits)) <= {"avoid"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_has_no_grave_violation_of_accessibility(opened: Opened, scheme: str) -> None:
    """Comes last: of the rows of a table, which are alike, it leaves a few."""
    opened.page.emulate_media(color_scheme="light" if scheme == "light" else "dark")
    opened.page.evaluate(
        "document.querySelectorAll('tbody tr:nth-child(n + 7)').forEach(row => row.remove())"
    )
    found = Axe().run(opened.page).response["violations"]
    told = [
        (rule["id"], node["html"][:200], node["failureSummary"])
        for rule in found
        if rule["impact"] in GRAVE
        for node in rule["nodes"]
    ]
    assert told == []
