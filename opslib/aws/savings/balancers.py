"""Load balancers of every type, and what CloudWatch is asked of their traffic.

Source: Elastic Load Balancing API Reference, DescribeLoadBalancers (2015-12-01 and 2012-06-01);
Elastic Load Balancing user guides, "CloudWatch metrics": of application and gateway load
balancers ConsumedLCUs is always reported, of network load balancers ActiveFlowCount, of classic
ones the count of hosts while some are registered; other traffic only where it is not zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from opslib.aws.capacity.load import balancer_dimension
from opslib.aws.capacity.rows import arn_of
from opslib.aws.places import Place
from opslib.aws.savings.daily_use import Measure
from opslib.aws.savings.rows import resource_row

__all__ = ["list_balancers", "list_classic_balancers", "measure_balancer"]

NAMESPACES = {
    "application": "AWS/ApplicationELB",
    "network": "AWS/NetworkELB",
    "gateway": "AWS/GatewayELB",
    "classic": "AWS/ELB",
}
FLOWS = (("flows", "NewFlowCount", "Sum"), ("bytes", "ProcessedBytes", "Sum"))
UNITS = ("capacity units", "ConsumedLCUs", "Maximum")
MEASURES = {
    "application": (
        ("requests", "RequestCount", "Sum"),
        ("redirects", "HTTP_Redirect_Count", "Sum"),
        ("fixed responses", "HTTP_Fixed_Response_Count", "Sum"),
        UNITS,
    ),
    "network": (*FLOWS, ("active flows", "ActiveFlowCount", "Maximum")),
    "gateway": (*FLOWS, UNITS),
    "classic": (
        ("requests", "RequestCount", "Sum"),
        ("healthy hosts", "HealthyHostCount", "Maximum"),
        ("unhealthy hosts", "UnHealthyHostCount", "Maximum"),
    ),
}
"""Type to what is asked: what the report calls it, CloudWatch's name, statistic."""


def list_balancers(place: Place) -> list[dict[str, Any]]:
    """Return application, network and gateway load balancers; rows of `SAVINGS_RESOURCES`."""
    return [
        resource_row(
            place,
            "load_balancer",
            one["LoadBalancerArn"],
            name=one["LoadBalancerName"],
            created=one.get("CreatedTime"),
            settings={"type": one["Type"], "scheme": one.get("Scheme")},
        )
        for one in place.items("elbv2", "DescribeLoadBalancers", "LoadBalancers")
    ]


def list_classic_balancers(place: Place) -> list[dict[str, Any]]:
    """Return classic load balancers; rows of `SAVINGS_RESOURCES`."""
    listed = place.items("elb", "DescribeLoadBalancers", "LoadBalancerDescriptions")
    return [_classic_row(place, one) for one in listed]


def _classic_row(place: Place, balancer: Mapping[str, Any]) -> dict[str, Any]:
    name = balancer["LoadBalancerName"]
    arn = arn_of(place, "elasticloadbalancing", "", f"loadbalancer/{name}")
    return resource_row(
        place,
        "load_balancer",
        arn or name,
        name=name,
        created=balancer.get("CreatedTime"),
        settings={
            "type": "classic",
            "scheme": balancer.get("Scheme"),
            "instances": [one["InstanceId"] for one in balancer.get("Instances", [])],
        },
    )


def measure_balancer(balancer: Mapping[str, Any]) -> tuple[Measure, ...]:
    """Return what CloudWatch is asked of a load balancer; nothing of a type that is not known."""
    sort, identity = balancer["Settings"]["type"], balancer["ResourceId"]
    dimensions = (
        {"LoadBalancerName": balancer["Name"]}
        if sort == "classic"
        else {"LoadBalancer": balancer_dimension(identity)}
    )
    return tuple(
        Measure(
            resource=identity,
            measure=measure,
            namespace=NAMESPACES[sort],
            metric=metric,
            statistic=statistic,
            dimensions=dimensions,
        )
        for measure, metric, statistic in MEASURES.get(sort, ())
    )
