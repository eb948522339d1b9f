from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from opslib.coverage import CoverageStatus
from tests.aws.capacity_answers import ACCOUNT, arn, read_capacity
from tests.aws.fakes import refusal

SERVER = arn("ec2", "instance/i-1")
BALANCER = arn("elasticloadbalancing", "loadbalancer/net/feed/1")
GROUP = arn("elasticloadbalancing", "targetgroup/feed/2")


def server(name: str, kind: str = "m6i.large", **facts: Any) -> dict[str, Any]:
    placed = {"Placement": {"AvailabilityZone": "us-east-1a"}}
    return {"InstanceId": name, "InstanceType": kind, **placed, **facts}


def reserved(*servers: dict[str, Any]) -> dict[str, Any]:
    return {"OwnerId": ACCOUNT, "Instances": list(servers)}


def agent(name: str, **more: str) -> dict[str, Any]:
    told = {"InstanceId": name, **more}
    dimensions = [{"Name": key, "Value": value} for key, value in told.items()]
    return {"MetricName": "mem_used_percent", "Dimensions": dimensions}


def test_instances_of_every_page_with_memory_where_an_agent_tells_it(tmp_path: Path) -> None:
    tagged = [{"Key": "Name", "Value": "tools"}]
    pages = [
        {"Reservations": [reserved(server("i-1", Tags=tagged))], "NextToken": "more"},
        {"Reservations": [reserved(server("i-2"))]},
    ]
    listed = [agent("i-1", ImageId="ami-1", InstanceType="m6i.large"), agent("i-1")]
    answers: dict[str, Any] = {
        "ec2": {"DescribeInstances": pages},
        "cloudwatch": {"ListMetrics": {"Metrics": listed}},
    }
    tables, _, connection = read_capacity(tmp_path, answers, services=["ec2"])
    assert tables.resources["Resource"].tolist() == [SERVER, arn("ec2", "instance/i-2")]
    assert json.loads(tables.resources.iloc[0]["Settings"])["label"] == "tools"
    limits = tables.limits.groupby("Resource")["Limit"].agg(list).to_dict()
    assert limits == {SERVER: ["CPU", "memory"], arn("ec2", "instance/i-2"): ["CPU"]}
    memory = tables.series.set_index("Series").loc[f"{SERVER}#memory"]
    assert json.loads(str(memory["Dimensions"])) == {"InstanceId": "i-1"}
    asked = [one for name, one in connection.asked if name == "DescribeInstances"]
    assert asked[0]["Filters"] == [{"Name": "instance-state-name", "Values": ["running"]}]


def test_credits_are_spent_from_what_a_burstable_instance_holds(tmp_path: Path) -> None:
    answers: dict[str, Any] = {
        "ec2": {"DescribeInstances": {"Reservations": [reserved(server("i-1", "t3.large"))]}}
    }
    tables, _, _ = read_capacity(tmp_path, answers, services=["ec2"])
    limits = tables.limits.set_index("Limit")["Value"]
    assert limits["CPU credits"] == 864
    fine = tables.usage[f"{SERVER}#CPU credits"].fine
    assert fine is not None
    assert fine.values[:3].tolist() == [863, 862, 861]


def group(name: str, **facts: Any) -> dict[str, Any]:
    return {
        "AutoScalingGroupName": name,
        "AutoScalingGroupARN": arn(
            "autoscaling", f"autoScalingGroup:1:autoScalingGroupName/{name}"
        ),
        "MinSize": 2,
        "MaxSize": 8,
        "DesiredCapacity": 3,
        "DefaultCooldown": 300,
        "AvailabilityZones": ["us-east-1a", "us-east-1b"],
        "HealthCheckType": "EC2",
        "CreatedTime": 0,
        **facts,
    }


def test_a_group_is_limited_by_its_maximum_and_nodes_are_left_to_their_cluster(
    tmp_path: Path,
) -> None:
    nodes = group("eks", Tags=[{"Key": "eks:nodegroup-name", "Value": "general"}])
    tracking = {
        "AutoScalingGroupName": "feed",
        "TargetTrackingConfiguration": {
            "PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"},
            "TargetValue": 55.0,
        },
    }
    answers: dict[str, Any] = {
        "autoscaling": {
            "DescribeAutoScalingGroups": {
                "AutoScalingGroups": [group("feed", TargetGroupARNs=[GROUP]), nodes]
            },
            "DescribePolicies": {"ScalingPolicies": [tracking]},
        },
        "elbv2": {
            "DescribeTargetGroups": {
                "TargetGroups": [{"TargetGroupArn": GROUP, "LoadBalancerArns": [BALANCER]}]
            }
        },
    }
    tables, _, _ = read_capacity(tmp_path, answers, services=["asg"])
    assert tables.resources["Name"].tolist() == ["feed"]
    assert tables.limits.set_index("Limit")["Value"].to_dict() == {"CPU": 100, "instances": 8}
    (target,) = tables.targets.to_dict("records")
    assert (target["Dimension"], target["Min"], target["Max"]) == ("autoscaling:group", 2, 8)
    assert (target["Metric"], target["Target"]) == ("ASGAverageCPUUtilization", 55)
    assert tables.series["Metric"].tolist() == ["CPU", "instances", "flows"]


def volume(kind: str, gib: int, **facts: Any) -> dict[str, Any]:
    attached = {"Attachments": [{"InstanceId": "i-1"}], "AvailabilityZone": "us-east-1a"}
    return {"VolumeId": "vol-1", "VolumeType": kind, "Size": gib, **attached, **facts}


@pytest.mark.parametrize(
    ("told", "limits"),
    [
        (volume("gp3", 100), {"IOPS": 3000, "throughput": 125}),
        (volume("gp3", 100, Iops=6000, Throughput=400), {"IOPS": 6000, "throughput": 400}),
        (volume("gp2", 20, Iops=100), {"IOPS": 100, "throughput": 128}),
        (volume("gp2", 8000), {"IOPS": 16_000, "throughput": 250}),
        (volume("io2", 100, Iops=9000), {"IOPS": 9000}),
        (volume("st1", 2048), {"throughput": 80}),
        (volume("standard", 100), {}),
    ],
)
def test_volumes_by_the_rules_of_their_type(
    told: dict[str, Any], limits: dict[str, float], tmp_path: Path
) -> None:
    answers = {"ec2": {"DescribeVolumes": {"Volumes": [told]}}}
    tables, _, _ = read_capacity(tmp_path, answers, services=["ebs"])
    assert tables.limits.set_index("Limit")["Value"].to_dict() == limits
    used = tables.usage[f"{arn('ec2', 'volume/vol-1')}#IOPS"].fine
    assert used is not None
    assert used.values[:3].tolist() == pytest.approx([2 / 300, 4 / 300, 6 / 300])


def test_a_refused_kind_leaves_the_others(tmp_path: Path) -> None:
    denied = refusal("UnauthorizedOperation", "DescribeInstances")
    answers: dict[str, Any] = {
        "ec2": {"DescribeInstances": denied, "DescribeVolumes": {"Volumes": [volume("gp3", 9)]}}
    }
    tables, reads, _ = read_capacity(tmp_path, answers, services=["ec2", "ebs"])
    assert tables.resources["Service"].tolist() == ["ebs"]
    told = {line.asked: line.status for line in reads.coverage if line.table == "capacity ec2"}
    assert told == {"EC2 instances": CoverageStatus.DENIED, "EBS volumes": CoverageStatus.COMPLETE}
