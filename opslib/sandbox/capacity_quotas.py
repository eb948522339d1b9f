"""The service quotas of the accounts, and what of them is used.

The names and codes are AWS's own. Usage is told by CloudWatch for those that have a usage metric;
of the others AWS measures none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from opslib.sandbox.capacity_loads import CONCURRENT, VCPUS
from opslib.sandbox.capacity_metric import Dimensions
from opslib.sandbox.capacity_plan import CapacityPlan
from opslib.sandbox.estate import IRELAND

__all__ = ["LITTLE", "QUOTAS", "QUOTA_SERVICES", "Quota", "value_of"]

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
UNCOVERED = (
    ("dynamodb", "L-CF0CBE56", "Table-level read throughput limit", 40000),
    ("dynamodb", "L-AB614373", "Table-level write throughput limit", 40000),
    ("rds", "L-7B6409FD", "DB instances", 40),
    ("autoscaling", "L-CDE20ADC", "Auto Scaling groups per region", 500),
    ("ecs", "L-21C621EB", "Clusters per account", 10000),
    ("eks", "L-1194D53C", "Clusters", 100),
    ("vpc", "L-F678F1CE", "VPCs per Region", 5),
    ("vpc", "L-FE5A380F", "NAT gateways per Availability Zone", 5),
    ("elasticache", "L-DFE45DF3", "Nodes per Region", 300),
    ("ebs", "L-7A658B76", "Storage for General Purpose SSD (gp3) volumes, in TiB", 50),
)
"""Quotas of whose use AWS measures nothing: service, code, name, value."""


def _uncovered() -> Iterator[Quota]:
    for service, code, name, value in UNCOVERED:
        yield Quota(service=service, code=code, name=name, value=value, default=value)


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
    *_uncovered(),
)
QUOTA_SERVICES = {
    "autoscaling": "Amazon EC2 Auto Scaling",
    "dynamodb": "Amazon DynamoDB",
    "ebs": "Amazon Elastic Block Store (Amazon EBS)",
    "ec2": "Amazon Elastic Compute Cloud (Amazon EC2)",
    "ecs": "Amazon Elastic Container Service (Amazon ECS)",
    "eks": "Amazon Elastic Kubernetes Service (Amazon EKS)",
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
