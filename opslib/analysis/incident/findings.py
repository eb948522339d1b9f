"""The findings of an incident: what to suspect, what goes on, what came late."""

from __future__ import annotations

from collections.abc import Iterator

from opslib.analysis.incident.change_confidence import Confidence
from opslib.analysis.incident.doubts import began_before
from opslib.analysis.incident.durations import Priority, judge_response
from opslib.analysis.incident.report import IncidentAnalysis
from opslib.analysis.incident.wording import clock, moment
from opslib.findings import Finding, Severity, Verdict
from opslib.wording import printable

__all__ = ["find_all"]

SEVERITIES = {
    Confidence.HIGH: Severity.HIGH,
    Confidence.MEDIUM: Severity.MEDIUM,
    Confidence.LOW: Severity.INFO,
}


def find_all(analysis: IncidentAnalysis, priority: str) -> tuple[Finding, ...]:
    """Return the findings, most urgent first; none where no metric left the usual.

    Where one was unusual already when the window began, that is all that is found.

    Args:
        analysis: what was found.
        priority: of the incident, P0 to P3.
    """
    if analysis.times.onset is None:
        return tuple(_began_before(analysis))
    found = [
        *_ongoing(analysis),
        *_change(analysis),
        *_component(analysis),
        *_rollback(analysis),
        *_response(analysis, Priority(priority)),
    ]
    return tuple(sorted(found, key=lambda finding: -finding.severity.rank))


def _began_before(analysis: IncidentAnalysis) -> Iterator[Finding]:
    for shown in began_before(analysis):
        yield Finding(
            kind="incident.began_before",
            subject={"Metric": shown.name},
            severity=Severity.HIGH,
            sentence=f"{printable(shown.name)} was unusual already when the window began: "
            f"{shown.symptom.why}.",
            action="Give an earlier start, by hours rather than minutes.",
            evidence=("metrics",),
        )


def _ongoing(analysis: IncidentAnalysis) -> Iterator[Finding]:
    shown = analysis.symptom
    if shown is not None and analysis.times.recovery is None:
        yield Finding(
            kind="incident.goes_on",
            subject={"Metric": shown.name},
            severity=Severity.CRITICAL,
            sentence=f"{printable(shown.name)} left the usual {moment(analysis.times.onset)} and "
            "was not back when the window ended.",
            action="Mitigate before anything else; then give a later end.",
            evidence=("metrics",),
        )


def _change(analysis: IncidentAnalysis) -> Iterator[Finding]:
    if not analysis.changes:
        return
    first = analysis.changes[0]
    resource = analysis.resources.get(first.event_id, "")
    of = f" of {printable(resource)}" if resource else ""
    who = printable(first.principal.rpartition("/")[2])
    yield Finding(
        kind="incident.suspect_change",
        subject={"Action": first.operation, "Resource": resource},
        severity=SEVERITIES[first.confidence],
        sentence=f"First change to suspect, with {first.confidence.value} confidence: "
        f"{printable(first.operation)}{of} by {who} at "
        f"{clock(first.time)}, before the onset {moment(analysis.times.onset)}.",
        action="Look at what it changed, and take it back if in doubt.",
        evidence=("timeline", "changes"),
    )


def _component(analysis: IncidentAnalysis) -> Iterator[Finding]:
    ranking = analysis.components
    if ranking is None or not ranking.confident:
        return
    first = ranking.suspects[0]
    yield Finding(
        kind="incident.suspect_component",
        subject={"Component": first.component},
        severity=Severity.HIGH,
        sentence=f"First component to suspect: {printable(first.component)}, whose own excess "
        f"explains {first.explained:.0%} of the symptom's.",
        action="Look at its deployments, configuration and limits first.",
        evidence=("components", "metrics"),
    )


def _rollback(analysis: IncidentAnalysis) -> Iterator[Finding]:
    fired = sorted((r.fired_at, r.rule.name) for r in analysis.replays if r.fired_at)
    done = analysis.rollback
    if fired and done is not None and done.earliest > fired[0][0]:
        at, name = fired[0]
        minutes = (done.earliest - at).total_seconds() / 60
        yield Finding(
            kind="incident.rollback_late",
            subject={"Rule": name},
            severity=Severity.MEDIUM,
            sentence=f"The rollback came {minutes:.0f} min after {printable(name)} would have "
            f"fired, at {clock(at)}.",
            action="Alarm on this rule, or let the deployment roll back by it.",
            evidence=("signals",),
        )


def _response(analysis: IncidentAnalysis, priority: Priority) -> Iterator[Finding]:
    if judge_response(priority, analysis.times)[0] is Verdict.FAIL:
        yield Finding(
            kind="incident.response_late",
            subject={"Priority": priority.value},
            severity=Severity.MEDIUM,
            sentence=f"Somebody responded {moment(analysis.times.acknowledgement)}; it was "
            f"detected {moment(analysis.times.detection)}, later than {priority.value} allows.",
            action="Look at who was paged, by what, and when.",
            evidence=("timeline",),
        )
