from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from opslib.aws.change_history import read_change_history
from opslib.aws.cloudtrail_lookup import read_cloudtrail_events
from opslib.aws.cloudtrail_records import cloudtrail_event, resource_of
from opslib.aws.lookup_estimate import estimate_lookup, probe_lookup
from opslib.coverage import CoverageStatus
from opslib.run_folder import RunFolder
from opslib.timewindow import TimeWindow
from tests.aws.fakes import reads_with, refusal
from tests.aws.model_clients import model_reads

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
WINDOW = TimeWindow(start=NOON - timedelta(hours=2), end=NOON + timedelta(hours=2))
ROLE = {
    "type": "AssumedRole",
    "arn": "arn:aws:sts::222222222222:assumed-role/deployer/ci-42",
}


def listed(number: int, **facts: Any) -> dict[str, Any]:
    at = NOON - timedelta(minutes=number)
    record = {
        "eventID": f"event-{number}",
        "eventTime": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "eventSource": "ecs.amazonaws.com",
        "eventName": "UpdateService",
        "awsRegion": "us-east-1",
        "userIdentity": ROLE,
        "readOnly": False,
        "requestID": f"request-{number}",
        "requestParameters": {"cluster": "shop", "service": "checkout", "desiredCount": 4},
        **facts,
    }
    return {
        "EventId": record["eventID"],
        "EventTime": at,
        "EventName": record["eventName"],
        "EventSource": record["eventSource"],
        "Username": "ci-42",
        "ReadOnly": "false",
        "CloudTrailEvent": json.dumps(record),
    }


def paged(*pages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    last = len(pages) - 1
    return [
        {"Events": page, **({} if number == last else {"NextToken": f"t{number}"})}
        for number, page in enumerate(pages)
    ]


def test_every_page_is_read_at_the_pace_that_is_allowed(tmp_path: Path) -> None:
    pages = paged([listed(1)], [], [listed(2), listed(1)])
    reads, connection = model_reads(tmp_path, {"cloudtrail": {"LookupEvents": pages}})
    waited: list[float] = []
    events = read_cloudtrail_events(reads, WINDOW, wait=waited.append)
    assert events["Reference"].tolist() == ["event-2", "event-1"]
    assert waited == [0.5, 0.5]
    asked = [asked for _, asked in connection.asked]
    assert asked[0]["LookupAttributes"] == [{"AttributeKey": "ReadOnly", "AttributeValue": "false"}]
    assert asked[0]["EndTime"] == WINDOW.end - timedelta(seconds=1)
    assert [one.get("NextToken") for one in asked] == [None, "t0", "t1"]
    assert [line.status for line in reads.coverage] == [CoverageStatus.COMPLETE]


def test_an_event_says_who_did_what_to_what(tmp_path: Path) -> None:
    reads, _ = model_reads(tmp_path, {"cloudtrail": {"LookupEvents": paged([listed(1)])}})
    (event,) = read_cloudtrail_events(reads, WINDOW).to_dict("records")
    assert event["At"] == pd.Timestamp("2026-03-01T11:59Z")
    assert pd.isna(event["ObservedAt"])
    assert event["ResolutionSeconds"] == 1
    assert (event["Kind"], event["Actor"]) == ("change", "deployer/ci-42")
    assert (event["Action"], event["Resource"]) == ("ecs:UpdateService", "checkout")
    assert event["ActId"] == "request-1"
    said = "deployer/ci-42 called ecs:UpdateService on checkout (cluster=shop, desiredCount=4)"
    assert event["Summary"] == said


def test_a_refused_call_changed_nothing(tmp_path: Path) -> None:
    pages = paged([listed(1, errorCode="AccessDenied")])
    reads, _ = model_reads(tmp_path, {"cloudtrail": {"LookupEvents": pages}})
    (event,) = read_cloudtrail_events(reads, WINDOW).to_dict("records")
    assert event["Kind"] == "context"
    assert event["Summary"].endswith("refused with AccessDenied")


def test_secrets_and_contents_are_not_told() -> None:
    asked = {
        "service": "checkout\x1b[31m",
        "masterUserPassword": "hunter22",
        "note": "password=hunter22",
        "environment": "A=hunter22",
    }
    told = json.loads(listed(1, requestParameters=asked)["CloudTrailEvent"])
    event = cloudtrail_event(told, account="", region="us-east-1")
    text = str(event.row())
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
    assert resource_of({"eventName": operation, "requestParameters": asked}) == resource


def test_what_was_made_is_named_by_the_answer() -> None:
    arn = "arn:aws:ecs:us-east-1:222222222222:task-definition/shop-web:42"
    made = {"taskDefinition": {"taskDefinitionArn": arn, "family": "shop-web"}}
    asked = {"family": "shop-web", "executionRoleArn": "arn:aws:iam::222222222222:role/run"}
    record = {"requestParameters": asked, "responseElements": made}
    assert resource_of({"eventName": "RegisterTaskDefinition", **record}) == "shop-web"
    key = {"accessKey": {"accessKeyId": "AKIA" + "X" * 16, "userName": "ann"}}
    record = {"requestParameters": {"userName": "ann"}, "responseElements": key}
    assert resource_of({"eventName": "CreateAccessKey", **record}) == "ann"
    started = {"instancesSet": {"items": [{"instanceId": "i-1"}]}}
    asked = {"imageId": "ami-1"}
    record = {"requestParameters": asked, "responseElements": started}
    assert resource_of({"eventName": "RunInstances", **record}) == "i-1"


@pytest.mark.parametrize(
    ("identity", "actor"),
    [
        ({"type": "IAMUser", "userName": "ann", "arn": "arn:aws:iam::1:user/x/ann"}, "ann"),
        ({"type": "Root", "arn": "arn:aws:iam::1:root"}, "root"),
        ({"type": "AWSService", "invokedBy": "ecs.amazonaws.com"}, "ecs.amazonaws.com"),
        ({"type": "IdentityCenterUser", "onBehalfOf": {"userId": "u-1"}}, "u-1"),
        (None, "?"),
    ],
)
def test_who_acted(identity: Any, actor: str) -> None:
    told = json.loads(listed(1, userIdentity=identity)["CloudTrailEvent"])
    assert cloudtrail_event(told, account="", region="").actor == actor


def test_deployments_of_services_are_known_by_their_id() -> None:
    deployments = [
        {"id": "ecs-svc/1", "status": "ACTIVE"},
        {"id": "ecs-svc/2", "status": "PRIMARY"},
    ]
    answer = {"service": {"deployments": deployments}}
    told = json.loads(listed(1, responseElements=answer)["CloudTrailEvent"])
    assert cloudtrail_event(told, account="", region="").act_id == "ecs-svc/2"


def test_a_record_that_cannot_be_read_is_kept_as_context(tmp_path: Path) -> None:
    broken = {**listed(1), "CloudTrailEvent": "{"}
    reads, _ = model_reads(tmp_path, {"cloudtrail": {"LookupEvents": paged([broken])}})
    (event,) = read_cloudtrail_events(reads, WINDOW).to_dict("records")
    assert (event["Kind"], event["Action"], event["Actor"]) == (
        "context",
        "ecs:UpdateService",
        "ci-42",
    )


def test_what_was_read_before_it_is_throttled_is_kept(tmp_path: Path) -> None:
    answers = [paged([listed(1)], [])[0], refusal("ThrottlingException", "LookupEvents")]
    reads, _ = model_reads(tmp_path, {"cloudtrail": {"LookupEvents": answers}})
    events = read_cloudtrail_events(reads, WINDOW, wait=lambda _: None)
    assert len(events) == 1
    (line,) = reads.coverage
    assert (line.status, line.rows) == (CoverageStatus.THROTTLED, 1)
    assert "nothing before 2026-03-01T11:59:00Z was read" in line.detail


def test_pages_beyond_the_limit_are_left_and_told(tmp_path: Path) -> None:
    pages = paged([listed(1)], [listed(2)])
    reads, _ = model_reads(tmp_path, {"cloudtrail": {"LookupEvents": pages}})
    assert len(read_cloudtrail_events(reads, WINDOW, most_pages=1)) == 1
    assert [line.status for line in reads.coverage] == [CoverageStatus.TRUNCATED]


def test_refused_is_a_gap(tmp_path: Path) -> None:
    denied = refusal("AccessDeniedException", "LookupEvents")
    reads, _ = model_reads(tmp_path, {"cloudtrail": {"LookupEvents": denied}})
    assert read_cloudtrail_events(reads, WINDOW).empty
    assert [line.status for line in reads.coverage] == [CoverageStatus.DENIED]


def test_no_event_is_an_answer(tmp_path: Path) -> None:
    reads, _ = model_reads(tmp_path, {"cloudtrail": {"LookupEvents": {"Events": []}}})
    assert read_cloudtrail_events(reads, WINDOW).empty
    assert [line.status for line in reads.coverage] == [CoverageStatus.COMPLETE]


def test_the_last_quarter_of_an_hour_is_not_settled(tmp_path: Path) -> None:
    reads, _ = model_reads(
        tmp_path, {"cloudtrail": {"LookupEvents": {"Events": []}}}, as_of=WINDOW.end
    )
    read_cloudtrail_events(reads, WINDOW)
    (line,) = reads.coverage
    assert line.status is CoverageStatus.UNSETTLED
    assert "2026-03-01T13:45Z" in line.detail


def test_what_is_older_than_ninety_days_is_gone(tmp_path: Path) -> None:
    as_of = WINDOW.start + timedelta(days=90, hours=1)
    reads, _ = model_reads(tmp_path, {"cloudtrail": {"LookupEvents": {"Events": []}}}, as_of=as_of)
    read_cloudtrail_events(reads, WINDOW)
    (line,) = reads.coverage
    assert line.status is CoverageStatus.PARTIAL
    assert "2026-03-01T10:00Z is gone, from 2026-03-01T11:00Z on it remains" in line.detail


def test_where_global_services_record_is_told(tmp_path: Path) -> None:
    reads, _ = model_reads(
        tmp_path, {"cloudtrail": {"LookupEvents": {"Events": []}}}, region="eu-west-1"
    )
    read_cloudtrail_events(reads, WINDOW)
    (gap,) = [line for line in reads.coverage if line.status is CoverageStatus.NOT_ASKED]
    assert "us-east-1" in gap.detail


def test_history_counts_operations_of_principals(tmp_path: Path) -> None:
    other = {**ROLE, "arn": "arn:aws:sts::222222222222:assumed-role/deployer/ci-43"}
    pages = paged(
        [listed(1), listed(2, userIdentity=other, errorCode="Refused")],
        [listed(3, userIdentity={"type": "IAMUser", "userName": "ann"})],
    )
    reads, connection = model_reads(tmp_path, {"cloudtrail": {"LookupEvents": pages}})
    history = read_change_history(reads, NOON, wait=lambda _: None)
    told = history[["Action", "Principal", "Events", "Failed"]].to_numpy().tolist()
    assert told == [["ecs:UpdateService", "ann", 1, 0], ["ecs:UpdateService", "deployer", 2, 1]]
    assert connection.asked[0][1]["StartTime"] == NOON - timedelta(days=7)


def test_a_replay_says_the_same_without_aws(tmp_path: Path) -> None:
    pages = paged([listed(1)], [listed(2)])
    reads, _ = model_reads(tmp_path, {"cloudtrail": {"LookupEvents": pages}})
    events = read_cloudtrail_events(reads, WINDOW, wait=lambda _: None)
    replayed = reads_with(tmp_path)
    replayed.run = RunFolder(path=tmp_path, replay=True)
    pd.testing.assert_frame_equal(read_cloudtrail_events(replayed, WINDOW), events)
    assert [line.status for line in replayed.coverage] == [CoverageStatus.COMPLETE]


def test_how_long_it_takes_is_said_beforehand(tmp_path: Path) -> None:
    def answer(**asked: Any) -> dict[str, Any]:
        """Tell of one event a minute in the window, and of one in four hours before it."""
        until, since = asked["EndTime"] + timedelta(seconds=1), asked["StartTime"]
        step = timedelta(minutes=1 if until > WINDOW.start else 240)
        moments = [until - step * number for number in range(1, 51)]
        kept = [{**listed(0), "EventTime": one} for one in moments if one >= since]
        return {"Events": kept, **({"NextToken": "t"} if len(kept) == 50 else {})}

    reads, connection = model_reads(tmp_path, {"cloudtrail": {"LookupEvents": answer}})
    waited: list[float] = []
    told = estimate_lookup(probe_lookup(reads, WINDOW, wait=waited.append), WINDOW)
    assert len(connection.asked) == 4 + 1
    assert waited == [0.5] * 5
    assert told.places == 1
    assert told.events == 240 + 7 * 6
    assert told.seconds == 0.5 * (5 + 1)  # 240 events in 5 pages, 42 in one
    assert "282 changing events" in told.sentence


def test_nothing_is_estimated_of_what_does_not_answer(tmp_path: Path) -> None:
    denied = refusal("AccessDeniedException", "LookupEvents")
    reads, _ = model_reads(tmp_path, {"cloudtrail": {"LookupEvents": denied}})
    told = estimate_lookup(probe_lookup(reads, WINDOW), WINDOW)
    assert (told.places, told.seconds) == (0, 0)
    assert [line.status for line in reads.coverage] == [CoverageStatus.DENIED]
