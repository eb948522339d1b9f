"""NAT gateways, their endpoints, and load balancers of the account for trials.

Source: Amazon EC2 API Reference and Elastic Load Balancing API Reference (2015-12-01).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from opslib.sandbox.estate import LAB
from opslib.sandbox.overlay import Caller, op
from opslib.sandbox.savings.planted import PlantedResource

__all__ = ["describe_endpoints", "lab_balancers", "lab_gateways"]


def lab_gateways(caller: Caller) -> list[dict[str, Any]]:
    """Return the account's NAT gateways of the caller's region; none of another account."""
    return [
        {
            "NatGatewayId": one.id,
            "SubnetId": one.details["subnet"],
            "VpcId": one.details["network"],
            "State": "available",
            "ConnectivityType": "public",
            "CreateTime": one.created,
            "NatGatewayAddresses": [{"AllocationId": one.details["address"]}],
            "Tags": [{"Key": key, "Value": value} for key, value in one.tags.items()],
        }
        for one in _planted(caller, "nat_gateway")
    ]


def lab_balancers(caller: Caller) -> list[dict[str, Any]]:
    """Return the account's load balancers of the caller's region; none of another account."""
    return [
        {
            "LoadBalancerArn": one.id,
            "CreatedTime": one.created,
            "LoadBalancerName": one.details["name"],
            "Scheme": "internal",
            "State": {"Code": "active"},
            "Type": one.details["type"],
        }
        for one in _planted(caller, "load_balancer")
    ]


@op("ec2", "DescribeVpcEndpoints")
def describe_endpoints(asked: dict[str, Any], caller: Caller) -> dict[str, Any] | None:
    """Answer ec2:DescribeVpcEndpoints of the account: gateway endpoints; else left to moto."""
    del asked
    if caller.account != LAB:
        return None
    told = [
        {
            "VpcEndpointId": f"vpce-0{one.id[-15:]}{place}",
            "VpcEndpointType": "Gateway",
            "VpcId": one.details["network"],
            "ServiceName": f"com.amazonaws.{caller.region}.{service}",
            "State": "available",
        }
        for one in _planted(caller, "nat_gateway")
        for place, service in enumerate(one.details["endpoints"])
    ]
    return {"VpcEndpoints": told}


def _planted(caller: Caller, kind: str) -> Iterator[PlantedResource]:
    if caller.account == LAB:
        for one in caller.scenario.lab.resources:
            if (one.kind, one.region) == (kind, caller.region):
                yield one
