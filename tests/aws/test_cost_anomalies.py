"""Readers of what AWS says of unusual cost, of commitments, and of the changes before."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from opslib.aws.commitment_use import read_commitment_use
from opslib.aws.cost_anomaly_detection import read_aws_anomalies
from opslib.aws.cost_changes import read_cost_changes, with_facts
from opslib.coverage import CoverageStatus
from opslib.tables.cost_anomalies import NONE_OWNED, NOT_SET_UP, CauseWindow
from opslib.tables.cost_changes import COST_CHANGES, names_in
from opslib.tables.event_rows import events_frame
from opslib.tables.schema import check_table
from opslib.timewindow import TimeWindow
from tests.analysis.cost.anomalies.changes import change
from tests.aws.fakes import reads_with, refusal
from tests.policies import Policy

DAYS = tuple(date(2025, 11, 20) + timedelta(days=n) for n in range(99))
POLICY = Policy.load(Path(__file__).parents[2] / "deploy" / "iam" / "cost_analysis.json")


class FakeCe:
    """Answers each operation by what a test prepared, in order; an exception is raised."""

    def __init__(self, **answers: list[Any]) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self._answers = answers

    def __getattr__(self, operation: str) -> Any:
        def call(**asked: Any) -> Any:
            self.asked.append((operation, dict(asked)))
            answer = self._answers[operation].pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer

        return call


def anomaly(number: int, **facts: Any) -> dict[str, Any]:
    return {
        "AnomalyId": f"anomaly-{number}",
        "AnomalyStartDate": "2026-02-23T00:00:00Z",
        "AnomalyEndDate": "2026-02-24T00:00:00Z",
        "AnomalyScore": {"MaxScore": 0.9, "CurrentScore": 0.5},
        "Impact": {"MaxImpact": 80.0, "TotalImpact": 120.5, "TotalExpectedSpend": 40.0},
        "MonitorArn": "arn:aws:ce::111111111111:anomalymonitor/all",
        **facts,
    }


def test_anomalies_are_read_page_by_page_one_row_a_root_cause(tmp_path: Path) -> None:
    causes = [
        {"Service": "Amazon EC2", "Region": "us-east-1", "Impact": {"Contribution": 100.25}},
        {"Service": "Amazon EC2", "LinkedAccount": "2" * 12, "UsageType": "BoxUsage"},
    ]
    first = {"Anomalies": [anomaly(1, RootCauses=causes)], "NextPageToken": "2"}
    goes_on = anomaly(2, DimensionValue="Amazon S3")
    del goes_on["AnomalyEndDate"]
    client = FakeCe(get_anomalies=[first, {"Anomalies": [goes_on]}])
    frame = read_aws_anomalies(reads_with(tmp_path, {"ce": client}), None, DAYS)
    assert frame["Impact"].tolist() == [Decimal("100.25"), Decimal("120.5"), Decimal("120.5")]
    assert frame["ServiceName"].tolist() == ["Amazon EC2", "Amazon EC2", "Amazon S3"]
    assert frame["LastDay"].isna().tolist() == [False, False, True]
    interval = client.asked[0][1]["DateInterval"]
    assert interval == {"StartDate": "2025-12-02", "EndDate": "2026-03-02"}
    assert [name for name, _ in client.asked] == ["get_anomalies"] * 2


@pytest.mark.parametrize(("monitors", "detail"), [([], NOT_SET_UP), ([{"MonitorName": "all"}], "")])
def test_none_found_is_told_from_not_set_up(
    tmp_path: Path, monitors: list[Any], detail: str
) -> None:
    client = FakeCe(
        get_anomalies=[{"Anomalies": []}], get_anomaly_monitors=[{"AnomalyMonitors": monitors}]
    )
    reads = reads_with(tmp_path, {"ce": client})
    assert read_aws_anomalies(reads, None, DAYS).empty
    (line,) = reads.coverage
    assert (line.status, line.detail) == (CoverageStatus.COMPLETE, detail)


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("AccessDeniedException", CoverageStatus.DENIED),
        ("LimitExceededException", CoverageStatus.THROTTLED),
    ],
)
def test_a_refusal_is_a_gap(tmp_path: Path, code: str, status: CoverageStatus) -> None:
    refused = refusal(code)
    client = FakeCe(
        get_anomalies=[refused],
        get_savings_plans_utilization=[refused],
        get_reservation_utilization=[refused],
    )
    reads = reads_with(tmp_path, {"ce": client})
    assert read_aws_anomalies(reads, None, DAYS).empty
    assert read_commitment_use(reads, None, DAYS).empty
    assert {line.status for line in reads.coverage} == {status}
    assert {line.table for line in reads.coverage} == {"AWS anomalies", "commitment use"}


def test_the_use_of_commitments_is_read_by_day(tmp_path: Path) -> None:
    period = {"Start": "2026-02-23", "End": "2026-02-24"}
    plans = {
        "UtilizationPercentage": "75",
        "TotalCommitment": "24",
        "UsedCommitment": "18",
        "UnusedCommitment": "6",
    }
    hours = {
        "UtilizationPercentage": "50",
        "PurchasedHours": "24",
        "RICostForUnusedHours": "1.5",
    }
    nothing = {"UtilizationPercentage": "0", "PurchasedHours": "0"}
    client = FakeCe(
        get_savings_plans_utilization=[
            {"SavingsPlansUtilizationsByTime": [{"TimePeriod": period, "Utilization": plans}]}
        ],
        get_reservation_utilization=[
            {"UtilizationsByTime": [{"TimePeriod": period, "Total": hours}], "NextPageToken": "2"},
            {"UtilizationsByTime": [{"TimePeriod": period, "Total": nothing}]},
        ],
    )
    frame = read_commitment_use(reads_with(tmp_path, {"ce": client}), None, DAYS)
    assert frame["Commitment"].tolist() == ["savings_plans", "reservations"]
    assert frame["Unused"].tolist() == [Decimal(6), Decimal("1.5")]
    assert frame["UsedShare"].tolist() == [0.75, 0.5]
    asked = client.asked[0][1]
    assert asked["TimePeriod"] == {"Start": "2025-11-20", "End": "2026-02-27"}
    assert asked["Granularity"] == "DAILY"


def test_commitments_that_nobody_owns_are_no_gap(tmp_path: Path) -> None:
    none = refusal("DataUnavailableException")
    client = FakeCe(get_savings_plans_utilization=[none], get_reservation_utilization=[none])
    reads = reads_with(tmp_path, {"ce": client})
    assert read_commitment_use(reads, None, DAYS).empty
    assert [(line.status, line.detail) for line in reads.coverage] == [
        (CoverageStatus.COMPLETE, NONE_OWNED)
    ] * 2


class FakeTrail:
    def __init__(self, pages: int = 1, code: str = "", **record: Any) -> None:
        self.asked: list[dict[str, Any]] = []
        self._pages, self._code, self._record = pages, code, record

    def lookup_events(self, **asked: Any) -> dict[str, Any]:
        if self._code:
            raise refusal(self._code, "LookupEvents")
        self.asked.append(asked)
        number = len(self.asked)
        event = {
            "EventId": f"e-{number}",
            "EventTime": datetime(2026, 2, 22, 12, tzinfo=UTC) - timedelta(minutes=number),
            "EventName": "RunInstances",
            "EventSource": "ec2.amazonaws.com",
            "ReadOnly": "false",
            "CloudTrailEvent": json.dumps(
                {"eventID": f"e-{number}", "awsRegion": "us-east-1"} | self._record
            ),
            "Resources": [{"ResourceName": "i-new", "ResourceType": "AWS::EC2::Instance"}],
        }
        more = {"NextToken": str(number)} if number < self._pages else {}
        return {"Events": [event], **more}


class Silent:
    """Has nothing to list."""

    def get_paginator(self, _: str) -> Any:
        return self

    def paginate(self, **_: Any) -> list[dict[str, Any]]:
        return []


WINDOW = TimeWindow(start=datetime(2026, 2, 21, tzinfo=UTC), end=datetime(2026, 2, 24, tzinfo=UTC))
HERE = CauseWindow(account="1" * 12, region="us-east-1", window=WINDOW)


def changes_of(
    folder: Path, trail: FakeTrail, windows: list[CauseWindow], **values: Any
) -> tuple[Any, Any]:
    services = dict.fromkeys(("ecs", "application-autoscaling", "autoscaling"), Silent())
    reads = reads_with(folder, {"cloudtrail": trail, **services}, **values)
    frame = read_cost_changes(reads, reads.parameters, windows, wait=lambda _: None)  # type: ignore[arg-type]
    return frame, reads


def test_the_changes_of_the_hours_are_read_in_the_places_named(tmp_path: Path) -> None:
    trail = FakeTrail(pages=2)
    frame, reads = changes_of(tmp_path, trail, [HERE])
    assert frame["Action"].tolist() == ["ec2:RunInstances"] * 2
    assert frame["Resource"].tolist() == ["i-new"] * 2
    assert trail.asked[0]["LookupAttributes"] == [
        {"AttributeKey": "ReadOnly", "AttributeValue": "false"}
    ]
    assert not [line for line in reads.coverage if line.status.is_gap]


def test_a_change_comes_with_all_that_it_names(tmp_path: Path) -> None:
    asked = {"instanceType": "g5.12xlarge", "minCount": 2}
    made = {"instancesSet": {"items": [{"instanceId": "i-1"}, {"instanceId": "i-2"}]}}
    trail = FakeTrail(requestParameters=asked, responseElements=made)
    frame, _ = changes_of(tmp_path, trail, [HERE])
    (told,) = check_table(frame, COST_CHANGES, "changes").to_dict("records")
    assert told["Resource"] == "i-1"
    assert names_in(told["Resources"]) == ("i-1", "i-2")
    assert told["Extent"] == 2
    assert names_in(told["Classes"]) == ("g5.12xl",)


def test_a_change_that_names_nothing_is_of_one_thing(tmp_path: Path) -> None:
    (told,) = changes_of(tmp_path, FakeTrail(), [HERE])[0].to_dict("records")
    assert names_in(told["Resources"]) == ("i-new",)
    assert told["Extent"] == 1
    assert names_in(told["Classes"]) == ()


def test_a_groups_activity_names_the_instance_that_it_launched() -> None:
    said = "scaling of web (Successful): Launching a new EC2 instance: i-0123456789abcdef0"
    launched = events_frame([change("scaling", "web", source="scaling", summary=said)])
    (told,) = check_table(with_facts(launched), COST_CHANGES, "changes").to_dict("records")
    assert names_in(told["Resources"]) == ("web", "i-0123456789abcdef0")


def test_nothing_is_asked_where_nothing_was_unusual(tmp_path: Path) -> None:
    frame, reads = changes_of(tmp_path, FakeTrail(), [])
    assert frame.empty
    assert not reads.coverage


def test_more_than_two_minutes_of_pages_are_cut_and_said(tmp_path: Path) -> None:
    trail = FakeTrail(pages=10_000)
    _, reads = changes_of(tmp_path, trail, [HERE])
    assert len(trail.asked) == 240
    (line,) = [line for line in reads.coverage if line.status.is_gap]
    assert (line.table, line.status) == ("cloudtrail events", CoverageStatus.TRUNCATED)


def test_a_refused_trail_is_a_gap(tmp_path: Path) -> None:
    _, reads = changes_of(tmp_path, FakeTrail(code="AccessDeniedException"), [HERE])
    (line,) = [line for line in reads.coverage if line.status.is_gap]
    assert (line.table, line.region, line.status) == (
        "cloudtrail events",
        "us-east-1",
        CoverageStatus.DENIED,
    )


def test_an_account_that_the_parameters_lack_is_a_gap(tmp_path: Path) -> None:
    elsewhere = CauseWindow(account="9" * 12, region="us-east-1", window=WINDOW)
    accounts = [{"id": "1" * 12, "name": "payer"}]
    trail = FakeTrail()
    _, reads = changes_of(tmp_path, trail, [elsewhere], accounts=accounts)
    assert not trail.asked
    (line,) = reads.coverage
    assert (line.account, line.status) == ("9" * 12, CoverageStatus.NOT_ASKED)


@pytest.mark.parametrize(
    "action",
    [
        "ce:GetAnomalies",
        "ce:GetAnomalyMonitors",
        "ce:GetSavingsPlansUtilization",
        "ce:GetReservationUtilization",
        "cloudtrail:LookupEvents",
        "ecs:ListClusters",
        "ecs:ListServices",
        "ecs:DescribeServices",
        "application-autoscaling:DescribeScalingActivities",
        "autoscaling:DescribeScalingActivities",
    ],
)
def test_the_policy_allows_what_is_read(action: str) -> None:
    assert POLICY.allows(action, "*")
