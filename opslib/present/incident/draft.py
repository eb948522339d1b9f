"""The draft of an incident's report and post-mortem, in Markdown.

What can be computed is filled in, what only people know is a marked blank. The sections are the
usual ones; the report is due within 24 hours and the post-mortem within 48, counted from the
recovery, or where it goes on or is not known, from the detection. Suspects are named as what to
examine, never as causes.

Source: Google SRE Book, chapter 15 and appendix D (example post-mortem); due times of the
operations guides behind this product.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from opslib.analysis.incident.document import IncidentReport
from opslib.analysis.incident.report import IncidentAnalysis
from opslib.coverage import gaps
from opslib.findings import open_findings
from opslib.present.incident.draft_sections import (
    contributing_factors,
    detection_section,
    impact_section,
    response_section,
    timeline_section,
)
from opslib.present.markdown import BLANK, markdown_table, markdown_text

__all__ = ["draft_report", "due_times"]

REPORT_WITHIN, POST_MORTEM_WITHIN = timedelta(hours=24), timedelta(hours=48)
ASKED_OF_PEOPLE = {
    "What went well": 3,
    "What went badly": 3,
    "Where we were lucky": 1,
    "Lessons": 3,
}
"""Sections that only people can write, and how many lines they are begun with."""
ACTION_COLUMNS = ("Action", "Prevents, detects or mitigates", "Owner", "Due", "Ticket")
ACTIONS = 3


def draft_report(report: IncidentReport) -> str:
    """Return the draft; the same report gives the same text.

    Args:
        report: the analysis with its answers, findings and coverage.
    """
    sections = (
        _head(report),
        ("Summary", _summary(report)),
        ("Impact", impact_section(report.analysis)),
        ("Timeline", timeline_section(report.analysis)),
        ("Detection", detection_section(report.analysis)),
        ("Response and recovery", response_section(report.analysis)),
        ("Contributing factors to examine", contributing_factors(report.analysis)),
        *((title, f"- {BLANK}\n" * lines) for title, lines in ASKED_OF_PEOPLE.items()),
        ("Action items", markdown_table(ACTION_COLUMNS, [[BLANK] * len(ACTION_COLUMNS)] * ACTIONS)),
        ("What was not seen", _unseen(report)),
    )
    return "\n".join(
        section if isinstance(section, str) else f"## {section[0]}\n\n{section[1]}"
        for section in sections
    )


def due_times(analysis: IncidentAnalysis) -> tuple[datetime, datetime] | None:
    """Return when the report and the post-mortem are due; None where nothing tells from when on."""
    since = analysis.times.recovery or analysis.times.detection or analysis.times.onset
    if since is None:
        return None
    return since.earliest + REPORT_WITHIN, since.earliest + POST_MORTEM_WITHIN


def _head(report: IncidentReport) -> str:
    analysis = report.analysis
    name = (analysis.file.title if analysis.file else "") or report.parameters.incident
    due = due_times(analysis)
    window = analysis.window
    rows = [
        ("Priority", analysis.priority.value),
        ("Window", f"{_minute(window.start)} to {_minute(window.end)}"),
        ("As of", _minute(report.parameters.as_of)),
        ("Report due", _minute(due[0]) if due else "24 hours after the recovery: not known"),
        ("Post-mortem due", _minute(due[1]) if due else "48 hours after the recovery: not known"),
        ("Incident commander", BLANK),
        ("Written by", BLANK),
        ("Reviewed by", BLANK),
    ]
    return (
        f"# Incident report (draft): {markdown_text(name) or BLANK}\n\n"
        f"Computed from what was recorded; {BLANK} marks what people must write. A suspect is what "
        "to examine first, not a cause.\n\n" + markdown_table(("", ""), rows)
    )


def _minute(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _summary(report: IncidentReport) -> str:
    answers = [
        f"- **{one.question}** ({one.verdict.value}) {markdown_text(one.sentence)}\n"
        + "".join(f"  - not known: {markdown_text(why)}\n" for why in one.because)
        for one in report.conclusions
    ]
    found = [
        f"- {finding.severity.value}: {markdown_text(finding.sentence)}\n"
        for finding in open_findings(report.findings)
    ]
    return "".join((f"In a sentence for everybody: {BLANK}\n\n", *answers, *found))


def _unseen(report: IncidentReport) -> str:
    missing = gaps(report.coverage)
    told = [
        f"- {markdown_text(line.table)}"
        f"{f' of {markdown_text(line.account)}' if line.account else ''}: "
        f"{line.status.words}, {markdown_text(line.detail or line.asked)}\n"
        for line in missing
    ]
    return "".join(told) or "Everything that was asked for came back.\n"
