from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from opslib.aws.cloudtrail_lookup import _normalised
from opslib.aws.cloudtrail_resources import resource_of
from opslib.aws.cloudtrail_timeline import cloudtrail_timeline
from opslib.aws.event_reads import Told
from opslib.tables.schema import check_table
from opslib.tables.timeline import EVENTS
from opslib.timewindow import TimeWindow
from tests.aws.test_cloudtrail_lookup import WINDOW, listed


def timeline_of(*records: dict[str, Any], **columns: Any) -> pd.DataFrame:
    return cloudtrail_timeline(
        _normalised(Told(), list(records), WINDOW, "test").assign(**columns), {}
    )


def event_of(record: dict[str, Any]) -> dict[Any, Any]:
    (event,) = timeline_of(record).to_dict("records")
    return event


def resource_named(record: dict[str, Any]) -> str:
    names = {
        "EventName": "eventName",
        "RequestParameters": "requestParameters",
        "ResponseElements": "responseElements",
    }
    return resource_of(
        {name: json.dumps(record.get(key)) for name, key in names.items()}
        | {"EventName": record["eventName"]}
    )


def test_secrets_and_contents_are_not_told() -> None:
    asked = {
        "service": "checkout\x1b[31m",
        "masterUserPassword": "hunter22",
        "note": "password=hunter22",
        "environment": "A=hunter22",
    }
    told = json.loads(listed(1, requestParameters=asked)["CloudTrailEvent"])
    event = event_of(told)
    text = str(event)
    assert "hunter22" not in text
    assert "\\x1b" not in text


@pytest.mark.parametrize(
    ("operation", "asked", "resource"),
    [
        ("PutParameter", {"type": "String", "name": "/shop/flag"}, "/shop/flag"),
        ("ModifyDBCluster", {"dBClusterIdentifier": "orders"}, "orders"),
        ("RevokeSecurityGroupIngress", {"groupId": "sg-1", "ipPermissions": {}}, "sg-1"),
        ("DetachRolePolicy", {"policyArn": "arn:p", "roleName": "checkout-task"}, "checkout-task"),
        ("UpdateFunctionCode20150331v2", {"functionName": "receipt"}, "receipt"),
        ("PutSecretValue", {"secretId": "orders/db"}, "orders/db"),
        ("TerminateInstances", {"instancesSet": {"items": [{"instanceId": "i-1"}]}}, "i-1"),
        ("DeleteAlarms", {"alarmNames": ["a", "b"]}, "a"),
        ("RegisterScalableTarget", {"resourceId": "service/shop/checkout"}, "checkout"),
        ("SetDesiredCapacity", {"autoScalingGroupName": "web"}, "web"),
        ("CreateDeployment", {"applicationName": "web", "deploymentGroupName": "prod"}, "web"),
        (
            "DeleteFlowLogs",
            {"DeleteFlowLogsRequest": {"FlowLogId": {"tag": 1, "content": "fl-1"}}},
            "fl-1",
        ),
        ("CreateGrant", None, ""),
    ],
)
def test_the_resource_is_what_the_operation_is_about(
    operation: str, asked: dict[str, Any] | None, resource: str
) -> None:
    assert resource_named({"eventName": operation, "requestParameters": asked}) == resource


def test_what_was_made_is_named_by_the_answer() -> None:
    arn = "arn:aws:ecs:us-east-1:222222222222:task-definition/shop-web:42"
    made = {"taskDefinition": {"taskDefinitionArn": arn, "family": "shop-web"}}
    asked = {"family": "shop-web", "executionRoleArn": "arn:aws:iam::222222222222:role/run"}
    record = {"requestParameters": asked, "responseElements": made}
    assert resource_named({"eventName": "RegisterTaskDefinition", **record}) == "shop-web"
    key = {"accessKey": {"accessKeyId": "AKIA" + "X" * 16, "userName": "ann"}}
    record = {"requestParameters": {"userName": "ann"}, "responseElements": key}
    assert resource_named({"eventName": "CreateAccessKey", **record}) == "ann"
    started = {"instancesSet": {"items": [{"instanceId": "i-1"}]}}
    asked = {"imageId": "ami-1"}
    record = {"requestParameters": asked, "responseElements": started}
    assert resource_named({"eventName": "RunInstances", **record}) == "i-1"


@pytest.mark.parametrize(
    ("identity", "actor"),
    [
        ({"type": "IAMUser", "userName": "ann", "arn": "arn:aws:iam::1:user/x/ann"}, "ann"),
        ({"type": "Root", "arn": "arn:aws:iam::1:root"}, "root"),
        ({"type": "AWSService", "invokedBy": "ecs.amazonaws.com"}, "ecs.amazonaws.com"),
        (None, "?"),
    ],
)
def test_who_acted(identity: Any, actor: str) -> None:
    told = json.loads(listed(1, userIdentity=identity)["CloudTrailEvent"])
    assert event_of(told)["Actor"] == actor


def test_deployments_of_services_are_known_by_their_id() -> None:
    deployments = [
        {"id": "ecs-svc/1", "status": "ACTIVE"},
        {"id": "ecs-svc/2", "status": "PRIMARY"},
    ]
    answer = {"service": {"deployments": deployments}}
    told = json.loads(listed(1, responseElements=answer)["CloudTrailEvent"])
    assert event_of(told)["ActId"] == "ecs-svc/2"


def test_what_the_record_does_not_say_another_may() -> None:
    record = json.loads(listed(1, readOnly=None)["CloudTrailEvent"])
    assert timeline_of(record)["Kind"].tolist() == ["context"]
    assert timeline_of(record, Changes=True)["Kind"].tolist() == ["change"]


def test_a_remark_of_cloudtrails_own_is_a_symptom() -> None:
    record = json.loads(listed(1, eventCategory="Insight")["CloudTrailEvent"])
    assert timeline_of(record)["Kind"].tolist() == ["symptom"]


def test_real_logs_are_told(shared_data: Path) -> None:
    """Every event has an actor and an action, and nearly all that change something a resource."""
    files = sorted((shared_data / "cloudtrail-detonations").glob("*.json"))
    records = [one for file in files for one in json.loads(file.read_text())]
    always = TimeWindow(
        start=datetime(2000, 1, 1, tzinfo=UTC), end=datetime(2100, 1, 1, tzinfo=UTC)
    )
    events = cloudtrail_timeline(_normalised(Told(), records, always, "test"), {})
    assert len(events) == len({one["eventID"] for one in records})
    check_table(events, EVENTS, "events")
    assert not set(events["Actor"]) & {"", "?"}
    changes = events[events["Kind"] == "change"]
    assert (changes["Resource"] != "").mean() > 0.9
