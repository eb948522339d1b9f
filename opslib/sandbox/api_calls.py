"""API calls in the sandbox's accounts, as CloudTrail tells them.

Source: AWS CloudTrail User Guide, "CloudTrail record contents".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from opslib.sandbox.shop import REGION, hex_id, make_uuid

__all__ = ["ApiCall", "Principal", "event_of", "record_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who calls.

    Args:
        role: name of the role that is assumed; empty for a service on its own.
        session: name of the session, which CloudTrail looks up as the user name.
        service: AWS service on whose behalf, such as ``ecs.amazonaws.com``.
        address: where from.
        agent: user agent.
    """

    role: str = ""
    session: str = ""
    service: str = ""
    address: str = "203.0.113.24"
    agent: str = "aws-cli/2.31.0"

    def identity(self, account: str, at: datetime) -> dict[str, Any]:
        """Return CloudTrail's userIdentity."""
        if not self.role:
            return {"type": "AWSService", "invokedBy": self.service}
        principal = "AROA" + hex_id(f"{account} {self.role}", 17).upper()
        issuer = {
            "type": "Role",
            "principalId": principal,
            "arn": f"arn:aws:iam::{account}:role/{self.role}",
            "accountId": account,
            "userName": self.role.rpartition("/")[2],
        }
        attributes = {"creationDate": _as_text(at.replace(minute=0)), "mfaAuthenticated": "false"}
        identity = {
            "type": "AssumedRole",
            "principalId": f"{principal}:{self.session}",
            "arn": f"arn:aws:sts::{account}:assumed-role/{issuer['userName']}/{self.session}",
            "accountId": account,
            "sessionContext": {"sessionIssuer": issuer, "attributes": attributes},
        }
        return identity | ({"invokedBy": self.service} if self.service else {})


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiCall:
    """One call.

    Args:
        at: when; CloudTrail knows seconds.
        account: that it was made in.
        principal: who made it.
        source: first part of CloudTrail's eventSource, such as ``ecs``.
        name: CloudTrail's eventName.
        resource: what it is about, as LookupEvents names it; empty for nothing in particular.
        resource_type: its type as LookupEvents names it.
        parameters, response: CloudTrail's requestParameters and responseElements.
        read_only: whether it changes nothing.
        error: error code of a call that failed.
        region: that recorded it.
    """

    at: datetime
    account: str
    principal: Principal
    source: str
    name: str
    resource: str = ""
    resource_type: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    response: Mapping[str, Any] | None = None
    read_only: bool = False
    error: str = ""
    region: str = REGION

    @property
    def action(self) -> str:
        """Return what was called, such as ``ecs:UpdateService``."""
        return f"{self.source}:{self.name}"

    @property
    def event_id(self) -> str:
        """Return CloudTrail's eventID."""
        who = f"{self.principal.role} {self.principal.session} {self.principal.service}"
        return make_uuid(f"{self.at} {self.account} {self.action} {self.resource} {who}")

    @property
    def request_id(self) -> str:
        """Return CloudTrail's requestID."""
        return make_uuid(f"request {self.event_id}")


def record_of(call: ApiCall) -> dict[str, Any]:
    """Return a call's record, as a log file and LookupEvents' CloudTrailEvent hold it."""
    service = call.principal.service
    failed = {
        "errorCode": call.error,
        "errorMessage": f"not authorized to perform: {call.action}",
    }
    return {
        "eventVersion": "1.11",
        "userIdentity": call.principal.identity(call.account, call.at),
        "eventTime": _as_text(call.at),
        "eventSource": f"{call.source}.amazonaws.com",
        "eventName": call.name,
        "awsRegion": call.region,
        "sourceIPAddress": service or call.principal.address,
        "userAgent": service or call.principal.agent,
        **(failed if call.error else {}),
        "requestParameters": dict(call.parameters) or None,
        "responseElements": None if call.response is None else dict(call.response),
        "requestID": call.request_id,
        "eventID": call.event_id,
        "readOnly": call.read_only,
        "eventType": "AwsConsoleSignIn" if call.name == "ConsoleLogin" else "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": call.account,
        "eventCategory": "Management",
    }


def event_of(call: ApiCall) -> dict[str, Any]:
    """Return a call as LookupEvents tells it."""
    resources = [{"ResourceName": call.resource, "ResourceType": call.resource_type}]
    key = "ASIA" + hex_id(f"{call.account} {call.principal.session}", 16).upper()
    told: dict[str, Any] = {
        "EventId": call.event_id,
        "EventName": call.name,
        "ReadOnly": str(call.read_only).lower(),
        "EventTime": call.at.replace(microsecond=0),
        "EventSource": f"{call.source}.amazonaws.com",
        "Resources": resources if call.resource_type else [],
        "CloudTrailEvent": json.dumps(record_of(call)),
    }
    named = {"Username": call.principal.session, "AccessKeyId": key}
    return told | (named if call.principal.session else {})


def _as_text(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
