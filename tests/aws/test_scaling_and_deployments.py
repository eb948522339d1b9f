"""Scaling, CodeDeploy and CodePipeline."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from opslib.aws.deployments import read_deployment_events, read_pipeline_events
from opslib.aws.scaling import read_group_scaling_events, read_scaling_events
from opslib.coverage import CoverageStatus
from tests.aws.fakes import refusal
from tests.aws.model_clients import model_reads
from tests.aws.service_events import WINDOW, at, kinds


def activity(number: int, status: str, **facts: Any) -> dict[str, Any]:
    return {
        "ActivityId": str(number),
        "ServiceNamespace": "ecs",
        "ResourceId": "service/shop/web",
        "ScalableDimension": "ecs:service:DesiredCount",
        "Description": "Setting desired count to 4.",
        "Cause": "monitor alarm in state ALARM triggered policy",
        "StartTime": at(number),
        "StatusCode": status,
        **facts,
    }


def test_scaling_changes_and_fails(tmp_path: Path) -> None:
    def answer(ServiceNamespace: str, NextToken: str = "", **_: Any) -> Any:  # noqa: N803
        if ServiceNamespace == "rds":
            return refusal("ValidationException")
        if ServiceNamespace != "ecs":
            return {"ScalingActivities": []}
        if not NextToken:
            return {"ScalingActivities": [activity(1, "Successful")], "NextToken": "t"}
        return {"ScalingActivities": [activity(2, "Failed"), activity(3, "Overridden")]}

    scaling = {"application-autoscaling": {"DescribeScalingActivities": answer}}
    reads, _ = model_reads(tmp_path, scaling)
    events = read_scaling_events(reads, WINDOW)
    assert kinds(events) == ["change", "symptom", "context"]
    assert set(events["Resource"]) == {"web"}
    assert [line.status for line in reads.coverage] == [CoverageStatus.FAILED]


def test_groups_scale(tmp_path: Path) -> None:
    told = {
        "ActivityId": "1",
        "AutoScalingGroupName": "workers",
        "Cause": "a person asked",
        "StartTime": at(1),
        "StatusCode": "Successful",
    }
    pages = [
        {"Activities": [told], "NextToken": "t"},
        {"Activities": [{**told, "ActivityId": "2", "StatusCode": "Cancelled"}]},
    ]
    reads, _ = model_reads(tmp_path, {"autoscaling": {"DescribeScalingActivities": pages}})
    events = read_group_scaling_events(reads, WINDOW)
    assert kinds(events) == ["change", "symptom"]
    assert events["Summary"][0] == "scaling of workers (Successful): a person asked"


def test_deployments_begin_fail_and_roll_back(tmp_path: Path) -> None:
    failed = {
        "deploymentId": "d-1",
        "applicationName": "web",
        "deploymentGroupName": "production",
        "status": "Failed",
        "createTime": at(1),
        "completeTime": at(5),
        "creator": "user",
        "errorInformation": {"code": "HEALTH_CONSTRAINTS", "message": "too few healthy"},
    }
    back = {
        "deploymentId": "d-2",
        "applicationName": "web",
        "status": "InProgress",
        "createTime": at(6),
        "creator": "codeDeployRollback",
    }
    answers = {
        "ListDeployments": [{"deployments": ["x"] * 25, "nextToken": "t"}, {"deployments": ["y"]}],
        "BatchGetDeployments": [{"deploymentsInfo": [failed]}, {"deploymentsInfo": [back]}],
    }
    reads, _ = model_reads(tmp_path, {"codedeploy": answers})
    events = read_deployment_events(reads, WINDOW)
    assert kinds(events) == ["change", "symptom", "response"]
    assert events["ActId"].tolist() == ["d-1", "", "d-2"]
    assert events["Summary"][1] == ("deployment d-1 of web to production failed: too few healthy")
    assert events["Summary"][2].startswith("rollback d-2 of web")


def test_pipelines_execute_and_older_pages_are_not_asked(tmp_path: Path) -> None:
    role = "arn:aws:sts::222222222222:assumed-role/deployer/ann"

    def one(number: int, start: datetime, **facts: Any) -> dict[str, Any]:
        return {
            "pipelineExecutionId": str(number),
            "status": "Succeeded",
            "startTime": start,
            "lastUpdateTime": start + timedelta(minutes=5),
            "trigger": {"triggerType": "StartPipelineExecution", "triggerDetail": role},
            "sourceRevisions": [{"actionName": "Source", "revisionSummary": "Lower a limit"}],
            **facts,
        }

    pages = [
        {
            "pipelineExecutionSummaries": [one(1, at(20), executionType="ROLLBACK")],
            "nextToken": "t",
        },
        {
            "pipelineExecutionSummaries": [
                one(2, at(1), status="Failed"),
                one(3, at(0) - timedelta(days=3)),
            ],
            "nextToken": "never asked for",
        },
    ]
    answers = {
        "ListPipelines": {"pipelines": [{"name": "web"}]},
        "ListPipelineExecutions": pages,
    }
    reads, _ = model_reads(tmp_path, {"codepipeline": answers})
    events = read_pipeline_events(reads, WINDOW)
    assert kinds(events) == ["change", "symptom", "response", "context"]
    assert events["Actor"][0] == "deployer/ann"
    assert events["Summary"][0] == "pipeline web: execution (Lower a limit) began"
