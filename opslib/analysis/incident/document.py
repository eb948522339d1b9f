"""An incident's report: the analysis, its answers and findings, for people and machines."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

from opslib.analysis.incident.conclusions import conclude
from opslib.analysis.incident.durations import measure_intervals
from opslib.analysis.incident.findings import find_all
from opslib.analysis.incident.impact_tables import affected_table, impact_table
from opslib.analysis.incident.report import IncidentAnalysis
from opslib.coverage import Coverage
from opslib.findings import Conclusion, Finding, FindingsDocument, Headline
from opslib.parameters.decisions import decide_findings
from opslib.parameters.incident import IncidentParameters
from opslib.tables.incident import IncidentTables, LogTables

__all__ = ["IncidentReport", "incident_tables", "report_incident"]


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentReport:
    """What a run says.

    Args:
        parameters: of the run.
        analysis: what was found.
        conclusions: the answers.
        findings: most urgent first.
        coverage: of what was read.
    """

    parameters: IncidentParameters
    analysis: IncidentAnalysis
    conclusions: tuple[Conclusion, ...]
    findings: tuple[Finding, ...]
    coverage: tuple[Coverage, ...]

    def document(self) -> FindingsDocument:
        """Return what machines read of it."""
        return FindingsDocument(
            notebook=self.parameters.notebook,
            environment=self.parameters.environment,
            as_of=self.parameters.as_of,
            window_start=self.analysis.window.start,
            window_end=self.analysis.window.end,
            headlines=_headlines(self.analysis),
            conclusions=self.conclusions,
            findings=self.findings,
            coverage=self.coverage,
        )


def report_incident(
    parameters: IncidentParameters, analysis: IncidentAnalysis, coverage: Sequence[Coverage]
) -> IncidentReport:
    """Return the report of an analysis.

    Args:
        parameters: of the run.
        analysis: what was found.
        coverage: of what was read.
    """
    return IncidentReport(
        parameters=parameters,
        analysis=analysis,
        conclusions=conclude(analysis, analysis.priority, coverage),
        findings=decide_findings(find_all(analysis, analysis.priority), parameters),
        coverage=tuple(coverage),
    )


def _headlines(analysis: IncidentAnalysis) -> tuple[Headline, ...]:
    return (*_times(analysis), *_impact(analysis))


def _impact(analysis: IncidentAnalysis) -> tuple[Headline, ...]:
    """Return what it cost; None for what could not be counted."""
    whole, share = analysis.impact.whole, analysis.impact.budget_share
    told = (
        ("failed_requests", "requests", whole.extra_failed if whole else None),
        ("user_minutes", "minutes", whole.user_minutes if whole else None),
        ("error_budget_burned_minutes", "minutes", whole.burned_minutes if whole else None),
        ("error_budget_burned_percent", "percent", None if share is None else 100 * share),
    )
    reached = len(analysis.radius.affected) if analysis.symptom else None
    return (
        *(
            Headline(
                name=name,
                label=name.replace("_", " ").capitalize(),
                amount=None if amount is None else Decimal(str(round(amount, 1))),
                unit=unit,
            )
            for name, unit, amount in told
        ),
        Headline(
            name="components_affected",
            label="Components affected",
            amount=None if reached is None else Decimal(reached),
            unit="components",
        ),
    )


def _times(analysis: IncidentAnalysis) -> tuple[Headline, ...]:
    """Return the times, in minutes and at the most that they may have been."""
    return tuple(
        Headline(
            name=f"{interval.name.replace(' ', '_')}_minutes",
            label=interval.name.capitalize(),
            amount=None
            if interval.span is None
            else Decimal(str(round(max(0.0, interval.span.high) / 60, 1))),
            unit="minutes",
        )
        for interval in measure_intervals(analysis.times)
    )


def _logs(logs: LogTables | None) -> dict[str, pd.DataFrame]:
    if logs is None:
        return {}
    return {"log_errors": logs.errors, "log_patterns": logs.patterns, "log_lines": logs.lines}


def incident_tables(report: IncidentReport, tables: IncidentTables) -> dict[str, pd.DataFrame]:
    """Return name to table, as they are kept beside the report."""
    analysis = report.analysis
    changes = [
        (
            s.rank,
            s.event_id,
            s.time,
            s.operation,
            analysis.resources.get(s.event_id, ""),
            s.principal,
            s.factors.score,
            s.confidence.value,
            "; ".join(s.reservations),
            s.place.component if s.place else "",
            json.dumps({f: getattr(s.factors, f) for f in s.factors.__dataclass_fields__}),
        )
        for s in analysis.changes or ()
    ]
    names = ["Rank", "EventId", "At", "Operation", "Resource", "Principal", "LogOdds"]
    names += ["Confidence", "Reservations", "Component", "Factors"]
    components = [
        (place, s.component, s.score, s.explained, s.significance, s.own_excess, s.departure)
        for place, s in enumerate(analysis.components.suspects if analysis.components else (), 1)
    ]
    parts = ["Rank", "Component", "Score", "Explained", "Significance", "OwnExcess", "Departure"]
    signals = [(s.name, s.kind, s.condition, s.told_at) for s in analysis.signals]
    return {
        "timeline": analysis.timeline,
        "metrics": tables.datapoints,
        "changes": pd.DataFrame(changes, columns=names),
        "components": pd.DataFrame(components, columns=parts),
        "signals": pd.DataFrame(signals, columns=["Signal", "Kind", "Condition", "ToldAt"]),
        "calls": tables.calls,
        "impact": impact_table(analysis.impact),
        "affected": affected_table(analysis.radius),
        **_logs(tables.logs),
    }
