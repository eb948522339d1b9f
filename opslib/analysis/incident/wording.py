"""How moments and spans that are known to an interval are written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from opslib.analysis.incident.moments import Moment, Span

__all__ = ["clock", "lasted", "moment"]

A_MINUTE, AN_HOUR, A_DAY = 60.0, 3600.0, 86_400.0


def clock(at: datetime) -> str:
    """Write a moment, to the minute: ``16:31 UTC on 1 Mar``."""
    told = at.astimezone(UTC)
    return f"{told:%H:%M} UTC on {told.day} {told:%b}"


def moment(told: Moment | None) -> str:
    """Write when it was: ``at 16:31 UTC on 1 Mar``, or between two such moments."""
    if told is None:
        return "at a moment that is not known"
    if told.latest - told.earliest < timedelta(minutes=1):
        return f"at {clock(told.earliest)}"
    first = told.earliest.astimezone(UTC)
    return f"between {first:%H:%M} and {clock(told.latest)}"


def lasted(span: Span) -> str:
    """Write how long it took: ``3 min``, or ``1 to 3 min`` where it is not known better."""
    low, high = max(0.0, span.low), max(0.0, span.high)
    unit, seconds = _unit(high)
    first, last = f"{low / seconds:.0f}", f"{high / seconds:.0f}"
    return f"{last} {unit}" if first == last else f"{first} to {last} {unit}"


def _unit(seconds: float) -> tuple[str, float]:
    if seconds < 2 * A_MINUTE:
        return "s", 1.0
    if seconds < 2 * AN_HOUR:
        return "min", A_MINUTE
    return ("hours", AN_HOUR) if seconds < 2 * A_DAY else ("days", A_DAY)
