"""The ids under which a bill names resources: instance and bucket names, and else ARNs.

Source: AWS Data Exports user guide, line_item_resource_id; Service Authorization Reference,
resource types of each service.
"""

from __future__ import annotations

import re
from functools import cache

from opslib.sandbox.estate import EC2, ECS, ELB, RDS, S3, VPC, Resource
from opslib.sandbox.shop import hex_id
from opslib.tables.resource_names import resource_name

__all__ = ["billed_id", "kind_of", "name_of"]

NAMESPACES = {
    RDS: "rds",
    "Amazon Redshift": "redshift",
    "Amazon OpenSearch Service": "es",
    "Amazon ElastiCache": "elasticache",
    ECS: "ecs",
    VPC: "ec2",
    ELB: "elasticloadbalancing",
    "AWS Data Transfer": "elasticloadbalancing",
    "Amazon CloudFront": "cloudfront",
    "AWS Lambda": "lambda",
    "AmazonCloudWatch": "logs",
    "Amazon DynamoDB": "dynamodb",
    "AWS Secrets Manager": "secretsmanager",
    "AWS Key Management Service": "kms",
    "Amazon SageMaker": "sagemaker",
    "Amazon EMR": "elasticmapreduce",
}
"""Services that name their resources by ARN, with the service's part of it."""
KINDS = {"valkey:": "replicationgroup:", "egress/": "loadbalancer/net/"}
INSTANCE, HEXADECIMAL = "i-0", re.compile(r"i-[0-9a-f]+")
KIND = re.compile(r"[a-z]+(-[a-z]+)*(?=[:/])")
ARN_PARTS = 6


@cache
def billed_id(resource: Resource) -> str:
    """Return the FOCUS ResourceId of a resource."""
    if resource.template.service == EC2:
        is_odd = resource.id.startswith(INSTANCE) and not HEXADECIMAL.fullmatch(resource.id)
        return f"{INSTANCE}{hex_id(resource.id, 16)}" if is_odd else resource.id
    if resource.template.service == S3:
        return resource.id
    namespace = NAMESPACES[resource.template.service]
    return f"arn:aws:{namespace}:{resource.region}:{resource.account}:{_local(resource)}"


def name_of(resource: Resource) -> str:
    """Return the name by which requests speak of a resource."""
    return resource_name(billed_id(resource))


def kind_of(resource: Resource) -> str:
    """Return the type of a resource as its ARN names it; empty for one without ARN."""
    found = KIND.match(_local(resource))
    return found.group() if found else ""


def _local(resource: Resource) -> str:
    """Return what stands in an ARN behind region and account."""
    text = resource.id.split(":", ARN_PARTS - 1)[-1] if _has_arn(resource) else resource.id
    for ours, kind in KINDS.items():
        if text.startswith(ours):
            return kind + text.removeprefix(ours)
    return text


def _has_arn(resource: Resource) -> bool:
    return resource.id.startswith("arn:")
