"""A notebook's cells as a page."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat.v4
import pytest

from opslib.runner.html import Page, render_report
from opslib.runner.plotly_script import Assets

nb: Any = nbformat.v4

FIGURE = "application/vnd.plotly.v1+json"
SCRIPT = "<script>alert(1)</script>"


def node(*outputs: Mapping[str, Any], markdown: str = "# Why?\n\nBecause.") -> Any:
    shown = [nb.new_output("display_data", dict(output)) for output in outputs]
    cells = [nb.new_markdown_cell(markdown), nb.new_code_cell("x < 1", outputs=shown)]
    return nb.new_notebook(cells=cells)


def render(notebook: Any, reports: Path, assets: Assets = Assets.INLINE, **page: Any) -> str:
    return render_report(
        notebook, Page(**{"title": "Untitled", **page}), assets=assets, reports=reports
    )


def test_the_first_heading_is_the_title_and_stands_once(tmp_path: Path) -> None:
    html = render(node(), tmp_path)
    assert "<title>Why?</title>" in html
    assert html.count("<h1>") == 1
    assert "<title>Untitled</title>" in render(node(markdown="Text."), tmp_path)


def test_sections_are_listed_and_can_be_gone_to(tmp_path: Path) -> None:
    html = render(node(markdown="# T\n\n## Price & `use`\n\n## Price & `use`\n"), tmp_path)
    links = re.findall(r'<a href="#(section-\d)">(.*?)</a>', html)
    assert links == [("section-1", "Price &amp; use"), ("section-2", "Price &amp; use")]
    assert all(f'<h2 id="{anchor}">' in html for anchor, _ in links)


def test_a_page_without_figures_and_sections_carries_no_script(tmp_path: Path) -> None:
    html = render(node({"text/plain": "1"}), tmp_path)
    assert "<script" not in html
    assert len(html) < 50_000


def test_a_figure_is_preferred_to_any_other_form_of_itself(tmp_path: Path) -> None:
    shown = {FIGURE: {"data": [], "layout": {}}, "text/html": "<p>other</p>"}
    html = render(node(shown), tmp_path)
    assert '<figure aria-label="Figure" class="plot"' in html
    assert "<p>other</p>" not in html


@pytest.mark.parametrize("text", [SCRIPT, "<!--<script>", "</script>", "\u2028", "&lt;"])
def test_a_figure_with_hostile_text_stays_one_element_and_says_the_same(
    tmp_path: Path, text: str
) -> None:
    figure = {"data": [{"name": text}], "layout": {"title": {"text": text}}}
    html = render(node({FIGURE: figure}), tmp_path)
    (written,) = re.findall(r'<script type="application/json">(.*?)</script>', html)
    assert "<" not in written
    assert json.loads(written) == figure


@pytest.mark.parametrize("kind", ["text/plain", "text/markdown"])
def test_text_of_outputs_is_escaped(tmp_path: Path, kind: str) -> None:
    html = render(node({kind: SCRIPT}), tmp_path)
    assert SCRIPT not in html
    assert "&lt;script&gt;alert(1)" in html


def test_streams_and_errors_are_escaped_and_ansi_codes_become_colours(tmp_path: Path) -> None:
    notebook = node()
    notebook.cells[1].outputs = [
        nb.new_output("stream", name="stderr", text=f"\x1b[31m{SCRIPT}\x1b[0m"),
        nb.new_output("error", ename="E", evalue="e", traceback=[SCRIPT]),
    ]
    html = render(notebook, tmp_path)
    assert SCRIPT not in html
    assert "\x1b" not in html
    assert html.count("&lt;script&gt;alert(1)") == 2


@pytest.mark.parametrize(
    "kind",
    ["application/javascript", "image/svg+xml", "application/vnd.jupyter.widget-view+json"],
)
def test_what_could_run_is_shown_as_its_plain_text(tmp_path: Path, kind: str) -> None:
    html = render(node({kind: SCRIPT, "text/plain": "in words"}), tmp_path)
    assert "alert" not in html
    assert "in words" in html


def test_every_page_has_a_nonce_of_its_own_which_the_policy_names(tmp_path: Path) -> None:
    figure: dict[str, Any] = {FIGURE: {"data": [], "layout": {}}}
    pages = [render(node(figure), tmp_path) for _ in range(2)]
    nonces = [set(re.findall(r'<script nonce="([\w-]+)"', page)) for page in pages]
    assert all(len(each) == 1 for each in nonces)
    assert nonces[0] != nonces[1]
    assert f"script-src &#39;nonce-{nonces[0].pop()}&#39;;" in pages[0]


def test_plotly_is_put_beside_the_reports_once_when_shared(tmp_path: Path) -> None:
    figure: dict[str, Any] = {FIGURE: {"data": [], "layout": {}}}
    html = render(node(figure), tmp_path, Assets.SHARED)
    (shared,) = (tmp_path / "assets").iterdir()
    written = shared.stat().st_mtime_ns
    assert f'src="../../../assets/{shared.name}"' in html
    render(node(figure), tmp_path, Assets.SHARED)
    assert [path.stat().st_mtime_ns for path in (tmp_path / "assets").iterdir()] == [written]
    assert len(html) < 50_000


def test_the_facts_around_the_cells_are_escaped(tmp_path: Path) -> None:
    facts: dict[str, Any] = {
        "line": [SCRIPT],
        "facts": [("Environment", SCRIPT)],
        "links": [("All", "i.html")],
    }
    html = render(node(), tmp_path, **facts)
    assert SCRIPT not in html
    assert html.count("&lt;script&gt;alert(1)") == 2
    assert '<a href="i.html">All</a>' in html


def test_what_a_cell_shows_is_linked_to_the_tables_that_are_there(tmp_path: Path) -> None:
    output = nb.new_output("display_data", {"text/html": "<p>shown</p>"})
    cell = nb.new_code_cell("x", outputs=[output], metadata={"tables": ["days", "gone"]})
    html = render_report(
        nb.new_notebook(cells=[cell]),
        Page(title=""),
        assets=Assets.INLINE,
        reports=tmp_path,
        tables=["days", "others"],
    )
    assert '<p class="ops-note">From <a href="tables/days.csv">days</a></p>' in html
    assert "gone" not in html.partition("<main")[2]
    assert "others" not in html.partition("<main")[2]


def test_code_is_there_and_folded_away(tmp_path: Path) -> None:
    html = render(node(), tmp_path, has_code=True)
    assert 'id="show-code"' in html
    assert '<div class="code">' in html
    assert "&lt;" in html
