"""How an incident was answered: how long it took, what was done when, what could have told."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from opslib.analysis.incident.durations import (
    Interval,
    Priority,
    judge_response,
    measure_intervals,
)
from opslib.analysis.incident.phases import IncidentPhase, response_phases
from opslib.analysis.incident.report import IncidentAnalysis
from opslib.analysis.incident.signals import Signal
from opslib.analysis.incident.wording import clock, lasted, moment
from opslib.findings import Verdict
from opslib.present.html import Column, Html, stacked, table
from opslib.tables.timeline import EventKind
from opslib.wording import count, join, printable

__all__ = ["done_in", "reached_in", "tabulate_response", "target_of"]

FIGURE: Final = "figure"
TARGETS = {
    Priority.P0: "at once (5 min)",
    Priority.P1: "15 min",
    Priority.P2: "1 hour",
    Priority.P3: "next weekday",
}
KEPT = {Verdict.PASS: "kept", Verdict.FAIL: "missed", Verdict.INCONCLUSIVE: "not known"}
PURPOSES = {
    "0": "acknowledge, assess, take command",
    "5": "investigate: dependencies, recent changes",
    "15": "mitigate: work around, scale, roll back",
    "30": "resolve, verify, tell people",
}
DONE = {
    EventKind.RESPONSE: ("response", "responses"),
    EventKind.CHANGE: ("change", "changes"),
    EventKind.RECOVERY: ("recovery", "recoveries"),
}


def tabulate_response(analysis: IncidentAnalysis, top: int) -> Html:
    """Return how long it took, what was done in each phase, and which signal told when.

    Args:
        analysis: what was found.
        top: signals that are shown.
    """
    return stacked(_times(analysis), _phases(analysis), _signals(analysis, top))


def target_of(analysis: IncidentAnalysis, interval: Interval) -> str:
    """Return the target of a time, and whether it was kept; '' where it has none."""
    if interval.name != "time to acknowledge":
        return ""
    verdict, _ = judge_response(analysis.priority, analysis.times)
    return f"{TARGETS[analysis.priority]} ({analysis.priority.value}): {KEPT[verdict]}"


def _times(analysis: IncidentAnalysis) -> Html:
    rows = [
        (
            interval.name,
            lasted(interval.span) if interval.span else "not known",
            target_of(analysis, interval),
            moment(interval.start),
            moment(interval.end),
            printable(interval.end.by) if interval.end else "",
        )
        for interval in measure_intervals(analysis.times)
    ]
    columns = [Column(name) for name in ("Time", "Took", "Target", "From", "To", "By")]
    return table(columns, rows, caption="How long it took")


def _phases(analysis: IncidentAnalysis) -> Html:
    phases = response_phases(analysis.times, analysis.window)
    rows = [
        (
            phase.name,
            PURPOSES[phase.begins],
            f"{phase.start:%H:%M} to {clock(phase.end)}",
            join(reached_in(analysis, phase)),
            done_in(analysis, phase),
        )
        for phase in phases
    ]
    note = (
        "Minutes since the first detection. What was recorded counts all accounts; whether it "
        "belongs to this incident is for people to say."
        if phases
        else "Nobody is known to have noticed it while it went on: there are no phases."
    )
    columns = [Column(name) for name in ("Phase", "Meant for", "When", "Reached", "Recorded")]
    return table(columns, rows, caption="What was done when", note=note)


def reached_in(analysis: IncidentAnalysis, phase: IncidentPhase) -> list[str]:
    """Return the moments of the incident that a phase holds, or may hold."""
    times = analysis.times
    told = (
        ("acknowledged", times.acknowledgement),
        ("rolled back", analysis.rollback),
        ("mitigated", times.mitigation if times.mitigation != analysis.rollback else None),
        ("recovered", times.recovery),
    )
    found = []
    for name, at in told:
        if at is None or at.latest < phase.start or at.earliest >= phase.end:
            continue
        is_inside = phase.start <= at.earliest and at.latest < phase.end
        found.append(name if is_inside else f"perhaps {name}")
    return found


def done_in(analysis: IncidentAnalysis, phase: IncidentPhase) -> str:
    """Return how many responses, changes and recoveries were recorded in a phase."""
    events = analysis.timeline
    inside = events[(events["At"] >= phase.start) & (events["At"] < phase.end)]
    sizes = inside["Kind"].value_counts()
    told = [
        f"{number:,} {one if number == 1 else more}"
        for kind, (one, more) in DONE.items()
        if (number := int(sizes.get(kind.value, 0)))
    ]
    return join(told) or "nothing"


def _signals(analysis: IncidentAnalysis, top: int) -> Html:
    told = [one for one in analysis.signals if one.told_at is not None]
    rows = [
        (
            printable(signal.name),
            signal.kind,
            printable(signal.condition),
            clock(signal.told_at) if signal.told_at else "never",
            _minutes(signal.after_onset),
            _before_detection(analysis, signal),
        )
        for signal in analysis.signals[:top]
    ]
    silent = len(analysis.signals) - len(told)
    note = (
        f"{count(len(analysis.signals), 'signal')}, {silent:,} of them silent from the onset on; "
        "conditions of alarms are those of the moment of reading."
    )
    names = ("Signal", "Kind", "Condition", "Told, or would have")
    figures = (Column("After onset", FIGURE), Column("Before it was detected", FIGURE))
    columns = [*(Column(name) for name in names), *figures]
    return table(columns, rows, caption="When could it have been known?", note=note)


def _minutes(span: timedelta | None) -> str:
    return "" if span is None else f"{span.total_seconds() / 60:+.1f} min"


def _before_detection(analysis: IncidentAnalysis, signal: Signal) -> str:
    detected = analysis.times.detection
    if signal.told_at is None or detected is None:
        return ""
    return _minutes(detected.earliest - signal.told_at)
