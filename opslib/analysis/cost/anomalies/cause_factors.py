"""What speaks for a change as the cause of an anomaly, factor by factor, as log-odds that add up.

Every odds is in steps of 4 to 1 (`opslib.analysis.incident.change_factors.STEP`). What a resource
itself costs weighs most: it is what was paid for. Nothing here is fitted to a bill.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import datetime
from math import log

from opslib.analysis.cost.anomalies.anomaly import CostAnomaly
from opslib.analysis.cost.anomalies.cause_kinds import kind_odds
from opslib.analysis.cost.anomalies.meters import meter_odds
from opslib.analysis.cost.anomalies.resource_moves import ResourceMove
from opslib.analysis.cost.anomalies.services import bears_on, is_own
from opslib.analysis.incident.change_factors import SHARED, STEP
from opslib.timewindow import midnight

__all__ = ["MOVED", "Act", "CauseFactors", "judge_cause"]

HOURS_A_DAY = 24.0
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
        meter: what it is about is charged by the usage types that moved, or by others.
        kind: it makes, alters or takes away, against a rise or a fall.
        time: how long before the first day.
        rarity: how many acts of the same kind the same actor did in the hours read.
        extent: how many resources the act was about: what many were, costs more.
    """

    resource: float = 0.0
    service: float = 0.0
    meter: float = 0.0
    kind: float = 0.0
    time: float = 0.0
    rarity: float = 0.0
    extent: float = 0.0

    @property
    def score(self) -> float:
        """Return their sum."""
        return sum(float(getattr(self, field.name)) for field in fields(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """A change, as far as it is weighed.

    Args:
        at: when it was made.
        action: ``service:Operation``, or what a source calls it.
        summary: what is said of it.
        service: CloudTrail's name of the service.
        classes: instance classes that it asks for.
        times: how many acts of the kind the same actor did in the hours read.
        extent: how many resources this act was about, calls in one go together.
    """

    at: datetime
    action: str
    summary: str
    service: str
    classes: tuple[str, ...]
    times: int
    extent: int


def judge_cause(
    act: Act,
    anomaly: CostAnomaly,
    *,
    meters: Collection[str],
    moved: ResourceMove | None,
    knows_resources: bool,
) -> CauseFactors:
    """Return what speaks for a change.

    Args:
        act: the change.
        anomaly: what it may explain.
        meters: usage types that moved, as `moved_meters` has them.
        moved: the resources that it names, where the bill knows them.
        knows_resources: whether the bill names resources of this service at all.
    """
    own = is_own(act.service, anomaly.place.service)
    return CauseFactors(
        resource=_resource_odds(moved, knows_resources=knows_resources),
        service=_service_odds(bears=bears_on(act.service, anomaly.place.service), own=own),
        meter=meter_odds(act.action, act.classes, meters, own=own),
        kind=kind_odds(
            act.action,
            act.summary,
            rises=anomaly.rises,
            has_moved=moved is not None and moved.share >= MOVED,
        ),
        time=_time_odds(act.at, anomaly),
        rarity=-SHARED * log(max(act.times, 1)),
        extent=min(SHARED * log(max(act.extent, 1)), STEP),
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


def _service_odds(*, bears: bool | None, own: bool) -> float:
    """Return a step for the product that the call's own API makes, half of one by way of others."""
    if bears is None:
        return 0.0
    if not bears:
        return -STEP
    return STEP if own else STEP * SHARED


def _time_odds(at: datetime, anomaly: CostAnomaly) -> float:
    """Return the odds by hours before the first day, or by what that day had left to be charged."""
    hours = (midnight(anomaly.first_day) - at).total_seconds() / 3600
    if hours >= 0:
        return -SHARED * log(1 + hours / HALF_HOURS)
    left = max(HOURS_A_DAY + hours, 1.0) / HOURS_A_DAY
    return SHARED * log(left)
