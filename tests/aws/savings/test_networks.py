"""Listing load balancers, NAT gateways and log groups, and what CloudWatch is asked of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from opslib.aws.places import Place
from opslib.aws.savings.balancers import (
    list_balancers,
    list_classic_balancers,
    measure_balancer,
)
from opslib.aws.savings.gateways import list_gateways, measure_gateway
from opslib.aws.savings.log_groups import list_log_groups, measure_log_group
from opslib.errors import AccessDenied
from opslib.parameters.base import Account
from tests.aws.fakes import refusal
from tests.aws.model_clients import ModelConnection, model_reads

MADE = datetime(2025, 1, 1, tzinfo=UTC)
ACCOUNT, REGION = "555555555555", "us-east-1"
LAB = Account(id=ACCOUNT, name="lab")
ARN = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:loadbalancer"


def asking(
    tmp_path: Path, answers: dict[str, Any], account: Account | None = LAB
) -> tuple[Place, ModelConnection]:
    reads, connection = model_reads(tmp_path, answers)
    return Place(reads, account, REGION), connection


def place(tmp_path: Path, answers: dict[str, Any], account: Account | None = LAB) -> Place:
    return asking(tmp_path, answers, account)[0]


def read_out(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "Settings": json.loads(row["Settings"])}


def balancer(local: str, sort: str) -> dict[str, Any]:
    name = local.split("/")[1]
    told = {"LoadBalancerArn": f"{ARN}/{local}", "LoadBalancerName": name, "Type": sort}
    return {**told, "CreatedTime": MADE, "Scheme": "internal"}


def test_balancers_of_every_page_are_measured_by_what_their_type_tells(tmp_path: Path) -> None:
    pages = [
        {"LoadBalancers": [balancer("app/web/1", "application")], "NextMarker": "more"},
        {"LoadBalancers": [balancer("net/feed/2", "network"), balancer("gwy/look/3", "gateway")]},
    ]
    rows = list_balancers(place(tmp_path, {"elbv2": {"DescribeLoadBalancers": pages}}))
    assert [(row["Name"], row["CreatedAt"]) for row in rows] == [
        ("web", MADE),
        ("feed", MADE),
        ("look", MADE),
    ]
    asked = [one for row in rows for one in measure_balancer(read_out(row))]
    by_namespace: dict[str, set[str]] = {}
    for one in asked:
        by_namespace.setdefault(one.namespace, set()).add(one.metric)
    flows = {"NewFlowCount", "ProcessedBytes"}
    assert by_namespace == {
        "AWS/ApplicationELB": {
            "RequestCount",
            "HTTP_Redirect_Count",
            "HTTP_Fixed_Response_Count",
            "ConsumedLCUs",
        },
        "AWS/NetworkELB": flows | {"ActiveFlowCount"},
        "AWS/GatewayELB": flows | {"ConsumedLCUs"},
    }
    assert {one.dimensions["LoadBalancer"] for one in asked} == {
        "app/web/1",
        "net/feed/2",
        "gwy/look/3",
    }


@pytest.mark.parametrize(
    ("account", "identity"), [(LAB, f"{ARN}/old"), (None, "old")], ids=["known", "own"]
)
def test_a_classic_balancer_is_called_as_the_bill_calls_it(
    tmp_path: Path, account: Account | None, identity: str
) -> None:
    told = {
        "LoadBalancerName": "old",
        "CreatedTime": MADE,
        "Instances": [{"InstanceId": "i-1"}],
    }
    pages = [
        {"LoadBalancerDescriptions": [told], "NextMarker": "more"},
        {"LoadBalancerDescriptions": [{**told, "LoadBalancerName": "older", "Instances": []}]},
    ]
    answers = {"elb": {"DescribeLoadBalancers": pages}}
    rows = [read_out(row) for row in list_classic_balancers(place(tmp_path, answers, account))]
    assert rows[0]["ResourceId"] == identity
    assert [row["Settings"]["instances"] for row in rows] == [["i-1"], []]
    asked = measure_balancer(rows[0])
    assert {one.metric for one in asked} == {
        "RequestCount",
        "HealthyHostCount",
        "UnHealthyHostCount",
    }
    assert all(one.dimensions == {"LoadBalancerName": "old"} for one in asked)


def test_gateways_tell_their_addresses_and_the_endpoints_of_their_network(tmp_path: Path) -> None:
    gateways = [
        {
            "NatGateways": [
                {
                    "NatGatewayId": "nat-1",
                    "VpcId": "vpc-1",
                    "CreateTime": MADE,
                    "NatGatewayAddresses": [
                        {"AllocationId": "eipalloc-1"},
                        {"PrivateIp": "10.0.0.1"},
                    ],
                    "Tags": [{"Key": "Name", "Value": "out"}],
                }
            ],
            "NextToken": "more",
        },
        {"NatGateways": [{"NatGatewayId": "nat-2", "VpcId": "vpc-2", "CreateTime": MADE}]},
    ]
    endpoints = {
        "VpcEndpoints": [
            {"VpcId": "vpc-1", "ServiceName": f"com.amazonaws.{REGION}.{service}"}
            for service in ("s3", "dynamodb")
        ]
    }
    answers = {"ec2": {"DescribeNatGateways": gateways, "DescribeVpcEndpoints": endpoints}}
    asked, connection = asking(tmp_path, answers)
    rows = list_gateways(asked)
    assert [row["Name"] for row in rows] == ["out", "nat-2"]
    assert [json.loads(row["Settings"]) for row in rows] == [
        {"network": "vpc-1", "addresses": ["eipalloc-1"], "endpoints": ["dynamodb", "s3"]},
        {"network": "vpc-2", "addresses": [], "endpoints": []},
    ]
    assert connection.asked[0][1]["Filter"] == [{"Name": "state", "Values": ["available"]}]
    measured = measure_gateway(read_out(rows[0]))
    assert [one.metric for one in measured] == ["BytesOutToDestination", "BytesInFromDestination"]


def test_endpoints_are_not_asked_for_where_there_is_no_gateway(tmp_path: Path) -> None:
    asked, connection = asking(tmp_path, {"ec2": {"DescribeNatGateways": {"NatGateways": []}}})
    assert list_gateways(asked) == []
    assert [name for name, _ in connection.asked] == ["DescribeNatGateways"]


def test_gateways_are_not_told_without_their_endpoints(tmp_path: Path) -> None:
    answers = {
        "ec2": {
            "DescribeNatGateways": {"NatGateways": [{"NatGatewayId": "nat-1", "VpcId": "vpc-1"}]},
            "DescribeVpcEndpoints": refusal("UnauthorizedOperation", "DescribeVpcEndpoints"),
        }
    }
    with pytest.raises(AccessDenied):
        list_gateways(place(tmp_path, answers))


def test_only_log_groups_kept_for_ever_are_measured(tmp_path: Path) -> None:
    def group(name: str, **told: Any) -> dict[str, Any]:
        arn = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{name}:*"
        return {"logGroupName": name, "arn": arn, "creationTime": 1735689600000, **told}

    pages = [
        {"logGroups": [group("/ever", storedBytes=5)], "nextToken": "more"},
        {
            "logGroups": [
                group("/short", storedBytes=5, retentionInDays=14),
                group("/empty", storedBytes=0),
            ]
        },
    ]
    rows = list_log_groups(place(tmp_path, {"logs": {"DescribeLogGroups": pages}}))
    assert rows[0]["ResourceId"] == f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/ever"
    assert [row["CreatedAt"] for row in rows] == [MADE] * 3
    asked = [one for row in rows for one in measure_log_group(read_out(row))]
    assert [(one.metric, one.dimensions) for one in asked] == [
        ("IncomingBytes", {"LogGroupName": "/ever"})
    ]
