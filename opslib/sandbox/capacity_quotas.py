"""The service quotas of the accounts, and what of them is used.

The names and codes are AWS's own. Usage is told by CloudWatch for those that have a usage metric;
of the others AWS measures none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from opslib.sandbox.capacity_estate import FUNCTIONS
from opslib.sandbox.capacity_load import Load
from opslib.sandbox.capacity_loads import CONCURRENT, VCPUS, function_load, load_of
from opslib.sandbox.capacity_metric import (
    CapacityMetric,
    Dimensions,
    Recipe,
    constant,
    counted,
    follows,
    gauge,
)
from opslib.sandbox.capacity_plan import CapacityPlan, WallKind
from opslib.sandbox.capacity_service_metrics import vcpus_in_use
from opslib.sandbox.estate import IRELAND, PRODUCTION, STAGING
from opslib.sandbox.shop import REGION

__all__ = ["QUOTAS", "QUOTA_SERVICES", "Quota", "list_usage_metrics", "value_of"]

USAGE, LAMBDA = "AWS/Usage", "AWS/Lambda"
RECOVERY_FACTOR, SHORT_FACTOR = 2.0, 0.08
"""Quotas of the recovery region relative to the estate's; and of one that does not hold it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """A service quota.

    Args:
        service, code, name: as AWS calls them.
        value: that is applied.
        default: that AWS gives to everybody.
        adjustable: whether AWS raises it.
        usage: namespace, metric and dimensions of its usage; None where AWS measures none.
        statistic: that AWS recommends for it.
        a_second: whether it limits what is done in a second.
    """

    service: str
    code: str
    name: str
    value: float
    default: float
    adjustable: bool = True
    usage: tuple[str, str, Dimensions] | None = None
    statistic: str = "Maximum"
    a_second: bool = field(default=False)


def _resource(service: str, resource: str, kind: str = "None") -> tuple[str, str, Dimensions]:
    told = (("Class", kind), ("Resource", resource), ("Service", service), ("Type", "Resource"))
    return USAGE, "ResourceCount", told


STANDARD = "Standard/OnDemand"
CALLS = (
    USAGE,
    "CallCount",
    (
        ("Class", "None"),
        ("Resource", "GetMetricData"),
        ("Service", "CloudWatch"),
        ("Type", "API"),
    ),
)
QUOTAS = (
    Quota(
        service="ec2",
        code="L-1216C47A",
        name=VCPUS,
        value=640.0,
        default=5.0,
        usage=_resource("EC2", "vCPU", STANDARD),
    ),
    Quota(
        service="fargate",
        code="L-3032A538",
        name="Fargate On-Demand vCPU resource count",
        value=600.0,
        default=6.0,
        usage=_resource("Fargate", "vCPU", STANDARD),
    ),
    Quota(
        service="lambda",
        code="L-B99A9384",
        name=CONCURRENT,
        value=1000.0,
        default=1000.0,
        usage=(LAMBDA, "ConcurrentExecutions", ()),
    ),
    Quota(
        service="elasticloadbalancing",
        code="L-53DA6B97",
        name="Application Load Balancers per Region",
        value=50.0,
        default=50.0,
        usage=_resource("Elastic Load Balancing", "ApplicationLoadBalancersPerRegion"),
    ),
    Quota(
        service="dynamodb",
        code="L-F98FE922",
        name="Maximum number of tables",
        value=2500.0,
        default=2500.0,
        usage=_resource("DynamoDB", "TableCount"),
    ),
    Quota(
        service="monitoring",
        code="L-5E141212",
        name="Rate of GetMetricData requests",
        value=50.0,
        default=50.0,
        usage=CALLS,
        statistic="Sum",
        a_second=True,
    ),
    Quota(
        service="dynamodb",
        code="L-CF0CBE56",
        name="Table-level read throughput limit",
        value=40000.0,
        default=40000.0,
    ),
    Quota(
        service="dynamodb",
        code="L-AB614373",
        name="Table-level write throughput limit",
        value=40000.0,
        default=40000.0,
    ),
    Quota(service="rds", code="L-7B6409FD", name="DB instances", value=40.0, default=40.0),
    Quota(service="vpc", code="L-F678F1CE", name="VPCs per Region", value=5.0, default=5.0),
    Quota(
        service="vpc",
        code="L-FE5A380F",
        name="NAT gateways per Availability Zone",
        value=5.0,
        default=5.0,
    ),
    Quota(
        service="elasticache",
        code="L-DFE45DF3",
        name="Nodes per Region",
        value=300.0,
        default=300.0,
    ),
    Quota(
        service="ebs",
        code="L-7A658B76",
        name="Storage for General Purpose SSD (gp3) volumes, in TiB",
        value=50.0,
        default=50.0,
    ),
)
QUOTA_SERVICES = {
    "dynamodb": "Amazon DynamoDB",
    "ebs": "Amazon Elastic Block Store (Amazon EBS)",
    "ec2": "Amazon Elastic Compute Cloud (Amazon EC2)",
    "elasticache": "Amazon ElastiCache",
    "elasticloadbalancing": "Elastic Load Balancing (ELB)",
    "fargate": "AWS Fargate",
    "lambda": "AWS Lambda",
    "monitoring": "Amazon CloudWatch",
    "rds": "Amazon Relational Database Service (Amazon RDS)",
    "vpc": "Amazon Virtual Private Cloud (Amazon VPC)",
}
"""Code and name of the services whose quotas are told."""
LITTLE = {"L-1216C47A": 24.0, "L-3032A538": 4.0, "L-B99A9384": 3.0}
"""What is used where there is next to nothing."""


def value_of(plan: CapacityPlan, quota: Quota, region: str) -> float:
    """Return a quota as it is applied in a region."""
    if region != IRELAND or quota.code not in LITTLE:
        return quota.value
    return quota.value * (SHORT_FACTOR if quota.code == plan.short_quota else RECOVERY_FACTOR)


def list_usage_metrics(plan: CapacityPlan) -> Iterator[CapacityMetric]:
    """Yield the usage of quotas, and the metrics of Lambda functions that one of them limits."""
    for quota in QUOTAS:
        if quota.usage is None:
            continue
        for account, region in ((PRODUCTION, REGION), (PRODUCTION, IRELAND), (STAGING, REGION)):
            yield _usage_metric(plan, quota, quota.usage, account, region)
    yield from _function_metrics(plan)


def _usage_metric(
    plan: CapacityPlan,
    quota: Quota,
    usage: tuple[str, str, Dimensions],
    account: str,
    region: str,
) -> CapacityMetric:
    namespace, name, dimensions = usage
    return CapacityMetric(
        namespace=namespace,
        name=name,
        dimensions=dimensions,
        unit="Count" if namespace == LAMBDA else "None",
        recipe=_used(plan, quota, account, region),
        is_count=quota.a_second,
        account=account,
        region=region,
    )


def _used(plan: CapacityPlan, quota: Quota, account: str, region: str) -> Recipe:
    if quota.a_second:
        return follows(plan, Load(key=f"calls {account} {region}", level=0.8, noise=0.1))
    if (account, region) != (PRODUCTION, REGION) or quota.code not in LITTLE:
        return constant(LITTLE.get(quota.code, 3.0))
    if quota.code == "L-3032A538":
        return vcpus_in_use(plan)
    kind = WallKind.EC2_VCPU if quota.code == "L-1216C47A" else WallKind.LAMBDA_CONCURRENCY
    return follows(plan, load_of(plan, kind, quota.name))


def _function_metrics(plan: CapacityPlan) -> Iterator[CapacityMetric]:
    for spec in FUNCTIONS:
        named, load = (("FunctionName", spec.name),), function_load(plan, spec)
        yield gauge(LAMBDA, "ConcurrentExecutions", named, "Count", follows(plan, load))
        yield counted(LAMBDA, "Invocations", named, follows(plan, load, 1 / spec.seconds))
        slow = constant(spec.seconds * 1000)
        yield gauge(LAMBDA, "Duration", named, "Milliseconds", slow, spread=0.8)
        for name in ("Throttles", "Errors"):
            yield counted(LAMBDA, name, named, constant(0.0))
