"""Which service of the bill a call belongs to, and which names of a service are the same.

CloudTrail names a service by its endpoint (``rds.amazonaws.com``), a bill by its product name, Cost
Explorer and its anomalies by names of their own. Most product names hold the endpoint's name; those
that do not are listed here.

Source: AWS Service Authorization Reference (service prefixes); AWS Billing and Cost Management
User Guide, product names; Cost Explorer splits EC2 into "Amazon Elastic Compute Cloud - Compute"
and "EC2 - Other", and EC2's API makes what is charged as VPC and as data transfer.
"""

from __future__ import annotations

import re
from functools import cache

__all__ = ["bears_on", "is_own", "same_service"]

NAMES = {
    "acm-pca": "private certificate authority",
    "apigateway": "api gateway",
    "application-autoscaling": "elastic container service|dynamodb|relational database|lambda"
    "|elasticache|elastic compute cloud",
    "autoscaling": "elastic compute cloud|amazon ec2|ec2 - other|elastic block store"
    "|virtual private cloud",
    "cloudsearch": "cloudsearch",
    "dms": "database migration",
    "ds": "directory service",
    "ec2": "elastic compute cloud|amazon ec2|ec2 - other|ec2-other|elastic block store"
    "|virtual private cloud",
    "ecr": "ec2 container registry|elastic container registry",
    "ecs": "elastic container service|fargate",
    "eks": "elastic container service for kubernetes|elastic kubernetes",
    "elasticfilesystem": "elastic file system",
    "elasticloadbalancing": "elastic load balancing",
    "elasticmapreduce": "elastic mapreduce|emr",
    "es": "opensearch|elasticsearch",
    "events": "eventbridge|cloudwatch events",
    "firehose": "firehose",
    "fsx": "fsx",
    "kafka": "managed streaming for apache kafka",
    "kinesisanalytics": "kinesis analytics|managed service for apache flink",
    "kms": "key management",
    "logs": "cloudwatch",
    "mediaconvert": "mediaconvert|elemental",
    "monitoring": "cloudwatch",
    "mq": "amazonmq|amazon mq",
    "network-firewall": "network firewall",
    "rds": "relational database|aurora",
    "s3": "simple storage|s3",
    "ses": "simple email",
    "sns": "simple notification",
    "sqs": "simple queue",
    "ssm": "systems manager",
    "states": "step functions",
    "transfer": "transfer family",
    "wafv2": "waf",
}
"""Endpoint to parts of the product names of its own, where these do not hold it."""
BY_WAY = {
    "ec2": "data transfer|elastic load balancing",
    "ecs": "elastic compute cloud",
    "eks": "elastic compute cloud",
    "elasticloadbalancing": "elastic compute cloud|data transfer",
    "elasticmapreduce": "elastic compute cloud",
}
"""Endpoint to parts of the names of others' products that its calls move: what runs on them."""

SHORT = 4
"""Letters below which a name is only looked for as a word of its own."""
ANYTHING = ("data transfer", "bandwidth")
"""What any service causes."""
ALIKE = (
    ("elastic compute cloud", "ec2", "ec2 - other", "ec2-other", "elastic compute cloud - compute"),
    ("elastic container registry", "ec2 container registry"),
    ("cloudwatch", "cloudwatch events"),
    ("opensearch", "elasticsearch"),
)
"""Parts of names that stand for one service."""


@cache
def bears_on(source: str, service: str) -> bool | None:
    """Say whether calls of ``source`` can move the cost of ``service``; None for what anything can.

    Args:
        source: CloudTrail's name of the service, without ``.amazonaws.com``.
        service: FOCUS ServiceName, or Cost Explorer's.
    """
    name = service.casefold()
    if is_own(source, service) or _holds(name, BY_WAY.get(source, "")):
        return True
    return None if any(part in name for part in ANYTHING) else False


@cache
def is_own(source: str, service: str) -> bool:
    """Say whether ``service`` is the product that calls of ``source`` make; see `bears_on`."""
    name = service.casefold()
    if source in NAMES:
        return _holds(name, NAMES[source])
    if len(source) < SHORT:
        return source in re.split(r"[^a-z0-9]+", name)
    return _squeezed(source) in _squeezed(name)


def _holds(name: str, parts: str) -> bool:
    return any(part in name for part in parts.split("|") if part)


@cache
def same_service(one: str, other: str) -> bool:
    """Say whether two names are of one service, as bills and Cost Explorer write them."""
    return _family(one) == _family(other)


def _family(service: str) -> str:
    name = service.casefold().removeprefix("amazon").removeprefix("aws").strip()
    for family in ALIKE:
        if name in family:
            return family[0]
    return _squeezed(name)


def _squeezed(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.casefold())
