"""How long it took to detect, acknowledge, mitigate and recover, against what was promised.

Definitions, all from the onset of the symptom but for the second: time to detect ends with the
first detection (an alarm, a page, or a person saying so) that came after the onset began; time to
acknowledge runs from that detection to the first response of a person; time to mitigate ends when
the incident's file says that the effect was stopped, else with the rollback; time to recover ends
when the symptom is gone. Each is an interval: onset and recovery are known to a period of their
metric, events to the resolution of their source. The response target of a severity is held against
the time to acknowledge.
Assumption: an event of kind detection or response belongs to this incident if it lies between
onset and the end of the window; alarms that were in that state before are no detection of it.
Fails where: people answered by means that no source recorded.
Source: Google SRE Workbook, "Incident Response"; Beyer et al., Site Reliability Engineering,
chapter 14; AWS Well-Architected, Operational Excellence, OPS10.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum

from opslib.analysis.incident.moments import Moment, Span
from opslib.findings import Verdict

__all__ = ["IncidentTimes", "Interval", "Priority", "judge_response", "measure_intervals"]


class Priority(StrEnum):
    """How urgent an incident is."""

    P0 = "P0"
    P1 = "P1"
    P2 = "P2"
    P3 = "P3"


AT_ONCE = timedelta(minutes=5)
"""The first phase: nobody answers in no time."""
RESPONSE_WITHIN = {
    Priority.P0: AT_ONCE,
    Priority.P1: timedelta(minutes=15),
    Priority.P2: timedelta(hours=1),
}
SATURDAY = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentTimes:
    """The moments of an incident; None for one that is not known.

    Args:
        onset, recovery: of the symptom.
        detection, acknowledgement, mitigation: what people and machines recorded.
    """

    onset: Moment | None = None
    detection: Moment | None = None
    acknowledgement: Moment | None = None
    mitigation: Moment | None = None
    recovery: Moment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """One of the times to ...

    Args:
        name: such as ``time to detect``.
        start, end: None where it is not known.
        span: None where either is not known.
    """

    name: str
    start: Moment | None
    end: Moment | None

    @property
    def span(self) -> Span | None:
        """Return how long it took."""
        if self.start is None or self.end is None:
            return None
        return Span.between(self.start, self.end)


def measure_intervals(times: IncidentTimes) -> tuple[Interval, ...]:
    """Return the times to detect, acknowledge, mitigate and recover, in this order."""
    onset = times.onset
    return (
        Interval(name="time to detect", start=onset, end=times.detection),
        Interval(name="time to acknowledge", start=times.detection, end=times.acknowledgement),
        Interval(name="time to mitigate", start=onset, end=times.mitigation),
        Interval(name="time to recover", start=onset, end=times.recovery),
    )


def judge_response(priority: Priority, times: IncidentTimes) -> tuple[Verdict, str]:
    """Return whether the response was in time for the priority, and why.

    P3 is due by the end (UTC) of the next weekday after the detection.
    """
    if times.detection is None:
        return Verdict.INCONCLUSIVE, "no source recorded a detection"
    if times.acknowledgement is None:
        return Verdict.INCONCLUSIVE, "no source recorded that anybody responded"
    due_first, due_last = (
        _due(priority, times.detection.earliest),
        _due(priority, times.detection.latest),
    )
    answered = times.acknowledgement
    if answered.latest <= due_first:
        return Verdict.PASS, ""
    if answered.earliest > due_last:
        return Verdict.FAIL, ""
    return Verdict.INCONCLUSIVE, "the sources are too coarse to tell"


def _due(priority: Priority, detected: datetime) -> datetime:
    if priority in RESPONSE_WITHIN:
        return detected + RESPONSE_WITHIN[priority]
    day = detected.astimezone(UTC).date() + timedelta(days=1)
    while day.weekday() >= SATURDAY:
        day += timedelta(days=1)
    return datetime.combine(day + timedelta(days=1), time.min, tzinfo=UTC)
