"""Deployments of CodeDeploy and executions of CodePipeline.

Source: AWS CodeDeploy API Reference, ListDeployments and BatchGetDeployments; AWS CodePipeline API
Reference, ListPipelines and ListPipelineExecutions (kept 12 months, newest first).

Kinds: one that begins is a change, or a response where it rolls back; one that failed is a symptom;
one that ended otherwise is context.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pandas as pd

from opslib.aws.event_reads import Told, in_batches, read_event_source
from opslib.aws.places import Place, utc
from opslib.aws.reads import Reads
from opslib.tables.event_rows import Event
from opslib.tables.resource_names import resource_name
from opslib.tables.timeline import EventKind
from opslib.timewindow import TimeWindow
from opslib.wording import printable

__all__ = ["read_deployment_events", "read_pipeline_events"]

DEPLOYMENTS_A_CALL = 25
LONGEST_DEPLOYMENT = timedelta(days=1)
"""One that began so long before the window may end in it."""
ENDED = {"Succeeded", "Failed", "Stopped", "Cancelled", "Superseded"}


def read_deployment_events(reads: Reads, window: TimeWindow) -> pd.DataFrame:
    """Read the deployments of CodeDeploy; columns of `EVENTS`."""

    def fetch(place: Place) -> Iterator[Event]:
        since = {"start": window.start - LONGEST_DEPLOYMENT, "end": window.end}
        listed = place.items("codedeploy", "ListDeployments", "deployments", createTimeRange=since)
        for batch in in_batches(list(listed), DEPLOYMENTS_A_CALL):
            told = place.call("codedeploy", "BatchGetDeployments", deploymentIds=batch)
            for deployment in told.get("deploymentsInfo", []):
                yield from _deployment(place, deployment)

    return read_event_source(reads, "codedeploy", window, fetch)


def _deployment(place: Place, told: dict[str, Any]) -> Iterator[Event]:
    identity, name = str(told["deploymentId"]), str(told.get("applicationName", ""))
    group, status = str(told.get("deploymentGroupName", "")), str(told.get("status", ""))
    rolls_back = told.get("creator") == "codeDeployRollback" or bool(
        told.get("rollbackInfo", {}).get("rollbackTriggeringDeploymentId")
    )
    what = f"{'rollback' if rolls_back else 'deployment'} {identity} of {printable(name)}"
    what += f" to {printable(group)}" if group else ""
    facts = {
        "source": "codedeploy",
        "actor": "" if told.get("creator") == "user" else str(told.get("creator", "")),
        "action": "deployment",
        "resource": name,
        "service": "codedeploy",
    }
    kind = EventKind.RESPONSE if rolls_back else EventKind.CHANGE
    yield _event(
        place,
        told["createTime"],
        kind=kind,
        summary=f"{what} began",
        reference=identity,
        act_id=identity,
        **facts,
    )
    if status in ENDED and told.get("completeTime"):
        failure = printable(str(told.get("errorInformation", {}).get("message", "")))
        yield _event(
            place,
            told["completeTime"],
            kind=EventKind.SYMPTOM if status == "Failed" else EventKind.CONTEXT,
            summary=f"{what} {status.lower()}{f': {failure}' if failure else ''}",
            reference=f"{identity}:{status}",
            **facts,
        )


def read_pipeline_events(reads: Reads, window: TimeWindow) -> pd.DataFrame:
    """Read the executions of every pipeline; columns of `EVENTS`."""

    def fetch(place: Place) -> Told:
        told = Told()
        for pipeline in place.items("codepipeline", "ListPipelines", "pipelines"):
            name = str(pipeline["name"])
            found = told.ask(lambda name=name: _executions(place, name, window))  # type: ignore[misc]
            for execution in found or []:
                told.events.extend(_execution(place, name, execution))
        return told

    return read_event_source(reads, "codepipeline", window, fetch)


def _executions(place: Place, name: str, window: TimeWindow) -> list[dict[str, Any]]:
    """Return the executions that began within the window or a day before, newest first."""
    found = []
    for one in place.items(
        "codepipeline", "ListPipelineExecutions", "pipelineExecutionSummaries", pipelineName=name
    ):
        if one["startTime"] < window.start - LONGEST_DEPLOYMENT:
            break
        found.append(one)
    return found


def _execution(place: Place, name: str, told: dict[str, Any]) -> Iterator[Event]:
    identity, status = str(told["pipelineExecutionId"]), str(told.get("status", ""))
    rolls_back = told.get("executionType") == "ROLLBACK"
    trigger = told.get("trigger", {})
    revisions = [str(one.get("revisionSummary") or "") for one in told.get("sourceRevisions", [])]
    source = next((f" ({printable(one)})" for one in revisions if one), "")
    what = f"pipeline {printable(name)}: {'rollback' if rolls_back else 'execution'}{source}"
    facts = {
        "source": "codepipeline",
        "actor": _trigger(trigger),
        "action": "execution",
        "resource": name,
        "service": "codepipeline",
    }
    kind = EventKind.RESPONSE if rolls_back else EventKind.CHANGE
    yield _event(
        place,
        told["startTime"],
        kind=kind,
        summary=f"{what} began",
        reference=identity,
        act_id=identity,
        **facts,
    )
    if status in ENDED and told.get("lastUpdateTime"):
        yield _event(
            place,
            told["lastUpdateTime"],
            kind=EventKind.SYMPTOM if status == "Failed" else EventKind.CONTEXT,
            summary=f"{what} {status.lower()}",
            reference=f"{identity}:{status}",
            **facts,
        )


def _trigger(trigger: dict[str, Any]) -> str:
    detail = str(trigger.get("triggerDetail", ""))
    if ":assumed-role/" in detail:
        return detail.partition(":assumed-role/")[2]
    return resource_name(detail) or str(trigger.get("triggerType", ""))


def _event(place: Place, moment: Any, **facts: Any) -> Event:
    at = utc(moment)
    assert at is not None
    return Event(at=at, account=place.label, region=place.region, **facts)
