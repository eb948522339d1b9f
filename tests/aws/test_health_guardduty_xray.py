"""AWS Health, secrets, GuardDuty's findings and X-Ray's graph."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from opslib.aws.guardduty import read_guardduty_events
from opslib.aws.health import read_health_events
from opslib.aws.rotations import read_rotation_events
from opslib.aws.service_graph import read_service_graph
from opslib.coverage import CoverageStatus
from opslib.timewindow import TimeWindow
from tests.aws.fakes import refusal
from tests.aws.model_clients import model_reads
from tests.aws.service_events import WINDOW, at, details, kinds


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
