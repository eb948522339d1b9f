"""Samples as the pages that their runs would have published."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import nbformat

from opslib.runner.html import Page, render_report
from opslib.runner.page import utc_text
from opslib.runner.plotly_script import Assets

__all__ = ["SAMPLES", "write_page"]

SAMPLES = Path(__file__).parents[2] / "reports" / "samples"


def write_page(notebook: str, reports: Path) -> Path:
    """Render a sample below ``reports``, plotly.js beside it; return where the page is."""
    sample = SAMPLES / notebook
    told = json.loads((sample / "findings.json").read_text(encoding="utf-8"))
    as_of = utc_text(datetime.fromisoformat(told["as_of"]))
    page = Page(title=notebook, line=(told["environment"], f"as of {as_of}"), has_code=True)
    file: Path = reports / "samples" / told["environment"] / notebook / "report.html"
    file.parent.mkdir(parents=True)
    executed = nbformat.read(sample / "report.ipynb", as_version=4)
    file.write_text(render_report(executed, page, assets=Assets.SHARED, reports=reports), "utf-8")
    return file
