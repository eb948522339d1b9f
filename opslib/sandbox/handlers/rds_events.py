"""Events of databases: 14 days of backups and maintenance, and what was planted.

Source: Amazon RDS API Reference, DescribeEvents.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from opslib.sandbox.estate import PRODUCTION
from opslib.sandbox.handlers.pages import take_page
from opslib.sandbox.incident_plan import ChangeKind
from opslib.sandbox.overlay import Caller, op
from opslib.sandbox.protocol import AwsError
from opslib.sandbox.shop import REGION

__all__ = ["describe_events"]

KEPT_DAYS = 14
MOST_A_PAGE = 100
CLUSTER, INSTANCE = "db-cluster", "db-instance"
Told = tuple[datetime, str, str, str, str]


@op("rds", "DescribeEvents")
def describe_events(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer rds:DescribeEvents, oldest first; the last hour unless asked otherwise."""
    epoch = caller.scenario.epoch
    end = asked.get("EndTime") or epoch
    begin = asked.get("StartTime") or end - timedelta(minutes=asked.get("Duration") or 60)
    if begin < epoch - timedelta(days=KEPT_DAYS):
        raise AwsError("InvalidParameterValue", "Start time must be within the last 14 days.")
    identity, kind = asked.get("SourceIdentifier"), asked.get("SourceType")
    if identity and not kind:
        raise AwsError("InvalidParameterCombination", "SourceType must be given too.")
    wanted = set(asked.get("EventCategories") or [])
    events = [
        {
            "SourceIdentifier": name,
            "SourceType": of,
            "Message": message,
            "EventCategories": [category],
            "Date": at,
            "SourceArn": _arn(of, name, caller),
        }
        for at, of, name, category, message in sorted(_events(caller))
        if begin <= at < min(end, epoch)
        and identity in {None, name}
        and kind in {None, of}
        and (not wanted or category in wanted)
    ]
    size = min(asked.get("MaxRecords") or MOST_A_PAGE, MOST_A_PAGE)
    page, marker = take_page(events, asked.get("Marker"), size)
    return {"Events": page} | ({"Marker": marker} if marker else {})


def _arn(kind: str, name: str, caller: Caller) -> str:
    of = "cluster" if kind == CLUSTER else "db"
    return f"arn:aws:rds:{caller.region}:{caller.account}:{of}:{name}"


def _events(caller: Caller) -> Iterator[Told]:
    plan = caller.scenario.incident
    if plan.is_empty or (caller.account, caller.region) != (PRODUCTION, REGION):
        return
    midnight = plan.epoch.replace(hour=0, minute=0, second=0, microsecond=0)
    for back in range(KEPT_DAYS + 1):
        at = midnight - timedelta(days=back) + timedelta(hours=3, minutes=25 + back % 3)
        yield at, CLUSTER, "orders", "backup", "Creating automated cluster snapshot"
        done = at + timedelta(minutes=4)
        yield done, CLUSTER, "orders", "backup", "Automated cluster snapshot created"
        yield at, INSTANCE, "ledger", "backup", "Backing up DB instance"
        yield done, INSTANCE, "ledger", "backup", "Finished DB instance backup"
    yield from _planted(caller)


def _planted(caller: Caller) -> Iterator[Told]:
    """Yield what the database says of the change of its capacity, and of its undoing."""
    incident = caller.scenario.incident.incident
    if incident is None or incident.kind is not ChangeKind.DATABASE:
        return
    for at, capacity in ((incident.changed_at, "0.5 to 2"), (incident.rolled_back_at, "4 to 32")):
        message = f"The DB cluster's Serverless v2 capacity range was changed to {capacity} ACUs"
        yield at + timedelta(seconds=48), CLUSTER, "orders", "configuration change", message
    restarted = incident.onset
    yield restarted, INSTANCE, "orders-1", "notification", "The database is scaling its capacity"
