"""What the resources of an anomaly's place cost before it and during it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import pandas as pd

from opslib.analysis.cost.anomalies.anomaly import CostAnomaly
from opslib.analysis.cost.daily import sum_by
from opslib.money import EXACT, ZERO, divide, total
from opslib.tables.costs import Bill
from opslib.tables.resource_names import resource_name

__all__ = ["ResourceMove", "joint_move", "resource_moves"]

BEFORE = timedelta(days=7)
SHORTEST_NAME = 4
"""Letters of a part of a name that can tell a resource."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceMove:
    """One resource's own cost, or that of several together.

    Args:
        resource: FOCUS ResourceId; of several, that of the one that moved most.
        before: mean cost a day in the week before the anomaly.
        after: mean cost a day in the anomaly.
        share: its part of the anomaly's impact, 1 for all; negative where it went the other way.
    """

    resource: str
    before: Decimal
    after: Decimal
    share: float


def resource_moves(bill: Bill, anomaly: CostAnomaly, column: str) -> Mapping[str, ResourceMove]:
    """Return what each resource of the anomaly's service and accounts cost, by its names.

    A resource goes by its short name and by each part of it that no other has: what a call names
    by its name, a bill names by type, name and a number. Names are in small letters. Empty where
    the bill does not know resources. The week before is compared with the episode, so that both
    hold all weekdays where it lasts.
    """
    if bill.resources is None or not anomaly.impact.mid:
        return {}
    rows = bill.resources[bill.resources["ServiceName"] == anomaly.place.service]
    accounts = {part.account for part in anomaly.parts}
    if "" not in accounts:
        rows = rows[rows["SubAccountId"].isin(accounts)]
    during = [day.day for day in anomaly.episode]
    past = [
        day.day for day in anomaly.days if anomaly.first_day - BEFORE <= day.day < anomaly.first_day
    ]
    before, after = (_daily_means(rows, days, column) for days in (past, during))
    moves = []
    for resource in sorted({*before, *after}):
        change = EXACT.subtract(after.get(resource, ZERO), before.get(resource, ZERO))
        whole = EXACT.multiply(change, Decimal(len(during)))
        moves.append(
            ResourceMove(
                resource=resource,
                before=before.get(resource, ZERO),
                after=after.get(resource, ZERO),
                share=float(divide(whole, anomaly.impact.mid)),
            )
        )
    return _by_name(moves)


def joint_move(moves: Mapping[str, ResourceMove], names: Collection[str]) -> ResourceMove | None:
    """Return what the resources that a change names cost together; None where the bill knows none.

    Args:
        moves: of the anomaly's resources, by name.
        names: of the change's resources, as calls write them.
    """
    known = (moves.get(resource_name(name).casefold()) for name in names)
    found = list(dict.fromkeys(move for move in known if move is not None))
    if not found:
        return None
    return ResourceMove(
        resource=max(found, key=lambda move: (move.share, move.resource)).resource,
        before=total(move.before for move in found),
        after=total(move.after for move in found),
        share=sum(move.share for move in found),
    )


def _by_name(moves: Sequence[ResourceMove]) -> Mapping[str, ResourceMove]:
    names = [_names(move.resource) for move in moves]
    known = Counter(name for found in names for name in found)
    return {
        name: move
        for move, found in zip(moves, names, strict=True)
        for name in found
        if known[name] == 1
    }


def _names(resource: str) -> set[str]:
    short = resource_name(resource).casefold()
    parts = {part for part in re.split("[/:]", short) if len(part) >= SHORTEST_NAME}
    return {short, *parts}


def _daily_means(rows: pd.DataFrame, days: Collection[date], column: str) -> dict[str, Decimal]:
    if not days:
        return {}
    chosen = rows[rows["ChargePeriodStart"].isin(days)]
    sums = sum_by(chosen, ["ResourceId"], column)
    return {str(resource): divide(cost, Decimal(len(days))) for (resource,), cost in sums.items()}
