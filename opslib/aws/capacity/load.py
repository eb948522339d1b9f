"""What a load balancer tells of the load on what stands behind it: requests and response times.

Source: Elastic Load Balancing User Guides, CloudWatch metrics for Application and for Network Load
Balancers: a target group is told by the end of its ARN, together with its load balancer.
"""

from __future__ import annotations

from collections.abc import Iterable

from opslib.aws.capacity.measures import Measures, metric
from opslib.aws.capacity.rows import Resource
from opslib.aws.details import Details
from opslib.aws.places import Place
from opslib.tables.capacity import UsageRole

__all__ = ["balancer_dimension", "describe_targets", "measure_load", "measure_targets"]

APPLICATION, NETWORK = "AWS/ApplicationELB", "AWS/NetworkELB"
PERCENTILES = ("p95", "p99")


def describe_targets(
    place: Place, details: Details, groups: Iterable[Iterable[str]]
) -> list[list[list[str]]]:
    """Return each list of target groups with their load balancers, as pairs of ARNs.

    Args:
        place: where they lie; nothing is asked where there are none.
        details: notes a refusal, which leaves the load balancers empty.
        groups: ARNs of target groups, a list a resource.
    """
    wanted = [[one for one in each if one] for each in groups]
    if not any(wanted):
        return [[] for _ in wanted]
    listed = details.ask(lambda: list(place.items("elbv2", "DescribeTargetGroups", "TargetGroups")))
    balancer = {
        one["TargetGroupArn"]: (one.get("LoadBalancerArns") or [""])[0] for one in listed or []
    }
    return [[[group, balancer.get(group, "")] for group in each] for each in wanted]


def balancer_dimension(arn: str) -> str:
    """Return how CloudWatch tells a load balancer: ``app/name/id``."""
    return arn.partition(":loadbalancer/")[2]


def measure_targets(resource: Resource, measures: Measures) -> None:
    """Add the load of each of the resource's ``targets``."""
    for place, (group, balancer) in enumerate(resource.settings.get("targets", [])):
        measure_load(resource, measures, balancer, group, f" ({place + 1})" if place else "")


def measure_load(
    resource: Resource, measures: Measures, balancer: str, group: str = "", suffix: str = ""
) -> None:
    """Add requests (or new flows) a second, and response times where there are requests.

    Args:
        resource: whose load it is.
        measures: added to.
        balancer: ARN of the load balancer; nothing is added where it is not known.
        group: ARN of the target group; empty for all of the load balancer.
        suffix: of the names of the series, where a resource has several target groups.
    """
    where = {"LoadBalancer": balancer_dimension(balancer)}
    if group:
        where["TargetGroup"] = group.rpartition(":")[2]
    if where["LoadBalancer"].startswith("net/"):
        flows = metric(NETWORK, "NewFlowCount", "Sum", **where)
        measures.usage(
            resource, f"flows{suffix}", "flows/s", flows, role=UsageRole.DEMAND, is_rate=True
        )
    if not where["LoadBalancer"].startswith("app/"):
        return
    requests = metric(APPLICATION, "RequestCount", "Sum", **where)
    measures.usage(
        resource, f"requests{suffix}", "requests/s", requests, role=UsageRole.DEMAND, is_rate=True
    )
    for percentile in PERCENTILES:
        query = metric(APPLICATION, "TargetResponseTime", percentile, **where)
        name = f"response time {percentile}{suffix}"
        measures.usage(resource, name, "s", query, role=UsageRole.LATENCY)
