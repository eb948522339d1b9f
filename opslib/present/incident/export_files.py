"""Files beside an incident's report, for other tools and for people to go on with."""

from __future__ import annotations

from collections.abc import Mapping

from opslib.analysis.incident.document import IncidentReport
from opslib.present.html import Html
from opslib.present.incident.draft import draft_report
from opslib.present.incident.exports import timeline_markdown, timesketch_jsonl
from opslib.present.links import link_files

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
    return link_files(MEANT_FOR)
