"""The phases of an incident: between one of its moments and the next, and since it was noticed.

The phases of a response, in minutes: 0 to 5 (is it real, who takes it), 5 to 15 (what is it), 15 to
30 (stop it), 30 and more (escalate, tell people). They run from the detection, since nobody
responds to what nobody knows of.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from opslib.analysis.incident.durations import IncidentTimes
from opslib.timewindow import TimeWindow

__all__ = ["IncidentPhase", "incident_phases", "response_phases"]

RESPONSE_MINUTES = (0, 5, 15, 30)


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentPhase:
    """A span of an incident.

    Args:
        name: such as ``onset to detection`` or ``5-15 min``.
        begins: the moment or minute that begins it, such as ``onset`` or ``5``.
        start, end: at the earliest; the recovery, which ends the last, at the latest.
    """

    name: str
    begins: str
    start: datetime
    end: datetime


def incident_phases(times: IncidentTimes, window: TimeWindow) -> tuple[IncidentPhase, ...]:
    """Return the spans between the moments that are known, in their order of time.

    Empty where there is no onset: there is no incident to divide. An incident without recovery
    goes on to the end of the window.
    """
    if times.onset is None:
        return ()
    end = times.recovery.latest if times.recovery else window.end
    inner = {
        "detection": times.detection,
        "acknowledgement": times.acknowledgement,
        "mitigation": times.mitigation,
    }
    moments = [("onset", times.onset.earliest)]
    told = [(name, one.earliest) for name, one in inner.items() if one is not None]
    moments += [one for one in sorted(told, key=lambda one: one[1]) if moments[0][1] < one[1] < end]
    ends = [*moments[1:], ("recovery" if times.recovery else "end of the window", end)]
    return tuple(
        IncidentPhase(name=f"{name} to {after}", begins=name, start=start, end=until)
        for (name, start), (after, until) in zip(moments, ends, strict=True)
        if start < until
    )


def response_phases(times: IncidentTimes, window: TimeWindow) -> tuple[IncidentPhase, ...]:
    """Return the phases of the response, as far as the incident went on.

    Empty where nobody noticed, or where it was over before.
    """
    if times.onset is None or times.detection is None:
        return ()
    began = times.detection.earliest
    end = times.recovery.latest if times.recovery else window.end
    starts = [began + timedelta(minutes=minutes) for minutes in RESPONSE_MINUTES]
    ends = [min(start, end) for start in (*starts[1:], end)]
    labels = [
        *(f"{first}-{last} min" for first, last in pairwise(RESPONSE_MINUTES)),
        f"{RESPONSE_MINUTES[-1]}+ min",
    ]
    return tuple(
        IncidentPhase(name=name, begins=str(minutes), start=start, end=until)
        for name, minutes, start, until in zip(labels, RESPONSE_MINUTES, starts, ends, strict=True)
        if start < until
    )
