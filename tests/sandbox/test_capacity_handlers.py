from __future__ import annotations

from typing import Any

import pytest

from opslib.sandbox.capacity_estate import (
    CAPACITY_CLUSTER,
    FUNCTIONS,
    SERVICES,
    SUBNETS,
)
from opslib.sandbox.capacity_instances import (
    EKS_CLUSTER,
    FLEET,
    instances_of,
)
from opslib.sandbox.capacity_quotas import QUOTA_SERVICES, QUOTAS
from opslib.sandbox.estate import IRELAND, PAYER, PRODUCTION, STAGING
from opslib.sandbox.protocol import AwsError
from opslib.sandbox.scenario import plan_scenario
from opslib.sandbox.shop import REGION
from tests.sandbox.answers import ask, ask_all

HERE: dict[str, Any] = {"account": PRODUCTION, "scenario": "troubled", "seed": 3}
LISTS: list[tuple[str, str, dict[str, Any], str, int]] = [
    ("ec2", "DescribeSubnets", {}, "Subnets", 3),
    ("ec2", "DescribeNatGateways", {}, "NatGateways", 3),
    ("ec2", "DescribeVolumes", {}, "Volumes", 5),
    ("autoscaling", "DescribeAutoScalingGroups", {}, "AutoScalingGroups", 2),
    ("autoscaling", "DescribePolicies", {}, "ScalingPolicies", 1),
    ("eks", "ListClusters", {}, "clusters", 1),
    ("eks", "ListNodegroups", {"clusterName": EKS_CLUSTER}, "nodegroups", 1),
    ("lambda", "ListFunctions", {}, "Functions", len(FUNCTIONS)),
    ("elbv2", "DescribeLoadBalancers", {}, "LoadBalancers", 3),
    ("elbv2", "DescribeTargetGroups", {}, "TargetGroups", 13),
    ("elasticache", "DescribeReplicationGroups", {}, "ReplicationGroups", 1),
    ("elasticache", "DescribeCacheClusters", {}, "CacheClusters", 2),
]


@pytest.mark.parametrize(("service", "operation", "asked", "name", "count"), LISTS)
def test_what_there_is_is_told_and_an_empty_account_has_none(
    service: str, operation: str, asked: dict[str, Any], name: str, count: int
) -> None:
    assert len(ask(service, operation, **HERE, **asked)[name]) == count
    empty = {**HERE, "scenario": "empty"}
    if operation in {"DescribeSubnets", "DescribeVolumes"}:
        with pytest.raises(AssertionError, match="left to moto"):
            ask(service, operation, **empty, **asked)
    elif asked:
        with pytest.raises(AwsError, match="No cluster found"):
            ask(service, operation, **empty, **asked)
    else:
        assert ask(service, operation, **empty)[name] == []


def test_instances_come_in_pages_with_the_ids_of_the_bill() -> None:
    pages = ask_all("ec2", "DescribeInstances", "NextToken", **HERE, MaxResults=3)
    held = [one for page in pages for group in page["Reservations"] for one in group["Instances"]]
    assert len(pages) == 3
    assert [one["InstanceId"] for one in held] == [one.id for one in instances_of(PRODUCTION)]
    billed = set(plan_scenario("troubled", 3).bill["resource"])
    assert {one["InstanceId"] for one in held} <= billed
    zones = {subnet.id: subnet.zone for subnet in SUBNETS}
    assert all(zones[one["SubnetId"]] == one["Placement"]["AvailabilityZone"] for one in held)
    with pytest.raises(AwsError, match="do not exist"):
        ask("ec2", "DescribeInstances", **HERE, InstanceIds=["i-0none"])


def test_services_run_between_their_limits_in_the_zones_of_their_subnets() -> None:
    plan = plan_scenario("troubled", 3).capacity
    asked: dict[str, Any] = {**HERE, "cluster": CAPACITY_CLUSTER}
    listed = ask_all("ecs", "ListServices", "nextToken", **asked, maxResults=5)
    arns = [arn for page in listed for arn in page["serviceArns"]]
    assert len(arns) == len(SERVICES)
    told = ask("ecs", "DescribeServices", **asked, services=arns)["services"]
    for spec, service in zip(SERVICES, told, strict=True):
        assert service["serviceName"] == spec.name
        subnets = service["networkConfiguration"]["awsvpcConfiguration"]["subnets"]
        assert len(subnets) == (2 if spec.name == plan.frail else 3)
        tasks = ask("ecs", "ListTasks", **asked, serviceName=spec.name)["taskArns"]
        assert len(tasks) == service["runningCount"] >= max(spec.least, 1)
        found = ask("ecs", "DescribeTasks", **asked, tasks=tasks)["tasks"]
        assert len({one["availabilityZone"] for one in found}) == min(len(subnets), len(tasks))
        named = service["taskDefinition"]
        held = ask("ecs", "DescribeTaskDefinition", **HERE, taskDefinition=named)
        assert held["taskDefinition"]["cpu"] == str(spec.cpu)


def test_targets_and_policies_scale_services_and_tables() -> None:
    asked: dict[str, Any] = {**HERE, "ServiceNamespace": "ecs"}
    pages = ask_all(
        "application-autoscaling", "DescribeScalableTargets", "NextToken", **asked, MaxResults=4
    )
    targets = {one["ResourceId"]: one for page in pages for one in page["ScalableTargets"]}
    scaled = [spec for spec in SERVICES if spec.most]
    for spec in scaled:
        target = targets[f"service/{CAPACITY_CLUSTER}/{spec.name}"]
        assert (target["MinCapacity"], target["MaxCapacity"]) == (spec.least, spec.most)
    told = ask("application-autoscaling", "DescribeScalingPolicies", **asked)
    policies = {one["ResourceId"]: one for one in told["ScalingPolicies"]}
    assert set(policies) == set(targets)
    tables = ask(
        "application-autoscaling",
        "DescribeScalableTargets",
        **HERE,
        ServiceNamespace="dynamodb",
        ScalableDimension="dynamodb:table:ReadCapacityUnits",
    )
    names = [one["ResourceId"] for one in tables["ScalableTargets"]]
    assert names == ["table/carts", "table/inventory"]
    for elsewhere in ({"account": STAGING}, {"region": IRELAND}):
        none = ask("application-autoscaling", "DescribeScalableTargets", **{**asked, **elsewhere})
        assert none["ScalableTargets"] == []


def test_quotas_tell_their_value_and_the_metric_of_their_usage() -> None:
    services = ask("service-quotas", "ListServices", **HERE)["Services"]
    assert {one["ServiceCode"] for one in services} == set(QUOTA_SERVICES)
    pages = ask_all(
        "service-quotas",
        "ListServiceQuotas",
        "NextToken",
        **HERE,
        ServiceCode="dynamodb",
        MaxResults=2,
    )
    held = [quota for page in pages for quota in page["Quotas"]]
    assert len(pages) == 2
    assert [quota["QuotaCode"] for quota in held if "UsageMetric" in quota] == ["L-F98FE922"]
    asked: dict[str, Any] = {"ServiceCode": "monitoring", "QuotaCode": "L-5E141212"}
    rate = ask("service-quotas", "GetServiceQuota", **HERE, **asked)["Quota"]
    assert rate["Period"] == {"PeriodValue": 1, "PeriodUnit": "SECOND"}
    with pytest.raises(AwsError, match="does not exist"):
        ask("service-quotas", "ListServiceQuotas", **HERE, ServiceCode="nothing")


@pytest.mark.parametrize("seed", range(6))
def test_one_quota_of_the_recovery_region_is_too_small(seed: int) -> None:
    short = plan_scenario("troubled", seed).capacity.short_quota
    for quota in QUOTAS:
        asked: dict[str, Any] = {"ServiceCode": quota.service, "QuotaCode": quota.code}
        here, there = (
            ask(
                "service-quotas",
                "GetServiceQuota",
                **{**HERE, "seed": seed, "region": region},
                **asked,
            )["Quota"]["Value"]
            for region in (REGION, IRELAND)
        )
        assert (there < 0.1 * here) == (quota.code == short)


def test_groups_of_instances_name_their_members() -> None:
    (fleet,) = ask(
        "autoscaling", "DescribeAutoScalingGroups", **HERE, AutoScalingGroupNames=[FLEET]
    )["AutoScalingGroups"]
    assert len(fleet["Instances"]) == fleet["DesiredCapacity"] == 3
    assert len({one["AvailabilityZone"] for one in fleet["Instances"]}) == 3
    asked: dict[str, Any] = {"clusterName": EKS_CLUSTER, "nodegroupName": "general"}
    nodes = ask("eks", "DescribeNodegroup", **HERE, **asked)["nodegroup"]
    assert nodes["scalingConfig"] == {"minSize": 2, "desiredSize": 2, "maxSize": 6}
    assert ask("eks", "DescribeCluster", **HERE, name=EKS_CLUSTER)["cluster"]["status"] == "ACTIVE"
    with pytest.raises(AwsError, match="No node group"):
        ask("eks", "DescribeNodegroup", **HERE, clusterName=EKS_CLUSTER, nodegroupName="none")


def test_concurrency_is_limited_by_the_quota_and_what_is_reserved() -> None:
    limit = ask("lambda", "GetAccountSettings", **HERE)["AccountLimit"]
    assert limit["ConcurrentExecutions"] - limit["UnreservedConcurrentExecutions"] == 200
    reserved = ask("lambda", "GetFunctionConcurrency", **HERE, FunctionName="export")
    assert reserved == {"ReservedConcurrentExecutions": 200}
    assert ask("lambda", "GetFunctionConcurrency", **HERE, FunctionName="resize") == {}


@pytest.mark.parametrize(
    ("group", "value", "source"),
    [
        ("acme-postgres18", "800", "user"),
        ("acme-mysql8", "600", "user"),
        ("default.postgres16", "LEAST({DBInstanceClassMemory/9531392},5000)", "system"),
    ],
)
def test_connections_are_limited_by_a_number_or_a_formula(
    group: str, value: str, source: str
) -> None:
    pages = ask_all(
        "rds", "DescribeDBParameters", "Marker", **HERE, DBParameterGroupName=group, MaxRecords=1
    )
    told = {one["ParameterName"]: one for page in pages for one in page["Parameters"]}
    assert len(pages) == 2
    assert told["max_connections"]["ParameterValue"] == value
    assert told["max_connections"]["Source"] == source


def test_workloads_are_told_by_their_tag() -> None:
    asked: dict[str, Any] = {"TagFilters": [{"Key": "Workload"}]}
    pages: list[dict[str, Any]] = []
    token = ""
    while not pages or token:
        page = ask(
            "resourcegroupstaggingapi",
            "GetResources",
            **HERE,
            **asked,
            ResourcesPerPage=10,
            PaginationToken=token,
        )
        pages.append(page)
        token = page["PaginationToken"]
    held = [one["ResourceARN"] for page in pages for one in page["ResourceTagMappingList"]]
    assert len(pages) > 2
    assert len(set(held)) == len(held)
    shop: dict[str, Any] = {"TagFilters": [{"Key": "Workload", "Values": ["shop"]}]}
    few = ask("resourcegroupstaggingapi", "GetResources", **HERE, **shop)["ResourceTagMappingList"]
    assert {tag["Value"] for one in few for tag in one["Tags"]} == {"shop"}
    other = ask("resourcegroupstaggingapi", "GetResources", **{**HERE, "account": PAYER}, **asked)
    assert other["ResourceTagMappingList"] == []
