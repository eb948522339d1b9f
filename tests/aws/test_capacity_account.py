"""What the whole of an account's capacity comes to: names, costs, scaling, tags and places."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from opslib.coverage import CoverageStatus
from opslib.errors import CredentialsError, ParameterError
from opslib.runner.catalog import find_notebook
from tests.aws.capacity_answers import ACCOUNT, AS_OF, arn, open_capacity, read_capacity
from tests.aws.fakes import refusal
from tests.tables.exports import focus_row, write_csv

QUEUE = {
    "Reservations": [
        {
            "OwnerId": ACCOUNT,
            "Instances": [
                {
                    "InstanceId": name,
                    "InstanceType": "m6i.large",
                    "Placement": {"AvailabilityZone": "us-east-1a"},
                }
                for name in ("i-queue", "i-mail")
            ],
        }
    ]
}
SERVERS: dict[str, Any] = {"ec2": {"DescribeInstances": QUEUE}}
ONLY: dict[str, Any] = {"services": ["ec2"]}


def test_names_restrict_resources_limits_and_what_is_asked(tmp_path: Path) -> None:
    tables, _, connection = read_capacity(tmp_path, SERVERS, resources=["i-mail"], **ONLY)
    assert tables.resources["Name"].tolist() == ["i-mail"]
    assert set(tables.limits["Resource"]) == {arn("ec2", "instance/i-mail")}
    (asked,) = [one for name, one in connection.asked if name == "GetMetricData"]
    assert len(asked["MetricDataQueries"]) == 1


@pytest.mark.parametrize(
    ("values", "where"),
    [
        ({"resources": ["i-quee"]}, "resources"),
        (
            {"traffic_plan": [{"name": "sale", "resource": "i-quee", "requests_a_second": 9}]},
            "traffic_plan 'sale'",
        ),
        (
            {
                "events": [
                    {
                        "name": "launch",
                        "start": "2026-04-01",
                        "multiplier": 2,
                        "resources": ["i-quee"],
                    }
                ]
            },
            "events 'launch'",
        ),
    ],
)
def test_a_name_that_nothing_bears_is_a_mistake(
    values: dict[str, Any], where: str, tmp_path: Path
) -> None:
    with pytest.raises(ParameterError, match="did you mean 'i-queue'") as told:
        read_capacity(tmp_path, SERVERS, **values, **ONLY)
    assert told.value.where == where


def test_a_name_in_an_account_where_nothing_runs_is_a_gap(tmp_path: Path) -> None:
    plan = [{"name": "sale", "resource": "web", "requests_a_second": 9}]
    _, reads, _ = read_capacity(tmp_path, {}, traffic_plan=plan, **ONLY)
    (line,) = [one for one in reads.coverage if one.table == "capacity resources"]
    assert (line.asked, line.status) == ("web (traffic_plan 'sale')", CoverageStatus.NOT_FOUND)
    assert "nothing runs in these accounts" in line.detail


def test_a_name_that_may_lie_in_what_was_refused_is_a_gap(tmp_path: Path) -> None:
    denied = refusal("UnauthorizedOperation", "DescribeVolumes")
    answers = {"ec2": {"DescribeInstances": QUEUE, "DescribeVolumes": denied}}
    values = {"services": ["ec2", "ebs"], "resources": ["vol-1", "i-mail"]}
    tables, reads, _ = read_capacity(tmp_path, answers, **values)
    assert tables.resources["Name"].tolist() == ["i-mail"]
    (line,) = [one for one in reads.coverage if one.table == "capacity resources"]
    assert line.status is CoverageStatus.NOT_FOUND
    assert "capacity ec2" in line.detail


def test_the_value_of_a_tag_groups_resources(tmp_path: Path) -> None:
    pages = [
        {
            "ResourceTagMappingList": [
                {
                    "ResourceARN": arn("ec2", "instance/i-mail"),
                    "Tags": [{"Key": "Team", "Value": "x"}, {"Key": "Workload", "Value": "post"}],
                }
            ],
            "PaginationToken": "more",
        },
        {"ResourceTagMappingList": []},
    ]
    answers = {**SERVERS, "resourcegroupstaggingapi": {"GetResources": pages}}
    tables, _, _ = read_capacity(tmp_path, answers, workload_tag="Workload", **ONLY)
    told = tables.resources.set_index("Name")["Workload"].to_dict()
    assert told == {"i-queue": "i-queue", "i-mail": "post"}


def by_day(day: str, *groups: tuple[str, str, str, str]) -> dict[str, Any]:
    return {
        "TimePeriod": {"Start": day, "End": day},
        "Groups": [
            {
                "Keys": [service, meter],
                "Metrics": {
                    "UsageQuantity": {"Amount": quantity, "Unit": "Hrs"},
                    "UnblendedCost": {"Amount": cost, "Unit": "USD"},
                    "AmortizedCost": {"Amount": cost, "Unit": "USD"},
                },
            }
            for service, meter, quantity, cost in groups
        ],
    }


def test_cost_explorer_tells_prices_by_meter_of_settled_days_in_one_request(
    tmp_path: Path,
) -> None:
    days = [
        by_day("2026-02-25", ("EC2", "BoxUsage:m6i.large", "48", "4.80")),
        by_day("2026-02-26", ("EC2", "BoxUsage:m6i.large", "24", "2.40"), ("S3", "Free", "9", "0")),
    ]
    answers = {**SERVERS, "ce": {"GetCostAndUsage": {"ResultsByTime": days}}}
    tables, reads, connection = read_capacity(tmp_path, answers, **ONLY)
    (price,) = tables.prices.to_dict("records")
    assert price == {
        "Region": "",
        "SkuMeter": "BoxUsage:m6i.large",
        "Price": pytest.approx(0.1),
        "Unit": "Hrs",
    }
    assert tables.currency == "USD"
    assert tables.costs.empty
    (asked,) = [one for name, one in connection.asked if name == "GetCostAndUsage"]
    assert asked["TimePeriod"] == {"Start": "2026-01-28", "End": "2026-02-27"}
    (line,) = [one for one in reads.coverage if one.table == "capacity costs"]
    assert line.status is CoverageStatus.PARTIAL
    paid = [call.usd for call in reads.ledger.records if call.service == "ce"]
    assert paid == [Decimal("0.01")]


def test_no_bill_is_a_gap_and_no_error(tmp_path: Path) -> None:
    tables, reads, _ = read_capacity(tmp_path / "a", SERVERS, **ONLY)
    assert (len(tables.prices), tables.currency) == (0, "")
    (line,) = [one for one in reads.coverage if one.table == "capacity costs"]
    assert line.status is CoverageStatus.EMPTY
    denied = {**SERVERS, "ce": {"GetCostAndUsage": refusal("AccessDeniedException")}}
    tables, reads, _ = read_capacity(tmp_path / "b", denied, **ONLY)
    assert len(tables.resources) == 2
    statuses = {line.table: line.status for line in reads.coverage if "cost" in line.table}
    assert statuses["costs by meter"] is CoverageStatus.DENIED


def test_an_export_tells_what_each_resource_costs_in_a_month(tmp_path: Path) -> None:
    rows = [
        focus_row(
            ResourceId=resource,
            ChargePeriodStart=f"2026-02-{day}T00:00:00Z",
            ChargePeriodEnd=f"2026-02-{day + 1}T00:00:00Z",
            BillingPeriodStart="2026-02-01T00:00:00Z",
            EffectiveCost="2.4",
        )
        for day in (10, 11)
        for resource in ("i-mail", "i-gone")
    ]
    export = write_csv(tmp_path / "focus.csv", rows)
    values = {"source": "export", "path": str(export)}
    tables, reads, _ = read_capacity(tmp_path / "run", SERVERS, **values, **ONLY)
    (cost,) = tables.costs.to_dict("records")
    assert cost["Resource"] == arn("ec2", "instance/i-mail")
    assert cost["MonthlyCost"] == pytest.approx(2.4 * 30)
    (line,) = [one for one in reads.coverage if one.table == "capacity costs"]
    assert line.status is CoverageStatus.COMPLETE


def test_a_denied_region_leaves_the_other(tmp_path: Path) -> None:
    asked: list[str] = []

    def instances(**_: Any) -> Any:
        asked.append("")
        return refusal("UnauthorizedOperation", "DescribeInstances")

    answers = {"ec2": {"DescribeInstances": instances}}
    accounts = [{"id": ACCOUNT, "name": "acme", "regions": ["us-east-1", "eu-west-1"]}]
    tables, reads, _ = read_capacity(tmp_path, answers, accounts=accounts, **ONLY)
    assert len(asked) == 2
    assert tables.resources.empty
    told = {line.region: line.status for line in reads.coverage if line.table == "capacity ec2"}
    assert told == dict.fromkeys(("us-east-1", "eu-west-1"), CoverageStatus.DENIED)


def test_refused_credentials_end_the_run(tmp_path: Path) -> None:
    answers = {"ec2": {"DescribeInstances": refusal("ExpiredToken", "DescribeInstances")}}
    with pytest.raises(CredentialsError):
        read_capacity(tmp_path, answers, **ONLY)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"recovery_region": "eu-west-1"},
        {"recovery_region": "eu-west-1", "workload_tag": "Team"},
    ],
)
def test_an_empty_account_takes_the_requests_that_are_announced(
    values: dict[str, Any], tmp_path: Path
) -> None:
    nothing: dict[str, Any] = {"ResourceTagMappingList": []}
    answers = {"resourcegroupstaggingapi": {"GetResources": nothing}}
    _, reads, _ = read_capacity(tmp_path, answers, **values)
    expected = find_notebook("capacity_planning").expect(reads.parameters)
    assert sum(call.count for call in reads.ledger.records) == expected.calls
    assert reads.ledger.usd == expected.usd


def test_an_empty_account_is_read_without_a_mistake(tmp_path: Path) -> None:
    tables, reads, _ = read_capacity(tmp_path, {})
    assert tables.resources.empty
    assert tables.limits.empty
    assert tables.usage == {}
    gaps = {line.table for line in reads.coverage if line.status.is_gap}
    assert gaps == {"capacity costs"}


def test_nothing_is_asked_after_as_of(tmp_path: Path) -> None:
    _, connection, _ = open_capacity(tmp_path / "a", {})
    assert connection.asked == []
    _, _, connection = read_capacity(tmp_path / "b", SERVERS, **ONLY)
    ends = [one["EndTime"] for name, one in connection.asked if name == "GetMetricData"]
    assert {f"{end:%Y-%m-%dT%H:%M:%SZ}" for end in ends} == {AS_OF}
