"""CodeDeploy's deployments and CodePipeline's executions of the shop.

Source: AWS CodeDeploy API Reference, AWS CodePipeline API Reference.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from opslib.sandbox.handlers.pages import take_page
from opslib.sandbox.overlay import Caller, op
from opslib.sandbox.protocol import AwsError
from opslib.sandbox.shop import REGION
from opslib.sandbox.shop_deployments import (
    TO_CODEDEPLOY,
    Deployment,
    pipeline_name,
)
from opslib.sandbox.shop_history import list_deployments

__all__ = [
    "batch_get_deployments",
    "list_applications",
    "list_deployment_groups",
    "list_deployments_of",
    "list_pipeline_executions",
    "list_pipelines",
]

GROUP = "production"
MOST_A_PAGE = 100
MOST_DESCRIBED = 25
MADE_BEFORE = timedelta(days=300)


@op("codedeploy", "ListApplications")
def list_applications(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer codedeploy:ListApplications."""
    page, token = take_page(_names(caller), asked.get("nextToken"), MOST_A_PAGE)
    return {"applications": page} | ({"nextToken": token} if token else {})


@op("codedeploy", "ListDeploymentGroups")
def list_deployment_groups(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer codedeploy:ListDeploymentGroups: one an application."""
    name = asked["applicationName"]
    if name not in _names(caller):
        message = f"No application found for name: {name}"
        raise AwsError("ApplicationDoesNotExistException", message)
    return {"applicationName": name, "deploymentGroups": [GROUP]}


@op("codedeploy", "ListDeployments")
def list_deployments_of(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer codedeploy:ListDeployments, newest first."""
    span = asked.get("createTimeRange") or {}
    begin, end = span.get("start"), span.get("end")
    name = asked.get("applicationName")
    if bool(name) != bool(asked.get("deploymentGroupName")):
        raise AwsError(
            "DeploymentGroupNameRequiredException",
            "Application and deployment group must be given together.",
        )
    identities = [
        one.codedeploy_id
        for one in reversed(_deployments(caller))
        if name in {None, pipeline_name(one)}
        and (begin is None or one.at >= begin)
        and (end is None or one.at <= end)
        and "Succeeded" in (asked.get("includeOnlyStatuses") or ["Succeeded"])
    ]
    page, token = take_page(identities, asked.get("nextToken"), MOST_A_PAGE)
    return {"deployments": page} | ({"nextToken": token} if token else {})


@op("codedeploy", "BatchGetDeployments")
def batch_get_deployments(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer codedeploy:BatchGetDeployments of at most 25."""
    wanted = asked["deploymentIds"]
    if len(wanted) > MOST_DESCRIBED:
        raise AwsError("BatchLimitExceededException", "The maximum is 25 deployments.")
    held = {one.codedeploy_id: one for one in _deployments(caller)}
    return {"deploymentsInfo": [_deployment(held[one]) for one in wanted if one in held]}


@op("codepipeline", "ListPipelines")
def list_pipelines(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer codepipeline:ListPipelines."""
    made = caller.scenario.epoch - MADE_BEFORE
    pipelines = [
        {"name": name, "version": 3, "pipelineType": "V2", "created": made, "updated": made}
        for name in _names(caller)
    ]
    page, token = take_page(pipelines, asked.get("nextToken"), MOST_A_PAGE)
    return {"pipelines": page} | ({"nextToken": token} if token else {})


@op("codepipeline", "ListPipelineExecutions")
def list_pipeline_executions(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer codepipeline:ListPipelineExecutions, newest first."""
    name = asked["pipelineName"]
    if name not in _names(caller):
        raise AwsError("PipelineNotFoundException", f"The pipeline {name} does not exist")
    executions = [
        _execution(one) for one in reversed(_deployments(caller)) if pipeline_name(one) == name
    ]
    size = min(asked.get("maxResults") or MOST_A_PAGE, MOST_A_PAGE)
    page, token = take_page(executions, asked.get("nextToken"), size)
    return {"pipelineExecutionSummaries": page} | ({"nextToken": token} if token else {})


def _deployments(caller: Caller) -> list[Deployment]:
    held = list_deployments(caller.scenario.incident, caller.account)
    return [one for one in held if one.is_pipelined] if caller.region == REGION else []


def _names(caller: Caller) -> list[str]:
    return sorted({pipeline_name(one) for one in _deployments(caller)})


def _deployment(one: Deployment) -> dict[str, Any]:
    message = f"build {one.run}" if not one.is_rollback else "rollback"
    return {
        "applicationName": pipeline_name(one),
        "deploymentGroupName": GROUP,
        "deploymentConfigName": "CodeDeployDefault.ECSAllAtOnce",
        "deploymentId": one.codedeploy_id,
        "revision": {
            "revisionType": "S3",
            "s3Location": {
                "bucket": "acme-artifacts",
                "key": f"{one.commit[:7]}.yaml",
                "bundleType": "YAML",
            },
        },
        "status": "Succeeded",
        "createTime": one.at,
        "startTime": one.updated_at,
        "completeTime": one.completed_at,
        "description": message,
        "creator": "user",
        "computePlatform": "ECS",
        "deploymentOverview": {"Succeeded": 1, "Failed": 0},
    }


def _execution(one: Deployment) -> dict[str, Any]:
    actor = one.person.session if one.person else f"ci-{one.run}"
    return {
        "pipelineExecutionId": one.execution_id,
        "status": "Succeeded",
        "startTime": one.at - TO_CODEDEPLOY,
        "lastUpdateTime": one.completed_at,
        "executionMode": "SUPERSEDED",
        "sourceRevisions": [
            {
                "actionName": "Source",
                "revisionId": one.commit,
                "revisionSummary": f"{one.service}: build {one.run}",
            }
        ],
        "trigger": {
            "triggerType": "StartPipelineExecution",
            "triggerDetail": f"arn:aws:sts::{one.account}:assumed-role/deploy/{actor}",
        },
    }
