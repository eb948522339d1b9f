"""Subnets, NAT gateways, load balancers and their target groups.

Source: Amazon EC2 API Reference and Elastic Load Balancing API Reference (2015-12-01).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from opslib.sandbox.capacity_estate import (
    ALB,
    GATEWAYS,
    NLB,
    SERVICES,
    SUBNETS,
    Subnet,
    target_group_of,
)
from opslib.sandbox.handlers.lab_networks import lab_balancers, lab_gateways
from opslib.sandbox.handlers.pages import take_page
from opslib.sandbox.handlers.platform_services import has_platform
from opslib.sandbox.overlay import Caller, op
from opslib.sandbox.shop import ALB as SHOP_ALB
from opslib.sandbox.shop import REGION, SHOP_ACCOUNTS, target_group
from opslib.sandbox.shop import SERVICES as SHOP_SERVICES

__all__ = [
    "describe_load_balancers",
    "describe_nat_gateways",
    "describe_subnets",
    "describe_target_groups",
]

MADE_BEFORE = timedelta(days=430)
MOST_A_PAGE, MOST_BALANCERS = 1000, 400
VPC = "vpc-0a1b2c3d4e5f60718"


def _page(
    name: str, items: list[dict[str, Any]], asked: dict[str, Any], names: tuple[str, str, str]
) -> dict[str, Any]:
    """Return a page; ``names`` are those of its size, of the token asked and of the one told."""
    size = min(asked.get(names[0]) or MOST_BALANCERS, MOST_A_PAGE)
    page, token = take_page(items, asked.get(names[1]), size)
    return {name: page} | ({names[2]: token} if token else {})


OF_EC2 = ("MaxResults", "NextToken", "NextToken")
OF_ELB = ("PageSize", "Marker", "NextMarker")


@op("ec2", "DescribeSubnets")
def describe_subnets(asked: dict[str, Any], caller: Caller) -> dict[str, Any] | None:
    """Answer ec2:DescribeSubnets where the shop is; other places are left to moto."""
    is_here = caller.region == REGION and caller.account in SHOP_ACCOUNTS
    if not is_here or caller.scenario.capacity.is_empty:
        return None
    wanted = asked.get("SubnetIds") or [subnet.id for subnet in SUBNETS]
    told = [_subnet(subnet, caller) for subnet in SUBNETS if subnet.id in wanted]
    return _page("Subnets", told, asked, OF_EC2)


def _subnet(subnet: Subnet, caller: Caller) -> dict[str, Any]:
    return {
        "SubnetId": subnet.id,
        "SubnetArn": f"arn:aws:ec2:{REGION}:{caller.account}:subnet/{subnet.id}",
        "VpcId": VPC,
        "OwnerId": caller.account,
        "State": "available",
        "AvailabilityZone": subnet.zone,
        "CidrBlock": subnet.cidr,
        "AvailableIpAddressCount": subnet.free,
        "DefaultForAz": False,
        "MapPublicIpOnLaunch": False,
        "Tags": [{"Key": "Name", "Value": subnet.name}],
    }


@op("ec2", "DescribeNatGateways")
def describe_nat_gateways(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer ec2:DescribeNatGateways: one a zone."""
    places = zip(GATEWAYS, SUBNETS, strict=True) if has_platform(caller) else ()
    told = [
        {
            "NatGatewayId": gateway,
            "SubnetId": subnet.id,
            "VpcId": VPC,
            "State": "available",
            "ConnectivityType": "public",
            "CreateTime": caller.scenario.epoch - MADE_BEFORE,
            "NatGatewayAddresses": [
                {"AllocationId": f"eipalloc-0{gateway[-16:]}", "PublicIp": f"198.51.100.{place}"}
            ],
            "Tags": [{"Key": "Name", "Value": f"nat-{subnet.zone}"}],
        }
        for place, (gateway, subnet) in enumerate(places, start=10)
    ]
    return _page("NatGateways", [*told, *lab_gateways(caller)], asked, OF_EC2)


@op("elbv2", "DescribeLoadBalancers")
def describe_load_balancers(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer elasticloadbalancing:DescribeLoadBalancers: the shop's, the platform's, an NLB."""
    told = [
        {
            "LoadBalancerArn": f"{_owner(caller)}:loadbalancer/{place}",
            "DNSName": f"{place.split('/')[1]}.elb.amazonaws.com",
            "CreatedTime": caller.scenario.epoch - MADE_BEFORE,
            "LoadBalancerName": place.split("/")[1],
            "Scheme": "internet-facing",
            "VpcId": VPC,
            "State": {"Code": "active"},
            "Type": "application" if place.startswith("app/") else "network",
            "AvailabilityZones": [
                {"ZoneName": subnet.zone, "SubnetId": subnet.id} for subnet in SUBNETS
            ],
        }
        for place in _balancers(caller)
    ]
    return _page("LoadBalancers", [*told, *lab_balancers(caller)], asked, OF_ELB)


def _balancers(caller: Caller) -> list[str]:
    is_here = caller.region == REGION and caller.account in SHOP_ACCOUNTS
    shop = [SHOP_ALB] if is_here and not caller.scenario.incident.is_empty else []
    return [*shop, ALB, NLB] if has_platform(caller) else shop


def _owner(caller: Caller) -> str:
    return f"arn:aws:elasticloadbalancing:{REGION}:{caller.account}"


@op("elbv2", "DescribeTargetGroups")
def describe_target_groups(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer elasticloadbalancing:DescribeTargetGroups, of one load balancer where one is named."""
    wanted = asked.get("LoadBalancerArn")
    behind: list[tuple[str, str, str]] = []
    if SHOP_ALB in _balancers(caller):
        behind += [(f"shop-{name}", target_group(name), SHOP_ALB) for name in SHOP_SERVICES]
    if has_platform(caller):
        behind += [
            (f"platform-{spec.name}", target_group_of(spec.name), ALB)
            for spec in SERVICES
            if spec.has_balancer
        ]
    told = [
        {
            "TargetGroupArn": f"{_owner(caller)}:{group}",
            "TargetGroupName": name,
            "Protocol": "HTTP",
            "Port": 8080,
            "VpcId": VPC,
            "TargetType": "ip",
            "LoadBalancerArns": [f"{_owner(caller)}:loadbalancer/{balancer}"],
        }
        for name, group, balancer in behind
        if wanted in {None, f"{_owner(caller)}:loadbalancer/{balancer}"}
    ]
    return _page("TargetGroups", told, asked, OF_ELB)
