"""Tables, functions and caches."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from opslib.coverage import CoverageStatus
from tests.aws.capacity_answers import arn, read_capacity
from tests.aws.fakes import refusal

CARTS = arn("dynamodb", "table/carts")


def table(billing: str = "PROVISIONED", **facts: Any) -> dict[str, Any]:
    given = {"ReadCapacityUnits": 50, "WriteCapacityUnits": 20}
    return {
        "TableName": "carts",
        "TableArn": CARTS,
        "BillingModeSummary": {"BillingMode": billing},
        "ProvisionedThroughput": given,
        **facts,
    }


def dynamodb(told: dict[str, Any], **answers: Any) -> dict[str, Any]:
    return {
        "dynamodb": {"ListTables": {"TableNames": ["carts"]}, "DescribeTable": {"Table": told}},
        **answers,
    }


def limits_of(
    folder: Path, answers: dict[str, Any], *services: str
) -> dict[tuple[str, str], float]:
    tables, _, _ = read_capacity(folder, answers, services=list(services))
    named = tables.limits.merge(tables.resources[["Resource", "Name"]], on="Resource")
    return {(row["Name"], row["Limit"]): row["Value"] for row in named.to_dict("records")}


def target(resource: str, dimension: str, most: int) -> dict[str, Any]:
    return {
        "ServiceNamespace": "dynamodb",
        "ResourceId": resource,
        "ScalableDimension": dimension,
        "MinCapacity": 5,
        "MaxCapacity": most,
        "RoleARN": "r",
        "CreationTime": 0,
    }


def test_provisioned_capacity_is_limited_by_its_scaling_or_by_itself(tmp_path: Path) -> None:
    index = {
        "IndexName": "by-sku",
        "ProvisionedThroughput": {"ReadCapacityUnits": 10, "WriteCapacityUnits": 11},
    }
    scaled = [
        target("table/carts", "dynamodb:table:ReadCapacityUnits", 400),
        target("table/carts/index/by-sku", "dynamodb:index:WriteCapacityUnits", 70),
    ]
    targets = {
        "DescribeScalableTargets": lambda ServiceNamespace, **_: {  # noqa: N803
            "ScalableTargets": scaled if ServiceNamespace == "dynamodb" else []
        }
    }
    answers = dynamodb(
        table(GlobalSecondaryIndexes=[index]), **{"application-autoscaling": targets}
    )
    assert limits_of(tmp_path, answers, "dynamodb") == {
        ("carts", "read capacity"): 400,
        ("carts", "write capacity"): 20,
        ("carts/by-sku", "read capacity"): 10,
        ("carts/by-sku", "write capacity"): 70,
    }


def test_consumption_is_by_the_second_and_throttling_is_read_beside_it(tmp_path: Path) -> None:
    tables, _, _ = read_capacity(tmp_path, dynamodb(table()), services=["dynamodb"])
    roles = tables.series.groupby("Role")["Metric"].agg(list).to_dict()
    assert roles == {
        "usage": ["read capacity", "write capacity"],
        "throttles": ["read throttles", "write throttles"],
        "units": ["provisioned read capacity", "provisioned write capacity"],
    }
    fine = tables.usage[f"{CARTS}#read capacity"].fine
    assert fine is not None
    assert fine.values[:3].tolist() == pytest.approx([1 / 300, 2 / 300, 3 / 300])


@pytest.mark.parametrize(
    ("throughput", "quotas", "limits"),
    [
        ({}, [], (40_000, 40_000)),
        ({}, [("L-CF0CBE56", 90_000.0)], (90_000, 40_000)),
        (
            {"OnDemandThroughput": {"MaxReadRequestUnits": 700, "MaxWriteRequestUnits": -1}},
            [],
            (700, 40_000),
        ),
    ],
)
def test_on_demand_is_limited_by_quotas_or_by_a_maximum_of_its_own(
    throughput: dict[str, Any],
    quotas: list[tuple[str, float]],
    limits: tuple[float, float],
    tmp_path: Path,
) -> None:
    told = [
        {"ServiceCode": "dynamodb", "QuotaCode": code, "QuotaName": code, "Value": value}
        for code, value in quotas
    ]
    listing = {
        "ListServiceQuotas": lambda ServiceCode, **_: {  # noqa: N803
            "Quotas": told if ServiceCode == "dynamodb" else []
        }
    }
    answers = dynamodb(table("PAY_PER_REQUEST", **throughput), **{"service-quotas": listing})
    found = limits_of(tmp_path, answers, "dynamodb", "quota")
    assert (found["carts", "read capacity"], found["carts", "write capacity"]) == limits


def test_a_table_that_is_gone_is_no_gap(tmp_path: Path) -> None:
    answers = dynamodb(table())
    answers["dynamodb"]["DescribeTable"] = refusal("ResourceNotFoundException", "DescribeTable")
    tables, reads, _ = read_capacity(tmp_path, answers, services=["dynamodb"])
    assert tables.resources.empty
    (line,) = [one for one in reads.coverage if one.table == "capacity dynamodb"]
    assert line.status is CoverageStatus.COMPLETE


def function(name: str) -> dict[str, Any]:
    return {"FunctionName": name, "FunctionArn": arn("lambda", f"function:{name}")}


def test_functions_are_limited_by_what_they_reserve_and_the_account_by_its_own(
    tmp_path: Path,
) -> None:
    pages = [
        {"Functions": [function("resize")], "NextMarker": "m"},
        {"Functions": [function("mail")]},
    ]
    kept = {"ReservedConcurrentExecutions": 200}
    answers: dict[str, Any] = {
        "lambda": {
            "ListFunctions": pages,
            "GetFunctionConcurrency": lambda FunctionName: kept if FunctionName == "mail" else {},  # noqa: N803
        }
    }
    assert limits_of(tmp_path, answers, "lambda") == {
        ("mail", "concurrency"): 200,
        ("account concurrency", "concurrency"): 1000,
    }


def test_the_quota_stands_for_the_account_where_it_is_read(tmp_path: Path) -> None:
    quota = {
        "ServiceCode": "lambda",
        "QuotaCode": "L-B99A9384",
        "QuotaName": "Concurrent executions",
        "Value": 3000.0,
        "UsageMetric": {
            "MetricNamespace": "AWS/Lambda",
            "MetricName": "ConcurrentExecutions",
            "MetricDimensions": {},
            "MetricStatisticRecommendation": "Maximum",
        },
    }
    answers: dict[str, Any] = {
        "lambda": {
            "ListFunctions": {"Functions": [function("mail")]},
            "GetFunctionConcurrency": {},
        },
        "service-quotas": {
            "ListServiceQuotas": lambda ServiceCode, **_: {  # noqa: N803
                "Quotas": [quota] if ServiceCode == "lambda" else []
            }
        },
    }
    found = limits_of(tmp_path / "a", answers, "lambda", "quota")
    assert found == {("Concurrent executions", "Concurrent executions"): 3000}
    _, _, connection = read_capacity(tmp_path / "b", answers, services=["lambda", "quota"])
    (asked,) = [one for name, one in connection.asked if name == "GetMetricData"]
    metrics = [json.dumps(one["MetricStat"], sort_keys=True) for one in asked["MetricDataQueries"]]
    assert len(metrics) == len(set(metrics)) == 5


def node(name: str, group: str | None = "cart", **facts: Any) -> dict[str, Any]:
    told = {"CacheClusterId": name, "Engine": "valkey", "CacheNodeType": "cache.r7g.large"}
    zone = {"PreferredAvailabilityZone": "us-east-1a"}
    return {**told, **zone, **({"ReplicationGroupId": group} if group else {}), **facts}


def test_memory_is_read_of_primaries_and_the_rest_of_every_node(tmp_path: Path) -> None:
    members = [
        {"CacheClusterId": "cart-001", "CurrentRole": "replica"},
        {"CacheClusterId": "cart-002", "CurrentRole": "primary"},
    ]
    groups = [
        {
            "ReplicationGroupId": "cart",
            "ARN": arn("elasticache", "replicationgroup:cart"),
            "NodeGroups": [{"NodeGroupMembers": members}],
        }
    ]
    nodes = [node("cart-001"), node("cart-002"), node("old", None, Engine="memcached")]
    answers: dict[str, Any] = {
        "elasticache": {
            "DescribeCacheClusters": {"CacheClusters": nodes},
            "DescribeReplicationGroups": {"ReplicationGroups": groups},
        }
    }
    assert limits_of(tmp_path / "a", answers, "cache") == {
        ("cart", "memory"): 100,
        ("cart", "CPU"): 100,
        ("cart", "connections"): 65_000,
        ("cart", "CPU (cart-001)"): 100,
        ("cart", "connections (cart-001)"): 65_000,
        ("old", "CPU"): 100,
        ("old", "connections"): 65_000,
    }
    tables, _, _ = read_capacity(tmp_path / "b", answers, services=["cache"])
    memory = tables.series[tables.series["Metric"] == "memory"].iloc[0]
    assert json.loads(memory["Dimensions"]) == {"CacheClusterId": "cart-002"}
