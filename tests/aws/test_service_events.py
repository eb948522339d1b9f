"""What AWS's services record of themselves: two pages and more, refused, empty, and kinds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from opslib.aws.deployments import read_deployment_events, read_pipeline_events
from opslib.aws.ecs import read_ecs_events, read_stopped_task_events
from opslib.aws.guardduty import read_guardduty_events
from opslib.aws.health import read_health_events
from opslib.aws.rds_events import read_rds_events
from opslib.aws.reads import Reads
from opslib.aws.rotations import read_rotation_events
from opslib.aws.scaling import read_group_scaling_events, read_scaling_events
from opslib.aws.service_graph import read_service_graph
from opslib.coverage import CoverageStatus
from opslib.errors import CredentialsError
from opslib.run_folder import RunFolder
from opslib.tables.schema import check_table
from opslib.tables.timeline import EVENTS
from opslib.timewindow import TimeWindow
from tests.aws.fakes import reads_with, refusal
from tests.aws.model_clients import model_reads

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
WINDOW = TimeWindow(start=NOON - timedelta(hours=1), end=NOON + timedelta(hours=1))
ARN = "arn:aws:ecs:us-east-1:222222222222"
Reader = Callable[[Reads, TimeWindow], pd.DataFrame]
READERS: dict[Reader, tuple[str, str]] = {
    read_ecs_events: ("ecs", "ListClusters"),
    read_stopped_task_events: ("ecs", "ListClusters"),
    read_rds_events: ("rds", "DescribeEvents"),
    read_scaling_events: ("application-autoscaling", "DescribeScalingActivities"),
    read_group_scaling_events: ("autoscaling", "DescribeScalingActivities"),
    read_deployment_events: ("codedeploy", "ListDeployments"),
    read_pipeline_events: ("codepipeline", "ListPipelines"),
    read_health_events: ("health", "DescribeEvents"),
    read_rotation_events: ("secretsmanager", "ListSecrets"),
    read_guardduty_events: ("guardduty", "ListDetectors"),
    read_service_graph: ("xray", "GetServiceGraph"),
}


def at(minute: float) -> datetime:
    return NOON + timedelta(minutes=minute)


def kinds(events: pd.DataFrame) -> list[str]:
    check_table(events, EVENTS, "events")
    return events["Kind"].tolist()


def details(reads: Reads) -> str:
    return "; ".join(line.detail for line in reads.coverage)


@pytest.mark.parametrize("reader", READERS, ids=lambda one: one.__name__)
@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("AccessDeniedException", CoverageStatus.DENIED),
        ("ThrottlingException", CoverageStatus.THROTTLED),
        ("InternalFailure", CoverageStatus.FAILED),
    ],
)
def test_what_is_refused_is_a_gap(
    reader: Reader, code: str, status: CoverageStatus, tmp_path: Path
) -> None:
    service, operation = READERS[reader]
    reads, _ = model_reads(tmp_path, {service: {operation: refusal(code, operation)}})
    assert reader(reads, WINDOW).empty
    assert [line.status for line in reads.coverage] == [status]


@pytest.mark.parametrize("reader", READERS, ids=lambda one: one.__name__)
def test_expired_credentials_end_the_run(reader: Reader, tmp_path: Path) -> None:
    service, operation = READERS[reader]
    expired = refusal("ExpiredTokenException", operation)
    reads, _ = model_reads(tmp_path, {service: {operation: expired}})
    with pytest.raises(CredentialsError):
        reader(reads, WINDOW)


EMPTY: dict[str, Any] = {
    "ecs": {"ListClusters": {"clusterArns": []}},
    "rds": {"DescribeEvents": {"Events": []}},
    "application-autoscaling": {"DescribeScalingActivities": {"ScalingActivities": []}},
    "autoscaling": {"DescribeScalingActivities": {"Activities": []}},
    "codedeploy": {"ListDeployments": {"deployments": []}},
    "codepipeline": {"ListPipelines": {"pipelines": []}},
    "health": {"DescribeEvents": {"events": []}},
    "secretsmanager": {"ListSecrets": {"SecretList": []}},
    "guardduty": {"ListDetectors": {"DetectorIds": []}},
    "xray": {"GetServiceGraph": {"Services": []}},
}


@pytest.mark.parametrize("reader", READERS, ids=lambda one: one.__name__)
def test_nothing_is_an_answer_and_is_replayed(reader: Reader, tmp_path: Path) -> None:
    reads, _ = model_reads(tmp_path, EMPTY, as_of=at(59))
    assert reader(reads, WINDOW).empty
    silent = {read_guardduty_events, read_stopped_task_events}
    wanted = CoverageStatus.PARTIAL if reader in silent else CoverageStatus.COMPLETE
    assert [line.status for line in reads.coverage] == [wanted]
    replayed = reads_with(tmp_path, as_of=at(59))
    replayed.run = RunFolder(path=tmp_path, replay=True)
    assert reader(replayed, WINDOW).empty
    assert [line.status for line in replayed.coverage] == [wanted]


def service(name: str, events: list[Any], deployments: list[Any]) -> dict[str, Any]:
    return {"serviceName": name, "events": events, "deployments": deployments}


def message(minute: float, text: str) -> dict[str, Any]:
    return {"id": f"{minute} {text}", "createdAt": at(minute), "message": text}


def ecs_of(*services: dict[str, Any]) -> dict[str, Any]:
    arns = [f"{ARN}:service/shop/{number}" for number, _ in enumerate(services)]

    def describe(services: list[str], cluster: str) -> dict[str, Any]:
        assert len(services) <= 10
        assert cluster.endswith("shop")
        return {"services": [told[arns.index(arn)] for arn in services]}

    told = list(services)
    half = len(arns) // 2
    return {
        "ListClusters": {"clusterArns": [f"{ARN}:cluster/shop"]},
        "ListServices": [
            {"serviceArns": arns[:half], "nextToken": "t"},
            {"serviceArns": arns[half:]},
        ],
        "DescribeServices": describe,
    }


def test_services_say_what_became_of_them(tmp_path: Path) -> None:
    deployment = {
        "id": "ecs-svc/2",
        "createdAt": at(1),
        "updatedAt": at(9),
        "taskDefinition": f"{ARN}:task-definition/shop-web:42",
        "rolloutState": "FAILED",
        "rolloutStateReason": "circuit breaker",
    }
    messages = [
        message(2, "(service web) has started 2 tasks"),
        message(3, "(service web) (port 80) is unhealthy in target-group"),
        message(4, "(service web) rolling back to deployment ecs-svc/1"),
        message(-90, "(service web) has reached a steady state"),
    ]
    services = [service(f"s{number}", [], []) for number in range(11)]
    reads, _ = model_reads(
        tmp_path, {"ecs": ecs_of(service("web", messages, [deployment]), *services)}
    )
    events = read_ecs_events(reads, WINDOW)
    assert kinds(events) == ["change", "context", "symptom", "response", "symptom"]
    assert events["ActId"][0] == "ecs-svc/2"
    assert events["Summary"][0] == "service web: deployment of shop-web:42 began"
    assert events["Summary"][4].endswith("failed (circuit breaker)")
    assert [line.status for line in reads.coverage] == [CoverageStatus.COMPLETE]


def test_a_service_that_tells_its_last_hundred_events_has_a_gap(tmp_path: Path) -> None:
    messages = [message(number / 10, "has started") for number in range(100)]
    reads, _ = model_reads(tmp_path, {"ecs": ecs_of(service("web", messages, []))})
    assert len(read_ecs_events(reads, WINDOW)) == 100
    (line,) = reads.coverage
    assert line.status is CoverageStatus.PARTIAL
    assert "nothing before 2026-03-01T12:00Z" in line.detail


def test_a_cluster_that_is_refused_leaves_the_others(tmp_path: Path) -> None:
    told = ecs_of(service("web", [message(1, "x")], []))
    told["ListClusters"] = {"clusterArns": [f"{ARN}:cluster/shut", f"{ARN}:cluster/shop"]}
    told["ListServices"] = [refusal("AccessDeniedException"), *told["ListServices"]]
    reads, _ = model_reads(tmp_path, {"ecs": told})
    assert len(read_ecs_events(reads, WINDOW)) == 1
    assert [line.status for line in reads.coverage] == [CoverageStatus.DENIED]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("EssentialContainerExited", "symptom"),
        ("TaskFailedToStart", "symptom"),
        ("UserInitiated", "change"),
        ("ServiceSchedulerInitiated", "context"),
        ("SomethingNew", "context"),
    ],
)
def test_stopped_tasks_say_why(code: str, kind: str, tmp_path: Path) -> None:
    task = {
        "taskArn": f"{ARN}:task/shop/1",
        "taskDefinitionArn": f"{ARN}:task-definition/shop-web:42",
        "group": "service:web",
        "stopCode": code,
        "stoppedReason": "Essential container in task exited",
        "stoppedAt": at(30),
        "containers": [{"name": "app", "exitCode": 137}, {"name": "envoy"}],
    }
    answers = {
        "ListClusters": {"clusterArns": [f"{ARN}:cluster/shop"]},
        "ListTasks": [{"taskArns": ["a"] * 100, "nextToken": "t"}, {"taskArns": ["b"]}],
        "DescribeTasks": [{"tasks": [task]}, {"tasks": [{"taskArn": "still stopping"}]}],
    }
    reads, connection = model_reads(tmp_path, {"ecs": answers}, as_of=at(80))
    events = read_stopped_task_events(reads, WINDOW)
    assert kinds(events) == [kind]
    assert events["Summary"][0] == (
        "a task of web (shop-web:42) stopped: Essential container in task exited; "
        "app exited with 137"
    )
    assert connection.asked[1][1]["desiredStatus"] == "STOPPED"
    assert "from 2026-03-01T12:20Z on it remains" in details(reads)


@pytest.mark.parametrize(
    ("categories", "kind"),
    [
        (["failover"], "symptom"),
        (["notification", "availability"], "symptom"),
        (["recovery"], "recovery"),
        (["configuration change"], "change"),
        (["backup"], "context"),
        ([], "context"),
    ],
)
def test_events_of_databases_have_kinds(categories: list[str], kind: str, tmp_path: Path) -> None:
    event = {
        "SourceIdentifier": "orders",
        "SourceType": "db-cluster",
        "Message": "Completed failover to DB instance: orders-2",
        "EventCategories": categories,
        "Date": at(1),
    }
    pages = [{"Events": [event], "Marker": "m"}, {"Events": [{**event, "Message": "another"}]}]
    reads, _ = model_reads(tmp_path, {"rds": {"DescribeEvents": pages}})
    events = read_rds_events(reads, WINDOW)
    assert kinds(events) == [kind, kind]
    said = "db cluster orders: Completed failover to DB instance: orders-2"
    assert said in events["Summary"].tolist()


def test_events_of_databases_reach_back_two_weeks(tmp_path: Path) -> None:
    reads, connection = model_reads(tmp_path / "a", EMPTY, as_of=at(0) + timedelta(days=14))
    read_rds_events(reads, WINDOW)
    assert connection.asked[0][1]["StartTime"] == at(0)
    assert "RDS keeps events 14 days: 2026-03-01T11:00Z is gone" in details(reads)
    reads, connection = model_reads(tmp_path / "b", EMPTY, as_of=at(0) + timedelta(days=20))
    read_rds_events(reads, WINDOW)
    assert connection.asked == []
    assert "nothing of it remains" in details(reads)


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


def health_event(**facts: Any) -> dict[str, Any]:
    return {
        "arn": "arn:aws:health:us-east-1::event/RDS/1",
        "service": "RDS",
        "eventTypeCode": "AWS_RDS_OPERATIONAL_ISSUE",
        "eventTypeCategory": "issue",
        "region": "us-east-1",
        "startTime": at(1),
        **facts,
    }


def test_issues_of_aws_begin_and_end(tmp_path: Path) -> None:
    issue = health_event(endTime=at(30))
    notice = health_event(arn="arn:2", eventTypeCategory="scheduledChange", service="EC2")
    described = {"event": {"arn": issue["arn"]}, "eventDescription": {"latestDescription": "Oh\n"}}
    answers = {
        "DescribeEvents": [{"events": [issue], "nextToken": "t" * 4}, {"events": [notice]}],
        "DescribeEventDetails": {"successfulSet": [described], "failedSet": []},
    }
    reads, _ = model_reads(tmp_path, {"health": answers}, region="eu-west-1")
    events = read_health_events(reads, WINDOW)
    assert sorted(kinds(events)) == ["context", "recovery", "symptom"]
    said = "AWS Health, RDS in us-east-1: AWS_RDS_OPERATIONAL_ISSUE began: Oh"
    assert said in events["Summary"].tolist()
    assert [line.status for line in reads.coverage] == [CoverageStatus.COMPLETE]


def test_without_a_support_plan_there_is_a_gap(tmp_path: Path) -> None:
    refused = refusal("SubscriptionRequiredException", "DescribeEvents")
    reads, _ = model_reads(tmp_path, {"health": {"DescribeEvents": refused}})
    assert read_health_events(reads, WINDOW).empty
    (line,) = reads.coverage
    assert line.status is CoverageStatus.DENIED
    assert "support plan" in line.detail
    assert "leave the source out" in line.remedy


def test_issues_without_their_details_are_kept(tmp_path: Path) -> None:
    answers = {
        "DescribeEvents": {"events": [health_event()]},
        "DescribeEventDetails": refusal("AccessDeniedException", "DescribeEventDetails"),
    }
    reads, _ = model_reads(tmp_path, {"health": answers})
    assert kinds(read_health_events(reads, WINDOW)) == ["symptom"]
    assert [line.status for line in reads.coverage] == [CoverageStatus.DENIED]


def test_secrets_are_rotated_or_altered(tmp_path: Path) -> None:
    def secret(name: str, **facts: Any) -> dict[str, Any]:
        return {"Name": name, "ARN": f"arn:aws:secretsmanager:us-east-1:1:secret:{name}", **facts}

    pages = [
        {
            "SecretList": [secret("a", LastRotatedDate=at(1), LastChangedDate=at(2))],
            "NextToken": "t",
        },
        {
            "SecretList": [
                secret("b", LastChangedDate=at(3)),
                secret("c", LastRotatedDate=at(600), LastChangedDate=at(600)),
                secret("never touched"),
            ]
        },
    ]
    reads, _ = model_reads(tmp_path, {"secretsmanager": {"ListSecrets": pages}})
    events = read_rotation_events(reads, WINDOW)
    assert events["Summary"].tolist() == ["secret a was rotated", "secret b was altered"]
    assert kinds(events) == ["change", "change"]
    assert "1 secret rotated after the window" in details(reads)


def test_findings_are_detections_with_their_severity(tmp_path: Path) -> None:
    def finding(number: int, severity: float, count: int = 1) -> dict[str, Any]:
        last = at(number + (5 if count > 1 else 0))
        return {
            "AccountId": "222222222222",
            "Arn": f"arn:aws:guardduty:us-east-1:1:detector/d/finding/{number}",
            "CreatedAt": f"{at(number + 20):%Y-%m-%dT%H:%M:%S}.000Z",
            "UpdatedAt": f"{at(number + 25):%Y-%m-%dT%H:%M:%S}.000Z",
            "Id": str(number),
            "Region": "us-east-1",
            "Resource": {"ResourceType": "AccessKey", "AccessKeyDetails": {"UserName": "ann"}},
            "SchemaVersion": "2.0",
            "Severity": severity,
            "Type": "Recon:IAMUser/MaliciousIPCaller",
            "Title": "API called",
            "Service": {
                "Count": count,
                "EventFirstSeen": f"{at(number):%Y-%m-%dT%H:%M:%SZ}",
                "EventLastSeen": f"{last:%Y-%m-%dT%H:%M:%SZ}",
            },
        }

    answers = {
        "ListDetectors": {"DetectorIds": ["d"]},
        "ListFindings": [{"FindingIds": ["x"] * 50, "NextToken": "t"}, {"FindingIds": ["y"]}],
        "GetFindings": [
            {"Findings": [finding(1, 2.0), finding(2, 8.9)]},
            {"Findings": [finding(3, 9.0, count=4)]},
        ],
    }
    reads, _ = model_reads(tmp_path, {"guardduty": answers})
    events = read_guardduty_events(reads, WINDOW)
    assert kinds(events) == ["detection"] * 4
    assert events["Severity"].tolist() == ["low", "high", "critical", "critical"]
    assert events["Resource"].tolist() == ["ann"] * 4
    assert events["ObservedAt"][0] == pd.Timestamp(at(21))
    assert "(seen 4 times)" in events["Summary"][3]


def node(number: int, name: str, edges: list[Any], kind: str = "") -> dict[str, Any]:
    typed = {"Type": kind} if kind else {}
    return {"ReferenceId": number, "Name": name, "Edges": edges, **typed}


def edge(to: int, calls: int, faults: int = 0) -> dict[str, Any]:
    told = {
        "TotalCount": calls,
        "OkCount": calls - faults,
        "ErrorStatistics": {"TotalCount": 2, "ThrottleCount": 1},
        "FaultStatistics": {"TotalCount": faults},
        "TotalResponseTime": calls * 0.1,
    }
    return {"ReferenceId": to, "SummaryStatistics": told}


def test_the_service_graph_is_read_six_hours_at_a_time_over_its_pages(tmp_path: Path) -> None:
    def answer(**asked: Any) -> dict[str, Any]:
        assert asked["EndTime"] - asked["StartTime"] <= timedelta(hours=6)
        if "NextToken" not in asked:
            clients = node(0, "web", [edge(1, 100)], "client")
            return {"Services": [clients, node(1, "web", [edge(2, 50, 5)])], "NextToken": "t"}
        return {"Services": [node(2, "orders", [edge(9, 1)], "AWS::RDS")]}

    window = TimeWindow(start=at(0), end=at(0) + timedelta(hours=14))
    reads, connection = model_reads(tmp_path, {"xray": {"GetServiceGraph": answer}})
    graph = read_service_graph(reads, window)
    assert len(connection.asked) == 6
    assert graph["Seconds"].unique().tolist() == [21600.0, 7200.0]
    first = graph[graph["At"] == pd.Timestamp(window.start)]
    assert first[["Caller", "Callee", "Calls", "Faults"]].to_numpy().tolist() == [
        ["client", "web", 100, 0],
        ["orders", "?", 1, 0],
        ["web", "orders", 50, 5],
    ]
    assert first["CalleeType"].tolist() == ["", "", "AWS::RDS"]
    assert [line.status for line in reads.coverage] == [CoverageStatus.COMPLETE]
