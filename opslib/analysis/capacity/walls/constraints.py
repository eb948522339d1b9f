"""The binding constraint of each workload: the first wall among all of its limits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from opslib.analysis.capacity.walls.limit_forecast import LimitForecast

__all__ = ["BindingConstraint", "bind"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BindingConstraint:
    """What stops a workload first, and what would stop it next.

    Args:
        workload: whose it is.
        account, region: where.
        first: limit that is reached first, or the most used one where none is within the horizon.
        second: the next one; None where the workload has one limit only.
        days_between: days from the median of the first to that of the second; None where either is
            beyond the horizon.
        unknown: limits of the workload that have no date since nothing tells one.
    """

    workload: str
    account: str
    region: str
    first: LimitForecast
    second: LimitForecast | None
    days_between: int | None
    unknown: tuple[LimitForecast, ...]


def bind(limits: Iterable[LimitForecast]) -> tuple[BindingConstraint, ...]:
    """Return the binding constraint of every workload, the earliest first.

    A resource of no workload is one by itself. A workload none of whose limits could be forecast
    has none.

    Args:
        limits: the earliest first.
    """
    grouped: dict[tuple[str, str, str], list[LimitForecast]] = {}
    for limit in limits:
        shared = limit.workload if limit.workload != limit.name else limit.resource
        grouped.setdefault((shared, limit.account, limit.region), []).append(limit)
    made = [_bind(ones) for ones in grouped.values()]
    bound = [one for one in made if one is not None]
    return tuple(sorted(bound, key=lambda one: (one.first.order, one.workload)))


def _bind(limits: list[LimitForecast]) -> BindingConstraint | None:
    known = sorted((one for one in limits if one.full is not None), key=lambda one: one.order)
    if not known:
        return None
    first, second = known[0], known[1] if len(known) > 1 else None
    return BindingConstraint(
        workload=first.workload,
        account=first.account,
        region=first.region,
        first=first,
        second=second,
        days_between=_between(first, second),
        unknown=tuple(one for one in limits if one.full is None),
    )


def _between(first: LimitForecast, second: LimitForecast | None) -> int | None:
    if second is None or first.full is None or second.full is None:
        return None
    if first.full.p50 is None or second.full.p50 is None:
        return None
    return second.full.p50 - first.full.p50
