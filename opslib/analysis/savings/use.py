"""Use of a resource by day, as CloudWatch tells it: what every check of idleness asks.

No datapoint is no zero: a resource is unused only where CloudWatch tells zero of every whole day. A
metric that AWS reports only where it is not zero says nothing by its silence, unless another one of
the same resource, which AWS always reports, was told of the same days.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from opslib.analysis.savings.estate import Thing
from opslib.analysis.savings.options import Judging
from opslib.analysis.savings.recommendation import Reason, Rejection
from opslib.wording import count

__all__ = ["reject_used", "untold_days", "use_span", "use_total"]


def use_span(judging: Judging, days: int | None = None) -> tuple[date, ...]:
    """Return the last whole UTC days; all that metrics are read of, where no number is given."""
    today = judging.as_of.date()
    number = judging.parameters.use_days if days is None else days
    return tuple(today - timedelta(days=back) for back in range(number, 0, -1))


def untold_days(judging: Judging, thing: Thing, *measures: str) -> int:
    """Return on how many days none of the measures has a datapoint."""
    told = {day for measure in measures for day in judging.estate.use_of(thing, measure)}
    return sum(day not in told for day in use_span(judging))


def use_total(judging: Judging, thing: Thing, *measures: str) -> float:
    """Return the sum of measures over the days of metrics; a day without a datapoint adds none."""
    return sum(sum(judging.estate.use_of(thing, measure).values()) for measure in measures)


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
    untold = max((untold_days(judging, part, measure) for part, measure in pairs), default=days)
    if untold:
        sentence = f"CloudWatch tells no {what} on {untold} of {count(days, 'day')}"
        return Rejection(kind=kind, thing=thing, reason=Reason.UNKNOWN, sentence=sentence)
    return None
