"""Short names of AWS resources, the same whichever source names them.

Source: AWS Identity and Access Management User Guide, Amazon Resource Names (ARNs):
``arn:partition:service:region:account:resource``, the resource as ``name``, ``type/name`` or
``type:name``.
"""

from __future__ import annotations

import re

__all__ = ["region_of_arn", "resource_name", "service_of_arn"]

ARN_PARTS = 6
TYPED = re.compile(r"^(?P<type>[A-Za-z][\w-]*)(?P<mark>[/:])(?P<name>.+)$")
LAST_PART_NAMES = {"ecs", "iam", "sts"}
"""Services that put a path before a name: cluster and task, path and role."""
KEEP_LEADING_SLASH = {"ssm"}
"""Hierarchical names: parameter/shop/flag is called /shop/flag."""


def resource_name(text: str) -> str:
    """Return what people call a resource: its ARN without account, region and type.

    >>> resource_name("arn:aws:ecs:us-east-1:222222222222:service/shop/checkout")
    'checkout'
    >>> resource_name("arn:aws:rds:us-east-1:222222222222:cluster:orders")
    'orders'
    >>> resource_name("arn:aws:ssm:us-east-1:222222222222:parameter/shop/flag")
    '/shop/flag'
    >>> resource_name("checkout")
    'checkout'
    """
    parts = text.split(":", ARN_PARTS - 1)
    if len(parts) < ARN_PARTS or parts[0] != "arn":
        return text
    service, resource = parts[2], parts[5].removesuffix(":*")
    found = TYPED.match(resource)
    if not found:
        return resource
    if service in LAST_PART_NAMES:
        return found["name"].rpartition("/")[2]
    slash = "/" if service in KEEP_LEADING_SLASH else ""
    return f"{slash}{found['name']}" if service != "s3" else resource


def service_of_arn(text: str) -> str:
    """Return the service that an ARN belongs to; empty for what is no ARN.

    >>> service_of_arn("arn:aws:rds:us-east-1:222222222222:cluster:orders")
    'rds'
    """
    parts = text.split(":", ARN_PARTS - 1)
    return parts[2] if len(parts) == ARN_PARTS and parts[0] == "arn" else ""


def region_of_arn(text: str) -> str:
    """Return the region that an ARN names; empty for what is global, and for what is no ARN.

    >>> region_of_arn("arn:aws:rds:us-east-1:222222222222:cluster:orders")
    'us-east-1'
    """
    parts = text.split(":", ARN_PARTS - 1)
    return parts[3] if len(parts) == ARN_PARTS and parts[0] == "arn" else ""
