"""Files beside an incident's report, for other tools and for people to go on with."""

from __future__ import annotations

from collections.abc import Mapping

from opslib.analysis.incident.document import IncidentReport
from opslib.present.html import Html, text
from opslib.present.incident.draft import draft_report
from opslib.present.incident.exports import timeline_markdown, timesketch_jsonl

__all__ = ["export_files", "link_exports"]

DRAFT = "incident_report.md"
SKETCH = "timeline.jsonl"
MARKDOWN = "timeline.md"
MEANT_FOR = {
    f"exports/{DRAFT}": "draft of the incident's report and post-mortem, to fill in",
    f"exports/{MARKDOWN}": "the whole timeline for a post-mortem",
    f"exports/{SKETCH}": "the whole timeline for Timesketch",
    "tables/timeline.csv": "the whole timeline for a spreadsheet",
    "tables/timeline.parquet": "the whole timeline for other programs",
}


def export_files(report: IncidentReport) -> Mapping[str, str]:
    """Return file name to text, as they are kept in the run's ``exports/``, without secrets."""
    timeline = report.analysis.timeline
    return {
        DRAFT: draft_report(report),
        MARKDOWN: timeline_markdown(timeline),
        SKETCH: timesketch_jsonl(timeline),
    }


def link_exports() -> Html:
    """Return links to the files, as they lie beside a published report."""
    items = "".join(
        f'<li><a href="{text(path)}">{text(path)}</a>: {text(what)}</li>'
        for path, what in MEANT_FOR.items()
    )
    plain = "\n".join(f"{path}: {what}" for path, what in MEANT_FOR.items())
    return Html(f"<p>Beside this report:</p><ul>{items}</ul>", plain)
