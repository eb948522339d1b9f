"""Calls on the resources of a bill, as CloudTrail records them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from opslib.sandbox.api_calls import ApiCall, Principal
from opslib.sandbox.estate import EAST, EC2, Resource
from opslib.sandbox.resource_ids import billed_id, kind_of, name_of
from opslib.sandbox.service_calls import ASSIGNED, CALLS, NAMED, ServiceCalls

__all__ = ["call_on", "calls_of"]


def calls_of(resource: Resource) -> ServiceCalls | None:
    """Return the calls on a resource's kind; None for a kind that nobody calls here."""
    if resource.template.service == EC2 and not resource.id.startswith("i-"):
        return None
    return CALLS.get((resource.template.service, kind_of(resource)))


def call_on(
    resource: Resource, deed: str, at: datetime, principal: Principal, *, error: str = ""
) -> ApiCall:
    """Return a call on a resource.

    Args:
        resource: of a kind that `calls_of` knows.
        deed: created, altered, deleted, tagged or read.
        at: when; CloudTrail knows seconds.
        principal: who.
        error: code of a call that failed.
    """
    calls = calls_of(resource)
    assert calls is not None
    answered = deed == "created" and not error and calls.answered
    return ApiCall(
        at=at.replace(microsecond=0),
        account=resource.account,
        region=resource.region or EAST,
        principal=principal,
        source=calls.source,
        name=calls.name(deed),
        resource=_named(resource, calls),
        resource_type=calls.type,
        parameters=_parameters(resource, calls, deed),
        response=_response(resource, calls.answered) if answered else None,
        read_only=deed == "read",
        error=error,
    )


def _parameters(resource: Resource, calls: ServiceCalls, deed: str) -> dict[str, Any]:
    if resource.template.service == EC2:
        if deed == "created":
            kind = resource.template.meter.partition(":")[2]
            return {"instanceType": kind, "minCount": 1, "maxCount": 1}
        if deed == "tagged":
            tags = {"items": [{"key": "CostCentre", "value": "4711"}]}
            return {
                "resourcesSet": {"items": [{"resourceId": billed_id(resource)}]},
                "tagSet": tags,
            }
        return {"instancesSet": {"items": [{"instanceId": billed_id(resource)}]}}
    if deed == "created" and calls.key in ASSIGNED:
        short = name_of(resource).rpartition("/")[2]
        return {key: short if v == NAMED else v for key, v in ASSIGNED[calls.key].items()}
    return {calls.key: _named(resource, calls)}


def _named(resource: Resource, calls: ServiceCalls) -> str:
    """Return how requests name a resource: by its id, ARN or name."""
    is_whole = resource.template.service == EC2 or calls.key.endswith("Arn")
    return billed_id(resource) if is_whole else name_of(resource)


def _response(resource: Resource, answered: tuple[str, ...]) -> dict[str, Any]:
    if resource.template.service == EC2:
        return {"instancesSet": {"items": [{"instanceId": billed_id(resource)}]}}
    held: Any = name_of(resource) if answered[-1].endswith("Id") else billed_id(resource)
    for member in reversed(answered):
        held = {member[:-2]: [held]} if member.endswith("[]") else {member: held}
    response: dict[str, Any] = held
    return response
