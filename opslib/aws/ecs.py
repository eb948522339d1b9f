"""Amazon ECS: what services say of themselves, their deployments, and tasks that stopped.

Source: Amazon ECS API Reference, DescribeServices (the last 100 events of a service, and the
deployments that have not been replaced), ListTasks and DescribeTasks (stopped tasks are told for
about an hour); Amazon ECS Developer Guide, Service event messages, and Stopped task error codes.

Kinds: a deployment that begins is a change, one that failed a symptom. Of a service's messages
those on placement, health and failure are symptoms, one on rolling back is a response, any other
is context. A task that ended by itself, failed to start or was taken away is a symptom; one that a
person stopped is a change; one that its service replaced is context.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pandas as pd

from opslib.aws.event_reads import Told, in_batches, read_event_source
from opslib.aws.places import Place, utc
from opslib.aws.reads import Reads
from opslib.coverage import CoverageStatus
from opslib.tables.event_rows import Event
from opslib.tables.resource_names import resource_name
from opslib.tables.timeline import EventKind
from opslib.timewindow import TimeWindow
from opslib.wording import printable

__all__ = [
    "ecs_clusters",
    "ecs_services",
    "ecs_tasks",
    "read_ecs_events",
    "read_stopped_task_events",
]

SERVICES_A_CALL, TASKS_A_CALL = 10, 100
MOST_EVENTS = 100
STOPPED_TASKS_KEPT = timedelta(hours=1)
TROUBLE = re.compile(r"unable to|unhealthy|failed|failure|throttl|insufficient|is missing|error")
ROLLING_BACK = re.compile(r"rolling back|roll(ed)? ?back")
STOPPED = {
    "TaskFailedToStart": EventKind.SYMPTOM,
    "EssentialContainerExited": EventKind.SYMPTOM,
    "SpotInterruption": EventKind.SYMPTOM,
    "TerminationNotice": EventKind.SYMPTOM,
    "UserInitiated": EventKind.CHANGE,
    "ServiceSchedulerInitiated": EventKind.CONTEXT,
}


def read_ecs_events(reads: Reads, window: TimeWindow) -> pd.DataFrame:
    """Read the messages and deployments of every service; columns of `EVENTS`."""

    def fetch(place: Place) -> Told:
        told = Told()
        for cluster in ecs_clusters(place):
            services = told.ask(lambda cluster=cluster: ecs_services(place, cluster))  # type: ignore[misc]
            for service in services or []:
                told.events.extend(_service_events(place, service))
                _note_cut(told, service, window)
        return told

    return read_event_source(reads, "ecs", window, fetch)


def ecs_clusters(place: Place) -> list[str]:
    """Return the ARNs of the clusters of a place."""
    return list(place.items("ecs", "ListClusters", "clusterArns"))


def ecs_services(place: Place, cluster: str) -> list[dict[str, Any]]:
    """Return the services of a cluster as DescribeServices tells them."""
    arns = list(place.items("ecs", "ListServices", "serviceArns", cluster=cluster))
    return [
        service
        for batch in in_batches(arns, SERVICES_A_CALL)
        for service in place.call("ecs", "DescribeServices", cluster=cluster, services=batch)[
            "services"
        ]
    ]


def _note_cut(told: Told, service: dict[str, Any], window: TimeWindow) -> None:
    listed = service.get("events", [])
    if len(listed) < MOST_EVENTS:
        return
    oldest = min(event["createdAt"] for event in listed)
    if oldest > window.start:
        told.lacks(
            CoverageStatus.PARTIAL,
            f"service {printable(service['serviceName'])} tells its last {MOST_EVENTS} events: "
            f"nothing before {utc(oldest):%Y-%m-%dT%H:%MZ}",
        )


def _service_events(place: Place, service: dict[str, Any]) -> Iterator[Event]:
    for event in service.get("events", []):
        yield _message_event(place, service, event)
    for deployment in service.get("deployments", []):
        yield from _deployment_events(place, service, deployment)


def _message_event(place: Place, service: dict[str, Any], event: dict[str, Any]) -> Event:
    message = str(event.get("message", ""))
    return _event(
        place,
        service,
        at=event["createdAt"],
        kind=_kind_of_message(message.lower()),
        action="service event",
        summary=message,
        reference=str(event["id"]),
    )


def _kind_of_message(message: str) -> EventKind:
    if ROLLING_BACK.search(message):
        return EventKind.RESPONSE
    return EventKind.SYMPTOM if TROUBLE.search(message) else EventKind.CONTEXT


def _deployment_events(
    place: Place, service: dict[str, Any], deployment: dict[str, Any]
) -> Iterator[Event]:
    name, identity = str(service["serviceName"]), str(deployment["id"])
    definition = resource_name(str(deployment.get("taskDefinition", "")))
    state = str(deployment.get("rolloutState", ""))
    where = f"{place.label}:{place.region}:{name}:{identity}"
    yield _event(
        place,
        service,
        at=deployment["createdAt"],
        kind=EventKind.CHANGE,
        action="deployment",
        summary=f"service {printable(name)}: deployment of {printable(definition)} began",
        reference=where,
        act_id=identity,
    )
    if state in {"COMPLETED", "FAILED"} and deployment.get("updatedAt"):
        reason = printable(str(deployment.get("rolloutStateReason", "")))
        yield _event(
            place,
            service,
            at=deployment["updatedAt"],
            kind=EventKind.SYMPTOM if state == "FAILED" else EventKind.CONTEXT,
            action="deployment",
            summary=f"service {printable(name)}: deployment of {printable(definition)} "
            f"{state.lower()}{f' ({reason})' if reason else ''}",
            reference=f"{where}:{state}",
        )


def _event(place: Place, service: dict[str, Any], *, at: Any, **facts: Any) -> Event:
    moment = utc(at)
    assert moment is not None
    return Event(
        at=moment,
        source="ecs",
        actor="ecs",
        resource=str(service["serviceName"]),
        service="ecs",
        account=place.label,
        region=place.region,
        **facts,
    )


def read_stopped_task_events(reads: Reads, window: TimeWindow) -> pd.DataFrame:
    """Read the tasks that stopped, with the reason; columns of `EVENTS`."""
    kept = reads.parameters.as_of - STOPPED_TASKS_KEPT

    def fetch(place: Place) -> Told:
        told = Told()
        told.lacks_before(kept, window, "ECS tells of stopped tasks for about an hour")
        for cluster in ecs_clusters(place):
            tasks = told.ask(lambda cluster=cluster: ecs_tasks(place, cluster, "STOPPED"))  # type: ignore[misc]
            told.events.extend(
                _task_event(place, task) for task in tasks or [] if task.get("stoppedAt")
            )
        return told

    return read_event_source(reads, "ecs task", window, fetch)


def ecs_tasks(place: Place, cluster: str, status: str) -> list[dict[str, Any]]:
    """Return the tasks of a cluster that are to be RUNNING or STOPPED."""
    arns = list(place.items("ecs", "ListTasks", "taskArns", cluster=cluster, desiredStatus=status))
    return [
        task
        for batch in in_batches(arns, TASKS_A_CALL)
        for task in place.call("ecs", "DescribeTasks", cluster=cluster, tasks=batch)["tasks"]
    ]


def _task_event(place: Place, task: dict[str, Any]) -> Event:
    at, code = utc(task["stoppedAt"]), str(task.get("stopCode", ""))
    assert at is not None
    name = str(task.get("group", "")).removeprefix("service:") or resource_name(task["taskArn"])
    definition = resource_name(str(task.get("taskDefinitionArn", "")))
    exits = [
        f"{printable(str(one.get('name', '?')))} exited with {one['exitCode']}"
        for one in task.get("containers", [])
        if one.get("exitCode") is not None
    ]
    said = "; ".join([printable(str(task.get("stoppedReason", ""))) or "no reason told", *exits])
    return Event(
        at=at,
        resolution_seconds=0.001,
        source="ecs",
        kind=STOPPED.get(code, EventKind.CONTEXT),
        actor="ecs",
        action=code or "task stopped",
        resource=name,
        service="ecs",
        account=place.label,
        region=place.region,
        summary=f"a task of {printable(name)} ({printable(definition)}) stopped: {said}",
        reference=str(task["taskArn"]),
    )
