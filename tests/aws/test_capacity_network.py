"""Load balancers, gateways, subnets and Kubernetes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from opslib.coverage import CoverageStatus
from tests.aws.capacity_answers import ACCOUNT, REGION, arn, read_capacity
from tests.aws.fakes import refusal

SUBNET = {
    "SubnetId": "subnet-1",
    "SubnetArn": arn("ec2", "subnet/subnet-1"),
    "VpcId": "vpc-1",
    "AvailabilityZone": "us-east-1b",
    "CidrBlock": "10.0.0.0/24",
    "AvailableIpAddressCount": 31,
}
GATEWAY = {
    "NatGatewayId": "nat-1",
    "SubnetId": "subnet-1",
    "NatGatewayAddresses": [{"PublicIp": "192.0.2.1"}, {"PublicIp": "192.0.2.2"}],
}
TYPE = {
    "InstanceType": "m6i.large",
    "VCpuInfo": {"DefaultVCpus": 2},
    "MemoryInfo": {"SizeInMiB": 8192},
    "NetworkInfo": {"MaximumNetworkInterfaces": 3, "Ipv4AddressesPerInterface": 10},
}


def balancer(name: str, kind: str) -> dict[str, Any]:
    short = {"application": "app", "network": "net", "gateway": "gwy"}[kind]
    return {
        "LoadBalancerName": name,
        "LoadBalancerArn": arn("elasticloadbalancing", f"loadbalancer/{short}/{name}/1"),
        "Type": kind,
        "AvailabilityZones": [{"ZoneName": "us-east-1a"}, {"ZoneName": "us-east-1b"}],
    }


def test_load_balancers_tell_load_and_have_no_limit(tmp_path: Path) -> None:
    pages = [
        {"LoadBalancers": [balancer("web", "application")], "NextMarker": "more"},
        {"LoadBalancers": [balancer("feed", "network"), balancer("inspect", "gateway")]},
    ]
    answers = {"elbv2": {"DescribeLoadBalancers": pages}}
    tables, _, _ = read_capacity(tmp_path, answers, services=["load_balancer"])
    assert tables.resources["Name"].tolist() == ["web", "feed"]
    assert tables.limits.empty
    told = tables.series.groupby("Namespace")["Metric"].agg(list).to_dict()
    assert told == {
        "AWS/ApplicationELB": [
            "requests",
            "response time p95",
            "response time p99",
            "LCU",
            "rejections",
        ],
        "AWS/NetworkELB": ["flows", "LCU", "rejections"],
    }


def test_subnets_tell_what_is_free_now_and_gateways_what_their_addresses_hold(
    tmp_path: Path,
) -> None:
    answers: dict[str, Any] = {
        "ec2": {
            "DescribeSubnets": {"Subnets": [SUBNET]},
            "DescribeNatGateways": {"NatGateways": [GATEWAY]},
        }
    }
    tables, _, _ = read_capacity(tmp_path, answers, services=["subnet", "nat"])
    by_name = {row["Name"]: row for row in tables.resources.to_dict("records")}
    settings = json.loads(by_name["subnet-1"]["Settings"])
    assert (settings["available_ips"], settings["total_ips"]) == (31, 251)
    assert json.loads(by_name["nat-1"]["Zones"]) == ["us-east-1b"]
    limits = tables.limits.set_index("Limit")
    assert limits["Value"].to_dict() == {"connections": 110_000, "free IPs": 251}
    assert limits["Series"]["free IPs"] == ""
    assert not [name for name in tables.usage if "subnet" in name]


def node_group(name: str, most: int, kind: str = "m6i.large") -> dict[str, Any]:
    return {
        "nodegroupName": name,
        "nodegroupArn": arn("eks", f"nodegroup/batch/{name}/1"),
        "clusterName": "batch",
        "scalingConfig": {"minSize": 1, "maxSize": most, "desiredSize": 2},
        "instanceTypes": [kind],
        "subnets": ["subnet-1"],
        "resources": {"autoScalingGroups": [{"name": f"eks-{name}"}]},
    }


def insight(name: str, **dimensions: str) -> dict[str, Any]:
    told = [{"Name": key, "Value": value} for key, value in dimensions.items()]
    return {"MetricName": name, "Dimensions": told}


def listing(MetricName: str = "", **_: Any) -> dict[str, Any]:  # noqa: N803
    inside = {"ClusterName": "batch", "Namespace": "jobs"}
    if MetricName == "service_number_of_running_pods":
        return {"Metrics": [insight(MetricName, **inside, Service="scorer")]}
    if MetricName == "pod_cpu_utilization_over_pod_limit":
        full = {"PodName": "scorer", "FullPodName": "scorer-1"}
        return {
            "Metrics": [
                insight(MetricName, ClusterName="batch"),
                insight(MetricName, **inside, PodName="scorer"),
                insight(MetricName, **inside, **full),
            ]
        }
    return {"Metrics": []}


def kubernetes(groups: dict[str, dict[str, Any]], **answers: Any) -> dict[str, Any]:
    return {
        "eks": {
            "ListClusters": [{"clusters": ["batch"], "nextToken": "more"}, {"clusters": []}],
            "ListNodegroups": {"nodegroups": list(groups)},
            "DescribeNodegroup": lambda nodegroupName, **_: {"nodegroup": groups[nodegroupName]},  # noqa: N803
            **answers,
        },
        "cloudwatch": {"ListMetrics": listing},
        "ec2": {"DescribeInstanceTypes": {"InstanceTypes": [TYPE]}},
    }


def test_clusters_node_groups_and_pods(tmp_path: Path) -> None:
    groups = {"general": node_group("general", 6), "spot": node_group("spot", 4)}
    tables, _, _ = read_capacity(tmp_path, kubernetes(groups), services=["eks"])
    named = tables.limits.merge(tables.resources[["Resource", "Name"]], on="Resource")
    limits = {(row["Name"], row["Limit"]): row["Value"] for row in named.to_dict("records")}
    assert limits == {
        ("batch", "CPU"): 100,
        ("batch", "memory"): 100,
        ("batch", "CPU reserved"): 100,
        ("batch", "memory reserved"): 100,
        ("batch", "nodes"): 10,
        ("batch", "pods"): 29,
        ("batch/general", "nodes"): 6,
        ("batch/spot", "nodes"): 4,
        ("batch/jobs/scorer", "CPU"): 100,
        ("batch/jobs/scorer", "memory"): 100,
    }
    pods = f"eks:{ACCOUNT}:{REGION}:batch/jobs/scorer"
    assert f"{pods}#pods" in tables.usage
    targets = tables.targets.set_index("Resource")["Dimension"]
    assert set(targets) == {"eks:nodegroup"}
    assert len(targets) == 2


def test_the_only_node_group_is_counted_with_its_cluster(tmp_path: Path) -> None:
    answers = kubernetes({"general": node_group("general", 6)})
    tables, _, _ = read_capacity(tmp_path, answers, services=["eks"])
    nodes = tables.limits[tables.limits["Limit"] == "nodes"]
    assert nodes["Resource"].tolist() == [arn("eks", "cluster/batch")]


def test_node_groups_that_are_refused_leave_the_cluster_with_a_gap(tmp_path: Path) -> None:
    denied = refusal("AccessDeniedException", "ListNodegroups")
    answers = kubernetes({}, ListNodegroups=denied)
    tables, reads, _ = read_capacity(tmp_path, answers, services=["eks"])
    assert "batch" in set(tables.resources["Name"])
    assert "nodes" not in set(tables.limits["Limit"])
    (line,) = [one for one in reads.coverage if one.table == "capacity eks"]
    assert line.status is CoverageStatus.DENIED
