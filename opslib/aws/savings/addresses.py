"""Elastic IP addresses. Source: Amazon EC2 API Reference, DescribeAddresses, which has no pages."""

from __future__ import annotations

from typing import Any

from opslib.aws.places import Place
from opslib.aws.savings.rows import resource_row, tags_of

__all__ = ["list_addresses"]


def list_addresses(place: Place) -> list[dict[str, Any]]:
    """Return every address of a place; rows of `SAVINGS_RESOURCES`. AWS does not tell their age."""
    return [
        resource_row(
            place,
            "address",
            one.get("AllocationId") or one["PublicIp"],
            tags=tags_of(one.get("Tags")),
            settings={
                "address": one.get("PublicIp"),
                "instance": one.get("InstanceId") or None,
                "interface": one.get("NetworkInterfaceId") or None,
                "association": one.get("AssociationId") or None,
                "managed_by": one.get("ServiceManaged") or None,
            },
        )
        for one in place.call("ec2", "DescribeAddresses").get("Addresses", [])
    ]
