"""What speaks for a change as the cause of an anomaly, factor by factor, as log-odds that add up.

Every odds is in steps of 4 to 1 (`opslib.analysis.incident.change_factors.STEP`). What a resource
itself costs weighs most: it is what was paid for. Nothing here is fitted to a bill.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from math import log

from opslib.analysis.cost.anomalies.anomaly import CostAnomaly
from opslib.analysis.cost.anomalies.resource_moves import ResourceMove
from opslib.analysis.incident.change_factors import SHARED, STEP
from opslib.analysis.incident.consequences import LABELS, MAKING, TAKING, words_of
from opslib.timewindow import midnight

__all__ = ["MOVED", "CauseFactors", "judge_cause"]

ALSO_MAKING = frozenset(("Run", "Allocate", "Restore", "Request", "Purchase", "Launch", "Copy"))
LABELLING = LABELS | {"Tagging"}
HALF_HOURS = 12.0
"""So long before the first day a change counts half of one on it."""
MOVED = 0.1
"""A resource that makes less than this part of the anomaly did not move."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseFactors:
    """Log-odds of each fact; 0 says nothing.

    Args:
        resource: the resource that it names moved, or did not.
        service: it is of a service that bears on the anomaly's.
        kind: it makes, alters or takes away, against a rise or a fall.
        time: how long before the first day.
        rarity: how often the same actor did the same in the hours read.
    """

    resource: float = 0.0
    service: float = 0.0
    kind: float = 0.0
    time: float = 0.0
    rarity: float = 0.0

    @property
    def score(self) -> float:
        """Return their sum."""
        return sum(float(getattr(self, field.name)) for field in fields(self))


def judge_cause(
    *,
    at: datetime,
    action: str,
    anomaly: CostAnomaly,
    bears: bool | None,
    moved: ResourceMove | None,
    knows_resources: bool,
    times: int,
) -> CauseFactors:
    """Return what speaks for a change.

    Args:
        at: when it was made.
        action: ``service:Operation``, or what a source calls it.
        anomaly: what it may explain.
        bears: whether its service bears on the anomaly's; None where any does.
        moved: the resource that it names, where the bill knows it.
        knows_resources: whether the bill names resources of this service at all.
        times: how often the same was done by the same in the hours read.
    """
    return CauseFactors(
        resource=_resource_odds(moved, knows_resources=knows_resources),
        service=0.0 if bears is None else STEP * (1 if bears else -1),
        kind=_kind_odds(
            action, rises=anomaly.rises, has_moved=moved is not None and moved.share >= MOVED
        ),
        time=-log(1 + _hours_before(at, anomaly) / HALF_HOURS) * SHARED,
        rarity=-SHARED * log(max(times, 1)),
    )


def _resource_odds(moved: ResourceMove | None, *, knows_resources: bool) -> float:
    """Return two to four steps for a resource that moved, by its part; two against one that not.

    One that the bill does not know, where it knows others, cannot be what was paid for: a step
    against it.
    """
    if moved is None:
        return -STEP if knows_resources else 0.0
    if moved.share < MOVED:
        return -2 * STEP
    return STEP * (2 + 2 * min(moved.share, 1.0))


def _kind_odds(action: str, *, rises: bool, has_moved: bool) -> float:
    """Return the odds by the verb of an operation; other sources' acts, such as scaling, have none.

    What labels a thing moves no money. What is taken from a resource that then rose was a setting
    of it, not the resource.
    """
    verb, *rest = words_of(action.rpartition(":")[2]) or ("",)
    if LABELLING & {verb, *rest}:
        return -2 * STEP
    if verb in TAKING:
        against = 0.0 if has_moved else -STEP
        return against if rises else STEP
    if verb in MAKING or verb in ALSO_MAKING:
        return STEP if rises else -STEP
    return STEP / 2


def _hours_before(at: datetime, anomaly: CostAnomaly) -> float:
    return max((midnight(anomaly.first_day) - at).total_seconds() / 3600, 0.0)
