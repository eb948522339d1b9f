"""Whether anything used a resource: what every check of idleness asks.

No datapoint is no zero: a resource is unused only where CloudWatch tells zero of every whole day.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from opslib.analysis.savings.estate import Thing
from opslib.analysis.savings.options import Judging
from opslib.analysis.savings.recommendation import Reason, Rejection
from opslib.wording import count

__all__ = ["reject_used", "untold_days", "use_span"]


def use_span(judging: Judging) -> tuple[date, ...]:
    """Return the whole UTC days that metrics are read of."""
    last = judging.as_of.date() - timedelta(days=1)
    days = judging.parameters.use_days
    return tuple(last - timedelta(days=back) for back in reversed(range(days)))


def untold_days(thing: Thing, measure: str, judging: Judging) -> int:
    """Return of how many days a measure has no datapoint."""
    told = judging.estate.use_of(thing, measure)
    return sum(day not in told for day in use_span(judging))


def reject_used(
    kind: str,
    thing: Thing,
    judging: Judging,
    measured: Iterable[tuple[Thing, str]],
    what: str,
    also: Iterable[tuple[Thing, str]] = (),
) -> Rejection | None:
    """Return why a resource is not called idle; None where every measure is zero on every day.

    Args:
        kind: of the recommendation.
        thing: the resource.
        judging: what is known.
        measured: the resources that are measured, it or its parts, and their measures.
        what: is counted, such as ``connections``.
        also: measured too, but told by CloudWatch only where there is something.
    """
    pairs = tuple(measured)
    days = len(use_span(judging))
    busy = {
        day
        for part, measure in (*pairs, *also)
        for day, value in judging.estate.use_of(part, measure).items()
        if value > 0
    }
    if busy:
        sentence = f"there were {what} on {len(busy)} of {count(days, 'day')}"
        return Rejection(kind=kind, thing=thing, reason=Reason.IN_USE, sentence=sentence)
    untold = max((untold_days(part, measure, judging) for part, measure in pairs), default=days)
    if untold:
        sentence = f"CloudWatch tells no {what} on {untold} of {count(days, 'day')}"
        return Rejection(kind=kind, thing=thing, reason=Reason.UNKNOWN, sentence=sentence)
    return None
