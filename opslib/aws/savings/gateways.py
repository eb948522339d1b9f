"""NAT gateways, with the gateway endpoints of their networks, and what CloudWatch is asked of them.

Source: Amazon EC2 API Reference, DescribeNatGateways and DescribeVpcEndpoints; Amazon VPC User
Guide, "Monitor NAT gateways with Amazon CloudWatch": every minute, zero where nothing passes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from opslib.aws.places import Place
from opslib.aws.savings.daily_use import Measure
from opslib.aws.savings.rows import resource_row, tags_of

__all__ = ["list_gateways", "measure_gateway"]

AVAILABLE = [{"Name": "state", "Values": ["available"]}]
GATEWAY_ENDPOINTS = [{"Name": "vpc-endpoint-type", "Values": ["Gateway"]}]


def list_gateways(place: Place) -> list[dict[str, Any]]:
    """Return every NAT gateway that is available; rows of `SAVINGS_RESOURCES`.

    Endpoints are asked for only where there is one.
    """
    listed = list(place.items("ec2", "DescribeNatGateways", "NatGateways", Filter=AVAILABLE))
    endpoints = _endpoints(place) if listed else {}
    return [_row(place, one, endpoints) for one in listed]


def _endpoints(place: Place) -> dict[str, list[str]]:
    """Return the last part of the service of each gateway endpoint, such as s3, by network."""
    found: dict[str, list[str]] = defaultdict(list)
    for one in place.items(
        "ec2", "DescribeVpcEndpoints", "VpcEndpoints", Filters=GATEWAY_ENDPOINTS
    ):
        found[one["VpcId"]].append(one["ServiceName"].rpartition(".")[2])
    return found


def _row(
    place: Place, gateway: Mapping[str, Any], endpoints: Mapping[str, list[str]]
) -> dict[str, Any]:
    addresses = gateway.get("NatGatewayAddresses", [])
    return resource_row(
        place,
        "nat_gateway",
        gateway["NatGatewayId"],
        created=gateway.get("CreateTime"),
        tags=tags_of(gateway.get("Tags")),
        settings={
            "network": gateway.get("VpcId"),
            "addresses": [one["AllocationId"] for one in addresses if one.get("AllocationId")],
            "endpoints": sorted(endpoints.get(gateway.get("VpcId", ""), [])),
        },
    )


def measure_gateway(gateway: Mapping[str, Any]) -> tuple[Measure, ...]:
    """Return what CloudWatch is asked of a NAT gateway."""
    return tuple(
        Measure(
            resource=gateway["ResourceId"],
            measure=measure,
            namespace="AWS/NATGateway",
            metric=metric,
            statistic="Sum",
            dimensions={"NatGatewayId": gateway["ResourceId"]},
        )
        for measure, metric in (
            ("bytes out", "BytesOutToDestination"),
            ("bytes in", "BytesInFromDestination"),
        )
    )
