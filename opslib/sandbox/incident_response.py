"""How people answered the incident: alarmed, acknowledged, at a loss, taking it back, relieved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

import numpy as np

from opslib.sandbox.incident_plan import IncidentPlan
from opslib.sandbox.shop_alarms import ShopAlarm, Transition, list_alarms, transitions

__all__ = ["AlarmChange", "Response", "alarm_changes", "response_of"]

RESPONSE = 7
"""Stream of chance of its own."""
SLOWEST = timedelta(minutes=14)
"""To acknowledge a page."""
UNSEEN = timedelta(minutes=12)
"""When somebody notices an incident that no alarm tells of."""


@dataclass(frozen=True, slots=True)
class AlarmChange:
    """An alarm of the window's day that went off or came back.

    Args:
        alarm: which.
        change: when, and to what.
    """

    alarm: ShopAlarm
    change: Transition


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What people did, in order.

    Args:
        first_alarm: that paged; None where none did.
        noticed: when the page went out, or somebody saw it.
        acknowledged: when whoever is on call said so.
        suspected: when the wrong thing was suspected.
        found: when the change was.
        rolled_back: when it was taken back.
        resolved: when it was declared over.
    """

    first_alarm: str | None
    noticed: datetime
    acknowledged: datetime
    suspected: datetime
    found: datetime
    rolled_back: datetime
    resolved: datetime


@cache
def alarm_changes(plan: IncidentPlan) -> tuple[AlarmChange, ...]:
    """Return what the alarms did on the day of the window, oldest first."""
    midnight = plan.moment.replace(hour=0, minute=0, second=0, microsecond=0)
    changes = [
        AlarmChange(alarm, change)
        for alarm in list_alarms()
        for change in transitions(plan, alarm)
        if midnight <= change.at < midnight + timedelta(days=1)
    ]
    return tuple(sorted(changes, key=lambda one: (one.change.at, one.alarm.name)))


@cache
def response_of(plan: IncidentPlan) -> Response | None:
    """Return how people answered; None on a quiet day."""
    incident = plan.incident
    if incident is None:
        return None
    chance = np.random.default_rng([plan.seed, RESPONSE])
    paging = [
        one
        for one in alarm_changes(plan)
        if one.change.is_alarm
        and one.change.at >= incident.onset
        and not one.alarm.name.startswith("batch-")
    ]
    first = paging[0] if paging else None
    latest = incident.rolled_back_at - timedelta(minutes=3)
    noticed = min(first.change.at if first else incident.onset + UNSEEN, latest)
    left = (latest - noticed).total_seconds()
    shares = sorted(chance.uniform(0.05, 0.95, 3).tolist())
    acknowledged, suspected, found = (
        noticed + timedelta(seconds=int(left * share)) for share in shares
    )
    return Response(
        first_alarm=first.alarm.name if first else None,
        noticed=noticed.replace(microsecond=0),
        acknowledged=min(acknowledged, noticed + SLOWEST).replace(microsecond=0),
        suspected=suspected,
        found=found,
        rolled_back=incident.rolled_back_at,
        resolved=incident.recovered_at + timedelta(seconds=int(chance.uniform(300, 1500))),
    )
