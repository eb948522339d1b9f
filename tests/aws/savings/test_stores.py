"""Clusters, caches, buckets, tables and groups: every page, what is refused, and what is asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opslib.aws.places import Place
from opslib.aws.reads import Fetched
from opslib.aws.savings.buckets import list_buckets, measure_buckets
from opslib.aws.savings.caches import list_caches, measure_caches
from opslib.aws.savings.clusters import list_clusters
from opslib.aws.savings.dynamodb import list_tables, measure_tables
from opslib.aws.savings.groups import list_groups, mean_price
from opslib.coverage import CoverageStatus
from tests.aws.fakes import refusal
from tests.aws.model_clients import model_reads

MADE = datetime(2025, 1, 1, tzinfo=UTC)
AS_OF = datetime(2026, 3, 2, 6, tzinfo=UTC)
HEAD = "arn:aws:elasticache:us-east-1:555555555555"
Rows = list[dict[str, Any]]


def ask(
    tmp_path: Path, lister: Callable[[Place], Fetched | Rows], answers: dict[str, Any]
) -> tuple[Rows, Fetched]:
    """Return what is listed, its settings and tags read."""
    reads, _ = model_reads(tmp_path, answers)
    found = lister(Place(reads, None, "us-east-1"))
    assert isinstance(found, Fetched)
    rows = [
        {str(key): value for key, value in row.items()} for row in found.frame.to_dict("records")
    ]
    return [read_out(row) for row in rows], found


def read_out(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "Settings": json.loads(row["Settings"]), "Tags": json.loads(row["Tags"])}


def node(name: str, **facts: Any) -> dict[str, Any]:
    told = {"CacheClusterId": name, "ARN": f"{HEAD}:cluster:{name}", "Engine": "valkey"}
    return {**told, "CacheNodeType": "cache.t4g.small", "CacheClusterCreateTime": MADE, **facts}


def test_a_cluster_is_billed_by_its_resource_id(tmp_path: Path) -> None:
    arn = "arn:aws:rds:us-east-1:555555555555:cluster"
    told = {
        "DBClusterIdentifier": "orders",
        "DBClusterArn": f"{arn}:orders",
        "DbClusterResourceId": "cluster-ABC",
        "Engine": "aurora-postgresql",
        "ClusterCreateTime": MADE,
        "DBClusterMembers": [
            {"DBInstanceIdentifier": "orders-2"},
            {"DBInstanceIdentifier": "orders-1"},
        ],
    }
    graph = {**told, "DBClusterIdentifier": "graph", "Engine": "neptune"}
    answers = {"rds": {"DescribeDBClusters": {"DBClusters": [told, graph]}}}
    reads, _ = model_reads(tmp_path, answers)
    (row,) = list_clusters(Place(reads, None, "us-east-1"))
    settings = json.loads(row["Settings"])
    assert row["Name"] == "orders"
    assert settings["billed_as"] == f"{arn}:cluster-ABC"
    assert settings["members"] == ["orders-1", "orders-2"]


def test_a_replication_group_is_one_cache_over_two_pages(tmp_path: Path) -> None:
    young = MADE + timedelta(days=9)
    pages = [
        {
            "CacheClusters": [node("a-2", ReplicationGroupId="a", CacheClusterCreateTime=young)],
            "Marker": "m",
        },
        {"CacheClusters": [node("a-1", ReplicationGroupId="a"), node("b", Engine="memcached")]},
    ]
    tags = {"TagList": [{"Key": "Project", "Value": "shop"}]}
    told = {"DescribeCacheClusters": pages, "ListTagsForResource": tags}
    rows, _ = ask(tmp_path, list_caches, {"elasticache": told})
    caches = {row["Name"]: row for row in rows if row["Kind"] == "cache"}
    assert caches["a"]["ResourceId"] == f"{HEAD}:replicationgroup:a"
    assert caches["a"]["Settings"]["nodes"] == [f"{HEAD}:cluster:a-1", f"{HEAD}:cluster:a-2"]
    assert caches["a"]["CreatedAt"] == MADE
    assert caches["a"]["Tags"] == {"Project": "shop"}
    assert caches["b"]["ResourceId"] == f"{HEAD}:cluster:b"
    asked = {
        row["Name"]: {one.metric for one in measure_caches(row)}
        for row in rows
        if row["Kind"] == "cache_node"
    }
    assert asked["a-1"] >= {"GetTypeCmds", "SetTypeCmds", "CurrConnections"}
    assert asked["b"] == {"CmdGet", "CmdSet", "CmdTouch"}
    assert not measure_caches(caches["a"])


def test_tags_that_are_refused_leave_the_caches_and_a_gap(tmp_path: Path) -> None:
    refused = refusal("AccessDenied", "ListTagsForResource")
    told = {"DescribeCacheClusters": {"CacheClusters": [node("a")]}, "ListTagsForResource": refused}
    rows, found = ask(tmp_path, list_caches, {"elasticache": told})
    assert [row["Kind"] for row in rows] == ["cache", "cache_node"]
    assert found.status is CoverageStatus.DENIED


def buckets(**answers: Any) -> dict[str, Any]:
    usual = {
        "ListBuckets": {"Buckets": [{"Name": "logs", "CreationDate": MADE}]},
        "GetBucketLifecycleConfiguration": refusal("NoSuchLifecycleConfiguration"),
        "GetBucketTagging": refusal("NoSuchTagSet"),
        "ListBucketMetricsConfigurations": {"IsTruncated": False},
    }
    return {"s3": {**usual, **answers}}


def test_a_bucket_without_rules_whose_requests_nobody_counts(tmp_path: Path) -> None:
    ((row,), _) = ask(tmp_path, list_buckets, buckets())
    assert row["Settings"] == {"rules": 0, "watched": ""}
    assert [one.metric for one in measure_buckets(row)] == ["BucketSizeBytes", "NumberOfObjects"]


def test_only_a_configuration_without_filter_tells_of_the_whole_bucket(tmp_path: Path) -> None:
    of_part = {"Id": "images", "Filter": {"Prefix": "images/"}}
    pages = [
        {"IsTruncated": True, "NextContinuationToken": "t", "MetricsConfigurationList": [of_part]},
        {"IsTruncated": False, "MetricsConfigurationList": [{"Id": "all"}]},
    ]
    ((row,), _) = ask(tmp_path, list_buckets, buckets(ListBucketMetricsConfigurations=pages))
    assert row["Settings"]["watched"] == "all"
    reads = next(one for one in measure_buckets(row) if one.metric == "GetRequests")
    assert reads.dimensions == {"BucketName": "logs", "FilterId": "all"}


def test_rules_count_where_they_are_enabled(tmp_path: Path) -> None:
    rules = {"Rules": [{"Status": "Disabled"}, {"Status": "Enabled"}]}
    ((row,), _) = ask(tmp_path, list_buckets, buckets(GetBucketLifecycleConfiguration=rules))
    assert row["Settings"]["rules"] == 1


def test_rules_that_are_refused_are_unknown_and_not_none(tmp_path: Path) -> None:
    refused = refusal("AccessDenied", "GetBucketLifecycleConfiguration")
    answers = buckets(GetBucketLifecycleConfiguration=refused)
    ((row,), found) = ask(tmp_path, list_buckets, answers)
    assert "rules" not in row["Settings"]
    assert found.status is CoverageStatus.DENIED


def test_no_bucket(tmp_path: Path) -> None:
    rows, found = ask(tmp_path, list_buckets, buckets(ListBuckets={}))
    assert (rows, found.status) == ([], Fetched(frame=found.frame).status)


def dynamodb(**facts: Any) -> dict[str, Any]:
    table = {
        "TableName": "carts",
        "TableArn": "arn:aws:dynamodb:us-east-1:555555555555:table/carts",
        "CreationDateTime": MADE,
        "ProvisionedThroughput": {"ReadCapacityUnits": 50, "WriteCapacityUnits": 20},
        "GlobalSecondaryIndexes": [
            {
                "IndexName": "by-sku",
                "ProvisionedThroughput": {"ReadCapacityUnits": 10, "WriteCapacityUnits": 11},
            }
        ],
        **facts,
    }
    return {
        "ListTables": [
            {"TableNames": ["carts"], "LastEvaluatedTableName": "carts"},
            {"TableNames": ["gone"]},
        ],
        "DescribeTable": [{"Table": table}, refusal("ResourceNotFoundException", "DescribeTable")],
        "ListTagsOfResource": {"Tags": [{"Key": "Project", "Value": "shop"}]},
    }


def scaled(resource: str) -> dict[str, Any]:
    return {
        "ServiceNamespace": "dynamodb",
        "ResourceId": resource,
        "ScalableDimension": "dynamodb:index:ReadCapacityUnits",
        "MinCapacity": 1,
        "MaxCapacity": 9,
        "RoleARN": "r",
        "CreationTime": MADE,
    }


def test_a_table_and_its_index_are_measured_apart(tmp_path: Path) -> None:
    targets = {"DescribeScalableTargets": {"ScalableTargets": [scaled("table/carts-2")]}}
    answers = {"dynamodb": dynamodb(), "application-autoscaling": targets}
    ((row,), _) = ask(tmp_path, list_tables, answers)
    assert row["Settings"]["scaled"] == []
    assert row["Settings"]["parts"] == {
        "": {"Read": 50, "Write": 20},
        "by-sku": {"Read": 10, "Write": 11},
    }
    asked = {one.measure: one for one in measure_tables(row)}
    assert len(asked) == 16
    assert [asked[f"Read {one}"].period_seconds for one in ("minute", "peak", "consumed")] == [
        60,
        300,
        86_400,
    ]
    assert asked["Write consumed by-sku"].dimensions == {
        "TableName": "carts",
        "GlobalSecondaryIndexName": "by-sku",
    }


def test_what_is_scaled_is_not_measured(tmp_path: Path) -> None:
    targets = {"ScalableTargets": [scaled("table/carts/index/by-sku")]}
    answers = {
        "dynamodb": dynamodb(),
        "application-autoscaling": {"DescribeScalableTargets": targets},
    }
    ((row,), _) = ask(tmp_path, list_tables, answers)
    assert row["Settings"]["scaled"] == ["dynamodb:index:ReadCapacityUnits"]
    assert measure_tables(row) == ()


def test_scaling_that_is_refused_is_unknown(tmp_path: Path) -> None:
    refused = refusal("AccessDeniedException", "DescribeScalableTargets")
    answers = {
        "dynamodb": dynamodb(),
        "application-autoscaling": {"DescribeScalableTargets": refused},
    }
    ((row,), found) = ask(tmp_path, list_tables, answers)
    assert "scaled" not in row["Settings"]
    assert found.status is CoverageStatus.DENIED


def group(name: str, zones: tuple[str, ...], **facts: Any) -> dict[str, Any]:
    return {
        "AutoScalingGroupName": name,
        "AutoScalingGroupARN": f"arn:{name}",
        "MinSize": 1,
        "MaxSize": 2,
        "DesiredCapacity": 1,
        "DefaultCooldown": 1,
        "AvailabilityZones": list(zones),
        "HealthCheckType": "EC2",
        "CreatedTime": MADE,
        "Instances": [
            {
                "InstanceId": f"i-{name}-{zone}",
                "InstanceType": "m5d.large",
                "AvailabilityZone": zone,
                "LifecycleState": "InService",
                "HealthStatus": "Healthy",
                "ProtectedFromScaleIn": False,
            }
            for zone in zones
        ],
        **facts,
    }


def change(zone: str, price: str, days: int) -> dict[str, Any]:
    return {
        "AvailabilityZone": zone,
        "InstanceType": "m5d.large",
        "SpotPrice": price,
        "Timestamp": AS_OF - timedelta(days=days),
    }


def test_groups_with_the_spot_prices_of_their_zones(tmp_path: Path) -> None:
    history = [
        {"SpotPriceHistory": [change("us-east-1a", "0.03", 10)], "NextToken": "t"},
        {"SpotPriceHistory": [change("us-east-1a", "0.06", 50), change("us-east-1c", "1", 50)]},
    ]
    types = [{"InstanceType": "m5d.large", "InstanceStorageSupported": True}]
    answers = {
        "autoscaling": {
            "DescribeAutoScalingGroups": {
                "AutoScalingGroups": [
                    group("workers", ("us-east-1a", "us-east-1b")),
                    group("empty", (), MixedInstancesPolicy={}),
                ]
            }
        },
        "ec2": {
            "DescribeSpotPriceHistory": history,
            "DescribeInstanceTypes": {"InstanceTypes": types},
        },
    }
    rows, _ = ask(tmp_path, list_groups, answers)
    workers, empty = (row["Settings"] for row in rows)
    assert {key: Decimal(price) for key, price in workers["spot"].items()} == {
        "m5d.large us-east-1a": Decimal("0.05")
    }
    assert workers["stored"] == ["m5d.large"]
    assert (workers["mixed"], empty["mixed"], empty["instances"]) == (False, True, {})


def test_without_groups_no_price_is_asked(tmp_path: Path) -> None:
    told: dict[str, Any] = {"DescribeAutoScalingGroups": {"AutoScalingGroups": []}}
    rows, _ = ask(tmp_path, list_groups, {"autoscaling": told})
    assert rows == []


def test_prices_that_are_refused_leave_the_groups(tmp_path: Path) -> None:
    listed = {"AutoScalingGroups": [group("workers", ("us-east-1a",))]}
    ec2 = {
        "DescribeSpotPriceHistory": refusal("UnauthorizedOperation", "DescribeSpotPriceHistory"),
        "DescribeInstanceTypes": {"InstanceTypes": []},
    }
    answers = {"autoscaling": {"DescribeAutoScalingGroups": listed}, "ec2": ec2}
    ((row,), found) = ask(tmp_path, list_groups, answers)
    assert "spot" not in row["Settings"]
    assert found.status is CoverageStatus.DENIED


@given(
    st.dictionaries(
        st.integers(-40, 29), st.decimals("0.01", "9", places=4), min_size=1, max_size=6
    )
)
def test_a_mean_price_lies_between_the_prices_and_weighs_days(changes: dict[int, Decimal]) -> None:
    start = AS_OF - timedelta(days=30)
    told = [(start + timedelta(days=day), price) for day, price in changes.items()]
    mean = mean_price(told, start, AS_OF)
    by_day = []
    for day in range(30):
        before = [one for one in changes if one <= day] or [min(changes)]
        by_day.append(changes[max(before)])
    assert mean == pytest.approx(sum(by_day) / 30, abs=Decimal("1e-11"))
