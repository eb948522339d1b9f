"""The report as one page that opens offline: no request leaves it, no script of others runs.

Cells are rendered by nbconvert with the template ``templates/report``; figures stay plotly's
JSON and are drawn by ``report.js``; ``reading.js`` marks the section that is being read. The page
around them is ``page.html.j2``, which the index shares. Every script carries the page's nonce, and
the Content-Security-Policy allows nothing else but inline styles (figures set them) and images
that are part of the page.
"""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from opslib.present.html import style_sheet
from opslib.runner.plotly_script import Assets, find_plotly

if TYPE_CHECKING:
    import jinja2
    from nbconvert.exporters import HTMLExporter

__all__ = [
    "Page",
    "environment",
    "load_exporter",
    "render_page",
    "render_part",
    "render_report",
]

TEMPLATES = Path(__file__).parent / "templates"
FIGURE = "application/vnd.plotly.v1+json"
SHOWN_FIRST = [FIGURE, "text/html", "image/png", "image/jpeg", "text/markdown", "text/plain"]
HEADING_2 = re.compile(r"<h2>(.*?)</h2>", re.DOTALL)
PROSE = '<div class="prose">'
OPENING = re.compile(rf"{PROSE}\s*<h1[^>]*>(.*?)</h1>((?:(?!</?div|<h2).)*)", re.DOTALL)
POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'unsafe-inline'; "
    "img-src data:; base-uri 'none'; form-action 'none'"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What stands around the cells.

    Args:
        title: of the page, plain text.
        line: facts under the title, plain text.
        facts: name and value of each line of the footer, plain text.
        links: text and relative address of each link of the footer.
        has_code: there is code, which a switch shows.
    """

    title: str
    line: Sequence[str] = ()
    facts: Sequence[tuple[str, str]] = ()
    links: Sequence[tuple[str, str]] = ()
    has_code: bool = False


def render_report(
    notebook: Any, page: Page, *, assets: Assets, reports: Path, tables: Sequence[str] = ()
) -> str:
    """Return an executed notebook as a page.

    Args:
        notebook: an nbformat node with outputs.
        page: what stands around; its title is replaced by the heading that opens the notebook,
            if there is one, and what the notebook says below it goes beside the contents.
        assets: with ``shared``, plotly.js is put into ``reports/assets`` once.
        reports: the folder of all reports; the page will lie three folders below it.
        tables: names of those beside the report. What a cell shows is linked to the ones that its
            metadata names under ``tables``.
    """
    import markupsafe  # noqa: PLC0415

    body, _ = load_exporter().from_notebook_node(notebook, {"tables": tables})
    opening = OPENING.search(body)
    body, contents = _with_anchors(OPENING.sub(PROSE, body, count=1))
    figures = any(FIGURE in output.get("data", {}) for output in _outputs(notebook))
    return render_page(
        page,
        body=body,
        title=_without_tags(opening.group(1)) if opening else page.title,
        about=markupsafe.Markup(opening.group(2) if opening else ""),  # noqa: S704  our own
        contents=contents,
        plotly=find_plotly(assets, reports) if figures else {},
    )


def render_part(template: str, **values: Any) -> str:
    """Return what one of our templates makes of values; every text among them is escaped."""
    return environment().get_template(template).render(**values)


def render_page(
    page: Page, *, body: str, own_style: str = "", own_script: str = "", **parts: Any
) -> str:
    """Return the page around ``body``, which is markup already.

    Args:
        page: what stands around.
        body: markup.
        own_style: file of a style sheet that only this page has.
        own_script: file of a script that only this page has; it works without.
        parts: what a report has besides.
    """
    import markupsafe  # noqa: PLC0415

    nonce = secrets.token_urlsafe(18)
    told = {"title": page.title, "about": "", "contents": [], "plotly": {}, **parts}
    own = _text(own_style) if own_style else ""
    style = f"{style_sheet()}{_text('page.css')}{own}{_margins(told['title'], page)}"
    return (
        environment()
        .get_template("page.html.j2")
        .render(
            **told,
            own_script=markupsafe.Markup(_text(own_script) if own_script else ""),  # noqa: S704
            page=page,
            body=markupsafe.Markup(body),  # noqa: S704  rendered by our own templates
            nonce=nonce,
            policy=POLICY.format(nonce=nonce),
            style=markupsafe.Markup(style),  # noqa: S704
            reading=markupsafe.Markup(_text("reading.js")),  # noqa: S704
            script=markupsafe.Markup(_text("report.js")),  # noqa: S704
        )
    )


def _margins(title: str, page: Page) -> str:
    """Return the rule that writes title and facts into the margins of printed pages."""
    facts = " \u00b7 ".join(page.line)
    return (
        f"@page {{ @top-left {{ content: {_css_string(title)}; }} "
        f"@bottom-left {{ content: {_css_string(facts)}; }} }}"
    )


def _css_string(text: str) -> str:
    r"""Return ``text`` as a string of CSS: what is no letter or digit stands as its code point.

    >>> print(_css_string("a</b"))
    "a\3c \2f b"
    """
    return '"' + "".join(c if c.isalnum() else f"\\{ord(c):x} " for c in text) + '"'


@cache
def environment() -> jinja2.Environment:
    """Return the templates of pages; everything in them is escaped unless it is markup."""
    import jinja2  # noqa: PLC0415

    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined
    )


@cache
def load_exporter() -> HTMLExporter:
    """Return nbconvert's exporter with our template; slow the first time."""
    from nbconvert.exporters import HTMLExporter  # noqa: PLC0415  0.3 s
    from nbformat.v4 import new_notebook  # noqa: PLC0415
    from traitlets.config import Config  # noqa: PLC0415

    logging.getLogger("traitlets").setLevel(logging.ERROR)
    exporter = HTMLExporter(
        config=Config({"NbConvertBase": {"display_data_priority": SHOWN_FIRST}}),
        template_name="report",
        extra_template_basedirs=[str(TEMPLATES)],
        exclude_anchor_links=True,
        require_js_url="",
        jquery_url="",
        mathjax_url="",
        mermaid_js_url="",
    )
    exporter.from_notebook_node(new_notebook())  # compiles the template
    return exporter


def _outputs(notebook: Any) -> list[Any]:
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


def _with_anchors(body: str) -> tuple[str, list[tuple[str, str]]]:
    """Return ``body`` with an anchor at each section, and anchor and text of each."""
    contents: list[tuple[str, str]] = []

    def add(found: re.Match[str]) -> str:
        anchor = f"section-{len(contents) + 1}"
        contents.append((anchor, _without_tags(found.group(1))))
        return f'<h2 id="{anchor}">{found.group(1)}</h2>'

    return HEADING_2.sub(add, body), contents


def _without_tags(markup: str) -> str:
    """Return the text of a heading that we wrote ourselves."""
    import markupsafe  # noqa: PLC0415

    return str(markupsafe.Markup(markup).striptags())  # noqa: S704


@cache
def _text(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")
