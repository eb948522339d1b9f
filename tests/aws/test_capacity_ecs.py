from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from opslib.coverage import CoverageStatus
from tests.aws.capacity_answers import arn, read_capacity
from tests.aws.fakes import refusal

CLUSTER = arn("ecs", "cluster/shop")
GROUP = arn("elasticloadbalancing", "targetgroup/web/1")
BALANCER = arn("elasticloadbalancing", "loadbalancer/app/shop/50dc6c495c0c9188")


def service(name: str, cluster: str = "shop", **facts: Any) -> dict[str, Any]:
    return {
        "serviceArn": arn("ecs", f"service/{cluster}/{name}"),
        "serviceName": name,
        "clusterArn": arn("ecs", f"cluster/{cluster}"),
        "launchType": "FARGATE",
        "desiredCount": 3,
        "runningCount": 3,
        "taskDefinition": arn("ecs", f"task-definition/{name}:7"),
        **facts,
    }


def described(services: list[str], **_: Any) -> dict[str, Any]:
    made = [service(one.rpartition("/")[2], one.split("/")[1]) for one in services]
    for one in made:
        if one["serviceName"] == "web":
            one["loadBalancers"] = [{"targetGroupArn": GROUP}]
    return {"services": made}


def listed(cluster: str, nextToken: str = "", **_: Any) -> dict[str, Any]:  # noqa: N803
    name = cluster.rpartition("/")[2]
    if nextToken:
        return {"serviceArns": [service("cart", name)["serviceArn"]]}
    return {"serviceArns": [service("web", name)["serviceArn"]], "nextToken": "more"}


def task(name: str, zone: str) -> dict[str, Any]:
    return {"group": f"service:{name}", "availabilityZone": zone}


ECS = {
    "ListClusters": {"clusterArns": [CLUSTER]},
    "ListServices": listed,
    "DescribeServices": described,
    "DescribeTaskDefinition": {"taskDefinition": {"cpu": "1024", "memory": "2048"}},
    "ListTasks": {"taskArns": ["a", "b", "c"]},
    "DescribeTasks": {
        "tasks": [
            task("web", "us-east-1b"),
            task("web", "us-east-1a"),
            task("web", "us-east-1b"),
        ]
    },
}
SCALING = {
    "DescribeScalableTargets": lambda ServiceNamespace, **_: {  # noqa: N803
        "ScalableTargets": [
            {
                "ServiceNamespace": "ecs",
                "ResourceId": "service/shop/web",
                "ScalableDimension": "ecs:service:DesiredCount",
                "MinCapacity": 2,
                "MaxCapacity": 12,
                "RoleARN": "r",
                "CreationTime": 0,
            }
        ]
        if ServiceNamespace == "ecs"
        else []
    },
    "DescribeScalingPolicies": {
        "ScalingPolicies": [
            {
                "PolicyARN": "p",
                "PolicyName": "cpu",
                "ServiceNamespace": "ecs",
                "ResourceId": "service/shop/web",
                "ScalableDimension": "ecs:service:DesiredCount",
                "PolicyType": "TargetTrackingScaling",
                "CreationTime": 0,
                "TargetTrackingScalingPolicyConfiguration": {
                    "TargetValue": 60.0,
                    "PredefinedMetricSpecification": {
                        "PredefinedMetricType": "ECSServiceAverageCPUUtilization"
                    },
                    "ScaleOutCooldown": 60,
                },
            }
        ]
    },
}
ANSWERS: dict[str, Any] = {
    "ecs": ECS,
    "application-autoscaling": SCALING,
    "elbv2": {
        "DescribeTargetGroups": {
            "TargetGroups": [{"TargetGroupArn": GROUP, "LoadBalancerArns": [BALANCER]}]
        }
    },
}


def test_services_of_every_page_are_told_with_their_tasks_zones_and_scaling(tmp_path: Path) -> None:
    tables, reads, _ = read_capacity(tmp_path, ANSWERS, services=["ecs"])
    by_name = {row["Name"]: row for row in tables.resources.to_dict("records")}
    assert list(by_name) == ["web", "cart"]
    web = by_name["web"]
    assert json.loads(web["Zones"]) == ["us-east-1a", "us-east-1b", "us-east-1b"]
    settings = json.loads(web["Settings"])
    assert (settings["task_cpu"], settings["task_memory_mib"]) == (1.0, 2048.0)
    assert (settings["min"], settings["max"], settings["desired"]) == (2, 12, 3)
    (target,) = tables.targets.to_dict("records")
    assert (target["Min"], target["Max"], target["Target"]) == (2, 12, 60)
    assert target["Metric"] == "ECSServiceAverageCPUUtilization"
    assert target["ScaleOutCooldownSeconds"] == 60
    (line,) = [one for one in reads.coverage if one.table == "capacity ecs"]
    assert (line.status, line.rows) == (CoverageStatus.COMPLETE, 2)


def test_limits_and_series_of_a_service(tmp_path: Path) -> None:
    tables, _, _ = read_capacity(tmp_path, ANSWERS, services=["ecs"])
    web = arn("ecs", "service/shop/web")
    limits = tables.limits[tables.limits["Resource"] == web].set_index("Limit")
    assert limits["Value"].to_dict() == {"CPU": 100, "memory": 100, "tasks": 12}
    assert "CPU samples a minute" in str(limits.loc["tasks", "Source"])
    series = tables.series[tables.series["Resource"] == web].set_index("Metric")
    assert list(series.index) == [
        "CPU",
        "memory",
        "tasks",
        "requests",
        "response time p95",
        "response time p99",
    ]
    assert json.loads(str(series.loc["requests", "Dimensions"])) == {
        "LoadBalancer": "app/shop/50dc6c495c0c9188",
        "TargetGroup": "targetgroup/web/1",
    }
    usage = tables.usage[f"{web}#tasks"].fine
    assert usage is not None
    # 1, 2 and 3 samples in five minutes
    assert usage.values[:3].tolist() == pytest.approx([0.2, 0.4, 0.6])
    requests = tables.usage[f"{web}#requests"].fine
    assert requests is not None
    assert requests.values[:3].tolist() == pytest.approx([1 / 300, 2 / 300, 3 / 300])


def test_container_insights_counts_tasks_where_it_tells_of_the_service(tmp_path: Path) -> None:
    dimensions = [
        {"Name": "ClusterName", "Value": "shop"},
        {"Name": "ServiceName", "Value": "web"},
    ]
    listing = {"Metrics": [{"MetricName": "RunningTaskCount", "Dimensions": dimensions}]}
    answers = {**ANSWERS, "cloudwatch": {"ListMetrics": listing}}
    tables, _, _ = read_capacity(tmp_path, answers, services=["ecs"])
    tasks = tables.series[tables.series["Metric"] == "tasks"]
    told = {row["Resource"].rpartition("/")[2]: row for row in tasks.to_dict("records")}
    assert told["web"]["Namespace"] == "ECS/ContainerInsights"
    assert told["cart"]["Statistic"] == "SampleCount"


def test_services_of_one_name_in_two_clusters_are_told_apart(tmp_path: Path) -> None:
    clusters = {"clusterArns": [CLUSTER, arn("ecs", "cluster/batch")]}
    answers = {**ANSWERS, "ecs": {**ECS, "ListClusters": clusters}}
    tables, _, _ = read_capacity(tmp_path, answers, services=["ecs"])
    assert set(tables.resources["Name"]) == {"shop/web", "shop/cart", "batch/web", "batch/cart"}


def test_a_refused_detail_is_a_gap_and_the_rest_is_told(tmp_path: Path) -> None:
    denied = refusal("AccessDeniedException", "DescribeTaskDefinition")
    answers = {**ANSWERS, "ecs": {**ECS, "DescribeTaskDefinition": denied}}
    tables, reads, _ = read_capacity(tmp_path, answers, services=["ecs"])
    assert len(tables.resources) == 2
    assert "task_cpu" not in json.loads(tables.resources.iloc[0]["Settings"])
    (line,) = [one for one in reads.coverage if one.table == "capacity ecs"]
    assert line.status is CoverageStatus.DENIED
    assert "2 details" in line.detail
