from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from opslib.aws.parameter_formulas import (
    default_connections,
    evaluate_formula,
    serverless_connections,
)
from opslib.coverage import CoverageStatus
from tests.aws.capacity_answers import arn, read_capacity
from tests.aws.fakes import refusal

ORDERS = arn("rds", "cluster:orders")
REPORTS = arn("rds", "db:reports")
TYPE = {
    "InstanceType": "r6g.large",
    "VCpuInfo": {"DefaultVCpus": 2},
    "MemoryInfo": {"SizeInMiB": 16384},
    "NetworkInfo": {"MaximumNetworkInterfaces": 3, "Ipv4AddressesPerInterface": 10},
}


def instance(name: str, **facts: Any) -> dict[str, Any]:
    return {
        "DBInstanceIdentifier": name,
        "DBInstanceArn": arn("rds", f"db:{name}"),
        "DBInstanceClass": "db.r6g.large",
        "Engine": "postgres",
        "AvailabilityZone": "us-east-1a",
        "AllocatedStorage": 100,
        "StorageType": "gp3",
        "DBParameterGroups": [{"DBParameterGroupName": "default.postgres16"}],
        **facts,
    }


def cluster(**facts: Any) -> dict[str, Any]:
    return {
        "DBClusterIdentifier": "orders",
        "DBClusterArn": ORDERS,
        "Engine": "aurora-postgresql",
        "ServerlessV2ScalingConfiguration": {"MinCapacity": 1.0, "MaxCapacity": 16.0},
        "DBClusterMembers": [{"DBInstanceIdentifier": "orders-1", "IsClusterWriter": True}],
        **facts,
    }


SERVERLESS = instance(
    "orders-1",
    DBClusterIdentifier="orders",
    Engine="aurora-postgresql",
    DBInstanceClass="db.serverless",
)


def rds(*instances: dict[str, Any], **answers: Any) -> dict[str, Any]:
    return {
        "rds": {"DescribeDBInstances": {"DBInstances": list(instances)}, **answers},
        "ec2": {"DescribeInstanceTypes": {"InstanceTypes": [TYPE]}},
    }


def limits_of(folder: Path, answers: dict[str, Any], **values: Any) -> dict[str, tuple[float, str]]:
    tables, _, _ = read_capacity(folder, answers, **values)
    return {row["Limit"]: (row["Value"], row["Source"]) for row in tables.limits.to_dict("records")}


def test_a_serverless_cluster_is_limited_by_its_maximum_of_acu(tmp_path: Path) -> None:
    clusters = [{"DBClusters": [cluster()]}] * 3
    answers = rds(SERVERLESS, DescribeDBClusters=clusters)
    tables, _, _ = read_capacity(tmp_path, answers, services=["aurora"])
    (resource,) = tables.resources.to_dict("records")
    assert (resource["Resource"], resource["Name"]) == (ORDERS, "orders")
    assert json.loads(resource["Zones"]) == ["us-east-1a"]
    limits = tables.limits.set_index("Limit")["Value"].to_dict()
    assert limits == {"CPU": 100, "connections": 3360, "ACU": 16}
    (target,) = tables.targets.to_dict("records")
    assert (target["Dimension"], target["Min"], target["Max"]) == ("rds:cluster:acu", 1, 16)
    assert set(tables.series["Statistic"]) == {"Maximum"}


def test_clusters_of_every_page_are_read(tmp_path: Path) -> None:
    other = cluster(DBClusterIdentifier="ledger", DBClusterArn=arn("rds", "cluster:ledger"))
    pages = [{"DBClusters": [cluster()], "Marker": "more"}, {"DBClusters": [other]}]
    answers = rds(SERVERLESS, DescribeDBClusters=pages)
    tables, _, _ = read_capacity(tmp_path, answers, services=["aurora"])
    assert set(tables.resources["Name"]) == {"orders", "ledger"}


def test_used_storage_is_what_is_allocated_less_what_is_free(tmp_path: Path) -> None:
    grown = instance("reports", MaxAllocatedStorage=500)
    tables, _, _ = read_capacity(tmp_path, rds(grown), services=["rds"])
    limits = tables.limits.set_index("Limit")
    assert limits["Value"].to_dict() == {
        "CPU": 100,
        "connections": 1802,
        "storage": 500,
        "IOPS": 3000,
    }
    fine = tables.usage[f"{REPORTS}#storage"].fine
    assert fine is not None
    assert fine.values[0] == pytest.approx(100 - 1 / 2**30)
    iops = tables.usage[f"{REPORTS}#IOPS"].fine
    assert iops is not None
    assert iops.values[:3].tolist() == [2, 4, 6]


def test_memory_of_a_class_is_a_bound_and_no_limit(tmp_path: Path) -> None:
    tables, _, _ = read_capacity(tmp_path, rds(instance("reports")), services=["rds"])
    (row,) = tables.series[tables.series["Metric"] == "memory"].to_dict("records")
    assert (row["Role"], row["Statistic"], row["Unit"]) == ("bound", "Minimum", "percent")
    fine = tables.usage[row["Series"]].fine
    assert fine is not None
    assert fine.values[0] == pytest.approx(100 - 100 / (16 * 2**30))
    assert "memory" not in set(tables.limits["Limit"])


def test_memory_of_a_cluster_is_read_where_its_instances_are_alike(tmp_path: Path) -> None:
    own = {"DBClusterIdentifier": "orders", "Engine": "aurora-postgresql"}
    writer, reader = instance("orders-1", **own), instance("orders-2", **own)
    plain = cluster(ServerlessV2ScalingConfiguration={})
    clusters = [{"DBClusters": [plain]}] * 3
    alike = rds(writer, reader, DescribeDBClusters=clusters)
    tables, _, _ = read_capacity(tmp_path / "alike", alike, services=["aurora"])
    assert "memory" in set(tables.series["Metric"])
    other = {**reader, "DBInstanceClass": "db.r6g.xlarge"}
    mixed = rds(writer, other, DescribeDBClusters=clusters)
    tables, _, _ = read_capacity(tmp_path / "mixed", mixed, services=["aurora"])
    assert "memory" not in set(tables.series["Metric"])


def test_memory_of_a_class_that_was_not_read_is_not_asked_for(tmp_path: Path) -> None:
    answers = rds(instance("reports", DBInstanceClass="db.z9.large"))
    tables, _, _ = read_capacity(tmp_path, answers, services=["rds"])
    assert "memory" not in set(tables.series["Metric"])


@pytest.mark.parametrize(
    ("facts", "iops"),
    [
        ({"StorageType": "gp2", "AllocatedStorage": 20}, 100),
        ({"StorageType": "gp2", "AllocatedStorage": 1000}, 3000),
        ({"StorageType": "gp2", "AllocatedStorage": 40_000}, 64_000),
        ({"StorageType": "io1", "Iops": 8000}, 8000),
        ({"StorageType": "gp3", "Iops": 12_000}, 12_000),
    ],
)
def test_iops_by_the_rule_of_the_storage(
    facts: dict[str, Any], iops: float, tmp_path: Path
) -> None:
    limits = limits_of(tmp_path, rds(instance("reports", **facts)), services=["rds"])
    assert limits["IOPS"][0] == iops


def test_a_parameter_group_of_their_own_decides_on_connections(tmp_path: Path) -> None:
    own = instance("reports", DBParameterGroups=[{"DBParameterGroupName": "tuned"}])
    pages = [
        {"Parameters": [{"ParameterName": "work_mem", "ParameterValue": "1"}], "Marker": "more"},
        {"Parameters": [{"ParameterName": "max_connections", "ParameterValue": "400"}]},
    ]
    limits = limits_of(tmp_path, rds(own, DescribeDBParameters=pages), services=["rds"])
    assert limits["connections"] == (400, "max_connections of its parameter group: 400")


def test_a_class_of_unknown_memory_leaves_its_connections_unknown(tmp_path: Path) -> None:
    answers = rds(instance("reports", DBInstanceClass="db.z9.large"))
    tables, reads, _ = read_capacity(tmp_path, answers, services=["rds"])
    assert "connections" not in set(tables.limits["Limit"])
    told = [line for line in reads.coverage if line.status is CoverageStatus.PARTIAL]
    assert any("connections of reports" in line.detail for line in told)


def test_a_refused_region_is_a_gap(tmp_path: Path) -> None:
    denied = refusal("AccessDenied", "DescribeDBClusters")
    tables, reads, _ = read_capacity(tmp_path, rds(DescribeDBClusters=denied), services=["aurora"])
    assert tables.resources.empty
    (line,) = [one for one in reads.coverage if one.table == "capacity databases"]
    assert line.status is CoverageStatus.DENIED


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("100", 100),
        ("LEAST({DBInstanceClassMemory/9531392},5000)", 1802),
        ("{DBInstanceClassMemory/12582880}", 1365),
        ("GREATEST({log(DBInstanceClassMemory/8187281408)*1000},{100})", 1069),
        ("SUM({10},{20})", 30),
        ("__import__('os').getpid()", None),
        ("{Unknown/2}", None),
        ("1/0", None),
        ("9**9**9", None),
    ],
)
def test_formulas_of_parameters(formula: str, value: float | None) -> None:
    assert evaluate_formula(formula, {"DBInstanceClassMemory": 16 * 2**30}) == value


def test_defaults_by_engine_and_by_acu() -> None:
    assert default_connections("postgres", 16) == 1802
    assert default_connections("oracle-ee", 16) is None
    assert serverless_connections("aurora-postgresql", 1, 8) == 1669
    assert serverless_connections("aurora-postgresql", 0.5, 64) == 2000
    assert serverless_connections("aurora-mysql", 1, 24) == 2500
    assert serverless_connections("neptune", 1, 24) is None
