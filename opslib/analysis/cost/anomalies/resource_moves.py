"""What the resources of an anomaly's place cost before it and during it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from opslib.analysis.cost.anomalies.anomaly import CostAnomaly
from opslib.analysis.cost.anomalies.moves import moves_by
from opslib.money import total
from opslib.tables.costs import Bill
from opslib.tables.resource_names import resource_name

__all__ = ["ResourceMove", "joint_move", "resource_moves"]

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
        others: FOCUS ResourceIds of the other resources that are told together.
    """

    resource: str
    before: Decimal
    after: Decimal
    share: float
    others: tuple[str, ...] = ()


def resource_moves(bill: Bill, anomaly: CostAnomaly, column: str) -> Mapping[str, ResourceMove]:
    """Return what each resource of the anomaly's service and accounts cost, by its names.

    A resource goes by its short name and by each part of it that no other has: what a call names
    by its name, a bill names by type, name and a number. Names are in small letters. Empty where
    the bill does not know resources.
    """
    if bill.resources is None:
        return {}
    rows = bill.resources[bill.resources["ServiceName"] == anomaly.place.service]
    accounts = {part.account for part in anomaly.parts}
    if "" not in accounts:
        rows = rows[rows["SubAccountId"].isin(accounts)]
    return _by_name(
        [
            ResourceMove(resource=move.name, before=move.before, after=move.after, share=move.share)
            for move in moves_by(rows, anomaly, "ResourceId", column)
        ]
    )


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
    first, *others = sorted(found, key=lambda move: (-move.share, move.resource))
    return ResourceMove(
        resource=first.resource,
        before=total(move.before for move in found),
        after=total(move.after for move in found),
        share=sum(move.share for move in found),
        others=tuple(move.resource for move in others),
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
