"""How well spend is tagged, where it is not, and how that moves.

Only charges of category Usage count: tax, credits and fees cannot be tagged. A charge is
untagged when it lacks the key or has an empty value.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

import pandas as pd

from opslib.analysis.cost.daily import sum_by_period
from opslib.analysis.cost.usual import usual_size
from opslib.money import EXACT, ZERO, divide, total
from opslib.tables.costs import TAG_VALUE, Bill
from opslib.timewindow import TimeWindow

__all__ = ["Offender", "TagGovernance", "UntaggedRise", "measure_tags"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Offender:
    """Untagged cost of one service, and of one resource where resources are known."""

    service: str
    account: str
    resource: str
    cost: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class UntaggedRise:
    """A service whose untagged cost rose by more than it usually does."""

    service: str
    amount: Decimal
    untagged: Decimal
    resources: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TagGovernance:
    """How well the period's spend is tagged with one key.

    Args:
        key: the tag key.
        taggable: cost of the period that could be tagged.
        untagged: of it, what lacks the key.
        by_value: cost per value, '' for untagged.
        shares: untagged share of each period, the current first; None where nothing was charged.
        offenders: untagged cost by service (and resource), largest first.
        rises: services whose untagged cost rose beyond ``floor`` and beyond usual.
    """

    key: str
    taggable: Decimal
    untagged: Decimal
    by_value: dict[str, Decimal]
    shares: tuple[Decimal | None, ...]
    offenders: tuple[Offender, ...]
    rises: tuple[UntaggedRise, ...]

    @property
    def untagged_share(self) -> Decimal | None:
        """Return the untagged share of the period, 0 to 1; None when nothing is taggable."""
        return self.shares[0]


def measure_tags(
    bill: Bill, key: str, periods: Sequence[TimeWindow], column: str, floor: Decimal
) -> TagGovernance:
    """Measure how well the bill is tagged with ``key``.

    Args:
        bill: a bill that was read by this key.
        key: the tag key.
        periods: current first, then the covered earlier ones.
        column: BilledCost or EffectiveCost.
        floor: smallest rise worth naming.
    """
    costs = bill.tags[key]
    by_value = sum_by_period(costs, periods, [TAG_VALUE], column)
    untagged = costs[costs[TAG_VALUE] == ""]
    by_service = sum_by_period(untagged, periods, ["ServiceName"], column)
    detail = _offenders(bill, key, periods, column)
    return TagGovernance(
        key=key,
        taggable=total(by_value[0].values()),
        untagged=by_value[0].get(("",), ZERO),
        by_value={name: amount for (name,), amount in sorted(by_value[0].items())},
        shares=tuple(_share(period) for period in by_value),
        offenders=detail or _service_offenders(by_service[0]),
        rises=tuple(_rises(by_service, detail, floor)),
    )


def _share(by_value: dict[tuple[str, ...], Decimal]) -> Decimal | None:
    whole = total(by_value.values())
    return divide(by_value.get(("",), ZERO), whole) if whole > 0 else None


def _offenders(
    bill: Bill, key: str, periods: Sequence[TimeWindow], column: str
) -> tuple[Offender, ...]:
    frame: pd.DataFrame | None = bill.untagged.get(key)
    if frame is None:
        return ()
    keys = ["ServiceName", "SubAccountId", "ResourceId"]
    sums = sum_by_period(frame, periods[:1], keys, column)[0]
    ranked = sorted(sums.items(), key=lambda item: (-item[1], item[0]))
    return tuple(
        Offender(service=service, account=account, resource=resource, cost=cost)
        for (service, account, resource), cost in ranked
        if cost > 0
    )


def _service_offenders(by_service: dict[tuple[str, ...], Decimal]) -> tuple[Offender, ...]:
    ranked = sorted(by_service.items(), key=lambda item: (-item[1], item[0]))
    return tuple(
        Offender(service=service, account="", resource="", cost=cost)
        for (service,), cost in ranked
        if cost > 0
    )


def _rises(
    by_service: list[dict[tuple[str, ...], Decimal]],
    offenders: tuple[Offender, ...],
    floor: Decimal,
) -> list[UntaggedRise]:
    if len(by_service) < 2:  # noqa: PLR2004  a rise needs two periods
        return []
    rises = []
    for service in sorted({key for period in by_service for key in period}):
        series = [period.get(service, ZERO) for period in by_service]
        changes = [EXACT.subtract(later, earlier) for later, earlier in pairwise(series)]
        if changes[0] >= floor and changes[0] > usual_size(changes[1:]):
            worst = [o.resource for o in offenders if o.service == service[0] and o.resource]
            rises.append(
                UntaggedRise(
                    service=service[0],
                    amount=changes[0],
                    untagged=series[0],
                    resources=tuple(worst[:3]),
                )
            )
    return sorted(rises, key=lambda rise: -rise.amount)
