"""Scaling activities: of Application Auto Scaling, and of Auto Scaling groups.

Source: Application Auto Scaling API Reference and Amazon EC2 Auto Scaling API Reference,
DescribeScalingActivities (of the last six weeks; an activity tells when it began and ended).

Kinds: an activity that scaled, or is about to, is a change; one that failed or was not fulfilled is
a symptom; one that another overrode is context.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pandas as pd

from opslib.aws.event_reads import Told, read_event_source
from opslib.aws.places import Place, utc
from opslib.aws.reads import Reads
from opslib.tables.event_rows import Event
from opslib.tables.timeline import EventKind
from opslib.timewindow import TimeWindow
from opslib.wording import printable

__all__ = ["read_group_scaling_events", "read_scaling_events"]

KEPT_DAYS = 42
NAMESPACES = ("ecs", "dynamodb", "rds", "lambda", "elasticache", "ec2")
FAILED = {"Failed", "Unfulfilled", "Cancelled"}
"""Cancelled is Auto Scaling groups' word for an activity that AWS gave up."""


def read_scaling_events(
    reads: Reads, window: TimeWindow, *, namespaces: tuple[str, ...] = NAMESPACES
) -> pd.DataFrame:
    """Read the activities of Application Auto Scaling; columns of `EVENTS`.

    Args:
        reads: the context of the run.
        window: activities that began in it.
        namespaces: services that scale by it, as its API names them.
    """

    def fetch(place: Place) -> Told:
        told = _told(reads, window)
        for namespace in namespaces:
            listed = place.items(
                "application-autoscaling",
                "DescribeScalingActivities",
                "ScalingActivities",
                ServiceNamespace=namespace,
            )
            found = told.ask(lambda listed=listed: list(listed))  # type: ignore[misc]
            told.events.extend(_scaled(place, activity) for activity in found or [])
        return told

    return read_event_source(reads, "scaling", window, fetch, namespaces=list(namespaces))


def read_group_scaling_events(reads: Reads, window: TimeWindow) -> pd.DataFrame:
    """Read the activities of Auto Scaling groups, deleted ones too; columns of `EVENTS`."""

    def fetch(place: Place) -> Told:
        told = _told(reads, window)
        listed = place.items(
            "autoscaling", "DescribeScalingActivities", "Activities", IncludeDeletedGroups=True
        )
        told.events.extend(_group_scaled(place, activity) for activity in listed)
        return told

    return read_event_source(reads, "group scaling", window, fetch)


def _told(reads: Reads, window: TimeWindow) -> Told:
    told = Told()
    kept = reads.parameters.as_of - timedelta(days=KEPT_DAYS)
    told.lacks_before(kept, window, "scaling activities are kept six weeks")
    return told


def _scaled(place: Place, activity: dict[str, Any]) -> Event:
    namespace = str(activity["ServiceNamespace"])
    name = re.split("[/:]", str(activity["ResourceId"]))[-1]
    return _event(place, activity, namespace, name, "application-autoscaling")


def _group_scaled(place: Place, activity: dict[str, Any]) -> Event:
    return _event(place, activity, "ec2", str(activity["AutoScalingGroupName"]), "autoscaling")


def _event(place: Place, activity: dict[str, Any], service: str, name: str, actor: str) -> Event:
    at, status = utc(activity["StartTime"]), str(activity.get("StatusCode", ""))
    assert at is not None
    told = (activity.get("Description"), activity.get("StatusMessage"), activity.get("Cause"))
    said = "; ".join(printable(str(one)) for one in told if one)
    kind = EventKind.SYMPTOM if status in FAILED else EventKind.CHANGE
    if status == "Overridden":
        kind = EventKind.CONTEXT
    return Event(
        at=at,
        source="scaling",
        kind=kind,
        actor=actor,
        action="scaling",
        resource=name,
        service=service,
        account=place.label,
        region=place.region,
        summary=f"scaling of {printable(name)} ({status or 'status unknown'}): {said}",
        reference=str(activity["ActivityId"]),
        act_id=str(activity["ActivityId"]),
    )
