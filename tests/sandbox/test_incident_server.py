"""Every operation of an incident over HTTP, through AWS's own parsers."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from opslib.sandbox.process import RunningSandbox, running_sandbox
from opslib.sandbox.scenario import DEFAULT_EPOCH
from opslib.sandbox.shop import ALB
from tests.sandbox.clients import production_client
from tests.sandbox.days import plan_of

DAY = timedelta(days=1)
SPAN = {"StartTime": DEFAULT_EPOCH - DAY, "EndTime": DEFAULT_EPOCH}
REQUESTS = {
    "Id": "m",
    "MetricStat": {
        "Metric": {
            "Namespace": "AWS/ApplicationELB",
            "MetricName": "RequestCount",
            "Dimensions": [{"Name": "LoadBalancer", "Value": ALB}],
        },
        "Period": 300,
        "Stat": "Sum",
    },
}
GRAPH = {"StartTime": DEFAULT_EPOCH - DAY / 6, "EndTime": DEFAULT_EPOCH}
QUERY = {
    "logGroupName": "/ecs/shop/web",
    "startTime": int((DEFAULT_EPOCH - DAY).timestamp()),
    "endTime": int(DEFAULT_EPOCH.timestamp()),
    "queryString": "fields @message | limit 3",
}
ASKED: list[tuple[str, str, dict[str, Any], Callable[[dict[str, Any]], Any]]] = [
    (
        "cloudwatch",
        "get_metric_data",
        {"MetricDataQueries": [REQUESTS], **SPAN},
        lambda a: len(a["MetricDataResults"][0]["Values"]) == 288,
    ),
    (
        "cloudwatch",
        "list_metrics",
        {
            "Namespace": "AWS/RDS",
            "Dimensions": [{"Name": "DBClusterIdentifier", "Value": "orders"}],
        },
        lambda a: len(a["Metrics"]) == 7,
    ),
    (
        "cloudwatch",
        "describe_alarms",
        {},
        lambda a: (
            {"UserErrors of carts", "shop-web-p95"}
            <= {one["AlarmName"] for one in a["MetricAlarms"]}
        ),
    ),
    (
        "cloudwatch",
        "describe_alarm_history",
        {"AlarmName": "batch-reports-late"},
        lambda a: a["AlarmHistoryItems"][0]["HistoryItemType"] == "StateUpdate",
    ),
    ("cloudtrail", "lookup_events", SPAN, lambda a: len(a["Events"]) == 50),
    ("logs", "describe_log_groups", {}, lambda a: len(a["logGroups"]) == 8),
    ("logs", "start_query", QUERY, lambda a: a["queryId"]),
    ("ecs", "list_clusters", {}, lambda a: len(a["clusterArns"]) == 3),
    ("ecs", "list_services", {"cluster": "shop"}, lambda a: len(a["serviceArns"]) == 6),
    (
        "ecs",
        "describe_services",
        {"cluster": "shop", "services": ["web"]},
        lambda a: len(a["services"][0]["events"]) == 100,
    ),
    (
        "ecs",
        "list_tasks",
        {"cluster": "shop", "desiredStatus": "STOPPED"},
        lambda a: len(a["taskArns"]) == 1,
    ),
    ("rds", "describe_events", SPAN, lambda a: a["Events"][0]["SourceIdentifier"]),
    (
        "application-autoscaling",
        "describe_scaling_activities",
        {"ServiceNamespace": "ecs"},
        (lambda a: a["ScalingActivities"][0]["StatusCode"] == "Successful"),
    ),
    ("codedeploy", "list_applications", {}, lambda a: len(a["applications"]) == 3),
    ("codedeploy", "list_deployments", {}, lambda a: a["deployments"][0].startswith("d-")),
    ("codepipeline", "list_pipelines", {}, lambda a: len(a["pipelines"]) == 3),
    (
        "codepipeline",
        "list_pipeline_executions",
        {"pipelineName": "shop-accounts"},
        (lambda a: a["pipelineExecutionSummaries"][0]["status"] == "Succeeded"),
    ),
    ("health", "describe_events", {}, lambda a: len(a["events"]) == 2),
    ("secretsmanager", "list_secrets", {}, lambda a: a["SecretList"][0]["LastRotatedDate"]),
    ("guardduty", "list_detectors", {}, lambda a: len(a["DetectorIds"]) == 1),
    ("xray", "get_service_graph", GRAPH, lambda a: len(a["Services"]) == 12),
]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(scenario="troubled", seed=3) as running:
        yield running


@pytest.mark.parametrize(
    ("service", "operation", "asked", "holds"), ASKED, ids=lambda part: str(part)[:24]
)
def test_an_answer_arrives_whole(
    sandbox: RunningSandbox,
    service: str,
    operation: str,
    asked: dict[str, Any],
    holds: Callable[[dict[str, Any]], Any],
) -> None:
    client = production_client(sandbox, service)
    assert holds(getattr(client, operation)(**asked))


def test_lookup_is_held_to_two_requests_a_second(sandbox: RunningSandbox) -> None:
    client = boto3.client(
        "cloudtrail",
        endpoint_url=sandbox.endpoint,
        region_name="us-east-1",
        aws_access_key_id=sandbox.access_key_id,
        aws_secret_access_key=sandbox.secret_access_key,
        config=Config(retries={"total_max_attempts": 1}),
    )

    def hurry() -> None:
        for _ in range(40):
            client.lookup_events()

    with pytest.raises(ClientError, match="ThrottlingException"):
        hurry()


def test_both_buckets_are_filled_when_they_are_looked_into(sandbox: RunningSandbox) -> None:
    store = production_client(sandbox, "s3")
    prefix = "AWSLogs/222222222222/CloudTrail/us-east-1/2026/03/01/"
    listed = store.list_objects_v2(Bucket="acme-cloudtrail", Prefix=prefix)["Contents"]
    records = [
        record
        for one in listed
        for record in json.loads(
            gzip.decompress(
                store.get_object(Bucket="acme-cloudtrail", Key=one["Key"])["Body"].read()
            )
        )["Records"]
    ]
    incident = plan_of("troubled", 3).incident
    assert incident is not None
    moments = {record["eventTime"] for record in records}
    assert f"{incident.changed_at:%Y-%m-%dT%H:%M:%SZ}" in moments
    assert all(one["LastModified"] < DEFAULT_EPOCH for one in listed)
    kept = store.list_objects_v2(Bucket="acme-incidents")["Contents"]
    assert [one["Key"].partition("/")[2] for one in kept] == [
        "log.csv",
        "pagerduty.json",
        "slack.zip",
    ]
