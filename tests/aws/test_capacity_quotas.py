from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from opslib.coverage import CoverageStatus
from tests.aws.capacity_answers import ACCOUNT, arn, read_capacity
from tests.aws.fakes import refusal

VCPU = {
    "MetricNamespace": "AWS/Usage",
    "MetricName": "ResourceCount",
    "MetricDimensions": {
        "Class": "Standard/OnDemand",
        "Resource": "vCPU",
        "Service": "EC2",
        "Type": "Resource",
    },
    "MetricStatisticRecommendation": "Maximum",
}
CALLS = {
    "MetricNamespace": "AWS/Usage",
    "MetricName": "CallCount",
    "MetricDimensions": {"Class": "None", "Resource": "X", "Service": "EC2", "Type": "API"},
    "MetricStatisticRecommendation": "Sum",
}


def quota(code: str, name: str, value: float, **facts: Any) -> dict[str, Any]:
    return {
        "ServiceCode": "ec2",
        "QuotaCode": code,
        "QuotaName": name,
        "Value": value,
        "Unit": "None",
        "Adjustable": True,
        **facts,
    }


def listing(*quotas: dict[str, Any]) -> Any:
    return lambda ServiceCode, **_: {"Quotas": quotas if ServiceCode == "ec2" else []}  # noqa: N803


def test_a_quota_is_held_against_what_aws_measures(tmp_path: Path) -> None:
    told = [
        quota("L-1", "vCPUs", 256, UsageMetric=VCPU),
        quota("L-2", "Rules of a group", 60),
        quota("L-3", "GPU vCPUs", 0, UsageMetric=VCPU),
        quota("L-4", "Of each", 5, UsageMetric=VCPU, QuotaAppliedAtLevel="RESOURCE"),
        quota(
            "L-5",
            "Calls",
            50,
            UsageMetric=CALLS,
            Period={"PeriodValue": 1, "PeriodUnit": "MINUTE"},
        ),
    ]
    answers = {"service-quotas": {"ListServiceQuotas": listing(*told)}}
    tables, _, _ = read_capacity(tmp_path, answers, services=["quota"])
    uncovered = tables.quotas.set_index("QuotaCode")["Uncovered"].to_dict()
    assert uncovered == {
        "L-1": "",
        "L-2": "AWS measures no use of it",
        "L-3": "it is 0: nothing of the kind may be used",
        "L-4": "it holds for each resource, its use is measured for the account",
        "L-5": "",
    }
    assert set(tables.resources["Name"]) == {"vCPUs", "Calls"}
    limits = tables.limits.set_index("Limit")
    assert limits["Value"].to_dict() == {"vCPUs": 256, "Calls": 50}
    assert limits["Source"]["vCPUs"] == "applied quota L-1 of ec2"
    vcpus = arn("servicequotas", "ec2/L-1")
    assert set(tables.resources["Resource"]) == {vcpus, arn("servicequotas", "ec2/L-5")}
    fine = tables.usage[f"{vcpus}#vCPUs"].fine
    calls = tables.usage[f"{arn('servicequotas', 'ec2/L-5')}#Calls"].fine
    assert fine is not None
    assert calls is not None
    assert fine.values[:3].tolist() == [1, 2, 3]
    assert calls.values[:3].tolist() == pytest.approx([0.2, 0.4, 0.6])


def test_a_default_stands_where_no_value_is_applied(tmp_path: Path) -> None:
    answers = {
        "service-quotas": {
            "ListServiceQuotas": listing(quota("L-1", "vCPUs", 512, UsageMetric=VCPU)),
            "ListAWSDefaultServiceQuotas": listing(
                quota("L-1", "vCPUs", 5, UsageMetric=VCPU), quota("L-9", "Addresses", 5)
            ),
        }
    }
    tables, _, _ = read_capacity(tmp_path, answers, services=["quota"])
    assert tables.quotas.set_index("QuotaCode")["Value"].to_dict() == {"L-1": 512, "L-9": 5}


def test_quotas_of_every_page_and_of_the_recovery_region_are_read(tmp_path: Path) -> None:
    def pages(ServiceCode: str, NextToken: str = "", **_: Any) -> dict[str, Any]:  # noqa: N803
        if ServiceCode != "ec2":
            return {"Quotas": []}
        if NextToken:
            return {"Quotas": [quota("L-2", "Other", 7)]}
        return {"Quotas": [quota("L-1", "vCPUs", 5, UsageMetric=VCPU)], "NextToken": "more"}

    answers = {"service-quotas": {"ListServiceQuotas": pages}}
    tables, reads, connection = read_capacity(
        tmp_path, answers, services=["quota"], recovery_region="eu-west-1"
    )
    places = tables.quotas.groupby("Region")["QuotaCode"].agg(list).to_dict()
    assert places == {"eu-west-1": ["L-1", "L-2"], "us-east-1": ["L-1", "L-2"]}
    recovery = f"arn:aws:servicequotas:eu-west-1:{ACCOUNT}:ec2/L-1#vCPUs"
    assert recovery in tables.usage
    lines = [line for line in reads.coverage if line.table == "capacity quotas"]
    assert [line.region for line in lines] == ["eu-west-1", "us-east-1"]
    assert sum(name == "GetMetricData" for name, _ in connection.asked) == 2


def test_namesakes_are_told_apart_by_their_codes(tmp_path: Path) -> None:
    told = [quota("L-1", "Tables", 5, UsageMetric=VCPU), quota("L-2", "Tables", 7)]
    answers = {"service-quotas": {"ListServiceQuotas": listing(*told)}}
    tables, _, _ = read_capacity(tmp_path, answers, services=["quota"])
    assert list(tables.resources["Name"]) == ["Tables (L-1)"]


def test_throttled_quotas_are_a_gap(tmp_path: Path) -> None:
    throttled = refusal("TooManyRequestsException", "ListServiceQuotas")
    answers = {"service-quotas": {"ListServiceQuotas": throttled}}
    tables, reads, _ = read_capacity(tmp_path, answers, services=["quota"])
    assert tables.quotas.empty
    (line,) = [one for one in reads.coverage if one.table == "capacity quotas"]
    assert line.status is CoverageStatus.THROTTLED
