"""Services, tasks and databases: what they say of themselves."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from opslib.aws.ecs import read_ecs_events, read_stopped_task_events
from opslib.aws.rds_events import read_rds_events
from opslib.coverage import CoverageStatus
from tests.aws.fakes import refusal
from tests.aws.model_clients import model_reads
from tests.aws.service_events import WINDOW, at, details, kinds

ARN = "arn:aws:ecs:us-east-1:222222222222"


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
    empty: dict[str, Any] = {"rds": {"DescribeEvents": {"Events": []}}}
    reads, connection = model_reads(tmp_path / "a", empty, as_of=at(0) + timedelta(days=14))
    read_rds_events(reads, WINDOW)
    assert connection.asked[0][1]["StartTime"] == at(0)
    assert "RDS keeps events 14 days: 2026-03-01T11:00Z is gone" in details(reads)
    reads, connection = model_reads(tmp_path / "b", empty, as_of=at(0) + timedelta(days=20))
    read_rds_events(reads, WINDOW)
    assert connection.asked == []
    assert "nothing of it remains" in details(reads)
