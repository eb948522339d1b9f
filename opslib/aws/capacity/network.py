"""Load balancers, NAT gateways and subnets.

Source: Elastic Load Balancing API Reference, DescribeLoadBalancers; Amazon EC2 API Reference,
DescribeNatGateways and DescribeSubnets; Amazon VPC User Guide: a NAT gateway holds 55,000
connections to one destination for each of its addresses, and of a subnet's addresses AWS keeps
five. How many addresses were free before nobody keeps.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from opslib.aws.capacity.known import Known, read_resources
from opslib.aws.capacity.load import balancer_dimension, measure_load
from opslib.aws.capacity.measures import Measures, metric
from opslib.aws.capacity.rows import Resource, arn_of, resource_row
from opslib.aws.places import Place
from opslib.aws.reads import Fetched, Reads
from opslib.tables.capacity import CAPACITY_RESOURCES, CapacityService, ChangeKind, UsageRole

__all__ = [
    "measure_balancer",
    "measure_gateway",
    "measure_subnet",
    "read_balancers",
    "read_gateways",
    "read_subnets",
]

TABLE = "capacity network"
NAT = "AWS/NATGateway"
BALANCERS = {"application": "AWS/ApplicationELB", "network": "AWS/NetworkELB"}
REJECTED = {"application": "RejectedConnectionCount", "network": "PortAllocationErrorCount"}
CONNECTIONS_AN_ADDRESS = 55_000
ADDRESS_BITS, KEPT_BY_AWS = 32, 5


def read_balancers(reads: Reads) -> pd.DataFrame:
    """Read the load balancers; columns of `CAPACITY_RESOURCES`."""
    return read_resources(reads, TABLE, "load balancers", _fetch_balancers)


def read_gateways(reads: Reads) -> pd.DataFrame:
    """Read the NAT gateways; columns of `CAPACITY_RESOURCES`."""
    return read_resources(reads, TABLE, "NAT gateways", _fetch_gateways)


def read_subnets(reads: Reads) -> pd.DataFrame:
    """Read the subnets with the addresses that are free now; columns of `CAPACITY_RESOURCES`."""
    return read_resources(reads, TABLE, "subnets", _fetch_subnets)


def _fetched(rows: list[dict[str, Any]]) -> Fetched:
    return Fetched(frame=pd.DataFrame(rows, columns=list(CAPACITY_RESOURCES.columns)))


def _fetch_balancers(place: Place) -> Fetched:
    listed = place.items("elbv2", "DescribeLoadBalancers", "LoadBalancers")
    return _fetched([_balancer_row(place, one) for one in listed if one["Type"] in BALANCERS])


def _balancer_row(place: Place, balancer: dict[str, Any]) -> dict[str, Any]:
    return resource_row(
        place,
        CapacityService.LOAD_BALANCER,
        balancer["LoadBalancerName"],
        balancer["LoadBalancerArn"],
        zones=[zone["ZoneName"] for zone in balancer.get("AvailabilityZones", [])],
        settings={"type": balancer["Type"], "scheme": balancer.get("Scheme")},
    )


def _fetch_gateways(place: Place) -> Fetched:
    available = [{"Name": "state", "Values": ["available"]}]
    listed = place.items("ec2", "DescribeNatGateways", "NatGateways", Filters=available)
    return _fetched([_gateway_row(place, one) for one in listed])


def _gateway_row(place: Place, gateway: dict[str, Any]) -> dict[str, Any]:
    name = gateway["NatGatewayId"]
    return resource_row(
        place,
        CapacityService.NAT,
        name,
        arn_of(place, "ec2", "", f"natgateway/{name}"),
        settings={
            "label": _label(gateway),
            "subnets": [gateway["SubnetId"]] if gateway.get("SubnetId") else [],
            "addresses": max(1, len(gateway.get("NatGatewayAddresses", []))),
        },
    )


def _fetch_subnets(place: Place) -> Fetched:
    return _fetched(
        [_subnet_row(place, one) for one in place.items("ec2", "DescribeSubnets", "Subnets")]
    )


def _subnet_row(place: Place, subnet: dict[str, Any]) -> dict[str, Any]:
    name = subnet["SubnetId"]
    block = str(subnet.get("CidrBlock", ""))
    prefix = int(block.rpartition("/")[2] or ADDRESS_BITS)
    total = max(0, 2 ** (ADDRESS_BITS - prefix) - KEPT_BY_AWS)
    return resource_row(
        place,
        CapacityService.SUBNET,
        name,
        subnet.get("SubnetArn")
        or arn_of(place, "ec2", subnet.get("OwnerId", ""), f"subnet/{name}"),
        zones=[subnet["AvailabilityZone"]],
        settings={
            "label": _label(subnet),
            "network": subnet.get("VpcId"),
            "block": block,
            "available_ips": subnet.get("AvailableIpAddressCount"),
            "total_ips": total,
        },
        workload=str(subnet.get("VpcId", "")),
    )


def _label(told: dict[str, Any]) -> str | None:
    return next((tag["Value"] for tag in told.get("Tags", []) if tag["Key"] == "Name"), None)


def measure_balancer(balancer: Resource, _: Known, measures: Measures) -> None:
    """Add the series of a load balancer, which scales by itself: load, and what it costs."""
    kind = balancer.settings["type"]
    where = {"LoadBalancer": balancer_dimension(balancer.identity)}
    measure_load(balancer, measures, balancer.identity)
    units = metric(BALANCERS[kind], "ConsumedLCUs", "Average", **where)
    measures.usage(balancer, "LCU", "LCU", units, role=UsageRole.DEMAND)
    refused = metric(BALANCERS[kind], REJECTED[kind], "Sum", **where)
    role = UsageRole.THROTTLES
    measures.usage(balancer, "rejections", "events/s", refused, role=role, is_rate=True)


def measure_gateway(gateway: Resource, _: Known, measures: Measures) -> None:
    """Add the limits and series of a NAT gateway."""
    where = {"NatGatewayId": gateway.name}
    active = metric(NAT, "ActiveConnectionCount", "Maximum", **where)
    series = measures.usage(gateway, "connections", "connections", active)
    addresses = gateway.settings["addresses"]
    source = (
        f"55,000 to one destination for each of its {addresses} addresses; "
        "the metric counts those to all destinations"
    )
    most = CONNECTIONS_AN_ADDRESS * addresses
    measures.limit(gateway, "connections", most, "connections", ChangeKind.NETWORK, source, series)
    failed = metric(NAT, "ErrorPortAllocation", "Sum", **where)
    role = UsageRole.THROTTLES
    measures.usage(gateway, "port errors", "events/s", failed, role=role, is_rate=True)
    moved = metric(NAT, "BytesOutToDestination", "Sum", **where)
    measures.usage(gateway, "bytes out", "bytes/s", moved, role=UsageRole.DEMAND, is_rate=True)


def measure_subnet(subnet: Resource, _: Known, measures: Measures) -> None:
    """Add the limit of a subnet; what is free is told of this moment alone."""
    total = subnet.settings["total_ips"]
    if total:
        source = (
            f"usable addresses of {subnet.settings['block']}; AWS keeps no history of their use"
        )
        measures.limit(subnet, "free IPs", total, "addresses", ChangeKind.NETWORK, source)
